/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts: what each tool of a pipeline says it did, one line of JSON a tool in the file that
 * $AB_RECEIPTS names (schemas/receipt.schema.json). `ab-audit begin` makes the file, each tool adds
 * its line before it closes its stdout, `ab-audit append` reads, checks and removes it.
 *
 * The file is 0600 in a fresh 0700 directory; tools open it O_APPEND|O_NOFOLLOW, check owner, mode
 * and link count, and write each line once, whole, under flock(2). Whoever has it open holds a
 * shared flock(2) on its directory: that a run is alive is what the kernel knows of it.
 */
#ifndef AB_RECEIPT_RECEIPT_H
#define AB_RECEIPT_RECEIPT_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/crypto/sha256.h"
#include "lib/json/json.h"

#define AB_RECEIPT_MAX_LINE 65536 /* larger facts go to a file beside, named by hash */

enum ab_verdict {
	AB_PASSED,
	AB_REFUSED,
	AB_FAILED,
	AB_TIMEOUT,
	AB_LIMIT,
	AB_INTERRUPTED,
};

/* "passed", "refused", ... as they stand in receipts and records. */
const char *ab_verdict_name(enum ab_verdict verdict);
/* The verdict of that name, or -1. */
int ab_verdict_parse(const char *name);

struct ab_digest {
	unsigned char sha256[AB_SHA256_SIZE];
	uint64_t bytes;
};

/* One tool's receipt, to be filled in and written. */
struct ab_receipt {
	const char *tool;  /* "ab-validate" */
	const char *stage; /* "input", or NULL */
	enum ab_verdict verdict;
	const char *reason; /* one line, no instance values; NULL if passed */
	int exit;
	struct ab_digest in, out;
	uint64_t duration_ms;
	json_t *facts; /* an object, or NULL; borrowed */
};

/* The open file of the run. */
struct ab_receipts;

/*
 * Opens the file of this run, if AB_RECEIPTS is set: *ret is NULL without an error if it is not.
 * AB_RUN must then be set and be the run that the file's first line names. A file that is not ours,
 * or of a finished run (it is then removed), is an AB_EXIT_USAGE error. Call it before confining.
 */
int ab_receipts_open(struct ab_receipts **ret, struct ab_err *err);

/*
 * end: takes over the file of a run that nobody works on any more, so that nobody can from here on.
 * 1, with *ret set; 0 if it is lost or is not the run's, with the reason in err->msg; -1
 * (AB_EXIT_NO) if a process of the run is alive.
 */
int ab_receipts_take(const char *path, const char *run, struct ab_receipts **ret,
		     struct ab_err *err);

/* Appends one line. `receipts` may be NULL: nothing to do. */
int ab_receipts_write(struct ab_receipts *receipts, const struct ab_receipt *receipt,
		      struct ab_err *err);

/* The directory of the file, for a process that confines itself and may have to write large facts;
 * -1 if receipts is NULL. */
int ab_receipts_dirfd(const struct ab_receipts *receipts);

/* The directory that holds that one, from which ab_receipts_remove() removes it; -1 likewise. */
int ab_receipts_parentfd(const struct ab_receipts *receipts);

void ab_receipts_close(struct ab_receipts *receipts);

/* For ab_auto(). */
static inline void ab_receipts_closep(struct ab_receipts **receipts)
{
	ab_receipts_close(*receipts);
}

/* What the first line of the file says: how the run began. The strings belong to `head`. */
struct ab_run {
	json_t *head;	    /* the whole line */
	const char *id;	    /* AB_RUN: a UUID */
	const char *type;   /* workflow type */
	const char *origin; /* of the log that holds the `started` record */
	uint64_t started;   /* its index there */
};

/*
 * begin: makes the file in a fresh directory under $XDG_RUNTIME_DIR (if it is ours and 0700) or
 * /tmp; `head` (an object with at least run, type, origin, started) is its first line. Returns the
 * file's path, the caller's to free, NULL on failure.
 */
char *ab_receipts_create(const json_t *head, struct ab_err *err);

/* The directory in which it makes that one. */
const char *ab_receipts_place(void);

/* Removes what ab_receipts_create() made, when the run has not come to be. */
void ab_receipts_discard(const char *path);

/*
 * append: takes the file of the environment over: *ret_run (release with
 * json_decref(ret_run->head)) and the receipts so far, an array in the order written (the
 * caller's). Large facts are read back. A line that is not a receipt of this run is an entry
 * {"invalid": "line N: why"}.
 */
int ab_receipts_load(struct ab_receipts *receipts, struct ab_run *ret_run, json_t **ret_array,
		     struct ab_err *err);

/*
 * The same array for who only watches the run: large facts stay where they are, named by their
 * hash. Works after ab_receipts_remove() too, as long as `receipts` is open. ret_head (may be NULL)
 * gets the first line, the caller's too; ret_record (may be NULL) what ab_receipts_finish() left,
 * or UINT64_MAX.
 */
int ab_receipts_list(struct ab_receipts *receipts, json_t **ret_array, json_t **ret_head,
		     uint64_t *ret_record, struct ab_err *err);

/* Marks the run as finished, so that no tool writes to it any more, and leaves the index of its last
 * record (UINT64_MAX: there is none) for who watches it. Call it once the record is durable. */
int ab_receipts_finish(struct ab_receipts *receipts, uint64_t record, struct ab_err *err);

/* Removes the file, its large facts and its directory. */
void ab_receipts_remove(struct ab_receipts *receipts);

/* What the receipts of a run add up to. */
struct ab_chain {
	enum ab_verdict verdict; /* AB_PASSED only if every expected stage is there, in order,
				    passed, linked to the one before, and from one bundle */
	char stage[64];		 /* the first that did not pass, "validate:input"; "" if passed */
	char reason[512];	 /* "stage scrub:output refused: ...", "stage jail died" */
	int exit;		 /* that stage's exit status; -1 if it left no receipt */
	char cause[24];		 /* facts.exit_reason of its receipt; "" if it has none */
};

/*
 * Checks receipts (the array of ab_receipts_load()) against `expect`, a comma-separated list of
 * TOOL[:STAGE] without "ab-" ("validate:input,jail,scrub:output"; NULL or "": take them as they
 * are), and the last one's output against what arrived at the end of the pipeline (NULL: nobody
 * saw what arrived). A stage that was interrupted is the reason wherever its receipt stands: it
 * wrote that at once, maybe before the stages in front of it had written theirs.
 */
void ab_chain_check(const json_t *receipts, const char *expect, const struct ab_digest *arrived,
		    struct ab_chain *ret);

#endif
