/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/join.h"

#include <stdarg.h>

bool ab_join(char *out, size_t size, ...)
{
	const char *part;
	bool fits = size > 0;
	size_t n = 0;
	va_list parts;

	va_start(parts, size);
	while (fits && (part = va_arg(parts, const char *)))
		for (; fits && *part; part++)
			if (n + 1 < size)
				out[n++] = *part;
			else
				fits = false;
	va_end(parts);
	if (size > 0)
		out[n] = '\0';
	return fits;
}

const char *ab_decimal(struct ab_decimal *d, uint64_t n)
{
	char *p = d->room + sizeof(d->room) - 1;

	*p = '\0';
	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return p;
}
