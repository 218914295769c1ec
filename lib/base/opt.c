/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/opt.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/near.h"
#include "lib/base/value.h"

#define MAX_OPTIONS 64

/* One parse in progress. */
struct parse {
	const struct ab_cmd *cmd;
	int argc, at;
	char *const *argv;
	bool seen[MAX_OPTIONS];
	struct ab_err *err;
};

void ab_list_free(struct ab_list *list)
{
	free(list->items);
	*list = (struct ab_list){ 0 };
}

static int list_add(struct ab_list *list, const char *item, struct ab_err *err)
{
	const char **items = realloc(list->items, (list->n + 1) * sizeof(*items));

	if (!items)
		return ab_err_memory(err);
	items[list->n++] = item;
	list->items = items;
	return 0;
}

/* Whether `word` is one of the words of "a|b|c". */
static bool is_choice(const char *choices, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = choices; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (len && strncmp(p, word, len) == 0 && (p[len] == '|' || p[len] == '\0'))
			return true;
	return false;
}

static int store(struct parse *p, const struct ab_opt *o, const char *value)
{
	bool *seen = &p->seen[o - p->cmd->opts];

	if (*seen && o->kind != AB_OPT_LIST)
		return ab_err_usage(p->err, "--%s: given twice", o->name);
	*seen = true;
	switch (o->kind) {
	case AB_OPT_FLAG:
		*(bool *)o->value = true;
		return 0;
	case AB_OPT_STRING:
		*(const char **)o->value = value;
		return 0;
	case AB_OPT_LIST:
		return list_add(o->value, value, p->err);
	case AB_OPT_NUMBER:
		return ab_value_number(value, 0, UINT64_MAX, o->value, p->err);
	case AB_OPT_SIZE:
		return ab_value_size(value, o->value, p->err);
	case AB_OPT_DURATION:
		return ab_value_duration(value, o->value, p->err);
	case AB_OPT_CHOICE:
		if (!is_choice(o->arg, value))
			return ab_err_usage(p->err, "%s: not one of %s", value, o->arg);
		*(const char **)o->value = value;
		return 0;
	case AB_OPT_END:
		break;
	}
	return ab_err_usage(p->err, "--%s: unknown kind of option", o->name);
}

/* Stores `value`, or the next argument where that is NULL and the option takes one. */
static int take(struct parse *p, const struct ab_opt *o, const char *value)
{
	int status;

	if (o->kind == AB_OPT_FLAG && value)
		return ab_err_usage(p->err, "--%s: takes no value", o->name);
	if (o->kind != AB_OPT_FLAG && !value) {
		if (p->at >= p->argc)
			return ab_err_usage(p->err, "--%s: needs a value (%s)", o->name, o->arg);
		value = p->argv[p->at++];
	}
	status = store(p, o, value);
	if (status && strncmp(p->err->msg, "--", 2) != 0)
		ab_err_prefix(p->err, "--%s: ", o->name);
	return status;
}

static int parse_long(struct parse *p, const char *word)
{
	const char *value = strchr(word, '=');
	size_t len = value ? (size_t)(value - word) : strlen(word);
	struct ab_near near = { .word = word, .len = len };

	for (const struct ab_opt *o = p->cmd->opts; o->kind != AB_OPT_END; o++) {
		if (strlen(o->name) == len && strncmp(o->name, word, len) == 0)
			return take(p, o, value ? value + 1 : NULL);
		ab_near_try(&near, o->name);
	}
	ab_near_try(&near, "help");
	ab_near_try(&near, "version");
	(void)ab_err_usage(p->err, "--%.*s: unknown option", (int)len, word);
	return ab_near_tell(&near, "--", p->err);
}

/* "-check" is no group of flags but an option with a dash too few. */
static int unknown_short(struct parse *p, const char *all, char letter)
{
	struct ab_near near = { .word = all };

	for (const struct ab_opt *o = p->cmd->opts; all[1] && o->kind != AB_OPT_END; o++)
		ab_near_try(&near, o->name);
	(void)ab_err_usage(p->err, "-%c: unknown option", letter);
	return ab_near_tell(&near, "--", p->err);
}

static int parse_short(struct parse *p, const char *word)
{
	const char *all = word;

	while (*word) {
		const struct ab_opt *o = p->cmd->opts;

		while (o->kind != AB_OPT_END && o->short_name != *word)
			o++;
		if (o->kind == AB_OPT_END)
			return unknown_short(p, all, *word);
		word++;
		if (o->kind != AB_OPT_FLAG)
			return take(p, o, *word ? word : NULL);
		if (take(p, o, NULL) < 0)
			return -1;
	}
	return 0;
}

