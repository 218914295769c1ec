/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/bundle/verbs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int ab_bundle_set_threads(struct ab_bundle_limits *limits, uint64_t threads, struct ab_err *err)
{
	if (threads > 64)
		return ab_err_usage(err, "--threads: %" PRIu64 ": at most 64", threads);
	limits->threads = (unsigned)threads;
	return 0;
}

int ab_bundle_open(const char *path, struct ab_err *err)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
					: open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		ab_err_sys(err, "%s", path);
		err->status = AB_EXIT_USAGE;
	}
	return fd;
}

int ab_bundle_check(int fd, const char *path, const struct ab_bundle_limits *limits,
		    struct ab_bundle *ret, struct ab_err *err)
{
	if (ab_bundle_verify(fd, limits, ret, err) < 0)
		return ab_err_prefix(err, "%s: ", path);
	return 0;
}

char *ab_bundle_signature_path(const char *bundle, const char *given, struct ab_err *err)
{
	struct ab_buf b = { 0 };
	char *path;

	ab_buf_adds(&b, given ? given : bundle);
	if (!given && strcmp(bundle, "-") == 0) {
		ab_buf_free(&b);
		ab_err_usage(err, "a bundle on stdin needs --signature");
		return NULL;
	}
	if (!given)
		ab_buf_adds(&b, ".sig");
	path = ab_buf_steal(&b);
	if (!path)
		ab_err_memory(err);
	return path;
}

void ab_bundle_print_identity(const unsigned char sha256[AB_SHA256_SIZE])
{
	char text[AB_SHA256_TEXT];

	ab_sha256_text(sha256, text);
	printf("%s\n", text);
}
