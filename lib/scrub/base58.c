/* SPDX-License-Identifier: Apache-2.0 */
/* Base58Check, in which Bitcoin writes its keys (BIP 13, BIP 32): big-endian, a double SHA-256's first four bytes last. */
#include <string.h>

#include "lib/crypto/sha256.h"
#include "lib/scrub/match.h"

#define BASE58_MAX 112 /* an extended key has 111 */
#define CHECK_SIZE 4

/* The bytes that the digits stand for, in bytes[]'s last ones; how many there are, or 0 if one is no digit. */
static size_t decode(const unsigned char *text, size_t len, unsigned char bytes[BASE58_MAX])
{
	static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
	size_t used = 0, zeros = 0;

	while (zeros < len && text[zeros] == '1')
		zeros++;
	for (size_t i = zeros; i < len; i++) {
		const char *d = text[i] ? strchr(digits, text[i]) : NULL;
		unsigned carry;

		if (!d)
			return 0;
		carry = (unsigned)(d - digits);
		for (size_t k = 0; k < used || carry; k++) {
			unsigned char *b = &bytes[BASE58_MAX - 1 - k]; /* fewer bytes than digits: within */

			if (k == used) {
				*b = 0;
				used++;
			}
			carry += 58u * *b;
			*b = (unsigned char)carry;
			carry >>= 8;
		}
	}
	memset(bytes + BASE58_MAX - used - zeros, 0, zeros);
	return used + zeros;
}

bool ab_scrub_check_base58check(const struct ab_scrub_policy *policy, const unsigned char *value, size_t len)
{
	unsigned char bytes[BASE58_MAX], hash[AB_SHA256_SIZE];
	const unsigned char *body;
	size_t size;

	(void)policy;
	if (len > BASE58_MAX || (size = decode(value, len, bytes)) <= CHECK_SIZE)
		return false;
	body = bytes + BASE58_MAX - size;
	ab_sha256(body, size - CHECK_SIZE, hash);
	ab_sha256(hash, sizeof(hash), hash);
	return memcmp(hash, body + size - CHECK_SIZE, CHECK_SIZE) == 0;
}
