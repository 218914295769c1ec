/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/regex/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/time.h"
#include "lib/regex/ecma.h"
#include "lib/regex/linear.h"

#define JIT_STACK_MIN (32u << 10)
#define JIT_STACK_MAX (16u << 20)
#define NEST_LIMIT    AB_ECMA_DEPTH
#define BACKREF_BYTES ((size_t)1 << 30) /* that one search may compare with what was captured */
#define MIN_STEPS     1000u
#define LONG_TEXT     4096u /* a shorter one is searched at once */
#define WINDOW	      64u
#define SELDOM	      3072u /* places that are searched before machine code is worth its making */
#define START	      48u   /* of these what a search costs however short it is */

struct ab_regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	uint32_t backrefs; /* the highest group that is referred to, 0: none */
	pcre2_jit_stack *stack; /* NULL: the machine's own has been enough */
	bool jit;		/* there is machine code; the interpreter gives the same answers */
	size_t seldom; /* places that are left for the interpreter; 0: there is what can be there */
	unsigned flags;
	const uint8_t *first; /* a bit for each byte that a match may begin with; NULL: any */
	/* Where linear time is possible, PCRE2's part is made when spans are first asked for. */
	struct ab_nfa nfa;
	struct ab_dfa *dfa;
	char *pattern; /* in PCRE2's syntax */
	size_t len;
	char *ecma; /* as it was given: its properties cost too much before PCRE2 has failed */
	size_t ecma_len;
};

void ab_regex_free(struct ab_regex *re)
{
	if (!re)
		return;
	pcre2_jit_stack_free(re->stack);
	pcre2_match_context_free(re->limits);
	pcre2_match_data_free(re->data);
	pcre2_code_free(re->code);
	ab_dfa_free(re->dfa);
	ab_nfa_free(&re->nfa);
	free(re->pattern);
	free(re->ecma);
	free(re);
}

static void free_regex(struct ab_regex **re)
{
	ab_regex_free(*re);
}

static void free_context(pcre2_compile_context **context)
{
	pcre2_compile_context_free(*context);
}

static uint32_t options(unsigned flags)
{
	uint32_t o = PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;

	if (!(flags & AB_REGEX_BYTES))
		o |= PCRE2_UTF;
	if (flags & AB_REGEX_CASELESS)
		o |= PCRE2_CASELESS;
	if (flags & AB_REGEX_ANCHORED)
		o |= PCRE2_ANCHORED;
	if (flags & AB_REGEX_ECMA)
		o |= PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_UCP;
	return o;
}

static pcre2_code *compile(const char *pattern, size_t len, unsigned flags, struct ab_err *err)
{
	ab_auto(free_context) pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;
	int status;
	PCRE2_SIZE at;

	if (!context) {
		ab_err_memory(err);
		return NULL;
	}
	(void)pcre2_set_parens_nest_limit(context, NEST_LIMIT);
	code = pcre2_compile((PCRE2_SPTR)pattern, len, options(flags), &status, &at, context);
	if (!code) {
		PCRE2_UCHAR why[160] = "";

		(void)pcre2_get_error_message(status, why, sizeof(why));
		if (flags & AB_REGEX_ECMA) /* the place is one in the translation */
			ab_err_usage(err, "bad pattern: %s", (char *)why);
		else
			ab_err_usage(err, "bad pattern at %zu: %s", (size_t)at, (char *)why);
	}
	return code;
}

/* The interpreter leaves its 20 KiB with the match data: of hundreds of patterns, most of which are asked
 * a few times, that would be most of the memory. */
static void drop_frames(struct ab_regex *re)
{
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(re->code, NULL);

	if (!data)
		return;
	pcre2_match_data_free(re->data);
	re->data = data;
}

static void make_jit(struct ab_regex *re)
{
	if (re->seldom) /* there was an interpreter */
		drop_frames(re);
	re->seldom = 0;
	re->jit = pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE) == 0;
}

