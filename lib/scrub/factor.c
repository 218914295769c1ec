/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/factor.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MIN  3  /* shorter words are everywhere */
#define RUN_MIN	  12 /* so are shorter runs */
#define CHOICES	  48
#define FEW	  3 /* members of a class that is spelled out */
#define DEPTH	  24
#define REPEATED  8 /* times that something fixed is spelled out */
#define UNLIMITED SIZE_MAX

/* Words of a fixed length each; { n = 1, len = { 0 } } is the empty one. */
struct words {
	size_t n;
	uint64_t text[AB_FACTOR_WORDS];
	uint8_t len[AB_FACTOR_WORDS];
};

/*
 * What is known of a part of a pattern. While `exact`, it matches the words of `run` and nothing
 * else; then `run` is what it ends in for certain.
 */
struct part {
	bool exact, single; /* single: one byte, of `class` */
	ab_atom_set class;
	size_t n;
	uint16_t factors[AB_FACTORS]; /* of the reader's, the best first */
	struct words run;
};

struct reader {
	const char *p;
	bool caseless, failed; /* failed: something that is not understood */
	unsigned depth;
	struct ab_factor *factors;
	size_t n, capacity;
	struct part *top; /* what the choices at the top have */
	size_t n_top;
	bool no_memory;
	struct ab_atoms classes;
};

/* Parts are large, and there is one for each byte of a pattern: no more of one is written than is
 * used. */
static void clear(struct part *part, bool exact)
{
	part->exact = exact;
	part->single = false;
	part->n = 0;
	part->run.n = 1;
	part->run.text[0] = 0;
	part->run.len[0] = 0;
}

static void copy_words(struct words *to, const struct words *from)
{
	to->n = from->n;
	memcpy(to->text, from->text, from->n * sizeof(from->text[0]));
	memcpy(to->len, from->len, from->n * sizeof(from->len[0]));
}

static size_t shortest(const struct words *w)
{
	size_t min = AB_FACTOR_WORD;

	for (size_t i = 0; i < w->n; i++)
		min = w->len[i] < min ? w->len[i] : min;
	return min;
}

/* How rare it is likely to be: long words, few of them, or a long run. */
static size_t worth(const struct ab_factor *f)
{
	size_t min = AB_FACTOR_WORD;

	if (f->run)
		return f->run < 32 ? f->run : 32;
	for (size_t i = 0; i < f->n; i++)
		min = f->len[i] < min ? f->len[i] : min;
	return 6 * min - f->n / 4;
}

/* A new factor, which the caller fills. */
static struct ab_factor *new_factor(struct reader *r)
{
	if (r->n == r->capacity) {
		size_t capacity = r->capacity ? r->capacity * 2 : 32;
		struct ab_factor *factors =
			capacity < UINT16_MAX
				? realloc(r->factors, capacity * sizeof(*factors))
				: NULL;

		if (!factors) {
			r->failed = r->no_memory = true;
			return NULL;
		}
		r->factors = factors;
		r->capacity = capacity;
	}
	r->factors[r->n] = (struct ab_factor){ .caseless = r->caseless };
	return &r->factors[r->n++];
}

/* Keeps it if it is one of the best. */
static void keep(const struct reader *r, struct part *part, size_t factor)
{
	size_t at = part->n;

	while (at && worth(&r->factors[part->factors[at - 1]]) < worth(&r->factors[factor]))
		at--;
	if (at == AB_FACTORS)
		return;
	part->n += part->n < AB_FACTORS;
	for (size_t i = part->n - 1; i > at; i--)
		part->factors[i] = part->factors[i - 1];
	part->factors[at] = (uint16_t)factor;
}

/* What the part ends in is all that can be said of its end: it may become a factor. */
static void flush(struct reader *r, struct part *part)
{
	const struct words *run = &part->run;

	part->exact = part->single = false;
	if (run->n && shortest(run) >= WORD_MIN) {
		struct ab_factor *f = new_factor(r);

		if (!f)
			return;
		f->n = run->n;
		memcpy(f->text, run->text, run->n * sizeof(f->text[0]));
		memcpy(f->len, run->len, run->n * sizeof(f->len[0]));
		keep(r, part, r->n - 1);
	}
	part->run.n = 1;
	part->run.text[0] = 0;
	part->run.len[0] = 0;
}

