/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/apply.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/jail/beneath.h"
#include "lib/jail/hooks.h"
#include "lib/jail/layout.h"

#define PIECE 65536

/* Why a change is not applied, or NULL. */
static const char *refusal(const struct ab_change *c, int dir, bool hooks)
{
	mode_t now = c->now.mode;

	if (now && !S_ISREG(now) && !S_ISDIR(now) && !S_ISLNK(now))
		return "neither a file, a directory nor a link";
	if (!S_ISLNK(now) && now & (S_ISUID | S_ISGID) &&
	    !(c->old.mode & (S_ISUID | S_ISGID) & now))
		return "set-user-ID or set-group-ID";
	if (S_ISLNK(now) &&
	    (c->flags & AB_CHANGE_ESCAPES || ab_beneath_escapes(dir, c->path, c->now.target)))
		return "a link that leaves the directory";
	if (c->flags & AB_CHANGE_RACED)
		return "was changed on the host while the agent ran";
	if (!hooks && ab_is_hook(c->path, S_ISDIR(now ? now : c->old.mode)))
		return "other programs execute it or obey it by themselves (--allow-hooks)";
	return NULL;
}

int ab_apply_check(const struct ab_changes *changes, int dir, bool hooks, struct ab_err *err)
{
	for (size_t i = 0; i < changes->n; i++) {
		const char *why = refusal(&changes->items[i], dir, hooks);

		if (why)
			return ab_err_no(err, "%s: refused: %s", changes->items[i].path, why);
	}
	return 0;
}

static bool has_hash(int fd, const unsigned char want[AB_SHA256_SIZE])
{
	ab_autofree unsigned char *piece = malloc(PIECE);
	unsigned char digest[AB_SHA256_SIZE];
	struct ab_sha256 hash;
	ssize_t n = -1;

	ab_sha256_init(&hash);
	while (piece && ((n = read(fd, piece, PIECE)) > 0 || (n < 0 && errno == EINTR)))
		ab_sha256_add(&hash, piece, n > 0 ? (size_t)n : 0);
	ab_sha256_end(&hash, digest);
	return n == 0 && memcmp(digest, want, sizeof(digest)) == 0;
}

static bool is_same_file(int parent, const char *name, const struct ab_change_state *old)
{
	ab_autoclose int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0 && old->hashed && has_hash(fd, old->sha256);
}

static bool is_same_link(int parent, const char *name, const struct ab_change_state *old)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(parent, name, target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	return n >= 0 && strcmp(target, old->target) == 0;
}

/* A directory that is to go must hold nothing that is not to go as well. */
static bool is_all_known(const struct ab_changes *changes, int parent, const char *name,
			 const char *path)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	bool known = d != NULL;
	struct dirent *e;

	while (known && (e = readdir(d))) {
		char below[2 * PATH_MAX];
		int n = snprintf(below, sizeof(below), "%s/%s", path, e->d_name);

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		known = n > 0 && ab_changes_find(changes, below, (size_t)n) != NULL;
	}
	if (d)
		(void)closedir(d);
	else if (fd >= 0)
		(void)close(fd);
	return known;
}

/* Whether the directory that it stands in is one that the change makes. */
static bool comes_with_parent(const struct ab_changes *changes, const char *path)
{
	const char *slash = strrchr(path, '/');
	const struct ab_change *c =
		slash ? ab_changes_find(changes, path, (size_t)(slash - path)) : NULL;

	return c && S_ISDIR(c->now.mode) && !S_ISDIR(c->old.mode);
}

static bool is_as_it_was(const struct ab_changes *changes, const struct ab_change *c, int dir)
{
	const char *name;
	ab_autoclose int parent = ab_beneath_parent(dir, c->path, &name);
	struct stat st;

	if (parent < 0)
		return c->kind == AB_CHANGE_CREATED && comes_with_parent(changes, c->path);
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT && c->kind == AB_CHANGE_CREATED;
	if ((st.st_mode ^ c->old.mode) & S_IFMT)
		return false;
	if (!S_ISLNK(st.st_mode) && (st.st_mode ^ c->old.mode) & 07777)
		return false;
	if (S_ISREG(st.st_mode))
		return is_same_file(parent, name, &c->old);
	if (S_ISLNK(st.st_mode))
		return is_same_link(parent, name, &c->old);
	return !S_ISDIR(st.st_mode) || S_ISDIR(c->now.mode) ||
	       is_all_known(changes, parent, name, c->path);
}

int ab_apply_compare(const struct ab_changes *changes, int dir, struct ab_err *err)
{
	const char *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < changes->n; i++) {
		if (is_as_it_was(changes, &changes->items[i], dir))
			continue;
		n++;
		first = first ? first : changes->items[i].path;
	}
	if (n == 0)
		return 0;
	if (n == 1)
		return ab_err_no(err, "%s: is not what it was when the run began", first);
	return ab_err_no(err, "%s: is not what it was when the run began, nor are %zu others",
			 first, n - 1);
}

