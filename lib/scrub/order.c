/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order to a model, by the words of its sentence and not by their wording: to leave its rules
 * (ignore ... your ... instructions), that they hold no longer, to show them, to be one without any,
 * to keep something from its user. What a word may say is the same in all languages, so one reading
 * does for all of them; what is weighed is how much of an order the words make together.
 */
#include <string.h>
#include <strings.h>

#include "lib/base/auto.h"
#include "lib/scrub/match.h"
#include "lib/scrub/sentence.h"

/* Whether one of `what` is said in words [from, to), and where. */
static bool says(struct ab_sentence *s, size_t from, size_t to, said_as what, size_t *where)
{
	for (size_t i = from; i < to && i < s->n; i++)
		if (ab_sentence_is(s, i) & what) {
			*where = i;
			return true;
		}
	return false;
}

static size_t back(size_t i, size_t n)
{
	return i > n ? i - n : 0;
}

/* How much words [from, to) say whose rules they are: those of who is spoken to, those before. */
static int whose(struct ab_sentence *s, size_t from, size_t to)
{
	said_as all = 0;
	int n = 0;

	for (size_t i = from; i < to && i < s->n; i++) {
		size_t given;
		said_as w = ab_sentence_is(s, i);

		if ((w & YOU && says(s, i + 1, i + 4, GIVEN, &given)) || (w & GIVEN && says(s, i + 1, i + 2, YOU, &given)) ||
		    (w & YOUR && says(s, i + 1, i + 3, BOSS, &given)))
			all |= GIVEN;
		/* "Del folleto anterior": what comes before is the leaflet. */
		if (i > s->here && w & OF && i + 1 < to && i + 1 < s->n && !(ab_sentence_is(s, i + 1) & ~KNOWN))
			break;
		/* "The rules in your file" are not yours; other languages put it behind. */
		all |= w & (i < s->here || ab_sentence_is(s, s->here) & FOREIGN ? YOUR | PREV | ALL | SYS : PREV | ALL | SYS);
	}
	n += all & (YOUR | GIVEN) ? 2 : 0;
	n += all & PREV ? 1 : 0;
	n += all & SYS ? 1 : 0;
	/* "Any instructions" alone may be those of a manual. */
	return n + (all & ALL && (n || ab_sentence_is(s, s->here) & FOREIGN) ? 1 : 0);
}

static int weight(said_as w)
{
	return w & FIRM ? 2 : 1;
}

/* "The assistant must ignore", "the agent has to recite". */
static bool ai_must(struct ab_sentence *s, size_t verb)
{
	said_as before = verb ? ab_sentence_is(s, verb - 1) : 0, first = verb > 1 ? ab_sentence_is(s, verb - 2) : 0;
	size_t where;

	return before & OTHER && (before | first) & MUST && says(s, back(verb, 6), verb, AI, &where);
}

/* What is lost where the verb is not said to who reads it: "we ignore", "do not ignore". */
static int told_of(struct ab_sentence *s, size_t verb, bool yours)
{
	said_as before = verb ? ab_sentence_is(s, verb - 1) : 0, first = verb > 1 ? ab_sentence_is(s, verb - 2) : 0;

	if (before & NOT)
		return 9;
	if (before & FOREIGN)
		return 0;
	if (ai_must(s, verb))
		return 0;
	if (!(before & (OTHER | YOU)) || (before & OTHER && first & YOU))
		return 0;
	return yours ? 1 : 2;
}

static bool negated(struct ab_sentence *s, size_t verb)
{
	size_t where;

	return says(s, back(verb, 4), verb, NOT, &where);
}

/* Leave the rules, which are word `here`: the verb stands before them, in some languages behind. */
static bool leaves(struct ab_sentence *s, size_t *first, size_t *last)
{
	said_as rule = ab_sentence_is(s, s->here);

	if (!(rule & RULE))
		return false;
	for (size_t verb = s->here; verb-- > back(s->here, 8);) {
		said_as w = ab_sentence_is(s, verb);
		bool drops = w & DROP;
		int n;

		if (!drops && !(w & FOLLOW && negated(s, verb)))
			continue;
		n = whose(s, verb + 1, s->here + 6);
		n += (drops ? weight(w) : 2) + weight(rule);
		/* A prompt of the system is no other prompt. */
		n += rule & PROMPT && !(rule & FIRM) && ab_sentence_is(s, s->here - 1) & SYS;
		if (drops)
			n -= told_of(s, verb, n > 1);
		if (n >= 5) {
			*first = verb;
			*last = s->here;
			return true;
		}
	}
	if (rule & FOREIGN && says(s, s->here + 1, s->here + 6, DROP, last) && ab_sentence_is(s, *last) & FOREIGN) {
		*first = back(s->here, 5);
		return 2 + weight(rule) + whose(s, *first, *last) >= 5;
	}
	return false;
}

