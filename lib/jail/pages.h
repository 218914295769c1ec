/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps pages before they are touched: one call instead of many page faults, each of which costs as
 * much as a dozen pages where page tables are shadowed by a hypervisor. Only about speed: where the
 * kernel has no such call (before Linux 5.14), each page is mapped when it is touched.
 */
#ifndef AB_JAIL_PAGES_H
#define AB_JAIL_PAGES_H

/* In a process that was just forked: the stack that building a jail takes, which is copied at once.
 * ab_jail_warm() is the same before the fork. */
void ab_pages_map_copy(void);

#endif
