/* SPDX-License-Identifier: Apache-2.0 */
/* Compressed frames in, the archive's bytes out; private to the room. */
#ifndef AB_TAR_FRAMES_H
#define AB_TAR_FRAMES_H

#include "lib/tar/tar.h"

struct frames;

struct frames *frames_new(int fd, unsigned threads, const struct ab_tar_limits *limits,
			  struct ab_err *err);

/* Some bytes that were not taken yet: *ret_len of them, valid until the next call; 0 at the end. */
int frames_look(struct frames *f, const unsigned char **ret, size_t *ret_len, struct ab_err *err);
/* Takes the first len of them. */
void frames_take(struct frames *f, size_t len);

void frames_free(struct frames *f);

#endif
