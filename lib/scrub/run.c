/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/run.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "lib/scrub/mask.h"

#define DIGIT_REACH 24 /* bytes from a first digit in which four digits make it worth a look */

static bool is_hex(unsigned char c)
{
	return isxdigit(c);
}

/* Whether the % & or \ at p begins something that a normalised view decodes. */
static bool is_escape(const unsigned char *p)
{
	switch (p[0]) {
	case '%':
		return (is_hex(p[1]) && is_hex(p[2])) || ((p[1] | 0x20) == 'u' && is_hex(p[2]));
	case '&':
		return p[1] == '#' || isalpha(p[1]);
	default:
		return p[1] && strchr("uUxX/0123456789nrt\n\"'", p[1]);
	}
}

/* The end of the run that goes on at `at`, its padding included, as far as one hit may reach;
 * `known` bytes of it have been seen. */
static size_t base64_end(const unsigned char *text, size_t size, size_t at, size_t known)
{
	size_t stop = size - at > AB_RUN_LONGEST ? at + AB_RUN_LONGEST : size;
	size_t end = stop - at > known ? at + known : stop;

	while (end < stop && ab_mask_is_base64(text[end]))
		end++;
	for (int i = 0; i < 2 && end < stop && text[end] == '='; i++)
		end++;
	return end;
}

struct block {
	const unsigned char *text;
	size_t at, size;
	struct ab_masks *now, *next;
	struct ab_run_hit *hits;
	size_t n;
};

static AB_MASK_INLINE void hit(struct block *b, unsigned offset, size_t end, uint32_t run)
{
	if (b->at + offset < b->size)
		b->hits[b->n++] = (struct ab_run_hit){ b->at + offset, end, run };
}

/*
 * What a byte may be of a text that is encoded. In base64 a first character of four has the upper
 * bits of 0x20 and above, the next two have the upper bit of their bytes clear; in hexadecimal two
 * digits are a byte from 0x20 on.
 */
enum { FIRST = 1, SECOND = 2, THIRD = 4, HEX_UPPER = 8, HEX_LOWER = 16 };

static const unsigned char encoded[256] = {
	[0x20] = 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	[0x30] = 22, 22, 26, 26, 28, 28, 24, 24, 20, 20, 0, 0, 0, 0, 0, 0,
	[0x40] = 0, 22, 22, 18, 18, 22, 22, 2, 2, 5, 5, 1, 1, 5, 5, 1,
	[0x50] = 1, 7, 7, 3, 3, 7, 7, 3, 3, 5, 5, 0, 0, 0, 0, 1,
	[0x60] = 0, 17, 17, 21, 21, 17, 17, 6, 6, 2, 2, 6, 6, 2, 2, 4,
	[0x70] = 4, 0, 0, 4, 4, 0, 0, 6, 6, 2, 2, 0, 0, 0, 0, 0,
};

/* Whether eight characters of base64 may be six of ASCII, or four in hexadecimal. Nearly no word
 * may: all are looked at at once, so that no branch has to guess. */
static inline bool is_encoded(const unsigned char *p)
{
	const unsigned char *e = encoded;
	unsigned a = e[p[0]] & e[p[4]], b = e[p[1]] & e[p[5]], c = e[p[2]] & e[p[6]];
	unsigned base64 = (a & FIRST) | (b & SECOND) | (c & THIRD);
	unsigned hex = (a & c & HEX_UPPER) | (b & e[p[3]] & e[p[7]] & HEX_LOWER);

	return (base64 == (FIRST | SECOND | THIRD)) | (hex == (HEX_UPPER | HEX_LOWER));
}

static void hit_base64(struct ab_runs *r, struct block *b, size_t at, size_t known)
{
	size_t end = base64_end(b->text, b->size, at, known);

	r->resume = end - at == AB_RUN_LONGEST ? end : 0;
	b->hits[b->n++] = (struct ab_run_hit){ at, end, AB_RUN_BASE64 };
}

