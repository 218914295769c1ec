/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle create: packs a directory into a bundle. */
#include "cmd/bundle/verbs.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/confine/confine.h"

#define NAME "ab-bundle create"

struct settings {
	const char *tree, *bundle;
	struct ab_list exclude;
	struct ab_bundle_limits limits;
	uint64_t threads;
};

/* Where the bundle comes to be: a file without a name until it is whole. */
struct output {
	int directory, fd;
	const char *base;
};

static void output_done(struct output *o)
{
	ab_auto_close(&o->fd);
	ab_auto_close(&o->directory);
}

static int open_directory(const char *path, struct ab_err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		ab_err_sys(err, "%s", path);
		err->status = AB_EXIT_USAGE;
	}
	return fd;
}

static int open_output(struct output *o, const char *path, struct ab_err *err)
{
	const char *slash = strrchr(path, '/');
	ab_autofree char *directory =
		slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	if (!directory)
		return ab_err_memory(err);
	o->base = slash ? slash + 1 : path;
	if (!*o->base || strlen(o->base) > 200)
		return ab_err_usage(err, "%s: not the name of a file", path);
	o->directory = open_directory(directory, err);
	if (o->directory < 0 || ab_path_check_replaceable(o->directory, o->base, err) < 0)
		return -1;
	o->fd = openat(o->directory, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
	return o->fd < 0 ? ab_err_sys(err, "%s", path) : 0;
}

/* Gives the file a name, and then the one that it was asked for, which another may have. */
static int keep_output(struct output *o, struct ab_err *err)
{
	char temporary[NAME_MAX + 1], link[64];

	(void)snprintf(temporary, sizeof(temporary), ".%.200s.%ld.tmp", o->base,
		       (long)getpid());				       /* fits */
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", o->fd); /* fits */
	(void)unlinkat(o->directory, temporary, 0);
	if (fsync(o->fd) < 0 ||
	    linkat(AT_FDCWD, link, o->directory, temporary, AT_SYMLINK_FOLLOW) < 0)
		return ab_err_sys(err, "%s", o->base);
	if (renameat(o->directory, temporary, o->directory, o->base) < 0) {
		ab_err_sys(err, "%s", o->base);
		(void)unlinkat(o->directory, temporary, 0);
		return -1;
	}
	return fsync(o->directory) < 0 ? ab_err_sys(err, "%s", o->base) : 0;
}

/* The bundle must not be packed into itself. */
static int check_apart(int root, const struct output *o, struct ab_err *err)
{
	struct stat tree, directory;

	if (fstat(root, &tree) < 0 || fstat(o->directory, &directory) < 0)
		return ab_err_sys(err, "fstat");
	if (tree.st_dev == directory.st_dev && tree.st_ino == directory.st_ino)
		return ab_err_usage(err, "%s: inside the directory that is packed", o->base);
	return 0;
}

static int pack(const struct settings *s, int root, struct output *o, struct ab_err *err)
{
	const struct ab_confine_path paths[] = { { root, AB_CONFINE_READ },
						 { o->directory, AB_CONFINE_WRITE } };
	const struct ab_bundle_source source = { .root = root,
						 .exclude = s->exclude.items,
						 .n_exclude = s->exclude.n };
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };

	if (ab_confine(AB_PROFILE_STORE, paths, AB_ARRAY_SIZE(paths), err) < 0 ||
	    ab_bundle_create(&source, o->fd, &s->limits, &bundle, err) < 0 ||
	    keep_output(o, err) < 0)
		return -1;
	ab_bundle_print_identity(bundle.identity);
	return 0;
}

static int run(struct settings *s, struct ab_err *err)
{
	ab_auto(output_done) struct output o = { .directory = -1, .fd = -1 };
	ab_autoclose int root = -1;

	if (ab_bundle_set_threads(&s->limits, s->threads, err) < 0)
		return -1;
	root = open_directory(s->tree, err);
	if (root < 0 || open_output(&o, s->bundle, err) < 0 || check_apart(root, &o, err) < 0)
		return -1;
	return pack(s, root, &o, err);
}

static void settings_done(struct settings *s)
{
	ab_list_free(&s->exclude);
}

int ab_bundle_main_create(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .limits = AB_BUNDLE_LIMITS };
	const struct ab_opt opts[] = {
		{ AB_OPT_LIST, 0, "exclude", "GLOB", "leave out what matches, by path or name",
		  &s.exclude },
		{ AB_OPT_NUMBER, 0, "max-files", "NUMBER", "files in it (default 200000)",
		  &s.limits.files },
		{ AB_OPT_NUMBER, 0, "threads", "NUMBER",
		  "threads (default: one a processor and one more)", &s.threads },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = NAME,
		.summary = "Pack the files of DIR into BUNDLE and print its identity",
		.operands = "DIR BUNDLE",
		.opts = opts,
		.min = 2,
		.max = 2,
	};
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	s.tree = argv[first];
	s.bundle = argv[first + 1];
	return ab_io_finish(run(&s, &err) < 0 ? ab_err_report(NAME, &err) : AB_EXIT_OK);
}
