/* SPDX-License-Identifier: Apache-2.0 */
/* lib/scrub/shape.c against PCRE2: whatever a pattern matches its shape allows, shipped rules' examples
 * and what is made of them included. */
#include "tests/unit/tap.h"

#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/hold.h"
#include "lib/regex/regex.h"
#include "lib/scrub/follow.h"
#include "lib/scrub/need.h"
#include "lib/scrub/policy.h"
#include "lib/scrub/prefix.h"
#include "lib/scrub/shape.h"
#include "lib/scrub/step.h"

#define TEXT  600
#define TEXTS 1500

struct sample {
	unsigned char before[32]; /* what a loop may read there */
	unsigned char text[TEXT + AB_SHAPE_PAD];
	size_t len;
};

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* What every loop says of a text, and from where on in *from; *ret_agree: all say the same. */
static bool shape_allows(const struct ab_shape *shape, const struct sample *s, size_t *from, size_t last,
			 bool *ret_agree)
{
	size_t begin = *from, at = begin;
	struct ab_shape_room room;
	unsigned effort = 0;
	struct ab_shape_text t = { s->text, s->len, AB_SIMD_PLAIN };
	enum ab_shape_answer answer = ab_shape_allows(shape, &t, from, last, &room, &effort);

	for (t.simd = AB_SIMD_AVX2; t.simd <= ab_simd_best(); t.simd++, at = begin)
		if (ab_shape_allows(shape, &t, &at, last, &room, &effort) != answer || (answer != AB_SHAPE_NO && at != *from))
			*ret_agree = false;
	return answer != AB_SHAPE_NO;
}

/* Bytes of the pattern itself, of which it has much to say, and some others. */
static void make_text(struct sample *s, const char *pattern, uint32_t *seed)
{
	static const char others[] = "ab xyz_-01\n@ \xc3\xa9";
	size_t n = strlen(pattern);

	s->len = next_random(seed) % 60;
	for (size_t i = 0; i < s->len; i++) {
		unsigned char c = (unsigned char)pattern[next_random(seed) % n];

		if (next_random(seed) % 3 == 0)
			c = (unsigned char)others[next_random(seed) % (sizeof(others) - 1)];
		s->text[i] = next_random(seed) % 16 == 0 && c >= 'a' && c <= 'z' ? c ^ 0x20 : c;
	}
	/* What stands behind the text must not count. */
	memset(s->text + s->len, 'a', AB_SHAPE_PAD);
}

struct pattern {
	struct ab_shape *shape, *sharp;
	struct ab_regex *search, *anchored;
};

static bool open_pattern(struct pattern *p, const char *text, bool caseless)
{
	unsigned flags = AB_REGEX_BYTES | AB_REGEX_SELDOM | (caseless ? AB_REGEX_CASELESS : 0);
	struct ab_err err = { 0 };

	p->shape = ab_shape_read(text, caseless, &err);
	p->sharp = ab_shape_read(text, caseless, &err);
	p->search = ab_regex_compile(text, strlen(text), flags, &err);
	p->anchored = ab_regex_compile(text, strlen(text), flags | AB_REGEX_ANCHORED, &err);
	return p->shape && p->sharp && ab_shape_sharpen(p->sharp, &err) == 0 && p->search && p->anchored;
}

static void close_pattern(struct pattern *p)
{
	ab_shape_free(p->shape);
	ab_shape_free(p->sharp);
	ab_regex_free(p->search);
	ab_regex_free(p->anchored);
}

/* A sharpened shape says the same; it may know more where the other one runs out of patience. */
static bool allows(const struct pattern *p, const struct sample *s, size_t *from, size_t last, bool *ret_agree)
{
	size_t at = *from;
	bool plain = shape_allows(p->shape, s, &at, last, ret_agree);
	bool sharp = shape_allows(p->sharp, s, from, last, ret_agree);

	*ret_agree &= plain || !sharp;
	return sharp;
}

/* What is asked of the first three bytes of a match before all else. */
static bool begins(const struct pattern *p, const struct sample *s, size_t from)
{
	return s->len - from < AB_SIGN_AHEAD || (ab_shape_may_begin(p->shape, s->text, from) &&
						 ab_shape_may_begin(p->sharp, s->text, from));
}

/* What is told of the bytes around the first few of a match. */
static bool is_followed(const struct pattern *p, const struct sample *s, const size_t span[2], uint32_t *seed)
{
	size_t len = next_random(seed) % (span[1] - span[0] + 1);
	struct ab_follow follow;

	return !ab_shape_follow(p->shape, s->text + span[0], len, &follow) ||
	       ab_follow_fits(&follow, s->text, span[0], span[0] + len);
}

