/* SPDX-License-Identifier: Apache-2.0 */
/* lib/jail: the plan of the root, the environment, what a program needs. */
#include "tests/unit/tap.h"

#include <errno.h>
#include <sys/stat.h>

#include "lib/base/buf.h"
#include "lib/jail/digest.h"
#include "lib/jail/environment.h"
#include "lib/jail/program.h"

/* A directory with a file, a tree, links to both, a loop and a dangling link. */
static bool make_scene(char top[32])
{
	char path[64];
	FILE *f;
	bool ok = true;

	(void)snprintf(top, 32, "/tmp/ab-plan-XXXXXX");
	if (!mkdtemp(top) || chdir(top) < 0)
		return false;
	(void)snprintf(path, sizeof(path), "%s/dir/file", top);
	ok &= mkdir("dir", 0755) == 0 && mkdir("dir/sub", 0755) == 0;
	f = fopen("dir/file", "we");
	ok &= f && fclose(f) == 0;
	ok &= symlink("dir/file", "relative") == 0 && symlink(path, "absolute") == 0;
	ok &= symlink("dir", "to-dir") == 0 && symlink("loop", "loop") == 0;
	ok &= symlink("../dir/file", "dir/up") == 0 && symlink("nowhere", "dangling") == 0;
	return ok;
}

static void remove_scene(const char *top)
{
	static const char *const files[] = { "dir/file", "dir/up", "relative", "absolute",
					     "to-dir",	 "loop",   "dangling" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(files); i++)
		(void)unlink(files[i]);
	(void)rmdir("dir/sub");
	(void)rmdir("dir");
	if (chdir("/") == 0)
		(void)rmdir(top);
}

/* The plan as text: "d PATH", "l PATH>TARGET", "b PATH<SOURCE", without the scene's own name. */
static char *plan_text(const struct ab_plan *plan, const char *top)
{
	struct ab_buf b = { 0 };
	size_t len = strlen(top);

	for (size_t i = 0; i < plan->n; i++) {
		const struct ab_entry *e = &plan->entries[i];
		const char *path = e->path, *source = e->source;

		if (strlen(path) < len)
			continue;
		path += strncmp(path, top + 1, len - 1) == 0 ? len : 0;
		if (source && strncmp(source, top, len) == 0)
			source += len + 1;
		ab_buf_addf(&b, "%s%c %s%s%s", b.len ? ", " : "", "dlb"[e->kind], path,
			    e -> kind == AB_ENTRY_DIR	    ? ""
				 : e->kind == AB_ENTRY_LINK ? ">"
							    : "<",
			    source ? source : "");
	}
	return ab_buf_steal(&b);
}

static void try_path(struct tap *t, const char *top, const char *name, const char *want)
{
	ab_auto(ab_plan_free) struct ab_plan plan = { 0 };
	ab_autofree char *text = NULL;
	struct ab_err err = { 0 };
	char path[128];
	int status;

	(void)snprintf(path, sizeof(path), "%s/%s", top, name);
	status = ab_plan_add(&plan, path, 0, NULL, &err);
	text = status < 0 ? strdup(strerror(err.sys)) : plan_text(&plan, top);
	tap_is(t, text ? text : "", want, name);
}

static void test_paths(struct tap *t, const char *top)
{
	try_path(t, top, "dir/file", "d dir, b dir/file<dir/file");
	try_path(t, top, "dir", "b dir<dir");
	try_path(t, top, "dir/.", "b dir<dir");
	try_path(t, top, "dir/.//./", "b dir<dir");
	try_path(t, top, "./dir/../dir//file", "d dir, b dir/file<dir/file");
	try_path(t, top, "relative", "l relative>dir/file, d dir, b dir/file<dir/file");
	try_path(t, top, "absolute", "l absolute>dir/file, d dir, b dir/file<dir/file");
	try_path(t, top, "to-dir/file", "l to-dir>dir, d dir, b dir/file<dir/file");
	try_path(t, top, "dir/up", "d dir, l dir/up>../dir/file, b dir/file<dir/file");
	try_path(t, top, "loop", "Too many levels of symbolic links");
	try_path(t, top, "dangling", "No such file or directory");
	try_path(t, top, "dir/file/more", "Not a directory");
}

/* What is still to come behind a symbolic link must have room behind its target as well. */
static void test_long(struct tap *t, const char *top)
{
	static const char target[] = "././././././././././././././././././././././././././././././././dir";

	for (size_t more = 0; more < 2; more++) {
		ab_auto(ab_plan_free) struct ab_plan plan = { 0 };
		struct ab_err err = { 0 };
		char path[PATH_MAX];
		size_t rest = PATH_MAX - sizeof(target) - 1 + more, n;

		n = (size_t)snprintf(path, sizeof(path), "%s/far", top);
		if (!more)
			tap_ok(t, symlink(target, path) == 0, "a link with a longer target");
		memset(path + n, '/', rest);
		memcpy(path + n + rest - 4, "file", 5);
		tap_ok(t, ab_plan_add(&plan, path, 0, NULL, &err) == (more ? -1 : 0),
		       "%zu bytes behind it: %s", rest, err.msg);
		tap_ok(t, err.sys == (more ? ENAMETOOLONG : 0), "which is one too many, or is not");
	}
}

