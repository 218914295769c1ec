/* SPDX-License-Identifier: Apache-2.0 */
/* The two engines of SHA-256: the SHA extensions of x86-64, and libsodium. Private to lib/crypto.
 */
#ifndef AB_CRYPTO_SHA256_NI_H
#define AB_CRYPTO_SHA256_NI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool ab_sha256_ni_is_there(void);

/* Advances h over n blocks of 64 bytes. Only where ab_sha256_ni_is_there(). */
void ab_sha256_ni_blocks(uint32_t h[8], const unsigned char *data, size_t n);

/* The same of two states, in little more time than one needs. */
void ab_sha256_ni_blocks_two(uint32_t h[8], const unsigned char *data, uint32_t other_h[8],
			     const unsigned char *other, size_t n);

/* ab_sha256_ni_blocks() by libsodium, on any machine. */
void ab_sha256_sodium_blocks(uint32_t h[8], const unsigned char *data, size_t n);

#endif
