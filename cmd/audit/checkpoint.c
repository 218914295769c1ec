/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit checkpoint: brings the public tree up to date and prints the newest checkpoint. */
#include "cmd/audit/audit.h"

#include <stdio.h>

#include "lib/base/io.h"

static int checkpoint(struct audit_place *p, struct ab_err *err)
{
	if (audit_open(p, err) < 0 || audit_confine(p, NULL, err) < 0 || audit_lock(p, err) < 0 ||
	    ab_log_publish(p->log, true, err) < 0)
		return -1;
	ab_log_unlock(p->log);
	printf("%s", ab_log_note(p->log));
	return 0;
}

int audit_checkpoint(int argc, char *argv[])
{
	ab_auto(audit_place_close) struct audit_place place = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&place),
		AUDIT_OPT_KEY(&place),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit checkpoint",
				    .summary = "Publish all there is and print the checkpoint",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (checkpoint(&place, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
