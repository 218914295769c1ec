/* SPDX-License-Identifier: Apache-2.0 */
/* --cosigner: witnesses whose signatures a checkpoint must bear. */
#include "cmd/audit/audit.h"

#include <stdlib.h>

int audit_cosigners_load(struct audit_cosigners *c, struct ab_err *err)
{
	if (!c->paths.n)
		return 0;
	c->keys = calloc(c->paths.n, sizeof(*c->keys));
	if (!c->keys)
		return ab_err_memory(err);
	for (size_t i = 0; i < c->paths.n; i++) {
		struct ab_vkey key;

		if (ab_vkey_load(c->paths.items[i], &key, err) < 0)
			return -1;
		/* A witness is often known by its plain key; a cosignature has an id of its own. */
		ab_vkey_cosigner(&key, &c->keys[i]);
	}
	return 0;
}

int audit_cosigners_check(const struct audit_cosigners *c, const char *note, size_t len,
			  struct ab_err *err)
{
	struct ab_note parsed;
	int status = 0;

	if (ab_note_parse(note, len, &parsed, err) < 0)
		return -1;
	for (size_t i = 0; i < c->paths.n && status == 0; i++)
		status = ab_note_verify(&parsed, &c->keys[i], NULL, err);
	ab_note_free(&parsed);
	return status;
}

void audit_cosigners_free(struct audit_cosigners *c)
{
	free(c->keys);
	ab_list_free(&c->paths);
}
