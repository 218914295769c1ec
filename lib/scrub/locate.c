/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/locate.h"
#include "lib/scrub/claim.h"
#include "lib/scrub/many.h"

#include <stdlib.h>
#include <string.h>

#define PIECE	  ((size_t)256 << 10) /* bytes that are near at once */
#define KEY_SHOWN 24		    /* a longer key is shown as "?" */

static int by_place(const void *a, const void *b)
{
	const struct ab_scrub_finding *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	return strcmp(x->rule, y->rule);
}

#define LATEST 8192 /* rules' findings are told apart by so many places; there are half as many rules */

/* Where the rule's latest finding, by its number + 1, is kept, or is to be; NULL: there is no room for it. */
static uint32_t *latest_of(uint32_t *latest, const struct ab_scrub_finding *findings, const char *rule)
{
	uint32_t hash = 0;

	for (const char *c = rule; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 0x01000193u;
	hash ^= hash >> 15;
	for (uint32_t i = 0; i < LATEST; i++) {
		uint32_t *at = &latest[(hash + i) % LATEST];

		if (!*at || findings[*at - 1].rule == rule || strcmp(findings[*at - 1].rule, rule) == 0)
			return at;
	}
	return NULL;
}

/* Makes one finding of two of one rule, which covers both and does what most of them say; whether it has become
 * longer. */
static bool cover(struct ab_scrub_finding *last, const struct ab_scrub_finding *f)
{
	bool longer = f->end > last->end;

	if (longer)
		last->end = f->end;
	if (f->action > last->action)
		last->action = f->action;
	if (ab_claim_is(f)) /* its end may stand in the middle of a character */
		last->path = f->path;
	return longer;
}

/* Puts findings that begin at one place, some of which have become longer, in order again. */
static void sort_again(struct ab_scrub_result *r)
{
	for (size_t i = 0, n; i < r->n; i += n) {
		struct ab_scrub_finding *first = ab_many_at(r, i);

		for (n = 1; i + n < r->n && r->findings[i + n].start == first->start; n++)
			continue;
		if (n > 1)
			qsort(first, n, sizeof(*first), by_place);
	}
}

/* Findings of one rule that overlap are one. */
static int merge(struct ab_scrub_result *r, struct ab_err *err)
{
	ab_autofree uint32_t *latest = calloc(LATEST, sizeof(*latest));
	bool longer = false;
	size_t n = 0;

	if (!latest)
		return ab_err_memory(err);
	ab_many_sort(r, by_place);
	for (size_t i = 0; i < r->n; i++) {
		struct ab_scrub_finding *f = ab_many_at(r, i);
		uint32_t *last = latest_of(latest, r->findings, f->rule);

		if (last && *last && f->start < r->findings[*last - 1].end) {
			longer |= cover(&r->findings[*last - 1], f);
			continue;
		}
		r->findings[n++] = *f;
		if (last)
			*last = (uint32_t)n;
	}
	r->n = n;
	if (longer)
		sort_again(r);
	return 0;
}

/* Where the count of lines stands. */
struct position {
	size_t at, line, column;
	size_t end; /* of what has been brought near */
};

typedef unsigned char vector __attribute__((vector_size(16))); /* SSE2, NEON, or a loop */

static size_t count_newlines(const unsigned char *p, size_t len)
{
	size_t n = 0, i = 0;

	while (len - i >= sizeof(vector)) {
		vector sum = { 0 }, bytes;

		/* A lane counts no further than 255. */
		for (int k = 0; k < 255 && len - i >= sizeof(vector); k++, i += sizeof(vector)) {
			memcpy(&bytes, p + i, sizeof(bytes));
			sum -= (vector)(bytes == '\n');
		}
		for (size_t k = 0; k < sizeof(vector); k++)
			n += sum[k];
	}
	for (; i < len; i++)
		n += p[i] == '\n';
	return n;
}

static void count_piece(struct position *p, const unsigned char *text, size_t len)
{
	const unsigned char *newline = memrchr(text, '\n', len);
	size_t at = 0;

	if (newline) {
		p->line += count_newlines(text, len);
		p->column = 1;
		at = (size_t)(newline - text) + 1;
	}
	for (; at < len; at++)
		p->column += (text[at] & 0xc0) != 0x80;
	p->at += len;
}

/*
 * The bytes from p->at on, *n of them and none behind `to`. There may be a gigabyte between two
 * findings, little of which stays in memory.
 */
static const unsigned char *bytes_at(struct position *p, const struct ab_hold *hold,
				     const unsigned char *text, size_t to, size_t *n)
{
	if (p->at >= p->end && hold) {
		ab_hold_forget(hold, p->end > PIECE ? p->end - PIECE : 0, p->at);
		ab_hold_near(hold, p->at, PIECE);
		p->end = p->at + PIECE;
	}
	*n = (hold && p->end < to ? p->end : to) - p->at;
	return text + p->at;
}

static uint32_t shown(size_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* Lines and columns in one pass over the text. */
static void count_lines(struct ab_scrub_result *r, const unsigned char *text)
{
	struct position p = { .line = 1, .column = 1 };
	size_t n;

	for (size_t i = 0; i < r->n; i++) {
		struct ab_scrub_finding *f = ab_many_at(r, i);

		while (p.at < f->start) {
			const unsigned char *bytes = bytes_at(&p, r->hold, text, f->start, &n);

			count_piece(&p, bytes, n);
		}
		f->line = shown(p.line);
		f->column = shown(p.column);
	}
	if (r->hold)
		ab_hold_forget(r->hold, p.end > PIECE ? p.end - PIECE : 0, p.at);
}

/* A container that the walk is in. */
struct level {
	size_t end;	      /* node behind it */
	size_t index;	      /* of the element */
	size_t key;	      /* node of the member's key */
	bool object, tainted; /* tainted: the key is itself found, and not to be shown */
};

struct walk {
	struct ab_scrub_result *result;
	size_t next; /* finding that is not settled */
	const struct ab_json_tape *tape;
	struct level *levels;
	size_t n, capacity;
};

static int push(struct walk *w, struct level level, struct ab_err *err)
{
	if (w->n == w->capacity) {
		size_t capacity = w->capacity ? w->capacity * 2 : 32;
		struct level *levels = realloc(w->levels, capacity * sizeof(*levels));

		if (!levels)
			return ab_err_memory(err);
		w->levels = levels;
		w->capacity = capacity;
	}
	w->levels[w->n++] = level;
	return 0;
}

/*
 * The key was chosen by whoever wrote the document, and the pointer is read in receipts and logs:
 * it is shown where it looks like a member's name (letters, "_", "-"), which tokens and numbers do
 * not.
 */
static void add_key(const struct ab_json_tape *tape, const struct level *l, struct ab_buf *out)
{
	const struct ab_json_node *key = &tape->nodes[l->key];
	const char *text = (const char *)tape->text + key->at;
	bool shown = !l->tainted && key->len <= KEY_SHOWN;

	for (size_t i = 0; shown && i < key->len; i++) {
		char lower = text[i] | 32;

		shown = (lower >= 'a' && lower <= 'z') || text[i] == '_' || text[i] == '-';
	}
	if (shown)
		ab_buf_add(out, text, key->len);
	else
		ab_buf_addc(out, '?');
}

/* Adds the pointer of the value that the walk stands at; of a key, that of its member with the key masked. */
static void add_pointer(const struct walk *w, struct ab_buf *out)
{
	for (size_t i = 0; i < w->n; i++) {
		ab_buf_addc(out, '/');
		if (w->levels[i].object)
			add_key(w->tape, &w->levels[i], out);
		else
			ab_buf_addf(out, "%zu", w->levels[i].index);
	}
	ab_buf_addc(out, '\0');
}

/* Moves the pointers in memory to the spool. Where there is none they stay. */
static int put_aside(struct ab_scrub_result *r, struct ab_err *err)
{
	struct ab_buf *text = &r->pointer_text;

	if (!r->hold || r->hold->spool < 0)
		return 0;
	if (!r->pointers) {
		r->pointers = calloc(1, sizeof(*r->pointers));
		if (!r->pointers)
			return ab_err_memory(err);
		(void)ab_hold_aside(r->hold, r->pointers); /* there is a spool */
	}
	if (ab_hold_add(r->pointers, text->data, text->len, err) < 0)
		return -1;
	ab_buf_clear(text);
	return 0;
}

/* Gives a finding the pointer of the walk's place: for now how many bytes of pointers there are with it. */
static int give_pointer(const struct walk *w, struct ab_scrub_finding *f, struct ab_err *err)
{
	struct ab_scrub_result *r = w->result;
	struct ab_buf *text = &r->pointer_text;
	size_t before = text->len;

	add_pointer(w, text);
	if (ab_buf_ok(text, err) < 0)
		return -1;
	f->pointer = (const char *)(uintptr_t)((r->pointers ? (size_t)r->pointers->size : 0) + before + 1);
	return text->len > PIECE ? put_aside(r, err) : 0;
}

/* Once all pointers are there, a finding's is where it is. */
static int set_pointers(struct ab_scrub_result *r, struct ab_err *err)
{
	const char *text = r->pointer_text.data;

	if (r->pointers) {
		if (put_aside(r, err) < 0)
			return -1;
		text = (const char *)ab_hold_map(r->pointers, err);
		if (!text)
			return -1;
	}
	for (size_t i = 0; i < r->n; i++) {
		struct ab_scrub_finding *f = ab_many_at(r, i);

		if (f->pointer)
			f->pointer = text + ((uintptr_t)f->pointer - 1);
	}
	return 0;
}

/* Settles the findings that begin in a key or scalar. */
static int settle(struct walk *w, size_t node, struct ab_err *err)
{
	struct ab_scrub_result *r = w->result;
	const struct ab_json_node *n = &w->tape->nodes[node];
	bool key = n->flags & AB_JSON_KEY && n->type == AB_JSON_STRING;
	size_t end = n->at + n->len;

	for (; w->next < r->n && r->findings[w->next].start < end; w->next++) {
		struct ab_scrub_finding *f = ab_many_at(r, w->next);

		if (key && w->n)
			w->levels[w->n - 1].tainted = true;
		f->in_key = key;
		ab_claim_widen(f, w->tape->text, n->at, end);
		if ((key || f->start < n->at || f->end > end) && f->action == AB_SCRUB_REDACT)
			f->action = AB_SCRUB_BLOCK;
		if (n->type != AB_JSON_STRING) {
			f->is_bare = true;
			f->start = n->at;
			f->end = end;
		}
		if (r->brief && f->action != AB_SCRUB_BLOCK)
			continue;
		if (give_pointer(w, f, err) < 0)
			return -1;
	}
	return 0;
}

/* Where the tape begins anew with the open containers, they are the walk's levels. */
static void resume(struct walk *w, size_t first)
{
	size_t level = 0;

	for (size_t i = 0; i < first; i++) {
		if (w->tape->nodes[i].type < AB_JSON_ARRAY)
			continue;
		if (level && w->levels[level - 1].object)
			w->levels[level - 1].key = i - 1;
		w->levels[level++].end = w->tape->nodes[i].next;
	}
}

/* Walks the tape, in document order, with the findings, which stand in the same order. */
static int point(void *arg, const struct ab_json_tape *tape, size_t first, struct ab_err *err)
{
	struct walk *w = arg;

	w->tape = tape;
	resume(w, first);
	for (size_t i = first; i < tape->n && w->next < w->result->n; i++) {
		const struct ab_json_node *n = &tape->nodes[i];
		struct level *top;

		while (w->n && i >= w->levels[w->n - 1].end)
			w->n--;
		top = w->n ? &w->levels[w->n - 1] : NULL;
		if (top && top->object && n->type == AB_JSON_STRING && n->flags & AB_JSON_KEY) {
			top->key = i;
			top->tainted = false;
		} else if (top && !top->object) {
			top->index++;
		}
		if (n->type >= AB_JSON_ARRAY) {
			struct level level = { .end = n->next,
					       .index = SIZE_MAX,
					       .object = n->type == AB_JSON_OBJECT };

			if (push(w, level, err) < 0)
				return -1;
		} else if (settle(w, i, err) < 0) {
			return -1;
		}
	}
	while (w->n && w->levels[w->n - 1].end != AB_JSON_OPEN)
		w->n--;
	return w->next == w->result->n;
}

static int point_all(struct ab_scrub_result *r, struct ab_values *values, struct ab_err *err)
{
	struct walk w = { .result = r };
	int status = ab_values_each(values, point, &w, err);

	free(w.levels);
	/* Behind the last value there is nothing but brackets, which cannot be redacted. */
	for (; w.next < r->n; w.next++)
		if (r->findings[w.next].action == AB_SCRUB_REDACT)
			r->findings[w.next].action = AB_SCRUB_BLOCK;
	return status < 0 ? -1 : set_pointers(r, err);
}

static void count(struct ab_scrub_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct ab_scrub_finding *f = ab_many_at(r, i);

		r->blocked |= f->action == AB_SCRUB_BLOCK;
		r->redactions += f->action == AB_SCRUB_REDACT;
		r->warnings += f->action == AB_SCRUB_WARN;
	}
}

int ab_locate(struct ab_scrub_result *r, struct ab_values *values, const unsigned char *text,
	      struct ab_err *err)
{
	if (!r->n)
		return 0;
	if (merge(r, err) < 0)
		return -1;
	if (!r->brief)
		count_lines(r, text);
	if (values && point_all(r, values, err) < 0)
		return -1;
	count(r);
	if (r->brief && r->blocked)
		count_lines(r, text);
	return 0;
}
