/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/schema/format.h"
#include "lib/schema/idna.h"

#define MAX_NAME 253

bool ab_format_ipv4(const char *p, size_t len)
{
	size_t at = 0;

	for (int part = 0; part < 4; part++) {
		size_t start = at;
		int n = 0;

		if (part && (at >= len || p[at++] != '.'))
			return false;
		start = at;
		for (; at < len && at - start < 3 && ab_format_is_digit(p[at]); at++)
			n = n * 10 + (p[at] - '0');
		if (at == start || n > 255 || (at - start > 1 && p[start] == '0'))
			return false;
	}
	return at == len;
}

bool ab_format_ipv6(const char *p, size_t len)
{
	bool gap = false;
	int groups = 0;
	size_t at = 0;

	if (len >= 2 && p[0] == ':' && p[1] == ':') {
		gap = true;
		at = 2;
	}
	while (at < len) {
		size_t start = at;

		while (at < len && ab_format_is_hex(p[at]))
			at++;
		if (at < len && p[at] == '.')
			return groups <= 6 && (gap ? groups < 6 : groups == 6) &&
			       ab_format_ipv4(p + start, len - start);
		if (at == start || at - start > 4 || ++groups > 8)
			return false;
		if (at == len)
			break;
		if (p[at++] != ':' || at == len)
			return false;
		if (p[at] == ':') {
			if (gap)
				return false;
			gap = true;
			at++;
		}
	}
	return gap ? groups < 8 : groups == 8;
}

static bool is_ldh(const char *p, size_t len)
{
	if (!len || len > AB_IDNA_LABEL || p[0] == '-' || p[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!ab_format_is_digit(p[i]) && !ab_format_is_letter(p[i]) && p[i] != '-')
			return false;
	return true;
}

/* An ASCII label: if it is an A-label, what it stands for must be a U-label that is not ASCII. */
static bool is_ascii_label(const char *p, size_t len)
{
	uint32_t label[AB_IDNA_LABEL];
	size_t n;
	bool ascii = true;

	if (!is_ldh(p, len))
		return false;
	if (len < 4 || (p[0] | 0x20) != 'x' || (p[1] | 0x20) != 'n' || p[2] != '-' || p[3] != '-')
		return true;
	n = ab_idna_decode(p + 4, len - 4, label, AB_IDNA_LABEL);
	for (size_t i = 0; i < n; i++)
		ascii = ascii && label[i] < 0x80;
	return !ascii && ab_idna_is_label(label, n) && ab_idna_encoded_length(label, n) == len - 4;
}

bool ab_format_hostname(const char *p, size_t len)
{
	if (!len || len > MAX_NAME)
		return false;
	for (;;) {
		const char *dot = memchr(p, '.', len);
		size_t n = dot ? (size_t)(dot - p) : len;

		if (!is_ascii_label(p, n))
			return false;
		if (!dot)
			return true;
		p += n + 1;
		len -= n + 1;
	}
}

/* IDNA's separators: RFC 3490 section 3.1 */
static bool is_dot(uint32_t c)
{
	return c == '.' || c == 0x3002 || c == 0xff0e || c == 0xff61;
}

/* What is known of a name's labels so far. */
struct name {
	size_t wire;	    /* bytes in a host name */
	bool right_to_left; /* some label is */
	bool bidi;	    /* all keep the Bidi rule */
};

/* RFC 5893 section 2: in a name with a label that is written from right to left the rule holds for
 * all labels. */
static void look_for_bidi(const uint32_t *label, size_t n, struct name *name)
{
	name->right_to_left = name->right_to_left || ab_idna_is_right_to_left(label, n);
	name->bidi = name->bidi && ab_idna_keeps_bidi_rule(label, n);
}

/* The same for the label that an A-label stands for, or for an ASCII label itself. */
static void look_into_ascii(const char *p, const uint32_t *label, size_t n, struct name *name)
{
	uint32_t decoded[AB_IDNA_LABEL];
	size_t len = 0;

	if (n > 4 && strncasecmp(p, "xn--", 4) == 0)
		len = ab_idna_decode(p + 4, n - 4, decoded, AB_IDNA_LABEL);
	look_for_bidi(len ? decoded : label, len ? len : n, name);
}

/* One label of mixed text. Capital letters of ASCII are those of an ASCII label only. */
static bool check_label(const uint32_t *label, size_t n, struct name *name)
{
	char ascii[AB_IDNA_LABEL];
	bool plain = true;
	size_t encoded;

	if (n > AB_IDNA_LABEL)
		return false;
	for (size_t i = 0; i < n; i++)
		plain = plain && label[i] < 0x80;
	if (plain) {
		for (size_t i = 0; i < n; i++)
			ascii[i] = (char)label[i];
		name->wire += n;
		if (n >= 4 && ascii[2] == '-' && ascii[3] == '-' && strncasecmp(ascii, "xn", 2))
			return false;
		if (!is_ascii_label(ascii, n))
			return false;
		look_into_ascii(ascii, label, n, name);
		return true;
	}
	encoded = ab_idna_encoded_length(label, n);
	name->wire += 4 + encoded;
	look_for_bidi(label, n, name);
	return encoded <= AB_IDNA_LABEL - 4 && ab_idna_is_label(label, n);
}

bool ab_format_idn_hostname(const char *p, size_t len)
{
	uint32_t label[AB_IDNA_LABEL + 1];
	struct name name = { .bidi = true };
	size_t n = 0;

	for (size_t at = 0; at < len;) {
		uint32_t c;

		at += ab_utf8_decode((const unsigned char *)p + at, len - at, &c);
		if (is_dot(c)) {
			if (!check_label(label, n, &name) || ++name.wire > MAX_NAME)
				return false;
			n = 0;
		} else if (n < AB_IDNA_LABEL) {
			label[n++] = c;
		} else {
			return false;
		}
	}
	return check_label(label, n, &name) && name.wire <= MAX_NAME &&
	       (name.bidi || !name.right_to_left);
}
