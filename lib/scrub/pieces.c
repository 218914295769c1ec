/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Data cut into pieces of one length with the same thing between any two: a=..., b=..., c=...;
 * <li>...</li><li>...; "c0":"...","c1":"..."; msg 1 of 3 - ...; lines of one length.
 */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/base64.h"
#include "lib/scrub/match.h"

#define PIECE_MAX  512 /* bytes of one */
#define PIECES_MIN 3
#define PIECES_ALL 90 /* bytes of all of them */
#define GAP_MAX	   40
#define SHORT_MIN  8 /* bytes of the last one, which may be shorter */
#define WORD_MAX   5 /* letters of a word between that may be another each time: one, two, three */
#define LONG_MIN                                                                                   \
	32 /* bytes of one that is long; of shorter ones, as identifiers are, there have to be     \
	      more */
#define SHORT_ALL 160
#define INNER_MIN 72 /* bytes of a token that is cut up in itself */
#define INNER_MAX 24 /* bytes of a piece of it */
#define REACH	  8192
#define HEAD_MAX  160 /* bytes before that may say what it is */

struct kinds {
	size_t n, upper, lower, digit, hex, signs, changes, count[128];
};

struct gap {
	size_t at, end;
};

static int kind_of(unsigned char c)
{
	return isdigit(c) ? 1 : isupper(c) ? 2 : islower(c) ? 3 : 0;
}

static void add(struct kinds *k, const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		k->upper += isupper(p[i]) != 0;
		k->lower += islower(p[i]) != 0;
		k->digit += isdigit(p[i]) != 0;
		k->hex += isxdigit(p[i]) != 0;
		k->signs += !isalnum(p[i]);
		k->changes += i && kind_of(p[i]) != kind_of(p[i - 1]);
		k->count[p[i] & 127]++;
	}
	k->n += len;
}

static size_t token_end(const struct ab_scrub_place *p, size_t at)
{
	size_t stop = p->hi - at > PIECE_MAX ? at + PIECE_MAX : p->hi;

	while (at < stop && ab_base64_value(p->text[at]) >= 0)
		at++;
	return at;
}

/* The next token of SHORT_MIN bytes or more that no more than GAP_MAX bytes are before. */
static bool next_piece(const struct ab_scrub_place *p, size_t from, size_t len, struct gap *gap,
		       size_t *ret_len)
{
	size_t at = from, stop = p->hi - from > GAP_MAX ? from + GAP_MAX : p->hi;

	while (at < stop && p->text[at] == '=' && at - from < 6)
		at++;
	gap->at = at;
	while (at < stop) {
		size_t end = token_end(p, at);

		if (end - at == len ||
		    (end - at < len && end - at >= SHORT_MIN && end - at >= len / 8)) {
			gap->end = at;
			*ret_len = end - at;
			return true;
		}
		if (end - at > len)
			return false;
		at = end > at ? end : at + 1;
	}
	return false;
}

static size_t span_of(const unsigned char *p, size_t len, int (*is)(int))
{
	size_t n = 0;

	while (n < len && is(p[n]))
		n++;
	return n;
}

/* Whether what stands between is the same but for a number that counts, or a short word. */
static bool is_same_gap(const unsigned char *text, const struct gap *a, const struct gap *b)
{
	size_t i = a->at, j = b->at;

	while (i < a->end && j < b->end) {
		size_t m = span_of(text + i, a->end - i, isdigit),
		       n = span_of(text + j, b->end - j, isdigit);

		if (!m != !n)
			return false;
		if (!m) {
			m = span_of(text + i, a->end - i, isalpha);
			n = span_of(text + j, b->end - j, isalpha);
			if (!m != !n || ((m > WORD_MAX || n > WORD_MAX) && m != n) ||
			    (m > WORD_MAX && memcmp(text + i, text + j, m) != 0))
				return false;
		}
		if (!m && text[i] != text[j])
			return false;
		i += m ? m : 1;
		j += m ? n : 1;
	}
	return i == a->end && j == b->end;
}

static bool has_any(const unsigned char *text, const struct gap *g, int (*is)(int))
{
	for (size_t i = g->at; i < g->end; i++)
		if (is(text[i]))
			return true;
	return false;
}

/* MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512 */
static bool is_sum_length(size_t len)
{
	return len == 32 || len == 40 || len == 56 || len == 64 || len == 96 || len == 128;
}

static bool is_even(const struct kinds *k)
{
	for (unsigned c = 0; c < 128; c++)
		if (k->count[c] * 7 > k->n)
			return false;
	return true;
}

/* A block whose first line or whose name says that it is a certificate, a key, a signature or a
 * sum. */
