/* SPDX-License-Identifier: Apache-2.0 */
/* Verifier and signer keys as text and as files. */
#include "lib/note/note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/base/utf8.h"
#include "lib/crypto/random.h"
#include "lib/crypto/secret.h"
#include "lib/crypto/text.h"

#define KEY_BYTES  (1 + AB_ED25519_PUBLIC) /* algorithm and key; the same for a seed */
#define KEY_TEXT   44			   /* those as base64 */
#define ID_TEXT	   (2 * AB_NOTE_ID)
#define SKEY_TEXT  1024
#define SKEY_START "PRIVATE+KEY+"

/* Unicode's white space beyond ASCII. */
static bool is_space(uint32_t c)
{
	return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool ab_note_is_name(const char *name)
{
	const unsigned char *p = (const unsigned char *)name;
	size_t left = strlen(name);

	if (!left || left >= AB_NOTE_NAME)
		return false;
	while (left > 0) {
		uint32_t c;
		size_t n = ab_utf8_decode(p, left, &c);

		if (!n || c <= ' ' || c == '+' || (c >= 0x7f && c <= 0x9f) || is_space(c))
			return false;
		p += n;
		left -= n;
	}
	return true;
}

static void set_id(struct ab_vkey *key)
{
	unsigned char digest[AB_SHA256_SIZE];
	struct ab_sha256 s;

	ab_sha256_init(&s);
	ab_sha256_add(&s, key->name, strlen(key->name));
	ab_sha256_add(&s, "\n", 1);
	ab_sha256_add(&s, &key->algorithm, 1);
	ab_sha256_add(&s, key->key, sizeof(key->key));
	ab_sha256_end(&s, digest);
	memcpy(key->id, digest, sizeof(key->id));
}

void ab_vkey_cosigner(const struct ab_vkey *key, struct ab_vkey *ret)
{
	*ret = *key;
	ret->algorithm = AB_NOTE_COSIGNATURE;
	set_id(ret);
}

/* Splits "name+hash+base64": the name, the id and the decoded bytes. */
static int split_key(const char *text, size_t len, struct ab_vkey *ret,
		     unsigned char bytes[KEY_BYTES], struct ab_err *err)
{
	const char *plus = memchr(text, '+', len);
	size_t name_len = plus ? (size_t)(plus - text) : len;
	const char *id = text + name_len + 1;

	if (!plus || name_len >= sizeof(ret->name) || len != name_len + 1 + ID_TEXT + 1 + KEY_TEXT)
		return ab_err_no(err, "not a key, expected NAME+HASH+KEY");
	memcpy(ret->name, text, name_len);
	ret->name[name_len] = '\0';
	if (strlen(ret->name) != name_len || !ab_note_is_name(ret->name))
		return ab_err_no(err, "bad name of a key");
	if (!ab_hex_decode(id, AB_NOTE_ID, ret->id) || id[ID_TEXT] != '+' ||
	    ab_base64_decode(id + ID_TEXT + 1, KEY_TEXT, bytes) != KEY_BYTES)
		return ab_err_no(err, "not a key, expected NAME+HASH+KEY");
	return 0;
}

static int check_id(struct ab_vkey *key, struct ab_err *err)
{
	unsigned char id[AB_NOTE_ID];

	memcpy(id, key->id, sizeof(id));
	set_id(key);
	if (memcmp(id, key->id, sizeof(id)) != 0)
		return ab_err_no(err, "the hash does not belong to this name and key");
	return 0;
}

int ab_vkey_parse(const char *text, size_t len, struct ab_vkey *ret, struct ab_err *err)
{
	unsigned char bytes[KEY_BYTES];
	struct ab_vkey key = { 0 };

	if (split_key(text, len, &key, bytes, err) < 0)
		return -1;
	key.algorithm = bytes[0];
	if (key.algorithm != AB_NOTE_ED25519 && key.algorithm != AB_NOTE_COSIGNATURE)
		return ab_err_no(err, "algorithm %u of a key is not known, expected Ed25519",
				 key.algorithm);
	memcpy(key.key, bytes + 1, sizeof(key.key));
	if (check_id(&key, err) < 0)
		return -1;
	*ret = key;
	return 0;
}

void ab_vkey_id_text(const struct ab_vkey *key, char out[AB_NOTE_NAME + 10])
{
	size_t len = strlen(key->name);

	memcpy(out, key->name, len);
	out[len++] = '+';
	ab_hex_encode(key->id, sizeof(key->id), out + len);
}

/* Writes "name+hash+base64(algorithm, bytes)" and returns its length. */
static size_t format_key(const struct ab_vkey *key, const unsigned char bytes[32],
			 unsigned char scratch[KEY_BYTES], char *out)
{
	size_t len;

	ab_vkey_id_text(key, out);
	len = strlen(out);
	out[len++] = '+';
	scratch[0] = key->algorithm;
	memcpy(scratch + 1, bytes, 32);
	return len + ab_base64_encode(scratch, KEY_BYTES, out + len);
}

void ab_vkey_format(const struct ab_vkey *key, char out[AB_NOTE_VKEY])
{
	unsigned char scratch[KEY_BYTES];

	(void)format_key(key, key->key, scratch, out); /* its length is strlen(out) */
}

int ab_vkey_load(const char *path, struct ab_vkey *ret, struct ab_err *err)
{
	struct ab_buf text = { 0 };
	int status = ab_path_read(path, AB_NOTE_VKEY, &text, err);

	if (status == 0 && (!text.len || text.data[text.len - 1] != '\n'))
		status = ab_err_no(err, "%s: not one line with a verifier key", path);
	else if (status == 0 && ab_vkey_parse(text.data, text.len - 1, ret, err) < 0)
		status = ab_err_prefix(err, "%s: ", path);
	if (status < 0 && err->status == AB_EXIT_NO)
		err->status = AB_EXIT_USAGE;
	ab_buf_free(&text);
	return status;
}

/* Fills the key in from its seed; the name and the algorithm are set. */
static int expand(struct ab_skey *key, const unsigned char seed[AB_ED25519_SEED],
		  struct ab_err *err)
{
	key->secret = ab_secret_alloc(AB_ED25519_SECRET, err);
	if (!key->secret || ab_ed25519_expand(seed, key->secret, key->public_key.key, err) < 0)
		return -1;
	return 0;
}

int ab_skey_generate(const char *name, struct ab_skey *ret, struct ab_err *err)
{
	struct ab_skey key = { .public_key.algorithm = AB_NOTE_ED25519 };
	unsigned char *seed;
	int status = -1;

	if (!ab_note_is_name(name))
		return ab_err_usage(err,
				    "%s: not a name for a key (no space, no '+', at most %d bytes)",
				    name, AB_NOTE_NAME - 1);
	memcpy(key.public_key.name, name, strlen(name) + 1);
	seed = ab_secret_alloc(AB_ED25519_SEED, err);
	if (seed && ab_random(seed, AB_ED25519_SEED, err) == 0 && expand(&key, seed, err) == 0)
		status = 0;
	ab_secret_free(seed);
	if (status < 0) {
		ab_skey_free(&key);
		return -1;
	}
	set_id(&key.public_key);
	*ret = key;
	return 0;
}

/* Parses the text of a key file; bytes is secret memory of KEY_BYTES. */
static int parse_skey(const char *text, size_t len, unsigned char *bytes, struct ab_skey *key,
		      struct ab_err *err)
{
	size_t start = strlen(SKEY_START);

	struct ab_vkey public;

	if (len && ab_vkey_parse(text, len - 1, &public, err) == 0)
		return ab_err_no(err, "a public key, not the private one");
	if (len < start + 1 || memcmp(text, SKEY_START, start) != 0 || text[len - 1] != '\n')
		return ab_err_no(err, "not one line with a private key (%sNAME+HASH+KEY)",
				 SKEY_START);
	if (split_key(text + start, len - start - 1, &key->public_key, bytes, err) < 0)
		return -1;
	key->public_key.algorithm = bytes[0];
	if (bytes[0] != AB_NOTE_ED25519)
		return ab_err_no(err, "algorithm %u of a key is not known, expected Ed25519",
				 bytes[0]);
	if (expand(key, bytes + 1, err) < 0)
		return -1;
	return check_id(&key->public_key, err);
}

/* The key, and on a second line the one that is to follow it. */
static int parse_lines(const char *text, size_t len, unsigned char *bytes, struct ab_skey *key,
		       struct ab_err *err)
{
	const char *newline = memchr(text, '\n', len);
	size_t first = newline ? (size_t)(newline - text) + 1 : len;

	if (parse_skey(text, first, bytes, key, err) < 0)
		return -1;
	if (first == len)
		return 0;
	key->next = calloc(1, sizeof(*key->next));
	if (!key->next)
		return ab_err_memory(err);
	if (parse_skey(text + first, len - first, bytes, key->next, err) < 0)
		return ab_err_prefix(err, "line 2: ");
	if (strcmp(key->public_key.name, key->next->public_key.name) != 0 ||
	    memcmp(key->public_key.key, key->next->public_key.key, AB_ED25519_PUBLIC) == 0)
		return ab_err_no(err, "line 2: expected another key of %s", key->public_key.name);
	return 0;
}

/* A public key may be read by all: that it is one says more than that its mode is not 0600. What
 * only its owner may read is not looked at here, since this memory is not for secrets. */
static bool is_public(const char *path)
{
	struct ab_vkey key;
	struct ab_err none = { 0 };
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 077 &&
	       ab_vkey_load(path, &key, &none) == 0;
}

int ab_skey_load(const char *path, struct ab_skey *ret, struct ab_err *err)
{
	struct ab_skey key = { 0 };
	unsigned char *bytes = ab_secret_alloc(KEY_BYTES, err);
	char *text = NULL;
	size_t len;
	int status = -1;

	if (bytes && ab_secret_read(path, SKEY_TEXT, &text, &len, err) == 0) {
		status = parse_lines(text, len, bytes, &key, err);
		if (status < 0)
			ab_err_prefix(err, "%s: ", path);
		if (err->status == AB_EXIT_NO)
			err->status = AB_EXIT_USAGE;
	} else if (bytes && is_public(path)) {
		ab_err_usage(err, "%s: a public key, not the private one", path);
	}
	ab_secret_free(text);
	ab_secret_free(bytes);
	if (status < 0) {
		ab_skey_free(&key);
		return -1;
	}
	*ret = key;
	return 0;
}

static int write_public(const char *path, const struct ab_vkey *key, struct ab_err *err)
{
	char text[AB_NOTE_VKEY + 1];
	ab_autoclose int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	size_t len;

	if (fd < 0) {
		int why = errno;

		ab_err_sys(err, "%s", path);
		if (why == EEXIST)
			err->status = AB_EXIT_USAGE;
		return -1;
	}
	ab_vkey_format(key, text);
	len = strlen(text);
	text[len++] = '\n';
	if (ab_io_write(fd, text, len, err) < 0 || (fsync(fd) < 0 && ab_err_sys(err, "fsync"))) {
		(void)unlink(path);
		return ab_err_prefix(err, "%s: ", path);
	}
	return 0;
}

/* Writes the line of a key file and returns its length. */
static size_t format_skey(const struct ab_skey *key, unsigned char *scratch, char *out)
{
	size_t len = strlen(SKEY_START);

	memcpy(out, SKEY_START, len);
	len += format_key(&key->public_key, key->secret, scratch, out + len);
	out[len++] = '\n';
	return len;
}

int ab_skey_save(const struct ab_skey *key, const char *path, struct ab_err *err)
{
	struct ab_buf public_path = { 0 };
	char *text = ab_secret_alloc(SKEY_TEXT, err);
	unsigned char *scratch = ab_secret_alloc(KEY_BYTES, err);
	int status = -1;

	ab_buf_addf(&public_path, "%s.pub", path);
	if (!text || !scratch || ab_buf_ok(&public_path, err) < 0)
		goto out;
	if (access(path, F_OK) == 0) {
		ab_err_usage(err, "%s: there is a key already", path);
		goto out;
	}
	/* The public half first: a key that cannot be verified would be of no use. */
	if (write_public(public_path.data, &key->public_key, err) < 0)
		goto out;
	status = ab_secret_write(path, text, format_skey(key, scratch, text), err);
	if (status < 0)
		(void)unlink(public_path.data);
out:
	ab_secret_free(scratch);
	ab_secret_free(text);
	ab_buf_free(&public_path);
	return status;
}

int ab_skey_replace(int dirfd, const char *name, const struct ab_skey *key,
		    const struct ab_skey *next, struct ab_err *err)
{
	char *text = ab_secret_alloc(SKEY_TEXT, err);
	unsigned char *scratch = ab_secret_alloc(KEY_BYTES, err);
	int status = -1;

	if (text && scratch) {
		size_t len = format_skey(key, scratch, text);

		if (next)
			len += format_skey(next, scratch, text + len);
		status = ab_path_replace(dirfd, name, text, len, 0600, err);
	}
	ab_secret_free(scratch);
	ab_secret_free(text);
	return status;
}

void ab_skey_free(struct ab_skey *key)
{
	if (!key)
		return;
	ab_secret_free(key->secret);
	key->secret = NULL;
	ab_skey_free(key->next);
	free(key->next);
	key->next = NULL;
}
