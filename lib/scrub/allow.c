/* SPDX-License-Identifier: Apache-2.0 */
/* What a site lets pass: hosts, values by their hash, findings by the fingerprints of a key. */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/host.h"

/* A name, lower-cased, or an IPv6 address in brackets. What no host is compared as is none: a port stands behind
 * a host, and a label in punycode is never allowed. */
static bool is_host(const char *name)
{
	size_t len = strlen(name);

	if (len > 2 && name[0] == '[')
		return name[len - 1] == ']' && strspn(name + 1, "0123456789abcdef:.") == len - 2;
	return len && len <= 253 && name[0] != '.' && name[len - 1] != '.' && !strstr(name, "..") &&
	       strncmp(name, "xn--", 4) != 0 && !strstr(name, ".xn--") &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == len;
}

int ab_scrub_allow_domain(struct ab_scrub_policy *p, const char *name, struct ab_err *err)
{
	char lower[256];
	size_t len = strlen(name);

	if (len >= sizeof(lower))
		return ab_err_usage(err, "%.40s...: not a host name", name);
	for (size_t i = 0; i <= len; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	if (!is_host(lower))
		return ab_err_usage(err, "%s: not a host name", name);
	if (json_array_append_new(p->domains, json_string(lower)) < 0)
		return ab_err_memory(err);
	return 0;
}

int ab_scrub_allow_value(struct ab_scrub_policy *p, const char *hash, struct ab_err *err)
{
	const char *hex = strncmp(hash, "sha256:", 7) == 0 ? hash + 7 : hash;

	if (strlen(hex) != 2 * AB_SHA256_SIZE || strspn(hex, "0123456789abcdef") != strlen(hex))
		return ab_err_usage(err, "%.80s: not sha256: and 64 hex digits", hash);
	if (json_object_set_new(p->values, hex, json_true()) < 0)
		return ab_err_memory(err);
	return 0;
}

/* HMAC-SHA-256 (RFC 2104): the key is one hash long. */
void ab_scrub_set_key(struct ab_scrub_policy *p, const void *key, size_t len)
{
	unsigned char pad[64] = { 0 };

	ab_sha256(key, len, pad);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	ab_sha256_init(&p->inner);
	ab_sha256_add(&p->inner, pad, sizeof(pad));
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	ab_sha256_init(&p->outer);
	ab_sha256_add(&p->outer, pad, sizeof(pad));
	explicit_bzero(pad, sizeof(pad));
}

int ab_scrub_set_baseline(struct ab_scrub_policy *p, const char *text, size_t len,
			  struct ab_err *err)
{
	const char *end = text + len;

	if (!p->baseline && !(p->baseline = json_object()))
		return ab_err_memory(err);
	for (size_t line = 1; text < end; line++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = newline ? (size_t)(newline - text) : (size_t)(end - text);
		char print[2 * AB_SCRUB_FINGERPRINT + 1];

		if (n && text[0] != '#') {
			if (n != sizeof(print) - 1 || strspn(text, "0123456789abcdef") < n)
				return ab_err_usage(err,
						    "line %zu: not a fingerprint of %zu hex "
						    "digits",
						    line, sizeof(print) - 1);
			memcpy(print, text, n);
			print[n] = '\0';
			if (json_object_set_new(p->baseline, print, json_true()) < 0)
				return ab_err_memory(err);
		}
		text += n + 1;
	}
	return 0;
}

bool ab_scrub_host_allowed(const struct ab_scrub_policy *p, const char *host)
{
	size_t i;
	json_t *entry;

	json_array_foreach(p->domains, i, entry)
	{
		if (ab_host_is_below(host, json_string_value(entry)))
			return true;
	}
	return false;
}