static bool is_known(const struct ab_scrub_place *p, size_t at)
{
	static const char *const names[] = { "CERTIFICATE---", "KEY---",   "SIGNATURE---",
					     "REQUEST---",     "CRL---",   "BLOCK---",
					     "PARAMETERS---",  "PKCS7---", "CMS---" };
	size_t lo = at - p->lo > HEAD_MAX ? at - HEAD_MAX : p->lo;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (memmem(p->text + lo, at - lo, names[i], strlen(names[i])))
			return true;
	lo = at - p->lo > 12 ? at - 12 : p->lo;
	return memmem(p->text + lo, at + 4 - lo, "sha", 3) ||
	       memmem(p->text + lo, at - lo, "h1:", 3) ||
	       memmem(p->text + lo, at - lo, "ssh-", 4) || memcmp(p->text + at, "AAAA", 4) == 0;
}

/* Hexadecimal of a sum's length is a list of sums; a shorter piece at its end shows that it was
 * cut. */
static bool is_data(const struct kinds *k, size_t len, size_t last, bool plain, bool counted)
{
	bool cut = last < len && !is_sum_length(last);

	if (k->n < (len < LONG_MIN ? SHORT_ALL : PIECES_ALL) || !is_even(k))
		return false;
	if (k->hex == k->n)
		return k->digit * 3 >= k->n && k->digit * 5 <= k->n * 4 &&
		       (counted || len >= LONG_MIN - 4) &&
		       (!is_sum_length(len) || (plain && (cut || len == 128)));
	if (k->upper && k->lower)
		return k->upper * 8 >= k->n && k->lower * 8 >= k->n && k->digit * 20 >= k->n &&
		       k->changes * 5 >= k->n * 2;
	return !k->signs && k->digit * 12 >= k->n && k->digit * 2 < k->n;
}

/* Whether the piece at `at` is not the first: all are found with that one. */
static bool has_one_before(const struct ab_scrub_place *p, size_t at, size_t len,
			   const struct gap *g)
{
	size_t apart = g->end - g->at, from;

	if (at < p->lo + apart + len)
		return false;
	from = at - apart - len;
	return token_end(p, from) == from + len &&
	       (from == p->lo || ab_base64_value(p->text[from - 1]) < 0);
}

/* One token of INNER_MIN bytes or more with a dash, an underscore or a slash behind each so many characters: h-r-Q-A,
 * I472-KZQY-ZFNY */
static bool is_cut_inside(const unsigned char *p, size_t len)
{
	struct kinds kinds = { 0 };
	size_t apart = 1;

	while (apart <= INNER_MAX && isalnum(p[apart]))
		apart++;
	if (apart > INNER_MAX)
		return false;
	for (size_t at = 0; at < len; at += apart + 1) {
		size_t n = len - at < apart ? len - at : apart;

		add(&kinds, p + at, n);
		if (at + n < len && p[at + n] != p[apart])
			return false;
	}
	if (apart < 2) /* single characters change as pairs do */
		kinds.changes = kinds.n;
	else
		kinds.changes += kinds.n / apart / 2;
	if (kinds.signs * 16 > kinds.n)
		return false;
	kinds.signs = 0;
	return kinds.n >= 48 && is_data(&kinds, kinds.n, kinds.n, false, false);
}

static bool has_digit(const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (isdigit(p[i]))
			return true;
	return false;
}

/* The piece at the place and all those like it: the first gap between them, and up to where they go. */
static bool is_series(const struct ab_scrub_place *p, size_t len, const struct gap *first, size_t *end)
{
	struct gap gap = *first;
	size_t stop, last = len, n = 1;
	struct kinds kinds = { 0 };

	add(&kinds, p->text + p->at, len);
	do {
		add(&kinds, p->text + gap.end, last);
		stop = gap.end + last;
		n++;
	} while (last == len && stop - p->at < REACH && next_piece(p, stop, len, &gap, &last) &&
		 is_same_gap(p->text, first, &gap));
	*end = stop;
	last = stop - (gap.end < stop ? gap.end : stop - len);
	return n >= PIECES_MIN && is_data(&kinds, len, last, !has_any(p->text, first, isalpha), has_any(p->text, first, isdigit));
}

bool ab_scrub_match_pieces(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t stop, len, last = 0;
	struct gap first;

	if (!has_digit(p->text + p->at, p->hi - p->at > LONG_MIN ? LONG_MIN : p->hi - p->at))
		return false;
	stop = token_end(p, p->at);
	len = stop - p->at;
	*start = p->at;
	*end = stop;
	if (len >= INNER_MIN && is_cut_inside(p->text + p->at, len))
		return true;
	return len < PIECE_MAX && next_piece(p, stop, len, &first, &last) && last == len &&
	       !has_one_before(p, p->at, len, &first) && !is_known(p, p->at) && is_series(p, len, &first, end);
}
