/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"

void *ab_secret_alloc(size_t len, struct ab_err *err)
{
	void *secret = sodium_init() < 0 ? NULL : sodium_malloc(len);

	if (!secret)
		ab_err_trouble(err, "no memory for secrets");
	return secret;
}

void ab_secret_free(void *secret)
{
	sodium_free(secret);
}

void ab_secret_wipe(void *data, size_t len)
{
	sodium_memzero(data, len);
}

static int check_private(int fd, const char *path, size_t max, struct ab_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ab_err_sys(err, "%s", path);
	if (!S_ISREG(st.st_mode))
		return ab_err_usage(err, "%s: not a regular file", path);
	if (st.st_mode & 077)
		return ab_err_usage(err, "%s: others may use it (mode %04o), expected 0600", path,
				    (unsigned)(st.st_mode & 07777));
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return ab_err_usage(err, "%s: belongs to user %u, expected %u", path, st.st_uid,
				    geteuid());
	if (st.st_size < 0 || (size_t)st.st_size > max)
		return ab_err_usage(err, "%s: larger than a key", path);
	return 0;
}

static int read_whole(int fd, char *to, size_t max, size_t *ret_len, struct ab_err *err)
{
	ssize_t n;

	*ret_len = 0;
	while (*ret_len < max && (n = ab_io_read(fd, to + *ret_len, max - *ret_len, err)) != 0) {
		if (n < 0)
			return -1;
		*ret_len += (size_t)n;
	}
	return 0;
}

int ab_secret_read(const char *path, size_t max, char **ret, size_t *ret_len, struct ab_err *err)
{
	ab_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	char *secret;

	if (fd < 0 && errno == ELOOP)
		return ab_err_usage(err, "%s: a symbolic link, expected the key itself", path);
	if (fd < 0) {
		ab_err_sys(err, "%s", path);
		err->status = AB_EXIT_USAGE;
		return -1;
	}
	if (check_private(fd, path, max, err) < 0)
		return -1;
	secret = ab_secret_alloc(max, err);
	if (!secret)
		return -1;
	if (read_whole(fd, secret, max, ret_len, err) < 0) {
		ab_secret_free(secret);
		return ab_err_prefix(err, "%s: ", path);
	}
	*ret = secret;
	return 0;
}

static int sync_directory_of(const char *path, struct ab_err *err)
{
	ab_autofree char *copy = strdup(path);
	ab_autoclose int fd = -1;

	if (!copy)
		return ab_err_memory(err);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return ab_err_sys(err, "%s: its directory", path);
	return 0;
}

int ab_secret_write(const char *path, const void *data, size_t len, struct ab_err *err)
{
	ab_autoclose int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0) {
		int why = errno;

		ab_err_sys(err, "%s", path);
		if (why == EEXIST || why == ENOENT || why == ENOTDIR)
			err->status = AB_EXIT_USAGE;
		return -1;
	}
	if (ab_io_write(fd, data, len, err) < 0 || (fsync(fd) < 0 && ab_err_sys(err, "fsync"))) {
		(void)unlink(path);
		return ab_err_prefix(err, "%s: ", path);
	}
	return sync_directory_of(path, err);
}
