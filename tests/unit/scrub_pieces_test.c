/* SPDX-License-Identifier: Apache-2.0 */
/* lib/scrub/pieces.c: data that is cut into pieces, and what only looks so. */
#include "tests/unit/tap.h"

#include <string.h>

#include "lib/base/hold.h"
#include "lib/scrub/match.h"

/* Pieces of 32 characters, none like another; of 40 and of 64 hexadecimal digits. */
#define A    "q7Zr2LkT9xWvB4nYc8HsD1mGfJ6pRe0K"
#define B    "Uo3XtN5wAi7QyE2bVg9ChS4zMd8FlP1j"
#define C    "k6RvW0sYqD3uTn8JbGx5ZcH2eLp7MfA4"
#define HEX1 "9f3a71c0d8e2b5467a1f0c93e4d7b28a5c6f01e3"
#define HEX2 "1b7e40d2a9c83f56e0d4b7a2918c5f3e6d0a4b97"
#define HEX3 "c5d80f3b62e91a74d3f6b08e5a2c7914fe60b3d8"
#define SUM1 "9f3a71c0d8e2b5467a1f0c93e4d7b28a5c6f01e39f3a71c0d8e2b5467a1f0c93"
#define SUM2 "1b7e40d2a9c83f56e0d4b7a2918c5f3e6d0a4b971b7e40d2a9c83f56e0d4b7a2"
#define SUM3 "c5d80f3b62e91a74d3f6b08e5a2c7914fe60b3d8c5d80f3b62e91a74d3f6b08e"

struct pieces {
	const char *name;
	const char *before, *data, *behind; /* of the text; the data begins where the run does */
	bool found;
};

static const struct pieces all[] = {
	{ "under names", "a=", A "&b=" B "&c=" C, "&d=1", true },
	{ "in a list", "<li>", A "</li><li>" B "</li><li>" C, "</li>", true },
	{ "under names that count", "\"c0\":\"", A "\",\"c1\":\"" B "\",\"c2\":\"" C, "\"", true },
	{ "numbered in words", "part one: ", A " part two: " B " part three: " C, ".", true },
	{ "in lines", "", A "\n" B "\n" C, "\n", true },
	{ "of which the last is shorter", "a=", A ";b=" B ";c=" C ";d=Xy7Kq2Lm9Tr4", "", true },
	{ "that are digests, under names that count", "x1=", HEX1 " x2=" HEX2 " x3=" HEX3 " x4=0123456789ab", "", false },
	{ "that are sums of files", "", SUM1 "\n" SUM2 "\n" SUM3, "\n", false },
	{ "that are sums of files, of which one was cut", "", SUM1 "\n" SUM2 "\n" SUM3 "\n9f3a71c0d8", "\n", true },
	{ "two alone", "a=", A "&b=" B, "&d=1", false },
	{ "with another thing between", "a=", A "&b=" B " + " C, "", false },
	{ "far apart", "a=", A "&a name that is longer than any name would be=" B "&c=" C, "", false },
	{ "of one text again and again", "a=", "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbb1&b=aaaaaaaaaaaaaaaabbbbbbbbbbbbbbb1&c="
					       "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbb1", "", false },
	{ "of words", "a=", "thequickbrownfoxjumpsoverthelazy&b=dogandthenitrunsawayfromhereatns&c="
			    "onceuponatimetherewasacatinthehat", "", false },
	{ "of a certificate", "-----BEGIN CERTIFICATE-----\n", A "\n" B "\n" C, "\n-----END CERTIFICATE-----", false },
	{ "of a key", "ssh-rsa ", "AAAA2LkT9xWvB4nYc8HsD1mGfJ6pRe0K\n" B "\n" C, "\n", false },
	{ "after the first one", "z=" C "&a=", A "&b=" B "&c=" C, "", false },
	{ "of one token, cut in itself", "",
	  "q7Zr-2LkT-9xWv-B4nY-c8Hs-D1mG-fJ6p-Re0K-Uo3X-tN5w-Ai7Q-yE2b-Vg9C-hS4z-Md8F-lP1j"
	  "-k6Rv-W0sY-qD3u-Tn8J-bGx5-ZcH2-eLp7-MfA4", "", true },
	{ "of one token, cut in itself unevenly", "",
	  "q7Zr-2LkT-9xWv-B4nY-c8Hs-D1mG-fJ6p-Re0K-Uo3X-tN5w-Ai7Q-yE2b-Vg9C-hS4z-Md8F-lP1j"
	  "-k6Rv-W0sY-q-D3u-Tn8J-bGx5-ZcH2-eLp7-MfA4", "", false },
};

int main(void)
{
	struct tap t = { 0 };

	for (size_t i = 0; i < AB_ARRAY_SIZE(all); i++) {
		const struct pieces *c = &all[i];
		unsigned char text[1024 + AB_HOLD_PAD] = { 0 };
		size_t at = strlen(c->before), len = strlen(c->data), start = 0, end = 0;
		struct ab_scrub_place p = { .text = text, .at = at, .hi = at + len + strlen(c->behind) };
		bool found;

		memcpy(text, c->before, at);
		memcpy(text + at, c->data, len);
		memcpy(text + at + len, c->behind, strlen(c->behind));
		found = ab_scrub_match_pieces(&p, &start, &end);
		if (c->found)
			tap_ok(&t, found && start == at && end == at + len, "pieces %s are data, all of them", c->name);
		else
			tap_ok(&t, !found, "pieces %s are none", c->name);
	}
	return tap_done(&t);
}
