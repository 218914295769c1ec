/* SPDX-License-Identifier: Apache-2.0 */
/* lib/scrub: whole scans: evasions with the exact bytes that they cover, edges, limits, growth. */
#include "tests/unit/tap.h"

#include <math.h>
#include <time.h>

#include "lib/base/hold.h"
#include "lib/scrub/scrub.h"

static const char policy_text[] =
	"{\"version\":1,\"rules\":["
	"{\"id\":\"code.eval\",\"category\":\"code\",\"literals\":[\"eval(\"],\"pattern\":"
	"\"eval\\\\(\\\\w\","
	"\"examples\":{\"hit\":[\"eval(x\"],\"miss\":[\"x\"]}},"
	"{\"id\":\"injection.x\",\"category\":\"injection\",\"literals\":[\"ignore\"],"
	"\"pattern\":\"ignore previous\",\"examples\":{\"hit\":[\"ignore "
	"previous\"],\"miss\":[\"x\"]}},"
	"{\"id\":\"secret.tok\",\"category\":\"secret\",\"action\":\"redact\",\"exact\":true,"
	"\"literals\":[\"tok_\"],\"pattern\":\"\\\\btok_[0-9a-f]{16}(?![0-9a-f])\","
	"\"examples\":{\"hit\":[\"tok_0123456789abcdef\"],\"miss\":[\"x\"]}},"
	"{\"id\":\"injection.y\",\"category\":\"injection\",\"literals\":[\"\xd0\xb8\xd0\xb3\xd0\xbd\"],"
	"\"pattern\":\"\xd0\xb8\xd0\xb3\xd0\xbd\",\"examples\":{\"hit\":[\"\xd0\xb8\xd0\xb3\xd0\xbd\"],\"miss\":[\"x\"]}},"
	"{\"id\":\"code.front\",\"category\":\"code\",\"literals\":[\"fronted\"],\"before\":40,"
	"\"pattern\":\"\\\\bback\\\\b\",\"examples\":{\"hit\":[\"back fronted\"],\"miss\":[\"fronted back\"]}},"
	"{\"id\":\"code.slow\",\"category\":\"code\",\"slow\":true,\"pattern\":\"(?:~|~~)+[xy]\","
	"\"examples\":{\"hit\":[\"~~x\"],\"miss\":[\"x\"]}}]}";

struct fixture {
	struct tap *t;
	struct ab_scrub_policy *policy;
	unsigned char *text;
	size_t capacity;
};

static struct ab_scrub_policy *load(struct ab_err *err)
{
	char path[] = "/tmp/scrub-test-XXXXXX";
	int fd = mkstemp(path);
	struct ab_scrub_policy *p = NULL;

	if (fd >= 0 && write(fd, policy_text, strlen(policy_text)) == (ssize_t)strlen(policy_text))
		p = ab_scrub_policy_load(path, false, err);
	(void)close(fd);
	(void)unlink(path);
	return p;
}

/* Scans a copy that stands before zeros. */
static void scan(struct fixture *f, const char *text, size_t len, struct ab_scrub_result *r)
{
	struct ab_err err = { 0 };
	unsigned char *copy = calloc(1, len + AB_HOLD_PAD);

	memcpy(copy, text, len);
	if (ab_scrub_scan(f->policy, AB_SCRUB_AUTO, copy, len, r, &err) < 0)
		printf("# %s\n", err.msg);
	free(copy);
}

/* One finding of the rule, over exactly these bytes, seen through this path. */
static void found(struct fixture *f, const char *text, const char *rule, size_t start, size_t end,
		  const char *path)
{
	struct ab_scrub_result r = { 0 };
	bool ok;

	scan(f, text, strlen(text), &r);
	ok = r.n == 1 && strcmp(r.findings[0].rule, rule) == 0 && r.findings[0].start == start &&
	     r.findings[0].end == end && strcmp(r.findings[0].path, path) == 0;
	if (!tap_ok(f->t, ok, "%s: %s at %zu to %zu", path, text, start, end))
		for (size_t i = 0; i < r.n; i++)
			printf("# %s %zu %zu %s\n", r.findings[i].rule, r.findings[i].start,
			       r.findings[i].end, r.findings[i].path);
	ab_scrub_result_free(&r);
}

