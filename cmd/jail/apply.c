/* SPDX-License-Identifier: Apache-2.0 */
/* ab-jail apply: applies the change that a file of --workspace-out holds to a directory. */
#include "cmd/jail/jail.h"

#include "lib/base/io.h"
#include "lib/jail/jail.h"

int jail_apply(int argc, char *argv[])
{
	bool dry_run = false, hooks = false;
	const struct ab_opt opts[] = {
		{ AB_OPT_FLAG, 'n', "dry-run", NULL, "check everything, change nothing", &dry_run },
		{ AB_OPT_FLAG, 0, "allow-hooks", NULL,
		  "also what other programs execute by themselves", &hooks },
		{ .kind = AB_OPT_END },
	};
	const struct ab_cmd cmd = { .name = "ab-jail apply",
				    .summary = "Apply what an agent changed to a directory",
				    .operands = "FILE DIR",
				    .opts = opts,
				    .min = 2,
				    .max = 2,
				    .usage_status = AB_JAIL_FAILED };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	struct ab_err err = { 0 };
	int first = ab_opt_parse(&cmd, argc, argv, &err);
	unsigned flags;

	if (first < 0)
		return ab_opt_exit(&cmd, first, &err);
	flags = (dry_run ? AB_JAIL_DRY_RUN : 0u) | (hooks ? AB_JAIL_ALLOW_HOOKS : 0u);
	if (ab_jail_apply(argv[first], argv[first + 1], flags, &out, &err) < 0 ||
	    ab_io_write(STDOUT_FILENO, out.data, out.len, &err) < 0)
		return ab_err_report("ab-jail apply", &err) == AB_EXIT_NO ? AB_EXIT_NO
									  : AB_JAIL_FAILED;
	return ab_io_finish(AB_EXIT_OK);
}
