/* SPDX-License-Identifier: Apache-2.0 */
/* Headers as bytes; private to the room. */
#ifndef AB_TAR_HEADER_H
#define AB_TAR_HEADER_H

#include "lib/tar/tar.h"

/* ustar's fields (IEEE 1003.1-2017, pax, "ustar Header Block"). */
struct ab_tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type;
	char linkname[100], magic[6], version[2], uname[32], gname[32], devmajor[8], devminor[8];
	char prefix[155], unused[12];
};

/* Whether this block says that pax records stand behind it; *ret_size is their length. */
bool ab_tar_is_pax(const struct ab_tar_header *h, size_t *ret_size);

/* The most that the records of one entry can take. */
#define AB_TAR_MAX_PAX (2 * (AB_TAR_MAX_PATH + 32))

/*
 * Decodes what the header blocks of one entry say: `pax` (pax_len bytes, or NULL) and the ustar
 * block. Says nothing about whether they are canonical: encode the result again and compare.
 * `path` and `target` are filled and the entry points into them. -1 if there is no sense in them at
 * all; `why` then says what.
 */
int ab_tar_decode(const char *pax, size_t pax_len, const struct ab_tar_header *h,
		  struct ab_buf *path, struct ab_buf *target, struct ab_tar_entry *ret,
		  const char **why);

#endif
