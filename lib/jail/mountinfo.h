/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/jail: /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
#ifndef AB_JAIL_MOUNTINFO_H
#define AB_JAIL_MOUNTINFO_H

#include <stdbool.h>

/* Where a line's mount point, unescaped, and its options stand; the line is cut up. False: it has not so many fields. */
bool ab_mountinfo_split(char *line, char **ret_point, char **ret_options);

/* Undoes the octal escapes of a field, in place. */
void ab_mountinfo_unescape(char *field);

#endif