static void test_covering(struct tap *t, const char *top)
{
	ab_auto(ab_plan_free) struct ab_plan plan = { 0 };
	ab_autofree char *text = NULL;
	struct ab_err err = { 0 };
	char dir[64], file[64], real[PATH_MAX];

	(void)snprintf(dir, sizeof(dir), "%s/dir", top);
	(void)snprintf(file, sizeof(file), "%s/to-dir/up", top);
	tap_ok(t,
	       ab_plan_add(&plan, dir, 0, NULL, &err) == 0 &&
		       ab_plan_add(&plan, file, 0, real, &err) == 0,
	       "a tree, and a file in it");
	text = plan_text(&plan, top);
	tap_is(t, text, "b dir<dir, l to-dir>dir", "the tree holds the file already");
	(void)snprintf(file, sizeof(file), "%s/dir/file", top);
	tap_is(t, real, file, "and the file's own path is known");
	tap_ok(t,
	       ab_plan_add_at(&plan, file, "/input/x", 0, &err) == 0 &&
		       ab_plan_find(&plan, "input")->kind == AB_ENTRY_DIR,
	       "a file at another place, in a directory of its own");
	tap_ok(t, ab_plan_add_at(&plan, file, "/input/x", 0, &err) < 0, "a place is taken once");
	tap_ok(t, ab_plan_add_at(&plan, file, "/input/x/y", 0, &err) < 0,
	       "nothing is put beneath a file");
	tap_ok(t, ab_plan_add(&plan, "/", 0, NULL, &err) < 0, "the host's root is refused");
}

static void test_environment(struct tap *t)
{
	static const struct {
		const char *word, *name, *value;
	} good[] = { { "A=b", "A", "b" },
		     { "A=", "A", "" },
		     { "PATH=/x", "PATH", "/x" },
		     { "HOME_=1", "HOME", "/tmp" } };
	static const char *const bad[] = { "", "=x", "1=x", "a b=c", "AB_X=1", "AB_NOT_SET" };
	struct ab_err err = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(good); i++) {
		struct ab_list list = { (const char **)&good[i].word, 1 };
		char **env = ab_environment_make(&list, false, &err);

		tap_is(t, env ? ab_environment_get(env, good[i].name) : NULL, good[i].value,
		       good[i].word);
		ab_environment_free(env);
	}
	for (size_t i = 0; i < AB_ARRAY_SIZE(bad); i++) {
		struct ab_list list = { (const char **)&bad[i], 1 };

		tap_ok(t, !ab_environment_make(&list, false, &err), "--env '%s' is refused",
		       bad[i]);
	}
}

static void test_program(struct tap *t)
{
	ab_auto(ab_plan_free) struct ab_plan plan = { 0 };
	ab_auto(ab_program_free) struct ab_program program = { 0 };
	char *argv[] = { (char *)"true", (char *)"x", NULL };
	struct ab_err err = { 0 };
	bool libc = false;

	tap_ok(t,
	       ab_program_find(&program, &plan, argv, AB_JAIL_PATH, geteuid(), getegid(), &err) ==
		       0,
	       "true is found");
	tap_is(t, program.file, "/usr/bin/true", "in the path");
	tap_ok(t,
	       strcmp(program.argv[0], "true") == 0 && strcmp(program.argv[1], "x") == 0 &&
		       !program.argv[2],
	       "its arguments stay");
	for (size_t i = 0; i < plan.n; i++)
		libc |= strstr(plan.entries[i].path, "/libc.so.6") && !plan.entries[i].flags;
	tap_ok(t, libc, "it needs the C library, which cannot be executed");
	tap_ok(t, ab_plan_mount_of(&plan, "usr/bin/true")->flags == AB_BIND_EXEC,
	       "true itself can");
	tap_ok(t, !ab_plan_mount_of(&plan, "usr/bin/sh"), "no shell is there");
}

/* What is hashed is what is mounted: the same file, not one that took its place since. */
static void test_replaced(struct tap *t, const char *top)
{
	ab_auto(ab_plan_free) struct ab_plan plan = { 0 };
	struct ab_digester d;
	struct ab_err err = { 0 };
	char file[64];

	(void)snprintf(file, sizeof(file), "%s/dir/file", top);
	tap_ok(t,
	       ab_plan_add(&plan, file, AB_BIND_EXEC, NULL, &err) == 0 &&
		       ab_digester_open(&d, &plan, &err) == 0,
	       "a file is opened for its digest");
	ab_digester_close(&d);
	plan.entries[plan.n - 1].ino++;
	tap_ok(t,
	       ab_digester_open(&d, &plan, &err) < 0 &&
		       strstr(err.msg, "was replaced while the jail was built"),
	       "another one is not");
	ab_digester_close(&d);
}

int main(void)
{
	struct tap t = { 0 };
	char top[32];

	if (make_scene(top)) {
		test_paths(&t, top);
		test_long(&t, top);
		test_covering(&t, top);
		test_replaced(&t, top);
	}
	remove_scene(top);
	test_environment(&t);
	test_program(&t);
	return tap_done(&t);
}
