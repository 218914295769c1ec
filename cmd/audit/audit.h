/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of ab-audit, and where log and key are found. */
#ifndef AB_CMD_AUDIT_AUDIT_H
#define AB_CMD_AUDIT_AUDIT_H

#include "lib/audit/audit.h"
#include "lib/base/opt.h"

int audit_keygen(int argc, char *argv[]);
int audit_init(int argc, char *argv[]);
int audit_begin(int argc, char *argv[]);
int audit_append(int argc, char *argv[]);
int audit_end(int argc, char *argv[]);
int audit_record(int argc, char *argv[]);
int audit_verify(int argc, char *argv[]);
int audit_show(int argc, char *argv[]);
int audit_prove(int argc, char *argv[]);
int audit_check_proof(int argc, char *argv[]);
int audit_consistency(int argc, char *argv[]);
int audit_checkpoint(int argc, char *argv[]);
int audit_cosign(int argc, char *argv[]);
int audit_query(int argc, char *argv[]);
int audit_tail(int argc, char *argv[]);
int audit_export(int argc, char *argv[]);
int audit_redact(int argc, char *argv[]);
int audit_rotate(int argc, char *argv[]);
int audit_rekey(int argc, char *argv[]);
int audit_prune(int argc, char *argv[]);

/* How people are shown JSON: 15 digits are what a double keeps of a decimal number. */
#define AUDIT_JSON (JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15))

/* What a verb that works on a log was told, and what it opened. */
struct audit_place {
	const char *log_path, *key_path; /* --log and --key; NULL: look elsewhere */
	char *found_log, *found_key;
	struct ab_skey key;
	struct ab_log *log;
	uint64_t last; /* the record of the run's end */
	bool has_last;
};

void audit_place_close(struct audit_place *p);

/* Rows of an option table. */
#define AUDIT_OPT_LOG(p)                                                                           \
	{                                                                                          \
		AB_OPT_STRING, 0, "log", "DIR", "the log's directory", &(p)->log_path              \
	}
#define AUDIT_OPT_KEY(p)                                                                           \
	{                                                                                          \
		AB_OPT_STRING, 0, "key", "FILE", "the log's private key", &(p)->key_path           \
	}
#define AUDIT_OPT_VKEY(path)                                                                       \
	{                                                                                          \
		AB_OPT_STRING, 0, "vkey", "FILE",                                                  \
			"the log's verifier key; else the one in the log", path                    \
	}

#define AUDIT_OPT_OLD(path)                                                                        \
	{                                                                                          \
		AB_OPT_STRING, 0, "old", "FILE",                                                   \
			"an earlier checkpoint, which the log must extend", path                   \
	}
#define AUDIT_OPT_COSIGNER(keys)                                                                   \
	{                                                                                          \
		AB_OPT_LIST, 0, "cosigner", "FILE",                                                \
			"a witness's verifier key, whose cosignature must be there",               \
			&(keys)->paths                                                             \
	}

/* Witnesses whose signatures a checkpoint must bear. Their key files are read before the process
 * confines itself. */
struct audit_cosigners {
	struct ab_list paths;
	struct ab_vkey *keys;
};

/* Those of `lines`, signature lines of a note with this text, that are good ones of a witness that
 * is asked for, appended to `out`: AB_EXIT_NO if there is none. */
int audit_cosigners_pick(const struct audit_cosigners *c, const char *note,
			 const struct ab_buf *lines, struct ab_buf *out, struct ab_err *err);

int audit_cosigners_load(struct audit_cosigners *c, struct ab_err *err);
/* Whether the note bears a cosignature of each: 0, or -1 with AB_EXIT_NO. */
int audit_cosigners_check(const struct audit_cosigners *c, const char *note, size_t len,
			  struct ab_err *err);
void audit_cosigners_free(struct audit_cosigners *c);

/* Settles p->log_path and p->key_path: option, AB_AUDIT_LOG and AB_AUDIT_KEY_FILE, state directory.
 */
int audit_find_log(struct audit_place *p, struct ab_err *err);
int audit_find_key(struct audit_place *p, struct ab_err *err);

/* Finds both and opens the log for writing. What is not there is a usage error that says how to
 * make it. */
int audit_open(struct audit_place *p, struct ab_err *err);

/* Passes `why` on; where it is that there is no log at all, with the commands that make one. -1. */
int audit_no_log(struct audit_place *p, const struct ab_err *why, struct ab_err *err);

/* Passes `why` on, which names a key that could not be read; where it is missing, with the command
 * that makes one. -1. */
int audit_no_key(const struct audit_place *p, const struct ab_err *why, struct ab_err *err);

/* Reads the file of --old: a checkpoint, whoever has signed it; AB_EXIT_USAGE if it is none. */
int audit_read_old(const char *path, struct ab_buf *out, struct ab_err *err);

/* Finds the log and takes a look at it; vkey_path may be NULL. */
int audit_look(struct audit_place *p, const char *vkey_path, struct ab_err *err);

/* Confines the process to the log's directory, and to that of the receipts (may be NULL). */
int audit_confine(const struct audit_place *p, const struct ab_receipts *receipts,
		  struct ab_err *err);

/* Locks, and says on stderr what was repaired. */
int audit_lock(struct audit_place *p, struct ab_err *err);

/* Makes the record of a run's end durable; the lock is then held. A run that is not open is
 * refused. */
int audit_commit_run(struct audit_place *p, const struct ab_execution *x, struct ab_err *err);

/* Once that is done: the run is over, whatever fails from here on. receipts may be NULL. */
void audit_close_run(struct audit_place *p, const char *run, struct ab_receipts *receipts);

/* Says no, for a reason. */
void audit_say_no(struct ab_chain *chain, enum ab_verdict verdict, const char *reason);

/* Brings the public tree up to date and unlocks: the records are durable already, so a failure is a
 * line on stderr and nothing more. */
void audit_publish(struct audit_place *p);

#endif
