/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telephone numbers as people write them: those whose shape says so (E.164, North America), and
 * those that a word before them says are one, in the languages that most people write.
 */
#include <ctype.h>
#include <string.h>

#include "lib/scrub/digits.h"
#include "lib/scrub/match.h"
#include "lib/scrub/wordlist.h"

#define DIGITS_MAX 15 /* of E.164 */
#define WORDS	   5  /* between a number and the word that names it, at most */

static void read_groups(const struct ab_scrub_place *p, size_t at, struct ab_digits *g)
{
	ab_digits_read(p, at, " -./()", DIGITS_MAX, g);
}

/* Whether what stands behind the number makes it a part of something else: a word, but no
 * extension. */
static bool goes_on(const struct ab_scrub_place *p, size_t end)
{
	unsigned char next = end < p->hi ? p->text[end] : ' ';

	if (next == 'x' && end + 1 < p->hi && isdigit(p->text[end + 1]))
		return false;
	return isalnum(next) || next == '_' || next == '%';
}

static unsigned changes_of(const struct ab_digits *g)
{
	unsigned n = 0;

	for (size_t i = 1; i < g->total; i++)
		n += g->digits[i] != g->digits[i - 1];
	return n;
}

/* Area, exchange and number of North America from group `from` on, with one sign between them. */
static bool is_american(const struct ab_digits *g, size_t from)
{
	size_t at = from ? g->len[0] : 0;

	return g->n >= from + 3 && g->len[from] == 3 && g->len[from + 1] == 3 &&
	       g->len[from + 2] == 4 && g->digits[at] >= '2' && g->digits[at + 3] >= '2' &&
	       g->sign[from] == g->sign[from + 1] && g->sign[from] != '/' &&
	       (!from || g->sign[0] == g->sign[1] || g->sign[1] == '-');
}

/* How many digits those have who live behind an international prefix; true where nobody knows. */
static bool has_length(const char *digits, size_t n)
{
	static const struct {
		char code[3];
		unsigned char least, most;
	} plans[] = {
		{ "1", 10, 10 },  { "7", 10, 10 },  { "20", 9, 10 },  { "27", 9, 9 },
		{ "30", 10, 10 }, { "31", 9, 9 },   { "32", 8, 9 },   { "33", 9, 9 },
		{ "34", 9, 9 },	  { "36", 8, 9 },   { "39", 8, 11 },  { "40", 9, 9 },
		{ "41", 9, 9 },	  { "43", 7, 12 },  { "44", 9, 10 },  { "45", 8, 8 },
		{ "46", 7, 9 },	  { "47", 8, 8 },   { "48", 9, 9 },   { "49", 7, 12 },
		{ "52", 10, 10 }, { "55", 10, 11 }, { "57", 10, 10 }, { "61", 9, 9 },
		{ "62", 8, 12 },  { "65", 8, 8 },   { "81", 9, 10 },  { "82", 8, 10 },
		{ "86", 10, 11 }, { "90", 10, 10 }, { "91", 10, 10 }, { "92", 9, 10 },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(plans); i++) {
		size_t code = strlen(plans[i].code);

		/* "(0)" may stand behind the code. */
		if (memcmp(digits, plans[i].code, code) == 0)
			return n >= code + plans[i].least && n <= code + plans[i].most + 1u;
	}
	return n >= 9 && n <= 13;
}

/* Groups of two, as bytes are dumped: 00 33 06 12 34. */
static bool is_dump(const struct ab_digits *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->len[i] != 2 || g->sign[i] != ' ')
			return i + 1 >= g->n && g->len[i] == 2;
	return true;
}

/* Whether the first group ends within the code of a country, of three digits where it begins so. */
static bool cuts_code(const struct ab_digits *g, size_t prefix)
{
	const char code[] = { ' ', g->digits[prefix], g->digits[prefix + 1], ' ', 0 };

	return g->len[0] == prefix + 2 &&
	       strstr(" 21 22 23 24 25 26 28 29 35 37 38 42 50 59 67 68 69 80 83 85 87 88 89 96 97 99 ", code);
}

/* A number that begins with 00 or 011, and the country behind it. */
static bool is_dialled(const struct ab_digits *g)
{
	size_t prefix = memcmp(g->digits, "011", 3) == 0 ? 3 : 2;

	if (memcmp(g->digits, "00", 2) != 0 && (prefix != 3 || g->len[0] != 3))
		return false;
	return g->n > 1 && g->len[0] > 1 && g->total > prefix + 8 && g->digits[prefix] > '0' &&
	       !is_dump(g) && !cuts_code(g, prefix) && has_length(g->digits + prefix, g->total - prefix);
}

