/* SPDX-License-Identifier: Apache-2.0 */
/* Where log and key are, opening them, and what all verbs do with them. */
#include "cmd/audit/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/confine/confine.h"

void audit_place_close(struct audit_place *p)
{
	ab_log_close(p->log);
	ab_skey_free(&p->key);
	free(p->found_log);
	free(p->found_key);
	*p = (struct audit_place){ 0 };
}

static int find(const char **path, char **found, const char *variable, const char *state,
		struct ab_err *err)
{
	const char *value = secure_getenv(variable);

	if (*path)
		return 0;
	if (value && *value) {
		*path = value;
		return 0;
	}
	*found = ab_path_state(state, err);
	*path = *found;
	return *found ? 0 : -1;
}

int audit_find_log(struct audit_place *p, struct ab_err *err)
{
	return find(&p->log_path, &p->found_log, "AB_AUDIT_LOG", "log", err);
}

int audit_find_key(struct audit_place *p, struct ab_err *err)
{
	return find(&p->key_path, &p->found_key, "AB_AUDIT_KEY_FILE", "key", err);
}

static void add_init(const struct audit_place *p, struct ab_buf *out)
{
	ab_buf_adds(out, "ab-audit init --log ");
	ab_buf_add_word(out, p->log_path);
	ab_buf_adds(out, " --key ");
	ab_buf_add_word(out, p->key_path);
}

static int say_how(struct audit_place *p, const struct ab_err *why, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf how = { 0 };

	if (audit_find_key(p, err) < 0)
		return -1;
	if (access(p->key_path, F_OK) < 0) {
		ab_buf_adds(&how, "ab-audit keygen --name NAME --key ");
		ab_buf_add_word(&how, p->key_path);
		ab_buf_adds(&how, " && ");
	}
	add_init(p, &how);
	if (ab_buf_ok(&how, err) < 0)
		return -1;
	return ab_err_usage(err, "%s; to make it: %s", why->msg, how.data);
}

int audit_no_log(struct audit_place *p, const struct ab_err *why, struct ab_err *err)
{
	/* What is a log, or another's, is not made by a command; in an empty directory one can be. */
	if (why->status == AB_EXIT_USAGE && (access(p->log_path, F_OK) < 0 || ab_path_is_empty(p->log_path)))
		return say_how(p, why, err);
	*err = *why;
	return -1;
}

int audit_no_key(const struct audit_place *p, const struct ab_err *why, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf path = { 0 };

	ab_buf_add_word(&path, p->key_path);
	if (ab_buf_ok(&path, err) < 0)
		return -1;
	if (why->sys == ENOENT)
		return ab_err_usage(err, "%s; to make it: ab-audit keygen --name NAME --key %s",
				    why->msg, path.data);
	*err = *why;
	return -1;
}

int audit_open(struct audit_place *p, struct ab_err *err)
{
	struct ab_err why = { 0 };

	if (audit_find_log(p, err) < 0 || audit_find_key(p, err) < 0)
		return -1;
	if (ab_skey_load(p->key_path, &p->key, &why) == 0) {
		p->log = ab_log_open(p->log_path, &p->key, &why);
		if (p->log)
			return 0;
		return audit_no_log(p, &why, err);
	} else if (why.sys == ENOENT) {
		return say_how(p, &why, err);
	}
	*err = why;
	return -1;
}

int audit_read_old(const char *path, struct ab_buf *out, struct ab_err *err)
{
	struct ab_checkpoint c;
	struct ab_err why = { 0 };
	struct ab_note note;
	int status;

	if (ab_path_read(path, AB_NOTE_MAX, out, err) < 0)
		return -1;
	status = ab_note_parse(out->data ? out->data : "", out->len, &note, &why);
	if (status == 0) {
		status = ab_checkpoint_parse(note.text, note.text_len, &c, &why);
		ab_note_free(&note);
	}
	return status == 0 ? 0
			   : ab_err_usage(err, "--old: %s: not what ab-audit checkpoint prints: %s",
					  path, why.msg);
}

int audit_look(struct audit_place *p, const char *vkey_path, struct ab_err *err)
{
	struct ab_err why = { 0 };
	struct ab_keyring keys;

	if (audit_find_log(p, err) < 0 || (vkey_path && ab_keyring_load(vkey_path, &keys, err) < 0))
		return -1;
	p->log = ab_log_read(p->log_path, vkey_path ? &keys.keys[keys.n - 1] : NULL, &why);
	if (p->log)
		return 0;
	return audit_no_log(p, &why, err);
}

int audit_confine(const struct audit_place *p, const struct ab_receipts *receipts,
		  struct ab_err *err)
{
	const struct ab_confine_path paths[] = {
		{ ab_log_fd(p->log), AB_CONFINE_READ | AB_CONFINE_WRITE },
		{ ab_receipts_dirfd(receipts), AB_CONFINE_READ | AB_CONFINE_WRITE },
		{ ab_receipts_parentfd(receipts), AB_CONFINE_RMDIR },
	};

	return ab_confine(AB_PROFILE_STORE, paths, receipts ? AB_ARRAY_SIZE(paths) : 1, err);
}

int audit_lock(struct audit_place *p, struct ab_err *err)
{
	ab_autofree char *recovered = NULL;

	if (ab_log_lock(p->log, &recovered, err) < 0)
		return -1;
	if (recovered)
		ab_err_note("ab-audit", "%s", recovered);
	return 0;
}

void audit_publish(struct audit_place *p)
{
	struct ab_err err = { 0 };

	if (ab_log_publish(p->log, true, &err) < 0)
		ab_err_note("ab-audit", "%s (recorded, but not yet in the public tiles)", err.msg);
	ab_log_unlock(p->log);
}
