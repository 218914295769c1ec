/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/content.h"

#include <string.h>

enum ab_content_encoding {
	NONE,
	BASE64,
	BASE64URL,
	BASE32,
	BASE16,
};

static bool is_text(const struct ab_source *src, uint32_t node, const char *text)
{
	return ab_source_type(src, node) == AB_JSON_STRING &&
	       ab_json_is(&src->document->tape, node, text, strlen(text));
}

int ab_content_set(struct ab_compiler *c, const struct ab_source *src, struct ab_content *content)
{
	static const char *const names[] = { "", "base64", "base64url", "base32", "base16" };
	uint32_t encoding = src->value[AB_KW_CONTENT_ENCODING];
	uint32_t media = src->value[AB_KW_CONTENT_MEDIA_TYPE];

	if (encoding && ab_source_type(src, encoding) != AB_JSON_STRING)
		return ab_compile_bad(c, src, encoding, "a string");
	if (media && ab_source_type(src, media) != AB_JSON_STRING)
		return ab_compile_bad(c, src, media, "a string");
	for (int i = BASE64; encoding && i <= BASE16; i++)
		if (is_text(src, encoding, names[i]))
			content->encoding = i;
	content->json = media && is_text(src, media, "application/json");
	/* What an unknown encoding hides cannot be judged. */
	if (encoding && !content->encoding && !is_text(src, encoding, "7bit") &&
	    !is_text(src, encoding, "8bit") && !is_text(src, encoding, "binary"))
		content->json = false;
	return 0;
}

/* The value of a digit, -1 if it is none. RFC 4648 sections 4 to 8. */
static int digit(int encoding, unsigned char c)
{
	if (encoding == BASE16) {
		if (c >= '0' && c <= '9')
			return c - '0';
		return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
	}
	if (encoding == BASE32) {
		if (c >= 'A' && c <= 'Z')
			return c - 'A';
		return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
	}
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == (encoding == BASE64 ? '+' : '-'))
		return 62;
	return c == (encoding == BASE64 ? '/' : '_') ? 63 : -1;
}

bool ab_content_decode(int encoding, const char *text, size_t len, struct ab_buf *out)
{
	unsigned bits = encoding == BASE16 ? 4 : encoding == BASE32 ? 5 : 6, have = 0;
	size_t group = encoding == BASE16 ? 2 : encoding == BASE32 ? 8 : 4, n = len;
	uint32_t value = 0;

	while (n && encoding != BASE16 && text[n - 1] == '=')
		n--;
	if (len % group && !(encoding == BASE64URL && n == len && len % 4 != 1))
		return false;
	if (len - n >= group || (len > n && len - n != (group - n % group) % group))
		return false;
	for (size_t i = 0; i < n; i++) {
		int d = digit(encoding, (unsigned char)text[i]);

		if (d < 0)
			return false;
		value = value << bits | (uint32_t)d;
		have += bits;
		if (have >= 8) {
			have -= 8;
			ab_buf_addc(out, (char)(value >> have));
			value &= (1u << have) - 1;
		}
	}
	/* Fewer than a digit's bits may be left over, and they must be 0. */
	return have < bits && value == 0;
}
