/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of ab-bundle, each in cmd/bundle/VERB.c, and what several of them share. */
#ifndef AB_CMD_BUNDLE_VERBS_H
#define AB_CMD_BUNDLE_VERBS_H

#include "lib/base/err.h"
#include "lib/base/opt.h"
#include "lib/bundle/bundle.h"

int ab_bundle_main_input(int argc, char *argv[]);
int ab_bundle_main_create(int argc, char *argv[]);
int ab_bundle_main_verify(int argc, char *argv[]);
int ab_bundle_main_extract(int argc, char *argv[]);
int ab_bundle_main_cat(int argc, char *argv[]);
int ab_bundle_main_list(int argc, char *argv[]);
int ab_bundle_main_diff(int argc, char *argv[]);
int ab_bundle_main_sign(int argc, char *argv[]);
int ab_bundle_main_statement(int argc, char *argv[]);
int ab_bundle_main_oci(int argc, char *argv[]);

/* The options of every verb that reads a bundle, with their defaults in `limits`
 * (AB_BUNDLE_LIMITS).
 */
#define AB_BUNDLE_LIMIT_OPTIONS(limits, threads)                                                   \
	{ AB_OPT_SIZE,	  0, "max-bytes", "SIZE", "of the archive, uncompressed (default 4G)",     \
	  &(limits).bytes },                                                                       \
		{ AB_OPT_NUMBER,  0, "max-files", "NUMBER", "files in it (default 200000)",        \
		  &(limits).files },                                                               \
		{ AB_OPT_NUMBER,                                                                   \
		  0,                                                                               \
		  "max-ratio",                                                                     \
		  "NUMBER",                                                                        \
		  "how many times it may expand beyond 16M (default 200, 0: any)",                 \
		  &(limits).ratio },                                                               \
	{                                                                                          \
		AB_OPT_NUMBER, 0, "threads", "NUMBER", "threads (default: one a processor)",       \
			&(threads)                                                                 \
	}

/* --threads as given: 0 to 64. */
int ab_bundle_set_threads(struct ab_bundle_limits *limits, uint64_t threads, struct ab_err *err);

/* Opens a bundle; "-" is stdin. */
int ab_bundle_open(const char *path, struct ab_err *err);

/* Verifies the open bundle `path`; errors name it. */
int ab_bundle_check(int fd, const char *path, const struct ab_bundle_limits *limits,
		    struct ab_bundle *ret, struct ab_err *err);

/* Where the signatures of a bundle stand unless an option says it: "BUNDLE.sig", the caller's. */
char *ab_bundle_signature_path(const char *bundle, const char *given, struct ab_err *err);
#define AB_BUNDLE_MAX_SIGNATURES (64u << 10) /* bytes of that file */

/* Prints "sha256:HEX" and a newline. */
void ab_bundle_print_identity(const unsigned char sha256[AB_SHA256_SIZE]);

#endif