static AB_MASK_INLINE void find_base64(struct ab_runs *r, struct block *b)
{
	struct ab_wide_mask x = { b->now->base64, b->next->base64 };
	uint64_t runs, first;

	x = ab_mask_with_behind(x, 1);
	x = ab_mask_with_behind(x, 2);
	x = ab_mask_with_behind(x, 4);
	runs = x.now & ab_mask_from_bit(x.now, x.next, 2); /* AB_RUN_BASE64_MIN in a row */
	first = runs & ~(runs << 1 | r->base64);
	/* A multiple of four back, so that what is decoded there falls into the same groups. */
	if (r->resume && b->at >= r->resume && r->base64)
		hit_base64(r, b, r->resume - AB_RUN_OVERLAP, 0);
	r->base64 = runs >> 63;
	for (; first; first &= first - 1) {
		unsigned i = (unsigned)__builtin_ctzll(first);

		if (b->at + i < b->size) {
			const unsigned char *p = b->text + b->at + i;
			unsigned known = ab_mask_ones(ab_mask_from_bit(b->now->base64, b->next->base64, i));

			if (known >= AB_RUN_BASE64_LONG || is_encoded(p))
				hit_base64(r, b, b->at + i, known);
		}
	}
}

/* Up to three digits and a dot with a digit behind it, three times over. */
static bool is_dotted(const unsigned char *p)
{
	for (int part = 0; part < 3; part++) {
		int n = 0;

		while (n < 3 && isdigit(p[n]))
			n++;
		if (!n || p[n] != '.' || !isdigit(p[n + 1]))
			return false;
		p += n + 1;
	}
	return true;
}

static bool is_separator(unsigned char c)
{
	return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/';
}

/* Digits of a number as people write it, up to 20, three separators at a time at most. */
static unsigned count_digits(const unsigned char *p)
{
	unsigned n = 0, gap = 0;

	for (; n < 20; p++) {
		if (isdigit(*p)) {
			n++;
			gap = 0;
		} else if (!is_separator(*p) || ++gap > 3) {
			break;
		}
	}
	return n;
}

/* Two or three digits, or 0x and two, and a separator; three times over. */
static bool is_list(const unsigned char *p)
{
	for (int part = 0; part < 3; part++) {
		int n = 0;

		if (p[0] == '0' && p[1] == 'x')
			n = isxdigit(p[2]) && isxdigit(p[3]) ? 4 : 0;
		else
			while (n < 3 && isdigit(p[n]))
				n++;
		if (n < 2 || (p[n] != ',' && p[n] != ' '))
			return false;
		p += n + 1;
		p += *p == ' ';
	}
	return true;
}

/* Nine digits with two separators between any two of them. */
#define NUMBER_REACH (((uint64_t)1 << (9 + 8 * 2)) - 1)

/* What the digits at p begin, if it is worth a look; a bit of `digits` for each byte from there, of
 * `number` for each that is a digit or a separator. */
static AB_MASK_INLINE uint32_t number_kind(const unsigned char *p, uint64_t digits, uint64_t number)
{
	uint64_t rest = ~number & (number + 1); /* the first that is neither */

	unsigned first = (unsigned)__builtin_ctzll(~digits | (uint64_t)1 << 63);

	if (first <= 3 && p[first] == '.' && is_dotted(p))
		return AB_RUN_ADDRESS;
	if (first <= 3 && (p[first] == ',' || p[first] == ' ' || p[first] == 'x') && is_list(p))
		return AB_RUN_LIST;
	if (first < 9 && __builtin_popcountll(digits & (rest - 1) & NUMBER_REACH) < 9)
		return 0;
	return first >= 9 || count_digits(p) >= 9 ? AB_RUN_NUMBER : 0;
}

/*
 * Where a number may begin: the shortest, 1.2.3.4, is seven bytes of digits and separators. A list
 * may have 0x41 in it: at once, or behind four bytes at the least and six at the most.
 */
static AB_MASK_INLINE uint64_t may_be_number(const struct ab_masks *now, const struct ab_masks *next)
{
	struct ab_wide_mask four = { now->digit | now->separator, next->digit | next->separator };
	struct ab_wide_mask hex = { now->digit & ab_mask_from_bit(now->x, next->x, 1), next->digit & next->x >> 1 };

	four = ab_mask_with_behind(ab_mask_with_behind(four, 1), 2);
	return (four.now & ab_mask_from_bit(four.now, four.next, 3)) | hex.now |
	       (four.now & (ab_mask_from_bit(hex.now, hex.next, 3) | ab_mask_from_bit(hex.now, hex.next, 4) |
			    ab_mask_from_bit(hex.now, hex.next, 5)));
}

