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

bool ab_mountinfo_split(char *line, char **ret_point, char **ret_options)
{
	char *save = NULL;

	/* Number, parent, device, root, mount point, options. */
	*ret_point = *ret_options = NULL;
	for (int i = 0; i < 6; i++) {
		char *word = strtok_r(i ? NULL : line, " ", &save);

		*ret_point = i == 4 ? word : *ret_point;
		*ret_options = i == 5 ? word : NULL;
	}
	if (!*ret_point || !*ret_options)
		return false;
	ab_mountinfo_unescape(*ret_point);
	return true;
}
