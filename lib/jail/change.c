/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/change.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "lib/base/buf.h"
#include "lib/jail/beneath.h"
#include "lib/jail/hooks.h"

/* What is nested deeper fails the run: a shorter list would hide something. Three descriptors a
 * level, of the 1024 that a process usually may have. */
#define MAX_DEPTH 256
#define PIECE	  65536

struct walk {
	struct ab_changes *changes;
	const struct ab_layers *layers;
	const struct timespec *begun;
	uint64_t room;	    /* by which files may still grow */
	struct ab_buf path; /* of the directory that is being looked at */
	unsigned char *piece;
	struct ab_err *err;
};

/* A name in a directory of either layer. */
struct place {
	int dir;
	const char *name;
	struct stat st;
	bool ours; /* in the upper layer: made readable if it has to be */
};

struct names {
	struct dirent **list;
	int n;
};

static void names_free(struct names *names)
{
	for (int i = 0; i < names->n; i++)
		free(names->list[i]);
	free(names->list);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static int fail(struct walk *w, const char *name)
{
	return ab_err_sys(w->err, "workspace: %s%s%s", w->path.len ? w->path.data : "",
			  w->path.len ? "/" : "", name);
}

static int read_names(struct walk *w, int fd, struct names *ret)
{
	ret->n = scandirat(fd, ".", &ret->list, is_entry, by_name);
	if (ret->n >= 0)
		return 0;
	ret->n = 0;
	return fail(w, ".");
}

static bool has_name(const struct names *names, const char *name)
{
	int from = 0, to = names->n;

	while (from < to) {
		int middle = from + (to - from) / 2;
		int order = strcmp(names->list[middle]->d_name, name);

		if (order == 0)
			return true;
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return false;
}

/* Opens a file or directory to be read. The agent may have closed what is its own to itself, and an
 * ordinary user is the agent's; the jail is gone, so that nothing can be put in its place. */
static int open_place(const struct place *p)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
			  (S_ISDIR(p->st.st_mode) ? O_DIRECTORY : 0);
	int fd = openat(p->dir, p->name, flags);

	if (fd >= 0 || errno != EACCES || !p->ours)
		return fd;
	if (fchmodat(p->dir, p->name, S_ISDIR(p->st.st_mode) ? 0700 : 0600, 0) < 0)
		return -1;
	return openat(p->dir, p->name, flags);
}

static int hash_place(struct walk *w, const struct place *p, struct ab_change_state *s)
{
	ab_autoclose int fd = open_place(p);
	struct ab_sha256 hash;
	ssize_t n;

	/* What the host does not let its own user read can be removed by him, but not be compared.
	 */
	if (fd < 0)
		return p->ours ? fail(w, p->name) : 0;
	ab_sha256_init(&hash);
	s->bytes = 0;
	do {
		n = read(fd, w->piece, PIECE);
		if (n > 0)
			ab_sha256_add(&hash, w->piece, (size_t)n);
		s->bytes += n > 0 ? (uint64_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return fail(w, p->name);
	ab_sha256_end(&hash, s->sha256);
	s->hashed = true;
	return 0;
}

static int take_state(struct walk *w, const struct place *p, struct ab_change_state *s)
{
	char target[PATH_MAX];
	ssize_t n;

	s->mode = p->st.st_mode;
	if (S_ISREG(s->mode)) {
		s->bytes = (uint64_t)p->st.st_size;
		return hash_place(w, p, s);
	}
	if (!S_ISLNK(s->mode))
		return 0;
	n = readlinkat(p->dir, p->name, target, sizeof(target) - 1);
	if (n < 0)
		return fail(w, p->name);
	target[n] = '\0';
	s->target = strdup(target);
	return s->target ? 0 : ab_err_memory(w->err);
}

static unsigned flags_of(const struct walk *w, const struct ab_change *c)
{
	mode_t now = c->now.mode;
	unsigned flags = 0;

	if (ab_is_hook(c->path, S_ISDIR(now ? now : c->old.mode)))
		flags |= AB_CHANGE_HOOK;
	if (S_ISREG(now) && now & 0111)
		flags |= AB_CHANGE_EXECUTABLE;
	if (now & (S_ISUID | S_ISGID) && !S_ISLNK(now))
		flags |= AB_CHANGE_SETID;
	if (now && !S_ISREG(now) && !S_ISDIR(now) && !S_ISLNK(now))
		flags |= AB_CHANGE_SPECIAL;
	if (S_ISLNK(now) && ab_beneath_escapes(w->layers->merged, c->path, c->now.target))
		flags |= AB_CHANGE_ESCAPES;
	return flags;
}

/* Puts the change into the list, which owns it then; else it is freed. */
static int add(struct walk *w, struct ab_change *c, const char *name, const struct stat *old)
{
	struct ab_changes *all = w->changes;
	ab_auto(ab_buf_free) struct ab_buf path = { 0 };

	ab_buf_addf(&path, "%s%s%s", w->path.len ? w->path.data : "", w->path.len ? "/" : "", name);
	if (all->n == all->capacity) {
		size_t capacity = all->capacity ? all->capacity * 2 : 64;
		struct ab_change *items = realloc(all->items, capacity * sizeof(*items));

		if (!items) {
			ab_change_free(c);
			return ab_err_memory(w->err);
		}
		all->items = items;
		all->capacity = capacity;
	}
	c->path = ab_buf_steal(&path);
	if (!c->path) {
		ab_change_free(c);
		return ab_err_memory(w->err);
	}
	c->flags = flags_of(w, c);
	if (old &&
	    (old->st_ctim.tv_sec > w->begun->tv_sec ||
	     (old->st_ctim.tv_sec == w->begun->tv_sec && old->st_ctim.tv_nsec > w->begun->tv_nsec)))
		c->flags |= AB_CHANGE_RACED;
	all->items[all->n++] = *c;
	*c = (struct ab_change){ 0 };
	return 0;
}

static bool push(struct walk *w, const char *name, size_t *ret_len)
{
	*ret_len = w->path.len;
	ab_buf_addf(&w->path, "%s%s", w->path.len ? "/" : "", name);
	return !w->path.failed;
}

static void pop(struct walk *w, size_t len)
{
	w->path.len = len;
	if (w->path.data)
		w->path.data[len] = '\0';
}

static int too_deep(struct walk *w)
{
	return ab_err_trouble(w->err,
			      "workspace: nested more than %d deep: its changes cannot be "
			      "listed",
			      MAX_DEPTH);
}

static int add_deleted(struct walk *w, const struct place *old, int depth);

/* All that was in a directory is gone; `but`: names that are still there, or NULL. */
static int add_all_deleted(struct walk *w, int lower, const struct names *but, int depth)
{
	ab_auto(names_free) struct names names = { 0 };

	if (read_names(w, lower, &names) < 0)
		return -1;
	for (int i = 0; i < names.n; i++) {
		struct place old = { .dir = lower, .name = names.list[i]->d_name };

		if (but && has_name(but, old.name))
			continue;
		if (fstatat(lower, old.name, &old.st, AT_SYMLINK_NOFOLLOW) < 0)
			return fail(w, old.name);
		if (add_deleted(w, &old, depth) < 0)
			return -1;
	}
	return 0;
}

static int add_deleted_below(struct walk *w, const struct place *old, int depth)
{
	ab_autoclose int fd = open_place(old);
	size_t len;
	int status;

	if (fd < 0)
		return fail(w, old->name);
	if (depth >= MAX_DEPTH)
		return too_deep(w);
	if (!push(w, old->name, &len))
		return ab_err_memory(w->err);
	status = add_all_deleted(w, fd, NULL, depth + 1);
	pop(w, len);
	return status;
}

static int add_deleted(struct walk *w, const struct place *old, int depth)
{
	struct ab_change c = { .kind = AB_CHANGE_DELETED };

	if (take_state(w, old, &c.old) < 0) {
		ab_change_free(&c);
		return -1;
	}
	if (add(w, &c, old->name, &old->st) < 0)
		return -1;
	return S_ISDIR(old->st.st_mode) ? add_deleted_below(w, old, depth) : 0;
}

static int compare_dirs(struct walk *w, int upper, int lower, int depth);

/* Goes into a directory of the upper layer, and into that below it if there is one. */
static int enter(struct walk *w, const struct place *now, const struct place *old, int depth)
{
	ab_autoclose int upper = open_place(now), lower = -1;
	size_t len;
	int status;

	if (old && S_ISDIR(old->st.st_mode))
		lower = open_place(old);
	if (upper < 0 || (old && S_ISDIR(old->st.st_mode) && lower < 0))
		return fail(w, now->name);
	if (depth >= MAX_DEPTH)
		return too_deep(w);
	if (!push(w, now->name, &len))
		return ab_err_memory(w->err);
	status = compare_dirs(w, upper, lower, depth + 1);
	pop(w, len);
	return status;
}

/* What kind of change it is; -1: none, it was copied up and is as it was. */
static int kind_of(const struct ab_change *c, bool existed)
{
	const struct ab_change_state *old = &c->old, *now = &c->now;

	if (!existed)
		return AB_CHANGE_CREATED;
	if ((old->mode ^ now->mode) & S_IFMT)
		return AB_CHANGE_TYPE;
	if (S_ISREG(now->mode) &&
	    (!old->hashed || memcmp(old->sha256, now->sha256, sizeof(old->sha256)) != 0))
		return AB_CHANGE_MODIFIED;
	if (S_ISLNK(now->mode))
		return strcmp(old->target, now->target) != 0 ? AB_CHANGE_MODIFIED : -1;
	return (old->mode ^ now->mode) & 07777 ? AB_CHANGE_MODE : -1;
}

/* Before a file is read: what is all holes takes no room in the jail, but time and room here. */
static int take_room(struct walk *w, const struct place *now, const struct place *old)
{
	uint64_t is = S_ISREG(now->st.st_mode) ? (uint64_t)now->st.st_size : 0;
	uint64_t was = old && S_ISREG(old->st.st_mode) ? (uint64_t)old->st.st_size : 0;
	uint64_t more = is > was ? is - was : 0;

	if (more > w->room)
		return ab_err_trouble(w->err,
				      "workspace: its files have more bytes, with their holes and "
				      "under all their names, than --tmp allows");
	w->room -= more;
	return 0;
}

static int compare(struct walk *w, const struct place *now, const struct place *old, int depth)
{
	struct ab_change c = { 0 };
	int kind;

	if (take_room(w, now, old) < 0 || take_state(w, now, &c.now) < 0 ||
	    (old && take_state(w, old, &c.old) < 0)) {
		ab_change_free(&c);
		return -1;
	}
	kind = kind_of(&c, old != NULL);
	if (kind < 0) {
		ab_change_free(&c);
	} else {
		c.kind = (enum ab_change_kind)kind;
		if (add(w, &c, now->name, old ? &old->st : NULL) < 0)
			return -1;
	}
	if (S_ISDIR(now->st.st_mode))
		return enter(w, now, old, depth);
	return old && S_ISDIR(old->st.st_mode) ? add_deleted_below(w, old, depth) : 0;
}

static bool is_whiteout(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

static int visit(struct walk *w, int upper, int lower, const char *name, int depth)
{
	struct place now = { .dir = upper, .name = name, .ours = true };
	struct place old = { .dir = lower, .name = name };
	bool existed;

	if (fstatat(upper, name, &now.st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(w, name);
	existed = lower >= 0 && fstatat(lower, name, &old.st, AT_SYMLINK_NOFOLLOW) == 0;
	if (lower >= 0 && !existed && errno != ENOENT)
		return fail(w, name);
	if (!w->layers->copy && is_whiteout(&now.st))
		return existed ? add_deleted(w, &old, depth) : 0;
	return compare(w, &now, existed ? &old : NULL, depth);
}

/*
 * Whether nothing of the directory below shows through. Only the kernel writes these attributes:
 * the agent has no call for it, and the overlay would keep its own apart. What is not known here
 * (redirects, which userxattr does not do; whiteouts as attributes) is no ground to guess on.
 */
static int is_opaque(struct walk *w, int upper)
{
	char value[8];
	ssize_t n = fgetxattr(upper, "user.overlay.opaque", value, sizeof(value));

	if (fgetxattr(upper, "user.overlay.redirect", NULL, 0) >= 0 || (n > 0 && value[0] != 'y'))
		return ab_err_trouble(w->err, "workspace: an overlay of a form that is not known");
	return n > 0;
}

/* One directory of the upper layer, and the one below it, or -1. */
static int compare_dirs(struct walk *w, int upper, int lower, int depth)
{
	ab_auto(names_free) struct names names = { 0 };
	int opaque = w->layers->copy ? 1 : is_opaque(w, upper);

	if (opaque < 0 || read_names(w, upper, &names) < 0)
		return -1;
	for (int i = 0; i < names.n; i++)
		if (visit(w, upper, lower, names.list[i]->d_name, depth) < 0)
			return -1;
	return opaque && lower >= 0 ? add_all_deleted(w, lower, &names, depth) : 0;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct ab_change *)a)->path, ((const struct ab_change *)b)->path);
}

/* The workspace itself may have another mode. */
static int compare_tops(struct walk *w)
{
	struct ab_change c = { .kind = AB_CHANGE_MODE };
	struct stat now, old;

	if (fstat(w->layers->upper, &now) < 0 || fstat(w->layers->lower, &old) < 0)
		return fail(w, ".");
	/* The sticky and set-group-ID bits were not given to it. */
	if (!((now.st_mode ^ old.st_mode) & 0777))
		return 0;
	c.now.mode = now.st_mode;
	c.old.mode = old.st_mode;
	return add(w, &c, ".", &old);
}

int ab_changes_list(struct ab_changes *ret, const struct ab_layers *layers,
		    const struct timespec *begun, uint64_t room, struct ab_err *err)
{
	struct walk w = {
		.changes = ret, .layers = layers, .begun = begun, .room = room, .err = err
	};
	int status;

	*ret = (struct ab_changes){ 0 };
	w.piece = malloc(PIECE);
	if (!w.piece)
		return ab_err_memory(err);
	status = compare_tops(&w);
	if (status == 0)
		status = compare_dirs(&w, layers->upper, layers->lower, 0);
	if (status == 0 && ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), by_path);
	free(w.piece);
	ab_buf_free(&w.path);
	if (status < 0)
		ab_changes_free(ret);
	return status;
}

void ab_change_free(struct ab_change *c)
{
	free(c->path);
	free(c->old.target);
	free(c->now.target);
	*c = (struct ab_change){ 0 };
}

void ab_changes_free(struct ab_changes *changes)
{
	for (size_t i = 0; i < changes->n; i++)
		ab_change_free(&changes->items[i]);
	free(changes->items);
	*changes = (struct ab_changes){ 0 };
}
