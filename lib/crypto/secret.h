/* SPDX-License-Identifier: Apache-2.0 */
/* Memory for keys: guarded, kept out of core dumps and swap where the limits allow, wiped when
 * released. */
#ifndef AB_CRYPTO_SECRET_H
#define AB_CRYPTO_SECRET_H

#include <stddef.h>
#include "lib/base/err.h"

/* len bytes of secret memory, NULL on failure. */
void *ab_secret_alloc(size_t len, struct ab_err *err);

/* Wipes and releases; NULL is fine. */
void ab_secret_free(void *secret);

/* Wipes bytes that stand elsewhere; never optimised away. */
void ab_secret_wipe(void *data, size_t len);

/*
 * Reads the key file `path` whole into secret memory (*ret, *ret_len; released by the caller). It
 * must be a regular file of ours or root's, of at most `max` bytes, that nobody else may read or
 * write (0600 or stricter), and no symbolic link: anything else is AB_EXIT_USAGE.
 */
int ab_secret_read(const char *path, size_t max, char **ret, size_t *ret_len, struct ab_err *err);

/* Writes a new key file, 0600 from its first moment, fsynced with its directory. A file that is
 * there is never replaced (AB_EXIT_USAGE). */
int ab_secret_write(const char *path, const void *data, size_t len, struct ab_err *err);

#endif
