/* SPDX-License-Identifier: Apache-2.0 */
/* The log object's inside. Private to lib/audit. */
#ifndef AB_AUDIT_LOG_H
#define AB_AUDIT_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/audit/audit.h"
#include "lib/audit/tree.h"

#define AB_WAL_BOOT 16
/* A longer write-ahead log is cut while it is written; each open reads it whole. */
#define AB_WAL_LONG ((off_t)32 << 20)

struct ab_log {
	char *path;
	int dir, own, lock, wal; /* LOG, LOG/.ab, its lock and wal; -1 where a reader has none */
	bool locked, failed;
	const struct ab_skey *key;	  /* NULL: a reader */
	struct ab_keyring ring;		  /* LOG/vkey: all keys that the log has had */
	struct ab_vkey vkey;		  /* the last of them */
	struct ab_vkey trusted;		  /* a reader's: the one that it was told of, or has followed */
	const struct ab_skey *signers[2]; /* a writer's: who signs, once it has the lock */
	size_t n_signers;
	unsigned char boot[AB_WAL_BOOT]; /* of the running kernel; zeros: not known */

	struct ab_tree *tree; /* all entries, added ones too */
	struct ab_tree *base; /* a multiple of 256: what is in whole tiles */
	struct ab_buf tail;   /* bundle encoding of the entries from base->size to committed */
	struct ab_buf leaves; /* leaf hashes of the entries from base->size to tree->size */
	struct ab_buf note;   /* the signed checkpoint of `committed` */
	uint64_t committed;   /* entries that are durable */
	uint64_t published;   /* size of the checkpoint file */
	unsigned char root[AB_SHA256_SIZE]; /* a reader's: of the tree of `committed` */
	off_t torn;			    /* a reader's: bytes of an unfinished commit */
	bool stale;			    /* tiles may hold what no checkpoint names: tidy up */

	struct ab_buf frame; /* the commit that is being built; empty: none */
	uint32_t added;	     /* entries in it */

	ino_t wal_inode;
	off_t wal_end;	   /* of its last whole frame */
	uint64_t wal_base; /* the tree's size where it starts */
};

/* log.c */

/* A log object with nothing open; the key is a writer's. */
struct ab_log *ab_log_alloc(const char *dir, const struct ab_skey *key, struct ab_err *err);
/* Reads the running kernel's boot id. */
void ab_log_read_boot(struct ab_log *log);
/* Signs a checkpoint of log->tree into log->note. */
int ab_log_sign_tree(struct ab_log *log, struct ab_err *err);
/* A reader's log object with its directory open and its key loaded (vkey NULL: from LOG/vkey). */
struct ab_log *ab_log_new(const char *dir, const struct ab_vkey *vkey, struct ab_err *err);
/* Opens lock (shared) and write-ahead log of a reader; a copy without them leaves log->wal at -1.
 */
int ab_log_open_own(struct ab_log *log, struct ab_err *err);
/* Like ab_log_read(), and keeps the lock; the key need not have signed the newest checkpoint, only
 * be one of LOG/vkey. */
struct ab_log *ab_log_read_locked(const char *dir, const struct ab_vkey *vkey, struct ab_err *err);
/* The root of the tree as it was at `size`, from tiles or memory. */
int ab_log_root_at(const struct ab_log *log, uint64_t size, unsigned char out[AB_SHA256_SIZE],
		   struct ab_err *err);
/* Compares the published checkpoint with the replayed state. */
int ab_log_compare(struct ab_log *log, struct ab_err *err);

/* keys.c */

/* Reads LOG/vkey. */
int ab_log_load_keys(struct ab_log *log, struct ab_err *err);
/* Which of the writer's keys sign: those that signed the newest checkpoint. */
int ab_log_choose_signers(struct ab_log *log, struct ab_err *err);
/* Adds to LOG/vkey the key that the newest record named, once that is published. */
int ab_log_follow_keys(struct ab_log *log, struct ab_err *err);
/* What both keys sign when one is to follow the other. */
int ab_rekey_text(const struct ab_checkpoint *tree, const struct ab_vkey *next, struct ab_buf *out,
		  struct ab_err *err);

/* wal.c */

/* Reads what the write-ahead log holds beyond log->wal_end (0: from the start, base included) into
 * the log's state. *ret_torn: bytes behind the last whole frame. */
int ab_wal_replay(struct ab_log *log, off_t *ret_torn, struct ab_err *err);

/* Starts and finishes a frame in log->frame. */
void ab_wal_frame_start(struct ab_log *log);
int ab_wal_frame_end(struct ab_log *log, struct ab_err *err);
/* The frame has been written and synced: its entries go to the tail. */
void ab_wal_frame_taken(struct ab_log *log);

/* Replaces the write-ahead log by one that starts at log->base and carries log->tail. All before
 * must be on disk in tiles. */
int ab_wal_restart(struct ab_log *log, struct ab_err *err);

/* Adds one entry in bundle encoding. */
void ab_bundle_add(struct ab_buf *bundle, const void *entry, size_t len);
/* The entry at *at, and steps over it; false: no whole entry there. */
bool ab_bundle_next(const struct ab_buf *bundle, size_t *at, const unsigned char **ret,
		    size_t *ret_len);

/* publish.c */

/* Whole tiles only: moves log->base forward. */
int ab_publish_whole(struct ab_log *log, struct ab_err *err);
/* The unfinished tiles and the checkpoint. */
int ab_publish_edge(struct ab_log *log, struct ab_err *err);
/* fsyncs the whole tiles from entry `from` on, the unfinished ones and the checkpoint. */
int ab_publish_sync(struct ab_log *log, uint64_t from, struct ab_err *err);
/* Moves log->base forward over tiles that are already there. */
int ab_publish_skip(struct ab_log *log, uint64_t size, struct ab_err *err);

/* read.c */

/* The bundle that starts at entry n * 256 as of the look: from the tail (then perhaps more than 256
 * entries) or from its file. */
int ab_log_bundle(const struct ab_log *log, uint64_t n, struct ab_buf *out, struct ab_err *err);
/* Hash number n of a level. */
int ab_log_hash(const struct ab_log *log, int level, uint64_t n, unsigned char out[AB_SHA256_SIZE],
		struct ab_err *err);
/* Root of the 2^bit records from `start`, a multiple of that. */
int ab_log_subtree(const struct ab_log *log, uint64_t start, int bit,
		   unsigned char out[AB_SHA256_SIZE], struct ab_err *err);
/* A tile's file. */
int ab_log_tile(const struct ab_log *log, int level, uint64_t n, unsigned width, struct ab_buf *out,
		struct ab_err *err);

/* Reads LOG/NAME whole into out. */
int ab_log_file(const struct ab_log *log, const char *name, size_t max, struct ab_buf *out,
		struct ab_err *err);

#endif