static AB_MASK_INLINE void find_digits(struct ab_runs *r, struct block *b)
{
	uint64_t starts = b->now->digit & ~(b->now->digit << 1 | r->digit >> 63);
	uint64_t one = b->now->letter << 1 | r->letter >> 63;
	uint64_t two = b->now->letter << 2 | r->letter >> 62;
	uint64_t three = (b->now->letter | b->now->digit) << 3 | (r->letter | r->digit) >> 61;
	uint64_t code = starts & one & two & ~three;

	starts &= ~one & may_be_number(b->now, b->next);
	for (starts |= code; starts; starts &= starts - 1) {
		unsigned i = (unsigned)__builtin_ctzll(starts);
		uint64_t from = ab_mask_from_bit(b->now->digit, b->next->digit, i);
		uint32_t kind;

		/* Four digits in 24 bytes: 1.2.3.4 has no more; most numbers have fewer near. */
		if (__builtin_popcountll(from & ((1u << DIGIT_REACH) - 1)) < 4)
			continue;
		kind = code >> i & 1
			       ? AB_RUN_CODE
			       : number_kind(b->text + b->at + i, from,
					     from | ab_mask_from_bit(b->now->separator, b->next->separator, i));
		/* +34 612 527 106 is a list as well, +1.212.555.0187 an address. */
		if (kind & (AB_RUN_LIST | AB_RUN_ADDRESS) && count_digits(b->text + b->at + i) >= 9)
			hit(b, i, b->at + i + 1, AB_RUN_NUMBER);
		if (kind)
			hit(b, i, b->at + i + 1, kind);
	}
}

/* One hit a block says that something in it is to be normalised. */
static AB_MASK_INLINE void find_norm(struct block *b)
{
	uint64_t escapes = b->now->mark | b->now->backslash;
	unsigned last = 64;

	if (b->now->high) {
		last = 63 - (unsigned)__builtin_clzll(b->now->high);
		hit(b, (unsigned)__builtin_ctzll(b->now->high), b->at + last + 1, AB_RUN_NORM);
	}
	for (; escapes; escapes &= escapes - 1) {
		unsigned i = (unsigned)__builtin_ctzll(escapes);

		if (is_escape(b->text + b->at + i)) {
			unsigned end = 64 - (unsigned)__builtin_clzll(escapes | b->now->star);

			hit(b, i, b->at + end, AB_RUN_NORM);
			return;
		}
	}
}

/* The slash and star of a comment, or stars of emphasis, right behind a letter: ev(comment)al. */
static AB_MASK_INLINE void find_joined(struct block *b)
{
	for (uint64_t stars = b->now->star; stars; stars &= stars - 1) {
		unsigned i = (unsigned)__builtin_ctzll(stars);
		size_t at = b->at + i;
		const unsigned char *p = b->text + at;

		if (at < 2 || at + 2 >= b->size || !isalnum(p[-2]))
			continue;
		if (p[-1] == '/')
			hit(b, i, at + 1, AB_RUN_JOINED);
		else if (p[-1] == '*' && isalnum(p[1]))
			hit(b, i, at + 1, AB_RUN_JOINED);
		else
			continue;
		return;
	}
}

/* Two hexadecimal digits and a separator, the same one each time, eight times over. */
static bool is_pairs(const unsigned char *p)
{
	if (p[2] != ' ' && p[2] != ':' && p[2] != '-' && p[2] != ',')
		return false;
	for (int pair = 0; pair < 8; pair++)
		if (!is_hex(p[3 * pair]) || !is_hex(p[3 * pair + 1]) ||
		    (pair < 7 && p[3 * pair + 2] != p[2]))
			return false;
	return true;
}

/* Eight words of two letters or digits in a row, which are bytes if they are hexadecimal. */
static AB_MASK_INLINE void find_pairs(struct block *b, struct ab_wide_mask word, struct ab_wide_mask last)
{
	uint64_t words;

	/* The second of two, with no third behind it. */
	word.now &= ab_mask_from_bit(last.now, last.next, 1);
	word.next &= last.next >> 1;
	word = ab_mask_with_behind(word, 3);
	if (!word.now)
		return;
	word = ab_mask_with_behind(word, 6);
	for (words = word.now & ab_mask_from_bit(word.now, word.next, 12); words; words &= words - 1) {
		unsigned i = (unsigned)__builtin_ctzll(words);

		if (b->at + i + 23 > b->size || !is_pairs(b->text + b->at + i))
			continue;
		hit(b, i, b->at + 64 - (size_t)__builtin_clzll(words), AB_RUN_LIST);
		return;
	}
}

