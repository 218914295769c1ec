/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) at the machine's speed: SHA-NI where the processor has it, else C. */
#ifndef AB_CRYPTO_SHA256_H
#define AB_CRYPTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define AB_SHA256_SIZE 32
#define AB_SHA256_TEXT 72 /* "sha256:", 64 hex digits, NUL */

struct ab_sha256 {
	uint32_t h[8];
	uint64_t size;
	unsigned char block[64];
};

void ab_sha256_init(struct ab_sha256 *s);
void ab_sha256_add(struct ab_sha256 *s, const void *data, size_t len);

/* Writes the digest; the state may go on with ab_sha256_add() as if nothing had happened. */
void ab_sha256_end(const struct ab_sha256 *s, unsigned char out[AB_SHA256_SIZE]);

/* The whole at once. */
void ab_sha256(const void *data, size_t len, unsigned char out[AB_SHA256_SIZE]);

/* Two at a time, which takes little more time than one where there are SHA extensions. */
void ab_sha256_add_two(struct ab_sha256 *s, const void *data, size_t len, struct ab_sha256 *other,
		       const void *other_data, size_t other_len);
void ab_sha256_end_two(const struct ab_sha256 *s, unsigned char out[AB_SHA256_SIZE],
		       const struct ab_sha256 *other, unsigned char other_out[AB_SHA256_SIZE]);

/* Any number of whole messages, two at a time, whatever their lengths. */
struct ab_sha256_message {
	const void *data;
	size_t len;
	unsigned char *out; /* AB_SHA256_SIZE bytes */
};
void ab_sha256_many(const struct ab_sha256_message *messages, size_t n);

/* "sha256:" and lower-case hex. */
void ab_sha256_text(const unsigned char digest[AB_SHA256_SIZE], char out[AB_SHA256_TEXT]);

#endif
