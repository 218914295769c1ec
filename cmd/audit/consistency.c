/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit consistency: proves that the log goes on from an earlier checkpoint. */
#include "cmd/audit/audit.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"

struct settings {
	struct audit_place place;
	const char *vkey_path, *old_path;
	struct ab_buf old;
};

static void settings_done(struct settings *s)
{
	ab_buf_free(&s->old);
	audit_place_close(&s->place);
}

static int prove(struct settings *s, struct ab_err *err)
{
	struct ab_checkpoint old = { 0 }, now;
	ab_auto(ab_proof_free) struct ab_proof proof = { 0 };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	const char *note;

	if ((s->old_path && audit_read_old(s->old_path, &s->old, err) < 0) ||
	    audit_look(&s->place, s->vkey_path, err) < 0 || audit_confine(&s->place, NULL, err) < 0)
		return -1;
	if (s->old_path && ab_checkpoint_open_any(s->old.data, s->old.len,
						  ab_log_keys(s->place.log), &old, err) < 0)
		return ab_err_prefix(err, "--old: ");
	note = ab_log_note(s->place.log);
	if (ab_log_consistency(s->place.log, old.size, &proof, err) < 0 ||
	    ab_checkpoint_open(note, strlen(note), ab_log_vkey(s->place.log), &now, err) < 0)
		return -1;
	/* A proof from another beginning would be of no use to anybody: say so here. */
	if (ab_proof_check_growth(&proof, &old, &now, err) < 0)
		return ab_err_prefix(err, "%s: ", s->place.log_path);
	if (ab_proof_write_growth(&proof, note, &out, err) < 0)
		return -1;
	return ab_io_write(STDOUT_FILENO, out.data, out.len, err);
}

int audit_consistency(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_VKEY(&s.vkey_path),
		AUDIT_OPT_OLD(&s.old_path),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit consistency",
				    .summary = "Prove that the log goes on from a checkpoint",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (prove(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
