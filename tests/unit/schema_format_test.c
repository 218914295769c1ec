/* SPDX-License-Identifier: Apache-2.0 */
/* lib/schema: formats. */
#include "tests/unit/tap.h"

#include "lib/schema/format.h"

struct format_case {
	const char *format, *text;
	bool want;
};

static void run_cases(struct tap *t, const struct format_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct format_case *c = &cases[i];
		unsigned format = ab_format_find(c->format, strlen(c->format));

		tap_ok(t,
		       format && ab_format_check(format, AB_DRAFT_2020_12, c->text,
						 strlen(c->text)) == c->want,
		       "%s %s: %s", c->format, c->want ? "takes" : "refuses", c->text);
	}
}

static void test_times(struct tap *t)
{
	static const struct format_case cases[] = {
		{ "date-time", "1963-06-19T08:30:06.283185Z", true },
		{ "date-time", "1963-06-19t08:30:06z", true },
		{ "date-time", "1998-12-31T23:59:60Z", true },
		{ "date-time", "1998-12-31T15:59:60.123-08:00", true },
		{ "date-time", "1998-12-31T23:58:60Z", false },
		{ "date-time", "1998-12-31T22:59:60Z", false },
		{ "date-time", "1998-06-30T23:59:60Z", true },
		{ "date-time", "1999-01-01T00:59:60+01:00", true },
		{ "date-time", "1999-07-01T08:59:60+09:00", true },
		{ "date-time", "1998-12-30T18:59:60-05:00", false },
		{ "date-time", "1998-12-31T00:59:60+01:00", false },
		{ "date-time", "1998-12-21T23:59:60Z", false },
		{ "date-time", "1998-03-31T23:59:60Z", false },
		{ "date-time", "1990-02-31T15:59:59.123-08:00", false },
		{ "date-time", "1990-12-31T15:59:59-24:00", false },
		{ "date-time", "1963-06-19T08:30:06.28123+01:00Z", false },
		{ "date-time", "06/19/1963 08:30:06 PST", false },
		{ "date-time", "2013-350T01:01:01", false },
		{ "date-time", "1963-6-19T08:30:06.283185Z", false },
		{ "date-time", "1963-06-19T08:30:06", false },
		{ "date-time", "1963-06-1\xe0\xa7\xaaT00:00:00Z", false },
		{ "date-time", "+11963-06-19T08:30:06Z", false },
		{ "date", "2020-02-29", true },
		{ "date", "2100-02-29", false },
		{ "date", "2000-02-29", true },
		{ "date", "2020-04-31", false },
		{ "date", "2020-00-01", false },
		{ "date", "1998-1-20", false },
		{ "date", "20230328", false },
		{ "date", "2023-W01", false },
		{ "date", "2020-11-28T", false },
		{ "time", "08:30:06Z", true },
		{ "time", "23:59:60Z", true },
		{ "time", "01:29:60+01:30", true },
		{ "time", "23:29:60+23:30", true },
		{ "time", "23:59:60+00:30", false },
		{ "time", "08:30:06.Z", false },
		{ "time", "08:30:06 PST", false },
		{ "time", "01:01:01,1111", false },
		{ "time", "12:00:00", false },
		{ "time", "24:00:00Z", false },
		{ "time", "12:00:00+00:60", false },
		{ "time", "8:30:06Z", false },
		{ "duration", "P4DT12H30M5S", true },
		{ "duration", "P4W", true },
		{ "duration", "PT0S", true },
		{ "duration", "P1M", true },
		{ "duration", "P1Y2M3D", true },
		{ "duration", "PT1H30M", true },
		{ "duration", "P1Y2D", false },
		{ "duration", "PT1H1S", false },
		{ "duration", "P2D1Y", false },
		{ "duration", "P", false },
		{ "duration", "P1YT", false },
		{ "duration", "PT", false },
		{ "duration", "PT1D", false },
		{ "duration", "P1D2H", false },
		{ "duration", "P1Y2W", false },
		{ "duration", "P1", false },
		{ "duration", "4DT12H30M5S", false },
		{ "duration", "PT0.5S", false },
		{ "duration", "P2\xe0\xa7\xa8Y", false },
		{ "duration", "", false },
	};

	run_cases(t, cases, AB_ARRAY_SIZE(cases));
}

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void test_hosts(struct tap *t)
{
	static const struct format_case cases[] = {
		{ "ipv4", "192.168.0.1", true },
		{ "ipv4", "256.256.256.256", false },
		{ "ipv4", "127.0.0.0.1", false },
		{ "ipv4", "087.10.0.1", false },
		{ "ipv4", "127.0.1", false },
		{ "ipv4", "1.2.3.4/24", false },
		{ "ipv4", "2130706433", false },
		{ "ipv6", "::1", true },
		{ "ipv6", "::", true },
		{ "ipv6", "::42:ff:1", true },
		{ "ipv6", "d6::", true },
		{ "ipv6", "1:d6::42", true },
		{ "ipv6", "1::d6:192.168.0.1", true },
		{ "ipv6", "::ffff:192.168.0.1", true },
		{ "ipv6", "1000:1000:1000:1000:1000:1000:255.255.255.255", true },
		{ "ipv6", "1:2:3:4:5:6:7:8", true },
		{ "ipv6", "1:2:3:4:5:6:7::", true },
		{ "ipv6", "::2:3:4:5:6:7:8", true },
		{ "ipv6", "1:2:3:4:5:6:7:8:9", false },
		{ "ipv6", "1:2::3:4:5:6:7:8", false },
		{ "ipv6", "12345::", false },
		{ "ipv6", "::abef:zzz", false },
		{ "ipv6", ":2:3:4:5:6:7:8", false },
		{ "ipv6", "1:2:3:4:5:6:7:", false },
		{ "ipv6", "1::2::3", false },
		{ "ipv6", "1:2:3:4:5:6:7:1.2.3.4", false },
		{ "ipv6", "1:2:3:4:1.2.3", false },
		{ "ipv6", "fe80::a%eth1", false },
		{ "ipv6", "::ffff:192.168.0.300", false },
		{ "ipv6", "1:2:3:4:5:::8", false },
		{ "ipv6", ":::", false },
		{ "ipv6", "1:2:3:4:5:6:7", false },
		{ "ipv6", "", false },
		{ "hostname", "www.example.com", true },
		{ "hostname", "1host", true },
		{ "hostname", "a.b.c.d", true },
		{ "hostname", A63 ".com", true },
		{ "hostname", A63 "a.com", false },
		{ "hostname", A63 "." A63 "." A63 "." A63, false },
		{ "hostname", "-a-host-name-that-starts-with--", false },
		{ "hostname", "not_a_valid_host_name", false },
		{ "hostname", "hostname-", false },
		{ "hostname", "example.com.", false },
		{ "hostname", ".example", false },
		{ "hostname", "a..b", false },
		{ "hostname", ".", false },
		{ "hostname", "", false },
		{ "hostname", "xn--4gbwdl.xn--wgbh1c", true },
		{ "hostname", "xn--X", false },
		{ "hostname", "xn--", false },
		{ "hostname", "xn--aa---o47jg78q", false },
		{ "hostname", "xn--ihqwcrb4cv8a8dqg056pqjye", true },
		{ "idn-hostname", "\xec\x8b\xa4\xeb\xa1\x80.\xed\x85\x8c\xec\x8a\xa4\xed\x8a\xb8",
		  true },
		{ "idn-hostname",
		  "a\xe3\x80\x82"
		  "b",
		  true },
		{ "idn-hostname", "\xe3\x80\x82", false },
		{ "idn-hostname", "\xe3\x80\xae\xec\x8b\xa4\xeb\xa1\x80", false },
		{ "idn-hostname", "-> $1.00 <--", false },
		{ "idn-hostname", "XN--aa---o47jg78q", false },
		{ "idn-hostname", "\xe0\xa4\x83hello", false },
		{ "idn-hostname", "\xc3\x9f\xcf\x82\xe0\xbc\x8b\xe3\x80\x87", true },
		{ "idn-hostname", "\xdb\xbd\xdb\xbe", true },
		{ "idn-hostname", "\xd9\x80\xdf\xba", false },
		{ "idn-hostname", "a\xc2\xb7l", false },
		{ "idn-hostname", "l\xc2\xb7l", true },
		{ "idn-hostname", "\xce\xb1\xcd\xb5", false },
		{ "idn-hostname", "\xce\xb1\xcd\xb5\xce\xb2", true },
		{ "idn-hostname", "A\xd7\xb3\xd7\x91", false },
		{ "idn-hostname", "\xd7\x90\xd7\xb3\xd7\x91", true },
		{ "idn-hostname",
		  "def\xe3\x83\xbb"
		  "abc",
		  false },
		{ "idn-hostname", "\xe3\x83\xbb\xe3\x81\x81", true },
		{ "idn-hostname", "\xd8\xa8\xd9\xa0\xdb\xb0", false },
		{ "idn-hostname", "\xd8\xa8\xd9\xa0\xd8\xa8", true },
		{ "idn-hostname", "\xe0\xa4\x95\xe2\x80\x8d\xe0\xa4\xb7", false },
		{ "idn-hostname", "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7", true },
		{ "idn-hostname", "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8c\xe0\xa4\xb7", true },
		{ "idn-hostname", "\xd8\xa8\xd9\x8a\xe2\x80\x8c\xd8\xa8\xd9\x8a", true },
		{ "idn-hostname", "xl--ihq", false },
		{ "idn-hostname", "ab--cd", false },
		/* normalization form C: composed, decomposed, marks out of order, more than one pair */
		{ "idn-hostname", "caf\xc3\xa9", true },
		{ "idn-hostname", "cafe\xcc\x81", false },
		{ "idn-hostname", "q\xcc\xa3\xcc\x87", true },
		{ "idn-hostname", "q\xcc\x87\xcc\xa3", false },
		{ "idn-hostname", "\xc3\xa2\xcc\xa3", false },
		{ "idn-hostname", "\xe1\xba\xad", true },
		{ "idn-hostname", "\xce\xb9\xcc\x88\xcc\x81", false },
		{ "idn-hostname", "\xce\x90", true },
		{ "idn-hostname", "\xe3\x81\x8b\xe3\x82\x99", false },
		{ "idn-hostname", "\xe3\x81\x8c", true },
		{ "idn-hostname", "\xe0\xa6\x95\xe0\xa7\x87\xe0\xa6\xbe", false },
		{ "idn-hostname", "\xe0\xa6\x95\xe0\xa7\x8b", true },
		{ "idn-hostname", "\xd8\xb9\xd9\x8f\xd9\x8c\xd9\x84", false },
		{ "idn-hostname", "\xd8\xb9\xd9\x8c\xd9\x8f\xd9\x84", true },
		{ "hostname", "xn--4gbwxl.example", false },
		{ "hostname", "xn--caf-dma.example", true },
		{ "hostname", "xn--cafe-yvc.example", false },
		/* the Bidi rule is one of the whole name */
		{ "idn-hostname", "a1.\xd7\x90", true },
		{ "idn-hostname", "1a.\xd7\x90", false },
		{ "idn-hostname", "\xd7\x90.1", false },
		{ "idn-hostname", "1.xn--4db", false },
		{ "idn-hostname", "1a.\xc3\xa9", true },
		{ "idn-hostname", "\xd7\x90"
				  "a",
		  false },
		{ "idn-hostname", "example.com.", false },
		{ "idn-hostname", "", false },
		{ "email", "joe.bloggs@example.com", true },
		{ "email", "te~st@example.com", true },
		{ "email", "\"joe bloggs\"@example.com", true },
		{ "email", "\"joe@bloggs\"@example.com", true },
		{ "email", "joe.bloggs@[127.0.0.1]", true },
		{ "email", "joe.bloggs@[IPv6:::1]", true },
		{ "email", "2962", false },
		{ "email", ".test@example.com", false },
		{ "email", "test.@example.com", false },
		{ "email", "te..st@example.com", false },
		{ "email", "joe.bloggs@invalid=domain.com", false },
		{ "email", "joe.bloggs@[127.0.0.300]", false },
		{ "email", "joe@[127.00.0.01]", true },
		{ "email", "joe@[127.0.0.0001]", false },
		{ "email", "joe@[127.0.0]", false },
		{ "email", "joe@[127.0.0.1.]", false },
		{ "email", "joe@[IPv6:1.2.3.4]", false },
		{ "email", "joe@[]", false },
		{ "email", "a@b@c", false },
		{ "email", "\xc3\xa9@example.com", false },
		{ "email", "a@", false },
		{ "email", "@b", false },
		{ "idn-email", "\xec\x8b\xa4\xeb\xa1\x80@\xec\x8b\xa4\xeb\xa1\x80.\xed\x85\x8c",
		  true },
		{ "idn-email", "2962", false },
	};

	run_cases(t, cases, AB_ARRAY_SIZE(cases));
}

