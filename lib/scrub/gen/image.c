/* SPDX-License-Identifier: Apache-2.0 */
/* image POLICY... >IMAGE: makes the image (lib/scrub/image.h) of policies, each a file whose includes hold its rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/scrub/match.h"
#include "lib/scrub/pin.h"
#include "lib/scrub/scrub.h"
#include "lib/scrub/source.h"

#define ALIGN	 64
#define POLICIES 8
#define IMAGE	 ((size_t)64 << 20) /* more than any may have */

struct maker {
	struct ab_buf out;
	char *paths[AB_IMAGE_FILES]; /* of the files of rules */
	struct ab_image_file files[AB_IMAGE_FILES];
	size_t n_files;
	struct ab_image_index indices[POLICIES];
	struct ab_image_policy policies[POLICIES];
	size_t n_indices, n_policies;
	struct ab_err err;
};

static uint32_t align(struct maker *m, size_t to)
{
	while (m->out.len % to)
		ab_buf_addc(&m->out, '\0');
	return (uint32_t)m->out.len;
}

static struct ab_image_part add(struct maker *m, const void *things, size_t n, size_t size)
{
	struct ab_image_part part = { align(m, ALIGN), (uint32_t)n };

	ab_buf_add(&m->out, things, n * size);
	return part;
}

static const char *add_text(struct maker *m, const char *text)
{
	size_t at = m->out.len;

	if (!text)
		return NULL;
	ab_buf_add(&m->out, text, strlen(text) + 1);
	return (const char *)at;
}

static void add_words(struct maker *m, const struct ab_words *words, struct ab_words *ret)
{
	ab_autofree uint32_t *at = calloc(words->n + 1, sizeof(*at));

	for (size_t i = 0; at && i < words->n; i++)
		at[i] = (uint32_t)(uintptr_t)add_text(m, ab_words_item(words, i));
	m->out.failed |= !at;
	align(m, sizeof(*at));
	*ret = (struct ab_words){ .at = (const uint32_t *)m->out.len, .n = words->n };
	ab_buf_add(&m->out, at, words->n * sizeof(*at));
}

/* A rule's texts, what is asked for at each start first, and its pointers as places. */
static void add_rules(struct maker *m, const struct ab_scrub_policy *p, struct ab_scrub_rule *rules)
{
	memcpy(rules, p->rules, p->n * sizeof(*rules));
	for (size_t i = 0; i < p->n; i++) {
		rules[i].match = (ab_scrub_match_fn *)ab_scrub_match_number(p->rules[i].match);
		for (size_t k = 0; k < AB_SCRUB_MAX_CHECKS; k++)
			rules[i].checks[k] = (ab_scrub_check_fn *)ab_scrub_check_number(p->rules[i].checks[k]);
		rules[i].regex = NULL; /* it was tried */
		rules[i].id = add_text(m, p->rules[i].id);
	}
	for (size_t i = 0; i < p->n; i++) {
		rules[i].pattern = add_text(m, p->rules[i].pattern);
		add_words(m, &p->rules[i].then, &rules[i].then);
		add_words(m, &p->rules[i].near, &rules[i].near);
		add_words(m, &p->rules[i].stop, &rules[i].stop);
	}
	for (size_t i = 0; i < p->n; i++) {
		rules[i].description = add_text(m, p->rules[i].description);
		add_words(m, &p->rules[i].literals, &rules[i].literals);
		add_words(m, &p->rules[i].hit, &rules[i].hit);
		add_words(m, &p->rules[i].miss, &rules[i].miss);
	}
}

/* Adds a file of rules; its number, or -1. */
static int add_file(struct maker *m, const char *path)
{
	struct ab_image_file *file = &m->files[m->n_files];
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	ab_autofree struct ab_scrub_rule *rules = NULL;
	struct ab_scrub_policy *p;

	for (size_t i = 0; i < m->n_files; i++)
		if (strcmp(m->paths[i], path) == 0)
			return (int)i;
	p = m->n_files < AB_IMAGE_FILES ? ab_scrub_policy_load(path, false, &m->err) : NULL;
	if (!p || !p->files->rules_alone || ab_path_read(path, AB_SCRUB_POLICY_SIZE, &text, &m->err) < 0)
		return -1;
	rules = calloc(p->n, sizeof(*rules));
	m->paths[m->n_files] = strdup(path);
	if (!rules || !m->paths[m->n_files])
		return -1;
	file->rules = add(m, rules, p->n, sizeof(*rules));
	add_rules(m, p, rules);
	if (m->out.failed)
		return -1;
	memcpy(m->out.data + file->rules.at, rules, p->n * sizeof(*rules));
	file->text = add(m, text.data, text.len, 1);
	ab_scrub_policy_free(p);
	return (int)m->n_files++;
}

/* Without what may stand between the members. */
static struct ab_literal plain(const struct ab_literal *from)
{
	struct ab_literal to;

