/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor time of a process and of all that come from it, counted by the kernel whether or not
 * anybody waits for them, and also of what is killed: a performance counter, for where no control group
 * counts. The kernel may not give one (sysctl kernel.perf_event_paranoid above 2, a container's filter);
 * and it stops where a program is executed that its user may not read.
 */
#ifndef AB_JAIL_CPUTIME_H
#define AB_JAIL_CPUTIME_H

#include <stdint.h>
#include <sys/types.h>

/* Starts to count; what the process has forked before is left out. -1: there is no such counter. The
 * first one on a machine makes the kernel wait for all of its processors, some milliseconds. */
int ab_cputime_open(pid_t pid);

/* Microseconds so far; 0 without a counter. */
uint64_t ab_cputime_us(int counter);

/* Microseconds that the calling process itself has used. */
uint64_t ab_cputime_own_us(void);

#endif
