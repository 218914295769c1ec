/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit check-proof: checks such a file with nothing but the log's verifier key. */
#include "cmd/audit/audit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/confine/confine.h"

#define MAX_PROOF (2u << 20)

struct settings {
	const char *vkey_path, *proof_path, *document_path;
	struct audit_cosigners cosigners;
	struct ab_keyring keys;
	struct ab_buf text, entry;
	int document;
};

static void settings_done(struct settings *s)
{
	ab_buf_free(&s->text);
	ab_buf_free(&s->entry);
	audit_cosigners_free(&s->cosigners);
	if (s->document >= 0)
		(void)close(s->document);
}

static int hash_document(struct settings *s, char out[AB_SHA256_TEXT], struct ab_err *err)
{
	unsigned char chunk[65536], digest[AB_SHA256_SIZE];
	struct ab_sha256 hash;
	ssize_t n;

	ab_sha256_init(&hash);
	while ((n = ab_io_read(s->document, chunk, sizeof(chunk), err)) > 0)
		ab_sha256_add(&hash, chunk, (size_t)n);
	if (n < 0)
		return ab_err_prefix(err, "%s: ", s->document_path);
	ab_sha256_end(&hash, digest);
	ab_sha256_text(digest, out);
	return 0;
}

/* Whether the document is the input or the output of the recorded execution. */
static int check_document(struct settings *s, const json_t *record, struct ab_err *err)
{
	char hash[AB_SHA256_TEXT];
	const json_t *subject;
	size_t i;

	if (s->document < 0)
		return 0;
	if (hash_document(s, hash, err) < 0)
		return -1;
	json_array_foreach(json_object_get(record, "subject"), i, subject)
	{
		const char *is = json_string_value(
			json_object_get(json_object_get(subject, "digest"), "sha256"));
		const char *name = json_string_value(json_object_get(subject, "name"));

		if (is && name && strcmp(is, hash + strlen("sha256:")) == 0) {
			printf("%s: the recorded %s\n", s->document_path, name);
			return 0;
		}
	}
	return ab_err_no(err, "%s: neither input nor output of that record", s->document_path);
}

static int print(const struct ab_proof *proof, const struct ab_checkpoint *c, const json_t *record,
		 struct ab_err *err)
{
	ab_autofree char *text = json_dumps(record, AUDIT_JSON);

	if (!text)
		return ab_err_memory(err);
	printf("%s: good: record %llu of %llu\n%s\n", c->origin, (unsigned long long)proof->from,
	       (unsigned long long)c->size, text);
	return 0;
}

static int check(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_proof_free) struct ab_proof proof = { 0 };
	unsigned char leaf[AB_SHA256_SIZE];
	json_auto_t *record = NULL;
	struct ab_checkpoint c;

	if (ab_proof_read_record(s->text.data, s->text.len, &proof, &s->entry, err) < 0 ||
	    ab_checkpoint_open_any(proof.note, proof.note_len, &s->keys, &c, err) < 0 ||
	    audit_cosigners_check(&s->cosigners, proof.note, proof.note_len, err) < 0)
		return -1;
	ab_log_leaf(s->entry.data ? s->entry.data : "", s->entry.len, leaf);
	if (ab_proof_check_record(&proof, leaf, &c, err) < 0)
		return -1;
	record = ab_record_open(s->entry.data ? s->entry.data : "", s->entry.len, &s->keys, err);
	if (!record || check_document(s, record, err) < 0)
		return -1;
	return print(&proof, &c, record, err);
}

static int open_all(struct settings *s, struct ab_err *err)
{
	if (!s->vkey_path)
		return ab_err_usage(err, "--vkey: required: whose log it is said to be");
	if (ab_keyring_load(s->vkey_path, &s->keys, err) < 0 ||
	    audit_cosigners_load(&s->cosigners, err) < 0)
		return -1;
	if (s->document_path) {
		s->document = ab_path_open(s->document_path, err);
		if (s->document < 0)
			return -1;
	}
	if (s->proof_path ? ab_path_read(s->proof_path, MAX_PROOF, &s->text, err) < 0
			  : ab_buf_read(&s->text, STDIN_FILENO, MAX_PROOF, err) < 0)
		return -1;
	return ab_confine(AB_PROFILE_FILTER, NULL, 0, err);
}

int audit_check_proof(int argc, char *argv[])
{
	ab_auto(settings_done) struct settings s = { .document = -1 };
	const struct ab_opt opts[] = {
		AUDIT_OPT_VKEY(&s.vkey_path),
		AUDIT_OPT_COSIGNER(&s.cosigners),
		{ AB_OPT_STRING, 0, "document", "FILE",
		  "a file that must be the recorded input or output", &s.document_path },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit check-proof",
				    .summary = "Check a proof that a record is in a log",
				    .operands = "[FILE]",
				    .opts = opts,
				    .max = 1 };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	s.proof_path = argv[first];
	if (open_all(&s, &err) < 0 || check(&s, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
