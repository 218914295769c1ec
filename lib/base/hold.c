/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "lib/base/io.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

#define TAKEN ((size_t)256 << 10) /* bytes of a file that are taken at a time */
#define SMALL ((size_t)65536) /* bytes of the memory that a small document gets */

/* Without O_TMPFILE (some network and overlay file systems): create, then unlink. */
static int open_unlinked(const char *dir)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s/agentbox-XXXXXX", dir);
	int fd;

	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0 && unlink(path) < 0) {
		int why = errno;

		(void)close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

/* Where the spool is: TMPDIR if that is an absolute path. */
static const char *spool_directory(void)
{
	const char *dir = secure_getenv("TMPDIR");

	return dir && *dir == '/' ? dir : "/tmp";
}

static int no_spool(const struct ab_hold *h, struct ab_err *err)
{
	const char *dir = spool_directory();

	errno = h->why;
	return ab_err_sys(err, "%s%s", dir == secure_getenv("TMPDIR") ? "TMPDIR: " : "", dir);
}

int ab_hold_open(struct ab_hold *h, uint64_t max, struct ab_err *err)
{
	const char *dir = spool_directory();

	*h = (struct ab_hold){ .max = max ? max : (uint64_t)1 << 40,
			       .memory_max = AB_HOLD_MEMORY,
			       .spool = -1 };
	h->spool = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (h->spool < 0)
		h->spool = open_unlinked(dir);
	if (h->spool >= 0)
		return 0;
	h->why = errno;
	return no_spool(h, err);
}

void ab_hold_open_memory(struct ab_hold *h, size_t max)
{
	*h = (struct ab_hold){ .max = max, .memory_max = max, .spool = -1 };
}

/* Where in the spool there is room behind the document, which may yet be moved there from memory. */
static uint64_t work_at(const struct ab_hold *h)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t size = h->moved || h->in_memory == h->size ? h->memory_max : h->size;

	return (h->base + size + AB_HOLD_PAD + page - 1) / page * page;
}

void *ab_hold_work(struct ab_hold *h, size_t size, struct ab_err *err)
{
	off_t at = (off_t)work_at(h);
	void *work;

	errno = posix_fallocate(h->spool, at, (off_t)size); /* else a full disk would be a signal */
	if (errno) {
		ab_err_sys(err, "spool");
		return NULL;
	}
	work = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, h->spool, at);
	if (work != MAP_FAILED)
		return work;
	ab_err_sys(err, "spool");
	return NULL;
}

bool ab_hold_aside(struct ab_hold *h, struct ab_hold *ret)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), end = work_at(h) + AB_HOLD_WORK;

	if (h->aside)
		end = h->aside->base + h->aside->size + AB_HOLD_PAD;
	*ret = (struct ab_hold){ .max = (uint64_t)1 << 40,
				 .large = true,
				 .spool = h->spool,
				 .of = h,
				 .under = h->aside,
				 .base = (end + page - 1) / page * page };
	if (h->spool < 0)
		return false;
	h->aside = ret;
	return true;
}

static void unmap(struct ab_hold *h)
{
	if (h->map)
		(void)munmap(h->map, h->map_size);
	h->map = NULL;
}

static void free_memory(struct ab_hold *h)
{
	if (h->room)
		(void)munmap(h->room, h->room_size);
	else
		free(h->memory);
	h->memory = h->room = NULL;
	h->capacity = 0;
}

/*
 * Room for all that may stay in memory, of which only what is used is ever there: nothing is moved
 * when it grows, and its pages are large ones where the kernel has them, since to fault in small
 * ones takes longer than what is done with most documents. Where the document is expected to need a
 * quarter of the first alone, that is not one.
 */
