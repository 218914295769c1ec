/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/environment.h"

#include <ctype.h>
#include <string.h>

#include "lib/jail/program.h"
#include "lib/jail/secret.h"

static const char *const defaults[] = { ("PATH=" AB_JAIL_PATH), "HOME=/tmp", "LANG=C.UTF-8" };

static bool is_name(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_')
			return false;
	return len > 0 && !isdigit((unsigned char)text[0]);
}

/* No message holds a value. */
static int check_value(const char *name, const char *value, struct ab_err *err)
{
	const char *shape = ab_secret_shape(name, value);

	if (!shape)
		return 0;
	return ab_err_usage(err,
			    "--env: %s: looks like %s; an agent needs none behind a proxy that "
			    "adds it (--insecure-env gives it nevertheless)",
			    name, shape);
}

/* "NAME=VALUE"; the caller's. */
static char *join(const char *name, const char *value, struct ab_err *err)
{
	size_t len = strlen(name);
	char *entry = malloc(len + strlen(value) + 2);

	if (!entry) {
		ab_err_memory(err);
		return NULL;
	}
	memcpy(entry, name, len);
	entry[len] = '=';
	memcpy(entry + len + 1, value, strlen(value) + 1);
	return entry;
}

/* The entry for what the option says; the caller's. */
static char *make_entry(const char *word, bool insecure, struct ab_err *err)
{
	size_t len = strcspn(word, "=");
	ab_autofree char *name = strndup(word, len);
	const char *value;

	if (!name) {
		ab_err_memory(err);
		return NULL;
	}
	if (!is_name(word, len)) {
		ab_err_usage(err, "--env: %s: not a name of letters, digits and _", name);
		return NULL;
	}
	if (strncmp(name, "AB_", 3) == 0) {
		ab_err_usage(err, "--env: %s: the agent never sees agentbox's own variables", name);
		return NULL;
	}
	value = word[len] ? word + len + 1 : secure_getenv(name);
	if (!value) {
		ab_err_usage(err, "--env: %s: is not set", name);
		return NULL;
	}
	if (!insecure && check_value(name, value, err) < 0)
		return NULL;
	return join(name, value, err);
}

/* The place of the variable that `entry` sets: where it stands already, or the end. */
static size_t place_of(char *const *env, const char *entry)
{
	size_t i = 0, len = strcspn(entry, "=") + 1;

	while (env[i] && strncmp(env[i], entry, len) != 0)
		i++;
	return i;
}

char **ab_environment_make(const struct ab_list *names, bool insecure, struct ab_err *err)
{
	char **env = calloc(AB_ARRAY_SIZE(defaults) + names->n + 1, sizeof(*env));

	if (!env) {
		ab_err_memory(err);
		return NULL;
	}
	for (size_t i = 0; i < AB_ARRAY_SIZE(defaults) + names->n; i++) {
		char *entry = i < AB_ARRAY_SIZE(defaults)
				      ? strdup(defaults[i])
				      : make_entry(names->items[i - AB_ARRAY_SIZE(defaults)],
						   insecure, err);
		size_t at;

		if (!entry) {
			if (!err->status)
				ab_err_memory(err);
			ab_environment_free(env);
			return NULL;
		}
		at = place_of(env, entry);
		free(env[at]);
		env[at] = entry;
	}
	return env;
}

const char *ab_environment_get(char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (; *env; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			return *env + len + 1;
	return NULL;
}

int ab_environment_set(char ***env, const char *name, const char *value, struct ab_err *err)
{
	size_t len = strlen(name), more = strlen(value), at, n = 0;
	char *entry = malloc(len + more + 2), **list;

	while ((*env)[n])
		n++;
	list = realloc(*env, (n + 2) * sizeof(*list));
	*env = list ? list : *env;
	if (!entry || !list) {
		free(entry);
		return ab_err_memory(err);
	}
	memcpy(entry, name, len);
	entry[len] = '=';
	memcpy(entry + len + 1, value, more + 1);
	at = place_of(list, entry);
	if (!list[at])
		list[at + 1] = NULL;
	free(list[at]);
	list[at] = entry;
	return 0;
}

void ab_environment_free(char **env)
{
	for (size_t i = 0; env && env[i]; i++)
		free(env[i]);
	free(env);
}
