/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input document: one JSON object built from values, files and changes in git, for the tool
 * that validates it. Every byte that goes in is checked to be UTF-8 and a refusal names the file
 * and the offset; what comes out is the canonical form of RFC 8785, so the same files give the same
 * bytes everywhere.
 *
 *	struct ab_input *in = ab_input_new(&limits, err);
 *	ab_input_set(in, "repository=acme/shop", err);
 *	ab_input_files(in, "context_files=src/" "**" "/" "*.c", err);
 *	ab_input_write(in, &out, err);
 */
#ifndef AB_BUNDLE_INPUT_H
#define AB_BUNDLE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

struct ab_input;

struct ab_input_limits {
	uint64_t bytes;	    /* of the whole document, and of a single file */
	uint64_t file_size; /* characters (code points, as JSON Schema counts) of one file of
			       ab_input_files() and ab_input_git() */
	uint64_t files;	    /* how many of them under one key */
	uint64_t diff_size; /* characters of the diff of ab_input_git() */
	uint64_t git_ms;    /* how long git may take */
};

#define AB_INPUT_LIMITS                                                                            \
	{                                                                                          \
		.bytes = 16u << 20, .file_size = 100000, .files = 50, .diff_size = 500000,         \
		.git_ms = 60000                                                                    \
	}

/*
 * `root` is the directory that globs and git work in; no file outside it is ever read by them. NULL
 * on failure.
 */
struct ab_input *ab_input_new(const char *root, const struct ab_input_limits *limits,
			      struct ab_err *err);

/* "KEY=TEXT": a string. A key that is already set is AB_EXIT_USAGE, here and below. */
int ab_input_set(struct ab_input *in, const char *assignment, struct ab_err *err);

/* "KEY=NUMBER": an integer, from -(2^53 - 1) to 2^53 - 1, which every reader of JSON can hold. */
int ab_input_set_int(struct ab_input *in, const char *assignment, struct ab_err *err);

/* "KEY=FILE": the file's text as a string; "-" is stdin. FILE need not lie beneath the root. */
int ab_input_set_file(struct ab_input *in, const char *assignment, struct ab_err *err);

/*
 * "KEY=GLOB": an array of {path, content}, one for each regular file beneath the root that matches
 * (lib/bundle/glob.h), in byte order of the paths and each once. May be repeated for a key, which
 * adds. A file over its limit is refused, not cut short.
 */
int ab_input_files(struct ab_input *in, const char *assignment, struct ab_err *err);

/*
 * A change in the git repository that holds the root: "diff", and the changed files as they are
 * after it under "context_files". RANGE is "A..B", "A...B" (from their merge base) or one commit
 * (against its first parent). A diff over its limit is refused. A changed file that is too large,
 * binary, a link or a submodule, or one too many, stays in the diff and is left out of
 * context_files with a note.
 */
int ab_input_git(struct ab_input *in, const char *range, struct ab_err *err);

/*
 * Gives up everything but reading beneath the root: call it behind ab_input_set_file() and
 * ab_input_git(), which need more, and before ab_input_files().
 */
int ab_input_confine(struct ab_input *in, struct ab_err *err);

/* What was left out and why: the i-th line, NULL behind the last. Belongs to `in`. */
const char *ab_input_note(const struct ab_input *in, size_t i);

/* Appends the document and a newline. */
int ab_input_write(struct ab_input *in, struct ab_buf *out, struct ab_err *err);

void ab_input_free(struct ab_input *in);
void ab_input_freep(struct ab_input **in);

#endif
