/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds what must not come out of (or reach) an agent: external URLs, executable code, prompt
 * injection, exfiltration shapes, personal data, secrets. A policy says what is looked for and what
 * happens; a scan of a whole document gives findings in bytes of that document.
 *
 * How a byte becomes a finding: literals (lib/scrub/literal.h) and runs of character classes
 * (classes.h) find places, a pattern or a built-in matcher confirms there, validators and gates
 * decide. The document is looked at as it stands and through normalised views (view.h) whose
 * offsets map back to it exactly.
 */
#ifndef AB_SCRUB_SCRUB_H
#define AB_SCRUB_SCRUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/hold.h"
#include "lib/base/opt.h"
#include "lib/crypto/sha256.h"

enum ab_scrub_action {
	AB_SCRUB_OFF,	 /* the rule is not looked for */
	AB_SCRUB_LOG,	 /* reported, nothing else */
	AB_SCRUB_WARN,	 /* and counted on stderr */
	AB_SCRUB_REDACT, /* the span becomes [REDACTED:rule-id] */
	AB_SCRUB_BLOCK,	 /* nothing of the document comes out */
};

enum ab_scrub_mode {
	AB_SCRUB_AUTO, /* JSON if the strict reader takes it, else text */
	AB_SCRUB_JSON, /* a document that is not strict JSON is refused */
	AB_SCRUB_TEXT,
};

struct ab_scrub_policy;

/*
 * Loads a policy: a NAME is share/agentbox/policies/NAME.json, anything else a JSON or YAML file;
 * its includes are found beside it. Patterns of a file are compiled at once, those of a shipped
 * policy on first use. hashed: ab_scrub_policy_hash() will be asked for. NULL: AB_EXIT_USAGE naming file
 * and place.
 */
struct ab_scrub_policy *ab_scrub_policy_load(const char *name, bool hashed, struct ab_err *err);

/* The same with an image, which lib/scrub/gen/image.c made of the shipped policies: rules of a file that is the same
 * byte for byte are taken from there, in a tenth of the time. It must stay as long as the policy; NULL, or one of
 * another build: there is none. */
struct ab_scrub_policy *ab_scrub_policy_load_from(const void *image, const char *name, bool hashed, struct ab_err *err);

/* The file that the image is a part of, from a place on: what is not asked for at each start is read from there. The policy
 * closes fd; -1, or another file: it is made anew, which takes longer. */
void ab_scrub_policy_lend(struct ab_scrub_policy *policy, int fd, off_t at);
void ab_scrub_policy_free(struct ab_scrub_policy *policy);

/* Allows a host name and all below it, besides the policy's own list. Usage error if it is none. */
int ab_scrub_allow_domain(struct ab_scrub_policy *policy, const char *name, struct ab_err *err);

/* Allows a value by its hash, "sha256:HEX" of the bytes found. */
int ab_scrub_allow_value(struct ab_scrub_policy *policy, const char *hash, struct ab_err *err);

/*
 * The key of the fingerprints (any bytes). Without one they are made with a public constant: stable
 * for baselines, but a short value can then be guessed from its fingerprint.
 */
void ab_scrub_set_key(struct ab_scrub_policy *policy, const void *key, size_t len);

/* Findings whose fingerprint (one a line, "#" comments) stands in text are dropped. */
int ab_scrub_set_baseline(struct ab_scrub_policy *policy, const char *text, size_t len,
			  struct ab_err *err);

/* Changes the action of rules whose id matches the glob: "GLOB=ACTION". Usage error else. */
int ab_scrub_override(struct ab_scrub_policy *policy, const char *spec, struct ab_err *err);

/* "sha256:..." over the bytes of the policy file and its includes, in the order they were read. */
const char *ab_scrub_policy_hash(const struct ab_scrub_policy *policy);

size_t ab_scrub_policy_rules(const struct ab_scrub_policy *policy);

/* Adds what the policy does, in lines: each category with what becomes of its findings and by how
 * many rules, then what is allowed. */
void ab_scrub_policy_overview(const struct ab_scrub_policy *policy, struct ab_buf *out);

/*
 * Runs every rule's examples: each hit must give a finding of that rule, each miss none. Adds a
 * line for each that does not; returns how many did not, -1 on trouble.
 */
int ab_scrub_policy_test(struct ab_scrub_policy *policy, struct ab_buf *out, struct ab_err *err);

#define AB_SCRUB_FINGERPRINT 16 /* bytes, shown in hex */

