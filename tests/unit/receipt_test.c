/* SPDX-License-Identifier: Apache-2.0 */
/* lib/receipt: the file of a run, who may write to it, and what receipts add up to. */
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/receipt/receipt.h"

#define RUN    "a1b2c3d4-e5f6-7890-abcd-ef1234567890"
#define EXPECT "validate:input,jail,scrub:output,validate:output"

/* A document as its digest; documents differ by their number. */
static struct ab_digest digest(int document)
{
	struct ab_digest d = { .bytes = (uint64_t)document };

	memset(d.sha256, document, sizeof(d.sha256));
	return d;
}

static json_t *digest_json(int document)
{
	struct ab_digest d = digest(document);
	char text[AB_SHA256_TEXT];

	ab_sha256_text(d.sha256, text);
	return json_pack("{s:s, s:i}", "sha256", text, "bytes", document);
}

/* "tool:stage verdict in out" lines to receipts. */
static json_t *receipts(const char *lines)
{
	json_t *array = json_array();
	char name[32], verdict[16];
	int in, out, n;

	for (; sscanf(lines, "%31s %15s %d %d %n", name, verdict, &in, &out, &n) == 4; lines += n) {
		char tool[40], *stage = strchr(name, ':');
		json_t *r;

		if (stage)
			*stage++ = '\0';
		(void)snprintf(tool, sizeof(tool), "ab-%s", name);
		r = json_pack("{s:s, s:s, s:i, s:o, s:o}", "tool", tool, "verdict", verdict, "exit",
			      strcmp(verdict, "passed") ? 1 : 0, "in", digest_json(in), "out",
			      digest_json(out));
		if (stage)
			json_object_set_new(r, "stage", json_string(stage));
		if (strcmp(verdict, "passed") != 0)
			json_object_set_new(r, "reason", json_string("because"));
		json_array_append_new(array, r);
	}
	return array;
}

