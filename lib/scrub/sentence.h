/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: the words of a sentence, and what each of them may say in an order to a model. */
#ifndef AB_SCRUB_SENTENCE_H
#define AB_SCRUB_SENTENCE_H

#include "lib/scrub/policy.h"

#define AB_SENTENCE_WORDS 64 /* that are read */

typedef uint64_t said_as; /* what a word may say, a bit each */

#define DROP	((said_as)1 << 0)  /* ignore, override */
#define FIRM	((said_as)1 << 1)  /* and with DROP, RULE, SHOW, VOID, ACT: seldom said of anything else */
#define FOLLOW	((said_as)1 << 2)  /* which with a NOT is a DROP */
#define NOT	((said_as)1 << 3)
#define RULE	((said_as)1 << 4)  /* instructions, rules */
#define YOUR	((said_as)1 << 5)
#define PREV	((said_as)1 << 6)  /* previous, above */
#define ALL	((said_as)1 << 7)
#define SYS	((said_as)1 << 8)  /* of the system, the developer; hidden */
#define YOU	((said_as)1 << 9)
#define GIVEN	((said_as)1 << 10) /* told, received */
#define SHOW	((said_as)1 << 11)
#define PROMPT	((said_as)1 << 12)
#define BE	((said_as)1 << 13) /* are, become, pretend */
#define FREE	((said_as)1 << 14) /* unfiltered */
#define WITHOUT ((said_as)1 << 15)
#define LIMIT	((said_as)1 << 16) /* what somebody who is free is without */
#define AI	((said_as)1 << 17) /* a model */
#define VOID	((said_as)1 << 18) /* cancelled, lifted */
#define APPLY	((said_as)1 << 19) /* which with a NOT is a VOID */
#define OTHER	((said_as)1 << 20) /* before a verb: it is told of others, not ordered */
#define TELL	((said_as)1 << 21)
#define USER	((said_as)1 << 22)
#define MSG	((said_as)1 << 23) /* a message, which one of the system is a prompt */
#define ACT	((said_as)1 << 24) /* send, delete: what an agent can do */
#define TRIG	((said_as)1 << 25) /* what it is at when it reads: summarise */
#define STEALTH ((said_as)1 << 26)
#define ME	((said_as)1 << 27) /* for whom */
#define MUST	((said_as)1 << 28)
#define ASSET	((said_as)1 << 29) /* what is worth having */
#define TOOL	((said_as)1 << 30)
#define ON	((said_as)1 << 31) /* enable, enter */
#define MODE	((said_as)1 << 32)
#define WHEN	((said_as)1 << 33)
#define SAYS	((said_as)1 << 34) /* answer, act */
#define ROLE	((said_as)1 << 35) /* whom it may play */
#define FOREIGN ((said_as)1 << 36) /* not English */
#define KNOWN	((said_as)1 << 37) /* has been looked up */
#define WHAT	((said_as)1 << 38) /* what, everything: that may have been told */
#define BOSS	((said_as)1 << 39) /* who gave it its rules */
#define KEEP	((said_as)1 << 40) /* remember */
#define LATER	((said_as)1 << 41) /* what is yet to come */
#define CLAIM	((said_as)1 << 42) /* trusted, approved: what a memory should not say of others */
#define ENDS	((said_as)1 << 43) /* put at an end of something */
#define AGREED	((said_as)1 << 45)
#define ONLY	((said_as)1 << 46)
#define MINE	((said_as)1 << 47) /* of who writes the text, or of the text; not English */
#define MORE	((said_as)1 << 48) /* no longer, which with a NOT it makes; not English */
#define OF	((said_as)1 << 49) /* before the noun that the rules are those of; not English */
#define WARE	((said_as)1 << 44) /* a link, a phrase */
#define SINCE	((said_as)1 << 50) /* from now on; this and the next two not English */
#define THOU	((said_as)1 << 51) /* YOU, as nobody calls a customer */
#define LITERAL ((said_as)1 << 52) /* word for word, or the line up to which; without FIRM also of other things */

struct ab_said {
	size_t at, end;
	said_as is;
};

struct ab_sentence {
	const unsigned char *text;
	struct ab_said words[AB_SENTENCE_WORDS];
	size_t n, here; /* the word of the anchor */
};

/* Reads the words of the sentence around the place's anchor; false: there are too few. */
bool ab_sentence_read(struct ab_sentence *ret, const struct ab_scrub_place *place);

/* Looks word i up. */
said_as ab_sentence_look_up(struct ab_sentence *sentence, size_t i);

/* What word i may say. */
static inline said_as ab_sentence_is(struct ab_sentence *sentence, size_t i)
{
	said_as is = sentence->words[i].is;

	return is ? is : ab_sentence_look_up(sentence, i);
}

/* Bytes of a letter or digit at `at`, 0: something else stands there. The text ends at `hi`. */
size_t ab_sentence_letter(const unsigned char *text, size_t at, size_t hi);

/* Whether the byte at `at` ends a sentence. */
bool ab_sentence_ends(const unsigned char *text, size_t at, size_t hi);

/* Whether a script without spaces is written there: Thai, kana, ideographs, Hangul. */
bool ab_sentence_unspaced(const unsigned char *p);

/* A capital of the Cyrillic or Greek alphabet, two bytes, as a small letter. */
void ab_sentence_lower(unsigned char *c);

#endif
