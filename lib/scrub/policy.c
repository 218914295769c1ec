/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/policy.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/near.h"
#include "lib/base/path.h"
#include "lib/scrub/need.h"
#include "lib/scrub/shape.h"

#define ROOM 1024 /* rules that there is room for at first: those of the shipped policies, which are not moved then */

/* What a policy file may say, in the order of the table of it. */
enum { VERSION, NAME, DESCRIPTION, INCLUDE, DEFAULTS, ACTIONS, ALLOW, OVERRIDES, RULES, KEYS };

/* A file that is being read: the nodes of its values, 0 for those that it has not. */
struct file {
	struct ab_source *source;
	size_t values[KEYS];
};

static int read_keys(struct file *f, struct ab_err *err)
{
	static const struct ab_json_key keys[] = {
		[VERSION] = { "version", JSON_INTEGER, true },
		[NAME] = { "name", JSON_STRING, false },
		[DESCRIPTION] = { "description", JSON_STRING, false },
		[INCLUDE] = { "include", JSON_ARRAY, false },
		[DEFAULTS] = { "defaults", JSON_OBJECT, false },
		[ACTIONS] = { "actions", JSON_OBJECT, false },
		[ALLOW] = { "allow", JSON_OBJECT, false },
		[OVERRIDES] = { "overrides", JSON_ARRAY, false },
		[RULES] = { "rules", JSON_ARRAY, false },
		[KEYS] = { 0 },
	};

	return ab_source_keys(f->source, 0, "", keys, f->values, err);
}

/* The first element of an array, and the next: 0 behind the last, or where there is no array. */
static size_t first_of(const struct ab_source *s, size_t array)
{
	return array && s->tape.nodes[array].count ? array + 1 : 0;
}

static size_t next_of(const struct ab_source *s, size_t array, size_t node)
{
	size_t next = s->tape.nodes[node].next;

	return next < s->tape.nodes[array].next ? next : 0;
}

/* Reads a file, which the policy then owns, and adds it to the hash. */
static struct ab_source *read_file(struct ab_scrub_policy *p, const char *path, struct ab_err *err)
{
	struct ab_source *s = calloc(1, sizeof(*s));

	if (!s) {
		ab_err_memory(err);
		return NULL;
	}
	s->next = p->files;
	p->files = s;
	if (ab_source_load(s, path, err) < 0)
		return NULL;
	if (p->hashed && (s->next || p->image.n || !ab_image_begins(&p->image, s->text.data, s->text.len))) {
		ab_image_add_hash(&p->image, &p->sha);
		ab_sha256_add(&p->sha, s->text.data, s->text.len);
	}
	return ab_source_read(s, path, err) < 0 ? NULL : s;
}

static struct ab_scrub_rule *new_rule(struct ab_scrub_policy *p, struct ab_err *err)
{
	if (p->n == AB_SCRUB_MAX_RULES) {
		ab_err_usage(err, "more than %d rules", AB_SCRUB_MAX_RULES);
		return NULL;
	}
	if (p->n == p->capacity) {
		size_t capacity = p->capacity ? p->capacity * 2 : ROOM;
		struct ab_scrub_rule *rules = realloc(p->rules, capacity * sizeof(*rules));

		if (!rules) {
			ab_err_memory(err);
			return NULL;
		}
		p->rules = rules;
		p->capacity = capacity;
	}
	return &p->rules[p->n];
}

/* FNV-1a: rules of one id are looked for by it. */
static uint32_t hash_of(const char *id)
{
	uint32_t hash = 2166136261u;

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * 16777619u;
	return hash;
}

/* Notes the id of the rule that is number p->n; false: it is another one's already. */
static bool add_id(struct ab_scrub_policy *p, const char *id)
{
	uint32_t at = hash_of(id) % AB_SCRUB_IDS;

	for (; p->ids[at]; at = (at + 1) % AB_SCRUB_IDS)
		if (strcmp(p->rules[p->ids[at] - 1].id, id) == 0)
			return false;
	p->ids[at] = (uint16_t)(p->n + 1);
	return true;
}

static int add_rules(struct ab_scrub_policy *p, const struct file *f, const char *path,
		     struct ab_err *err)
{
	size_t rules = f->values[RULES], n = 0;
	char where[64];

	for (size_t i = first_of(f->source, rules); i; i = next_of(f->source, rules, i), n++) {
		struct ab_scrub_rule *r = new_rule(p, err);

		(void)snprintf(where, sizeof(where), "/rules/%zu", n); /* fits */
		if (!r || ab_scrub_rule_load(r, f->source, i, where, err) < 0)
			return ab_err_prefix(err, "%s: ", path);
		if (!add_id(p, r->id))
			return ab_err_usage(err, "%s: %s/id: %s is a rule already", path, where,
					    r->id);
		p->n++;
	}
	return 0;
}

