/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/literal.h"

#include <endian.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define PIN    4
#define WORDS  (1u << AB_LITERAL_WORDS)
#define HEADS  (1u << AB_LITERAL_HEADS)
#define FOLD   0x20202020u /* makes one of letters of both cases, and of some signs */
#define HASH   0x9e3779b1u
#define THREE  0x00ffffffu /* the first three bytes of four */
#define COMMON 10	   /* what pairs of letters say too little of common ones, as log2 */
#define COMMON_BITS 14
#define EACH   0x0101010101010101u

struct literal {
	char text[AB_LITERAL_MAX + 8]; /* folded unless exact, zeros behind */
	uint8_t len, pin;	       /* pin: offset of the four bytes that are hashed */
	bool exact;
	uint32_t tag;
};

/*
 * An entry of a chain: eight bytes of the literal, the pin among them, so that nearly all that the
 * pin alone lets through ends here, without a look at the literal.
 */
struct entry {
	uint64_t want, mask;	/* folded; mask: those that the literal has */
	uint32_t literal, next; /* next: index + 1, 0 ends */
	uint8_t before;		/* how many of the eight stand before the pin */
};

/*
 * Three bytes of the text name a word of the filter. Its lower half has a bit for what a fourth
 * makes of them, as a pin of four bytes; its upper half one for the literals that have but three:
 * one load says whether either may stand there. The chains, one of each kind, are few enough to
 * stay in the cache, which heads for each bit of the filter would not.
 */
struct ab_literals {
	uint32_t filter[WORDS];
	uint32_t head[2][HEADS]; /* index + 1; [1]: of three bytes */
	struct literal *literals;
	struct entry *entries;
	size_t n, n_entries, entry_capacity, capacity;
	bool fast; /* the processor has AVX2 */
	/* A bit for each four bytes of a common word, by their hash. */
	uint32_t common[(1u << COMMON_BITS) / 32];
};

void ab_literals_plain(struct ab_literals *l)
{
	l->fast = false;
}

void ab_literals_free(struct ab_literals *l)
{
	if (!l)
		return;
	free(l->literals);
	free(l->entries);
	free(l);
}

size_t ab_literals_count(const struct ab_literals *l)
{
	return l->n;
}

/* The pin's bytes: three of them have no fourth. */
static inline uint32_t pin_of(uint32_t four, bool three)
{
	return (three ? four & THREE : four) | FOLD;
}

static inline uint32_t hash_of(uint32_t pin)
{
	return pin * HASH;
}

static inline uint32_t head_of(uint32_t pin)
{
	return hash_of(pin) >> (32 - AB_LITERAL_HEADS);
}

/* Where the first three bytes of four stand in the filter, and the bits there of both kinds. */
static inline uint32_t word_of(uint32_t four)
{
	return hash_of(pin_of(four, true)) >> (32 - AB_LITERAL_WORDS);
}

static inline uint32_t bit_of(uint32_t four, bool three)
{
	return three ? 16 | (hash_of(pin_of(four, true)) >> (28 - AB_LITERAL_WORDS) & 15)
		     : hash_of(pin_of(four, false)) >> 28;
}

