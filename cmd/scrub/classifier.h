/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A site's own classifier (--exec-classifier): a program in a jail of ab-jail's, which is started
 * before ab-scrub confines itself, gets the document and answers with findings. What goes wrong
 * with it is AB_EXIT_TROUBLE.
 */
#ifndef AB_CMD_SCRUB_CLASSIFIER_H
#define AB_CMD_SCRUB_CLASSIFIER_H

#include <sys/types.h>
#include "lib/base/buf.h"
#include "lib/base/opt.h"

struct ab_classifier {
	const char *command;	  /* NULL: there is none */
	uint64_t time_ms;	  /* 0: 60 seconds */
	struct ab_list read_only; /* what it may read besides, as --ro of ab-jail */
	pid_t pid;
	int to, from, said; /* its input and output; what the jail said */
};

#define AB_CLASSIFIER_INIT                                                                         \
	{                                                                                          \
		.to = -1, .from = -1, .said = -1                                                   \
	}

/* Starts the jail, which waits for the document. */
int ab_classifier_start(struct ab_classifier *c, struct ab_err *err);

/* Gives it the document, and takes its whole answer; its exit status must be 0. */
int ab_classifier_ask(struct ab_classifier *c, const unsigned char *text, size_t size,
		      struct ab_buf *answer, struct ab_err *err);

/* Closes what leads to it: a jail that has got no document ends by itself. */
void ab_classifier_done(struct ab_classifier *c);

#endif
