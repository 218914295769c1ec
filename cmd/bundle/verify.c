/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle verify: reads a whole bundle and says whether it is what it claims to be. */
#include "cmd/bundle/verbs.h"

#include "cmd/bundle/demand.h"
#include "lib/base/io.h"
#include "lib/confine/confine.h"

#define NAME "ab-bundle verify"

static int verify(struct ab_bundle_asked *a, struct ab_err *err)
{
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	ab_autoclose int fd = ab_bundle_asked_open(a, err);

	if (fd < 0 || ab_confine(AB_PROFILE_STORE, NULL, 0, err) < 0 ||
	    ab_bundle_check(fd, a->bundle, &a->limits, &bundle, err) < 0)
		return -1;
	if (ab_bundle_demand_check(&a->demand, bundle.identity, err) < 0)
		return ab_err_prefix(err, "%s: ", a->bundle);
	ab_bundle_print_identity(bundle.identity);
	return 0;
}

static int run(struct ab_bundle_asked *a)
{
	struct ab_err err = { 0 };

	return ab_io_finish(verify(a, &err) < 0 ? ab_err_report(NAME, &err) : AB_EXIT_OK);
}

int ab_bundle_main_verify(int argc, char *argv[])
{
	static const struct ab_bundle_verb verb = {
		.name = NAME,
		.summary = "Verify BUNDLE (\"-\": stdin) and print its identity",
		.operands = "BUNDLE",
		.n_operands = 1,
		.run = run,
	};

	return ab_bundle_asked_main(&verb, argc, argv);
}