static void help_option(const struct ab_opt *o)
{
	char left[64];
	int n;

	n = o->short_name ? snprintf(left, sizeof(left), "  -%c, --%s", o->short_name, o->name)
			  : snprintf(left, sizeof(left), "      --%s", o->name);
	if (n > 0 && (size_t)n < sizeof(left) && o->arg)
		(void)snprintf(left + n, sizeof(left) - (size_t)n, " %s", o->arg);
	printf("%-30s  %s\n", left, o->help);
}

/* Of a verb it is the command's page. */
static void help_manual(const char *name)
{
	printf("\nAt length, and with examples: man %.*s\n",
	       (int)strcspn(name, " "), name);
}

static void help(const struct ab_cmd *cmd)
{
	printf("Usage: %s%s%s%s\n%s.\n\nOptions:\n", cmd->name,
	       cmd->opts->kind == AB_OPT_END ? "" : " [OPTION...]", cmd->operands ? " " : "",
	       cmd->operands ? cmd->operands : "", cmd->summary);
	for (const struct ab_opt *o = cmd->opts; o->kind != AB_OPT_END; o++)
		help_option(o);
	help_option(&(struct ab_opt){ .name = "help", .help = "show this help" });
	help_option(&(struct ab_opt){ .name = "version", .help = "show the version" });
	if (cmd->verbs)
		printf("\nVerbs, each with a --help of its own:\n");
	for (const struct ab_verb *v = cmd->verbs; v && v->name; v++)
		printf("  %-12s  %s\n", v->name, v->summary);
	help_manual(cmd->name);
}

/* A JSON string of our own printable texts: only quote and backslash need an escape. */
static void dump_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void dump_option(const struct ab_opt *o)
{
	static const char *const kinds[] = {
		[AB_OPT_FLAG] = "flag",	    [AB_OPT_STRING] = "string",
		[AB_OPT_LIST] = "list",	    [AB_OPT_NUMBER] = "number",
		[AB_OPT_SIZE] = "size",	    [AB_OPT_DURATION] = "duration",
		[AB_OPT_CHOICE] = "choice",
	};

	printf("{\"kind\":\"%s\",\"name\":\"%s\"", kinds[o->kind], o->name);
	if (o->short_name)
		printf(",\"short\":\"%c\"", o->short_name);
	if (o->arg) {
		printf(",\"arg\":");
		dump_string(o->arg);
	}
	printf(",\"help\":");
	dump_string(o->help);
	putchar('}');
}

static void dump_verbs(const struct ab_verb *verbs)
{
	printf(",\"verbs\":[\n");
	for (const struct ab_verb *v = verbs; v->name; v++) {
		char *argv[] = { (char *)v->name, (char *)"--dump-options", NULL };

		if (v != verbs)
			putchar(',');
		/* Prints its object; what it returns is the state of stdout, which the caller
		 * checks. */
		(void)v->main(2, argv);
	}
	putchar(']');
}

static void dump(const struct ab_cmd *cmd)
{
	printf("{\"name\":\"%s\",\"summary\":", cmd->name);
	dump_string(cmd->summary);
	printf(",\"operands\":");
	dump_string(cmd->operands ? cmd->operands : "");
	printf(",\"options\":[");
	for (const struct ab_opt *o = cmd->opts; o->kind != AB_OPT_END; o++) {
		if (o != cmd->opts)
			putchar(',');
		dump_option(o);
	}
	putchar(']');
	if (cmd->verbs)
		dump_verbs(cmd->verbs);
	printf("}\n");
}

/* --help, --version, --dump-options: printed and true, or false. */
static bool is_answered(const struct ab_cmd *cmd, const char *word)
{
	if (strcmp(word, "--help") == 0)
		help(cmd);
	else if (strcmp(word, "--version") == 0)
		printf("%s (agentbox) %s\n", cmd->name, AB_VERSION);
	else if (strcmp(word, "--dump-options") == 0)
		dump(cmd);
	else
		return false;
	return true;
}

