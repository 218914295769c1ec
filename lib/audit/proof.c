/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs that a record is in a tree, and that a tree goes on from another (RFC 6962 section 2.1).
 */
#include "lib/audit/log.h"

#include <string.h>

#include "lib/crypto/text.h"

#define PROOF_NAME "c2sp.org/tlog-proof@v1"
#define HASH_TEXT  (AB_BASE64_TEXT(AB_SHA256_SIZE) - 1)

void ab_proof_free(struct ab_proof *proof)
{
	free(proof->hashes);
	*proof = (struct ab_proof){ 0 };
}

static int add_hash(struct ab_proof *proof, const unsigned char hash[AB_SHA256_SIZE],
		    struct ab_err *err)
{
	unsigned char(*more)[AB_SHA256_SIZE];

	if (proof->n == AB_PROOF_MAX)
		return ab_err_no(err, "more than %d hashes", AB_PROOF_MAX);
	more = realloc(proof->hashes, (proof->n + 1) * sizeof(*more));
	if (!more)
		return ab_err_memory(err);
	memcpy(more[proof->n++], hash, AB_SHA256_SIZE);
	proof->hashes = more;
	return 0;
}

/* The largest power of two below n, which is at least 2. */
static uint64_t split(uint64_t n)
{
	return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

/* The root of the records from start to end. */
static int range_hash(const struct ab_log *log, uint64_t start, uint64_t end,
		      unsigned char out[AB_SHA256_SIZE], struct ab_err *err)
{
	unsigned char left[AB_SHA256_SIZE];
	uint64_t n = end - start;

	if (!(n & (n - 1)))
		return ab_log_subtree(log, start, __builtin_ctzll(n), out, err);
	if (range_hash(log, start, start + split(n), left, err) < 0 ||
	    range_hash(log, start + split(n), end, out, err) < 0)
		return -1;
	ab_tree_node(left, out, out);
	return 0;
}

static int add_range(const struct ab_log *log, uint64_t start, uint64_t end, struct ab_proof *proof,
		     struct ab_err *err)
{
	unsigned char hash[AB_SHA256_SIZE];

	return range_hash(log, start, end, hash, err) < 0 ? -1 : add_hash(proof, hash, err);
}

/* PATH of section 2.1.1: from the record up. */
static int prove_path(const struct ab_log *log, uint64_t index, uint64_t start, uint64_t end,
		      struct ab_proof *proof, struct ab_err *err)
{
	uint64_t middle;

	if (end - start == 1)
		return 0;
	middle = start + split(end - start);
	if (index < middle)
		return prove_path(log, index, start, middle, proof, err) < 0
			       ? -1
			       : add_range(log, middle, end, proof, err);
	return prove_path(log, index, middle, end, proof, err) < 0
		       ? -1
		       : add_range(log, start, middle, proof, err);
}

/* SUBPROOF of section 2.1.2; `whole` where the old tree is what this range began as. */
static int prove_subtree(const struct ab_log *log, uint64_t old, uint64_t start, uint64_t end,
			 bool whole, struct ab_proof *proof, struct ab_err *err)
{
	uint64_t middle;

	if (old == end)
		return whole ? 0 : add_range(log, start, end, proof, err);
	middle = start + split(end - start);
	if (old <= middle)
		return prove_subtree(log, old, start, middle, whole, proof, err) < 0
			       ? -1
			       : add_range(log, middle, end, proof, err);
	return prove_subtree(log, old, middle, end, false, proof, err) < 0
		       ? -1
		       : add_range(log, start, middle, proof, err);
}

int ab_log_prove(const struct ab_log *log, uint64_t index, struct ab_proof *ret, struct ab_err *err)
{
	*ret = (struct ab_proof){ .from = index };
	if (index >= log->committed)
		return ab_err_usage(err, "%llu: no such record, there are %llu",
				    (unsigned long long)index, (unsigned long long)log->committed);
	return prove_path(log, index, 0, log->committed, ret, err);
}

int ab_log_consistency(const struct ab_log *log, uint64_t old, struct ab_proof *ret,
		       struct ab_err *err)
{
	*ret = (struct ab_proof){ .from = old };
	if (old > log->committed)
		return ab_err_no(err, "%s: %llu records, %llu were there before", log->path,
				 (unsigned long long)log->committed, (unsigned long long)old);
	return old ? prove_subtree(log, old, 0, log->committed, true, ret, err) : 0;
}

int ab_proof_check_record(const struct ab_proof *proof, const unsigned char leaf[AB_SHA256_SIZE],
			  const struct ab_checkpoint *c, struct ab_err *err)
{
	unsigned char hash[AB_SHA256_SIZE];
	uint64_t node = proof->from, last = c->size - 1;
	size_t i;

	if (proof->from >= c->size)
		return ab_err_no(err, "record %llu is not in a tree of %llu",
				 (unsigned long long)proof->from, (unsigned long long)c->size);
	memcpy(hash, leaf, sizeof(hash));
	/* RFC 9162 section 2.1.3.2. */
	for (i = 0; i < proof->n && last; i++) {
		if (node & 1 || node == last) {
			ab_tree_node(proof->hashes[i], hash, hash);
			while (!(node & 1) && node) {
				node >>= 1;
				last >>= 1;
			}
		} else {
			ab_tree_node(hash, proof->hashes[i], hash);
		}
		node >>= 1;
		last >>= 1;
	}
	if (i != proof->n || last || memcmp(hash, c->root, sizeof(hash)) != 0)
		return ab_err_no(err, "the proof does not lead to the checkpoint's root");
	return 0;
}

/* RFC 9162 section 2.1.4.2, where both sizes differ and neither is 0. */
static bool leads_on(const struct ab_proof *proof, const struct ab_checkpoint *old,
		     const struct ab_checkpoint *new)
{
	uint64_t node = old->size - 1, last = new->size - 1;
	unsigned char before[AB_SHA256_SIZE], after[AB_SHA256_SIZE];
	size_t i = 0;

	while (node & 1) {
		node >>= 1;
		last >>= 1;
	}
	if (node && !proof->n)
		return false;
	memcpy(before, node ? proof->hashes[i++] : old->root, sizeof(before));
	memcpy(after, before, sizeof(after));
	for (; i < proof->n && last; i++) {
		if (node & 1 || node == last) {
			ab_tree_node(proof->hashes[i], before, before);
			ab_tree_node(proof->hashes[i], after, after);
			while (!(node & 1) && node) {
				node >>= 1;
				last >>= 1;
			}
		} else {
			ab_tree_node(after, proof->hashes[i], after);
		}
		node >>= 1;
		last >>= 1;
	}
	return i == proof->n && !last && memcmp(before, old->root, sizeof(before)) == 0 &&
	       memcmp(after, new->root, sizeof(after)) == 0;
}

int ab_proof_check_growth(const struct ab_proof *proof, const struct ab_checkpoint *old,
			  const struct ab_checkpoint *new, struct ab_err *err)
{
	bool good;

	if (old->size > new->size)
		return ab_err_no(err, "rolled back: %llu records, %llu were there before",
				 (unsigned long long)new->size, (unsigned long long)old->size);
	if (old->size == 0)
		good = proof->n == 0;
	else if (old->size == new->size)
		good = proof->n == 0 && memcmp(old->root, new->root, sizeof(old->root)) == 0;
	else
		good = leads_on(proof, old, new);
	return good ? 0
		    : ab_err_no(err, "forked: the first %llu records are not those from before",
				(unsigned long long)old->size);
}

static void add_hashes(const struct ab_proof *proof, struct ab_buf *out)
{
	for (size_t i = 0; i < proof->n; i++) {
		ab_base64_add(proof->hashes[i], AB_SHA256_SIZE, out);
		ab_buf_addc(out, '\n');
	}
}

int ab_proof_write_record(const struct ab_proof *proof, const struct ab_buf *entry,
			  const char *note, struct ab_buf *out, struct ab_err *err)
{
	ab_buf_adds(out, PROOF_NAME "\nextra ");
	ab_base64_add(entry->data, entry->len, out);
	ab_buf_addf(out, "\nindex %llu\n", (unsigned long long)proof->from);
	add_hashes(proof, out);
	ab_buf_addc(out, '\n');
	ab_buf_adds(out, note);
	return ab_buf_ok(out, err);
}

int ab_proof_write_growth(const struct ab_proof *proof, const char *note, struct ab_buf *out,
			  struct ab_err *err)
{
	ab_buf_addf(out, "old %llu\n", (unsigned long long)proof->from);
	add_hashes(proof, out);
	ab_buf_addc(out, '\n');
	ab_buf_adds(out, note);
	return ab_buf_ok(out, err);
}

/* A text that is read line by line. */
struct lines {
	const char *p, *end;
};

static bool next(struct lines *l, const char **line, size_t *len)
{
	const char *newline = l->p < l->end ? memchr(l->p, '\n', (size_t)(l->end - l->p)) : NULL;

	if (!newline)
		return false;
	*line = l->p;
	*len = (size_t)(newline - l->p);
	l->p = newline + 1;
	return true;
}

/* "WORD N", N without sign and leading zeros. */
static bool read_number(const char *line, size_t len, const char *word, uint64_t *ret)
{
	size_t start = strlen(word);
	uint64_t n = 0;

	if (len <= start || len > start + 19 || memcmp(line, word, start) != 0 ||
	    (line[start] == '0' && len > start + 1))
		return false;
	for (size_t i = start; i < len; i++) {
		if (line[i] < '0' || line[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(line[i] - '0');
	}
	*ret = n;
	return n <= INT64_MAX;
}

/* Hash lines up to a blank line; the note is what stands behind it. */
static int read_hashes(struct lines *l, struct ab_proof *proof, struct ab_err *err)
{
	unsigned char hash[AB_SHA256_SIZE + 1];
	const char *line;
	size_t len;

	while (next(l, &line, &len)) {
		if (!len) {
			proof->note = l->p;
			proof->note_len = (size_t)(l->end - l->p);
			return 0;
		}
		if (len != HASH_TEXT || ab_base64_decode(line, len, hash) != AB_SHA256_SIZE)
			return ab_err_no(err, "not a proof: bad hash line");
		if (add_hash(proof, hash, err) < 0)
			return -1;
	}
	return ab_err_no(err, "not a proof: no blank line before the checkpoint");
}

static int read_extra(const char *text, size_t len, struct ab_buf *entry, struct ab_err *err)
{
	char *room = ab_buf_reserve(entry, len / 4 * 3 + 1);
	ssize_t n = room ? ab_base64_decode(text, len, (unsigned char *)room) : -1;

	if (!room)
		return ab_err_memory(err);
	if (n < 0)
		return ab_err_no(err, "not a proof: extra is not base64");
	entry->len += (size_t)n;
	return 0;
}

int ab_proof_read_record(const char *text, size_t size, struct ab_proof *ret, struct ab_buf *entry,
			 struct ab_err *err)
{
	struct lines l = { text, text + size };
	struct ab_proof proof = { 0 };
	const char *line;
	size_t len;
	bool more;

	if (!next(&l, &line, &len) || len != strlen(PROOF_NAME) ||
	    memcmp(line, PROOF_NAME, len) != 0)
		return ab_err_no(err, "not a proof: expected a first line " PROOF_NAME);
	more = next(&l, &line, &len);
	if (more && len > 6 && memcmp(line, "extra ", 6) == 0) {
		if (read_extra(line + 6, len - 6, entry, err) < 0)
			return -1;
		more = next(&l, &line, &len);
	}
	if (!more || !read_number(line, len, "index ", &proof.from))
		return ab_err_no(err, "not a proof: expected a line \"index N\"");
	if (read_hashes(&l, &proof, err) < 0) {
		ab_proof_free(&proof);
		return -1;
	}
	*ret = proof;
	return 0;
}

int ab_proof_read_growth(const char *text, size_t size, struct ab_proof *ret, struct ab_err *err)
{
	struct lines l = { text, text + size };
	struct ab_proof proof = { 0 };
	const char *line;
	size_t len;

	if (!next(&l, &line, &len) || !read_number(line, len, "old ", &proof.from))
		return ab_err_no(err, "not a proof: expected a line \"old N\"");
	if (read_hashes(&l, &proof, err) < 0) {
		ab_proof_free(&proof);
		return -1;
	}
	*ret = proof;
	return 0;
}
