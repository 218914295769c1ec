/* SPDX-License-Identifier: Apache-2.0 */
/* The definition's tables, the plan that follows from one, and its text for a shell. */
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/workflow/workflow.h"

#define HEAD                                                                                       \
	"apiVersion: agent.platform/v1\nkind: AgentWorkflow\nmetadata: { name: demo }\nspec:\n"    \
	"  input: { schema: { type: object } }\n  output: { schema: true }\n"
#define AGENT "  agent: { command: [./run, -x, a b], readOnly: [lib, /opt/x:/x], env: [LANG] }\n"

#define CPUS                                                                                       \
	"/spec/constraints/cpus: expected a number from 0.01 to 4096, of at most three decimals"

struct directory {
	char path[64], file[96];
};

static void make_directory(struct directory *d)
{
	(void)snprintf(d->path, sizeof(d->path), "/tmp/workflow-test-XXXXXX"); /* it fits */
	if (!mkdtemp(d->path))
		perror(d->path);
	(void)snprintf(d->file, sizeof(d->file), "%s/w.yaml", d->path); /* it fits */
}

static int write_definition(const struct directory *d, const char *text)
{
	int fd = open(d->file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct ab_err err;
	int status = ab_io_write(fd, text, strlen(text), &err);

	return close(fd) < 0 ? -1 : status;
}

/* The message for a definition, without its file in front; "" if it loads. */
static void message(const struct directory *d, const char *text, char *ret, size_t size)
{
	ab_auto(ab_workflow_done) struct ab_workflow w = { 0 };
	struct ab_err err = { 0 };
	size_t skip = strlen(d->file) + 2;

	*ret = '\0';
	if (write_definition(d, text) < 0)
		(void)snprintf(ret, size, "cannot write");
	else if (ab_workflow_load(&w, d->file, &err) < 0)
		(void)snprintf(ret, size, "%s%s",
			       err.status == AB_EXIT_USAGE ? "" : "wrong status ",
			       strlen(err.msg) > skip ? err.msg + skip : err.msg);
}

static void test_refusals(struct tap *t, const struct directory *d)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ HEAD AGENT, "" },
		{ HEAD "  extra: 1\n", "/spec/extra: unknown key" },
		{ HEAD "  agent: { command: [] }\n",
		  "/spec/agent/command: expected at least the program" },
		{ HEAD "  agent: { command: [x, 1] }\n",
		  "/spec/agent/command/1: expected a string that is not empty" },
		{ HEAD "  agent: { command: [x], digest: \"sha256:0\" }\n",
		  "/spec/agent/digest: expected \"sha256:\" and 64 digits of 0-9 and a-f" },
		{ HEAD "  agent: { command: [x], models: [] }\n",
		  "/spec/agent/models: expected a string, not an array" },
		{ HEAD "  agent: { command: [x], models: \"\" }\n",
		  "/spec/agent/models: expected a directory" },
		{ HEAD "  agent: { command: [x], workspace: true }\n",
		  "/spec/agent/workspace: expected a string, not true or false" },
		{ HEAD "  agent: { command: [x], workspace: \":/w\" }\n",
		  "/spec/agent/workspace: expected a directory" },
		{ HEAD "  agent: { command: [x], env: [A=1] }\n",
		  "/spec/agent/env/0: expected the name of a variable, not of ours and without a "
		  "value" },
		{ HEAD "  agent: { command: [x], env: [AB_RECEIPTS] }\n",
		  "/spec/agent/env/0: expected the name of a variable, not of ours and without a "
		  "value" },
		{ HEAD "  constraints: { max_memory_mb: 15 }\n",
		  "/spec/constraints/max_memory_mb: expected an integer from 16 to 1048576" },
		{ HEAD "  constraints: { max_runtime_seconds: -1 }\n",
		  "/spec/constraints/max_runtime_seconds: expected an integer from 1 to 604800" },
		{ HEAD "  constraints: { max_runtime_seconds: \"300\" }\n",
		  "/spec/constraints/max_runtime_seconds: expected an integer from 1 to 604800" },
		{ HEAD "  constraints: { network_policy: host }\n",
		  "/spec/constraints/network_policy: expected \"none\"" },
		{ HEAD "  constraints: { filesystem: read-write }\n",
		  "/spec/constraints/filesystem: expected \"read-only\"" },
		{ HEAD "  constraints: { cpus: 0.001 }\n", CPUS },
		{ HEAD "  constraints: { cpus: 0.1234 }\n", CPUS },
		{ HEAD "  constraints: { cpus: 4097 }\n", CPUS },
		{ HEAD "  constraints: { cpus: \"1\" }\n", CPUS },
		{ HEAD "  scrub: { output: \"\" }\n",
		  "/spec/scrub/output: expected a policy's name or file" },
		{ HEAD "  audit: { log: \"\" }\n", "/spec/audit/log: expected a path" },
	};
	char is[1024];

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		message(d, cases[i].text, is, sizeof(is));
		tap_is(t, is, cases[i].want, *cases[i].want ? cases[i].want : "a definition loads");
	}
}

