/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit query and export: records that meet what is asked, one a line. */
#include "cmd/audit/select.h"

#include "lib/base/io.h"

static int run(struct audit_select *s, struct ab_err *err)
{
	s->query.fields = s->fields.items;
	s->query.n_fields = s->fields.n;
	if (ab_query_check(&s->query, err) < 0 || audit_look(&s->place, s->vkey_path, err) < 0 ||
	    audit_confine(&s->place, NULL, err) < 0)
		return -1;
	return ab_log_each(s->place.log, 0, ab_log_size(s->place.log), audit_select_show, s, err);
}

static int main_of(const struct ab_cmd *cmd, struct audit_select *s, int argc, char *argv[])
{
	struct ab_err err = { 0 };
	int first = ab_opt_parse(cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(cmd, first, &err);
	if (!s->limit)
		(void)ab_err_usage(&err, "--limit: expected 1 or more");
	if (!s->limit || run(s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}

int audit_query(int argc, char *argv[])
{
	ab_auto(audit_select_done) struct audit_select s = { .format = "ndjson",
							     .limit = UINT64_MAX };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_VKEY(&s.vkey_path),
		AUDIT_OPTS_QUERY(&s),
		{ AB_OPT_NUMBER, 0, "limit", "N", "at most so many", &s.limit },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit query",
				    .summary = "Find records",
				    .opts = opts };

	return main_of(&cmd, &s, argc, argv);
}

int audit_export(int argc, char *argv[])
{
	ab_auto(audit_select_done) struct audit_select s = { .format = "ndjson",
							     .limit = UINT64_MAX };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_VKEY(&s.vkey_path),
		{ AB_OPT_CHOICE, 0, "format", "ndjson|ocsf|cef|syslog|ecs|dsse",
		  "in which form; else ndjson", &s.format },
		AUDIT_OPTS_QUERY(&s),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit export",
				    .summary = "Write records in a form that other systems take",
				    .opts = opts };

	return main_of(&cmd, &s, argc, argv);
}
