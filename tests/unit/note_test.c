/* SPDX-License-Identifier: Apache-2.0 */
/* lib/note: keys, signed notes, checkpoints, cosignatures. */
#include "tests/unit/tap.h"

#include "lib/note/note.h"

/* The example of golang.org/x/mod/sumdb/note, whose keys and signature are public. */
static const char example_vkey[] =
	"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char example_note[] =
	"If you think cryptography is the answer to your problem,\n"
	"then you don't know what your problem is.\n"
	"\n"
	"\xe2\x80\x94 PeterNeumann "
	"x08go/ZJkuBS9UG/"
	"SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

static int open_note(const char *message, size_t len, const struct ab_vkey *key)
{
	struct ab_err err = { 0 };
	struct ab_note note;
	int status;

	if (ab_note_parse(message, len, &note, &err) < 0)
		return -1;
	status = ab_note_verify(&note, key, NULL, &err);
	ab_note_free(&note);
	return status;
}

static void test_example(struct tap *t)
{
	struct ab_err err = { 0 };
	char text[AB_NOTE_VKEY];
	struct ab_vkey key;
	char *copy = strdup(example_note);
	size_t len = strlen(example_note);
	int good = 0;

	tap_ok(t, ab_vkey_parse(example_vkey, strlen(example_vkey), &key, &err) == 0,
	       "the published key parses");
	ab_vkey_format(&key, text);
	tap_is(t, text, example_vkey, "and is written the same");
	tap_ok(t, open_note(example_note, len, &key) == 0, "the published note verifies");
	for (size_t bit = 0; copy && bit < 8 * len; bit++) {
		copy[bit / 8] ^= (char)(1 << bit % 8);
		good += open_note(copy, len, &key) == 0;
		copy[bit / 8] ^= (char)(1 << bit % 8);
	}
	tap_ok(t, good == 0, "no single flipped bit of it verifies (%d did)", good);
	good = 0;
	for (size_t n = 0; n < len; n++)
		good += open_note(example_note, n, &key) == 0;
	tap_ok(t, good == 0, "no shorter piece of it verifies");
	free(copy);
}

static void test_keys(struct tap *t)
{
	static const char *const bad[] = {
		"",
		"PeterNeumann",
		"PeterNeumann+c74f20a3",
		"PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAA",
		"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
		"Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		"+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
	};
	static const char *const names[] = { "",	" ",	 "a b",	     "a+b",	     "a\nb",
					     "a\tb",	"a\x7f", "\xc2\xa0", "\xe2\x80\x83", "\xff",
					     "\xc2\x85" };
	struct ab_err err = { 0 };
	struct ab_vkey key;

	for (size_t i = 0; i < AB_ARRAY_SIZE(bad); i++)
		tap_ok(t,
		       ab_vkey_parse(bad[i], strlen(bad[i]), &key, &err) < 0 &&
			       err.status == AB_EXIT_NO,
		       "'%s' is no key", bad[i]);
	tap_ok(t,
	       ab_vkey_parse(
		       "PeterNeumann\0x+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
		       strlen(example_vkey) + 2, &key, &err) < 0,
	       "a name with a NUL in it is not the name before the NUL");
	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++)
		tap_ok(t, !ab_note_is_name(names[i]), "name %zu may not sign", i);
	tap_ok(t, ab_note_is_name("example.org/\xc3\xa4udit"),
	       "a name may have letters of any script");
}

static void test_signing(struct tap *t)
{
	static const char text[] = "first\n\nsecond\n";
	struct ab_err err = { 0 };
	struct ab_skey key, other;
	struct ab_vkey cosigner;
	struct ab_buf note = { 0 };
	struct ab_note parsed;
	uint64_t time = 0;

	if (ab_skey_generate("example.org/a", &key, &err) < 0 ||
	    ab_skey_generate("example.org/a", &other, &err) < 0) {
		tap_ok(t, false, "keys are made");
		return;
	}
	ab_buf_adds(&note, text);
	ab_buf_addc(&note, '\n');
	tap_ok(t,
	       ab_note_sign(&other, text, strlen(text), &note, &err) == 0 &&
		       ab_note_sign(&key, text, strlen(text), &note, &err) == 0 &&
		       ab_note_cosign(&key, 1700000000, text, strlen(text), &note, &err) == 0,
	       "three signatures are added");
	tap_ok(t,
	       ab_note_parse(note.data, note.len, &parsed, &err) == 0 && parsed.n == 3 &&
		       parsed.text_len == strlen(text),
	       "a text with a blank line is read whole");
	tap_ok(t, ab_note_verify(&parsed, &key.public_key, NULL, &err) == 0,
	       "the second signature verifies beside one of another key of that name");
	ab_vkey_cosigner(&key.public_key, &cosigner);
	tap_ok(t, ab_note_verify(&parsed, &cosigner, &time, &err) == 0 && time == 1700000000,
	       "the cosignature verifies and tells its time");
	ab_vkey_cosigner(&other.public_key, &cosigner);
	tap_ok(t, ab_note_verify(&parsed, &cosigner, &time, &err) < 0, "another's does not");
	ab_note_free(&parsed);
	ab_buf_free(&note);
	ab_skey_free(&key);
	ab_skey_free(&other);
}

static void test_checkpoints(struct tap *t)
{
	static const char root[] = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
	static const char *const bad[] = { "",
					   "o",
					   "o\n",
					   "o\n01\n",
					   "o\n-1\n",
					   "o\n\n",
					   "\n1\n",
					   "o\n9223372036854775808\n",
					   "o\n1 \n",
					   "o\n+1\n",
					   "o\n99999999999999999999\n" };
	struct ab_err err = { 0 };
	struct ab_checkpoint c;
	char text[128];

	for (size_t i = 0; i < AB_ARRAY_SIZE(bad); i++) {
		(void)snprintf(text, sizeof(text), "%s%s", bad[i], root);
		tap_ok(t, ab_checkpoint_parse(text, strlen(text), &c, &err) < 0,
		       "checkpoint %zu is bad", i);
	}
	(void)snprintf(text, sizeof(text), "o\n0\n%s", root);
	tap_ok(t, ab_checkpoint_parse(text, strlen(text), &c, &err) == 0 && c.size == 0,
	       "size 0 is good");
	(void)snprintf(text, sizeof(text), "o\n9223372036854775807\n%sextension\n", root);
	tap_ok(t, ab_checkpoint_parse(text, strlen(text), &c, &err) == 0 && c.size == INT64_MAX,
	       "the largest size and an extension line are good");
	(void)snprintf(text, sizeof(text), "o\n1\n%.44s", root);
	tap_ok(t, ab_checkpoint_parse(text, strlen(text), &c, &err) < 0,
	       "a root without its newline is bad");
}

int main(void)
{
	struct tap t = { 0 };

	test_example(&t);
	test_keys(&t);
	test_signing(&t);
	test_checkpoints(&t);
	return tap_done(&t);
}
