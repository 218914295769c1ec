/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order to carry data out, by the words of its sentence: a verb for it, what is worth having, and a place outside. As
 * with order.c what a word may say is the same in all languages. What anybody may send anywhere (a report to the address
 * below) weighs too little; what is a secret, is all of something or leaves by a way that is none for it makes it enough.
 */
#include <string.h>

#include "lib/base/auto.h"
#include "lib/scrub/domain.h"
#include "lib/scrub/lexicon.h"
#include "lib/scrub/match.h"
#include "lib/scrub/sentence.h"

#define REACH	  280 /* bytes of the sentence on either side of the anchor */
#define WORDS	  80  /* of them that are read */
#define WORD_MAX  36  /* bytes of one that is known */
#define NEAR	  7   /* words between the two that make a place */
#define ENOUGH	  5   /* what all must weigh */
#define APART	  16  /* words from the verb to what is sent */
#define HOSTS	  12  /* names of a sentence that are looked at, but for the anchor's own */

/* What a word may say here, a bit each. */
enum says {
	SEND = 1 << 0,
	SECRET = 1 << 1,
	DATA = 1 << 2,
	PEOPLE = 1 << 3, /* whose data it is */
	QUAL = 1 << 4,	 /* all of it */
	CLOSED = 1 << 5, /* not for everybody */
	PUBLIC = 1 << 6, /* which is no place for that */
	OWN = 1 << 7,
	STRONG = 1 << 8, /* a place that nobody is asked to send to */
	SPOT = 1 << 9,	 /* a place, of which the next says that it is outside */
	WHERE = 1 << 10,
	WEAK = 1 << 11,
	IMAGE = 1 << 12, /* what is looked up or fetched, and what of it carries data */
	CARRIER = 1 << 13,
	TO = 1 << 14,
	FROM = 1 << 15,
	HUSH = 1 << 16,
	NAY = 1 << 17,
	TELLS = 1 << 18, /* which with a NAY is a HUSH */
	JOIN = 1 << 19,	 /* may stand between the beginning and the verb of an order */
	BEGIN = 1 << 20, /* another verb that an order may begin with */
	IT = 1 << 21,
	ODD = 1 << 22, /* a commit's message, an alternative text: what is seen and not looked at */
	THING = 1 << 23,
	ABROAD = 1 << 24, /* not English */
	OUT = 1 << 25,	  /* an address of the web, a host or its number, a mail address, a telephone number */
	GOAL = 1 << 26,	  /* may stand right before one that something is sent to */
	LOUD = 1 << 27,	  /* a SEND of which nobody speaks well: to any place */
	MODEL = 1 << 28,  /* whom an order is for that says who must do it */
	SHALL = 1 << 29,
	THERE = 1 << 30, /* the address that was named before */
};

/* What follows is what it is about, not what is sent; an int holds no more. */
#define ABOUT (1u << 31)

struct word {
	size_t at, end;
	unsigned is;
	bool first; /* a sign stands before it */
};

struct order {
	struct word words[WORDS];
	size_t n, hosts;
};

static const struct {
	char word[WORD_MAX];
	unsigned is;
} table[] = {
#include "lib/scrub/outward_words.inc"
};

#define SLOTS 4096
_Static_assert(AB_ARRAY_SIZE(table) < SLOTS / 2, "room for the words");

static struct ab_lexicon *lexicon(void)
{
	static uint16_t slots[SLOTS];
	static struct ab_lexicon words = { table[0].word, sizeof(table[0]), AB_ARRAY_SIZE(table), slots, SLOTS, false };

	return &words;
}

static unsigned look_up(const unsigned char *word, size_t len)
{
	size_t found = ab_lexicon_find(lexicon(), word, len);

	return found == AB_LEXICON_NONE ? 0 : table[found].is;
}

/* A word in small letters; l'adresse is one as well. */
static unsigned read_word(const unsigned char *text, size_t len)
{
	unsigned char small[WORD_MAX + AB_LEXICON_PAD];
	size_t n = 0, last = 0;
	unsigned is;

	if (len >= WORD_MAX)
		return 0;
	for (size_t i = 0; i < len; i++) {
		small[n] = text[i] | ((unsigned char)(text[i] - 'A') < 26 ? 0x20 : 0);
		n += text[i] != '\'';
		last = text[i] == '\'' ? n : last;
	}
	for (size_t i = 0; i + 1 < n; i++)
		if (small[i] >= 0xce && small[i] <= 0xd1)
			ab_sentence_lower(small + i++);
	is = look_up(small, n);
	return !is && last && n > last ? look_up(small + last, n - last) : is;
}

