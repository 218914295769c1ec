/* SPDX-License-Identifier: Apache-2.0 */
/* What the receipts of a run add up to: every expected stage, in order, passed, and linked. */
#include <stdio.h>
#include <string.h>

#include "lib/receipt/receipt.h"

struct walk {
	const json_t *receipts;
	size_t n;
	const struct ab_digest *arrived; /* NULL: nobody saw it */
	struct ab_chain *chain;
};

static int ab_printf(4, 5) fail(struct ab_chain *chain, const char *stage, enum ab_verdict verdict,
				const char *fmt, ...)
{
	va_list args;

	chain->verdict = verdict;
	(void)snprintf(chain->stage, sizeof(chain->stage), "%s", stage);
	va_start(args, fmt);
	(void)vsnprintf(chain->reason, sizeof(chain->reason), fmt, args);
	va_end(args);
	ab_err_clean(chain->reason);
	return -1;
}

/* "validate:input" of a receipt. */
static void label(const json_t *receipt, char *out, size_t size)
{
	const char *tool = json_string_value(json_object_get(receipt, "tool"));
	const char *stage = json_string_value(json_object_get(receipt, "stage"));

	if (!tool)
		tool = "?";
	if (strncmp(tool, "ab-", 3) == 0)
		tool += 3;
	(void)snprintf(out, size, "%s%s%s", tool, stage ? ":" : "", stage ? stage : "");
}

static bool same_digest(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "sha256"), json_object_get(b, "sha256")) &&
	       json_equal(json_object_get(a, "bytes"), json_object_get(b, "bytes"));
}

/* Whether receipt i read what receipt i - 1 wrote. The first one reads from outside. */
static bool is_linked(const struct walk *w, size_t i)
{
	return i == 0 || same_digest(json_object_get(json_array_get(w->receipts, i - 1), "out"),
				     json_object_get(json_array_get(w->receipts, i), "in"));
}

static bool has_verdict(const json_t *receipt, enum ab_verdict verdict)
{
	const char *is = json_string_value(json_object_get(receipt, "verdict"));

	return is && strcmp(is, ab_verdict_name(verdict)) == 0;
}

/* A receipt that does not say passed. */
static int not_passed(const struct walk *w, const json_t *receipt, const char *name)
{
	const char *verdict = json_string_value(json_object_get(receipt, "verdict"));
	const char *reason = json_string_value(json_object_get(receipt, "reason"));
	const char *cause = json_string_value(
		json_object_get(json_object_get(receipt, "facts"), "exit_reason"));

	w->chain->exit = (int)json_integer_value(json_object_get(receipt, "exit"));
	(void)snprintf(w->chain->cause, sizeof(w->chain->cause), "%s", cause ? cause : "");
	/* "interrupted by signal 15" says it already. */
	if (reason && strncmp(reason, verdict, strlen(verdict)) == 0)
		return fail(w->chain, name, (enum ab_verdict)ab_verdict_parse(verdict),
			    "stage %s %s", name, reason);
	return fail(w->chain, name, (enum ab_verdict)ab_verdict_parse(verdict), "stage %s %s%s%s",
		    name, verdict, reason ? ": " : "", reason ? reason : "");
}

/* The bundle that a stage took something from, or NULL. */
static const json_t *bundle_of(const struct walk *w, size_t i)
{
	return json_object_get(json_object_get(json_array_get(w->receipts, i), "facts"),
			       "input_bundle");
}

/* Stages that read a bundle by its name must have read the same one. */
static bool is_same_bundle(const struct walk *w, size_t i)
{
	const json_t *is = bundle_of(w, i), *was = NULL;

	for (size_t k = 0; k < i && !was; k++)
		was = bundle_of(w, k);
	return !is || !was || json_equal(is, was);
}

/* One receipt where it should be: did it pass, is it linked? */
static int check_receipt(const struct walk *w, size_t i, const char *name)
{
	const json_t *receipt = json_array_get(w->receipts, i);
	char before[64];

	if (!is_linked(w, i)) {
		label(json_array_get(w->receipts, i - 1), before, sizeof(before));
		return fail(w->chain, name, AB_FAILED, "stage %s did not read what stage %s wrote",
			    name, before);
	}
	if (!has_verdict(receipt, AB_PASSED))
		return not_passed(w, receipt, name);
	return is_same_bundle(w, i)
		       ? 0
		       : fail(w->chain, name, AB_FAILED,
			      "stage %s read another bundle than the document is from", name);
}

static bool is_among(const struct walk *w, size_t from, const char *name)
{
	char is[64];

	for (size_t i = from; i < w->n; i++) {
		label(json_array_get(w->receipts, i), is, sizeof(is));
		if (strcmp(is, name) == 0)
			return true;
	}
	return false;
}

/* The expected stage directly before `name` ("": the last of all); false if it is the first. */
static bool stage_before(const char *expect, const char *name, char *out, size_t size)
{
	char at[64] = "";

	for (const char *p = expect; *p; p += strcspn(p, ","), p += *p == ',') {
		(void)snprintf(out, size, "%s", at);
		(void)snprintf(at, sizeof(at), "%.*s", (int)strcspn(p, ","), p);
		if (strcmp(at, name) == 0)
			return *out != '\0';
	}
	(void)snprintf(out, size, "%s", at);
	return true;
}

static bool did_arrive(const struct walk *w, const json_t *receipt)
{
	char text[AB_SHA256_TEXT];
	json_auto_t *value = NULL;

	if (!w->arrived)
		return false;
	ab_sha256_text(w->arrived->sha256, text);
	value = json_pack("{s:s, s:I}", "sha256", text, "bytes", (json_int_t)w->arrived->bytes);
	return value && same_digest(value, json_object_get(receipt, "out"));
}

