/* SPDX-License-Identifier: Apache-2.0 */
/* Manifest lines, names, links and patterns: the parts of a bundle that need no file. */
#include "lib/bundle/manifest.h"

#include "lib/bundle/name.h"
#include "lib/bundle/nodes.h"
#include "tests/unit/tap.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

/* "ok PATH", "end", or the error. */
static const char *line(const char *text, char out[600])
{
	struct ab_manifest_line l;
	struct ab_err err = { 0 };
	const char *at = text;
	int more = ab_manifest_next(&at, text + strlen(text), &l, &err);

	if (more == 1)
		(void)snprintf(out, 600, "ok %.*s", (int)l.path_len, l.path);
	else
		(void)snprintf(out, 600, "%s", more ? err.msg : "end");
	return out;
}

static void test_lines(struct tap *t)
{
	static const char *const bad[] = {
		ZEROS "  data/a",
		ZEROS " data/a\n",
		ZEROS " *data/a\n",
		ZEROS "  data/\n",
		ZEROS "  /data/a\n",
		ZEROS "   data/a\n",
		"0" ZEROS "  data/a\n",
		"\n",
		"G" ZEROS,
		"# comment\n",
		"\\" ZEROS "  data/a\n",
	};
	char out[600];

	tap_is(t, line("", out), "end", "nothing is the end");
	tap_is(t, line(ZEROS "  data/a b\n", out), "ok a b", "a line");
	tap_is(t, line(ZEROS "  data/a/../b\n", out), "a/../b: \".\" or \"..\" in the path",
	       "a path that climbs");
	for (size_t i = 0; i < AB_ARRAY_SIZE(bad); i++)
		tap_is(t, line(bad[i], out), "not a line of a manifest", bad[i]);
}

static const char *name(const char *path)
{
	static char out[600];
	struct ab_err err = { 0 };

	(void)snprintf(out, sizeof(out), "%s",
		       ab_name_check(path, strlen(path), &err) < 0 ? strstr(err.msg, ": ") + 2
								   : "ok");
	return out;
}

/* The size is known before the hashes are. */
static void test_size(struct tap *t)
{
	static const struct {
		enum ab_node_kind kind;
		const char *path, *target;
		const char *what;
	} nodes[] = { { AB_NODE_FILE, "a", NULL, "a file" },
		      { AB_NODE_FILE, "d/\303\244", NULL, "another" },
		      { AB_NODE_LINK, "l", "a", "a link, and the text that tells of it" },
		      { AB_NODE_DIRECTORY, "z", NULL, "an empty directory" } };
	ab_auto(ab_bundle_free) struct ab_bundle b = { 0 };
	struct ab_err err = { 0 };
	size_t size = 1;

	tap_ok(t, ab_manifest_size(&b, &size, &err) == 0 && size == 0, "nothing has no manifest");
	for (size_t i = 0; i < AB_ARRAY_SIZE(nodes); i++) {
		struct ab_node *n =
			ab_nodes_add(&b, nodes[i].kind, nodes[i].path, nodes[i].target, &err);
		int status;

		n->hashed = n->kind == AB_NODE_FILE;
		ab_buf_clear(&b.manifest);
		status = ab_nodes_links(&b, &err) < 0 || ab_manifest_size(&b, &size, &err) < 0 ||
			 ab_manifest_write(&b, &b.manifest, &err) < 0;
		tap_ok(t, status == 0 && b.manifest.len == size, "%s: %zu bytes", nodes[i].what,
		       size);
	}
}

