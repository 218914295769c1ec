/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exhaust WAY MIB: takes memory where no process shows it, and waits. 2: it was not given.
 * exhaust wide MIB: takes it in children behind 700 others of the same parent.
 * exhaust storm CHAINS: each process forks one and ends: who is looked for is gone before it is found.
 * For a minute, should the jail let it live.
 * exhaust first: meddles with the jail's first process; prints what succeeded.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (16u << 20)

/* Shared memory, touched and let go of: the pages stay. */
static void shared(size_t mib, int fd)
{
	for (size_t done = 0; done < mib << 20; done += CHUNK) {
		char *p = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
			       MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);

		if (p == MAP_FAILED)
			exit(2);
		for (size_t i = 0; i < CHUNK; i += 65536) {
			memset(p + i, 1, 65536);
			(void)madvise(p + i, 65536, MADV_DONTNEED);
		}
	}
}

/* A page table for each empty page that is read. */
static void tables(size_t mib)
{
	size_t n = (mib << 20) / 4096;
	char *p =
		mmap(NULL, n << 21, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		exit(2);
	(void)madvise(p, n << 21, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < n; i++)
		(void)*(volatile char *)(p + (i << 21));
}

static void own(size_t mib)
{
	char *p = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		exit(2);
	memset(p, 1, mib << 20);
}

static void wide(size_t mib)
{
	for (size_t i = 0; i < 700 + mib; i++)
		if (fork() == 0) {
			if (i >= 700)
				own(1);
			return;
		}
}

static void fill_sockets(void)
{
	static const char data[65536];
	int s[2], size = 1 << 20;

	while (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s) == 0)
		for (int i = 0; i < 2; i++) {
			(void)setsockopt(s[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
			while (write(s[i], data, sizeof(data)) > 0)
				;
		}
}

static void first(void)
{
	struct sched_param param = { 0 };
	struct rlimit none = { 0, 0 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setscheduler(1, SCHED_IDLE, &param) == 0)
		puts("scheduler");
	if (sched_setaffinity(1, sizeof(one), &one) == 0)
		puts("affinity");
	if (setpriority(PRIO_PROCESS, 1, 19) == 0)
		puts("priority");
	if (setpriority(PRIO_USER, getuid(), 19) == 0)
		puts("priority of all");
	if (prlimit(1, RLIMIT_NOFILE, &none, NULL) == 0)
		puts("limits");
	exit(0);
}

static void chain(time_t end)
{
	while (time(NULL) < end) {
		if (fork() > 0)
			_exit(0);
		(void)setsid();
	}
	_exit(0);
}

static void storm(size_t chains)
{
	time_t end = time(NULL) + 60;

	for (size_t i = 0; i < chains; i++)
		if (fork() == 0)
			chain(end);
}

int main(int argc, char *argv[])
{
	const char *way = argc > 1 ? argv[1] : "";
	size_t mib = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	if (strcmp(way, "shared") == 0)
		shared(mib, -1);
	else if (strcmp(way, "zero") == 0)
		shared(mib, open("/dev/zero", O_RDWR));
	else if (strcmp(way, "tables") == 0)
		tables(mib);
	else if (strcmp(way, "own") == 0)
		own(mib);
	else if (strcmp(way, "wide") == 0)
		wide(mib);
	else if (strcmp(way, "sockets") == 0)
		fill_sockets();
	else if (strcmp(way, "storm") == 0)
		storm(mib);
	else if (strcmp(way, "first") == 0)
		first();
	for (;;)
		(void)pause();
}
