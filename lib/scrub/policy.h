/* SPDX-License-Identifier: Apache-2.0 */
/* Private to lib/scrub: a loaded policy and its rules. share/policies/ and ab-scrub(1) describe
 * them. */
#ifndef AB_SCRUB_POLICY_H
#define AB_SCRUB_POLICY_H

#include "lib/json/json.h"
#include "lib/regex/regex.h"
#include "lib/scrub/image.h"
#include "lib/scrub/literal.h"
#include "lib/scrub/scrub.h"
#include "lib/scrub/source.h"

enum ab_scrub_category {
	AB_SCRUB_URL,
	AB_SCRUB_CODE,
	AB_SCRUB_INJECTION,
	AB_SCRUB_EXFIL,
	AB_SCRUB_PII,
	AB_SCRUB_SECRET,
	AB_SCRUB_CATEGORIES,
};

enum { AB_SCRUB_LOW, AB_SCRUB_MEDIUM, AB_SCRUB_HIGH, AB_SCRUB_CRITICAL };

struct ab_scrub_rule;
struct ab_likeness;

/* A place in a text where a rule is to be confirmed: text[lo, hi) is all that it may look at. */
struct ab_scrub_place {
	const struct ab_scrub_policy *policy;
	const struct ab_scrub_rule *rule;
	const unsigned char *text;
	size_t lo, hi;
	size_t at, end; /* the anchor: literal or run */
	/* What likeness.c has read of the texts that have such numbers, each of one text alone; or NULL. */
	struct ab_likeness *likeness;
	uint64_t view;
};

/* Confirms at a place; on true *start, *end are the span of the value. */
typedef bool ab_scrub_match_fn(const struct ab_scrub_place *place, size_t *start, size_t *end);

/* Whether a value that was found is really one. */
typedef bool ab_scrub_check_fn(const struct ab_scrub_policy *policy, const unsigned char *value,
			       size_t len);

#define AB_SCRUB_MAX_CHECKS 4

/* An action gives way to one of the same or a higher rank that is said later, further out. */
enum ab_scrub_rank { AB_RANK_NONE, AB_RANK_DEFAULT, AB_RANK_CATEGORY, AB_RANK_RULE };

struct ab_scrub_rule {
	/* What every anchor asks for, together. */
	struct ab_prefix *prefix; /* of a pattern that begins at its anchor, read before that */
	struct ab_shape *shape; /* what its pattern's matches look like, if it was read */
	const struct ab_image_shape *known; /* the same, of the policy's image; NULL: it is to be read */
	size_t before, window;
	uint32_t views; /* enum ab_scrub_view bits that it looks at */
	bool starts_word, ends_word, exact, slow;
	const char *id, *description;
	enum ab_scrub_category category;
	unsigned char severity; /* from low to critical */
	enum ab_scrub_action action;
	enum ab_scrub_rank rank; /* what the action came from */
	struct ab_words literals;
	struct ab_words stop; /* words whose presence in the value makes it none */
	struct ab_words near; /* words of which one must stand within NEAR bytes before */
	struct ab_words hit, miss;
	const char *pattern;
	size_t capture;
	double entropy;
	bool mention;	    /* a phrase that is only spoken about passes */
	uint32_t runs;	    /* bit of enum ab_scrub_run that anchors it, 0: none */
	size_t run_min;	    /* shortest run */
	size_t run_max;	    /* longest run, 0: any */
	struct ab_words then; /* of which one must follow the run; none: anything may */
	ab_scrub_match_fn *match;
	ab_scrub_check_fn *checks[AB_SCRUB_MAX_CHECKS];
	struct ab_regex *regex; /* compiled on first use */
	struct ab_need *need;	/* what its pattern needs, read before that */
	/* Steps that it took to tell what is none of them, and of how many places. */
	unsigned effort, told;
	size_t made; /* bytes of what was made of the pattern, of the policy's */
	bool lately; /* it was asked since room was last made for others */
	unsigned asked, needy; /* texts that were looked at for what the pattern needs, and that had it */
};

