/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle extract: verifies a bundle and puts its tree into a new directory, or nothing. */
#include "cmd/bundle/verbs.h"

#include "cmd/bundle/demand.h"
#include "lib/base/io.h"

#define NAME "ab-bundle extract"

struct settings {
	const char *bundle, *target;
	struct ab_bundle_demand demand;
	struct ab_bundle_limits limits;
	uint64_t threads;
};

static int run(struct settings *s, struct ab_err *err)
{
	const struct ab_bundle_judge judge = { ab_bundle_demand_check, &s->demand };
	unsigned char identity[AB_SHA256_SIZE];
	ab_autoclose int fd = -1;

	if (ab_bundle_set_threads(&s->limits, s->threads, err) < 0 ||
	    ab_bundle_demand_load(&s->demand, s->bundle, err) < 0)
		return -1;
	fd = ab_bundle_open(s->bundle, err);
	if (fd < 0)
		return -1;
	/* The child that reads the bundle confines itself; this process never looks at it. */
	if (ab_bundle_extract(fd, s->target, &s->limits, &judge, identity, err) < 0)
		return err->status == AB_EXIT_NO ? ab_err_prefix(err, "%s: ", s->bundle) : -1;
	ab_bundle_print_identity(identity);
	return 0;
}

int ab_bundle_main_extract(int argc, char *argv[])
{
	struct settings s = { .limits = AB_BUNDLE_LIMITS };
	const struct ab_opt opts[] = {
		AB_BUNDLE_DEMAND_OPTIONS(s.demand),
		AB_BUNDLE_LIMIT_OPTIONS(s.limits, s.threads),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = NAME,
		.summary = "Verify BUNDLE (\"-\": stdin), extract it to the new directory DIR, "
			   "and print its identity",
		.operands = "BUNDLE DIR",
		.opts = opts,
		.min = 2,
		.max = 2,
	};
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err), status;

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	s.bundle = argv[first];
	s.target = argv[first + 1];
	status = run(&s, &err) < 0 ? ab_err_report(NAME, &err) : AB_EXIT_OK;
	ab_bundle_demand_done(&s.demand);
	return ab_io_finish(status);
}
