/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/git.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/value.h"

#define MAX_WORDS   32
#define OBJECT_NAME 64 /* hexadecimal digits of SHA-256, the longer of git's two */
#define GIT_DIR	    "--git-dir="
#define SMALL	    4096

struct repository {
	const char *root;
	struct ab_buf dir; /* GIT_DIR and the path */
	const struct ab_run_limits *limits;
};

/* Runs git on the object store with the words given; `keep` takes its output. */
static int git(const struct repository *r, const char *const words[], const struct ab_buf *input,
	       struct ab_buf *keep, struct ab_err *err)
{
	/* What git takes for the working tree is its own directory: no attributes lie there. */
	const char *argv[MAX_WORDS + 16] = { "git",
					     "-C",
					     r->dir.data + strlen(GIT_DIR),
					     r->dir.data,
					     "-c",
					     "core.attributesFile=/dev/null",
					     "-c",
					     "protocol.allow=never",
					     "-c",
					     "core.quotePath=false",
					     "-c",
					     "diff.suppressBlankEmpty=false",
					     "-c",
					     "core.fsmonitor=false" };
	size_t n = 14;

	for (size_t i = 0; words[i] && i < MAX_WORDS; i++)
		argv[n++] = words[i];
	return ab_run(argv, input, r->limits, keep, err);
}

/* One line of output into `line`, without its end. */
static int git_line(const struct repository *r, const char *const words[], struct ab_buf *line,
		    struct ab_err *err)
{
	ab_buf_clear(line);
	if (git(r, words, NULL, line, err) < 0)
		return -1;
	if (line->len == 0 || line->len > SMALL || line->data[line->len - 1] != '\n')
		return ab_err_trouble(err, "git %s: unexpected answer", words[0]);
	line->data[--line->len] = '\0';
	return 0;
}

static int open_repository(struct repository *r, struct ab_err *err)
{
	const char *const argv[] = {
		"git", "-C", r->root, "rev-parse", "--absolute-git-dir", NULL
	};

	ab_buf_adds(&r->dir, GIT_DIR);
	if (ab_buf_ok(&r->dir, err) < 0 || ab_run(argv, NULL, r->limits, &r->dir, err) < 0)
		return -1;
	if (r->dir.len > SMALL || r->dir.data[r->dir.len - 1] != '\n')
		return ab_err_trouble(err, "git rev-parse: unexpected answer");
	r->dir.data[--r->dir.len] = '\0';
	return 0;
}

/* The commit that `name` (len bytes; none: HEAD) and then `suffix` say. */
static int resolve(const struct repository *r, const char *name, size_t len, const char *suffix,
		   struct ab_buf *commit, struct ab_err *err)
{
	struct ab_buf spec = { 0 };
	const char *const words[] = { "rev-parse", "--verify", "--quiet", "", NULL };
	const char *asked[AB_ARRAY_SIZE(words)];
	struct ab_err why = { 0 };
	int status;

	ab_buf_add(&spec, len ? name : "HEAD", len ? len : 4);
	ab_buf_adds(&spec, suffix);
	if (ab_buf_ok(&spec, err) < 0)
		return -1;
	memcpy(asked, words, sizeof(words));
	asked[3] = spec.data;
	status = spec.data[0] == '-' ? -1 : git_line(r, asked, commit, &why);
	if (status < 0 && why.status == AB_EXIT_TROUBLE)
		*err = why;
	else if (status < 0)
		ab_err_usage(err, "%.*s: no such commit", (int)(len ? len : 4),
			     len ? name : "HEAD");
	ab_buf_free(&spec);
	return status;
}

/* What a commit without a parent is compared to. */
static int empty_tree(const struct repository *r, const char *range, struct ab_buf *base,
		      struct ab_err *err)
{
	const char *const is_shallow[] = { "rev-parse", "--is-shallow-repository", NULL };
	const char *const hash[] = { "hash-object", "-t", "tree", "--stdin", NULL };

	if (git_line(r, is_shallow, base, err) < 0)
		return -1;
	if (strcmp(base->data, "true") == 0)
		return ab_err_usage(err, "%s: its parent is not in this shallow clone", range);
	return git_line(r, hash, base, err);
}

static int merge_base(const struct repository *r, const char *tip, struct ab_buf *base,
		      struct ab_err *err)
{
	struct ab_buf found = { 0 };
	const char *const words[] = { "merge-base", base->data, tip, NULL };
	int status = git_line(r, words, &found, err);

