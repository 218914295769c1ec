/* SPDX-License-Identifier: Apache-2.0 */
/* lib/scrub: numbers of persons, dates of birth, spelled numbers, passwords that are told, columns, tokens in pieces. */
#include "tests/unit/tap.h"

#include <stdlib.h>

#include "lib/scrub/match.h"

struct given {
	const char *word, *text, *want; /* want NULL: nothing is found */
};

/* The rule's literal `word` stands in the text; all that may be read is a block of its own, so that a
 * sanitizer sees what is read beside it. */
static char *found_by(ab_scrub_match_fn *match, const struct given *g, char *ret, size_t size)
{
	size_t len = strlen(g->text), word = strlen(g->word), start = 0, end = 0;
	unsigned char *text = malloc(len);
	struct ab_scrub_place p = { .text = text, .hi = len };

	memcpy(text, g->text, len);
	p.at = (size_t)(strstr(g->text, g->word) - g->text);
	p.end = p.at + word;
	*ret = '\0';
	if (match(&p, &start, &end))
		snprintf(ret, size, "%.*s", (int)(end - start), g->text + start);
	free(text);
	return ret;
}

static void check_all(struct tap *t, const char *name, ab_scrub_match_fn *match, const struct given *cases, size_t n)
{
	char found[256];

	for (size_t i = 0; i < n; i++) {
		found_by(match, &cases[i], found, sizeof(found));
		if (!tap_ok(t, strcmp(found, cases[i].want ? cases[i].want : "") == 0, "%s: case %zu: %s %s", name, i,
			    cases[i].want ? "found behind" : "nothing behind", cases[i].word))
			printf("# got:  %s\n", found);
	}
}
#define CHECK(t, match, cases) check_all(t, #match, ab_scrub_match_##match, cases, sizeof(cases) / sizeof(*(cases)))

static void test_named(struct tap *t)
{
	static const struct given cases[] = {
		{ "pesel", "pesel 85051212345", "85051212345" },
		{ "pesel", "pesel: 85051212345 x", "85051212345" },
		{ "pesel", "xpesel 85051212345", NULL },
		{ "pesel", "pesel 12", NULL },
		{ "pesel", "pesel", NULL },
		{ "pesel", "pesel ", NULL },
		{ "pesel", "pesel 2024-01-31", NULL },
		{ "pesel", "pesel 10.0.19041.1234", NULL },
		{ "pesel", "pesel 85051212345_x", NULL },
		{ "pesel", "pesel of her mother 85051212345", "85051212345" },
		{ "nif", "nif of her dear mother 123456789", NULL },
		{ "oib", "oib korisnika 33392005961", "33392005961" },
		{ "nif", "nif of her mother: 123456789", "123456789" },
		{ "hkid", "hkid A123456(7)", "A123456(7)" },
		{ "passport", "passport C4VFNK2G9", "C4VFNK2G9" },
		{ "паспорт", "паспорт 45 08 № 123456", "45 08 № 123456" },
		{ "身份证", "身份证号码11010519491231002X", "11010519491231002X" },
		{ "idcard", "idcard 111111111", NULL },
		{ "idcard", "idcard; 123456789", NULL },
		{ "rif ", "rif J-12345678-9", "J-12345678-9" },
		{ "inn", "inn 123456789012345678901234567890123", NULL },
	};

	CHECK(t, id_named, cases);
}

