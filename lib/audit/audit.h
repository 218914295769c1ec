/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit log: an append-only list of records that strangers can verify. In public a directory of
 * C2SP tlog-tiles with a signed checkpoint; in private (LOG/.ab) a write-ahead log and a lock.
 *
 *	LOG/vkey	   the verifier key, "name+hash+key\n"
 *	LOG/checkpoint	   the newest published checkpoint, a signed note
 *	LOG/tile/L/N	   hashes (L 0..7) and entry bundles (L "entries"), ".p/W" if unfinished
 *	LOG/blobs/HEX	   large parts of records: 32 bytes of salt, then the content; HEX is the
 *			   SHA-256 of the file
 *	LOG/.ab/wal	   what is committed and perhaps not yet in tiles
 *	LOG/.ab/lock	   flock(2): one writer at a time, readers shared
 *
 * A commit is one write and one fdatasync of the write-ahead log, which holds the entries and the
 * checkpoint that covers them: once ab_log_commit() has returned 0, no crash can lose them. Tiles
 * are published afterwards, unsynced, and made again from the write-ahead log after a crash.
 */
#ifndef AB_AUDIT_AUDIT_H
#define AB_AUDIT_AUDIT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/crypto/random.h"
#include "lib/json/json.h"
#include "lib/json/tape.h"
#include "lib/note/note.h"
#include "lib/receipt/receipt.h"

#define AB_LOG_MAX_ENTRY 65535 /* bytes of an entry (C2SP tlog-tiles: a 16-bit length) */

struct ab_log;

/* Makes a new log in `dir` (made if it is not there) with the checkpoint of the empty tree. What is
 * already a log is AB_EXIT_USAGE. */
int ab_log_init(const char *dir, const struct ab_skey *key, struct ab_err *err);

/*
 * Opens a log for writing; `key` must be the log's and outlive it. NULL on failure: no log there is
 * AB_EXIT_USAGE ("DIR: no log"), a key of another log too, a damaged log AB_EXIT_TROUBLE. Reads
 * nothing of the log's state: ab_log_lock() does.
 */
struct ab_log *ab_log_open(const char *dir, const struct ab_skey *key, struct ab_err *err);

/* The same for a log that was rotated, which ab_log_open() refuses (AB_EXIT_USAGE). */
struct ab_log *ab_log_open_retired(const char *dir, const struct ab_skey *key, struct ab_err *err);

/*
 * Opens a log for reading and takes a look at it: what follows is of that moment. `vkey` NULL: the
 * key in LOG/vkey. A copy without .ab (the public part) can be read too. A checkpoint that does not
 * verify, or does not fit the write-ahead log, is AB_EXIT_NO.
 */
struct ab_log *ab_log_read(const char *dir, const struct ab_vkey *vkey, struct ab_err *err);

/*
 * Looks at a log again. *ret is what is there now, NULL if nothing has changed; it must go on
 * from what was there before, and a key that is new be named by one that was known: AB_EXIT_NO if
 * not.
 */
int ab_log_look_again(const struct ab_log *before, struct ab_log **ret, struct ab_err *err);

/* Whether the log's last record ends it: 1, with the key of the log that follows; 0; -1. */
int ab_log_successor(struct ab_log *log, struct ab_vkey *ret, struct ab_err *err);

void ab_log_close(struct ab_log *log);

/* The descriptor of the log's directory, for ab_confine(). */
int ab_log_fd(const struct ab_log *log);

/* The log's key: the newest one. */
const struct ab_vkey *ab_log_vkey(const struct ab_log *log);

/* All keys that it has had, by LOG/vkey. Which signed when, ab_log_verify() sees. */
const struct ab_keyring *ab_log_keys(const struct ab_log *log);

/*
 * Replaces the log's key. rekey: a record names `next`, signed by both keys, and from there on both
 * sign; both must outlive the log. end_key: another record ends the use of the first one. Both need
 * the lock and publish. AB_EXIT_USAGE: it is not the time for that.
 */
int ab_log_rekey(struct ab_log *log, const struct ab_skey *next, struct ab_err *err);
int ab_log_end_key(struct ab_log *log, struct ab_err *err);
/* Whether two keys sign. Needs the lock. */
bool ab_log_is_rekeyed(const struct ab_log *log);

/* Entries that are committed. */
uint64_t ab_log_size(const struct ab_log *log);

/* The signed checkpoint of that size, a NUL-terminated note. */
const char *ab_log_note(const struct ab_log *log);

/*
 * Takes the writer's lock (waits) and brings the state up to date with what other writers did. What
 * a crash left behind is repaired first: *ret_recovered (may be NULL) is then a line that says so,
 * the caller's to free, else NULL.
 */
