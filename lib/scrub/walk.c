/* SPDX-License-Identifier: Apache-2.0 */
/* Over a text by the steps of a shape. */
#include "lib/scrub/step.h"

#define PATIENCE 4000 /* steps that are taken before the pattern is asked */

struct walk;

/* Whether there is a way to the end from the step, which can begin; places from `bottom` on are free. */
typedef enum ab_shape_answer walk_fn(const struct walk *from, uint16_t step, size_t at, size_t bottom);

/* A shape on its way over a text. Each function takes its own copy, which no place that is noted can
 * change: so it stays in registers. */
struct walk {
	const unsigned char *steps;
	const ab_atom_set *sets;
	const uint16_t *branches;
	const ab_sign *signs;
	const unsigned char *text;
	size_t len;
	struct ab_shape_place *places;
	int *patience;
	walk_fn *go;
};

#define INLINE inline __attribute__((always_inline)) /* once for each kind of processor */

static INLINE bool has(const struct walk *w, uint16_t set, size_t at)
{
	return ab_atom_has(w->sets[set], w->text[at]);
}

static INLINE bool can_begin(const struct walk *w, uint16_t step, size_t at)
{
	const struct ab_step *s = ab_step_of(w->steps, step);

	return at < w->len ? has(w, s->first, at) : s->empty;
}

static INLINE bool is_word(const struct walk *w, size_t at)
{
	static const ab_atom_set words = AB_WORDS;

	return at < w->len && ab_atom_has(words, w->text[at]); /* before the first there is none */
}

static INLINE bool holds(const struct walk *w, const struct ab_step *s, size_t at)
{
	switch (s->op) {
	case AB_OP_BEHIND:
		return at && has(w, s->set, at - 1);
	case AB_OP_NOT_BEHIND:
		return !at || !has(w, s->set, at - 1);
	case AB_OP_EDGE:
		return is_word(w, at - 1) != is_word(w, at);
	case AB_OP_NO_EDGE:
		return is_word(w, at - 1) == is_word(w, at);
	case AB_OP_BEGIN:
		return at == 0;
	case AB_OP_END:
		return at == w->len || (at + 1 == w->len && w->text[at] == '\n');
	default:
		return at == w->len;
	}
}

/* Which branches of a fork may begin at a place, of those with signs: a bit each, the last for all behind it too. */
static INLINE uint32_t branches_at(const struct walk *w, const struct ab_step *fork, size_t at)
{
	const uint32_t(*signs)[AB_SIGN] = w->signs[fork->set];
	const unsigned char *p = w->text + at;
	uint32_t may;

	if (w->len - at >= AB_SIGN_AHEAD)
		return signs[0][p[0] % AB_SIGN] & signs[1][p[1] % AB_SIGN] & signs[2][p[2] % AB_SIGN];
	may = ~(uint32_t)0;
	for (size_t i = 0; i < w->len - at; i++)
		may &= signs[i][p[i] % AB_SIGN];
	return may;
}

/* The first branch of a fork, from number k on, that may begin at a place; behind the last one if none may. */
static INLINE size_t next_branch(const struct walk *w, const struct ab_step *fork, size_t at, size_t k)
{
	size_t first = k < AB_SIGN - 1 ? k : AB_SIGN - 1;
	uint32_t may;

	if (!w->signs)
		return k;
	may = branches_at(w, fork, at) >> first << first;
	if (!may)
		return fork->max;
	first = (size_t)__builtin_ctz(may);
	return first > k ? first : k;
}

/* The longest run from low to *at behind which the next step can begin, which is often a choice of words; false: there is
 * none. */
static INLINE bool shorten(const struct walk *w, uint16_t next, size_t low, size_t *at)
{
	const struct ab_step *s = ab_step_of(w->steps, next);
	bool edge = s->op == AB_OP_EDGE;
	const struct ab_step *behind = edge ? ab_step_of(w->steps, s->next) : s;
	bool fork = behind->op == AB_OP_FORK && w->signs;

	for (;; --*at) {
		if (can_begin(w, next, *at) && (!edge || is_word(w, *at - 1) != is_word(w, *at)) &&
		    (!fork || branches_at(w, behind, *at)))
			return true;
		if (*at == low)
			return false;
	}
}

/* Takes a run at *at, and notes the shorter ones; false: there is none. */
static INLINE bool take_run(const struct walk *w, const struct ab_step *s, size_t *at, size_t *n)
{
	size_t stop = s->max < w->len - *at ? *at + s->max : w->len, low = *at + s->min, end = *at;

	while (end < stop && has(w, s->set, end))
		end++;
	*w->patience -= (int)(end - *at) / 8;
	*at = end;
	if (end < low || s->firm)
		return end >= low && can_begin(w, s->next, end);
	if (!shorten(w, s->next, low, at))
		return false;
	if (*at > low)
		w->places[(*n)++] = (struct ab_shape_place){ .at = (uint32_t)*at - 1,
							     .low = (uint32_t)low,
							     .step = s->next,
							     .kind = AB_SHAPE_RUN };
	return true;
}

