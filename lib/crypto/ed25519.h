/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 (RFC 8032) on libsodium, which refuses non-canonical signatures and small-order keys. */
#ifndef AB_CRYPTO_ED25519_H
#define AB_CRYPTO_ED25519_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/err.h"

#define AB_ED25519_SEED	     32
#define AB_ED25519_PUBLIC    32
#define AB_ED25519_SECRET    64 /* seed and public key */
#define AB_ED25519_SIGNATURE 64

/* Expands a seed. `secret` should be ab_secret_alloc() memory. */
int ab_ed25519_expand(const unsigned char seed[AB_ED25519_SEED],
		      unsigned char secret[AB_ED25519_SECRET],
		      unsigned char public_key[AB_ED25519_PUBLIC], struct ab_err *err);

int ab_ed25519_sign(const unsigned char secret[AB_ED25519_SECRET], const void *message, size_t len,
		    unsigned char signature[AB_ED25519_SIGNATURE], struct ab_err *err);

bool ab_ed25519_verify(const unsigned char public_key[AB_ED25519_PUBLIC], const void *message,
		       size_t len, const unsigned char signature[AB_ED25519_SIGNATURE]);

#endif
