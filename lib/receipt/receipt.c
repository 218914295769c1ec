/* SPDX-License-Identifier: Apache-2.0 */
/* One tool's side of the receipts: the file of the run is opened, checked, and gets its line. */
#include "lib/receipt/receipt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/receipt/file.h"

static const char *const verdicts[] = {
	[AB_PASSED] = "passed",	  [AB_REFUSED] = "refused", [AB_FAILED] = "failed",
	[AB_TIMEOUT] = "timeout", [AB_LIMIT] = "limit",	    [AB_INTERRUPTED] = "interrupted",
};

const char *ab_verdict_name(enum ab_verdict verdict)
{
	return verdicts[verdict];
}

int ab_verdict_parse(const char *name)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(verdicts); i++)
		if (strcmp(verdicts[i], name) == 0)
			return (int)i;
	return -1;
}

int ab_receipts_dirfd(const struct ab_receipts *receipts)
{
	return receipts ? receipts->dirfd : -1;
}

int ab_receipts_parentfd(const struct ab_receipts *receipts)
{
	return receipts ? receipts->parentfd : -1;
}

void ab_receipts_close(struct ab_receipts *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		(void)close(r->fd);
	if (r->dirfd >= 0)
		(void)close(r->dirfd);
	if (r->parentfd >= 0)
		(void)close(r->parentfd);
	free(r->path);
	free(r->run);
	free(r);
}

/* Splits "PARENT/DIRECTORY/FILE", in place, into its three parts. */
static int split(char *path, const char **dir, const char **file, struct ab_err *err)
{
	char *last = strrchr(path, '/'), *middle;

	if (*path == '/' && last != path && last[1]) {
		*last = '\0';
		*file = last + 1;
		middle = strrchr(path, '/');
		if (middle != path && middle[1]) {
			*middle = '\0';
			*dir = middle + 1;
			return 0;
		}
	}
	return ab_err_usage(
		err, "AB_RECEIPTS: %s: not the absolute path of a file in a directory of its own",
		path);
}

static int check_owner(const struct stat *st, mode_t mode, const char *what, struct ab_err *err)
{
	if (st->st_uid != geteuid())
		return ab_err_usage(err, "AB_RECEIPTS: %s belongs to another user", what);
	if ((st->st_mode & 07777) != mode)
		return ab_err_usage(err, "AB_RECEIPTS: %s has mode %04o, expected %04o", what,
				    (unsigned)st->st_mode & 07777, (unsigned)mode);
	return 0;
}

