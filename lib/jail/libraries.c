/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/libraries.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/base/buf.h"

#define CACHE_FILE  "/etc/ld.so.cache"
#define CACHE_MAGIC "glibc-ld.so.cache1.1"
#define CACHE_MAX   (64u << 20)
#define MAX_DEPTH   64

#if defined(__x86_64__)
#define CACHE_FLAGS 0x0303 /* libc6, x86-64 */
#define MULTIARCH   "x86_64-linux-gnu"
#elif defined(__aarch64__)
#define CACHE_FLAGS 0x0a03
#define MULTIARCH   "aarch64-linux-gnu"
#endif

static const char *const default_dirs[] = {
	"/lib/" MULTIARCH, "/usr/lib/" MULTIARCH, "/lib64", "/usr/lib64", "/lib", "/usr/lib"
};

/* The layout of ld.so.cache, as glibc's sysdeps/generic/dl-cache.h has it since 2.2. */
struct cache_head {
	char magic[20];
	uint32_t n, strings;
	uint32_t unused[5];
};
struct cache_entry {
	int32_t flags;
	uint32_t name, path, os; /* offsets from the start of the file */
	uint64_t hwcap;
};

/* The object whose needs are being looked up. */
struct object {
	const char *real;
	const struct ab_elf *elf;
	bool lenient;
	int depth;
};

static int add_object(struct ab_libraries *l, const struct object *o, struct ab_err *err);

static bool mark_seen(struct ab_libraries *l, const char *name, struct ab_err *err)
{
	for (size_t i = 0; i < l->n_seen; i++)
		if (strcmp(l->seen[i], name) == 0)
			return false;
	if (l->n_seen == l->capacity) {
		size_t capacity = l->capacity ? l->capacity * 2 : 32;
		char **seen = realloc(l->seen, capacity * sizeof(*seen));

		if (!seen) {
			ab_err_memory(err);
			return false;
		}
		l->seen = seen;
		l->capacity = capacity;
	}
	l->seen[l->n_seen] = strdup(name);
	if (l->seen[l->n_seen])
		l->n_seen++;
	return true;
}

/* A program may name anything on the host here, and the opening alone of a device has effects. */
static bool is_regular(const char *path, struct stat *ret)
{
	return stat(path, ret) == 0 && S_ISREG(ret->st_mode);
}

static int open_regular(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* What cannot be opened for want of descriptors may be the one that is looked for. */
static bool lacks_descriptors(void)
{
	return errno == EMFILE || errno == ENFILE;
}

/* The C library needs it as well. */
static bool is_known_loader(const struct ab_libraries *l, const struct stat *st)
{
	return l->loader_alone && st->st_dev == l->loader_dev && st->st_ino == l->loader_ino;
}

/* Opens a candidate. 1: it is a library of this machine, added; 0: it is not; -1. */
static int try_file(struct ab_libraries *l, const char *path, const struct object *from,
		    struct ab_err *err)
{
	ab_autoclose int fd = -1;
	ab_auto(ab_elf_free) struct ab_elf elf = { 0 };
	AB_UNINITIALIZED char real[PATH_MAX];
	struct object o = { real, &elf, from->lenient, from->depth + 1 };
	struct stat st;

	if (!is_regular(path, &st))
		return 0;
	if (is_known_loader(l, &st))
		return ab_plan_add(l->plan, path, 0, NULL, err) < 0 ? -1 : 1;
	fd = open_regular(path);
	if (fd < 0 && lacks_descriptors())
		return ab_err_sys(err, "%s", path);
	if (fd < 0)
		return 0;
	if (ab_elf_read(fd, &elf, err) < 0)
		return ab_err_prefix(err, "%s: ", path);
	if (!elf.is_native)
		return 0;
	if (ab_plan_add(l->plan, path, 0, real, err) < 0)
		return -1;
	return add_object(l, &o, err) < 0 ? -1 : 1;
}

static int try_dir(struct ab_libraries *l, const char *dir, size_t len, const char *name,
		   const struct object *from, struct ab_err *err)
{
	size_t name_len = strlen(name);
	ab_autofree char *path = NULL;

	if (dir[0] != '/' || len + 1 + name_len >= PATH_MAX)
		return 0;
	path = malloc(len + 1 + name_len + 1);
	if (!path)
		return ab_err_memory(err);
	memcpy(path, dir, len);
	path[len] = '/';
	memcpy(path + len + 1, name, name_len + 1);
	return try_file(l, path, from, err);
}

/* A list "DIR:DIR"; $ORIGIN is already expanded. */
static int try_dirs(struct ab_libraries *l, const char *dirs, const char *name,
		    const struct object *from, struct ab_err *err)
{
	while (dirs && *dirs) {
		size_t len = strcspn(dirs, ":");
		int found = try_dir(l, dirs, len, name, from, err);

		if (found)
			return found;
		dirs += len + (dirs[len] == ':');
	}
	return 0;
}

static size_t token(const char *p, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(p, "${", 2) == 0 && strncmp(p + 2, name, len) == 0 && p[2 + len] == '}')
		return len + 3;
	return p[0] == '$' && strncmp(p + 1, name, len) == 0 ? len + 1 : 0;
}

