/* SPDX-License-Identifier: Apache-2.0 */
/* lib/scrub/image.c: a policy that is taken from the image is the one that is read, in whole or in part. */
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/scrub/filter.h"
#include "lib/base/path.h"
#include "lib/scrub/image.h"
#include "lib/scrub/pin.h"
#include "lib/scrub/policy.h"
#include "lib/scrub/step.h"

#define DIR "share/policies/"

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_words(const struct ab_words *a, const struct ab_words *b)
{
	for (size_t i = 0; a->n == b->n && i < a->n; i++)
		if (strcmp(ab_words_item(a, i), ab_words_item(b, i)) != 0)
			return false;
	return a->n == b->n;
}

/* All that does not point is compared at once, and what there is between. */
static bool same_rule(const struct ab_scrub_rule *a, const struct ab_scrub_rule *b)
{
	static const struct ab_words none;
	struct ab_scrub_rule plain[2];

	memcpy(&plain[0], a, sizeof(*a));
	memcpy(&plain[1], b, sizeof(*b));
	for (size_t i = 0; i < 2; i++) {
		plain[i].id = plain[i].description = plain[i].pattern = NULL;
		plain[i].regex = NULL; /* of a file it is tried */
		plain[i].known = NULL;
		plain[i].literals = plain[i].then = plain[i].stop = none;
		plain[i].near = plain[i].hit = plain[i].miss = none;
	}
	return memcmp(&plain[0], &plain[1], sizeof(plain[0])) == 0 && same_text(a->id, b->id) &&
	       same_text(a->description, b->description) && same_text(a->pattern, b->pattern) &&
	       same_words(&a->literals, &b->literals) && same_words(&a->then, &b->then) && same_words(&a->stop, &b->stop) &&
	       same_words(&a->near, &b->near) && same_words(&a->hit, &b->hit) && same_words(&a->miss, &b->miss);
}

static bool same_literals(const struct ab_literals *a, const struct ab_literals *b)
{
	if (memcmp(a, b, AB_PIN_TABLES) != 0 || a->n != b->n || a->texts_len != b->texts_len ||
	    memcmp(a->texts, b->texts, a->texts_len) != 0 || memcmp(a->marks, b->marks, a->n * sizeof(*a->marks)) != 0)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct ab_literal *x = &a->literals[i], *y = &b->literals[i];

		if (x->want != y->want || x->fold != y->fold || x->text != y->text || x->tag != y->tag ||
		    x->len != y->len || x->pin != y->pin || x->eight != y->eight || x->unused != y->unused ||
		    x->exact != y->exact || x->whole != y->whole)
			return false;
	}
	return true;
}

static bool same_policy(const struct ab_scrub_policy *a, const struct ab_scrub_policy *b)
{
	bool same = a && b && a->n == b->n && a->max_depth == b->max_depth && json_equal(a->domains, b->domains) &&
		    memcmp(a->ids, b->ids, sizeof(a->ids)) == 0 && strcmp(a->hash, b->hash) == 0 &&
		    a->n_run_rules == b->n_run_rules && a->n_slow_rules == b->n_slow_rules &&
		    memcmp(a->run_begin, b->run_begin, sizeof(a->run_begin)) == 0;

	for (size_t i = 0; same && i < a->n; i++)
		same = same_rule(&a->rules[i], &b->rules[i]);
	return same && same_literals(a->literals, b->literals);
}

/* Whether the policy is the same with the image and without; how many of its files come from there, and whether its
 * literals do. */
static bool is_same(const char *path, const char *change, size_t files, bool literals)
{
	struct ab_err err = { 0 };
	struct ab_scrub_policy *a = ab_scrub_policy_load(path, true, &err);
	struct ab_scrub_policy *b = ab_scrub_policy_load_from(ab_scrub_shipped(), path, true, &err);
	bool same = a && b;

	if (same && change)
		same = ab_scrub_override(a, change, &err) == 0 && ab_scrub_override(b, change, &err) == 0;
	same = same && same_policy(a, b) && b->image.n == files;
#ifndef AB_VECTORSCAN
	same = same && b->literals->lent == literals;
#else
	(void)literals;
#endif
	if (!same)
		printf("# %s: %s\n", path, err.msg);
	ab_scrub_policy_free(a);
	ab_scrub_policy_free(b);
	return same;
}

