/* SPDX-License-Identifier: Apache-2.0 */
/* Long runs of base64 that say by their first bytes what they are: a picture, a font, a public key.
 */
#include <ctype.h>
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/scrub/base64.h"
#include "lib/scrub/match.h"

#define HEAD 64 /* bytes that are decoded */

/* A key of SSH (RFC 4253 section 6.6): its type, of the length that stands before it. */
static bool is_ssh_key(const unsigned char *head, size_t n)
{
	static const char *const types[] = { "ssh-rsa",
					     "ssh-dss",
					     "ssh-ed25519",
					     "ecdsa-sha2-nistp256",
					     "ecdsa-sha2-nistp384",
					     "ecdsa-sha2-nistp521",
					     "sk-ssh-ed25519@openssh.com",
					     "sk-ecdsa-sha2-nistp256@openssh.com" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(types); i++) {
		size_t len = strlen(types[i]);

		if (n > len + 4 && !head[0] && !head[1] && !head[2] && head[3] == len &&
		    memcmp(head + 4, types[i], len) == 0)
			return true;
	}
	return false;
}

/* DER of what is public: a certificate (RFC 5280) or a SubjectPublicKeyInfo, never a private key,
 * in which a version stands where these have a sequence. */
static bool is_public_der(const unsigned char *h, size_t n)
{
	static const unsigned char rsa[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
					     0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82 };
	static const unsigned char ec[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };

	if (n < 24 || h[0] != 0x30)
		return false;
	if (h[1] == 0x82 && h[4] == 0x30 && h[5] == 0x82) /* v3: [0] { INTEGER 2 } */
		return memcmp(h + 8, "\xa0\x03\x02\x01\x02", 5) == 0;
	if (h[1] == 0x82 && h[4] == 0x30 && h[5] == 0x0d)
		return memcmp(h + 6, rsa, sizeof(rsa)) == 0;
	return h[1] < 0x80 && h[2] == 0x30 && memcmp(h + 4, ec, sizeof(ec)) == 0;
}

static unsigned be16(const unsigned char *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

/* PNG (ISO/IEC 15948): its header is the first chunk, and says what no picture could have else. */
static bool is_png(const unsigned char *h, size_t n)
{
	return n >= 29 && memcmp(h, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) == 0 && !be16(h + 16) &&
	       be16(h + 18) && !be16(h + 20) && be16(h + 22) && h[24] && h[24] <= 16 &&
	       h[25] <= 6 && !h[26] && !h[27] && h[28] <= 1;
}

/* JPEG: the first segment after its start says its length and what it is. */
static bool is_jpeg(const unsigned char *h, size_t n)
{
	if (n < 24 || memcmp(h, "\xff\xd8\xff", 3) != 0)
		return false;
	switch (h[3]) {
	case 0xe0:
		return memcmp(h + 4, "\0\x10JFIF", 7) == 0;
	case 0xe1:
		return memcmp(h + 6, "Exif\0", 6) == 0 || memcmp(h + 6, "http://ns", 9) == 0;
	case 0xee:
		return memcmp(h + 4,
			      "\0\x0e"
			      "Adobe",
			      7) == 0;
	case 0xdb: /* tables of 8-bit quantities, one or two */
		return be16(h + 4) == 0x43 || be16(h + 4) == 0x84;
	default:
		return false;
	}
}

/* A GIF's screen has a size, and no aspect ratio. */
static bool is_gif(const unsigned char *h, size_t n)
{
	return n >= 13 && (memcmp(h, "GIF87a", 6) == 0 || memcmp(h, "GIF89a", 6) == 0) &&
	       (h[6] || h[7]) && (h[8] || h[9]) && h[7] < 0x40 && h[9] < 0x40 && !h[12];
}

/* WOFF and WOFF2 (W3C): the flavour of the font inside follows the magic. */
static bool is_font(const unsigned char *h, size_t n)
{
	if (n < 24)
		return false;
	if (memcmp(h, "wOFF", 4) == 0 || memcmp(h, "wOF2", 4) == 0)
		return memcmp(h + 4, "\0\1\0\0", 4) == 0 || memcmp(h + 4, "OTTO", 4) == 0 ||
		       memcmp(h + 4, "true", 4) == 0;
	if (memcmp(h, "OTTO\0", 5) != 0 && memcmp(h, "\0\1\0\0\0", 5) != 0)
		return false;
	return h[5] && h[5] < 64 && !h[6]; /* tables */
}

/* A picture, a sound or a font by its magic and the header behind it. */
static bool is_picture(const unsigned char *h, size_t n)
{
	if (is_png(h, n) || is_jpeg(h, n) || is_gif(h, n) || is_font(h, n))
		return true;
	if (n < 24)
		return false;
	if (memcmp(h, "RIFF", 4) == 0)
		return memcmp(h + 8, "WEBP", 4) == 0 || memcmp(h + 8, "WAVEfmt ", 8) == 0;
	if (!h[0] && !h[1] && !h[2] && memcmp(h + 4, "ftyp", 4) == 0)
		return h[3] == 0x1c || h[3] == 0x20;
	if (memcmp(h, "\0\0\1\0", 4) == 0) /* an icon */
		return h[4] && h[4] < 32 && !h[5] && !h[9];
	return false;
}

/* PEM of what is public, as Kubernetes writes it in base64 once more. */
static bool is_public_pem(const unsigned char *h, size_t n)
{
	static const char *const names[] = { "-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY",
					     "-----BEGIN CERTIFICATE REQUEST" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++)
		if (n > strlen(names[i]) && memcmp(h, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

bool ab_scrub_check_not_media(const struct ab_scrub_policy *policy, const unsigned char *value,
			      size_t len)
{
	unsigned char head[HEAD];
	size_t taken, n = ab_base64_head(value, len, head, HEAD, &taken);

	(void)policy;
	return !is_picture(head, n) && !is_ssh_key(head, n) && !is_public_der(head, n) &&
	       !is_public_pem(head, n);
}

/* Base64 of text: what is said in it was meant to be read by somebody. */
bool ab_scrub_check_base64_text(const struct ab_scrub_policy *policy, const unsigned char *value,
				size_t len)
{
	unsigned char head[HEAD];
	size_t taken, n = ab_base64_head(value, len, head, HEAD, &taken), spaces = 0;
	uint32_t c;

	(void)policy;
	for (size_t i = 0, size; i < n; i += size) {
		size = ab_utf8_decode(head + i, n - i, &c);
		if (!size && n == HEAD && n - i < 4 && head[i] >= 0xc2) /* it goes on */
			break;
		if (!size || c == 0x7f || (c < ' ' && c != '\n' && c != '\r' && c != '\t') || (c >= 0x80 && c < 0xa0))
			return false;
		spaces += c < 0x80 && !isalnum((int)c);
	}
	return n >= 14 && (spaces || n == HEAD);
}
