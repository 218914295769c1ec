/* SPDX-License-Identifier: Apache-2.0 */
/* lib/crypto: bytes as text, Ed25519, random, secret files. */
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/crypto/ed25519.h"
#include "lib/crypto/random.h"
#include "lib/crypto/secret.h"
#include "lib/crypto/text.h"

static void test_base64(struct tap *t)
{
	/* RFC 4648 section 10. */
	static const char *const vectors[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};
	static const char *const bad[] = { "Z",	   "Zg",       "Zg=",  "Zh==",	 "Zm9=", "Zm8",
					   "====", "Zg==Zg==", "Z===", "Zm9v\n", "Zm 9", "Zm9-",
					   "Zm9_", "=m9v",     "Zm=v", "Zm9v=" };
	unsigned char out[16];
	char text[32];

	for (size_t i = 0; i < AB_ARRAY_SIZE(vectors); i++) {
		const char *plain = vectors[i][0], *coded = vectors[i][1];
		ssize_t n = ab_base64_decode(coded, strlen(coded), out);

		(void)ab_base64_encode(plain, strlen(plain), text);
		tap_is(t, text, coded, "base64 is RFC 4648's");
		tap_ok(t, n == (ssize_t)strlen(plain) && memcmp(out, plain, (size_t)n) == 0,
		       "'%s' decodes", coded);
	}
	for (size_t i = 0; i < AB_ARRAY_SIZE(bad); i++)
		tap_ok(t, ab_base64_decode(bad[i], strlen(bad[i]), out) == -1, "'%s' is not base64",
		       bad[i]);
}

/* Every value of 16 bits at every place of lengths up to 20: what is written several digits at a
 * time is read back by another way, a digit at a time. */
static void test_base64_again(struct tap *t)
{
	unsigned char in[20] = { 0 }, out[21];
	char text[AB_BASE64_TEXT(sizeof(in))];
	size_t bad = 0;

	for (size_t len = 2; len <= sizeof(in); len++) {
		for (unsigned v = 0; v < 65536; v += len == sizeof(in) ? 1 : 251) {
			size_t at = v % (len - 1), n;

			memset(in, (int)(v >> 8 ^ v), sizeof(in));
			in[at] = (unsigned char)(v >> 8);
			in[at + 1] = (unsigned char)v;
			n = ab_base64_encode(in, len, text);
			bad += n != (len + 2) / 3 * 4 || text[n] ||
			       ab_base64_decode(text, n, out) != (ssize_t)len ||
			       memcmp(in, out, len) != 0;
		}
	}
	tap_ok(t, bad == 0, "what is encoded decodes to itself (%zu do not)", bad);
}

static void test_hex(struct tap *t)
{
	unsigned char out[4] = { 0 };
	char text[9];

	ab_hex_encode((const unsigned char *)"\x00\x7f\x80\xff", 4, text);
	tap_is(t, text, "007f80ff", "hex is lower case");
	tap_ok(t, ab_hex_decode("007f80ff", 4, out) && memcmp(out, "\x00\x7f\x80\xff", 4) == 0,
	       "hex decodes");
	tap_ok(t, !ab_hex_decode("007F80ff", 4, out), "upper case is refused");
	tap_ok(t, !ab_hex_decode("007g80ff", 4, out), "another letter is refused");
	tap_ok(t, !ab_hex_decode("00", 4, out), "a short text is refused");
}

static void test_signatures(struct tap *t)
{
	/* RFC 8032 section 7.1, test 2. */
	static const char seed_hex[] =
		"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
	static const char public_hex[] =
		"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
	static const char want[] =
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
	unsigned char seed[32], public_key[32], secret[64], signature[64];
	char text[129];
	struct ab_err err = { 0 };

	ab_hex_decode(seed_hex, 32, seed);
	tap_ok(t, ab_ed25519_expand(seed, secret, public_key, &err) == 0, "a seed expands");
	ab_hex_encode(public_key, 32, text);
	tap_is(t, text, public_hex, "the public key is RFC 8032's");
	tap_ok(t, ab_ed25519_sign(secret, "\x72", 1, signature, &err) == 0, "signing works");
	ab_hex_encode(signature, 64, text);
	tap_is(t, text, want, "the signature is RFC 8032's");
	tap_ok(t, ab_ed25519_verify(public_key, "\x72", 1, signature), "it verifies");
	tap_ok(t, !ab_ed25519_verify(public_key, "\x73", 1, signature), "another message does not");
	/* s + L: the same signature with a scalar out of range (RFC 8032 section 5.1.7). */
	ab_hex_decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", 32, seed);
	for (unsigned i = 0, carry = 0; i < 32; i++) {
		carry += signature[32 + i] + seed[i];
		signature[32 + i] = (unsigned char)carry;
		carry >>= 8;
	}
	tap_ok(t, !ab_ed25519_verify(public_key, "\x72", 1, signature),
	       "a second spelling of a signature does not");
}

static void test_random(struct tap *t)
{
	char a[AB_UUID_TEXT], b[AB_UUID_TEXT];
	struct ab_err err;

	tap_ok(t, ab_random_uuid(a, &err) == 0 && ab_random_uuid(b, &err) == 0 && strcmp(a, b) != 0,
	       "two UUIDs differ");
	tap_ok(t, strlen(a) == 36 && a[14] == '4' && strchr("89ab", a[19]) && a[8] == '-',
	       "a UUID is of version 4");
}

static void test_secret_files(struct tap *t)
{
	static const mode_t wide[] = { 0601, 0604, 0620, 0640 };
	char dir[] = "/tmp/crypto_test-XXXXXX", path[64], *secret = NULL;
	struct ab_err err = { 0 };
	struct stat st;
	size_t len = 0;

	if (!mkdtemp(dir)) {
		tap_ok(t, false, "a directory for the test");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/key", dir);
	umask(0);
	tap_ok(t, ab_secret_write(path, "secret", 6, &err) == 0, "a key file is written");
	tap_ok(t, stat(path, &st) == 0 && (st.st_mode & 07777) == 0600, "its mode is 0600");
	tap_ok(t, ab_secret_write(path, "other", 5, &err) < 0 && err.status == AB_EXIT_USAGE,
	       "it is not replaced");
	tap_ok(t,
	       ab_secret_read(path, 100, &secret, &len, &err) == 0 && len == 6 &&
		       memcmp(secret, "secret", 6) == 0,
	       "it is read back");
	ab_secret_free(secret);
	tap_ok(t, ab_secret_read(path, 5, &secret, &len, &err) < 0, "a file over the limit is not");
	for (size_t i = 0; i < AB_ARRAY_SIZE(wide); i++)
		tap_ok(t,
		       chmod(path, wide[i]) == 0 &&
			       ab_secret_read(path, 100, &secret, &len, &err) < 0 &&
			       err.status == AB_EXIT_USAGE,
		       "a key of mode %04o is refused", (unsigned)wide[i]);
	tap_ok(t, ab_secret_read(dir, 100, &secret, &len, &err) < 0 && err.status == AB_EXIT_USAGE,
	       "a directory is no key");
	(void)unlink(path);
	(void)rmdir(dir);
}

int main(void)
{
	struct tap t = { 0 };

	test_base64(&t);
	test_base64_again(&t);
	test_hex(&t);
	test_signatures(&t);
	test_random(&t);
	test_secret_files(&t);
	return tap_done(&t);
}
