/* SPDX-License-Identifier: Apache-2.0 */
/* lib/scrub: the literal matcher against a plain one, runs against plain loops, maps of views. */
#include "tests/unit/tap.h"

#include <ctype.h>

#include "lib/base/hold.h"
#include "lib/regex/regex.h"
#include "lib/scrub/fold.h"
#include "lib/scrub/literal.h"
#include "lib/scrub/norm.h"
#include "lib/scrub/need.h"
#include "lib/scrub/prefix.h"
#include "lib/scrub/run.h"
#include "lib/scrub/view.h"

static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

#define CROWD 60 /* literals that stand at one place */
#define TEXT	 4096
#define LITERALS 200

struct set {
	char text[LITERALS][AB_LITERAL_MAX + 1];
	size_t len[LITERALS];
	bool exact[LITERALS];
};

/* Short words of few letters, so that they overlap, nest and stand on every edge: some that are folded to the same byte,
 * and some so few that longer words are found. */
static void make(struct set *s, unsigned char *text, struct ab_literals *l, uint32_t seed)
{
	static const struct {
		char letters[5];
		uint32_t lengths;
	} kinds[] = { { "aAbB_", 9 }, { { ' ', 'a', 'A', '\0', '@' }, 9 }, { "aaabA", 18 } };
	const char *letters = kinds[seed % AB_ARRAY_SIZE(kinds)].letters;
	uint32_t lengths = kinds[seed % AB_ARRAY_SIZE(kinds)].lengths;
	struct ab_err err = { 0 };

	for (size_t i = 0; i < LITERALS; i++) {
		s->len[i] = AB_LITERAL_MIN + next_random(&seed) % lengths;
		s->exact[i] = next_random(&seed) % 2;
		for (size_t k = 0; k < s->len[i]; k++)
			s->text[i][k] = letters[next_random(&seed) % 5];
		if (!s->text[i][0]) /* vectorscan takes it for an empty one */
			s->text[i][0] = letters[0];
		(void)ab_literals_add(l, s->text[i], s->len[i], s->exact[i], (uint32_t)i, &err);
	}
	for (size_t i = 0; i < TEXT; i++)
		text[i] = (unsigned char)letters[next_random(&seed) % 5];
	memset(text + TEXT, 'a', AB_HOLD_PAD); /* what stands behind the text must not count */
}

static bool stands(const struct set *s, size_t i, const unsigned char *at)
{
	for (size_t k = 0; k < s->len[i]; k++)
		if (s->exact[i] ? s->text[i][k] != at[k] : tolower(s->text[i][k]) != tolower(at[k]))
			return false;
	return true;
}

static size_t count_plainly(const struct set *s, const unsigned char *text)
{
	size_t n = 0;

	for (size_t i = 0; i < LITERALS; i++)
		for (size_t at = 0; at + s->len[i] <= TEXT; at++)
			n += stands(s, i, text + at);
	return n;
}

/* All hits, asked for `step` bytes at a time with room for few: each must be right, and in its place. */
static size_t count_hits(const struct set *s, const struct ab_literals *l,
			 const unsigned char *text, size_t step, bool *right)
{
	struct ab_literal_hit hits[LITERALS + 1];
	size_t at = 0, n = 0;

	for (size_t end = step; at < TEXT; end += step) {
		if (end > TEXT)
			end = TEXT;
		while (at < end) {
			size_t got = ab_literals_scan(l, text, TEXT, end, &at, hits, LITERALS + 1);

			for (size_t i = 0; i < got; i++)
				*right &= stands(s, hits[i].tag, text + hits[i].at) &&
					  (i == 0 || hits[i - 1].at < hits[i].at ||
					   (hits[i - 1].at == hits[i].at &&
					    hits[i - 1].len <= hits[i].len));
			n += got;
		}
	}
	return n;
}