	if (status == 0) {
		ab_buf_free(base);
		*base = found;
	} else {
		ab_buf_free(&found);
	}
	return status;
}

/* The two ends of the range, as object names. */
static int resolve_range(const struct repository *r, const char *range, struct ab_buf *base,
			 struct ab_buf *tip, struct ab_err *err)
{
	const char *dots = strstr(range, "..");
	bool symmetric = dots && dots[2] == '.';
	const char *end = dots ? dots + (symmetric ? 3 : 2) : range;
	struct ab_err none = { 0 };

	if (resolve(r, end, strlen(end), "^{commit}", tip, err) < 0)
		return -1;
	if (dots) {
		if (resolve(r, range, (size_t)(dots - range), "^{commit}", base, err) < 0)
			return -1;
		return symmetric ? merge_base(r, tip->data, base, err) : 0;
	}
	if (resolve(r, tip->data, tip->len, "^1", base, &none) == 0)
		return 0;
	if (none.status == AB_EXIT_TROUBLE) {
		*err = none;
		return -1;
	}
	return empty_tree(r, range, base, err);
}

static int read_diff(const struct repository *r, const char *base, const char *tip,
		     struct ab_buf *diff, struct ab_err *err)
{
	const char *const words[] = { "diff-tree",
				      "-r",
				      "-p",
				      "-M",
				      "-l1000",
				      "-U3",
				      "--no-commit-id",
				      "--no-ext-diff",
				      "--no-textconv",
				      "--no-color",
				      "--src-prefix=a/",
				      "--dst-prefix=b/",
				      "--submodule=short",
				      "--ignore-submodules=none",
				      "--diff-algorithm=myers",
				      "--no-relative",
				      base,
				      tip,
				      "--",
				      NULL };

	return git(r, words, NULL, diff, err);
}

/* One record of `diff-tree --raw -z`: ":mode mode object object STATUS" NUL path NUL [path NUL]. */
struct raw {
	const char *at, *end;
};

static const char *next_field(struct raw *raw)
{
	const char *field = raw->at;
	const char *nul = memchr(field, '\0', (size_t)(raw->end - field));

	if (!nul)
		return NULL;
	raw->at = nul + 1;
	return field;
}

static int add_file(struct ab_git_change *change, unsigned mode, const char *object,
		    const char *path, struct ab_err *err)
{
	struct ab_git_file *files =
		reallocarray(change->files, change->n + 1, sizeof(*change->files));
	struct ab_git_file *f;

	if (!files)
		return ab_err_memory(err);
	change->files = files;
	f = &files[change->n];
	*f = (struct ab_git_file){ .mode = mode, .size = UINT64_MAX, .path = strdup(path) };
	if (!f->path)
		return ab_err_memory(err);
	(void)snprintf(f->object, sizeof(f->object), "%s", object); /* as long as it was read */
	change->n++;
	return 0;
}

static int parse_record(struct raw *raw, struct ab_git_change *change, struct ab_err *err)
{
	const char *head = next_field(raw), *path = next_field(raw);
	char object[OBJECT_NAME + 1], kind;
	unsigned mode;

	if (!head || !path ||
	    sscanf(head, ":%*o %o %*64[0-9a-f] %64[0-9a-f] %c", &mode, object, &kind) != 3)
		return ab_err_trouble(err, "git diff-tree: unexpected answer");
	if (kind == 'R' || kind == 'C')
		path = next_field(raw);
	if (!path)
		return ab_err_trouble(err, "git diff-tree: unexpected answer");
	return kind == 'D' ? 0 : add_file(change, mode, object, path, err);
}

static int compare_files(const void *a, const void *b)
{
	return strcmp(((const struct ab_git_file *)a)->path, ((const struct ab_git_file *)b)->path);
}

static int read_files(const struct repository *r, const char *base, const char *tip,
		      struct ab_git_change *change, struct ab_err *err)
{
	const char *const words[] = { "diff-tree",
				      "-r",
				      "-M",
				      "-l1000",
				      "-z",
				      "--raw",
				      "--no-abbrev",
				      "--no-commit-id",
				      "--no-ext-diff",
				      "--ignore-submodules=none",
				      "--no-relative",
				      base,
				      tip,
				      "--",
				      NULL };
	struct ab_buf text = { 0 };
	int status = git(r, words, NULL, &text, err);
	struct raw raw = { text.data, text.data + text.len };

