/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/confine/confine.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "lib/confine/filter.h"
#include "lib/confine/landlock.h"

#include "confine/facts.filter.h"
#include "confine/filter.filter.h"
#include "confine/spawn.filter.h"
#include "confine/store.filter.h"

static int enforce_paths(struct ab_landlock *l, const struct ab_confine_path *paths, size_t n,
			 struct ab_err *err)
{
	for (size_t i = 0; i < n; i++) {
		unsigned access = 0;

		access |= paths[i].access & AB_CONFINE_READ ? AB_LANDLOCK_READ : 0;
		access |= paths[i].access & AB_CONFINE_WRITE ? AB_LANDLOCK_WRITE : 0;
		access |= paths[i].access & AB_CONFINE_EXEC ? AB_LANDLOCK_EXEC : 0;
		access |= paths[i].access & AB_CONFINE_RMDIR ? AB_LANDLOCK_RMDIR : 0;
		if (access && ab_landlock_allow(l, paths[i].fd, access, err) < 0)
			return -1;
	}
#ifdef AB_SANITIZED
	/* The leak checker reads /proc/self when the process ends. */
	ab_autoclose int proc = open("/proc", O_PATH | O_CLOEXEC);

	if (proc >= 0 && ab_landlock_allow(l, proc, AB_LANDLOCK_READ, err) < 0)
		return -1;
#endif
	return ab_landlock_enforce(l, err);
}

/* A tool that only works on held descriptors has no use for root's capabilities. */
static int drop_capabilities(struct ab_err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	if (syscall(SYS_capset, &head, none) < 0)
		return ab_err_sys(err, "dropping capabilities");
	return 0;
}

static int load(enum ab_profile profile, bool paths, struct ab_err *err)
{
#ifdef AB_SANITIZED
	/* A sanitizer's runtime makes calls of its own: it opens /proc, maps and clones. */
	(void)profile, (void)paths, (void)err;
	(void)ab_facts_filter, (void)ab_filter_filter, (void)ab_spawn_filter, (void)ab_store_filter;
	return 0;
#else
	switch (profile) {
	case AB_PROFILE_FILTER:
		if (paths)
			return ab_filter_load(ab_facts_filter, AB_ARRAY_SIZE(ab_facts_filter), 0,
					      err);
		return ab_filter_load(ab_filter_filter, AB_ARRAY_SIZE(ab_filter_filter), 0, err);
	case AB_PROFILE_STORE:
		return ab_filter_load(ab_store_filter, AB_ARRAY_SIZE(ab_store_filter), 0, err);
	case AB_PROFILE_SPAWN:
		return ab_filter_load(ab_spawn_filter, AB_ARRAY_SIZE(ab_spawn_filter), 0, err);
	}
	return ab_err_trouble(err, "unknown profile");
#endif
}

int ab_confine(enum ab_profile profile, const struct ab_confine_path *paths, size_t n,
	       struct ab_err *err)
{
	ab_auto(ab_landlock_close) struct ab_landlock landlock = AB_LANDLOCK_INIT;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return ab_err_sys(err, "cannot confine: no_new_privs");
	if (ab_landlock_open(&landlock, 0, profile != AB_PROFILE_SPAWN, err) < 0 ||
	    enforce_paths(&landlock, paths, n, err) < 0 ||
	    (profile == AB_PROFILE_FILTER && drop_capabilities(err) < 0) ||
	    /* Where Landlock cannot say what may be opened, a filter opens nothing. */
	    load(profile, n > 0 && landlock.abi > 0, err) < 0)
		return ab_err_prefix(err, "cannot confine: ");
	return 0;
}