static void test_literals(struct tap *t)
{
	static const size_t steps[] = { 1, 3, 7, 64, TEXT };
	unsigned char text[TEXT + AB_HOLD_PAD];
	struct ab_err err = { 0 };
	struct set s;

	for (uint32_t seed = 1; seed <= 6; seed++) {
		struct ab_literals *l = ab_literals_new();
		size_t want, got;
		bool right;

		make(&s, text, l, seed * 7919);
		if (ab_literals_ready(l, &err) < 0)
			tap_ok(t, false, "literals: set %u: %s", seed, err.msg);
		want = count_plainly(&s, text);
		for (size_t i = 0; i < AB_ARRAY_SIZE(steps); i++) {
			right = true;
			got = count_hits(&s, l, text, steps[i], &right);
			tap_ok(t, want > 100 && got == want && right,
			       "literals: set %u, %zu bytes a call: %zu of %zu hits", seed,
			       steps[i], got, want);
		}
		for (enum ab_simd simd = AB_SIMD_AVX512; simd >= AB_SIMD_PLAIN; simd--) {
			ab_literals_limit(l, simd);
			right = true;
			got = count_hits(&s, l, text, TEXT, &right);
			tap_ok(t, got == want && right, "literals: set %u, vectors %d: %zu of %zu hits",
			       seed, (int)simd, got, want);
		}
		ab_literals_free(l);
	}
}

/* Many literals at every place: there is room for those of one place, not for those of a few. */
static void test_crowd(struct tap *t)
{
	struct ab_literals *l = ab_literals_new();
	struct ab_literal_hit hits[CROWD + 1];
	unsigned char text[TEXT + AB_HOLD_PAD] = { 0 };
	struct ab_err err = { 0 };
	size_t at = 0, n = 0, want = 0;

	memset(text, 'a', TEXT);
	for (size_t i = 0; i < CROWD; i++) {
		(void)ab_literals_add(l, "aaaaaaaa", 3 + i % 6, false, 0, &err);
		want += TEXT - (3 + i % 6) + 1;
	}
	(void)ab_literals_ready(l, &err);
	while (at < TEXT && n <= want)
		n += ab_literals_scan(l, text, TEXT, TEXT, &at, hits, CROWD + 1);
	tap_ok(t, at == TEXT && n == want, "literals: %zu of %zu hits in a crowd", n, want);
	ab_literals_free(l);
}

static size_t collect_runs(const unsigned char *text, size_t size, enum ab_simd simd,
			   size_t step, uint64_t *sum)
{
	struct ab_runs r = { .simd = simd };
	struct ab_run_hit hits[AB_RUN_HITS];
	size_t n = 0;

	*sum = 0;
	for (size_t end = step; r.at < size; end += step) {
		while (r.at < (end < size ? end : size)) {
			size_t got = ab_runs_scan(&r, text, size, end < size ? end : size, hits);

			for (size_t i = 0; i < got; i++)
				*sum += (hits[i].at * 31 + hits[i].end) * 31 + hits[i].run;
			n += got;
		}
	}
	return n;
}

static void test_runs(struct tap *t)
{
	static const char alphabet[] = "aZ09+/_-=@%&\\ .,<*\xc3\xa4()x";
	unsigned char text[TEXT + AB_HOLD_PAD] = { 0 };
	uint32_t seed = 99;
	bool same = true;

	for (int round = 0; round < 200; round++) {
		size_t size = next_random(&seed) % TEXT, letters = 4 + next_random(&seed) % 19;
		uint64_t plain, whole, pieces;
		size_t n;

		memset(text, 0, sizeof(text));
		for (size_t i = 0; i < size; i++)
			text[i] = (unsigned char)alphabet[next_random(&seed) % letters];
		n = collect_runs(text, size, AB_SIMD_PLAIN, TEXT, &plain);
		for (enum ab_simd simd = AB_SIMD_PLAIN; simd <= ab_simd_best(); simd++) {
			same &= n == collect_runs(text, size, simd, TEXT, &whole) && whole == plain;
			same &= n == collect_runs(text, size, simd, 64, &pieces) && pieces == plain;
		}
	}
	tap_ok(t, same, "runs: vector and plain loops agree, in one piece and in many");
}

/* The run that begins where the text does, in either loop; 0: none. */
static uint32_t first_run(const char *number, size_t at, enum ab_simd simd)
{
	unsigned char text[256] = { 0 };
	struct ab_run_hit hits[AB_RUN_HITS];
	struct ab_runs r = { .simd = simd };
	size_t len = strlen(number), n;
	uint32_t run = 0;

	memset(text, ':', 200);
	memcpy(text + at, number, len);
	n = ab_runs_scan(&r, text, 200, 200, hits);
	for (size_t i = 0; i < n; i++)
		if (hits[i].at == at)
			run |= hits[i].run & AB_RUN_ANCHORS;
	return run;
}