/* That they hold no longer. */
static bool voids(struct ab_sentence *s, size_t *first, size_t *last)
{
	said_as rule = ab_sentence_is(s, s->here);
	size_t where, nay;
	int n;

	if (!(rule & RULE) && !(rule & LIMIT && rule & FOREIGN))
		return false;
	*first = back(s->here, 4);
	if (!says(s, *first, s->here + 6, YOUR | SYS | GIVEN | (rule & FOREIGN ? ALL : 0), &where) ||
	    (ab_sentence_is(s, where) & GIVEN && where + 1 < s->n && ab_sentence_is(s, where + 1) & APPLY))
		return false; /* the latter: "have effect" */
	n = weight(rule) + whose(s, *first, s->here + 6);
	if (says(s, *first, s->here, NOT, &nay) && says(s, s->here + 1, s->here + 8, APPLY, last) && n >= 3)
		return true;
	if (says(s, s->here + 1, s->here + 8, VOID, last))
		return n + weight(ab_sentence_is(s, *last)) + (rule & FOREIGN ? 1 : 0) >= 5;
	return says(s, s->here + 1, s->here + 7, NOT, &nay) && says(s, nay + 1, nay + 5, APPLY, last) && n >= 3;
}

/* Whose the rules or the prompt are that somebody is to show: what stands right before them, or behind. */
static int whose_shown(struct ab_sentence *s)
{
	size_t from = back(s->here, 3), where;
	int n = ab_sentence_is(s, s->here) & PROMPT && ab_sentence_is(s, s->here) & SYS ? 2 : 0;

	n += says(s, from, s->here + 1, YOUR, &where) ? 2 : 0;
	n += s->here && ab_sentence_is(s, s->here - 1) & SYS ? 2 : 0;
	n += says(s, s->here + 1, s->here + 5, BOSS, &where) ? 1 : 0;
	if ((says(s, s->here + 1, s->here + 4, YOU, &where) && says(s, where + 1, where + 4, GIVEN, &where)) ||
	    (says(s, s->here + 2, s->here + 5, GIVEN, &where) && where + 1 < s->n && ab_sentence_is(s, where + 1) & YOU))
		n += 2;
	if (!n || (!says(s, from, s->here + 1, PREV, &where) &&
		   !(says(s, s->here + 1, s->here + 5, PREV, &where) && !(ab_sentence_is(s, where) & FOREIGN))))
		return n;
	return n + 1;
}

/* "The system prompt length", "the prompt setting": a matter of software, which tells nothing of what the prompt says. */
static bool is_aspect(struct ab_sentence *s, size_t i)
{
	static const char *const names[] = { "button", "cache", "count", "dialog", "dropdown", "editor", "feature",
					     "field", "flag",  "icon",  "latency", "length",   "limit",	 "option",
					     "page",  "panel", "parameter", "setting", "size", "tab", "toggle" };
	size_t len, other;

	if (i >= s->n || s->words[i].at - s->words[i - 1].end != 1)
		return false;
	len = s->words[i].end - s->words[i].at;
	for (size_t k = 0; k < AB_ARRAY_SIZE(names); k++)
		if (strlen(names[k]) == len && strncasecmp((const char *)s->text + s->words[i].at, names[k], len) == 0)
			return !says(s, i + 1, s->n, PROMPT | RULE | MSG, &other);
	return false;
}

