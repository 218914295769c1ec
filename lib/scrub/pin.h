/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to literal.c, which looks for literals, and pin.c, which enters them: the table, and the hash of a
 * pin, by which both find their way in it.
 */
#ifndef AB_SCRUB_PIN_H
#define AB_SCRUB_PIN_H

#include <endian.h>
#include <string.h>

#include "lib/scrub/follow.h"
#include "lib/scrub/literal.h"

#define AB_PIN	     4
#define AB_PIN_FOLD  0x20202020u /* makes one of letters of both cases, and of some signs */
#define AB_PIN_HASH  0x9e3779b1u
#define AB_PIN_THREE 0x00ffffffu /* the first three bytes of four */
#define AB_PIN_FOURS 28 /* bits of a word of the filter that are for four bytes; a multiple of what is left */
#define AB_PIN_EACH  0x0101010101010101u
#define AB_PIN_CHAINS ((1u << AB_LITERAL_CHAINS) + (1u << AB_LITERAL_SHORT)) /* of pins of four bytes, and of three */

/*
 * A literal, an entry of the chain of its pin: eight bytes of it, as far as can be from the pin and what stands
 * beside that, so that nearly all that these let through ends here, without a look at the rest.
 */
struct ab_literal {
	uint64_t want; /* zeros where the literal has none of them */
	uint64_t fold; /* what makes small letters of the text's where the literal has some */
	uint32_t text; /* where it begins in the texts: folded unless exact */
	uint32_t tag;
	uint8_t len, pin; /* pin: offset of the four bytes that are hashed */
	int8_t eight;	  /* where the eight begin, from the pin on */
	uint8_t unused;	  /* how many of them the literal has not, at their end */
	bool exact : 1, whole : 1; /* whole: the eight bytes are all of it */
};

/* The same before they are settled: what it has to be made from. */
struct ab_literal_added {
	uint32_t next; /* of the chain: index + 1, 0 ends */
	uint32_t text, tag;
	uint8_t len, pin;
	bool exact;
};

/* What tells nearly all that is none of a chain: its pins, a bit for each by a part of its hash that is not the
 * chain's, and what may stand beside them, a bit for each class of bytes that does in some literal. Those of all chains
 * stay in the nearest cache, which their first literals beside them would not. */
struct ab_literal_gate {
	uint16_t pins;
	uint8_t before, behind;
};

/*
 * What stands beside the pin of a literal, four bytes before it and three behind, folded; zero where the literal has
 * none there; and a byte of the pin's hash, since a chain is of several pins. Nearly all that its chain lets through
 * ends here; marks are as many as the literals and a quarter of their size. Of the first byte AB_PIN_MORE is set where
 * the next mark is of the same chain.
 */
typedef uint64_t ab_literal_mark;
#define AB_PIN_BEFORE	4
#define AB_PIN_BEHIND	3
#define AB_PIN_MORE_BIT 5 /* that of a byte which is set in all that is folded */
#define AB_PIN_MORE	((ab_literal_mark)1 << AB_PIN_MORE_BIT)
#define AB_PIN_MARKS	4 /* that are read at once: there is room for as many behind the last one */

/*
 * Three bytes of the text name a word of the filter. Most of its bits are for what a fourth makes of
 * them, as a pin of four bytes; the last few for the literals that have but three: one load says whether
 * either may stand there. The chains, one of each kind, are few enough to stay in the cache, which heads
 * for each bit of the filter would not.
 */
struct ab_literals {
	uint32_t filter[1u << AB_LITERAL_WORDS];
	struct ab_literal_gate gates[AB_PIN_CHAINS];
	uint32_t firsts[AB_PIN_CHAINS]; /* of each chain: index + 1 */
	struct ab_literal_added *added; /* NULL once they are settled */
	struct ab_literal *literals; /* those of one chain lie behind each other */
	ab_literal_mark *marks; /* one for each literal */
	size_t n, capacity;
	char *texts; /* one behind the other, eight bytes of room behind the last */
	size_t texts_len, texts_capacity;
	/* For each literal how many of its hits came to nothing, or, from AB_LITERAL_TRIED on, which of the follows is its
	 * own; NULL: none did. */
	uint16_t *tried;
	struct ab_follow *follows;
	size_t n_follows, follows_capacity;
	bool lent; /* literals, marks and texts are an image's */
	enum ab_simd simd;
	struct ab_vector *vector;
};

