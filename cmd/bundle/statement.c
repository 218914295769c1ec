/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle statement: a bundle as an in-toto statement. */
#include "cmd/bundle/verbs.h"

#include "lib/base/io.h"
#include "lib/confine/confine.h"

#define NAME "ab-bundle statement"

static int run(const char *path, const struct ab_bundle_limits *limits, struct ab_err *err)
{
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	ab_autoclose int fd = ab_bundle_open(path, err);

	if (fd < 0 || ab_confine(AB_PROFILE_STORE, NULL, 0, err) < 0 ||
	    ab_bundle_check(fd, path, limits, &bundle, err) < 0 ||
	    ab_bundle_statement(&bundle, &text, err) < 0)
		return -1;
	return ab_io_write(STDOUT_FILENO, text.data, text.len, err) < 0
		       ? ab_err_prefix(err, "standard output: ")
		       : 0;
}

int ab_bundle_main_statement(int argc, char *argv[])
{
	struct ab_bundle_limits limits = AB_BUNDLE_LIMITS;
	uint64_t threads = 0;
	const struct ab_opt opts[] = {
		AB_BUNDLE_LIMIT_OPTIONS(limits, threads),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = NAME,
		.summary = "Verify BUNDLE (\"-\": stdin) and print an in-toto statement about it",
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
