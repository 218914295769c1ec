/* SPDX-License-Identifier: Apache-2.0 */
/* lib/jail/elf.c: what this very program needs, and broken files. */
#include "tests/unit/tap.h"

#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/jail/elf.h"

static bool needs(const struct ab_elf *elf, const char *library)
{
	for (size_t i = 0; i < elf->n_needed; i++)
		if (strncmp(elf->needed[i], library, strlen(library)) == 0)
			return true;
	return false;
}

static void test_self(struct tap *t)
{
	ab_autoclose int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ab_auto(ab_elf_free) struct ab_elf elf = { 0 };
	struct ab_err err = { 0 };

	tap_ok(t, ab_elf_read(fd, &elf, &err) == 0, "this program is read");
	tap_ok(t, elf.is_elf && elf.is_native, "it is of this machine");
	tap_ok(t, elf.interp && strstr(elf.interp, "/ld-"), "it has a loader");
	tap_ok(t, needs(&elf, "libc."), "and needs the C library");
}

/* The first `size` bytes of this program, some of them changed, as an open file. */
static int open_changed(const unsigned char *data, size_t size)
{
	char path[] = "/tmp/ab-elf-XXXXXX";
	int fd = mkstemp(path);

	(void)unlink(path);
	return fd >= 0 && write(fd, data, size) == (ssize_t)size ? fd : -1;
}

static int read_changed(const unsigned char *data, size_t size, struct ab_elf *elf,
			struct ab_err *err)
{
	ab_autoclose int fd = open_changed(data, size);

	*err = (struct ab_err){ 0 };
	return ab_elf_read(fd, elf, err);
}

static void test_broken(struct tap *t)
{
	ab_autoclose int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	static unsigned char data[1 << 20], copy[1 << 20];
	struct ab_elf elf;
	struct ab_err err;
	unsigned seed = 1, refused = 0;
	Elf64_Ehdr *head = (Elf64_Ehdr *)copy;
	ssize_t size;

	size = read(fd, data, sizeof(data));
	if (size < 4096)
		return;
	memcpy(copy, data, sizeof(copy));
	tap_ok(t, read_changed(copy, 0, &elf, &err) == 0 && !elf.is_elf, "an empty file is no ELF");
	tap_ok(t, read_changed(copy, 3, &elf, &err) == 0 && !elf.is_elf, "three bytes are none");
	tap_ok(t, read_changed(copy, 20, &elf, &err) < 0 && err.status == AB_EXIT_NO,
	       "half a header is broken");
	tap_ok(t, read_changed(copy, 64, &elf, &err) < 0, "no program headers: broken");
	head->e_phnum = 0xffff;
	tap_ok(t, read_changed(copy, (size_t)size, &elf, &err) < 0, "too many headers: broken");
	head->e_phnum = 1;
	head->e_phoff = UINT64_MAX - 8;
	tap_ok(t, read_changed(copy, (size_t)size, &elf, &err) < 0, "headers far away: broken");
	memcpy(copy, data, sizeof(copy));
	head->e_ident[EI_CLASS] = ELFCLASS32;
	tap_ok(t, read_changed(copy, (size_t)size, &elf, &err) == 0 && elf.is_elf && !elf.is_native,
	       "a program of 32 bits is another machine's");
	for (int i = 0; i < 2000; i++) {
		memcpy(copy, data, sizeof(copy));
		for (int k = 0; k < 4; k++)
			copy[rand_r(&seed) % 1024] = (unsigned char)rand_r(&seed);
		if (read_changed(copy, (size_t)size, &elf, &err) < 0)
			refused++;
		else
			ab_elf_free(&elf);
	}
	tap_ok(t, refused > 100, "2000 changed headers: %u refused, none harmful", refused);
}

/* The same headers with a hundred more behind them that say nothing, at the file's end. */
static void test_many(struct tap *t)
{
	ab_autoclose int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ab_auto(ab_elf_free) struct ab_elf elf = { 0 };
	static unsigned char data[8 << 20];
	Elf64_Ehdr *head = (Elf64_Ehdr *)data;
	const size_t more = 100 * sizeof(Elf64_Phdr);
	struct ab_err err = { 0 };
	ssize_t size = read(fd, data, sizeof(data) / 2);
	size_t own = head->e_phnum * sizeof(Elf64_Phdr);

	memcpy(data + size, data + head->e_phoff, own);
	head->e_phoff = (Elf64_Off)size;
	head->e_phnum += 100;
	tap_ok(t, read_changed(data, (size_t)size + own + more, &elf, &err) == 0 && elf.is_native,
	       "more than a hundred headers: %s", err.msg);
	tap_ok(t, elf.interp && needs(&elf, "libc."), "are all read");
}

int main(void)
{
	struct tap t = { 0 };

	test_self(&t);
	test_broken(&t);
	test_many(&t);
	return tap_done(&t);
}