/* Match data, limits and, where the machine allows it, machine code. */
static int prepare(struct ab_regex *re, struct ab_err *err)
{
	re->data = pcre2_match_data_create_from_pattern(re->code, NULL);
	re->limits = pcre2_match_context_create(NULL);
	(void)pcre2_pattern_info(re->code, PCRE2_INFO_FIRSTBITMAP, &re->first);
	(void)pcre2_pattern_info(re->code, PCRE2_INFO_BACKREFMAX, &re->backrefs);
	if (!re->data || !re->limits)
		return ab_err_memory(err);
	(void)pcre2_set_match_limit(re->limits, AB_REGEX_STEPS);
	(void)pcre2_set_depth_limit(re->limits, AB_REGEX_STEPS);
	(void)pcre2_set_heap_limit(re->limits, AB_REGEX_HEAP >> 10);
	re->seldom = re->flags & AB_REGEX_SELDOM ? SELDOM : 0;
	if (!re->seldom)
		make_jit(re);
	return 0;
}

static int make_pcre(struct ab_regex *re, const char *pattern, size_t len, struct ab_err *err)
{
	re->code = compile(pattern, len, re->flags, err);
	return re->code ? prepare(re, err) : -1;
}

/* 1: linear, 0: not possible, -1 with err. */
static int make_linear(struct ab_regex *re, const struct ab_ecma *tree, struct ab_err *err)
{
	bool wanted = re->flags == AB_REGEX_ECMA && !tree->properties.len;
	int made = wanted ? ab_nfa_make(&re->nfa, tree) : 0;

	return made < 0 ? ab_err_memory(err) : made;
}

static int make_ecma(struct ab_regex *re, const char *pattern, size_t len, struct ab_err *err)
{
	ab_auto(ab_ecma_free) struct ab_ecma tree = { 0 };
	ab_auto(ab_buf_free) struct ab_buf translated = { 0 };
	int linear;

	if (ab_ecma_parse(&tree, pattern, len, false, err) < 0)
		return -1;
	ab_ecma_emit(&tree, &translated);
	ab_buf_addc(&translated, '\0'); /* data is never NULL; the NUL does not count */
	linear = make_linear(re, &tree, err);
	if (linear < 0 || ab_buf_ok(&translated, err) < 0)
		return -1;
	re->len = translated.len - 1;
	re->pattern = ab_buf_steal(&translated);
	if (tree.properties.len && ab_nfa_can(&tree) && re->flags == AB_REGEX_ECMA) {
		re->ecma_len = len;
		re->ecma = malloc(len);
		if (!re->ecma)
			return ab_err_memory(err);
		memcpy(re->ecma, pattern, len);
	}
	return linear ? 0 : make_pcre(re, re->pattern, re->len, err);
}

struct ab_regex *ab_regex_compile(const char *pattern, size_t len, unsigned flags,
				  struct ab_err *err)
{
	ab_auto(free_regex) struct ab_regex *re = calloc(1, sizeof(*re));
	int status;

	if (!re) {
		ab_err_memory(err);
		return NULL;
	}
	re->flags = flags;
	status = flags & AB_REGEX_ECMA ? make_ecma(re, pattern, len, err)
				       : make_pcre(re, pattern, len, err);
	return status < 0 ? NULL : ab_steal(&re);
}

unsigned ab_regex_groups(const struct ab_regex *re)
{
	uint32_t n = 0;

	(void)pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &n);
	return n;
}

size_t ab_regex_size(const struct ab_regex *re)
{
	size_t code = 0, jit = 0;

	if (re->code)
		(void)pcre2_pattern_info(re->code, PCRE2_INFO_SIZE, &code);
	if (re->jit)
		(void)pcre2_pattern_info(re->code, PCRE2_INFO_JITSIZE, &jit);
	return sizeof(*re) + re->len + re->ecma_len + code + jit;
}

static void copy_spans(const struct ab_regex *re, int groups, size_t *span, size_t spans)
{
	const PCRE2_SIZE *found = pcre2_get_ovector_pointer(re->data);

	for (size_t i = 0; i < spans; i++) {
		bool set = i < (size_t)groups && found[2 * i] != PCRE2_UNSET;

		span[2 * i] = set ? found[2 * i] : SIZE_MAX;
		span[2 * i + 1] = set ? found[2 * i + 1] : SIZE_MAX;
	}
}