static void test_numbers(struct tap *t)
{
	static const struct {
		const char *text;
		uint32_t run;
	} cases[] = {
		{ "1.2.3.4", AB_RUN_ADDRESS },
		{ "123.123.123.123", AB_RUN_ADDRESS | AB_RUN_NUMBER },
		{ "1   2 - 3   4 - 5 6 7 8 9", AB_RUN_NUMBER },
		{ "1    2 - 3 - 4 - 5 6 7 8 9", 0 },
		{ "1.2.3", 0 },
		{ "2026-04-12", 0 },
		{ "10:20:30", 0 },
		{ "123456789", AB_RUN_NUMBER },
		{ "12345678", 0 },
		{ "1 2 3 4 5 6 7 8 9", AB_RUN_NUMBER },
		{ "(1", 0 },
		{ "1) 2-3/4.5 6 7 8 9", AB_RUN_NUMBER },
		{ "65,66,67,", AB_RUN_LIST },
		{ "65, 66, 67 ", AB_RUN_LIST },
		{ "0x41,0x42,0x43,", AB_RUN_LIST },
		{ "12,0x41,0x42,", AB_RUN_LIST },
		{ "123, 0x41 0x42 ", AB_RUN_LIST },
		{ "12,34,0x42,", AB_RUN_LIST },
		{ "12,0y41,0x42,", 0 },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		bool right = true;

		for (size_t at = 0; at < 130; at++)
			right &= first_run(cases[i].text, at, ab_simd_best()) == cases[i].run &&
				 first_run(cases[i].text, at, AB_SIMD_PLAIN) == cases[i].run;
		tap_ok(t, right, "runs: what %s begins, at every place", cases[i].text);
	}
}

/* How many runs of a kind there are where the text stands at a place of 256 bytes of words. */
static bool has_run(const char *what, uint32_t run, size_t at, enum ab_simd simd)
{
	unsigned char text[512] = { 0 };
	struct ab_run_hit hits[AB_RUN_HITS];
	struct ab_runs r = { .simd = simd };
	size_t n;
	bool has = false;

	for (size_t i = 0; i < 400; i++)
		text[i] = (unsigned char)"some words stand in a line; "[i % 28];
	memcpy(text + at, what, strlen(what));
	n = ab_runs_scan(&r, text, 400, 400, hits);
	for (size_t i = 0; i < n; i++)
		has |= hits[i].run == run;
	return has;
}

static void test_opaque(struct tap *t)
{
	static const struct {
		const char *text;
		uint32_t run;
		bool has;
	} cases[] = {
		{ " 1d3w6DX8 I8JWw0Ko zKaMNIiW UoS+6AcQ QvuDgmuA EL6ehtd0 kCGLlr3Y s05n52Bv DmqaGnhE VVuCct8d luGRDMoQ ",
		  AB_RUN_GROUPS, true },
		{ " X34JW 4SOXG IGZL7 XZS7L JDWBD FCX73 DSGCS HPZLG 26AQ4 EVCC7 WEZMR XSNHH OPPN7 2RTWS MRYLF 7OXM5 ",
		  AB_RUN_GROUPS, true },
		{ " which of the words that are written here have one length is told by those that stand beside them in it ",
		  AB_RUN_GROUPS, false },
		{ "Yk70l6-YA)u;hK%L}=f7`>v>~UDJ~~AIX4L(|eR{t13d^BpYcuas!fwOE;7P&kOnwj=Jj7;ovR|_6QF9(|%;T$q~nmBT^<rUA+R^)N#ztE7A",
		  AB_RUN_DENSE, true },
		{ "https://host.example/a/b/c?first=one&second=two&third=three#frag/ment;of~words!that$are(long)*and+plain",
		  AB_RUN_DENSE, false },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		bool right = true;

		for (size_t at = 64; at < 200; at++)
			right &= has_run(cases[i].text, cases[i].run, at, ab_simd_best()) == cases[i].has &&
				 has_run(cases[i].text, cases[i].run, at, AB_SIMD_PLAIN) == cases[i].has;
		tap_ok(t, right, "runs: %.24s... is%s opaque, at every place", cases[i].text,
		       cases[i].has ? "" : " not");
	}
}

