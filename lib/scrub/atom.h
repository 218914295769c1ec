/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: what one atom of a pattern in PCRE2's syntax, of bytes, may stand for. */
#ifndef AB_SCRUB_ATOM_H
#define AB_SCRUB_ATOM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t ab_atom_set[8]; /* of bytes, a bit each */

/* Adds one byte of the text, as a class, an escape or a plain character; moves *p behind it. false:
 * it is something else. */
bool ab_atom_read(ab_atom_set s, const char **p, bool caseless);

/* Whether what is at p says how often something stands before it, or is a brace that may. */
static inline bool ab_atom_is_counted(const char *p)
{
	return *p == '*' || *p == '+' || *p == '?' || *p == '{';
}

/* Whether the character at p stands for itself, once. */
static inline bool ab_atom_is_plain(const char *p)
{
	unsigned char small = (unsigned char)*p | 0x20;

	return ((small >= 'a' && small <= 'z') || (*p >= '0' && *p <= '9') || *p == ' ' || *p == '_') &&
	       !ab_atom_is_counted(p + 1);
}

#define AB_ATOMS 4

/* Classes that were read last, of which patterns have the same ones again and again. */
struct ab_atoms {
	struct ab_atom_read {
		const char *text;
		size_t len; /* 0: none yet */
		uint16_t number; /* whatever the reader knows it by */
		ab_atom_set set;
	} items[AB_ATOMS];
	size_t next;
};

/* The one at p, NULL if it is not known. */
static inline const struct ab_atom_read *ab_atoms_find(const struct ab_atoms *all, const char *p)
{
	for (size_t i = 0; i < AB_ATOMS; i++)
		if (all->items[i].len && strncmp(p, all->items[i].text, all->items[i].len) == 0)
			return &all->items[i];
	return NULL;
}

static inline void ab_atoms_add(struct ab_atoms *all, const char *from, const char *end, const ab_atom_set set,
				uint16_t number)
{
	struct ab_atom_read *one = &all->items[all->next++ % AB_ATOMS];

	one->text = from;
	one->len = (size_t)(end - from);
	one->number = number;
	memcpy(one->set, set, sizeof(one->set));
}

/* A class from behind its bracket to behind the closing one; *no: all but these. */
bool ab_atom_class(ab_atom_set s, const char **p, bool *no);

static inline bool ab_atom_has(const ab_atom_set s, unsigned char c)
{
	return s[c / 32] >> c % 32 & 1;
}

#endif
