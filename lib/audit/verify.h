/* SPDX-License-Identifier: Apache-2.0 */
/* A verification in progress. Private to lib/audit. */
#ifndef AB_AUDIT_VERIFY_H
#define AB_AUDIT_VERIFY_H

#include "lib/audit/record.h"

/* A run that began; `started` is its record's index. */
struct begun {
	uint64_t started;
	char run[37];
	unsigned char said[16]; /* of the hash of its workflow's type and id, which its end repeats */
	bool recent, ended;
};

/* A blob that was not there. */
struct missing {
	uint64_t index;
	char hash[AB_SHA256_TEXT];
	bool redacted;
};

struct check {
	struct ab_log *log;
	const struct ab_verify *how;
	struct ab_verified *ret;
	struct ab_err *err;
	struct ab_checkpoint public;
	struct ab_tree *tree;
	struct ab_buf tile, bundle;
	struct ab_buf edge[1 + AB_TILE_LEVELS]; /* unfinished tiles: entries, then levels */
	struct ab_json_tape records;
	struct ab_buf scratch;
	struct begun *begun; /* in the order of `started` */
	size_t n_begun, room;
	struct missing *missing;
	size_t n_missing;
	bool rotated;			/* the last record named the next log */
	struct ab_keyring keys, active; /* all keys up to this record, and those that sign */
};

/* Checks one record, and keeps book of runs that began and ended. */
int ab_check_record(struct check *c, uint64_t index, const unsigned char *entry, size_t len);
/* At the end: runs without an end. */
int ab_check_ends(struct check *c);
void ab_check_records_free(struct check *c);

/* The keys by which records and checkpoint are signed; the records that replace them. */
void ab_check_keys_start(struct check *c);
int ab_check_rekeyed(struct check *c, const json_t *record);
int ab_check_key_ended(struct check *c, const json_t *record);
int ab_check_keys(struct check *c);

/* Whether a note says that the last of these keys is to follow, in the log with that tree, and all of
 * them have signed it. */
int ab_rekey_check(const char *note, const struct ab_checkpoint *tree,
		   const struct ab_keyring *signers, struct ab_err *err);

/* The checkpoints that are kept, and their time stamps. */
int ab_check_kept(struct check *c);

/* Whether the files beneath LOG/tile are those of this tree: nothing else, no older state of a tile
 * that says something else. */
int ab_check_names(struct check *c);

#endif