/* Puts each word of b behind each of a; false: too many, or too long. */
static bool multiply(struct words *a, const struct words *b)
{
	size_t n = a->n;

	if (n * b->n > AB_FACTOR_WORDS)
		return false;
	for (size_t x = 0; x < n; x++)
		for (size_t y = 0; y < b->n; y++)
			if (a->len[x] + b->len[y] > AB_FACTOR_WORD)
				return false;
	/* From the last one on: the words of b behind the first word of a take its place. */
	for (size_t y = b->n; y-- > 0;) {
		for (size_t x = 0; x < n; x++) {
			size_t to = y * n + x;

			a->text[to] = a->text[x] | (a->len[x] < AB_FACTOR_WORD
							    ? b->text[y] << 8 * a->len[x]
							    : 0);
			a->len[to] = (uint8_t)(a->len[x] + b->len[y]);
		}
	}
	a->n = n * b->n;
	return true;
}

static void append(struct reader *r, struct part *all, const struct part *part)
{
	for (size_t i = 0; i < part->n; i++)
		keep(r, all, part->factors[i]);
	if (part->exact && multiply(&all->run, &part->run))
		return;
	flush(r, all);
	copy_words(&all->run, &part->run); /* what is exact, or how the part ends */
}

static bool add_words(struct words *a, const struct words *b)
{
	if (a->n + b->n > AB_FACTOR_WORDS)
		return false;
	memcpy(a->text + a->n, b->text, b->n * sizeof(b->text[0]));
	memcpy(a->len + a->n, b->len, b->n * sizeof(b->len[0]));
	a->n += b->n;
	return true;
}

/* What one of two factors is a part of; false: nothing that could be said. */
static bool unite(struct ab_factor *a, const struct ab_factor *b)
{
	if (!a->run != !b->run || (!a->run && a->n + b->n > AB_FACTOR_WORDS))
		return false;
	for (size_t i = 0; a->run && i < 8; i++)
		a->class[i] |= b->class[i];
	a->run = b->run < a->run ? b->run : a->run;
	if (a->run)
		return true;
	memcpy(a->text + a->n, b->text, b->n * sizeof(b->text[0]));
	memcpy(a->len + a->n, b->len, b->n * sizeof(b->len[0]));
	a->n += b->n;
	return true;
}

/* The byte that the atom stands for, one of few, is spelled out. */
static void spell(const struct reader *r, struct part *part, const ab_atom_set set)
{
	struct words *run = &part->run;

	part->single = true;
	memcpy(part->class, set, sizeof(part->class));
	run->n = 0;
	for (size_t i = 0; i < 8; i++) {
		for (uint32_t bits = set[i]; bits; bits &= bits - 1) {
			unsigned c = (unsigned)(32 * i) + (unsigned)__builtin_ctz(bits);

			if (r->caseless && c >= 'A' && c <= 'Z')
				continue;
			if (run->n == FEW) {
				clear(part, false);
				part->single = true;
				return;
			}
			run->text[run->n] = c;
			run->len[run->n++] = 1;
		}
	}
	part->exact = true; /* of no words, if nothing matches */
}

/* How often: false where there is no quantifier. */
static bool read_quantifier(struct reader *r, size_t *min, size_t *max)
{
	const char *p = r->p;

	*min = *p == '+';
	*max = *p == '?' ? 1 : UNLIMITED;
	if (*p == '{') {
		char *end;

		if (!isdigit((unsigned char)p[1])) {
			r->failed |= p[1] == ','; /* a text to some, and a number to others */
			return false;
		}
		*min = *max = strtoul(p + 1, &end, 10);
		if (*end == ',')
			*max = isdigit((unsigned char)end[1]) ? strtoul(end + 1, &end, 10)
							       : (end++, UNLIMITED);
		if (*end != '}') {
			r->failed = true;
			return false;
		}
		p = end;
	} else if (!ab_atom_is_counted(p)) {
		return false;
	}
	p++;
	if (*p == '+' || *p == '?')
		p++;
	r->p = p;
	return true;
}

/* A run of one class's bytes. */
static void repeat_single(struct reader *r, struct part *part, size_t min)
{
	struct ab_factor *f = min >= RUN_MIN ? new_factor(r) : NULL;

	if (!f)
		return;
	f->run = min;
	memcpy(f->class, part->class, sizeof(f->class));
	keep(r, part, r->n - 1);
}