#define AB_LITERAL_TRIED 32 /* hits */
#define AB_LITERAL_PLAIN UINT16_MAX /* in place of a follow: there is none */
#define AB_LITERAL_FOLLOWS 8192

#define AB_PIN_TABLES offsetof(struct ab_literals, added) /* its first bytes, which hold no pointer */

/* Once all have been added: makes the literals. */
int ab_literals_settle(struct ab_literals *l, struct ab_err *err);

/* The pin's bytes: three of them have no fourth. */
static inline uint32_t ab_pin_of(uint32_t four, bool three)
{
	return (three ? four & AB_PIN_THREE : four) | AB_PIN_FOLD;
}

static inline uint32_t ab_pin_hash(uint32_t pin)
{
	return pin * AB_PIN_HASH;
}

static inline uint32_t ab_pin_chain(uint32_t pin, bool three)
{
	uint32_t hash = ab_pin_hash(pin);

	return three ? (1u << AB_LITERAL_CHAINS) + (hash >> (32 - AB_LITERAL_SHORT)) : hash >> (32 - AB_LITERAL_CHAINS);
}

/* The bit of a pin among those of its chain. */
static inline unsigned ab_pin_own(uint32_t pin)
{
	return ab_pin_hash(pin) >> (28 - AB_LITERAL_CHAINS) & 15;
}

/* What a mark is compared with: the pin, the four bytes before it, and three of those from behind it on. */
static inline uint64_t ab_pin_beside(uint32_t before, uint32_t pin, uint32_t behind)
{
	uint32_t check = ab_pin_hash(pin) << AB_LITERAL_CHAINS & 0xff000000; /* what names its chain says nothing */

	return before | (uint64_t)((behind & 0xffffff) | check) << 32 | 0x20 * AB_PIN_EACH;
}

/* Whether they may be a literal's: a first byte that is a space or NUL there is taken for none. */
static inline bool ab_pin_fits(ab_literal_mark mark, uint64_t beside)
{
	uint64_t there = (mark >> AB_PIN_MORE_BIT & (AB_PIN_EACH ^ 1)) * 0xff;

	return !((mark ^ beside) & (there | (mark & 0xdf ? 0xdf : 0)));
}

/* Where the first three bytes of four stand in the filter, and which bits from the left are theirs there: of the
 * four, of the three. */
static inline uint32_t ab_pin_word(uint32_t four)
{
	return ab_pin_hash(ab_pin_of(four, true)) >> (32 - AB_LITERAL_WORDS);
}

static inline uint32_t ab_pin_bit(uint32_t four, bool three)
{
	uint32_t bits = ab_pin_hash(ab_pin_of(four, true)) >> (27 - AB_LITERAL_WORDS);
	uint32_t bit = ((four | AB_PIN_FOLD) >> 24 ^ bits) & 31;

	if (three)
		return AB_PIN_FOURS | (bits & (31 - AB_PIN_FOURS));
	return bit < AB_PIN_FOURS ? bit : AB_PIN_FOURS - 1;
}

/* Letters of both cases are of one class. */
static inline unsigned ab_pin_class(unsigned char c)
{
	return c & 7;
}

static inline uint32_t ab_pin_load4(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline uint64_t ab_pin_load8(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* The first n of eight bytes. */
static inline uint64_t ab_pin_first_bytes(size_t n)
{
	return n < 8 ? ((uint64_t)1 << 8 * n) - 1 : ~(uint64_t)0;
}

#endif
