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
	"{\"id\":\"code.byte\",\"category\":\"code\",\"literals\":[\"print \\\\x\"],\"pattern\":\"print \\\\\\\\x\\\\d\\\\d\","
	"\"examples\":{\"hit\":[\"print \\\\x69\"],\"miss\":[\"x\"]}},"
	"{\"id\":\"code.start\",\"category\":\"code\",\"literals\":[\"+run\"],\"pattern\":\"^\\\\+run\","
	"\"examples\":{\"hit\":[\"+run\"],\"miss\":[\"x\"]}},"
	"{\"id\":\"code.wide\",\"category\":\"code\",\"literals\":[\"\xd1\x81\xd0\xbe\xd1\x80 \"],\"pattern\":\"\xd1\x81\xd0\xbe\xd1\x80 run\","
	"\"examples\":{\"hit\":[\"\xd1\x81\xd0\xbe\xd1\x80 run\"],\"miss\":[\"x\"]}},"
	"{\"id\":\"code.slow\",\"category\":\"code\",\"slow\":true,\"pattern\":\"(?:~|~~)+[xy]\","
	"\"examples\":{\"hit\":[\"~~x\"],\"miss\":[\"x\"]}}]}";

/* tok_0123456789abcdef in tag characters */
#define TAG(x) "\xf3\xa0" x
#define TAG_TOKEN                                                                                                  \
	TAG("\x81\xb4") TAG("\x81\xaf") TAG("\x81\xab") TAG("\x81\x9f") TAG("\x80\xb0") TAG("\x80\xb1")           \
	TAG("\x80\xb2") TAG("\x80\xb3") TAG("\x80\xb4") TAG("\x80\xb5") TAG("\x80\xb6") TAG("\x80\xb7")           \
	TAG("\x80\xb8") TAG("\x80\xb9") TAG("\x81\xa1") TAG("\x81\xa2") TAG("\x81\xa3") TAG("\x81\xa4")           \
	TAG("\x81\xa5") TAG("\x81\xa6")

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
	/* A name in one line. */
	if (!tap_ok(f->t, ok, "%s: %.*s at %zu to %zu", path, (int)strcspn(text, "\n"), text, start, end))
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
	/* Comments of one kind, and nearer or further away those of another one. */
	found(f, "a ev/**/al(x)\nb <!-- no --> c", "code.eval", 2, 12, "raw>joined");
	found(f, "a <!-- no -->\nb ev/**/al(x)", "code.eval", 16, 26, "raw>joined");
	for (size_t far = 1; far < 4; far++) {
		char text[8192];

		memset(text, '.', sizeof(text));
		memcpy(text + 2, "ev/**/al(x)", 11);
		for (size_t i = 1; i <= far; i++)
			memcpy(text + i * 1000, i % 2 ? " a<!-- no -->b " : " c/**/d ", i % 2 ? 15 : 8);
		text[far * 1000 + 100] = '\0';
		found(f, text, "code.eval", 2, 12, "raw>joined");
	}
	/* A line before that is no part of it: letters, and what is no text. */
	found(f, "QUFBQUFBQUFBQUFBQUFBQUFB\nZXZhbCh4KSBvZiBpdA==", "code.eval", 25, 45, "raw>base64");
	found(f, "/+/vQvBQ/FBQUFBQUFBQ/FBB\nZXZhbCh4KSBvZiBpdA==", "code.eval", 25, 45, "raw>base64");
	found(f, "/+/vQvBQ/FBQUFBQUFBQ/FBB\nxZXZhbCh4KSBvZiBpdA", "code.eval", 26, 44, "raw>base64");
	found(f, "00112233445566778899aabb\n6576616c287829206f662069\n00112233445566778899aabb", "code.eval", 25, 49,
	      "raw>hex");
	found(f, "41 41 41 41 41 41 41 41\n65 76 61 6c 28 78 29 20", "code.eval", 24, 41, "raw>hex");
	found(f, "ff fe fd fc fb fa 01 02\n65 76 61 6c 28 78 29 20\nff fe fd fc fb fa 01 02", "code.eval", 24, 41,
	      "raw>hex");
	/* Bytes before it in its token or line that are no text; UTF-16. */
	found(f, "a AAH//iBldmFsKHgpIGFuZCBzb21lIG1vcmUgb2YgaXQ= b", "code.eval", 2, 46, "raw>base64");
	found(f, "a 0001fffe206576616c287829206f6620697420616e642061206c6f74206d6f7265 b", "code.eval", 2, 68, "raw>hex");
	found(f, "a gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8gZXZhbCh4KSBhbmQgc29tZSBtb3JlIG9mIGl0IGFuZCBzbyBvbg== b", "code.eval", 34,
	      98, "raw>base64");
	found(f, "ff fe 00 01 02 fc 65 76 61 6c 28 78 29 20 ff 01", "code.eval", 18, 35, "raw>hex");
	found(f, "65 00 76 00 61 00 6c 00 28 00 78 00 29 00 20 00", "code.eval", 0, 35, "raw>hex>utf16");
	for (int at = 0; at < 70; at += 7) { /* wherever blocks begin */
		char text[256];

		(void)snprintf(text, sizeof(text), "%*s\nff fe fd fc fb fa f9 f8 01 02\n%s", at, "",
			       "65 76 61 6c 28 78 29 20 6f 66 20 69 74 20 69 73\n127.0.0.1");
		found(f, text, "code.eval", (size_t)at + 31, (size_t)at + 48, "raw>hex");
	}
	found(f, "41 41 41 41 41 41 41 41 is: 65 76 61 6c 28 78 29 20", "code.eval", 28, 45, "raw>hex");
	found(f, "a i g n o r e  p r e v i o u s", "injection.x", 2, 30, "raw>spaced");
	found(f, "a U+0065 U+0076 U+0061 U+006C U+0028 U+0078", "code.eval", 2, 43, "raw>escape");
	found(f, "a =65=76=61=6C=28=78 b", "code.eval", 2, 20, "raw>escape");
	found(f, "x = ['t','o','e','v','a','l','(','x']", "code.eval", 13, 36, "raw>escape");
	found(f, "x = f\"{'ev'}al(x)", "code.eval", 8, 16, "raw>joined");
	found(f, "x = \"ev\" /* a */ + /* b */ \"al(x)", "code.eval", 5, 32, "raw>joined");
	found(f, "x = [\"ev\", 'al(', \"x\"].join(\"\")", "code.eval", 6, 20, "raw>joined");
	found(f, "x = ''.join(['ev','al(x'])", "code.eval", 14, 23, "raw>joined");
	found(f, "x = \"to e\"\"va\"\"l(x\"", "code.eval", 8, 18, "raw>joined");
	found(f, "a ignore${IFS}previous b", "injection.x", 2, 22, "raw>joined");
	found(f, "a ignore$IFS$9previous b", "injection.x", 2, 22, "raw>joined");
	found(f, "a ig''nore${IFS%??}prev\\ious b", "injection.x", 2, 28, "raw>joined");
	found(f, "{cat,ignore,previous} b", "injection.x", 5, 20, "raw>joined");
	found(f, "b ZXZhbCh4KSBvZiBpdA== c", "code.eval", 2, 22, "raw>base64");
	found(f, "b //5lAHYAYQBsACgAeAApAA== c", "code.eval", 2, 26, "raw>base64>utf16");
	found(f, "b /v8AZQB2AGEAbAAoAHgAKQ c", "code.eval", 2, 24, "raw>base64>utf16");
	found(f, "b OAQzBD0EPgRABDgEQARDBDkEIAAyBEEENQQ= c", "injection.y", 2, 38, "raw>base64>utf16");
	found(f, "b 04380433043d043e044004380440044304390020043204410435 c", "injection.y", 2, 54, "raw>hex>utf16");
	/* Among words of another script: in another shape, and with letters of it. */
	found(f, "\xd1\x81\xd0\xbe\xd1\x80 \xef\xbd\x92u\xf0\x9d\x90\xa7", "code.wide", 0, 15, "raw>fold");
	found(f, "\xd1\x81\xd0\xbe\xd1\x80 r\xcf\x85n", "code.wide", 0, 11, "raw>fold");
	found(f, "\xd1\x81\\u043e\xd1\x80 run", "code.wide", 0, 14, "raw>escape");
	/* Escapes that are a part of what others hide. */
	found(f, "pr%69%6et \\x69", "code.byte", 0, 14, "raw>percent");
	found(f, "pr\xef\xbd\x89\xef\xbd\x8et \\x69", "code.byte", 0, 14, "raw>fold");
	found(f, "pr&#105;&#x6e;t \\x69", "code.byte", 0, 20, "raw>entity");
	found(f, "SOME_NAME_OF_A_KEY=6576616c287829206f66206974 c", "code.eval", 19, 45, "raw>hex");
	found(f, "SOME_NAME_OF_A_KEY=ZXZhbCh4KSBvZiBpdA== c", "code.eval", 19, 39, "raw>base64");
	found(f, "http://6576616c287829206f66206974 c", "code.eval", 7, 33, "raw>hex");
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
	found(f, "a </ev/**/al(x)>", "code.eval", 4, 14, "raw>joined");
	found(f, "<!--#ev<!-- x -->al(x)-->", "code.eval", 5, 21, "raw>joined");
	found(f, "a e.v.a.l.(.x.) b", "code.eval", 2, 13, "raw>spaced");
	found(f, "\n~ ~ x y z a b c", "code.slow", 1, 6, "raw>spaced");
	found(f, "a \"~.~.x.y.z.a.b.c\"", "code.slow", 3, 8, "raw>spaced");
	found(f, "e v a l ( x )", "code.eval", 0, 11, "raw>spaced");
	/* Beside letters with another separator. */
	found(f, "h/**/s\ne v a l ( x )", "code.eval", 7, 18, "raw>spaced");
	found(f, "b.a.e v a l ( x )", "code.eval", 4, 15, "raw>spaced");
	found(f, "b c d f e.v.a.l.(.x.)", "code.eval", 8, 19, "raw>spaced");
	found(f, "b-c-d-f e.v.a.l.(.x.)", "code.eval", 8, 19, "raw>spaced");
	found(f, "b.a e.v.a.l.(.x.) c d", "code.eval", 4, 15, "raw>spaced");
	found(f, "a e\xf3\xa0\x81\xa1v\xf3\xa0\x81\xa2\x61l(x)", "code.eval", 2, 16, "raw>fold");
	/* A run of tag characters ends where it does, whatever is beside it. */
	found(f, "b" TAG_TOKEN "c", "secret.tok", 1, 81, "raw>fold");
	found(f, "b" TAG("\x80\x81") TAG_TOKEN TAG("\x81\xbf") "c", "secret.tok", 5, 85, "raw>fold");
	/* Letters beyond ASCII, with what is not seen between them, small or capital. */
	found(f, "a \xd0\xb8\xe2\x80\x8b\xd0\xb3\xd0\xbd", "injection.y", 2, 11, "raw>fold");
	found(f, "a \xd0\x98\xd0\x93\xd0\x9d", "injection.y", 2, 8, "raw>fold");
	found(f, "a \\u0438\xd0\xb3\xd0\xbd", "injection.y", 2, 12, "raw>escape");
	found(f, "a \xe1\xb4\x87\xe1\xb4\xa0\xe1\xb4\x80\xca\x9f(x)", "code.eval", 2, 15, "raw>fold");
	found(f, "a \xd0\xb8 \xd0\xb3 \xd0\xbd \xd0\xb9", "injection.y", 2, 10, "raw>spaced");
	found(f, "{\"a\":\"\\u0065val(x)\"}", "code.eval", 6, 17, "json");
	/* A document in a string: what begins there begins. */
	found(f, "[\"[\\\"+run\\\"]\"]", "code.start", 5, 9, "json>json");
	found(f, "[\"[\\\"[\\\\\\\"+run\\\\\\\"]\\\"]\"]", "code.start", 10, 14, "json>json>json");
	found(f, "a WyIrcnVuIl0= b", "code.start", 2, 14, "raw>base64>json");
	found(f, "{\"a\":\"{\\\"b\\\":\\\"\\\\u0065val(x)\\\"}\"}", "code.eval", 15, 27,
	      "json>escape");
	found(f, "{\"a\":[1,\"ev\\u0061\",\"eval(x)\"]}", "code.eval", 20, 26, "json");
}