/* Expands $ORIGIN and $LIB (ld.so(8), "Dynamic string tokens"). The caller's; NULL for NULL. */
static char *expand(const char *dirs, const char *real)
{
	struct ab_buf b = { 0 };
	size_t skip;

	if (!dirs)
		return NULL;
	while (*dirs) {
		if ((skip = token(dirs, "ORIGIN")))
			ab_buf_add(&b, real, (size_t)(strrchr(real, '/') - real));
		else if ((skip = token(dirs, "LIB")))
			ab_buf_adds(&b, "lib/" MULTIARCH);
		else
			ab_buf_addc(&b, *dirs);
		dirs += skip ? skip : 1;
	}
	return ab_buf_steal(&b);
}

/* No file, or one that is not understood, is none. */
static int map_cache(struct ab_libraries *l, struct ab_err *err)
{
	ab_autoclose int fd = -1;
	struct stat st;
	void *map;

	if (l->cache)
		return 0;
	fd = open(CACHE_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && lacks_descriptors())
		return ab_err_sys(err, "%s", CACHE_FILE);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size > CACHE_MAX ||
	    st.st_size < (off_t)sizeof(struct cache_head))
		return 0;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return 0;
	l->cache = map;
	l->cache_size = (size_t)st.st_size;
	return 0;
}

static const char *cache_text(const struct ab_libraries *l, uint32_t offset)
{
	if (offset >= l->cache_size || !memchr(l->cache + offset, 0, l->cache_size - offset))
		return "";
	return (const char *)l->cache + offset;
}

static int try_cache(struct ab_libraries *l, const char *name, const struct object *from,
		     struct ab_err *err)
{
	struct cache_head head;

	if (map_cache(l, err) < 0)
		return -1;
	if (!l->cache)
		return 0;
	memcpy(&head, l->cache, sizeof(head));
	if (memcmp(head.magic, CACHE_MAGIC, sizeof(head.magic)) != 0 ||
	    head.n > (l->cache_size - sizeof(head)) / sizeof(struct cache_entry))
		return 0;
	for (uint32_t i = 0; i < head.n; i++) {
		struct cache_entry e;
		int found;

		memcpy(&e, l->cache + sizeof(head) + i * sizeof(e), sizeof(e));
		if (e.flags != CACHE_FLAGS || e.hwcap != 0 ||
		    strcmp(cache_text(l, e.name), name) != 0)
			continue;
		found = try_file(l, cache_text(l, e.path), from, err);
		l->cache_used |= found > 0;
		return found;
	}
	return 0;
}

static int find(struct ab_libraries *l, const char *name, const struct object *from,
		struct ab_err *err)
{
	ab_autofree char *rpath = expand(from->elf->rpath, from->real);
	ab_autofree char *runpath = expand(from->elf->runpath, from->real);
	int found;

