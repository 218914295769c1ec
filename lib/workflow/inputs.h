/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs of a batch, one after the other: the files of a directory, or the lines of a file. */
#ifndef AB_WORKFLOW_INPUTS_H
#define AB_WORKFLOW_INPUTS_H

#include "lib/workflow/workflow.h"

struct ab_inputs {
	char **names; /* of a directory, in byte order; NULL: lines */
	size_t n, at; /* n of lines: 0, not known */
	size_t capacity;
	int dir, lines; /* one of them is open */
	struct ab_buf text;
	size_t from, looked; /* in text: what is not yet taken, and where no line end is before */
	bool at_end;
	uint64_t size, seen; /* bytes of the lines, 0: not known */
};

/* `what` is a directory, a file of lines, or "-": stdin. */
int ab_inputs_open(struct ab_inputs *in, const char *what, struct ab_err *err);

/*
 * The next one: 1, with its name (of a file, or the number of the line; the caller's) and a
 * descriptor of its document; 0 at the end. An input that cannot be had is its own failure: 1, with
 * *ret_fd -1 and the reason in err. AB_INPUTS_LATER: not yet, poll in->lines. -1: nothing more can
 * be had.
 */
#define AB_INPUTS_LATER 2
int ab_inputs_next(struct ab_inputs *in, char **ret_name, int *ret_fd, struct ab_err *err);

void ab_inputs_close(struct ab_inputs *in);

#endif