static void test_checked(struct tap *t)
{
	static const struct given cases[] = {
		{ "510107197205019445", "510107197205019445", "510107197205019445" },
		{ "510107197205019446", "510107197205019446", NULL },
		{ "11010519491231002", "11010519491231002X", "11010519491231002X" },
		{ "11010519491331002", "11010519491331002X", NULL },
		{ "900101-1234568", "900101-1234568", "900101-1234568" },
		{ "901301-1234568", "901301-1234568", NULL },
		{ "756.9217.0769.85", "756.9217.0769.85", "756.9217.0769.85" },
		{ "756.9217.0769.85", "1.756.9217.0769.85", NULL },
		{ "12.345.678", "12.345.678-5", "12.345.678-5" },
		{ "12.345.678", "12.345.678-K", NULL },
		{ "12.345.678", "12.345.678-", NULL },
		{ "184127645108946", "184127645108946", "184127645108946" },
		{ "184127645108947", "184127645108947", NULL },
	};
	static const struct given codes[] = {
		{ "RSSMRA85T10A562S", "RSSMRA85T10A562S", "RSSMRA85T10A562S" },
		{ "RSSMRA85T50A562S", "RSSMRA85T50A562S", "RSSMRA85T50A562S" },
		{ "RSSMRA85T32A562S", "RSSMRA85T32A562S", NULL },
		{ "RSSMRA85T40A562S", "RSSMRA85T40A562S", NULL },
		{ "HEGG560427MVZRRL04", "HEGG560427MVZRRL04", "HEGG560427MVZRRL04" },
		{ "HEGG561327MVZRRL04", "HEGG561327MVZRRL04", NULL },
		{ "MORGA657054SM9IJ", "MORGA657054SM9IJ", "MORGA657054SM9IJ" },
		{ "MORGA637054SM9IJ", "MORGA637054SM9IJ", NULL },
	};

	CHECK(t, person_id, cases);
	CHECK(t, person_code, codes);
}

static void test_birth(struct tap *t)
{
	static const struct given cases[] = {
		{ "dob", "dob 1984-05-12", "1984-05-12" },
		{ "dob", "dob: 12/05/84", "12/05/84" },
		{ "dob", "dob", NULL },
		{ "dob", "dob ", NULL },
		{ "dob", "dob 1984-13-32", NULL },
		{ "dob", "dobson 1984-05-12", NULL },
		{ "dob", "dob 19840512", "19840512" },
		{ "dob", "dob 12 May 1984", "12 May 1984" },
		{ "dob", "dob 12 Bay 1984", NULL },
		{ "geb. am", "geb. am 3. Mai 1984 in", "3. Mai 1984" },
		{ "生年月日", "生年月日:昭和58年4月2日", "昭和58年4月2日" },
		{ "출생", "출생 1984년 5월 12일", "1984년 5월 12일" },
		{ "born", "born in 1984", NULL },
		{ "birthday", "1984-05-12 is her birthday", "1984-05-12" },
		{ "birthday", "out 1984-05-12, birthday", NULL },
		{ "birthday", "1.1984-05-12 is her birthday", NULL },
		{ "born", "born May 12, 1984", "May 12, 1984" },
	};

	CHECK(t, birth, cases);
}

static void test_spoken(struct tap *t)
{
	static const struct given cases[] = {
		{ "four", "one four one five five two six", "one four one five five two six" },
		{ "four", "one four one five five two", NULL },
		{ "four", "one two three four five six seven", NULL },
		{ "four", "fourteen one two one two one two", NULL },
		{ "sept", "zéro six douze trente-sept cinquante-six dix", "zéro six douze trente-sept cinquante-six dix" },
	};

	CHECK(t, spoken, cases);
}

static void test_told(struct tap *t)
{
	static const struct given cases[] = {
		{ "pw is", "pw is Marzipan!4471, ok", "Marzipan!4471" },
		{ "password", "password", NULL },
		{ "password", "password: ", NULL },
		{ "password", "password: required", NULL },
		{ "password", "password: root:Kx92mmVq!7", "Kx92mmVq!7" },
		{ "password", "password for the box is Kx92mmVq!7.", "Kx92mmVq!7" },
		{ "password", "use Kx92mmVq!7 as the password", "Kx92mmVq!7" },
		{ "password", "my_password Kx92mmVq!7", NULL },
		{ "password", "password to bob1@corp.com", NULL },
		{ "password", "password $(cat x1y2)", NULL },
		{ "password", "password 12345678", NULL },
		{ "密码", "密码是Kx92mmVq!7", "Kx92mmVq!7" },
	};
	static const struct given values[] = {
		{ "V06Zb46GuNQpY9imNaQ2", "V06Zb46GuNQpY9imNaQ2 is our API key", "V06Zb46GuNQpY9imNaQ2" },
		{ "AFP9cpLrr6mRfeqlSpys72QS", "s.AFP9cpLrr6mRfeqlSpys72QS vault token", "s.AFP9cpLrr6mRfeqlSpys72QS" },
		{ "AFP9cpLrr6mRfeqlSpys72QS", ".AFP9cpLrr6mRfeqlSpys72QS vault token", NULL },
		{ "V06Zb46GuNQpY9imNaQ2", "V06Zb46GuNQpY9imNaQ2 is our cat", NULL },
		{ "V06Zb46GuNQpY9imNaQ2", "V06Zb46GuNQpY9imNaQ2", NULL },
	};

	CHECK(t, told, cases);
	CHECK(t, value_word, values);
}