/* Segments of very different sizes: the one of each place is the one that a plain loop finds. */
static void test_segments(struct tap *t)
{
	uint32_t begins[200], seed = 5;
	bool right = true;

	for (int round = 0; round < 50; round++) {
		struct ab_view v = { .segments = begins, .n_segments = 1 + (size_t)round * 4 };

		begins[0] = 0;
		for (size_t i = 1; i < v.n_segments; i++)
			begins[i] = begins[i - 1] + 1 + next_random(&seed) % 9 * (i % 3) * (i % 7);
		v.size = begins[v.n_segments - 1] + next_random(&seed) % 400;
		for (size_t at = 0; at < v.size; at++) {
			size_t lo, hi, want = v.n_segments - 1;

			while (begins[want] > at)
				want--;
			ab_view_segment(&v, at, &lo, &hi);
			right &= lo == begins[want] &&
				 hi == (want + 1 < v.n_segments ? begins[want + 1] - 1 : v.size);
		}
	}
	tap_ok(t, right, "segments: that of each place");
}

static void test_base64_runs(struct tap *t)
{
	bool right = true;

	for (size_t at = 0; at < 200; at++) {
		for (size_t len = 8; len < 20; len++) {
			unsigned char text[512] = { 0 };
			struct ab_run_hit hits[AB_RUN_HITS];
			struct ab_runs r = { 0 };
			size_t n;

			memset(text, '.', 300);
			memset(text + at, 'Q', len);
			n = ab_runs_scan(&r, text, 300, 300, hits);
			right &= len < AB_RUN_BASE64_MIN
					 ? n == 0
					 : n == 1 && hits[0].at == at && hits[0].end == at + len;
		}
	}
	tap_ok(t, right, "runs: 10 characters are a run at every place, 9 are none");
}

/* Normalises text and says what the view is and where [start, end) of it came from. */
static void norm_is(struct tap *t, const char *text, const char *want, size_t start, size_t end,
		    size_t from, size_t to)
{
	struct ab_view root = { .text = (const unsigned char *)text, .size = strlen(text) };
	struct ab_view v = { .parent = &root };
	struct ab_err err = { 0 };

	ab_norm_build(&v, root.text, root.size);
	tap_ok(t,
	       ab_view_finish(&v, &err) == 0 && v.size == strlen(want) &&
		       memcmp(v.text, want, v.size) == 0,
	       "norm: %s is %s", text, want);
	ab_view_to_source(&v, &start, &end);
	if (!tap_ok(t, start == from && end == to, "norm: and it stands at %zu to %zu", from, to))
		printf("# got %zu to %zu\n", start, end);
	ab_view_free(&v);
}

static void test_norm(struct tap *t)
{
	norm_is(t, "ev%61l(x", "eval(x", 0, 4, 0, 6);
	norm_is(t, "a &#101;val", "a eval", 2, 3, 2, 8);
	norm_is(t, "a\\u0065val", "aeval", 1, 2, 1, 7);
	norm_is(t, "\\ud835\\udd16x", "\xf0\x9d\x94\x96x", 0, 4, 0, 12);
	norm_is(t, "\xef\xbd\x85val", "eval", 0, 4, 0, 6);
	norm_is(t, "e\xe2\x80\x8bval", "eval", 0, 4, 0, 7);
	norm_is(t, "\xd0\xb5val", "eval", 1, 2, 2, 3);
	norm_is(t, "%zz&x\\q\xff%41", "%zz&x\\q\xff\x41", 7, 9, 7, 11);
	{
		ab_auto(ab_view_free) struct ab_view v = { .text = NULL };

		ab_norm_build(&v, (const unsigned char *)"%zz&x&err;\\q\xff", 13);
		tap_ok(t, !v.kinds, "norm: nothing to decode is no view");
	}
}

static void test_fold(struct tap *t)
{
	static const struct {
		uint32_t c;
		const char *ascii; /* NULL: itself */
	} cases[] = { { 0x430, "a" },  { 0x456, "i" },	{ 0xff21, "A" },  { 0x1d5ba, "a" },
		      { 0xe9, "e" },   { 0x200b, "" },	{ 0xe0061, "a" }, { 0x661, "1" },
		      { 0x3002, "." }, { 0x2028, " " }, { 0x4e2d, NULL }, { 0x1f600, NULL },
		      { 0x26a, "i" },  { 0x4cf, "l" },	{ 0xa731, "s" } };

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		const struct ab_fold *f = ab_fold(cases[i].c);

		tap_ok(t, cases[i].ascii ? f && strcmp(f->ascii, cases[i].ascii) == 0 : !f,
		       "fold: U+%04X", (unsigned)cases[i].c);
	}
}

