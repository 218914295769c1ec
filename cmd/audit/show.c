/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit show: shows a record as JSON that people can read. */
#include "cmd/audit/audit.h"

#include <stdio.h>

#include "lib/base/io.h"
#include "lib/base/value.h"

struct settings {
	struct audit_place place;
	const char *vkey_path, *index;
	bool last;
};

static void settings_done(struct settings *s)
{
	audit_place_close(&s->place);
}

static int print(const json_t *record, struct ab_err *err)
{
	ab_autofree char *text = json_dumps(record, AUDIT_JSON);

	if (!text)
		return ab_err_memory(err);
	printf("%s\n", text);
	return 0;
}

static int show(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };
	json_auto_t *record = NULL;
	uint64_t index = 0, size;

	if (s->index && s->last)
		return ab_err_usage(err, "--last: not together with an index");
	if (s->index && ab_value_number(s->index, 0, UINT64_MAX, &index, err) < 0)
		return -1;
	if (audit_look(&s->place, s->vkey_path, err) < 0 || audit_confine(&s->place, NULL, err) < 0)
		return -1;
	size = ab_log_size(s->place.log);
	if (!s->index && !size)
		return ab_err_no(err, "%s: no record yet", s->place.log_path);
	if (ab_log_entry(s->place.log, s->index ? index : size - 1, &entry, err) < 0)
		return -1;
	record = ab_record_open(entry.data, entry.len, ab_log_keys(s->place.log), err);
	return record ? print(record, err) : -1;
}

int audit_show(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_VKEY(&s.vkey_path),
		{ AB_OPT_FLAG, 0, "last", NULL, "the newest record (also without an index)",
		  &s.last },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit show",
				    .summary = "Show a record",
				    .operands = "[INDEX]",
				    .opts = opts,
				    .max = 1 };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	s.index = argv[first];
	if (show(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
