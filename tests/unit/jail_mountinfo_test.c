/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of mountinfo: blanks, tabs, newlines and backslashes stand there as three octal digits. */
#include <stdio.h>
#include <string.h>

#include "lib/jail/mountinfo.h"
#include "tests/unit/tap.h"

int main(void)
{
	static const struct {
		const char *field, *path;
	} cases[] = {
		{ "/a\\040b\\011c\\012d\\134e", "/a b\tc\nd\\e" },
		{ "/plain", "/plain" },
		{ "/\\0401", "/ 1" },
		{ "/\\04", "/\\04" },
		{ "/\\", "/\\" },
		{ "", "" },
	};
	struct tap t = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char field[64];

		(void)snprintf(field, sizeof(field), "%s", cases[i].field);
		ab_mountinfo_unescape(field);
		tap_ok(&t, strcmp(field, cases[i].path) == 0, "\"%s\"", cases[i].field);
	}
	return tap_done(&t);
}
