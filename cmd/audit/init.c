/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit init: makes a new log. */
#include "cmd/audit/audit.h"

#include "lib/base/io.h"
#include "lib/base/path.h"

static int make(struct audit_place *p, struct ab_err *err)
{
	struct ab_err why = { 0 };

	if (audit_find_log(p, err) < 0 || audit_find_key(p, err) < 0)
		return -1;
	if (ab_skey_load(p->key_path, &p->key, &why) < 0)
		return audit_no_key(p, &why, err);
	if (ab_path_parents(p->log_path, err) < 0)
		return -1;
	return ab_log_init(p->log_path, &p->key, err);
}

int audit_init(int argc, char *argv[])
{
	ab_auto(audit_place_close) struct audit_place place = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&place),
		AUDIT_OPT_KEY(&place),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit init",
				    .summary = "Make a new log",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (make(&place, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
