/* SPDX-License-Identifier: Apache-2.0 */
/* A date of birth behind a word that says so, in the orders, calendars and languages it is written in. */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/match.h"
#include "lib/scrub/wordlist.h"

#define REACH  44 /* bytes between the word and its date, at most */
#define PIECES 6

/* What a date is made of: numbers, and a word that may be a month or an era. */
struct pieces {
	size_t n, numbers, words;
	size_t len[PIECES], end[PIECES], at[PIECES]; /* of each piece */
	unsigned value[PIECES];			     /* of a number */
	bool word[PIECES];
};

/* The first letters of months in the languages of Latin letters. */
static bool is_month(const unsigned char *word, size_t len)
{
	static const char months[] =
		" jan feb mar apr mai may maj jun jul aug sep oct okt nov dec dez ene abr ago dic fev fév avr "
		"jui aou aoû dé dec déc gen mag giu lug set ott out fev mär mrz sty lut kwi cze lip sie wrz paz paź lis gru "
		"led úno uno bře bre dub kvě kve čer cer srp zář zar říj rij pro tam hel maa huh tou kes hei elo syy "
		"lok mar jou oca şub sub nis haz tem ağu agu eyl eki kas ara ian iun iul noi mei agu agt okt des ";
	char lower[8];
	size_t n = 0;

	/* Letters of three: months of other scripts have letters of their own. */
	if (len && word[0] >= 0xc6)
		return len >= 4 && len <= 30;
	for (size_t i = 0, letters = 0; i < len && letters < 3 && n < sizeof(lower) - 1; i++) {
		lower[n++] = (char)(word[i] < 0x80 ? tolower(word[i]) : word[i]);
		letters += (word[i] & 0xc0) != 0x80;
		if (letters == 3 && i + 1 < len && (word[i + 1] & 0xc0) == 0x80)
			lower[n++] = (char)word[i + 1];
	}
	return len >= 3 && ab_wordlist_has(months, lower, n);
}

static bool is_link(const unsigned char *word, size_t len)
{
	static const char links[] = " de del of den d the th st nd rd er y il le ";
	char lower[8];

	if (len >= sizeof(lower))
		return false;
	for (size_t i = 0; i < len; i++)
		lower[i] = (char)tolower(word[i]);
	return ab_wordlist_has(links, lower, len);
}

static bool is_sign(const struct ab_scrub_place *p, size_t at)
{
	return p->text[at] && strchr(" -/.,:'", p->text[at]);
}

/* Eras of Japan and of Taiwan, by a sign or a letter. */
static bool is_era(const unsigned char *word, size_t len)
{
	static const char *const eras[] = { "昭和", "平成", "令和", "大正", "明治", "民國", "民国", "西暦" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(eras); i++)
		if (len == strlen(eras[i]) && memcmp(word, eras[i], len) == 0)
			return true;
	return len == 1 && strchr("STHRMsthrm", word[0]);
}

/* 年 and 月, and their like: a unit behind a number. */
static bool is_unit(const unsigned char *word, size_t len)
{
	static const char *const units[] = { "年", "月", "日", "년", "월", "일", "號", "号" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(units); i++)
		if (len >= 3 && memcmp(word, units[i], 3) == 0)
			return true;
	return false;
}

/* Reads pieces with up to three signs between them, as long as they may be of one date. */
static void read_pieces(const struct ab_scrub_place *p, size_t at, struct pieces *d)
{
	*d = (struct pieces){ 0 };
	while (d->n < PIECES && d->numbers < 3 && at < p->hi) {
		size_t end = at, signs = 0;
		bool number = isdigit(p->text[at]) != 0;
		unsigned value = 0;

		while (end < p->hi && end - at < 32 &&
		       (number ? isdigit(p->text[end]) : isalpha(p->text[end]) || p->text[end] >= 0x80)) {
			if (number && end - at < 8)
				value = value * 10 + (unsigned)(p->text[end] - '0');
			end++;
		}
		if (end == at)
			return;
		if (!number && d->n && (is_link(p->text + at, end - at) || is_unit(p->text + at, end - at))) {
			d->end[d->n - 1] = end;
		} else {
			if (!number && !is_month(p->text + at, end - at) && !is_era(p->text + at, end - at))
				return;
			d->len[d->n] = end - at;
			d->value[d->n] = value;
			d->word[d->n] = !number;
			d->numbers += number;
			d->words += !number;
			d->at[d->n] = at;
			if (d->numbers == 3 && p->hi - end >= 3 && is_unit(p->text + end, 3))
				end += 3;
			d->end[d->n++] = end;
		}
		for (at = end; at < p->hi && signs < 3 && is_sign(p, at); signs++)
			at++;
	}
}

static bool is_year(const struct pieces *d, size_t i)
{
	return d->len[i] == 4 && ((d->value[i] >= 1880 && d->value[i] <= 2035) ||
				  (d->value[i] >= 1270 && d->value[i] <= 1460) || /* Iran, Islam */
				  (d->value[i] >= 2420 && d->value[i] <= 2580)); /* Thailand */
}

