/* SPDX-License-Identifier: Apache-2.0 */
/* The options of ab-jail's own work. */
#ifndef AB_CMD_JAIL_OPTIONS_H
#define AB_CMD_JAIL_OPTIONS_H

#include "lib/base/opt.h"
#include "lib/jail/jail.h"

#define JAIL_OPTIONS 64 /* room for the table, its end included */

struct jail_settings {
	uint64_t time_ms, memory, tmp, max_output, processes, require_tier;
	uint64_t cpu_ms, cpu_milli, io, open_files, file_size;
	const char *cpus;
	const char *socket, *listen;
	bool insecure_env;
	struct ab_list ro, rw, exec, env, on;
	uint64_t events_max;
	const char *events;
	bool events_all;
	const char *root, *models, *input, *input_key, *workspace, *workspace_out, *stderr_file;
	bool no_exec, no_jit, gpu;
	bool self_test, json;
	const char *print_seccomp, *digest;
	bool print_digest;
	struct ab_receipts *receipts;
	uint64_t begun_ns;
};

/* Fills the table, whose values go to `s`. */
void jail_options(struct jail_settings *s, struct ab_opt ret[JAIL_OPTIONS]);

/* Checks what was given; a number of processors is still text before. */
int jail_settings_check(struct jail_settings *s, struct ab_err *err);

void jail_settings_done(struct jail_settings *s);

#endif
