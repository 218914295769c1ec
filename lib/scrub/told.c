/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords that a sentence or a setting tells: a word for one, what may stand between, and a value
 * that nobody would take for a word. Of languages only the word is known, which is the rule's literal.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/scrub/match.h"
#include "lib/scrub/wordlist.h"

#define REACH 60 /* bytes between the word and its value, at most */
#define WORDS 5	 /* words between, at most; before the value none has a digit */
#define LEAST 6
#define MOST  64

enum told { SPOKEN, GIVEN }; /* GIVEN: a sign or a verb says that what follows is the value */

static bool in(const char *set, unsigned char c)
{
	return c && strchr(set, c);
}

/* What a value is made of. */
struct mix {
	size_t lower, upper, digit, hard, soft, changes, slashes;
};

static int kind_of(unsigned char c)
{
	return isdigit(c) ? 1 : islower(c) ? 2 : isupper(c) ? 3 : in("!@#$%^&*+?~", c) ? 4 : 5;
}

static struct mix mix_of(const unsigned char *v, size_t len)
{
	struct mix m = { 0 };

	for (size_t i = 0; i < len; i++) {
		int kind = kind_of(v[i]);

		m.digit += kind == 1;
		m.lower += kind == 2;
		m.upper += kind == 3;
		m.hard += kind == 4;
		m.soft += kind == 5;
		m.slashes += v[i] == '/' || v[i] == '\\';
		m.changes += i && kind != kind_of(v[i - 1]);
	}
	return m;
}

/* Calls, variables, markup, addresses and the like. */
static bool is_code(const unsigned char *v, size_t len)
{
	const unsigned char *at = memchr(v, '@', len);

	if (in("$%<{[/.-@&*#:=>|+~", v[0]) || memmem(v, len, "://", 3) || memmem(v, len, "${", 2) ||
	    memmem(v, len, "$(", 2) || memmem(v, len, "{{", 2) || memmem(v, len, "&&", 2))
		return true;
	for (size_t i = 0; i < len; i++)
		if (in("(){}[]<>\"`|;,=", v[i]) || v[i] < 0x21 || v[i] >= 0x7f)
			return true;
	/* a@b.c */
	return at && memchr(at, '.', (size_t)(v + len - at));
}

static bool is_value(const unsigned char *v, size_t len, enum told told)
{
	struct mix m;

	if (len < LEAST || len > MOST || is_code(v, len))
		return false;
	m = mix_of(v, len);
	if (!m.digit || m.lower + m.upper < 2 || m.slashes > 1)
		return false;
	if (told == GIVEN && m.hard && m.lower + m.upper + m.digit >= 5 && (m.lower || m.digit > 1))
		return true;
	if (len < 8)
		return false;
	if (m.hard && m.hard <= 3 && (m.upper || m.digit > 1))
		return true;
	if (!m.upper || !m.lower || m.digit < 2 - (told == GIVEN) || (told == SPOKEN && m.soft))
		return false;
	return m.changes * 100 >= len * (told == GIVEN ? 28 : 38);
}

static bool is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Signs and verbs behind which a value stands. */
static bool is_verb(const unsigned char *word, size_t len)
{
	static const char *const verbs[] = { "is", "ist", "es", "est", "lautet", "to", "was", "are", "=", ":",
					     "->", "=>", ":=", "==", "é", "è", "je", "—", "–", "-", "als", "as" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(verbs); i++)
		if (strlen(verbs[i]) == len && strncasecmp((const char *)word, verbs[i], len) == 0)
			return true;
	return false;
}

/* The value's span without quotes and what ends a sentence. */
static void trim(const struct ab_scrub_place *p, size_t *a, size_t *b)
{
	while (*a < *b && in("\"'`([{<*", p->text[*a]))
		++*a;
	while (*b > *a && in("\"'`)]}>*,.;:", p->text[*b - 1]))
		--*b;
}

/* bob:value, of which the value counts. */
static void pass_name(const struct ab_scrub_place *p, size_t *a, size_t b)
{
	for (size_t i = *a; i < b && i - *a < 32; i++) {
		if (p->text[i] == ':' && i > *a && b - i > LEAST) {
			*a = i + 1;
			return;
		}
		if (!isalnum(p->text[i]) && !in("._-", p->text[i]))
			return;
	}
}

static bool is_words(const struct ab_scrub_place *p, size_t a, size_t b)
{
	size_t digits = 0;

	/* db01: a machine. */
	while (digits < 3 && b - a > digits + 1 && b - a < 10 && isdigit(p->text[b - 1 - digits]))
		digits++;
	for (b -= digits; a < b; a++)
		if (isdigit(p->text[a]) || in("{};=<>$\\", p->text[a]))
			return false;
	return true;
}

