/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bundles: a tree of files in one canonical archive (lib/tar/tar.h), BagIt-shaped (RFC 8493):
 *
 *	bagit.txt		two fixed lines
 *	manifest-sha256.txt	"HEX  data/PATH" a line, in byte order, as sha256sum -c reads it
 *	data/PATH...		the tree, in byte order of the paths
 *
 * A bundle's identity is the SHA-256 of its manifest. So that this covers everything, what is not
 * content (executable files, links, empty directories) stands in the file data/.agentbox-tree,
 * which is there only when there is such a thing to say: "executable TAB PATH", "directory TAB
 * PATH", "link TAB PATH TAB TARGET" a line, in byte order of the paths. Links to files are listed
 * in the manifest with the hash of the file.
 *
 * A tree holds regular files, directories and links, of names as lib/bundle/name.h has it. A link
 * is relative, normalised ("../" only in front), and leads, perhaps by way of other links, to a
 * file or directory of the tree that does not hold the link itself.
 */
#ifndef AB_BUNDLE_PACKAGE_H
#define AB_BUNDLE_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hold.h"
#include "lib/crypto/sha256.h"

enum ab_node_kind { AB_NODE_FILE, AB_NODE_DIRECTORY, AB_NODE_LINK };

struct ab_node {
	char *path;   /* without "data/" */
	char *target; /* of a link, as written */
	enum ab_node_kind kind;
	bool executable, hashed; /* hashed: has a line in the manifest */
	uint64_t size;		 /* of a file */
	unsigned char sha256[AB_SHA256_SIZE];
};

struct ab_bundle {
	struct ab_node *nodes; /* in byte order of the paths; only empty directories are nodes */
	size_t n, capacity;
	uint64_t bytes; /* of all files */
	struct ab_buf manifest;
	unsigned char identity[AB_SHA256_SIZE];
};

struct ab_bundle_limits {
	uint64_t bytes; /* of the archive, uncompressed */
	uint64_t files; /* files, links and empty directories */
	uint64_t ratio; /* of expansion, beyond the first 16 MiB; 0: any */
	unsigned threads; /* 0: as many as the machine wants */
};

#define AB_BUNDLE_LIMITS                                                                           \
	{                                                                                          \
		.bytes = UINT64_C(4) << 30, .files = 200000, .ratio = 200                          \
	}

void ab_bundle_free(struct ab_bundle *b);

/*
 * Packs the tree beneath directory `root` into a bundle in fd, which must be seekable, from where
 * it stands. Paths that match one of the `exclude` patterns (fnmatch(3), against
 * the path and against its last component) are left out with all that is beneath. A file that
 * changes while it is read is AB_EXIT_TROUBLE; what cannot stand in a bundle is AB_EXIT_NO.
 */
struct ab_bundle_source {
	int root;
	const char *const *exclude;
	size_t n_exclude;
};
int ab_bundle_create(const struct ab_bundle_source *source, int fd,
		     const struct ab_bundle_limits *limits, struct ab_bundle *ret,
		     struct ab_err *err);

/*
 * Reads and verifies a whole bundle: canonical archive, manifest equal to what is there, links as
 * above. AB_EXIT_NO says what is wrong first. fd may be a pipe.
 */
int ab_bundle_verify(int fd, const struct ab_bundle_limits *limits, struct ab_bundle *ret,
		     struct ab_err *err);

/* Says whether a bundle that has been verified is the one that is wanted: 0, or AB_EXIT_NO. */
struct ab_bundle_judge {
	int (*accepts)(const void *context, const unsigned char identity[AB_SHA256_SIZE],
		       struct ab_err *err);
	const void *context;
};

/*
 * Verifies and extracts the tree to `target`, which must not exist. It is written into a fresh 0700
 * directory beside it, by a confined child that can write nowhere else, and renamed when all has
 * been verified; on any failure, on SIGINT, SIGTERM, SIGHUP, SIGQUIT and if the child crashes, what
 * was written is removed. If this process itself is killed (SIGKILL), the directory
 * (".ab-bundle.*") is left behind, locked by nobody; the next extraction to the same place removes
 * it. Files are made with mode 0644 or 0755, directories 0755, whatever the umask. The
 * judge (NULL: none) is asked in that child, before the tree gets its name.
 */
int ab_bundle_extract(int fd, const char *target, const struct ab_bundle_limits *limits,
		      const struct ab_bundle_judge *judge,
		      unsigned char ret_identity[AB_SHA256_SIZE], struct ab_err *err);

/* Verifies a whole bundle and adds the content of the file `path` of its tree to `hold`: not to be
 * let out before this has returned 0. AB_EXIT_NO if there is no such file. */
int ab_bundle_cat(int fd, const char *path, const struct ab_bundle_limits *limits,
		  struct ab_hold *hold, struct ab_bundle *ret, struct ab_err *err);

/*
 * Signatures stand beside a bundle, as a C2SP signed note over its identity:
 *
 *	agentbox.bundle/v1
 *	sha256:HEX
 *
 *	- NAME SIGNATURE	(an em dash)
 *
 * Appends the note's text, its first two lines.
 */
void ab_bundle_note(const unsigned char identity[AB_SHA256_SIZE], struct ab_buf *out);

/* The nodes as canonical JSON: [{kind, path, size, sha256, executable, target}, ...]. */
int ab_bundle_list_json(const struct ab_bundle *b, struct ab_buf *out, struct ab_err *err);

/*
 * An in-toto Statement (v1) without a claim of its own, as canonical JSON: its subjects are the
 * manifest, by which the bundle is known, and every file in it.
 */
int ab_bundle_statement(const struct ab_bundle *b, struct ab_buf *out, struct ab_err *err);

/*
 * Makes an OCI image layout (image-spec v1.1) at `target`, as ab_bundle_extract() makes its: one
 * artifact whose only layer is the bundle, which is verified as it lies there. `title` names it.
 */
int ab_bundle_oci(int fd, const char *title, const char *target,
		  const struct ab_bundle_limits *limits, unsigned char ret_identity[AB_SHA256_SIZE],
		  struct ab_err *err);

#endif
