/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/jail: /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
#ifndef AB_JAIL_MOUNTINFO_H
#define AB_JAIL_MOUNTINFO_H

/* Undoes the octal escapes of a field, in place. */
void ab_mountinfo_unescape(char *field);

#endif
