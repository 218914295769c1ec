/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints that are kept, with what others put to them: LOG/checkpoints/SIZE is the note with
 * the witnesses' signatures, LOG/checkpoints/SIZE.tsr a time stamp (RFC 3161) over the note's text,
 * which is what all signatures are over.
 */
#include "lib/audit/verify.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/audit/tsa.h"
#include "lib/base/path.h"

#define DIRECTORY "checkpoints"
#define STAMP	  ".tsr"
#define NAME_ROOM 32 /* of 20 digits and what may follow */

/* "70000" or "70000.tsr"; false: no such name. */
static bool parse_name(const char *name, uint64_t *ret_size, bool *ret_stamp)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < 19 && name[i] >= '0' && name[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(name[i] - '0');
	*ret_size = n;
	*ret_stamp = strcmp(name + i, STAMP) == 0;
	return i && (i == 1 || name[0] != '0') && (!name[i] || *ret_stamp);
}

static int read_kept(const struct ab_log *log, uint64_t size, const char *behind,
		     struct ab_buf *out, struct ab_err *err)
{
	char path[sizeof(DIRECTORY) + NAME_ROOM];

	ab_buf_clear(out);
	(void)snprintf(path, sizeof(path), DIRECTORY "/%llu%s", (unsigned long long)size,
		       behind); /* fits */
	return ab_log_file(log, path, AB_NOTE_MAX, out, err);
}

/* Calls fn with each file that is kept; what starts with a dot is not yet one. */
static int each_kept(const struct ab_log *log,
		     int (*fn)(void *arg, uint64_t size, bool stamp, struct ab_err *err), void *arg,
		     struct ab_err *err)
{
	int fd = openat(log->dir, DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	int status = 0;

	if (!list) {
		if (fd < 0 && errno == ENOENT)
			return 0;
		ab_err_sys(err, "%s/" DIRECTORY, log->path);
		ab_auto_close(&fd);
		return -1;
	}
	while (status == 0 && (d = readdir(list))) {
		uint64_t size;
		bool stamp;

		if (d->d_name[0] == '.')
			continue;
		if (parse_name(d->d_name, &size, &stamp))
			status = fn(arg, size, stamp, err);
		else
			status = ab_err_no(err, "%s/" DIRECTORY "/%s: not the name of a checkpoint",
					   log->path, d->d_name);
	}
	(void)closedir(list);
	return status;
}

static int take_larger(void *arg, uint64_t size, bool stamp, struct ab_err *err)
{
	uint64_t *largest = arg;

	(void)err;
	if (!stamp && size > *largest)
		*largest = size;
	return 0;
}

int ab_log_newest_kept(const struct ab_log *log, uint64_t *ret, struct ab_err *err)
{
	*ret = 0;
	return each_kept(log, take_larger, ret, err);
}

static int write_kept(const struct ab_log *log, const char *name, const void *data, size_t len,
		      struct ab_err *err)
{
	ab_autoclose int dir = -1;

	if (mkdirat(log->dir, DIRECTORY, 0755) < 0 && errno != EEXIST)
		return ab_err_sys(err, "%s/" DIRECTORY, log->path);
	dir = openat(log->dir, DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return ab_err_sys(err, "%s/" DIRECTORY, log->path);
	if (ab_path_replace(dir, name, data, len, 0644, err) < 0)
		return ab_err_prefix(err, "%s/" DIRECTORY "/", log->path);
	return 0;
}

/* Appends the signature lines of an older state of the note that the newer one has none of. */
static int keep_older_lines(const struct ab_buf *older, const struct ab_buf *newer,
			    struct ab_buf *out, struct ab_err *err)
{
	const char *p = older->data, *end = older->data + older->len, *next;
	const char *split = memmem(p, older->len, "\n\n", 2);

	for (p = split ? split + 2 : end; p < end; p = next) {
		const char *space = memchr(p, '\n', (size_t)(end - p));
		size_t len = space ? (size_t)(space - p) : (size_t)(end - p);
		/* Dash, name and the id's characters, six of which are the id's alone. */
		const char *last = memrchr(p, ' ', len);
		size_t head = last ? (size_t)(last - p) + 6 : len;

		next = p + len + 1;
		if (head < len && !memmem(newer->data, newer->len, p, head))
			ab_buf_add(out, p, len + 1);
	}
	return ab_buf_ok(out, err);
}

int ab_log_keep(struct ab_log *log, const struct ab_buf *note, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf older = { 0 }, all = { 0 };
	struct ab_err none = { 0 };
	struct ab_checkpoint c;
	char name[NAME_ROOM];

	if (ab_checkpoint_open(note->data, note->len, &log->vkey, &c, err) < 0)
		return -1;
	ab_buf_add(&all, note->data, note->len);
	if (read_kept(log, c.size, "", &older, &none) == 0 &&
	    keep_older_lines(&older, note, &all, err) < 0)
		return -1;
	(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)c.size); /* fits */
	if (ab_buf_ok(&all, err) < 0 || write_kept(log, name, all.data, all.len, err) < 0)
		return -1;
	if (c.size != log->committed || log->published != log->committed)
		return 0;
	if (ab_path_replace(log->dir, "checkpoint", all.data, all.len, 0644, err) < 0)
		return ab_err_prefix(err, "%s/", log->path);
	return 0;
}

/* The hash of a note's text. */
static int hash_text(const struct ab_buf *note, unsigned char out[AB_SHA256_SIZE],
		     struct ab_err *err)
{
	struct ab_note parsed;