/* Small, since there may be many, which are held until all are known. */
struct ab_scrub_finding {
	const char *rule;
	const char *path;    /* decode path, "raw", "json", "json>percent>base64": the result's */
	size_t start, end;   /* bytes of the document */
	uint32_t line, column; /* of start, from 1; column in code points; UINT32_MAX: or more */
	const char *pointer; /* JSON: RFC 6901, what a finding lies in masked as "?"; else NULL */
	unsigned char fingerprint[AB_SCRUB_FINGERPRINT];
	char preview[4]; /* the first characters of the value, at most four, NULs behind them */
	unsigned char category, severity; /* ab_scrub_category_name(), ab_scrub_severity_name() */
	unsigned char action : 4; /* enum ab_scrub_action, what happens here: a key is blocked where
				     a value is redacted */
	bool in_key : 1, is_bare : 1;
};

/*
 * Findings that somebody else has made of a document of `size` bytes: NDJSON of the report's form,
 * `rule` and `category`; severity (else high), action (else block), start and end (else all of it).
 * NULL: AB_EXIT_TROUBLE naming the line, which is not shown. Must stay until the result is freed.
 */
struct ab_scrub_claims;
struct ab_scrub_claims *ab_scrub_claims_read(const struct ab_scrub_policy *policy, const char *text,
					     size_t len, size_t size, struct ab_err *err);
void ab_scrub_claims_free(struct ab_scrub_claims *claims);

struct ab_scrub_result {
	const struct ab_scrub_claims *claims; /* set it before a scan: they are added; or NULL */
	struct ab_hold *hold; /* set it before a scan if there is one whose spool may take what would need
				 much memory; where the document is mapped from it, its pages are brought
				 near, and given back when they are done with */
	bool brief; /* set it before a scan if nobody reads findings one by one: they get no fingerprints,
		       pointers if they block, and lines and columns where one of them blocks */
	struct ab_scrub_finding *findings; /* by start; ab_scrub_finding() */
	size_t n;
	struct ab_scrub_finding *room; /* in the hold's spool, where many findings are; or NULL */
	struct ab_buf pointer_text; /* their pointers, one behind the other: the last ones, or all of them */
	struct ab_hold *pointers; /* all of them, where they are more than a few, in the hold's spool; or NULL */
	struct ab_scrub_path *paths; /* decode paths that findings name */
	bool is_json;
	bool blocked; /* at least one finding's action is block */
	size_t redactions, warnings;
};

#define AB_SCRUB_MAX_FINDINGS                                                                      \
	100000 /* more is a finding of its own, limit.findings, that blocks                        \
		*/

/*
 * Scans a document of `size` bytes; AB_HOLD_PAD readable zero bytes follow it. Start with { 0 },
 * release with ab_scrub_result_free(). -1: AB_EXIT_NO (AB_SCRUB_JSON and not JSON), AB_EXIT_USAGE
 * (a pattern that does not compile), AB_EXIT_TROUBLE.
 */
int ab_scrub_scan(struct ab_scrub_policy *policy, enum ab_scrub_mode mode,
		  const unsigned char *text, size_t size, struct ab_scrub_result *ret,
		  struct ab_err *err);
void ab_scrub_result_free(struct ab_scrub_result *result);

/* The finding of that number, of all in turn: so of many only some are in memory at once. */
const struct ab_scrub_finding *ab_scrub_finding(const struct ab_scrub_result *result, size_t i);

/* The finding that says no (the first that blocks), NULL if none does. */
const struct ab_scrub_finding *ab_scrub_blocker(const struct ab_scrub_result *result);

/* "RULE: /pointer: blocked" or "RULE: line:column: blocked", never the value. */
void ab_scrub_say(const struct ab_scrub_finding *finding, struct ab_err *ret);

/*
 * Gives the document with its redactions, piece by piece in order, to `write`, whose -1 ends it.
 * Overlapping spans become one, named after the first.
 */
typedef int ab_scrub_write_fn(void *arg, const void *data, size_t len, struct ab_err *err);
int ab_scrub_emit(const struct ab_scrub_result *result, const unsigned char *text, size_t size,
		  ab_scrub_write_fn *write, void *arg, struct ab_err *err);

/* Adds one finding as a line of JSON (ends in a newline). record: --lines: number from 1, else 0 */
void ab_scrub_report_line(const struct ab_scrub_finding *f, size_t record, struct ab_buf *out);

/* A line that is a document of its own: its number from 1, 0 where there are none, and where it begins. */
struct ab_scrub_record {
	size_t number;
	uint64_t begin;
};

/* SARIF 2.1.0: the head, one result, whose place is one of the input, the tail with the rules of the policy. */
void ab_scrub_sarif_begin(struct ab_buf *out);
void ab_scrub_sarif_result(const struct ab_scrub_finding *f, const struct ab_scrub_record *record, bool first,
			   struct ab_buf *out);
void ab_scrub_sarif_end(const struct ab_scrub_policy *policy, struct ab_buf *out);

#endif