/* Show them, or the prompt. */
static bool shows(struct ab_sentence *s, size_t *first, size_t *last)
{
	said_as what = ab_sentence_is(s, s->here);
	size_t boss;
	int own;

	if (what & MSG && !(what & (RULE | PROMPT)) && !(s->here && ab_sentence_is(s, s->here - 1) & SYS) &&
	    !says(s, s->here + 1, s->here + 5, BOSS, &boss))
		return false;
	if (!(what & (RULE | PROMPT | MSG)) || !(own = whose_shown(s)))
		return false;
	for (size_t verb = s->here; verb-- > back(s->here, 8);) {
		said_as w = ab_sentence_is(s, verb);
		int n;

		if (!(w & SHOW))
			continue;
		n = (w & FOREIGN ? 2 : weight(w)) + (what & PROMPT ? 3 : what & MSG ? 2 : weight(what));
		n += own - told_of(s, verb, false) + ai_must(s, verb) - (is_aspect(s, s->here + 1) ? 4 : 0);
		/* "Read all safety instructions before use" */
		n -= w & TRIG && !(w & (FIRM | FOREIGN)) && !says(s, back(s->here, 3), s->here, YOUR, &boss);
		if (n >= 6) {
			*first = verb;
			*last = s->here;
			return true;
		}
	}
	*first = back(s->here, 3);
	return what & FOREIGN && (what & PROMPT || own > 2) && says(s, s->here + 1, s->here + 6, SHOW, last) &&
	       ab_sentence_is(s, *last) & FOREIGN;
}

/* Be an AI without limits; answer without any; enter a mode that has none. */
static bool frees(struct ab_sentence *s, size_t *first, size_t *last)
{
	said_as what = ab_sentence_is(s, s->here);
	size_t where = s->here, ai;

	*last = s->here;
	if (what & FREE && s->here + 1 < s->n && ab_sentence_is(s, s->here + 1) & (MODE | AI | ROLE))
		return says(s, back(s->here, 3), s->here, ON | SAYS, first) &&
		       !(ab_sentence_is(s, *first) & SAYS && told_of(s, *first, false));
	if (what & LIMIT && says(s, back(s->here, 2), s->here, WITHOUT, &where) &&
	    says(s, back(where, 1), where, SAYS, first))
		return true;
	where = s->here;
	if (!(what & FREE) && !(what & LIMIT && says(s, back(s->here, 3), s->here, WITHOUT, &where)) &&
	    !(what & LIMIT && what & FOREIGN && says(s, s->here + 1, s->here + 4, WITHOUT, last)))
		return false;
	if (!says(s, back(where, 6), where, AI | ROLE, &ai) &&
	    !says(s, s->here + 1, s->here + 5, AI | ROLE, &ai))
		return false;
	if (ai > *last)
		*last = ai;
	return says(s, back(ai < where ? ai : where, 5), ai < where ? ai : where, BE, first);
}

/* Say nothing of it to the user; in English there are rules of their own for that. */
static bool hides(struct ab_sentence *s, size_t *first, size_t *last)
{
	said_as user = ab_sentence_is(s, s->here);
	size_t nay, tell;

	if (!(user & USER) || !(user & FOREIGN) ||
	    !says(s, back(s->here, 7), s->here + 6, NOT, &nay) || !(ab_sentence_is(s, nay) & FOREIGN) ||
	    !says(s, back(nay, 4), nay + 5, TELL, &tell) || !(ab_sentence_is(s, tell) & FOREIGN))
		return false;
	/* "Ikke si": elsewhere a "si" tells nothing. */
	if (ab_sentence_is(s, tell) & BE && (s->text[s->words[nay].at] | 0x20) != 'i')
		return false;
	*first = nay < tell ? nay : tell;
	*first = *first < s->here ? *first : s->here;
	*last = nay > tell ? nay : tell;
	*last = *last > s->here ? *last : s->here;
	return true;
}