/* The same of a file whose rules are in the image, which holds no more than rules. */
static int take_rules(struct ab_scrub_policy *p, const struct ab_image_file *file, const char *path, struct ab_err *err)
{
	ab_image_take(&p->image, file, p->hashed ? &p->sha : NULL);
	for (size_t i = 0; i < file->rules.n; i++) {
		struct ab_scrub_rule *r = new_rule(p, err);

		if (!r)
			return ab_err_prefix(err, "%s: ", path);
		ab_image_rule(&p->image, file, i, r);
		if (!add_id(p, r->id))
			return ab_err_usage(err, "%s: /rules/%zu/id: %s is a rule already", path, i, r->id);
		p->n++;
	}
	return 0;
}

static int load_allow(struct ab_scrub_policy *p, const struct file *f, struct ab_err *err)
{
	static const struct ab_json_key keys[] = { { "domains", JSON_ARRAY, false },
						   { "values", JSON_ARRAY, false },
						   { 0 } };
	struct ab_source *s = f->source;
	size_t values[2], n = 0;

	if (!f->values[ALLOW])
		return 0;
	if (ab_source_keys(s, f->values[ALLOW], "/allow", keys, values, err) < 0)
		return -1;
	for (size_t i = first_of(s, values[0]); i; i = next_of(s, values[0], i), n++) {
		const char *name = ab_source_text(s, i);

		if (!name || ab_scrub_allow_domain(p, name, err) < 0)
			return ab_err_usage(err, "/allow/domains/%zu: not a host name", n);
	}
	n = 0;
	for (size_t i = first_of(s, values[1]); i; i = next_of(s, values[1], i), n++) {
		const char *hash = ab_source_text(s, i);

		if (!hash || ab_scrub_allow_value(p, hash, err) < 0)
			return ab_err_usage(err, "/allow/values/%zu: not sha256: and hex", n);
	}
	return 0;
}

/* Puts an action on every rule whose id matches the glob; returns how many these are. *ret_index: some
 * are looked for that were not, or the other way round. */
static size_t set_action(struct ab_scrub_policy *p, const char *glob, enum ab_scrub_action action,
			 bool *ret_index)
{
	size_t n = 0, plain = strcspn(glob, "*?[\\"); /* most ids differ from it here already */

	for (size_t i = 0; i < p->n; i++)
		if (strncmp(glob, p->rules[i].id, plain) == 0 && fnmatch(glob, p->rules[i].id, 0) == 0) {
			*ret_index |= !p->rules[i].action != !action; /* AB_SCRUB_OFF is 0 */
			p->rules[i].action = action;
			p->rules[i].rank = AB_RANK_RULE;
			n++;
		}
	return n;
}

static int load_overrides(struct ab_scrub_policy *p, const struct file *f, struct ab_err *err)
{
	static const struct ab_json_key keys[] = { { "match", JSON_STRING, true },
						   { "action", JSON_STRING, true },
						   { 0 } };
	size_t list = f->values[OVERRIDES], n = 0, values[2];

	for (size_t i = first_of(f->source, list); i; i = next_of(f->source, list, i), n++) {
		const char *match, *name;
		bool ignored = false; /* the index is still to be made */
		char where[48];

		(void)snprintf(where, sizeof(where), "/overrides/%zu", n); /* fits */
		if (ab_source_type(f->source, i) != JSON_OBJECT)
			return ab_err_usage(err, "%s: expected an object", where);
		if (ab_source_keys(f->source, i, where, keys, values, err) < 0)
			return -1;
		match = ab_source_text(f->source, values[0]);
		name = ab_source_text(f->source, values[1]);
		if (!match || !name || ab_scrub_action_parse(name) < 0)
			return ab_err_usage(err, "%s/action: no such action", where);
		(void)set_action(p, match, (enum ab_scrub_action)ab_scrub_action_parse(name),
				 &ignored);
	}
	return 0;
}

/* Puts the named action (NULL: none is named) on rules of a category (-1: any) that have one of no
 * higher rank. */
static int set_rank(struct ab_scrub_policy *p, const char *name, int category,
		    enum ab_scrub_rank rank)
{
	int action = name ? ab_scrub_action_parse(name) : 0;

	if (!name)
		return 0;
	for (size_t i = 0; action >= 0 && i < p->n; i++) {
		struct ab_scrub_rule *r = &p->rules[i];

		if (r->rank <= rank && (category < 0 || (int)r->category == category)) {
			r->action = (enum ab_scrub_action)action;
			r->rank = rank;
		}
	}
	return action < 0 ? -1 : 0;
}