/* Three characters of `width` bytes beyond ASCII with one byte of it between any two. */
static uint64_t spaced_wide(unsigned __int128 high, unsigned width)
{
	unsigned __int128 one = high, x;

	for (unsigned i = 1; i < width; i++)
		one &= high >> i;
	x = one & ~(high >> width) & ~(high << 1);
	x &= x >> (width + 1);
	return (uint64_t)(x & x >> (width + 1));
}

/* Four characters each alone, with one between any two; or in a block between spaces: "r m   - r f".
 * `last`: those with no other one right behind them. */
static AB_MASK_INLINE void find_spaced(const struct ab_runs *r, struct block *b, uint64_t word,
			       struct ab_wide_mask last)
{
	struct ab_wide_mask two = ab_mask_with_behind(last, 2);
	uint64_t runs = two.now & ab_mask_from_bit(two.now, two.next, 4);
	uint64_t singles = last.now & ~(word << 1);
	uint64_t alone = singles & (b->now->blank << 1 | (b->at ? r->blank >> 63 : 1)) &
			 ab_mask_from_bit(b->now->blank, b->next->blank, 1);

	if (!runs && b->now->high) {
		unsigned __int128 high = (unsigned __int128)b->next->high << 64 | b->now->high;

		runs = spaced_wide(high, 2) | spaced_wide(high, 3);
	}
	if (__builtin_popcountll(alone) >= 4)
		runs |= singles; /* beside others that stand in a row */
	if (runs)
		hit(b, (unsigned)__builtin_ctzll(runs), b->at + 64 - (size_t)__builtin_clzll(runs),
		    AB_RUN_SPACED);
}

/* Four blanks at one distance, from the first of the block on; one branch, which is hardly ever taken. */
static AB_MASK_INLINE void find_groups(struct block *b)
{
	unsigned first = (unsigned)__builtin_ctzll(b->now->blank | (uint64_t)1 << 63);
	uint64_t blanks = ab_mask_from_bit(b->now->blank, b->next->blank, first);
	unsigned apart = (unsigned)__builtin_ctzll((blanks & ~(uint64_t)1) | (uint64_t)1 << 63);
	uint64_t last = (uint64_t)1 << (3 * apart & 63);
	uint64_t equal = 1 | (uint64_t)1 << apart | (uint64_t)1 << (2 * apart & 63) | last;

	if (((blanks & (2 * last - 1)) == equal) & (apart >= 5) & (apart <= 20))
		hit(b, first + 1, b->at + first + 1 + apart, AB_RUN_GROUPS);
}

/* Half a block with no blank in it, digits beside letters and many signs: no language and no program has so. */
static AB_MASK_INLINE void find_dense(struct block *b)
{
	uint64_t none = b->now->blank | b->now->high, sign = ~(b->now->letter | b->now->digit | none);
	uint64_t beside = (b->now->letter & b->now->digit << 1) | (b->now->digit & b->now->letter << 1);

	for (unsigned at = 0; at < AB_MASK_BLOCK; at += 32) {
		int n = __builtin_popcount((uint32_t)(sign >> at));

		if (!(uint32_t)(none >> at) & (n >= 4) & (n <= 18) &
		    (__builtin_popcount((uint32_t)(beside >> at)) >= 2)) {
			hit(b, at, b->at + at + 32, AB_RUN_DENSE);
			return;
		}
	}
}

#define BINARY_HIGH	8 /* bytes beyond ASCII */
#define BINARY_CONTROLS 3
#define BINARY_STEP	1024

/* Controls that no text has: all but BEL, BS, those that move, and ESC. */
static AB_MASK_INLINE unsigned count_controls(const unsigned char p[AB_MASK_BLOCK])
{
	unsigned char n = 0;

	for (unsigned i = 0; i < AB_MASK_BLOCK; i++)
		n += (p[i] < 0x20) & ((unsigned char)(p[i] - 7) > 6) & (p[i] != 0x1b);
	return n;
}

bool ab_run_is_binary(const unsigned char p[64])
{
	unsigned high = 0;

	for (unsigned i = 0; i < AB_MASK_BLOCK; i++)
		high += p[i] >> 7;
	return high >= BINARY_HIGH && count_controls(p) >= BINARY_CONTROLS;
}

static AB_MASK_INLINE void find_binary(struct ab_runs *r, struct block *b)
{
	if (__builtin_popcountll(b->now->high) < BINARY_HIGH || b->at < r->binary || b->size - b->at < AB_MASK_BLOCK ||
	    count_controls(b->text + b->at) < BINARY_CONTROLS)
		return;
	r->binary = b->at + BINARY_STEP;
	hit(b, 0, b->at + AB_MASK_BLOCK, AB_RUN_BINARY);
}

