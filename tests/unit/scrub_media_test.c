/* SPDX-License-Identifier: Apache-2.0 */
/* lib/scrub/media.c: what base64 says by its first bytes that it is. */
#include "tests/unit/tap.h"

#include "lib/scrub/match.h"

#define SIZE 96 /* bytes of a case, zeros behind what it gives */

static size_t encode(const unsigned char *p, size_t len, char *ret)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	for (size_t i = 0; i + 3 <= len; i += 3) {
		uint32_t bits = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			ret[n++] = digits[bits >> shift & 63];
	}
	return n;
}

static bool is_media(const char *bytes, size_t len)
{
	unsigned char padded[SIZE] = { 0 };
	char text[SIZE * 2];

	memcpy(padded, bytes, len);
	return !ab_scrub_check_not_media(NULL, (unsigned char *)text, encode(padded, SIZE, text));
}

#define BYTES(text) text, sizeof(text) - 1
#define PNG	    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"

struct media {
	const char *name, *bytes;
	size_t len;
};

static void test_media(struct tap *t)
{
	static const struct media cases[] = {
		{ "PNG", BYTES(PNG "\0\0\1\x40\0\0\0\xf0\x08\x06\0\0\0") },
		{ "GIF", BYTES("GIF89a\x40\1\xf0\0\xf7\0\0") },
		{ "JPEG with JFIF", BYTES("\xff\xd8\xff\xe0\0\x10JFIF\0\1\1") },
		{ "JPEG with Exif", BYTES("\xff\xd8\xff\xe1\x1c\x2d"
					  "Exif\0\0") },
		{ "JPEG of Adobe", BYTES("\xff\xd8\xff\xee\0\x0e"
					 "Adobe\0") },
		{ "JPEG that begins with tables", BYTES("\xff\xd8\xff\xdb\0\x43\0\x02") },
		{ "WebP", BYTES("RIFF\x24\x12\0\0WEBPVP8 ") },
		{ "a wave", BYTES("RIFF\x24\x12\0\0WAVEfmt ") },
		{ "MP4", BYTES("\0\0\0\x20"
			       "ftypisom") },
		{ "an icon", BYTES("\0\0\1\0\2\0\x10\x10\0\0\1\0") },
		{ "WOFF", BYTES("wOFF\0\1\0\0\0\0\x12\x34") },
		{ "WOFF2 of an OpenType font", BYTES("wOF2OTTO\0\0\x12\x34") },
		{ "TrueType", BYTES("\0\1\0\0\0\x0f\0\x80") },
		{ "OpenType", BYTES("OTTO\0\x0b\0\x80") },
		{ "a key of ssh", BYTES("\0\0\0\x0bssh-ed25519\0\0\0 abc") },
		{ "a certificate", BYTES("\x30\x82\x03\x10\x30\x82\x02\x10\xa0\x03\x02\x01\x02") },
		{ "a public RSA key", BYTES("\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7"
					    "\x0d\x01\x01\x01\x05\0\x03\x82\x01") },
		{ "a public EC key",
		  BYTES("\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01") },
		{ "PEM of a certificate", BYTES("-----BEGIN CERTIFICATE-----\nMIID") },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++)
		tap_ok(t, is_media(cases[i].bytes, cases[i].len), "%s is media", cases[i].name);
}