	memset(&to, 0, sizeof(to));
	to.want = from->want;
	to.fold = from->fold;
	to.text = from->text;
	to.tag = from->tag;
	to.len = from->len;
	to.pin = from->pin;
	to.eight = from->eight;
	to.unused = from->unused;
	to.exact = from->exact;
	to.whole = from->whole;
	return to;
}

static void add_index(struct maker *m, const struct ab_scrub_policy *p, const uint32_t *files, size_t n)
{
	struct ab_image_index *index = &m->indices[m->n_indices];
	const struct ab_literals *l = p->literals;
	ab_autofree unsigned char *off = calloc(p->n, 1);
	ab_autofree struct ab_literal *literals = calloc(l->n, sizeof(*literals));

	m->out.failed |= !off || !literals;
	for (size_t i = 0; off && i < p->n; i++)
		off[i] = p->rules[i].action == AB_SCRUB_OFF;
	for (size_t i = 0; i < m->n_indices && !m->out.failed; i++)
		if (m->indices[i].files.n == n && m->indices[i].off.n == p->n &&
		    memcmp(m->out.data + m->indices[i].files.at, files, n * sizeof(*files)) == 0 &&
		    memcmp(m->out.data + m->indices[i].off.at, off, p->n) == 0)
			return; /* another policy's, which does other things with what it finds */
	for (size_t i = 0; literals && i < l->n; i++)
		literals[i] = plain(&l->literals[i]);
	index->files = add(m, files, n, sizeof(*files));
	index->off = add(m, off, p->n, 1);
	index->tables = add(m, l, AB_PIN_TABLES, 1).at;
	index->marks = add(m, l->marks, l->n + AB_PIN_MARKS, sizeof(*l->marks));
	index->literals = add(m, literals, l->n, sizeof(*literals));
	index->texts = add(m, l->texts, l->texts_len + 8, 1); /* eight bytes are read behind them */
	index->texts.n -= 8;
	m->n_indices++;
}

/* Adds a policy: its own file holds no rules, and those that it includes nothing else. */
static int add_policy(struct maker *m, const char *path)
{
	struct ab_scrub_policy *p = ab_scrub_policy_load(path, true, &m->err);
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	uint32_t files[AB_IMAGE_FILES];
	size_t n = 0;

	if (!p || m->n_policies == POLICIES || ab_path_read(path, AB_SCRUB_POLICY_SIZE, &text, &m->err) < 0)
		return -1;
	for (const struct ab_source *s = p->files; s->next; s = s->next)
		n++;
	if (n > AB_IMAGE_FILES)
		return -1;
	for (const struct ab_source *s = p->files; s->next; s = s->next) { /* the last one was read first */
		int number = add_file(m, s->path);

		if (number < 0)
			return -1;
		files[--n] = (uint32_t)number;
	}
	for (const struct ab_source *s = p->files; s->next; s = s->next)
		n++;
	add_index(m, p, files, n);
	m->policies[m->n_policies].text = add(m, text.data, text.len, 1);
	m->policies[m->n_policies].files = add(m, files, n, sizeof(*files));
	memcpy(m->policies[m->n_policies++].hash, p->hash, sizeof(p->hash));
	ab_scrub_policy_free(p);
	return 0;
}

static int write_image(struct maker *m)
{
	struct ab_scrub_image head = { .magic = AB_IMAGE_MAGIC,
				       .head_size = sizeof(head),
				       .rule_size = sizeof(struct ab_scrub_rule),
				       .tables_size = AB_PIN_TABLES,
				       .literal_size = sizeof(struct ab_literal) };

	head.files = add(m, m->files, m->n_files, sizeof(m->files[0]));
	head.indices = add(m, m->indices, m->n_indices, sizeof(m->indices[0]));
	head.policies = add(m, m->policies, m->n_policies, sizeof(m->policies[0]));
	head.size = align(m, ALIGN);
	if (ab_buf_ok(&m->out, &m->err) < 0)
		return -1;
	if (m->out.len > IMAGE)
		return ab_err_usage(&m->err, "%zu bytes: more than any image may have", m->out.len);
	memcpy(m->out.data, &head, sizeof(head));
	return ab_io_write(STDOUT_FILENO, m->out.data, m->out.len, &m->err);
}

int main(int argc, char *argv[])
{
	struct maker m = { 0 };
	const struct ab_scrub_image head = { 0 };
	int status = argc > 1 ? 0 : ab_err_usage(&m.err, "expected POLICY...");

	ab_io_start();
	(void)add(&m, &head, 1, sizeof(head));
	for (int i = 1; i < argc && status == 0; i++) {
		status = add_policy(&m, argv[i]);
		if (status < 0 && !m.err.status)
			(void)ab_err_usage(&m.err, "%s: not a policy whose files hold nothing but rules", argv[i]);
	}
	if (status < 0 || write_image(&m) < 0)
		return ab_io_finish(ab_err_report("image", &m.err));
	for (size_t i = 0; i < m.n_files; i++)
		free(m.paths[i]);
	ab_buf_free(&m.out);
	return ab_io_finish(AB_EXIT_OK);
}