/* Nobody who asks for no more than what becomes of a document gets another answer. */
static void test_brief(struct fixture *f)
{
	static const char text[] = "first\n tok_0123456789abcdef\nlast eval(x)\n";
	struct ab_scrub_result whole = { 0 }, brief = { .brief = true };
	bool same;

	scan(f, text, sizeof(text) - 1, &whole);
	scan(f, text, sizeof(text) - 1, &brief);
	same = whole.n == 2 && brief.n == 2 && whole.blocked && brief.blocked &&
	       whole.redactions == 1 && brief.redactions == 1;
	for (size_t i = 0; same && i < whole.n; i++)
		same = whole.findings[i].start == brief.findings[i].start &&
		       whole.findings[i].end == brief.findings[i].end &&
		       strcmp(whole.findings[i].rule, brief.findings[i].rule) == 0;
	tap_ok(f->t, same, "in brief: the same findings");
	tap_ok(f->t, same && ab_scrub_blocker(&brief)->line == 3 && ab_scrub_blocker(&brief)->column == 6,
	       "and where the one that blocks is");
	ab_scrub_result_free(&whole);
	ab_scrub_result_free(&brief);
}

static void test_evasions(struct fixture *f)
{
	found(f, "a eval(x)", "code.eval", 2, 8, "raw");
	found(f, "a EvAl(x)", "code.eval", 2, 8, "raw");
	found(f, "a back and fronted", "code.front", 2, 6, "raw");
	found(f, "a ev%61l(x)", "code.eval", 2, 10, "raw>percent");
	found(f, "a ev%2561l(x)", "code.eval", 2, 12, "raw>percent>percent");
	found(f, "a &#x65;val(x)", "code.eval", 2, 13, "raw>entity");
	found(f, "a \\u0065val(x)", "code.eval", 2, 13, "raw>escape");
	found(f, "a \xef\xbd\x85val(x)", "code.eval", 2, 10, "raw>fold");
	found(f, "a \xd0\xb5val(x)", "code.eval", 2, 9, "raw>fold");
	found(f,
	      "a e\xe2\x80\x8bv\xc2\xad"
	      "al(x)",
	      "code.eval", 2, 13, "raw>fold");
	found(f, "a ev/**/al(x)", "code.eval", 2, 12, "raw>joined");
	found(f, "a ev<!-- no -->al(x)", "code.eval", 2, 19, "raw>joined");
	found(f, "a i g n o r e  p r e v i o u s", "injection.x", 2, 30, "raw>spaced");
	found(f, "b ZXZhbCh4KSBvZiBpdA== c", "code.eval", 2, 22, "raw>base64");
	found(f, "b 6576616c287829206f66206974 c", "code.eval", 2, 28, "raw>hex");
	found(f, "b WlhaaGJDaDRLU0J2WmlCcGRBPT0= c", "code.eval", 2, 30, "raw>base64>base64");
	found(f, "b ZXZhbChhKQ== c", "code.eval", 2, 14, "raw>base64");
	found(f, "b RVZBTCgxMjM0NSk= c", "code.eval", 2, 18, "raw>base64");
	/* Characters of two to four bytes, and one byte that is none, are text as well. */
	found(f, "b 0ZHigqzwn5iAZXZhbCh4KQ== c", "code.eval", 2, 26, "raw>base64");
	found(f, "b 0LZldmFsKHkpIG9mIGl0 c", "code.eval", 2, 22, "raw>base64");
	found(f, "b AWV2YWwoeCkgb2YgaXQ= c", "code.eval", 2, 22, "raw>base64");
	found(f, "b YWLDZXZhbCh4KSBvZiBpdA== c", "code.eval", 2, 26, "raw>base64");
	found(f, "b 6576616c286129 c", "code.eval", 2, 16, "raw>hex");
	found(f, "b c e v a l ( x )", "code.eval", 4, 15, "raw>spaced");
	found(f, "a </ev<!-- x -->al(x)", "code.eval", 4, 20, "raw>joined");
	found(f, "a e.v.a.l.(.x.) b", "code.eval", 2, 13, "raw>spaced");
	found(f, "e v a l ( x )", "code.eval", 0, 11, "raw>spaced");
	found(f, "a e\xf3\xa0\x81\xa1v\xf3\xa0\x81\xa2\x61l(x)", "code.eval", 2, 16, "raw>fold");
	/* Letters beyond ASCII, with what is not seen between them, small or capital. */
	found(f, "a \xd0\xb8\xe2\x80\x8b\xd0\xb3\xd0\xbd", "injection.y", 2, 11, "raw>fold");
	found(f, "a \xd0\x98\xd0\x93\xd0\x9d", "injection.y", 2, 8, "raw>fold");
	found(f, "a \\u0438\xd0\xb3\xd0\xbd", "injection.y", 2, 12, "raw>escape");
	found(f, "a \xe1\xb4\x87\xe1\xb4\xa0\xe1\xb4\x80\xca\x9f(x)", "code.eval", 2, 15, "raw>fold");
	found(f, "a \xd0\xb8 \xd0\xb3 \xd0\xbd \xd0\xb9", "injection.y", 2, 10, "raw>spaced");
	found(f, "{\"a\":\"\\u0065val(x)\"}", "code.eval", 6, 17, "json");
	found(f, "{\"a\":\"{\\\"b\\\":\\\"\\\\u0065val(x)\\\"}\"}", "code.eval", 15, 27,
	      "json>escape");
	found(f, "{\"a\":[1,\"ev\\u0061\",\"eval(x)\"]}", "code.eval", 20, 26, "json");
}