int ab_log_lock(struct ab_log *log, char **ret_recovered, struct ab_err *err);

/* Adds an entry to the next commit. *ret_index is its place, `leaf` (may be NULL) its leaf hash. */
int ab_log_add(struct ab_log *log, const void *entry, size_t len, uint64_t *ret_index,
	       unsigned char leaf[AB_SHA256_SIZE], struct ab_err *err);

/*
 * Makes all added entries durable: 0 is the acknowledgement. After -1 nothing may be acknowledged,
 * and the log object only closed: a failed fdatasync is never tried again.
 */
int ab_log_commit(struct ab_log *log, struct ab_err *err);

/* Brings tiles and checkpoint up to the last commit, and shortens the write-ahead log if it is long
 * or this is the writer's last call. Needs the lock. */
int ab_log_publish(struct ab_log *log, bool last, struct ab_err *err);

/* Writes whole tiles alone, once there is much to write: between the calls of ab_log_publish(), where
 * records come in a stream. Needs the lock. */
int ab_log_publish_tiles(struct ab_log *log, struct ab_err *err);

/* Releases the lock. */
void ab_log_unlock(struct ab_log *log);

/* Fetches an entry into `out` (emptied first). AB_EXIT_USAGE: beyond the size. */
int ab_log_entry(struct ab_log *log, uint64_t index, struct ab_buf *out, struct ab_err *err);

/* Stores `content` as a blob, durable, and returns {"bytes", "sha256"}: the reference that stands
 * in a record in its place. NULL on failure. */
json_t *ab_log_blob(struct ab_log *log, const void *content, size_t len, struct ab_err *err);

/*
 * Checkpoints that are kept, LOG/checkpoints/SIZE, with what others put to them. keep: one with
 * more signatures, added to those of an earlier call; it becomes LOG/checkpoint too if it is the
 * newest. stamp_query: what a time-stamping authority is asked (RFC 3161), DER. keep_stamp: its
 * reply, which must be of a checkpoint that is kept, whose size is *ret. newest_kept: the largest
 * size, 0: none. The first and the third need the lock.
 */
int ab_log_keep(struct ab_log *log, const struct ab_buf *note, struct ab_err *err);
int ab_log_stamp_query(const struct ab_buf *note, struct ab_buf *out, struct ab_err *err);
int ab_log_keep_stamp(struct ab_log *log, const struct ab_buf *reply, uint64_t *ret,
		      struct ab_err *err);
int ab_log_newest_kept(const struct ab_log *log, uint64_t *ret, struct ab_err *err);

/* Deletes a blob, "sha256:HEX", durably. One that is not there is no error. */
int ab_log_blob_delete(struct ab_log *log, const char *hash, struct ab_err *err);

/* Whether a blob is there. */
bool ab_log_has_blob(const struct ab_log *log, const char *hash);

/*
 * A retention policy, JSON or YAML (schemas/retention.schema.json). load: NULL with AB_EXIT_USAGE.
 * hash: of its canonical form, as tombstones name it. due: the reason why that part of a record is
 * to be deleted at that time, NULL if it is to be kept.
 */
struct ab_retention;
struct ab_retention *ab_retention_load(const char *file, struct ab_err *err);
const char *ab_retention_hash(const struct ab_retention *r);
const char *ab_retention_due(const struct ab_retention *r, const json_t *record, const char *field,
			     struct timespec now);
void ab_retention_free(struct ab_retention *r);

/* Ends the log for all writers but one that rotates it. Needs the lock. */
int ab_log_retire(struct ab_log *log, struct ab_err *err);
/* How many runs are open, and the id of one of them; -1 on failure. */
int ab_log_open_runs(struct ab_log *log, char ret_one[AB_UUID_TEXT], struct ab_err *err);

/* Whether the log in `previous` ended by naming the one in `dir`, which began with its last
 * checkpoint. Both must have been verified. 0, or -1 with AB_EXIT_NO. */
int ab_log_check_rotation(const char *previous, const char *dir, struct ab_err *err);

/* Runs that have begun and not ended: a mark by the run's id, beside the log, which makes a second
 * end of a run impossible and says where the run's receipts are. Needs the lock. is_open:
 * AB_EXIT_USAGE if there is no such run. */
int ab_log_run_begin(struct ab_log *log, const char *run, const char *receipts, struct ab_err *err);
int ab_log_run_is_open(struct ab_log *log, const char *run, struct ab_err *err);
int ab_log_run_end(struct ab_log *log, const char *run, struct ab_err *err);
/* The path of its receipts, as the mark has it; empty where there is none. Needs no lock. */
int ab_log_run_receipts(struct ab_log *log, const char *run, struct ab_buf *ret,
			struct ab_err *err);

