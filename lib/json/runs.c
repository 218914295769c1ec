/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of objects that are larger than a pass's tape: each by its hash under the process's secret
 * and its place, in runs that are sorted by both and stand in the spool. At the end of an object its
 * runs are read side by side, the keys of one part of the hashes after those of another: equal hashes are
 * neighbours then, and only such keys are compared.
 *
 * An object's keys are put aside while nothing is open in it but what was open before, or is new: its
 * runs are the last ones when it ends.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/json/reader.h"

#define RUN   ((size_t)32 << 10) /* keys of a run, but for those of the drain that fills it */
#define PART  ((size_t)16 << 10) /* keys that are compared at once, about */
#define READ  ((size_t)1024)	 /* keys that are read at once, at most */
#define SORT  16u		 /* bits of a hash, at most, that keys are sorted by before they are compared */
#define ALIKE 8			 /* keys of one hash, of 64 bits under a secret, that all differ */

struct key {
	uint64_t hash;
	uint32_t at, len;
};

struct keys {
	struct key *items;
	size_t n, capacity;
};

struct run {
	uint64_t at; /* in the spool */
	uint32_t level, n;
};

struct ab_json_runs {
	struct ab_hold spool;
	struct run *items;
	size_t n, capacity;
	struct keys keys; /* of the run that is made */
	uint32_t level;	  /* whose they are */
	struct keys part, spare;
	uint32_t counts[(1u << SORT) + 1];
};

/* All runs of an object, a part of the hashes after the other. */
struct merge {
	struct ab_json_reader *r;
	struct ab_json_runs *runs;
	size_t first;	 /* of the runs */
	unsigned bits;	 /* of a hash that say which part it is in */
	size_t taken;	 /* of the keys that are in memory */
	struct key alike[ALIKE]; /* keys of the hash that was read last, all different */
	size_t n_alike;
	bool found;	  /* another one was like one of them */
	struct key repeat; /* of all keys that repeat one, the first in the document */
};

static struct ab_json_window *window_of(const struct ab_json_reader *r)
{
	const struct ab_json_scratch *scratch = r->tape->scratch;

	return scratch->window;
}

/* Room for `more` keys behind those that are there. */
static int make_room(struct keys *k, size_t more, struct ab_err *err)
{
	size_t want = k->capacity ? k->capacity : 1024;
	struct key *items;

	if (k->n + more <= k->capacity)
		return 0;
	while (want < k->n + more)
		want *= 2;
	items = realloc(k->items, want * sizeof(*items));
	if (!items)
		return ab_err_memory(err);
	k->items = items;
	k->capacity = want;
	return 0;
}

static bool is_before(const struct key *x, const struct key *y)
{
	return x->hash < y->hash || (x->hash == y->hash && x->at < y->at);
}

/*
 * Sorts keys by hash and place. Hashes are spread evenly, and nobody can choose them: by as many bits as there
 * are keys, behind the first `skip`, which all have in common, most come where they belong.
 */
static int sort(struct ab_json_runs *runs, struct keys *k, unsigned skip, struct ab_err *err)
{
	uint32_t *counts = runs->counts;
	struct keys *to = &runs->spare, sorted;
	unsigned bits = 1;

	while (bits < SORT && (size_t)1 << bits < k->n)
		bits++;
	to->n = 0;
	if (make_room(to, k->n, err) < 0)
		return -1;
	memset(counts, 0, (((size_t)1 << bits) + 1) * sizeof(*counts));
	for (size_t i = 0; i < k->n; i++)
		counts[(k->items[i].hash << skip >> (64 - bits)) + 1]++;
	for (size_t i = 1; i < (size_t)1 << bits; i++)
		counts[i + 1] += counts[i];
	for (size_t i = 0; i < k->n; i++)
		to->items[counts[k->items[i].hash << skip >> (64 - bits)]++] = k->items[i];
	for (size_t i = 1; i < k->n; i++) {
		struct key key = to->items[i];
		size_t at = i;

		for (; at && is_before(&key, &to->items[at - 1]); at--)
			to->items[at] = to->items[at - 1];
		to->items[at] = key;
	}
	to->n = k->n;
	sorted = *to;
	*to = *k;
	*k = sorted;
	return 0;
}

/* Takes the keys from node `key` up to node `end` that were not put aside. */
static int take_keys(struct ab_json_reader *r, struct ab_json_runs *runs, size_t key, size_t end,
		     struct ab_err *err)
{
	struct ab_json_scratch *scratch = r->tape->scratch;

