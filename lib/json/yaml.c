/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json/yaml.h"

int ab_yaml_to_json(const char *text, size_t size, struct ab_buf *json, struct ab_err *err)
{
	(void)text;
	(void)size;
	(void)json;
	return ab_err_no(err, "YAML is not read yet");
}
