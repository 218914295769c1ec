/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/mountinfo.h"

#include <string.h>

void ab_mountinfo_unescape(char *p)
{
	char *to = p;

	for (; *p; p++)
		if (*p == '\\' && strspn(p + 1, "01234567") >= 3) {
			*to++ = (char)((p[1] - '0') * 64 + (p[2] - '0') * 8 + (p[3] - '0'));
			p += 3;
		} else {
			*to++ = *p;
		}
	*to = '\0';
}
