/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules stand behind which literals and runs. */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/image.h"
#include "lib/scrub/literal.h"
#include "lib/scrub/match.h"
#include "lib/scrub/policy.h"
#include "lib/scrub/run.h"

#define MORE 256 /* literals that are no rule's, or one's once more */

/*
 * A short ending counts where something else stands behind it; so it does where nothing does. Behind a text, and
 * between the strings of a document, there is a NUL.
 */
static int index_end(struct ab_scrub_policy *p, size_t i, const char *literal, struct ab_err *err)
{
	size_t len = strlen(literal);
	char text[AB_LITERAL_MAX];

	if (p->rules[i].match != ab_scrub_match_domain || len > sizeof(text) ||
	    (literal[len - 1] != '\n' && literal[len - 1] != ' '))
		return 0;
	memcpy(text, literal, len - 1);
	text[len - 1] = '\0';
	return ab_literals_add(p->literals, text, len, p->rules[i].exact, (uint32_t)i, err);
}

/* A number may stand in the line behind the word for it, as in a form. */
static int index_line(struct ab_scrub_policy *p, size_t i, const char *literal, struct ab_err *err)
{
	const struct ab_scrub_rule *r = &p->rules[i];
	size_t len = strlen(literal);
	char text[AB_LITERAL_MAX];

	if ((r->match != ab_scrub_match_id_named && r->match != ab_scrub_match_birth) || len > sizeof(text) || literal[len - 1] != ' ')
		return 0;
	memcpy(text, literal, len - 1);
	text[len - 1] = '\n';
	return ab_literals_add(p->literals, text, len, r->exact, (uint32_t)i, err);
}

/* A rule that a run calls; what must follow it as words that are compared at once. */
static void index_run(struct ab_scrub_policy *p, size_t i)
{
	const struct ab_scrub_rule *r = &p->rules[i];
	struct ab_run_rule *run = &p->run_rules[p->n_run_rules++];

	*run = (struct ab_run_rule){ .run = r->runs, .min = r->run_min, .max = r->run_max, .rule = i };
	for (; run->n_then < r->then.n; run->n_then++) {
		const char *text = ab_words_item(&r->then, run->n_then);
		struct ab_run_then *then = &run->then[run->n_then];

		for (unsigned at = 0; text[at]; at++) {
			unsigned char c = (unsigned char)text[at], fold = !r->exact && isalpha(c) ? 0x20 : 0;

			then->text |= (uint64_t)(c | fold) << 8 * at;
			then->fold |= (uint64_t)fold << 8 * at;
			then->mask |= (uint64_t)0xff << 8 * at;
		}
	}
}

/* The literals of a rule. */
static int index_rule(struct ab_scrub_policy *p, size_t i, struct ab_err *err)
{
	struct ab_scrub_rule *r = &p->rules[i];

	for (size_t k = 0; k < r->literals.n; k++) {
		const char *literal = ab_words_item(&r->literals, k);

		if (ab_literals_add(p->literals, literal, strlen(literal), r->exact, (uint32_t)i, err) < 0 ||
		    index_end(p, i, literal, err) < 0 || index_line(p, i, literal, err) < 0)
			return ab_err_prefix(err, "rule %s: literal %zu: ", r->id, k);
	}
	return 0;
}

/* What stands between letters of one word only to hide it: comments, tags, joined strings; codes of letters. */
static int index_joins(struct ab_scrub_policy *p, struct ab_err *err)
{
	static const char *const joins[] = {
		"<!--",	   "\"+\"",   "\" + \"",	"'+'",	   "' + '",   "\".\"",  "' . '",
		"\" . \"", "</b>",    "</i>",	"<wbr",	   "</span>", "<br>",	"&shy;",
		"\" \"",   "\" & \"", "\"&\"",	"' || '",  "'||'",    "\" || \"", "\" .. \"",
		"' .. '",  "\"..\"",  "\" <> \"", "\" ~ \"", "\" ++ \"",
		/* What codes.c reads: the commonest letters, points and bytes. */
		"U+006",   "U+007",   "=65=",	"=6f=",	      "=74=",	"=69=",	      "=2e=",
		"=61=",	   "=73=",    "=2f=",	"\"t\",\"",  "'t','",  "\"t\", \"", "'t', '",
		"\"o\",\"", "'o','",	"\"o\", \"", "'o', '", "f\"{'",  "'}{'",	"f'{\"",	"${'",
		"${\"", "*/ + \"", "*/+\"", "*/ + '", "*/+'", "+ /*", ". /*",
		"e\"\"",	   "t\"\"",	"s\"\"",	"n\"\"",	      "r\"\"",	 "o\"\"", "a\"\"", "i\"\"", "l\"\"", "d\"\"",
		"c\"\"",	   "p\"\"",	"0\"\"",	"1\"\"",	      "2\"\"",	 "3\"\"", "4\"\"", "5\"\"", "6\"\"", "7\"\"",
		"8\"\"",	   "9\"\"",
		/* What listed.c reads. */
		"].join(\"\")", "].join('')", "\"\".join([", "''.join([",
		/* What shell.c reads. */
		"$ifs$",   "$ifs-",	"$ifs/",	"$ifs@",      "${ifs",   "{cat,",	"{curl,",     "{wget,",	    "{nc,",	      "{bash,",	 "{scp,", "{tar,", "{ncat,",
		"{dig,",   "{nslookup,", "{python3,", "{rm,", "{echo,"
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(joins); i++)
		if (ab_literals_add(p->literals, joins[i], strlen(joins[i]), false,
				    AB_SCRUB_JOIN_TAG, err) < 0)
			return -1;
	return 0;
}