static void test_column(struct tap *t)
{
	static const struct given cases[] = {
		{ "password", "user,password\nanna,Kp82!zLm", "Kp82!zLm" },
		{ "password", "user;password;x\nanna;\"Kp82;zLm1\";2", "Kp82;zLm1" },
		{ "password", "password,user\nKp82!zLm,anna", "Kp82!zLm" },
		{ "password", "| u | password |\n|---|---|\n| a | Kp82!zLm |", "Kp82!zLm" },
		{ "password", "user,password\nanna", NULL },
		{ "password", "user,password", NULL },
		{ "password", "user,password\n", NULL },
		{ "password", "user,password,\nanna,Kp82!zLm,", NULL },
		{ "password", "f(user, password)\ng(anna, Kp82!zLm)", NULL },
		{ "password", "INSERT INTO t (a, password) VALUES ('x', 'Kp82!zLm')", "Kp82!zLm" },
		{ "password", "INSERT INTO t (a, password) VALUES", NULL },
		{ "password", "INSERT INTO t (a, password", NULL },
	};

	CHECK(t, column, cases);
}

static void test_wrapped(struct tap *t)
{
	static const struct given cases[] = {
		{ "sk_live_", "sk_live_\nVZMnkbpORgaHYnwuB92BnZfj", "sk_live_\nVZMnkbpORgaHYnwuB92BnZfj" },
		{ "AKIA", "AKIA Q7ZK 4MX2 LTVR 6WPN", "AKIA Q7ZK 4MX2 LTVR 6WPN" },
		{ "AKIA", "AKIA Q7ZK 4MX2 LTVR", NULL },
		{ "AKIA", "AKIAQ7ZK4MX2LTVR6WPN", NULL },
		{ "AKIA", "AKIA is the prefix of a key", NULL },
		{ "AKIA", "AKIA sizes, 128 and 192 b1t", NULL },
		{ "AKIA", "AKIA", NULL },
		{ "AKIA", "AKIA ", NULL },
	};

	CHECK(t, wrapped, cases);
}

static void test_random(struct tap *t)
{
	static const char *const yes[] = { "V06Zb46GuNQpY9imNaQ2", "9f86d081884c7d659a2feaa0c55ad015",
					   "z7dy4jlcrbfn5gcij5a2c4rk7hdbki6hujlsdv5pcezmu2juvscj" };
	static const char *const no[] = { "CancellationTokenSource2", "Ed25519PrivateKeyBytes", "internationalization",
					  "12345678901234567890", "" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		tap_ok(t, ab_scrub_check_random(NULL, (const unsigned char *)yes[i], strlen(yes[i])), "random: %s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		tap_ok(t, !ab_scrub_check_random(NULL, (const unsigned char *)no[i], strlen(no[i])), "no chance: %s", no[i]);
}

int main(void)
{
	struct tap t = { 0 };

	test_named(&t);
	test_checked(&t);
	test_birth(&t);
	test_spoken(&t);
	test_told(&t);
	test_column(&t);
	test_wrapped(&t);
	test_random(&t);
	return tap_done(&t);
}
