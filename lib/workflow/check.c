/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a definition could run, by asking the tools that would run it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/workflow/params.h"
#include "lib/workflow/place.h"
#include "lib/workflow/process.h"

/* A memory file that holds `text`, to be read from its start. */
static int open_text(const char *text, struct ab_err *err)
{
	ab_autoclose int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return ab_err_sys(err, "memory file");
	if (ab_io_write(fd, text, strlen(text), err) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return ab_err_prefix(err, "memory file: ");
	return ab_steal_fd(&fd);
}

/* The tool's message without its name in front. */
static const char *message(const struct ab_process *tool, const char *name, struct ab_buf *said)
{
	size_t len = strlen(name);

	ab_process_said(tool, said);
	if (!said->len)
		return "refused without a word";
	said->data[strcspn(said->data, "\n")] = '\0';
	if (strncmp(said->data, name, len) == 0 && said->data[len] == ':')
		return said->data + len + 1 + (said->data[len + 1] == ' ');
	return said->data;
}

/*
 * Runs TOOL OPTION VALUE on an empty object. The tools refuse a bad schema or policy before they
 * look at their input: whether they take the input itself is not asked.
 */
static int ask(const struct ab_workflow *w, const char *place, const char *const words[3],
	       struct ab_err *err)
{
	char *argv[] = { (char *)words[0], (char *)words[1], (char *)words[2], NULL };
	const struct ab_command command = { "", argv, 3 };
	ab_auto(ab_process_done) struct ab_process tool = AB_PROCESS_INIT;
	ab_auto(ab_buf_free) struct ab_buf said = { 0 };
	ab_autoclose int in = open_text("{}\n", err);
	ab_autoclose int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	sigset_t mask;
	int status;

	if (in < 0)
		return -1;
	if (out < 0)
		return ab_err_sys(err, "/dev/null");
	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	if (ab_process_start(&tool, &command, in, out, &mask, err) < 0)
		return -1;
	status = ab_process_wait(&tool);
	if (status <= AB_EXIT_NO)
		return 0;
	return ab_err_usage(err, "%s: %s: %s", w->shown, place, message(&tool, words[0], &said));
}

int ab_workflow_ask_schema(const char *schema, const char *document, struct ab_err *err)
{
	char *argv[] = { (char *)"ab-validate", (char *)"--schema", (char *)schema, NULL };
	const struct ab_command command = { "", argv, 3 };
	ab_auto(ab_process_done) struct ab_process tool = AB_PROCESS_INIT;
	ab_auto(ab_buf_free) struct ab_buf said = { 0 };
	ab_autoclose int in = open_text(document, err);
	ab_autoclose int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
	sigset_t mask;

	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	if (in < 0 || ab_process_start(&tool, &command, in, out, &mask, err) < 0)
		return -1;
	if (ab_process_wait(&tool) == 0)
		return 0;
	return ab_err_usage(err, "%s", message(&tool, argv[0], &said));
}

static int check_schemas(const struct ab_workflow *w, struct ab_err *err)
{
	const char *const input[] = { "ab-validate", "--schema", w->input };
	const char *const output[] = { "ab-validate", "--schema", w->output };

	if (ask(w, "/spec/input", input, err) < 0)
		return -1;
	return ask(w, "/spec/output", output, err);
}

static int check_policies(const struct ab_workflow *w, struct ab_err *err)
{
	const char *const input[] = { "ab-scrub", "--policy", w->scrub_input };
	const char *const output[] = { "ab-scrub", "--policy", w->scrub_output };

	if (w->scrub_input && ask(w, "/spec/scrub/input", input, err) < 0)
		return -1;
	return ask(w, "/spec/scrub/output", output, err);
}

static int missing(const struct ab_workflow *w, const char *place, const char *path,
		   struct ab_err *err)
{
	return ab_err_usage(err, "%s: %s: %s: %s", w->shown, place, path, strerror(errno));
}

/* `word` is PATH[:DEST]. */
static int check_there(const struct ab_workflow *w, const char *place, const char *word,
		       struct ab_err *err)
{
	ab_autofree char *path = strndup(word, strcspn(word, ":"));

	if (!path)
		return ab_err_memory(err);
	return access(path, R_OK) < 0 ? missing(w, place, path, err) : 0;
}

/* A program's NAME is looked up where the jail is made; a FILE must be there and be a program. */
static int check_agent(const struct ab_workflow *w, struct ab_err *err)
{
	const json_t *item;
	size_t i;

	if (w->command && strchr(w->command, '/') && access(w->command, X_OK) < 0)
		return missing(w, "/spec/agent/command", w->command, err);
	json_array_foreach(w->read_only, i, item)
		if (check_there(w, "/spec/agent/readOnly", json_string_value(item), err) < 0)
			return -1;
	if (w->models && check_there(w, "/spec/agent/models", w->models, err) < 0)
		return -1;
	return w->workspace ? check_there(w, "/spec/agent/workspace", w->workspace, err) : 0;
}

int ab_workflow_check(const struct ab_workflow *w, const struct ab_operator *o, struct ab_err *err)
{
	if (check_schemas(w, err) < 0 || ab_params_check_defaults(w, err) < 0 || check_policies(w, err) < 0)
		return -1;
	return ab_place_guard(w, o, err) < 0 ? -1 : check_agent(w, err);
}