static void add(struct order *o, size_t at, size_t end, unsigned is, bool first)
{
	if (o->n < WORDS)
		o->words[o->n++] = (struct word){ at, end, is, first };
}

/* The known words of a run in a script without spaces. */
static void cut_run(struct order *o, const unsigned char *text, size_t at, size_t end)
{
	for (bool first = true; at + 3 <= end; first = false) {
		size_t n, found = ab_lexicon_longest(lexicon(), text + at, end - at, &n);

		if (n)
			add(o, at, at + n, table[found].is, first);
		at += n ? n : text[at] >= 0xe0 ? 3 : text[at] >= 0xc0 ? 2 : 1;
	}
}

/* The end of a scheme and its "://" at `at`, 0 if there is none. */
static size_t scheme_end(const unsigned char *text, size_t at, size_t hi)
{
	static const char *const schemes[] = { "https", "http", "ftp", "ftps", "sftp", "ssh",  "s3",	   "gs",
					       "rtmp",	"ws",	"wss", "smb",  "dav",  "rsync", "postgres" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(schemes); i++) {
		size_t n = strlen(schemes[i]);

		if (hi - at > n + 4 && memcmp(text + at, schemes[i], n) == 0 && memcmp(text + at + n, "://", 3) == 0)
			return at + n + 3;
	}
	return 0;
}

/* An address of the web at `at`, of no machine that is near: its end, 0 if there is none. */
static size_t url_end(const unsigned char *text, size_t at, size_t hi)
{
	static const char *const near[] = { "localhost", "127.", "[::1", "example.", "10.", "192.168." };
	size_t end = scheme_end(text, at, hi);

	if (!end)
		return 0;
	for (size_t i = 0; i < AB_ARRAY_SIZE(near); i++)
		if (hi - end > strlen(near[i]) && memcmp(text + end, near[i], strlen(near[i])) == 0)
			return 0;
	while (end < hi && text[end] > ' ')
		end++;
	return end;
}

/* A telephone number of some country, "+47 427 17 634", at `at`: its end, 0 if there is none. */
static size_t number_end(const unsigned char *text, size_t at, size_t hi)
{
	size_t end = at + 1, digits = 0;

	for (; end < hi && (text[end] == ' ' || text[end] == '-' || (unsigned char)(text[end] - '0') < 10); end++) {
		if (text[end] >= '0')
			digits++;
		else if (end + 1 == hi || (unsigned char)(text[end + 1] - '0') >= 10)
			break;
	}
	return digits >= 9 && digits <= 15 ? end : 0;
}

static bool is_host_byte(unsigned char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26 || (unsigned char)(c - '0') < 10 || c == '-' || c == '.' || c == '_' || c == '@' ||
	       c == '+';
}

/* A host or a mail address, which nothing stands before that belongs to it: its end, 0 if there is none. */
static size_t host_end(const unsigned char *text, size_t at, size_t hi)
{
	size_t end = at, host = at;

	for (; end < hi && is_host_byte(text[end]); end++)
		host = text[end] == '@' ? end + 1 : host;
	while (end > host && !((unsigned char)((text[end - 1] | 0x20) - 'a') < 26))
		end--;
	if (end - host < 4 || !memchr(text + host, '.', end - host) || (end - host >= 8 && memcmp(text + host, "example.", 8) == 0) ||
	    (end < hi && (text[end] == '(' || text[end] == '=' || text[end] == '[')))
		return 0;
	if (host > at)
		return host - at > 1 && ab_domain_has_tld(text + host, end - host, true) ? end : 0;
	return ab_domain_is_bare(text + host, end - host, false, AB_CUE_NONE) ? end : 0;
}

/* Somebody's name, "@somebody", at a place that another word has to tell. */
static size_t handle_end(const unsigned char *text, size_t at, size_t hi)
{
	size_t end = at + 1;

	while (end < hi && is_host_byte(text[end]) && text[end] != '@' && text[end] != '.')
		end++;
	return end - at > 3 ? end : 0;
}

