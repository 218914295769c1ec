/* SPDX-License-Identifier: Apache-2.0 */
/* lib/base: values, buffers, UTF-8, cleaned messages, held bytes, the option table. */
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/base/join.h"
#include "lib/base/buf.h"
#include "lib/base/hold.h"
#include "lib/base/opt.h"
#include "lib/base/path.h"
#include "lib/base/time.h"
#include "lib/base/utf8.h"
#include "lib/base/value.h"

static void test_values(struct tap *t)
{
	static const struct {
		const char *text;
		uint64_t ms; /* UINT64_MAX: refused */
	} durations[] = { { "300", 300000 },
			  { "300s", 300000 },
			  { "5m", 300000 },
			  { "250ms", 250 },
			  { "2h", 7200000 },
			  { "", UINT64_MAX },
			  { "s", UINT64_MAX },
			  { "-1", UINT64_MAX },
			  { "1.5s", UINT64_MAX },
			  { "5 m", UINT64_MAX },
			  { "18446744073709551615", UINT64_MAX },
			  { "99999999999999999999", UINT64_MAX } };
	static const struct {
		const char *text;
		uint64_t bytes;
	} sizes[] = { { "0", 0 },
		      { "64K", 65536 },
		      { "2G", 2147483648u },
		      { "1T", (uint64_t)1 << 40 },
		      { "2g", UINT64_MAX },
		      { "K", UINT64_MAX },
		      { "1KB", UINT64_MAX },
		      { "16777216T", UINT64_MAX } };
	struct ab_err err = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(durations); i++) {
		uint64_t ms = UINT64_MAX;

		(void)ab_value_duration(durations[i].text, &ms, &err);
		tap_ok(t, ms == durations[i].ms, "duration '%s'", durations[i].text);
	}
	for (size_t i = 0; i < AB_ARRAY_SIZE(sizes); i++) {
		uint64_t bytes = UINT64_MAX;

		(void)ab_value_size(sizes[i].text, &bytes, &err);
		tap_ok(t, bytes == sizes[i].bytes, "size '%s'", sizes[i].text);
	}
	tap_ok(t, err.status == AB_EXIT_USAGE, "a bad value is a usage error");
}

static void test_utf8(struct tap *t)
{
	static const char *const bad[] = { "\x80",
					   "\xc0\xaf",
					   "\xc1\xbf",
					   "\xe0\x9f\xbf",
					   "\xed\xa0\x80",
					   "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xe2\x82",
					   "\xff",
					   "\xfe",
					   "a\xc3" };
	static const char *const good[] = { "",
					    "a",
					    "\xc2\x80",
					    "\xe2\x82\xac",
					    "\xf4\x8f\xbf\xbf",
					    "\xee\x80\x80",
					    "12345678\xc3\xa4" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(bad); i++)
		tap_ok(t,
		       ab_utf8_check((const unsigned char *)bad[i], strlen(bad[i])) <
			       strlen(bad[i]),
		       "invalid UTF-8 %zu is found", i);
	for (size_t i = 0; i < AB_ARRAY_SIZE(good); i++)
		tap_ok(t,
		       ab_utf8_check((const unsigned char *)good[i], strlen(good[i])) ==
			       strlen(good[i]),
		       "valid UTF-8 %zu passes", i);
	for (uint32_t c = 0; c <= 0x10ffff; c += 0x3ff) {
		unsigned char out[4];
		uint32_t back = 0;
		size_t n = ab_utf8_encode(c, out);
		bool surrogate = c >= 0xd800 && c <= 0xdfff;

		if (surrogate ? n != 0 : ab_utf8_decode(out, n, &back) != n || back != c)
			tap_ok(t, false, "U+%04X comes back", c);
	}
}

static void test_clean(struct tap *t)
{
	char text[] = "a\x1b[31mb\nc\x7f\xc2\x9b"
		      "d\xe2\x80\xae"
		      "e\xff\xc3\xa4";

	ab_err_clean(text);
	tap_is(t, text, "a?[31mb?c???d???e?\xc3\xa4", "control, bidi and invalid bytes become '?'");
}

