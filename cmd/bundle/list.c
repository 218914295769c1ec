/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle list: what is in a bundle, once all of it has been verified. */
#include "cmd/bundle/verbs.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/base/io.h"
#include "lib/confine/confine.h"

#define NAME "ab-bundle list"

struct settings {
	const char *bundle;
	bool json;
	struct ab_bundle_limits limits;
	uint64_t threads;
};

static void print_node(const struct ab_node *node)
{
	static const char *const kinds[] = {
		[AB_NODE_FILE] = "file", [AB_NODE_DIRECTORY] = "directory", [AB_NODE_LINK] = "link"
	};

	printf("%-10s %10" PRIu64 "  %s", node->executable ? "executable" : kinds[node->kind],
	       node->size, node->path);
	printf("%s%s\n", node->target ? " -> " : "", node->target ? node->target : "");
}

static int print(const struct settings *s, const struct ab_bundle *b, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };

	if (!s->json) {
		for (size_t i = 0; i < b->n; i++)
			print_node(&b->nodes[i]);
		return 0;
	}
	if (ab_bundle_list_json(b, &text, err) < 0)
		return -1;
	return ab_io_write(STDOUT_FILENO, text.data, text.len, err) < 0
		       ? ab_err_prefix(err, "standard output: ")
		       : 0;
}

static int run(struct settings *s, struct ab_err *err)
{
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	ab_autoclose int fd = -1;

	if (ab_bundle_set_threads(&s->limits, s->threads, err) < 0)
		return -1;
	fd = ab_bundle_open(s->bundle, err);
	if (fd < 0 || ab_confine(AB_PROFILE_STORE, NULL, 0, err) < 0 ||
	    ab_bundle_check(fd, s->bundle, &s->limits, &bundle, err) < 0)
		return -1;
	return print(s, &bundle, err);
}

int ab_bundle_main_list(int argc, char *argv[])
{
	struct settings s = { .limits = AB_BUNDLE_LIMITS };
	const struct ab_opt opts[] = {
		{ AB_OPT_FLAG, 0, "json", NULL, "as a JSON array", &s.json },
		AB_BUNDLE_LIMIT_OPTIONS(s.limits, s.threads),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = NAME,
		.summary = "Verify BUNDLE (\"-\": stdin) and list what is in it",
		.operands = "BUNDLE",
		.opts = opts,
		.min = 1,
		.max = 1,
	};
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	s.bundle = argv[first];
	return ab_io_finish(run(&s, &err) < 0 ? ab_err_report(NAME, &err) : AB_EXIT_OK);
}
