/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/match.h"

#include <string.h>

static const struct matcher {
	const char *name;
	ab_scrub_match_fn *match;
} matchers[] = {
	{ "url", ab_scrub_match_url },
	{ "url-relative", ab_scrub_match_url_relative },
	{ "domain", ab_scrub_match_domain },
	{ "defanged", ab_scrub_match_defanged },
	{ "card", ab_scrub_match_card },
	{ "iban", ab_scrub_match_iban },
	{ "ssn", ab_scrub_match_ssn },
	{ "phone", ab_scrub_match_phone },
	{ "phone-named", ab_scrub_match_phone_named },
	{ "ipv4", ab_scrub_match_ipv4 },
	{ "email", ab_scrub_match_email },
	{ "id-named", ab_scrub_match_id_named },
	{ "person-id", ab_scrub_match_person_id },
	{ "birth", ab_scrub_match_birth },
	{ "spoken", ab_scrub_match_spoken },
	{ "groups", ab_scrub_match_groups },
	{ "lines", ab_scrub_match_lines },
	{ "pieces", ab_scrub_match_pieces },
	{ "dense", ab_scrub_match_dense },
	{ "binary", ab_scrub_match_binary },
	{ "order", ab_scrub_match_order },
	{ "likeness", ab_scrub_match_likeness },
	{ "outward", ab_scrub_match_outward },
	{ "told", ab_scrub_match_told },
	{ "column", ab_scrub_match_column },
	{ "wrapped", ab_scrub_match_wrapped },
	{ "value-word", ab_scrub_match_value_word },
	{ "person-code", ab_scrub_match_person_code },
};

ab_scrub_match_fn *ab_scrub_match_named(const char *name)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(matchers); i++)
		if (strcmp(matchers[i].name, name) == 0)
			return matchers[i].match;
	return NULL;
}

ab_scrub_match_fn *ab_scrub_match_numbered(size_t number)
{
	return number && number <= AB_ARRAY_SIZE(matchers) ? matchers[number - 1].match : NULL;
}

size_t ab_scrub_match_number(ab_scrub_match_fn *match)
{
	size_t i = 0;

	while (i < AB_ARRAY_SIZE(matchers) && matchers[i].match != match)
		i++;
	return i < AB_ARRAY_SIZE(matchers) ? i + 1 : 0;
}

static const struct check {
	const char *name;
	ab_scrub_check_fn *check;
} checks[] = {
	{ "external", ab_scrub_check_external },
	{ "luhn", ab_scrub_check_luhn },
	{ "ip-public", ab_scrub_check_ip_public },
	{ "jwt", ab_scrub_check_jwt },
	{ "crc32-base62", ab_scrub_check_crc32_base62 },
	{ "base58check", ab_scrub_check_base58check },
	{ "iban", ab_scrub_check_iban },
	{ "ipv6", ab_scrub_check_ipv6 },
	{ "not-name", ab_scrub_check_not_name },
	{ "data-label", ab_scrub_check_data_label },
	{ "mixed", ab_scrub_check_mixed },
	{ "random", ab_scrub_check_random },
	{ "not-word", ab_scrub_check_not_word },
	{ "not-hash", ab_scrub_check_not_hash },
	{ "not-media", ab_scrub_check_not_media },
	{ "base64-text", ab_scrub_check_base64_text },
};

ab_scrub_check_fn *ab_scrub_check_named(const char *name)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(checks); i++)
		if (strcmp(checks[i].name, name) == 0)
			return checks[i].check;
	return NULL;
}

ab_scrub_check_fn *ab_scrub_check_numbered(size_t number)
{
	return number && number <= AB_ARRAY_SIZE(checks) ? checks[number - 1].check : NULL;
}

size_t ab_scrub_check_number(ab_scrub_check_fn *check)
{
	size_t i = 0;

	while (i < AB_ARRAY_SIZE(checks) && checks[i].check != check)
		i++;
	return i < AB_ARRAY_SIZE(checks) ? i + 1 : 0;
}