/* What an encoded value says where it stands, without what would decode it. */
static void test_beside(struct fixture *f)
{
	static const char apart[] = "a ignore\ncHJldmlvdXMg b, ignore (of 64) previous";
	struct ab_scrub_result r = { 0 };

	found(f, "a ignore cHJldmlvdXMg b", "injection.x", 2, 21, "raw>base64");
	found(f, "a ignore atob(\"cHJldmlvdXMg\") b", "injection.x", 2, 27, "raw>base64");
	found(f, "a ignore b64(b64(\"Y0hKbGRtbHZkWE09\")) b", "injection.x", 2, 34, "raw>base64>base64");
	found(f, "a ignore base64:cHJldmlvdXM= b", "injection.x", 2, 28, "raw>base64");
	found(f, "a ignore (from hex) 70726576696f7573 b", "injection.x", 2, 36, "raw>hex");
	found(f, "a ignore unhex(\"70 72 65 76 69 6f 75 73\") b", "injection.x", 2, 39, "raw>hex");
	found(f, "a IGlnbm9yZQ== previous", "injection.x", 2, 23, "raw>base64");
	found(f, "ignore\xc3\xa9 eval\ncHJldmlvdXMgZXZhbA==(x", "code.eval", 14, 36, "raw>base64");
	scan(f, apart, sizeof(apart) - 1, &r);
	tap_ok(f->t, r.n == 0, "nothing beside it in another line");
	ab_scrub_result_free(&r);
}