static void test_shipped(struct tap *t)
{
	tap_ok(t, is_same(DIR "output.json", NULL, 6, true) && is_same(DIR "strict.json", NULL, 6, true) &&
			  is_same(DIR "input.json", NULL, 4, true) && is_same(DIR "logs.json", NULL, 6, true) &&
			  is_same(DIR "secrets.json", NULL, 1, true),
	       "the shipped policies are the same from the image, literals and hash included");
	tap_ok(t, is_same(DIR "output.json", "code.*=off", 6, false) && is_same(DIR "output.json", "code.*=log", 6, true),
	       "literals of rules that are off are left out, which the image's do not");
	tap_ok(t, is_same(DIR "rules/pii.json", NULL, 1, false), "so is a file of rules by itself");
}

static bool write_file(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "we");
	bool written = f && fwrite(text, 1, len, f) == len;

	return f && fclose(f) == 0 && written;
}

/* Copies a shipped file to the same place below `dir`; of one that is changed a bit is another. */
static bool copy_file(const char *dir, const char *name, bool changed)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err err = { 0 };
	char path[64];

	(void)snprintf(path, sizeof(path), DIR "%s", name);
	if (ab_path_read(path, 1 << 20, &text, &err) < 0)
		return false;
	if (changed)
		strstr(text.data, "\"description\": \"")[16] ^= 1;
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return write_file(path, text.data, text.len);
}

static void test_sites(struct tap *t, const char *dir)
{
	static const char two[] = "{\"version\":1,\"include\":[\"rules/url.json\",\"rules/pii.json\"]}";
	static const char turned[] = "{\"version\":1,\"include\":[\"rules/pii.json\",\"rules/url.json\"],"
				     "\"actions\":{\"pii\":\"log\"}}";
	static const char own[] = "{\"version\":1,\"include\":[\"rules/secret.json\"],\"rules\":[{\"id\":\"own.rule\","
				  "\"category\":\"code\",\"literals\":[\"abcd\"],\"pattern\":\"abcde\",\"examples\":{"
				  "\"hit\":[\"abcde\"],\"miss\":[\"abcd\"]}}]}";
	char site[64], pii[64], secrets[64];
	struct ab_err err = { 0 };

	(void)snprintf(site, sizeof(site), "%s/site.json", dir);
	(void)snprintf(pii, sizeof(pii), "%s/rules/pii.json", dir);
	(void)snprintf(secrets, sizeof(secrets), "%s/secrets.json", dir);
	tap_ok(t, copy_file(dir, "rules/url.json", false) && copy_file(dir, "rules/pii.json", false) &&
			  copy_file(dir, "rules/secret.json", false) && copy_file(dir, "secrets.json", false),
	       "the shipped files are copied");
	tap_ok(t, write_file(site, two, strlen(two)) && is_same(site, NULL, 2, false) &&
			  write_file(site, turned, strlen(turned)) && is_same(site, NULL, 2, false),
	       "a site's own policy takes the files that it includes, in any order");
	tap_ok(t, write_file(site, own, strlen(own)) && is_same(site, NULL, 1, false), "and adds rules to them");
	tap_ok(t, is_same(secrets, NULL, 1, true), "a copy of a shipped one takes all");
	tap_ok(t, write_file(site, two, strlen(two)) && copy_file(dir, "rules/pii.json", true) &&
			  is_same(site, NULL, 1, false) && is_same(pii, NULL, 0, false),
	       "a file in which one bit is another is read");
	tap_ok(t, copy_file(dir, "rules/secret.json", true) && is_same(secrets, NULL, 0, false),
	       "so it is behind a policy's own file that is the shipped one");
	tap_ok(t, truncate(pii, 100) == 0 && !ab_scrub_policy_load_from(ab_scrub_shipped(), pii, true, &err),
	       "and one that ends too early is refused");
}

static void with_directory(struct tap *t)
{
	static const char *const names[] = { "rules/url.json", "rules/pii.json", "rules/secret.json", "secrets.json",
					     "site.json", "rules", "" };
	char dir[] = "/tmp/ab-image-XXXXXX", path[64];

	if (!mkdtemp(dir)) {
		tap_ok(t, false, "a directory");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/rules", dir);
	if (mkdir(path, 0700) == 0)
		test_sites(t, dir);
	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)remove(path);
	}
}

static bool same_set(const struct ab_shape *a, uint16_t one, const struct ab_shape *b, uint16_t other)
{
	return one && other ? memcmp(a->sets[one], b->sets[other], sizeof(ab_atom_set)) == 0 : one == other;
}

