/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle verify: reads a whole bundle and says whether it is what it claims to be. */
#include "cmd/bundle/verbs.h"

#include "cmd/bundle/demand.h"
#include "lib/base/io.h"
#include "lib/confine/confine.h"

#define NAME "ab-bundle verify"

struct settings {
	const char *bundle;
	struct ab_bundle_demand demand;
	struct ab_bundle_limits limits;
	uint64_t threads;
};

static int run(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	ab_autoclose int fd = -1;

	if (ab_bundle_set_threads(&s->limits, s->threads, err) < 0 ||
	    ab_bundle_demand_load(&s->demand, s->bundle, err) < 0)
		return -1;
	fd = ab_bundle_open(s->bundle, err);
	if (fd < 0 || ab_confine(AB_PROFILE_STORE, NULL, 0, err) < 0 ||
	    ab_bundle_check(fd, s->bundle, &s->limits, &bundle, err) < 0)
		return -1;
	if (ab_bundle_demand_check(&s->demand, bundle.identity, err) < 0)
		return ab_err_prefix(err, "%s: ", s->bundle);
	ab_bundle_print_identity(bundle.identity);
	return 0;
}

int ab_bundle_main_verify(int argc, char *argv[])
{
	struct settings s = { .limits = AB_BUNDLE_LIMITS };
	const struct ab_opt opts[] = {
		AB_BUNDLE_DEMAND_OPTIONS(s.demand),
		AB_BUNDLE_LIMIT_OPTIONS(s.limits, s.threads),
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
	int first = ab_opt_parse(&cmd, argc, argv, &err), status;

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	s.bundle = argv[first];
	status = run(&s, &err) < 0 ? ab_err_report(NAME, &err) : AB_EXIT_OK;
	ab_bundle_demand_done(&s.demand);
	return ab_io_finish(status);
}
