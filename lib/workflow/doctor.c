/* SPDX-License-Identifier: Apache-2.0 */
/* The checklist of a deployment: the tools answer, here it is put together. */
#include "lib/workflow/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/workflow/process.h"

#define MAX_ANSWER (1u << 20)

static const char *const states[] = { "pass", "degraded", "fail" };

void ab_doctor_add(struct ab_doctor *d, const char *check, bool must, enum ab_state state,
		   const char *at, const char *what, const char *fmt, ...)
{
	char reason[512];
	json_t *row;
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, args); /* cut if too long */
	va_end(args);
	ab_err_clean(reason);
	row = json_pack("{s:s, s:s, s:s, s:s}", "check", check, "need",
			must ? "required" : "advisory", "state", states[state], "reason", reason);
	if (row && at)
		(void)json_object_set_new(row, "at", json_string(at));
	if (row && what && state != AB_STATE_PASS)
		(void)json_object_set_new(row, "do", json_string(what));
	/* What cannot be told must not look well. */
	if (!row || json_array_append_new(d->checks, row) < 0)
		d->sick = true;
	d->sick = d->sick || (must && state == AB_STATE_FAIL);
}

int ab_doctor_ask(const char *const argv[], struct ab_buf *out, struct ab_buf *said)
{
	const struct ab_command command = { "", (char **)argv, 0 };
	ab_auto(ab_process_done) struct ab_process tool = AB_PROCESS_INIT;
	ab_autoclose int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ab_autoclose int answer = memfd_create("answer", MFD_CLOEXEC);
	struct ab_err err = { 0 };
	sigset_t mask;
	int status;

	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	if (in < 0 || answer < 0)
		ab_err_sys(&err, "%s", argv[0]);
	else if (ab_process_start(&tool, &command, in, answer, &mask, &err) == 0) {
		status = ab_process_wait(&tool);
		ab_process_said(&tool, said);
		if (said->data)
			said->data[strcspn(said->data, "\n")] = '\0';
		if (lseek(answer, 0, SEEK_SET) == 0 &&
		    ab_buf_read(out, answer, MAX_ANSWER, &err) == 0)
			return status;
	}
	ab_buf_adds(said, err.msg);
	return -1;
}

static void check_tools(struct ab_doctor *d)
{
	static const char *const tools[] = { "ab-audit", "ab-bundle", "ab-jail", "ab-scrub",
					     "ab-validate" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(tools); i++) {
		const char *const argv[] = { tools[i], "--version", NULL };
		ab_auto(ab_buf_free) struct ab_buf out = { 0 }, said = { 0 };
		int status = ab_doctor_ask(argv, &out, &said);

		if (status == 0 && out.data && strstr(out.data, AB_VERSION))
			continue;
		ab_doctor_add(d, "tools", true, AB_STATE_FAIL, NULL,
			      "install all tools of one version in one directory", "%s: %s",
			      tools[i],
			      status == 0 ? "of another version than ab-run"
			      : said.len  ? said.data
					  : "cannot be run");
		return;
	}
	ab_doctor_add(d, "tools", true, AB_STATE_PASS, NULL, NULL,
		      "all beside ab-run, version " AB_VERSION);
}

json_t *ab_doctor(const struct ab_workflow *w, const struct ab_operator *o)
{
	struct ab_doctor d = { .w = w, .o = o, .checks = json_array() };
	json_t *all;

	check_tools(&d);
	if (w) {
		ab_doctor_definition(&d);
		ab_doctor_schemas(&d);
	}
	ab_doctor_jail(&d);
	ab_doctor_place(&d);
	all = json_pack("{s:b, s:o}", "passed", !d.sick, "checks", d.checks);
	if (all && w)
		(void)json_object_set_new(all, "workflow", json_string(w->name));
	return all;
}

static const char *member(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "";
}

void ab_doctor_print(const json_t *report, struct ab_buf *out)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(report, "checks"), i, row)
	{
		ab_buf_addf(out, "%-8s  %-8s  %-14s  ", member(row, "state"), member(row, "need"),
			    member(row, "check"));
		if (*member(row, "at"))
			ab_buf_addf(out, "%s: ", member(row, "at"));
		ab_buf_addf(out, "%s\n", member(row, "reason"));
		if (*member(row, "do"))
			ab_buf_addf(out, "%36sto do: %s\n", "", member(row, "do"));
	}
	ab_buf_adds(out, json_is_true(json_object_get(report, "passed"))
				 ? "all that is required holds\n"
				 : "not all that is required holds\n");
}
