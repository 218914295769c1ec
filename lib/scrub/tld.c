/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/domain.h"

#include <string.h>

#include "lib/scrub/wordlist.h"

/* Top-level domains that are words: a name below one is a host where nobody would write it as
 * `object.member`. */
bool ab_tld_is_word(const char *tld)
{
	static const char words[] =
		" network systems photography solutions technology software academy "
		"education care clinic law legal city london berlin paris nyc tokyo "
		"moscow africa asia lat social studio media games finance capital bank "
		"insure community travel museum guide land pics photos gallery ventures "
		"partners consulting engineering energy estate expert fitness foundation "
		"gifts holdings institute kitchen mortgage productions pub rentals repair "
		"restaurant school supply town toys university vision wtf yoga church "
		"pizza coffee garden enterprises delivery dental doctor construction "
		"democrat flights florist football furniture haus hockey hospital immo "
		"industries jewelry lawyer lease lighting gmbh maison miami plumbing "
		"quest recipes rehab reisen rip salon sarl schule soccer solar tattoo "
		"taxi tennis theater tienda tours vegas viajes vodka voyage wedding bzh "
		"eus gal scot swiss tirol wien hamburg koeln bayern amsterdam brussels "
		"istanbul capetown boston sydney melbourne quebec okinawa kyoto osaka "
		"ninja rocks guru land services center company support market team works ";

	return ab_wordlist_has(words, tld, strlen(tld));
}

bool ab_tld_is_sure(const char *tld)
{
	static const char sure[] =
		" com net org edu gov mil int biz ru cn de uk fr nl br jp kr eu "
		"ua ir xyz top online site website club shop store icu vip "
		"click link live space tech fun host press work buzz tk ml ga cf "
		"gq onion monster cloud digital agency download stream loan win "
		"bid trade party review science men date racing accountant "
		"onl wiki email blog news ";

	return ab_wordlist_has(sure, tld, strlen(tld));
}

/*
 * Top-level domains that are taken for one in a name without a scheme. Left out: what file names
 * and code end in (py sh rs md pl cc so ps io in id is it me my name info app dev zip mov ...);
 * those of the second list count where a path follows, "bit.ly/x".
 */
bool ab_tld_is_known(const char *tld, bool path)
{
	static const char with_path[] =
		" io co me ly gg to app dev ai gl sh cc tv ws la in us ca "
		"au se no fi dk pl cz at ch be es it pt gr tr il za mx ar "
		"cl pe id my sg hk tw th vn ph nz ie ro hu bg sk su kz by "
		"info name pro page mobi tel im pw fm st vc do is li lt lv "
		"ee zip mov lol bot chat tools run art zone cyou cfd sbs gd ms ";
	static const char small[] =
		" eg ae ke lu ng sa pm ac gy sx tf wf re yt nu cx ag sc mn am az ge md "
		"uz lk np pk bd qa kw bh jo lb ma tn dz gh ug tz cm ci sn et mu mg zw ec "
		"bo py uy cr gt hn sv ni pa cu ht jm tt bb fo gp aero cat coop jobs post "
		"fyi cards coach band beer best bike blue boutique build builders camera "
		"camp casa cheap cloud earth eco feedback fish fit foo gay green hair "
		"horse how ing love luxe meme mom nexus observer one ong organic pet phd "
		"ink plus pink poker prof realty rest rodeo select show sucks today vin wiki ";

	return ab_tld_is_sure(tld) || ab_tld_is_word(tld) ||
	       (path && (ab_wordlist_has(with_path, tld, strlen(tld)) || ab_wordlist_has(small, tld, strlen(tld))));
}

/* Domains whose names are what objects have for members, too: `stack.top`, `node.live`. */
bool ab_tld_is_member(const char *tld)
{
	static const char words[] = " top live space link fun date host press work click download "
				    "stream email review party trade win bid men loan science news "
				    "blog xyz int store network services center company finance "
				    "social studio energy games systems support market media "
				    "team works solutions ";

	return ab_wordlist_has(words, tld, strlen(tld)) || ab_tld_is_word(tld);
}
