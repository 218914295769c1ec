/* SPDX-License-Identifier: Apache-2.0 */
/* Changes as JSON and back, for receipts and archives. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/utf8.h"
#include "lib/jail/change.h"

static const char *const kinds[] = {
	[AB_CHANGE_CREATED] = "created", [AB_CHANGE_MODIFIED] = "modified",
	[AB_CHANGE_DELETED] = "deleted", [AB_CHANGE_TYPE] = "type",
	[AB_CHANGE_MODE] = "mode",
};

static const char *const flags[] = { "executable", "escapes", "hook", "special", "setid", "raced" };

static const struct {
	mode_t type;
	const char *name;
} types[] = {
	{ S_IFREG, "file" },   { S_IFDIR, "directory" }, { S_IFLNK, "link" },
	{ S_IFIFO, "fifo" },   { S_IFSOCK, "socket" },	 { S_IFCHR, "device" },
	{ S_IFBLK, "device" },
};

const char *ab_change_kind_name(enum ab_change_kind kind)
{
	return kinds[kind];
}

const char *ab_change_flag_name(unsigned flag)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(flags); i++)
		if (flag == 1u << i)
			return flags[i];
	return NULL;
}

/* Names are bytes, JSON is not: one that is no UTF-8 stands there with U+FFFD in place of what is
 * none, and as NAME_hex exactly. */
static void set_name(json_t *object, const char *key, const char *name)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 }, hex = { 0 };
	const unsigned char *p = (const unsigned char *)name;
	size_t len = strlen(name), good = ab_utf8_check(p, len);
	char hex_key[32];

	if (good == len) {
		(void)json_object_set_new(object, key, json_string(name));
		return;
	}
	while (len) {
		good = ab_utf8_check(p, len);
		ab_buf_add(&text, p, good);
		if (good < len)
			ab_buf_adds(&text, "\xef\xbf\xbd");
		good += good < len;
		p += good;
		len -= good;
	}
	for (p = (const unsigned char *)name; *p; p++)
		ab_buf_addf(&hex, "%02x", *p);
	(void)snprintf(hex_key, sizeof(hex_key), "%.16s_hex", key);
	if (text.failed || hex.failed)
		return;
	(void)json_object_set_new(object, key, json_string(text.data));
	(void)json_object_set_new(object, hex_key, json_string(hex.data));
}

static const char *type_name(mode_t mode)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(types); i++)
		if ((mode & S_IFMT) == types[i].type)
			return types[i].name;
	return "other";
}

static void set_state(json_t *object, const char *key, const struct ab_change_state *s)
{
	json_t *state;
	char text[AB_SHA256_TEXT];

	if (!s->mode)
		return;
	state = json_pack("{s:s}", "type", type_name(s->mode));
	if (!S_ISLNK(s->mode)) {
		(void)snprintf(text, sizeof(text), "%04o", (unsigned)s->mode & 07777);
		(void)json_object_set_new(state, "mode", json_string(text));
	}
	if (S_ISREG(s->mode))
		(void)json_object_set_new(state, "bytes", json_integer((json_int_t)s->bytes));
	if (s->hashed) {
		ab_sha256_text(s->sha256, text);
		(void)json_object_set_new(state, "sha256", json_string(text));
	}
	if (s->target)
		set_name(state, "target", s->target);
	(void)json_object_set_new(object, key, state);
}

json_t *ab_change_json(const struct ab_change *c)
{
	json_t *object = json_object(), *list = json_array();

	set_name(object, "path", c->path);
	(void)json_object_set_new(object, "change", json_string(kinds[c->kind]));
	for (size_t i = 0; i < AB_ARRAY_SIZE(flags); i++)
		if (c->flags & 1u << i)
			(void)json_array_append_new(list, json_string(flags[i]));
	if (json_array_size(list))
		(void)json_object_set(object, "flags", list);
	json_decref(list);
	set_state(object, "old", &c->old);
	set_state(object, "now", &c->now);
	if (json_object_get(object, "path") && json_object_get(object, "change") &&
	    (!c->old.mode || json_object_get(object, "old")) &&
	    (!c->now.mode || json_object_get(object, "now")))
		return object;
	json_decref(object);
	return NULL;
}

json_t *ab_changes_json(const struct ab_changes *changes)
{
	json_t *all = json_array();

	for (size_t i = 0; i < changes->n; i++)
		if (json_array_append_new(all, ab_change_json(&changes->items[i])) < 0) {
			json_decref(all);
			return NULL;
		}
	return all;
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* A name as set_name() wrote it, the caller's; NULL if there is none that makes sense. */
static char *get_name(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key)), *hex;
	char hex_key[32];
	size_t len;
	char *name;

	(void)snprintf(hex_key, sizeof(hex_key), "%.16s_hex", key);
	hex = json_string_value(json_object_get(object, hex_key));
	if (!text || !hex)
		return text ? strdup(text) : NULL;
	len = strlen(hex);
	name = len % 2 ? NULL : calloc(1, len / 2 + 1);
	for (size_t i = 0; name && i < len / 2; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		name[i] = (char)(high * 16 + low);
		if (high < 0 || low < 0 || !name[i]) {
			free(name);
			return NULL;
		}
	}
	return name;
}