	if (strchr(name, '/'))
		return try_file(l, name, from, err);
	if (runpath) {
		found = try_dirs(l, runpath, name, from, err);
	} else {
		found = try_dirs(l, rpath, name, from, err);
		if (!found)
			found = try_dirs(l, l->rpath, name, from, err);
	}
	for (size_t i = 0; !found && i < AB_ARRAY_SIZE(default_dirs); i++)
		found = try_dir(l, default_dirs[i], strlen(default_dirs[i]), name, from, err);
	return found ? found : try_cache(l, name, from, err);
}

static int add_object(struct ab_libraries *l, const struct object *o, struct ab_err *err)
{
	if (o->depth > MAX_DEPTH)
		return ab_err_no(err, "%s: libraries nested too deeply", o->real);
	for (size_t i = 0; i < o->elf->n_needed; i++) {
		const char *name = o->elf->needed[i];
		int found;

		if (!mark_seen(l, name, err)) {
			if (err->status)
				return -1;
			continue;
		}
		found = find(l, name, o, err);
		if (found < 0)
			return -1;
		if (!found && !o->lenient)
			return ab_err_no(err, "%s: needs %s, which is nowhere", o->real, name);
	}
	return 0;
}

/* The file that the program names as its loader; only a program of this machine is shown to it. */
static int add_loader(struct ab_libraries *l, const char *path, struct ab_err *err)
{
	ab_autoclose int fd = -1;
	ab_auto(ab_elf_free) struct ab_elf elf = { 0 };
	struct stat st;

	if (is_regular(path, &st)) {
		fd = open_regular(path);
		if (fd < 0 && lacks_descriptors())
			return ab_err_sys(err, "%s", path);
	}
	if (fd < 0)
		return ab_err_no(err, "%s: not a file that can be read", path);
	if (ab_elf_read(fd, &elf, err) < 0)
		return ab_err_prefix(err, "%s: ", path);
	if (!elf.is_native)
		return ab_err_no(err, "%s: not a program of this machine", path);
	l->loader_alone = elf.n_needed == 0;
	l->loader_dev = st.st_dev;
	l->loader_ino = st.st_ino;
	l->writes_code |= elf.writes_code;
	return ab_plan_add(l->plan, path, AB_BIND_EXEC, NULL, err);
}

int ab_libraries_add_program(struct ab_libraries *l, const char *real, const struct ab_elf *elf,
			     struct ab_err *err)
{
	l->writes_code |= elf->writes_code;
	if (elf->interp) {
		free(l->rpath);
		l->rpath = elf->runpath ? NULL : expand(elf->rpath, real);
		if (add_loader(l, elf->interp, err) < 0)
			return ab_err_prefix(err, "%s: its loader: ", real);
	}
	return ab_libraries_add(l, real, elf, false, err);
}

int ab_libraries_add(struct ab_libraries *l, const char *real, const struct ab_elf *elf,
		     bool lenient, struct ab_err *err)
{
	struct object o = { real, elf, lenient, 0 };

	return add_object(l, &o, err);
}

int ab_libraries_add_name(struct ab_libraries *l, const char *name, struct ab_err *err)
{
	char *needed[] = { (char *)name };
	struct ab_elf elf = { .is_elf = true, .needed = needed, .n_needed = 1 };

	return ab_libraries_add(l, "/", &elf, true, err);
}

int ab_libraries_end(struct ab_libraries *l, struct ab_err *err)
{
	return l->cache_used ? ab_plan_add(l->plan, CACHE_FILE, 0, NULL, err) : 0;
}

void ab_libraries_free(struct ab_libraries *l)
{
	for (size_t i = 0; i < l->n_seen; i++)
		free(l->seen[i]);
	free(l->seen);
	free(l->rpath);
	if (l->cache)
		(void)munmap((void *)l->cache, l->cache_size);
	*l = (struct ab_libraries){ 0 };
}