/* Whether a document went by where the stage that should stand before receipt i is missing: a stage
 * that died lets none through. */
static bool is_whole_at(const struct walk *w, size_t i)
{
	const json_t *next = json_array_get(w->receipts, i);

	if (i > 0 && i < w->n)
		return is_linked(w, i);
	if (i == 0)
		return w->n > 0 && has_verdict(next, AB_PASSED) &&
		       json_integer_value(json_object_get(json_object_get(next, "in"), "bytes")) >
			       0;
	return w->arrived && w->arrived->bytes > 0 &&
	       has_verdict(json_array_get(w->receipts, i - 1), AB_PASSED) &&
	       did_arrive(w, json_array_get(w->receipts, i - 1));
}

/*
 * The stage `name` should have left receipt i and did not. A stage that was left out leaves a whole
 * chain behind, one that died a broken one: the stage right behind it saw its end, without a
 * document, and wrote receipt i, maybe before those in front of both were done.
 */
static int missing(const struct walk *w, size_t i, const char *name, const char *expect)
{
	bool is_later = is_among(w, i, name);
	char is[64] = "", died[64];

	if (!is_later && is_whole_at(w, i))
		return fail(w->chain, name, AB_FAILED, "stage %s was left out", name);
	if (i < w->n)
		label(json_array_get(w->receipts, i), is, sizeof(is));
	if (stage_before(expect, is, died, sizeof(died)) && !is_among(w, 0, died))
		return fail(w->chain, died, AB_FAILED, "stage %s died", died);
	if (is_later)
		return fail(w->chain, is, AB_FAILED, "stage %s stands before %s", is, name);
	return fail(w->chain, name, AB_FAILED, "stage %s died", name);
}

/* Where `name` stands in the list of stages, or NULL. */
static const char *place_of(const char *expect, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = expect; *p; p += strcspn(p, ","), p += *p == ',')
		if (strcspn(p, ",") == len && strncmp(p, name, len) == 0)
			return p;
	return NULL;
}

static bool is_expected(const char *expect, const char *name)
{
	return place_of(expect, name) != NULL;
}

static int unexpected(const struct walk *w, size_t i, const char *expect)
{
	const json_t *receipt = json_array_get(w->receipts, i);
	const char *invalid = json_string_value(json_object_get(receipt, "invalid"));
	char is[64];

	label(receipt, is, sizeof(is));
	if (invalid)
		return fail(w->chain, "", AB_FAILED, "receipts: %s", invalid);
	return fail(w->chain, is, AB_FAILED, "stage %s was %s", is,
		    is_expected(expect, is) ? "there twice" : "not expected");
}

static int check_expected(const struct walk *w, const char *expect)
{
	size_t i = 0;

	for (const char *p = expect; *p; p += strcspn(p, ","), p += *p == ',') {
		char want[64], is[64] = "";

		(void)snprintf(want, sizeof(want), "%.*s", (int)strcspn(p, ","), p);
		if (i < w->n)
			label(json_array_get(w->receipts, i), is, sizeof(is));
		if (i < w->n && strcmp(is, want) != 0 && !is_expected(p, is))
			return unexpected(w, i, expect);
		if (strcmp(is, want) != 0)
			return missing(w, i, want, expect);
		if (check_receipt(w, i, want) < 0)
			return -1;
		i++;
	}
	return i < w->n ? unexpected(w, i, expect) : 0;
}

/* Without a list: take the stages as they are. */
static int check_all(const struct walk *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const json_t *receipt = json_array_get(w->receipts, i);
		char is[64];

		if (json_object_get(receipt, "invalid"))
			return unexpected(w, i, "");
		label(receipt, is, sizeof(is));
		if (check_receipt(w, i, is) < 0)
			return -1;
	}
	return 0;
}

static int check_arrived(const struct walk *w)
{
	char is[64];

	if (w->n == 0 || !w->arrived || did_arrive(w, json_array_get(w->receipts, w->n - 1)))
		return 0;
	label(json_array_get(w->receipts, w->n - 1), is, sizeof(is));
	return fail(w->chain, is, AB_FAILED, "what arrived is not what stage %s wrote", is);
}

/* The first stage that was interrupted, as far as the receipts can be read. */
static int check_interrupted(const struct walk *w, const char *expect)
{
	const json_t *first = NULL;
	const char *place = NULL;
	char is[64];

	for (size_t i = 0; i < w->n; i++) {
		const json_t *receipt = json_array_get(w->receipts, i);
		const char *at;

		if (!has_verdict(receipt, AB_INTERRUPTED))
			continue;
		label(receipt, is, sizeof(is));
		at = place_of(expect, is);
		if (!first || (at && (!place || at < place))) {
			first = receipt;
			place = at;
		}
	}
	if (!first)
		return 0;
	label(first, is, sizeof(is));
	return not_passed(w, first, is);
}

void ab_chain_check(const json_t *receipts, const char *expect, const struct ab_digest *arrived,
		    struct ab_chain *ret)
{
	const struct walk w = { receipts, json_array_size(receipts), arrived, ret };

	*ret = (struct ab_chain){ .verdict = AB_PASSED, .exit = -1 };
	if (check_interrupted(&w, expect ? expect : "") == 0 &&
	    (expect && *expect ? check_expected(&w, expect) : check_all(&w)) == 0 &&
	    check_arrived(&w) == 0)
		ret->exit = 0;
}