static bool is_date(const struct ab_digits *g)
{
	bool year = memcmp(g->digits, "19", 2) == 0 || memcmp(g->digits, "20", 2) == 0;

	if (g->n == 1)
		return year && g->total == 8;
	if (g->n == 2 && year && g->len[0] == 4 && g->len[1] == 4)
		return memcmp(g->digits + 4, "19", 2) == 0 || memcmp(g->digits + 4, "20", 2) == 0;
	if (g->n < 3)
		return false;
	return (g->len[0] == 4 && g->len[1] <= 2 && g->len[2] <= 2 && year) ||
	       (g->len[0] <= 2 && g->len[1] <= 2 && g->len[2] == 4);
}

/* 1.5, or four numbers below 256 and what may stand behind them. */
static bool is_decimal(const struct ab_digits *g)
{
	const char *digits = g->digits;

	for (size_t i = 0; i + 1 < g->n && i < 3; i++)
		if (g->sign[i] != '.' || g->width[i] > 1)
			return false;
	if (g->n < 4)
		return g->n == 2 && (g->len[0] < 3 || g->len[1] > 7);
	for (size_t i = 0; i < 4; digits += g->len[i++])
		if (g->len[i] > 3 || (g->len[i] == 3 && memcmp(digits, "255", 3) > 0) ||
		    (g->len[i] > 1 && digits[0] == '0'))
			return false;
	return true;
}

/* SHORT: "m:" and the like, which stand for much else. */
enum word { OTHER, FILLER, SHORT, WEAK, STRONG };

/* Whether one of the parts stands in the word where a part of it begins: homePhone, home_phone. */
static bool has_part(const unsigned char *word, const char *lower, size_t len)
{
	static const char *const parts[] = { "phone",  "telef",	   "telep",  "mobil", "cellp",
					     "cellul", "celul",	   "handy",  "whats", "msisdn",
					     "puhel",  "matkapuh", "komork", "thoai", "rufnum",
					     "telem",  "smartph",  "mobie",  "movil", "tfono" };

	for (size_t k = 0; k < AB_ARRAY_SIZE(parts); k++) {
		size_t n = strlen(parts[k]);

		for (size_t i = 0; i + n <= len; i++)
			if (memcmp(lower + i, parts[k], n) == 0 &&
			    (!i || !islower(word[i - 1]) || isupper(word[i])))
				return true;
	}
	return false;
}

/* Words of other scripts, which stand in longer ones. */
static enum word foreign_word(const unsigned char *word, size_t len)
{
	static const char *const strong[] = {
		"тел",	  "моб",    "сотов", "звон", "τηλ",  "κινητ",  "טלפון", "נייד", "פלאפון",
		"טל",	  "هاتف",   "جوال",  "تلف",  "تليف", "موبايل", "موبا",	"واتس", "تماس",
		"همراه",  "فون",    "फ़ोन",   "फोन",  "मोबा", "दूरभाष",  "ফোন",	"মোবা", "电话",
		"電話",	  "手机",   "手機",  "致电", "致電", "来电",   "携帯",	"전화", "휴대",
		"핸드폰", "연락처", "โทร",   "เบอร์", "มือถือ", "ტელ",    "հեռ"
	};
	static const char *const weak[] = { "رقم",  "شماره", "اتصل", "نمبر", "номер", "联系",
					    "聯絡", "聯繫",  "連絡", "संपर्क", "号码",  "番号",
					    "☎",    "📞",     "📱",    "☏" };

	for (size_t k = 0; k < AB_ARRAY_SIZE(strong); k++)
		if (memmem(word, len, strong[k], strlen(strong[k])))
			return STRONG;
	for (size_t k = 0; k < AB_ARRAY_SIZE(weak); k++)
		if (memmem(word, len, weak[k], strlen(weak[k])))
			return WEAK;
	for (size_t i = 0; i < len; i++)
		if (word[i] < 0x80)
			return OTHER;
	return FILLER; /* a dash, a bracket, "number" */
}

