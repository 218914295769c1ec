/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/workflow/place.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/path.h"
#include "lib/receipt/receipt.h"
#include "lib/workflow/mountinfo.h"

/* Option, definition, environment, state directory; NULL: none of them says. */
static char *find(const char *option, const char *defined, const char *variable, const char *state)
{
	const char *value = secure_getenv(variable);
	struct ab_err none = { 0 };

	if (option || defined)
		return strdup(option ? option : defined);
	return value && *value ? strdup(value) : ab_path_state(state, &none);
}

char *ab_place_log(const struct ab_workflow *w, const struct ab_operator *o)
{
	return find(o->log, w ? w->log : NULL, "AB_AUDIT_LOG", "log");
}

char *ab_place_key(const struct ab_workflow *w, const struct ab_operator *o)
{
	return find(o->key, w ? w->key : NULL, "AB_AUDIT_KEY_FILE", "key");
}

/* A place that no agent is shown. */
struct place {
	const char *what;
	char path[PATH_MAX]; /* without links; "": there is none */
	bool is_shared;	     /* others may have what lies in it */
};

enum { LOG, KEY, KEEP, RECEIPTS, PLACES };

struct guard {
	const struct ab_workflow *w;
	struct place places[PLACES];
	struct ab_mountinfo mounts;
	struct ab_err *err;
};

/* What will be made is where its directory is; without that one, nothing will be. */
static void resolve(const char *path, char out[PATH_MAX])
{
	ab_autofree char *copy = path ? strdup(path) : NULL;
	char *name, dir[PATH_MAX];
	int n;

	out[0] = '\0';
	if (!copy || realpath(copy, out))
		return;
	out[0] = '\0';
	for (size_t len = strlen(copy); len > 1 && copy[len - 1] == '/';)
		copy[--len] = '\0';
	name = strrchr(copy, '/');
	if (name)
		*name = '\0';
	if (!realpath(!name ? "." : *copy ? copy : "/", dir))
		return;
	n = snprintf(out, PATH_MAX, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir,
		     name ? name + 1 : copy);
	if (n < 0 || n >= PATH_MAX)
		out[0] = '\0';
}

static int refuse(const struct guard *g, const char *where, const char *path, enum ab_overlap is,
		  const struct place *place)
{
	return ab_err_usage(g->err, "%s: %s: %s %s the %s %s, which no agent is shown", g->w->shown,
			    where, path,
			    is == AB_SAME    ? "is"
			    : is == AB_HOLDS ? "holds"
					     : "lies in",
			    place->what, place->path);
}

/* One that is not there is told by whoever wants to show it. */
static int check_path(const struct guard *g, const char *where, const char *path)
{
	char real[PATH_MAX];

	if (!realpath(path, real))
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : ab_err_usage(g->err, "%s: %s: %s: %s", g->w->shown, where, path,
					      strerror(errno));
	for (size_t i = 0; i < PLACES; i++) {
		const struct place *place = &g->places[i];
		enum ab_overlap is = AB_APART;

		if (*place->path)
			is = ab_mountinfo_overlap(&g->mounts, real, place->path);
		if (is != AB_APART && !(is == AB_LIES_IN && place->is_shared))
			return refuse(g, where, path, is, place);
	}
	return 0;
}

/* `word` is PATH[:DEST]. */
static int check(const struct guard *g, const char *where, const char *word)
{
	ab_autofree char *path = strndup(word, strcspn(word, ":"));

	return path ? check_path(g, where, path) : ab_err_memory(g->err);
}

static int check_all(const struct guard *g)
{
	const struct ab_workflow *w = g->w;
	const json_t *item;
	size_t i;

	json_array_foreach(w->read_only, i, item)
	{
		char where[64];

		(void)snprintf(where, sizeof(where), "/spec/agent/readOnly/%zu", i); /* it fits */
		if (check(g, where, json_string_value(item)) < 0)
			return -1;
	}
	if (w->models && check(g, "/spec/agent/models", w->models) < 0)
		return -1;
	if (w->workspace && check(g, "/spec/agent/workspace", w->workspace) < 0)
		return -1;
	if (w->command && strchr(w->command, '/'))
		return check_path(g, "/spec/agent/command", w->command);
	return 0;
}

int ab_place_guard(const struct ab_workflow *w, const struct ab_operator *o, struct ab_err *err)
{
	struct guard g = { .w = w, .err = err };
	ab_autofree char *log = NULL, *key = NULL;
	int status;

	/* A program by its name comes from a system directory. */
	if (!json_array_size(w->read_only) && !w->models && !w->workspace &&
	    !(w->command && strchr(w->command, '/')))
		return 0;
	log = ab_place_log(w, o);
	key = ab_place_key(w, o);
	g.places[LOG].what = "log";
	g.places[KEY].what = "key";
	g.places[KEEP].what = "directory of --keep";
	g.places[RECEIPTS].what = "directory of receipts";
	g.places[RECEIPTS].is_shared = true;
	resolve(log, g.places[LOG].path);
	resolve(key, g.places[KEY].path);
	resolve(o->keep, g.places[KEEP].path);
	resolve(ab_receipts_place(), g.places[RECEIPTS].path);
	status = ab_mountinfo_read(&g.mounts, err) < 0 ? -1 : check_all(&g);
	ab_mountinfo_done(&g.mounts);
	return status;
}
