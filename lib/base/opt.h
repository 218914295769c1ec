/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option table: one table a command (or verb) drives parsing, --help and, through the hidden
 * --dump-options, the shell completions and the check of the manual page.
 *
 * Options stand before operands, "--" ends them, "-" alone is an operand. `--name V` and
 * `--name=V`,
 * `-n V` and `-nV`, flags group (`-ab`). No abbreviations. An option given twice is an error unless
 * its kind is a list. --help and --version are added to every table.
 */
#ifndef AB_BASE_OPT_H
#define AB_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"

enum ab_opt_kind {
	AB_OPT_END = 0,
	AB_OPT_FLAG,	 /* bool */
	AB_OPT_STRING,	 /* const char *, points into argv */
	AB_OPT_LIST,	 /* struct ab_list, may be repeated */
	AB_OPT_NUMBER,	 /* uint64_t, decimal */
	AB_OPT_SIZE,	 /* uint64_t, bytes */
	AB_OPT_DURATION, /* uint64_t, milliseconds */
	AB_OPT_CHOICE,	 /* const char *: one of the words of `arg`, "flag|basic|detailed" */
};

struct ab_opt {
	enum ab_opt_kind kind;
	char short_name;  /* 0: none */
	const char *name; /* long name without dashes; every option has one */
	const char *arg;  /* "FILE", "DIR", "SIZE", ...; "a|b|c" for a choice; NULL for a flag */
	const char *help; /* one line, lower case, no full stop */
	void *value;	  /* where the value goes; its type follows from the kind */
};

/* The values of a repeatable option, in order; the strings point into argv. */
struct ab_list {
	const char **items;
	size_t n;
};

void ab_list_free(struct ab_list *list);

enum ab_cmd_flags {
	AB_CMD_NEEDS_DASHES = 1, /* operands only after "--", required if there are any */
};

struct ab_verb;

struct ab_cmd {
	const char *name;     /* "ab-validate"; of a verb "ab-audit init" */
	const char *summary;  /* one line for --help */
	const char *operands; /* "[FILE]", "-- COMMAND [ARG...]", or NULL: none are allowed */
	const struct ab_opt *opts;
	size_t min, max;	     /* how many operands; max 0 with operands set: any number */
	unsigned flags;		     /* enum ab_cmd_flags */
	const struct ab_verb *verbs; /* besides its own work, or NULL; --help lists them */
	int usage_status; /* exit status of a usage error if it is not AB_EXIT_USAGE (ab-jail: 125)
			   */
};

/* ab_opt_parse() printed what was asked for (--help, --version): the command is done. */
#define AB_OPT_DONE (-2)

/*
 * Parses argv by cmd->opts. Returns the index of the first operand, AB_OPT_DONE, or -1 with a usage
 * error. On -1 or AB_OPT_DONE a command leaves with ab_opt_exit().
 */
int ab_opt_parse(const struct ab_cmd *cmd, int argc, char *const argv[], struct ab_err *err);

/*
 * What main() returns when ab_opt_parse() was not an index: the status after --help, or that of the
 * usage error, which is printed as one line that ends "; try ab-x --help".
 */
int ab_opt_exit(const struct ab_cmd *cmd, int parsed, const struct ab_err *err);

/* A command of many verbs: the verb table, ended by a NULL name. */
struct ab_verb {
	const char *name;
	int (*main)(int argc, char *argv[]); /* argv[0] is the verb's name */
	const char *summary;
};

/* The verb that argv[1] names, or NULL: for a command that has verbs besides its own work. */
const struct ab_verb *ab_verb_find(const struct ab_verb *verbs, int argc, char *const argv[]);

/* Runs the verb that argv[1] names; answers --help, --version and --dump-options of the whole. */
int ab_verb_main(const char *name, const char *summary, const struct ab_verb *verbs, int argc,
		 char *argv[]);

#endif