static void test_chain(struct tap *t)
{
	static const struct {
		const char *name, *lines, *expect;
		int arrived;
		const char *want; /* "verdict|stage|reason" */
	} cases[] = {
		{ "a whole chain passes",
		  "validate:input passed 1 1 jail passed 1 2 scrub:output passed 2 3 "
		  "validate:output passed 3 3",
		  EXPECT, 3, "passed||" },
		{ "a refused input is the first to say no",
		  "validate:input refused 1 0 jail failed 0 0 scrub:output refused 0 0 "
		  "validate:output refused 0 0",
		  EXPECT, 0, "refused|validate:input|stage validate:input refused: because" },
		{ "a time-out keeps its verdict",
		  "validate:input passed 1 1 jail timeout 1 0 scrub:output refused 0 0 "
		  "validate:output refused 0 0",
		  EXPECT, 0, "timeout|jail|stage jail timeout: because" },
		{ "a stage that died is missing between broken ends",
		  "validate:input passed 1 1 scrub:output passed 0 0 validate:output refused 0 0",
		  EXPECT, 0, "failed|jail|stage jail died" },
		{ "a last stage that died",
		  "validate:input passed 1 1 jail passed 1 2 scrub:output passed 2 3", EXPECT, 0,
		  "failed|validate:output|stage validate:output died" },
		{ "a stage that was left out leaves a whole chain",
		  "validate:input passed 1 1 jail passed 1 2 validate:output passed 2 2", EXPECT, 2,
		  "failed|scrub:output|stage scrub:output was left out" },
		{ "a stage that was there twice",
		  "validate:input passed 1 1 validate:input passed 1 1 jail passed 1 2 "
		  "scrub:output passed 2 3 validate:output passed 3 3",
		  EXPECT, 3, "failed|validate:input|stage validate:input was there twice" },
		{ "stages in the wrong order",
		  "validate:input passed 1 1 jail passed 1 2 validate:output passed 2 2 "
		  "scrub:output passed 2 2",
		  EXPECT, 2,
		  "failed|validate:output|stage validate:output stands before scrub:output" },
		{ "a stage that died, and one behind it that saw its end first",
		  "validate:output refused 0 0 validate:input passed 1 1 jail passed 1 2", EXPECT,
		  0, "failed|scrub:output|stage scrub:output died" },
		{ "a stage that died while those in front of it still work",
		  "validate:input passed 1 1 validate:output refused 0 0", EXPECT, 0,
		  "failed|scrub:output|stage scrub:output died" },
		{ "a stage that nobody expects",
		  "validate:input passed 1 1 jail passed 1 2 scrub:other passed 2 2 "
		  "scrub:output passed 2 3 validate:output passed 3 3",
		  EXPECT, 3, "failed|scrub:other|stage scrub:other was not expected" },
		{ "one stage too many at the end",
		  "validate:input passed 1 1 jail passed 1 2 scrub:output passed 2 3 "
		  "validate:output passed 3 3 scrub:late passed 3 3",
		  EXPECT, 3, "failed|scrub:late|stage scrub:late was not expected" },
		{ "something slipped in between",
		  "validate:input passed 1 1 jail passed 4 2 scrub:output passed 2 3 "
		  "validate:output passed 3 3",
		  EXPECT, 3,
		  "failed|jail|stage jail did not read what stage validate:input wrote" },
		{ "something slipped in at the end",
		  "validate:input passed 1 1 jail passed 1 2 scrub:output passed 2 3 "
		  "validate:output passed 3 3",
		  EXPECT, 4,
		  "failed|validate:output|what arrived is not what stage validate:output wrote" },
		{ "no receipts at all", "", EXPECT, 1,
		  "failed|validate:output|stage validate:output died" },
		{ "a last stage that was left out leaves all but itself",
		  "validate:input passed 1 1 jail passed 1 2 scrub:output passed 2 3", EXPECT, 3,
		  "failed|validate:output|stage validate:output was left out" },
		{ "so does a first one",
		  "jail passed 1 2 scrub:output passed 2 3 validate:output passed 3 3", EXPECT, 3,
		  "failed|validate:input|stage validate:input was left out" },
		{ "a first one that died lets nothing through",
		  "jail failed 0 0 scrub:output refused 0 0 validate:output refused 0 0", EXPECT, 0,
		  "failed|validate:input|stage validate:input died" },
		{ "an interrupted stage is the reason, whose receipt came first",
		  "validate:input passed 1 1 scrub:output interrupted 0 0 validate:output "
		  "interrupted 0 0 "
		  "jail interrupted 1 0",
		  EXPECT, 0, "interrupted|jail|stage jail interrupted: because" },
		{ "also where one is missing",
		  "validate:output refused 0 0 scrub:output interrupted 0 0", EXPECT, 0,
		  "interrupted|scrub:output|stage scrub:output interrupted: because" },
		{ "and without a list", "scrub interrupted 0 0 jail passed 1 2", NULL, 0,
		  "interrupted|scrub|stage scrub interrupted: because" },
		{ "without a list the stages stand as they are", "jail passed 1 2 scrub passed 2 2",
		  NULL, 2, "passed||" },
		{ "and must still have passed", "jail failed 1 0 scrub passed 0 0", "", 0,
		  "failed|jail|stage jail failed: because" },
		{ "and be linked", "jail passed 1 2 scrub passed 3 3", "", 3,
		  "failed|scrub|stage scrub did not read what stage jail wrote" },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		json_auto_t *list = receipts(cases[i].lines);
		struct ab_digest arrived = digest(cases[i].arrived);
		struct ab_chain chain;
		char got[700];

		ab_chain_check(list, cases[i].expect, &arrived, &chain);
		(void)snprintf(got, sizeof(got), "%s|%s|%s", ab_verdict_name(chain.verdict),
			       chain.stage, chain.reason);
		tap_is(t, got, cases[i].want, cases[i].name);
	}
}

/* Begins a run below a directory of the test's own. */
static char *begin(const char *dir)
{
	json_auto_t *head = json_pack("{s:s, s:s, s:s, s:i}", "run", RUN, "type", "code-review",
				      "origin", "example.com/log", "started", 7);
	struct ab_err err = { 0 };
	char *path;

	setenv("XDG_RUNTIME_DIR", dir, 1);
	path = ab_receipts_create(head, &err);
	if (path) {
		setenv("AB_RECEIPTS", path, 1);
		setenv("AB_RUN", RUN, 1);
	} else {
		printf("# %s\n", err.msg);
	}
	return path;
}

