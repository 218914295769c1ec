/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/scan.h"

#include <endian.h>
#include <string.h>

#include "lib/scrub/decode.h"
#include "lib/scrub/follow.h"
#include "lib/scrub/match.h"
#include "lib/scrub/mention.h"
#include "lib/scrub/need.h"
#include "lib/scrub/prefix.h"
#include "lib/scrub/step.h"
#include "lib/scrub/turned.h"
#include "lib/scrub/wordlist.h"

#define BLOCK                                                                                      \
	((size_t)64 << 10) /* literals and runs go over the same bytes while they are near         \
			    */

#define SHORT_WINDOW 256 /* in which to look for words is always quick */
#define COSTLY	     100000u /* steps of a shape, after which machine code may be quicker */
#define LONG_WAY     2048u   /* if they are so many a place */
#define WORTH	     4000 /* steps of a shape, after which it is worth while to read what a pattern needs */

#define SIGNED	     1500 /* and after which it is to be told which of many ways to go */
#define A_WAY	     32 /* steps that the shape takes a place, if that is to pay */
#define TRIED	     64 /* texts that were asked for what a pattern needs, after which it is told whether that pays */

#define ROOM ((size_t)7 << 20) /* bytes of a document in memory and of what is made of patterns, together */

#define PASS (4 * (size_t)BLOCK) /* and after so many their pages are given back */

static bool has_word(const struct ab_words *words, const unsigned char *text, size_t len)
{
	for (size_t k = 0; k < words->n; k++) {
		const char *word = ab_words_item(words, k);
		size_t n = strlen(word);

		for (size_t i = 0; i + n <= len; i++)
			if (!n || ab_word_stands(text + i, word, n))
				return true;
	}
	return false;
}

/* The gates that stand between a match and a finding. */
static bool passes_gates(const struct ab_scan *s, const struct ab_scrub_rule *r,
			 const struct ab_scrub_place *p, size_t start, size_t end)
{
	const unsigned char *value = p->text + start;
	size_t len = end - start;

	if (r->entropy > 0 && ab_scrub_entropy(value, len) < r->entropy)
		return false;
	for (int i = 0; i < AB_SCRUB_MAX_CHECKS && r->checks[i]; i++)
		if (!r->checks[i](s->policy, value, len))
			return false;
	if (r->near.n) {
		size_t from = start - p->lo > AB_SCRUB_NEAR ? start - AB_SCRUB_NEAR : p->lo;

		if (!has_word(&r->near, p->text + from, start - from))
			return false;
	}
	if (r->mention && ab_scrub_is_mention(p, start, end))
		return false;
	return !has_word(&r->stop, value, len < 4096 ? len : 4096);
}

static __attribute__((noinline)) int read_prefix(struct ab_scrub_rule *r, struct ab_err *err)
{
	r->prefix = malloc(sizeof(*r->prefix));
	if (!r->prefix)
		return ab_err_memory(err);
	ab_prefix_read(r->prefix, r->pattern, !r->exact);
	return 0;
}

/* Whether the text has what the pattern needs. In a long one that is looked at from one place on, the
 * shape tells as much from a few bytes. */
static int has_needs(struct ab_scan *s, struct ab_scrub_rule *r, const struct ab_shape_text *t)
{
	if (!r->before && r->window > SHORT_WINDOW)
		return 1;
	if (!r->need && !(r->need = ab_need_read(r->pattern, !r->exact, s->err)))
		return -1;
	r->asked++;
	if (!ab_need_allows(r->need, t->text, t->len, s->simd))
		return 0;
	r->needy++;
	return 1;
}

/* Whether what the pattern needs is worth looking for first: not where nearly all texts have it. */
static bool is_choosy(const struct ab_scrub_rule *r)
{
	return r->effort >= WORTH && r->effort / A_WAY >= r->told && (r->asked < TRIED || r->needy < r->asked - r->asked / 4);
}

/* Whether the pattern's machine code would take fewer steps than the shape has taken so far. */
static bool is_costly(const struct ab_scrub_rule *r)
{
	return r->effort > COSTLY && r->effort / r->told > LONG_WAY;
}

