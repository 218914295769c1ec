/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a tree of processes that no pid namespace holds together. */
#ifndef AB_JAIL_SWEEP_H
#define AB_JAIL_SWEEP_H

#include <sys/types.h>

/*
 * Kills everything below process `first`, which has to be a subreaper: those whose parents are gone
 * are its children. All are stopped before one is killed, since what runs can fork while we look.
 * Returns when a look finds nothing that is not dead, or after `rounds` looks.
 */
void ab_sweep(pid_t first, int rounds);

#endif
