/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: objects of JSON that tell the name of something in one member and its value in
 * another, {"name": "DB_PASSWORD", "value": "..."}, in either order: to the rules that is an assignment.
 */
#ifndef AB_SCRUB_NAMED_H
#define AB_SCRUB_NAMED_H

#include "lib/json/tape.h"

#define AB_NAMED_MAX 4 /* names, and values, of one object that are kept */

/* A container that is open where the tape is read. */
struct ab_named_level {
	size_t end; /* node behind it */
	unsigned n_names, n_values;
	struct ab_json_node names[AB_NAMED_MAX], values[AB_NAMED_MAX]; /* their text stays where it is */
};

struct ab_named {
	struct ab_named_level *levels;
	size_t n, capacity;
	struct ab_json_node pairs[AB_NAMED_MAX][2]; /* of ab_named_member(): a name and its value each */
};

/* To be called before the nodes from `first` on of a tape that is taken piece by piece. */
void ab_named_resume(struct ab_named *named, const struct ab_json_tape *tape, size_t first);

/* To be called for each container. -1: no memory. */
int ab_named_open(struct ab_named *named, const struct ab_json_tape *tape, size_t node, struct ab_err *err);

/*
 * To be called for each key that has a scalar: how many names, of those that speak of a secret, have
 * become known with their values by it; they stand in `pairs`.
 */
size_t ab_named_member(struct ab_named *named, const struct ab_json_tape *tape, size_t key);

void ab_named_free(struct ab_named *named);

#endif
