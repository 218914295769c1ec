/* SPDX-License-Identifier: Apache-2.0 */
/* The event log as it is written: bounded, hashed, counted. */
#ifndef AB_JAIL_EVENTLOG_H
#define AB_JAIL_EVENTLOG_H

#include <stdint.h>
#include <time.h>
#include "lib/base/time.h"
#include "lib/crypto/sha256.h"
#include "lib/jail/event.h"

/* What the receipt says of it. */
struct ab_event_facts {
	unsigned char sha256[AB_SHA256_SIZE]; /* of all that was written */
	uint64_t bytes;
	uint64_t counts[AB_EVENT_KINDS], denied; /* of all events, written or not */
	uint64_t lost;				 /* not written: the log was full */
};

struct ab_event_log {
	int fd; /* -1: events are only counted */
	uint64_t max;
	struct ab_event_facts facts;
	struct ab_buf pending;
	struct ab_sha256 hash;
	time_t second; /* the one that `stamp` was made for */
	char stamp[AB_TIME_STAMP];
};

/* `max`: the size of the file, in bytes, its last line included. */
void ab_event_log_init(struct ab_event_log *log, int fd, uint64_t max);

/* Adds an event, and writes what is pending once that is worth it. */
int ab_event_log_add(struct ab_event_log *log, const struct ab_event *e, struct ab_err *err);

/* Writes what is pending. */
int ab_event_log_flush(struct ab_event_log *log, struct ab_err *err);

/* Writes the rest: if events were lost, a last line that says how many. The facts are complete. */
int ab_event_log_end(struct ab_event_log *log, struct ab_err *err);

void ab_event_log_free(struct ab_event_log *log);

#endif
