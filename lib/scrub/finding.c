/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan has found, as the result has it. */
#include <ctype.h>
#include <string.h>

#include "lib/crypto/text.h"
#include "lib/scrub/many.h"
#include "lib/scrub/scan.h"

/* HMAC-SHA-256 (RFC 2104) of rule and value, its first half. */
static void fingerprint(const struct ab_scrub_policy *p, const char *rule,
			const unsigned char *value, size_t len,
			unsigned char out[AB_SCRUB_FINGERPRINT])
{
	struct ab_sha256 inner = p->inner, outer = p->outer;
	unsigned char digest[AB_SHA256_SIZE];

	ab_sha256_add(&inner, rule, strlen(rule) + 1);
	ab_sha256_add(&inner, value, len);
	ab_sha256_end(&inner, digest);
	ab_sha256_add(&outer, digest, sizeof(digest));
	ab_sha256_end(&outer, digest);
	memcpy(out, digest, AB_SCRUB_FINGERPRINT);
}

/* A quarter of the value at most, four characters at most, plain ones only. */
static void preview(const unsigned char *value, size_t len, char out[4])
{
	size_t n = len / 4 < 4 ? len / 4 : 4;

	for (size_t i = 0; i < n && (isalnum(value[i]) || strchr("-_.", value[i])) && value[i]; i++)
		out[i] = (char)value[i];
}

/* Whether the site's baseline, in hex, has a fingerprint. */
static bool is_in_baseline(const struct ab_scrub_policy *p,
			   const unsigned char print[AB_SCRUB_FINGERPRINT])
{
	char hex[2 * AB_SCRUB_FINGERPRINT + 1];

	if (!p->baseline)
		return false;
	ab_hex_encode(print, AB_SCRUB_FINGERPRINT, hex);
	return json_object_get(p->baseline, hex);
}

/* The decode path of a view, as the result's own text: most findings have one of a few. */
static const char *path_of(struct ab_scan *s, const struct ab_view *v)
{
	struct ab_scrub_path *path, **first = &s->result->paths;
	char text[sizeof(path->text)];

	ab_view_path(v, text, sizeof(text));
	for (struct ab_scrub_path **at = first; (path = *at); at = &path->next)
		if (strcmp(path->text, text) == 0) {
			*at = path->next; /* the next finding's is most often the same */
			goto found;
		}
	path = calloc(1, sizeof(*path));
	if (!path) {
		ab_err_memory(s->err);
		return NULL;
	}
	memcpy(path->text, text, sizeof(text));
found:
	path->next = *first;
	*first = path;
	return path->text;
}

static bool is_allowed_value(const struct ab_scrub_policy *p, const unsigned char *value,
			     size_t len)
{
	unsigned char digest[AB_SHA256_SIZE];
	char text[AB_SHA256_TEXT];

	if (json_object_size(p->values) == 0)
		return false;
	ab_sha256(value, len, digest);
	ab_sha256_text(digest, text);
	return json_object_get(p->values, text + 7) != NULL;
}

static struct ab_scrub_finding *new_finding(struct ab_scan *s)
{
	struct ab_scrub_result *r = s->result;

	if (r->n % AB_MANY == 0 && r->n) {
		if (ab_many_spool(r, s->source, s->err) < 0)
			return NULL;
		if (r->room)
			s->capacity = AB_SCRUB_MAX_FINDINGS + 1;
	}
	if (r->n == s->capacity) {
		size_t capacity = s->capacity ? s->capacity * 2 : 16;
		struct ab_scrub_finding *f = realloc(r->findings, capacity * sizeof(*f));

		if (!f) {
			ab_err_memory(s->err);
			return NULL;
		}
		r->findings = f;
		s->capacity = capacity;
	}
	*ab_many_at(r, r->n) = (struct ab_scrub_finding){ 0 };
	return &r->findings[r->n++];
}

int ab_scan_limit(struct ab_scan *s, const char *id, size_t at)
{
	struct ab_scrub_finding *f = new_finding(s);

	if (!f)
		return -1;
	s->stopped = true;
	f->rule = id;
	f->category = AB_SCRUB_EXFIL;
	f->severity = AB_SCRUB_HIGH;
	f->action = AB_SCRUB_BLOCK;
	f->start = at;
	f->end = at < s->source_size ? at + 1 : at;
	f->path = "raw";
	fingerprint(s->policy, id, (const unsigned char *)"", 0, f->fingerprint);
	return 0;
}

/* Where a finding is remembered, which may hold another one. */
static struct seen *seen_at(struct ab_scan *s, const struct ab_scrub_rule *r, size_t start,
			    size_t end)
{
	uint64_t hash = ((uint64_t)(r - s->policy->rules) * 31 + start * 8 + end) * 0x9e3779b97f4a7c15u;

	return &s->seen[hash >> 32 & (AB_SCAN_SEEN - 1)];
}

int ab_scan_add(struct ab_scan *s, const struct ab_view *v, const struct ab_scrub_rule *r,
		size_t start, size_t end)
{
	const unsigned char *value = v->text + start;
	size_t len = end - start;
	unsigned char print[AB_SCRUB_FINGERPRINT] = { 0 };
	const char *path;
	struct ab_scrub_finding *f;
	struct seen *seen;

	ab_view_to_source(v, &start, &end);
	seen = seen_at(s, r, start, end);
	/* Views show again what was found in the text that they were made of. */
	if (seen->rule == r && seen->start == start && seen->end == end)
		return 0;
	if (is_allowed_value(s->policy, value, len))
		return 0;
	if (!s->result->brief || s->policy->baseline)
		fingerprint(s->policy, r->id, value, len, print);
	if (is_in_baseline(s->policy, print))
		return 0;
	if (s->result->n >= AB_SCRUB_MAX_FINDINGS)
		return ab_scan_limit(s, "limit.findings", start);
	path = path_of(s, v);
	f = path ? new_finding(s) : NULL;
	if (!f)
		return -1;
	*seen = (struct seen){ r, start, end };
	f->rule = r->id;
	f->category = (unsigned char)r->category;
	f->severity = r->severity;
	f->action = r->action & 15;
	memcpy(f->fingerprint, print, sizeof(print));
	preview(value, len, f->preview);
	f->path = path;
	f->start = start;
	f->end = end;
	return 0;
}