static inline uint32_t load4(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline uint64_t load8(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* Eight bytes, A-Z of them in lower case. */
static inline uint64_t fold8(uint64_t v)
{
	uint64_t seven = v & 0x7f * EACH;
	uint64_t upper = (seven + (0x80 - 'A') * EACH) ^ (seven + (0x7f - 'Z') * EACH);

	return v | (upper & ~v & 0x80 * EACH) >> 2;
}

/* The first n of eight bytes. */
static inline uint64_t first_bytes(size_t n)
{
	return n < 8 ? ((uint64_t)1 << 8 * n) - 1 : ~(uint64_t)0;
}

static inline unsigned char fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* Classes of bytes for their frequency: letters, white space, digits, "_-./", the rest. */
enum { CLASSES = 30, SPACE = 26, DIGITS, JOINERS, OTHERS };

static unsigned class_of(unsigned char c)
{
	c = fold(c);
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c == ' ' || c == '\n' || c == '\t')
		return SPACE;
	if (c >= '0' && c <= '9')
		return DIGITS;
	return c && strchr("_-./", c) ? JOINERS : OTHERS;
}

/* How common two bytes are one behind the other in code and English, as letters: log2 of their
 * share in 2^-20, counted over 35 MB of sources, documents and logs. */
static int pair_weight(unsigned first, unsigned second)
{
	static const char table[CLASSES][CLASSES + 1] = {
		"FJLKHIKDKDHMLLCLCMMNIIEHIAKGGE", "KFJFKFCALJGJFFIGAIGHJCCALAIFHD",
		"LIIHLGAMJAMLLEMHCKKMIGEIJAJGIF", "JHGJNGGHKEGHHEJFBIIHIFEJGAMGJG",
		"KIMMKMJFHDGKLNJKLNMMFJJLKANFKH", "JFGHJJAAMAAJDJMHAKGILDDAIALGIF",
		"HDHCLDEHIABKGKIEAIJHGGCAAAKCJE", "LACEMFAAKADDGDKEAIHIFACADAJBHG",
		"JKLMKLLCGAEKKOMKFJLMCIDGBJHFJD", "DAAAJAAAAAAAAAEAAADAEAAAAAEBCB",
		"FBKFLBCCIACEGGDCADGGIBEAAAIBLH", "LIFIMGJJLADLCFLGAEJJKGFBJBKCLF",
		"KHEIMIDDJADFHEJLAEMFHBAAEAJDIE", "LHLLNLMFJBGIGJKIBENMKHDCGBMIIF",
		"IJLKHLIBLGLKKNLMBMMJKIJFEALAJE", "LFGGNIBILAKKGILIGLILJFGDJAJEKF",
		"AAAABAAACAABABAAABEALAAAAAGAFC", "MGIJNHJGMAKKJKLJAKKLJJIBKAMEKH",
		"KDJEMHIKMANNHLKKCJNNJGGGHHMGKH", "MFIINICMMADJHIMJAMKJLEHLMBNIKG",
		"IJJILIGAJACKKLDJALMKAGAGACHBFA", "KEDBLDBAHACCCBKIADDFABAEAAGHHC",
		"JCEHHEAHJAAEBHKEAHFAIBGABAHBHC", "FAIBHFAAGADCCHCIAAEKAAAIEAJJIF",
		"DFDBEICBHAAFFHHMGGHKEABAAAKAIE", "FCAAKAAABAABAADAAABABAAAACKBFA",
		"MLMKLLJINFHKJKMMELNMLKJKHFQJLJ", "FFFGFFAAEAADHABCAAEHCFDHAHJJIE",
		"KILJJJJIKCHJJJKKCJLKIJHIEFKHJD", "FFGHEECAFABDDDGFADHEDDFFAAKEFD",
	};

	return table[first][second] - 'A';
}

/* The same of one byte. */
static int byte_weight(unsigned class)
{
	static const char table[CLASSES + 1] = "PNPPQONOPKOPOPPPLPQQONMNNLRNOL";

	return table[class] - 'A';
}

/* How common four bytes are, as a chain of pairs. */
static int weight_of(const char *text)
{
	unsigned a = class_of((unsigned char)text[0]), b = class_of((unsigned char)text[1]);
	unsigned c = class_of((unsigned char)text[2]), d = class_of((unsigned char)text[3]);

	return pair_weight(a, b) + pair_weight(b, c) + pair_weight(c, d) - byte_weight(b) -
	       byte_weight(c);
}

static uint32_t common_slot(const char *text)
{
	char four[PIN];

	for (int i = 0; i < PIN; i++)
		four[i] = (char)fold((unsigned char)text[i]);
	return hash_of(load4((unsigned char *)four)) >> (32 - COMMON_BITS);
}

/* Words so common in texts of some kind that the pairs of their letters say too little. */
static void learn_common(struct ab_literals *l)
{
	static const char words[] = " the that this with from you your and are not can any all key "
				    "http https: (http www.com .net .org </html> active access "
				    "body close create delete document error file include key= "
				    "length message module node process return select string table "
				    "true false user value version struct first forward std:: "
				    "mention request execut order stream start change input";

	for (const char *p = words; p[PIN - 1]; p++)
		l->common[common_slot(p) / 32] |= (uint32_t)1 << common_slot(p) % 32;
}

/* A few more are taken for common as well: a hash is all that is kept. */
static bool is_common(const struct ab_literals *l, const char *text)
{
	return l->common[common_slot(text) / 32] >> common_slot(text) % 32 & 1;
}

struct ab_literals *ab_literals_new(void)
{
	struct ab_literals *l = calloc(1, sizeof(struct ab_literals));

	if (!l)
		return NULL;
	learn_common(l);
#if defined(__x86_64__)
	l->fast = __builtin_cpu_supports("avx2");
#endif
	return l;
}

/* The rarest four bytes; common ones only where all are. */
static uint8_t choose_pin(const struct ab_literals *l, const char *text, size_t len)
{
	int best = 0;
	uint8_t pin = 0;

	for (size_t i = 0; i + PIN <= len; i++) {
		int weight = weight_of(text + i);

		if (i && weight >= best)
			continue;
		weight += is_common(l, text + i) ? COMMON : 0;
		if (i == 0 || weight < best) {
			best = weight;
			pin = (uint8_t)i;
		}
	}
	return pin;
}

/* Enters the newest literal under its pin. */
static int enter(struct ab_literals *l, struct ab_err *err)
{
	const struct literal *lit = &l->literals[l->n - 1];
	bool short_one = lit->len < PIN;
	uint32_t four = load4((const unsigned char *)lit->text + lit->pin);
	uint32_t *head = &l->head[short_one][head_of(pin_of(four, short_one))];
	uint8_t before = lit->pin < PIN ? lit->pin : PIN;
	uint64_t mask = first_bytes(lit->len - lit->pin + before);

	if (l->n_entries == l->entry_capacity) {
		size_t capacity = l->entry_capacity ? l->entry_capacity * 2 : 1024;
		struct entry *entries = realloc(l->entries, capacity * sizeof(*entries));

		if (!entries)
			return ab_err_memory(err);
		l->entries = entries;
		l->entry_capacity = capacity;
	}
	l->entries[l->n_entries] = (struct entry){
		.want = (load8(lit->text + lit->pin - before) | 0x20 * EACH) & mask,
		.mask = mask,
		.literal = (uint32_t)l->n - 1,
		.next = *head,
		.before = before,
	};
	*head = (uint32_t)++l->n_entries;
	l->filter[word_of(four)] |= (uint32_t)1 << bit_of(four, short_one);
	return 0;
}

int ab_literals_add(struct ab_literals *l, const char *text, size_t len, bool exact, uint32_t tag,
		    struct ab_err *err)
{
	struct literal *lit;

	if (len < AB_LITERAL_MIN || len > AB_LITERAL_MAX)
		return ab_err_usage(err, "a literal has %d to %d bytes", AB_LITERAL_MIN,
				    AB_LITERAL_MAX);
	if (l->n == l->capacity) {
		size_t capacity = l->capacity ? l->capacity * 2 : 512;
		struct literal *literals = realloc(l->literals, capacity * sizeof(*literals));

		if (!literals)
			return ab_err_memory(err);
		l->literals = literals;
		l->capacity = capacity;
	}
	lit = &l->literals[l->n++];
	*lit = (struct literal){
		.len = (uint8_t)len, .pin = choose_pin(l, text, len), .exact = exact, .tag = tag
	};
	for (size_t i = 0; i < len; i++)
		lit->text[i] = exact ? text[i] : (char)fold((unsigned char)text[i]);
	return enter(l, err);
}

static bool is_here(const struct literal *lit, const unsigned char *p)
{
	for (size_t i = 0; i < lit->len; i += 8) {
		uint64_t word = load8(p + i);

		word = lit->exact ? word : fold8(word);
		if ((word ^ load8(lit->text + i)) & first_bytes(lit->len - i))
			return false;
	}
	return true;
}

/* Adds the literals of a chain whose pin stands at `at`; false: no room for them. */
static bool collect(const struct ab_literals *l, uint32_t e, const unsigned char *text, size_t size,
		    size_t at, struct ab_literal_hit *hits, size_t *n, size_t max)
{
	const struct entry *entry;

	for (; e; e = entry->next) {
		const struct literal *lit;

		entry = &l->entries[e - 1];
		if (entry->before > at ||
		    ((load8(text + at - entry->before) | 0x20 * EACH) ^ entry->want) & entry->mask)
			continue;
		lit = &l->literals[entry->literal];
		if (lit->pin > at || at - lit->pin + lit->len > size ||
		    !is_here(lit, text + at - lit->pin))
			continue;
		if (*n == max)
			return false;
		hits[(*n)++] = (struct ab_literal_hit){ at - lit->pin, lit->len, lit->tag };
	}
	return true;
}

static inline bool maybe(const struct ab_literals *l, uint32_t four)
{
	uint32_t word = l->filter[word_of(four)];

	return (word >> bit_of(four, false) | word >> bit_of(four, true)) & 1;
}

/* All that begins at a position, or, where there is no room for all, nothing and false. */
static bool collect_all(const struct ab_literals *l, const unsigned char *text, size_t size,
			size_t at, struct ab_literal_hit *hits, size_t *n, size_t max)
{
	uint32_t four = load4(text + at), word = l->filter[word_of(four)];
	size_t before = *n;

	for (int three = 0; three < 2; three++) {
		uint32_t first = l->head[three][head_of(pin_of(four, three))];

		if (word >> bit_of(four, three) & 1 &&
		    !collect(l, first, text, size, at, hits, n, max)) {
			*n = before;
			return false;
		}
	}
	return true;
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

/* maybe() of eight positions, a bit each; 16 bytes are readable. */
AVX2 static inline unsigned maybe8(const struct ab_literals *l, const unsigned char *p)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)p);
	__m256i spread = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6,
					  7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
	__m256i fours = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), spread);
	__m256i threes = _mm256_and_si256(fours, _mm256_set1_epi32(THREE));
	__m256i fold_bits = _mm256_set1_epi32(FOLD), factor = _mm256_set1_epi32((int)HASH);
	__m256i four = _mm256_mullo_epi32(_mm256_or_si256(fours, fold_bits), factor);
	__m256i three = _mm256_mullo_epi32(_mm256_or_si256(threes, fold_bits), factor);
	__m256i words = _mm256_i32gather_epi32(
		(const int *)l->filter, _mm256_srli_epi32(three, 32 - AB_LITERAL_WORDS), 4);
	__m256i low = _mm256_srlv_epi32(words, _mm256_srli_epi32(four, 28));
	__m256i bit = _mm256_and_si256(_mm256_srli_epi32(three, 28 - AB_LITERAL_WORDS),
				       _mm256_set1_epi32(15));
	__m256i high = _mm256_srlv_epi32(_mm256_srli_epi32(words, 16), bit);
	__m256i hits = _mm256_or_si256(low, high);

	return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_slli_epi32(hits, 31)));
}

