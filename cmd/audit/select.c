/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/audit/select.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"

void audit_select_done(struct audit_select *s)
{
	ab_list_free(&s->fields);
	ab_buf_free(&s->line);
	audit_place_close(&s->place);
}

/* The envelope itself is what other tools verify. */
static int show_envelope(struct audit_select *s, const json_t *record, const void *entry,
			 size_t len)
{
	if (!ab_record_predicate(record))
		return 0;
	ab_buf_add(&s->line, entry, len);
	ab_buf_addc(&s->line, '\n');
	return 0;
}

int audit_select_show(void *arg, uint64_t index, const void *entry, size_t len, struct ab_err *err)
{
	struct audit_select *s = arg;
	const struct ab_vkey *vkey = ab_log_vkey(s->place.log);
	json_auto_t *record = ab_record_open(entry, len, ab_log_keys(s->place.log), err);
	int status;

	if (!record)
		return ab_err_prefix(err, "record %llu: ", (unsigned long long)index);
	s->query.fields = s->fields.items;
	s->query.n_fields = s->fields.n;
	if (!ab_query_match(&s->query, record))
		return 0;
	ab_buf_clear(&s->line);
	status = strcmp(s->format, "dsse") == 0
			 ? show_envelope(s, record, entry, len)
			 : ab_record_export(s->format, record, vkey->name, index, &s->line, err);
	if (status < 0 || ab_buf_ok(&s->line, err) < 0 ||
	    ab_io_write(STDOUT_FILENO, s->line.data, s->line.len, err) < 0)
		return -1;
	return s->limit && ++s->shown == s->limit;
}