/* Counts what has been made of the rule's pattern. What was made of all patterns and a document in memory take no more
 * than ROOM: else it is moved to its spool. */
static int count_made(struct ab_scan *s, struct ab_scrub_rule *r)
{
	struct ab_hold *hold = s->result->hold;

	ab_scrub_rule_made(s->policy, r);
	if (!hold || hold->memory != s->source || hold->in_memory < AB_HUGE_PAGE)
		return 0;
	if ((hold->in_memory + AB_HUGE_PAGE - 1) / AB_HUGE_PAGE * AB_HUGE_PAGE + s->policy->made <=
	    ROOM)
		return 0;
	return ab_hold_spool(hold, s->err);
}

static bool has_shape(struct ab_scan *s, struct ab_scrub_rule *r)
{
	if (!r->shape)
		r->shape = ab_image_shape(&s->policy->image, r);
	if (!r->shape)
		r->shape = ab_shape_read(r->pattern, !r->exact, s->err);
	return r->shape;
}

/* Whether the pattern has to be asked for a match that starts from *from, which may become more, to `last`: its needs
 * are read once it has cost as much to do without, or where nothing else can tell. */
static int may_match(struct ab_scan *s, struct ab_scrub_rule *r, const struct ab_shape_text *t, size_t *from,
		     size_t last)
{
	bool first = is_choosy(r);
	int needs = first ? has_needs(s, r, t) : 1;
	enum ab_shape_answer answer;

	if (needs <= 0 || is_costly(r))
		return needs;
	if (!has_shape(s, r))
		return -1;
	if (r->effort >= SIGNED && (r->effort < WORTH ? ab_shape_sign : ab_shape_sharpen)(r->shape, s->err) < 0)
		return -1;
	if (!r->regex && r->made != ab_shape_size(r->shape) && count_made(s, r) < 0)
		return -1;
	answer = ab_shape_allows(r->shape, t, from, last, s->room, &r->effort);
	r->told++;
	s->refused = answer == AB_SHAPE_NO;
	return answer == AB_SHAPE_UNKNOWN && !first ? has_needs(s, r, t) : answer != AB_SHAPE_NO;
}

/* Asks the pattern; -1: it could not say, or does not compile. */
static int ask_pattern(struct ab_scan *s, struct ab_scrub_rule *r, const struct ab_scrub_place *p,
		       size_t *start, size_t *end)
{
	size_t behind = r->before + AB_SCRUB_LOOKBEHIND, span[20], from, last;
	size_t lo = p->at - p->lo > behind ? p->at - behind : p->lo;
	const struct skip *skip = &s->skip[r - s->policy->rules];
	size_t hi = p->hi - p->at > r->window ? p->at + r->window : p->hi;
	const struct ab_shape_text t = { p->text + lo, hi - lo, s->simd };
	const char *text = (const char *)t.text;
	enum ab_regex_verdict verdict;
	int may;

	if (!r->before && !r->prefix) {
		if (read_prefix(r, s->err) < 0)
			return -1;
		if (!ab_prefix_allows(r->prefix, p->text + p->at, hi - p->at, 0))
			return 0;
	} else if (!r->before && hi - p->at < r->prefix->n) { /* the rest was seen */
		return 0;
	}
	/* A search does not go on behind the anchor, where others are asked for themselves, nor does it begin
	 * before what was found last: that would be found again. */
	from = p->at - lo > r->before ? p->at - lo - r->before : 0;
	if (skip->view == s->view && skip->from > lo + from)
		from = (skip->from < p->at ? skip->from : p->at) - lo;
	last = !r->before ? from : p->at - lo;
	r->lately = true;
	may = may_match(s, r, &t, &from, last);
	if (may <= 0)
		return may;
	if (ab_scrub_rule_compile(r, s->err) < 0)
		return -1;
	if (is_costly(r)) /* what takes its shape so long takes an interpreter longer */
		ab_regex_hurry(r->regex);
	if (count_made(s, r) < 0)
		return -1;
	if (!r->before)
		verdict = ab_regex_match_at(r->regex, text, hi - lo, from, span, 10);
	else
		verdict = ab_regex_search_to(r->regex, text, hi - lo, from, last, span, 10);
	if (verdict == AB_REGEX_UNDECIDED)
		return ab_scan_limit(s, "limit.pattern", 0) < 0 ? -1 : 0;
	if (verdict == AB_REGEX_NO || span[2 * r->capture] == SIZE_MAX)
		return 0;
	*start = lo + span[2 * r->capture];
	*end = lo + span[2 * r->capture + 1];
	return *end > *start;
}