/* The default action and those of categories, for rules that name none. */
static int load_actions(struct ab_scrub_policy *p, const struct file *f, struct ab_err *err)
{
	static const struct ab_json_key defaults_keys[] = { { "action", JSON_STRING, false },
							    { "max_depth", JSON_INTEGER, false },
							    { 0 } };
	struct ab_json_key category_keys[AB_SCRUB_CATEGORIES + 1] = { 0 };
	size_t defaults[2] = { 0 }, actions[AB_SCRUB_CATEGORIES] = { 0 };
	struct ab_source *s = f->source;
	long long depth = (long long)p->max_depth;

	for (int c = 0; c < AB_SCRUB_CATEGORIES; c++)
		category_keys[c] =
			(struct ab_json_key){ ab_scrub_category_name(c), JSON_STRING, false };
	if ((f->values[DEFAULTS] && ab_source_keys(s, f->values[DEFAULTS], "/defaults",
						   defaults_keys, defaults, err) < 0) ||
	    (f->values[ACTIONS] &&
	     ab_source_keys(s, f->values[ACTIONS], "/actions", category_keys, actions, err) < 0))
		return -1;
	if (defaults[1] && !ab_source_integer(s, defaults[1], &depth))
		depth = -1;
	if (depth < 0 || depth > AB_SCRUB_DEPTH_MAX)
		return ab_err_usage(err, "/defaults/max_depth: expected 0 to %d", AB_SCRUB_DEPTH_MAX);
	p->max_depth = (size_t)depth;
	if (set_rank(p, ab_source_text(s, defaults[0]), -1, AB_RANK_DEFAULT) < 0)
		return ab_err_usage(err, "/defaults/action: no such action");
	for (int c = 0; c < AB_SCRUB_CATEGORIES; c++)
		if (set_rank(p, ab_source_text(s, actions[c]), c, AB_RANK_CATEGORY) < 0)
			return ab_err_usage(err, "/actions/%s: no such action",
					    category_keys[c].name);
	return 0;
}

static int load_rules(struct ab_scrub_policy *p, const char *path, unsigned depth,
		      struct ab_err *err);

/* Includes are found in the folder of the file that names them. */
static int load_includes(struct ab_scrub_policy *p, const struct file *f, const char *path,
			 unsigned depth, struct ab_err *err)
{
	const char *slash = strrchr(path, '/');
	size_t list = f->values[INCLUDE], n = 0;

	for (size_t i = first_of(f->source, list); i; i = next_of(f->source, list, i), n++) {
		ab_auto(ab_buf_free) struct ab_buf name = { 0 };
		const char *text = ab_source_text(f->source, i);

		if (!text || !*text)
			return ab_err_usage(err, "%s: /include/%zu: expected a file name", path, n);
		if (slash && *text != '/')
			ab_buf_add(&name, path, (size_t)(slash - path) + 1);
		ab_buf_adds(&name, text);
		if (ab_buf_ok(&name, err) < 0 || load_rules(p, name.data, depth + 1, err) < 0)
			return -1;
	}
	return 0;
}

/* Loads a file with its includes, whose rules stand before its own. */
static int load_rules(struct ab_scrub_policy *p, const char *path, unsigned depth,
		      struct ab_err *err)
{
	const struct ab_image_file *known;
	struct file f = { 0 };
	long long version;

	if (depth > AB_SCRUB_INCLUDE_DEPTH)
		return ab_err_usage(err, "%s: includes deeper than %d", path,
				    AB_SCRUB_INCLUDE_DEPTH);
	known = ab_image_find(&p->image, path);
	if (known)
		return take_rules(p, known, path, err);
	f.source = read_file(p, path, err);
	if (!f.source)
		return -1;
	if (ab_source_type(f.source, 0) != JSON_OBJECT)
		return ab_err_usage(err, "%s: expected an object", path);
	if (read_keys(&f, err) < 0)
		return ab_err_prefix(err, "%s: ", path);
	if (!ab_source_integer(f.source, f.values[VERSION], &version) || version != 1)
		return ab_err_usage(err, "%s: /version: expected 1", path);
	if (load_includes(p, &f, path, depth, err) < 0 || add_rules(p, &f, path, err) < 0)
		return -1;
	/* What a file says about actions holds for its own rules and those that it includes. */
	if (load_actions(p, &f, err) < 0 || load_allow(p, &f, err) < 0 ||
	    load_overrides(p, &f, err) < 0)
		return ab_err_prefix(err, "%s: ", path);
	f.source->rules_alone = !f.values[INCLUDE] && !f.values[DEFAULTS] && !f.values[ACTIONS] && !f.values[ALLOW] &&
				!f.values[OVERRIDES];
	ab_source_close(f.source);
	return 0;
}

