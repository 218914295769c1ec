/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/domain.h"

#include <ctype.h>
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

/* Of these, and of others, those that no member of an object is called. */
static bool is_no_member(const char *tld)
{
	static const char words[] =
		" apartments asia associates attorney builders catering consulting contractors cruises dental diamonds "
		"engineering enterprises fitness flights florist guru haus holdings immo immobilien jewelry kaufen koeln lawyer "
		"limo maison mortgage motorcycles ninja pharmacy photography plumbing realestate realtor reisen rentals "
		"restaurant sarl schule shiksha shoes solutions srl supplies surgery tattoo tienda vacations vegas ventures "
		"versicherung viajes villas vodka voyage wedding yachts zuerich ";

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

	return ab_tld_is_sure(tld) || ab_tld_is_word(tld) || is_no_member(tld) ||
	       (path && (ab_wordlist_has(with_path, tld, strlen(tld)) || ab_wordlist_has(small, tld, strlen(tld))));
}

/* Domains whose names are what objects have for members, too: `stack.top`, `node.live`. */
bool ab_tld_is_member(const char *tld)
{
	static const char words[] = " top live space link fun date host press work click download "
				    "stream email review party trade win bid men loan science news "
				    "blog xyz int store network services center company finance "
				    "social studio energy games systems support market media "
				    "team works ";

	return ab_wordlist_has(words, tld, strlen(tld)) || (ab_tld_is_word(tld) && !is_no_member(tld));
}

/* Of two letters: ISO 3166-1, and those of its reserved ones that are delegated: the second by the first. */
static const char *const countries[26] = {
	['a' - 'a'] = "cdefgilmoqrstuwxz",
	['b' - 'a'] = "abdefghijmnorstvwyz",
	['c' - 'a'] = "acdfghiklmnoruvwxyz",
	['d' - 'a'] = "ejkmoz",
	['e' - 'a'] = "cegrstu",
	['f' - 'a'] = "ijkmor",
	['g' - 'a'] = "abdefghilmnpqrstuwy",
	['h' - 'a'] = "kmnrtu",
	['i' - 'a'] = "delmnoqrst",
	['j' - 'a'] = "emop",
	['k' - 'a'] = "eghimnprwyz",
	['l' - 'a'] = "abcikrstuvy",
	['m' - 'a'] = "acdeghklmnopqrstuvwxyz",
	['n' - 'a'] = "acefgilopruz",
	['o' - 'a'] = "m",
	['p' - 'a'] = "aefghklmnrstwy",
	['q' - 'a'] = "a",
	['r' - 'a'] = "eosuw",
	['s' - 'a'] = "abcdeghijklmnorstuvxyz",
	['t' - 'a'] = "cdfghjklmnortvwz",
	['u' - 'a'] = "agksyz",
	['v' - 'a'] = "aceginu",
	['w' - 'a'] = "fs",
	['y' - 'a'] = "et",
	['z' - 'a'] = "amw",
};

/* Those that anybody may have a name below, and some beside the DNS; brands are left out. */
static const char *const generic[26] = {
	['a' - 'a'] = " abogado academy accountant accountants actor adult aero africa agency airforce amsterdam "
		"apartments app archi army art asia associates attorney auction audio auto autos ",
	['b' - 'a'] = " baby band bank bar barcelona bargains baseball basketball bayern bazar beauty beer berlin "
		"best bet bible bid bike bingo bio biz black blackfriday blog blue boats bond boo book boston "
		"bot boutique box broadway broker brussels build builders business buy buzz bzh ",
	['c' - 'a'] = " cab cafe cam camera camp capetown capital car caravan cards care career careers cars casa "
		"cash casino cat catering catholic center ceo cfd chat cheap christmas church city claims "
		"cleaning click clinic clothing cloud club coach codes coffee college cologne com community "
		"company compare computer condos construction consulting contact contractors cooking cool "
		"coop corsica country coupon coupons courses cpa credit creditcard cricket cruise cruises "
		"cymru ",
	['d' - 'a'] = " dad dance data date dating day deal dealer deals degree delivery democrat dental dentist "
		"desi design dev diamonds diet digital direct directory discount diy docs doctor dog domains "
		"download dubai durban ",
	['e' - 'a'] = " earth eat eco edu education email energy engineer engineering enterprises equipment esq "
		"estate eth eus events exchange expert exposed express ",
	['f' - 'a'] = " fail faith family fan fans farm fashion feedback film final finance financial fish fishing "
		"fit fitness flights florist flowers fly foo food football forex forsale forum foundation "
		"free frl fun fund furniture futbol fyi ",
	['g' - 'a'] = " gal gallery game games garden gay gdn gent gift gifts gives giving glass global gmbh gold "
		"golf gov graphics gratis green gripe grocery group guide guitars guru ",
	['h' - 'a'] = " hair hamburg haus health healthcare help helsinki here hiphop hiv hockey holdings holiday "
		"homes horse hospital host hosting hot hoteles hotels house how ",
	['i' - 'a'] = " i2p icu immo immobilien inc industries info ing ink institute insurance insure int "
		"international investments irish ist istanbul ",
	['j' - 'a'] = " java jetzt jewelry jobs joburg juegos ",
	['k' - 'a'] = " kaufen kids kim kitchen kiwi koeln kosher krd kyoto ",
	['l' - 'a'] = " land lat latino law lawyer lease legal lgbt life lifeinsurance lifestyle lighting limited "
		"limo link live living llc loan loans lokinet lol london lotto love ltd ltda luxe luxury ",
	['m' - 'a'] = " madrid maison makeup man management map market marketing markets mba med media meet "
		"melbourne meme memorial men menu miami mil mini mint mobi mobile moda moe mom monash money "
		"monster mormon mortgage moscow moto motorcycles mov movie museum music ",
	['n' - 'a'] = " nagoya name navy net network new news next ngo ninja now nexus nowruz nrw nyc ",
	['o' - 'a'] = " observer okinawa one ong onion onl online ooo org organic osaka ovh ",
	['p' - 'a'] = " page paris pars partners parts party pay pet pharmacy phd phone photo photography photos "
		"physio pics pictures pid pin ping pink pizza place play plumbing plus poker porn post press "
		"prime pro prod productions prof promo properties property protection pub ",
	['q' - 'a'] = " qpon quebec quest ",
	['r' - 'a'] = " racing radio read realestate realtor realty recipes red rehab reise reisen reit ren rent "
		"rentals repair report republican rest restaurant review reviews rich rio rip rocks rodeo "
		"room rsvp rugby ruhr run ryukyu ",
	['s' - 'a'] = " saarland safe safety sale salon sarl sas sbs save school schule science scot search secure "
		"security select services sex sexy shiksha shoes shop shopping show silk singles site ski "
		"skin sky smart soccer social software solar solutions song soy spa space sport spot srl "
		"stockholm storage store stream studio study style sucks supplies supply support surf surgery "
		"swiss sydney systems ",
	['t' - 'a'] = " taipei talk tatar tattoo tax taxi team tech technology tel tennis theater theatre tickets "
		"tienda tips tires tirol today tokyo tools top tours town toys trade trading training travel "
		"trust tube tunes ",
	['u' - 'a'] = " university uno ",
	['v' - 'a'] = " vacations vegas ventures versicherung vet viajes video villas vin vip vision vlaanderen "
		"vodka vote voting voto voyage ",
	['w' - 'a'] = " wales wang watch watches weather webcam website wedding wien wiki win wine winners work "
		"works world wow wtf ",
	['x' - 'a'] = " xin xxx xyz ",
	['y' - 'a'] = " yachts yandex yoga yokohama you yun ",
	['z' - 'a'] = " zero zip zone zuerich ",
};