/* Bytes that tell where they stand, added in pieces of odd sizes up to each place where the hold
 * puts them elsewhere, and beyond it; read back through the map and as copies. Without a spool all of
 * them stay in memory. */
static void test_hold_places(struct tap *t, bool in_memory)
{
	static const size_t sizes[] = { 1, 65000, 65536 - AB_HOLD_PAD, 65537, AB_HOLD_MEMORY,
					AB_HOLD_MEMORY + 1 };
	unsigned char piece[4099], back[4099];
	struct ab_err err = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(sizes); i++) {
		ab_auto(ab_hold_close) struct ab_hold h = AB_HOLD_INIT;
		const unsigned char *map;
		bool same = in_memory || ab_hold_open(&h, 0, &err) == 0;

		if (in_memory)
			ab_hold_open_memory(&h, sizes[i]);
		for (size_t at = 0, n; same && at < sizes[i]; at += n) {
			n = sizes[i] - at < sizeof(piece) ? sizes[i] - at : sizeof(piece);
			for (size_t k = 0; k < n; k++)
				piece[k] = (unsigned char)((at + k) * 31 >> 3);
			same = ab_hold_add(&h, piece, n, &err) == 0;
		}
		map = same ? ab_hold_map(&h, &err) : NULL;
		for (size_t k = 0; map && k < sizes[i]; k++)
			same &= map[k] == (unsigned char)(k * 31 >> 3);
		for (size_t k = 0; map && k < AB_HOLD_PAD; k++)
			same &= map[sizes[i] + k] == 0;
		for (size_t at = 0; same && map && at < sizes[i];) {
			ssize_t n = ab_hold_read(&h, at, back, sizeof(back), &err);

			same = n > 0 && memcmp(back, map + at, (size_t)n) == 0;
			at += same ? (size_t)n : 0;
		}
		tap_ok(t, map && same, "a hold of %zu bytes holds them", sizes[i]);
		if (in_memory)
			tap_ok(t,
			       h.in_memory == sizes[i] && h.spool < 0 &&
				       ab_hold_add(&h, "x", 1, &err) < 0 &&
				       err.status == AB_EXIT_NO,
			       "in memory, and no byte more");
	}
}

static void test_hold(struct tap *t)
{
	ab_auto(ab_hold_close) struct ab_hold h = AB_HOLD_INIT;
	ab_autofree char *chunk = malloc(1 << 20);
	struct ab_err err = { 0 };
	const unsigned char *map;
	uint64_t i;

	for (i = 0; i < 1 << 20; i++)
		chunk[i] = (char)(i * 31 >> 3);
	tap_ok(t, ab_hold_open(&h, (uint64_t)20 << 20, &err) == 0, "a hold opens");
	for (i = 0; i < 20; i++) {
		if (ab_hold_add(&h, chunk, 1 << 20, &err) < 0)
			break;
		map = ab_hold_map(&h, &err);
		if (!map || memcmp(map + (i << 20), chunk, 1 << 20) != 0 ||
		    map[h.size + AB_HOLD_PAD - 1])
			break;
	}
	tap_ok(t, i == 20, "20 MiB are held, in memory and in the spool, with a pad of zeros");
	tap_ok(t, ab_hold_add(&h, chunk, 1, &err) < 0 && err.status == AB_EXIT_NO,
	       "one byte over the limit is refused");
	tap_ok(t, h.in_memory == 0 && h.size == (uint64_t)20 << 20,
	       "nothing of it stays in memory");
	tap_ok(t,
	       ab_hold_clear(&h, &err) == 0 && ab_hold_add(&h, "x", 1, &err) == 0 &&
		       h.in_memory == 1,
	       "a cleared hold starts again in memory");
}