/* A text in UTF-16 with and without its mark, in both byte orders; offsets are those of bytes. */
static void test_utf16(struct fixture *f)
{
	static const char text[] = "say eval(x) now";

	for (int big = 0; big < 2; big++) {
		for (size_t mark = 0; mark <= 2; mark += 2) {
			char wide[2 * sizeof(text) + 2] = { 0 };
			struct ab_scrub_result r = { 0 };

			if (mark)
				memcpy(wide, big ? "\xfe\xff" : "\xff\xfe", 2);
			for (size_t i = 0; i + 1 < sizeof(text); i++)
				wide[mark + 2 * i + (size_t)big] = text[i];
			scan(f, wide, mark + 2 * (sizeof(text) - 1), &r);
			tap_ok(f->t,
			       r.n == 1 && r.findings[0].start == mark + 8 &&
				       r.findings[0].end == mark + 20,
			       "UTF-16, order %d, mark of %zu bytes", big, mark);
			ab_scrub_result_free(&r);
		}
	}
	found(f, "b ZQB2AGEAbAAoAHgAKQAgAG4AbwB3AA== c", "code.eval", 2, 34, "raw>base64>utf16");
	/* In the middle of other text, at odd places too, so that no letter is lost at either end. */
	found(f, "ab \\xff\\xfee\\000v\\000a\\000l\\000(\\000x\\000)", "code.eval", 11, 37,
	      "raw>escape>utf16");
	found(f, "abc \\000e\\000v\\000a\\000l\\000(\\000x\\000)", "code.eval", 8, 34,
	      "raw>escape>utf16");
	/* Its zeros in hexadecimal are left out at once. */
	found(f, "abc \\x00e\\x00v\\x00a\\x00l\\x00(\\x00x\\x00)", "code.eval", 8, 34, "raw>escape");
}

/* Words of a text beyond ASCII that no plain space parts; two of them are not enough. */
static void test_words(struct fixture *f)
{
	struct ab_scrub_result r = { 0 };

	found(f, "\xc3\xa9t\xc3\xa9\tignore\tprevious\tx", "injection.x", 6, 21, "raw>spaced");
	found(f, "\xc3\xa9t\xc3\xa9\r\nignore\r\nprevious\r\nx", "injection.x", 7, 23, "raw>spaced");
	found(f, "ignore\nprevious\n\xc3\xa9t\xc3\xa9 x", "injection.x", 0, 15, "raw>spaced");
	found(f, "a  \xc3\xa9  ignore   previous", "injection.x", 7, 24, "raw>spaced");
	scan(f, "ignore\tprevious \xc3\xa9", 18, &r);
	tap_ok(f->t, r.n == 0, "two words with a tab");
	ab_scrub_result_free(&r);
}

static void test_series(struct fixture *f)
{
	found(f, "a 73 61 79 20 65 76 61 6c 28 78 29 b", "code.eval", 14, 31, "raw>hex");
	found(f, "a 73:61:79:20:65:76:61:6c:28:78:29", "code.eval", 14, 31, "raw>hex");
	found(f, "a 65:76:61:6C:28:37:29:20:65:66:67", "code.eval", 2, 19, "raw>hex");
	found(f, "a [115,97,121,32,101,118,97,108,40,120,41]", "code.eval", 17, 38, "raw>hex");
	found(f, "0x73, 0x61, 0x79, 0x20, 0x65, 0x76, 0x61, 0x6c, 0x28, 0x78", "code.eval", 24, 58,
	      "raw>hex");
	/* A word behind it is no line of it; lines of digits are. */
	found(f, "b 6576616c287829206f66206974 thanks", "code.eval", 2, 28, "raw>hex");
	found(f, "b 6576616c28782920\n6f662069742061 c", "code.eval", 2, 33, "raw>hex");
	/* UTF-16 as escaped bytes. */
	found(f, "\\x65\\x00\\x76\\x00\\x61\\x00\\x6c\\x00\\x28\\x00\\x78\\x00", "code.eval", 0, 44,
	      "raw>escape");
	found(f, "x 0x736179206576616c28782920 y", "code.eval", 4, 28, "raw>hex");
	found(f, "%u0065%u0076%u0061%u006c%u0028%u0078", "code.eval", 0, 36, "raw>percent");
}

