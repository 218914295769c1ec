/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/secret.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "lib/base/auto.h"

#define MIN_NAMED  6 /* a shorter value of a variable whose name speaks of a secret is none */
#define MIN_RANDOM 32
#define MIN_BITS   4.0 /* a character; random base64 of that length has more */

/* How tokens of a known kind begin, and how long they are at least. No pointers: a program that is
 * linked to run anywhere writes each of them when it starts. */
static const struct {
	char prefix[19];
	unsigned char length;
} tokens[] = {
	{ "ghp_", 36 },		{ "gho_", 36 },
	{ "ghu_", 36 },		{ "ghs_", 36 },
	{ "ghr_", 36 },		{ "github_pat_", 40 },
	{ "glpat-", 20 },	{ "AKIA", 20 },
	{ "ASIA", 20 },		{ "AIza", 35 },
	{ "ya29.", 30 },	{ "sk-", 20 },
	{ "sk_live_", 20 },	{ "sk_test_", 20 },
	{ "rk_live_", 20 },	{ "xoxb-", 20 },
	{ "xoxp-", 20 },	{ "xoxa-", 20 },
	{ "xoxr-", 20 },	{ "xoxs-", 20 },
	{ "xapp-", 20 },	{ "npm_", 30 },
	{ "pypi-", 30 },	{ "hf_", 30 },
	{ "SG.", 40 },		{ "dop_v1_", 40 },
	{ "hvs.", 20 },		{ "shpat_", 30 },
	{ "dckr_pat_", 20 },	{ "lin_api_", 30 },
	{ "PRIVATE+KEY+", 30 }, { "AGE-SECRET-KEY-", 30 },
};

/* Words of a name that speak of a secret. What goes on behind one is another word (TOKENIZERS); what
 * stands before it may be one as well (PGPASSWORD), unless it is short (BYPASS). */
static const struct {
	char word[15];
	bool behind_any;
} words[] = {
	{ "SECRET", true },	 { "SECRETS", true },	  { "TOKEN", true },
	{ "PASSWORD", true },	 { "PASSWD", true },	  { "PASS", false },
	{ "PASSPHRASE", true },	 { "PWD", false },	  { "CREDENTIAL", true },
	{ "CREDENTIALS", true }, { "APIKEY", true },	  { "API_KEY", false },
	{ "ACCESS_KEY", false }, { "PRIVATE_KEY", false }, { "SECRET_KEY", false },
	{ "AUTH_KEY", false },	 { "ACCOUNT_KEY", false },
};

/* What a value holds where a credential stands in it with others. */
static const char *const holders[] = { "password=",	   "passwd=", "pwd=",	       "accountkey=",
				       "sharedaccesskey=", "secret=", "access_token=", "api_key=",
				       "apikey=" };

static bool is_token(const char *value)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(tokens); i++)
		if (strncmp(value, tokens[i].prefix, strlen(tokens[i].prefix)) == 0 &&
		    strlen(value) >= tokens[i].length && !strpbrk(value, " \t/"))
			return true;
	return false;
}

/* JSON Web Token (RFC 7519): three parts, the first of which is base64url of a JSON object. */
static bool is_jwt(const char *value)
{
	const char *dot = strchr(value, '.');

	return strncmp(value, "eyJ", 3) == 0 && dot && strchr(dot + 1, '.') && strlen(value) > 30;
}

/* scheme://user:password@host */
static bool has_password(const char *value)
{
	const char *host = strstr(value, "://"), *at, *colon;

	if (!host)
		return false;
	host += 3;
	at = memchr(host, '@', strcspn(host, "/?# "));
	colon = at ? memchr(host, ':', (size_t)(at - host)) : NULL;
	return colon && colon + 1 < at;
}

/* NAME=VALUE pairs in one text, as of a database (host=h password=p) or a URL's query. */
static bool holds_credential(const char *value)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(holders); i++)
		for (const char *p = value; (p = strcasestr(p, holders[i]));) {
			p += strlen(holders[i]);
			if (strcspn(p, " &;,'\"") >= 4)
				return true;
		}
	return false;
}

/* What an HTTP Authorization header says (RFC 7235). */
static bool is_authorization(const char *value)
{
	static const char *const schemes[] = { "Bearer ", "Basic ", "Token " };

	if (strncasecmp(value, "Authorization:", 14) == 0)
		value += 14;
	value += strspn(value, " ");
	for (size_t i = 0; i < AB_ARRAY_SIZE(schemes); i++)
		if (strncasecmp(value, schemes[i], strlen(schemes[i])) == 0 &&
		    strlen(value) >= strlen(schemes[i]) + 12 &&
		    !strchr(value + strlen(schemes[i]), ' '))
			return true;
	return false;
}

static bool is_plain(const char *value)
{
	return *value == '/' || *value == '.' || !value[strspn(value, "0123456789.,")];
}

static bool speaks_of_secret(const char *name)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(words); i++) {
		size_t len = strlen(words[i].word);

		for (const char *p = name; *p; p++)
			if (strncasecmp(p, words[i].word, len) == 0 &&
			    (words[i].behind_any || p == name || p[-1] == '_') &&
			    (p[len] == '\0' || p[len] == '_'))
				return true;
	}
	return false;
}

/* Shannon's measure, in bits a character, of text that could be base64. */
static bool is_random(const char *value)
{
	unsigned count[256] = { 0 };
	bool upper = false, lower = false, digit = false;
	size_t len = strlen(value);
	double bits = 0;

	if (len < MIN_RANDOM)
		return false;
	for (const char *p = value; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (!isalnum(c) && !strchr("+/=_-", c))
			return false;
		upper |= isupper(c) != 0;
		lower |= islower(c) != 0;
		digit |= isdigit(c) != 0;
		count[c]++;
	}
	for (size_t i = 0; i < AB_ARRAY_SIZE(count); i++)
		if (count[i])
			bits -= count[i] * log2((double)count[i] / (double)len);
	return upper && lower && digit && *value != '/' && bits / (double)len >= MIN_BITS;
}

const char *ab_secret_shape(const char *name, const char *value)
{
	if (is_token(value))
		return "a token of a known kind";
	if (is_jwt(value))
		return "a JSON Web Token";
	if (strstr(value, "-----BEGIN ") && strstr(value, "PRIVATE KEY"))
		return "a private key";
	if (has_password(value))
		return "an address with a password";
	if (is_authorization(value) || holds_credential(value))
		return "a credential";
	if (strlen(value) >= MIN_NAMED && !is_plain(value) && speaks_of_secret(name))
		return "a secret, by its name";
	return is_random(value) ? "a random key" : NULL;
}
