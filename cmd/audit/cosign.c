/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit cosign: a witness; signs another log's checkpoint once it has seen that it only grew. */
#include "cmd/audit/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/confine/confine.h"
#include "lib/crypto/text.h"

#define MAX_REQUEST (1u << 20)

struct settings {
	const char *key_path, *vkey_path, *state_path;
	struct ab_skey key;
	struct ab_keyring keys;
	int state; /* the directory that holds the last checkpoint of each log */
	char name[2 * AB_SHA256_SIZE + 1]; /* of this log's file there */
	struct ab_buf request, seen;
};

static void settings_done(struct settings *s)
{
	ab_skey_free(&s->key);
	ab_buf_free(&s->request);
	ab_buf_free(&s->seen);
	if (s->state >= 0)
		(void)close(s->state);
}

static int open_all(struct settings *s, struct ab_err *err)
{
	struct ab_confine_path path;
	unsigned char digest[AB_SHA256_SIZE];

	if (!s->key_path || !s->vkey_path || !s->state_path)
		return ab_err_usage(err, "--key, --vkey and --state are required");
	if (ab_skey_load(s->key_path, &s->key, err) < 0 ||
	    ab_keyring_load(s->vkey_path, &s->keys, err) < 0)
		return -1;
	if (mkdir(s->state_path, 0700) < 0 && errno != EEXIST)
		return ab_err_sys(err, "%s", s->state_path);
	s->state = open(s->state_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->state < 0)
		return ab_err_sys(err, "%s", s->state_path);
	ab_sha256(s->keys.keys[0].name, strlen(s->keys.keys[0].name), digest);
	ab_hex_encode(digest, sizeof(digest), s->name);
	path = (struct ab_confine_path){ s->state, AB_CONFINE_READ | AB_CONFINE_WRITE };
	return ab_confine(AB_PROFILE_STORE, &path, 1, err);
}

/* What this witness saw last; the empty tree if it has never seen the log. */
static int load_seen(struct settings *s, struct ab_checkpoint *ret, struct ab_err *err)
{
	ab_autoclose int fd = openat(s->state, s->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	*ret = (struct ab_checkpoint){ 0 };
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return ab_err_sys(err, "%s/%s", s->state_path, s->name);
	if (ab_buf_read(&s->seen, fd, AB_NOTE_MAX, err) < 0 ||
	    ab_checkpoint_open_any(s->seen.data, s->seen.len, &s->keys, ret, err) < 0) {
		err->status = AB_EXIT_TROUBLE;
		return ab_err_prefix(err, "%s/%s: ", s->state_path, s->name);
	}
	return 0;
}

static int check(struct settings *s, const struct ab_proof *proof, struct ab_err *err)
{
	struct ab_checkpoint seen, now;

	if (ab_checkpoint_open_any(proof->note, proof->note_len, &s->keys, &now, err) < 0 ||
	    load_seen(s, &seen, err) < 0)
		return -1;
	if (proof->from != seen.size)
		return ab_err_no(err, "the proof is from %llu records, the last cosigned has %llu",
				 (unsigned long long)proof->from, (unsigned long long)seen.size);
	if (ab_proof_check_growth(proof, &seen, &now, err) < 0)
		return ab_err_prefix(err, "%s: ", now.origin);
	return 0;
}

/* Remembers first, then signs: a witness that forgets could sign two histories. */
static int sign(struct settings *s, const struct ab_proof *proof, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };
	struct ab_note note;
	int status;

	if (ab_path_replace(s->state, s->name, proof->note, proof->note_len, 0600, err) < 0)
		return ab_err_prefix(err, "%s/", s->state_path);
	if (ab_note_parse(proof->note, proof->note_len, &note, err) < 0)
		return -1;
	status =
		ab_note_cosign(&s->key, (uint64_t)time(NULL), note.text, note.text_len, &line, err);
	ab_note_free(&note);
	if (status == 0)
		status = ab_io_write(STDOUT_FILENO, line.data, line.len, err);
	return status;
}

static int cosign(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_proof_free) struct ab_proof proof = { 0 };

	if (ab_buf_read(&s->request, STDIN_FILENO, MAX_REQUEST, err) < 0 ||
	    ab_proof_read_growth(s->request.data ? s->request.data : "", s->request.len, &proof,
				 err) < 0)
		return ab_err_prefix(err, "standard input: ");
	/* Two at once must not both go on from the same checkpoint. */
	if (flock(s->state, LOCK_EX) < 0)
		return ab_err_sys(err, "%s", s->state_path);
	return check(s, &proof, err) < 0 ? -1 : sign(s, &proof, err);
}

int audit_cosign(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .state = -1 };
	const struct ab_opt opts[] = {
		{ AB_OPT_STRING, 0, "key", "FILE", "the witness's own private key", &s.key_path },
		{ AB_OPT_STRING, 0, "vkey", "FILE", "the verifier key of the log that is watched",
		  &s.vkey_path },
		{ AB_OPT_STRING, 0, "state", "DIR", "where the witness keeps what it has seen",
		  &s.state_path },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit cosign",
				    .summary = "Be a witness for another log",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (open_all(&s, &err) < 0 || cosign(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