static void test_uris(struct tap *t)
{
	static const struct format_case cases[] = {
		{ "uri", "http://foo.bar/?baz=qux#quux", true },
		{ "uri", "http://foo.com/blah_(wikipedia)_blah#cite-1", true },
		{ "uri", "http://-.~_!$&'()*+,;=:%40:80%2f::::::@example.com", true },
		{ "uri", "http://[2001:db8::7]:80/x", true },
		{ "uri", "http://[v1.a:b]/", true },
		{ "uri", "urn:oasis:names:specification:docbook:dtd:xml:4.1.2", true },
		{ "uri", "mailto:John.Doe@example.com", true },
		{ "uri", "tel:+1-816-555-1212", true },
		{ "uri", "file:///etc/passwd", true },
		{ "uri", "//foo.bar/", false },
		{ "uri", "/abc", false },
		{ "uri", "\\\\WINDOWS\\fileshare", false },
		{ "uri", "http:// shouldfail.com", false },
		{ "uri", ":// should fail", false },
		{ "uri", "bar,baz:foo", false },
		{ "uri", "https://[@example.org/test.txt", false },
		{ "uri", "https://example.org/foobar\\.txt", false },
		{ "uri", "https://example.org/foobar<>.txt", false },
		{ "uri", "https://example.org/foobar{}.txt", false },
		{ "uri", "https://example.org/foobar^.txt", false },
		{ "uri", "https://example.org/foo bar", false },
		{ "uri", "https://example.org/%", false },
		{ "uri", "http://example.com:80a/", false },
		{ "uri", "http://a#b#c", false },
		{ "uri", "http://\xc6\x92\xc3\xb8\xc3\xb8.com/", false },
		{ "uri-reference", "abc", true },
		{ "uri-reference", "", true },
		{ "uri-reference", "#fragment", true },
		{ "uri-reference", "./a:b", true },
		{ "uri-reference", "a:b", true },
		{ "uri-reference", "1a:b", false },
		{ "uri-reference", "#frag\\ment", false },
		{ "iri",
		  "http://\xc6\x92\xc3\xb8\xc3\xb8.\xc3\x9f\xc3\xa5r/?\xe2\x88\x82\xc3\xa9#x",
		  true },
		{ "iri", "http://2001:0db8:85a3::7334", false },
		{ "iri", "/\xc3\xa2", false },
		{ "iri", "\\\\WINDOWS", false },
		{ "iri-reference", "\xc3\xa2\xcf\x80", true },
		{ "iri-reference", "#\xc6\x92r\xc3\xa4g\\", false },
		{ "uri-template", "http://example.com/dictionary/{term:1}/{term}", true },
		{ "uri-template", "dictionary/{term:1}/{term", false },
		{ "uri-template", "{+a.b,c*}{?x%41}", true },
		{ "uri-template", "{}", false },
		{ "uri-template", "{a:0}", false },
		{ "uri-template", "{a:10000}", false },
		{ "uri-template", "{a..b}", false },
		{ "uri-template", "it's", true },
		{ "uri-template", "{?a}{&b}{;c}{#d}{/e}{.f}", true },
		{ "uri-template", "{=a}", false },
		{ "uri-template", "{|a}", false },
		{ "uri-template", "{,a}", false },
		{ "uri-template", "a}b", false },
		{ "uri-template", "a b", false },
		{ "uri-template", "%zz", false },
		{ "uri-template", "", true },
	};

	run_cases(t, cases, AB_ARRAY_SIZE(cases));
}

