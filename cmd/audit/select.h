/* SPDX-License-Identifier: Apache-2.0 */
/* What query, tail and export share: which records, in which form. */
#ifndef AB_CMD_AUDIT_SELECT_H
#define AB_CMD_AUDIT_SELECT_H

#include "cmd/audit/audit.h"

struct audit_select {
	struct audit_place place;
	const char *vkey_path, *format;
	struct ab_query query;
	struct ab_list fields;
	uint64_t limit; /* 0: none */
	uint64_t shown;
	struct ab_buf line;
};

void audit_select_done(struct audit_select *s);

/* Writes one record if it is asked for; an ab_log_fn with a struct audit_select. */
int audit_select_show(void *arg, uint64_t index, const void *entry, size_t len, struct ab_err *err);

/* The options that say which records. */
#define AUDIT_OPTS_QUERY(s)                                                                          \
	{ AB_OPT_CHOICE,                                                                             \
	  0,                                                                                         \
	  "kind",                                                                                    \
	  "execution|started|event|redacted|rotated|continued|rekeyed|key-ended",                    \
	  "records of this kind",                                                                    \
	  &(s)->query.kind },                                                                        \
		{ AB_OPT_STRING,   0, "type", "NAME", "of this workflow or event type",              \
		  &(s)->query.type },                                                                \
		{ AB_OPT_STRING, 0, "run", "ID", "of this run", &(s)->query.run },                   \
		{ AB_OPT_STRING, 0, "workflow-id", "ID", "of this label", &(s)->query.workflow_id }, \
		{ AB_OPT_STRING,      0, "verdict", "VERDICT", "executions of this verdict",         \
		  &(s)->query.verdict },                                                             \
		{ AB_OPT_STRING, 0, "since", "TIME", "from this time", &(s)->query.since },          \
		{ AB_OPT_STRING, 0, "until", "TIME", "before this time", &(s)->query.until },        \
	{                                                                                            \
		AB_OPT_LIST, 0, "field", "POINTER=VALUE", "with this value at this place",           \
			&(s)->fields                                                                 \
	}

#endif
