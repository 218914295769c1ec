/* SPDX-License-Identifier: Apache-2.0 */
/* The plan as processes: begin first and alone, then the stages, started from the last to the
 * first. */
#include "lib/workflow/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/base/time.h"
#include "lib/confine/confine.h"
#include "lib/workflow/outcome.h"
#include "lib/workflow/summary.h"

#define MAX_BEGIN  65536
#define AGAIN_MS   250 /* a stage that still waits for the one before it is told once more then */
#define PATIENCE_S 10  /* for stages that run for nothing to end in order */

/* The signals that end a run early. */
static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static bool is_ignored(int number)
{
	struct sigaction is;

	return sigaction(number, NULL, &is) == 0 && is.sa_handler == SIG_IGN;
}

/*
 * From here on signals wait until they are asked for. What the caller had us ignore (a shell's
 * background job, nohup) stays ignored, by the stages too.
 */
static void take_signals(struct ab_pipeline *p)
{
	(void)sigemptyset(&p->awaited);
	(void)sigaddset(&p->awaited, SIGCHLD);
	for (size_t i = 0; i < AB_ARRAY_SIZE(stops); i++)
		if (!is_ignored(stops[i]))
			(void)sigaddset(&p->awaited, stops[i]);
	/* Were it ignored, children would vanish before their status is known. */
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigprocmask(SIG_BLOCK, &p->awaited, &p->mask);
	(void)sigprocmask(SIG_BLOCK, NULL, &p->held);
}

/* Adds the shell word at `p`, without its quotes. */
static void add_unquoted(struct ab_buf *out, const char *p)
{
	bool quoted = false;

	for (; *p && (quoted || !strchr("; \n", *p)); p++) {
		if (*p == '\'')
			quoted = !quoted;
		else if (*p == '\\' && !quoted && p[1])
			ab_buf_addc(out, *++p);
		else
			ab_buf_addc(out, *p);
	}
}

/* Takes NAME=word of the shell text that begin prints over into our environment. */
static int export_value(const char *text, const char *name, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf value = { 0 };
	const char *at = strstr(text, name);

	if (!at || at[strlen(name)] != '=')
		return ab_err_trouble(err, "ab-audit begin did not say %s", name);
	add_unquoted(&value, at + strlen(name) + 1);
	if (ab_buf_ok(&value, err) < 0)
		return -1;
	return setenv(name, value.data ? value.data : "", 1) < 0 ? ab_err_memory(err) : 0;
}

/* What the receipts are now. */
static int read_receipts(struct ab_pipeline *p, struct ab_err *err)
{
	json_decref(ab_steal(&p->list));
	json_decref(ab_steal(&p->head));
	return ab_receipts_list(p->receipts, &p->list, &p->head, &p->record, err);
}

/* The one line that begin says: the run is durable then, and begin itself may not be at its end. */
static int hear(struct ab_buf *line, int from, struct ab_err *err)
{
	char chunk[4096];
	ssize_t n;

	while ((n = ab_io_read(from, chunk, sizeof(chunk), err)) > 0) {
		ab_buf_add(line, chunk, (size_t)n);
		if (memchr(chunk, '\n', (size_t)n) || line->len > MAX_BEGIN)
			break;
	}
	return n < 0 ? -1 : ab_buf_ok(line, err);
}

/* Whether that line tells of a run; of none it tells with no name for it. */
static bool is_begun(const struct ab_buf *line)
{
	return line->data && strncmp(line->data, "AB_RUN='", 8) == 0 && strchr(line->data, '\n');
}

/* Runs `ab-audit begin` and takes the run that it made over. 0, -1, or its own exit status. */
static int begin(struct ab_pipeline *p, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	ab_autoclose int null = open("/dev/null", O_RDONLY | O_CLOEXEC), from = -1, to = -1;
	int ends[2], status;

	if (null < 0 || pipe2(ends, O_CLOEXEC) < 0)
		return ab_err_sys(err, "pipe");
	from = ends[0];
	to = ends[1];
	if (ab_process_start(&p->begin, &p->plan->begin, null, to, &p->mask, err) < 0)
		return -1;
	(void)close(ab_steal_fd(&to));
	status = hear(&text, from, err);
	(void)close(ab_steal_fd(&from));
	if (!is_begun(&text) && ab_process_wait(&p->begin) != 0)
		return ab_process_exit(&p->begin);
	if (status < 0 || !is_begun(&text))
		return ab_err_trouble(err, "ab-audit begin said nothing");
	if (export_value(text.data, "AB_RUN", err) < 0 ||
	    export_value(text.data, "AB_RECEIPTS", err) < 0)
		return -1;
	if (ab_receipts_open(&p->receipts, err) < 0)
		return -1;
	return read_receipts(p, err);
}

