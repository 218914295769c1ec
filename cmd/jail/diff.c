/* SPDX-License-Identifier: Apache-2.0 */
/* ab-jail diff: shows the change that a file of --workspace-out holds. */
#include "cmd/jail/jail.h"

#include "lib/base/io.h"
#include "lib/jail/jail.h"

int jail_diff(int argc, char *argv[])
{
	bool json = false;
	const struct ab_opt opts[] = {
		{ AB_OPT_FLAG, 0, "json", NULL, "one JSON object a line, with hashes and modes",
		  &json },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-jail diff",
				    .summary = "Show what an agent changed in its workspace",
				    .operands = "FILE",
				    .opts = opts,
				    .min = 1,
				    .max = 1,
				    .usage_status = AB_JAIL_FAILED };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	if (ab_jail_diff(argv[first], json, &out, &err) < 0 ||
	    ab_io_write(STDOUT_FILENO, out.data, out.len, &err) < 0)
		return ab_err_report("ab-jail diff", &err) == AB_EXIT_NO ? AB_EXIT_NO
									 : AB_JAIL_FAILED;
	return ab_io_finish(AB_EXIT_OK);
}
