/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/vector.h"

#ifdef AB_VECTORSCAN
#include <hs/hs.h>
#include <limits.h>
#include <stdlib.h>

struct ab_vector {
	hs_database_t *database;
	hs_scratch_t *scratch;
	struct place {
		uint8_t len, pin;
	} *places;
};

void ab_vector_free(struct ab_vector *v)
{
	if (!v)
		return;
	(void)hs_free_scratch(v->scratch);
	(void)hs_free_database(v->database);
	free(v->places);
	free(v);
}

static int compile(struct ab_vector *v, const struct ab_vector_literal *literals, size_t n,
		   struct ab_err *err)
{
	ab_autofree const char **texts = calloc(n, sizeof(*texts));
	ab_autofree unsigned *flags = calloc(n, sizeof(*flags));
	ab_autofree unsigned *ids = calloc(n, sizeof(*ids));
	ab_autofree size_t *lens = calloc(n, sizeof(*lens));
	hs_compile_error_t *why = NULL;
	int ret = 0;

	if (!texts || !flags || !ids || !lens)
		return ab_err_memory(err);
	for (size_t i = 0; i < n; i++) {
		texts[i] = literals[i].text;
		flags[i] = literals[i].exact ? 0 : HS_FLAG_CASELESS;
		ids[i] = (unsigned)i;
		lens[i] = literals[i].len;
		v->places[i] = (struct place){ literals[i].len, literals[i].pin };
	}
	if (hs_compile_lit_multi(texts, flags, ids, lens, (unsigned)n, HS_MODE_BLOCK, NULL,
				 &v->database, &why) != HS_SUCCESS)
		ret = ab_err_trouble(err, "vectorscan takes no such literals: %s",
				 why ? why->message : "unknown");
	hs_free_compile_error(why);
	if (ret == 0 && hs_alloc_scratch(v->database, &v->scratch) != HS_SUCCESS)
		ret = ab_err_memory(err);
	return ret;
}

int ab_vector_new(const struct ab_vector_literal *literals, size_t n, struct ab_vector **ret,
		  struct ab_err *err)
{
	struct ab_vector *v;

	*ret = NULL;
	if (n == 0 || hs_valid_platform() != HS_SUCCESS)
		return 0;
	v = calloc(1, sizeof(*v));
	if (!v || !(v->places = calloc(n, sizeof(*v->places)))) {
		free(v);
		return ab_err_memory(err);
	}
	if (compile(v, literals, n, err) < 0) {
		ab_vector_free(v);
		return -1;
	}
	*ret = v;
	return 0;
}

/* A block of the text, and the pins that are asked for. */
struct search {
	const struct ab_vector *v;
	size_t base, from, to;
	struct ab_literal_hit *hits;
	size_t n, max;
};

static int found(unsigned id, unsigned long long begin, unsigned long long end, unsigned flags,
		 void *context)
{
	struct search *s = context;
	const struct place *place = &s->v->places[id];
	size_t at = s->base + (size_t)end - place->len, pin = at + place->pin;

	(void)begin; /* not known to a search for literals */
	(void)flags;
	if (pin < s->from || pin >= s->to)
		return 0;
	if (s->n == s->max)
		return 1;
	s->hits[s->n++] = (struct ab_literal_hit){ at, place->len, id, id };
	return 0;
}

bool ab_vector_scan(const struct ab_vector *v, const unsigned char *text, size_t size, size_t from,
		    size_t to, struct ab_literal_hit *hits, size_t max, size_t *ret_n)
{
	size_t base = from > AB_LITERAL_MAX ? from - AB_LITERAL_MAX : 0;
	size_t end = size - to > AB_LITERAL_MAX ? to + AB_LITERAL_MAX : size;
	struct search s = { v, base, from, to, hits, 0, max };

	if (end - base > UINT_MAX ||
	    hs_scan(v->database, (const char *)text + base, (unsigned)(end - base), 0, v->scratch,
		    found, &s) != HS_SUCCESS)
		return false;
	*ret_n = s.n;
	return true;
}
#endif
