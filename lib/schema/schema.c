/* SPDX-License-Identifier: Apache-2.0 */
/* Loading, compiling and freeing as a whole. */
#include "lib/schema/schema.h"

#include <string.h>
#include <sys/resource.h>

#include "lib/base/hold.h"
#include "lib/schema/eval.h"

#define STACK_KEPT (192u << 10) /* for what evaluation calls */
#define STACK_MOST ((rlim_t)512 << 20)

int ab_draft_parse(const char *name)
{
	static const char *const names[] = { "4", "6", "7", "2019-09", "2020-12" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

void ab_schema_free(struct ab_schema *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_documents; i++) {
		ab_json_tape_free(&s->documents[i]->tape);
		free(s->documents[i]->file);
	}
	for (size_t i = 0; i < s->n_patterns; i++)
		ab_pattern_free(s->patterns[i]);
	for (size_t i = 0; i < s->n_dynamics; i++)
		free(s->dynamics[i].targets);
	free(s->documents);
	free(s->patterns);
	free(s->dynamics);
	free(s->resources);
	free(s->places);
	free(s->pending);
	ab_map_free(&s->uris);
	ab_map_free(&s->anchors);
	ab_map_free(&s->members);
	ab_map_free(&s->names);
	ab_map_free(&s->pattern_numbers);
	ab_memos_free(s->memos, s->memo_mask);
	ab_arena_free(&s->arena);
	free(s);
}

static void free_schema(struct ab_schema **s)
{
	ab_schema_free(*s);
}

static struct ab_schema *new_schema(const struct ab_schema_settings *settings, struct ab_err *err)
{
	struct ab_schema *s = calloc(1, sizeof(*s));

	if (!s) {
		ab_err_memory(err);
		return NULL;
	}
	s->settings = *settings;
	s->seed = ab_hash_seed();
	ab_keyword_index(&s->keywords);
	return s;
}

/* How far down evaluation may go, from here. */
static char *find_stack_floor(void)
{
	char *here = __builtin_frame_address(0);
	struct rlimit limit;
	rlim_t size = 8u << 20;

	if (getrlimit(RLIMIT_STACK, &limit) == 0)
		size = limit.rlim_cur > STACK_MOST ? STACK_MOST : limit.rlim_cur;
	return size > 2 * STACK_KEPT ? here - (size - STACK_KEPT - (128u << 10)) : here;
}

/* Whether it looks at no more than a number, or a string's bytes: once more costs little. */
static bool is_leaf(const struct ab_sub *sub)
{
	for (size_t i = 0; i < sub->n; i++)
		if (sub->instrs[i].op < AB_OP_MINIMUM || sub->instrs[i].op > AB_OP_LENGTH)
			return false;
	return true;
}

/* What evaluation can know of a subschema beforehand. */
static void classify(struct ab_sub *sub, bool dynamic)
{
	for (unsigned type = 0; type < AB_TYPES; type++)
		if (!*sub->by_type[type])
			sub->taken |= sub->types & AB_TYPE_BIT(type);
	if (!*sub->by_type[AB_JSON_NUMBER])
		sub->taken |= sub->types & AB_TYPE_INTEGER;
	sub->plain = !dynamic && !sub->unevaluated_items && !sub->unevaluated_properties &&
		     (!sub->shared || is_leaf(sub));
}

static bool is_reference(const struct ab_sub *sub)
{
	return sub->plain && sub->types == AB_TYPE_ALL && sub->n == 1 &&
	       sub->instrs[0].op == AB_OP_REF;
}

/* Finds where references in a row end. That they end is known: ab_compile_circles(). */
static void find_meant(struct ab_sub *sub)
{
	struct ab_sub *last = sub, *next;

	while (!last->meant && is_reference(last))
		last = last->instrs[0].u.sub;
	if (last->meant)
		last = last->meant;
	for (; !sub->meant; sub = next) {
		next = sub == last ? sub : sub->instrs[0].u.sub;
		sub->meant = last;
	}
}

/* Whether some reference is dynamic. Where they lead is marked as shared: nobody knows how many of
 * them lead there from one value. */
static bool find_dynamic(const struct ab_schema *s)
{
	bool dynamic = false;

	for (size_t i = 0; i < s->n_dynamics; i++)
		for (size_t j = 0; s->dynamics[i].used && j < s->dynamics[i].n; j++) {
			s->dynamics[i].targets[j].sub->shared = true;
			dynamic = true;
		}
	return dynamic;
}

static int make_memos(struct ab_compiler *c)
{
	struct ab_schema *s = c->s;
	bool shared = false;
	uint32_t memos = 64;

	for (size_t i = 0; i < s->n_pending; i++)
		shared = shared || s->pending[i]->shared;
	if (!shared)
		return 0;
	while (memos < AB_MEMOS && memos < 2 * s->n_pending)
		memos *= 2;
	s->memo_mask = memos - 1;
	s->memos = ab_arena_array(&s->arena, memos, sizeof(*s->memos), c->err);
	return s->memos ? 0 : -1;
}

static int find_choices(struct ab_compiler *c, struct ab_sub *sub)
{
	for (size_t i = 0; i < sub->n; i++) {
		struct ab_instr *in = &sub->instrs[i];

		if ((in->op == AB_OP_ANY_OF || in->op == AB_OP_ONE_OF) &&
		    ab_compile_choice(c, &in->u.subs) < 0)
			return -1;
	}
	return 0;
}

/* What runs need. */
static int prepare(struct ab_compiler *c)
{
	struct ab_schema *s = c->s;
	bool dynamic = find_dynamic(s);

	if (make_memos(c) < 0)
		return -1;
	s->scope = ab_arena_array(&s->arena, s->n_resources, sizeof(*s->scope), c->err);
	if (!s->scope)
		return -1;
	if (dynamic) {
		s->in_scope = ab_arena_array(&s->arena, s->n_resources, 1, c->err);
		if (!s->in_scope)
			return -1;
	}
	for (size_t i = 0; i < s->n_pending; i++)
		classify(s->pending[i], dynamic);
	for (size_t i = 0; i < s->n_pending; i++)
		find_meant(s->pending[i]);
	for (size_t i = 0; i < s->n_pending; i++)
		if (find_choices(c, s->pending[i]) < 0)
			return -1;
	s->stack_floor = find_stack_floor();
	return 0;
}

/* The root's subschema and all that it leads to. */
static int compile_root(struct ab_compiler *c, struct ab_document *d)
{
	c->s->root = ab_compile_sub(c, d, 0);
	if (!c->s->root || ab_compile_all(c) < 0)
		return -1;
	return prepare(c);
}

static int compile_document(struct ab_compiler *c, struct ab_document *d)
{
	if (!d || ab_index_document(c, d) < 0 || ab_dialect_check(c, d) < 0)
		return -1;
	return compile_root(c, d);
}

/* Keywords that only describe; the others are in the table of keywords. */
static bool is_description(const char *name, size_t len)
{
	static const char *const names[] = { "title",	  "description", "default",
					     "examples",  "$comment",	 "readOnly",
					     "writeOnly", "deprecated",	 "id" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return true;
	return false;
}

/*
 * An object without one keyword of any draft would let everything through. It is not meant as a
 * schema: it is the document, or the definition whose part was to be named.
 */
static int check_meant(struct ab_compiler *c, const struct ab_document *d)
{
	const struct ab_json_node *nodes = d->tape.nodes;

	if (nodes[0].type != AB_JSON_OBJECT || nodes[0].next == 1)
		return 0;
	for (uint32_t key = 1; key < nodes[0].next; key = nodes[key + 1].next) {
		const char *name = (const char *)d->text + nodes[key].at;

		if (is_description(name, nodes[key].len))
			return 0;
		for (int draft = AB_DRAFT_4; draft <= AB_DRAFT_2020_12; draft++)
			if (ab_keyword_find(&c->s->keywords, name, nodes[key].len,
					    (enum ab_draft)draft, AB_VOCAB_ALL))
				return 0;
	}
	return ab_err_usage(
		c->err,
		"%s: no keyword of JSON Schema in it, so everything would pass; expected a "
		"schema (FILE#/pointer for a part of a file)",
		d->name);
}

struct ab_schema *ab_schema_load(const char *spec, const struct ab_schema_settings *settings,
				 struct ab_err *err)
{
	ab_auto(free_schema) struct ab_schema *s = new_schema(settings, err);
	struct ab_compiler c = { s, err };

	struct ab_document *d = s ? ab_document_load(&c, spec, "") : NULL;

	if (!d || check_meant(&c, d) < 0 || compile_document(&c, d) < 0)
		return NULL;
	return ab_steal(&s);
}

struct ab_schema *ab_schema_compile(const char *name, const void *text, size_t size,
				    const struct ab_schema_settings *settings, struct ab_err *err)
{
	ab_auto(free_schema) struct ab_schema *s = new_schema(settings, err);
	struct ab_compiler c = { s, err };
	unsigned char digest[AB_SHA256_SIZE];
	char *copy;

	if (!s)
		return NULL;
	copy = ab_arena_take(&s->arena, size + AB_HOLD_PAD, err);
	if (!copy)
		return NULL;
	memcpy(copy, text, size);
	ab_sha256(text, size, digest);
	ab_sha256_text(digest, s->hash);
	if (compile_document(&c, ab_document_add(&c, name, "", (unsigned char *)copy, size)) < 0)
		return NULL;
	return ab_steal(&s);
}

struct ab_schema *ab_schema_meta(const char *uri, const struct ab_schema_settings *settings,
				 unsigned depth, struct ab_err *err)
{
	struct ab_schema_settings plain = { .draft = settings->draft,
					    .refs = settings->refs,
					    .n_refs = settings->n_refs,
					    .ref_dirs = settings->ref_dirs,
					    .n_ref_dirs = settings->n_ref_dirs };
	ab_auto(free_schema) struct ab_schema *s = new_schema(&plain, err);
	struct ab_compiler c = { s, err };
	struct ab_document *d = NULL;

	if (!s)
		return NULL;
	s->depth = depth;
	s->is_meta = true;
	if (ab_document_find(&c, uri, &d) < 0)
		return NULL;
	if (!d) {
		ab_err_usage(err, "no metaschema \"%s\"", uri);
		return NULL;
	}
	return compile_root(&c, d) < 0 ? NULL : ab_steal(&s);
}

const char *ab_schema_hash(const struct ab_schema *s)
{
	return s->hash;
}

/* A reference token with ~ and / escaped, without control characters. */
static void add_token(const struct ab_schema *s, const struct ab_json_tape *tape, uint32_t key,
		      bool redact, struct ab_buf *out)
{
	ab_auto(ab_buf_free) struct ab_buf name = { 0 };

	ab_json_unescape(tape, key, &name);
	ab_buf_addc(out, '/');
	if (redact && ab_map_get(&s->names, name.data ? name.data : "", name.len) == AB_MAP_NONE) {
		ab_buf_addc(out, '*');
		return;
	}
	for (size_t i = 0; i < name.len; i++) {
		if (name.data[i] == '~' || name.data[i] == '/')
			ab_buf_adds(out, name.data[i] == '~' ? "~0" : "~1");
		else
			ab_buf_addc(out, name.data[i]);
	}
}

void ab_schema_pointer(const struct ab_schema *s, const struct ab_json_tape *tape, uint32_t node,
		       bool redact, struct ab_buf *out)
{
	const struct ab_json_node *nodes = tape->nodes;
	uint32_t at = 0;

	while (at != node) {
		bool object = nodes[at].type == AB_JSON_OBJECT;
		uint32_t child = at + 1, n = 0;

		for (; nodes[child + object].next <= node; n++)
			child = nodes[child + object].next;
		if (child == node && object) /* a member's name: the object is the instance */
			return;
		if (object)
			add_token(s, tape, child, redact, out);
		else
			ab_buf_addf(out, "/%u", n);
		at = child + object;
	}
}