/* Counts texts that were refused, and in *wide those that were allowed for nothing. */
static bool holds_for(const struct pattern *p, const struct sample *s, uint32_t *seed, size_t *refused,
		      size_t *wide)
{
	size_t from = s->len ? next_random(seed) % s->len : 0, told = from, span[2];
	const char *text = (const char *)s->text;
	bool agree = true, allowed;
	enum ab_regex_verdict verdict;

	if (next_random(seed) % 2) {
		allowed = allows(p, s, &told, s->len, &agree);
		verdict = ab_regex_search(p->search, text, s->len, from, span, 1);
		agree &= verdict != AB_REGEX_YES || span[0] >= told; /* nothing begins before */
	} else {
		allowed = allows(p, s, &told, from, &agree);
		verdict = ab_regex_match_at(p->anchored, text, s->len, from, span, 1);
		agree &= verdict != AB_REGEX_YES || (begins(p, s, from) && is_followed(p, s, span, seed));
	}
	*refused += !allowed;
	*wide += allowed && verdict == AB_REGEX_NO;
	return agree && (allowed || verdict != AB_REGEX_YES);
}

static void test_patterns(struct tap *t)
{
	static const struct {
		const char *pattern;
		bool known, exact; /* exact: it allows nothing else */
	} cases[] = {
		{ "abc", true, true },
		{ "\\bab?\\b", true, true },
		{ "a\\B", true, true },
		{ "(?:ab|ax|a)(?:b|x){2}", true, true },
		{ "(?:a|b|x|y)z", true, true },
		{ "(?:ab|ay|xa|)z", true, true },
		{ "(?:a|b|)+z", false, false },
		{ "a{2}b{1,3}x{0,}y{0}", true, true },
		{ "(?:ab){2,3}(?:xy)*z+", true, true },
		{ "(?:a[bx]?){0,2}y", true, true },
		{ "[abx]{1,4}b", true, true },
		{ "[a-c]+?ab", true, true },
		{ "(?:[ab]+x?)+y", true, true },
		{ "(?<![a-z])ab", true, true },
		{ "(?<=[a-z ])ab|(?<=_)x", true, true },
		{ "(?<=ab)x", true, false },
		{ "(?<!ab)x", true, false },
		{ "a(?=b|x)\\w", true, true },
		{ "a(?![bx]|za)\\w", true, true },
		{ "(?!ab)[a-z]b", true, true },
		{ "a(?!.b)\\w", true, false },
		{ "a(?!b++b)\\w", true, false },
		{ "a(?!(?:b|xx){0,60}y)[a-z]", true, false },
		{ "(?:(?i)x|y)a(?!b)[Bx]", true, false },
		{ "\\b[@-]a|\\b$", true, true },
		{ "x(?:ab){0}y", true, true },
		{ "(?:[ab]x?y?){1,60}z", true, false },
		{ "^a|b$|\\Ax|y\\z|z\\Z", true, true },
		{ "a\\s*\\S\\d?\\D\\W*x", true, true },
		{ "\\x61\\x{62}", false, false },
		{ "[\\x61-c]\\xc3", true, true },
		{ "(a|b)x\\1", true, false },
		{ "a++b", true, true },
		{ "a(?>ab|a)b", true, false },
		{ "(?-i:a)b", true, false },
		{ "(?i)ab", true, false },
		{ "(?i:a)b", true, false },
		{ "(?m)^a", false, false },
		{ "a(?#x)b", false, false },
		{ "\\Qab\\E", false, false },
		{ "[[:alpha:]]b", false, false },
		{ "a{,3}b", false, false },
		{ "(?<n>a)b", false, false },
		{ "(*ACCEPT)a", false, false },
		{ "a{x", true, true },
		{ "x*", true, true },
		{ "(?:ab){200}", true, true },
		{ "(?:[ab]{1,3}x){1,60}y", true, false },
		{ "\\W\\w+\\W(?:ab|x|yz|_)?\\W", true, true },
		{ "(?:ax|bx|cx|dx|ex|fx|gx|hx|ix|jx|kx|lx|mx|nx|ox|px|qx|rx|sx|tx|ux|vx|wx|xx|yx|zx|0x|1x|2x|3x|4x|5|6x|7x|"
		  "5a|7x?x)\\|", true, true },
		{ "[bx](?i)[bx]", true, false },
		{ "x[ab]{1,4}(?![ab])", true, true },
		{ "x[ab]*(?![bx]|za)[a-z]", true, true },
		{ "x(?:a[ab]{1,3}|b)\\b", true, true },
		{ "\\W[ab]*\\b.", true, true },
		{ "x[b@]{1,3}\\b", true, true },
	};
	uint32_t seed = 11;

	for (size_t i = 0; i < 2 * AB_ARRAY_SIZE(cases); i++) {
		const char *pattern = cases[i / 2].pattern;
		struct pattern p = { 0 };
		size_t refused = 0, wide = 0;
		bool holds = open_pattern(&p, pattern, i % 2);
		bool known = holds && ab_shape_any(p.shape);
		struct sample s = { 0 };

		for (int k = 0; holds && k < TEXTS; k++) {
			make_text(&s, pattern, &seed);
			holds = holds_for(&p, &s, &seed, &refused, &wide);
		}
		tap_ok(t, holds && known == cases[i / 2].known && (!cases[i / 2].exact || !wide) &&
				  (!known || refused || strcmp(pattern, "x*") == 0),
		       "shape of %s: %zu refused, %zu for nothing", pattern, refused, wide);
		close_pattern(&p);
	}
}

