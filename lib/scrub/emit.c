/* SPDX-License-Identifier: Apache-2.0 */
/* What comes out: the document with its redactions. */
#include <stdio.h>
#include <string.h>

#include "lib/scrub/scan.h"

void ab_scrub_result_free(struct ab_scrub_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->findings[i].pointer);
	free(r->findings);
	for (struct ab_scrub_path *p = r->paths, *next; p; p = next) {
		next = p->next;
		free(p);
	}
	*r = (struct ab_scrub_result){ 0 };
}

const struct ab_scrub_finding *ab_scrub_blocker(const struct ab_scrub_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->findings[i].action == AB_SCRUB_BLOCK)
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

/* The mark that stands for a span; a JSON number becomes a string. */
static int write_mark(const struct ab_scrub_finding *f, bool quoted, ab_scrub_write_fn *write,
		      void *arg, struct ab_err *err)
{
	char mark[96];
	const char *quote = quoted ? "\"" : "";
	int n = snprintf(mark, sizeof(mark), "%s[REDACTED:%s]%s", quote, f->rule, quote);

	if (n < 0 || (size_t)n >= sizeof(mark))
		return ab_err_trouble(err, "%s: rule id too long", f->rule);
	return write(arg, mark, (size_t)n, err);
}

int ab_scrub_emit(const struct ab_scrub_result *r, const unsigned char *text, size_t size,
		  ab_scrub_write_fn *write, void *arg, struct ab_err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct ab_scrub_finding *f = &r->findings[i];
		size_t end = f->end;
		bool number = f->is_number;

		if (f->action != AB_SCRUB_REDACT)
			continue;
		for (; i + 1 < r->n && r->findings[i + 1].start < end; i++) {
			if (r->findings[i + 1].action != AB_SCRUB_REDACT)
				continue;
			number |= r->findings[i + 1].is_number;
			if (r->findings[i + 1].end > end)
				end = r->findings[i + 1].end;
		}
		if (write(arg, text + at, f->start - at, err) < 0 ||
		    write_mark(f, number, write, arg, err) < 0)
			return -1;
		at = end;
	}
	return write(arg, text + at, size - at, err);
}
