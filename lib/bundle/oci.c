/* SPDX-License-Identifier: Apache-2.0 */
/* OCI image layout: image-spec v1.1, "Image Layout" and "Guidelines for Artifact Usage". */
#include "lib/bundle/package.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/bundle/apart.h"
#include "lib/json/json.h"

#define TYPE	 "application/vnd.agentbox.bundle.v1"
#define EMPTY	 "application/vnd.oci.empty.v1+json"
#define MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define INDEX	 "application/vnd.oci.image.index.v1+json"

struct blob {
	char digest[AB_SHA256_TEXT];
	uint64_t size;
};

static const char *hex(const struct blob *b)
{
	return b->digest + strlen("sha256:");
}

/* {"mediaType", "digest", "size"}: an OCI content descriptor. */
static json_t *descriptor(const struct blob *b, const char *type)
{
	return json_pack("{s:s, s:s, s:I}", "mediaType", type, "digest", b->digest, "size",
			 (json_int_t)b->size);
}

/* Writes a value as a file of canonical JSON; its hash and size go to `ret`. */
static int write_json(int dir, const char *name, const json_t *value, struct blob *ret,
		      struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	unsigned char sha256[AB_SHA256_SIZE];

	if (!value)
		return ab_err_memory(err);
	if (ab_json_canonical(value, &text, err) < 0)
		return -1;
	ab_sha256(text.data, text.len, sha256);
	ab_sha256_text(sha256, ret->digest);
	ret->size = text.len;
	return ab_path_replace(dir, name ? name : hex(ret), text.data, text.len, 0644, err);
}

/* Copies the bundle to a blob that has no name yet. Returns its descriptor. */
static int copy_layer(int fd, int dir, struct blob *ret, struct ab_err *err)
{
	ab_autoclose int out = openat(dir, "layer", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	unsigned char sha256[AB_SHA256_SIZE];
	ab_autofree char *buffer = malloc(1u << 20);
	struct ab_sha256 hash;
	ssize_t n;

	if (out < 0)
		return ab_err_sys(err, "layer");
	if (!buffer)
		return ab_err_memory(err);
	ab_sha256_init(&hash);
	while ((n = ab_io_read(fd, buffer, 1u << 20, err)) > 0) {
		ab_sha256_add(&hash, buffer, (size_t)n);
		ret->size += (uint64_t)n;
		if (ab_io_write(out, buffer, (size_t)n, err) < 0)
			return -1;
	}
	if (n < 0)
		return -1;
	ab_sha256_end(&hash, sha256);
	ab_sha256_text(sha256, ret->digest);
	if (lseek(out, 0, SEEK_SET) < 0 || renameat(dir, "layer", dir, hex(ret)) < 0)
		return ab_err_sys(err, "layer");
	return ab_steal_fd(&out);
}

static int write_manifest(const struct ab_bundle *b, const char *title, const struct blob *layer,
			  int blobs, struct blob *ret, struct ab_err *err)
{
	json_auto_t *empty = json_object(), *value = NULL;
	char identity[AB_SHA256_TEXT];
	struct blob config = { 0 };
	json_t *described;

	ab_sha256_text(b->identity, identity);
	if (write_json(blobs, NULL, empty, &config, err) < 0)
		return -1;
	described = descriptor(layer, TYPE ".tar+zstd");
	if (!described ||
	    json_object_set_new(described, "annotations",
				json_pack("{s:s}", "org.opencontainers.image.title", title)) < 0) {
		json_decref(described);
		return ab_err_memory(err);
	}
	value = json_pack("{s:i, s:s, s:s, s:o, s:[o], s:{s:s}}", "schemaVersion", 2, "mediaType",
			  MANIFEST, "artifactType", TYPE, "config", descriptor(&config, EMPTY),
			  "layers", described, "annotations", "dev.agentbox.bundle.identity",
			  identity);
	return write_json(blobs, NULL, value, ret, err);
}

static int write_top(int dir, const struct blob *manifest, struct ab_err *err)
{
	json_auto_t *layout = json_pack("{s:s}", "imageLayoutVersion", "1.0.0");
	json_auto_t *index = json_pack("{s:i, s:s, s:[o]}", "schemaVersion", 2, "mediaType", INDEX,
				       "manifests", descriptor(manifest, MANIFEST));
	struct blob unused;

	if (write_json(dir, "oci-layout", layout, &unused, err) < 0)
		return -1;
	return write_json(dir, "index.json", index, &unused, err);
}

struct layout {
	int fd;
	const char *title;
	const struct ab_bundle_limits *limits;
};

static int write_layout(void *context, int dir, unsigned char identity[AB_SHA256_SIZE],
			struct ab_err *err)
{
	const struct layout *l = context;
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	struct blob layer = { 0 }, manifest = { 0 };
	ab_autoclose int blobs = -1, copy = -1;

	if (mkdirat(dir, "blobs", 0755) < 0 || mkdirat(dir, "blobs/sha256", 0755) < 0)
		return ab_err_sys(err, "blobs");
	blobs = openat(dir, "blobs/sha256", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (blobs < 0)
		return ab_err_sys(err, "blobs");
	copy = copy_layer(l->fd, blobs, &layer, err);
	if (copy < 0 || ab_bundle_verify(copy, l->limits, &bundle, err) < 0 ||
	    write_manifest(&bundle, l->title, &layer, blobs, &manifest, err) < 0)
		return -1;
	memcpy(identity, bundle.identity, AB_SHA256_SIZE);
	return write_top(dir, &manifest, err);
}

int ab_bundle_oci(int fd, const char *title, const char *target,
		  const struct ab_bundle_limits *limits, unsigned char ret_identity[AB_SHA256_SIZE],
		  struct ab_err *err)
{
	struct layout l = { .fd = fd, .title = title, .limits = limits };

	return ab_apart(target, write_layout, &l, ret_identity, err);
}