/* A step that looks for what a group captured may compare as many bytes as there are, which PCRE2
 * does not count. */
static uint32_t steps_for(const struct ab_regex *re, size_t len)
{
	size_t steps = re->backrefs ? BACKREF_BYTES / (len + 1) : AB_REGEX_STEPS;

	if (steps < MIN_STEPS)
		steps = MIN_STEPS;
	return steps < AB_REGEX_STEPS ? (uint32_t)steps : AB_REGEX_STEPS;
}

static int match(const struct ab_regex *re, PCRE2_SPTR text, size_t len, size_t from, size_t last,
		 uint32_t o)
{
	/* PCRE2's general door checks again what is known here. */
	if (re->jit && !(o & PCRE2_ANCHORED) && last == PCRE2_UNSET)
		return pcre2_jit_match(re->code, text, len, from, o & ~PCRE2_NO_UTF_CHECK, re->data,
				       re->limits);
	return pcre2_match(re->code, text, len, from, o, re->data, re->limits);
}

/* A larger stack than the 32 KiB of the machine's own, which nearly all patterns are happy with. */
static bool make_stack(struct ab_regex *re)
{
	if (!re->stack)
		re->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
	if (re->stack)
		pcre2_jit_stack_assign(re->limits, NULL, re->stack);
	return re->stack;
}

void ab_regex_hurry(struct ab_regex *re)
{
	if (re->seldom)
		make_jit(re);
}

/* Counts a search on the way to machine code. */
static void count_search(struct ab_regex *re, size_t len, size_t from, size_t last)
{
	size_t places = re->flags & AB_REGEX_ANCHORED ? 0 : (last < len ? last : len) - from;

	if (places + START < re->seldom)
		re->seldom -= places + START;
	else
		make_jit(re);
}

/* One search for a match that starts from `from` to `last`. */
static int search_window(const struct ab_regex *re, PCRE2_SPTR text, size_t len, size_t from,
			 size_t last, uint32_t o)
{
	struct ab_regex *own = (struct ab_regex *)re; /* which does not change what it is */
	int found;

	if (re->seldom)
		count_search(own, len, from, last);
	(void)pcre2_set_offset_limit(re->limits, last);
	if (re->backrefs)
		(void)pcre2_set_match_limit(re->limits, steps_for(re, len - from));
	found = match(re, text, len, from, last, o);
	/* The interpreter comes to its limits earlier. */
	if (re->seldom && found < PCRE2_ERROR_PARTIAL) {
		make_jit(own);
		found = match(re, text, len, from, last, o);
	}
	if (found == PCRE2_ERROR_JIT_STACKLIMIT && !re->stack && make_stack(own))
		found = match(re, text, len, from, last, o);
	if (found == PCRE2_ERROR_JIT_STACKLIMIT)
		found = pcre2_match(re->code, text, len, from, o | PCRE2_NO_JIT, re->data,
				    re->limits);
	return found;
}

/* PCRE2's limit counts from each starting place anew, so that a long text could still take for
 * ever: places are searched in windows, and the clock decides between them. */
static int search_windows(const struct ab_regex *re, PCRE2_SPTR text, size_t len, size_t from,
			  uint32_t o)
{
	size_t window = re->backrefs ? 1 : WINDOW;
	uint64_t start;
	int found;

	if ((len - from <= LONG_TEXT && !re->backrefs) || o & PCRE2_ANCHORED ||
	    re->flags & AB_REGEX_ANCHORED)
		return search_window(re, text, len, from, PCRE2_UNSET, o);
	start = ab_time_monotonic_ns();
	for (;;) {
		size_t last = len - from <= window ? len : from + window;

		while (last < len && !(re->flags & AB_REGEX_BYTES) && (text[last] & 0xc0) == 0x80)
			last++;
		found = search_window(re, text, len, from, last, o);
		if (found != PCRE2_ERROR_NOMATCH || last == len)
			return found;
		if (ab_time_monotonic_ns() - start > AB_REGEX_TIME_NS)
			return PCRE2_ERROR_MATCHLIMIT;
		from = last;
		window *= 2;
		if (ab_time_monotonic_ns() - start > AB_REGEX_TIME_NS / 64)
			window = re->backrefs ? 1 : WINDOW;
	}
}

