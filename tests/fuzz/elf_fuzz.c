/* SPDX-License-Identifier: Apache-2.0 */
/* The ELF reader of the jail: a command is untrusted bytes. */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/jail/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ab_autoclose int fd = memfd_create("elf", MFD_CLOEXEC);
	struct ab_elf elf;
	struct ab_err err = { 0 };

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	if (ab_elf_read(fd, &elf, &err) == 0)
		ab_elf_free(&elf);
	return 0;
}
