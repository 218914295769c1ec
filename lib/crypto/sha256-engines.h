/* SPDX-License-Identifier: Apache-2.0 */
/* The two engines of SHA-256: the SHA extensions of x86-64, and plain C. Private to lib/crypto. */
#ifndef AB_CRYPTO_SHA256_ENGINES_H
#define AB_CRYPTO_SHA256_ENGINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The constants of FIPS 180-4 section 4.2.2. */
extern const uint32_t ab_sha256_k[64] __attribute__((aligned(16)));

bool ab_sha256_ni_is_there(void);

/*
 * Whether it is there, for one who hashes n blocks now. Where the processor must be asked, which
 * takes as long as some kilobytes do in plain C, it is "no" until as much has been hashed.
 */
bool ab_sha256_ni_is_worth(size_t n);

/* Advances h over n blocks of 64 bytes. Only where ab_sha256_ni_is_there(). */
void ab_sha256_ni_blocks(uint32_t h[8], const unsigned char *data, size_t n);

/* The same of two states, in little more time than one needs. */
void ab_sha256_ni_blocks_two(uint32_t h[8], const unsigned char *data, uint32_t other_h[8],
			     const unsigned char *other, size_t n);

/* ab_sha256_ni_blocks() on any machine. */
void ab_sha256_plain_blocks(uint32_t h[8], const unsigned char *data, size_t n);

#endif
