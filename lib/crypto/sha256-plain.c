/* SPDX-License-Identifier: Apache-2.0 */
/* FIPS 180-4 section 6.2.2 as it stands there, for processors without SHA extensions. */
#include <endian.h>
#include <string.h>

#include "lib/crypto/sha256-engines.h"

const uint32_t ab_sha256_k[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static inline uint32_t rotate(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* The schedule is kept as its last sixteen words: W[t] takes the place of W[t - 16]. */
static inline uint32_t schedule(uint32_t w[16], unsigned t)
{
	uint32_t two = w[(t - 2) % 16], fifteen = w[(t - 15) % 16];
	uint32_t s1 = rotate(two, 17) ^ rotate(two, 19) ^ two >> 10;
	uint32_t s0 = rotate(fifteen, 7) ^ rotate(fifteen, 18) ^ fifteen >> 3;

	return w[t % 16] += s1 + w[(t - 7) % 16] + s0;
}

/*
 * One round. Where the standard moves each of the eight variables on by one, the place of `a` moves
 * back by one instead; after eight rounds all stand where they stood.
 */
static inline void round_of(uint32_t v[8], unsigned t, uint32_t word)
{
	uint32_t a = v[-t % 8], b = v[(1 - t) % 8], c = v[(2 - t) % 8];
	uint32_t e = v[(4 - t) % 8], f = v[(5 - t) % 8], g = v[(6 - t) % 8];
	uint32_t *d = &v[(3 - t) % 8], *h = &v[(7 - t) % 8];
	uint32_t t1 = *h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (g ^ (e & (f ^ g))) +
		      ab_sha256_k[t] + word;

	*d += t1;
	*h = t1 + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) | (c & (a | b)));
}

void ab_sha256_plain_blocks(uint32_t h[8], const unsigned char *data, size_t n)
{
	uint32_t v[8], w[16];

	for (; n; n--, data += 64) {
		memcpy(v, h, sizeof(v));
		memcpy(w, data, sizeof(w));
#pragma GCC unroll 16
		for (unsigned t = 0; t < 16; t++) {
			w[t] = be32toh(w[t]);
			round_of(v, t, w[t]);
		}
		for (unsigned from = 16; from < 64; from += 16) {
#pragma GCC unroll 16
			for (unsigned t = 0; t < 16; t++)
				round_of(v, from + t, schedule(w, from + t));
		}
		for (size_t i = 0; i < 8; i++)
			h[i] += v[i];
	}
}