/* Starts stage i between the pipes that are given; closes our ends of them. */
static int start_stage(struct ab_pipeline *p, size_t i, int in, int out, struct ab_err *err)
{
	/* No signal cuts a stage short, from its first instruction on: it asks for them itself. */
	return ab_process_start(&p->processes[i], &p->plan->stages[i], in, out, &p->held, err);
}

/*
 * From the last to the first: if one cannot be started, those behind it see an empty pipe, and
 * append, which is there, records that it is missing.
 */
static int start_all(struct ab_pipeline *p, struct ab_err *err)
{
	ab_autoclose int out = dup(STDOUT_FILENO);
	size_t n = p->plan->n;
	bool keeps = p->keep.dir >= 0;

	if (out < 0 || fcntl(out, F_SETFD, FD_CLOEXEC) < 0)
		return ab_err_sys(err, "standard output");
	for (size_t i = n; i-- > 0;) {
		int ends[2] = { -1, -1 };

		if ((i > 0 || keeps) && pipe2(ends, O_CLOEXEC) < 0)
			return ab_err_sys(err, "pipe");
		ab_autoclose int in = i > 0 || keeps ? ends[0] : ab_steal_fd(&p->input);
		ab_autoclose int next = ends[1];
		int status = start_stage(p, i, in, out, err);

		(void)close(ab_steal_fd(&in));
		(void)close(out);
		out = ab_steal_fd(&next);
		if (status < 0 ||
		    ab_keep_copy(&p->keep, i, i ? -1 : p->input, &out, &p->held, err) < 0)
			return -1;
	}
	return 0;
}

static size_t reap(struct ab_pipeline *p)
{
	size_t left = 0;

	for (size_t i = 0; i < p->plan->n; i++)
		left += !ab_process_ended(&p->processes[i]);
	return left;
}

static void tell_all(struct ab_pipeline *p, int number)
{
	for (size_t i = 0; i < p->plan->n; i++)
		ab_process_tell(&p->processes[i], number);
}

/*
 * Until the last has ended. Once append has, the run is recorded and nothing can get out any more:
 * what still runs then (a stage behind it died) runs for nothing. A stage that is told to end waits
 * a while for its input's end, unless it is told twice; our own input may never end.
 */
static int wait_all(struct ab_pipeline *p, struct ab_err *err)
{
	const struct timespec again = { .tv_nsec = AGAIN_MS * 1000000 }, patience = { .tv_sec = PATIENCE_S };
	bool over = false, repeated = false;

	while (reap(p) > 0) {
		int number;

		if (!over && p->processes[p->plan->n - 1].pid == 0) {
			struct ab_err ignored = { 0 };

			over = true;
			/* What those that are told to end now will say is not what happened. */
			(void)read_receipts(p, &ignored);
			tell_all(p, SIGTERM);
		}
		number = sigtimedwait(&p->awaited, NULL, !over ? NULL : repeated ? &patience : &again);
		if (number < 0 && errno == EAGAIN) {
			tell_all(p, repeated ? SIGKILL : SIGTERM);
			repeated = true;
		}
		if (number <= 0 || number == SIGCHLD)
			continue;
		if (p->signal == 0)
			p->signal = number;
		tell_all(p, number);
	}
	if (!over)
		return read_receipts(p, err);
	return p->list ? 0 : ab_err_trouble(err, "the receipts cannot be read");
}

static int open_input(struct ab_pipeline *p, struct ab_err *err)
{
	const char *name = p->plan->input;

	if (name) {
		p->input = ab_path_open(name, err);
		return p->input < 0 ? -1 : 0;
	}
	p->input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (p->input >= 0)
		return 0;
	ab_err_sys(err, "standard input");
	err->status = AB_EXIT_USAGE;
	return -1;
}

