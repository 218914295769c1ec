/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of persons that nothing has to name, since their groups, a date of birth in them and
 * their check digits say what they are. A number that many others look like is left to ident.c.
 */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/digits.h"
#include "lib/scrub/match.h"

/* Sum of digits, each times its weight. */
static unsigned weighed(const char *digits, const unsigned char *weights, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (unsigned)(digits[i] - '0') * weights[i];
	return sum;
}

static unsigned long long value_of(const char *digits, size_t n)
{
	unsigned long long v = 0;

	for (size_t i = 0; i < n; i++)
		v = v * 10 + (unsigned)(digits[i] - '0');
	return v;
}

/* Month and day, as "0229". */
static bool is_day(const char *digits)
{
	unsigned month = (unsigned)value_of(digits, 2), day = (unsigned)value_of(digits + 2, 2);

	return month >= 1 && month <= 12 && day >= 1 &&
	       day <= (month == 2 ? 29u : 30u + (month + month / 8) % 2);
}

static bool luhn(const char *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned)(digits[n - 1 - i] - '0') * (i % 2 ? 2 : 1);

		sum += d > 9 ? d - 9 : d;
	}
	return sum % 10 == 0;
}

/* GB 11643, ISO 7064 MOD 11-2: region, date of birth, serial, check digit or X. */
static bool is_chinese(const char *digits, char last)
{
	static const unsigned char weights[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	unsigned year = (unsigned)value_of(digits + 6, 4), region = (unsigned)value_of(digits, 2);

	return region >= 11 && region <= 91 && year >= 1900 && year <= 2029 && is_day(digits + 10) &&
	       "10X98765432"[weighed(digits, weights, 17) % 11] == toupper(last);
}

/* Date of birth, century and sex, serial, check digit. */
static bool is_korean(const char *digits)
{
	static const unsigned char weights[] = { 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5 };

	return is_day(digits + 2) && digits[6] >= '1' && digits[6] <= '8' &&
	       (11 - weighed(digits, weights, 12) % 11) % 10 == (unsigned)(digits[12] - '0');
}

/* EAN-13, of which 756 is Switzerland. */
static bool is_swiss(const char *digits)
{
	static const unsigned char weights[] = { 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1 };

	return memcmp(digits, "756", 3) == 0 && weighed(digits, weights, 13) % 10 == 0;
}

/* Date of birth (the month of some registers is 20 or 40 more), serial, 97 less the rest. */
static bool is_belgian(const char *digits)
{
	unsigned long long n = value_of(digits, 9), check = value_of(digits + 9, 2);

	return check == 97 - n % 97 || check == 97 - (2000000000ull + n) % 97;
}

static bool is_brazilian_firm(const char *digits)
{
	static const unsigned char weights[] = { 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 };

	for (size_t n = 12; n < 14; n++) {
		unsigned rest = weighed(digits, weights + 13 - n, n) % 11;

		if ((rest < 2 ? 0 : 11 - rest) != (unsigned)(digits[n] - '0'))
			return false;
	}
	return true;
}

static bool is_snils(const char *digits)
{
	static const unsigned char weights[] = { 9, 8, 7, 6, 5, 4, 3, 2, 1 };

	return weighed(digits, weights, 9) % 101 % 100 == value_of(digits + 9, 2);
}

static bool is_argentine(const char *digits)
{
	static const unsigned char weights[] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 };

	return strchr("23", digits[0]) && strchr("03467", digits[1]) &&
	       weighed(digits, weights, 11) % 11 == 0;
}

static bool is_thai(const char *digits)
{
	static const unsigned char weights[] = { 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2 };

	return digits[0] != '0' &&
	       (11 - weighed(digits, weights, 12) % 11) % 10 == (unsigned)(digits[12] - '0');
}

/* Sex, year and month of birth, where, serial, and 97 less the rest. */
static bool is_french(const char *digits)
{
	unsigned month = (unsigned)value_of(digits + 3, 2);

	return strchr("1278", digits[0]) && month && (month <= 12 || month >= 20) &&
	       97 - value_of(digits, 13) % 97 == value_of(digits + 13, 2);
}

/* The check digit of a Chilean RUT, or K, behind up to eight digits. */
static bool is_chilean(const char *digits, size_t n, char last)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (unsigned)(digits[n - 1 - i] - '0') * (2 + (unsigned)(i % 6));
	return "0K987654321"[sum % 11] == toupper(last);
}

static bool is_pakistani(const char *digits)
{
	return digits[0] >= '1' && digits[0] <= '8' && digits[1] > '0';
}

static bool is_malaysian(const char *digits)
{
	unsigned place = (unsigned)value_of(digits + 6, 2);

	return is_day(digits + 2) && place && (place <= 59 || place == 71 || place == 72 || place == 82);
}

/* The same for those whose last digit is that of Luhn. */
static bool is_emirati(const char *digits)
{
	return memcmp(digits, "784", 3) == 0 && luhn(digits, 15);
}

static bool is_dominican(const char *digits)
{
	return luhn(digits, 11);
}

/* Groups and the signs between them; of the last group a letter may stand for a digit. */
static const struct plan {
	const char *shape; /* a digit for each group's length, a sign behind each */
	bool (*holds)(const char *digits);
} plans[] = {
	{ "6-7", is_korean },	   { "3.4.4.2", is_swiss },	 { "2.2.2-3.2", is_belgian },
	{ "3-3-3 2", is_snils },   { "2.3.3/4-2", is_brazilian_firm }, { "2-8-1", is_argentine },
	{ "1-4-5-2-1", is_thai },  { "1 4 5 2 1", is_thai },	 { "1 2 2 2 3 3 2", is_french },
	{ "5-7-1", is_pakistani }, { "6-2-4", is_malaysian },	 { "3-4-7-1", is_emirati },
	{ "3-7-1", is_dominican }, { "1-2-2-2-3-3-2", is_french },
};

