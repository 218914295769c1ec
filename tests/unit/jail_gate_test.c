/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the calls that the agent's filter leaves to its listener are let through. */
#include "tests/unit/tap.h"

#include <errno.h>
#include <stdint.h>

#include "lib/jail/gate.h"
#include "tests/unit/arch.h"

static int judge(struct ab_gate *gate, int nr, uint64_t a0)
{
	struct seccomp_data call = { .nr = nr, .arch = ARCH, .args = { a0 } };

	return ab_gate_judge(gate, &call);
}

static void check_no_exec(struct tap *t)
{
	struct ab_gate gate = { .no_exec = true };

	tap_ok(t, judge(&gate, SYS_execve, 0) == EPERM, "the proof is refused");
	tap_ok(t, judge(&gate, SYS_execveat, 3) == EPERM, "our own code uses no execveat");
	tap_ok(t, !gate.executed, "neither was the first program");
	tap_ok(t, judge(&gate, SYS_execve, 4096) == 0, "the first program is let through");
	tap_ok(t, gate.executed, "and is remembered");
	tap_ok(t, judge(&gate, SYS_execve, 4096) == EPERM, "the second is refused");
	tap_ok(t, judge(&gate, SYS_execve, 0) == EPERM, "so is none");
	tap_ok(t, judge(&gate, SYS_execveat, 3) == EPERM, "and a descriptor");
}

static void check_others(struct tap *t)
{
	struct ab_gate gate = { 0 };
	struct seccomp_data foreign = { .nr = SYS_execve, .arch = AUDIT_ARCH_I386 };

	tap_ok(t, judge(&gate, SYS_execve, 4096) == 0 && judge(&gate, SYS_execve, 4096) == 0,
	       "without the option every execution is let through");
	tap_ok(t, judge(&gate, SYS_execveat, 3) == 0, "by a descriptor, too");
	tap_ok(t, judge(&gate, SYS_openat, 0) == 0, "what the agent may do goes on");
	tap_ok(t, judge(&gate, SYS_socket, 2) == EPERM, "what it may not does not");
	tap_ok(t, judge(&gate, SYS_clone3, 0) == ENOSYS, "nor what is hidden from it");
	tap_ok(t, ab_gate_judge(&gate, &foreign) == EPERM, "a foreign call is refused");
}

int main(void)
{
	struct tap t = { 0 };

	check_no_exec(&t);
	check_others(&t);
	return tap_done(&t);
}
