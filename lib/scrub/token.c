/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a token a token: entropy, check sums, structure; and what looks like one and is none.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "lib/scrub/base64.h"
#include "lib/scrub/match.h"

double ab_scrub_entropy(const unsigned char *value, size_t len)
{
	unsigned count[256] = { 0 };
	double bits = 0;

	for (size_t i = 0; i < len; i++)
		count[value[i]]++;
	for (unsigned c = 0; c < 256; c++) {
		if (count[c]) {
			double p = (double)count[c] / (double)len;

			bits -= p * log2(p);
		}
	}
	return bits;
}

/* A JSON Web Token's header is a JSON object with an algorithm (RFC 7519 section 5, RFC 7515). */
bool ab_scrub_check_jwt(const struct ab_scrub_policy *policy, const unsigned char *value,
			size_t len)
{
	unsigned char header[256];
	size_t taken, n = ab_base64_head(value, len, header, sizeof(header), &taken);

	(void)policy;
	if (n < sizeof(header) && taken < len && value[taken] != '.')
		return false;
	return n > 2 && header[0] == '{' && memmem(header, n, "\"alg\"", 5);
}

static uint32_t crc32_of(const unsigned char *p, size_t len)
{
	uint32_t crc = 0xffffffffu;

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* The last six characters are the CRC-32 in base 62 of those between the prefix and them. */
bool ab_scrub_check_crc32_base62(const struct ab_scrub_policy *policy, const unsigned char *value,
				 size_t len)
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const unsigned char *body = memrchr(value, '_', len);
	uint64_t want = 0;

	(void)policy;
	body = body ? body + 1 : value;
	if (value + len - body <= 6)
		return false;
	for (const unsigned char *p = value + len - 6; p < value + len; p++) {
		const char *d = strchr(digits, *p);

		if (!d || !*p)
			return false;
		want = want * 62 + (uint64_t)(d - digits);
	}
	return want == crc32_of(body, (size_t)(value + len - 6 - body));
}

/* Letters alone whose case changes as chance has it: in names it changes once or twice a word. */
static bool is_random_case(const unsigned char *value, size_t len)
{
	size_t runs = 1, lower = 0;

	for (size_t i = 0; i < len; i++) {
		if (!isalpha(value[i]))
			return false;
		lower += islower(value[i]) != 0;
		runs += i && !islower(value[i]) != !islower(value[i - 1]);
	}
	return len >= 12 && lower && lower < len && runs * 9 >= len * 4;
}

/* Letters and digits both, or letters at random: a word or a number alone is no token. */
bool ab_scrub_check_mixed(const struct ab_scrub_policy *policy, const unsigned char *value,
			  size_t len)
{
	bool letter = false, digit = false;

	(void)policy;
	for (size_t i = 0; i < len; i++) {
		letter |= isalpha(value[i]) != 0;
		digit |= isdigit(value[i]) != 0;
	}
	return (letter && digit) || is_random_case(value, len);
}

/* Letters and digits that change from one kind to another as chance has it, and no words do. */
bool ab_scrub_check_random(const struct ab_scrub_policy *policy, const unsigned char *value, size_t len)
{
	size_t changes = 0, kinds[3] = { 0 };
	int last = -1;

	(void)policy;
	for (size_t i = 0; i < len; i++) {
		int kind = isdigit(value[i]) ? 0 : islower(value[i]) ? 1 : isupper(value[i]) ? 2 : -1;

		if (kind < 0)
			continue;
		changes += last >= 0 && kind != last;
		kinds[kind]++;
		last = kind;
	}
	/* Of one case only digits are between: half as many changes. */
	if (!kinds[0] || !(kinds[1] + kinds[2]))
		return false;
	return changes * 100 >= len * (kinds[1] && kinds[2] ? 40u : 18u);
}

/* What stands where a secret would and is plainly none: a variable, a call, a placeholder. */
bool ab_scrub_check_not_word(const struct ab_scrub_policy *policy, const unsigned char *value,
			     size_t len)
{
	static const char *const none[] = {
		"example",   "changeme", "placeholder", "redacted",   "your",	"xxxx",
		"****",	     "dummy",	 "sample",	"${",	      "{{",	"<",
		"$(",	     "%(",	 "process.env", "os.environ", "getenv", "config.",
		"secrets.",  "env.",	 "none",	"null",	      "true",	"false",
		"undefined", "insert",	 "todo",	"...",	      "()",	"vault:"
	};
	char lower[128];
	size_t n = len < sizeof(lower) - 1 ? len : sizeof(lower) - 1;
	bool same = true;

	(void)policy;
	for (size_t i = 0; i < n; i++) {
		lower[i] = (char)tolower(value[i]);
		same &= lower[i] == lower[0];
	}
	lower[n] = '\0';
	if (same)
		return false;
	for (size_t i = 0; i < AB_ARRAY_SIZE(none); i++)
		if (strstr(lower, none[i]))
			return false;
	return true;
}