/* A group that is counted further than it is spelled out forbids nothing by being ahead. */
static void test_wide(struct tap *t)
{
	struct pattern p = { 0 };
	struct sample s = { .len = 72 };
	size_t refused = 0, wide = 0;
	uint32_t seed = 1;
	bool holds = open_pattern(&p, "a(?!(?:b|xx){0,60}y)[a-z]", false);

	memset(s.text, 'b', s.len);
	for (size_t i = 0; holds && i < 400; i++) {
		s.text[i % 8] = 'a';
		s.text[65 + i % 7] = 'y';
		holds = holds_for(&p, &s, &seed, &refused, &wide);
		s.text[i % 8] = s.text[65 + i % 7] = 'b';
	}
	tap_ok(t, holds && refused, "a long way ahead: %zu refused", refused);
	close_pattern(&p);
	p = (struct pattern){ 0 };
	holds = open_pattern(&p, "(?:[ab]y?y?){1,60}z", false);
	s.text[50] = 'z';
	refused = wide = 0;
	for (size_t i = 0; holds && i < 400; i++)
		holds = holds_for(&p, &s, &seed, &refused, &wide);
	tap_ok(t, holds && refused < 400, "a long way to the end: %zu refused", refused);
	close_pattern(&p);
}

/* A few bytes of an example lost, doubled or changed. */
static void change(struct sample *s, const char *example, uint32_t *seed)
{
	size_t len = strlen(example) < TEXT / 2 ? strlen(example) : TEXT / 2, changes = next_random(seed) % 4;

	memcpy(s->text, example, len);
	for (; changes && len > 4; changes--) {
		size_t at = next_random(seed) % (len - 2), n = 1 + next_random(seed) % 2;

		if (next_random(seed) % 3 == 0)
			memmove(s->text + at, s->text + at + n, (len -= n) - at);
		else if (next_random(seed) % 2)
			memmove(s->text + at + n, s->text + at, (len += n) - at - n);
		else
			s->text[at] = s->text[next_random(seed) % len];
	}
	s->len = len;
	memset(s->text + len, 'a', AB_SHAPE_PAD);
}

static bool rule_holds(const struct ab_scrub_rule *r, uint32_t *seed, size_t *refused, size_t *wide)
{
	struct pattern p = { 0 };
	struct sample s = { 0 };
	bool holds = open_pattern(&p, r->pattern, !r->exact) && ab_shape_any(p.shape);

	for (size_t i = 0; holds && i < 40; i++) {
		const struct ab_words *words = i % 4 ? &r->hit : &r->miss;

		change(&s, ab_words_item(words, next_random(seed) % words->n), seed);
		holds = holds_for(&p, &s, seed, refused, wide);
	}
	if (!holds)
		printf("# %s\n", r->id);
	close_pattern(&p);
	return holds;
}

static void test_rules(struct tap *t)
{
	struct ab_err err = { 0 };
	struct ab_scrub_policy *policy = ab_scrub_policy_load("share/policies/strict.json", false, &err);
	size_t refused = 0, wide = 0, patterns = 0, bad = 0;
	uint32_t seed = 3;

	for (size_t i = 0; policy && i < policy->n; i++) {
		if (!policy->rules[i].pattern)
			continue;
		patterns++;
		bad += !rule_holds(&policy->rules[i], &seed, &refused, &wide);
	}
	tap_ok(t, policy && patterns > 300 && !bad && refused > 20 * wide,
	       "%zu patterns of rules: %zu texts refused, %zu allowed for nothing", patterns, refused, wide);
	ab_scrub_policy_free(policy);
}