/* A run as its records tell it. */
struct ab_run_record {
	json_t *started; /* that record, or NULL: it never began here; release with json_decref() */
	uint64_t index;	 /* of it */
	bool ended;
};

/* Looks for a run in the whole log. Needs the lock. */
int ab_log_run_find(struct ab_log *log, const char *run, struct ab_run_record *ret,
		    struct ab_err *err);

/* How a run ended, as append knows it. */
struct ab_execution {
	const struct ab_run *run;
	const json_t *receipts; /* of ab_receipts_load() */
	const struct ab_chain *chain;
	struct ab_digest arrived; /* what came in at the end of the pipeline */
};

/*
 * Builds the entry of an execution: a DSSE envelope, signed by the log's key, over an in-toto
 * Statement v1 (schemas/audit-record.schema.json). Large parts become blobs of `log`.
 */
int ab_record_execution(struct ab_log *log, const struct ab_execution *x, struct ab_buf *out,
			struct ab_err *err);

/* The entry of a run's beginning (schemas/event-record.schema.json). workflow_id and params, an
 * object of texts, may be NULL. */
int ab_record_started(const char *run, const char *workflow_type, const char *workflow_id,
		      const json_t *params, struct ab_buf *out, struct ab_err *err);

/* The entry of an event: `data` is any JSON value; run may be NULL. */
int ab_record_event(const char *type, const char *run, const json_t *data, struct ab_buf *out,
		    struct ab_err *err);

/* The tombstone of a record's blobs (an array of their hashes; the hash of the policy that asks for
 * it may be NULL), the last record of a log that
 * another follows, and the first one of a log that follows another, with its last checkpoint. */
int ab_record_redacted(uint64_t index, const json_t *blobs, const char *reason, const char *policy,
		       struct ab_buf *out, struct ab_err *err);
int ab_record_rotated(const struct ab_vkey *next, struct ab_buf *out, struct ab_err *err);
int ab_record_continued(const struct ab_vkey *previous, const char *note, struct ab_buf *out,
			struct ab_err *err);

/* The hashes of the blobs that a record names, a new array; NULL if memory ran out. */
json_t *ab_record_blobs(const json_t *record);

/* Kept from event to event. Starts as zeros. */
struct ab_record_scratch {
	struct ab_json_tape tape;
	struct ab_buf text;
};

void ab_record_scratch_free(struct ab_record_scratch *s);

/* The fast way for data that are canonical JSON as they stand; false: they are not, or are no JSON
 * at all. `type` is of characters that JSON does not escape. */
bool ab_record_plain_event(struct ab_record_scratch *s, const char *type, const void *data,
			   size_t len, struct ab_buf *out);

/* What an entry says: the in-toto statement of an execution, the event itself else. The caller's.
 * AB_EXIT_NO with the place if it is not such a record, or the signature is of none of the keys. */
json_t *ab_record_open(const void *entry, size_t len, const struct ab_keyring *keys,
		       struct ab_err *err);

/* The predicate of an execution's statement, NULL if the record is an event. Borrowed. */
const json_t *ab_record_predicate(const json_t *record);

/* What ab_log_verify() is to hold the log against. */
struct ab_verify {
	const struct ab_vkey *vkey; /* one of the log's; NULL: LOG/vkey, which then vouches for
				     * itself */
	const char *old;	    /* an earlier checkpoint (a note), NULL: none */
	size_t old_len;
	uint64_t min_size;
	uint64_t allow_open_ms; /* a run may lack its end if it began less than this ago */
};

/* What it found in a log that is good. */
struct ab_verified {
	char origin[AB_NOTE_NAME];
	uint64_t size, executions, events;
	uint64_t pending;  /* of these, committed and not yet published */
	uint64_t open;	   /* runs without an end that were allowed */
	uint64_t missing;  /* blobs that a copy does not have, and so were not checked */
	uint64_t redacted; /* blobs that are gone, with a tombstone */
	uint64_t torn;	   /* bytes of a commit that was never acknowledged */
	size_t keys;	   /* that the log has had */
	bool rekeying;	   /* the last two of them both sign */
	uint64_t kept;	   /* checkpoints in LOG/checkpoints */
	uint64_t stamps;   /* time stamps there; of the newest one: */
	uint64_t stamped;
	unsigned char stamp_hash[AB_SHA256_SIZE];
	char stamp_time[32];
	unsigned char root[AB_SHA256_SIZE];
};

/*
 * Checks everything: key, checkpoint, write-ahead log, every bundle and tile, every record and its
 * signature, blobs, that each run that began has an end. 0: all is good; AB_EXIT_NO names the first
 * thing that is not.
 */