	if (ab_note_parse(note->data ? note->data : "", note->len, &parsed, err) < 0)
		return -1;
	ab_sha256(parsed.text, parsed.text_len, out);
	ab_note_free(&parsed);
	return 0;
}

int ab_log_stamp_query(const struct ab_buf *note, struct ab_buf *out, struct ab_err *err)
{
	unsigned char hash[AB_SHA256_SIZE];

	if (hash_text(note, hash, err) < 0)
		return -1;
	ab_tsa_query(hash, out);
	return ab_buf_ok(out, err);
}

struct search {
	const struct ab_log *log;
	unsigned char hash[AB_SHA256_SIZE];
	uint64_t size;
	bool found;
};

static int compare(void *arg, uint64_t size, bool stamp, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf note = { 0 };
	unsigned char hash[AB_SHA256_SIZE];
	struct search *s = arg;

	if (stamp || s->found)
		return 0;
	if (read_kept(s->log, size, "", &note, err) < 0 || hash_text(&note, hash, err) < 0)
		return -1;
	s->found = memcmp(hash, s->hash, sizeof(hash)) == 0;
	s->size = size;
	return 0;
}

int ab_log_keep_stamp(struct ab_log *log, const struct ab_buf *reply, uint64_t *ret,
		      struct ab_err *err)
{
	struct search s = { .log = log };
	struct ab_stamp stamp;
	char name[NAME_ROOM];

	if (ab_tsa_read(reply->data, reply->len, &stamp, err) < 0)
		return -1;
	memcpy(s.hash, stamp.hash, sizeof(s.hash));
	if (each_kept(log, compare, &s, err) < 0)
		return -1;
	if (!s.found)
		return ab_err_no(err, "a time stamp of no checkpoint that is kept here");
	*ret = s.size;
	(void)snprintf(name, sizeof(name), "%llu" STAMP, (unsigned long long)s.size); /* fits */
	return write_kept(log, name, reply->data, reply->len, err);
}

static int check_note(struct check *c, uint64_t size)
{
	ab_auto(ab_buf_free) struct ab_buf note = { 0 };
	unsigned char root[AB_SHA256_SIZE];
	struct ab_checkpoint kept;

	if (size > c->log->committed)
		return ab_err_no(c->err, "rolled back: there are %llu records",
				 (unsigned long long)c->log->committed);
	if (read_kept(c->log, size, "", &note, c->err) < 0 ||
	    ab_checkpoint_open_any(note.data ? note.data : "", note.len, &c->keys, &kept, c->err) <
		    0 ||
	    ab_log_root_at(c->log, size, root, c->err) < 0)
		return -1;
	if (kept.size != size || memcmp(kept.root, root, sizeof(root)) != 0)
		return ab_err_no(c->err, "not of this log");
	c->ret->kept++;
	return 0;
}

static int check_stamp(struct check *c, uint64_t size)
{
	ab_auto(ab_buf_free) struct ab_buf note = { 0 }, reply = { 0 };
	unsigned char hash[AB_SHA256_SIZE];
	struct ab_stamp stamp;

	if (read_kept(c->log, size, STAMP, &reply, c->err) < 0 ||
	    read_kept(c->log, size, "", &note, c->err) < 0 || hash_text(&note, hash, c->err) < 0 ||
	    ab_tsa_read(reply.data ? reply.data : "", reply.len, &stamp, c->err) < 0)
		return -1;
	if (memcmp(hash, stamp.hash, sizeof(hash)) != 0)
		return ab_err_no(c->err, "a time stamp of something else");
	if (!c->ret->stamps++ || size > c->ret->stamped) {
		c->ret->stamped = size;
		memcpy(c->ret->stamp_hash, hash, sizeof(hash));
		memcpy(c->ret->stamp_time, stamp.time, sizeof(stamp.time));
	}
	return 0;
}

static int check_one(void *arg, uint64_t size, bool stamp, struct ab_err *err)
{
	struct check *c = arg;

	if ((stamp ? check_stamp(c, size) : check_note(c, size)) == 0)
		return 0;
	if (err->sys == ENOENT)
		err->status = AB_EXIT_NO;
	return ab_err_prefix(err, "%s/" DIRECTORY "/%llu%s: ", c->log->path,
			     (unsigned long long)size, stamp ? STAMP : "");
}

int ab_check_kept(struct check *c)
{
	return each_kept(c->log, check_one, c, c->err);
}
