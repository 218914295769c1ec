/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/base/join.h"
#include "lib/jail/languages.h"
#include "lib/jail/libraries.h"

#define SCRIPT_LINE  256 /* as much as the kernel reads */
#define MAX_SCRIPTS  4	 /* nested interpreters, as the kernel's */
#define MAX_ENV_ARGS 16

struct finding {
	struct ab_program *program;
	struct ab_plan *plan;
	struct ab_libraries *libraries;
	const char *path;
	uid_t uid;
	gid_t gid;
	const char *env; /* what a script named as env(1), if one did */
	struct ab_err *err;
};

static int fail(struct finding *f, int exit)
{
	f->program->exit = exit;
	return -1;
}

static int add_arg(struct finding *f, size_t at, const char *word)
{
	struct ab_program *p = f->program;
	size_t n = 0;
	char **argv, *copy;

	while (p->argv && p->argv[n])
		n++;
	argv = realloc(p->argv, (n + 2) * sizeof(*argv));
	if (!argv)
		return ab_err_memory(f->err);
	p->argv = argv;
	argv[n] = NULL;
	copy = strdup(word);
	if (!copy)
		return ab_err_memory(f->err);
	memmove(argv + at + 1, argv + at, (n - at + 1) * sizeof(*argv));
	argv[at] = copy;
	return 0;
}

/* What was found cannot be executed: 126, unless it is us who lack what it takes to look at it. */
static int cannot_execute(struct finding *f)
{
	int sys = f->err->sys;

	return fail(f, sys == EMFILE || sys == ENFILE || sys == ENOMEM ? 125 : 126);
}

/* Whether the user of the jail may read and execute the file. Root's own rights do not count. */
static bool may_use(const struct finding *f, const struct stat *st, mode_t want)
{
	mode_t have = st->st_mode;

	if (f->uid == geteuid())
		return true;
	if (st->st_uid == f->uid)
		have >>= 6;
	else if (st->st_gid == f->gid)
		have >>= 3;
	return (have & want) == want;
}

/* What was opened as a file that is to be executed: its descriptor, or -1 with the way to leave. */
static int check_program(struct finding *f, int fd, const char *path)
{
	struct stat st;

	if (fd < 0) {
		ab_err_sys(f->err, "%s", path);
		return f->err->sys == ENOENT || f->err->sys == ENOTDIR ? fail(f, 127)
								       : cannot_execute(f);
	}
	if (fstat(fd, &st) < 0)
		ab_err_sys(f->err, "%s", path);
	else if (!S_ISREG(st.st_mode))
		ab_err_no(f->err, "%s: not a file", path);
	else if (!(st.st_mode & 0111))
		ab_err_no(f->err, "%s: not executable", path);
	else if (!may_use(f, &st, 05))
		ab_err_no(f->err,
			  "%s: not readable by user %u, as whom an agent that root starts runs",
			  path, (unsigned)f->uid);
	else
		return fd;
	(void)close(fd);
	return fail(f, 126);
}

static int open_program(struct finding *f, const char *path)
{
	return check_program(f, open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), path);
}

/* Searches a name in f->path: the file's path in `out`. */
static int search(struct finding *f, const char *name, char out[PATH_MAX])
{
	for (const char *dir = f->path; *name && dir; dir = strchr(dir, ':')) {
		size_t len;

		dir += *dir == ':';
		len = strcspn(dir, ":");
		if (*dir != '/' || len >= PATH_MAX)
			continue;
		memcpy(out, dir, len);
		if (ab_join(out + len, PATH_MAX - len, "/", name, NULL) && access(out, X_OK) == 0)
			return 0;
	}
	ab_err_no(f->err, "%s: not found in %s", name, f->path);
	return fail(f, 127);
}

