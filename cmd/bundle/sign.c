/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle sign: verifies a bundle and puts a signature over its identity beside it. */
#include "cmd/bundle/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/confine/confine.h"
#include "lib/note/note.h"

#define NAME "ab-bundle sign"

struct settings {
	const char *bundle, *key, *signature;
	struct ab_bundle_limits limits;
	uint64_t threads;
};

/* Where the note goes, and what it says already. */
struct place {
	char *path;
	const char *base;
	int directory;
	struct ab_buf note;
};

static void place_done(struct place *p)
{
	free(p->path);
	ab_auto_close(&p->directory);
	ab_buf_free(&p->note);
}

static int open_place(struct place *p, struct ab_err *err)
{
	char *slash = strrchr(p->path, '/');
	ab_autofree char *directory =
		slash ? strndup(p->path, (size_t)(slash - p->path) + 1) : strdup(".");

	if (!directory)
		return ab_err_memory(err);
	p->base = slash ? slash + 1 : p->path;
	p->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->directory < 0)
		return ab_err_sys(err, "%s", directory);
	if (ab_path_check_replaceable(p->directory, p->base, err) < 0)
		return -1;
	if (faccessat(p->directory, p->base, F_OK, 0) < 0 && errno == ENOENT)
		return 0;
	return ab_path_read(p->path, AB_BUNDLE_MAX_SIGNATURES, &p->note, err);
}

/* The note that stands there must be about this bundle and not signed by this key yet. */
static int check_present(const struct place *p, const struct ab_skey *key,
			 const struct ab_buf *text, struct ab_err *err)
{
	ab_auto(ab_note_free) struct ab_note note = { 0 };
	struct ab_err none = { 0 };

	if (ab_note_parse(p->note.data, p->note.len, &note, err) < 0)
		return ab_err_prefix(err, "%s: ", p->path);
	if (note.text_len != text->len || memcmp(note.text, text->data, text->len) != 0)
		return ab_err_no(err, "%s: signature of another bundle", p->path);
	if (ab_note_verify(&note, &key->public_key, NULL, &none) == 0)
		return ab_err_no(err, "%s: signed by %s already", p->path, key->public_key.name);
	return 0;
}

static int sign(struct place *p, const struct ab_skey *key,
		const unsigned char identity[AB_SHA256_SIZE], struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	ab_bundle_note(identity, &text);
	if (ab_buf_ok(&text, err) < 0)
		return -1;
	if (p->note.len && check_present(p, key, &text, err) < 0)
		return -1;
	if (!p->note.len) {
		ab_buf_add(&p->note, text.data, text.len);
		ab_buf_addc(&p->note, '\n');
	}
	if (ab_note_sign(key, text.data, text.len, &p->note, err) < 0 ||
	    ab_buf_ok(&p->note, err) < 0)
		return -1;
	return ab_path_replace(p->directory, p->base, p->note.data, p->note.len, 0644, err);
}

static int confined(const struct settings *s, struct place *p, const struct ab_skey *key,
		    struct ab_err *err)
{
	const struct ab_confine_path paths[] = { { p->directory, AB_CONFINE_WRITE } };
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	ab_autoclose int fd = ab_bundle_open(s->bundle, err);

	if (fd < 0 || ab_confine(AB_PROFILE_STORE, paths, AB_ARRAY_SIZE(paths), err) < 0 ||
	    ab_bundle_check(fd, s->bundle, &s->limits, &bundle, err) < 0 ||
	    sign(p, key, bundle.identity, err) < 0)
		return -1;
	ab_bundle_print_identity(bundle.identity);
	return 0;
}

static int run(struct settings *s, struct ab_err *err)
{
	ab_auto(place_done) struct place p = { .directory = -1 };
	ab_auto(ab_skey_free) struct ab_skey key = { 0 };

	if (!s->key)
		return ab_err_usage(err, "--key: needed; ab-audit keygen makes one");
	p.path = ab_bundle_signature_path(s->bundle, s->signature, err);
	if (!p.path || ab_bundle_set_threads(&s->limits, s->threads, err) < 0 ||
	    ab_skey_load(s->key, &key, err) < 0 || open_place(&p, err) < 0)
		return -1;
	return confined(s, &p, &key, err);
}

int ab_bundle_main_sign(int argc, char *argv[])
{
	struct settings s = { .limits = AB_BUNDLE_LIMITS };
	const struct ab_opt opts[] = {
		{ AB_OPT_STRING, 0, "key", "FILE", "the signing key, as ab-audit keygen makes it",
		  &s.key },
		{ AB_OPT_STRING, 0, "signature", "FILE",
		  "where the signature goes (default BUNDLE.sig)", &s.signature },
		AB_BUNDLE_LIMIT_OPTIONS(s.limits, s.threads),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = NAME,
		.summary = "Verify BUNDLE, sign its identity, and print it",
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
