/* SPDX-License-Identifier: Apache-2.0 */
/* The peer of validate.bench that does the least: jansson reads each line of standard input. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	while ((len = getline(&line, &room, stdin)) > 0) {
		json_t *value = json_loadb(line, (size_t)len, JSON_DECODE_ANY, NULL);

		if (!value)
			return 1;
		json_decref(value);
	}
	free(line);
	return 0;
}
