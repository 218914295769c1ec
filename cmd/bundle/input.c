/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle input: the input document from values, files, and a change in git. */
#include "cmd/bundle/verbs.h"

#include "lib/base/io.h"
#include "lib/base/opt.h"
#include "lib/bundle/bundle.h"

#define NAME "ab-bundle input"

struct settings {
	const char *root, *range;
	struct ab_list set, set_int, set_file, files;
	struct ab_input_limits limits;
};

static void settings_done(struct settings *s)
{
	ab_list_free(&s->set);
	ab_list_free(&s->set_int);
	ab_list_free(&s->set_file);
	ab_list_free(&s->files);
}

typedef int (*add_fn)(struct ab_input *, const char *, struct ab_err *);

static int add_all(struct ab_input *in, const struct ab_list *list, add_fn add, struct ab_err *err)
{
	for (size_t i = 0; i < list->n; i++)
		if (add(in, list->items[i], err) < 0)
			return -1;
	return 0;
}

static int build(const struct settings *s, struct ab_input *in, struct ab_buf *out,
		 struct ab_err *err)
{
	if (add_all(in, &s->set, ab_input_set, err) < 0 ||
	    add_all(in, &s->set_int, ab_input_set_int, err) < 0 ||
	    add_all(in, &s->set_file, ab_input_set_file, err) < 0)
		return -1;
	if (s->range && ab_input_git(in, s->range, err) < 0)
		return -1;
	if (ab_input_confine(in, err) < 0 || add_all(in, &s->files, ab_input_files, err) < 0)
		return -1;
	return ab_input_write(in, out, err);
}

static int run(const struct settings *s, struct ab_err *err)
{
	ab_auto(ab_input_freep) struct ab_input *in = ab_input_new(s->root, &s->limits, err);
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };

	if (s->range && !*s->range)
		return ab_err_usage(err, "--from-git: expected a range of commits");
	if (!s->range && !(s->set.n + s->set_int.n + s->set_file.n + s->files.n))
		return ab_err_usage(err, "nothing to put into a document; try " NAME " --help");
	if (!in || build(s, in, &out, err) < 0)
		return -1;
	for (size_t i = 0; ab_input_note(in, i); i++)
		ab_err_note(NAME, "%s", ab_input_note(in, i));
	return ab_io_write(STDOUT_FILENO, out.data, out.len, err) < 0
		       ? ab_err_prefix(err, "standard output: ")
		       : 0;
}

int ab_bundle_main_input(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .root = ".", .limits = AB_INPUT_LIMITS };
	const struct ab_opt opts[] = {
		{ AB_OPT_LIST, 0, "set", "KEY=TEXT", "set a member to a string", &s.set },
		{ AB_OPT_LIST, 0, "set-int", "KEY=NUMBER", "set a member to an integer",
		  &s.set_int },
		{ AB_OPT_LIST, 0, "set-file", "KEY=FILE", "set a member to a file's text",
		  &s.set_file },
		{ AB_OPT_LIST, 0, "files", "KEY=GLOB", "add the files that match to a member",
		  &s.files },
		{ AB_OPT_STRING, 0, "from-git", "RANGE",
		  "set diff and context_files from a change in git", &s.range },
		{ AB_OPT_STRING, 0, "root", "DIR", "where globs and git work (default: here)",
		  &s.root },
		{ AB_OPT_NUMBER, 0, "max-file", "NUMBER", "characters of a file (default 100000)",
		  &s.limits.file_size },
		{ AB_OPT_NUMBER, 0, "max-files", "NUMBER", "files under one key (default 50)",
		  &s.limits.files },
		{ AB_OPT_NUMBER, 0, "max-diff", "NUMBER",
		  "characters of the diff of --from-git (default 500000)", &s.limits.diff_size },
		{ AB_OPT_SIZE, 0, "max-bytes", "SIZE",
		  "size of the document and of each file (default 16M)", &s.limits.bytes },
		{ AB_OPT_DURATION, 0, "git-time", "DURATION",
		  "how long each run of git may take (default 60s)", &s.limits.git_ms },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = NAME,
		.summary = "Build the input document of a run, as canonical JSON, on stdout",
		.opts = opts,
	};
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (run(&s, &err) < 0)
		return ab_io_finish(ab_err_report(NAME, &err));
	return ab_io_finish(AB_EXIT_OK);
}
