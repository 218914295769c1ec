/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of work that threads do, where there is not memory for all that they need. */
#include "lib/tar/ring.h"

#include <stdlib.h>

#include "tests/unit/tap.h"

enum { PIECES = 200, THREADS = 4 };

/* Memory is there for so many contexts. */
static void *start(void *shared)
{
	int *left = shared;

	return __atomic_fetch_sub(left, 1, __ATOMIC_RELAXED) > 0 ? malloc(1) : NULL;
}

static void run(void *context, struct ring_slot *s)
{
	(void)context;
	s->out[0] = (unsigned char)(s->in[0] + 1);
	s->out_len = 1;
}

/* Takes the oldest piece back; whether the work on it was done. */
static bool take(struct ring *r, size_t number)
{
	const struct ring_slot *s = ring_get(r);
	bool done = s && !s->why && s->out_len == 1 && s->out[0] == (unsigned char)(number + 1);

	ring_release(r);
	return done;
}

/* How many of the pieces are done by the threads of a ring. */
static size_t work(int contexts)
{
	const struct ring_work work = {
		.in_size = 1, .out_size = 1, .shared = &contexts, .start = start, .run = run, .end = free
	};
	struct ab_err err = { 0 };
	struct ring *r = ring_new(THREADS, &work, &err);
	size_t put = 0, got = 0, done = 0;

	while (r && got < PIECES) {
		struct ring_slot *s = NULL;

		if (put < PIECES && ring_slot(r, &s, &err) < 0)
			break;
		if (s) {
			s->in[0] = (unsigned char)put++;
			s->in_len = 1;
			ring_put(r);
		} else {
			done += take(r, got++);
		}
	}
	ring_free(r);
	return done;
}

int main(void)
{
	struct tap t = { 0 };

	for (int contexts = 1; contexts <= THREADS; contexts++) {
		size_t done = work(contexts);

		tap_ok(&t, done == PIECES, "with memory for %d threads of %d, %zu pieces of %d are done",
		       contexts, THREADS, done, PIECES);
	}
	tap_ok(&t, work(0) == 0, "with memory for none, each piece says so");
	return tap_done(&t);
}
