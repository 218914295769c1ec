/* SPDX-License-Identifier: Apache-2.0 */
/* What begin, append and end share: the end of a run. */
#include "cmd/audit/audit.h"

#include <stdio.h>

void audit_say_no(struct ab_chain *chain, enum ab_verdict verdict, const char *reason)
{
	*chain = (struct ab_chain){ .verdict = verdict, .exit = -1 };
	(void)snprintf(chain->reason, sizeof(chain->reason), "%s", reason); /* cut if too long */
}

int audit_commit_run(struct audit_place *p, const struct ab_execution *x, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };

	if (audit_lock(p, err) < 0 || ab_log_run_is_open(p->log, x->run->id, err) < 0 ||
	    ab_record_execution(p->log, x, &entry, err) < 0 ||
	    ab_log_add(p->log, entry.data, entry.len, &p->last, NULL, err) < 0)
		return -1;
	p->has_last = true;
	return ab_log_commit(p->log, err);
}

void audit_close_run(struct audit_place *p, const char *run, struct ab_receipts *receipts)
{
	struct ab_err err = { 0 };

	if (ab_log_run_end(p->log, run, &err) < 0 ||
	    (receipts && ab_receipts_finish(receipts, p->has_last ? p->last : UINT64_MAX, &err) < 0))
		ab_err_note("ab-audit", "%s (the run is recorded)", err.msg);
	audit_publish(p);
	if (receipts)
		ab_receipts_remove(receipts);
}
