/* SPDX-License-Identifier: Apache-2.0 */
/* lib/audit: the tree by RFC 6962's published roots, tiles' names, two writers, odd clocks. */
#include "tests/unit/tap.h"

#include <sys/stat.h>

#include "lib/audit/log.h"
#include "lib/crypto/text.h"

static void test_tree(struct tap *t)
{
	/* The leaves and roots of Certificate Transparency's reference implementations. */
	static const char *const leaves[] = { "",
					      "00",
					      "10",
					      "2021",
					      "3031",
					      "40414243",
					      "5051525354555657",
					      "606162636465666768696a6b6c6d6e6f" };
	static const char *const roots[] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	struct ab_tree *tree = calloc(1, sizeof(*tree));
	unsigned char entry[16], hash[AB_SHA256_SIZE];
	struct ab_err err = { 0 };
	char text[65];

	for (size_t i = 0; tree && i < AB_ARRAY_SIZE(leaves); i++) {
		ab_hex_decode(leaves[i], strlen(leaves[i]) / 2, entry);
		ab_tree_leaf(entry, strlen(leaves[i]) / 2, hash);
		(void)ab_tree_add(tree, hash, NULL, NULL, &err);
		ab_tree_root(tree, hash);
		ab_hex_encode(hash, sizeof(hash), text);
		tap_is(t, text, roots[i], "the root is that of the reference");
	}
	free(tree);
}

/* RFC 6962 section 2.1 as it is written, without tiles. */
static void slow_root(unsigned char (*leaves)[AB_SHA256_SIZE], size_t n,
		      unsigned char out[AB_SHA256_SIZE])
{
	unsigned char left[AB_SHA256_SIZE], right[AB_SHA256_SIZE];
	size_t k = 1;

	if (n == 1) {
		memcpy(out, leaves[0], AB_SHA256_SIZE);
		return;
	}
	while (2 * k < n)
		k *= 2;
	slow_root(leaves, k, left);
	slow_root(leaves + k, n - k, right);
	ab_tree_node(left, right, out);
}

static void test_roots(struct tap *t)
{
	enum { MOST = 1000 };
	unsigned char(*leaves)[AB_SHA256_SIZE] = calloc(MOST, sizeof(*leaves));
	unsigned char want[AB_SHA256_SIZE], got[AB_SHA256_SIZE];
	struct ab_tree *tree = calloc(1, sizeof(*tree));
	struct ab_err err = { 0 };
	int bad = 0;

	for (size_t i = 0; leaves && tree && i < MOST; i++) {
		ab_tree_leaf(&i, sizeof(i), leaves[i]);
		(void)ab_tree_add(tree, leaves[i], NULL, NULL, &err);
		ab_tree_root(tree, got);
		slow_root(leaves, i + 1, want);
		bad += memcmp(got, want, sizeof(got)) != 0;
	}
	tap_ok(t, bad == 0, "the tiles' root is the definition's for each size up to %d", MOST);
	free(leaves);
	free(tree);
}

static void test_paths(struct tap *t)
{
	char path[AB_TILE_PATH];

	ab_tile_path(0, 0, 256, path);
	tap_is(t, path, "tile/0/000", "the first tile");
	ab_tile_path(AB_TILE_ENTRIES, 1234067, 256, path);
	tap_is(t, path, "tile/entries/x001/x234/067", "the specification's example");
	ab_tile_path(1, 1000, 1, path);
	tap_is(t, path, "tile/1/x001/000.p/1", "an unfinished tile");
	ab_tile_path(0, UINT64_MAX, 255, path);
	tap_is(t, path, "tile/0/x018/x446/x744/x073/x709/x551/615.p/255", "the longest name fits");
}

static int add(struct ab_log *log, const char *entry, struct ab_err *err)
{
	if (ab_log_lock(log, NULL, err) < 0 ||
	    ab_log_add(log, entry, strlen(entry), NULL, NULL, err) < 0 ||
	    ab_log_commit(log, err) < 0)
		return -1;
	ab_log_unlock(log);
	return 0;
}

/* An event of that year. */
static int add_year(struct ab_log *log, int year, struct ab_err *err)
{
	char text[128];

	(void)snprintf(text, sizeof(text),
		       "{\"data\":1,\"record\":\"event\",\"timestamp\":\"%04d-01-01T00:00:00."
		       "000Z\",\"type\":\"t\"}",
		       year);
	return add(log, text, err);
}

