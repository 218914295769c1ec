/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/tar/ring.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/thread.h"
#include "lib/tar/tar.h"

#define MAX_SLOTS (AB_TAR_MAX_THREADS + 2)

struct thread {
	struct ring *ring;
	void *context;
	pthread_t id;
};

struct ring {
	struct ring_work work;
	struct ring_slot slots[MAX_SLOTS];
	unsigned n, wanted, running;
	struct thread threads[AB_TAR_MAX_THREADS];
	void *context; /* of the owner, for work without threads */
	pthread_mutex_t lock;
	pthread_cond_t some_put, some_done;
	uint64_t put, taken, got; /* pieces so far; slot number = piece % n */
	bool stop, tried;
};

struct ring *ring_new(unsigned threads, const struct ring_work *work, struct ab_err *err)
{
	struct ring *r = calloc(1, sizeof(*r));

	if (!r) {
		ab_err_memory(err);
		return NULL;
	}
	r->work = *work;
	r->wanted = threads < 1 ? 1 : threads > AB_TAR_MAX_THREADS ? AB_TAR_MAX_THREADS : threads;
	/* Besides those that are worked on, one is filled and one emptied. */
	r->n = r->wanted + 2;
	(void)pthread_mutex_init(&r->lock, NULL); /* never fails with default attributes */
	(void)pthread_cond_init(&r->some_put, NULL);
	(void)pthread_cond_init(&r->some_done, NULL);
	return r;
}

static void *worker(void *argument)
{
	const struct thread *t = argument;
	struct ring *r = t->ring;

	(void)pthread_mutex_lock(&r->lock);
	for (;;) {
		struct ring_slot *s;

		while (!r->stop && r->taken == r->put)
			(void)pthread_cond_wait(&r->some_put, &r->lock);
		if (r->stop)
			break;
		s = &r->slots[r->taken++ % r->n];
		(void)pthread_mutex_unlock(&r->lock);
		r->work.run(t->context, s);
		(void)pthread_mutex_lock(&r->lock);
		s->done = 1;
		(void)pthread_cond_signal(&r->some_done);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

static bool start_thread(struct ring *r, struct thread *t)
{
	t->ring = r;
	t->context = r->work.start(r->work.shared);
	if (t->context && ab_thread_start(&t->id, worker, t))
		return true;
	if (t->context)
		r->work.end(t->context);
	return false;
}

/* No thread is without a context: it would have to give up pieces that others wait for. */
static void start_threads(struct ring *r)
{
	r->tried = true;
	while (r->running < r->wanted && start_thread(r, &r->threads[r->running]))
		r->running++;
}

int ring_slot(struct ring *r, struct ring_slot **ret, struct ab_err *err)
{
	struct ring_slot *s = &r->slots[r->put % r->n];

	*ret = NULL;
	if (r->put - r->got == r->n)
		return 0;
	if (!s->in)
		s->in = malloc(r->work.in_size);
	if (!s->out)
		s->out = malloc(r->work.out_size);
	if (!s->in || !s->out)
		return ab_err_memory(err);
	ab_buf_clear(&s->more);
	*ret = s;
	return 0;
}

void ring_put(struct ring *r)
{
	struct ring_slot *s = &r->slots[r->put % r->n];

	s->done = 0;
	s->out_len = 0;
	s->why = NULL;
	s->err = (struct ab_err){ 0 };
	(void)pthread_mutex_lock(&r->lock);
	r->put++;
	(void)pthread_cond_signal(&r->some_put);
	(void)pthread_mutex_unlock(&r->lock);
	if (!r->tried && r->put - r->got > 1)
		start_threads(r);
}

/* The owner does the work, there being no threads. */
static void run_here(struct ring *r, struct ring_slot *s)
{
	if (!r->context)
		r->context = r->work.start(r->work.shared);
	r->taken++;
	if (r->context)
		r->work.run(r->context, s);
	else
		s->why = "out of memory";
	s->done = 1;
}

struct ring_slot *ring_get(struct ring *r)
{
	struct ring_slot *s = &r->slots[r->got % r->n];

	if (r->got == r->put)
		return NULL;
	if (r->running == 0) {
		if (!s->done)
			run_here(r, s);
		return s;
	}
	(void)pthread_mutex_lock(&r->lock);
	while (!s->done)
		(void)pthread_cond_wait(&r->some_done, &r->lock);
	(void)pthread_mutex_unlock(&r->lock);
	return s;
}

void ring_release(struct ring *r)
{
	r->got++;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	(void)pthread_mutex_lock(&r->lock);
	r->stop = true;
	(void)pthread_cond_broadcast(&r->some_put);
	(void)pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < r->running; i++) {
		(void)pthread_join(r->threads[i].id, NULL);
		r->work.end(r->threads[i].context);
	}
	for (unsigned i = 0; i < r->n; i++) {
		free(r->slots[i].in);
		free(r->slots[i].out);
		ab_buf_free(&r->slots[i].more);
	}
	if (r->context)
		r->work.end(r->context);
	(void)pthread_mutex_destroy(&r->lock);
	(void)pthread_cond_destroy(&r->some_put);
	(void)pthread_cond_destroy(&r->some_done);
	free(r);
}