/* The part a few times over; false: too many words. */
static bool spell_again(struct part *part, size_t times)
{
	struct words once;

	copy_words(&once, &part->run);
	for (size_t i = 1; i < times; i++)
		if (!multiply(&part->run, &once)) {
			copy_words(&part->run, &once);
			return false;
		}
	part->single = false;
	return true;
}

static void repeat(struct reader *r, struct part *part, size_t min, size_t max)
{
	static const struct words empty = { .n = 1 };

	if (min == 1 && max == 1)
		return;
	if (min == 0) {
		if (max != 1 || !part->exact || !add_words(&part->run, &empty))
			clear(part, false);
		part->single = false;
		return;
	}
	if (min == max && min <= REPEATED && part->exact && spell_again(part, min))
		return;
	if (part->single)
		repeat_single(r, part, min);
	flush(r, part);
}

static void read_choice(struct reader *r, struct part *ret);

/* Choices up to the end of the group, or at the top of the pattern. */
static void read_choices(struct reader *r, struct part *ret, struct part *top)
{
	bool known = true, exact = true;
	struct ab_factor *best = NULL;
	size_t number = 0;
	struct words all;

	all.n = 0;
	for (size_t i = 0; !r->failed; i++) {
		struct part part;

		read_choice(r, &part);
		exact = exact && part.exact && add_words(&all, &part.run);
		flush(r, &part);
		if (top && i == CHOICES)
			r->failed = true;
		if (r->failed)
			break;
		if (top)
			top[r->n_top++] = part;
		if (i == 0 && part.n && (best = new_factor(r))) {
			number = r->n - 1;
			*best = r->factors[part.factors[0]];
		}
		known = known && part.n && best && (i == 0 || unite(&r->factors[number],
								     &r->factors[part.factors[0]]));
		if (*r->p != '|')
			break;
		r->p++;
	}
	clear(ret, exact);
	if (exact)
		copy_words(&ret->run, &all);
	else if (known && !r->failed)
		keep(r, ret, number);
}

/* A group or an assertion from behind its bracket. */
static void read_group(struct reader *r, struct part *ret)
{
	bool looks = false, no = false;
	struct part part;

	if (*r->p == '*' || r->depth == DEPTH) {
		r->failed = true;
		return;
	}
	if (*r->p == '?') {
		static const char *const kinds[] = { "?:", "?=", "?!", "?<=", "?<!" };
		size_t i = 0;

		while (i < AB_ARRAY_SIZE(kinds) && strncmp(r->p, kinds[i], strlen(kinds[i])) != 0)
			i++;
		if (i == AB_ARRAY_SIZE(kinds)) {
			r->failed = true;
			return;
		}
		r->p += strlen(kinds[i]);
		looks = i > 0;
		no = i == 2 || i == 4;
	}
	r->depth++;
	read_choices(r, &part, NULL);
	r->depth--;
	if (*r->p != ')') {
		r->failed = true;
		return;
	}
	r->p++;
	if (!looks) {
		*ret = part;
		return;
	}
	/* It takes no byte: what stands around it is one text. */
	flush(r, &part);
	clear(ret, true);
	for (size_t i = 0; !no && i < part.n; i++)
		keep(r, ret, part.factors[i]);
	r->failed |= ab_atom_is_counted(r->p);
}

static void read_class(struct reader *r, struct part *ret)
{
	const struct ab_atom_read *known = ab_atoms_find(&r->classes, r->p);
	const char *from = r->p;
	ab_atom_set set = { 0 };

	if (known) {
		r->p += known->len;
		spell(r, ret, known->set);
	} else if (ab_atom_read(set, &r->p, r->caseless)) {
		ab_atoms_add(&r->classes, from, r->p, set, 0);
		spell(r, ret, set);
	} else {
		r->failed = true;
	}
}

