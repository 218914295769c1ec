/* SPDX-License-Identifier: Apache-2.0 */
/* What --explain says of definitions that differ: each thing that is given to an agent is told. */
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/workflow/workflow.h"

#define HEAD   "apiVersion: agent.platform/v1\nkind: AgentWorkflow\nmetadata: { name: demo }\nspec:\n"
#define OPEN   "  input: { schema: { type: string } }\n  output: { schema: true }\n"
#define STRICT "  input: { schema: { type: integer } }\n  output: { schema: { enum: [a] } }\n"
#define CAT    "  agent: { command: [cat] }\n"

struct directory {
	char path[64], file[96];
};

static int write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	struct ab_err err;
	int status = ab_io_write(fd, text, strlen(text), &err);

	return close(fd) < 0 ? -1 : status;
}

/* The explanation with each run of white space as one blank; or why there is none. */
static char *explain(const struct directory *d, const char *text, const struct ab_operator *o)
{
	ab_auto(ab_workflow_done) struct ab_workflow w = { 0 };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 }, flat = { 0 };
	struct ab_err err = { 0 };

	if (write_file(d->file, text, 0600) < 0 || ab_workflow_load(&w, d->file, &err) < 0)
		return strdup(err.msg);
	ab_workflow_explain(&w, o, &out);
	for (const char *p = out.data; p && *p; p++) {
		bool blank = *p == ' ' || *p == '\n';

		if (!blank)
			ab_buf_addc(&flat, *p);
		else if (flat.len && flat.data[flat.len - 1] != ' ')
			ab_buf_addc(&flat, ' ');
	}
	return ab_buf_steal(&flat);
}

