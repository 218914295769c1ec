/* SPDX-License-Identifier: Apache-2.0 */
/* What a definition gives its agent. */
#include <errno.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/workflow/doctor.h"
#include "lib/workflow/limit.h"

static bool is_shell(const char *path)
{
	static const char *const shells[] = { "sh",  "bash", "dash", "zsh",	"ksh",	   "mksh",
					      "ash", "fish", "csh",  "tcsh",	"busybox", "toybox",
					      "rc",  "pwsh", "yash", "rbash" };
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	for (size_t i = 0; i < AB_ARRAY_SIZE(shells); i++)
		if (strcmp(name, shells[i]) == 0)
			return true;
	return false;
}

/* nftw() has no room for a context: what it finds stops it, and is its value. */
static int visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)at;
	return type == FTW_F && (st->st_mode & 0111) && is_shell(path);
}

/* The interpreter that a script names is shown with it; env(1) looks for the one behind it. */
static bool is_shell_script(const char *path)
{
	struct ab_err none = { 0 };
	ab_autoclose int fd = strchr(path, '/') ? ab_path_open(path, &none) : -1;
	char line[256], *rest = line, *name;
	ssize_t n = fd < 0 ? 0 : ab_io_read(fd, line, sizeof(line) - 1, &none);

	if (n < 3 || strncmp(line, "#!", 2) != 0)
		return false;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	rest += 2;
	while ((name = strsep(&rest, " \t"))) {
		const char *end = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;

		if (*name && *name != '-' && strcmp(end, "env") != 0)
			return is_shell(name);
	}
	return false;
}

const char *ab_agent_shell(const struct ab_workflow *w)
{
	const char *found = NULL;
	const json_t *item;
	size_t i;

	if (is_shell(w->command) || is_shell_script(w->command))
		found = "the command is one, or a script of one";
	json_array_foreach(w->read_only, i, item)
	{
		ab_autofree char *path = strdup(json_string_value(item));

		if (path && strchr(path, ':'))
			*strchr(path, ':') = '\0';
		if (!path || nftw(path, visit, 16, FTW_PHYS) > 0)
			found = "among spec.agent.readOnly";
	}
	return found;
}

static void check_shell(struct ab_doctor *d)
{
	const char *found = ab_agent_shell(d->w);

	ab_doctor_add(d, "shell", true, found ? AB_STATE_FAIL : AB_STATE_PASS,
		      found ? "/spec/agent" : NULL,
		      "use an agent that is no shell script; take the shell out of what it reads",
		      found ? "a shell is visible: %s" : "no shell is visible%s",
		      found ? found : "");
}

static void check_digest(struct ab_doctor *d)
{
	const char *digest = d->w->digest;
	char found[AB_SHA256_TEXT];
	struct ab_err err = { 0 };

	if (!digest)
		ab_doctor_add(d, "agent", false, AB_STATE_DEGRADED, "/spec/agent/digest",
			      "look at the agent, and set it to what ab-run --digest prints",
			      "not pinned: whatever stands there is run");
	else if (ab_workflow_digest(d->w, d->o, found, &err) < 0)
		ab_doctor_add(d, "agent", true, AB_STATE_FAIL, "/spec/agent/digest",
			      "ab-run --digest tells the same", "%s", err.msg);
	else if (strcmp(digest, found) != 0)
		ab_doctor_add(d, "agent", true, AB_STATE_FAIL, "/spec/agent/digest",
			      "look at what was changed, then set it to what is there",
			      "agent digest pinned, but another one is there: %s", found);
	else
		ab_doctor_add(d, "agent", true, AB_STATE_PASS, "/spec/agent/digest", NULL,
			      "agent digest pinned, and it is the one that is there");
}

static void check_limits(struct ab_doctor *d)
{
	static const enum ab_limit wanted[] = { AB_LIMIT_TIME, AB_LIMIT_MEMORY };

	for (size_t i = 0; i < AB_ARRAY_SIZE(wanted); i++) {
		const char *key = ab_limit_row(wanted[i])->key;
		bool set = d->w->limits[wanted[i]] != UINT64_MAX;

		ab_doctor_add(d, "limits", false, set ? AB_STATE_PASS : AB_STATE_DEGRADED,
			      "/spec/constraints", "set it to what the agent needs", "%s %s", key,
			      set ? "is set" : "is not set: the default of ab-jail holds");
	}
}

void ab_doctor_definition(struct ab_doctor *d)
{
	struct ab_err err = { 0 };
	int status = ab_workflow_check(d->w, d->o, &err);

	ab_doctor_add(d, "definition", true, status < 0 ? AB_STATE_FAIL : AB_STATE_PASS, NULL,
		      "ab-run --check tells the same", "%s",
		      status < 0 ? err.msg : "its schemas, policies and files can be used");
	if (!d->w->command) {
		ab_doctor_add(d, "agent", true, AB_STATE_FAIL, "/spec/agent", "add it",
			      "missing, so there is nothing to run");
		return;
	}
	check_digest(d);
	check_shell(d);
	check_limits(d);
}