/* What it does after its word, it does beside the stages; append waits for it, by the log's lock. */
static void end_begin(struct ab_pipeline *p)
{
	if (p->begin.pid > 0)
		(void)ab_process_wait(&p->begin);
}

static void pipeline_done(struct ab_pipeline *p)
{
	ab_auto_close(&p->input);
	end_begin(p);
	for (size_t i = 0; i < AB_PLAN_STAGES; i++)
		ab_process_done(&p->processes[i]);
	ab_process_done(&p->begin);
	ab_receipts_close(p->receipts);
	json_decref(p->list);
	json_decref(p->head);
	ab_buf_free(&p->notes);
	ab_keep_done(&p->keep);
}

/* Adds what begin said, cleaned: why there is no run, or a warning. */
static void add_words(struct ab_pipeline *p)
{
	ab_auto(ab_buf_free) struct ab_buf said = { 0 };
	char *rest, *line;

	ab_process_said(&p->begin, &said);
	rest = said.data;
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		ab_err_clean(line);
		ab_buf_addf(&p->notes, "%s\n", line);
	}
}

/* There is no run: begin's own words are the reason. */
static int not_begun(struct ab_pipeline *p, int status, struct ab_err *err)
{
	if (status < 0)
		return err->status;
	add_words(p);
	if (!p->notes.len)
		(void)ab_err_trouble(err, "ab-audit begin ended with status %d, and no word",
				     status);
	else
		(void)snprintf(err->msg, sizeof(err->msg), "%.*s",
			       (int)strcspn(p->notes.data, "\n"), p->notes.data);
	ab_buf_clear(&p->notes);
	err->status = status;
	return status;
}

static void pipeline_init(struct ab_pipeline *p, const struct ab_plan *plan)
{
	*p = (struct ab_pipeline){ .plan = plan, .input = -1, .record = UINT64_MAX };
	p->begun_ns = ab_time_monotonic_ns();
	p->keep.dir = -1;
	p->begin = (struct ab_process)AB_PROCESS_INIT;
	for (size_t i = 0; i < AB_PLAN_STAGES; i++)
		p->processes[i] = (struct ab_process)AB_PROCESS_INIT;
}

/* All that is started is started: what is left is to wait and to read the receipts. */
static int confine(const struct ab_pipeline *p, struct ab_err *err)
{
	const struct ab_confine_path keep = { p->keep.dir, AB_CONFINE_READ | AB_CONFINE_WRITE };

	return ab_confine(AB_PROFILE_SPAWN, &keep, p->keep.dir >= 0, err);
}

/* From the first process to the last. */
static int run(struct ab_pipeline *p, struct ab_err *err)
{
	struct ab_err start = { 0 };
	int status;

	if (open_input(p, err) < 0 || ab_keep_open(&p->keep, p->plan, err) < 0)
		return err->status;
	take_signals(p);
	status = begin(p, err);
	if (status != 0)
		return not_begun(p, status, err);
	(void)start_all(p, &start);
	ab_auto_close(&p->input);
	p->input = -1;
	if (start.status == 0)
		(void)confine(p, &start);
	if (wait_all(p, err) < 0)
		return err->status;
	end_begin(p);
	add_words(p);
	return ab_outcome(p, &start, err);
}

int ab_plan_run(const struct ab_plan *plan, struct ab_buf *notes, json_t **ret_summary,
		struct ab_err *err)
{
	ab_auto(pipeline_done) struct ab_pipeline p;
	json_auto_t *summary = NULL;
	struct ab_err kept = { 0 };
	int status;

	pipeline_init(&p, plan);
	status = run(&p, err);
	if (ret_summary || p.keep.dir >= 0)
		summary = ab_summary(&p, status, err->msg);
	if (ab_keep_finish(&p.keep, p.processes, p.list, summary, &kept) < 0)
		ab_buf_addf(&p.notes, "ab-run: --keep: %s\n", kept.msg);
	if (p.notes.len && status == AB_EXIT_OK)
		ab_buf_add(notes, p.notes.data, p.notes.len);
	if (ret_summary)
		*ret_summary = ab_steal(&summary);
	return status;
}