/* Room for the literals of all rules, which is not moved as they become more. */
static int reserve(struct ab_scrub_policy *p, struct ab_err *err)
{
	size_t n = MORE, bytes = MORE * AB_LITERAL_MAX;

	for (size_t i = 0; i < p->n; i++) {
		const struct ab_words *literals = &p->rules[i].literals;

		if (p->rules[i].action == AB_SCRUB_OFF)
			continue;
		n += literals->n * (p->rules[i].match == ab_scrub_match_domain ? 2 : 1);
		for (size_t k = 0; k < literals->n; k++)
			bytes += strlen(ab_words_item(literals, k));
	}
	return ab_literals_reserve(p->literals, n, bytes, err);
}

/* Words that say that a text is turned; turned.c reads them. */
static int index_turns(struct ab_scrub_policy *p, struct ab_err *err)
{
	static const char *const turns[] = { "reverse", "backward", "strrev(", "rot13", "rot-13", "rot_13", "[::-1]", "| rev",
					     "leet", "l33t", "1337" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(turns); i++)
		if (ab_literals_add(p->literals, turns[i], strlen(turns[i]), false, AB_SCRUB_TURN_TAG, err) < 0)
			return -1;
	return 0;
}

static int by_run(const void *a, const void *b)
{
	const struct ab_run_rule *x = a, *y = b;

	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	return (x->min > y->min) - (x->min < y->min);
}

/* Each run asks the rules of its own bit alone, and of these no longer ones than it is. */
static void sort_run_rules(struct ab_scrub_policy *p)
{
	size_t i = 0;

	qsort(p->run_rules, p->n_run_rules, sizeof(*p->run_rules), by_run);
	for (unsigned bit = 0; bit <= AB_SCRUB_RUN_BITS; bit++) {
		while (i < p->n_run_rules && p->run_rules[i].run < (uint32_t)1 << bit)
			i++;
		p->run_begin[bit] = i;
	}
}

/* The literals of all rules that are looked for, and those that are no rule's. */
static int make_literals(struct ab_scrub_policy *p, struct ab_err *err)
{
	p->literals = ab_literals_new();
	if (!p->literals)
		return ab_err_memory(err);
	if (reserve(p, err) < 0)
		return -1;
	for (size_t i = 0; i < p->n; i++)
		if (p->rules[i].action != AB_SCRUB_OFF && index_rule(p, i, err) < 0)
			return -1;
	if (index_joins(p, err) < 0 || index_turns(p, err) < 0)
		return -1;
	return ab_literals_ready(p->literals, err);
}

int ab_scrub_policy_index(struct ab_scrub_policy *p, struct ab_err *err)
{
	ab_literals_free(p->literals);
	free(p->run_rules);
	free(p->slow_rules);
	p->literals = ab_image_literals(p);
	p->run_rules = calloc(p->n, sizeof(*p->run_rules));
	p->slow_rules = calloc(p->n, sizeof(*p->slow_rules));
	p->n_run_rules = p->n_slow_rules = 0;
	if (!p->run_rules || !p->slow_rules)
		return ab_err_memory(err);
	for (size_t i = 0; i < p->n; i++) {
		const struct ab_scrub_rule *r = &p->rules[i];

		if (r->action == AB_SCRUB_OFF)
			continue;
		if (r->runs)
			index_run(p, i);
		if (r->slow)
			p->slow_rules[p->n_slow_rules++] = i;
	}
	sort_run_rules(p);
	return p->literals ? 0 : make_literals(p, err);
}