static void test_names(struct tap *t)
{
	char deep[2 * AB_NAME_DEPTH + 8], wide[300];

	tap_is(t, name("a"), "ok", "a");
	tap_is(t, name("..."), "ok", "three dots");
	tap_is(t, name("a b/.c/\303\244\360\237\230\200"), "ok", "blanks, dots, UTF-8");
	tap_is(t, name(""), "empty path", "empty");
	tap_is(t, name("/a"), "absolute path", "absolute");
	tap_is(t, name("a//b"), "empty component in the path", "two slashes");
	tap_is(t, name("a/"), "empty component in the path", "a slash at the end");
	tap_is(t, name("a/."), "\".\" or \"..\" in the path", "a dot");
	tap_is(t, name("../a"), "\".\" or \"..\" in the path", "two dots");
	tap_is(t, name("a\tb"), "control character in the name", "tab");
	tap_is(t, name("a\302\205b"), "control character in the name", "C1");
	tap_is(t, name("a\\b"), "backslash in the name", "backslash");
	tap_is(t, name("a\340\200\257"), "name is not UTF-8", "overlong slash");
	tap_is(t, name("a\342\200\256b"), "bidirectional control in the name", "U+202E");
	tap_is(t, name("a\342\200\250b"), "line separator in the name", "U+2028");
	memset(wide, 'w', 255);
	wide[255] = '\0';
	tap_is(t, name(wide), "ok", "255 bytes");
	wide[255] = 'w';
	wide[256] = '\0';
	tap_is(t, name(wide), "component of more than 255 bytes", "256 bytes");
	for (size_t i = 0; i < AB_NAME_DEPTH; i++)
		memcpy(deep + 2 * i, "d/", 2);
	deep[2 * AB_NAME_DEPTH - 1] = '\0';
	tap_is(t, name(deep), "ok", "as deep as allowed");
	memcpy(deep + 2 * AB_NAME_DEPTH - 1, "/d", 3);
	tap_is(t, name(deep), "path too deep", "one more");
}

/* Whether a tree of a, d/f, d/e/ (empty) and a link at `path` to `target` stands. */
static const char *link_says(const char *path, const char *target, bool *ret_hashed)
{
	static char out[600];
	ab_auto(ab_bundle_free) struct ab_bundle b = { 0 };
	struct ab_err err = { 0 };
	struct ab_node *link;

	(void)ab_nodes_add(&b, AB_NODE_FILE, "a", NULL, &err);
	(void)ab_nodes_add(&b, AB_NODE_DIRECTORY, "d/e", NULL, &err);
	(void)ab_nodes_add(&b, AB_NODE_FILE, "d/f", NULL, &err);
	(void)ab_nodes_add(&b, AB_NODE_LINK, "d/via", "../a", &err);
	(void)ab_nodes_add(&b, AB_NODE_LINK, path, target, &err);
	ab_nodes_sort(&b);
	if (ab_nodes_links(&b, &err) < 0)
		(void)snprintf(out, sizeof(out), "%s", strrchr(err.msg, ':') + 2);
	else
		(void)snprintf(out, sizeof(out), "ok");
	link = ab_nodes_find(&b, b.n, path, strlen(path));
	*ret_hashed = link && link->hashed;
	return out;
}

static void test_links(struct tap *t)
{
	bool hashed;

	tap_is(t, link_says("l", "a", &hashed), "ok", "to a file beside it");
	tap_ok(t, hashed, "which has a hash");
	tap_is(t, link_says("l", "d", &hashed), "ok", "to a directory");
	tap_ok(t, !hashed, "which has none");
	tap_is(t, link_says("l", "d/e", &hashed), "ok", "to an empty directory");
	tap_is(t, link_says("d/l", "../a", &hashed), "ok", "up and down");
	tap_is(t, link_says("d/l", "../d/f", &hashed), "ok", "up and back");
	tap_is(t, link_says("x/y/l", "../../d/f", &hashed), "ok", "up twice");
	tap_is(t, link_says("l", "d/via", &hashed), "ok", "by way of another link");
	tap_ok(t, hashed, "whose file's hash it has");
	tap_is(t, link_says("l", "d/via/x", &hashed), "leads to nothing in the tree",
	       "through a link");
	tap_is(t, link_says("l", "../a", &hashed), "leads out of the tree", "out");
	tap_is(t, link_says("d/l", "../../a", &hashed), "leads out of the tree", "out from below");
	tap_is(t, link_says("l", "/a", &hashed), "absolute", "absolute");
	tap_is(t, link_says("l", "l", &hashed), "links in a circle", "itself");
	tap_is(t, link_says("l", "d/", &hashed), "not a normalised path to something below",
	       "a slash at the end");
	tap_is(t, link_says("l", "..", &hashed), "not a normalised path to something below",
	       "two dots alone");
	tap_is(t, link_says("d/l", "../d", &hashed), "leads to a directory that holds it",
	       "what holds it");
	tap_is(t, link_says("l", "nowhere", &hashed), "leads to nothing in the tree", "nothing");
	tap_is(t, link_says("l", "a/x", &hashed), "leads to nothing in the tree", "beneath a file");
}

int main(void)
{
	struct tap t = { 0 };

	test_lines(&t);
	test_size(&t);
	test_names(&t);
	test_links(&t);
	return tap_done(&t);
}
