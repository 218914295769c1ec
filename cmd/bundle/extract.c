/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle extract: verifies a bundle and puts its tree into a new directory, or nothing. */
#include "cmd/bundle/verbs.h"

#include "cmd/bundle/demand.h"
#include "lib/base/io.h"

#define NAME "ab-bundle extract"

static int extract(struct ab_bundle_asked *a, struct ab_err *err)
{
	const struct ab_bundle_judge judge = { ab_bundle_demand_check, &a->demand };
	unsigned char identity[AB_SHA256_SIZE];
	ab_autoclose int fd = ab_bundle_asked_open(a, err);

	if (fd < 0)
		return -1;
	/* The child that reads the bundle confines itself; this process never looks at it. */
	if (ab_bundle_extract(fd, a->operand, &a->limits, &judge, identity, err) < 0)
		return err->status == AB_EXIT_NO ? ab_err_prefix(err, "%s: ", a->bundle) : -1;
	ab_bundle_print_identity(identity);
	return 0;
}

static int run(struct ab_bundle_asked *a)
{
	struct ab_err err = { 0 };

	return ab_io_finish(extract(a, &err) < 0 ? ab_err_report(NAME, &err) : AB_EXIT_OK);
}

int ab_bundle_main_extract(int argc, char *argv[])
{
	static const struct ab_bundle_verb verb = {
		.name = NAME,
		.summary = "Verify BUNDLE (\"-\": stdin), extract it to the new directory DIR, "
			   "and print its identity",
		.operands = "BUNDLE DIR",
		.n_operands = 2,
		.run = run,
	};

	return ab_bundle_asked_main(&verb, argc, argv);
}