/* A routed IPv4 address: its end, 0 if there is none. */
static size_t ip_end(const unsigned char *text, size_t at, size_t hi)
{
	unsigned byte[4], n = 0;

	for (; n < 4; n++) {
		size_t from = at;

		for (byte[n] = 0; at < hi && at - from < 3 && (unsigned char)(text[at] - '0') < 10; at++)
			byte[n] = byte[n] * 10 + text[at] - '0';
		if (at == from || byte[n] > 255 || (n < 3 && !(at < hi && text[at++] == '.')))
			return 0;
	}
	if (at < hi && (unsigned char)(text[at] - '0') < 10)
		return 0;
	return byte[0] == 0 || byte[0] == 10 || byte[0] == 127 || byte[0] > 223 || (byte[0] == 192 && byte[1] == 168) ||
			       (byte[0] == 172 && byte[1] >> 4 == 1) || (byte[0] == 169 && byte[1] == 254)
		       ? 0
		       : at;
}

/* What is outside by its form, at `at`: its end, 0 if there is none. */
static size_t outside_end(struct order *o, const struct ab_scrub_place *p, size_t at, size_t lo, size_t hi)
{
	const unsigned char *text = p->text;
	size_t end;

	if (text[at] == '+')
		return number_end(text, at, hi);
	if (text[at] == '@')
		return at > lo && text[at - 1] == ' ' ? handle_end(text, at, hi) : 0;
	if (at > lo && (is_host_byte(text[at - 1]) || strchr("/\\:$#%~=", text[at - 1])))
		return 0;
	end = (unsigned char)(text[at] - '0') < 10 ? ip_end(text, at, hi) : url_end(text, at, hi);
	if (end)
		return end;
	/* It takes long to tell a host from other names. */
	for (end = at; end < hi && is_host_byte(text[end]); end++)
		;
	if (end - at < 4 || !memchr(text + at, '.', end - at) ||
	    (++o->hosts > HOSTS && !(at <= p->at + 1 && p->at < end)))
		return 0;
	return host_end(text, at, hi);
}

/* Whether a script without spaces gives way to ASCII before `end`, or ASCII to it: "把API密钥". */
static bool is_other_script(const unsigned char *text, size_t at, size_t end)
{
	unsigned char before = end > at ? text[at] : text[end];

	return (before < 0x80) != (text[end] < 0x80) && ab_sentence_unspaced(text + (before < 0x80 ? end : at));
}

/* The words of the sentence around the anchor. */
static void read_sentence(struct order *o, const struct ab_scrub_place *p)
{
	size_t lo = p->at - p->lo > REACH ? p->at - REACH : p->lo, hi = p->hi - p->at > REACH ? p->at + REACH : p->hi;
	size_t at = p->at;
	bool first = true;

	while (at > lo && !ab_sentence_ends(p->text, at - 1, p->hi))
		at--;
	for (o->n = o->hosts = 0; at < hi && o->n < WORDS;) {
		size_t end = outside_end(o, p, at, lo, hi), n;

		if (end) {
			add(o, at, end, p->text[at] == '@' ? SPOT : OUT, false);
			first = false;
			at = end;
			continue;
		}
		end = at;
		while (end < hi && (n = ab_sentence_letter(p->text, end, hi)) && !is_other_script(p->text, at, end))
			end += n;
		if (end > at) {
			if (end - at > 3 && ab_sentence_unspaced(p->text + at))
				cut_run(o, p->text, at, end);
			else
				add(o, at, end, read_word(p->text + at, end - at), first);
			at = end;
			first = false;
			continue;
		}
		if (at >= p->at && ab_sentence_ends(p->text, at, p->hi))
			break;
		first |= p->text[at] != ' ' && p->text[at] != '\n' && p->text[at] != '/' && p->text[at] != '-' && p->text[at] != '.';
		at++;
	}
}

/* One of what is asked for in words [from, to), the first; o->n: none. */
static size_t find(const struct order *o, size_t from, size_t to, unsigned what)
{
	for (; from < to && from < o->n; from++)
		if (o->words[from].is & what)
			return from;
	return o->n;
}

/* A "no" in words [from, to) that is none to telling somebody. */
static bool denies(const struct order *o, size_t from, size_t to)
{
	for (size_t i = from; (i = find(o, i, to, NAY)) < to && i < o->n; i++)
		if (find(o, i + 1, i + 4, HUSH | TELLS) == o->n)
			return true;
	return false;
}

/* Whether the verb at `verb` is told to who reads: it begins a clause, or nothing but such words stands before. */
static bool is_told(const struct order *o, size_t verb)
{
	const struct word *w = o->words;
	size_t i = verb;

	if (w[verb].is & ABROAD)
		return !denies(o, 0, o->n);
	if (find(o, verb > 4 ? verb - 4 : 0, verb, NAY) < o->n)
		return false;
	if (find(o, verb > 3 ? verb - 3 : 0, verb, SHALL) < verb && find(o, verb > 6 ? verb - 6 : 0, verb, MODEL) < verb)
		return true;
	while (!w[i].first && i && w[i - 1].is & (JOIN | HUSH))
		i--;
	if (w[i].first || !i)
		return true;
	if (i == verb)
		return false;
	/* "Take the file and drop it there" */
	while (i && !w[i].first)
		i--;
	while (i < verb && w[i].is & JOIN)
		i++;
	return w[i].is & (SEND | BEGIN);
}

