/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/gate.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "lib/confine/filter.h"
#include "lib/jail/filter.h"

static int judge_by(unsigned which, const struct seccomp_data *call)
{
	size_t n;
	const struct sock_filter *code = ab_jail_filter(which, &n);
	uint32_t action = ab_filter_ask(code, n, call);

	if (action == SECCOMP_RET_ALLOW)
		return 0;
	if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		return (int)(action & SECCOMP_RET_DATA);
	return EPERM;
}

/* What the filters would have said that the agent has without a listener. */
static int judge_plainly(const struct ab_gate *gate, const struct seccomp_data *call)
{
	int verdict = judge_by(AB_FILTER_AGENT + gate->hole, call);

	return verdict || !gate->no_jit ? verdict : judge_by(AB_FILTER_NO_JIT, call);
}

int ab_gate_judge(struct ab_gate *gate, const struct seccomp_data *call)
{
	int verdict = judge_plainly(gate, call);

	if (verdict || (call->nr != SYS_execve && call->nr != SYS_execveat))
		return verdict;
	if (gate->executed)
		return gate->no_exec ? EPERM : 0;
	/* Our own code is all that runs so far. */
	if (call->nr != SYS_execve || call->args[0] == 0)
		return EPERM;
	gate->executed = true;
	return 0;
}

int ab_gate_receive(int listener, struct seccomp_notif *ret, struct ab_err *err)
{
	memset(ret, 0, sizeof(*ret)); /* the kernel refuses anything else */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, ret) == 0)
		return 1;
	/* It was killed, or hit by a signal, before we came. */
	if (errno == ENOENT || errno == EINTR)
		return 0;
	return ab_err_sys(err, "seccomp notification");
}

bool ab_gate_answer(int listener, const struct seccomp_notif *call, int verdict)
{
	struct seccomp_notif_resp answer = {
		.id = call->id,
		.error = -verdict,
		.flags = verdict ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};
	int status;

	do {
		status = ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	} while (status < 0 && errno == EINTR);
	return status == 0;
}