/* What words [from, to) say of work behind somebody's back; the word that says what is to be done. */
static said_as behind_back(struct ab_sentence *s, size_t from, size_t to, size_t *act)
{
	said_as all = 0;
	size_t where;

	for (size_t i = from; i < to && i < s->n; i++) {
		said_as w = ab_sentence_is(s, i);

		if (w & AI && (i < from + 4 || (i + 1 < s->n && ab_sentence_is(s, i + 1) & MUST)))
			all |= AI;
		if (w & WHEN && says(s, i + 1, i + 4, TRIG, &where))
			all |= TRIG;
		if ((w & (WITHOUT | NOT) && says(s, i + 1, i + 4, TELL, &where) &&
		     !(w & WITHOUT && says(s, back(i, 5), i, NOT, &where))) ||
		    (w & DROP && (says(s, i + 1, i + 3, w & FIRM ? USER | TELL : TELL, &where))))
			all |= STEALTH;
		if (((w & (USER | BOSS) && says(s, i + 1, i + 5, AGREED, &where)) ||
		     (w & AGREED && says(s, i + 2, i + 6, USER | BOSS, &where))) &&
		    !says(s, back(i, 3), i, WHEN, &where))
			all |= ME | MUST;
		if (w & ACT && !(all & ACT && !(w & FIRM))) {
			all |= ACT | (w & FIRM);
			*act = i;
		}
		all |= w & (STEALTH | ME | MUST | ASSET | TOOL | ALL);
	}
	return all;
}

/* Do something with what others own, while at work or so that nobody sees it. */
static bool acts(struct ab_sentence *s, size_t *first, size_t *last)
{
	static const struct {
		said_as as;
		int weight;
	} weights[] = { { AI, 2 }, { TRIG, 2 }, { STEALTH, 2 }, { ACT, 1 }, { FIRM, 1 },
			{ ME, 1 }, { MUST, 1 }, { ASSET, 1 },	{ TOOL, 1 }, { ALL, 1 } };
	size_t from = back(s->here, 14), act = 0;
	said_as all;
	int n = 0, kinds;

	if (!(ab_sentence_is(s, s->here) & (STEALTH | TRIG | ACT | TELL | USER | ME | ASSET | AI)))
		return false;
	all = behind_back(s, from, s->here + 16, &act);
	kinds = !!(all & AI) + !!(all & TRIG) + !!(all & STEALTH) + !!(all & ME);
	if (!(all & ACT) || !(all & (ASSET | TOOL)) || kinds < 2)
		return false;
	for (size_t i = 0; i < AB_ARRAY_SIZE(weights); i++)
		n += all & weights[i].as ? weights[i].weight : 0;
	*first = act < s->here ? act : s->here;
	*last = act > s->here ? act : s->here;
	return n >= (all & (AI | STEALTH) ? 6 : 7);
}

/* Leave what was told before, which has no name but that, or say that it is void. */
static bool untells(struct ab_sentence *s, size_t *first, size_t *last)
{
	size_t who, what, given, where;
	bool passive;

	if (!(ab_sentence_is(s, s->here) & (GIVEN | VOID | APPLY)) ||
	    !says(s, back(s->here, 9), s->here, WHAT, &what) || !says(s, what + 1, s->here + 1, GIVEN, &given) ||
	    ab_sentence_is(s, given) & FOREIGN)
		return false;
	passive = says(s, what + 1, given, YOU | BOSS, &who);
	if (!passive && !says(s, given + 1, given + 2, YOU, &who))
		return false;
	*first = what;
	*last = given;
	for (size_t verb = what; verb-- > back(what, 4);) {
		said_as w = ab_sentence_is(s, verb);

		if (((w & DROP && !(w & ACT)) || (w & FOLLOW && negated(s, verb))) && !(w & DROP && told_of(s, verb, false))) {
			*first = verb;
			return true;
		}
	}
	if (!passive)
		return false;
	for (where = given + 1; says(s, where, given + 9, VOID, last); where = *last + 1)
		if (ab_sentence_is(s, *last) & FIRM)
			return true;
	if (ab_sentence_is(s, what) & NOT && says(s, given + 1, given + 6, APPLY, last))
		return true;
	return says(s, given + 1, given + 9, NOT, &where) && says(s, where + 1, where + 4, APPLY, last);
}

/* Pay no attention to what stands above. */
static bool unheeds(struct ab_sentence *s, size_t *first, size_t *last)
{
	size_t what;

	if (!(ab_sentence_is(s, s->here) & FOLLOW) || !s->here || !(ab_sentence_is(s, s->here - 1) & NOT) ||
	    ab_sentence_is(s, s->here) & FOREIGN || told_of(s, s->here > 1 ? s->here - 2 : 0, false))
		return false;
	*first = back(s->here, 2);
	return says(s, s->here + 1, s->here + 7, MSG | RULE | WHAT, &what) &&
	       says(s, s->here + 1, what + 4, PREV, last);
}

