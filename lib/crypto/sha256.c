/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compression function is the processor's own where there is one (SHA-NI), else libsodium's,
 * which is about six times slower. Padding and buffering are the same for both.
 */
#include "lib/crypto/sha256.h"

#include <sodium.h>
#include <string.h>

#include "lib/crypto/sha256-ni.h"

static const uint32_t initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
				     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

/*
 * libsodium has no public compression function, but its state is (state, bit count, buffer): a
 * block fed at a block boundary advances exactly `state`.
 */
void ab_sha256_sodium_blocks(uint32_t h[8], const unsigned char *data, size_t n)
{
	crypto_hash_sha256_state st;

	memset(&st, 0, sizeof(st));
	memcpy(st.state, h, sizeof(st.state));
	(void)crypto_hash_sha256_update(&st, data, n * 64);
	memcpy(h, st.state, sizeof(st.state));
}

static void blocks(uint32_t h[8], const unsigned char *data, size_t n)
{
	if (n == 0)
		return;
	if (ab_sha256_ni_is_there())
		ab_sha256_ni_blocks(h, data, n);
	else
		ab_sha256_sodium_blocks(h, data, n);
}

void ab_sha256_init(struct ab_sha256 *s)
{
	memcpy(s->h, initial, sizeof(initial));
	s->size = 0;
}

void ab_sha256_add(struct ab_sha256 *s, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t held = s->size % 64;

	s->size += len;
	if (held) {
		size_t take = len < 64 - held ? len : 64 - held;

		memcpy(s->block + held, p, take);
		p += take;
		len -= take;
		if (held + take < 64)
			return;
		blocks(s->h, s->block, 1);
	}
	blocks(s->h, p, len / 64);
	if (len % 64)
		memcpy(s->block, p + (len & ~(size_t)63), len % 64);
}

void ab_sha256_end(const struct ab_sha256 *s, unsigned char out[AB_SHA256_SIZE])
{
	unsigned char tail[128] = { 0 };
	size_t held = s->size % 64, n = held < 56 ? 64 : 128;
	uint32_t h[8];

	memcpy(h, s->h, sizeof(h));
	memcpy(tail, s->block, held);
	tail[held] = 0x80;
	for (size_t i = 0; i < 8; i++)
		tail[n - 1 - i] = (unsigned char)(s->size * 8 >> (8 * i));
	blocks(h, tail, n / 64);
	for (size_t i = 0; i < AB_SHA256_SIZE; i++)
		out[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

void ab_sha256(const void *data, size_t len, unsigned char out[AB_SHA256_SIZE])
{
	struct ab_sha256 s;

	ab_sha256_init(&s);
	ab_sha256_add(&s, data, len);
	ab_sha256_end(&s, out);
}

void ab_sha256_text(const unsigned char digest[AB_SHA256_SIZE], char out[AB_SHA256_TEXT])
{
	memcpy(out, "sha256:", 7);
	sodium_bin2hex(out + 7, AB_SHA256_TEXT - 7, digest, AB_SHA256_SIZE);
}