/* The words of env(1)'s operands in "#!/usr/bin/env ...": NAME, or -S NAME ARG... */
static int take_env(struct finding *f, char *words, const char *script, char interp[PATH_MAX])
{
	char *save = NULL, *list[MAX_ENV_ARGS];
	size_t n = 0;
	char *word;

	if (words && strncmp(words, "-S", 2) == 0)
		words += 2;
	else if (words && words[strcspn(words, " \t")])
		words = NULL; /* "python3 -u" without -S is one name to env */
	word = words ? strtok_r(words, " \t", &save) : NULL;
	for (; word && n < MAX_ENV_ARGS; word = strtok_r(NULL, " \t", &save))
		list[n++] = word;
	if (n == 0 || word || list[0][0] == '-' || strpbrk(list[0], "=/")) {
		ab_err_no(f->err, "%s: this use of env in its first line is not supported", script);
		return fail(f, 126);
	}
	if (search(f, list[0], interp) < 0) {
		ab_err_prefix(f->err, "%s: its interpreter ", script);
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (add_arg(f, i, list[i]) < 0)
			return fail(f, 125);
	return 0;
}

/* The path as which a script names env(1), or NULL. */
static const char *env_of(const char *interp)
{
	static const char *const paths[] = { "/usr/bin/env", "/bin/env" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(paths); i++)
		if (strcmp(interp, paths[i]) == 0)
			return paths[i];
	return NULL;
}

/*
 * Reads "#!INTERPRETER [ARGUMENT]" and puts it before the arguments, as execve(2) does.
 * 1: `interp` is what is to be executed; 0: not a script.
 */
static int take_script(struct finding *f, int fd, const char *path, char interp[PATH_MAX])
{
	char line[SCRIPT_LINE + 1], *word, *end, *arg;
	ssize_t n = pread(fd, line, SCRIPT_LINE, 0);

	if (n < 2 || memcmp(line, "#!", 2) != 0)
		return 0;
	line[n] = '\0';
	end = strchr(line, '\n');
	if (!end) {
		ab_err_no(f->err, "%s: its first line is too long", path);
		return fail(f, 126);
	}
	do {
		*end-- = '\0';
	} while (end > line && (*end == ' ' || *end == '\t' || *end == '\r'));
	word = line + 2 + strspn(line + 2, " \t");
	arg = word + strcspn(word, " \t");
	if (*arg) {
		*arg++ = '\0';
		arg += strspn(arg, " \t");
	}
	/* The script's own name takes the place of the command's. */
	free(f->program->argv[0]);
	f->program->argv[0] = strdup(path);
	if (!f->program->argv[0])
		return ab_err_memory(f->err), fail(f, 125);
	f->env = env_of(word);
	if (f->env)
		return take_env(f, *arg ? arg : NULL, path, interp) < 0 ? -1 : 1;
	if (*word != '/') {
		ab_err_no(f->err, "%s: its interpreter %s is not an absolute path", path, word);
		return fail(f, 126);
	}
	(void)snprintf(interp, PATH_MAX, "%s", word); /* shorter than SCRIPT_LINE */
	if ((*arg && add_arg(f, 0, arg) < 0) || add_arg(f, 0, word) < 0)
		return fail(f, 125);
	return 1;
}

static int add_elf(struct finding *f, int fd, const char *path, const char *real)
{
	ab_auto(ab_elf_free) struct ab_elf elf = { 0 };

	if (ab_elf_read(fd, &elf, f->err) < 0) {
		ab_err_prefix(f->err, "%s: ", path);
		return cannot_execute(f);
	}
	if (!elf.is_native) {
		ab_err_no(f->err, "%s: %s", path,
			  elf.is_elf ? "a program of another architecture"
				     : "neither a program nor a script with a #! line");
		return fail(f, 126);
	}
	if (ab_libraries_add_program(f->libraries, real, &elf, f->err) < 0)
		return cannot_execute(f);
	f->program->writes_code = f->libraries->writes_code;
	if (ab_languages_add(f->libraries, path, real, elf.interp != NULL, f->err) < 0)
		return fail(f, 125);
	return 0;
}

/* Makes a path absolute, not resolving anything. */
static int absolute(struct finding *f, const char *path, char out[PATH_MAX])
{
	AB_UNINITIALIZED char here[PATH_MAX];

	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (*path != '/' && !getcwd(here, sizeof(here))) {
		ab_err_sys(f->err, "current directory");
		return fail(f, 125);
	}
	if (!(*path == '/' ? ab_join(out, PATH_MAX, path, NULL)
			   : ab_join(out, PATH_MAX, here, "/", path, NULL))) {
		ab_err_no(f->err, "%s: path too long", path);
		return fail(f, 126);
	}
	return 0;
}

/* Follows the chain of scripts to the program that is executed. */
static int follow(struct finding *f, const char *first, char path[PATH_MAX])
{
	for (int depth = 0; depth <= MAX_SCRIPTS; depth++) {
		AB_UNINITIALIZED char real[PATH_MAX], interp[PATH_MAX];
		ab_autoclose int fd = open_program(f, path);
		int script;

		if (fd < 0) {
			if (depth)
				ab_err_prefix(f->err, "%s: its interpreter ", first);
			return -1;
		}
		if (ab_plan_add(f->plan, path, AB_BIND_EXEC, real, f->err) < 0)
			return fail(f, 125);
		script = take_script(f, fd, path, interp);
		if (script < 0)
			return -1;
		if (!script) {
			f->program->file = strdup(path);
			if (!f->program->file)
				return ab_err_memory(f->err), fail(f, 125);
			return add_elf(f, fd, path, real);
		}
		memcpy(path, interp, PATH_MAX);
	}
	ab_err_no(f->err, "%s: too many interpreters", path);
	return fail(f, 126);
}

int ab_program_find(struct ab_program *ret, struct ab_plan *plan, char *const argv[],
		    const char *path, uid_t uid, gid_t gid, struct ab_err *err)
{
	ab_auto(ab_libraries_free) struct ab_libraries libraries = { .plan = plan };
	struct finding f = { .program = ret,
			     .plan = plan,
			     .libraries = &libraries,
			     .path = path,
			     .uid = uid,
			     .gid = gid,
			     .err = err };
	AB_UNINITIALIZED char found[PATH_MAX];

	*ret = (struct ab_program){ 0 };
	for (size_t i = 0; argv[i]; i++)
		if (add_arg(&f, i, argv[i]) < 0)
			return fail(&f, 125);
	if ((strchr(argv[0], '/') ? absolute(&f, argv[0], found) : search(&f, argv[0], found)) < 0)
		return -1;
	if (follow(&f, argv[0], found) < 0)
		return -1;
	if (ab_libraries_end(&libraries, err) < 0)
		return fail(&f, 125);
	return 0;
}

int ab_program_add(struct ab_plan *plan, const char *name, const char *path, uid_t uid, gid_t gid,
		   struct ab_err *err)
{
	ab_auto(ab_program_free) struct ab_program program = { 0 };
	ab_auto(ab_libraries_free) struct ab_libraries libraries = { .plan = plan };
	struct finding f = { .program = &program,
			     .plan = plan,
			     .libraries = &libraries,
			     .path = path,
			     .uid = uid,
			     .gid = gid,
			     .err = err };
	AB_UNINITIALIZED char found[PATH_MAX];

	if (add_arg(&f, 0, name) < 0 ||
	    (strchr(name, '/') ? absolute(&f, name, found) : search(&f, name, found)) < 0 ||
	    follow(&f, name, found) < 0 || ab_libraries_end(&libraries, err) < 0)
		return -1;
	return f.env ? ab_program_add(plan, f.env, path, uid, gid, err) : 0;
}

static int open_in(int root, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* As search(), in an image; its symbolic links lead nowhere else. The file's descriptor. */
static int search_in(struct finding *f, int root, const char *name, char out[PATH_MAX])
{
	for (const char *dir = f->path; *name && dir; dir = strchr(dir, ':')) {
		struct stat st;
		int n, fd;

		dir += *dir == ':';
		n = snprintf(out, PATH_MAX, "%.*s/%s", (int)strcspn(dir, ":"), dir, name);
		if (*dir != '/' || n < 0 || n >= PATH_MAX)
			continue;
		fd = open_in(root, out);
		if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 0111)
			return fd;
		if (fd >= 0)
			(void)close(fd);
		else if (errno == EMFILE || errno == ENFILE)
			return ab_err_sys(f->err, "%s", out), fail(f, 125);
	}
	ab_err_no(f->err, "%s: not found in %s of the image", name, f->path);
	return fail(f, 127);
}

int ab_program_find_in(struct ab_program *ret, const char *dir, char *const argv[],
		       const char *path, uid_t uid, gid_t gid, struct ab_err *err)
{
	struct finding f = { .program = ret, .path = path, .uid = uid, .gid = gid, .err = err };
	ab_autoclose int root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = -1;
	AB_UNINITIALIZED char found[PATH_MAX];

	*ret = (struct ab_program){ 0 };
	if (root < 0)
		return ab_err_sys(err, "--root: %s", dir), fail(&f, 125);
	if (strchr(argv[0], '/') && argv[0][0] != '/')
		return ab_err_usage(err, "%s: in an image, a name or an absolute path", argv[0]),
		       fail(&f, 125);
	for (size_t i = 0; argv[i]; i++)
		if (add_arg(&f, i, argv[i]) < 0)
			return fail(&f, 125);
	if (argv[0][0] == '/') {
		fd = check_program(&f, open_in(root, argv[0]), argv[0]);
	} else {
		fd = search_in(&f, root, argv[0], found);
		if (fd >= 0)
			fd = check_program(&f, ab_steal_fd(&fd), found);
	}
	if (fd < 0)
		return -1;
	ret->file = strdup(argv[0][0] == '/' ? argv[0] : found);
	return ret->file ? 0 : (ab_err_memory(err), fail(&f, 125));
}

void ab_program_free(struct ab_program *program)
{
	for (size_t i = 0; program->argv && program->argv[i]; i++)
		free(program->argv[i]);
	free(program->argv);
	free(program->file);
	*program = (struct ab_program){ 0 };
}
