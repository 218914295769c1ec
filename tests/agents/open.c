/* SPDX-License-Identifier: Apache-2.0 */
/* open FILE: prints it; 2: it cannot be opened. */
#include <stdio.h>

int main(int argc, char *argv[])
{
	FILE *f = argc > 1 ? fopen(argv[1], "r") : NULL;
	char line[256];

	if (!f)
		return 2;
	while (fgets(line, sizeof(line), f))
		(void)fputs(line, stdout);
	return 0;
}