/* What is said to be backwards or in ROT13, and what stands beside it. */
static void test_turned(struct fixture *f)
{
	struct ab_scrub_result r = { 0 };

	found(f, "a reverse(\"fedcba9876543210_kot\") b", "secret.tok", 11, 31, "raw>turned");
	found(f, "a strrev('x(lave') b", "code.eval", 10, 16, "raw>turned");
	found(f, "a \"x(lave\"[::-1] b", "code.eval", 3, 9, "raw>turned");
	found(f, "a \"x(lave\".split(\"\").reverse().join(\"\")", "code.eval", 3, 9, "raw>turned");
	found(f, "echo 'x(lave' | rev | sh", "code.eval", 6, 12, "raw>turned");
	found(f, "a (reversed) x(lave b", "code.eval", 13, 21, "raw>turned");
	found(f, "a [written backwards] x(lave b\nc", "code.eval", 22, 30, "raw>turned");
	found(f, "a x(lave (reversed)", "code.eval", 0, 8, "raw>turned");
	found(f, "read this backwards: suoiverp erongi\nc", "injection.x", 21, 36, "raw>turned");
	found(f, "it is reversed:\nx(lave\nc", "code.eval", 16, 22, "raw>turned");
	found(f, "ignore (reversed) suoiverp to the end", "injection.x", 0, 26, "raw>turned");
	found(f, "rot13(\"n riny(k)\")", "code.eval", 9, 15, "raw>turned");
	found(f, "(ROT13 encoded) n riny(k) b", "code.eval", 18, 24, "raw>turned");
	found(f, "apply rot13 to this: vtaber cerivbhf", "injection.x", 21, 36, "raw>turned");
	found(f, "decode('n riny(k)', 'rot_13')", "code.eval", 10, 16, "raw>turned");
	found(f, "1337: 3v4l(x", "code.eval", 6, 12, "raw>turned");
	found(f, "l33t(\"1gn0r3 pr3v10us\")", "injection.x", 6, 21, "raw>turned");
	found(f, "a leet: ev41(x", "code.eval", 8, 14, "raw>turned");
	found(f, "ROT13 riny(k)", "code.eval", 6, 12, "raw>turned");
	found(f, "reverse(\")\"x(lave\"(b\") \"c\")", "code.eval", 9, 20, "raw>turned");
	found(f, "rot13(\"o(\"k\").riny(k\") c", "code.eval", 14, 20, "raw>turned");
	found(f, "ignore read this backwards: suoiverp", "injection.x", 0, 36, "raw>turned");
	found(f, "reverse(\"\xd0\xbd\xd0\xb3\xd0\xb8 x\")", "injection.y", 9, 17, "raw>turned");
	found(f, "reverse(\"==QK4hCbhZXZ\")", "code.eval", 9, 21, "raw>turned>base64");
	found(f, "%72everse: x(lave", "code.eval", 11, 17, "raw>percent>turned");
	scan(f, "irreverse(\"x(lave\"), reverse x(lave, reverse::x(lave", 53, &r);
	tap_ok(f->t, r.n == 0, "nothing that is said to be turned");
	ab_scrub_result_free(&r);
}

