/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: one scan of one document, from views to findings. */
#ifndef AB_SCRUB_SCAN_H
#define AB_SCRUB_SCAN_H

#include "lib/scrub/policy.h"
#include "lib/scrub/run.h"
#include "lib/scrub/shape.h"
#include "lib/scrub/view.h"

#define AB_SCAN_SEEN 1024
#define AB_SCAN_DEPTHS (AB_SCRUB_DEPTH_MAX + 1) /* of views that are scanned */

/* A decode path that a finding names. */
struct ab_scrub_path {
	struct ab_scrub_path *next;
	char text[48];
};

struct ab_scan {
	struct ab_scrub_policy *policy;
	const unsigned char *source;
	size_t source_size;
	struct ab_scrub_result *result;
	size_t capacity; /* of result->findings */
	struct ab_literal_hit *hits;
	size_t max_hits;
	struct ab_run_hit *run_hits; /* AB_RUN_HITS */
	struct ab_shape_room *room;
	struct ab_likeness *likeness;
	/* For a view of each depth: what it calls for, and the views of it, one at a time. */
	struct ab_triggers *triggers;
	struct ab_view *below;
	struct seen {
		const struct ab_scrub_rule *rule;
		size_t start, end;
	} * seen; /* findings that were made lately, by their hash: views show them again */
	struct {
		uint64_t view;
		size_t lo, hi;
	} segment; /* the one that was last looked up */
	struct skip {
		uint64_t view; /* number of the view that the others are of */
		size_t end;    /* it is not asked again at an anchor before */
		size_t from;   /* nothing more begins before */
	} * skip;	/* a rule each: what it has found already */
	uint64_t view;	/* number of the view that is scanned */
	uint64_t views; /* how many were */
	uint64_t views_left; /* bytes that views may still have: a bomb runs out of them */
	enum ab_simd simd;   /* what loops may use */
	bool refused;	     /* the pattern that was last asked cannot match, by its shape */
	bool stopped;	     /* nothing more is to be found: a limit said no */
	struct ab_err *err;
};

/* Looks for all rules in a view, then in the views that it calls for. -1 with s->err. */
int ab_scan_view(struct ab_scan *s, const struct ab_view *v);

/* document.c: the strings of documents of JSON that are strings of JSON, or stand in base64 or hexadecimal. */
int ab_document_nested(struct ab_scan *s, const struct ab_view *v);

/* finding.c: adds what a rule has found in [start, end) of a view, unless it is allowed or in the baseline. */
int ab_scan_add(struct ab_scan *s, const struct ab_view *v, const struct ab_scrub_rule *r,
		size_t start, size_t end);

/* finding.c: a finding that is none of the policy's rules: a limit was hit. Stops the scan; always blocks. */
int ab_scan_limit(struct ab_scan *s, const char *id, size_t at);

#endif
