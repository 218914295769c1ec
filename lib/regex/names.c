/* SPDX-License-Identifier: Apache-2.0 */
/* Captures and their names, which a backreference may use before they are opened. */
#include <string.h>

#include "lib/base/utf8.h"
#include "lib/regex/parse.h"

static bool is_name_byte(unsigned char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
	       c >= 0x80 || (!first && c >= '0' && c <= '9');
}

bool ab_ecma_name(struct ab_ecma_parser *p, size_t *ret_len)
{
	size_t start = p->at;

	while (p->at < p->len && is_name_byte((unsigned char)p->text[p->at], p->at == start))
		p->at++;
	*ret_len = p->at - start;
	return *ret_len && ab_ecma_take(p, ">");
}

static int add_name(struct ab_ecma_parser *p, size_t at, size_t len)
{
	struct ab_ecma_name *names;

	for (size_t i = 0; i < p->n_names; i++)
		if (p->names[i].len == len &&
		    memcmp(p->text + p->names[i].at, p->text + at, len) == 0) {
			(void)ab_ecma_fail(p, "two groups of one name");
			return -1;
		}
	names = realloc(p->names, (p->n_names + 1) * sizeof(*names));
	if (!names)
		return ab_err_memory(p->err);
	p->names = names;
	names[p->n_names++] = (struct ab_ecma_name){ at, len, p->total };
	return 0;
}

/* Behind `(`: whether it opens a capture, and its name. */
static int scan_group(struct ab_ecma_parser *p)
{
	size_t start, len;

	if (p->at < p->len && p->text[p->at] == '?') {
		if (!ab_ecma_take(p, "?<") || p->at >= p->len || p->text[p->at] == '=' ||
		    p->text[p->at] == '!')
			return 0;
		p->total++;
		start = p->at;
		return ab_ecma_name(p, &len) ? add_name(p, start, len) : 0;
	}
	p->total++;
	return 0;
}

int ab_ecma_groups(struct ab_ecma_parser *p)
{
	bool in_class = false;
	int status = 0;

	while (status == 0 && p->at < p->len) {
		char c = p->text[p->at++];

		if (c == '\\')
			p->at++;
		else if (c == '[')
			in_class = true;
		else if (c == ']')
			in_class = false;
		else if (c == '(' && !in_class)
			status = scan_group(p);
	}
	if (status == 0)
		p->at = 0;
	return status;
}

void ab_ecma_groups_free(struct ab_ecma_parser *p)
{
	free(p->names);
}

bool ab_ecma_char(struct ab_ecma_parser *p, uint32_t *ret)
{
	size_t n = ab_utf8_decode((const unsigned char *)p->text + p->at, p->len - p->at, ret);

	p->at += n;
	return n != 0;
}

bool ab_ecma_number(struct ab_ecma_parser *p, uint32_t *ret)
{
	size_t start = p->at;
	uint64_t n = 0;

	for (; p->at < p->len && p->text[p->at] >= '0' && p->text[p->at] <= '9'; p->at++)
		if (n < AB_ECMA_FOREVER)
			n = n * 10 + (uint64_t)(p->text[p->at] - '0');
	*ret = n < AB_ECMA_FOREVER ? (uint32_t)n : AB_ECMA_FOREVER - 1;
	return p->at > start;
}
