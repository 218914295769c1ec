/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/text.h"

#include <stdint.h>
#include <string.h>

#include "lib/crypto/base64-ssse3.h"

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(uint32_t bits, char out[4])
{
	out[0] = base64_digits[bits >> 18 & 63];
	out[1] = base64_digits[bits >> 12 & 63];
	out[2] = base64_digits[bits >> 6 & 63];
	out[3] = base64_digits[bits & 63];
}

size_t ab_base64_encode(const void *data, size_t len, char *out)
{
	const unsigned char *p = data;
	size_t done = ab_base64_encode_ssse3(p, len, out);
	char *to = out + done / 3 * 4;

	p += done;
	len -= done;
	for (; len >= 3; len -= 3, p += 3, to += 4)
		encode_group((uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2], to);
	if (len) {
		encode_group((uint32_t)p[0] << 16 | (len > 1 ? (uint32_t)p[1] << 8 : 0), to);
		to[3] = '=';
		if (len == 1)
			to[2] = '=';
		to += 4;
	}
	*to = '\0';
	return (size_t)(to - out);
}

void ab_base64_add(const void *data, size_t len, struct ab_buf *out)
{
	char *to = ab_buf_reserve(out, AB_BASE64_TEXT(len));

	if (to)
		out->len += ab_base64_encode(data, len, to);
}

/* The value of a digit, or -1. */
static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* A group of 4 - `padding` digits. Bytes written, -1 if it is none or has stray bits. */
static int decode_group(const char *text, int padding, unsigned char *out)
{
	uint32_t bits = 0;

	for (int i = 0; i < 4; i++) {
		int v = i < 4 - padding ? base64_value(text[i]) : 0;

		if (v < 0)
			return -1;
		bits = bits << 6 | (uint32_t)v;
	}
	if (padding && bits & (padding == 1 ? 0xff : 0xffff))
		return -1;
	for (int i = 0; i < 3 - padding; i++)
		out[i] = (unsigned char)(bits >> (16 - 8 * i));
	return 3 - padding;
}

ssize_t ab_base64_decode(const char *text, size_t len, unsigned char *out)
{
	const unsigned char *start = out;

	if (len % 4)
		return -1;
	for (; len > 0; len -= 4, text += 4) {
		int padding = len > 4 || text[3] != '=' ? 0 : text[2] == '=' ? 2 : 1;
		int n = decode_group(text, padding, out);

		if (n < 0)
			return -1;
		out += n;
	}
	return out - start;
}

void ab_hex_encode(const unsigned char *data, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++) {
		out[2 * i] = "0123456789abcdef"[data[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[data[i] & 15];
	}
	out[2 * len] = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool ab_hex_decode(const char *text, size_t len, unsigned char *out)
{
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(text[2 * i]);
		int low = high < 0 ? -1 : hex_value(text[2 * i + 1]);

		if (low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