/* What is put aside beside a document, and beside what else is, is there until it is closed. */
static void test_aside(struct tap *t)
{
	ab_auto(ab_hold_close) struct ab_hold h = AB_HOLD_INIT;
	struct ab_hold first, second;
	ab_autofree char *chunk = calloc(1, 1 << 20);
	struct ab_err err = { 0 };
	char back[3] = "";
	bool same = chunk && ab_hold_open(&h, 0, &err) == 0 && ab_hold_add(&h, "doc", 3, &err) == 0;

	same = same && ab_hold_aside(&h, &first) && ab_hold_add(&first, "one", 3, &err) == 0 &&
	       ab_hold_aside(&h, &second) && ab_hold_add(&second, chunk, 1 << 20, &err) == 0 &&
	       ab_hold_read(&first, 0, back, 3, &err) == 3 && memcmp(back, "one", 3) == 0;
	tap_ok(t, same, "what was put aside is there when something else has been");
	if (!same)
		return;
	ab_hold_close(&second);
	same = ab_hold_add(&first, "two", 3, &err) == 0 && ab_hold_aside(&h, &second) &&
	       ab_hold_add(&second, chunk, 1 << 20, &err) == 0 &&
	       ab_hold_read(&first, 3, back, 3, &err) == 3 && memcmp(back, "two", 3) == 0;
	tap_ok(t, same && memcmp(ab_hold_map(&h, &err), "doc", 3) == 0, "and so it is when it has got more");
	ab_hold_close(&second);
	ab_hold_close(&first);
}

static unsigned char byte_at(size_t i)
{
	return (unsigned char)((i * 2654435761u) >> 24 ^ i >> 12);
}

/* The bytes of a mapped document from `at` on are its own, seen through a copy or not. */
static bool shows(const struct ab_hold *h, size_t at, size_t len)
{
	for (size_t i = at; i < at + len && i < h->size; i++)
		if (h->map[i] != byte_at(i))
			return false;
	return true;
}

/* A document that is brought near, forward, back and behind its end, is the same at each place. */
static void test_near(struct tap *t)
{
	static const size_t places[] = { 0, 2, 4, 2, 0, 8, 10, 11, 6, 4, 12, 20, 0 }; /* MiB */
	size_t size = ((size_t)11 << 20) + 12345;

	for (int expected = 0; expected < 2; expected++) {
		ab_auto(ab_hold_close) struct ab_hold h = AB_HOLD_INIT;
		ab_autofree unsigned char *text = malloc(size);
		struct ab_err err = { 0 };
		bool same = ab_hold_open(&h, 0, &err) == 0;

		for (size_t i = 0; i < size; i++)
			text[i] = byte_at(i);
		if (expected)
			ab_hold_expect(&h, size);
		same &= ab_hold_add(&h, text, 5000, &err) == 0;
		tap_ok(t, h.in_memory == (expected ? 0 : 5000), "a large document %s at once",
		       expected ? "is spooled" : "that nobody expects is not spooled");
		same &= ab_hold_add(&h, text + 5000, size - 5000, &err) == 0 &&
			ab_hold_map(&h, &err);
		for (size_t i = 0; same && i < AB_ARRAY_SIZE(places); i++) {
			ab_hold_near(&h, (places[i] << 20) + i, (size_t)1 << 20);
			same = shows(&h, places[i] << 20, (size_t)2 << 20);
			ab_hold_forget(&h, 0, places[i] << 20 < size ? places[i] << 20 : size);
		}
		tap_ok(t, same && shows(&h, 0, size), "a document that is brought near is the same");
	}
}

/* Whether what is taken of a file, and then read, is the file from its offset on. */
static bool takes(const unsigned char *text, size_t size, size_t from, uint64_t max, uint64_t *ret_taken)
{
	ab_auto(ab_hold_close) struct ab_hold h = AB_HOLD_INIT;
	ab_autoclose int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct ab_err err = { 0 };
	unsigned char chunk[65536];
	ssize_t n;
	bool same = fd >= 0 && pwrite(fd, text, size, 0) == (ssize_t)size &&
		    lseek(fd, (off_t)from, SEEK_SET) >= 0 && ab_hold_open(&h, max, &err) == 0;

	ab_hold_expect(&h, size);
	ab_hold_take(&h, fd);
	*ret_taken = h.size;
	while (same && (n = read(fd, chunk, sizeof(chunk))) > 0)
		if (ab_hold_add(&h, chunk, (size_t)n, &err) < 0)
			return false;
	same = same && h.size == size - from && ab_hold_map(&h, &err);
	for (size_t i = 0; same && i < h.size; i++)
		same = h.map[i] == text[from + i];
	return same;
}

