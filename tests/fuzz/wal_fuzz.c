/* SPDX-License-Identifier: Apache-2.0 */
/* A damaged write-ahead log: no crash, and nothing is taken that its key has not signed. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/audit/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (24 - 8 * i));
}

/* Makes the sums right, so that the fuzzer gets behind them: header, then each frame as it says. */
static void mend(unsigned char *p, size_t size)
{
	static const unsigned char header[20] = "abwal\0\0\1";
	unsigned char sum[AB_SHA256_SIZE];
	size_t at = sizeof(header) + AB_SHA256_SIZE;

	if (size < at)
		return;
	memcpy(p, header, sizeof(header));
	ab_sha256(p, sizeof(header), p + sizeof(header));
	while (size - at > 64) {
		unsigned char *f = p + at;
		size_t left = size - at - 64, bytes = (f[10] << 8 | f[11]) % (left + 1);
		size_t note = (f[14] << 8 | f[15]) % (left - bytes + 1);
		struct ab_sha256 s;

		memcpy(f, "abfr", 4);
		put32(f + 8, (uint32_t)bytes);
		put32(f + 12, (uint32_t)note);
		ab_sha256_init(&s);
		ab_sha256_add(&s, f, 32);
		ab_sha256_add(&s, f + 64 + bytes, note);
		ab_sha256_end(&s, sum);
		memcpy(f + 32, sum, sizeof(sum));
		at += 64 + bytes + note;
	}
}

static void replay(const unsigned char *data, size_t size)
{
	struct ab_log log = { .path = (char *)"fuzz", .wal = memfd_create("wal", 0) };
	struct ab_err err = { 0 };
	off_t torn;

	log.tree = calloc(1, sizeof(*log.tree));
	log.base = calloc(1, sizeof(*log.base));
	if (log.wal >= 0 && log.tree && log.base && write(log.wal, data, size) == (ssize_t)size)
		assert(ab_wal_replay(&log, &torn, &err) < 0);
	if (log.wal >= 0)
		(void)close(log.wal);
	ab_buf_free(&log.tail);
	ab_buf_free(&log.leaves);
	ab_buf_free(&log.note);
	free(log.tree);
	free(log.base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *copy = malloc(size + 1);

	replay(data, size);
	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	mend(copy, size);
	replay(copy, size);
	free(copy);
	return 0;
}
