/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit keygen: makes a signing key and its verifier key. */
#include "cmd/audit/audit.h"

#include <stdio.h>

#include "lib/base/io.h"
#include "lib/base/path.h"

static int make(const char *name, const char *path, struct ab_err *err)
{
	char text[AB_NOTE_VKEY];
	struct ab_skey key = { 0 };
	int status;

	if (!name)
		return ab_err_usage(err, "--name: required: host and path, as example.org/audit");
	if (!path)
		return ab_err_usage(err, "--key: required: the new key file");
	if (ab_skey_generate(name, &key, err) < 0)
		return -1;
	status = ab_path_parents(path, err);
	if (status == 0)
		status = ab_skey_save(&key, path, err);
	if (status == 0) {
		ab_vkey_format(&key.public_key, text);
		printf("%s\n", text);
	}
	ab_skey_free(&key);
	return status;
}

int audit_keygen(int argc, char *argv[])
{
	const char *name = NULL, *path = NULL;
	const struct ab_opt opts[] = {
		{ AB_OPT_STRING, 0, "name", "NAME", "the key's name, and the log's origin", &name },
		{ AB_OPT_STRING, 0, "key", "FILE", "the new private key; FILE.pub is public",
		  &path },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-audit keygen",
				    .summary = "Make a signing key and its verifier key",
				    .opts = opts };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (make(name, path, &err) < 0)
		return ab_err_report("ab-audit", &err);
	return ab_io_finish(AB_EXIT_OK);
}
