/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/jail/print.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/json/json.h"

static int print_json(json_t *value)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err err = { 0 };

	if (ab_json_canonical(value, &text, &err) < 0 || ab_buf_ok(&text, &err) < 0) {
		(void)ab_err_report("ab-jail", &err);
		return AB_JAIL_FAILED;
	}
	printf("%s\n", text.data);
	return 0;
}

static int print_json_test(const struct ab_jail_result *result, const char *why)
{
	json_auto_t *all = json_pack(
		"{s:b, s:o*, s:O*, s:O*}", "passed", result->verdict == AB_PASSED, "reason",
		result->verdict == AB_PASSED ? NULL : json_string(why), "checks", result->checks,
		"isolation", json_object_get(result->facts, "isolation"));

	return all ? print_json(all) : AB_JAIL_FAILED;
}

static void print_tap(const struct ab_jail_result *result, const char *why)
{
	const json_t *check;
	size_t i;

	printf("TAP version 13\n");
	if (!result->checks)
		printf("Bail out! %s\n", why);
	json_array_foreach(result->checks, i, check)
	{
		const char *state = json_string_value(json_object_get(check, "state"));
		bool failed = strcmp(state, "failed") == 0;

		printf("%sok %zu - %s: %s%s\n", failed ? "not " : "", i + 1,
		       json_string_value(json_object_get(check, "name")),
		       json_string_value(json_object_get(check, "meaning")),
		       strcmp(state, "absent") == 0 ? " # SKIP the kernel does not have it" : "");
	}
	if (result->checks)
		printf("1..%zu\n", json_array_size(result->checks));
}

int print_self_test(const struct ab_jail_result *result, bool json, const char *why)
{
	int status = result->verdict == AB_PASSED ? 0 : AB_JAIL_FAILED;

	if (!json)
		print_tap(result, why);
	else if (print_json_test(result, why) != 0)
		status = AB_JAIL_FAILED;
	return ab_io_finish(status);
}

int print_digest(const struct ab_jail_result *result, const char *why)
{
	if (result->verdict != AB_PASSED) {
		ab_err_note("ab-jail", "%s", why);
		return result->exit;
	}
	printf("%s\n", result->digest);
	return ab_io_finish(0) == 0 ? 0 : AB_JAIL_FAILED;
}

int print_seccomp(const char *how, bool gpu)
{
	json_auto_t *profile = NULL;
	size_t bytes;
	const void *code = ab_jail_seccomp_code(gpu, &bytes);

	if (strcmp(how, "bpf") == 0) {
		(void)fwrite(code, 1, bytes, stdout); /* ab_io_finish() sees what was lost */
		return ab_io_finish(0) == 0 ? 0 : AB_JAIL_FAILED;
	}
	profile = ab_jail_seccomp_profile();
	return profile && print_json(profile) == 0 && ab_io_finish(0) == 0 ? 0 : AB_JAIL_FAILED;
}
