/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/ed25519.h"

#include <sodium.h>

_Static_assert(AB_ED25519_SEED == crypto_sign_SEEDBYTES, "seed");
_Static_assert(AB_ED25519_SECRET == crypto_sign_SECRETKEYBYTES, "secret key");
_Static_assert(AB_ED25519_PUBLIC == crypto_sign_PUBLICKEYBYTES, "public key");
_Static_assert(AB_ED25519_SIGNATURE == crypto_sign_BYTES, "signature");

int ab_ed25519_expand(const unsigned char seed[AB_ED25519_SEED],
		      unsigned char secret[AB_ED25519_SECRET],
		      unsigned char public_key[AB_ED25519_PUBLIC], struct ab_err *err)
{
	if (sodium_init() < 0 || crypto_sign_seed_keypair(public_key, secret, seed) != 0)
		return ab_err_trouble(err, "libsodium does not start");
	return 0;
}

int ab_ed25519_sign(const unsigned char secret[AB_ED25519_SECRET], const void *message, size_t len,
		    unsigned char signature[AB_ED25519_SIGNATURE], struct ab_err *err)
{
	if (crypto_sign_detached(signature, NULL, message, len, secret) != 0)
		return ab_err_trouble(err, "cannot sign");
	return 0;
}

bool ab_ed25519_verify(const unsigned char public_key[AB_ED25519_PUBLIC], const void *message,
		       size_t len, const unsigned char signature[AB_ED25519_SIGNATURE])
{
	return crypto_sign_verify_detached(signature, message, len, public_key) == 0;
}