static enum word kind_of(const unsigned char *word, size_t len)
{
	static const char strong[] =
		" contactno contact_no contactnumber contact_number mob_no ph_no tel tels cell cel fax gsm mob tlf tlfn telf tfn tfno tfnr puh ph fon "
		"fono fone ruf telp telm sdt cep natel simu sms viber imessage tele mobi ";
	static const char weak[] =
		" call text ring dial bel contact reach cp kom port portable "
		"fixe festnetz durchwahl landline numero numer recapito contacto joignable "
		"erreichbar appelez chiamami llamame llama ligue dong dt dzwon ringen callback "
		"voicemail caller m-pesa 06-nummer my dialled dialed calling rang nummer "
		"callme lig ";
	static const char filler[] =
		" no nr number num numbers n is was ist est es e at on to me us him her them "
		"the a le la al au op til an unter under id mich mij mig bitte home work office "
		"private "
		"business direct primary secondary emergency default value name type string "
		"content personal numarasi cislo nomor kontaktu contatto field ao em as for "
		"or and und et y o ou of de do da del pod pa mine x ";
	char lower[40];

	if (len >= sizeof(lower))
		return OTHER;
	for (size_t i = 0; i < len; i++) {
		if (word[i] >= 0x80)
			return foreign_word(word, len);
		lower[i] = (char)tolower(word[i]);
	}
	while (len && isdigit(word[len - 1]))
		len--;
	if (!len)
		return OTHER;
	if (ab_wordlist_has(strong, lower, len) || has_part(word, lower, len))
		return STRONG;
	if (ab_wordlist_has(filler, lower, len))
		return FILLER;
	/* home_tel, Tel-Nr */
	for (size_t i = 1; i + 1 < len; i++)
		if ((lower[i] == '_' || lower[i] == '-') &&
		    (ab_wordlist_has(strong, lower, i) || ab_wordlist_has(strong, lower + i + 1, len - i - 1)))
			return STRONG;
	if (ab_wordlist_has(" c m t p w h d hp wa line ", lower, len))
		return SHORT;
	return ab_wordlist_has(weak, lower, len) ? WEAK : OTHER;
}

/* The word that says what the number at `at` is: the first before it that is no filler. */
static enum word word_before(const struct ab_scrub_place *p, size_t at)
{
	for (size_t words = 0; words < WORDS; words++) {
		size_t end = at, begin, n = 0;
		enum word kind;

		while (end > p->lo && n < 10 && p->text[end - 1] < 0x80 &&
		       !isalnum(p->text[end - 1]) && !strchr(";}!", p->text[end - 1]))
			end--, n++;
		for (begin = end; begin > p->lo && end - begin < 40 &&
				  (isalnum(p->text[begin - 1]) || p->text[begin - 1] >= 0x80 ||
				   p->text[begin - 1] == '_' || p->text[begin - 1] == '-');)
			begin--;
		if (begin == end)
			return OTHER;
		kind = kind_of(p->text + begin, end - begin);
		if (kind == SHORT && p->text[end] == ':')
			return WEAK;
		/* {"text": "..."}, whose key stands before its value as "text=". */
		if (kind == WEAK && strchr("=\"", p->text[end]) && end - begin == 4)
			return OTHER;
		if (kind != FILLER)
			return kind;
		at = begin;
	}
	return OTHER;
}

/* What a number has to be that a word names. */
static bool is_plausible(const struct ab_digits *g, enum word word)
{
	size_t longest = 0;

	for (size_t i = 0; i < g->n; i++)
		longest = g->len[i] > longest ? g->len[i] : longest;
	if (g->total < 7 || changes_of(g) < 3 || is_date(g) || is_decimal(g))
		return false;
	if (word == SHORT && (g->total < 10 || g->digits[0] != '0'))
		return false;
	if (word < STRONG)
		return g->total >= 8 && g->total <= 13 && (g->n > 1 || g->total > 8) &&
		       (g->n > 1 ? longest < 9 : g->digits[0] == '0' || g->digits[0] >= '6') &&
		       !(g->n == 1 && g->total > 11);
	if (g->n == 1)
		return g->total >= 8 && g->total <= 13;
	return g->total > 7 || (g->n == 2 && g->len[0] == 3 && g->sign[0] != '/');
}

/* "0612345678 (portable)": a word behind it, with which the phrase ends. */
static bool is_named_behind(const struct ab_scrub_place *p, size_t at)
{
	size_t from = at, end;

	while (from < p->hi && from - at < 3 && p->text[from] && strchr(" (-/,[", p->text[from]))
		from++;
	for (end = from; end < p->hi && end - from < 30 && (isalpha(p->text[end]) || p->text[end] >= 0x80);)
		end++;
	if (from == at || end == from || kind_of(p->text + from, end - from) != STRONG)
		return false;
	while (end < p->hi && p->text[end] == ' ')
		end++;
	return end == p->hi || (p->text[end] < 0x80 && !isalnum(p->text[end]) && p->text[end] != '_');
}

