/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes lib/scrub/literal_weight.inc: how common four bytes are in texts of many kinds. cc -O2 -o
 * literal_weight lib/scrub/gen/literal_weight.c && ./literal_weight FILE... >lib/scrub/literal_weight.inc,
 * a file a kind of text (sources of some languages, prose, logs). Its output is checked in: it was
 * made of 60 MB of what a Debian system has in /usr/include, /usr/lib, /usr/share and /etc.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SLOTS  (1u << 24) /* of the table of all that was seen */
#define HASH   0x9e3779b1u /* as in literal.c */
#define FOLD   0x20202020u
#define BITS   15
#define COLUMN 96
#define UNIT   (1 << 24) /* shares are counted in parts of this many */

struct seen {
	uint32_t four, n;
};

static void count(const char *path, struct seen *seen, unsigned char *weights)
{
	FILE *f = fopen(path, "rb");
	uint32_t four = 0;
	double size = 0;
	int c;

	if (!f) {
		perror(path);
		exit(1);
	}
	for (uint32_t i = 0; i < SLOTS; i++)
		seen[i].n = 0;
	while ((c = getc(f)) != EOF) {
		uint32_t i;

		four = four >> 8 | (uint32_t)(c | 0x20) << 24;
		if (++size < 4)
			continue;
		i = four * HASH >> 8;
		while (seen[i].n && seen[i].four != four)
			i = (i + 1) % SLOTS;
		seen[i].four = four;
		seen[i].n++;
	}
	fclose(f);
	for (uint32_t i = 0; i < SLOTS; i++) {
		unsigned char *weight = &weights[seen[i].four * HASH >> (32 - BITS)];
		unsigned log = 0;

		for (double share = seen[i].n / size * UNIT; share >= 2 && log < 25; share /= 2)
			log++;
		if (seen[i].n && log > *weight)
			*weight = (unsigned char)log;
	}
}

int main(int argc, char *argv[])
{
	struct seen *seen = calloc(SLOTS, sizeof(*seen));
	static unsigned char weights[1u << BITS];

	if (!seen)
		return 1;
	for (int i = 1; i < argc; i++)
		count(argv[i], seen, weights);
	puts("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by lib/scrub/gen/literal_weight.c. */");
	for (unsigned i = 0; i < 1u << BITS; i++)
		printf("%s%c%s", i % COLUMN ? "" : "\"", 'A' + weights[i],
		       i % COLUMN == COLUMN - 1 || i == (1u << BITS) - 1 ? "\"\n" : "");
	return 0;
}