static void test_others(struct tap *t)
{
	static const struct format_case cases[] = {
		{ "uuid", "2EB8AA08-aa98-11ea-b4aa-73b441d16380", true },
		{ "uuid", "2eb8aa08-aa98-11ea-b4aa73b441d16380", false },
		{ "uuid", "2eb8aa08aa98-11ea-b4aa73b441d16380", false },
		{ "uuid", "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380", false },
		{ "uuid", "2eb8aa08-aa98-11ea-b4ga-73b441d16380", false },
		{ "json-pointer", "/foo/bar~0/baz~1/%a", true },
		{ "json-pointer", "", true },
		{ "json-pointer", "/foo//bar", true },
		{ "json-pointer", "/foo/bar~", false },
		{ "json-pointer", "/~2", false },
		{ "json-pointer", "#/a", false },
		{ "json-pointer", "a", false },
		{ "relative-json-pointer", "1", true },
		{ "relative-json-pointer", "0/foo/bar", true },
		{ "relative-json-pointer", "120/foo", true },
		{ "relative-json-pointer", "0#", true },
		{ "relative-json-pointer", "0+1/a", true },
		{ "relative-json-pointer", "/foo/bar", false },
		{ "relative-json-pointer", "-1/foo", false },
		{ "relative-json-pointer", "+1/foo", false },
		{ "relative-json-pointer", "0##", false },
		{ "relative-json-pointer", "01/a", false },
		{ "relative-json-pointer", "01#", false },
		{ "relative-json-pointer", "", false },
		{ "regex", "([abc])+\\s+$", true },
		{ "regex", "^(abc]", false },
		{ "regex", "^\\S(|(.|\\n)*\\S)\\Z", false },
		{ "regex", "\\a", false },
		{ "regex", "(?<=a+)b", true },
	};

	run_cases(t, cases, AB_ARRAY_SIZE(cases));
	tap_ok(t, ab_format_find("unknown", 7) == 0, "an unknown format is none");
}

int main(void)
{
	struct tap t = { 0 };

	test_times(&t);
	test_hosts(&t);
	test_uris(&t);
	test_others(&t);
	return tap_done(&t);
}