static bool find_behind(const struct ab_scrub_place *p, size_t at, size_t *start, size_t *end)
{
	size_t hi = p->hi - at > REACH ? at + REACH : p->hi;
	enum told told = in(":=/", p->text[at - 1]) ? GIVEN : SPOKEN;

	for (size_t words = 0; words <= WORDS; words++) {
		size_t a, b;

		for (; at < hi && (is_space(p->text[at]) || in(":=\"'`|>", p->text[at])); at++) {
			if (!is_space(p->text[at]))
				told = GIVEN;
			if (p->text[at] == '\n' && told == SPOKEN)
				return false;
		}
		for (a = b = at; b < p->hi && b - a <= MOST + 8 && !is_space(p->text[b]);)
			b++;
		if (at >= hi || b == a)
			return false;
		at = b;
		if (p->hi - a > 2 && (memcmp(p->text + a, "\xef\xbc\x9a", 3) == 0 ||
				      memcmp(p->text + a, "\xe6\x98\xaf", 3) == 0 ||
				      memcmp(p->text + a, "\xe2\x86\x92", 3) == 0 ||
				      memcmp(p->text + a, "\xe2\x80\xa6", 3) == 0 ||
				      memcmp(p->text + a, "\xe3\x81\xaf", 3) == 0)) {
			told = GIVEN;
			at = a + 3;
			words--;
			continue;
		}
		*start = a;
		*end = b;
		trim(p, start, end);
		pass_name(p, start, *end);
		if (*end > *start && is_value(p->text + *start, *end - *start, told))
			return true;
		told = is_verb(p->text + a, b - a) ? GIVEN : SPOKEN;
		if (told == GIVEN)
			continue;
		if (!is_words(p, a, b) || in(".;!?", p->text[b - 1]))
			return false;
		told = in(":=", p->text[b - 1]) ? GIVEN : SPOKEN;
	}
	return false;
}

/* "Kx92mmVq!7 is the new password" */
static bool find_before(const struct ab_scrub_place *p, size_t at, size_t *start, size_t *end)
{
	bool said = false;

	for (size_t words = 0; words < WORDS; words++) {
		size_t a, b = at;

		while (b > p->lo && p->text[b - 1] == ' ')
			b--;
		for (a = b; a > p->lo && b - a < MOST && !is_space(p->text[a - 1]);)
			a--;
		if (a == b)
			return false;
		at = a;
		if (words && said) {
			*start = a;
			*end = b;
			trim(p, start, end);
			if (*end > *start && is_value(p->text + *start, *end - *start, SPOKEN))
				return mix_of(p->text + *start, *end - *start).hard > 0;
		}
		for (; a < b; a++)
			if (!isalpha(p->text[a]))
				return false;
		said |= b - at == 2 && (strncasecmp((const char *)p->text + at, "is", 2) == 0 ||
					strncasecmp((const char *)p->text + at, "as", 2) == 0);
	}
	return false;
}

/* The anchor is the word; names of variables and other words that go on with it are none. */
bool ab_scrub_match_told(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	unsigned char before = p->at > p->lo ? p->text[p->at - 1] : ' ';
	size_t at = p->end;

	if (isalnum(p->text[p->at]) && (isalnum(before) || before == '_' || before == '-'))
		return false;
	/* "passwords", a case of another language; no "password_file". */
	while (at < p->hi && at - p->end < 12 && (islower(p->text[at]) || p->text[at] >= 0x80) &&
	       isalpha(p->text[at - 1]) && p->text[at] < 0xe2)
		at++;
	if (at < p->hi && in("_-./(", p->text[at]) && isalpha(p->text[at - 1]) && at + 1 < p->hi &&
	    !is_space(p->text[at + 1]) && p->text[at + 1] != '>')
		return false;
	/* Members of JSON by this name have rules of their own, and one finding is enough. */
	if (at == p->end && at + 1 < p->hi && memcmp(p->text + at, "=\n", 2) == 0 && p->end - p->at == 8 &&
	    strncasecmp((const char *)p->text + p->at, "password", 8) == 0)
		return false;
	return find_behind(p, at, start, end) || find_before(p, p->at, start, end);
}

/* Words of a line between a value and the word that says what it was. */
static bool is_filler(const unsigned char *word, size_t len)
{
	static const char fillers[] =
		" is our my the as a an new old live prod production staging yandex grafana mollie vault asana azure "
		"google slack github gitlab stripe intercom oauth auth bot personal service cloud client refresh "
		"deploy api access secret admin private legacy current root master user team app session signing webhook "
		"billing customer backend upload reader writer hashicorp consul nomad twilio notion linear figma npm pypi ";

	return ab_wordlist_has(fillers, (const char *)word, len);
}

static bool is_named(const unsigned char *word, size_t len)
{
	return ab_wordlist_has(" key keys token tokens secret password apikey credential credentials pat passphrase ",
			       (const char *)word, len);
}

/* The anchor is a run of letters and digits; behind it, in a few words, stands that it is a key. */
bool ab_scrub_match_value_word(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t at = p->end, hi = p->hi - at > REACH ? at + REACH : p->hi, words = 0;
	unsigned char before = p->at > p->lo ? p->text[p->at - 1] : ' ';
	bool alone;

	while (at < hi && in("=\"'`)", p->text[at]))
		at++;
	if (at >= hi || p->text[at] != ' ' || isalnum(before) || in("=/", before))
		return false;
	/* s.AFP9cp: one letter and a dot are a part of it, the end of a sentence is not. */
	if (before == '.' && (p->at < p->lo + 2 || (p->at > p->lo + 2 && isalnum(p->text[p->at - 3]))))
		return false;
	*start = p->at - (before == '.' ? 2 : 0);
	*end = p->end;
	alone = !memchr(p->text + *start, '-', *end - *start) && !memchr(p->text + *start, '/', *end - *start);
	while (at < hi && words++ < 7) {
		char word[16];
		size_t n = 0;

		while (at < hi && in(" (", p->text[at]))
			at++;
		while (at < hi && n < sizeof(word) - 1 && isalpha(p->text[at]))
			word[n++] = (char)tolower(p->text[at++]);
		if (!n)
			return false;
		if (is_named((unsigned char *)word, n) && (words > 1 || alone))
			return true;
		if (!is_filler((unsigned char *)word, n))
			return false;
	}
	return false;
}
