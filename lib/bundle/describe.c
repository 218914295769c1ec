/* SPDX-License-Identifier: Apache-2.0 */
/* What a bundle is, in other people's words. */
#include "lib/bundle/package.h"

#include <string.h>

#include "lib/bundle/nodes.h"
#include "lib/json/json.h"

#define NOTE_TITLE "agentbox.bundle/v1"

void ab_bundle_note(const unsigned char identity[AB_SHA256_SIZE], struct ab_buf *out)
{
	char text[AB_SHA256_TEXT];

	ab_sha256_text(identity, text);
	ab_buf_addf(out, NOTE_TITLE "\n%s\n", text);
}

static const char *kind_name(enum ab_node_kind kind)
{
	return kind == AB_NODE_FILE ? "file" : kind == AB_NODE_LINK ? "link" : "directory";
}

static json_t *describe(const struct ab_node *node)
{
	json_t *o = json_pack("{s:s, s:s}", "kind", kind_name(node->kind), "path", node->path);
	char text[AB_SHA256_TEXT];
	int status = 0;

	if (!o)
		return NULL;
	ab_sha256_text(node->sha256, text);
	if (node->hashed)
		status |= json_object_set_new(o, "sha256", json_string(text));
	if (node->target)
		status |= json_object_set_new(o, "target", json_string(node->target));
	if (node->kind == AB_NODE_FILE) {
		status |= json_object_set_new(o, "size", json_integer((json_int_t)node->size));
		status |= json_object_set_new(o, "executable", json_boolean(node->executable));
	}
	if (status == 0)
		return o;
	json_decref(o);
	return NULL;
}

int ab_bundle_list_json(const struct ab_bundle *b, struct ab_buf *out, struct ab_err *err)
{
	json_auto_t *list = json_array();

	for (size_t i = 0; i < b->n; i++)
		if (json_array_append_new(list, describe(&b->nodes[i])) < 0)
			return ab_err_memory(err);
	if (ab_json_canonical(list, out, err) < 0)
		return -1;
	ab_buf_addc(out, '\n');
	return ab_buf_ok(out, err);
}

static int add_subject(json_t *subjects, const char *prefix, const char *name,
		       const unsigned char sha256[AB_SHA256_SIZE], struct ab_err *err)
{
	char text[AB_SHA256_TEXT];
	json_t *subject;

	ab_sha256_text(sha256, text);
	subject = json_pack("{s:s+, s:{s:s}}", "name", prefix, name, "digest", "sha256",
			    text + strlen("sha256:"));
	return json_array_append_new(subjects, subject) < 0 ? ab_err_memory(err) : 0;
}

int ab_bundle_statement(const struct ab_bundle *b, struct ab_buf *out, struct ab_err *err)
{
	json_t *subjects = json_array();
	json_auto_t *statement = json_pack(
		"{s:s, s:s, s:o, s:{}}", "_type", "https://in-toto.io/Statement/v1",
		"predicateType", "urn:agentbox:bundle:v1", "subject", subjects, "predicate");

	if (!statement || add_subject(subjects, "", "manifest-sha256.txt", b->identity, err) < 0)
		return ab_err_memory(err);
	for (size_t i = 0; i < b->n; i++)
		if (b->nodes[i].kind == AB_NODE_FILE &&
		    add_subject(subjects, AB_TREE_PREFIX, b->nodes[i].path, b->nodes[i].sha256,
				err) < 0)
			return -1;
	if (ab_json_canonical(statement, out, err) < 0)
		return -1;
	ab_buf_addc(out, '\n');
	return ab_buf_ok(out, err);
}