/* Hits that one block can give: 64 "@" or digits at most (never both at a place), and the rest. */
#define BLOCK_HITS 81

static AB_MASK_INLINE void find_all(struct ab_runs *r, struct block *b)
{
	struct ab_wide_mask word = { b->now->letter | b->now->digit, b->next->letter | b->next->digit };
	struct ab_wide_mask last = ab_mask_ends(word);

	for (uint64_t at = b->now->at; at; at &= at - 1) {
		unsigned i = (unsigned)__builtin_ctzll(at);

		hit(b, i, b->at + i + 1, AB_RUN_AT);
	}
	if (b->now->digit)
		find_digits(r, b);
	find_base64(r, b);
	if (b->now->high | b->now->mark | b->now->backslash)
		find_norm(b);
	if (b->now->high)
		find_binary(r, b);
	if (b->now->star)
		find_joined(b);
	find_spaced(r, b, word.now, last);
	find_pairs(b, word, last);
	find_groups(b);
	find_dense(b);
	r->digit = b->now->digit;
	r->letter = b->now->letter;
	r->blank = b->now->blank;
}

static AB_MASK_INLINE size_t scan_blocks(struct ab_runs *r, const unsigned char *text, size_t size,
				 size_t end, struct ab_run_hit *hits, ab_masks_fn *masks)
{
	struct ab_masks two[2], *last;
	struct block b = { text, r->at, size, &two[0], &two[1], hits, 0 };
	unsigned char tail[2 * AB_MASK_BLOCK];

	if (b.at >= end)
		return 0;
	masks(text + b.at, b.now);
	for (; b.at < end && b.n + BLOCK_HITS <= AB_RUN_HITS; b.at += AB_MASK_BLOCK) {
		/* What stands behind the text is not known to be zeros: the last block is copied.
		 */
		if (b.at + 2 * AB_MASK_BLOCK <= size) {
			masks(text + b.at + AB_MASK_BLOCK, b.next);
		} else {
			memset(tail, 0, sizeof(tail));
			memcpy(tail, text + b.at, size - b.at);
			masks(tail, b.now);
			masks(tail + AB_MASK_BLOCK, b.next);
		}
		find_all(r, &b);
		last = b.now; /* to copy what was just written in parts would have to wait for it */
		b.now = b.next;
		b.next = last;
	}
	r->at = b.at;
	return b.n;
}

static size_t scan_plain(struct ab_runs *r, const unsigned char *text, size_t size, size_t end,
			 struct ab_run_hit *hits)
{
	return scan_blocks(r, text, size, end, hits, ab_masks_plain);
}

#if defined(__x86_64__)
AB_TARGET_AVX2 static size_t scan_avx2(struct ab_runs *r, const unsigned char *text, size_t size,
				       size_t end, struct ab_run_hit *hits)
{
	return scan_blocks(r, text, size, end, hits, ab_masks_avx2);
}

AB_TARGET_AVX512 static size_t scan_avx512(struct ab_runs *r, const unsigned char *text,
					   size_t size, size_t end, struct ab_run_hit *hits)
{
	return scan_blocks(r, text, size, end, hits, ab_masks_avx512);
}
#endif

size_t ab_runs_scan(struct ab_runs *r, const unsigned char *text, size_t size, size_t end,
		    struct ab_run_hit *hits)
{
	if (r->simd == AB_SIMD_UNKNOWN)
		r->simd = ab_simd_best();
#if defined(__x86_64__)
	if (r->simd == AB_SIMD_AVX512)
		return scan_avx512(r, text, size, end, hits);
	if (r->simd == AB_SIMD_AVX2)
		return scan_avx2(r, text, size, end, hits);
#endif
	return scan_plain(r, text, size, end, hits);
}

uint32_t ab_scrub_run_named(const char *name)
{
	static const struct {
		const char *name;
		uint32_t run;
	} runs[] = { { "number", AB_RUN_NUMBER }, { "address", AB_RUN_ADDRESS },
		     { "list", AB_RUN_LIST },	  { "code", AB_RUN_CODE },
		     { "base64", AB_RUN_BASE64 }, { "at", AB_RUN_AT },
		     { "groups", AB_RUN_GROUPS }, { "dense", AB_RUN_DENSE },
		     { "binary", AB_RUN_BINARY } };

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		if (strcmp(runs[i].name, name) == 0)
			return runs[i].run;
	return 0;
}
