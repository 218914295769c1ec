/* SPDX-License-Identifier: Apache-2.0 */
/* Files of ours, JSON and YAML, as jansson values. Who reads no file is linked without YAML. */
#include <fcntl.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/json/value.h"
#include "lib/json/yaml.h"

const char *ab_json_split(const char *spec, char **ret_file, struct ab_err *err)
{
	const char *hash = strstr(spec, "#/");
	size_t len = strlen(spec);
	char *file;

	if (!hash && len && spec[len - 1] == '#')
		hash = spec + len - 1;
	if (!hash)
		hash = spec + len;
	if (hash == spec) {
		ab_err_usage(err, "%s: no file is named", *spec ? spec : "''");
		return NULL;
	}
	file = strndup(spec, (size_t)(hash - spec));
	if (!file) {
		ab_err_memory(err);
		return NULL;
	}
	*ret_file = file;
	return *hash ? hash + 1 : hash;
}

static bool is_yaml(const char *file)
{
	const char *dot = strrchr(file, '.');

	return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* The bytes of a file, YAML already as JSON. */
static int read_text(const char *file, size_t max, struct ab_buf *text, struct ab_err *err)
{
	ab_autoclose int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ab_auto(ab_buf_free) struct ab_buf raw = { 0 };

	if (fd < 0) {
		ab_err_sys(err, "%s", file);
		err->status = AB_EXIT_USAGE;
		return -1;
	}
	if (ab_buf_read(&raw, fd, max, err) < 0)
		return ab_err_prefix(err, "%s: ", file);
	if (!is_yaml(file)) {
		*text = raw;
		raw = (struct ab_buf){ 0 };
	} else if (ab_yaml_to_json(raw.data, raw.len, text, err) < 0) {
		return ab_err_prefix(err, "%s: ", file);
	}
	return 0;
}

json_t *ab_json_load_file(const char *spec, size_t max, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	ab_autofree char *file = NULL;
	const char *pointer = ab_json_split(spec, &file, err);
	json_auto_t *value = NULL;
	json_t *part;

	if (!pointer)
		return NULL;
	if (read_text(file, max, &text, err) == 0)
		value = ab_json_build(file, &text, is_yaml(file), err);
	if (!value) {
		if (err->status == AB_EXIT_NO)
			err->status = AB_EXIT_USAGE;
		return NULL;
	}
	part = ab_json_at(value, pointer);
	if (!part)
		ab_err_usage(err, "%s: %s: no such value", file, pointer);
	return json_incref(part);
}
