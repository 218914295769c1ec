/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/confine/filter.h"

#include <linux/seccomp.h>
#include <sys/syscall.h>

int ab_filter_load(const struct sock_filter *code, size_t n, unsigned flags, struct ab_err *err)
{
	struct sock_fprog program = {
		.len = (unsigned short)n,
		.filter = (struct sock_filter *)code, /* the kernel only reads it */
	};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) < 0)
		return ab_err_sys(err, "seccomp filter");
	return 0;
}