/* Texts of few characters, so that many match. */
static void make_text(char text[16], uint32_t *seed)
{
	for (size_t i = 0; i < 16; i++)
		text[i] = "aAbB_-09.=\n "[next_random(seed) % 12];
}

/* Whatever the pattern matches, what was read off it must allow; how often it did neither. */
static bool prefix_holds(const char *pattern, bool caseless, uint32_t *seed, size_t *refused)
{
	unsigned flags = AB_REGEX_BYTES | AB_REGEX_ANCHORED | (caseless ? AB_REGEX_CASELESS : 0);
	struct ab_err err = { 0 };
	struct ab_regex *re = ab_regex_compile(pattern, strlen(pattern), flags, &err);
	struct ab_prefix prefix;
	bool holds = re;

	ab_prefix_read(&prefix, pattern, caseless);
	for (int i = 0; holds && i < 20000; i++) {
		char text[16];
		size_t len;
		bool allowed;

		make_text(text, seed);
		len = next_random(seed) % 17;
		allowed = ab_prefix_allows(&prefix, (const unsigned char *)text, len, 0);
		holds = allowed || ab_regex_match_at(re, text, len, 0, NULL, 0) == AB_REGEX_NO;
		*refused += !allowed;
	}
	ab_regex_free(re);
	return holds;
}

static void test_prefixes(struct tap *t)
{
	static const struct {
		const char *pattern;
		size_t n;
	} cases[] = {
		{ "ab", 2 },
		{ "\\bab\\.0", 4 },
		{ "(?<![a-z])a[0-9a]{3}b?", 4 },
		{ "(?!aa)a{2,4}b", 2 },
		{ "a+b", 1 },
		{ "a*b", 0 },
		{ "ab{0}0", 2 },
		{ "a|b", 0 },
		{ "a(?:b)(0)", 3 },
		{ "a(b)?0", 1 },
		{ "(?:ab)+0", 2 },
		{ "(?:ab){2}0", 0 },
		{ "(?:a|b)0", 0 },
		{ "((a)b)0", 3 },
		{ "(?i)ab", 0 },
		{ "[^a]b", 2 },
		{ "[^\\W_]b", 2 },
		{ "[]a]b", 2 },
		{ "[a\\]_-]b", 2 },
		{ "[[:alpha:]]b", 0 },
		{ "[+--]a", 2 },
		{ "\\w\\d\\s\\D\\S\\W", 6 },
		{ "\\x61\\x42", 2 },
		{ "\\n\\x{61}", 1 },
		{ "a.b", 3 },
		{ "a^b", 1 },
		{ "a(*ACCEPT)b", 1 },
		{ "a{2}+b{2}?0", 5 },
		{ "a\\Q|\\Eb", 0 },
		{ "a[|]b", 3 },
		{ "a\\|b", 3 },
		{ "a(?#|)b", 1 },
	};
	uint32_t seed = 11;

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		const char *pattern = cases[i].pattern;
		struct ab_prefix prefix;
		size_t refused = 0;
		bool holds;

		ab_prefix_read(&prefix, pattern, false);
		holds = prefix_holds(pattern, false, &seed, &refused) &&
			prefix_holds(pattern, true, &seed, &refused);
		tap_ok(t, holds && prefix.n == cases[i].n && (refused > 0) == (prefix.n > 0),
		       "prefix of %s: %zu bytes", pattern, prefix.n);
	}
}

/* A text of words that patterns are made of, cut and in either case, before zeros. */
static size_t make_words(unsigned char text[TEXT + AB_HOLD_PAD], uint32_t *seed)
{
	static const char *const words[] = { "token", "secret", "key=", "ignore ", "all ", "previous ",
					     "rules", "instructions", "abc", "0123456789abcdef",
					     "0123456789ABCDEF", "\n", " ", "-", "_", "x", "yz",
					     "\xc3\xa9", "pass", "word" };
	size_t len = 0, n = next_random(seed) % 30;

	while (n--) {
		const char *word = words[next_random(seed) % AB_ARRAY_SIZE(words)];
		bool upper = next_random(seed) % 8 == 0;
		size_t cut = next_random(seed) % 8 == 0;

		for (size_t i = 0; word[i] && word[i + cut]; i++)
			text[len++] = (unsigned char)(upper && word[i] >= 'a' && word[i] <= 'z'
							      ? word[i] - 0x20
							      : word[i]);
	}
	memset(text + len, 0, AB_HOLD_PAD);
	return len;
}

/* Whatever a pattern matches has what is said to be needed, in all loops; how often that was
 * missing. */