/* Takes the first branch, from number k of the fork on, that can begin, and notes that there are more.
 * false: none can. */
static INLINE bool take_branch(const struct walk *w, uint16_t *step, size_t at, size_t k, size_t *n)
{
	const struct ab_step *fork = ab_step_of(w->steps, *step);
	const uint16_t *branches = &w->branches[fork->other];
	size_t more;

	k = next_branch(w, fork, at, k);
	while (k < fork->max && !can_begin(w, branches[k], at))
		k = next_branch(w, fork, at, k + 1);
	if (k >= fork->max)
		return false;
	more = next_branch(w, fork, at, k + 1);
	while (!w->signs && more < fork->max && !can_begin(w, branches[more], at))
		more++;
	if (more < fork->max)
		w->places[(*n)++] = (struct ab_shape_place){ .at = (uint32_t)at,
							     .low = (uint32_t)more,
							     .step = *step,
							     .kind = AB_SHAPE_FORK };
	*step = branches[k];
	return true;
}

/* Goes back to the newest place from which there is another way; false: there is none. */
static INLINE bool go_back(const struct walk *w, size_t bottom, size_t *n, uint16_t *step, size_t *at)
{
	while (*n > bottom) {
		struct ab_shape_place *p = &w->places[--*n];

		*step = p->step;
		*at = p->at;
		if (p->kind == AB_SHAPE_WAY)
			return true;
		if (p->kind == AB_SHAPE_FORK && take_branch(w, step, *at, p->low, n))
			return true;
		if (p->kind == AB_SHAPE_RUN && shorten(w, *step, p->low, at)) {
			p->at = (uint32_t)*at - 1;
			*n += *at > p->low;
			return true;
		}
	}
	return false;
}

/* Whether what is ahead is as the step says; so it is where that takes too long to tell. */
static __attribute__((noinline)) bool look_ahead(const struct walk *w, const struct ab_step *s,
						 size_t at, size_t bottom)
{
	enum ab_shape_answer there = can_begin(w, s->other, at) ? w->go(w, s->other, at, bottom) : AB_SHAPE_NO;

	return there == AB_SHAPE_UNKNOWN || (there == AB_SHAPE_YES) == (s->op == AB_OP_AHEAD);
}

/* Takes a byte, and all those that stand behind it in memory; false: one of them cannot be taken. */
static INLINE bool take_bytes(const struct walk *w, const struct ab_step *s, uint16_t *step, size_t *at)
{
	do {
		++*at;
		*step = ab_step_next(s, *step);
		s = ab_step_of(w->steps, *step);
		if (*at >= w->len)
			return s->empty;
		if (!has(w, s->first, *at))
			return false;
	} while (ab_step_is_short(s));
	return true;
}

/* Goes on from *step, which can begin at *at; false: it cannot be taken. */
static INLINE bool take(const struct walk *w, const struct walk *from, uint16_t *step, size_t *at,
			size_t *n)
{
	const struct ab_step *s = ab_step_of(w->steps, *step);
	uint16_t other;

	switch (s->op) {
	case AB_OP_BYTE:
	case AB_OP_LAST_BYTE:
		return take_bytes(w, s, step, at);
	case AB_OP_BYTE_TO:
		++*at;
		break;
	case AB_OP_RUN:
		*step = s->next;
		return take_run(w, s, at, n);
	case AB_OP_SPLIT:
		other = s->other;
		if (!can_begin(w, other, *at))
			break;
		*step = other;
		if (can_begin(w, s->next, *at))
			w->places[(*n)++] = (struct ab_shape_place){ .at = (uint32_t)*at,
								     .step = s->next,
								     .kind = AB_SHAPE_WAY };
		return true;
	case AB_OP_FORK:
		return take_branch(w, step, *at, 0, n);
	case AB_OP_AHEAD:
	case AB_OP_NOT_AHEAD:
		if (!look_ahead(from, s, *at, *n))
			return false;
		break;
	default:
		if (!holds(w, s, *at))
			return false;
	}
	*step = s->next;
	return can_begin(w, *step, *at);
}

static INLINE enum ab_shape_answer walk(const struct walk *from, uint16_t step, size_t at, size_t bottom)
{
	const struct walk w = *from;
	size_t n = bottom;

	while (ab_step_of(w.steps, step)->op != AB_OP_ACCEPT) {
		if (--*w.patience <= 0 || n == AB_SHAPE_PLACES)
			return AB_SHAPE_UNKNOWN;
		if (!take(&w, from, &step, &at, &n) && !go_back(&w, bottom, &n, &step, &at))
			return AB_SHAPE_NO;
	}
	return AB_SHAPE_YES;
}

static enum ab_shape_answer walk_plain(const struct walk *from, uint16_t step, size_t at, size_t bottom)
{
	return walk(from, step, at, bottom);
}

