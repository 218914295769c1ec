/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed notes (C2SP signed-note), the keys that sign them, and the checkpoints (C2SP
 * tlog-checkpoint) and cosignatures (C2SP tlog-cosignature) that are such notes.
 *
 * Everything here is strict, so that each value has one text: base64 without stray bits, lower-case
 * hex, decimal numbers without leading zeros. A text that is malformed is AB_EXIT_NO.
 */
#ifndef AB_NOTE_NOTE_H
#define AB_NOTE_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/crypto/ed25519.h"
#include "lib/crypto/sha256.h"

#define AB_NOTE_NAME	   256 /* room for a key's name with its NUL */
#define AB_NOTE_ID	   4
#define AB_NOTE_SIGNATURES 100	   /* most on one note */
#define AB_NOTE_MAX	   1000000 /* bytes of a note */
#define AB_NOTE_VKEY	   512	   /* room for a verifier key as text */

enum ab_note_algorithm {
	AB_NOTE_ED25519 = 0x01,
	AB_NOTE_COSIGNATURE = 0x04, /* Ed25519 over a time stamp and the note */
};

/* A verifier key: who signs, and how to check it. */
struct ab_vkey {
	char name[AB_NOTE_NAME];
	unsigned char id[AB_NOTE_ID]; /* SHA-256(name, '\n', algorithm, key), its first bytes */
	unsigned char algorithm;      /* enum ab_note_algorithm */
	unsigned char key[AB_ED25519_PUBLIC];
};

/* A signer's key; `secret` is ab_secret_alloc() memory. Release with ab_skey_free(). */
struct ab_skey {
	struct ab_vkey public_key;
	unsigned char *secret;
	struct ab_skey *next; /* the key that is to follow this one; NULL: none */
};

/* Whether a name may sign: not empty, UTF-8, no white space, no control character, no '+'. */
bool ab_note_is_name(const char *name);

/* "name+hash+base64(algorithm, key)", without a newline. */
int ab_vkey_parse(const char *text, size_t len, struct ab_vkey *ret, struct ab_err *err);
void ab_vkey_format(const struct ab_vkey *key, char out[AB_NOTE_VKEY]);

/* "name+hash", by which DSSE signatures name their key. */
void ab_vkey_id_text(const struct ab_vkey *key, char out[AB_NOTE_NAME + 10]);

/* The file holds one verifier key and a newline, nothing else. A missing file is AB_EXIT_USAGE. */
int ab_vkey_load(const char *path, struct ab_vkey *ret, struct ab_err *err);

/* A fresh Ed25519 key. A bad name is AB_EXIT_USAGE. */
int ab_skey_generate(const char *name, struct ab_skey *ret, struct ab_err *err);

/* Key files are what ab_secret_read() takes: "PRIVATE+KEY+name+hash+base64(1, seed)\n", as Go's
 * golang.org/x/mod/sumdb/note reads it. A second line holds the key that is to follow, of the same
 * name. A bad file is AB_EXIT_USAGE. */
int ab_skey_load(const char *path, struct ab_skey *ret, struct ab_err *err);

/* Writes `path` (new, 0600) and `path`.pub (new, 0644, the verifier key and a newline). */
int ab_skey_save(const struct ab_skey *key, const char *path, struct ab_err *err);

/* Replaces the key file `name` of a directory by one with this key and the one that is to follow it
 * (may be NULL). */
int ab_skey_replace(int dirfd, const char *name, const struct ab_skey *key,
		    const struct ab_skey *next, struct ab_err *err);

void ab_skey_free(struct ab_skey *key);

#define AB_KEYRING	16 /* keys of one log */
#define AB_KEYRING_TEXT (AB_KEYRING * (size_t)AB_NOTE_VKEY)

/* Verifier keys of one name, oldest first. */
struct ab_keyring {
	struct ab_vkey keys[AB_KEYRING];
	size_t n;
	bool all; /* an envelope must bear a signature of each of them, not only of one */
};

