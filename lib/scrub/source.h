/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: a file of a policy as the reader's tape, whose strings are used where they
 * stand. A policy is read each time that ab-scrub starts, and to build values of it took longer
 * than all the rest of a start.
 */
#ifndef AB_SCRUB_SOURCE_H
#define AB_SCRUB_SOURCE_H

#include "lib/json/json.h"
#include "lib/json/tape.h"

/* Strings of an array: places in a text where each stands. */
struct ab_words {
	const char *text;
	const uint32_t *at;
	size_t n;
};

static inline const char *ab_words_item(const struct ab_words *words, size_t i)
{
	return words->text + words->at[i];
}

struct ab_source {
	struct ab_source *next; /* of a policy's files */
	char *path;
	struct ab_buf text;	/* JSON; a string that was asked for ends in a NUL */
	struct ab_json_tape tape;
	uint32_t *words; /* room for the places of those of all arrays */
	size_t n_words;
	struct ab_buf plain; /* a string without its escapes */
	bool rules_alone;    /* it says nothing but what its rules are */
};

/* Reads the bytes of a file. -1: AB_EXIT_USAGE naming the place. */
int ab_source_load(struct ab_source *s, const char *path, struct ab_err *err);
/* Makes the tape of them, JSON or YAML by the file's name; the same. */
int ab_source_read(struct ab_source *s, const char *path, struct ab_err *err);
/* Ends the reading: the strings stay. */
void ab_source_close(struct ab_source *s);
void ab_source_free(struct ab_source *s);

/* A node's type as jansson has it. Nodes are numbers on the tape; 0 is no member, and stands for
 * one that is absent. */
int ab_source_type(const struct ab_source *s, size_t node);

/* The text of a string, which lives as long as the source; NULL if the node is none. */
const char *ab_source_text(struct ab_source *s, size_t node);

/* An integer: false if the node is none, or has no place in 64 bits. */
bool ab_source_integer(struct ab_source *s, size_t node, long long *ret);
double ab_source_real(struct ab_source *s, size_t node);

/* As ab_json_keys(): values[i] becomes the node of the value of keys[i], 0 if it is absent. */
int ab_source_keys(struct ab_source *s, size_t node, const char *where,
		   const struct ab_json_key *keys, size_t *values, struct ab_err *err);

/* The strings of an array, or one alone, none of which may be empty; none if the node is absent. */
int ab_source_words(struct ab_source *s, size_t node, const char *where, const char *key,
		    struct ab_words *ret, struct ab_err *err);

#endif
