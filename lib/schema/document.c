/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that hold schemas: files, what --ref and --ref-dir name, and what is built in. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/hold.h"
#include "lib/base/path.h"
#include "lib/json/json.h"
#include "lib/json/yaml.h"
#include "lib/schema/program.h"
#include "lib/schema/uri.h"

/* A document that is yet to be read. */
static struct ab_document *add(struct ab_compiler *c, const char *name, const char *uri)
{
	struct ab_schema *s = c->s;
	struct ab_document *d = ab_arena_take(&s->arena, sizeof(*d), c->err), **documents;

	if (!d)
		return NULL;
	documents = realloc(s->documents, (s->n_documents + 1) * sizeof(*documents));
	if (!documents) {
		ab_err_memory(c->err);
		return NULL;
	}
	s->documents = documents;
	documents[s->n_documents++] = d;
	d->name = ab_arena_copy(&s->arena, name, strlen(name), c->err);
	d->uri = ab_arena_copy(&s->arena, uri, strlen(uri), c->err);
	return d->name && d->uri ? d : NULL;
}

static int read_document(struct ab_compiler *c, struct ab_document *d, const unsigned char *text,
			 size_t size)
{
	d->text = text;
	d->size = size;
	if (ab_json_read(&d->tape, text, size, NULL, c->err) < 0) {
		if (c->err->status == AB_EXIT_NO)
			c->err->status = AB_EXIT_USAGE;
		return ab_err_prefix(c->err, "%s: ", d->name);
	}
	d->subs = ab_arena_array(&c->s->arena, d->tape.n, sizeof(*d->subs), c->err);
	d->resource = ab_arena_array(&c->s->arena, d->tape.n, sizeof(*d->resource), c->err);
	return d->subs && d->resource ? 0 : -1;
}

struct ab_document *ab_document_add(struct ab_compiler *c, const char *name, const char *uri,
				    const unsigned char *text, size_t size)
{
	struct ab_document *d = add(c, name, uri);

	return d && read_document(c, d, text, size) == 0 ? d : NULL;
}

uint32_t ab_document_number(const struct ab_schema *s, const struct ab_document *d)
{
	uint32_t i = 0;

	while (s->documents[i] != d)
		i++;
	return i;
}

static bool is_yaml(const char *file)
{
	size_t n = strlen(file);

	return (n > 5 && strcmp(file + n - 5, ".yaml") == 0) ||
	       (n > 4 && strcmp(file + n - 4, ".yml") == 0);
}

static void hash_bytes(struct ab_schema *s, const void *data, size_t len)
{
	unsigned char digest[AB_SHA256_SIZE];

	ab_sha256(data ? data : "", len, digest);
	ab_sha256_text(digest, s->hash);
}

/* The file's bytes as JSON. With `hash` the schema is what they are. */
static int read_file(struct ab_compiler *c, const char *file, bool hash, struct ab_buf *json)
{
	ab_auto(ab_buf_free) struct ab_buf raw = { 0 };

	if (ab_path_read(file, AB_SCHEMA_MAX_SIZE, &raw, c->err) < 0)
		return -1;
	if (hash)
		hash_bytes(c->s, raw.data, raw.len);
	if (!is_yaml(file)) {
		*json = raw;
		raw = (struct ab_buf){ 0 };
		return 0;
	}
	if (ab_yaml_to_json(raw.data ? raw.data : "", raw.len, json, c->err) < 0) {
		if (c->err->status == AB_EXIT_NO)
			c->err->status = AB_EXIT_USAGE;
		return ab_err_prefix(c->err, "%s: ", file);
	}
	return 0;
}

/* Of a part: its RFC 8785 form, so that neither place nor notation of the file around counts. */
static int hash_part(struct ab_compiler *c, const void *text, size_t len)
{
	ab_auto(ab_buf_free) struct ab_buf canonical = { 0 };
	struct ab_err none = { 0 };
	json_auto_t *value = ab_json_load("", text, len, &none);

	if (value && ab_json_canonical(value, &canonical, &none) == 0 && canonical.len)
		hash_bytes(c->s, canonical.data, canonical.len);
	else
		hash_bytes(c->s, text, len);
	return 0;
}

/* Cuts the part that a pointer names out of a JSON text. */
static int take_part(struct ab_compiler *c, const char *spec, const char *pointer,
		     struct ab_buf *json)
{
	struct ab_json_tape tape = { 0 };
	ptrdiff_t node = -1;
	int status;

	(void)ab_buf_reserve(json, AB_HOLD_PAD);
	if (ab_buf_ok(json, c->err) < 0)
		return -1;
	memset(json->data + json->len, 0, AB_HOLD_PAD);
	status = ab_json_read(&tape, (unsigned char *)json->data, json->len, NULL, c->err);
	if (status == 0) {
		node = ab_json_find(&tape, pointer);
		if (node < 0)
			status = ab_err_usage(c->err, "nothing at %s", pointer);
	}
	if (status == 0) {
		const struct ab_json_node *n = &tape.nodes[node];
		unsigned quotes = n->type == AB_JSON_STRING;

		memmove(json->data, json->data + n->at - quotes, n->len + 2 * quotes);
		json->len = n->len + 2 * quotes;
		status = hash_part(c, json->data, json->len);
	}
	ab_json_tape_free(&tape);
	if (status < 0 && c->err->status == AB_EXIT_NO)
		c->err->status = AB_EXIT_USAGE;
	return status < 0 ? ab_err_prefix(c->err, "%s: ", spec) : 0;
}

