/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/confine/filter.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

/* Of Linux 5.19. */
#define WAIT_KILLABLE_RECV (1u << 5)

static int set(const struct sock_filter *code, size_t n, unsigned flags)
{
	struct sock_fprog program = {
		.len = (unsigned short)n,
		.filter = (struct sock_filter *)code, /* the kernel only reads it */
	};

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

int ab_filter_load(const struct sock_filter *code, size_t n, unsigned flags, struct ab_err *err)
{
	return set(code, n, flags) < 0 ? ab_err_sys(err, "seccomp filter") : 0;
}

int ab_filter_listen(const struct sock_filter *code, size_t n, struct ab_err *err)
{
	int fd = set(code, n, SECCOMP_FILTER_FLAG_NEW_LISTENER | WAIT_KILLABLE_RECV);

	if (fd < 0 && errno == EINVAL)
		fd = set(code, n, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	return fd < 0 ? ab_err_sys(err, "seccomp listener") : fd;
}

uint32_t ab_filter_ask(const struct sock_filter *code, size_t n, const struct seccomp_data *call)
{
	uint32_t a = 0;

	for (size_t at = 0; at < n; at++) {
		const struct sock_filter *i = &code[at];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k % 4 || i->k > sizeof(*call) - sizeof(a))
				return SECCOMP_RET_KILL_PROCESS;
			memcpy(&a, (const char *)call + i->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			at += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			return SECCOMP_RET_KILL_PROCESS;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}
