/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle diff: what two bundles differ in, once both have been verified. */
#include "cmd/bundle/verbs.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/confine/confine.h"

#define NAME "ab-bundle diff"

struct sides {
	struct ab_bundle a, b;
};

static void sides_done(struct sides *s)
{
	ab_bundle_free(&s->a);
	ab_bundle_free(&s->b);
}

/* What differs in two nodes of the same path, NULL if nothing does. */
static const char *difference(const struct ab_node *a, const struct ab_node *b)
{
	if (a->kind != b->kind)
		return "kind";
	if (a->kind == AB_NODE_LINK)
		return strcmp(a->target, b->target) ? "target" : NULL;
	if (memcmp(a->sha256, b->sha256, sizeof(a->sha256)) != 0)
		return "content";
	return a->executable != b->executable ? "mode" : NULL;
}

/* Prints one line a difference; returns how many. */
static size_t compare(const struct ab_bundle *a, const struct ab_bundle *b)
{
	size_t i = 0, j = 0, n = 0;

	while (i < a->n || j < b->n) {
		int order = i == a->n	? 1
			    : j == b->n ? -1
					: strcmp(a->nodes[i].path, b->nodes[j].path);
		const char *what = order == 0 ? difference(&a->nodes[i], &b->nodes[j]) : NULL;

		if (order < 0)
			printf("removed %s\n", a->nodes[i].path);
		else if (order > 0)
			printf("added %s\n", b->nodes[j].path);
		else if (what)
			printf("%s %s\n", what, a->nodes[i].path);
		n += order != 0 || what;
		i += order <= 0;
		j += order >= 0;
	}
	return n;
}

static int run(char *const paths[2], const struct ab_bundle_limits *limits, size_t *ret_n,
	       struct ab_err *err)
{
	ab_auto(sides_done) struct sides s = { 0 };
	ab_autoclose int a = ab_bundle_open(paths[0], err);
	ab_autoclose int b = a < 0 ? -1 : ab_bundle_open(paths[1], err);

	if (a < 0 || b < 0 || ab_confine(AB_PROFILE_STORE, NULL, 0, err) < 0 ||
	    ab_bundle_check(a, paths[0], limits, &s.a, err) < 0 ||
	    ab_bundle_check(b, paths[1], limits, &s.b, err) < 0)
		return -1;
	*ret_n = compare(&s.a, &s.b);
	return 0;
}

int ab_bundle_main_diff(int argc, char *argv[])
{
	struct ab_bundle_limits limits = AB_BUNDLE_LIMITS;
	uint64_t threads = 0;
	const struct ab_opt opts[] = {
		AB_BUNDLE_LIMIT_OPTIONS(limits, threads),
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = {
		.name = NAME,
		.summary = "Verify two bundles and say what they differ in; exit 1 if they do",
		.operands = "BUNDLE BUNDLE",
		.opts = opts,
		.min = 2,
		.max = 2,
	};
	struct ab_err err = { 0 };
	size_t n = 0;
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (ab_bundle_set_threads(&limits, threads, &err) < 0 ||
	    run(&argv[first], &limits, &n, &err) < 0)
		return ab_io_finish(ab_err_report(NAME, &err));
	return ab_io_finish(n ? AB_EXIT_NO : AB_EXIT_OK);
}