/* Whether the groups are those of the plan, none more. */
static bool has_shape(const struct ab_digits *d, const char *shape)
{
	size_t n = strlen(shape) / 2 + 1;

	if (d->n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (d->len[i] != (size_t)(shape[2 * i] - '0') ||
		    (i + 1 < n && (d->sign[i] != (unsigned char)shape[2 * i + 1] || d->width[i] != 1)))
			return false;
	return true;
}

static bool is_part(unsigned char c)
{
	return isalnum(c) || (c && strchr("_.-/%+", c));
}

/* One group: a Chinese number, whose last digit may be X; one of France or of Switzerland. */
static bool is_plain(const struct ab_scrub_place *p, const struct ab_digits *d, size_t *end)
{
	unsigned char next = d->ends[0] < p->hi ? p->text[d->ends[0]] : ' ';

	*end = d->ends[0];
	if (d->total == 17 && toupper(next) == 'X') {
		++*end;
		return is_chinese(d->digits, 'X');
	}
	if (d->total == 18)
		return is_chinese(d->digits, d->digits[17]);
	return d->total == 15 && is_french(d->digits) && d->digits[0] < '3' &&
	       value_of(d->digits + 3, 2) <= 12;
}

/* 12.345.678-5, and K for ten. */
static bool is_rut(const struct ab_scrub_place *p, const struct ab_digits *d, size_t *end)
{
	size_t at;

	if (d->n < 3 || d->len[0] > 2 || d->len[1] != 3 || d->len[2] != 3 || d->sign[0] != '.' ||
	    d->sign[1] != '.')
		return false;
	at = d->ends[2];
	if (at + 1 >= p->hi || p->text[at] != '-' || !isalnum(p->text[at + 1]))
		return false;
	*end = at + 2;
	return is_chilean(d->digits, d->len[0] + 6, (char)p->text[at + 1]);
}

bool ab_scrub_match_person_id(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	unsigned char before = p->at > p->lo ? p->text[p->at - 1] : ' ';
	struct ab_digits d;
	bool found;

	if (is_part(before) && before != '_')
		return false;
	ab_digits_read(p, p->at, "-. /", 24, &d);
	if (!d.n || ab_digits_follow(p, p->at, &d))
		return false;
	*start = p->at;
	*end = d.ends[d.n - 1];
	found = d.n == 1 ? is_plain(p, &d, end) : is_rut(p, &d, end);
	if (!found && d.n > 1) {
		*end = d.ends[d.n - 1];
		for (size_t i = 0; i < AB_ARRAY_SIZE(plans) && !found; i++)
			found = has_shape(&d, plans[i].shape) && plans[i].holds(d.digits);
	}
	return found && !(*end < p->hi && (isalnum(p->text[*end]) || p->text[*end] == '_' ||
					   p->text[*end] == '%'));
}

/* A: a letter, 0: a digit, 9: a letter or 9, X: either. The length, or 0: it has another shape. */
static size_t shape_of(const unsigned char *code, const char *shape)
{
	size_t n = 0;

	for (; shape[n]; n++) {
		unsigned char c = (unsigned char)toupper(code[n]);

		if (!(shape[n] == 'A'	? isalpha(c)
		      : shape[n] == '0' ? isdigit(c)
		      : shape[n] == '9' ? isalpha(c) || c == '9'
					: isalnum(c)))
			return 0;
	}
	return n;
}

/* Surname, name, date of birth (a woman's day is 40 more), place and check letter; of digits letters
 * may stand for others where two persons have the same. */
static bool is_codice_fiscale(const unsigned char *c)
{
	unsigned day = (unsigned)value_of((const char *)c + 9, 2);

	return shape_of(c, "AAAAAA00A00A000A") && strchr("ABCDEHLMPRST", toupper(c[8])) && day && day % 40 <= 31 &&
	       day % 40 && day < 72;
}

/* Letters of the name, date of birth, sex, state, consonants, and two more. */
static bool is_curp(const unsigned char *c)
{
	return shape_of(c, "AAAA000000AAAAAAX0") && is_day((const char *)c + 6) && strchr("HMX", toupper(c[10]));
}

/* Five of the surname, filled with 9; year, month (of a woman 50 more), day; initials; check. */
static bool is_british_driver(const unsigned char *c)
{
	char day[4] = { (char)(c[6] > '4' ? c[6] - 5 : c[6]), (char)c[7], (char)c[8], (char)c[9] };

	return shape_of(c, "AA999000000A9XAA") && is_day(day);
}

/* The anchor is a run of letters and digits: no longer and no shorter than a code. */
bool ab_scrub_match_person_code(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t len = p->end - p->at;
	const unsigned char *c = p->text + p->at;
	unsigned char before = p->at > p->lo ? p->text[p->at - 1] : ' ', next = p->end < p->hi ? p->text[p->end] : ' ';

	if ((len != 16 && len != 18) || isalnum(before) || before == '=' || next == '=' || before == '.' || next == '(')
		return false;
	*start = p->at;
	*end = p->end;
	return len == 16 ? is_codice_fiscale(c) || is_british_driver(c) : is_curp(c);
}