/* The part of the view that a match at `at` may not leave, which is often that of the last one. */
static inline void find_segment(struct ab_scan *s, const struct ab_view *v, size_t at)
{
	if (s->segment.view == s->view && at >= s->segment.lo && at < s->segment.hi)
		return;
	ab_view_segment(v, at, &s->segment.lo, &s->segment.hi);
	s->segment.view = s->view;
}

/* Letters, digits and "_". */
static inline bool is_word(unsigned char c)
{
	static const uint32_t words[8] = { 0, 0x03ff0000, 0x87fffffe, 0x07fffffe };

	return words[c / 32] >> c % 32 & 1;
}

/* Whether there is nothing to be confirmed at an anchor: most are told by a byte or two. `known` bytes of it are a
 * literal's. */
static inline __attribute__((always_inline)) bool is_nothing(const struct ab_scan *s, const struct ab_view *v,
							     size_t rule, size_t at, size_t end, size_t known)
{
	const struct ab_scrub_rule *r = &s->policy->rules[rule];
	const struct skip *skip = &s->skip[rule];

	if (!(r->views & v->kinds) || (skip->view == s->view && end <= skip->end))
		return true;
	/* What parts segments is no letter. */
	if (r->starts_word && at && is_word(v->text[at - 1]))
		return true;
	if (r->ends_word && end < v->size && is_word(v->text[end]) && is_word(v->text[end - 1]))
		return true;
	if (r->before)
		return false;
	return (r->prefix && !ab_prefix_allows(r->prefix, v->text + at, v->size - at, known)) ||
	       (r->shape && r->window >= AB_SIGN_AHEAD && !ab_shape_may_begin(r->shape, v->text, at));
}

/* Confirms a rule at an anchor and adds what is found. */
static int confirm(struct ab_scan *s, const struct ab_view *v, size_t rule, size_t at, size_t end)
{
	struct ab_scrub_rule *r = &s->policy->rules[rule];
	struct skip *skip = &s->skip[rule];
	struct ab_scrub_place p = {
		.policy = s->policy, .rule = r, .text = v->text, .at = at, .end = end, .likeness = s->likeness, .view = s->view
	};
	size_t start, stop;
	int found;

	find_segment(s, v, at);
	p.lo = s->segment.lo;
	p.hi = s->segment.hi;
	if (r->match) {
		found = r->match(&p, &start, &stop);
	} else if (r->pattern) {
		found = ask_pattern(s, r, &p, &start, &stop);
	} else {
		start = at;
		stop = end;
		found = 1;
	}
	if (found <= 0)
		return found;
	*skip = (struct skip){ s->view, stop > end ? stop : end, stop };
	if (!passes_gates(s, r, &p, start, stop)) {
		skip->end = end;
		skip->from = start + 1;
		return 0;
	}
	return ab_scan_add(s, v, r, start, stop);
}

/* Notes that a literal of no rule calls for a view. */
static __attribute__((noinline)) int call_for(struct ab_scan *s, const struct ab_view *v, const struct ab_literal_hit *hit,
					      struct ab_triggers *triggers)
{
	struct ab_run_hit run = { hit->at, hit->at + hit->len, AB_RUN_JOINED };

