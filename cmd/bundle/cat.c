/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle cat: one file of a bundle on stdout, once all of the bundle has been verified. */
#include "cmd/bundle/verbs.h"

#include <string.h>

#include "cmd/bundle/demand.h"
#include "lib/base/io.h"
#include "lib/confine/confine.h"
#include "lib/receipt/stage.h"

#define NAME "ab-bundle cat"

static int confine(const struct ab_stage *stage, struct ab_err *err)
{
	const struct ab_confine_path beside = { ab_receipts_dirfd(stage->receipts),
						AB_CONFINE_WRITE };

	return ab_confine(AB_PROFILE_STORE, &beside, stage->receipts ? 1 : 0, err);
}

/* Takes the file into stage->in; the receipt says which bundle it was. */
static int take(struct ab_bundle_asked *a, struct ab_stage *stage, struct ab_err *err)
{
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	ab_autoclose int fd = ab_bundle_asked_open(a, err);
	char identity[AB_SHA256_TEXT];

	if (fd < 0 || confine(stage, err) < 0)
		return -1;
	if (ab_bundle_cat(fd, a->operand, &a->limits, &stage->in, &bundle, err) < 0 ||
	    ab_bundle_demand_check(&a->demand, bundle.identity, err) < 0)
		return ab_err_prefix(err, "%s: ", a->bundle);
	ab_sha256_text(bundle.identity, identity);
	return json_object_set_new(stage->facts, "input_bundle", json_string(identity)) < 0
		       ? ab_err_memory(err)
		       : 0;
}

static int run(struct ab_bundle_asked *a)
{
	ab_auto(ab_stage_close) struct ab_stage stage = AB_STAGE_INIT;
	struct ab_err err = { 0 };
	int status;

	if (ab_stage_open(&stage, "ab-bundle", NULL, 0, &err) < 0)
		return ab_io_finish(ab_err_report(NAME, &err));
	/* Standard input is not ours, unless it is the bundle. */
	stage.at_end = strcmp(a->bundle, "-") != 0;
	status = take(a, &stage, &err);
	return status < 0 ? ab_stage_fail(&stage, &err) : ab_stage_pass(&stage, &stage.in);
}

int ab_bundle_main_cat(int argc, char *argv[])
{
	static const struct ab_bundle_verb verb = {
		.name = NAME,
		.summary = "Verify BUNDLE (\"-\": stdin) and write the file PATH of its tree",
		.operands = "BUNDLE PATH",
		.n_operands = 2,
		.run = run,
	};

	return ab_bundle_asked_main(&verb, argc, argv);
}