static int fail(const struct ab_change *c, struct ab_err *err)
{
	return ab_err_sys(err, "%s: the change is applied in part", c->path);
}

static bool write_content(const struct ab_unpacked *u, size_t i, int fd)
{
	ab_autofree unsigned char *piece = malloc(PIECE);
	uint64_t left = u->changes.items[i].now.bytes, at = u->offsets[i];
	struct ab_err ignored = { 0 };

	while (piece && left > 0) {
		ssize_t n = pread(u->fd, piece, left < PIECE ? (size_t)left : PIECE, (off_t)at);

		if (n <= 0 || ab_io_write(fd, piece, (size_t)n, &ignored) < 0)
			return false;
		left -= (uint64_t)n;
		at += (uint64_t)n;
	}
	return piece != NULL;
}

/* Puts a file or link in its place by rename: at no time is there half of one. */
static bool put(const struct ab_unpacked *u, size_t i, int parent, const char *name)
{
	const struct ab_change *c = &u->changes.items[i];
	char temporary[32];
	uint32_t random = 0;
	bool ok;

	if (getrandom(&random, sizeof(random), 0) < 0)
		return false;
	(void)snprintf(temporary, sizeof(temporary), ".ab-apply-%08x", random);
	if (S_ISLNK(c->now.mode)) {
		ok = symlinkat(c->now.target, parent, temporary) == 0;
	} else {
		ab_autoclose int fd =
			openat(parent, temporary,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

		ok = fd >= 0 && write_content(u, i, fd) && fchmod(fd, c->now.mode & 07777) == 0 &&
		     fsync(fd) == 0;
	}
	/* What must not be there yet is not replaced if it has come meanwhile. */
	if (ok && renameat2(parent, temporary, parent, name,
			    c->kind == AB_CHANGE_CREATED ? RENAME_NOREPLACE : 0) == 0)
		return true;
	(void)unlinkat(parent, temporary, 0);
	return false;
}

static bool set_mode(int parent, const struct ab_change *c, const char *name)
{
	ab_autoclose int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0 && fchmod(fd, c->now.mode & 07777) == 0;
}

/* What goes, from the inside out; also what gives way to something of another type. */
static int take_away(const struct ab_changes *changes, int dir, struct ab_err *err)
{
	for (size_t i = changes->n; i-- > 0;) {
		const struct ab_change *c = &changes->items[i];
		bool was_dir = S_ISDIR(c->old.mode);
		const char *name;

		if (c->kind != AB_CHANGE_DELETED &&
		    !(c->kind == AB_CHANGE_TYPE && (was_dir || S_ISDIR(c->now.mode))))
			continue;
		ab_autoclose int parent = ab_beneath_parent(dir, c->path, &name);

		if (parent < 0 || unlinkat(parent, name, was_dir ? AT_REMOVEDIR : 0) < 0)
			return fail(c, err);
	}
	return 0;
}

/* What comes, from the outside in; a new directory stays open to us until all is in it. */
static int bring(const struct ab_unpacked *u, int dir, struct ab_err *err)
{
	for (size_t i = 0; i < u->changes.n; i++) {
		const struct ab_change *c = &u->changes.items[i];
		mode_t now = c->now.mode;
		const char *name;
		bool ok = true;

		if (!now || (S_ISDIR(now) && c->kind == AB_CHANGE_MODE))
			continue;
		ab_autoclose int parent = ab_beneath_parent(dir, c->path, &name);

		if (parent < 0)
			return fail(c, err);
		if (S_ISDIR(now))
			ok = mkdirat(parent, name, 0700) == 0;
		else if (c->kind == AB_CHANGE_MODE)
			ok = set_mode(parent, c, name);
		else
			ok = put(u, i, parent, name);
		if (!ok)
			return fail(c, err);
	}
	return 0;
}

static int set_directory_modes(const struct ab_changes *changes, int dir, struct ab_err *err)
{
	for (size_t i = changes->n; i-- > 0;) {
		const struct ab_change *c = &changes->items[i];
		const char *name;

		if (!S_ISDIR(c->now.mode))
			continue;
		ab_autoclose int parent = ab_beneath_parent(dir, c->path, &name);

		if (parent < 0 || !set_mode(parent, c, name))
			return fail(c, err);
	}
	return 0;
}

int ab_apply(const struct ab_unpacked *u, int dir, struct ab_err *err)
{
	if (take_away(&u->changes, dir, err) < 0 || bring(u, dir, err) < 0 ||
	    set_directory_modes(&u->changes, dir, err) < 0)
		return -1;
	return syncfs(dir) < 0 ? ab_err_sys(err, "sync") : 0;
}
