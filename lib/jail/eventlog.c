/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/eventlog.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/io.h"

#define WORTH_IT  32768 /* bytes pending */
#define LAST_LINE 128	/* room for what says how much was lost */

void ab_event_log_init(struct ab_event_log *log, int fd, uint64_t max)
{
	*log = (struct ab_event_log){ .fd = fd, .max = max, .second = -1 };
	ab_sha256_init(&log->hash);
}

/* Most events come within the second of the one before: only its milliseconds differ. */
static const char *now(struct ab_event_log *log)
{
	struct timespec t;
	unsigned ms;

	clock_gettime(CLOCK_REALTIME, &t);
	if (t.tv_sec != log->second)
		ab_time_format(t, log->stamp);
	log->second = t.tv_sec;
	ms = (unsigned)(t.tv_nsec / 1000000);
	log->stamp[20] = (char)('0' + ms / 100);
	log->stamp[21] = (char)('0' + ms / 10 % 10);
	log->stamp[22] = (char)('0' + ms % 10);
	return log->stamp;
}

int ab_event_log_flush(struct ab_event_log *log, struct ab_err *err)
{
	struct ab_buf *b = &log->pending;

	if (ab_buf_ok(b, err) < 0)
		return -1;
	if (b->len == 0)
		return 0;
	if (ab_io_write(log->fd, b->data, b->len, err) < 0)
		return ab_err_prefix(err, "event log: ");
	ab_sha256_add(&log->hash, b->data, b->len);
	ab_buf_clear(b);
	return 0;
}

int ab_event_log_add(struct ab_event_log *log, const struct ab_event *e, struct ab_err *err)
{
	struct ab_event_facts *f = &log->facts;
	size_t before = log->pending.len;

	f->counts[e->kind]++;
	f->denied += e->denied;
	if (log->fd < 0)
		return 0;
	if (f->lost == 0)
		ab_event_write(e, now(log), &log->pending);
	/* Nothing is written behind a gap. */
	if (f->lost || f->bytes + (log->pending.len - before) + LAST_LINE > log->max) {
		f->lost++;
		log->pending.len = before;
		return 0;
	}
	f->bytes += log->pending.len - before;
	return log->pending.len < WORTH_IT ? 0 : ab_event_log_flush(log, err);
}

int ab_event_log_end(struct ab_event_log *log, struct ab_err *err)
{
	struct ab_event_facts *f = &log->facts;
	size_t before = log->pending.len;

	if (f->lost)
		ab_buf_addf(&log->pending,
			    "{\"event\":\"truncated\",\"lost\":%llu,\"time\":\"%s\"}\n",
			    (unsigned long long)f->lost, now(log));
	f->bytes += log->pending.len - before;
	if (ab_event_log_flush(log, err) < 0)
		return -1;
	ab_sha256_end(&log->hash, f->sha256);
	return 0;
}

void ab_event_log_free(struct ab_event_log *log)
{
	ab_buf_free(&log->pending);
}