static int check_operands(struct parse *p, bool dashes)
{
	const struct ab_cmd *cmd = p->cmd;
	size_t n = (size_t)(p->argc - p->at);
	bool strict = !dashes && !(cmd->flags & AB_CMD_NEEDS_DASHES);
	size_t max = !cmd->operands ? 0 : cmd->max ? cmd->max : SIZE_MAX;

	/* "show 3 --log DIR": an option that came too late is told as such, not as an operand. */
	for (int i = p->at; strict && i < p->argc; i++)
		if (strncmp(p->argv[i], "--", 2) == 0)
			return ab_err_usage(p->err, "%s: options stand before operands",
					    p->argv[i]);
	if (n > max)
		return ab_err_usage(p->err, "%s: unexpected operand", p->argv[(size_t)p->at + max]);
	if (n < cmd->min)
		return ab_err_usage(p->err, "missing operand: %s", cmd->operands);
	if (cmd->flags & AB_CMD_NEEDS_DASHES && !dashes && (n || cmd->min))
		return ab_err_usage(p->err, "missing \"--\" before %s",
				    n ? p->argv[p->at] : cmd->operands);
	return p->at;
}

int ab_opt_parse(const struct ab_cmd *cmd, int argc, char *const argv[], struct ab_err *err)
{
	struct parse p = { .cmd = cmd, .argc = argc, .at = 1, .argv = argv, .err = err };
	bool dashes = false;

	while (p.at < argc && argv[p.at][0] == '-' && argv[p.at][1] != '\0') {
		const char *word = argv[p.at];

		if (is_answered(cmd, word))
			return AB_OPT_DONE;
		p.at++;
		dashes = strcmp(word, "--") == 0;
		if (dashes)
			break;
		if ((word[1] == '-' ? parse_long(&p, word + 2) : parse_short(&p, word + 1)) < 0)
			return -1;
	}
	return check_operands(&p, dashes);
}

int ab_opt_exit(const struct ab_cmd *cmd, int parsed, const struct ab_err *err)
{
	int status = cmd->usage_status ? cmd->usage_status : AB_EXIT_USAGE;

	if (parsed == AB_OPT_DONE)
		return ab_io_finish(AB_EXIT_OK);
	ab_err_note(cmd->name, "%s; try %s --help", err->msg, cmd->name);
	return err->status == AB_EXIT_TROUBLE && !cmd->usage_status ? AB_EXIT_TROUBLE : status;
}

static void verbs_help(const char *name, const char *summary, const struct ab_verb *verbs)
{
	printf("Usage: %s VERB [OPTION...]\n%s.\n\nVerbs:\n", name, summary);
	for (const struct ab_verb *v = verbs; v->name; v++)
		printf("  %-12s  %s\n", v->name, v->summary);
	printf("\n%s VERB --help shows the options of a verb.\n", name);
	help_manual(name);
}

static void verbs_dump(const char *name, const char *summary, const struct ab_verb *verbs)
{
	printf("{\"name\":\"%s\",\"summary\":", name);
	dump_string(summary);
	dump_verbs(verbs);
	printf("}\n");
}

const struct ab_verb *ab_verb_find(const struct ab_verb *verbs, int argc, char *const argv[])
{
	for (const struct ab_verb *v = verbs; v->name; v++)
		if (argc > 1 && strcmp(v->name, argv[1]) == 0)
			return v;
	return NULL;
}

static void unknown_verb(const char *name, const struct ab_verb *verbs, const char *word)
{
	struct ab_near near = { .word = word };
	struct ab_err err = { 0 };

	if (!*word) {
		ab_err_note(name, "missing verb; try %s --help", name);
		return;
	}
	for (const struct ab_verb *v = verbs; *word != '-' && v->name; v++)
		ab_near_try(&near, v->name);
	(void)ab_err_usage(&err, "%.100s: unknown %s", word, *word == '-' ? "option" : "verb");
	(void)ab_near_tell(&near, "", &err);
	ab_err_note(name, "%s; try %s --help", err.msg, name);
}

int ab_verb_main(const char *name, const char *summary, const struct ab_verb *verbs, int argc,
		 char *argv[])
{
	const struct ab_verb *verb = ab_verb_find(verbs, argc, argv);
	const char *word = argc > 1 ? argv[1] : "";

	if (verb)
		return verb->main(argc - 1, argv + 1);
	if (strcmp(word, "--help") == 0)
		verbs_help(name, summary, verbs);
	else if (strcmp(word, "--dump-options") == 0)
		verbs_dump(name, summary, verbs);
	else if (strcmp(word, "--version") == 0)
		printf("%s (agentbox) %s\n", name, AB_VERSION);
	else {
		unknown_verb(name, verbs, word);
		return AB_EXIT_USAGE;
	}
	return ab_io_finish(AB_EXIT_OK);
}