/* What was written behind the document, and does not count, is no part of what is mapped. */
static void test_pad(struct tap *t)
{
	ab_auto(ab_hold_close) struct ab_hold h = AB_HOLD_INIT;
	struct ab_err err = { 0 };
	const unsigned char *map;
	size_t zeros = 0;

	if (ab_hold_open(&h, 0, &err) < 0)
		abort();
	ab_hold_expect(&h, (uint64_t)1 << 30);
	if (ab_hold_add(&h, "text", 4, &err) < 0 || pwrite(h.spool, "textures", 8, 0) != 8)
		abort();
	map = ab_hold_map(&h, &err);
	while (map && zeros < AB_HOLD_PAD && !map[h.size + zeros])
		zeros++;
	tap_ok(t, map && zeros == AB_HOLD_PAD, "zeros stand behind a document, whatever was left in its spool");
}

static void test_take(struct tap *t)
{
	size_t size = ((size_t)9 << 20) + 777;
	ab_autofree unsigned char *text = malloc(size);
	uint64_t taken;
	bool same;

	for (size_t i = 0; i < size; i++)
		text[i] = byte_at(i);
	same = takes(text, size, 0, 0, &taken);
	tap_ok(t, same && taken > size / 2, "a large file: %llu bytes are taken", (unsigned long long)taken);
	same = takes(text, size, 65536, size - 65536, &taken);
	tap_ok(t, same && taken > size / 2, "from its offset on, as many as may be");
	same = takes(text, size, 1000, 0, &taken);
	tap_ok(t, same && taken > size / 2, "from the middle of a page, too");
	same = takes(text, size, 0, size - 1, &taken);
	tap_ok(t, !same && taken < size, "a byte too many is none");
}

/* Parses a line of words; they stay where they are for the values that point to them. */
static int parse(const struct ab_cmd *cmd, const char *line, struct ab_err *err)
{
	static char words[256];
	char *argv[16] = { NULL }, *save = NULL;
	int argc = 0;

	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *w = strtok_r(words, " ", &save); w && argc < 15; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	return ab_opt_parse(cmd, argc, argv, err);
}

static void test_options(struct tap *t)
{
	struct {
		bool flag;
		const char *file, *mode;
		uint64_t size;
	} s = { 0 };
	ab_auto(ab_list_free) struct ab_list list = { 0 };
	const struct ab_opt opts[] = {
		{ AB_OPT_FLAG, 'f', "flag", NULL, "a flag", &s.flag },
		{ AB_OPT_STRING, 'o', "file", "FILE", "a file", &s.file },
		{ AB_OPT_CHOICE, 0, "mode", "one|two", "a mode", &s.mode },
		{ AB_OPT_SIZE, 0, "size", "SIZE", "a size", &s.size },
		{ AB_OPT_LIST, 'l', "list", "X", "a list", &list },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = "t", .summary = "t", .opts = opts, .operands = "[FILE...]"
	};
	const struct ab_cmd dashes = { .name = "t",
				       .summary = "t",
				       .opts = opts,
				       .min = 1,
				       .operands = "-- COMMAND",
				       .flags = AB_CMD_NEEDS_DASHES };
	struct ab_err err = { 0 };

	tap_ok(t, parse(&cmd, "t -fo x --mode=two --size 4K -la -l b rest -f", &err) == 9,
	       "options stop at the first operand");
	tap_ok(t,
	       s.flag && strcmp(s.file, "x") == 0 && strcmp(s.mode, "two") == 0 && s.size == 4096 &&
		       list.n == 2 && strcmp(list.items[1], "b") == 0,
	       "every kind of option is stored");
	tap_ok(t, parse(&cmd, "t --fla", &err) == -1, "no abbreviations");
	tap_ok(t, parse(&cmd, "t -x", &err) == -1, "an unknown short option is an error");
	tap_ok(t, parse(&cmd, "t -f --flag", &err) == -1, "an option given twice is an error");
	tap_ok(t, parse(&cmd, "t --flag=1", &err) == -1, "a flag takes no value");
	tap_ok(t, parse(&cmd, "t --mode on", &err) == -1, "a part of a choice is none");
	tap_ok(t, parse(&cmd, "t --file", &err) == -1, "a missing value is an error");
	tap_ok(t, parse(&cmd, "t -- -f", &err) == 2, "-- ends the options");
	tap_ok(t, parse(&cmd, "t -", &err) == 1, "- is an operand");
	tap_ok(t, parse(&cmd, "t rest --flag", &err) == -1, "a long option behind one is an error");
	tap_ok(t, strcmp(err.msg, "--flag: options stand before operands") == 0, "which says so");
	tap_ok(t, parse(&cmd, "t -- rest --flag", &err) == 2, "and behind -- it is an operand");
	tap_ok(t, parse(&dashes, "t cat", &err) == -1, "where -- is required, it is");
	tap_ok(t, parse(&dashes, "t -- cat", &err) == 2, "and is then accepted");
	tap_ok(t, parse(&dashes, "t --", &err) == -1, "with an operand behind it");
}

