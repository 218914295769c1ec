/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to lib/scrub: what is made of the shipped rules, made once when the tools are built and linked into
 * ab-scrub (cmd/scrub/shipped.c). Places are told in bytes from its beginning, so that nothing is changed at a start
 * and no page is touched that is not asked for. A file is taken from it if it is the same byte for byte; any other is
 * read as if there were no image. gen/image.c makes it.
 */
#ifndef AB_SCRUB_IMAGE_H
#define AB_SCRUB_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/crypto/sha256.h"
#include "lib/scrub/atom.h"

struct ab_literals;
struct ab_scrub_policy;
struct ab_scrub_rule;
struct ab_shape;

#define AB_IMAGE_MAGIC 0x31676d6962726373u /* other bytes where the order of bytes is another one */
#define AB_IMAGE_FILES 16 /* of a policy */

/* So many things from a place on. */
struct ab_image_part {
	uint32_t at, n;
};

/* What a rule's pattern looks like (struct ab_shape): n units of steps and, behind them, branches, so many bytes together;
 * the sets are the image's. n 0: it is not told. */
struct ab_image_shape {
	uint32_t n, entry, n_forks, branches; /* where they begin, behind `steps` */
	uint32_t steps, size;
	ab_atom_set lead;
};

/* A file of rules and of nothing else: its bytes; struct ab_scrub_rule, whose pointers are places, and whose functions
 * numbers; a struct ab_image_shape of each. */
struct ab_image_file {
	struct ab_image_part text, rules, shapes;
};

/* The literals of all rules of some files, in that order, without those that are off. */
struct ab_image_index {
	struct ab_image_part files; /* uint32_t, numbers of files */
	struct ab_image_part off;   /* a byte for each rule: it is off */
	uint32_t tables;	    /* the filter and the chains of struct ab_literals */
	struct ab_image_part literals, marks, texts;
};

/* A policy, and the hash of its file and those that it includes. */
struct ab_image_policy {
	struct ab_image_part text, files; /* uint32_t, numbers of files */
	char hash[AB_SHA256_TEXT];
};

/* The head. */
struct ab_scrub_image {
	uint64_t magic;
	unsigned char hash[32]; /* SHA-256 of all that is behind the head */
	uint32_t size, head_size, rule_size, tables_size, literal_size, step_size; /* in bytes */
	struct ab_image_part files, indices, policies, sets;
};

/* What lies at a place. */
static inline const void *ab_image_at(const struct ab_scrub_image *image, size_t at)
{
	return (const char *)image + at;
}

/* What a policy has taken from an image so far. */
struct ab_image_use {
	const struct ab_scrub_image *image; /* NULL: there is none */
	uint32_t files[AB_IMAGE_FILES];
	size_t n;
	const struct ab_image_policy *policy; /* of which all that was read is a beginning; NULL: of none */
	int fd; /* the image's file; -1: it is not to be had */
	off_t at;
	ab_atom_set *sets; /* those of all shapes, once they were asked for */
};

/* Takes the image if it is of this build, or else none. */
void ab_image_open(struct ab_image_use *use, const void *image);

/* Notes that the policy's own file was read, of which these are the bytes; false: it is none of the image's. */
bool ab_image_begins(struct ab_image_use *use, const char *text, size_t len);

/* The file of rules that is the same as that at `path`; NULL: there is none. */
const struct ab_image_file *ab_image_find(const struct ab_image_use *use, const char *path);

/* Notes that the file's rules are taken, and adds its bytes to the hash, unless that is NULL or still known. */
void ab_image_take(struct ab_image_use *use, const struct ab_image_file *file, struct ab_sha256 *sha);

/* Makes the file's rule, of that number. */
void ab_image_rule(const struct ab_image_use *use, const struct ab_image_file *file, size_t number,
		   struct ab_scrub_rule *ret);

/* The hash of what was read if it is known; NULL: it is not. */
const char *ab_image_hash(const struct ab_image_use *use);

/* Adds to the hash what was not added to it as long as it might be known: it is not, from here on. */
void ab_image_add_hash(struct ab_image_use *use, struct ab_sha256 *sha);

/*
 * The file that the image is a part of, from a place on. Shapes are read from there, since mapped pages count as memory:
 * some kernels map megabytes around one. It is `use` that closes fd; -1, or another file: they are made from patterns.
 */
void ab_image_lend(struct ab_image_use *use, int fd, off_t at);
void ab_image_close(struct ab_image_use *use);

/* The shape of a rule's pattern, as long as `use` is open. NULL: it is to be made from the pattern. */
struct ab_shape *ab_image_shape(struct ab_image_use *use, const struct ab_scrub_rule *rule);

/* The literals of the policy's rules; NULL: they are not there, or there is no memory. */
struct ab_literals *ab_image_literals(const struct ab_scrub_policy *policy);

#endif
