/* SPDX-License-Identifier: Apache-2.0 */
/* What comes out: the document with its redactions. */
#include <stdio.h>
#include <string.h>

#include "lib/scrub/many.h"
#include "lib/scrub/norm.h"
#include "lib/scrub/scan.h"

void ab_scrub_result_free(struct ab_scrub_result *r)
{
	ab_many_free(r);
	ab_buf_free(&r->pointer_text);
	if (r->pointers)
		ab_hold_close(r->pointers);
	free(r->pointers);
	for (struct ab_scrub_path *p = r->paths, *next; p; p = next) {
		next = p->next;
		free(p);
	}
	*r = (struct ab_scrub_result){ 0 };
}

const struct ab_scrub_finding *ab_scrub_finding(const struct ab_scrub_result *r, size_t i)
{
	return ab_many_at(r, i);
}

const struct ab_scrub_finding *ab_scrub_blocker(const struct ab_scrub_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (ab_many_at(r, i)->action == AB_SCRUB_BLOCK)
			return &r->findings[i];
	return NULL;
}

void ab_scrub_say(const struct ab_scrub_finding *f, struct ab_err *ret)
{
	if (f->pointer)
		ab_err_no(ret, "%s: %s%s: blocked", f->rule, *f->pointer ? f->pointer : "/",
			  f->in_key ? " (key)" : "");
	else
		ab_err_no(ret, "%s: %u:%u: blocked", f->rule, f->line, f->column);
}

/* How a mark is written: in quotes where no string is, in UTF-16 where the document is that. */
struct spelling {
	bool bare;
	ab_build_fn *utf16; /* what reads it, or NULL */
};

/* The mark that stands for a span; a JSON number or literal becomes a string. */
static int write_mark(const struct ab_scrub_finding *f, struct spelling how, ab_scrub_write_fn *write,
		      void *arg, struct ab_err *err)
{
	char mark[96], wide[2 * sizeof(mark)] = { 0 };
	const char *quote = how.bare ? "\"" : "";
	int n = snprintf(mark, sizeof(mark), "%s[REDACTED:%s]%s", quote, f->rule, quote);

	if (n < 0 || (size_t)n >= sizeof(mark))
		return ab_err_trouble(err, "%s: rule id too long", f->rule);
	if (!how.utf16)
		return write(arg, mark, (size_t)n, err);
	for (size_t i = 0; i < (size_t)n; i++)
		wide[2 * i + (how.utf16 == ab_utf16be_build)] = mark[i];
	return write(arg, wide, 2 * (size_t)n, err);
}

/* What has to be known of a finding whose span is a part of the next mark's. */
static void spell(struct spelling *how, const struct ab_scrub_finding *f, const unsigned char *text, size_t size)
{
	static const char utf16[] = "raw>utf16";

	how->bare |= f->is_bare;
	if (!how->utf16 && strncmp(f->path, utf16, sizeof(utf16) - 1) == 0)
		how->utf16 = ab_utf16_builder(text, size, 0);
}

int ab_scrub_emit(const struct ab_scrub_result *r, const unsigned char *text, size_t size,
		  ab_scrub_write_fn *write, void *arg, struct ab_err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct ab_scrub_finding *f = ab_many_at(r, i);
		struct spelling how = { 0 };
		size_t end = f->end;

		if (f->action != AB_SCRUB_REDACT)
			continue;
		spell(&how, f, text, size);
		for (; i + 1 < r->n && r->findings[i + 1].start < end; i++) {
			if (r->findings[i + 1].action != AB_SCRUB_REDACT)
				continue;
			spell(&how, &r->findings[i + 1], text, size);
			if (r->findings[i + 1].end > end)
				end = r->findings[i + 1].end;
		}
		if (write(arg, text + at, f->start - at, err) < 0 ||
		    write_mark(f, how, write, arg, err) < 0)
			return -1;
		at = end;
	}
	return write(arg, text + at, size - at, err);
}
