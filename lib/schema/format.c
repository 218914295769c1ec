/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/format.h"

#include <string.h>

#include "lib/regex/regex.h"

bool ab_format_uuid(const char *p, size_t len)
{
	if (len != 36)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? p[i] != '-' : !ab_format_is_hex(p[i]))
			return false;
	}
	return true;
}

bool ab_format_json_pointer(const char *p, size_t len)
{
	if (len && p[0] != '/')
		return false;
	for (size_t i = 0; i < len; i++)
		if (p[i] == '~' && (i + 1 == len || (p[i + 1] != '0' && p[i + 1] != '1')))
			return false;
	return true;
}

/* A number without leading zeros; the bytes it takes, 0: none. */
static size_t number_length(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && ab_format_is_digit(p[n]))
		n++;
	return n > 1 && p[0] == '0' ? 0 : n;
}

/* The drafts since 2019-09 refer to a version of Relative JSON Pointer that moves indexes. */
static bool is_relative_pointer(const char *p, size_t len, bool moves)
{
	size_t n = number_length(p, len);

	if (!n)
		return false;
	p += n;
	len -= n;
	if (moves && len && (p[0] == '+' || p[0] == '-')) {
		n = number_length(p + 1, len - 1);
		if (!n || p[1] == '0')
			return false;
		p += n + 1;
		len -= n + 1;
	}
	return (len == 1 && p[0] == '#') || ab_format_json_pointer(p, len);
}

bool ab_format_regex(const char *p, size_t len)
{
	struct ab_err err = { 0 };

	return ab_regex_ecma_check(p, len, &err) == 0;
}

static const struct {
	const char *name;
	bool (*check)(const char *, size_t);
} formats[] = {
	{ "date-time", ab_format_date_time },
	{ "date", ab_format_date },
	{ "time", ab_format_time },
	{ "duration", ab_format_duration },
	{ "email", ab_format_email },
	{ "idn-email", ab_format_idn_email },
	{ "hostname", ab_format_hostname },
	{ "idn-hostname", ab_format_idn_hostname },
	{ "ipv4", ab_format_ipv4 },
	{ "ipv6", ab_format_ipv6 },
	{ "uri", ab_format_uri },
	{ "uri-reference", ab_format_uri_reference },
	{ "iri", ab_format_iri },
	{ "iri-reference", ab_format_iri_reference },
	{ "uri-template", ab_format_uri_template },
	{ "uuid", ab_format_uuid },
	{ "json-pointer", ab_format_json_pointer },
	{ "relative-json-pointer", NULL },
	{ "regex", ab_format_regex },
};

unsigned ab_format_find(const char *name, size_t len)
{
	for (unsigned i = 0; i < AB_ARRAY_SIZE(formats); i++)
		if (strlen(formats[i].name) == len && memcmp(formats[i].name, name, len) == 0)
			return i + 1;
	return 0;
}

bool ab_format_check(unsigned format, enum ab_draft draft, const char *text, size_t len)
{
	if (!formats[format - 1].check)
		return is_relative_pointer(text, len, draft >= AB_DRAFT_2019_09);
	return formats[format - 1].check(text, len);
}