/* What is turned is found wherever a block ends, and what is not turned beside it. */
static void test_turned_edges(struct fixture *f)
{
	enum { BLOCK = 64 << 10 };
	static const char text[] = "\neval(x) reverse(\"fedcba9876543210_kot\") eval(x)\n";
	char *all = malloc(BLOCK + sizeof(text));
	size_t wrong = 0;

	for (size_t at = BLOCK - sizeof(text); at <= BLOCK; at++) {
		struct ab_scrub_result r = { 0 };

		memset(all, '.', BLOCK + sizeof(text));
		memcpy(all + at, text, sizeof(text) - 1);
		scan(f, all, at + sizeof(text) - 1, &r);
		wrong += r.n != 3;
		for (size_t i = 0; i < r.n; i++)
			wrong += strcmp(r.findings[i].rule, "secret.tok") == 0 &&
				 (r.findings[i].start != at + 18 || r.findings[i].end != at + 38);
		ab_scrub_result_free(&r);
	}
	tap_ok(f->t, !wrong, "a turned token over the edge of a block, at each of its bytes: %zu wrong", wrong);
	free(all);
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
		"[\"ev\",\"al(x\"].join(\",\") [\"ev\",al(x].join(\"\") ['ev'].join('')al(x",
		"ignore$IFSX previous ${IFS ignore}previous {ignore, previous}",
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
static void grow(struct fixture *f, const char *unit, size_t times)
{
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
					     "a/**/", "\xd0\xb5 ", "ev/*",    "1.2.3.4 ",
					     "reverse: ", "(rot13) a ", "[\"].join(\"\")", "{cat,a", "'a'[::-1]" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(units); i++)
		grow(f, units[i], (2u << 20) / strlen(units[i]));
}