static void test_schema_places(struct tap *t, const struct directory *d)
{
	static const char head[] = "apiVersion: agent.platform/v1\nkind: AgentWorkflow\n"
				   "metadata: { name: demo }\nspec:\n  output: { schema: true }\n";
	char text[1024], is[1024];

	(void)snprintf(text, sizeof(text), "%s  input: { }\n", head);
	message(d, text, is, sizeof(is));
	tap_is(t, is, "/spec/input/schema: missing", "a missing schema is named");
	(void)snprintf(text, sizeof(text), "%s  input: { schema: {}, schemaFile: x }\n", head);
	message(d, text, is, sizeof(is));
	tap_is(t, is, "/spec/input/schemaFile: stands beside schema; expected one of them",
	       "two schemas are refused");
	(void)snprintf(text, sizeof(text), "%s  input: { schema: 3 }\n", head);
	message(d, text, is, sizeof(is));
	tap_is(t, is, "/spec/input/schema: expected an object or a boolean",
	       "a schema is an object or a boolean");
}

/* The printed plan, with the directory's name as D. */
static void print(const struct directory *d, const char *text, const struct ab_operator *o,
		  char *ret, size_t size)
{
	ab_auto(ab_workflow_done) struct ab_workflow w = { 0 };
	ab_auto(ab_plan_done) struct ab_plan plan = { 0 };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	struct ab_err err = { 0 };
	size_t len = strlen(d->path), at = 0;

	*ret = '\0';
	if (write_definition(d, text) < 0 || ab_workflow_load(&w, d->file, &err) < 0 ||
	    ab_plan_make(&plan, &w, o, &err) < 0) {
		(void)snprintf(ret, size, "%s", err.msg);
		return;
	}
	ab_plan_print(&plan, &out);
	for (const char *p = out.data; *p && at + 1 < size; at++) {
		bool here = strncmp(p, d->path, len) == 0;

		ret[at] = here ? 'D' : *p;
		p += here ? len : 1;
	}
	ret[at] = '\0';
}

static void test_print(struct tap *t, const struct directory *d)
{
	const struct ab_operator none = { 0 }, said = { .input = "it's", .log = "a log", .tier = 2 };
	char is[4096];

	print(d, HEAD AGENT, &none, is, sizeof(is));
	tap_is(t, is,
	       "eval \"$(ab-audit begin --type demo)\"\n"
	       "ab-validate --stage input --schema D/w.yaml#/spec/input/schema |\n"
	       "ab-jail --ro D/lib --ro /opt/x:/x --env LANG -- D/./run -x 'a b' |\n"
	       "ab-scrub --stage output --policy output |\n"
	       "ab-validate --stage output --schema D/w.yaml#/spec/output/schema --redact |\n"
	       "ab-audit append --expect validate:input,jail,scrub:output,validate:output\n",
	       "the plan of a definition with defaults");
	print(d,
	      HEAD "  agent: { command: [cat] }\n  scrub: { input: pii, output: ./p.json }\n"
		   "  audit: { log: log, key: /k }\n"
		   "  constraints: { max_runtime_seconds: 5, max_memory_mb: 64, tmp_mb: 8,\n"
		   "    max_processes: 4, max_output_bytes: 1000 }\n",
	      &said, is, sizeof(is));
	tap_is(t, is,
	       "eval \"$(ab-audit begin --log 'a log' --key /k --type demo)\"\n"
	       "ab-scrub --stage input --policy pii <'it'\\''s' |\n"
	       "ab-validate --stage input --schema D/w.yaml#/spec/input/schema |\n"
	       "ab-jail --time 5s --memory 64M --tmp 8M --processes 4 --max-output 1000 "
	       "--require-tier 2 -- cat |\n"
	       "ab-scrub --stage output --policy D/./p.json |\n"
	       "ab-validate --stage output --schema D/w.yaml#/spec/output/schema --redact |\n"
	       "ab-audit append --log 'a log' --key /k --expect "
	       "scrub:input,validate:input,jail,scrub:output,validate:output\n",
	       "options win over the definition, and all is quoted");
}

