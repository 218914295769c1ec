/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --gpu: NVIDIA's device nodes, and the files of its driver that a program loads, from where the
 * driver's installer and container runtimes put them. They are of the machine, not of the agent: its
 * user-space part must be that of the loaded module.
 */
#ifndef AB_JAIL_GPU_H
#define AB_JAIL_GPU_H

#include "lib/jail/plan.h"

/*
 * Adds them. A machine without the driver's control node and at least one device is AB_EXIT_USAGE;
 * so is a library that would stand where the plan has something else.
 */
int ab_gpu_add(struct ab_plan *plan, struct ab_err *err);

#endif
