/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit verify: checks a whole log. */
#include "cmd/audit/audit.h"

#include <fcntl.h>
#include <stdio.h>

#include "lib/base/io.h"
#include "lib/confine/confine.h"
#include "lib/crypto/text.h"

struct settings {
	struct audit_place place;
	const char *vkey_path, *old_path, *previous_path;
	uint64_t min_size, allow_open_ms;
	struct audit_cosigners cosigners;
	struct ab_buf old;
};

static void settings_done(struct settings *s)
{
	ab_buf_free(&s->old);
	audit_cosigners_free(&s->cosigners);
	audit_place_close(&s->place);
}

static void count(uint64_t n, const char *what)
{
	if (n)
		printf("%llu %s\n", (unsigned long long)n, what);
}

/* Whose time it is and whether to believe it, another tool says. */
static void report_stamp(const struct settings *s, const struct ab_verified *v)
{
	char hex[2 * AB_SHA256_SIZE + 1];

	if (!v->stamps)
		return;
	ab_hex_encode(v->stamp_hash, sizeof(v->stamp_hash), hex);
	printf("%llu time stamps, the newest says %s of record %llu; its signature is checked by: "
	       "openssl ts -verify -digest %s -in %s/checkpoints/%llu.tsr -CAfile CA.pem\n",
	       (unsigned long long)v->stamps, v->stamp_time, (unsigned long long)v->stamped, hex,
	       s->place.log_path, (unsigned long long)v->stamped);
}

static void report(const struct settings *s, const struct ab_verified *v)
{
	char root[AB_BASE64_TEXT(AB_SHA256_SIZE)];

	(void)ab_base64_encode(v->root, sizeof(v->root), root); /* its length is known */
	printf("%s: good: %llu records (%llu executions, %llu events), root %s\n", v->origin,
	       (unsigned long long)v->size, (unsigned long long)v->executions,
	       (unsigned long long)v->events, root);
	count(v->open, "open: runs that began and have no end yet");
	count(v->pending, "pending: records that are durable, but not yet in the public tiles");
	count(v->missing, "blobs that are not here, and so were not checked");
	count(v->redacted, "redacted: blobs that are gone, each with its tombstone");
	count(v->torn, "bytes of a commit that was cut short and never acknowledged");
	count(v->kept, "checkpoints that are kept, with what witnesses put to them");
	report_stamp(s, v);
	if (v->rekeying)
		printf("key: being replaced: the last two of the log's %zu sign\n", v->keys);
	else if (v->keys > 1)
		printf("key: the last of %zu, each named by the one before\n", v->keys);
	if (!s->vkey_path)
		printf("key: the log's own; --vkey makes sure whose log it is\n");
	if (!s->old_path && !s->min_size)
		printf("anchor: none outside the log; that newest records were removed cannot be "
		       "excluded (--old, --min-size)\n");
}

/* The log before this one must be good by itself, and each name the other. */
static int check_previous(struct settings *s, struct ab_err *err)
{
	const struct ab_verify how = { 0 };
	struct ab_verified found;

	if (ab_log_check_rotation(s->previous_path, s->place.log_path, err) < 0)
		return -1;
	return ab_log_verify(s->previous_path, &how, &found, err);
}

/* What is read from here on is somebody else's, perhaps. A directory that cannot be opened is an
 * error that its reader words better. */
static int confine(const struct settings *s, struct ab_err *err)
{
	ab_autoclose int log = open(s->place.log_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ab_autoclose int previous =
		s->previous_path ? open(s->previous_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct ab_confine_path paths[2];
	size_t n = 0;

	if (log >= 0)
		paths[n++] = (struct ab_confine_path){ log, AB_CONFINE_READ };
	if (previous >= 0)
		paths[n++] = (struct ab_confine_path){ previous, AB_CONFINE_READ };
	return n ? ab_confine(AB_PROFILE_STORE, paths, n, err) : 0;
}

static int verify(struct settings *s, struct ab_err *err)
{
	struct ab_verify how = { .min_size = s->min_size, .allow_open_ms = s->allow_open_ms };
	struct ab_err why = { 0 };
	struct ab_keyring keys;
	struct ab_verified found;

	if (audit_find_log(&s->place, err) < 0 ||
	    (s->vkey_path && ab_keyring_load(s->vkey_path, &keys, err) < 0) ||
	    (s->old_path && audit_read_old(s->old_path, &s->old, err) < 0))
		return -1;
	if (s->cosigners.paths.n && !s->old_path)
		return ab_err_usage(err,
				    "--cosigner: needs --old, the checkpoint that was cosigned");
	if (audit_cosigners_load(&s->cosigners, err) < 0 ||
	    (s->old_path && audit_cosigners_check(&s->cosigners, s->old.data ? s->old.data : "",
						  s->old.len, err) < 0))
		return ab_err_prefix(err, "--old: ");
	how.vkey = s->vkey_path ? &keys.keys[keys.n - 1] : NULL;
	how.old = s->old_path ? s->old.data : NULL;
	how.old_len = s->old.len;
	if (confine(s, err) < 0)
		return -1;
	if (ab_log_verify(s->place.log_path, &how, &found, &why) < 0)
		return audit_no_log(&s->place, &why, err);
	if (s->previous_path && check_previous(s, err) < 0)
		return -1;
	report(s, &found);
	return 0;
}

int audit_verify(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { 0 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_VKEY(&s.vkey_path),
		AUDIT_OPT_OLD(&s.old_path),
		AUDIT_OPT_COSIGNER(&s.cosigners),
		{ AB_OPT_STRING, 0, "previous", "DIR", "the log that this one follows: check both",
		  &s.previous_path },
		{ AB_OPT_NUMBER, 0, "min-size", "N", "how many records there must be at least",
		  &s.min_size },
		{ AB_OPT_DURATION, 0, "allow-open", "DURATION",
		  "runs that began less than this ago may lack their end", &s.allow_open_ms },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit verify",
				    .summary = "Check a whole log",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (verify(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