static int make_room(struct ab_hold *h, struct ab_err *err)
{
	size_t size = h->memory_max + AB_HOLD_PAD + AB_HUGE_PAGE;
	unsigned char *room = mmap(NULL, size, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t before, small = h->small ? AB_HUGE_PAGE : 0;

	if (room == MAP_FAILED)
		return ab_err_memory(err);
	before = -(uintptr_t)room % AB_HUGE_PAGE;
	/* Small ones do as well. */
	(void)madvise(room + before + small, size - before - small, MADV_HUGEPAGE);
	if (h->in_memory)
		memcpy(room + before, h->memory, h->in_memory);
	free(h->memory);
	h->room = room;
	h->room_size = size;
	h->memory = room + before;
	h->capacity = h->memory_max + AB_HOLD_PAD;
	return 0;
}

static int grow(struct ab_hold *h, size_t need, struct ab_err *err)
{
	unsigned char *memory;

	if (need + AB_HOLD_PAD <= h->capacity)
		return 0;
	if (need + AB_HOLD_PAD > SMALL)
		return make_room(h, err);
	memory = realloc(h->memory, SMALL);
	if (!memory)
		return ab_err_memory(err);
	h->memory = memory;
	h->capacity = SMALL;
	return 0;
}

/* Moves what is in memory to the spool, where the whole document then stands. */
static int spill(struct ab_hold *h, struct ab_err *err)
{
	if (lseek(h->spool, 0, SEEK_SET) < 0)
		return ab_err_sys(err, "spool");
	if (ab_io_write(h->spool, h->memory, h->in_memory, err) < 0)
		return ab_err_prefix(err, "spool: ");
	/* All further bytes go to the spool: the memory is worth more elsewhere. */
	free_memory(h);
	h->in_memory = 0;
	return 0;
}

void ab_hold_expect(struct ab_hold *h, uint64_t size)
{
	h->large = !h->size && size > AB_HOLD_MEMORY && h->spool >= 0;
	h->small = size && size < AB_HUGE_PAGE / 4;
}

int ab_hold_add(struct ab_hold *h, const void *data, size_t len, struct ab_err *err)
{
	if (len > h->max - h->size)
		return ab_err_no(err, "document larger than %llu bytes",
				 (unsigned long long)h->max);
	unmap(h);
	if (h->size + len <= h->memory_max && !h->large) {
		if (grow(h, h->in_memory + len, err) < 0)
			return -1;
		if (len)
			memcpy(h->memory + h->in_memory, data, len);
		h->in_memory += len;
	} else if (h->spool < 0) {
		return no_spool(h, err);
	} else {
		if (h->in_memory && spill(h, err) < 0)
			return -1;
		if (lseek(h->spool, (off_t)(h->base + h->size), SEEK_SET) < 0)
			return ab_err_sys(err, "spool");
		if (ab_io_write(h->spool, data, len, err) < 0)
			return ab_err_prefix(err, "spool: ");
	}
	h->size += len;
	return 0;
}

void ab_hold_take(struct ab_hold *h, int fd)
{
	ssize_t n = 1;

	if (!h->large || h->in_memory || lseek(h->spool, (off_t)(h->base + h->size), SEEK_SET) < 0)
		return;
	unmap(h);
	/* Not by a map of the file: its pages would be mapped and unmapped, which can take thrice as long as to copy
	 * what stands there. What the kernel does not take is read. */
	for (uint64_t room = h->max - h->size; n > 0 && room; room -= (uint64_t)n) {
		n = sendfile(h->spool, fd, NULL, room < TAKEN ? (size_t)room : TAKEN);
		h->size += n > 0 ? (uint64_t)n : 0;
	}
}

const unsigned char *ab_hold_map(struct ab_hold *h, struct ab_err *err)
{
	static const char zeros[AB_HOLD_PAD];
	void *map;

	if (h->in_memory == h->size) {
		if (grow(h, h->in_memory, err) < 0)
			return NULL;
		memset(h->memory + h->in_memory, 0, AB_HOLD_PAD);
		return h->memory;
	}
	if (h->map)
		return h->map;
	/* What does not count may stand behind the document, where zeros belong. They are
	 * written: for a hole a tmpfs may have no room when it is looked at, which would be a signal. */
	if (h->size > SIZE_MAX - AB_HOLD_PAD || ftruncate(h->spool, (off_t)(h->base + h->size)) < 0 ||
	    lseek(h->spool, (off_t)(h->base + h->size), SEEK_SET) < 0) {
		ab_err_sys(err, "spool");
		return NULL;
	}
	if (ab_io_write(h->spool, zeros, sizeof(zeros), err) < 0) {
		ab_err_prefix(err, "spool: ");
		return NULL;
	}
	h->map_size = (size_t)h->size + AB_HOLD_PAD;
	map = mmap(NULL, h->map_size, PROT_READ, MAP_PRIVATE, h->spool, (off_t)h->base);
	if (map == MAP_FAILED) {
		ab_err_sys(err, "spool");
		return NULL;
	}
	h->map = map;
	return h->map;
}

/* The map takes the place of the memory, whose room before and behind it is given back. */
static int map_in_place(struct ab_hold *h, struct ab_err *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (size_t)h->size + AB_HOLD_PAD;
	size_t before = (size_t)(h->memory - h->room), behind = before + (size + page - 1) / page * page;

	if (mmap(h->memory, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, h->spool, (off_t)h->base) == MAP_FAILED)
		return ab_err_sys(err, "spool");
	if (before)
		(void)munmap(h->room, before);
	if (behind < h->room_size)
		(void)munmap(h->room + behind, h->room_size - behind);
	h->map = h->memory;
	h->map_size = size;
	h->memory = h->room = NULL;
	h->capacity = h->in_memory = 0;
	h->moved = true;
	return 0;
}

int ab_hold_spool(struct ab_hold *h, struct ab_err *err)
{
	if (!h->room || h->in_memory != h->size || h->spool < 0 || h->of)
		return 0;
	if (lseek(h->spool, 0, SEEK_SET) < 0)
		return ab_err_sys(err, "spool");
	/* In pieces, since the kernel holds what is written at once as one, and maps all of it where a byte is looked at. */
	for (size_t at = 0, n; at < h->in_memory + AB_HOLD_PAD; at += n) {
		n = h->in_memory + AB_HOLD_PAD - at;
		n = n < SMALL ? n : SMALL;
		if (ab_io_write(h->spool, h->memory + at, n, err) < 0)
			return ab_err_prefix(err, "spool: ");
	}
	return map_in_place(h, err);
}

void ab_hold_near(const struct ab_hold *h, size_t at, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), end;

	if (!h->map || at >= h->map_size)
		return;
	end = h->map_size - at < size ? h->map_size : at + size;
	at = at / page * page;
	(void)madvise(h->map + at, end - at, MADV_POPULATE_READ); /* before Linux 5.14 each is faulted in */
}

