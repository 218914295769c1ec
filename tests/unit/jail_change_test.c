/* SPDX-License-Identifier: Apache-2.0 */
/* What an agent changed: found by comparing layers, written as an archive, read back, and what of it is a hook. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/jail/archive.h"
#include "lib/jail/change.h"
#include "lib/jail/hooks.h"
#include "tests/unit/tap.h"

static void put(int dir, const char *path, const char *text, mode_t mode)
{
	int fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || fchmod(fd, mode) < 0)
		abort();
	(void)close(fd);
}

static int make_dir(int in, const char *path)
{
	int fd = -1;

	if (mkdirat(in, path, 0755) == 0)
		fd = openat(in, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		abort();
	return fd;
}

/* As the overlay leaves it, without what only the kernel can make. */
static void fill(int lower, int upper)
{
	(void)close(make_dir(lower, "dir"));
	(void)close(make_dir(upper, "dir"));
	put(lower, "same", "same", 0644); /* copied up, and as it was */
	put(upper, "same", "same", 0644);
	put(lower, "dir/edited", "old", 0644);
	put(upper, "dir/edited", "new!", 0644);
	put(lower, "mode", "m", 0644);
	put(upper, "mode", "m", 0755);
	put(lower, "untouched", "u", 0644);
	put(upper, "new", "n", 0644);
	put(lower, "was-file", "f", 0644);
	if (symlinkat("/etc/passwd", upper, "was-file") < 0)
		abort();
	put(upper, "Makefile", "all:\n", 0644);
	put(lower, "dir/.z", "z", 0600);
	put(upper, "dir/.z", "z", 0);
}

static void say(const struct ab_changes *all, struct ab_buf *out)
{
	for (size_t i = 0; i < all->n; i++)
		ab_buf_addf(out, "%s %s %u\n", ab_change_kind_name(all->items[i].kind), all->items[i].path,
			    all->items[i].flags);
}

static void test_archive(struct tap *t, const struct ab_changes *all, int top, int upper)
{
	struct ab_err err = { 0 };
	struct ab_archive *a;
	ab_auto(ab_unpacked_free) struct ab_unpacked u = { .fd = -1 };
	ab_auto(ab_buf_free) struct ab_buf want = { 0 }, got = { 0 };
	unsigned char hash[AB_SHA256_SIZE];
	uint64_t size = 0;

	if (fchdir(top) < 0)
		abort();
	a = ab_archive_new("out.tar", &err);
	tap_ok(t, a && ab_archive_write(a, all, upper, &size, hash, &err) == 0, "a change is written: %s", err.msg);
	tap_ok(t, access("out.tar", F_OK) < 0, "and has no name before it is committed");
	tap_ok(t, a && ab_archive_commit(a, &err) == 0 && access("out.tar", F_OK) == 0, "then it has");
	ab_archive_free(a);
	tap_ok(t, ab_archive_open(&u, "out.tar", &err) == 0 && ab_archive_read(&u, "out.tar", &err) == 0,
	       "it is read back: %s", err.msg);
	say(all, &want);
	say(&u.changes, &got);
	tap_is(t, got.data, want.data, "as it was");
	tap_ok(t, u.size == size, "in all its bytes");
	a = ab_archive_new("gone.tar", &err);
	ab_archive_free(a);
	tap_ok(t, a && access("gone.tar", F_OK) < 0, "what is not committed is not there");
}

static void test_layers(struct tap *t)
{
	char name[] = "/tmp/ab-change-XXXXXX";
	struct ab_err err = { 0 };
	struct timespec begun;
	ab_auto(ab_changes_free) struct ab_changes all = { 0 };
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_layers layers;
	int top;

	if (!mkdtemp(name))
		abort();
	top = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	layers.lower = make_dir(top, "lower");
	layers.upper = layers.merged = make_dir(top, "upper");
	fill(layers.lower, layers.upper);
	(void)clock_gettime(CLOCK_REALTIME, &begun);
	tap_ok(t, ab_changes_list(&all, &layers, &begun, UINT64_MAX, &err) == 0, "layers are compared: %s", err.msg);
	say(&all, &text);
	tap_is(t, text.data,
	       "created Makefile 4\nmode dir/.z 0\nmodified dir/edited 0\nmode mode 1\ncreated new 0\ntype was-file 2\n",
	       "every change, and nothing that was only copied up");
	test_archive(t, &all, top, layers.upper);
	(void)close(layers.lower);
	(void)close(layers.upper);
	(void)close(top);
	if (fork() == 0) {
		execl("/bin/rm", "rm", "-rf", name, (char *)NULL);
		_exit(1);
	}
	(void)wait(NULL);
}

static void test_json(struct tap *t)
{
	struct ab_change c = { .path = (char *)"a\xff/b", .kind = AB_CHANGE_CREATED, .flags = AB_CHANGE_ESCAPES,
			       .now = { .mode = S_IFLNK | 0777, .target = (char *)"\xfe" } };
	struct ab_change back = { 0 };
	struct ab_err err = { 0 };
	json_auto_t *value = ab_change_json(&c);

	tap_ok(t, ab_change_read(value, &back, &err) == 0 && strcmp(back.path, c.path) == 0 &&
			  strcmp(back.now.target, c.now.target) == 0 && back.flags == c.flags,
	       "names that are no text come back byte for byte");
	ab_change_free(&back);
	(void)json_object_del(value, "path_hex");
	(void)json_object_set_new(value, "path", json_string("a/../../b"));
	tap_ok(t, ab_change_read(value, &back, &err) < 0 && err.status == AB_EXIT_NO, "a path that goes up is none");
	(void)json_object_set_new(value, "path", json_string("a"));
	(void)json_object_set_new(value, "change", json_string("deleted"));
	tap_ok(t, ab_change_read(value, &back, &err) < 0, "what is deleted is not there now");
}

static void test_hooks(struct tap *t)
{
	static const char *const hooks[] = { "Makefile", "sub/BUILD", "WORKSPACE.bazel", "flake.nix", ".bazelrc",
					     "a/autogen.sh", "jest.config.mjs", "settings.gradle.kts",
					     "x.csproj", ".pylintrc", "a/b/MAKEFILE", ".git/config", "x/.GitHub/workflows/ci.yml",
					     ".envrc",	 "a.pth",	 "HEAD",	"x.service",
					     ".git",	 ".wh.a",	 "a/.wh..wh..opq", "a/.wh.b/c" };
	static const char *const others[] = { "makefile.txt", "a/git/config", ".pth", "src/main.c", "github/x", "a.wh.b",
						"" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(hooks); i++)
		tap_ok(t, ab_is_hook(hooks[i], false), "%s is obeyed by others", hooks[i]);
	for (size_t i = 0; i < AB_ARRAY_SIZE(others); i++)
		tap_ok(t, !ab_is_hook(others[i], false), "\"%s\" is not", others[i]);
	tap_ok(t, !ab_is_hook(".git", true) && !ab_is_hook("Makefile", true) && ab_is_hook(".wh.a", true),
	       "a directory is not, but for the name that deletes another in a layer");
}

int main(void)
{
	struct tap t = { 0 };

	test_layers(&t);
	test_json(&t);
	test_hooks(&t);
	return tap_done(&t);
}
