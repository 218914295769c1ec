/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/relay.h"

#include <errno.h>
#include <string.h>

#include "lib/base/auto.h"
#include "lib/base/io.h"

struct pollfd ab_feed_source(const struct ab_feed *f)
{
	return (struct pollfd){ .fd = f->at == f->len ? f->from : -1, .events = POLLIN };
}

struct pollfd ab_feed_sink(const struct ab_feed *f)
{
	/* Without something to write, only that the agent closed its end is of interest. */
	return (struct pollfd){ .fd = f->to, .events = f->at < f->len ? POLLOUT : 0 };
}

void ab_feed_close(struct ab_feed *f)
{
	if (f->to >= 0)
		(void)close(ab_steal_fd(&f->to));
	f->at = f->len;
}

int ab_feed_read(struct ab_feed *f, struct ab_err *err)
{
	ssize_t n = ab_io_read(f->from, f->chunk, AB_CHUNK, err);

	f->at = f->len = 0;
	if (n <= 0) {
		f->from = -1;
		ab_feed_close(f);
		return n < 0 ? ab_err_prefix(err, "standard input: ") : 0;
	}
	ab_sha256_add(&f->hash, f->chunk, (size_t)n);
	f->bytes += (uint64_t)n;
	f->len = f->to < 0 ? 0 : (size_t)n;
	return 0;
}

void ab_feed_write(struct ab_feed *f)
{
	while (f->to >= 0 && f->at < f->len) {
		ssize_t n = write(f->to, f->chunk + f->at, f->len - f->at);

		if (n >= 0) {
			f->at += (size_t)n;
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR) {
			ab_feed_close(f);
		}
	}
}

int ab_capture_read(struct ab_capture *c, unsigned char *chunk, struct ab_err *err)
{
	ssize_t n = ab_io_read(c->from, chunk, AB_CHUNK, err);

	if (n <= 0) {
		(void)close(ab_steal_fd(&c->from));
		return (int)n;
	}
	if (c->over || ab_hold_add(c->hold, chunk, (size_t)n, err) == 0)
		return 0;
	c->over = true;
	return err->status == AB_EXIT_NO ? 0 : -1;
}

static void keep(struct ab_drop *d, const unsigned char *data, size_t len)
{
	static const char marker[] = "\n[ab-jail: the rest of the agent's stderr was left out]\n";
	struct ab_err ignored;
	size_t room = d->bytes < AB_STDERR_KEPT ? (size_t)(AB_STDERR_KEPT - d->bytes) : 0;

	/* A full disk takes nothing from the run: the file is a convenience, the hash is kept. */
	if (ab_io_write(d->file, data, len < room ? len : room, &ignored) < 0)
		d->file = -1;
	if (len > room && d->file >= 0) {
		(void)ab_io_write(d->file, marker, sizeof(marker) - 1, &ignored);
		d->file = -1;
	}
}

void ab_drop_read(struct ab_drop *d, unsigned char *chunk)
{
	struct ab_err ignored;
	ssize_t n = ab_io_read(d->from, chunk, AB_CHUNK, &ignored);

	if (n <= 0) {
		(void)close(ab_steal_fd(&d->from));
		return;
	}
	if (d->file >= 0)
		keep(d, chunk, (size_t)n);
	ab_sha256_add(&d->hash, chunk, (size_t)n);
	d->bytes += (uint64_t)n;
}
