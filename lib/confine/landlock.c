/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/confine/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/syscall.h>

/* Rights of later ABIs than the oldest <linux/landlock.h> that we build with. */
#define FS_REFER     (1ull << 13)
#define FS_TRUNCATE  (1ull << 14)
#define FS_IOCTL_DEV (1ull << 15)
#define NET_TCP	     3ull /* bind and connect */
#define NET_CONNECT  2ull
#define RULE_NET     2	  /* enum landlock_rule_type */
#define SCOPES	     3ull /* abstract Unix sockets and signals */
#define SCOPE_SIGNAL 2ull
#define NEWEST_ABI   6

/* struct landlock_ruleset_attr as of ABI 6; an older kernel is given its shorter form. */
struct ruleset_attr {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

static const uint64_t read_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t write_rights = LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_REFER |
				     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
				     LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REMOVE_FILE |
				     LANDLOCK_ACCESS_FS_REMOVE_DIR;
static const uint64_t file_rights = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
				    LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV;

int ab_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static uint64_t handled_files(int abi)
{
	uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* the 13 of ABI 1 */

	rights |= abi >= 2 ? FS_REFER : 0;
	rights |= abi >= 3 ? FS_TRUNCATE : 0;
	return rights | (abi >= 5 ? FS_IOCTL_DEV : 0);
}

int ab_landlock_open(struct ab_landlock *l, int max_abi, bool scoped, struct ab_err *err)
{
	int abi = ab_landlock_abi(), newest = max_abi ? max_abi : NEWEST_ABI;
	struct ruleset_attr attr;
	size_t size = sizeof(attr.handled_access_fs);

	*l = (struct ab_landlock)AB_LANDLOCK_INIT;
	if (abi == 0 || max_abi < 0)
		return 0;
	l->abi = abi < newest ? abi : newest;
	l->files = handled_files(l->abi);
	attr = (struct ruleset_attr){ .handled_access_fs = l->files };
	if (l->abi >= 4) {
		attr.handled_access_net = NET_TCP;
		size += sizeof(attr.handled_access_net);
	}
	if (l->abi >= 6) {
		attr.scoped = scoped ? SCOPES : 0;
		size += sizeof(attr.scoped);
	}
	l->ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	return l->ruleset < 0 ? ab_err_sys(err, "Landlock ruleset") : 0;
}

static uint64_t rights_of(unsigned access)
{
	uint64_t rights = 0;

	if (access & AB_LANDLOCK_READ)
		rights |= read_rights;
	if (access & AB_LANDLOCK_WRITE)
		rights |= write_rights;
	if (access & AB_LANDLOCK_EXEC)
		rights |= LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE;
	if (access & AB_LANDLOCK_RMDIR)
		rights |= LANDLOCK_ACCESS_FS_REMOVE_DIR;
	if (access & AB_LANDLOCK_RENAME)
		rights |= LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE;
	if (access & AB_LANDLOCK_IPC)
		rights |= LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO;
	if (access & AB_LANDLOCK_DEVICE)
		rights |= LANDLOCK_ACCESS_FS_WRITE_FILE | FS_IOCTL_DEV;
	return rights;
}

static long add_beneath(const struct ab_landlock *l, const struct landlock_path_beneath_attr *rule)
{
	return syscall(SYS_landlock_add_rule, l->ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0);
}

int ab_landlock_allow(struct ab_landlock *l, int fd, unsigned access, struct ab_err *err)
{
	struct landlock_path_beneath_attr rule = { .parent_fd = fd };

	if (l->ruleset < 0)
		return 0;
	rule.allowed_access = rights_of(access) & l->files;
	if (add_beneath(l, &rule) == 0)
		return 0;
	/* A file has no rights of directories: only the kernel has to look which it is. */
	rule.allowed_access &= file_rights;
	if (errno != EINVAL || add_beneath(l, &rule) < 0)
		return ab_err_sys(err, "Landlock rule");
	return 0;
}

int ab_landlock_allow_port(struct ab_landlock *l, unsigned port, struct ab_err *err)
{
	const struct {
		uint64_t allowed_access, port;
	} rule = { NET_CONNECT, port };

	if (l->ruleset < 0 || l->abi < 4)
		return 0;
	if (syscall(SYS_landlock_add_rule, l->ruleset, RULE_NET, &rule, 0) < 0)
		return ab_err_sys(err, "Landlock: port %u", port);
	return 0;
}

int ab_landlock_enforce(const struct ab_landlock *l, struct ab_err *err)
{
	if (l->ruleset >= 0 && syscall(SYS_landlock_restrict_self, l->ruleset, 0) < 0)
		return ab_err_sys(err, "Landlock");
	return 0;
}

int ab_landlock_enclose_signals(struct ab_err *err)
{
	const struct ruleset_attr attr = { .scoped = SCOPE_SIGNAL };
	ab_auto(ab_landlock_close) struct ab_landlock l = AB_LANDLOCK_INIT;

	l.ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (l.ruleset < 0)
		return ab_err_sys(err, "Landlock ruleset");
	return ab_landlock_enforce(&l, err);
}

void ab_landlock_close(struct ab_landlock *l)
{
	if (l->ruleset >= 0)
		(void)close(l->ruleset);
	*l = (struct ab_landlock)AB_LANDLOCK_INIT;
}