static int get_mode(const json_t *state, mode_t *ret)
{
	const char *type = json_string_value(json_object_get(state, "type"));
	const char *mode = json_string_value(json_object_get(state, "mode"));
	unsigned bits = 0;

	for (size_t i = 0; !*ret && type && i < AB_ARRAY_SIZE(types); i++)
		if (strcmp(type, types[i].name) == 0)
			*ret = types[i].type;
	if (!*ret || (!mode && !S_ISLNK(*ret)) || (mode && strlen(mode) != 4))
		return -1;
	for (size_t i = 0; mode && i < 4; i++) {
		if (mode[i] < '0' || mode[i] > '7')
			return -1;
		bits = bits * 8 + (unsigned)(mode[i] - '0');
	}
	*ret |= bits;
	return 0;
}

static int get_hash(const json_t *state, struct ab_change_state *ret)
{
	const char *text = json_string_value(json_object_get(state, "sha256"));

	if (!text)
		return 0;
	if (strlen(text) != AB_SHA256_TEXT - 1 || strncmp(text, "sha256:", 7) != 0)
		return -1;
	for (size_t i = 0; i < AB_SHA256_SIZE; i++) {
		int high = digit(text[7 + 2 * i]), low = digit(text[8 + 2 * i]);

		if (high < 0 || low < 0)
			return -1;
		ret->sha256[i] = (unsigned char)(high * 16 + low);
	}
	ret->hashed = true;
	return 0;
}

static int get_state(const json_t *object, const char *key, struct ab_change_state *ret)
{
	const json_t *state = json_object_get(object, key), *bytes;

	if (!state)
		return 0;
	bytes = json_object_get(state, "bytes");
	if (get_mode(state, &ret->mode) < 0 || get_hash(state, ret) < 0 ||
	    (bytes && (!json_is_integer(bytes) || json_integer_value(bytes) < 0)) ||
	    (S_ISREG(ret->mode) && !bytes))
		return -1;
	ret->bytes = (uint64_t)json_integer_value(bytes);
	if (S_ISLNK(ret->mode)) {
		ret->target = get_name(state, "target");
		return ret->target && *ret->target ? 0 : -1;
	}
	return 0;
}

/* Names separated by one slash each, none of them "." or "..". */
static bool is_plain_path(const char *path)
{
	if (strcmp(path, ".") == 0)
		return true;
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 0 || len > 255 || (len == 1 && *path == '.') ||
		    (len == 2 && memcmp(path, "..", 2) == 0))
			return false;
		if (!path[len])
			return true;
		path += len + 1;
	}
}

/* What must be there, and what must not, for this kind of change. */
static bool is_sound(const struct ab_change *c)
{
	mode_t old = c->old.mode & S_IFMT, now = c->now.mode & S_IFMT;

	switch (c->kind) {
	case AB_CHANGE_CREATED:
		return !old && now;
	case AB_CHANGE_DELETED:
		return old && !now;
	case AB_CHANGE_TYPE:
		return old && now && old != now;
	case AB_CHANGE_MODIFIED:
		return old == now && (S_ISREG(now) || S_ISLNK(now));
	case AB_CHANGE_MODE:
		return old == now && now && !S_ISLNK(now);
	}
	return false;
}

int ab_change_read(const json_t *value, struct ab_change *ret, struct ab_err *err)
{
	const char *kind = json_string_value(json_object_get(value, "change"));
	const json_t *list = json_object_get(value, "flags"), *flag;
	size_t i;

	*ret = (struct ab_change){ .path = get_name(value, "path") };
	ret->kind = AB_CHANGE_MODE + 1;
	for (i = 0; kind && i < AB_ARRAY_SIZE(kinds); i++)
		if (strcmp(kind, kinds[i]) == 0)
			ret->kind = (enum ab_change_kind)i;
	json_array_foreach(list, i, flag) for (size_t k = 0; k < AB_ARRAY_SIZE(flags);
					       k++) if (json_is_string(flag) &&
							strcmp(json_string_value(flag), flags[k]) ==
								0) ret->flags |= 1u << k;
	if (ret->path && is_plain_path(ret->path) && get_state(value, "old", &ret->old) == 0 &&
	    get_state(value, "now", &ret->now) == 0 && is_sound(ret))
		return 0;
	ab_change_free(ret);
	return ab_err_no(err, "not a change");
}