static void test_writers(struct tap *t, const char *dir, const struct ab_skey *key)
{
	struct ab_verify how = { 0 };
	struct ab_verified found;
	struct ab_err err = { 0 };
	struct ab_log *a, *b;
	bool ok = true;

	tap_ok(t, ab_log_init(dir, key, &err) == 0, "a log is made");
	a = ab_log_open(dir, key, &err);
	b = ab_log_open(dir, key, &err);
	for (int i = 0; a && b && i < 600 && ok; i++) {
		ok = add_year(i % 3 ? a : b, 2030 - i % 20, &err) == 0;
		if (ok && i % 50 == 49)
			ok = ab_log_lock(a, NULL, &err) == 0 &&
			     ab_log_publish(a, i > 300, &err) == 0;
		ab_log_unlock(a);
	}
	tap_ok(t, ok && a && b, "two writers in turn, published now and then: %s", err.msg);
	tap_ok(t, ab_log_verify(dir, &how, &found, &err) == 0 && found.size == 600,
	       "the log is good, though its clock went back: %s", err.msg);
	tap_ok(t, found.pending == 0, "all is published");
	ok = add_year(b, 2001, &err) == 0 && ab_log_verify(dir, &how, &found, &err) == 0;
	tap_ok(t, ok && found.size == 601 && found.pending == 1,
	       "a record that is not yet in tiles is verified too");
	ab_log_close(a);
	ab_log_close(b);
}