static bool need_holds(const char *pattern, bool caseless, uint32_t *seed, size_t *refused)
{
	unsigned flags = AB_REGEX_BYTES | AB_REGEX_SELDOM | (caseless ? AB_REGEX_CASELESS : 0);
	struct ab_err err = { 0 };
	struct ab_regex *re = ab_regex_compile(pattern, strlen(pattern), flags, &err);
	struct ab_need *need = ab_need_read(pattern, caseless, &err);
	unsigned char text[TEXT + AB_HOLD_PAD];
	bool holds = re && need;

	for (int i = 0; holds && i < 4000; i++) {
		size_t len = make_words(text, seed);
		bool allowed = ab_need_allows(need, text, len, AB_SIMD_PLAIN);

		for (enum ab_simd simd = AB_SIMD_PLAIN; simd <= ab_simd_best(); simd++)
			holds &= ab_need_allows(need, text, len, simd) == allowed;
		holds &= allowed || ab_regex_search(re, (const char *)text, len, 0, NULL, 0) ==
					    AB_REGEX_NO;
		*refused += !allowed;
	}
	ab_regex_free(re);
	ab_need_free(need);
	return holds;
}

static void test_needs(struct tap *t)
{
	static const struct {
		const char *pattern;
		bool known;
	} cases[] = {
		{ "token", true },
		{ "\\btok(?:en)?\\b", true },
		{ "(?:token|secret)[_-]?key", true },
		{ "ignore\\W+(?:all\\W+)?(?:previous|prior)\\W+(?:rules|instructions)", true },
		{ "instructions?x", true },
		{ "[0-9a-f]{32}", true },
		{ "(?:[0-9a-f]{32}|[0-9A-F]{16,}|\\d{12})", true },
		{ "token|[0-9a-f]{16}|x-yz", true },
		{ "(?:abc){2}", true },
		{ "(?:abc)+x", true },
		{ "(?:abc)*x", false },
		{ "(?:abc)?x", false },
		{ "(?:abc){0}x", false },
		{ "a|bc|xyz", false },
		{ "token||secret", false },
		{ "(?=[^\\n]{0,40}secret)token", true },
		{ "(?<=abc)x", true },
		{ "(?!secret)x", false },
		{ "(?<!secret)token", true },
		{ "to(?=ken)kenx", true },
		{ "p[a4]ss(?:w[o0]rd)?", true },
		{ "x{3}", true },
		{ "(?:\\xc3\\xa9|e)abc", true },
		{ "(?i)token", false },
		{ "(a)bc\\1", true },
		{ "\\Qtoken\\E", false },
		{ "tok(?#x)en", false },
		{ "(*ACCEPT)token", false },
		{ "tok\\x{65}n", false },
		{ "[[:alpha:]]token", false },
		{ "abc{,3}x", false },
		{ "token(?:secret|x)*?[^a]{15}", true },
		{ "((((token))))", true },
		{ "(?:ab|x)(?:c|y)(?:z|_)", true },
		{ "\\b(?:token|[0-9a-f]{16}|x-yz)\\b", true },
		{ "(?:[)]token|[^)]{16}\\)|x-yz)", true },
		{ "(?:token|[0-9a-f]{16}|x-yz)?", false },
		{ "(?:token|[0-9a-f]{16})|x", false },
		{ "tok[^a-z]en[^a-z]+sec[^a-z]{1,2}ret", true },
	};
	uint32_t seed = 5;

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++) {
		const char *pattern = cases[i].pattern;
		struct ab_err err = { 0 };
		struct ab_need *need = ab_need_read(pattern, true, &err);
		size_t refused = 0;
		bool holds = need_holds(pattern, false, &seed, &refused) &&
			     need_holds(pattern, true, &seed, &refused);

		tap_ok(t, holds && need && ab_need_any(need) == cases[i].known &&
				  (refused > 0) == cases[i].known,
		       "needs of %s: %zu of 8000 texts have them not", pattern, refused);
		ab_need_free(need);
	}
}

int main(void)
{
	struct tap t = { 0 };

	test_literals(&t);
	test_crowd(&t);
	test_prefixes(&t);
	test_needs(&t);
	test_runs(&t);
	test_numbers(&t);
	test_opaque(&t);
	test_segments(&t);
	test_base64_runs(&t);
	test_norm(&t);
	test_fold(&t);
	return tap_done(&t);
}
