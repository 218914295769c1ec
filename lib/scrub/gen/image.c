/* SPDX-License-Identifier: Apache-2.0 */
/* image POLICY... >IMAGE: makes the image (lib/scrub/image.h) of policies, files whose includes hold the rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/path.h"
#include "lib/scrub/match.h"
#include "lib/scrub/pin.h"
#include "lib/scrub/scrub.h"
#include "lib/scrub/source.h"
#include "lib/scrub/step.h"

#define ALIGN	 64
#define POLICIES 8
#define SETS	 (1u << 16)
#define IMAGE	 ((size_t)64 << 20) /* more than any may have */

/* A file of rules, as it was read, and what becomes of it. */
struct source {
	char *path;
	struct ab_buf text;
	struct ab_scrub_policy *policy;
	struct ab_scrub_rule *rules;
	struct ab_image_shape *shapes;
};

struct maker {
	struct ab_buf out;
	struct ab_scrub_image head;
	struct source sources[AB_IMAGE_FILES];
	struct ab_image_file files[AB_IMAGE_FILES];
	size_t n_files;
	struct ab_image_index indices[POLICIES];
	struct ab_image_policy policies[POLICIES];
	size_t n_indices, n_policies;
	ab_atom_set sets[SETS]; /* those of all shapes, each once; the first is none's */
	uint16_t set_at[SETS];	/* numbers of sets by their hash, 0: none */
	size_t n_sets;
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

/* Of a rule, its pointers as places: what is asked for at each start. */
static void add_rule(struct maker *m, const struct ab_scrub_rule *from, struct ab_scrub_rule *to)
{
	memcpy(to, from, sizeof(*to));
	to->match = (ab_scrub_match_fn *)ab_scrub_match_number(from->match);
	for (size_t k = 0; k < AB_SCRUB_MAX_CHECKS; k++)
		to->checks[k] = (ab_scrub_check_fn *)ab_scrub_check_number(from->checks[k]);
	to->regex = NULL; /* it was tried */
	to->id = add_text(m, from->id);
	to->pattern = add_text(m, from->pattern);
	add_words(m, &from->then, &to->then);
	add_words(m, &from->near, &to->near);
	add_words(m, &from->stop, &to->stop);
}

/* And what is not. */
static void add_rest(struct maker *m, const struct ab_scrub_rule *from, struct ab_scrub_rule *to)
{
	to->description = add_text(m, from->description);
	add_words(m, &from->literals, &to->literals);
	add_words(m, &from->hit, &to->hit);
	add_words(m, &from->miss, &to->miss);
}

/* The number of a set, which is added if it is new. */
static uint16_t add_set(struct maker *m, const ab_atom_set set)
{
	uint32_t hash = 0;
	size_t at;

	for (int i = 0; i < 8; i++)
		hash = (hash ^ set[i]) * 0x9e3779b1u;
	for (at = hash % SETS; m->set_at[at]; at = (at + 1) % SETS)
		if (memcmp(m->sets[m->set_at[at]], set, sizeof(ab_atom_set)) == 0)
			return m->set_at[at];
	m->n_sets += !m->n_sets;
	if (m->n_sets == SETS - 1) {
		m->out.failed = true;
		return 0;
	}
	memcpy(m->sets[m->n_sets], set, sizeof(ab_atom_set));
	return m->set_at[at] = (uint16_t)m->n_sets++;
}

/* Without what may stand between the members, or in those that it does not use. */
static void copy_step(struct maker *m, const struct ab_shape *shape, const struct ab_step *from, struct ab_step *to)
{
	bool has_set = from->op == AB_OP_RUN || from->op == AB_OP_BEHIND || from->op == AB_OP_NOT_BEHIND;

	to->op = from->op;
	to->empty = from->empty;
	to->firm = from->firm;
	to->first = from->first ? add_set(m, shape->sets[from->first]) : 0;
	if (ab_step_is_short(from))
		return;
	to->next = from->next;
	if (from->op == AB_OP_BYTE_TO)
		return;
	to->set = has_set ? add_set(m, shape->sets[from->set]) : from->set;
	to->other = from->other;
	to->max = from->max;
}

static void shape_done(struct ab_shape **shape)
{
	ab_shape_free(*shape);
}

/* Adds what the rule's pattern looks like, unless that is not told. */
static void add_shape(struct maker *m, const struct ab_scrub_rule *rule, struct ab_image_shape *ret)
{
	ab_auto(shape_done) struct ab_shape *shape = rule->pattern ? ab_shape_read(rule->pattern, !rule->exact, &m->err) : NULL;
	ab_autofree unsigned char *steps = NULL;
	size_t n_branches = 0;

	if (!shape || !ab_shape_any(shape))
		return;
	steps = calloc(shape->n + AB_STEP_UNITS - 1, AB_STEP_UNIT); /* a short one may be the last */
	m->out.failed |= !steps;
	for (size_t i = 0; steps && i < shape->n; i += ab_step_units(ab_step_of(shape->steps, i))) {
		const struct ab_step *from = ab_step_of(shape->steps, i);

		copy_step(m, shape, from, ab_step_at(steps, i));
		if (from->op == AB_OP_FORK && n_branches < (size_t)from->other + from->max)
			n_branches = (size_t)from->other + from->max;
	}
	*ret = (struct ab_image_shape){ .n = (uint32_t)shape->n, .entry = (uint32_t)shape->entry,
					.n_forks = (uint32_t)shape->n_forks };
	memcpy(ret->lead, shape->lead.set, sizeof(ret->lead));
	ret->steps = align(m, AB_STEP_UNIT);
	ret->branches = (uint32_t)((shape->n + AB_STEP_UNITS - 1) * AB_STEP_UNIT);
	ret->size = ret->branches + (uint32_t)(n_branches * sizeof(*shape->branches));
	ab_buf_add(&m->out, steps, ret->branches);
	ab_buf_add(&m->out, shape->branches, ret->size - ret->branches);
}

/* Those of all rules of a file. */
static void add_shapes(struct maker *m, size_t number)
{
	struct source *s = &m->sources[number];
	size_t n = s->policy->n;

	for (size_t i = 0; i < n; i++)
		add_shape(m, &s->policy->rules[i], &s->shapes[i]);
}

/* Loads a file of rules; its number, or -1. */
static int load_file(struct maker *m, const char *path)
{
	struct source *s = &m->sources[m->n_files];
	for (size_t i = 0; i < m->n_files; i++)
		if (strcmp(m->sources[i].path, path) == 0)
			return (int)i;
	if (m->n_files == AB_IMAGE_FILES)
		return -1;
	m->n_files++;
	s->path = strdup(path);
	s->policy = ab_scrub_policy_load(path, false, &m->err);
	if (!s->path || !s->policy || !s->policy->files->rules_alone ||
	    ab_path_read(path, AB_SCRUB_POLICY_SIZE, &s->text, &m->err) < 0)
		return -1;
	s->rules = calloc(s->policy->n, sizeof(*s->rules));
	s->shapes = calloc(s->policy->n, sizeof(*s->shapes));
	return s->rules && s->shapes ? (int)m->n_files - 1 : ab_err_memory(&m->err);
}

/* Room for the rules of a file and their shapes, and what they point to. */
static void add_file(struct maker *m, size_t number)
{
	struct source *s = &m->sources[number];
	struct ab_image_file *file = &m->files[number];
	size_t n = s->policy->n;

	file->rules = add(m, s->rules, n, sizeof(*s->rules));
	for (size_t i = 0; i < n; i++)
		add_rule(m, &s->policy->rules[i], &s->rules[i]);
	file->shapes = add(m, s->shapes, n, sizeof(*s->shapes));
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
		size_t before = m->n_files;
		int number = load_file(m, s->path);

		if (number < 0)
			return -1;
		if (before < m->n_files)
			add_file(m, before);
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

static void add_all(struct maker *m)
{
	m->head.files = add(m, m->files, m->n_files, sizeof(m->files[0]));
	m->head.indices = add(m, m->indices, m->n_indices, sizeof(m->indices[0]));
	m->head.policies = add(m, m->policies, m->n_policies, sizeof(m->policies[0]));
	/* From here on lies what is looked at once, or not at all. */
	for (size_t k = 0; k < m->n_files; k++)
		m->files[k].text = add(m, m->sources[k].text.data, m->sources[k].text.len, 1);
	for (size_t k = 0; k < m->n_files; k++)
		for (size_t i = 0; i < m->sources[k].policy->n; i++)
			add_rest(m, &m->sources[k].policy->rules[i], &m->sources[k].rules[i]);
	/* And what is read from the file. */
	for (size_t k = 0; k < m->n_files; k++)
		add_shapes(m, k);
	m->head.sets = add(m, m->sets, m->n_sets, sizeof(m->sets[0]));
	m->head.size = align(m, ALIGN);
}

static int write_image(struct maker *m)
{
	struct ab_sha256 sha;

	if (m->err.status || ab_buf_ok(&m->out, &m->err) < 0)
		return -1;
	if (m->out.len > IMAGE)
		return ab_err_usage(&m->err, "%zu bytes: more than any image may have", m->out.len);
	memcpy(m->out.data + m->head.files.at, m->files, m->n_files * sizeof(m->files[0]));
	for (size_t i = 0; i < m->n_files; i++) {
		const struct source *s = &m->sources[i];

		memcpy(m->out.data + m->files[i].rules.at, s->rules, s->policy->n * sizeof(*s->rules));
		memcpy(m->out.data + m->files[i].shapes.at, s->shapes, s->policy->n * sizeof(*s->shapes));
	}
	ab_sha256_init(&sha);
	ab_sha256_add(&sha, m->out.data + sizeof(m->head), m->out.len - sizeof(m->head));
	ab_sha256_end(&sha, m->head.hash);
	memcpy(m->out.data, &m->head, sizeof(m->head));
	return ab_io_write(STDOUT_FILENO, m->out.data, m->out.len, &m->err);
}

static void maker_done(struct maker *m)
{
	for (size_t i = 0; i < m->n_files; i++) {
		ab_scrub_policy_free(m->sources[i].policy);
		ab_buf_free(&m->sources[i].text);
		free(m->sources[i].path);
		free(m->sources[i].rules);
		free(m->sources[i].shapes);
	}
	ab_buf_free(&m->out);
}

/* Loads the policy's files, and adds those of their rules that were not there. */
static int add_policies(struct maker *m, char *paths[], int n)
{
	for (int i = 0; i < n; i++) {
		if (add_policy(m, paths[i]) == 0)
			continue;
		return m->err.status ? -1
				     : ab_err_usage(&m->err, "%s: not a policy whose files hold nothing but rules", paths[i]);
	}
	return n ? 0 : ab_err_usage(&m->err, "expected POLICY...");
}

int main(int argc, char *argv[])
{
	ab_auto(maker_done) struct maker m = { .head = { .magic = AB_IMAGE_MAGIC,
							 .head_size = sizeof(m.head),
							 .rule_size = sizeof(struct ab_scrub_rule),
							 .tables_size = AB_PIN_TABLES,
							 .literal_size = sizeof(struct ab_literal),
							 .step_size = sizeof(struct ab_step) } };

	ab_io_start();
	(void)add(&m, &m.head, 1, sizeof(m.head));
	if (add_policies(&m, argv + 1, argc - 1) < 0)
		return ab_io_finish(ab_err_report("image", &m.err));
	add_all(&m);
	return ab_io_finish(write_image(&m) < 0 ? ab_err_report("image", &m.err) : AB_EXIT_OK);
}