/* Reads the first n bytes of a pattern, of which the end is the last byte that is readable. */
static bool reads_cut(char *end, const char *pattern, size_t n)
{
	char *cut = end - n - 1;
	struct ab_prefix prefix;
	struct ab_err err = { 0 };
	struct ab_shape *shape;
	struct ab_need *need;
	bool read;

	memcpy(cut, pattern, n);
	cut[n] = '\0';
	ab_prefix_read(&prefix, cut, false);
	shape = ab_shape_read(cut, false, &err);
	need = ab_need_read(cut, false, &err);
	read = shape && need;
	ab_shape_free(shape);
	ab_need_free(need);
	return read;
}

/* Many ways that lead to one step are as many as there are steps, not as there are ways: 30 to the power of eight. */
static void test_ways(struct tap *t)
{
	static const char pattern[] = "(?:|||||||||||||||||||||||||||||){8}(?<=a)b";
	struct ab_err err = { 0 };
	struct ab_shape *shape = ab_shape_read(pattern, false, &err);

	tap_ok(t, shape && ab_shape_any(shape), "a pattern of very many ways is read at once");
	ab_shape_free(shape);
}

static void test_ends(struct tap *t)
{
	static const char *const patterns[] = {
		"ab{3,40}?[^]\\x41-\\d[:alpha:]]++",
		"(?<!\\w)(?:a|(?i:b){2,})(?=\\x{e9}|$)*",
		"\\p{Lu}\\1\\R\\h\\cA(?>a*)",
		"[a-z]{2,}\\Q*\\E(?#c)(?P<n>x)",
		"(*UTF)a{,3}b{4",
		"\\o{101}\\N{U+41}\\012[\\b-\\]]",
	};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || mprotect(map + page, page, PROT_NONE) < 0)
		abort();
	for (size_t i = 0; i < AB_ARRAY_SIZE(patterns); i++) {
		bool read = true;

		for (size_t from = 0; from <= strlen(patterns[i]); from++)
			for (size_t n = 0; n <= strlen(patterns[i] + from); n++)
				read &= reads_cut(map + page, patterns[i] + from, n);
		tap_ok(t, read, "pieces of %s are read up to their ends and no further", patterns[i]);
	}
	(void)munmap(map, 2 * page);
}

/* What stands around a literal that a pattern begins with: before it, and behind it. */
static void test_follow(struct tap *t)
{
	static const struct {
		const char *pattern, *literal, *text;
		bool fits;
	} cases[] = {
		{ "\\bsend\\s{1,2}to", "send", " send to you", true },
		{ "\\bsend\\s{1,2}to", "send", " sends to you", false },
		{ "\\bsend\\s{1,2}to", "send", "asend to you", false },
		{ "\\bsend\\s{1,2}to", "send", " send   to you", false },
		{ "\\bsend\\s{1,2}to", "send", " SEND  TO you", true },
		{ "(?:key|val)=[^\\s\"]{6}", "key=", " key=abc de", false },
		{ "(?:key|val)=[^\\s\"]{6}", "key=", " key=abcde", true },
		{ "(?:key|val)=[^\\s\"]{2}", "key=", " key=ab de", true },
		{ "(?:key|val)=\\s{0,2}[a-f]{6}", "key=", " key=  abcdex", true },
		{ "(?:key|val)=\\s{0,2}[a-f]{6}", "key=", " key=   bcdex", false },
		{ "(?:ab){1,3}c", "ab", " abababc  ", true },
		{ "(?:ab){1,3}c", "ab", " abd       ", false },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		struct ab_err err = { 0 };
		struct ab_shape *shape = ab_shape_read(cases[i].pattern, true, &err);
		size_t len = strlen(cases[i].literal);
		unsigned char text[64] = { 0 };
		struct ab_follow follow;
		bool told;

		memcpy(text, cases[i].text, strlen(cases[i].text));
		told = shape && ab_shape_follow(shape, (const unsigned char *)cases[i].literal, len, &follow);
		tap_ok(t, told && ab_follow_fits(&follow, text, 1, 1 + len) == cases[i].fits, "%s: \"%s\" is %s", cases[i].pattern,
		       cases[i].text, cases[i].fits ? "followed" : "refused at once");
		ab_shape_free(shape);
	}
}

int main(void)
{
	struct tap t = { 0 };

	test_patterns(&t);
	test_wide(&t);
	test_rules(&t);
	test_ways(&t);
	test_ends(&t);
	test_follow(&t);
	return tap_done(&t);
}
