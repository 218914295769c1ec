/* SPDX-License-Identifier: Apache-2.0 */
/* lib/crypto/sha256: FIPS 180-4's examples, and both engines against libsodium at every split. */
#include "tests/unit/tap.h"

#include <sodium.h>

#include "lib/crypto/sha256-engines.h"
#include "lib/crypto/sha256.h"

static void test_vectors(struct tap *t)
{
	static const char *const want[][2] = {
		{ "", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc",
		  "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(want); i++) {
		unsigned char digest[AB_SHA256_SIZE];
		char text[AB_SHA256_TEXT];

		ab_sha256(want[i][0], strlen(want[i][0]), digest);
		ab_sha256_text(digest, text);
		tap_is(t, text, want[i][1], "a vector of FIPS 180-4");
	}
}

static void test_splits(struct tap *t)
{
	unsigned char data[321], want[32], got[32];
	size_t bad = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7 + 1);
	for (size_t len = 0; len <= sizeof(data); len++) {
		crypto_hash_sha256(want, data, len);
		for (size_t cut = 0; cut <= len; cut += 3) {
			struct ab_sha256 s;

			ab_sha256_init(&s);
			ab_sha256_add(&s, data, cut);
			ab_sha256_end(&s, got); /* a look in between changes nothing */
			ab_sha256_add(&s, data + cut, len - cut);
			ab_sha256_end(&s, got);
			bad += memcmp(want, got, 32) != 0;
		}
	}
	tap_ok(t, bad == 0, "every length to 321 in two pieces is libsodium's digest");
}

/* Two at a time, of every pair of lengths and each begun before. */
static void test_two(struct tap *t)
{
	enum { MOST = 200 };
	unsigned char data[2 * MOST], want[2][32], got[2][32];
	size_t bad = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 13 + 5);
	for (size_t a = 0; a <= MOST; a++) {
		for (size_t b = 0; b <= MOST; b++) {
			size_t cut_a = a < b % 70 ? a : b % 70, cut_b = b < a % 70 ? b : a % 70;
			struct ab_sha256 s, u;

			crypto_hash_sha256(want[0], data, a);
			crypto_hash_sha256(want[1], data + MOST, b);
			ab_sha256_init(&s);
			ab_sha256_init(&u);
			ab_sha256_add(&s, data, cut_a);
			ab_sha256_add(&u, data + MOST, cut_b);
			ab_sha256_add_two(&s, data + cut_a, a - cut_a, &u, data + MOST + cut_b,
					  b - cut_b);
			ab_sha256_end_two(&s, got[0], &u, got[1]);
			bad += memcmp(want, got, sizeof(want)) != 0;
		}
	}
	tap_ok(t, bad == 0, "two at a time, of all lengths to %d, are libsodium's digests", MOST);
}

/* FIPS 180-4's long example: more than a processor that was not asked is waited for. */
static void test_million(struct tap *t)
{
	unsigned char data[1000], digest[AB_SHA256_SIZE];
	char text[AB_SHA256_TEXT];
	struct ab_sha256 s;

	memset(data, 'a', sizeof(data));
	ab_sha256_init(&s);
	for (size_t i = 0; i < 1000; i++)
		ab_sha256_add(&s, data, sizeof(data));
	ab_sha256_end(&s, digest);
	ab_sha256_text(digest, text);
	tap_is(t, text, "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
	       "a million times 'a'");
}

/* libsodium has no public compression function, but its state is (state, bit count, buffer): a
 * block fed at a block boundary advances exactly `state`. */
static void advance_by_sodium(uint32_t h[8], const unsigned char *data, size_t n)
{
	crypto_hash_sha256_state st;

	memset(&st, 0, sizeof(st));
	memcpy(st.state, h, sizeof(st.state));
	(void)crypto_hash_sha256_update(&st, data, n * 64);
	memcpy(h, st.state, sizeof(st.state));
}

/* Lists of every number of messages, whose lengths cross all that padding and blocks make of them.
 */
static void test_many(struct tap *t)
{
	enum { MOST = 60 };
	static const size_t lengths[] = { 0,   1,   55,	 56,  63, 64,  65,   119, 120,
					  127, 128, 129, 640, 7,  191, 1000, 320 };
	unsigned char data[1000 + MOST], want[32], got[MOST + 1][32];
	struct ab_sha256_message m[MOST];
	size_t bad = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 11 + 3);
	for (size_t n = 0; n <= MOST; n++) {
		memset(got, 0xee, sizeof(got));
		for (size_t i = 0; i < n; i++)
			m[i] = (struct ab_sha256_message){
				data + i, lengths[(i * i + n) % AB_ARRAY_SIZE(lengths)], got[i]
			};
		ab_sha256_many(m, n);
		for (size_t i = 0; i < n; i++) {
			crypto_hash_sha256(want, m[i].data, m[i].len);
			bad += memcmp(want, got[i], 32) != 0;
		}
		memset(want, 0xee, sizeof(want));
		bad += memcmp(want, got[n], 32) != 0;
	}
	tap_ok(t, bad == 0, "lists of to %d messages are libsodium's digests", MOST);
}

static void test_engines(struct tap *t)
{
	uint32_t ni[8], plain[8], sodium[8];
	unsigned char data[64 * 5];
	const char *name = "the processor's engine advances a state as libsodium does";

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * i);
	for (uint32_t i = 0; i < 8; i++)
		ni[i] = plain[i] = sodium[i] = i * 0x9e3779b9u;
	advance_by_sodium(sodium, data, 5);
	ab_sha256_plain_blocks(plain, data, 5);
	tap_ok(t, memcmp(plain, sodium, sizeof(plain)) == 0,
	       "plain C advances a state as libsodium does");
	if (!ab_sha256_ni_is_there()) {
		tap_skip(t, name, "no SHA extensions");
		return;
	}
	ab_sha256_ni_blocks(ni, data, 5);
	tap_ok(t, memcmp(ni, sodium, sizeof(ni)) == 0, "%s", name);
}


static void test_plain(struct tap *t)
{
	unsigned char data[64 * 20];
	size_t bad = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 31 + (i >> 3));
	for (size_t n = 1; n <= 20; n++) {
		for (size_t seed = 0; seed < 64; seed++) {
			uint32_t plain[8], sodium[8];

			for (size_t i = 0; i < 8; i++)
				plain[i] = sodium[i] = (uint32_t)((seed * 8 + i) * 0x85ebca6bu);
			ab_sha256_plain_blocks(plain, data, n);
			advance_by_sodium(sodium, data, n);
			bad += memcmp(plain, sodium, sizeof(plain)) != 0;
		}
	}
	tap_ok(t, bad == 0, "plain C on from 64 states over 1 to 20 blocks: libsodium's states");
}

int main(void)
{
	struct tap t = { 0 };

	printf("# SHA-NI: %s\n", ab_sha256_ni_is_there() ? "yes" : "no");
	test_vectors(&t);
	test_splits(&t);
	test_two(&t);
	test_million(&t);
	test_many(&t);
	test_engines(&t);
	test_plain(&t);
	return tap_done(&t);
}