struct ab_document *ab_document_load(struct ab_compiler *c, const char *spec, const char *uri)
{
	ab_auto(ab_buf_free) struct ab_buf json = { 0 };
	ab_autofree char *file = NULL;
	bool is_main = c->s->n_documents == 0;
	const char *pointer = ab_json_split(spec, &file, c->err);
	struct ab_document *d;

	if (!pointer || read_file(c, file, is_main && !*pointer, &json) < 0)
		return NULL;
	if (*pointer && take_part(c, spec, pointer, &json) < 0)
		return NULL;
	if (ab_buf_reserve(&json, AB_HOLD_PAD))
		memset(json.data + json.len, 0, AB_HOLD_PAD);
	if (ab_buf_ok(&json, c->err) < 0)
		return NULL;
	d = add(c, spec, uri);
	if (!d)
		return NULL;
	d->file = (unsigned char *)json.data;
	json.data = NULL;
	return read_document(c, d, d->file, json.len) < 0 ? NULL : d;
}

/* Behind "PREFIX=" of a setting whose prefix begins the URI; NULL if it does not. */
static const char *match_setting(const char *setting, const char *uri, bool whole)
{
	const char *equals = strrchr(setting, '=');
	size_t n = equals ? (size_t)(equals - setting) : 0;

	if (!equals || strncmp(setting, uri, n) != 0 || (whole && uri[n]))
		return NULL;
	return equals + 1;
}

static bool is_inside(const char *path)
{
	if (!*path || *path == '/')
		return false;
	for (const char *p = path; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL)
		if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || !p[2]))
			return false;
	return true;
}

/* Indexed and, unless it is built in, checked. */
static int make_ready(struct ab_compiler *c, struct ab_document *d)
{
	if (!d || ab_index_document(c, d) < 0)
		return -1;
	return d->built_in ? 0 : ab_dialect_check(c, d);
}

static int find_built_in(struct ab_compiler *c, const char *uri, struct ab_document **ret)
{
	size_t size;
	const unsigned char *text = ab_metaschema_find(uri, &size);

	if (!text)
		return 0;
	*ret = ab_document_add(c, uri, uri, text, size);
	if (!*ret)
		return -1;
	(*ret)->built_in = true;
	return make_ready(c, *ret);
}

static int find_in_dir(struct ab_compiler *c, const char *setting, const char *uri,
		       struct ab_document **ret)
{
	const char *dir = match_setting(setting, uri, false);
	ab_auto(ab_buf_free) struct ab_buf path = { 0 };
	size_t start;

	if (!dir)
		return 0;
	ab_buf_addf(&path, "%s/", dir);
	start = path.len;
	uri += dir - setting - 1;
	if (!ab_uri_decode(uri, strlen(uri), &path))
		return 0;
	ab_buf_addc(&path, '\0');
	if (ab_buf_ok(&path, c->err) < 0)
		return -1;
	if (strlen(path.data) + 1 != path.len || !is_inside(path.data + start) ||
	    access(path.data, F_OK) != 0)
		return 0;
	*ret = ab_document_load(c, path.data, uri - (dir - setting - 1));
	return make_ready(c, *ret);
}

int ab_document_find(struct ab_compiler *c, const char *uri, struct ab_document **ret)
{
	const struct ab_schema_settings *set = &c->s->settings;

	*ret = NULL;
	if (find_built_in(c, uri, ret) < 0 || *ret)
		return *ret ? 0 : -1;
	for (size_t i = 0; i < set->n_refs; i++) {
		const char *file = match_setting(set->refs[i], uri, true);

		if (!file)
			continue;
		*ret = ab_document_load(c, file, uri);
		return make_ready(c, *ret);
	}
	for (size_t i = 0; !*ret && i < set->n_ref_dirs; i++)
		if (find_in_dir(c, set->ref_dirs[i], uri, ret) < 0)
			return -1;
	return 0;
}

int ab_document_fail(struct ab_compiler *c, const struct ab_document *d, uint32_t node,
		     const char *fmt, ...)
{
	ab_auto(ab_buf_free) struct ab_buf pointer = { 0 };
	char why[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, args); /* a long message is cut */
	va_end(args);
	ab_json_pointer(&d->tape, node, &pointer);
	return ab_err_usage(c->err, "%s: %.*s: %s", d->name,
			    pointer.len > 180 ? 180 : (int)pointer.len,
			    pointer.data ? pointer.data : "", why);
}

const char *ab_document_text(struct ab_compiler *c, const struct ab_document *d, uint32_t node,
			     size_t *ret_len)
{
	const struct ab_json_node *n = &d->tape.nodes[node];
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	*ret_len = n->len;
	if (!(n->flags & AB_JSON_ESCAPED))
		return ab_arena_copy(&c->s->arena, d->text + n->at, n->len, c->err);
	ab_json_unescape(&d->tape, node, &text);
	if (ab_buf_ok(&text, c->err) < 0)
		return NULL;
	*ret_len = text.len;
	return ab_arena_copy(&c->s->arena, text.data, text.len, c->err);
}