static bool is_part(const struct pieces *d, size_t i, unsigned most)
{
	return d->len[i] <= 2 && d->value[i] >= 1 && d->value[i] <= most;
}

/* Three numbers: year first or last, or two digits of it. */
static bool is_numeric(const struct pieces *d)
{
	if (is_year(d, 0))
		return is_part(d, 1, 31) && is_part(d, 2, 31) && (d->value[1] < 13 || d->value[2] < 13);
	return is_part(d, 0, 31) && is_part(d, 1, 31) && (d->value[0] < 13 || d->value[1] < 13) &&
	       (is_year(d, 2) || d->len[2] == 2);
}

/* How many pieces, from the first on, are a date; 0: none are. */
static size_t date_of(const struct ab_scrub_place *p, const struct pieces *d)
{
	if (d->n && !d->word[0] && d->len[0] == 8) { /* 19840512 */
		unsigned v = d->value[0];

		return v / 10000 >= 1880 && v / 10000 <= 2035 && v / 100 % 100 >= 1 && v / 100 % 100 <= 12 &&
				       v % 100 >= 1 && v % 100 <= 31;
	}
	if (d->n < 3)
		return 0;
	if (!d->words)
		return is_numeric(d) ? 3 : 0;
	if (d->word[0] && is_era(p->text + d->at[0], d->len[0]) && d->n > 3)
		return is_part(d, 1, 99) || is_year(d, 1) ? (is_part(d, 2, 12) && is_part(d, 3, 31) ? 4 : 0) : 0;
	/* 12 May 1984, May 12 1984, 1984 May 12 */
	if (d->word[1] && !d->word[0] && !d->word[2])
		return (is_part(d, 0, 31) && (is_year(d, 2) || d->len[2] == 2)) ||
				       (is_year(d, 0) && is_part(d, 2, 31)) ? 3 : 0;
	return d->word[0] && !d->word[1] && !d->word[2] && is_part(d, 1, 31) && is_year(d, 2) ? 3 : 0;
}

/* "1984-05-12 is her birthday", "12 May 1984 (date of birth)": nothing but small words between. */
static bool stands_before(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t from = p->at - p->lo > REACH ? p->at - REACH : p->lo;

	for (size_t at = from; at + 8 < p->at; at++) {
		struct pieces d;
		size_t n, gap;

		if (!isdigit(p->text[at]) || (at > p->lo && (isalnum(p->text[at - 1]) || is_sign(p, at - 1)) &&
					      p->text[at - 1] != ' '))
			continue;
		read_pieces(p, at, &d);
		n = date_of(p, &d);
		if (!n || d.end[n - 1] >= p->at || p->at - d.end[n - 1] > 16)
			continue;
		for (gap = d.end[n - 1]; gap < p->at && (isalpha(p->text[gap]) || strchr(" (", p->text[gap])); gap++)
			;
		if (gap < p->at || isalpha(p->text[p->at - 1]))
			continue;
		*start = at;
		*end = d.end[n - 1];
		return true;
	}
	return false;
}

/* The anchor is the word. */
bool ab_scrub_match_birth(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t at = p->end, hi = p->hi - at > REACH ? at + REACH : p->hi, lines = 0;
	unsigned char before = p->at > p->lo ? p->text[p->at - 1] : ' ', first = p->text[p->at];
	bool wordy = true;

	if (first < 0xe0 && (isalnum(before) || (first >= 0x80 && before >= 0x80)) &&
	    !(islower(before) && isupper(first)))
		return false;
	/* "dob", but no "Dobson". */
	if (p->end - p->at < 5 && isalpha(p->text[p->end - 1]) && at < hi && islower(p->text[at]))
		return false;
	for (; at < hi; at++) {
		struct pieces d;
		size_t n;

		if (strchr(";{}!?", p->text[at]) && p->text[at])
			break;
		/* The line below the heading of a table has no words. */
		lines += p->text[at] == '\n' && wordy;
		wordy = p->text[at] == '\n' ? false : wordy || isalnum(p->text[at]);
		if (lines > 1)
			break;
		/* At the first letter of a word, of a number, or of a character behind another. */
		if (!isalnum(p->text[at]) && p->text[at] < 0xc0)
			continue;
		if (at > p->end && p->text[at] < 0x80 && isalnum(p->text[at - 1]) &&
		    !(isdigit(p->text[at]) && !isdigit(p->text[at - 1])))
			continue;
		read_pieces(p, at, &d);
		n = date_of(p, &d);
		if (n && !(d.end[n - 1] < p->hi && (isdigit(p->text[d.end[n - 1]]) || p->text[d.end[n - 1]] == '_'))) {
			*start = at;
			*end = d.end[n - 1];
			return true;
		}
		/* Only one number may be passed over, such as a clause's. */
		if (isdigit(p->text[at]) && ++lines > 1)
			break;
	}
	return isalpha(p->text[p->end - 1]) && stands_before(p, start, end);
}
