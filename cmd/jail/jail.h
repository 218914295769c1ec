/* SPDX-License-Identifier: Apache-2.0 */
/* ab-jail's verbs beside running a command; argv[0] is the verb's name. */
#ifndef AB_CMD_JAIL_JAIL_H
#define AB_CMD_JAIL_JAIL_H

int jail_diff(int argc, char *argv[]);
int jail_apply(int argc, char *argv[]);

#endif
