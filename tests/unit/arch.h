/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a test of seccomp filters must know of the machine that it is compiled for: its audit
 * architecture, and x86-64's old calls, which newer architectures have as NOT_HERE.
 */
#ifndef AB_TESTS_UNIT_ARCH_H
#define AB_TESTS_UNIT_ARCH_H

#include <linux/audit.h>
#include <sys/syscall.h>

#define NOT_HERE 0xfffffff0u

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#else
#define ARCH	   AUDIT_ARCH_AARCH64
#define SYS_mknod  NOT_HERE
#define SYS_open   NOT_HERE
#define SYS_creat  NOT_HERE
#define SYS_rename NOT_HERE
#define SYS_fork   NOT_HERE
#define SYS_vfork  NOT_HERE
#define SYS_stat   NOT_HERE
#define SYS_chmod  NOT_HERE
#define SYS_lchown NOT_HERE
#endif

#endif
