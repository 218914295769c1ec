/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A filter's place in a pipeline: reads the document from stdin into held bytes, hashing it; lets
 * it or another document out, or nothing; writes the receipt; closes stdout. With AB_RECEIPTS set
 * it drains stdin before a refusal ends the pipeline, and takes a broken pipe as a verdict (SIGPIPE
 * is then ignored), so that the last stage never sees the end before every receipt is there. A
 * signal that asks it to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT) is a verdict, too, until the
 * document goes out: the receipt says `interrupted`, and stdin is drained for a moment, since the
 * stage before is told of the signal as well and has a receipt to write.
 *
 *	ab_auto(ab_stage_close) struct ab_stage stage = AB_STAGE_INIT;
 *
 *	if (ab_stage_open(&stage, "ab-validate", s.stage, 0, &err) < 0 ||
 *	    load_schema(&s, &err) < 0 || ab_stage_confine(&stage, &err) < 0 ||
 *	    ab_stage_read(&stage, STDIN_FILENO, &err) < 0 || check(&s, &stage.in, &err) < 0)
 *		return ab_stage_fail(&stage, &err);
 *	return ab_stage_pass(&stage, &stage.in);
 */
#ifndef AB_RECEIPT_STAGE_H
#define AB_RECEIPT_STAGE_H

#include "lib/base/hold.h"
#include "lib/receipt/receipt.h"

struct ab_stage {
	const char *tool, *stage;
	struct ab_receipts *receipts;
	struct ab_hold in;
	struct ab_sha256 in_hash, out_hash;
	uint64_t in_bytes, out_bytes, started_ns;
	int signals;   /* a signalfd, where there are receipts; else -1 */
	int signal;    /* the one that came; 0: none */
	int input;     /* the descriptor that is read; STDIN_FILENO until ab_stage_read() */
	bool at_end;   /* input was read to its end */
	json_t *facts; /* an object; add to it */
};

#define AB_STAGE_INIT                                                                              \
	{                                                                                          \
		.in = AB_HOLD_INIT, .signals = -1                                                  \
	}

/* Opens the receipts (if any) and the spool of `in`. max: limit of a document in bytes, 0: none. */
int ab_stage_open(struct ab_stage *s, const char *tool, const char *stage, uint64_t max,
		  struct ab_err *err);

/*
 * Confines the process to its held descriptors (AB_PROFILE_FILTER), and to the directory of the
 * receipts, where large facts go. Call it once all files are open, before a byte is read.
 */
int ab_stage_confine(struct ab_stage *s, struct ab_err *err);

/* Reads fd to its end into s->in, hashing. */
int ab_stage_read(struct ab_stage *s, int fd, struct ab_err *err);

/* For tools that work piece by piece (--lines): reads some bytes, hashing, not held. 0: the end. */
ssize_t ab_stage_read_some(struct ab_stage *s, int fd, void *data, size_t len, struct ab_err *err);

/* Writes to stdout, hashing. For --lines; ab_stage_pass() does it for whole documents. */
int ab_stage_write(struct ab_stage *s, const void *data, size_t len, struct ab_err *err);

/* Lets `out` through (NULL: what was to be written has been), writes the receipt, closes stdout.
 * Returns the exit status: 0, or 3 (with a line on stderr) if output or receipt was lost. */
int ab_stage_pass(struct ab_stage *s, struct ab_hold *out);

/*
 * Says no: prints err->msg on stderr (an empty one is not printed: it has been said), drains stdin
 * if there are receipts, writes the receipt with `reason` (one line without instance values; NULL:
 * err->msg) and closes stdout. AB_EXIT_NO is AB_REFUSED, anything else AB_FAILED. Returns
 * err->status; 128 + N, silently, if signal N interrupted the stage.
 */
int ab_stage_refuse(struct ab_stage *s, const struct ab_err *err, const char *reason);

/* ab_stage_refuse(s, err, NULL). */
int ab_stage_fail(struct ab_stage *s, const struct ab_err *err);

void ab_stage_close(struct ab_stage *s);

#endif
