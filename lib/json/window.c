/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pass over a document whose tape is taken piece by piece. Where the tape is full, or all text that
 * was near has been read, what is on it is taken, and it begins anew with the open containers: to the
 * reader that is the same document without what it has read of them. Of an object of few members the
 * keys stay as well, since those that follow are compared with them; of a larger one they are put aside.
 */
#include "lib/json/reader.h"

#include <stdlib.h>

#define NODES ((size_t)16 << 10)
#define NEAR  ((size_t)256 << 10) /* bytes of text */
#define SLACK ((size_t)64 << 10)  /* of them that are given back once more: pages, and those put in beside them */

const char ab_json_taken[] = "taken";

static struct ab_json_window *window_of(const struct ab_json_tape *tape)
{
	const struct ab_json_scratch *scratch = tape->scratch;

	return scratch->window;
}

static void forget(const struct ab_json_window *w, const unsigned char *text, const unsigned char *from,
		   const unsigned char *to)
{
	size_t at = (size_t)(from - text);

	ab_hold_forget(w->pass->hold, at > SLACK ? at - SLACK : 0, (size_t)(to - text));
}

const unsigned char *ab_json_next_halt(const struct ab_json_tape *tape, const unsigned char *p,
				       const unsigned char *end)
{
	struct ab_json_window *w = window_of(tape);

	if (!w || !w->pass->hold || w->pass->hold->spool < 0 || p >= end)
		return end;
	if (p < w->halt)
		return w->halt;
	/* In one long token: whoever takes it reads it once more. */
	if ((size_t)(p - w->behind) > 2 * NEAR) {
		forget(w, tape->text, w->behind, p - NEAR);
		w->behind = p - NEAR;
	}
	ab_hold_near(w->pass->hold, (size_t)(p - tape->text), NEAR + SLACK);
	w->halt = (size_t)(end - p) > NEAR ? p + NEAR : end;
	return w->halt;
}

struct ab_json_reader ab_json_come_near(struct ab_json_reader r, const unsigned char *p)
{
	r.halt = ab_json_next_halt(r.tape, p, r.end);
	if (window_of(r.tape))
		r.nodes_end = r.nodes;
	return r;
}

/* The text up to the reader's place is done with. */
static struct ab_json_reader move_on(struct ab_json_reader r, struct ab_json_window *w)
{
	if (!w->pass->hold || w->pass->hold->spool < 0 || (size_t)(r.p - w->from) < NEAR / 2)
		return r;
	forget(w, r.text, w->from, r.p);
	w->from = w->behind = w->halt = r.p;
	r.halt = ab_json_next_halt(r.tape, r.p, r.end);
	return r;
}

struct ab_json_reader ab_json_window_open(struct ab_json_reader r, struct ab_json_window *w)
{
	struct ab_json_scratch *scratch = r.tape->scratch;

	scratch->window = w;
	w->from = w->behind = w->halt = r.text;
	r.halt = ab_json_next_halt(r.tape, r.p, r.end);
	r.nodes_end = r.nodes + r.tape->capacity - 2;
	return r;
}

void ab_json_window_close(struct ab_json_tape *tape, struct ab_json_window *w)
{
	struct ab_json_scratch *scratch = tape->scratch;

	ab_json_runs_free(w->runs);
	if (scratch)
		scratch->window = NULL;
}

/* -1: no, or no more; the window knows which. */
static int have_taken(struct ab_json_reader *r, struct ab_json_window *w)
{
	for (struct ab_json_frame *f = r->frames + 1; f <= r->frame; f++)
		r->nodes[f->node].next = AB_JSON_OPEN;
	r->tape->n = r->n;
	w->status = w->pass->take(w->pass->arg, r->tape, w->first, w->err);
	w->read += r->n - w->first;
	return w->status ? -1 : 0;
}

/* Whether a frame's keys are not to be compared with those that follow one by one. */
static bool is_many(const struct ab_json_frame *f)
{
	return f->closer == '}' && f->count > AB_JSON_FEW_KEYS;
}

static int put_keys_aside(struct ab_json_reader *r, struct ab_json_window *w)
{
	for (struct ab_json_frame *f = r->frames + 1; !w->pass->known && f <= r->frame; f++)
		if (is_many(f) &&
		    ab_json_runs_add(r, (uint32_t)(f - r->frames), f->node + 1, f < r->frame ? f[1].node : r->n) < 0)
			return -1;
	return 0;
}

/* Moves what stays of an object's members to `to`: the key of the one that is open, and few others.
 * Each takes no more nodes than it did, so that it can stand where it stood. */
static size_t keep_keys(struct ab_json_reader *r, const struct ab_json_window *w, const struct ab_json_frame *f,
			size_t at, size_t end, size_t to)
{
	bool many = is_many(f), compared = !w->pass->known;

	for (size_t next; at < end; at = next) {
		struct ab_json_node key = r->nodes[at];
		bool is_open = at + 1 == end && f < r->frame;

		next = r->nodes[at + 1].next;
		if (!is_open && (many || !compared))
			continue;
		key.next = (uint32_t)to + 1;
		if (many && compared)
			key.flags |= AB_JSON_ASIDE;
		r->nodes[to++] = key;
		if (is_open)
			break;
		r->nodes[to] = (struct ab_json_node){ .next = (uint32_t)to + 1, .type = AB_JSON_NULL };
		to++;
	}
	return to;
}

/* Begins the tape anew with the open containers. */
static struct ab_json_reader begin_anew(struct ab_json_reader r, struct ab_json_window *w)
{
	size_t to = 0, limit;

	for (struct ab_json_frame *f = r.frames + 1; f <= r.frame; f++) {
		size_t at = f->node, end = f < r.frame ? f[1].node : r.n;

		r.nodes[to] = r.nodes[at];
		f->node = (uint32_t)to++;
		if (f->closer == '}')
			to = keep_keys(&r, w, f, at + 1, end, to);
	}
	r.n = (uint32_t)to;
	r.node = r.nodes + to;
	w->first = to;
	if (to > r.tape->capacity / 2)
		r = ab_json_grow(r, r.tape->capacity * 2, 2);
	limit = to + (AB_JSON_MAX_NODES - 1 - w->read);
	r.nodes_end = r.nodes + (limit < r.tape->capacity - 2 ? limit : r.tape->capacity - 2);
	return r;
}

struct ab_json_reader ab_json_drain(struct ab_json_reader r)
{
	struct ab_json_window *w = window_of(r.tape);
	bool at_end = r.frame == r.frames, full = r.n >= r.tape->capacity - 2;

	if (!at_end && full && r.tape->capacity < NODES)
		return ab_json_grow(r, r.tape->capacity * 2, 2);
	if (!at_end && w->read + (r.n - w->first) + 1 >= AB_JSON_MAX_NODES)
		return ab_json_too_many(r);
	if (have_taken(&r, w) < 0 || put_keys_aside(&r, w) < 0) {
		r.what = ab_json_taken;
		return r;
	}
	if (at_end)
		return r;
	return move_on(begin_anew(r, w), w);
}
