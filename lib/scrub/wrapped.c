/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token that is wrapped over lines, set in groups or put together from pieces, behind the prefix that
 * says whose it is. Joined, its letters and digits have to be as many as that issuer's are, and at random.
 */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/match.h"

#define LONGEST 220
#define GAP	20 /* bytes between two pieces, at most */
#define GAPS	40

/* How many letters and digits stand behind the prefix, at least. */
static const struct issuer {
	const char *prefix;
	unsigned char length;
} issuers[] = {
	{ "ghp_", 36 },	    { "gho_", 36 },	  { "ghu_", 36 },     { "ghs_", 36 },	   { "ghr_", 36 },
	{ "github_pat_", 60 }, { "glpat-", 20 },  { "glrt-", 20 },    { "gldt-", 20 },	   { "sk_live_", 24 },
	{ "sk_test_", 24 }, { "rk_live_", 24 },	  { "whsec_", 24 },   { "sk-proj-", 40 },  { "sk-ant-", 60 },
	{ "sk-or-v1-", 64 }, { "gsk_", 44 },	  { "xai-", 60 },     { "pplx-", 40 },	   { "hf_", 30 },
	{ "r8_", 30 },	    { "AIza", 33 },	  { "GOCSPX-", 24 },  { "AKIA", 16 },	   { "ASIA", 16 },
	{ "xoxb-", 40 },    { "xoxp-", 40 },	  { "xapp-", 40 },    { "lin_api_", 36 },  { "npm_", 36 },
	{ "pypi-", 60 },    { "dckr_pat_", 24 },  { "dop_v1_", 64 },  { "doo_v1_", 64 },   { "shpat_", 32 },
	{ "shpss_", 32 },   { "glsa_", 36 },	  { "figd_", 36 },    { "pul-", 40 },	   { "PMAK-", 54 },
	{ "dapi", 32 },	    { "hvs.", 24 },	  { "ATATT3", 80 },   { "ATBB", 28 },	   { "SG.", 60 },
	{ "ntn_", 40 },	    { "sq0atp-", 22 },	  { "sq0csp-", 40 },  { "tskey-", 24 },	   { "CLOJARS_", 60 },
	{ "rubygems_", 48 }, { "sntrys_", 60 },	  { "NRAK-", 27 },   	   { "xkeysib-", 64 },
	{ "lin_ api_", 36 }, { "sk_l ive_", 24 }, { "glpa t-", 20 },	  { "dop_ v1_", 64 }, { "shpa t_", 32 },
	{ "figd _", 36 },   { "pypi -", 60 },	  { "sk-p roj-", 40 }, { "sk-a nt-", 60 }, { "xoxb -", 40 },
	{ "pscale_pw_", 32 }, { "sbp_", 40 },	  { "nvapi-", 56 },   { "LTAI", 16 },	   { "dp.pt.", 36 },
};

static size_t length_behind(const unsigned char *prefix, size_t len)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(issuers); i++)
		if (strlen(issuers[i].prefix) == len && memcmp(issuers[i].prefix, prefix, len) == 0)
			return issuers[i].length;
	return 0;
}

static bool is_body(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '-';
}

static bool is_gap(unsigned char c)
{
	return c && strchr(" \t\r\n\\=>\"'`+&,()[]|#*", c);
}

/* Blanks and commas alone part words, too: then all pieces but the first and the last have one length. */
struct pieces {
	bool uneven, soft;
	size_t length; /* of the second one */
};

static void take_piece(struct pieces *s, size_t number, size_t len)
{
	if (number == 1)
		s->length = len;
	s->uneven |= number > 1 && len != s->length;
}

static bool is_soft(const unsigned char *gap, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr(" ,\t", gap[i]))
			return false;
	return true;
}

/* The letters and digits of the pieces from `at` on, until there are enough; *end is where they end. */
static size_t join(const struct ab_scrub_place *p, size_t at, size_t want, unsigned char *joined, size_t *end,
		   size_t *gaps)
{
	struct pieces pieces = { 0 };
	size_t n = 0;

	for (*gaps = 0; *gaps < GAPS && n < LONGEST; ++*gaps) {
		size_t gap = 0, begin = at;

		for (; at < p->hi && is_body(p->text[at]) && n < LONGEST; at++)
			if (isalnum(p->text[at]))
				joined[n++] = p->text[at];
		*end = at;
		if (n >= want)
			return pieces.soft && pieces.uneven ? 0 : n;
		take_piece(&pieces, *gaps, at - begin);
		while (at < p->hi && gap < GAP && is_gap(p->text[at]))
			at++, gap++;
		/* "\n" as two characters is a gap, too. */
		if (gap && p->text[at - 1] == '\\' && at + 1 < p->hi && p->text[at] == 'n')
			at++;
		pieces.soft |= is_soft(p->text + *end, gap);
		if (!gap || at >= p->hi || !is_body(p->text[at]))
			return n;
	}
	return n;
}

/* The anchor is the prefix. What is not parted is for the rules of its issuer. */
bool ab_scrub_match_wrapped(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	unsigned char joined[LONGEST], before = p->at > p->lo ? p->text[p->at - 1] : ' ';
	size_t want = length_behind(p->text + p->at, p->end - p->at), gaps, n;

	if (!want || isalnum(before) || before == '_')
		return false;
	*start = p->at;
	n = join(p, p->end, want, joined, end, &gaps);
	/* Words that follow are no pieces: those of a token end where it does. */
	return gaps && n >= want && n <= want + (want >= 40 ? 60u : 8u) &&
	       ab_scrub_check_random(p->policy, joined, n) && ab_scrub_entropy(joined, n) > (n < 24 ? 3.0 : 3.5);
}
