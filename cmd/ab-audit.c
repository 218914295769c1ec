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
		{ "end", audit_end, "record the end of a run that has none" },
		{ "record", audit_record, "record events" },
		{ "verify", audit_verify, "check a whole log" },
		{ "show", audit_show, "show a record" },
		{ "prove", audit_prove, "prove that a record is in the log" },
		{ "check-proof", audit_check_proof, "check such a proof, offline" },
		{ "consistency", audit_consistency, "prove that the log only grew" },
		{ "checkpoint", audit_checkpoint, "publish all there is, print the checkpoint" },
		{ "cosign", audit_cosign, "be a witness for another log" },
		{ "query", audit_query, "find records" },
		{ "tail", audit_tail, "show the newest records, and those that come" },
		{ "export", audit_export, "write records in a form that other systems take" },
		{ "redact", audit_redact, "delete a record's blobs, and say so in the log" },
		{ "prune", audit_prune, "delete blobs whose time is over, by a policy" },
		{ "rotate", audit_rotate, "end a log and begin the next" },
		{ "rekey", audit_rekey, "replace a log's key" },
		{ NULL, NULL, NULL },
	};

	ab_io_start();
	return ab_verb_main("ab-audit", "Keep a signed, append-only log of what agents did", verbs,
			    argc, argv);
}
