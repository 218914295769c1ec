/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/name.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/utf8.h"

static const char *wrong_character(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return "control character in the name";
	if (c == '\\')
		return "backslash in the name";
	if (c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069))
		return "bidirectional control in the name";
	if (c == 0x2028 || c == 0x2029)
		return "line separator in the name";
	return NULL;
}

static const char *wrong_text(const char *path, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c = 0;
		const char *why;

		n = ab_utf8_decode((const unsigned char *)path + i, len - i, &c);
		why = n ? wrong_character(c) : "name is not UTF-8";
		if (why)
			return why;
	}
	return NULL;
}

static const char *wrong_component(const char *at, size_t len)
{
	if (len == 0)
		return "empty component in the path";
	if (len > 255)
		return "component of more than 255 bytes";
	if (at[0] == '.' && (len == 1 || (len == 2 && at[1] == '.')))
		return "\".\" or \"..\" in the path";
	return NULL;
}

static const char *wrong_path(const char *path, size_t len)
{
	const char *end = path + len;
	size_t depth = 0;

	if (len == 0)
		return "empty path";
	if (path[0] == '/')
		return "absolute path";
	if (len > AB_NAME_PATH)
		return "path too long";
	for (const char *at = path;; at++) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		const char *why = wrong_component(at, (size_t)((slash ? slash : end) - at));

		if (why || !slash)
			return why;
		if (++depth == AB_NAME_DEPTH)
			return "path too deep";
		at = slash;
	}
}

int ab_name_check(const char *path, size_t len, struct ab_err *err)
{
	const char *why = wrong_path(path, len);

	if (!why)
		why = wrong_text(path, len);
	return why ? ab_err_no(err, "%.*s: %s", (int)(len > 200 ? 200 : len), path, why) : 0;
}
