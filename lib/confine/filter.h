/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading a seccomp filter (seccomp(2)) that was generated at build time; lib/confine/gen/filter.c
 * says how its table is written. Include "ROOM/NAME.filter.h" for the array ab_NAME_filter.
 */
#ifndef AB_CONFINE_FILTER_H
#define AB_CONFINE_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include "lib/base/err.h"

/* Puts the calling thread under the filter; no_new_privs must be set. SECCOMP_FILTER_FLAG_*. */
int ab_filter_load(const struct sock_filter *code, size_t n, unsigned flags, struct ab_err *err);

#endif
