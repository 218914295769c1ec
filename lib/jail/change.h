/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent changed in its workspace, found by comparing the overlay's upper layer with the
 * directory below it: every entry that is new, gone, or other than it was, by content, type or
 * mode. Nothing is believed that the agent could have made: links are never followed, and whoever
 * looks does so from outside once all of the jail is gone.
 */
#ifndef AB_JAIL_CHANGE_H
#define AB_JAIL_CHANGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>
#include "lib/base/err.h"
#include "lib/crypto/sha256.h"
#include "lib/json/json.h"

enum ab_change_kind {
	AB_CHANGE_CREATED,
	AB_CHANGE_MODIFIED, /* a file's content or a link's target */
	AB_CHANGE_DELETED,
	AB_CHANGE_TYPE, /* a file became a link, a directory a file, ... */
	AB_CHANGE_MODE, /* nothing but the permission bits */
};

/* What makes a change worth a second look before it is applied to anything. */
enum ab_change_flags {
	AB_CHANGE_EXECUTABLE = 1, /* a file that can be executed */
	AB_CHANGE_ESCAPES = 2,	  /* a link that leads, or may lead, out of the tree */
	AB_CHANGE_HOOK = 4,	  /* what other programs execute by themselves (hooks.h) */
	AB_CHANGE_SPECIAL = 8,	  /* a FIFO, a socket, a device */
	AB_CHANGE_SETID = 16,	  /* set-user-ID or set-group-ID */
	AB_CHANGE_RACED = 32,	  /* the host's own was changed while the agent ran */
};

struct ab_change_state {
	mode_t mode; /* st_mode; 0: there is nothing */
	uint64_t bytes;
	bool hashed; /* a file that could be read */
	unsigned char sha256[AB_SHA256_SIZE];
	char *target; /* of a link */
};

struct ab_change {
	char *path; /* in the workspace; "." is itself */
	enum ab_change_kind kind;
	unsigned flags;
	struct ab_change_state old, now;
};

struct ab_changes {
	struct ab_change *items; /* sorted by path, bytewise */
	size_t n, capacity;
};

/* The layers as open directories: above, below, and both as the agent saw them. Of a copy the first
 * and the last are the same. */
struct ab_layers {
	int upper, lower, merged;
	bool copy; /* no overlay: the upper one is a copy of all that was below */
};

/*
 * Lists all of them; hashes of what was and of what is. `begun`: when the run began, by
 * CLOCK_REALTIME. What cannot be listed to its end is a failure, never a shorter list; and so are
 * files that have grown by more than `room` bytes, which holes or links alone can make of what has
 * its place on a tmpfs of that size.
 */
int ab_changes_list(struct ab_changes *ret, const struct ab_layers *layers,
		    const struct timespec *begun, uint64_t room, struct ab_err *err);

/* "created", ... and the names of the flags, as they stand in receipts and archives. */
const char *ab_change_kind_name(enum ab_change_kind kind);
const char *ab_change_flag_name(unsigned flag);

/* One as {path, change, flags, old, now} (schemas/receipt.schema.json). NULL: no memory. */
json_t *ab_change_json(const struct ab_change *change);

/* As an array of {path, change, flags, old, now} (schemas/receipt.schema.json). NULL: no memory. */
json_t *ab_changes_json(const struct ab_changes *changes);

/* One of its members, back again. What does not make sense is AB_EXIT_NO. */
int ab_change_read(const json_t *value, struct ab_change *ret, struct ab_err *err);

void ab_change_free(struct ab_change *change);
void ab_changes_free(struct ab_changes *changes);

#endif