/* A number that a word names begins at `at`. */
static bool match_named(const struct ab_scrub_place *p, size_t at, size_t *start, size_t *end)
{
	struct ab_digits g;
	enum word word;

	read_groups(p, at, &g);
	if (g.total < 7 || goes_on(p, g.ends[g.n - 1]))
		return false;
	if (at > p->lo && p->text[at - 1] == '(')
		at--;
	/* Few numbers are worth to look for a word. */
	if (!is_plausible(&g, STRONG))
		return false;
	word = word_before(p, at);
	if ((word < SHORT || !is_plausible(&g, word)) && !(g.total > 8 && is_named_behind(p, g.ends[g.n - 1])))
		return false;
	*start = at;
	*end = g.ends[g.n - 1];
	return true;
}

/* What may follow a plus as well: a fraction, or the largest number of 31 bits. */
static bool is_amount(const struct ab_scrub_place *p, const struct ab_digits *g)
{
	size_t end = g->ends[g->n - 1];

	if (g->n == 1 && g->total == 10 && memcmp(g->digits, "2147483647", 10) == 0)
		return true;
	return p->hi - end > 1 && isdigit(p->text[end + 1]) &&
	       (p->text[end] == ',' || (p->text[end] == '.' && g->total == DIGITS_MAX));
}

/* "took 548 712 5467 cycles": what numbers with blanks between are of stands behind them. */
static bool is_count(const struct ab_scrub_place *p, const struct ab_digits *g)
{
	size_t end = g->ends[2];

	return g->sign[0] == ' ' && p->hi - end > 2 && p->text[end] == ' ' && islower(p->text[end + 1]) && islower(p->text[end + 2]);
}

/* (212) 555-0100, 212-555-0100, 1 212 ...: how many groups of it are the number, 0: none is. */
static size_t american(const struct ab_scrub_place *p, const struct ab_digits *g, bool bracket)
{
	size_t from = (g->len[0] == 1 && g->digits[0] == '1') ||
		      (g->len[0] == 3 && memcmp(g->digits, "001", 3) == 0);

	if (bracket && g->sign[0] == ')' && g->len[0] == 3 && g->digits[0] >= '2') {
		if (g->n >= 3 && g->len[1] == 3 && g->len[2] == 4)
			return 3;
		return g->n >= 2 && g->len[1] == 7 ? 2 : 0;
	}
	if (g->n >= from + 3 && from && g->sign[0] == '(')
		return g->len[1] == 3 && g->len[2] == 3 && g->n > 3 && g->len[3] == 4 ? 4 : 0;
	if (!is_american(g, from) || (!from && is_count(p, g)))
		return 0;
	/* One of a list of numbers, or more than one number. */
	if ((g->n > from + 3 && g->sign[from + 2] == g->sign[from] &&
	     g->width[from + 2] == g->width[from]) ||
	    ab_digits_follow(p, p->at, g))
		return 0;
	return from + 3;
}

bool ab_scrub_match_phone(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	struct ab_digits g;
	unsigned char before = p->at > p->lo ? p->text[p->at - 1] : ' ';
	size_t from = p->at, n;
	bool bracket = before == '(';

	read_groups(p, p->at, &g);
	if (!g.n)
		return false;
	*end = g.ends[g.n - 1];
	/* "+49", "(+49)", "+ 49" */
	from -= before == ' ' && g.n > 2 && p->at > p->lo + 1 && p->text[p->at - 2] == '+';
	if (from > p->lo && p->text[from - 1] == '+' && p->text[p->at] != '0') {
		*start = from - 1;
		return g.total >= 9 && !goes_on(p, *end) && !is_amount(p, &g) &&
		       (*start == p->lo || !(isalnum(p->text[*start - 1]) || p->text[*start - 1] == '+'));
	}
	*start = p->at - bracket;
	if (isalnum(before) || (before && strchr("._-/$#%", before)))
		return match_named(p, p->at, start, end);
	n = american(p, &g, bracket);
	if (n && before != ':' && before != '=' && !goes_on(p, g.ends[n - 1])) {
		*end = g.ends[n - 1];
		return true;
	}
	if (!(before && strchr(":=", before)) && is_dialled(&g) && !goes_on(p, *end))
		return true;
	return match_named(p, p->at, start, end);
}

/* The anchor is a word that names a number, which stands behind it. */
bool ab_scrub_match_phone_named(const struct ab_scrub_place *p, size_t *start, size_t *end)
{
	size_t at = p->end, hi = p->hi - p->end > 40 ? p->end + 40 : p->hi;

	while (at < hi && (!isdigit(p->text[at]) || isalpha(p->text[at - 1])))
		at++;
	return at < hi && match_named(p, at, start, end);
}