	while (status == 0 && raw.at < raw.end)
		status = parse_record(&raw, change, err);
	ab_buf_free(&text);
	if (change->n)
		qsort(change->files, change->n, sizeof(*change->files), compare_files);
	return status;
}

/* The objects that `cat-file --batch` is asked for, one a line. */
static int ask(const struct ab_git_change *change, const unsigned char *wanted,
	       struct ab_buf *names, struct ab_err *err)
{
	for (size_t i = 0; i < change->n; i++)
		if (wanted ? wanted[i] : change->files[i].mode != 0160000)
			ab_buf_addf(names, "%s\n", change->files[i].object);
	return ab_buf_ok(names, err);
}

static int answer_missing(const struct ab_git_file *f, struct ab_err *err)
{
	return ab_err_trouble(err, "%s: git has no blob for it", f->path);
}

/* "OBJECT blob SIZE" at *at; *at moves behind the line. */
static int parse_head(const char **at, const char *end, struct ab_git_file *f, struct ab_err *err)
{
	const char *line_end = *at ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;
	char object[OBJECT_NAME + 1], number[24];

	if (!line_end || sscanf(*at, "%64[0-9a-f] blob %20[0-9]", object, number) != 2 ||
	    strcmp(object, f->object) != 0)
		return answer_missing(f, err);
	*at = line_end + 1;
	return ab_value_number(number, 0, UINT64_MAX - 1, &f->size, err);
}

static int read_sizes(const struct repository *r, struct ab_git_change *change, struct ab_err *err)
{
	const char *const words[] = { "cat-file", "--batch-check", NULL };
	struct ab_buf names = { 0 }, text = { 0 };
	const char *at;
	int status = ask(change, NULL, &names, err);

	if (status == 0 && names.len)
		status = git(r, words, &names, &text, err);
	at = text.data;
	for (size_t i = 0; status == 0 && i < change->n; i++)
		if (change->files[i].mode != 0160000)
			status = parse_head(&at, text.data + text.len, &change->files[i], err);
	ab_buf_free(&names);
	ab_buf_free(&text);
	return status;
}

static int take_text(const char **at, const char *end, struct ab_git_file *f, struct ab_err *err)
{
	if (parse_head(at, end, f, err) < 0)
		return -1;
	if ((uint64_t)(end - *at) < f->size + 1)
		return answer_missing(f, err);
	ab_buf_add(&f->text, *at, f->size);
	*at += f->size + 1;
	return ab_buf_ok(&f->text, err);
}

int ab_git_contents(const char *root, struct ab_git_change *change, const unsigned char *wanted,
		    const struct ab_run_limits *limits, struct ab_err *err)
{
	const char *const words[] = { "cat-file", "--batch", NULL };
	struct repository r = { .root = root, .limits = limits };
	struct ab_buf names = { 0 }, text = { 0 };
	const char *at;
	int status = ask(change, wanted, &names, err);

	if (status == 0 && names.len)
		status = open_repository(&r, err);
	if (status == 0 && names.len)
		status = git(&r, words, &names, &text, err);
	at = text.data;
	for (size_t i = 0; status == 0 && i < change->n; i++)
		if (wanted[i])
			status = take_text(&at, text.data + text.len, &change->files[i], err);
	ab_buf_free(&r.dir);
	ab_buf_free(&names);
	ab_buf_free(&text);
	return status;
}

int ab_git_change(const char *root, const char *range, const struct ab_run_limits *limits,
		  struct ab_git_change *ret, struct ab_err *err)
{
	struct repository r = { .root = root, .limits = limits };
	struct ab_buf base = { 0 }, tip = { 0 };
	int status = open_repository(&r, err);

	if (status == 0)
		status = resolve_range(&r, range, &base, &tip, err);
	if (status == 0)
		status = read_diff(&r, base.data, tip.data, &ret->diff, err);
	if (status == 0)
		status = read_files(&r, base.data, tip.data, ret, err);
	if (status == 0)
		status = read_sizes(&r, ret, err);
	ab_buf_free(&r.dir);
	ab_buf_free(&base);
	ab_buf_free(&tip);
	return status;
}

void ab_git_change_free(struct ab_git_change *change)
{
	for (size_t i = 0; i < change->n; i++) {
		free(change->files[i].path);
		ab_buf_free(&change->files[i].text);
	}
	free(change->files);
	ab_buf_free(&change->diff);
	*change = (struct ab_git_change){ 0 };
}