/* Where a key stands in it, -1 if it does not. */
ssize_t ab_keyring_find(const struct ab_keyring *ring, const struct ab_vkey *key);
/* Adds a key: AB_EXIT_NO if the ring is full, holds it already, or has another name. */
int ab_keyring_add(struct ab_keyring *ring, const struct ab_vkey *key, struct ab_err *err);
/* One key a line, at least one. A missing file is AB_EXIT_USAGE. */
int ab_keyring_parse(const char *text, size_t len, struct ab_keyring *ret, struct ab_err *err);
int ab_keyring_load(const char *path, struct ab_keyring *ret, struct ab_err *err);
void ab_keyring_format(const struct ab_keyring *ring, struct ab_buf *out);

/* One signature line of a note. `name` points into the note. */
struct ab_note_signature {
	const char *name;
	size_t name_len;
	unsigned char id[AB_NOTE_ID];
	unsigned char bytes[8 + AB_ED25519_SIGNATURE]; /* the first `len` of them */
	size_t len; /* as it stands in the note; only the bytes that fit are kept */
};

/* A parsed note; points into the message. */
struct ab_note {
	const char *text; /* what is signed, with its last newline */
	size_t text_len;
	struct ab_note_signature *signatures;
	size_t n;
};

int ab_note_parse(const char *message, size_t len, struct ab_note *ret, struct ab_err *err);
void ab_note_free(struct ab_note *note);

/*
 * Whether the note bears a good signature of this key: 0, or -1 with AB_EXIT_NO ("no signature by
 * NAME", "bad signature by NAME"). Of a cosignature, *ret_time (may be NULL) is its POSIX time.
 * Signatures of other keys are ignored, as the specification demands.
 */
int ab_note_verify(const struct ab_note *note, const struct ab_vkey *key, uint64_t *ret_time,
		   struct ab_err *err);

/* Whether a signature line claims to be of this key; says nothing of whether it is good. */
bool ab_note_names(const struct ab_note *note, const struct ab_vkey *key);

/* Appends one signature line over text (which ends with a newline) to `out`. */
int ab_note_sign(const struct ab_skey *key, const char *text, size_t len, struct ab_buf *out,
		 struct ab_err *err);

/* The same as a cosignature of that POSIX time. */
int ab_note_cosign(const struct ab_skey *key, uint64_t time, const char *text, size_t len,
		   struct ab_buf *out, struct ab_err *err);

/* The cosigner's form of a key: same name, algorithm AB_NOTE_COSIGNATURE and the id that gives. */
void ab_vkey_cosigner(const struct ab_vkey *key, struct ab_vkey *ret);

/* What a checkpoint says. */
struct ab_checkpoint {
	char origin[AB_NOTE_NAME];
	uint64_t size;
	unsigned char root[AB_SHA256_SIZE];
};

/* Reads a note's text: origin, size, root; extension lines are ignored. */
int ab_checkpoint_parse(const char *text, size_t len, struct ab_checkpoint *ret,
			struct ab_err *err);

/* Appends the checkpoint as a note signed by each key (text, blank line, signature lines). */
int ab_checkpoint_sign(const struct ab_checkpoint *checkpoint, const struct ab_skey *const *keys,
		       size_t n, struct ab_buf *out, struct ab_err *err);
/* Appends a note of this text (which ends with a newline), signed by each key. */
int ab_note_write(const char *text, size_t len, const struct ab_skey *const *keys, size_t n,
		  struct ab_buf *out, struct ab_err *err);

/* Parses message, checks the signature of `key` and that the origin is the key's name. */
int ab_checkpoint_open(const char *message, size_t len, const struct ab_vkey *key,
		       struct ab_checkpoint *ret, struct ab_err *err);

/* The same with a good signature of any of the keys. */
int ab_checkpoint_open_any(const char *message, size_t len, const struct ab_keyring *ring,
			   struct ab_checkpoint *ret, struct ab_err *err);

#endif
