/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes lib/scrub/fold_table.inc from ICU's data: cc -o fold_table lib/scrub/gen/fold_table.c
 * -licuuc -licui18n && ./fold_table >lib/scrub/fold_table.inc; and with ./fold_table index its
 * index, lib/scrub/fold_index.inc: of each 64 code points below U+20000 which are in the table, and
 * how many stand before them. Its output is checked in, so that a build needs no ICU and is the
 * same everywhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/uvernum.h>

struct data {
	const UNormalizer2 *nfkc, *nfd;
	USpoofChecker *spoof;
	unsigned column;
	/* Of the index: the block of 64 that is counted, its characters, and those before it. */
	int index;
	UChar32 block;
	unsigned long long bits;
	unsigned before, n;
};

/* Copies up to three ASCII characters; 0 if the text is empty, has others or is too long. */
static int ascii_of(const UChar *text, int32_t len, char out[4])
{
	int n = 0;

	for (int32_t i = 0; i < len; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e || n == 3)
			return 0;
		out[n++] = (char)text[i];
	}
	out[n] = '\0';
	return n;
}

/* Drops combining marks and what is ignorable. */
static int32_t strip(const UChar *in, int32_t len, UChar *out)
{
	int32_t n = 0;

	for (int32_t i = 0; i < len;) {
		UChar32 c;

		U16_NEXT(in, i, len, c);
		if (u_charType(c) == U_NON_SPACING_MARK || u_charType(c) == U_FORMAT_CHAR)
			continue;
		U16_APPEND_UNSAFE(out, n, c);
	}
	return n;
}

static int is_unseen(UChar32 c)
{
	int8_t type = u_charType(c);

	return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
	       type == U_FORMAT_CHAR || type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK;
}

/*
 * Letters that Unicode tells from the plain one by their name alone: small capitals, white letters on
 * black, and those of which flags are made. 0: none.
 */
static char named_letter(UChar32 c)
{
	static const char *const heads[] = { "LATIN LETTER SMALL CAPITAL ",
					     "NEGATIVE CIRCLED LATIN CAPITAL LETTER ",
					     "NEGATIVE SQUARED LATIN CAPITAL LETTER ",
					     "REGIONAL INDICATOR SYMBOL LETTER " };
	UErrorCode status = U_ZERO_ERROR;
	char name[128];

	u_charName(c, U_UNICODE_CHAR_NAME, name, sizeof(name), &status);
	if (U_FAILURE(status))
		return 0;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		size_t n = strlen(heads[i]);

		if (strncmp(name, heads[i], n) == 0 && name[n] && !name[n + 1])
			return (char)(name[n] | 0x20);
	}
	return 0;
}

/* What c looks like; -1: itself, else the length. */
static int fold(struct data *d, UChar32 c, char out[4])
{
	UErrorCode status = U_ZERO_ERROR;
	UChar one[2], text[64], plain[64], skeleton[128];
	int32_t n = 0, len;

	if (c >= 0xe0020 && c <= 0xe007e) { /* tag characters spell ASCII */
		out[0] = (char)(c - 0xe0000);
		out[1] = '\0';
		return 1;
	}
	if (is_unseen(c)) {
		out[0] = '\0';
		return 0;
	}
	if (c == 0x4cf) { /* the palochka, which has no skeleton of ASCII */
		out[0] = 'l';
		out[1] = '\0';
		return 1;
	}
	if (u_charDigitValue(c) >= 0) {
		out[0] = (char)('0' + u_charDigitValue(c));
		out[1] = '\0';
		return 1;
	}
	if (c == 0x3002 || c == 0xff61) { /* host names take an ideographic full stop for a dot */
		out[0] = '.';
		out[1] = '\0';
		return 1;
	}
	/* Capital iotas, with accents too: they are written for an I, not an l. */
	if (c == 0x38a || c == 0x399 || c == 0x3aa || c == 0x406 || c == 0x407 || c == 0x2c92) {
		out[0] = 'I';
		out[1] = '\0';
		return 1;
	}
	if (u_isUWhiteSpace(c)) {
		out[0] = ' ';
		out[1] = '\0';
		return 1;
	}
	if (named_letter(c)) {
		out[0] = named_letter(c);
		out[1] = '\0';
		return 1;
	}
	U16_APPEND_UNSAFE(one, n, c);
	len = unorm2_normalize(d->nfkc, one, n, text, 64, &status);
	if (U_FAILURE(status))
		return -1;
	len = unorm2_normalize(d->nfd, text, len, plain, 64, &status);
	if (U_FAILURE(status))
		return -1;
	len = strip(plain, len, text);
	if (ascii_of(text, len, out))
		return (int)strlen(out);
	len = uspoof_getSkeleton(d->spoof, 0, text, len, skeleton, 128, &status);
	if (U_FAILURE(status))
		return -1;
	len = strip(skeleton, len, text);
	return ascii_of(text, len, out) ? (int)strlen(out) : -1;
}

static void print(struct data *d, UChar32 c, const char *ascii)
{
	char text[16] = "";

	for (const char *p = ascii; *p; p++) {
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	}
	d->column +=
		(unsigned)printf("%s{ 0x%x, \"%s\" },", d->column ? " " : "\t", (unsigned)c, text);
	if (d->column > 76) {
		putchar('\n');
		d->column = 0;
	}
}

/* Counts a character for the index, and prints the blocks that are done. */
static void count(struct data *d, UChar32 c)
{
	for (; d->block < c >> 6; d->block++) {
		printf("%s{ 0x%llx, %u },%s", d->block % 3 ? " " : "\t", d->bits, d->before,
		       d->block % 3 == 2 ? "\n" : "");
		d->before = d->n;
		d->bits = 0;
	}
	d->bits |= 1ull << (c & 63);
	d->n++;
}

int main(int argc, char *argv[])
{
	UErrorCode status = U_ZERO_ERROR;
	struct data d = { .nfkc = unorm2_getNFKCInstance(&status),
			  .nfd = unorm2_getNFDInstance(&status),
			  .index = argc > 1 && strcmp(argv[1], "index") == 0 };
	char ascii[4];

	d.spoof = uspoof_open(&status);
	if (U_FAILURE(status))
		return 3;
	printf("/* SPDX-License-Identifier: Apache-2.0 AND Unicode-DFS-2016 */\n"
	       "/* Made by lib/scrub/gen/fold_table.c from ICU %s's data (Unicode %s). Not edited. "
	       "*/\n",
	       U_ICU_VERSION, U_UNICODE_VERSION);
	for (UChar32 c = 0x80; c <= (d.index ? 0x1ffff : 0x10ffff); c++) {
		if ((c >= 0xd800 && c <= 0xdfff) || (c >= 0xe0080 && c < 0xe0100) || c > 0xe01ef)
			continue;
		/* Han, kana and hangul look like no ASCII; their full-width forms do. */
		if (c >= 0x2e80 && c <= 0xfdff && !is_unseen(c) && u_charDigitValue(c) < 0 &&
		    c != 0x3000 && c != 0x3002 && !(c >= 0xa640 && c <= 0xab6f))
			continue;
		if (fold(&d, c, ascii) < 0)
			continue;
		if (d.index)
			count(&d, c);
		else
			print(&d, c, ascii);
	}
	if (d.index)
		count(&d, 0x20000);
	putchar('\n');
	uspoof_close(d.spoof);
	return 0;
}
