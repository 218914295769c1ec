/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle verify: reads a whole bundle and says whether it is what it claims to be. */
#include "cmd/bundle/verbs.h"

#include <string.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/confine/confine.h"
#include "lib/note/note.h"

#define NAME "ab-bundle verify"

struct settings {
	const char *bundle, *key, *signature, *identity;
	struct ab_bundle_limits limits;
	uint64_t threads;
};

/* What must be known about the signer, read before we confine ourselves. */
struct signer {
	struct ab_vkey key;
	struct ab_buf note;
};

static void signer_done(struct signer *s)
{
	ab_buf_free(&s->note);
}

static int load_signer(const struct settings *s, struct signer *ret, struct ab_err *err)
{
	ab_autofree char *path = NULL;

	if (!s->key)
		return s->signature ? ab_err_usage(err, "--signature: needs --key") : 0;
	path = ab_bundle_signature_path(s->bundle, s->signature, err);
	if (!path || ab_vkey_load(s->key, &ret->key, err) < 0)
		return -1;
	return ab_path_read(path, AB_BUNDLE_MAX_SIGNATURES, &ret->note, err);
}

static int check_note(const struct signer *s, const unsigned char identity[AB_SHA256_SIZE],
		      struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf want = { 0 };
	ab_auto(ab_note_free) struct ab_note note = { 0 };

	ab_bundle_note(identity, &want);
	if (ab_buf_ok(&want, err) < 0)
		return -1;
	if (ab_note_parse(s->note.data ? s->note.data : "", s->note.len, &note, err) < 0)
		return ab_err_prefix(err, "signature: ");
	if (note.text_len != want.len || memcmp(note.text, want.data, want.len) != 0)
		return ab_err_no(err, "signature: of another bundle");
	return ab_note_verify(&note, &s->key, NULL, err);
}

static int check_identity(const struct settings *s, const unsigned char identity[AB_SHA256_SIZE],
			  struct ab_err *err)
{
	char text[AB_SHA256_TEXT];

	ab_sha256_text(identity, text);
	return s->identity && strcmp(s->identity, text) != 0
		       ? ab_err_no(err, "%s: is %s", s->bundle, text)
		       : 0;
}

static bool is_hash(const char *text)
{
	const char *hex = text + strlen("sha256:");

	return strlen(text) == AB_SHA256_TEXT - 1 && strncmp(text, "sha256:", 7) == 0 &&
	       strspn(hex, "0123456789abcdef") == strlen(hex);
}

static int run(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	ab_auto(signer_done) struct signer signer = { 0 };
	ab_autoclose int fd = -1;

	if (s->identity && !is_hash(s->identity))
		return ab_err_usage(err, "--identity: expected sha256: and 64 digits of 0-9 a-f");
	if (ab_bundle_set_threads(&s->limits, s->threads, err) < 0 ||
	    load_signer(s, &signer, err) < 0)
		return -1;
	fd = ab_bundle_open(s->bundle, err);
	if (fd < 0 || ab_confine(AB_PROFILE_STORE, NULL, 0, err) < 0 ||
	    ab_bundle_check(fd, s->bundle, &s->limits, &bundle, err) < 0 ||
	    check_identity(s, bundle.identity, err) < 0)
		return -1;
	if (s->key && check_note(&signer, bundle.identity, err) < 0)
		return ab_err_prefix(err, "%s: ", s->bundle);
	ab_bundle_print_identity(bundle.identity);
	return 0;
}

int ab_bundle_main_verify(int argc, char *argv[])
{
	struct settings s = { .limits = AB_BUNDLE_LIMITS };
	const struct ab_opt opts[] = {
		{ AB_OPT_STRING, 0, "identity", "HASH", "refuse any other bundle than sha256:HEX",
		  &s.identity },
		{ AB_OPT_STRING, 0, "key", "FILE", "ask for a signature by this verifier key",
		  &s.key },
		{ AB_OPT_STRING, 0, "signature", "FILE", "the signatures (default BUNDLE.sig)",
		  &s.signature },
		AB_BUNDLE_LIMIT_OPTIONS(s.limits, s.threads),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = NAME,
		.summary = "Verify BUNDLE (\"-\": stdin) and print its identity",
		.operands = "BUNDLE",
		.opts = opts,
		.min = 1,
		.max = 1,
	};
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	s.bundle = argv[first];
	return ab_io_finish(run(&s, &err) < 0 ? ab_err_report(NAME, &err) : AB_EXIT_OK);
}