static void test_benign(struct fixture *f)
{
	static const char *const texts[] = {
		"medieval (x)",
		"{\"ev\":\"al(x)\"}",
		"[\"eval\",\"(x)\"]",
		"e.v.a.l",
		"\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae\xd9\x88\xd8\xa7\xd9\x87\xd9\x85",
		"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9",
		"100% of it & more \\ x",
		"fronted back", /* a match does not begin behind its anchor */
		""
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(texts); i++) {
		struct ab_scrub_result r = { 0 };

		scan(f, texts[i], strlen(texts[i]), &r);
		tap_ok(f->t, r.n == 0, "nothing in: %s", texts[i]);
		ab_scrub_result_free(&r);
	}
}

/* Tokens at every distance from each other, over all inner edges: none is missed. */
static void test_edges(struct fixture *f)
{
	enum { TOKENS = 20000, SIZE = TOKENS * 64 + 64 };
	char *text = malloc(SIZE);
	struct ab_scrub_result r = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < TOKENS; i++) {
		memset(text + n, '.', 4 + i % 37);
		n += 4 + i % 37;
		(void)snprintf(text + n, SIZE - n, "tok_%016zx", i * 2654435761u); /* fits */
		n += 20;
	}
	scan(f, text, n, &r);
	tap_ok(f->t, r.n == TOKENS && r.redactions == TOKENS, "%d tokens in one line: %zu found",
	       TOKENS, r.n);
	ab_scrub_result_free(&r);
	free(text);
}

/* Processor time; another program on the machine makes it more, never less. */
static double seconds(struct fixture *f, const char *unit, size_t times, bool *blocked)
{
	size_t len = strlen(unit);
	char *text = malloc(len * times);
	struct ab_scrub_result r = { 0 };
	clock_t start;
	double spent;

	for (size_t i = 0; i < times; i++)
		memcpy(text + i * len, unit, len);
	start = clock();
	scan(f, text, len * times, &r);
	spent = (double)(clock() - start) / CLOCKS_PER_SEC;
	*blocked = r.blocked;
	ab_scrub_result_free(&r);
	free(text);
	return spent;
}

/* Twice the input costs about twice the time: by the quickest of a few times. */
static void grow(struct fixture *f, const char *unit)
{
	size_t times = (2u << 20) / strlen(unit);
	double one = 1e9, two = 1e9;
	bool blocked, linear = false;

	for (int i = 0; i < 5 && !linear; i++) {
		one = fmin(one, seconds(f, unit, times, &blocked));
		two = fmin(two, seconds(f, unit, 2 * times, &blocked));
		linear = two < 3.5 * one + 0.05;
	}
	tap_ok(f->t, linear, "linear: %s (%.0f and %.0f ms)", unit, one * 1e3, two * 1e3);
}

static void test_growth(struct fixture *f)
{
	static const char *const units[] = { "a",     "ignore ",   "ZXZh",    "%25",
					     "&#38;", "a b ",	   "\\u005c", "[",
					     "a/**/", "\xd0\xb5 ", "ev/*",    "1.2.3.4 " };

	for (size_t i = 0; i < AB_ARRAY_SIZE(units); i++)
		grow(f, units[i]);
}

static void test_limits(struct fixture *f)
{
	struct ab_scrub_result r = { 0 };
	size_t n = 60000;
	char *text = malloc(n);
	double one, two;
	bool blocked;

	one = seconds(f, "~", n, &blocked);
	tap_ok(f->t, blocked, "a pattern that runs into its limit blocks");
	two = seconds(f, "~", 2 * n, &blocked);
	tap_ok(f->t, blocked && two < 4 * one + 0.1, "and costs no more in twice the text");
	for (size_t i = 0; i + 7 <= n; i += 7)
		memcpy(text + i, "eval(x ", 7);
	scan(f, text, n / 7 * 7, &r);
	tap_ok(f->t, r.n == n / 7, "every one of many findings is there");
	ab_scrub_result_free(&r);
	free(text);
}

int main(void)
{
	struct tap t = { 0 };
	struct ab_err err = { 0 };
	struct fixture f = { .t = &t, .policy = load(&err) };

	if (!tap_ok(&t, f.policy != NULL, "the policy loads"))
		printf("# %s\n", err.msg);
	if (f.policy) {
		test_evasions(&f);
	test_brief(&f);
		test_utf16(&f);
		test_words(&f);
		test_benign(&f);
		test_series(&f);
		test_edges(&f);
		test_growth(&f);
		test_limits(&f);
	}
	ab_scrub_policy_free(f.policy);
	return tap_done(&t);
}