static void test_words(struct tap *t, const struct directory *d)
{
	static const struct ab_operator none = { 0 }, two = { .tier = 2 },
					said = { .log = "/var/log/x", .key = "/etc/x.key" };
	static const struct {
		const char *text;
		const struct ab_operator *o;
		const char *want, *never, *name;
	} cases[] = {
		{ HEAD OPEN, &none, "none, so it cannot run", "The agent may", "no agent" },
		{ HEAD OPEN CAT, &none, "pinned no.", NULL, "an agent that is not pinned" },
		{ HEAD OPEN CAT, &none, "LANG=C.UTF-8, and nothing else.", "by a parameter",
		  "no environment" },
		{ HEAD OPEN "  agent: { command: [cat], env: [TOKEN, LANG] }\n", &none,
		  "for the operator or by a parameter, TOKEN, LANG", "LANG=C.UTF-8, and",
		  "the environment by its names" },
		{ HEAD OPEN CAT, &none, "execute its program and the interpreter.", "in the paths",
		  "no path besides" },
		{ HEAD OPEN "  agent: { command: [cat], readOnly: [/opt/a, /opt/b:/b] }\n", &none,
		  "/opt/a /opt/b:/b execute its program, the interpreter, and what is a program",
		  NULL, "each path that it reads" },
		{ HEAD OPEN "  agent: { command: [cat, 'a b', \"\\e[2Jx\"] }\n", &none,
		  "command cat 'a b' '?[2Jx'", "\033", "arguments, quoted and harmless" },
		{ HEAD OPEN "  agent: { command: [bash, -c, x] }\n", &none,
		  "shell DOES NOT HOLD: a shell is visible, the command is one", "start one: none",
		  "a shell" },
		{ HEAD OPEN CAT, &none, "shell start one: none is visible", "DOES NOT HOLD",
		  "no shell" },
		{ HEAD OPEN CAT, &none,
		  "time 300 s from its start, as a clock tells it; the definition is silent", NULL,
		  "the jail's own limits" },
		{ HEAD OPEN CAT
		  "  constraints: { max_runtime_seconds: 7, max_memory_mb: 33, tmp_mb: "
		  "5, max_processes: 9, max_output_bytes: 1234 }\n",
		  &none,
		  "time 7 s from its start, as a clock tells it memory 33 MiB of all its processes "
		  "together /tmp 5 MiB together with /dev/shm; to write more fails processes 9 and "
		  "threads, at a time output 1234 bytes on standard output",
		  "silent", "the definition's limits" },
		{ HEAD OPEN CAT, &none, "tier 1, the strongest", "IS ACCEPTED", "tier 1" },
		{ HEAD OPEN CAT, &none, "--require-tier 2 accepts weaker isolation", NULL,
		  "who can accept less" },
		{ HEAD OPEN CAT, &two, "tier 2 IS ACCEPTED by the operator", "1, the strongest",
		  "tier 2" },
		{ HEAD OPEN CAT "  constraints: { require_tier: 2 }\n", &none,
		  "tier 1, the strongest", "IS ACCEPTED", "a definition does not loosen" },
		{ HEAD OPEN CAT "  constraints: { require_tier: 1 }\n", &two,
		  "--require-tier cannot weaken the isolation", "IS ACCEPTED",
		  "a definition tightens" },
		{ HEAD OPEN CAT, &none, "policy none: secrets, personal data and instructions",
		  NULL, "an input that is not scrubbed" },
		{ HEAD OPEN CAT "  scrub: { input: secrets }\n", &none,
		  "policy secrets, before the schema:", "policy none:", "an input that is" },
		{ HEAD OPEN CAT "  scrub: { output: ./p.json }\n", &none,
		  "/./p.json, before the schema", NULL, "the output's policy" },
		{ HEAD OPEN CAT, &none, "It is open in 1 place,", "It is strict", "open schemas" },
		{ HEAD STRICT CAT, &none, "It is strict: ", "It is open", "strict schemas" },
		{ "apiVersion: agent.platform/v1\nkind: AgentWorkflow\nmetadata: { name: demo }\n"
		  "spec:\n  output: { schemaFile: nosuch.json }\n  input: { schema: false }\n",
		  &none, "CANNOT BE READ, so nothing runs.", NULL, "a schema that is not there" },
		{ HEAD OPEN CAT, &none,
		  "in the log of AB_AUDIT_LOG, or that of the state directory", NULL,
		  "where records go by default" },
		{ HEAD OPEN CAT "  audit: { log: /l, key: /k }\n", &none, "in /l, signed with /k;",
		  NULL, "where the definition has them" },
		{ HEAD OPEN CAT "  audit: { log: /l, key: /k }\n", &said,
		  "in /var/log/x, signed with /etc/x.key;", "in /l",
		  "where the operator has them" },
		{ HEAD OPEN
		  "  params: { level: { schema: { enum: [low, high] }, default: low }, who: { "
		  "schema: { type: string } } }\n  agent: { command: [cat, { param: level }], "
		  "env: [{ name: WHO, param: who }] }\n",
		  &none, "--param level: what satisfies {\"enum\":[\"low\",\"high\"]}; else low",
		  NULL, "a parameter and its bounds" },
		{ HEAD OPEN "  params: { who: { schema: true } }\n", &none,
		  "/spec/params/who/schema", NULL, "a parameter without a schema is no parameter" },
		{ HEAD OPEN
		  "  params: { who: { schema: { type: string } } }\n  agent: { command: [cat, { "
		  "param: who }] }\n",
		  &none, "command cat <who>", NULL, "where a parameter stands" },
		{ HEAD OPEN
		  "  params: { who: { schema: { type: string } } }\n  agent: { command: [cat, { "
		  "param: who }] }\n",
		  &none, "{\"type\":\"string\"}; required", "; else ",
		  "a parameter that must be given" },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		ab_autofree char *is = explain(d, cases[i].text, cases[i].o);
		bool ok = is && strstr(is, cases[i].want) &&
			  !(cases[i].never && strstr(is, cases[i].never));

		if (!tap_ok(t, ok, "%s", cases[i].name))
			printf("# want: %s\n# never: %s\n# got: %s\n", cases[i].want,
			       cases[i].never ? cases[i].never : "", is ? is : "(null)");
	}
}

static void test_script(struct tap *t, const struct directory *d)
{
	static const struct ab_operator none = { 0 };
	char script[80];
	ab_autofree char *is = NULL;

	(void)snprintf(script, sizeof(script), "%s/run", d->path); /* it fits */
	(void)write_file(script, "#!/usr/bin/env -S sh -e\n", 0700);
	is = explain(d, HEAD OPEN "  agent: { command: [./run] }\n", &none);
	tap_ok(t, is && strstr(is, "DOES NOT HOLD: a shell is visible"),
	       "a script of a shell is told as one");
	(void)unlink(script);
}

int main(void)
{
	struct tap t = { 0 };
	struct directory d;

	(void)snprintf(d.path, sizeof(d.path), "/tmp/explain-test-XXXXXX"); /* it fits */
	if (!mkdtemp(d.path))
		perror(d.path);
	(void)snprintf(d.file, sizeof(d.file), "%s/w.yaml", d.path); /* it fits */
	test_words(&t, &d);
	test_script(&t, &d);
	(void)unlink(d.file);
	(void)rmdir(d.path);
	return tap_done(&t);
}
