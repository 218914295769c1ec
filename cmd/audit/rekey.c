/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit rekey: replaces a log's key; for a while both sign. */
#include "cmd/audit/audit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/confine/confine.h"

struct settings {
	struct audit_place place;
	const char *next_path;
	bool finish;
	struct ab_skey next; /* of --next-key, until the log's key takes it over */
	char *copy;	     /* of the key's path */
	const char *base;    /* the file's name in it */
	int directory;	     /* that holds the key's file */
};

static void settings_done(struct settings *s)
{
	ab_skey_free(&s->next);
	audit_place_close(&s->place);
	free(s->copy);
	if (s->directory >= 0)
		(void)close(s->directory);
}

/* The key file is replaced, so that all who name it go on without a change. */
static int open_directory(struct settings *s, struct ab_err *err)
{
	char *slash;

	s->copy = strdup(s->place.key_path);
	if (!s->copy)
		return ab_err_memory(err);
	slash = strrchr(s->copy, '/');
	s->base = slash ? slash + 1 : s->copy;
	if (slash)
		*slash = '\0';
	s->directory = open(!slash	       ? "."
			    : slash == s->copy ? "/"
					       : s->copy,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->directory < 0 ? ab_err_sys(err, "%s: its directory", s->place.key_path) : 0;
}

static int confine(const struct settings *s, struct ab_err *err)
{
	const struct ab_confine_path paths[] = {
		{ ab_log_fd(s->place.log), AB_CONFINE_READ | AB_CONFINE_WRITE },
		{ s->directory, AB_CONFINE_READ | AB_CONFINE_WRITE },
	};

	return ab_confine(AB_PROFILE_STORE, paths, AB_ARRAY_SIZE(paths), err);
}

static int replace(const struct settings *s, const struct ab_skey *key, const struct ab_skey *next,
		   struct ab_err *err)
{
	if (ab_skey_replace(s->directory, s->base, key, next, err) < 0)
		return ab_err_prefix(err, "%s: the key's file is as it was: ", s->place.key_path);
	return 0;
}

/* Puts the next key beside the one that is there. What an earlier try left there must be the same.
 */
static int take_next(struct settings *s, struct ab_err *err)
{
	struct ab_skey *key = &s->place.key;

	if (key->next) {
		if (memcmp(key->next->public_key.key, s->next.public_key.key, AB_ED25519_PUBLIC))
			return ab_err_usage(err, "%s: holds another key already that is to follow",
					    s->place.key_path);
		return 0;
	}
	if (strcmp(key->public_key.name, s->next.public_key.name) != 0)
		return ab_err_usage(err, "--next-key: is named %s, the log's key %s",
				    s->next.public_key.name, key->public_key.name);
	key->next = calloc(1, sizeof(*key->next));
	if (!key->next)
		return ab_err_memory(err);
	*key->next = s->next;
	s->next = (struct ab_skey){ 0 };
	return replace(s, key, key->next, err);
}

/* First the file, then the record: after a crash in between the file holds a key that is not used
 * yet. */
static int begin(struct settings *s, struct ab_err *err)
{
	if (ab_log_is_rekeyed(s->place.log))
		return ab_err_usage(err, "%s: its key is being replaced already (--finish)",
				    s->place.log_path);
	if (ab_keyring_find(ab_log_keys(s->place.log), &s->next.public_key) >= 0)
		return ab_err_usage(err, "--next-key: the log has or had this key already");
	if (take_next(s, err) < 0)
		return -1;
	return ab_log_rekey(s->place.log, s->place.key.next, err);
}

/* Here the record comes first: after a crash in between the file holds a key that is not used any
 * more, and another --finish takes it out. */
static int end(struct settings *s, struct ab_err *err)
{
	const struct ab_skey *last = s->place.key.next;
	bool ended = last && !ab_log_is_rekeyed(s->place.log) &&
		     memcmp(last->public_key.key, ab_log_vkey(s->place.log)->key,
			    AB_ED25519_PUBLIC) == 0;

	if (!ended && ab_log_end_key(s->place.log, err) < 0)
		return -1;
	return replace(s, last, NULL, err);
}

static int rekey(struct settings *s, struct ab_err *err)
{
	char vkey[AB_NOTE_VKEY];

	if (!s->next_path == !s->finish)
		return ab_err_usage(err, "expected either --next-key or --finish");
	if (s->next_path && ab_skey_load(s->next_path, &s->next, err) < 0)
		return -1;
	if (audit_open(&s->place, err) < 0 || open_directory(s, err) < 0 || confine(s, err) < 0 ||
	    audit_lock(&s->place, err) < 0)
		return -1;
	if ((s->finish ? end(s, err) : begin(s, err)) < 0)
		return -1;
	ab_log_unlock(s->place.log);
	ab_vkey_format(ab_log_vkey(s->place.log), vkey);
	printf("%s\n", vkey);
	return 0;
}

int audit_rekey(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .directory = -1 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_LOG(&s.place),
		AUDIT_OPT_KEY(&s.place),
		{ AB_OPT_STRING, 0, "next-key", "FILE", "the private key that is to follow",
		  &s.next_path },
		{ AB_OPT_FLAG, 0, "finish", NULL, "end the use of the key that was replaced",
		  &s.finish },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit rekey",
				    .summary = "Replace a log's key; for a while both sign",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (rekey(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