	if (hit->tag == AB_SCRUB_TURN_TAG) {
		size_t end = ab_turned_announces(v->text, v->size, hit->at);

		if (!end)
			return 0;
		run.end = end > run.end ? end : run.end;
		run.run = AB_RUN_TURNED;
	}
	return ab_triggers_add(triggers, &run, s->err);
}

/* Notes that nothing came of a literal; once that has happened often, what has to stand around it is read off the shape
 * of the pattern, if that begins with it. */
static int note_refused(struct ab_scan *s, const struct ab_view *v, const struct ab_literal_hit *hit)
{
	struct ab_literals *l = s->policy->literals;
	struct ab_scrub_rule *r = &s->policy->rules[hit->tag];
	struct ab_follow follow;
	bool known;

	if (!ab_literals_refused(l, hit->entry))
		return 0;
	if (!r->pattern || r->match || r->before) {
		ab_literals_narrow(l, hit->entry, NULL);
		return 0;
	}
	if (!has_shape(s, r))
		return -1;
	known = ab_shape_follow(r->shape, v->text + hit->at, hit->len, &follow);
	ab_literals_narrow(l, hit->entry, known ? &follow : NULL);
	return !r->regex && r->made != ab_shape_size(r->shape) ? count_made(s, r) : 0;
}

/* Confirms the rule of a literal. */
static int confirm_literal(struct ab_scan *s, const struct ab_view *v, const struct ab_literal_hit *hit)
{
	size_t end = hit->at + hit->len;

	s->refused = true;
	if (!is_nothing(s, v, hit->tag, hit->at, end, hit->len)) {
		s->refused = false;
		if (confirm(s, v, hit->tag, hit->at, end) < 0)
			return -1;
	}
	return s->refused ? note_refused(s, v, hit) : 0;
}

static int scan_literals(struct ab_scan *s, const struct ab_view *v, size_t from, size_t to,
			 struct ab_triggers *triggers)
{
	while (from < to && !s->stopped) {
		/* With the NUL behind the text, which short endings have in their literals. */
		size_t n = ab_literals_scan(s->policy->literals, v->text, v->size + 1, to, &from,
					    s->hits, s->max_hits);

		for (size_t i = 0; i < n && !s->stopped; i++) {
			const struct ab_literal_hit *hit = &s->hits[i];

			if (hit->tag >= AB_SCRUB_TURN_TAG ? call_for(s, v, hit, triggers) < 0 : confirm_literal(s, v, hit) < 0)
				return -1;
		}
	}
	return 0;
}

/* Whether one of the texts stands there that must follow the run. */
static inline bool follows(const struct ab_run_rule *r, const struct ab_view *v, size_t at)
{
	uint64_t eight;

	memcpy(&eight, v->text + at, sizeof(eight)); /* behind the view there is a pad */
	eight = le64toh(eight);
	for (size_t i = 0; i < r->n_then; i++)
		if (!(((eight | r->then[i].fold) ^ r->then[i].text) & r->then[i].mask))
			return at < v->size;
	return false;
}

static int confirm_run(struct ab_scan *s, const struct ab_view *v, const struct ab_run_hit *hit)
{
	const struct ab_scrub_policy *p = s->policy;

	unsigned bit = (unsigned)__builtin_ctz(hit->run);

	for (size_t i = p->run_begin[bit]; i < p->run_begin[bit + 1]; i++) {
		const struct ab_run_rule *r = &p->run_rules[i];

		if (hit->end - hit->at < r->min)
			break;
		if (r->max && hit->end - hit->at > r->max)
			continue;
		if (r->n_then && !follows(r, v, hit->end))
			continue;
		if (!is_nothing(s, v, r->rule, hit->at, hit->end, 0) &&
		    confirm(s, v, r->rule, hit->at, hit->end) < 0)
			return -1;
	}
	return 0;
}

static int scan_runs(struct ab_scan *s, const struct ab_view *v, struct ab_runs *runs, size_t to,
		     struct ab_triggers *triggers)
{
	const struct ab_run_hit *hits = s->run_hits;

