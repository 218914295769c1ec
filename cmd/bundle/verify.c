/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle verify: reads a whole bundle and says whether it is what it claims to be. */
#include "cmd/bundle/verbs.h"

#include "lib/base/io.h"
#include "lib/confine/confine.h"

#define NAME "ab-bundle verify"

static int run(const char *path, const struct ab_bundle_limits *limits, struct ab_err *err)
{
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	ab_autoclose int fd = ab_bundle_open(path, err);

	if (fd < 0 || ab_confine(AB_PROFILE_STORE, NULL, 0, err) < 0)
		return -1;
	if (ab_bundle_verify(fd, limits, &bundle, err) < 0)
		return ab_err_prefix(err, "%s: ", path);
	ab_bundle_print_identity(bundle.identity);
	return 0;
}

int ab_bundle_main_verify(int argc, char *argv[])
{
	struct ab_bundle_limits limits = AB_BUNDLE_LIMITS;
	uint64_t threads = 0;
	const struct ab_opt opts[] = {
		AB_BUNDLE_LIMIT_OPTIONS(limits, threads),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = NAME,
		.summary = "Verify BUNDLE (\"-\": stdin) and print its identity",
		.operands = "BUNDLE",
		.opts = opts,
		.min = 1,
		.max = 1,
	};
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (ab_bundle_set_threads(&limits, threads, &err) < 0 ||
	    run(argv[first], &limits, &err) < 0)
		return ab_io_finish(ab_err_report(NAME, &err));
	return ab_io_finish(AB_EXIT_OK);
}
