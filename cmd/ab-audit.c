/* SPDX-License-Identifier: Apache-2.0 */
/* ab-audit: keeps a signed, append-only log of what agents did, and proves it to others. */
#include "cmd/audit/audit.h"

#include "lib/base/io.h"

int main(int argc, char *argv[])
{
	static const struct ab_verb verbs[] = {
		{ "keygen", audit_keygen, "make a signing key and its verifier key" },
		{ "init", audit_init, "make a new log" },
		{ "begin", audit_begin, "record that a run starts" },
		{ "append", audit_append, "record how a run ended, then let its output through" },
		{ "record", audit_record, "record events" },
		{ "verify", audit_verify, "check a whole log" },
		{ "show", audit_show, "show a record" },
		{ NULL, NULL, NULL },
	};

	ab_io_start();
	return ab_verb_main("ab-audit", "Keep a signed, append-only log of what agents did", verbs,
			    argc, argv);
}