static int add_many(struct ab_log *log, const char *entry, size_t n, struct ab_err *err)
{
	if (ab_log_lock(log, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (ab_log_add(log, entry, strlen(entry), NULL, NULL, err) < 0)
			return -1;
	return ab_log_commit(log, err);
}

/* Tiles that a stream has put out before their checkpoint, and then another writer's commit that is
 * not published: the checkpoint lags behind the tiles, and nothing is wrong. */
static void test_tiles_ahead(struct tap *t, const char *dir, const struct ab_skey *key)
{
	struct ab_err err = { 0 };
	struct ab_log *a, *b;
	struct ab_verified found;
	const struct ab_verify how = { 0 };
	char large[4096], path[96];

	(void)snprintf(large, sizeof(large),
		       "{\"data\":\"%04000d\",\"record\":\"event\",\"timestamp\":"
		       "\"2030-01-01T00:00:00.000Z\",\"type\":\"t\"}",
		       0);
	(void)ab_log_init(dir, key, &err);
	a = ab_log_open(dir, key, &err);
	b = ab_log_open(dir, key, &err);
	(void)snprintf(path, sizeof(path), "%s/tile/entries/000", dir);
	tap_ok(t,
	       a && add_many(a, large, 255, &err) == 0 && ab_log_publish_tiles(a, &err) == 0 &&
		       access(path, F_OK) < 0 && ab_log_publish(a, false, &err) == 0 &&
		       add_many(a, large, 100, &err) == 0 &&
		       ab_log_publish_tiles(a, &err) == 0 && access(path, F_OK) == 0,
	       "a stream's whole tiles are written before its checkpoint");
	ab_log_unlock(a);
	tap_ok(t, ab_log_verify(dir, &how, &found, &err) == 0 && found.pending == 100,
	       "what the checkpoint names is there yet: %s", err.msg);
	tap_ok(t, b && add_year(b, 2001, &err) == 0, "another writer commits");
	tap_ok(t,
	       ab_log_lock(a, NULL, &err) == 0 && add_many(a, large, 300, &err) == 0 &&
		       ab_log_publish_tiles(a, &err) == 0,
	       "the first goes on: %s", err.msg);
	ab_log_unlock(a);
	tap_ok(t,
	       add_year(b, 2002, &err) == 0 && ab_log_lock(b, NULL, &err) == 0 &&
		       ab_log_publish(b, true, &err) == 0,
	       "the other one publishes");
	ab_log_unlock(b);
	ab_log_close(a);
	ab_log_close(b);
	tap_ok(t, ab_log_verify(dir, &how, &found, &err) == 0 && found.size == 657,
	       "the log is good: %s", err.msg);
	(void)snprintf(path, sizeof(path), "%s/tile/entries/000.p", dir);
	tap_ok(t, access(path, F_OK) < 0, "and no longer holds what it has outgrown");
}

static void test_entries(struct tap *t, const char *dir, const struct ab_skey *key)
{
	static char large[AB_LOG_MAX_ENTRY + 1];
	struct ab_err err = { 0 };
	struct ab_log *log = ab_log_open(dir, key, &err);
	struct ab_buf out = { 0 };
	struct ab_log *reader;

	memset(large, 'x', sizeof(large));
	tap_ok(t,
	       log && ab_log_lock(log, NULL, &err) == 0 &&
		       ab_log_add(log, large, sizeof(large), NULL, NULL, &err) < 0 &&
		       err.status == AB_EXIT_NO,
	       "an entry of 65,536 bytes is refused");
	tap_ok(t,
	       ab_log_add(log, large, sizeof(large) - 1, NULL, NULL, &err) == 0 &&
		       ab_log_add(log, "", 0, NULL, NULL, &err) == 0 &&
		       ab_log_commit(log, &err) == 0,
	       "one of 65,535 is not, nor an empty one");
	ab_log_unlock(log);
	ab_log_close(log);
	reader = ab_log_read(dir, NULL, &err);
	tap_ok(t,
	       reader && ab_log_entry(reader, 601, &out, &err) == 0 &&
		       out.len == AB_LOG_MAX_ENTRY && memcmp(out.data, large, out.len) == 0,
	       "it is read back");
	tap_ok(t, reader && ab_log_entry(reader, 602, &out, &err) == 0 && out.len == 0,
	       "so is the empty one");
	tap_ok(t, reader && ab_log_entry(reader, 10, &out, &err) == 0 && out.len > 50,
	       "and one from a whole bundle");
	ab_log_close(reader);
	ab_buf_free(&out);
}

static void test_commit_needs_lock(struct tap *t, const char *dir, const struct ab_skey *key)
{
	struct ab_err err = { 0 };
	struct ab_log *log = ab_log_open(dir, key, &err);

	tap_ok(t,
	       log && ab_log_add(log, "x", 1, NULL, NULL, &err) == 0 &&
		       ab_log_commit(log, &err) < 0,
	       "no commit without the lock");
	tap_ok(t, log && ab_log_lock(log, NULL, &err) < 0, "and the object is of no more use");
	ab_log_close(log);
}

static int check_record(struct ab_log *log, uint64_t index, const struct ab_checkpoint *now)
{
	unsigned char leaf[AB_SHA256_SIZE];
	struct ab_buf entry = { 0 };
	struct ab_proof proof = { 0 };
	struct ab_err err = { 0 };
	int status = -1;

	if (ab_log_entry(log, index, &entry, &err) < 0 ||
	    ab_log_prove(log, index, &proof, &err) < 0)
		goto out;
	ab_log_leaf(entry.data, entry.len, leaf);
	if (ab_proof_check_record(&proof, leaf, now, &err) < 0)
		goto out;
	leaf[5] ^= 4;
	if (ab_proof_check_record(&proof, leaf, now, &err) == 0)
		goto out;
	leaf[5] ^= 4;
	proof.from ^= 1;
	if (ab_proof_check_record(&proof, leaf, now, &err) == 0)
		goto out;
	proof.from ^= 1;
	if (proof.n)
		proof.hashes[index % proof.n][7] ^= 1;
	if (proof.n && ab_proof_check_record(&proof, leaf, now, &err) == 0)
		goto out;
	status = 0;
out:
	ab_proof_free(&proof);
	ab_buf_free(&entry);
	return status;
}

static int check_growth(struct ab_log *log, struct ab_checkpoint *old,
			const struct ab_checkpoint *now)
{
	struct ab_proof proof = { 0 };
	struct ab_err err = { 0 };
	int status = -1;

	if (ab_log_root_at(log, old->size, old->root, &err) < 0 ||
	    ab_log_consistency(log, old->size, &proof, &err) < 0 ||
	    ab_proof_check_growth(&proof, old, now, &err) < 0)
		goto out;
	old->root[3] ^= 1;
	if (old->size && ab_proof_check_growth(&proof, old, now, &err) == 0)
		goto out;
	old->root[3] ^= 1;
	if (proof.n)
		proof.hashes[proof.n / 2][0] ^= 128;
	if (proof.n && ab_proof_check_growth(&proof, old, now, &err) == 0)
		goto out;
	status = 0;
out:
	ab_proof_free(&proof);
	return status;
}

/* Every record and every earlier size of a log that grows: the proofs hold, and no changed one. */
static void test_proofs(struct tap *t, const char *dir, const struct ab_skey *key)
{
	static const uint64_t sizes[] = { 1, 2, 3, 5, 8, 13, 255, 256, 257, 300, 513 };
	struct ab_err err = { 0 };
	struct ab_log *log, *reader;
	int bad = 0;

	if (ab_log_init(dir, key, &err) < 0 || !(log = ab_log_open(dir, key, &err))) {
		tap_ok(t, false, "a log for the proofs");
		return;
	}
	for (size_t s = 0; s < AB_ARRAY_SIZE(sizes); s++) {
		struct ab_checkpoint now, old = { 0 };

		while (ab_log_size(log) < sizes[s] && !bad)
			bad += add_year(log, 2000 + (int)ab_log_size(log), &err) < 0;
		if (s % 2)
			bad += ab_log_lock(log, NULL, &err) < 0 ||
			       ab_log_publish(log, true, &err) < 0;
		ab_log_unlock(log);
		reader = ab_log_read(dir, NULL, &err);
		bad += !reader ||
		       ab_checkpoint_open(ab_log_note(reader), strlen(ab_log_note(reader)),
					  &key->public_key, &now, &err) < 0;
		for (uint64_t i = 0; i < sizes[s] && !bad; i++)
			bad += check_record(reader, i, &now) < 0;
		for (old.size = 0; old.size <= sizes[s] && !bad; old.size++)
			bad += check_growth(reader, &old, &now) < 0;
		ab_log_close(reader);
	}
	ab_log_close(log);
	tap_ok(t, bad == 0, "proofs hold for every record and earlier size, and no changed one: %s",
	       err.msg);
}

/* For ab-audit-log.bats: a key and a log in this directory that a clock far ahead of ours wrote. */
static int make_ahead(const char *dir)
{
	struct ab_skey key = { 0 };
	struct ab_err err = { 0 };
	struct ab_log *log = NULL;
	char path[512];
	int status = 1;

	(void)snprintf(path, sizeof(path), "%s/k", dir);
	if (ab_skey_generate("example.org/t", &key, &err) == 0 &&
	    ab_skey_save(&key, path, &err) == 0) {
		(void)snprintf(path, sizeof(path), "%s/L", dir);
		if (ab_log_init(path, &key, &err) == 0)
			log = ab_log_open(path, &key, &err);
	}
	if (log && add_year(log, 2098, &err) == 0 && add_year(log, 2099, &err) == 0 &&
	    ab_log_lock(log, NULL, &err) == 0)
		status = ab_log_publish(log, true, &err) < 0;
	ab_log_close(log);
	ab_skey_free(&key);
	return status ? ab_err_report("audit_log_test", &err) : 0;
}

int main(int argc, char *argv[])
{
	char top[] = "/tmp/audit_test-XXXXXX", dir[64], command[96];
	struct ab_skey key = { 0 };
	struct ab_err err = { 0 };
	struct tap t = { 0 };

	if (argc > 1)
		return make_ahead(argv[1]);
	test_tree(&t);
	test_roots(&t);
	test_paths(&t);
	if (mkdtemp(top) && ab_skey_generate("example.org/t", &key, &err) == 0) {
		(void)snprintf(dir, sizeof(dir), "%s/log", top);
		test_writers(&t, dir, &key);
		test_commit_needs_lock(&t, dir, &key);
		test_entries(&t, dir, &key);
		(void)snprintf(dir, sizeof(dir), "%s/proofs", top);
		test_proofs(&t, dir, &key);
		(void)snprintf(dir, sizeof(dir), "%s/ahead", top);
		test_tiles_ahead(&t, dir, &key);
		(void)snprintf(command, sizeof(command), "rm -rf %s", top);
		tap_ok(&t, system(command) == 0, "the test's files are removed");
	} else {
		tap_ok(&t, false, "a directory and a key for the test");
	}
	ab_skey_free(&key);
	return tap_done(&t);
}