	while (runs->at < to && !s->stopped) {
		size_t n = ab_runs_scan(runs, v->text, v->size, to, s->run_hits);

		for (size_t i = 0; i < n && !s->stopped; i++) {
			if (ab_triggers_add(triggers, &hits[i], s->err) < 0)
				return -1;
			if (hits[i].run & AB_RUN_ANCHORS && confirm_run(s, v, &hits[i]) < 0)
				return -1;
		}
	}
	return 0;
}

/* Patterns without an anchor look at each part of the view in turn. */
static int scan_slow(struct ab_scan *s, const struct ab_view *v)
{
	for (size_t i = 0; i < s->policy->n_slow_rules; i++) {
		struct ab_scrub_rule *r = &s->policy->rules[s->policy->slow_rules[i]];
		size_t at = 0, lo, hi, span[20];

		if (!(r->views & v->kinds))
			continue;
		if (ab_scrub_rule_compile(r, s->err) < 0)
			return -1;
		while (at < v->size && !s->stopped) {
			enum ab_regex_verdict verdict;
			struct ab_scrub_place p = { .policy = s->policy,
						    .rule = r,
						    .text = v->text };

			ab_view_segment(v, at, &lo, &hi);
			verdict = at < hi ? ab_regex_search(r->regex, (const char *)v->text + lo,
							    hi - lo, at - lo, span, 10)
					  : AB_REGEX_NO;
			if (verdict == AB_REGEX_UNDECIDED)
				return ab_scan_limit(s, "limit.pattern", 0);
			if (verdict == AB_REGEX_NO) {
				at = hi + 1;
				continue;
			}
			p.lo = lo, p.hi = hi, p.at = lo + span[0];
			if (span[2 * r->capture] != SIZE_MAX &&
			    span[2 * r->capture + 1] > span[2 * r->capture] &&
			    passes_gates(s, r, &p, lo + span[2 * r->capture],
					 lo + span[2 * r->capture + 1]) &&
			    ab_scan_add(s, v, r, lo + span[2 * r->capture],
					lo + span[2 * r->capture + 1]) < 0)
				return -1;
			at = lo + (span[1] > span[0] ? span[1] : span[1] + 1);
		}
	}
	return 0;
}

/* Brings a text that is mapped near from `at` on, and gives back what is done with. */
static void keep_near(const struct ab_scan *s, const struct ab_view *v, size_t at)
{
	const struct ab_hold *hold = v->hold;

	if (!hold || (at % PASS && at < v->size))
		return;
	ab_hold_near(hold, at, PASS);
	ab_hold_forget(hold, at > PASS + BLOCK ? at - PASS - BLOCK : 0,
		       at > BLOCK ? at - BLOCK : 0);
	if (v->parent) /* where findings were looked up */
		ab_hold_forget(s->result->hold, 0, s->source_size);
}

int ab_scan_view(struct ab_scan *s, const struct ab_view *v)
{
	struct ab_triggers *triggers = &s->triggers[v->depth];
	struct ab_runs runs = { 0 };
	uint64_t number = ++s->views;
	struct ab_decoded done = { 0 };

	ab_triggers_clear(triggers);
	/* First, since its letters with zeros between are also letters that are spaced out. */
	if (ab_decode_utf16(s, v) < 0)
		return -1;
	for (size_t from = 0; from < v->size && !s->stopped; from += BLOCK) {
		size_t to = v->size - from > BLOCK ? from + BLOCK : v->size;

		keep_near(s, v, from);
		s->view = number; /* the views of the block before had numbers of their own */
		if (scan_literals(s, v, from, to, triggers) < 0 ||
		    scan_runs(s, v, &runs, to, triggers) < 0)
			return -1;
		ab_triggers_sort(triggers);
		if (!s->stopped && ab_decode_views(s, v, triggers, &done) < 0)
			return -1;
		ab_triggers_clear(triggers);
	}
	keep_near(s, v, v->size);
	s->view = number;
	if (!s->stopped && scan_slow(s, v) < 0)
		return -1;
	return s->stopped ? 0 : ab_document_nested(s, v);
}
