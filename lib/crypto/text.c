/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/text.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(uint32_t bits, char out[4])
{
	out[0] = base64_digits[bits >> 18 & 63];
	out[1] = base64_digits[bits >> 12 & 63];
	out[2] = base64_digits[bits >> 6 & 63];
	out[3] = base64_digits[bits & 63];
}

/*
 * Six bytes, of eight that can be read, to eight digits. Each value goes into a byte of its own,
 * then to its digit by what the ranges before it are off by: a value of at least N, put up by
 * 128 - N, has its high bit set. What is borrowed between bytes on the way is given back, since
 * every digit fits in one.
 */
static void encode_six(const unsigned char *p, char out[8])
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	v = be64toh(v) >> 16;
	v = (v & UINT64_C(0xffffff000000)) << 8 | (v & UINT64_C(0xffffff));
	v = (v & UINT64_C(0x00fff00000fff000)) << 4 | (v & UINT64_C(0x00000fff00000fff));
	v = (v & UINT64_C(0x0fc00fc00fc00fc0)) << 2 | (v & UINT64_C(0x003f003f003f003f));
	v = htobe64(v + 'A' * ones + ((v + (128 - 26) * ones) >> 7 & ones) * ('a' - 'Z' - 1) -
		    ((v + (128 - 52) * ones) >> 7 & ones) * ('z' + 1 - '0') -
		    ((v + (128 - 62) * ones) >> 7 & ones) * ('9' + 1 - '+') +
		    ((v + (128 - 63) * ones) >> 7 & ones) * ('/' - '+' - 1));
	memcpy(out, &v, sizeof(v));
}

size_t ab_base64_encode(const void *data, size_t len, char *out)
{
	const unsigned char *p = data;
	char *to = out;

	for (; len >= 8; len -= 6, p += 6, to += 8)
		encode_six(p, to);
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