/* One piece: an atom, a group, an assertion; false at the end of a choice. */
static bool read_piece(struct reader *r, struct part *ret)
{
	ab_atom_set set = { 0 };
	char c = *r->p, next = c ? r->p[1] : '\0';

	clear(ret, false);
	if (!c || c == '|' || c == ')')
		return false;
	if (c == '(') {
		r->p++;
		read_group(r, ret);
	} else if (c == '^' || c == '$') {
		r->p++;
		ret->exact = true;
	} else if (c == '\\' && next && strchr("bBAzZG", next)) {
		r->p += 2;
		ret->exact = true;
	} else if (c == '\\' && next && strchr("hHvVR123456789", next)) {
		r->p += 2; /* some bytes, or none */
		r->failed |= isdigit((unsigned char)next) && isdigit((unsigned char)*r->p);
	} else if (c == '{') {
		r->p++;
		set['{' / 32] = (uint32_t)1 << '{' % 32;
		spell(r, ret, set);
	} else if (c == '[') {
		read_class(r, ret);
	} else if (ab_atom_read(set, &r->p, r->caseless)) {
		spell(r, ret, set);
	} else {
		r->failed = true;
	}
	return !r->failed;
}

/* The same as a part that is this one byte would be. */
static void append_byte(struct reader *r, struct part *all, unsigned char c)
{
	struct words *run = &all->run;
	uint64_t byte = r->caseless && c >= 'A' && c <= 'Z' ? c | 0x20u : c;
	size_t longest = 0;

	for (size_t i = 0; i < run->n; i++)
		longest = run->len[i] > longest ? run->len[i] : longest;
	if (longest == AB_FACTOR_WORD) {
		flush(r, all);
		longest = 0;
	}
	for (size_t i = 0; i < run->n; i++)
		run->text[i] |= byte << 8 * run->len[i]++;
}

static void read_choice(struct reader *r, struct part *ret)
{
	struct part part;

	clear(ret, true);
	for (;;) {
		size_t min, max;

		if (!r->failed && ab_atom_is_plain(r->p)) {
			append_byte(r, ret, (unsigned char)*r->p++);
			continue;
		}
		if (!read_piece(r, &part))
			return;

		if (read_quantifier(r, &min, &max))
			repeat(r, &part, min, max);
		append(r, ret, &part);
	}
}

/* What the choices at the top have, if all have something. */
static struct ab_factors *result_of(const struct reader *r)
{
	struct ab_factors *all;
	bool known = !r->failed && (!*r->p || *r->p == ')');

	for (size_t i = 0; i < r->n_top; i++)
		known = known && r->top[i].n;
	all = calloc(1, sizeof(*all) + (known ? r->n_top : 0) * sizeof(all->items[0]));
	for (size_t i = 0; all && known && i < r->n_top; i++) {
		const struct part *part = &r->top[i];
		struct ab_conjunction *to = &all->items[all->n++];

		for (; to->n < part->n; to->n++)
			to->factors[to->n] = r->factors[part->factors[to->n]];
	}
	return all;
}

/* Behind the opening of a group that is all of the pattern but for what takes no byte before it: the choices
 * in it are those of the pattern. NULL: there is none. */
static const char *whole_group(const char *p)
{
	unsigned depth = 0;

	while (strncmp(p, "\\b", 2) == 0)
		p += 2;
	if (strncmp(p, "(?:", 3) != 0)
		return NULL;
	for (const char *at = p; *at; at++) {
		bool no;
		ab_atom_set ignored = { 0 };

		if (*at == '\\' && at[1]) {
			at++;
		} else if (*at == '[') {
			at++;
			if (!ab_atom_class(ignored, &at, &no))
				return NULL;
			at--;
		} else if (*at == '(') {
			depth++;
		} else if (*at == ')' && --depth == 0) {
			at++;
			while (strncmp(at, "\\b", 2) == 0)
				at += 2;
			return *at ? NULL : p + 3;
		}
	}
	return NULL;
}

struct ab_factors *ab_factors_read(const char *pattern, bool caseless, struct ab_err *err)
{
	ab_autofree struct part *top = malloc(CHOICES * sizeof(*top));
	struct reader r = { .p = pattern, .caseless = caseless, .top = top };
	struct ab_factors *all = NULL;
	const char *group;
	struct part part;

	group = whole_group(pattern);
	if (group)
		r.p = group;
	r.failed = strstr(pattern, "\\Q");
	if (top && !r.failed)
		read_choices(&r, &part, top);
	if (top && !r.no_memory)
		all = result_of(&r);
	free(r.factors);
	if (!all)
		ab_err_memory(err);
	return all;
}