/* `how` is LOCK_SH of those who work on the run, LOCK_EX of who ends it. */
static int lock_directory(const struct ab_receipts *r, int how, struct ab_err *err)
{
	if (flock(r->dirfd, how | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return ab_err_sys(err, "AB_RECEIPTS: lock");
	if (how == LOCK_EX)
		return ab_err_no(err, "a process of the run is alive");
	return ab_err_usage(err, "AB_RECEIPTS: the run is being ended");
}

static int open_directory(struct ab_receipts *r, const char *parent, int how, struct ab_err *err)
{
	struct stat st;

	r->parentfd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->parentfd < 0)
		return ab_err_sys(err, "AB_RECEIPTS: %s", parent);
	r->dirfd = openat(r->parentfd, r->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r->dirfd < 0 && errno == ENOENT)
		return ab_err_usage(err,
				    "AB_RECEIPTS: no %s/%s: the run has ended (begin another, or "
				    "unset AB_RECEIPTS)",
				    parent, r->dir);
	if (r->dirfd < 0 || fstat(r->dirfd, &st) < 0)
		return ab_err_sys(err, "AB_RECEIPTS: %s/%s", parent, r->dir);
	if (lock_directory(r, how, err) < 0)
		return -1;
	return check_owner(&st, 0700, "its directory", err);
}

/* Its owner cannot open the file of a finished run for writing, root can: both are told the same.
 */
static int refuse_finished(struct ab_receipts *r, const struct stat *st, struct ab_err *err)
{
	if (st->st_uid != geteuid() || !S_ISREG(st->st_mode) ||
	    (st->st_mode & 07777) != AB_RECEIPTS_FINISHED)
		return 0;
	ab_receipts_remove(r);
	return ab_err_usage(err, "AB_RECEIPTS: the run is finished; its file is now removed");
}

static int open_file(struct ab_receipts *r, struct ab_err *err)
{
	struct stat st;

	if (fstatat(r->dirfd, r->file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return ab_err_sys(err, "AB_RECEIPTS: %s", r->file);
	if (refuse_finished(r, &st, err) < 0)
		return -1;
	/* O_NONBLOCK: a FIFO in its place must not hold the tool up before it is seen to be one. */
	r->fd = openat(r->dirfd, r->file,
		       O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (r->fd < 0 || fstat(r->fd, &st) < 0)
		return ab_err_sys(err, "AB_RECEIPTS: %s", r->file);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return ab_err_usage(err, "AB_RECEIPTS: not a regular file with one link");
	if (refuse_finished(r, &st, err) < 0)
		return -1;
	return check_owner(&st, AB_RECEIPTS_OPEN, "the file", err);
}

/* The first line must name the run. */
static int check_run(struct ab_receipts *r, const char *run, struct ab_err *err)
{
	const char *head;
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	json_auto_t *line = NULL;

	if (!run || !*run)
		return ab_err_usage(err, "AB_RECEIPTS is set, but AB_RUN is not");
	if (ab_receipts_text(r, &text, err) < 0)
		return -1;
	line = ab_json_load("AB_RECEIPTS", text.data, strcspn(text.data, "\n"), err);
	head = line ? json_string_value(json_object_get(line, "run")) : NULL;
	if (!head || strcmp(head, run) != 0)
		return ab_err_usage(err, "AB_RECEIPTS: not the receipts of run %s", run);
	r->run = strdup(run);
	return r->run ? 0 : ab_err_memory(err);
}

static int open_run(const char *path, const char *run, int how, struct ab_receipts **ret,
		    struct ab_err *err)
{
	struct ab_receipts *r;
	int status = -1;

	r = calloc(1, sizeof(*r));
	if (!r)
		return ab_err_memory(err);
	r->fd = r->dirfd = r->parentfd = -1;
	r->path = strdup(path);
	if (!r->path)
		ab_err_memory(err);
	else if (split(r->path, &r->dir, &r->file, err) == 0 &&
		 open_directory(r, r->path, how, err) == 0 && open_file(r, err) == 0)
		status = check_run(r, run, err);
	if (status < 0) {
		ab_receipts_close(r);
		return -1;
	}
	*ret = r;
	return 0;
}

int ab_receipts_open(struct ab_receipts **ret, struct ab_err *err)
{
	const char *path = secure_getenv("AB_RECEIPTS");

	*ret = NULL;
	if (!path || !*path)
		return 0;
	if (open_run(path, secure_getenv("AB_RUN"), LOCK_SH, ret, err) == 0)
		return 0;
	err->status = AB_EXIT_USAGE;
	return -1;
}

int ab_receipts_take(const char *path, const char *run, struct ab_receipts **ret,
		     struct ab_err *err)
{
	*ret = NULL;
	if (open_run(path, run, LOCK_EX, ret, err) == 0)
		return 1;
	return err->status == AB_EXIT_NO ? -1 : 0;
}

static json_t *digest_value(const struct ab_digest *d)
{
	char text[AB_SHA256_TEXT];

	ab_sha256_text(d->sha256, text);
	return json_pack("{s:s, s:I}", "sha256", text, "bytes", (json_int_t)d->bytes);
}

/* The receipt as a value; facts are borrowed from `facts`. */
static json_t *receipt_value(const struct ab_receipts *r, const struct ab_receipt *receipt,
			     json_t *facts)
{
	char reason[sizeof(((struct ab_err *)NULL)->msg)] = "";
	json_t *value;

	value = json_pack("{s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:I, s:O}", "run", r->run, "tool",
			  receipt->tool, "version", AB_VERSION, "verdict",
			  ab_verdict_name(receipt->verdict), "exit", receipt->exit, "in",
			  digest_value(&receipt->in), "out", digest_value(&receipt->out),
			  "duration_ms", (json_int_t)receipt->duration_ms, "facts", facts);
	if (value && receipt->stage)
		json_object_set_new(value, "stage", json_string(receipt->stage));
	if (value && receipt->reason) {
		/* Clipping is meant, and cleaning makes it UTF-8 again where it cut a character. */
		(void)snprintf(reason, sizeof(reason), "%s", receipt->reason);
		ab_err_clean(reason);
		json_object_set_new(value, "reason", json_string(reason));
	}
	return value;
}

static int format(const struct ab_receipts *r, const struct ab_receipt *receipt, json_t *facts,
		  struct ab_buf *line, struct ab_err *err)
{
	json_auto_t *value = receipt_value(r, receipt, facts);

	ab_buf_clear(line);
	if (!value)
		return ab_err_memory(err);
	if (ab_json_canonical(value, line, err) < 0)
		return -1;
	ab_buf_addc(line, '\n');
	return ab_buf_ok(line, err);
}

/* Writes facts to a file beside the receipts, named by hash, and returns {"file": hash}. */
static json_t *put_beside(const struct ab_receipts *r, const json_t *facts, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	unsigned char digest[AB_SHA256_SIZE];
	char name[AB_SHA256_TEXT];
	json_t *value;

	if (ab_json_canonical(facts, &text, err) < 0 || ab_buf_ok(&text, err) < 0)
		return NULL;
	if (text.len > AB_FACTS_MAX) {
		ab_err_trouble(err, "receipts: facts of %zu bytes, more than %u", text.len,
			       AB_FACTS_MAX);
		return NULL;
	}
	ab_sha256(text.data, text.len, digest);
	ab_sha256_text(digest, name);
	ab_autoclose int fd = openat(r->dirfd, name + strlen("sha256:"),
				     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST) {
		ab_err_sys(err, "receipts: %s", name);
		return NULL;
	}
	if (fd >= 0 && ab_io_write(fd, text.data, text.len, err) < 0)
		return NULL;
	value = json_pack("{s:s}", "file", name);
	if (!value)
		ab_err_memory(err);
	return value;
}

static int append_line(const struct ab_receipts *r, const struct ab_buf *line, struct ab_err *err)
{
	ssize_t n;

	if (flock(r->fd, LOCK_EX) < 0)
		return ab_err_sys(err, "receipts: lock");
	do {
		n = write(r->fd, line->data, line->len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		ab_err_sys(err, "receipts: write");
	(void)flock(r->fd, LOCK_UN);
	if (n < 0)
		return -1;
	if ((size_t)n != line->len)
		return ab_err_trouble(err, "receipts: only %zd of %zu bytes could be written", n,
				      line->len);
	return 0;
}

int ab_receipts_write(struct ab_receipts *r, const struct ab_receipt *receipt, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };
	json_auto_t *facts = receipt->facts ? json_incref(receipt->facts) : json_object();
	json_auto_t *beside = NULL;

	if (!r)
		return 0;
	if (format(r, receipt, facts, &line, err) < 0)
		return -1;
	if (line.len > AB_RECEIPT_MAX_LINE) {
		beside = put_beside(r, facts, err);
		if (!beside || format(r, receipt, beside, &line, err) < 0)
			return -1;
	}
	return append_line(r, &line, err);
}
