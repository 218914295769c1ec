/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit prove: a file that proves to others, offline, that a record is in the log. */
#include "cmd/audit/audit.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/value.h"

struct settings {
	struct audit_place place;
	const char *vkey_path, *index;
};

static void settings_done(struct settings *s)
{
	audit_place_close(&s->place);
}

static int prove(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 }, out = { 0 };
	ab_auto(ab_proof_free) struct ab_proof proof = { 0 };
	uint64_t index;

	if (ab_value_number(s->index, 0, UINT64_MAX, &index, err) < 0 ||
	    audit_look(&s->place, s->vkey_path, err) < 0 ||
	    audit_confine(&s->place, NULL, err) < 0 ||
	    ab_log_entry(s->place.log, index, &entry, err) < 0 ||
	    ab_log_prove(s->place.log, index, &proof, err) < 0 ||
	    ab_proof_write_record(&proof, &entry, ab_log_note(s->place.log), &out, err) < 0)
		return -1;
	return ab_io_write(STDOUT_FILENO, out.data, out.len, err);
}

int audit_prove(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_VKEY(&s.vkey_path),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit prove",
				    .summary = "Write the proof that a record is in the log",
				    .operands = "INDEX",
				    .opts = opts,
				    .min = 1,
				    .max = 1 };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	s.index = argv[first];
	if (prove(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