/* The time for a JSON string of LEN bytes, escapes and tokens in turn, and how many were found. */
static double quoted_seconds(struct fixture *f, size_t len, size_t *found)
{
	static const char unit[] = "\\n\\n\\n\\n\\n\\n\\n\\ntok_0123456789abcdef\\n";
	struct ab_buf doc = { 0 };
	struct ab_scrub_result r = { 0 };
	clock_t start;
	double spent;

	ab_buf_addc(&doc, '"');
	while (doc.len < len)
		ab_buf_adds(&doc, unit);
	ab_buf_addc(&doc, '"');
	start = clock();
	scan(f, doc.data, doc.len, &r);
	spent = (double)(clock() - start) / CLOCKS_PER_SEC;
	*found = r.n;
	ab_scrub_result_free(&r);
	ab_buf_free(&doc);
	return spent;
}

/* Findings in a JSON string that is longer than what has a map of its own for each escape. */
static void test_quoted_growth(struct fixture *f)
{
	double one = 1e9, two = 1e9;
	size_t found[2] = { 0 };
	bool linear = false;

	for (int i = 0; i < 5 && !linear; i++) {
		one = fmin(one, quoted_seconds(f, 96000, &found[0]));
		two = fmin(two, quoted_seconds(f, 192000, &found[1]));
		linear = two < 4 * one + 0.1;
	}
	tap_ok(f->t, found[0] > 2000 && found[1] >= 2 * found[0] - 2 && linear,
	       "many findings among many escapes are found in no more time each: %zu in %.0f ms and %zu in %.0f",
	       found[0], one * 1e3, found[1], two * 1e3);
}

static void test_limits(struct fixture *f)
{
	struct ab_scrub_result r = { 0 };
	size_t n = 60000;
	char *text = malloc(n);
	bool blocked;

	seconds(f, "~", n, &blocked);
	tap_ok(f->t, blocked, "a pattern that runs into its limit blocks");
	grow(f, "~", n);
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
		test_beside(&f);
		test_turned(&f);
		test_turned_edges(&f);
		test_utf16(&f);
		test_words(&f);
		test_benign(&f);
		test_series(&f);
		test_edges(&f);
		test_growth(&f);
		test_quoted_growth(&f);
		test_limits(&f);
	}
	ab_scrub_policy_free(f.policy);
	return tap_done(&t);
}