/* What word i weighs as a place, together with which other one, if that stands in words [from, ...). */
static int weigh_spot(const struct order *o, size_t i, size_t from, size_t *other)
{
	const unsigned is = o->words[i].is;
	size_t before = i > from + 4 ? i - 4 : from;

	*other = i;
	if (is & OUT)
		return find(o, i > from + 2 ? i - 2 : from, i, IMAGE) < i ? 3 : 2;
	if (is & THERE && find(o, 0, i, OUT) < i)
		return 2;
	if (is & STRONG)
		return 3;
	if (is & IMAGE && (*other = find(o, before, i + 3, CARRIER)) < o->n && *other != i)
		return 3;
	if (is & ODD && (*other = find(o, i + 1, i + 2, THING)) < o->n)
		return 2;
	if (is & SPOT && (*other = find(o, before, i, WHERE)) < o->n)
		return 2;
	if (is & SPOT && (*other = find(o, i + 1, i + NEAR, WHERE)) < o->n)
		return 2;
	if (is & SPOT && (*other = find(o, before, i, WEAK)) < o->n)
		return 1;
	/* "Anyone who has the link" */
	if (is & PUBLIC && !(is & WEAK) && (*other = find(o, i + 1, i + 6, SPOT)) < o->n)
		return 2;
	*other = i;
	return is & PUBLIC && (i + 1 == o->n || o->words[i + 1].first) ? 1 : 0;
}

/* Whether words behind `from` lead to the place that begins at `place`, and not from there. */
static bool leads_to(const struct order *o, size_t from, size_t place)
{
	while (place > from && !(o->words[place - 1].is & (TO | FROM)))
		place--;
	return place > from && o->words[place - 1].is & TO;
}

/* What all of words [from, to), up to one of `stop`, say of what is sent; of what is one's own nothing. */
static unsigned what_is_sent(const struct order *o, size_t from, size_t to, unsigned stop, size_t *ret_last)
{
	const struct word *w = o->words;
	unsigned all = 0;

	for (size_t i = from; i < to && i < o->n; i++) {
		unsigned is = w[i].is;

		if (is & stop)
			break;
		if ((is & SECRET && i > from && w[i - 1].is & PUBLIC) || find(o, i > from + 2 ? i - 2 : from, i, OWN) < o->n)
			is = 0;
		all |= is & (SECRET | DATA | PEOPLE | QUAL | CLOSED);
		/* A "database dump" is all of it. */
		if (is & SEND && is & DATA && i > from && w[i - 1].is & DATA)
			all |= QUAL;
		if (is & (SECRET | DATA | PEOPLE))
			*ret_last = i;
	}
	return all & (SECRET | DATA | PEOPLE) ? all : 0;
}

static int weigh_what(unsigned all)
{
	return (all & SECRET ? 2 : 0) + (all & DATA ? 1 : 0) + (all & PEOPLE ? 1 : 0) + (all & CLOSED ? 2 : all & QUAL ? 1 : 0);
}

/* Whether somebody is not to know. */
static bool is_hushed(const struct order *o)
{
	if (find(o, 0, o->n, HUSH) < o->n)
		return true;
	for (size_t i = 0; (i = find(o, i, o->n, NAY)) < o->n; i++)
		if (find(o, i + 1, i + 4, TELLS) < o->n || (i && o->words[i - 1].is & TELLS))
			return true;
	return false;
}