#define AB_SCRUB_NEAR 160 /* bytes before a value in which `near` words count */
#define AB_SCRUB_LOOKBEHIND    64   /* bytes before an anchor that a pattern may look at */
#define AB_SCRUB_WINDOW	       1024 /* bytes from an anchor that a pattern sees unless it says more */
#define AB_SCRUB_WINDOW_MAX    16384
#define AB_SCRUB_THEN	       6 /* texts of which one must follow a run */
#define AB_SCRUB_THEN_MAX      8 /* bytes of one */
#define AB_SCRUB_MADE	       (11u << 19) /* bytes that may be made of patterns */
#define AB_SCRUB_MAX_RULES     4096
#define AB_SCRUB_IDS	       8192 /* places that ids of rules are found at by their hash */
#define AB_SCRUB_POLICY_SIZE   (4u << 20)
#define AB_SCRUB_INCLUDE_DEPTH 4
#define AB_SCRUB_DEPTH_MAX     8 /* of views */

/* Of literals that are no rule's: they call for a joined view, or one that is turned. */
#define AB_SCRUB_JOIN_TAG UINT32_MAX
#define AB_SCRUB_TURN_TAG (UINT32_MAX - 1)

#define AB_SCRUB_RUN_BITS 16 /* of a rule's `runs` */

struct ab_scrub_policy {
	struct ab_scrub_rule *rules;
	size_t n, capacity;
	uint16_t ids[AB_SCRUB_IDS]; /* number of a rule + 1 */
	struct ab_source *files; /* the texts that rules point into */
	struct ab_image_use image;
	struct ab_literals *literals;
	struct ab_run_rule {
		uint32_t run; /* as in the rule, which is number `rule` */
		size_t min, max, rule; /* max 0: any */
		size_t n_then;	       /* 0: anything may follow */
		struct ab_run_then {
			uint64_t text, mask, fold; /* the first byte lowest; small letters, and what makes them so */
		} then[AB_SCRUB_THEN];
	} * run_rules; /* those of one run stand together, the shortest first */
	size_t n_run_rules, *slow_rules, n_slow_rules;
	size_t run_begin[AB_SCRUB_RUN_BITS + 1]; /* where those of a bit begin */
	json_t *domains;	       /* array of lower-case names */
	json_t *values;		       /* object: hex of allowed value hashes */
	json_t *baseline;	       /* object: fingerprints */
	struct ab_sha256 inner, outer; /* HMAC's two hashes, each with its key in */
	bool hashed;		 /* `sha` is of all that was read */
	struct ab_sha256 sha;
	char hash[AB_SHA256_TEXT];
	size_t max_depth;
	size_t made; /* bytes of what was made of patterns */
	bool eager; /* compile patterns when the policy is loaded */
};

const char *ab_scrub_category_name(enum ab_scrub_category category);
const char *ab_scrub_severity_name(unsigned severity);
const char *ab_scrub_action_name(enum ab_scrub_action action);
/* The action of that name, or -1. */
int ab_scrub_action_parse(const char *name);

/* What names a rule and says what it does: NULL where it is absent, "" where it is no string. */
struct ab_rule_names {
	const char *id, *category, *severity, *action;
};

/* Takes them; `id` is the key that the id stands under. */
int ab_scrub_rule_name(struct ab_scrub_rule *rule, const struct ab_rule_names *names,
		       const char *id, struct ab_err *err);

/* Makes a rule of its node; `where` names the place in errors. */
int ab_scrub_rule_load(struct ab_scrub_rule *rule, struct ab_source *source, size_t node,
		       const char *where, struct ab_err *err);

/* Counts what was made of the rule's pattern. Where that is too much, with all that was made of others, theirs is
 * forgotten, of those that were not asked lately first, and made again once it is needed. */
void ab_scrub_rule_made(struct ab_scrub_policy *policy, struct ab_scrub_rule *rule);

/* Compiles the rule's pattern if it has one and that was not done. */
int ab_scrub_rule_compile(struct ab_scrub_rule *rule, struct ab_err *err);

/* Rebuilds literals and run lists after rules or their actions changed. */
int ab_scrub_policy_index(struct ab_scrub_policy *policy, struct ab_err *err);

/* Whether the ASCII host name is on the allow-list: exactly, or below an entry. */
bool ab_scrub_host_allowed(const struct ab_scrub_policy *policy, const char *host);

#endif