static void test_replace(struct tap *t)
{
	char dir[] = "/tmp/ab-base-XXXXXX";
	struct ab_err err = { 0 };
	ab_auto(ab_buf_free) struct ab_buf b = { 0 };
	ab_autoclose int fd = -1;
	struct stat st;
	char path[64];

	if (!mkdtemp(dir))
		return;
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	tap_ok(t,
	       ab_path_replace(fd, "f", "one", 3, 0600, &err) == 0 &&
		       ab_path_replace(fd, "f", "two", 3, 0600, &err) == 0,
	       "a file is replaced");
	(void)snprintf(path, sizeof(path), "%s/f", dir);
	tap_ok(t, ab_path_read(path, 3, &b, &err) == 0 && strcmp(b.data, "two") == 0,
	       "and holds the new bytes");
	tap_ok(t, ab_path_read(path, 2, &b, &err) < 0 && err.status == AB_EXIT_USAGE,
	       "a file over its limit is refused");
	tap_ok(t, stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "with its mode");
	(void)unlink(path);
	tap_ok(t, rmdir(dir) == 0, "and no temporary is left");
}

static void test_join(struct tap *t)
{
	static const struct {
		uint64_t n;
		const char *want;
	} numbers[] = { { 0, "0" }, { 9, "9" }, { 10, "10" }, { UINT64_MAX, "18446744073709551615" } };
	struct ab_decimal number;
	char out[6];

	for (size_t i = 0; i < AB_ARRAY_SIZE(numbers); i++)
		tap_is(t, ab_decimal(&number, numbers[i].n), numbers[i].want, numbers[i].want);
	tap_ok(t, ab_join(out, sizeof(out), "ab", "", "cde", NULL), "five bytes have room in six");
	tap_is(t, out, "abcde", "and stand behind each other");
	tap_ok(t, !ab_join(out, sizeof(out), "ab", "cd", "ef", NULL), "six have not");
	tap_is(t, out, "abcde", "what has room is there");
	tap_ok(t, ab_join(out, sizeof(out), NULL) && !*out, "nothing is nothing");
}

int main(void)
{
	struct tap t = { 0 };
	char stamp[AB_TIME_STAMP];

	test_values(&t);
	test_join(&t);
	test_utf8(&t);
	test_clean(&t);
	test_hold(&t);
	test_aside(&t);
	test_near(&t);
	test_take(&t);
	test_pad(&t);
	test_hold_places(&t, false);
	test_hold_places(&t, true);
	test_options(&t);
	test_replace(&t);
	ab_time_format((struct timespec){ 1775658721, 123000000 }, stamp);
	tap_is(&t, stamp, "2026-04-08T14:32:01.123Z", "a time stamp is RFC 3339 UTC");
	return tap_done(&t);
}
