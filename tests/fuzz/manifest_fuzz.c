/* SPDX-License-Identifier: Apache-2.0 */
/* Manifest lines, what explains their differences, and the check of names. */
#include <stdlib.h>
#include <string.h>

#include "lib/bundle/manifest.h"
#include "lib/bundle/name.h"
#include "lib/bundle/nodes.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* A line that was read must be the line that would have been written. */
static void check_lines(const char *text, size_t size)
{
	const char *at = text, *end = text + size;
	struct ab_manifest_line line;
	struct ab_err err = { 0 };

	for (const char *from = at; ab_manifest_next(&at, end, &line, &err) == 1; from = at) {
		ab_auto(ab_buf_free) struct ab_buf again = { 0 };
		char *path = strndup(line.path, line.path_len);

		if (!path || strlen(path) != line.path_len)
			abort();
		ab_manifest_add(&again, path, line.sha256);
		free(path);
		if (again.len != (size_t)(at - from) || memcmp(again.data, from, again.len) != 0)
			abort();
	}
}

static void check_explanation(const char *text, size_t size)
{
	struct ab_buf a = { 0 }, b = { 0 };
	struct ab_err err = { 0 };
	size_t half = size / 2;

	ab_buf_add(&a, text, half);
	ab_buf_add(&b, text + half, size - half);
	if (ab_buf_ok(&a, &err) == 0 && ab_buf_ok(&b, &err) == 0 && a.len && b.len &&
	    (ab_manifest_explain(&a, &b, &err) != -1 || err.status != AB_EXIT_NO))
		abort();
	ab_buf_free(&a);
	ab_buf_free(&b);
}

/* Links between whatever two names the input has: no crash, no endless circle. */
static void check_links(const char *text, size_t size)
{
	ab_auto(ab_bundle_free) struct ab_bundle b = { 0 };
	struct ab_err err = { 0 };
	ab_autofree char *copy = strndup(text, size);
	char *save = NULL;

	for (char *path = copy ? strtok_r(copy, "\n", &save) : NULL; path;
	     path = strtok_r(NULL, "\n", &save)) {
		char *target = strchr(path, '\t');

		if (target)
			*target++ = '\0';
		if (ab_name_check(path, strlen(path), &err) == 0 && b.n < 200)
			(void)ab_nodes_add(&b, target ? AB_NODE_LINK : AB_NODE_FILE, path, target,
					   &err);
	}
	ab_nodes_sort(&b);
	(void)ab_nodes_links(&b, &err);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	check_lines((const char *)data, size);
	check_explanation((const char *)data, size);
	check_links((const char *)data, size);
	return 0;
}
