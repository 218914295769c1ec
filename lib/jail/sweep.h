/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a tree of processes that no pid namespace holds together. */
#ifndef AB_JAIL_SWEEP_H
#define AB_JAIL_SWEEP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Kills everything below process `first`, which has to be a subreaper: those whose parents are gone
 * are its children. Child `spared` (0: none) is left alone, what is below it is not. What is killed
 * can fork no more, and what was forked meanwhile is killed by the next look; as long as nobody reaps
 * them, the dead count for RLIMIT_NPROC, so that what forks for ever finds no room.
 *
 * Returns true once all are dead (and wait to be reaped), false after `budget_ns`.
 */
bool ab_sweep(pid_t first, pid_t spared, uint64_t budget_ns);

#endif
