/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formats of JSON Schema 2020-12 validation section 7.3 and of the older drafts. Each is known
 * in every draft: who asserts formats means them. Strings are UTF-8 and may hold NULs.
 */
#ifndef AB_SCHEMA_FORMAT_H
#define AB_SCHEMA_FORMAT_H

#include "lib/schema/schema.h"

/* The number of a format, 0: unknown. */
unsigned ab_format_find(const char *name, size_t len);
/* Whether a string is of that format. */
bool ab_format_check(unsigned format, enum ab_draft draft, const char *text, size_t len);

/* --- format_time.c: RFC 3339 section 5.6 and appendix A --- */
bool ab_format_date(const char *p, size_t len);
bool ab_format_time(const char *p, size_t len);
bool ab_format_date_time(const char *p, size_t len);
bool ab_format_duration(const char *p, size_t len);

/* --- format_host.c --- */
bool ab_format_ipv4(const char *p, size_t len);	    /* RFC 2673 section 3.2 */
bool ab_format_ipv6(const char *p, size_t len);	    /* RFC 4291 section 2.2 */
bool ab_format_hostname(const char *p, size_t len); /* RFC 1123 section 2.1; A-labels RFC 5890 */
bool ab_format_idn_hostname(const char *p, size_t len); /* RFC 5890 section 2.3.2.3 */

/* --- format_mail.c: RFC 5321 section 4.1.2, RFC 6531 section 3.3 --- */
bool ab_format_email(const char *p, size_t len);
bool ab_format_idn_email(const char *p, size_t len);

/* --- format_uri.c: RFC 3986, RFC 3987; RFC 6570 --- */
bool ab_format_uri(const char *p, size_t len);
bool ab_format_uri_reference(const char *p, size_t len);
bool ab_format_iri(const char *p, size_t len);
bool ab_format_iri_reference(const char *p, size_t len);
bool ab_format_uri_template(const char *p, size_t len);

/* --- format.c --- */
bool ab_format_uuid(const char *p, size_t len);		/* RFC 4122 section 3 */
bool ab_format_json_pointer(const char *p, size_t len); /* RFC 6901 */
bool ab_format_regex(const char *p, size_t len);	/* ECMA-262 with the u flag */

static inline bool ab_format_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ab_format_is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool ab_format_is_hex(char c)
{
	return ab_format_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

#endif
