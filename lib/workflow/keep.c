/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copier is a process of ours between two stages: it has two pipes, a file, and no right but to
 * read and write these. It takes from a stage whatever the next one does, so that a run ends as it
 * would without it.
 */
#include "lib/workflow/keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/time.h"
#include "lib/confine/confine.h"

static int check_empty(int fd, const char *path, struct ab_err *err)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	bool is_empty = true;

	if (!dir) {
		ab_err_sys(err, "%s", path);
		if (copy >= 0)
			(void)close(copy);
		return -1;
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			is_empty = false;
	(void)closedir(dir);
	return is_empty ? 0 : ab_err_usage(err, "%s: not empty; name a directory to be made", path);
}

int ab_fresh_directory(const char *path, struct ab_err *err)
{
	bool made = mkdir(path, 0700) == 0;
	ab_autoclose int fd = -1;
	struct stat st;

	if (!made && errno != EEXIST) {
		ab_err_sys(err, "%s", path);
		err->status = AB_EXIT_USAGE;
		return -1;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return ab_err_usage(err, "%s: not a directory", path);
	if (!made && (st.st_uid != geteuid() || (st.st_mode & 077)))
		return ab_err_usage(err, "%s: not ours alone: expected our own, of mode 0700",
				    path);
	if (!made && check_empty(fd, path, err) < 0)
		return -1;
	return ab_steal_fd(&fd);
}

int ab_keep_open(struct ab_keep *k, const struct ab_plan *plan, struct ab_err *err)
{
	k->plan = plan;
	for (size_t i = 0; i < AB_PLAN_STAGES; i++)
		k->copiers[i] = (struct ab_process)AB_PROCESS_INIT;
	k->dir = plan->keep ? ab_fresh_directory(plan->keep, err) : -1;
	return plan->keep && k->dir < 0 ? -1 : 0;
}

void ab_keep_name(const struct ab_plan *plan, size_t i, struct ab_buf *out)
{
	const char *label = i ? plan->stages[i - 1].label : "input";

	ab_buf_addf(out, "%zu-%s", i, *label ? label : plan->stages[i - 1].argv[0]);
	if (out->data)
		for (char *p = out->data; (p = strchr(p, ':'));)
			*p = '-';
}

/* Opens the file of stage i for writing, its name with `suffix`. */
static int open_file(const struct ab_keep *k, size_t i, const char *suffix, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf name = { 0 };
	int fd;

	ab_keep_name(k->plan, i, &name);
	ab_buf_adds(&name, suffix);
	if (ab_buf_ok(&name, err) < 0)
		return -1;
	fd = openat(k->dir, name.data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? ab_err_sys(err, "%s/%s", k->plan->keep, name.data) : fd;
}

/* 0 to 1, by way of 3; what the next stage does not take is still kept. */
static int copy(void)
{
	unsigned char chunk[65536];
	struct ab_err err;
	bool passes = true, keeps = true;
	ssize_t n;

	while ((n = ab_io_read(STDIN_FILENO, chunk, sizeof(chunk), &err)) > 0) {
		keeps = keeps && ab_io_write(3, chunk, (size_t)n, &err) == 0;
		passes = passes && ab_io_write(STDOUT_FILENO, chunk, (size_t)n, &err) == 0;
	}
	return n == 0 && keeps ? AB_EXIT_OK : AB_EXIT_TROUBLE;
}

/*
 * None of the descriptors is 0 to 3 itself, or is where it belongs already. With a parent it goes when
 * that does: what is to be read may have no end. Else it goes with the stages around it.
 */
static void become_copier(int in, int out, int file, const sigset_t *mask, pid_t parent)
{
	struct ab_err err = { 0 };
	int to = fcntl(file, F_DUPFD_CLOEXEC, 4);

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	if (parent && (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent))
		_exit(AB_EXIT_TROUBLE);
	if (to < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(to, 3) < 0 || syscall(SYS_close_range, 4U, ~0U, 0U) < 0 ||
	    ab_confine(AB_PROFILE_FILTER, NULL, 0, &err) < 0)
		_exit(AB_EXIT_TROUBLE);
	_exit(copy());
}

int ab_keep_copy(struct ab_keep *k, size_t i, int in, int *out, const sigset_t *mask,
		 struct ab_err *err)
{
	struct ab_process *c = &k->copiers[i];
	const pid_t parent = i == 0 ? getpid() : 0;
	int ends[2] = { -1, -1 };
	ab_autoclose int file = -1;

	if (k->dir < 0)
		return 0;
	file = open_file(k, i, "", err);
	if (file < 0)
		return -1;
	if (in < 0 && pipe2(ends, O_CLOEXEC) < 0)
		return ab_err_sys(err, "pipe");
	ab_autoclose int from = ends[0], next = ends[1];
	c->started_ns = ab_time_monotonic_ns();
	c->pid = fork();
	if (c->pid == 0)
		become_copier(in < 0 ? from : in, *out, file, mask, parent);
	if (c->pid < 0) {
		c->pid = 0;
		return ab_err_sys(err, "copy of what passes");
	}
	(void)close(*out);
	*out = ab_steal_fd(&next);
	return 0;
}

static int write_file(const struct ab_keep *k, const char *name, const struct ab_buf *text,
		      struct ab_err *err)
{
	ab_autoclose int fd = -1;

	if (ab_buf_ok(text, err) < 0)
		return -1;
	fd = openat(k->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return ab_err_sys(err, "%s/%s", k->plan->keep, name);
	if (text->len && ab_io_write(fd, text->data, text->len, err) < 0)
		return ab_err_prefix(err, "%s/%s: ", k->plan->keep, name);
	return 0;
}

static int keep_words(const struct ab_keep *k, size_t i, const struct ab_process *stage,
		      struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf said = { 0 };
	ab_autoclose int fd = -1;

	ab_process_said(stage, &said);
	if (!said.len)
		return 0;
	fd = open_file(k, i + 1, ".stderr", err);
	return fd < 0 ? -1 : ab_io_write(fd, said.data, said.len, err);
}

static int keep_summary(const struct ab_keep *k, const json_t *summary, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	if (ab_json_canonical(summary, &text, err) < 0)
		return -1;
	ab_buf_addc(&text, '\n');
	return write_file(k, "summary.json", &text, err);
}

static int keep_receipts(const struct ab_keep *k, const json_t *receipts, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	const json_t *receipt;
	size_t i;

	json_array_foreach(receipts, i, receipt)
	{
		if (ab_json_canonical(receipt, &text, err) < 0)
			return -1;
		ab_buf_addc(&text, '\n');
	}
	return write_file(k, "receipts.ndjson", &text, err);
}

static int keep_pipeline(const struct ab_keep *k, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	ab_plan_print(k->plan, &text);
	return write_file(k, "pipeline.sh", &text, err);
}

/* The number of copies that are not whole. */
static size_t await_copiers(struct ab_keep *k)
{
	size_t broken = 0;

	/* What nobody reads any more may have no end. */
	ab_process_tell(&k->copiers[0], SIGKILL);
	for (size_t i = 0; i < k->plan->n; i++) {
		struct ab_process *c = &k->copiers[i];
		int status = c->pid > 0 ? ab_process_wait(c) : 0;

		/* Told too late, it has its own end. */
		broken += status != 0 && (!c->told || status == AB_EXIT_TROUBLE);
	}
	return broken;
}

int ab_keep_finish(struct ab_keep *k, const struct ab_process *stages, const json_t *receipts,
		   const json_t *summary, struct ab_err *err)
{
	size_t broken;

	if (k->dir < 0)
		return 0;
	broken = await_copiers(k);
	for (size_t i = 0; i < k->plan->n; i++)
		if (keep_words(k, i, &stages[i], err) < 0)
			return -1;
	if (keep_receipts(k, receipts, err) < 0 || keep_summary(k, summary, err) < 0 ||
	    keep_pipeline(k, err) < 0)
		return -1;
	return broken ? ab_err_trouble(err, "%s: %zu of the files are not whole", k->plan->keep,
				       broken)
		      : 0;
}

void ab_keep_done(struct ab_keep *k)
{
	ab_auto_close(&k->dir);
	k->dir = -1;
}
