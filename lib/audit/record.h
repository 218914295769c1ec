/* SPDX-License-Identifier: Apache-2.0 */
/* Names that stand in records. Private to lib/audit. */
#ifndef AB_AUDIT_RECORD_H
#define AB_AUDIT_RECORD_H

#define AB_PAYLOAD_TYPE	  "application/vnd.in-toto+json"
#define AB_STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define AB_PREDICATE_TYPE "urn:agentbox:audit-record:v1"

#include "lib/audit/log.h"
#include "lib/base/hold.h"
#include "lib/json/tape.h"

/* Wraps a statement's bytes into a DSSE envelope, signed by each key. */
int ab_dsse_seal(const struct ab_skey *const *keys, size_t n, const struct ab_buf *payload,
		 struct ab_buf *out, struct ab_err *err);

/* Opens an envelope: its payload, once the signature of one of the keys is seen to be good. */
int ab_dsse_open(const json_t *envelope, const struct ab_keyring *keys, struct ab_buf *payload,
		 struct ab_err *err);

/* Whether an entry is surely an event that ab_record_open() would take and that names no blob. Tape
 * and scratch are kept from call to call. false: look closer. */
bool ab_record_is_plain_event(struct ab_json_tape *tape, struct ab_buf *scratch, const void *entry,
			      size_t len);

/* Whether a member of an execution's predicate has the type and form that its schema asks for;
 * AB_EXIT_NO if not. */
int ab_record_check_member(const char *name, const json_t *value, struct ab_err *err);

/* Whether a record has the shape that its schema asks for. */
int ab_record_check(const json_t *record, struct ab_err *err);

#endif
