/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/yaml_scalar.h"

#include <stdbool.h>
#include <string.h>

/* The texts here end in a NUL, which is in no class. Each skip_ function returns what is behind. */

static const char *skip_any(const char *p, const char *class)
{
	return p + strspn(p, class);
}

#define DIGITS "0123456789"

static const char *skip_sign(const char *p)
{
	return p + (*p == '-' || *p == '+');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One of a list of words between blanks, in lower case, upper case or with a capital. */
static bool is_word(const char *text, const char *words)
{
	size_t len = strlen(text);
	char lower[8];
	bool upper = true, small = true;

	if (len == 0 || len >= sizeof(lower))
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z'))
			return false;
		lower[i] = (char)(c | 0x20);
		if (i && c == lower[i])
			upper = false;
		if (i && c != lower[i])
			small = false;
	}
	/* "nO" and "yeS" are strings to both; of one letter alone either case is a word. */
	if (!small && (!upper || text[0] == lower[0]))
		return false;
	for (const char *word = words; *word; word += strcspn(word, " "), word += *word == ' ') {
		if (strncmp(word, lower, len) == 0 && (word[len] == ' ' || !word[len]))
			return true;
	}
	return false;
}

/* .inf and .nan; a sign only before the first. */
static bool is_not_finite(const char *text)
{
	const char *p = skip_sign(text);

	if (*p != '.')
		return false;
	if (strcmp(p, ".nan") == 0 || strcmp(p, ".NaN") == 0 || strcmp(p, ".NAN") == 0)
		return p == text;
	return strcmp(p, ".inf") == 0 || strcmp(p, ".Inf") == 0 || strcmp(p, ".INF") == 0;
}

/* A number of RFC 8259. */
static bool is_json_number(const char *text)
{
	const char *p = text + (*text == '-'), *start = p;

	p = skip_any(p, DIGITS);
	if (p == start || (*start == '0' && p > start + 1))
		return false;
	if (*p == '.') {
		start = p + 1;
		p = skip_any(start, DIGITS);
		if (p == start)
			return false;
	}
	if (*p == 'e' || *p == 'E') {
		start = skip_sign(p + 1);
		p = skip_any(start, DIGITS);
		if (p == start)
			return false;
	}
	return !*p;
}

/* To YAML 1.1 an exponent wants a point before it and a sign; without, it is a string. */
static bool is_number_to_both(const char *text)
{
	const char *e = strpbrk(text, "eE");

	return !e || ((e[1] == '-' || e[1] == '+') && strchr(text, '.'));
}

/* 0b1 and 0x1f, with a sign or without; 0o7 is known to 1.2 only, and without. */
static bool has_base(const char *text)
{
	const char *p = skip_sign(text);
	const char *digits;

	if (p[0] != '0' || !p[1] || !p[2])
		return false;
	digits = "";
	if (p[1] == 'b')
		digits = "01_";
	else if (p[1] == 'x')
		digits = "0123456789abcdefABCDEF_";
	else if (p[1] == 'o' && p == text)
		digits = "01234567";
	return !*skip_any(p + 2, digits);
}

/* Both read 0x1f as 31; a sign or an underscore is known to 1.1 only. */
static bool is_hex_to_both(const char *text)
{
	return text[0] == '0' && text[1] == 'x' && !strchr(text, '_');
}

/* Digits with underscores, a point, an exponent, in any form that either version may read. */
static bool is_decimal(const char *text)
{
	const char *p = skip_sign(text), *start = p;
	bool has_digit = is_digit(*p);

	if (has_digit)
		p = skip_any(p, DIGITS "_");
	if (*p == '.') {
		has_digit = has_digit || is_digit(p[1]);
		p = skip_any(p + 1, DIGITS "_");
	}
	/* To 1.1, a point and an exponent are enough. */
	if (p == start || (!has_digit && *p != 'e' && *p != 'E'))
		return false;
	if (*p == 'e' || *p == 'E') {
		start = skip_sign(p + 1);
		p = skip_any(start, DIGITS);
		if (p == start)
			return false;
	}
	return !*p;
}

/* [0-9]+ or .[0-9]+ or [0-9]+. : what both read as the same number though JSON does not. */
static bool is_decimal_to_both(const char *text)
{
	const char *p = skip_sign(text);

	if (strchr(p, '_') || strcspn(p, DIGITS) > strcspn(p, "eE"))
		return false;
	if (*p == '0' && is_digit(p[1]) && !strchr(p, '.'))
		return false; /* octal to 1.1 */
	return is_number_to_both(text);
}

/* 1:30, 20:30:40.5 */
static bool is_sexagesimal(const char *text)
{
	const char *p = skip_sign(text);
	bool has_colon = false;

	if (!is_digit(*p))
		return false;
	p = skip_any(p, DIGITS "_");
	while (*p == ':') {
		size_t n = strspn(p + 1, DIGITS);

		if (n == 0 || n > 2 || (n == 2 && p[1] > '5'))
			return false;
		p += 1 + n;
		has_colon = true;
	}
	if (has_colon && *p == '.')
		p = skip_any(p + 1, DIGITS "_");
	return has_colon && !*p;
}

/* 2001-01-01, alone or with a time behind it (which need not be right: the text is refused). */
static bool is_timestamp(const char *text)
{
	const char *p = text;
	static const struct {
		size_t min, max;
	} parts[] = { { 4, 4 }, { 1, 2 }, { 1, 2 } };

	for (size_t i = 0; i < 3; i++) {
		size_t n = strspn(p, DIGITS);

		if (n < parts[i].min || n > parts[i].max)
			return false;
		p += n;
		if (i < 2 && *p++ != '-')
			return false;
	}
	if (*p != 'T' && *p != 't' && *p != ' ' && *p != '\t')
		return !*p;
	p = skip_any(p + 1, " \t");
	return is_digit(*p) && strchr(p, ':');
}

enum ab_yaml_scalar ab_yaml_resolve(const char *text, size_t len)
{
	if (strlen(text) != len)
		return AB_YAML_STRING; /* no word or number holds a NUL */
	if (len == 0 || strcmp(text, "~") == 0 || is_word(text, "null"))
		return AB_YAML_NULL;
	if (is_word(text, "true"))
		return AB_YAML_TRUE;
	if (is_word(text, "false"))
		return AB_YAML_FALSE;
	if (strcmp(text, "<<") == 0)
		return AB_YAML_MERGE;
	if (is_word(text, "y n yes no on off") || strcmp(text, "=") == 0)
		return AB_YAML_AMBIGUOUS;
	if (is_json_number(text))
		return is_number_to_both(text) ? AB_YAML_NUMBER : AB_YAML_AMBIGUOUS;
	if (has_base(text))
		return is_hex_to_both(text) ? AB_YAML_NOT_JSON : AB_YAML_AMBIGUOUS;
	if (is_decimal(text))
		return is_decimal_to_both(text) ? AB_YAML_NOT_JSON : AB_YAML_AMBIGUOUS;
	if (is_not_finite(text))
		return AB_YAML_NOT_JSON;
	if (is_sexagesimal(text) || is_timestamp(text))
		return AB_YAML_AMBIGUOUS;
	return AB_YAML_STRING;
}