void ab_hold_forget(const struct ab_hold *h, size_t from, size_t to)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	from = (from + page - 1) / page * page;
	to = to / page * page;
	/* A page that stays costs memory, nothing else. */
	if (h->map && from < to && to <= h->map_size)
		(void)madvise(h->map + from, to - from, MADV_DONTNEED);
}

ssize_t ab_hold_read(const struct ab_hold *h, uint64_t at, void *data, size_t len,
		     struct ab_err *err)
{
	ssize_t n;

	if (len > h->size - at)
		len = (size_t)(h->size - at);
	if (h->in_memory == h->size) {
		if (len)
			memcpy(data, h->memory + at, len);
		return (ssize_t)len;
	}
	do
		n = pread(h->spool, data, len, (off_t)(h->base + at));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return ab_err_sys(err, "spool");
	if (n == 0 && len)
		return ab_err_trouble(err, "spool: shorter than it was");
	return n;
}

int ab_hold_send(struct ab_hold *h, int fd, int stop, struct ab_err *err)
{
	unsigned char chunk[65536];
	uint64_t at = 0;

	if (h->in_memory == h->size)
		return ab_io_write_unless(stop, fd, h->memory, h->in_memory, err);
	/* The kernel does it without a copy where it can; what is left, or was refused, is written. */
	while (stop < 0 && at < h->size) {
		off_t from = (off_t)at;
		ssize_t n = sendfile(fd, h->spool, &from, (size_t)(h->size - at));

		if (n <= 0)
			break;
		at += (uint64_t)n;
	}
	while (at < h->size) {
		ssize_t n = ab_hold_read(h, at, chunk, sizeof(chunk), err);

		if (n < 0 || ab_io_write_unless(stop, fd, chunk, (size_t)n, err) < 0)
			return -1;
		at += (uint64_t)n;
	}
	return 0;
}

void ab_hold_cut(struct ab_hold *h, uint64_t size)
{
	unmap(h);
	if (size < h->size)
		h->size = size;
}

int ab_hold_clear(struct ab_hold *h, struct ab_err *err)
{
	unmap(h);
	if (h->in_memory != h->size && ftruncate(h->spool, (off_t)h->base) < 0)
		return ab_err_sys(err, "spool");
	h->size = 0;
	h->in_memory = 0;
	h->large = h->moved = false;
	return 0;
}

void ab_hold_close(struct ab_hold *h)
{
	unmap(h);
	free_memory(h);
	if (h->of && h->of->aside == h)
		h->of->aside = h->under;
	if (!h->of && h->spool >= 0)
		(void)close(h->spool);
	else if (h->size && ftruncate(h->spool, (off_t)h->base) < 0)
		h->size = 0; /* its bytes stay, and take room, nothing else */
	*h = (struct ab_hold){ .spool = -1 };
}
