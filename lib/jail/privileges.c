/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

int ab_privileges_become(uid_t uid, gid_t gid, bool groups, struct ab_err *err)
{
	/* The raw calls: the process has one thread, and libc's would look for others. */
	if (groups && syscall(SYS_setgroups, 0, NULL) < 0)
		return ab_err_sys(err, "dropping supplementary groups");
	if (syscall(SYS_setresgid, gid, gid, gid) < 0)
		return ab_err_sys(err, "becoming group %u", (unsigned)gid);
	if (syscall(SYS_setresuid, uid, uid, uid) < 0)
		return ab_err_sys(err, "becoming user %u", (unsigned)uid);
	return 0;
}

static int drop_bounding_set(struct ab_err *err)
{
	unsigned long cap = 0;

	while (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
		cap++;
	/* EINVAL: the first number that the kernel does not know. */
	return cap > 0 && errno == EINVAL ? 0 : ab_err_sys(err, "bounding set");
}

int ab_privileges_drop(bool no_new_privs, struct ab_err *err)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
				   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
				   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	if (drop_bounding_set(err) < 0)
		return -1;
	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0)
		return ab_err_sys(err, "securebits");
	if (syscall(SYS_capset, &head, none) < 0)
		return ab_err_sys(err, "capabilities");
	if (no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return ab_err_sys(err, "no_new_privs");
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? ab_err_sys(err, "dumpable") : 0;
}
