/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/schema/format.h"

#define DAY	1440 /* minutes */
#define NO_LEAP 2

/* A text that is taken from its front. */
struct rest {
	const char *p;
	size_t len;
};

static bool take(struct rest *r, const char *any_of)
{
	for (; r->len && *any_of; any_of++)
		if (r->p[0] == *any_of) {
			r->p++;
			r->len--;
			return true;
		}
	return false;
}

/* Exactly so many digits, from min to max. */
static bool take_number(struct rest *r, size_t digits, int min, int max, int *ret)
{
	int n = 0;

	if (r->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (!ab_format_is_digit(r->p[i]))
			return false;
		n = n * 10 + (r->p[i] - '0');
	}
	r->p += digits;
	r->len -= digits;
	*ret = n;
	return n >= min && n <= max;
}

static bool take_date(struct rest *r, int *ret_month, int *ret_day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, last;

	if (!take_number(r, 4, 0, 9999, &year) || !take(r, "-") ||
	    !take_number(r, 2, 1, 12, ret_month) || !take(r, "-"))
		return false;
	last = days[*ret_month - 1];
	if (*ret_month == 2 && year % 4 == 0 && (year % 100 || year % 400 == 0))
		last = 29;
	return take_number(r, 2, 1, last, ret_day);
}

static bool take_offset(struct rest *r, int *ret_minutes)
{
	int hour, minute, sign;

	*ret_minutes = 0;
	if (take(r, "Zz"))
		return true;
	sign = r->len && r->p[0] == '-' ? -1 : 1;
	if (!take(r, "+-") || !take_number(r, 2, 0, 23, &hour) || !take(r, ":") ||
	    !take_number(r, 2, 0, 59, &minute))
		return false;
	*ret_minutes = sign * (hour * 60 + minute);
	return true;
}

/* A leap second can only be the last one of a day in UTC: *ret_leap says how many days after the
 * local one that day is, NO_LEAP that there is none. */
static bool take_time(struct rest *r, int *ret_leap)
{
	int hour, minute, second, offset, utc;

	if (!take_number(r, 2, 0, 23, &hour) || !take(r, ":") ||
	    !take_number(r, 2, 0, 59, &minute) || !take(r, ":") ||
	    !take_number(r, 2, 0, 60, &second))
		return false;
	if (take(r, ".")) {
		if (!take(r, "0123456789"))
			return false;
		while (take(r, "0123456789"))
			continue;
	}
	if (!take_offset(r, &offset))
		return false;
	utc = hour * 60 + minute - offset;
	*ret_leap = second < 60 ? NO_LEAP : utc < 0 ? -1 : utc >= DAY;
	return second < 60 || (utc + DAY) % DAY == DAY - 1;
}

/* RFC 3339 section 5.7: leap seconds stand at the end of June or December, in UTC. */
static bool has_leap(int month, int day, int leap)
{
	if (leap < 0)
		return (month == 7 || month == 1) && day == 1;
	return (month == 6 && day == 30 - leap) || (month == 12 && day == 31 - leap);
}

bool ab_format_date(const char *p, size_t len)
{
	struct rest r = { p, len };
	int month, day;

	return take_date(&r, &month, &day) && !r.len;
}

bool ab_format_time(const char *p, size_t len)
{
	struct rest r = { p, len };
	int leap;

	return take_time(&r, &leap) && !r.len;
}

bool ab_format_date_time(const char *p, size_t len)
{
	struct rest r = { p, len };
	int month, day, leap;

	if (!take_date(&r, &month, &day) || !take(&r, "Tt") || !take_time(&r, &leap) || r.len)
		return false;
	return leap == NO_LEAP || has_leap(month, day, leap);
}

/* 1*DIGIT and one of the units that may still come, each once and without a gap before the next:
 * *units points behind it. */
static bool take_unit(struct rest *r, const char **units)
{
	if (!take(r, "0123456789"))
		return false;
	while (take(r, "0123456789"))
		continue;
	for (const char *u = *units; *u; u++)
		if (r->len && r->p[0] == *u) {
			r->p++;
			r->len--;
			*units = u + 1;
			return true;
		}
	return false;
}

/* Units from large to small; those that follow the first must be the very next ones. */
static bool take_units(struct rest *r, const char *units)
{
	if (!take_unit(r, &units))
		return false;
	while (r->len && ab_format_is_digit(r->p[0])) {
		char next[2] = { *units, '\0' };
		const char *only = next;

		if (!take_unit(r, &only))
			return false;
		units++;
	}
	return true;
}

bool ab_format_duration(const char *p, size_t len)
{
	struct rest r = { p, len };
	const char *weeks = "W";

	if (!take(&r, "P"))
		return false;
	if (r.len && p[len - 1] == 'W')
		return take_unit(&r, &weeks) && !r.len;
	if (r.len && r.p[0] != 'T' && !take_units(&r, "YMD"))
		return false;
	if (take(&r, "T"))
		return take_units(&r, "HMS") && !r.len;
	return len > 1 && !r.len;
}