	for (; key < end; key = r->nodes[key + 1].next) {
		const struct ab_json_node *n = &r->nodes[key];
		const unsigned char *s;
		size_t len;

		if (n->flags & AB_JSON_ASIDE)
			continue;
		s = ab_json_decoded(r->text, n, &scratch->a, &len);
		if (!s)
			return ab_err_memory(err);
		if (make_room(&runs->keys, 1, err) < 0)
			return -1;
		runs->keys.items[runs->keys.n++] =
			(struct key){ ab_json_keyed_hash(&scratch->secret, s, len), n->at, n->len };
	}
	return 0;
}

static bool has_new(const struct ab_json_reader *r, size_t key, size_t end)
{
	while (key < end && r->nodes[key].flags & AB_JSON_ASIDE)
		key = r->nodes[key + 1].next;
	return key < end;
}

static int open_runs(struct ab_json_window *w)
{
	if (w->runs)
		return 0;
	w->runs = calloc(1, sizeof(*w->runs));
	if (!w->runs)
		return ab_err_memory(w->err);
	if (!w->pass->hold || !ab_hold_aside(w->pass->hold, &w->runs->spool))
		return ab_err_trouble(w->err, "no room for the keys of a large object");
	return 0;
}

/* Writes the run that is in memory. */
static int write_run(struct ab_json_runs *runs, struct ab_err *err)
{
	struct run run = { runs->spool.size, runs->level, (uint32_t)runs->keys.n };

	if (!run.n)
		return 0;
	if (runs->n == runs->capacity) {
		size_t capacity = runs->capacity ? runs->capacity * 2 : 64;
		struct run *items = realloc(runs->items, capacity * sizeof(*items));

		if (!items)
			return ab_err_memory(err);
		runs->items = items;
		runs->capacity = capacity;
	}
	if (sort(runs, &runs->keys, 0, err) < 0 ||
	    ab_hold_add(&runs->spool, runs->keys.items, run.n * sizeof(*runs->keys.items), err) < 0)
		return -1;
	runs->items[runs->n++] = run;
	runs->keys.n = 0;
	return 0;
}

int ab_json_runs_add(struct ab_json_reader *r, uint32_t level, size_t key, size_t end)
{
	struct ab_json_window *w = window_of(r);
	struct ab_json_runs *runs;

	if (!has_new(r, key, end))
		return 0;
	if (open_runs(w) < 0)
		return w->status = -1;
	runs = w->runs;
	if (runs->level != level && write_run(runs, w->err) < 0)
		return w->status = -1;
	runs->level = level;
	if (take_keys(r, runs, key, end, w->err) < 0 ||
	    (runs->keys.n >= RUN && write_run(runs, w->err) < 0))
		return w->status = -1;
	return 0;
}

bool ab_json_runs_has(const struct ab_json_window *w, uint32_t level)
{
	const struct ab_json_runs *runs = w->runs;

	return runs && ((runs->keys.n && runs->level == level) ||
			(runs->n && runs->items[runs->n - 1].level == level));
}

static struct ab_json_node node_of(const struct ab_json_reader *r, const struct key *k)
{
	bool escaped = memchr(r->text + k->at, '\\', k->len);

	return (struct ab_json_node){ .at = k->at,
				      .len = k->len,
				      .type = AB_JSON_STRING,
				      .flags = (AB_JSON_KEY | (escaped ? AB_JSON_ESCAPED : 0)) & 7 };
}

/* The next key in the order of hashes: is it like one of those of the same hash, and before the first
 * one that is known to repeat another? */
static int look_at(struct merge *m, const struct key *k, struct ab_err *err)
{
	struct ab_json_node node;

	if (!m->n_alike || m->alike[0].hash != k->hash) {
		m->alike[0] = *k;
		m->n_alike = 1;
		m->found = false;
		return 0;
	}
	if (m->found || (m->repeat.at && k->at >= m->repeat.at))
		return 0;
	node = node_of(m->r, k);
	for (size_t i = 0; i < m->n_alike && !m->found; i++) {
		struct ab_json_node other = node_of(m->r, &m->alike[i]);
		int same = ab_json_same_key(m->r->tape, &node, &other);

		if (same < 0)
			return ab_err_memory(err);
		m->found = same;
	}
	if (m->found)
		m->repeat = *k; /* no key stands at 0 */
	else if (m->n_alike < ALIKE)
		m->alike[m->n_alike++] = *k;
	else
		return ab_err_trouble(err, "keys of one hash");
	return 0;
}