#if defined(__x86_64__)
/* Shifts by a number that is not known before are a third of the work, and cost less there. */
AB_TARGET_AVX2 static enum ab_shape_answer walk_avx2(const struct walk *from, uint16_t step, size_t at,
						     size_t bottom)
{
	return walk(from, step, at, bottom);
}
#endif

static walk_fn *walk_for(enum ab_simd simd)
{
#if defined(__x86_64__)
	if (simd != AB_SIMD_PLAIN)
		return walk_avx2;
#else
	(void)simd;
#endif
	return walk_plain;
}

/* Whether the byte at `at` can begin a match, and the one before may stand there. */
static INLINE bool is_start(const struct ab_shape *shape, const struct walk *w, size_t at)
{
	bool can = at < w->len ? ab_atom_has(shape->first.set, w->text[at]) : ab_step_of(w->steps, shape->entry)->empty;

	return can && (!at || ab_atom_has(shape->lead.set, w->text[at - 1]));
}

/* Whether the first three bytes from `at` on may begin a match. */
static INLINE bool may_start(const struct ab_shape *shape, const struct walk *w, size_t at)
{
	const unsigned char *p = w->text + at;

	return !shape->trigrams || w->len - at < AB_SIGN_AHEAD ||
	       shape->trigrams[p[0] % AB_SIGN * AB_SIGN + p[1] % AB_SIGN] >> p[2] % AB_SIGN & 1;
}

#if defined(__x86_64__)
AB_TARGET_AVX2 static INLINE __m256i members(const struct ab_bytes *p, __m256i v)
{
	__m256i low[2], bits = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 1, 2, 4, 8, 16, 32, 64,
						(char)128, 1, 2, 4, 8, 16, 32, 64, (char)128, 1, 2, 4, 8,
						16, 32, 64, (char)128);
	__m256i nibble = _mm256_set1_epi8(15), at = _mm256_and_si256(v, nibble);

	for (int i = 0; i < 2; i++)
		low[i] = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(
						     (const __m128i *)p->low[i])),
					     at);
	bits = _mm256_shuffle_epi8(bits, _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble));
	return _mm256_and_si256(bits, _mm256_blendv_epi8(low[0], low[1], v));
}

/* A bit for each of 32 places from p on where a match may start; not the first of the text. */
AB_TARGET_AVX2 static uint32_t starts_avx2(const struct ab_shape *shape, const unsigned char *p)
{
	__m256i zero = _mm256_setzero_si256();
	__m256i none = _mm256_or_si256(
		_mm256_cmpeq_epi8(members(&shape->first, _mm256_loadu_si256((const __m256i *)p)), zero),
		_mm256_cmpeq_epi8(members(&shape->lead, _mm256_loadu_si256((const __m256i *)(p - 1))),
				  zero));

	return ~(uint32_t)_mm256_movemask_epi8(none);
}

static enum ab_shape_answer search_avx2(const struct ab_shape *shape, const struct walk *w, size_t *from, size_t last)
{
	enum ab_shape_answer found = AB_SHAPE_NO;

	for (size_t at = *from; at <= last && at < w->len && found == AB_SHAPE_NO; at += 32) {
		uint32_t starts = starts_avx2(shape, w->text + at);
		size_t n = (last < w->len ? last + 1 : w->len) - at;

		starts &= n < 32 ? ((uint32_t)1 << n) - 1 : ~(uint32_t)0;
		for (; starts && found == AB_SHAPE_NO; starts &= starts - 1) {
			*from = at + (size_t)__builtin_ctz(starts);
			if (may_start(shape, w, *from))
				found = walk_avx2(w, (uint16_t)shape->entry, *from, 0);
		}
	}
	return found;
}
#endif

/* From *from, which becomes the place of a way, to `last`. */
static enum ab_shape_answer search(const struct ab_shape *shape, const struct walk *w, size_t *from, size_t last,
				   enum ab_simd simd)
{
	enum ab_shape_answer found = AB_SHAPE_NO;
	size_t at = *from;

#if defined(__x86_64__)
	if (simd != AB_SIMD_PLAIN && at && last > at) {
		found = search_avx2(shape, w, from, last);
		at = w->len; /* where nothing is left */
	}
#else
	(void)simd;
#endif
	for (; at <= last && at <= w->len && found == AB_SHAPE_NO; at++)
		if (is_start(shape, w, at) && may_start(shape, w, at)) {
			*from = at;
			found = w->go(w, (uint16_t)shape->entry, at, 0);
		}
	return found;
}

enum ab_shape_answer ab_shape_allows(const struct ab_shape *shape, const struct ab_shape_text *t, size_t *from,
				     size_t last, struct ab_shape_room *room, unsigned *effort)
{
	int patience = PATIENCE;
	const struct walk w = { shape->steps, shape->sets,  shape->branches, shape->signs, t->text,
				t->len,	      room->places, &patience,	     walk_for(t->simd) };
	enum ab_shape_answer found;

	if (!shape->n)
		return AB_SHAPE_UNKNOWN;
	found = search(shape, &w, from, last, t->simd);
	*effort += (unsigned)(PATIENCE - patience);
	return found;
}