static void test_shown(struct tap *t, const struct directory *d)
{
	const struct ab_operator none = { 0 }, out = { .workspace_out = "o" },
				 keep = { .keep = "/k" };
	static const char text[] = HEAD "  agent: { command: [cat], models: m, workspace: \"w:/x\" }\n"
					"  constraints: { cpus: 1.25 }\n";
	char is[4096];

	print(d, text, &none, is, sizeof(is));
	tap_ok(t, strstr(is, "ab-jail --cpus 1.25 --models D/m --workspace D/w:/x -- cat |") != NULL,
	       "models, workspace and processors are options of the jail");
	print(d, text, &out, is, sizeof(is));
	tap_ok(t, strstr(is, " --workspace D/w:/x --workspace-out o -- cat |") != NULL,
	       "the operator says where the change goes");
	print(d, text, &keep, is, sizeof(is));
	tap_ok(t, strstr(is, " --workspace-out /k/workspace.tar ") != NULL, "or it is kept");
	print(d, HEAD AGENT, &out, is, sizeof(is));
	tap_ok(t, strstr(is, "w.yaml has no /spec/agent/workspace") != NULL,
	       "without a workspace there is no change to be written");
}

static void test_tier(struct tap *t, const struct directory *d)
{
	static const char asks_1[] = HEAD AGENT "  constraints: { require_tier: 1 }\n";
	static const char asks_2[] = HEAD AGENT "  constraints: { require_tier: 2 }\n";
	const struct ab_operator none = { 0 }, two = { .tier = 2 };
	char is[4096];

	print(d, asks_2, &none, is, sizeof(is));
	tap_ok(t, strstr(is, "--require-tier 1 ") != NULL,
	       "a definition cannot loosen the default");
	print(d, asks_1, &two, is, sizeof(is));
	tap_ok(t, strstr(is, "--require-tier 1 ") != NULL, "it can tighten what the operator set");
	print(d, asks_2, &two, is, sizeof(is));
	tap_ok(t, strstr(is, "--require-tier 2 ") != NULL, "what both accept holds");
}

static void test_no_agent(struct tap *t, const struct directory *d)
{
	const struct ab_operator none = { 0 };
	char is[4096];

	print(d, HEAD, &none, is, sizeof(is));
	tap_ok(t, strstr(is, "w.yaml: /spec/agent: missing, so there is nothing to run") != NULL,
	       "without an agent there is no plan");
}

static void test_names(struct tap *t)
{
	ab_auto(ab_workflow_done) struct ab_workflow w = { 0 };
	struct ab_err err = { 0 };

	tap_ok(t, ab_workflow_load(&w, "no-such-thing", &err) < 0 && err.status == AB_EXIT_USAGE,
	       "an unknown name is a usage error");
	tap_is(t, err.msg, "no-such-thing: no such workflow", "and says so");
	ab_workflow_done(&w);
	tap_ok(t, ab_workflow_load(&w, "../x", &err) < 0 && err.status == AB_EXIT_USAGE,
	       "a file that is not there is a usage error");
	ab_workflow_done(&w);
	tap_ok(t, ab_workflow_load(&w, "", &err) < 0 && err.status == AB_EXIT_USAGE,
	       "an empty name is a usage error");
}

int main(void)
{
	struct tap t = { 0 };
	struct directory d;

	make_directory(&d);
	test_refusals(&t, &d);
	test_schema_places(&t, &d);
	test_print(&t, &d);
	test_shown(&t, &d);
	test_tier(&t, &d);
	test_no_agent(&t, &d);
	test_names(&t);
	(void)unlink(d.file);
	(void)rmdir(d.path);
	return tap_done(&t);
}