/* Data that carries a magic, and nothing that belongs to it. */
static void test_no_media(struct tap *t)
{
	static const struct media cases[] = {
		{ "PNG without a header", BYTES("\x89PNG\r\n\x1a\nxxxxxxxxxxxxxxxxxxxxxxxx") },
		{ "PNG of an impossible width",
		  BYTES(PNG "\xc0\xd7\1\x40\0\0\0\xf0\x08\x06\0\0\0") },
		{ "PNG without height", BYTES(PNG "\0\0\1\x40\0\0\0\0\x08\x06\0\0\0") },
		{ "PNG of an unknown colour", BYTES(PNG "\0\0\1\x40\0\0\0\xf0\x08\x16\0\0\0") },
		{ "PNG of an unknown compression",
		  BYTES(PNG "\0\0\1\x40\0\0\0\xf0\x08\x06\x7f\0\0") },
		{ "GIF without a size", BYTES("GIF89a\0\0\0\0\xf7\0\0") },
		{ "GIF without width", BYTES("GIF89a\0\0\xf0\1\xf7\0\0") },
		{ "GIF that is huge", BYTES("GIF89a\x40\xc1\xf0\xd0\xf7\0\0") },
		{ "JPEG without JFIF", BYTES("\xff\xd8\xff\xe0\x7a\x10payload") },
		{ "JPEG of no known segment", BYTES("\xff\xd8\xff\xc7\0\x10JFIF\0") },
		{ "RIFF of nothing known", BYTES("RIFF\x24\x12\0\0DATAdata") },
		{ "WOFF of no font", BYTES("wOFF\x77\x88\x99\xaa") },
		{ "a font of too many tables", BYTES("\0\1\0\0\0\x7f\x33\x80") },
		{ "an icon of too many", BYTES("\0\0\1\0\x7f\x01\x10\x10\0\x07") },
		{ "a key of another length", BYTES("\0\0\0\x0cssh-ed25519\0\0\0 abc") },
		{ "another sequence", BYTES("\x30\x82\x03\x10\x30\x82\x02\x10\x02\x01\x01") },
		{ "a private key", BYTES("\x30\x82\x04\xa4\x02\x01\0\x02\x82\x01\x01\0") },
		{ "PEM of a private key", BYTES("-----BEGIN PRIVATE KEY-----\nMIIE") },
		{ "text", BYTES("the quick brown fox jumps over the lazy dog") },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(cases); i++)
		tap_ok(t, !is_media(cases[i].bytes, cases[i].len), "%s is none", cases[i].name);
	tap_ok(t, ab_scrub_check_not_media(NULL, (const unsigned char *)"iVBORw0K", 8),
	       "a magic alone is none");
	tap_ok(t, ab_scrub_check_not_media(NULL, (const unsigned char *)"", 0), "nothing is none");
}

static bool is_text(const char *bytes, size_t len)
{
	unsigned char padded[SIZE];
	char text[SIZE * 2];

	memset(padded, ' ', sizeof(padded));
	memcpy(padded, bytes, len);
	return ab_scrub_check_base64_text(NULL, (unsigned char *)text,
					  encode(padded, (len + 2) / 3 * 3, text));
}

static void test_text(struct tap *t)
{
	tap_ok(t, is_text(BYTES("user=root\npass=x1")), "words and lines are text");
	tap_ok(t, is_text(BYTES("a\tb\r\nc d e f g h ij")), "tabs and both line ends are text");
	tap_ok(t, !is_text(BYTES("short text")), "fewer than fourteen bytes are none");
	tap_ok(t, !is_text(BYTES("abcdefghijklmnopqr")), "one short word is none");
	tap_ok(t,
	       is_text(BYTES("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmn")),
	       "a long word is text");
	tap_ok(t, !is_text(BYTES("user root\1\2 pass x")), "control characters are none");
	tap_ok(t, is_text(BYTES("caf\xc3\xa9 and more of it")), "other letters are text, in UTF-8");
	tap_ok(t, is_text(BYTES("\xd0\x9f\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c: \xd0\xb7\xd0\xb8\xd0\xbc\xd0\xb0")),
	       "another script is");
	tap_ok(t, is_text(BYTES("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk\xd0\xb0 and more of it")),
	       "a letter of which only the first byte is looked at is no end of it");
	tap_ok(t, !is_text(BYTES("caf\xe9 and more of it")), "bytes beyond ASCII are none in Latin-1");
	tap_ok(t, !is_text(BYTES("caf\xc2\x85 and more of it")), "nor are controls beyond ASCII");
}

int main(void)
{
	struct tap t = { 0 };

	test_media(&t);
	test_no_media(&t);
	test_text(&t);
	return tap_done(&t);
}
