/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code: tries to execute what it has written, in each way that a kernel may offer, and prints a TAP
 * line for each: "not ok" where its own code ran. Static; not linked with anything of ours.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fork_again.h"

#define SIZE 4096
#define RW   (PROT_READ | PROT_WRITE)
#define RX   (PROT_READ | PROT_EXEC)

#if defined(__x86_64__)
static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* return 42 */
#else
static const unsigned int code[] = { 0x52800540, 0xd65f03c0 };
#endif

static void *map(int prot, int flags, int fd)
{
	void *p = mmap(NULL, SIZE, prot, flags, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void *anonymous(int prot)
{
	return map(prot, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void *put(void *p)
{
	return p ? memcpy(p, code, sizeof(code)) : NULL;
}

static void *protect(void *p, int prot)
{
	return p && mprotect(p, SIZE, prot) == 0 ? p : NULL;
}

static void *at_once(void)
{
	return put(anonymous(RW | PROT_EXEC));
}

static void *high_bits(void)
{
	long p = syscall(SYS_mmap, 0, SIZE, 0x700000007, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == -1 ? NULL : put((void *)p);
}

static void *later(void)
{
	return protect(put(anonymous(RW)), RX);
}

static void *later_by_key(void)
{
	void *p = put(anonymous(RW));

	return p && syscall(SYS_pkey_mprotect, p, SIZE, RX, -1) == 0 ? p : NULL;
}

static void *first_code(void)
{
	return protect(put(protect(anonymous(RX), RW)), RX);
}

static void *moved(void)
{
	void *p = put(anonymous(RW)), *q = anonymous(RX);

	p = q ? mremap(p, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, q) : MAP_FAILED;
	return p == MAP_FAILED ? NULL : protect(p, RX);
}

static void *heap(void)
{
	char *p = sbrk(2 * SIZE);

	p = (char *)(((unsigned long)p + SIZE - 1) & ~(SIZE - 1ul));
	return protect(put(p), RX);
}

static void *stack(void)
{
	static char *page;
	char here[2 * SIZE];

	page = (char *)(((unsigned long)here + SIZE - 1) & ~(SIZE - 1ul));
	put(page);
	return mprotect(page, SIZE, RW | PROT_EXEC) == 0 ? page : NULL;
}

static void *stack_below(void)
{
	char here[SIZE];
	uintptr_t place = (uintptr_t)here; /* a number: it is looked at while the stack stands */

	put(here);
	return mprotect((void *)(place & ~(SIZE - 1ul)), SIZE, RW | PROT_EXEC | PROT_GROWSDOWN) == 0
		       ? (void *)place
		       : NULL;
}

/* Code of the program's own file, with the page to itself. */
static void __attribute__((aligned(SIZE), noinline)) place(void)
{
	__asm__ volatile(".skip 4096, 0x90");
}

static void *own_code(void)
{
	return protect(put(protect((void *)&place, RW)), RX);
}

static void *from_file(const char *path, int prot, int flags)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0700);

	if (fd < 0 || write(fd, code, sizeof(code)) != sizeof(code) || ftruncate(fd, SIZE) < 0)
		return NULL;
	return map(prot, flags, fd);
}

static void *tmp_shared(void)
{
	return from_file("code", RX, MAP_SHARED);
}

static void *tmp_private(void)
{
	return from_file("code", RX, MAP_PRIVATE);
}

static void *shm_file(void)
{
	return from_file("/dev/shm/code", RX, MAP_SHARED);
}

static void *tmp_later(void)
{
	return protect(from_file("code", RW, MAP_SHARED), RX);
}

static void *unnamed(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0700);

	return fd < 0 || write(fd, code, sizeof(code)) < 0 ? NULL : map(RX, MAP_PRIVATE, fd);
}

static void *memory_file(void)
{
	int fd = memfd_create("code", 0);

	return fd < 0 || write(fd, code, sizeof(code)) < 0 ? NULL : map(RX, MAP_PRIVATE, fd);
}

static void *segment(void)
{
	int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0700);
	void *p = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_EXEC);

	return p == (void *)-1 ? NULL : put(p);
}

static void *read_is_execute(void)
{
	return personality(READ_IMPLIES_EXEC) < 0 ? NULL : put(anonymous(RW));
}

static void *own_memory(void)
{
	void *p = anonymous(RX);
	int fd = open("/proc/self/mem", O_RDWR);

	return p && fd >= 0 && pwrite(fd, code, sizeof(code), (long)p) > 0 ? p : NULL;
}

/* Code of the program's own file, to be changed from outside its mapping. */
static void *own_text(void)
{
	int fd = open("/proc/self/mem", O_WRONLY);
	void *p = (void *)&anonymous;

	return fd >= 0 && pwrite(fd, code, sizeof(code), (long)p) > 0 ? p : NULL;
}

static void *zero(void)
{
	int fd = open("/dev/zero", O_RDWR);

	return fd < 0 ? NULL : put(map(RW | PROT_EXEC, MAP_PRIVATE, fd));
}

static void *shared_nameless(void)
{
	return put(map(RW | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1));
}

static const struct {
	const char *name;
	void *(*make)(void);
} ways[] = {
	{ "memory that is writable and executable", at_once },
	{ "the same, with bits that the kernel does not look at", high_bits },
	{ "memory made executable once it is written", later },
	{ "the same, by a protection key", later_by_key },
	{ "memory made executable, then written, then executable again", first_code },
	{ "written memory moved to where there was code", moved },
	{ "the heap", heap },
	{ "the stack", stack },
	{ "the stack and all below", stack_below },
	{ "the program's own code", own_code },
	{ "a file in /tmp", tmp_private },
	{ "the same, shared", tmp_shared },
	{ "the same, mapped before it is executable", tmp_later },
	{ "a file in /dev/shm", shm_file },
	{ "a file without a name", unnamed },
	{ "a memory file", memory_file },
	{ "a System V segment", segment },
	{ "a personality in which reading is executing", read_is_execute },
	{ "/proc/self/mem", own_memory },
	{ "/proc/self/mem of the program's own code", own_text },
	{ "/dev/zero", zero },
	{ "shared memory without a name", shared_nameless },
};

/* Whether code that this process made ran; it may die of trying. */
static int ran(void *(*make)(void))
{
	int status = 0;
	pid_t pid = fork_again();

	if (pid == 0) {
		int (*f)(void);
		void *p = make();

		memcpy(&f, &p, sizeof(f));
		_exit(p ? f() : 0);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 42;
}

int main(void)
{
	int open = 0, n = (int)(sizeof(ways) / sizeof(ways[0]));
	const char *dir = getenv("TMPDIR"); /* tier 2 has no /tmp */

	if (chdir(dir ? dir : "/tmp") < 0)
		return 3;
	for (int i = 0; i < n; i++) {
		int yes;

		fflush(stdout);
		yes = ran(ways[i].make);
		open += yes;
		printf("%s %d - %s\n", yes ? "not ok" : "ok", i + 1, ways[i].name);
	}
	printf("1..%d\n# %d open\n", n, open);
	return 0;
}