static int write_one(const char *stage, json_t *facts, struct ab_err *err)
{
	ab_auto(ab_receipts_closep) struct ab_receipts *r = NULL;
	struct ab_receipt receipt = { .tool = "ab-jail",
				      .stage = stage,
				      .reason = "a\x1b"
						"b",
				      .verdict = AB_FAILED,
				      .exit = 1,
				      .facts = facts };

	if (ab_receipts_open(&r, err) < 0)
		return -1;
	return ab_receipts_write(r, &receipt, err);
}

static void test_file(struct tap *t, const char *dir)
{
	ab_autofree char *path = begin(dir);
	ab_auto(ab_receipts_closep) struct ab_receipts *r = NULL;
	json_auto_t *list = NULL, *facts = json_object();
	json_t *seen = NULL, *head = NULL;
	uint64_t record = 0;
	ab_autofree char *big = calloc(1, 100001);
	struct ab_run run = { 0 };
	struct ab_err err = { 0 };
	struct stat st;

	memset(big, 'x', 100000);
	json_object_set_new(facts, "text", json_string(big));
	tap_ok(t, path && stat(path, &st) == 0 && (st.st_mode & 07777) == 0600,
	       "begin makes a file 0600");
	tap_ok(t, write_one("one", NULL, &err) == 0, "a receipt is written");
	tap_ok(t, write_one("two", facts, &err) == 0, "one with large facts too");
	tap_ok(t, stat(path, &st) == 0 && st.st_size < 2000, "which do not stand in the line");
	tap_ok(t,
	       ab_receipts_open(&r, &err) == 0 && ab_receipts_load(r, &run, &list, &err) == 0 &&
		       json_array_size(list) == 2 && run.started == 7 && strcmp(run.id, RUN) == 0,
	       "append reads head and receipts");
	tap_is(t, json_string_value(json_object_get(json_array_get(list, 0), "reason")), "a?b",
	       "a reason holds no control character");
	tap_ok(t, json_equal(json_object_get(json_array_get(list, 1), "facts"), facts),
	       "large facts are back in their place");
	tap_ok(t,
	       ab_receipts_list(r, &seen, NULL, &record, &err) == 0 && record == UINT64_MAX &&
		       json_array_size(seen) == 2,
	       "who watches sees the receipts, and no end");
	json_decref(seen);
	tap_ok(t,
	       ab_receipts_finish(r, 12, &err) == 0 && write_one("late", NULL, &err) < 0 &&
		       err.status == AB_EXIT_USAGE && access(path, F_OK) < 0,
	       "a finished run's file is refused and removed");
	tap_ok(t,
	       ab_receipts_list(r, &seen, &head, &record, &err) == 0 && record == 12 &&
		       json_array_size(seen) == 2 &&
		       json_integer_value(json_object_get(head, "started")) == 7,
	       "who watches sees its record, and the same receipts");
	json_decref(seen);
	json_decref(head);
	ab_receipts_remove(r);
	*strrchr(path, '/') = '\0';
	tap_ok(t, access(path, F_OK) < 0, "its directory and large facts go with it");
	json_decref(run.head);
}

