/* SPDX-License-Identifier: Apache-2.0 */
/* manifest-sha256.txt: RFC 8493 section 2.1.3, as sha256sum(1) writes it. */
#ifndef AB_BUNDLE_MANIFEST_H
#define AB_BUNDLE_MANIFEST_H

#include "lib/bundle/package.h"

/* Appends "HEX  data/PATH\n". */
void ab_manifest_add(struct ab_buf *out, const char *path,
		     const unsigned char sha256[AB_SHA256_SIZE]);

/* Appends the whole manifest of a tree whose files and links have their hashes. */
int ab_manifest_write(const struct ab_bundle *b, struct ab_buf *out, struct ab_err *err);

/* The length of that, which does not depend on the hashes. */
int ab_manifest_size(const struct ab_bundle *b, size_t *ret, struct ab_err *err);

/* One line of a manifest: its path without "data/". */
struct ab_manifest_line {
	const char *path;
	size_t path_len;
	unsigned char sha256[AB_SHA256_SIZE];
};

/*
 * Reads the line at *at, which moves behind it: 1, 0 at the end, or AB_EXIT_NO if it does not have
 * exactly the form above with a path as lib/bundle/name.h wants it.
 */
int ab_manifest_next(const char **at, const char *end, struct ab_manifest_line *ret,
		     struct ab_err *err);

/* Says what a manifest and what it should be differ in first. Always -1. */
int ab_manifest_explain(const struct ab_buf *manifest, const struct ab_buf *expected,
			struct ab_err *err);

#endif