/* Hexadecimal of a hash's length, or a UUID: a commit, a digest, an identifier. */
bool ab_scrub_check_not_hash(const struct ab_scrub_policy *policy, const unsigned char *value,
			     size_t len)
{
	size_t hex = 0, dashes = 0;

	(void)policy;
	for (size_t i = 0; i < len; i++) {
		hex += isxdigit(value[i]) != 0;
		dashes += value[i] == '-';
	}
	if (hex == len && (len == 7 || len == 8 || len == 12 || len == 32 || len == 40 ||
			   len == 56 || len == 64 || len == 96 || len == 128))
		return false;
	return !(len == 36 && dashes == 4 && hex == 32);
}

/* One word of a name: letters, a few digits behind them at most, or a short number. */
static size_t name_part(const unsigned char *p, size_t len)
{
	size_t n = 0, digits = 0;

	while (n < len && isalpha(p[n]))
		n++;
	while (n + digits < len && isdigit(p[n + digits]))
		digits++;
	return digits <= (n ? 2 : 4) ? n + digits : 0;
}

/* Words with dots, dashes or underscores between them: a variable, a member, a file. */
bool ab_scrub_check_not_name(const struct ab_scrub_policy *policy, const unsigned char *value,
			     size_t len)
{
	size_t at = 0, parts = 0;

	(void)policy;
	while (at < len) {
		size_t n = name_part(value + at, len - at);

		if (!n)
			return true;
		at += n;
		parts++;
		if (at < len && !strchr("._-/", value[at]))
			return true;
		at++;
	}
	return parts < 2;
}

#define DATA_PART 20 /* letters and digits between dashes that no one would choose */

/* Capitals, small letters and digits in turn, as base64 has them and no name: host names know no case. */
static bool is_base64_label(const unsigned char *value, size_t len)
{
	size_t changes = 0, digits = 0, capitals = 0;
	int last = 0;

	for (size_t i = 0; i < len; i++) {
		int kind = isdigit(value[i]) ? 1 : isupper(value[i]) ? 2 : 3;

		digits += kind == 1;
		capitals += kind == 2;
		changes += i && kind != last;
		last = kind;
	}
	return len >= 24 && digits > 3 && capitals > 3 && changes * 5 >= len * 2;
}

/* Data that goes on in the label behind the first, of letters and digits alone. */
static bool is_further_data(const unsigned char *p, const unsigned char *end)
{
	size_t n = 0, digits = 0, changes = 0;

	for (; p + n < end && isalnum(p[n]); n++) {
		digits += isdigit(p[n]) != 0;
		changes += n && !isdigit(p[n]) != !isdigit(p[n - 1]);
	}
	return n >= 12 && p + n < end && p[n] == '.' && digits > 2 && changes > 3;
}

/* A host's first label that no one would choose: digits among letters, and no words with dashes;
 * a long part between dashes is as good as a label. */
bool ab_scrub_check_data_label(const struct ab_scrub_policy *policy, const unsigned char *value,
			       size_t len)
{
	const unsigned char *dot = memchr(value, '.', len);
	size_t end = dot ? (size_t)(dot - value) : len;
	bool dashes = memchr(value, '-', end) != NULL;

	(void)policy;
	if (dashes && is_base64_label(value, end))
		return true;
	for (size_t at = 0, n; at < end; at += n + 1) {
		size_t digits = 0, changes = 0;

		for (n = 0; at + n < end && value[at + n] != '-'; n++) {
			digits += isdigit(value[at + n]) != 0;
			changes += n && !isdigit(value[at + n]) != !isdigit(value[at + n - 1]);
		}
		if (dashes ? n >= DATA_PART && digits > 2 && changes > 3 : digits > 1 && changes > 1)
			return true;
	}
	return dot && is_further_data(dot + 1, value + len);
}