/* Follow nothing that came before this. */
static bool passes_over(struct ab_sentence *s, size_t *first, size_t *last)
{
	size_t what, nay;

	if (!says(s, back(s->here, 3), s->here + 1, PREV, last))
		return false;
	for (*first = *last; (*first)-- > back(*last, 7);) {
		said_as w = ab_sentence_is(s, *first);

		if (w & FOREIGN || !(w & FOLLOW) || !says(s, *first + 1, *last, WHAT, &what) ||
		    !says(s, back(*first, 4), *first, NOT, &nay))
			continue;
		/* "we do not" */
		return !(nay && ab_sentence_is(s, nay - 1) & OTHER && (nay < 2 || ab_sentence_is(s, nay - 2) & OTHER)) ||
		       (nay == 1 && ab_sentence_is(s, 0) & OTHER && nay + 1 < s->n);
	}
	return false;
}

/* Only what the text says counts; English has rules of its own for that. */
static bool rules_alone(struct ab_sentence *s, size_t *first, size_t *last)
{
	size_t from = back(s->here, 8), to = s->here + 8, at[3];

	if (!says(s, from, to, ONLY, &at[0]) || !(ab_sentence_is(s, at[0]) & FOREIGN) ||
	    !says(s, back(at[0], 4), at[0] + 6, MINE, &at[1]) ||
	    !says(s, back(at[0], 6), at[0] + 6, FOLLOW | APPLY, &at[2]) || !(ab_sentence_is(s, at[2]) & FOREIGN))
		return false;
	*first = *last = s->here;
	for (size_t i = 0; i < AB_ARRAY_SIZE(at); i++) {
		*first = at[i] < *first ? at[i] : *first;
		*last = at[i] > *last ? at[i] : *last;
	}
	return true;
}

/* No longer follow rules, wherever the words for it stand; in languages other than English. */
static bool outgrows(struct ab_sentence *s, size_t *first, size_t *last)
{
	size_t from = back(s->here, 6), to = s->here + 7, at[3];

	*first = *last = s->here;
	if (!(ab_sentence_is(s, s->here) & RULE) || !(ab_sentence_is(s, s->here) & FOREIGN) ||
	    !says(s, from, to, MORE, &at[0]) || !says(s, from, to, NOT, &at[1]) || !says(s, from, to, FOLLOW, &at[2]))
		return false;
	for (size_t i = 0; i < AB_ARRAY_SIZE(at); i++) {
		if (!(ab_sentence_is(s, at[i]) & FOREIGN))
			return false;
		*first = at[i] < *first ? at[i] : *first;
		*last = at[i] > *last ? at[i] : *last;
	}
	return true;
}

/* "From now on no rule binds you", to somebody who is called thou; in languages other than English. */
static bool unbinds(struct ab_sentence *s, size_t *first, size_t *last)
{
	size_t from = back(s->here, 8), to = s->here + 9, at[3];

	*first = *last = s->here;
	if (!(ab_sentence_is(s, s->here) & (RULE | LIMIT)) || !says(s, from, to, SINCE, &at[0]) ||
	    !says(s, from, to, THOU, &at[1]) || !says(s, from, to, NOT | WITHOUT, &at[2]))
		return false;
	for (size_t i = 0; i < AB_ARRAY_SIZE(at); i++) {
		*first = at[i] < *first ? at[i] : *first;
		*last = at[i] > *last ? at[i] : *last;
	}
	return true;
}

/* Repeat word for word what came before, or drop all up to this line; in languages other than English. */
static bool recites(struct ab_sentence *s, size_t *first, size_t *last)
{
	size_t from = back(s->here, 11), to = s->here + 8, what, whose;
	said_as how = ab_sentence_is(s, s->here);

	if (!(how & LITERAL))
		return false;
	*first = *last = s->here;
	for (size_t verb = from; verb < to && verb < s->n; verb++) {
		said_as w = ab_sentence_is(s, verb);

		if (verb == s->here || !(w & FOREIGN) || !(w & SHOW || (w & DROP && w & FIRM)) || negated(s, verb))
			continue;
		if (!((how & FIRM || says(s, from, to, ALL, &whose)) && says(s, from, to, PREV, &what)) &&
		    !(how & FIRM && (w & DROP || says(s, from, s->here, LITERAL, &whose)) && says(s, from, to, ALL, &what)) &&
		    !(says(s, from, to, RULE | PROMPT | MSG, &what) && says(s, from, to, YOUR | THOU | SYS | GIVEN, &whose)))
			continue;
		*first = what < verb ? what : verb;
		*last = what > verb ? what : verb;
		*first = *first < s->here ? *first : s->here;
		*last = *last > s->here ? *last : s->here;
		return true;
	}
	return false;
}