static bool is_in(const struct merge *m, const struct key *k, uint64_t part)
{
	return !m->bits || k->hash >> (64 - m->bits) == part;
}

/* Reads keys of a run, n of them, to the end of those of the part. */
static int read_keys(const struct merge *m, const struct run *run, size_t n, struct ab_err *err)
{
	struct keys *part = &m->runs->part;
	char *to;
	size_t got = 0;

	if (make_room(part, n, err) < 0)
		return -1;
	to = (char *)(part->items + part->n);
	while (got < n * sizeof(*part->items)) {
		ssize_t some = ab_hold_read(&m->runs->spool, run->at + got, to + got,
					    n * sizeof(*part->items) - got, err);

		if (some < 0)
			return -1;
		if (some == 0)
			return ab_err_trouble(err, "spool: shorter than it was");
		got += (size_t)some;
	}
	return 0;
}

/* Takes a run's keys of a part, which are its next ones. */
static int take_part(const struct merge *m, struct run *run, uint64_t part, struct ab_err *err)
{
	struct keys *to = &m->runs->part;
	uint64_t parts = ((uint64_t)1 << m->bits) - part;
	size_t n, taken;

	do {
		n = run->n / parts * 5 / 4 + 8; /* about as many as there are */
		n = n > READ ? READ : n;
		n = n > run->n ? run->n : n;
		if (read_keys(m, run, n, err) < 0)
			return -1;
		for (taken = 0; taken < n && is_in(m, &to->items[to->n], part); taken++)
			to->n++;
		run->at += taken * sizeof(*to->items);
		run->n -= (uint32_t)taken;
	} while (taken == n && run->n);
	return 0;
}

/* Compares the keys of all runs, a part after the other. */
static int compare(struct merge *m, struct ab_err *err)
{
	struct ab_json_runs *runs = m->runs;
	size_t n = runs->keys.n;

	for (size_t i = m->first; i < runs->n; i++)
		n += runs->items[i].n;
	while (n >> m->bits > PART)
		m->bits++;
	if (sort(runs, &runs->keys, 0, err) < 0)
		return -1;
	for (uint64_t part = 0; part >> m->bits == 0; part++) {
		size_t from = m->taken;

		runs->part.n = 0;
		for (size_t i = m->first; i < runs->n; i++)
			if (take_part(m, &runs->items[i], part, err) < 0)
				return -1;
		while (m->taken < runs->keys.n && is_in(m, &runs->keys.items[m->taken], part))
			m->taken++;
		if (make_room(&runs->part, m->taken - from, err) < 0)
			return -1;
		for (; from < m->taken; from++)
			runs->part.items[runs->part.n++] = runs->keys.items[from];
		if (sort(runs, &runs->part, m->bits, err) < 0)
			return -1;
		for (size_t i = 0; i < runs->part.n; i++)
			if (look_at(m, &runs->part.items[i], err) < 0)
				return -1;
	}
	return 0;
}

ptrdiff_t ab_json_runs_end(struct ab_json_reader *r)
{
	struct ab_json_window *w = window_of(r);
	struct ab_json_runs *runs = w->runs;
	struct merge m = { .r = r, .runs = runs, .first = runs->n };
	uint32_t level = (uint32_t)(r->frame - r->frames);
	uint64_t begin;

	if (runs->level != level && write_run(runs, w->err) < 0)
		return w->status = -1;
	runs->level = level;
	while (m.first && runs->items[m.first - 1].level == level)
		m.first--;
	begin = m.first < runs->n ? runs->items[m.first].at : runs->spool.size;
	if (take_keys(r, runs, r->frame->node + 1, r->n, w->err) < 0 || compare(&m, w->err) < 0)
		return w->status = -1;
	ab_hold_cut(&runs->spool, begin);
	runs->n = m.first;
	runs->keys.n = 0;
	if (!m.repeat.at)
		return 0;
	r->nodes[r->n] = node_of(r, &m.repeat); /* there is room for a key and a value */
	return r->n;
}

void ab_json_runs_free(struct ab_json_runs *runs)
{
	if (!runs)
		return;
	ab_hold_close(&runs->spool);
	free(runs->items);
	free(runs->keys.items);
	free(runs->part.items);
	free(runs->spare.items);
	free(runs);
}