/* Apart, since an error is large, and to clear it costs more than most matches. */
static __attribute__((noinline)) bool is_made(const struct ab_regex *re)
{
	struct ab_err ignored;

	return re->code || make_pcre((struct ab_regex *)re, re->pattern, re->len, &ignored) == 0;
}

static enum ab_regex_verdict verdict_of(const struct ab_regex *re, int found, size_t *span,
					size_t spans)
{
	if (found >= 0)
		copy_spans(re, found, span, spans);
	if (!re->jit)
		drop_frames((struct ab_regex *)re); /* which does not change what it is */
	if (found == PCRE2_ERROR_NOMATCH)
		return AB_REGEX_NO;
	return found < 0 ? AB_REGEX_UNDECIDED : AB_REGEX_YES;
}

static enum ab_regex_verdict run(const struct ab_regex *re, const char *text, size_t len,
				 size_t from, uint32_t how, size_t *span, size_t spans)
{
	PCRE2_SPTR subject = (PCRE2_SPTR)(text ? text : "");
	uint32_t o = how | PCRE2_NO_UTF_CHECK;
	int found;

	if (!re->code && !is_made(re))
		return AB_REGEX_UNDECIDED;
	found = search_windows(re, subject, len, from, o);
	return verdict_of(re, found, span, spans);
}

static enum ab_regex_verdict search_linear(struct ab_regex *re, const char *text, size_t len)
{
	if (!re->dfa)
		re->dfa = ab_dfa_new(&re->nfa);
	return re->dfa ? ab_dfa_search(re->dfa, text ? text : "", len) : AB_REGEX_UNDECIDED;
}

/* Makes the automaton of a pattern with properties after all. Whether it is there now. */
static bool learn_properties(struct ab_regex *re)
{
	ab_auto(ab_ecma_free) struct ab_ecma tree = { 0 };
	ab_autofree char *ecma = ab_steal(&re->ecma); /* tried once */
	struct ab_err ignored;

	return ecma && ab_ecma_parse(&tree, ecma, re->ecma_len, false, &ignored) == 0 &&
	       ab_nfa_make(&re->nfa, &tree) > 0;
}

enum ab_regex_verdict ab_regex_search(const struct ab_regex *re, const char *text, size_t len,
				      size_t from, size_t *span, size_t spans)
{
	/* What it learns does not change what it is. */
	struct ab_regex *own = (struct ab_regex *)re;
	enum ab_regex_verdict verdict;

	if (from || spans)
		return run(re, text, len, from, 0, span, spans);
	if (re->nfa.n || (len > LONG_TEXT && learn_properties(own)))
		return search_linear(own, text, len);
	verdict = run(re, text, len, from, 0, span, spans);
	if (verdict == AB_REGEX_UNDECIDED && learn_properties(own))
		return search_linear(own, text, len);
	return verdict;
}

enum ab_regex_verdict ab_regex_search_to(const struct ab_regex *re, const char *text, size_t len,
					 size_t from, size_t last, size_t *span, size_t spans)
{
	int found;

	if (!re->code && !is_made(re))
		return AB_REGEX_UNDECIDED;
	found = search_window(re, (PCRE2_SPTR)(text ? text : ""), len, from, last,
			      PCRE2_NO_UTF_CHECK);
	return verdict_of(re, found, span, spans);
}

enum ab_regex_verdict ab_regex_match_at(const struct ab_regex *re, const char *text, size_t len,
					size_t from, size_t *span, size_t spans)
{
	uint32_t how = re->flags & AB_REGEX_ANCHORED ? 0 : PCRE2_ANCHORED;

	/* Most places are none, and to ask PCRE2 takes longer than to look. */
	if (re->first && from < len &&
	    !(re->first[(unsigned char)text[from] / 8] >> ((unsigned char)text[from] % 8) & 1))
		return AB_REGEX_NO;
	return run(re, text, len, from, how, span, spans);
}