int ab_log_verify(const char *dir, const struct ab_verify *how, struct ab_verified *ret,
		  struct ab_err *err);

/* Entries from `from` to before `to`, in order. A callback that returns non-zero ends it: 1 is no
 * error, -1 is one. */
typedef int ab_log_fn(void *arg, uint64_t index, const void *entry, size_t len, struct ab_err *err);
int ab_log_each(struct ab_log *log, uint64_t from, uint64_t to, ab_log_fn *fn, void *arg,
		struct ab_err *err);

#define AB_PROOF_MAX 128 /* hashes; a tree of 2^63 records needs 64 or so */

/* A proof: of the record at index `from`, or that a tree goes on from one of size `from`. */
struct ab_proof {
	uint64_t from;
	unsigned char (*hashes)[AB_SHA256_SIZE];
	size_t n;
	const char *note; /* the checkpoint behind it, where it was read; points into the text */
	size_t note_len;
};

void ab_proof_free(struct ab_proof *proof);

/* Proofs towards the log's newest checkpoint. */
int ab_log_prove(const struct ab_log *log, uint64_t index, struct ab_proof *ret,
		 struct ab_err *err);
int ab_log_consistency(const struct ab_log *log, uint64_t old, struct ab_proof *ret,
		       struct ab_err *err);

/* Whether they hold: 0, or -1 with AB_EXIT_NO. */
int ab_proof_check_record(const struct ab_proof *proof, const unsigned char leaf[AB_SHA256_SIZE],
			  const struct ab_checkpoint *c, struct ab_err *err);
int ab_proof_check_growth(const struct ab_proof *proof, const struct ab_checkpoint *old,
			  const struct ab_checkpoint *new, struct ab_err *err);

/* As text: C2SP tlog-proof (the entry is its `extra`), and the body of C2SP tlog-witness's
 * add-checkpoint. Reading is strict; `entry` gets what `extra` holds, nothing if there is none. */
int ab_proof_write_record(const struct ab_proof *proof, const struct ab_buf *entry,
			  const char *note, struct ab_buf *out, struct ab_err *err);
int ab_proof_write_growth(const struct ab_proof *proof, const char *note, struct ab_buf *out,
			  struct ab_err *err);
int ab_proof_read_record(const char *text, size_t size, struct ab_proof *ret, struct ab_buf *entry,
			 struct ab_err *err);
int ab_proof_read_growth(const char *text, size_t size, struct ab_proof *ret, struct ab_err *err);

/*
 * A witness (C2SP tlog-witness): http://127.0.0.1:PORT[/PATH], http://[::1]:PORT[/PATH] or
 * unix:SOCKET. open connects (AB_EXIT_USAGE: not such a place). ask sends the log's newest
 * checkpoint with the proof that it goes on from `old`, or from the size that the witness then says
 * it knows; appends the signature lines that it answers, which are the caller's to verify. A
 * refusal is AB_EXIT_NO.
 */
struct ab_witness {
	const char *url;
	char path[256];
	int fds[2];
};

int ab_witness_open(const char *url, struct ab_witness *ret, struct ab_err *err);
int ab_witness_ask(struct ab_log *log, struct ab_witness *w, uint64_t old, struct ab_buf *out,
		   struct ab_err *err);
void ab_witness_close(struct ab_witness *w);

/* The leaf hash of an entry. */
void ab_log_leaf(const void *entry, size_t len, unsigned char out[AB_SHA256_SIZE]);

/* "execution", "started", "event", ...; the workflow's or event's type; a text of the execution's
 * predicate or of the event, NULL if there is none. */
const char *ab_record_kind(const json_t *record);
const char *ab_record_type(const json_t *record);
const char *ab_record_text(const json_t *record, const char *name);

/* What somebody asks for; NULL: any. A record must meet all of it. */
struct ab_query {
	const char *kind, *type, *run, *workflow_id, *verdict;
	const char *since,
		*until; /* from this time, before that one: RFC 3339 in UTC, or its start */
	const char *const *fields; /* "/POINTER=VALUE" into the predicate or the event */
	size_t n_fields;
};

/* Whether the question makes sense (AB_EXIT_USAGE). */
int ab_query_check(const struct ab_query *q, struct ab_err *err);
bool ab_query_match(const struct ab_query *q, const json_t *record);

/*
 * Appends a record, one line, as ndjson ({"index", "record"}), ocsf (OCSF 1.3.0 API Activity), ecs
 * (Elastic Common Schema), cef (ArcSight) or syslog (RFC 5424).
 */
int ab_record_export(const char *format, const json_t *record, const char *origin, uint64_t index,
		     struct ab_buf *out, struct ab_err *err);

#endif
