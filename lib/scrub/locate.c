/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/locate.h"
#include "lib/scrub/claim.h"

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

static int by_rule(const void *a, const void *b)
{
	const struct ab_scrub_finding *x = a, *y = b;
	int order = strcmp(x->rule, y->rule);

	return order ? order : by_place(a, b);
}

/* Findings of one rule that overlap are one, which covers them all and does what most of them say.
 */
static void merge(struct ab_scrub_result *r)
{
	size_t n = 0;

	qsort(r->findings, r->n, sizeof(*r->findings), by_rule);
	for (size_t i = 0; i < r->n; i++) {
		struct ab_scrub_finding *last = n ? &r->findings[n - 1] : NULL;

		if (last && strcmp(last->rule, r->findings[i].rule) == 0 &&
		    r->findings[i].start < last->end) {
			if (r->findings[i].end > last->end)
				last->end = r->findings[i].end;
			if (r->findings[i].action > last->action)
				last->action = r->findings[i].action;
			continue;
		}
		r->findings[n++] = r->findings[i];
	}
	r->n = n;
	qsort(r->findings, r->n, sizeof(*r->findings), by_place);
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
		while (p.at < r->findings[i].start) {
			const unsigned char *bytes =
				bytes_at(&p, r->hold, text, r->findings[i].start, &n);

			count_piece(&p, bytes, n);
		}
		r->findings[i].line = shown(p.line);
		r->findings[i].column = shown(p.column);
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

/* The pointer of the value that the walk stands at; of a key, that of its member with the key
 * masked. */
static char *pointer_of(const struct walk *w)
{
	struct ab_buf out = { 0 };

	ab_buf_adds(&out, "");
	for (size_t i = 0; i < w->n; i++) {
		ab_buf_addc(&out, '/');
		if (w->levels[i].object)
			add_key(w->tape, &w->levels[i], &out);
		else
			ab_buf_addf(&out, "%zu", w->levels[i].index);
	}
	return ab_buf_steal(&out);
}

/* Settles the findings that begin in a key or scalar; *next is the first that is not settled. */
static int settle(struct walk *w, struct ab_scrub_result *r, size_t node, size_t *next,
		  struct ab_err *err)
{
	const struct ab_json_node *n = &w->tape->nodes[node];
	bool key = n->flags & AB_JSON_KEY && n->type == AB_JSON_STRING;
	size_t end = n->at + n->len;

	for (; *next < r->n && r->findings[*next].start < end; ++*next) {
		struct ab_scrub_finding *f = &r->findings[*next];

		if (key && w->n)
			w->levels[w->n - 1].tainted = true;
		f->pointer = pointer_of(w);
		if (!f->pointer)
			return ab_err_memory(err);
		f->in_key = key;
		ab_claim_widen(f, w->tape->text, n->at, end);
		if ((key || f->start < n->at || f->end > end) && f->action == AB_SCRUB_REDACT)
			f->action = AB_SCRUB_BLOCK;
		if (n->type == AB_JSON_NUMBER) {
			f->is_number = true;
			f->start = n->at;
			f->end = end;
		}
	}
	return 0;
}

/* Walks the tape once, in document order, with the findings, which stand in the same order. */
static int point(struct walk *w, struct ab_scrub_result *r, struct ab_err *err)
{
	size_t next = 0;

	for (size_t i = 0; i < w->tape->n && next < r->n; i++) {
		const struct ab_json_node *n = &w->tape->nodes[i];
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
		} else if (settle(w, r, i, &next, err) < 0) {
			return -1;
		}
	}
	/* Behind the last value there is nothing but brackets, which cannot be redacted. */
	for (; next < r->n; next++)
		if (r->findings[next].action == AB_SCRUB_REDACT)
			r->findings[next].action = AB_SCRUB_BLOCK;
	return 0;
}

static void count(struct ab_scrub_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		r->blocked |= r->findings[i].action == AB_SCRUB_BLOCK;
		r->redactions += r->findings[i].action == AB_SCRUB_REDACT;
		r->warnings += r->findings[i].action == AB_SCRUB_WARN;
	}
}

int ab_locate(struct ab_scrub_result *r, const struct ab_json_tape *tape, const unsigned char *text,
	      size_t size, struct ab_err *err)
{
	struct walk w = { .tape = tape };
	int status = 0;

	(void)size;
	if (!r->n)
		return 0;
	merge(r);
	if (!r->brief)
		count_lines(r, text);
	if (tape)
		status = point(&w, r, err);
	free(w.levels);
	count(r);
	if (r->brief && r->blocked)
		count_lines(r, text);
	return status;
}
