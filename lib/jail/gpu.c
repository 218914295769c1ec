/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/gpu.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/jail/elf.h"
#include "lib/jail/libraries.h"
#include "lib/jail/weaken.h"

struct gpu {
	struct ab_plan *plan;
	struct ab_libraries libraries;
	const char *root; /* "" but in a test build */
	struct ab_err *err;
	size_t n; /* devices */
};

/* Not the nodes of displays (/dev/dri), nor those of other vendors. */
static bool is_device(const char *name)
{
	size_t len = strlen("nvidia");

	return strncmp(name, "nvidia", len) == 0 && name[len] &&
	       strspn(name + len, "0123456789") == strlen(name + len);
}

static bool is_node(const char *name)
{
	static const char *const others[] = { "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools",
					      "nvidia-modeset" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(others); i++)
		if (strcmp(name, others[i]) == 0)
			return true;
	return is_device(name);
}

static bool is_capability(const char *name)
{
	return strncmp(name, "nvidia-cap", 10) == 0 && name[10] &&
	       strspn(name + 10, "0123456789") == strlen(name + 10);
}

/* What a program of CUDA, NVML, OpenCL or the video engines loads; nothing that draws. */
static bool is_library(const char *name)
{
	static const char *const patterns[] = { "libcuda.so.*",
						"libcudadebugger.so.*",
						"libnvcuvid.so.*",
						"libnvidia-ml.so.*",
						"libnvidia-cfg.so.*",
						"libnvidia-nvvm*.so.*",
						"libnvidia-ptxjitcompiler.so.*",
						"libnvidia-opencl.so.*",
						"libnvidia-compiler.so.*",
						"libnvidia-gpucomp.so.*",
						"libnvidia-encode.so.*",
						"libnvidia-opticalflow.so.*",
						"libnvidia-allocator.so.*",
						"libnvidia-pkcs11*.so.*",
						"libnvidia-sandboxutils.so.*",
						"libnvidia-nscq.so.*" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(patterns); i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return true;
	return false;
}

static int add_node(struct gpu *g, const char *dir, const char *name)
{
	char source[PATH_MAX], dest[PATH_MAX];
	int n = snprintf(dest, sizeof(dest), "%s/%s", dir, name);
	int m = snprintf(source, sizeof(source), "%s%s", g->root, dest);

	if (n < 0 || (size_t)n >= sizeof(dest) || m < 0 || (size_t)m >= sizeof(source))
		return ab_err_usage(g->err, "%s: path too long", name);
	g->n += is_device(name);
	return ab_plan_add_at(g->plan, source, dest, AB_BIND_NODE, g->err);
}

/* With a root of a test's its place is another one. Its closure is what it is linked to. */
static int add_library(struct gpu *g, const char *dir, const char *name)
{
	ab_auto(ab_elf_free) struct ab_elf elf = { 0 };
	char source[PATH_MAX], dest[PATH_MAX], real[PATH_MAX];
	int n = snprintf(dest, sizeof(dest), "%s/%s", dir, name);
	int m = snprintf(source, sizeof(source), "%s%s", g->root, dest);
	ab_autoclose int fd = -1;

	if (n < 0 || (size_t)n >= sizeof(dest) || m < 0 || (size_t)m >= sizeof(source))
		return ab_err_usage(g->err, "%s: path too long", name);
	if (*g->root)
		return ab_plan_add_at(g->plan, source, dest, AB_BIND_EXEC, g->err);
	if (ab_plan_add(g->plan, dest, AB_BIND_EXEC, real, g->err) < 0)
		return -1;
	fd = open(real, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ab_err_sys(g->err, "%s", real);
	if (ab_elf_read(fd, &elf, g->err) < 0)
		return ab_err_prefix(g->err, "%s: ", real);
	return elf.is_native ? ab_libraries_add(&g->libraries, real, &elf, true, g->err) : 0;
}

typedef int (*add_fn)(struct gpu *g, const char *dir, const char *name);

/* In order of their names. A directory that is not there holds none. */
static int add_each(struct gpu *g, const char *dir, bool (*is_one)(const char *name), add_fn add)
{
	char path[PATH_MAX];
	struct dirent **list = NULL;
	int n, status = 0;

	n = snprintf(path, sizeof(path), "%s%s", g->root, dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return ab_err_usage(g->err, "%s: path too long", dir);
	n = scandir(path, &list, NULL, alphasort);
	if (n < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : ab_err_sys(g->err, "%s", path);
	for (int i = 0; i < n; i++) {
		if (status == 0 && is_one(list[i]->d_name))
			status = add(g, dir, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return status;
}

static int check_machine(struct gpu *g)
{
	if (!ab_plan_find(g->plan, "dev/nvidiactl"))
		return ab_err_usage(g->err, "/dev/nvidiactl: not there: this machine has no NVIDIA "
					    "device, or its driver is not loaded");
	if (!g->n)
		return ab_err_usage(g->err, "/dev/nvidia0: no device beside /dev/nvidiactl "
					    "(nvidia-modprobe makes the nodes)");
	return 0;
}

static int add_all(struct gpu *g)
{
	static const char *const dirs[] = { "/usr/lib/x86_64-linux-gnu",
					    "/usr/lib/aarch64-linux-gnu", "/usr/lib64",
					    "/usr/local/nvidia/lib64" };
	char share[PATH_MAX];

	if (add_each(g, "/dev", is_node, add_node) < 0 ||
	    add_each(g, "/dev/nvidia-caps", is_capability, add_node) < 0 || check_machine(g) < 0)
		return -1;
	for (size_t i = 0; i < AB_ARRAY_SIZE(dirs); i++)
		if (add_each(g, dirs[i], is_library, add_library) < 0)
			return -1;
	(void)snprintf(share, sizeof(share), "%.4000s/usr/share/nvidia", g->root);
	if (access(share, F_OK) == 0 && !ab_plan_mount_of(g->plan, "usr/share/nvidia") &&
	    ab_plan_add_at(g->plan, share, "/usr/share/nvidia", AB_BIND_DATA, g->err) < 0)
		return -1;
	return ab_libraries_end(&g->libraries, g->err);
}

int ab_gpu_add(struct ab_plan *plan, struct ab_err *err)
{
	struct gpu g = { .plan = plan, .root = ab_weaken_gpu(), .err = err };
	int status;

	g.libraries.plan = plan;
	status = add_all(&g);
	ab_libraries_free(&g.libraries);
	if (status == 0)
		return 0;
	err->status = AB_EXIT_USAGE;
	return ab_err_prefix(err, "--gpu: ");
}
