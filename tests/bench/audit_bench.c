/* SPDX-License-Identifier: Apache-2.0 */
/* audit_bench DIR [N]: signed execution records a second of one core: built, checked, sealed in a
 * DSSE envelope, added to a log and committed, 256 at a time, published once a second. Beside it the
 * signature alone, of as many bytes: what no record can be cheaper than. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/audit/audit.h"

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static json_t *receipts(void)
{
	const char *hash =
		"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	static const char *const tools[] = { "ab-validate", "ab-jail", "ab-scrub", "ab-validate" };
	json_t *all = json_array();

	for (size_t i = 0; i < AB_ARRAY_SIZE(tools); i++)
		(void)json_array_append_new(
			all,
			json_pack(
				"{s:i, s:i, s:{}, s:{s:i, s:s}, s:{s:i, s:s}, s:s, s:s, s:s, s:s}",
				"duration_ms", 5, "exit", 0, "facts", "in", "bytes", 0, "sha256",
				hash, "out", "bytes", 0, "sha256", hash, "run",
				"8df6b003-a326-43c6-bcc7-30ab1ef140bc", "tool", tools[i], "verdict",
				"passed", "version", "0.1.0"));
	return all;
}

/* Seconds of processor time of n signatures. */
static double sign(const struct ab_skey *key, size_t len, int n)
{
	unsigned char signature[AB_ED25519_SIGNATURE];
	ab_autofree char *message = calloc(1, len);
	struct ab_err err = { 0 };
	double start = cpu();

	for (int i = 0; message && i < n; i++) {
		memcpy(message, &i, sizeof(i));
		(void)ab_ed25519_sign(key->secret, message, len, signature, &err);
	}
	return cpu() - start;
}

static int run(struct ab_log *log, const struct ab_execution *x, int n, size_t *ret_len,
	       struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf entry = { 0 };

	double published = cpu();
	bool all;

	if (ab_log_lock(log, NULL, err) < 0)
		return -1;
	for (int i = 1; i <= n; i++) {
		if (ab_record_execution(log, x, &entry, err) < 0 ||
		    ab_log_add(log, entry.data, entry.len, NULL, NULL, err) < 0)
			return -1;
		if (i % 256 && i < n)
			continue;
		all = cpu() - published >= 1;
		if (all)
			published = cpu();
		if (ab_log_commit(log, err) < 0 || (all ? ab_log_publish(log, false, err)
							: ab_log_publish_tiles(log, err)) < 0)
			return -1;
	}
	*ret_len = entry.len / 4 * 3; /* most of it is base64 of what was signed */
	return ab_log_publish(log, true, err);
}

int main(int argc, char *argv[])
{
	const char *id = "8df6b003-a326-43c6-bcc7-30ab1ef140bc";
	json_auto_t *array = receipts(), *head = json_pack("{s:s}", "run", id);
	const struct ab_run begun = { .head = head, .id = id, .type = "bench", .origin = "o" };
	const struct ab_chain chain = { .verdict = AB_PASSED };
	const struct ab_execution x = { .run = &begun, .receipts = array, .chain = &chain };
	struct ab_skey key = { 0 };
	struct ab_err err = { 0 };
	struct ab_log *log = NULL;
	int n = argc > 2 ? 50000 : 10000;
	size_t len = 0;
	double start, took, floor;

	if (argc < 2 || ab_skey_generate("bench.example", &key, &err) < 0 ||
	    ab_log_init(argv[1], &key, &err) < 0 || !(log = ab_log_open(argv[1], &key, &err)))
		return ab_err_report("audit_bench", &err);
	start = cpu();
	if (run(log, &x, n, &len, &err) < 0)
		return ab_err_report("audit_bench", &err);
	took = cpu() - start;
	floor = sign(&key, len, n);
	printf("%-44s %29.0f/s CPU   Ed25519 alone %.0f/s: %.0f %% of it\n",
	       "signed records (DSSE each), a core", n / took, n / floor, 100 * floor / took);
	ab_log_close(log);
	ab_skey_free(&key);
	return 0;
}
