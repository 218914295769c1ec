/* SPDX-License-Identifier: Apache-2.0 */
/* The two things that one does with a change that was kept: look at it, apply it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/confine/confine.h"
#include "lib/jail/apply.h"
#include "lib/jail/jail.h"

static const char letters[] = {
	[AB_CHANGE_CREATED] = 'A', [AB_CHANGE_MODIFIED] = 'M', [AB_CHANGE_DELETED] = 'D',
	[AB_CHANGE_TYPE] = 'T',	   [AB_CHANGE_MODE] = 'P',
};

/* Names are the agent's: one must not look like the end of a line, nor write to a terminal. */
static void add_name(struct ab_buf *out, const char *name)
{
	ab_autofree char *clean = strdup(name);

	if (clean)
		ab_err_clean(clean);
	ab_buf_adds(out, clean ? clean : "?");
}

static void add_flags(struct ab_buf *out, unsigned flags)
{
	const char *name;
	bool first = true;

	for (unsigned bit = 1; (name = ab_change_flag_name(bit)); bit <<= 1) {
		if (!(flags & bit))
			continue;
		ab_buf_addf(out, "%s%s", first ? " [" : " ", name);
		first = false;
	}
	if (!first)
		ab_buf_addc(out, ']');
}

/* "M src/a.c", "A bin/ [executable]", "P f 0644 -> 0755" */
static void add_line(struct ab_buf *out, const struct ab_change *c)
{
	mode_t last = c->now.mode ? c->now.mode : c->old.mode;

	ab_buf_addf(out, "%c ", letters[c->kind]);
	add_name(out, c->path);
	if (S_ISDIR(last))
		ab_buf_addc(out, '/');
	if (S_ISLNK(c->now.mode)) {
		ab_buf_adds(out, " -> ");
		add_name(out, c->now.target);
	}
	if (c->old.mode && c->now.mode && !S_ISLNK(c->old.mode) && !S_ISLNK(c->now.mode) &&
	    (c->old.mode ^ c->now.mode) & 07777)
		ab_buf_addf(out, " %04o -> %04o", (unsigned)c->old.mode & 07777,
			    (unsigned)c->now.mode & 07777);
	add_flags(out, c->flags);
	ab_buf_addc(out, '\n');
}

static int add_json(struct ab_buf *out, const struct ab_change *c, struct ab_err *err)
{
	json_auto_t *value = ab_change_json(c);

	if (!value)
		return ab_err_memory(err);
	if (ab_json_canonical(value, out, err) < 0)
		return -1;
	ab_buf_addc(out, '\n');
	return 0;
}

static int show(const struct ab_changes *changes, bool json, struct ab_buf *out, struct ab_err *err)
{
	for (size_t i = 0; i < changes->n; i++) {
		if (!json)
			add_line(out, &changes->items[i]);
		else if (add_json(out, &changes->items[i], err) < 0)
			return -1;
	}
	return ab_buf_ok(out, err);
}

int ab_jail_diff(const char *file, bool json, struct ab_buf *out, struct ab_err *err)
{
	ab_auto(ab_unpacked_free) struct ab_unpacked u = { .fd = -1 };

	if (ab_archive_open(&u, file, err) < 0 || ab_confine(AB_PROFILE_FILTER, NULL, 0, err) < 0 ||
	    ab_archive_read(&u, file, err) < 0)
		return -1;
	return show(&u.changes, json, out, err);
}

int ab_jail_apply(const char *file, const char *dir, unsigned flags, struct ab_buf *out,
		  struct ab_err *err)
{
	ab_auto(ab_unpacked_free) struct ab_unpacked u = { .fd = -1 };
	ab_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	const struct ab_confine_path path = { fd, AB_CONFINE_READ | AB_CONFINE_WRITE };

	if (fd < 0)
		return ab_err_sys(err, "%s", dir);
	if (ab_archive_open(&u, file, err) < 0 || ab_confine(AB_PROFILE_STORE, &path, 1, err) < 0 ||
	    ab_archive_read(&u, file, err) < 0 ||
	    ab_apply_check(&u.changes, fd, flags & AB_JAIL_ALLOW_HOOKS, err) < 0 ||
	    ab_apply_compare(&u.changes, fd, err) < 0)
		return -1;
	if (!(flags & AB_JAIL_DRY_RUN) && ab_apply(&u, fd, err) < 0)
		return -1;
	return show(&u.changes, false, out, err);
}