/* Whether a step does the same: sets are told by what they hold, and members that it does not use are not looked at. */
static bool same_step(const struct ab_shape *a, const struct ab_shape *b, size_t at)
{
	const struct ab_step *x = ab_step_of(a->steps, at), *y = ab_step_of(b->steps, at);
	bool has_set = x->op == AB_OP_RUN || x->op == AB_OP_BEHIND || x->op == AB_OP_NOT_BEHIND;

	if (x->op != y->op || x->empty != y->empty || x->firm != y->firm || !same_set(a, x->first, b, y->first))
		return false;
	if (ab_step_is_short(x))
		return true;
	if (x->next != y->next || x->op == AB_OP_BYTE_TO)
		return x->next == y->next;
	for (size_t k = 0; x->op == AB_OP_FORK && k < x->max && k < y->max; k++)
		if (a->branches[x->other + k] != b->branches[y->other + k])
			return false;
	return x->other == y->other && x->max == y->max && (has_set ? same_set(a, x->set, b, y->set) : x->set == y->set);
}

static bool same_shape(const struct ab_shape *a, const struct ab_shape *b)
{
	bool same = a->n == b->n && a->entry == b->entry && a->n_forks == b->n_forks &&
		    memcmp(&a->first, &b->first, sizeof(a->first)) == 0 && memcmp(&a->lead, &b->lead, sizeof(a->lead)) == 0;

	for (size_t i = 0; same && i < a->n; i += ab_step_units(ab_step_of(a->steps, i)))
		same = same_step(a, b, i);
	return same;
}

/* Of the rules that have a shape, those that the image knows the same one of; *all: how many there are. */
static size_t count_shapes(struct ab_scrub_policy *p, size_t *all)
{
	struct ab_err err = { 0 };
	size_t same = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct ab_scrub_rule *r = &p->rules[i];
		struct ab_shape *read = r->pattern ? ab_shape_read(r->pattern, !r->exact, &err) : NULL;
		struct ab_shape *known = ab_image_shape(&p->image, r);

		*all += read && ab_shape_any(read);
		same += known && read && ab_shape_any(read) && same_shape(known, read);
		ab_shape_free(read);
		ab_shape_free(known);
	}
	return same;
}

static void test_shapes(struct tap *t)
{
	struct ab_err err = { 0 };
	struct ab_scrub_policy *p = ab_scrub_policy_load_from(ab_scrub_shipped(), DIR "strict.json", false, &err);
	size_t all = 0, none = 0, same;
	off_t at = 0;
	int file;

	tap_ok(t, p && count_shapes(p, &none) == 0, "without the image's file there are no shapes");
	if (!p)
		return;
	file = ab_scrub_shipped_file(&at);
	ab_scrub_policy_lend(p, file, at);
	same = count_shapes(p, &all);
	tap_ok(t, same == all && all > 700, "with it, %zu of %zu are those of the patterns", same, all);
	ab_scrub_policy_lend(p, ab_scrub_shipped_file(&at), at + 1);
	tap_ok(t, count_shapes(p, &none) == 0, "from another place there are none");
	ab_scrub_policy_lend(p, open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	tap_ok(t, count_shapes(p, &none) == 0, "nor in another file");
	ab_scrub_policy_free(p);
}

static void test_builds(struct tap *t)
{
	struct ab_scrub_image head = *(const struct ab_scrub_image *)ab_scrub_shipped(), other = head;
	struct ab_image_use use;

	ab_image_open(&use, &head);
	tap_ok(t, use.image == &head, "a head of this build is taken");
	other.rule_size++;
	ab_image_open(&use, &other);
	tap_ok(t, !use.image, "one of rules of another size is not");
	other = head;
	other.magic = __builtin_bswap64(head.magic);
	ab_image_open(&use, &other);
	tap_ok(t, !use.image, "nor one of a machine whose bytes stand in another order");
	ab_image_open(&use, NULL);
	tap_ok(t, !use.image, "nor none");
}

int main(void)
{
	struct tap t = { 0 };

	/* For another machine there may be none. */
	if (((const struct ab_scrub_image *)ab_scrub_shipped())->magic) {
		test_shipped(&t);
		with_directory(&t);
		test_builds(&t);
		test_shapes(&t);
	} else {
		tap_skip(&t, "a policy from the image", "none was made for this machine");
	}
	return tap_done(&t);
}
