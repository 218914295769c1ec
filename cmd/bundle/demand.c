/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bundle/demand.h"

#include <string.h>

#include "lib/base/path.h"

static bool is_hash(const char *text)
{
	const char *hex = text + strlen("sha256:");

	return strlen(text) == AB_SHA256_TEXT - 1 && strncmp(text, "sha256:", 7) == 0 &&
	       strspn(hex, "0123456789abcdef") == strlen(hex);
}

static int load(struct ab_bundle_demand *d, const char *bundle, struct ab_err *err)
{
	ab_autofree char *path = NULL;

	if (d->identity && !is_hash(d->identity))
		return ab_err_usage(err, "--identity: expected sha256: and 64 digits of 0-9 a-f");
	if (!d->key)
		return d->signature ? ab_err_usage(err, "--signature: needs --key") : 0;
	path = ab_bundle_signature_path(bundle, d->signature, err);
	if (!path || ab_vkey_load(d->key, &d->vkey, err) < 0)
		return -1;
	return ab_path_read(path, AB_BUNDLE_MAX_SIGNATURES, &d->note, err);
}

static int check_note(const struct ab_bundle_demand *d,
		      const unsigned char identity[AB_SHA256_SIZE], struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf want = { 0 };
	ab_auto(ab_note_free) struct ab_note note = { 0 };

	ab_bundle_note(identity, &want);
	if (ab_buf_ok(&want, err) < 0)
		return -1;
	if (ab_note_parse(d->note.data ? d->note.data : "", d->note.len, &note, err) < 0)
		return ab_err_prefix(err, "signature: ");
	if (note.text_len != want.len || memcmp(note.text, want.data, want.len) != 0)
		return ab_err_no(err, "signature: of another bundle");
	return ab_note_verify(&note, &d->vkey, NULL, err);
}

int ab_bundle_demand_check(const void *demand, const unsigned char identity[AB_SHA256_SIZE],
			   struct ab_err *err)
{
	const struct ab_bundle_demand *d = demand;
	char text[AB_SHA256_TEXT];

	ab_sha256_text(identity, text);
	if (d->identity && strcmp(d->identity, text) != 0)
		return ab_err_no(err, "is %s", text);
	return d->key ? check_note(d, identity, err) : 0;
}

int ab_bundle_asked_open(struct ab_bundle_asked *a, struct ab_err *err)
{
	if (ab_bundle_set_threads(&a->limits, a->threads, err) < 0 ||
	    load(&a->demand, a->bundle, err) < 0)
		return -1;
	return ab_bundle_open(a->bundle, err);
}

int ab_bundle_asked_main(const struct ab_bundle_verb *verb, int argc, char *argv[])
{
	struct ab_bundle_asked a = { .limits = AB_BUNDLE_LIMITS };
	const struct ab_opt opts[] = {
		{ AB_OPT_STRING, 0, "identity", "HASH", "refuse any other bundle than sha256:HEX",
		  &a.demand.identity },
		{ AB_OPT_STRING, 0, "key", "FILE", "ask for a signature by this verifier key",
		  &a.demand.key },
		{ AB_OPT_STRING, 0, "signature", "FILE", "the signatures (default BUNDLE.sig)",
		  &a.demand.signature },
		AB_BUNDLE_LIMIT_OPTIONS(a.limits, a.threads),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = verb->name,
		.summary = verb->summary,
		.operands = verb->operands,
		.opts = opts,
		.min = verb->n_operands,
		.max = verb->n_operands,
	};
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err), status;

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	a.bundle = argv[first];
	a.operand = verb->n_operands > 1 ? argv[first + 1] : NULL;
	status = verb->run(&a);
	ab_buf_free(&a.demand.note);
	return status;
}
