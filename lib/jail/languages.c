/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/languages.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/path.h"

/* Mounted if they are there: what the C library opens for LANG=C.UTF-8. */
#define LOCALE "/usr/lib/locale/C.utf8"

static int add_optional(struct ab_libraries *l, const char *path, struct ab_err *err)
{
	if (access(path, F_OK) < 0)
		return 0;
	return ab_plan_add(l->plan, path, 0, NULL, err);
}

/*
 * Whether it is there and of that type, itself: what stands beside a program may be as hostile as
 * the program, and a symbolic link of its would show it whatever it points to.
 */
static bool is_own(const char *path, mode_t type)
{
	struct stat st;

	return lstat(path, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* "python", "python3", "python3.11" */
static bool is_python(const char *name)
{
	if (strncmp(name, "python", 6) != 0)
		return false;
	return name[6 + strspn(name + 6, "0123456789.")] == '\0';
}

/* The directory above the one that `path` stands in: /usr for /usr/bin/python3. */
static void prefix_of(const char *path, char out[PATH_MAX])
{
	(void)snprintf(out, PATH_MAX, "%s", path); /* as long as path at most */
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(out, '/');

		if (slash)
			*slash = '\0';
	}
}

/* Whether PREFIX/lib/NAME is a Python standard library; its path in `out`. */
static bool is_stdlib(const char *prefix, const char *name, char out[PATH_MAX])
{
	char landmark[PATH_MAX];
	int n = snprintf(out, PATH_MAX, "%s/lib/%s", prefix, name);
	int m = n < 0 || n >= PATH_MAX ? -1 : snprintf(landmark, PATH_MAX, "%s/os.py", out);

	return m > 0 && m < PATH_MAX && access(landmark, R_OK) == 0;
}

/* Finds the standard library as Python's own getpath does: by its landmark under the prefix. */
static bool find_stdlib(const char *real, char out[PATH_MAX])
{
	char prefix[PATH_MAX], lib[PATH_MAX];
	struct dirent *e;
	bool found;
	DIR *dir;
	int n;

	prefix_of(real, prefix);
	if (strchr(base_of(real), '.'))
		return is_stdlib(prefix, base_of(real), out);
	n = snprintf(lib, sizeof(lib), "%s/lib", prefix);
	dir = n < 0 || (size_t)n >= sizeof(lib) ? NULL : opendir(lib);
	if (!dir)
		return false;
	do {
		e = readdir(dir);
		found = e && strncmp(e->d_name, "python3.", 8) == 0 &&
			is_stdlib(prefix, e->d_name, out);
	} while (e && !found);
	(void)closedir(dir);
	return found;
}

static int add_module(struct ab_libraries *l, const char *dir, const char *name, struct ab_err *err)
{
	ab_auto(ab_elf_free) struct ab_elf elf = { 0 };
	ab_autoclose int fd = -1;
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return 0;
	if (ab_elf_read(fd, &elf, err) < 0)
		return ab_err_prefix(err, "%s: ", path);
	return elf.is_native ? ab_libraries_add(l, path, &elf, true, err) : 0;
}

/* The libraries of the extension modules in STDLIB/lib-dynload. */
static int add_modules(struct ab_libraries *l, const char *stdlib, struct ab_err *err)
{
	char path[PATH_MAX];
	int status = 0, n = snprintf(path, sizeof(path), "%s/lib-dynload", stdlib);
	DIR *dir = n < 0 || (size_t)n >= sizeof(path) ? NULL : opendir(path);
	struct dirent *e;

	if (!dir)
		return 0;
	while (status == 0 && (e = readdir(dir))) {
		const char *dot = strrchr(e->d_name, '.');

		if (dot && strcmp(dot, ".so") == 0)
			status = add_module(l, path, e->d_name, err);
	}
	(void)closedir(dir);
	return status;
}

/* The value of "home = DIR" in a pyvenv.cfg. */
static bool venv_home(const char *file, char out[PATH_MAX])
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err ignored = { 0 };
	char *save = NULL;

	if (access(file, R_OK) < 0 || ab_path_read(file, 65536, &text, &ignored) < 0)
		return false;
	for (char *line = strtok_r(text.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		size_t name = strspn(line, " \t");
		char *value = strchr(line, '=');
		int n;

		if (!value || strncmp(line + name, "home", 4) != 0 ||
		    !memchr(" \t=", line[name + 4], 3))
			continue;
		value += 1 + strspn(value + 1, " \t");
		n = snprintf(out, PATH_MAX, "%s", value);
		return n > 0 && n < PATH_MAX && *out == '/';
	}
	return false;
}

/* A virtual environment: `path` stands in VENV/bin, and VENV/pyvenv.cfg names the real one. */
static int add_venv(struct ab_libraries *l, const char *path, struct ab_err *err)
{
	char prefix[PATH_MAX], file[PATH_MAX], home[PATH_MAX];
	int n;

	prefix_of(path, prefix);
	n = snprintf(file, sizeof(file), "%s/pyvenv.cfg", prefix);
	if (n < 0 || (size_t)n >= sizeof(file) || !is_own(file, S_IFREG) || !venv_home(file, home))
		return 0;
	if (ab_plan_add(l->plan, file, 0, NULL, err) < 0)
		return -1;
	n = snprintf(file, sizeof(file), "%s/lib", prefix);
	if (n < 0 || (size_t)n >= sizeof(file) || !is_own(file, S_IFDIR))
		return 0;
	return ab_plan_add(l->plan, file, 0, NULL, err);
}

static int add_python(struct ab_libraries *l, const char *path, const char *real,
		      struct ab_err *err)
{
	char stdlib[PATH_MAX], real_stdlib[PATH_MAX];

	if (add_venv(l, path, err) < 0)
		return -1;
	if (!find_stdlib(real, stdlib))
		return ab_err_usage(err, "%s: its standard library is not under its prefix", real);
	if (ab_plan_add(l->plan, stdlib, 0, real_stdlib, err) < 0)
		return -1;
	/* pthread_exit() loads it by name. */
	if (ab_libraries_add_name(l, "libgcc_s.so.1", err) < 0)
		return -1;
	return add_modules(l, real_stdlib, err);
}

static int add_node(struct ab_libraries *l, struct ab_err *err)
{
	/* Debian's node keeps parts of its own library there. */
	if (add_optional(l, "/usr/share/nodejs", err) < 0)
		return -1;
	return ab_libraries_add_name(l, "libgcc_s.so.1", err);
}

int ab_languages_add(struct ab_libraries *l, const char *path, const char *real, bool dynamic,
		     struct ab_err *err)
{
	const char *name = base_of(real);

	if (dynamic && add_optional(l, LOCALE, err) < 0)
		return -1;
	if (is_python(name))
		return add_python(l, path, real, err);
	if (strcmp(name, "node") == 0 || strcmp(name, "nodejs") == 0)
		return add_node(l, err);
	return 0;
}
