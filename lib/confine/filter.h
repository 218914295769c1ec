/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading a seccomp filter (seccomp(2)) that was generated at build time; lib/confine/gen/filter.c
 * says how its table is written. Include "ROOM/NAME.filter.h" for the array ab_NAME_filter.
 */
#ifndef AB_CONFINE_FILTER_H
#define AB_CONFINE_FILTER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"

/* Puts the calling thread under the filter; no_new_privs must be set. SECCOMP_FILTER_FLAG_*. */
int ab_filter_load(const struct sock_filter *code, size_t n, unsigned flags, struct ab_err *err);

/*
 * The same with a listener (seccomp_unotify(2)) for the calls that the table leaves to it: its
 * descriptor, close-on-exec. Once a call has been taken, only a fatal signal ends the wait for its
 * answer, where the kernel can do that (Linux 5.19).
 */
int ab_filter_listen(const struct sock_filter *code, size_t n, struct ab_err *err);

/* What the filter says to a call: SECCOMP_RET_*; SECCOMP_RET_KILL_PROCESS to code that it cannot
 * have been made of. */
uint32_t ab_filter_ask(const struct sock_filter *code, size_t n, const struct seccomp_data *call);

#endif