/* The same of 64. */
AVX2 static uint64_t maybe64(const struct ab_literals *l, const unsigned char *p)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < 64; i += 8)
		mask |= (uint64_t)maybe8(l, p + i) << i;
	return mask;
}
#endif

/* How many positions from `at` were looked at, 64 at most: a bit for each that may begin a pin. */
static inline size_t look(const struct ab_literals *l, const unsigned char *text, size_t size,
			  size_t at, size_t end, uint64_t *ret)
{
	size_t n = end - at < 64 ? end - at : 64;

#if defined(__x86_64__)
	if (l->fast && n == 64 && size - at >= 64 + 16) {
		*ret = maybe64(l, text + at);
		return n;
	}
#else
	(void)size;
#endif
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		*ret |= (uint64_t)maybe(l, load4(text + at + i)) << i;
	return n;
}

size_t ab_literals_scan(const struct ab_literals *l, const unsigned char *text, size_t size,
			size_t end, size_t *at, struct ab_literal_hit *hits, size_t max)
{
	size_t i = *at, n = 0, step;

	for (; i < end; i += step) {
		uint64_t mask;

		step = look(l, text, size, i, end, &mask);
		for (; mask; mask &= mask - 1) {
			size_t pin = i + (unsigned)__builtin_ctzll(mask);

			if (!collect_all(l, text, size, pin, hits, &n, max)) {
				*at = pin;
				return n;
			}
		}
	}
	*at = i;
	return n;
}