/* Members of objects and keys of settings are called so, or words that follow a dot where a space was forgotten. */
static const char *const code_words[26] = {
	['a' - 'a'] = " ad af al all am app ar as at au ",
	['b' - 'a'] = " ba bar be bi black blue bo box build buy by ",
	['c' - 'a'] = " ca call camera cards case cash cat center ch chat city cl click close cloud code codes color "
		"company compare computer contact cool country cu ",
	['d' - 'a'] = " data date day deal design dev direct directory do docs domains download ",
	['e' - 'a'] = " email energy engineer eq equipment er events exchange express ",
	['f' - 'a'] = " fail family fan fans fi file film final finance fish fit fly fo foo food forum free fun fund ",
	['g' - 'a'] = " game games ge gift global gn gold graphics green group gt gu guide ",
	['h' - 'a'] = " hair health help here homes host hot house how ht ",
	['i' - 'a'] = " id im in inc info ink int is it ",
	['j' - 'a'] = " java jo ",
	['k' - 'a'] = " ke ki kids kim ",
	['l' - 'a'] = " la land law li life lighting like limited link live loan love lt ",
	['m' - 'a'] = " ma man management map market markets me media meet memorial men menu mini mobile money mov "
		"mu music my ",
	['n' - 'a'] = " na name ne net network new news next no now nu ",
	['o' - 'a'] = " observer om one ong open ",
	['p' - 'a'] = " pa page parts party pay pet phone photo photos pics pictures pid pin ping pink pk place play "
		"plus post pr prime pro prod properties property protection pub ",
	['r' - 'a'] = " radio re read red report rest review reviews rich rip room run ",
	['s' - 'a'] = " sa safe sale save se search secure security select services show si site sk ski skin sky sl "
		"smart so social song space sport spot st storage store stream study style support surf sy "
		"systems ",
	['t' - 'a'] = " talk target tax team tel test tips to today tools top tr trade training travel trust tube ",
	['u' - 'a'] = " update us ",
	['v' - 'a'] = " va ve vi video vision vote ",
	['w' - 'a'] = " watch weather wiki win wine work works world wow ",
	['x' - 'a'] = " xxx ",
	['y' - 'a'] = " you ",
	['z' - 'a'] = " zero zone ",
};

/* Whether it is in the words of its first letter. */
static bool is_of(const char *const table[26], const char *tld)
{
	const char *words = islower((unsigned char)tld[0]) ? table[tld[0] - 'a'] : NULL;

	return words && ab_wordlist_has(words, tld, strlen(tld));
}

bool ab_tld_is_real(const char *tld)
{
	const char *second = islower((unsigned char)tld[0]) ? countries[tld[0] - 'a'] : NULL;

	if (tld[0] && tld[1] && !tld[2])
		return second && strchr(second, tld[1]);
	return is_of(generic, tld);
}

bool ab_tld_is_file(const char *tld)
{
	static const char files[] = " rs sh py md pl pm so cc ps mk la ml mm tf in am ac st do ms mo mp as sc bz gs ly cf "
				    "zip mov bin java docs pub prof book tab map data db ";

	return ab_wordlist_has(files, tld, strlen(tld));
}

bool ab_tld_is_code(const char *tld)
{
	return is_of(code_words, tld);
}
