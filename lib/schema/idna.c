/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/idna.h"

#include <string.h>

#include "lib/base/auto.h"

#define IN(c, table) is_in(c, ab_idna_##table, ab_idna_##table##_n)

static bool is_in(uint32_t c, const struct ab_idna_range *table, size_t n)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > table[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && c >= table[low].first;
}

static bool is_ascii_letter_digit(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_arabic_digit(uint32_t c)
{
	return c >= 0x660 && c <= 0x669;
}

static bool is_extended_arabic_digit(uint32_t c)
{
	return c >= 0x6f0 && c <= 0x6f9;
}

static bool has(const uint32_t *label, size_t n, bool (*is)(uint32_t))
{
	for (size_t i = 0; i < n; i++)
		if (is(label[i]))
			return true;
	return false;
}

/* RFC 5892 appendix A.1: joining letters on both sides, whatever transparent stands between. */
static bool joins(const uint32_t *label, size_t n, size_t at)
{
	size_t i = at, j = at + 1;

	while (i > 0 && IN(label[i - 1], join_t))
		i--;
	while (j < n && IN(label[j], join_t))
		j++;
	return i > 0 && j < n && IN(label[i - 1], join_ld) && IN(label[j], join_rd);
}

/* RFC 5892 appendix A: code points that are valid in some company only. */
static bool is_valid_in_context(const uint32_t *label, size_t n, size_t at)
{
	uint32_t before = at ? label[at - 1] : 0, behind = at + 1 < n ? label[at + 1] : 0;

	switch (label[at]) {
	case 0x200c:
		return IN(before, virama) || joins(label, n, at);
	case 0x200d:
		return IN(before, virama);
	case 0xb7:
		return before == 'l' && behind == 'l';
	case 0x375:
		return IN(behind, greek);
	case 0x5f3:
	case 0x5f4:
		return IN(before, hebrew);
	case 0x30fb:
		for (size_t i = 0; i < n; i++)
			if (IN(label[i], kana_han))
				return true;
		return false;
	}
	if (is_arabic_digit(label[at]))
		return !has(label, n, is_extended_arabic_digit);
	return is_extended_arabic_digit(label[at]) && !has(label, n, is_arabic_digit);
}

enum bidi { L, R_AL, AN, EN, OTHER, NSM };

static enum bidi bidi_class(uint32_t c)
{
	if (c >= '0' && c <= '9')
		return EN;
	if (c == '-')
		return OTHER;
	if (IN(c, bidi_r))
		return R_AL;
	if (IN(c, bidi_an))
		return AN;
	if (IN(c, bidi_en))
		return EN;
	if (IN(c, bidi_nsm))
		return NSM;
	return IN(c, bidi_other) ? OTHER : L;
}

/* RFC 5893 section 2, rules 2 to 4 for a label that begins right to left, 5 and 6 for others. */
bool ab_idna_keeps_bidi_rule(const uint32_t *label, size_t n)
{
	enum bidi first = bidi_class(label[0]), last = OTHER;
	bool rtl = first == R_AL, an = false, en = false;

	if (first != L && first != R_AL)
		return false;
	for (size_t i = 0; i < n; i++) {
		enum bidi c = bidi_class(label[i]);

		if (c == (rtl ? L : R_AL) || (!rtl && c == AN))
			return false;
		an = an || c == AN;
		en = en || c == EN;
		if (c != NSM)
			last = c;
	}
	if (!rtl)
		return last == L || last == EN;
	return (last == R_AL || last == EN || last == AN) && !(an && en);
}

static bool is_right_to_left(uint32_t c)
{
	return IN(c, bidi_r) || IN(c, bidi_an);
}

bool ab_idna_is_right_to_left(const uint32_t *label, size_t n)
{
	return has(label, n, is_right_to_left);
}

bool ab_idna_is_label(const uint32_t *label, size_t n)
{
	if (!n || label[0] == '-' || label[n - 1] == '-' || IN(label[0], marks))
		return false;
	if (n >= 4 && label[2] == '-' && label[3] == '-')
		return false;
	for (size_t i = 0; i < n; i++) {
		uint32_t c = label[i];

		if (c < 0x80 ? !is_ascii_letter_digit(c) && c != '-' : !IN(c, pvalid)) {
			if (c < 0x80 || !is_valid_in_context(label, n, i))
				return false;
		}
	}
	if (!ab_idna_is_composed(label, n))
		return false;
	return !ab_idna_is_right_to_left(label, n) || ab_idna_keeps_bidi_rule(label, n);
}