/* Do not obey whom it works for. */
static bool defies(struct ab_sentence *s, size_t *first, size_t *last)
{
	size_t yours;

	*last = s->here;
	if (ab_sentence_is(s, s->here) & FOLLOW && negated(s, s->here) && says(s, s->here + 1, s->here + 4, BOSS, last)) {
		*first = back(s->here, 3);
		return !(*first && ab_sentence_is(s, *first - 1) & OTHER);
	}
	if (!(ab_sentence_is(s, s->here) & BOSS) || !says(s, back(s->here, 2), s->here, YOUR, &yours))
		return false;
	for (*first = yours; (*first)-- > back(yours, 3);) {
		said_as w = ab_sentence_is(s, *first);

		if (((w & DROP && w & FIRM) || (w & FOLLOW && negated(s, *first))) && !told_of(s, *first, true))
			return true;
	}
	return false;
}

/* Remember of somebody what only its user could say, or put something into all that it will say. */
static bool lasts(struct ab_sentence *s, size_t *first, size_t *last)
{
	size_t from = back(s->here, 9), where, ware;

	if (says(s, from, s->here + 1, KEEP | ACT, first) && !told_of(s, *first, false) &&
	    (ab_sentence_is(s, s->here) & KEEP || says(s, back(s->here, 2), s->here, LATER, &where)) &&
	    says(s, s->here + 1, s->here + 17, CLAIM, last))
		return true;
	return says(s, back(s->here, 1), s->here, ALL | YOUR, &where) && says(s, from, s->here + 8, ENDS, first) &&
	       !told_of(s, *first, false) && says(s, back(*first, 4), s->here + 12, ALL | LATER, &where) &&
	       says(s, back(*first, 4), s->here + 12, YOUR | LATER, &where) &&
	       says(s, *first + 1, s->here + 12, WARE, &ware) && (*last = ware > s->here ? ware : s->here);
}

/* Whatever the user asks, answer this. */
static bool answers(struct ab_sentence *s, size_t *first, size_t *last)
{
	return ab_sentence_is(s, s->here) & USER &&
	       says(s, back(s->here, 3), s->here, WHAT, first) && says(s, s->here + 2, s->here + 5, SAYS, last) &&
	       !told_of(s, *last, false);
}

/* What is confidential is the word behind, or the one behind that: it is as good as anchored there. */
static void step_on(struct ab_sentence *s)
{
	size_t rule;

	if (ab_sentence_is(s, s->here) & SYS && !(ab_sentence_is(s, s->here) & (RULE | PROMPT | MSG | BOSS)) &&
	    says(s, s->here + 1, s->here + 3, RULE | PROMPT | MSG, &rule))
		s->here = rule;
}

bool ab_scrub_match_order(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	struct ab_sentence s;
	size_t first, last;

	if (!ab_sentence_read(&s, p))
		return false;
	step_on(&s);
	if (!leaves(&s, &first, &last) && !shows(&s, &first, &last) && !voids(&s, &first, &last) &&
	    !frees(&s, &first, &last) && !hides(&s, &first, &last) && !acts(&s, &first, &last) &&
	    !untells(&s, &first, &last) && !unheeds(&s, &first, &last) && !defies(&s, &first, &last) &&
	    !passes_over(&s, &first, &last) && !rules_alone(&s, &first, &last) &&
	    !outgrows(&s, &first, &last) && !unbinds(&s, &first, &last) && !recites(&s, &first, &last) &&
	    !lasts(&s, &first, &last) && !answers(&s, &first, &last))
		return false;
	*start = s.words[first].at;
	*end = s.words[last].end;
	return true;
}
