/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes lib/scrub/literal_weight.inc: how common four bytes, and the first three of four, are in
 * texts of many kinds. cc -O2 -o literal_weight lib/scrub/gen/literal_weight.c &&
 * ./literal_weight FILE... >lib/scrub/literal_weight.inc, a file a kind of text (sources of some
 * languages, prose, logs). Its output is checked in: it was made of 85 MB of what a Debian system
 * has in /usr/include, /usr/lib, /usr/share and /etc: headers, Python, Perl, JavaScript, settings, Markdown, copyrights,
 * manuals, changelogs, logs.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SLOTS	   (1u << 24) /* of the table of all that was seen */
#define HASH	   0x9e3779b1u /* as in literal.c */
#define FOUR_BITS  16
#define THREE_BITS 14
#define THREE	   0x20ffffffu /* three bytes, and the fold's bit of the fourth */
#define COLUMN	   96
#define UNIT	   (1 << 24) /* shares are counted in parts of this many */

struct seen {
	uint32_t four, n;
};

struct weights {
	unsigned char four[1u << FOUR_BITS], three[1u << THREE_BITS];
};

static void raise(unsigned char *weight, double share)
{
	unsigned char log = 0;

	for (share *= UNIT; share >= 2 && log < 25; share /= 2)
		log++;
	if (log > *weight)
		*weight = log;
}

/* Of the fours that share a hash the most common one counts, of the threes all together. */
static void count(const char *path, struct seen *seen, struct weights *weights)
{
	static uint32_t threes[1u << THREE_BITS];
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
	for (uint32_t i = 0; i < 1u << THREE_BITS; i++)
		threes[i] = 0;
	while ((c = getc(f)) != EOF) {
		uint32_t i;

		four = four >> 8 | (uint32_t)(c | 0x20) << 24;
		if (++size < 4)
			continue;
		threes[(four & THREE) * HASH >> (32 - THREE_BITS)]++;
		i = four * HASH >> 8;
		while (seen[i].n && seen[i].four != four)
			i = (i + 1) % SLOTS;
		seen[i].four = four;
		seen[i].n++;
	}
	fclose(f);
	for (uint32_t i = 0; i < SLOTS; i++)
		if (seen[i].n)
			raise(&weights->four[seen[i].four * HASH >> (32 - FOUR_BITS)],
			      seen[i].n / size);
	for (uint32_t i = 0; i < 1u << THREE_BITS; i++)
		raise(&weights->three[i], threes[i] / size);
}

static void print(const char *name, const unsigned char *weights, unsigned n)
{
	printf("static const char %s[] =\n", name);
	for (unsigned i = 0; i < n; i++)
		printf("%s%c%s", i % COLUMN ? "" : "\t\"", 'A' + weights[i],
		       i == n - 1	      ? "\";\n"
		       : i % COLUMN == COLUMN - 1 ? "\"\n"
					      : "");
}

int main(int argc, char *argv[])
{
	struct seen *seen = calloc(SLOTS, sizeof(*seen));
	static struct weights weights;

	if (!seen)
		return 1;
	for (int i = 1; i < argc; i++)
		count(argv[i], seen, &weights);
	puts("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by lib/scrub/gen/literal_weight.c. */");
	print("four_weights", weights.four, 1u << FOUR_BITS);
	print("three_weights", weights.three, 1u << THREE_BITS);
	return 0;
}
