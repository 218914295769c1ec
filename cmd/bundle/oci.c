/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle oci: an OCI image layout that holds a bundle. */
#include "cmd/bundle/verbs.h"

#include <string.h>

#include "lib/base/io.h"

#define NAME "ab-bundle oci"

static int run(const char *path, const char *target, const struct ab_bundle_limits *limits,
	       struct ab_err *err)
{
	const char *slash = strrchr(path, '/');
	const char *title = strcmp(path, "-") == 0 ? "bundle.tar.zst" : slash ? slash + 1 : path;
	unsigned char identity[AB_SHA256_SIZE];
	ab_autoclose int fd = ab_bundle_open(path, err);

	if (fd < 0)
		return -1;
	/* The child that reads the bundle confines itself; this process never looks at it. */
	if (ab_bundle_oci(fd, title, target, limits, identity, err) < 0)
		return err->status == AB_EXIT_NO ? ab_err_prefix(err, "%s: ", path) : -1;
	ab_bundle_print_identity(identity);
	return 0;
}

int ab_bundle_main_oci(int argc, char *argv[])
{
	struct ab_bundle_limits limits = AB_BUNDLE_LIMITS;
	uint64_t threads = 0;
	const struct ab_opt opts[] = {
		AB_BUNDLE_LIMIT_OPTIONS(limits, threads),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = NAME,
		.summary = "Verify BUNDLE (\"-\": stdin) and make the OCI image layout DIR of it",
		.operands = "BUNDLE DIR",
		.opts = opts,
		.min = 2,
		.max = 2,
	};
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (ab_bundle_set_threads(&limits, threads, &err) < 0 ||
	    run(argv[first], argv[first + 1], &limits, &err) < 0)
		return ab_io_finish(ab_err_report(NAME, &err));
	return ab_io_finish(AB_EXIT_OK);
}