/* Each of these files must be refused. */
static void test_refused(struct tap *t, const char *dir)
{
	struct ab_err err = { 0 };
	ab_autofree char *path = begin(dir);
	char other[4096];

	(void)snprintf(other, sizeof(other), "%s.other", path);
	(void)chmod(path, 0644);
	tap_ok(t, write_one("x", NULL, &err) < 0 && strstr(err.msg, "mode 0644"), "a wider mode");
	(void)chmod(path, 0600);
	(void)!link(path, other);
	tap_ok(t, write_one("x", NULL, &err) < 0 && strstr(err.msg, "one link"), "a second link");
	(void)unlink(other);
	(void)rename(path, other);
	(void)!symlink(other, path);
	tap_ok(t, write_one("x", NULL, &err) < 0, "a symbolic link");
	(void)unlink(path);
	(void)mkfifo(path, 0600);
	tap_ok(t, write_one("x", NULL, &err) < 0 && strstr(err.msg, "regular"),
	       "a FIFO, without waiting for it");
	(void)unlink(path);
	(void)rename(other, path);
	setenv("AB_RUN", "00000000-0000-0000-0000-000000000000", 1);
	tap_ok(t, write_one("x", NULL, &err) < 0 && strstr(err.msg, "not the receipts of run"),
	       "another run");
	unsetenv("AB_RUN");
	tap_ok(t, write_one("x", NULL, &err) < 0 && strstr(err.msg, "AB_RUN is not"),
	       "no run at all");
	setenv("AB_RUN", RUN, 1);
	tap_ok(t, write_one("x", NULL, &err) == 0, "and the right one passes again");
	setenv("AB_RECEIPTS", "relative/receipts", 1);
	tap_ok(t, write_one("x", NULL, &err) < 0, "a relative path");
	unsetenv("AB_RECEIPTS");
	tap_ok(t, write_one("x", NULL, &err) == 0, "without AB_RECEIPTS there is nothing to do");
	(void)unlink(path);
	*strrchr(path, '/') = '\0';
	(void)rmdir(path);
}

/* Lines that are not receipts of this run are entries that say so. */
static void test_invalid(struct tap *t, const char *dir)
{
	ab_autofree char *path = begin(dir);
	ab_auto(ab_receipts_closep) struct ab_receipts *r = NULL;
	json_auto_t *list = NULL;
	struct ab_run run = { 0 };
	struct ab_err err = { 0 };
	struct ab_chain chain;
	struct ab_digest arrived = digest(0);
	int fd = open(path, O_WRONLY | O_APPEND);

	(void)!write(fd, "{\"tool\":\"ab-jail\"}\nnonsense\n", 28);
	(void)close(fd);
	tap_ok(t,
	       ab_receipts_open(&r, &err) == 0 && ab_receipts_load(r, &run, &list, &err) == 0 &&
		       json_array_size(list) == 2 &&
		       json_object_get(json_array_get(list, 0), "invalid") &&
		       json_object_get(json_array_get(list, 1), "invalid"),
	       "lines that are no receipts are entries that say so");
	ab_chain_check(list, EXPECT, &arrived, &chain);
	tap_ok(t, chain.verdict == AB_FAILED && strstr(chain.reason, "receipts: line 2: "),
	       "and fail the chain");
	ab_receipts_remove(r);
	json_decref(run.head);
}

/* Eight processes write at once: each line is whole. */
static void test_writers(struct tap *t, const char *dir)
{
	ab_autofree char *path = begin(dir);
	ab_auto(ab_receipts_closep) struct ab_receipts *r = NULL;
	json_auto_t *list = NULL;
	struct ab_run run = { 0 };
	struct ab_err err = { 0 };
	size_t bad = 0, i;
	json_t *one;

	for (int p = 0; p < 8; p++) {
		if (fork() == 0) {
			for (int n = 0; n < 25; n++)
				bad += write_one("w", NULL, &err) < 0;
			_exit(bad != 0);
		}
	}
	for (int p = 0, status; p < 8; p++)
		bad += wait(&status) < 0 || status != 0;
	if (ab_receipts_open(&r, &err) < 0 || ab_receipts_load(r, &run, &list, &err) < 0)
		bad++;
	json_array_foreach(list, i, one) bad += json_object_get(one, "invalid") != NULL;
	tap_ok(t, bad == 0 && json_array_size(list) == 200,
	       "eight writers at once leave 200 whole lines");
	ab_receipts_remove(r);
	json_decref(run.head);
}

int main(void)
{
	struct tap t = { 0 };
	char dir[] = "/tmp/ab-receipt-XXXXXX";

	test_chain(&t);
	if (!mkdtemp(dir))
		return 1;
	test_file(&t, dir);
	test_refused(&t, dir);
	test_invalid(&t, dir);
	test_writers(&t, dir);
	tap_ok(&t, rmdir(dir) == 0, "nothing is left behind");
	return tap_done(&t);
}