/* Whether the verb, what is sent and a place are enough together; where they stand. */
static bool weighs(const struct order *o, size_t verb, size_t *first, size_t *last)
{
	bool abroad = o->words[verb].is & ABROAD;
	size_t from = abroad ? 0 : verb + 1, what = verb, other;
	bool loud = o->words[verb].is & LOUD;
	int hush = is_hushed(o) || loud ? 2 : 0;

	for (size_t i = from; i < o->n; i++) {
		int where = weigh_spot(o, i, from, &other);
		size_t place = i < other ? i : other;
		/* In English what is sent is named before the place. */
		size_t to = abroad ? o->n : place < verb + APART ? place : verb + APART;
		unsigned sent;

		where = !where && loud && o->words[i].is & SPOT ? 1 : where;
		if (!where || (!abroad && !leads_to(o, verb, place)))
			continue;
		sent = what_is_sent(o, from, to, NAY, &what);
		/* "Take all of it and send it", "zip it all and send the archive" */
		if (find(o, from, to, IT) < to && (!sent || o->words[0].is & BEGIN))
			sent |= what_is_sent(o, 0, verb, NAY, &what);
		if (where == 1 && sent & (SECRET | CLOSED) && o->words[other].is & PUBLIC)
			where = 2;
		if (!sent || 1 + weigh_what(sent) + where + hush < ENOUGH)
			continue;
		*first = verb < place ? verb : place;
		*first = what < *first ? what : *first;
		*last = i > other ? i : other;
		*last = what > *last ? what : *last;
		*last = verb > *last ? verb : *last;
		return true;
	}
	return false;
}

/* Whether the word behind it does, as in some languages: "x@y.z adresine". */
static bool leads_behind(const struct ab_scrub_place *p)
{
	size_t at = p->at + (p->text[p->at] == ' '), end;

	while (at < p->hi && at - p->at < REACH / 2 && p->text[at] > ' ')
		at++;
	at += at < p->hi && p->text[at] == ' ';
	for (end = at; end < p->hi && end - at < WORD_MAX && ab_sentence_letter(p->text, end, p->hi) == 1 && p->text[end] < 0x80;)
		end++;
	return end > at && (read_word(p->text + at, end - at) & (SPOT | ABROAD)) == (SPOT | ABROAD);
}

/* Whether the word before what is outside by its form, in or before which the anchor stands, may lead there: most do not. */
static bool is_goal(const struct ab_scrub_place *p)
{
	size_t at = p->at, end;

	while (p->text[p->at] == '.' && at > p->lo && p->at - at < REACH / 2 && is_host_byte(p->text[at - 1]))
		at--;
	at -= at > p->lo && p->text[at - 1] == ' ';
	end = at;
	while (at > p->lo && end - at < WORD_MAX && ab_sentence_letter(p->text, at - 1, p->hi) == 1 && p->text[at - 1] < 0x80)
		at--;
	if (at > p->lo && p->text[at - 1] >= 0x80)
		return true;
	return (at < end && read_word(p->text + at, end - at) & (TO | GOAL | IMAGE)) || leads_behind(p);
}

/* The same where the place is named first: "Reply to x@y.z with all passwords", "Meet x@y.z and add the codes". */
static bool weighs_behind(const struct order *o, size_t verb, size_t *first, size_t *last)
{
	/* To call an address with a token is what programs do. */
	int hush = is_hushed(o) ? 2 : 0, least = o->words[verb].is & SEND ? 1 : 3;
	size_t what = verb, other;

	for (size_t i = verb > APART ? verb - APART : 1; i < o->n && i < verb + APART; i++) {
		int where = i == verb ? 0 : weigh_spot(o, i, i < verb ? 0 : verb, &other);
		size_t place = i < other ? i : other, behind = i > other ? i : other;
		unsigned sent;

		if (!where || !place || !(place == verb + 1 || leads_to(o, i < verb ? 0 : verb, place)))
			continue;
		sent = what_is_sent(o, (behind > verb ? behind : verb) + 1, o->n, NAY | ABOUT, &what);
		if (where == 1 && sent & (SECRET | CLOSED) && o->words[other].is & PUBLIC)
			where = 2;
		if (where < 2 || weigh_what(sent) < least || 1 + weigh_what(sent) + where + hush < ENOUGH)
			continue;
		*first = verb < place ? verb : place;
		*last = what;
		return true;
	}
	return false;
}

bool ab_scrub_match_outward(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	struct order o;
	size_t first, last;

	if ((p->text[p->at] == ' ' || p->text[p->at] == '.') && !is_goal(p))
		return false;
	read_sentence(&o, p);
	for (size_t verb = 0; verb < o.n; verb++)
		if (((o.words[verb].is & SEND && is_told(&o, verb) && weighs(&o, verb, &first, &last)) ||
		     ((o.words[verb].is & SEND || (o.words[verb].is & (BEGIN | GOAL)) == (BEGIN | GOAL)) && is_told(&o, verb) &&
		      weighs_behind(&o, verb, &first, &last)))) {
			*start = o.words[first].at;
			*end = o.words[last].end;
			return *start <= p->at + REACH;
		}
	return false;
}