static int compile_all(struct ab_scrub_policy *p, struct ab_err *err)
{
	for (size_t i = 0; i < p->n; i++)
		if (ab_scrub_rule_compile(&p->rules[i], err) < 0)
			return -1;
	return 0;
}

static int finish(struct ab_scrub_policy *p, struct ab_err *err)
{
	const char *known = ab_image_hash(&p->image);
	unsigned char digest[AB_SHA256_SIZE];

	if (!p->n)
		return ab_err_usage(err, "no rules");
	if (known) {
		memcpy(p->hash, known, sizeof(p->hash));
	} else {
		ab_image_add_hash(&p->image, &p->sha);
		ab_sha256_end(&p->sha, digest);
		ab_sha256_text(digest, p->hash);
	}
	ab_scrub_set_key(p, "agentbox scrub fingerprint 1", 28);
	if (p->eager && compile_all(p, err) < 0)
		return -1;
	return ab_scrub_policy_index(p, err);
}

struct ab_scrub_policy *ab_scrub_policy_load(const char *name, bool hashed, struct ab_err *err)
{
	return ab_scrub_policy_load_from(NULL, name, hashed, err);
}

struct ab_scrub_policy *ab_scrub_policy_load_from(const void *image, const char *name, bool hashed, struct ab_err *err)
{
	ab_autofree char *shipped = NULL;
	ab_auto(ab_buf_free) struct ab_buf relative = { 0 };
	struct ab_scrub_policy *p = calloc(1, sizeof(*p));
	struct ab_near near = { .word = name };
	const char *path = name;

	if (p)
		ab_image_open(&p->image, image);
	if (!p || !(p->domains = json_array()) || !(p->values = json_object())) {
		ab_err_memory(err);
		goto fail;
	}
	p->hashed = hashed;
	ab_sha256_init(&p->sha);
	p->max_depth = 3;
	p->eager = ab_path_is_file(name);
	if (!p->eager) {
		ab_buf_addf(&relative, "policies/%s.json", name);
		if (ab_buf_ok(&relative, err) < 0 || !(shipped = ab_path_share(relative.data, err)))
			goto fail;
		path = shipped;
	}
	if (shipped && access(shipped, F_OK) < 0 && errno == ENOENT) {
		ab_err_usage(err, "%s: no such file, and no policy of that name is shipped", name);
		ab_near_try_shipped(&near, "policies", ".json");
		(void)ab_near_tell(&near, "", err);
		goto fail;
	}
	if (load_rules(p, path, 0, err) < 0)
		goto fail;
	if (finish(p, err) < 0) {
		ab_err_prefix(err, "%s: ", path);
		goto fail;
	}
	return p;
fail:
	ab_scrub_policy_free(p);
	return NULL;
}

void ab_scrub_policy_lend(struct ab_scrub_policy *p, int fd, off_t at)
{
	ab_image_lend(&p->image, fd, at);
}

void ab_scrub_policy_free(struct ab_scrub_policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n; i++) {
		free(p->rules[i].prefix);
		ab_need_free(p->rules[i].need);
		ab_shape_free(p->rules[i].shape);
		ab_regex_free(p->rules[i].regex);
	}
	ab_image_close(&p->image);
	ab_literals_free(p->literals);
	free(p->rules);
	free(p->run_rules);
	free(p->slow_rules);
	for (struct ab_source *f = p->files, *next; f; f = next) {
		next = f->next;
		ab_source_free(f);
		free(f);
	}
	json_decref(p->domains);
	json_decref(p->values);
	json_decref(p->baseline);
	free(p);
}

int ab_scrub_override(struct ab_scrub_policy *p, const char *spec, struct ab_err *err)
{
	const char *equals = strrchr(spec, '=');
	ab_autofree char *glob = equals ? strndup(spec, (size_t)(equals - spec)) : NULL;
	int action = equals ? ab_scrub_action_parse(equals + 1) : -1;
	bool index = false;

	if (action < 0)
		return ab_err_usage(err, "%s: expected RULE=off|log|warn|redact|block", spec);
	if (!glob)
		return ab_err_memory(err);
	/* A misspelt name would leave a rule on, or off, that somebody thinks is not. */
	if (set_action(p, glob, (enum ab_scrub_action)action, &index) == 0)
		return ab_err_usage(err, "%s: no such rule in the policy", glob);
	return index ? ab_scrub_policy_index(p, err) : 0;
}

const char *ab_scrub_policy_hash(const struct ab_scrub_policy *p)
{
	return p->hash;
}

size_t ab_scrub_policy_rules(const struct ab_scrub_policy *p)
{
	return p->n;
}
