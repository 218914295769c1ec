/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Build-time program: turns a readable table of system calls (lib/ROOM/NAME.filter) into a seccomp
 * filter, a C array `ab_NAME_filter` on stdout. libseccomp gives the numbers and nothing else: its
 * linear filters take four times as long to load as the binary search made here.
 *
 * filter ARCH TABLE		the filter for x86_64 or aarch64, whichever machine this runs on
 * filter ARCH --rules TABLE	the table's lines one by one, for other programs' formats
 * filter ARCH --names		the calls' names as an array, for a log
 *
 * A table has one statement a line; "#" starts a comment:
 *	include FILE			another table, beside this one
 *	ACTION NAME...			what happens to these calls
 *	when NAME ARG MASK VALUE [and ARG MASK VALUE] ACTION
 *					the same if (argument ARG & MASK) == VALUE, before the above;
 *					only the low 32 bits are looked at, as the kernel does for the
 *					calls that this is used for
 *	when NAME ARG null ACTION	the same if an argument is a null pointer
 *	hide NAME...			as if the kernel had never heard of them: ENOSYS
 *	denied ACTION			what is denied, by a line or by none, is this instead
 *	rest ACTION			every call, unknown numbers included, until a line names it:
 *					for a filter that stands beside another; comes first
 *	seldom				whoever is under it makes few calls: see add_look()
 * ACTION is allow, deny (EPERM), notify (the listener is asked) or kill (the process). What no line
 * names is denied; numbers that libseccomp has no name for are hidden, so that a C library falls back;
 * x32 and foreign architectures kill. A name of another architecture is left out, an unknown one is an
 * error. The last line about a call counts.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CALLS  600
#define MAX_CHECKS 128
#define MAX_CODE   1024
#define FAR_BLOCKS 16 /* a tree of fewer blocks needs no far jump */
#define X32_BIT	   0x40000000u
#define HIGH	   6 /* arguments */
#define SINGLES	   3 /* numbers of a block that are asked for one by one */

struct arch {
	const char *name;
	uint32_t seccomp; /* libseccomp's */
	uint32_t audit;	  /* the kernel's */
};

struct condition {
	unsigned arg; /* HIGH more: the high half */
	uint32_t mask, value;
};

struct check {
	int call;
	size_t n; /* conditions, all of which must hold */
	struct condition when[2];
	uint32_t action;
};

struct table {
	const struct arch *arch;
	uint32_t action[MAX_CALLS], above; /* above: numbers that are not made yet */
	struct check checks[MAX_CHECKS];
	size_t n_checks;
	bool seldom;
	const char *file;
	int line;
};

/* Calls from `start` up to the next range's start are treated alike. */
struct range {
	uint32_t start, action;
	int call; /* >= 0: this one call has argument checks */
};

/* Ranges one after the other that are all treated as `base` is, but for some of one number each. */
struct block {
	const struct range *ranges, *base;
	size_t n;
};

/* Where a jump leads: an instruction, or a return with an action. */
struct target {
	int at; /* -1: a return */
	uint32_t action;
};

struct code {
	struct sock_filter at[MAX_CODE];
	struct target jt[MAX_CODE], jf[MAX_CODE]; /* of the conditional jumps among them */
	int n;
	bool far; /* with far jumps */
};

static const uint32_t deny = SECCOMP_RET_ERRNO | EPERM, hide = SECCOMP_RET_ERRNO | ENOSYS;

static void fail(const struct table *t, const char *what, const char *word)
{
	fprintf(stderr, "%s:%d: %s: %s\n", t->file, t->line, word, what);
	exit(1);
}

static uint32_t parse_action(const struct table *t, const char *word)
{
	if (strcmp(word, "allow") == 0)
		return SECCOMP_RET_ALLOW;
	if (strcmp(word, "deny") == 0)
		return deny;
	if (strcmp(word, "hide") == 0)
		return hide;
	if (strcmp(word, "notify") == 0)
		return SECCOMP_RET_USER_NOTIF;
	if (strcmp(word, "kill") != 0)
		fail(t, "not an action", word);
	return SECCOMP_RET_KILL_PROCESS;
}

/* The call's number here, -1 if this architecture does not have it. */
static int resolve(const struct table *t, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(t->arch->seccomp, name);

	if (number == __NR_SCMP_ERROR)
		fail(t, "no such system call", name);
	if (number >= MAX_CALLS)
		fail(t, "number too large", name);
	return number < 0 ? -1 : number;
}

static uint32_t parse_number(const struct table *t, const char *word)
{
	char *end;
	unsigned long value = strtoul(word, &end, 0);

	if (!*word || *end || value > UINT32_MAX)
		fail(t, "not a number of 32 bits", word);
	return (uint32_t)value;
}

static uint32_t parse_argument(const struct table *t, const char *word)
{
	uint32_t arg = parse_number(t, word);

	if (arg >= HIGH)
		fail(t, "arguments are 0 to 5", word);
	return arg;
}

static void parse_condition(struct table *t, struct check *c, char *words[3])
{
	struct condition *w = &c->when[c->n++];

	w->arg = parse_argument(t, words[0]);
	w->mask = parse_number(t, words[1]);
	w->value = parse_number(t, words[2]);
}

static void parse_when(struct table *t, char *words[], size_t n)
{
	struct check *c = &t->checks[t->n_checks];

	bool null = n == 5 && strcmp(words[3], "null") == 0;

	if (!null && n != 6 && (n != 10 || strcmp(words[5], "and") != 0))
		fail(t, "takes NAME ARG MASK VALUE [and ARG MASK VALUE] ACTION", "when");
	if (t->n_checks == MAX_CHECKS)
		fail(t, "too many checks", words[1]);
	*c = (struct check){ .call = resolve(t, words[1]) };
	if (null) {
		c->when[0] = (struct condition){ parse_argument(t, words[2]), UINT32_MAX, 0 };
		c->when[1] = (struct condition){ c->when[0].arg + HIGH, UINT32_MAX, 0 };
		c->n = 2;
	} else {
		parse_condition(t, c, words + 2);
	}
	if (n == 10)
		parse_condition(t, c, words + 6);
	c->action = parse_action(t, words[n - 1]);
	if (c->call >= 0)
		t->n_checks++;
}

static void replace_denied(struct table *t, uint32_t action)
{
	for (int i = 0; i < MAX_CALLS; i++)
		if (t->action[i] == deny)
			t->action[i] = action;
	for (size_t i = 0; i < t->n_checks; i++)
		if (t->checks[i].action == deny)
			t->checks[i].action = action;
}

static void set_rest(struct table *t, uint32_t action)
{
	for (int i = 0; i < MAX_CALLS; i++)
		t->action[i] = action;
	t->above = action;
}

static void parse_file(struct table *t, const char *path);

static void parse_include(struct table *t, const char *name)
{
	const char *slash = strrchr(t->file, '/'), *file = t->file;
	char path[512];
	int line = t->line;
	int n = snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash - file + 1) : 0, file,
			 name);

	if (n < 0 || (size_t)n >= sizeof(path))
		fail(t, "path too long", name);
	parse_file(t, path);
	t->file = file;
	t->line = line;
}

static void parse_line(struct table *t, char *line)
{
	char *words[64], *save = NULL;
	size_t n = 0;

	line[strcspn(line, "#\n")] = '\0';
	for (char *w = strtok_r(line, " \t", &save); w; w = strtok_r(NULL, " \t", &save)) {
		if (n == 64)
			fail(t, "too many words", w);
		words[n++] = w;
	}
	if (n == 0)
		return;
	if (strcmp(words[0], "when") == 0) {
		parse_when(t, words, n);
		return;
	}
	if (strcmp(words[0], "include") == 0 && n == 2) {
		parse_include(t, words[1]);
		return;
	}
	if (strcmp(words[0], "denied") == 0 && n == 2) {
		replace_denied(t, parse_action(t, words[1]));
		return;
	}
	if (strcmp(words[0], "rest") == 0 && n == 2) {
		set_rest(t, parse_action(t, words[1]));
		return;
	}
	if (strcmp(words[0], "seldom") == 0 && n == 1) {
		t->seldom = true;
		return;
	}
	for (size_t i = 1; i < n; i++) {
		int call = resolve(t, words[i]);

		if (call >= 0)
			t->action[call] = parse_action(t, words[0]);
	}
}

static void parse_file(struct table *t, const char *path)
{
	char line[512];
	FILE *f = fopen(path, "re");

	t->file = path;
	t->line = 0;
	if (!f)
		fail(t, strerror(errno), "open");
	while (fgets(line, sizeof(line), f)) {
		t->line++;
		parse_line(t, line);
	}
	(void)fclose(f);
}

static int has_checks(const struct table *t, int call)
{
	for (size_t i = 0; i < t->n_checks; i++)
		if (t->checks[i].call == call)
			return 1;
	return 0;
}

static bool start_table(struct table *t, const char *arch)
{
	static const struct arch archs[] = {
		{ "x86_64", SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64 },
		{ "aarch64", SCMP_ARCH_AARCH64, AUDIT_ARCH_AARCH64 },
	};

	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++)
		if (strcmp(arch, archs[i].name) == 0)
			t->arch = &archs[i];
	if (!t->arch)
		return false;
	t->above = hide;
	for (int i = 0; i < MAX_CALLS; i++) {
		char *name = seccomp_syscall_resolve_num_arch(t->arch->seccomp, i);

		t->action[i] = name ? deny : hide;
		free(name);
	}
	return true;
}

static size_t make_ranges(const struct table *t, struct range *ranges)
{
	size_t n = 0;

	for (int i = 0; i < MAX_CALLS; i++) {
		struct range r = { (uint32_t)i, t->action[i], has_checks(t, i) ? i : -1 };

		if (n && r.call < 0 && ranges[n - 1].call < 0 && ranges[n - 1].action == r.action)
			continue;
		ranges[n++] = r;
	}
	/* Above the table: unknown. x32's numbers are a second door to the same kernel. */
	ranges[n++] = (struct range){ MAX_CALLS, t->above, -1 };
	ranges[n++] = (struct range){ X32_BIT, SECCOMP_RET_KILL_PROCESS, -1 };
	ranges[n++] = (struct range){ 2 * X32_BIT, t->above, -1 };
	return n;
}

static int add(struct code *c, unsigned code, uint32_t k)
{
	if (c->n == MAX_CODE) {
		fprintf(stderr, "filter too long\n");
		exit(1);
	}
	c->at[c->n] = (struct sock_filter)BPF_STMT((unsigned short)code, k);
	return c->n++;
}

/* A jump whose ends are yet to be given; the next instruction until then. */
static int add_jump(struct code *c, unsigned how, uint32_t k)
{
	int at = add(c, BPF_JMP | how | BPF_K, k);

	c->jt[at] = c->jf[at] = (struct target){ at + 1, 0 };
	return at;
}

static struct target ret(uint32_t action)
{
	return (struct target){ -1, action };
}

/* Loads what the condition looks at, unless the one before has left it in the accumulator. */
static void add_load(struct code *c, const struct condition *w, const struct condition *before)
{
	unsigned at = (unsigned)offsetof(struct seccomp_data, args) + w->arg % HIGH * 8 +
		      (w->arg >= HIGH ? 4 : 0); /* both architectures are little-endian */

	if (before && before->arg == w->arg && before->mask == w->mask)
		return;
	add(c, BPF_LD | BPF_W | BPF_ABS, at);
	if (w->mask != UINT32_MAX)
		add(c, BPF_ALU | BPF_AND | BPF_K, w->mask);
}

static struct target add_tree(const struct table *t, struct code *c, const struct block *b, size_t n);
static size_t make_blocks(const struct range *r, size_t n, struct block *blocks);
static size_t count_singles(const struct range *r, size_t n, const struct range *base);

static size_t find_checks(const struct table *t, int call, const struct check **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_checks; i++)
		if (t->checks[i].call == call)
			ret[n++] = &t->checks[i];
	return n;
}

/* Whether the values that meet the condition stand one after the other. */
static bool is_interval(const struct condition *w)
{
	return (~w->mask & (~w->mask + 1)) == 0 && (w->value & ~w->mask) == 0;
}

/* How many of the last checks ask about one argument alone, all of it, or the same bits of it. */
static size_t count_alike(const struct check *const *k, size_t n)
{
	const struct condition *last = n ? &k[n - 1]->when[0] : NULL;
	bool intervals = true, same = true;
	size_t alike = 0;

	while (alike < n && k[n - 1 - alike]->n == 1) {
		const struct condition *w = &k[n - 1 - alike]->when[0];

		intervals &= is_interval(w);
		same &= w->mask == last->mask;
		if (w->arg != last->arg || (!intervals && !same))
			break;
		alike++;
	}
	return alike;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The last value that meets it, of those that have no other bits than `mask`. */
static uint32_t last_of(const struct condition *w, uint32_t mask)
{
	return w->value | (mask & ~w->mask);
}

/* What the checks say to each value of what they look at: ranges, and one behind them. */
static size_t make_value_ranges(const struct check *const *k, size_t n, uint32_t mask, uint32_t otherwise,
				struct range *ranges)
{
	uint32_t starts[2 * MAX_CHECKS + 1] = { 0 };
	size_t n_starts = 1, n_ranges = 0;

	for (size_t i = 0; i < n; i++) {
		const struct condition *w = &k[i]->when[0];
		uint32_t last = last_of(w, mask);

		starts[n_starts++] = w->value;
		if (last != UINT32_MAX)
			starts[n_starts++] = last + 1;
	}
	qsort(starts, n_starts, sizeof(*starts), by_number);
	for (size_t i = 0; i < n_starts; i++) {
		struct range r = { starts[i], otherwise, -1 };

		for (size_t q = n; q-- > 0;)
			if (starts[i] >= k[q]->when[0].value && starts[i] <= last_of(&k[q]->when[0], mask))
				r.action = k[q]->action;
		if (n_ranges && (ranges[n_ranges - 1].start == r.start || ranges[n_ranges - 1].action == r.action))
			continue;
		ranges[n_ranges++] = r;
	}
	ranges[n_ranges] = (struct range){ UINT32_MAX, otherwise, -1 };
	return n_ranges;
}

/* The last checks of a call, if they are alike: a binary search for the value, where that is shorter. */
static bool add_values(const struct table *t, struct code *c, const struct check *const *k, size_t n,
		       const struct condition *before, uint32_t otherwise)
{
	static struct range ranges[2 * MAX_CHECKS + 2];
	static struct block blocks[2 * MAX_CHECKS + 2];
	struct condition look = n ? k[0]->when[0] : (struct condition){ 0 };
	size_t n_blocks, jumps = 0, one_by_one = n;

	for (size_t i = 1; i < n; i++) {
		if (k[i]->when[0].mask != look.mask)
			look.mask = UINT32_MAX;
		if (k[i]->when[0].mask != k[i - 1]->when[0].mask)
			one_by_one += 2;
	}
	n_blocks = n ? make_blocks(ranges, make_value_ranges(k, n, look.mask, otherwise, ranges), blocks) : 0;
	for (size_t i = 0; i < n_blocks; i++)
		jumps += (i > 0) + count_singles(blocks[i].ranges, blocks[i].n, blocks[i].base);
	if (jumps == 0 || jumps >= one_by_one)
		return false;
	add_load(c, &look, before);
	(void)add_tree(t, c, blocks, n_blocks);
	return true;
}

/* One call's checks of its arguments, a jump for each condition; where none holds, the next check
 * follows, and after the last one the call's action. */
static struct target add_checks(const struct table *t, struct code *c, const struct range *r)
{
	const struct check *all[MAX_CHECKS];
	const struct condition *before = NULL;
	struct target start = { c->n, 0 };
	size_t n = find_checks(t, r->call, all), alike = count_alike(all, n);
	int jumps[2] = { -1, -1 };

	for (size_t i = 0; i < n; i++) {
		const struct check *k = all[i];

		if (i == n - alike && add_values(t, c, all + i, alike, before, r->action))
			return start;
		for (size_t w = 0; w < k->n; w++) {
			add_load(c, &k->when[w], before);
			jumps[w] = add_jump(c, BPF_JEQ, k->when[w].value);
			before = &k->when[w];
		}
		c->jt[jumps[k->n - 1]] = ret(k->action);
		c->jf[jumps[0]] = (struct target){ c->n, 0 };
		if (k->n < 2)
			jumps[1] = jumps[0];
		else
			before = NULL; /* either of the two may be in the accumulator */
	}
	c->jf[jumps[0]] = c->jf[jumps[1]] = ret(r->action);
	return start;
}

/* Returns in reach of the code before, which all jumps away. */
static void add_returns(struct code *c)
{
	const uint32_t actions[] = { SECCOMP_RET_ALLOW, deny, hide, SECCOMP_RET_USER_NOTIF };

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		add(c, BPF_RET | BPF_K, actions[i]);
}

static bool is_of(const struct range *r, const struct range *base)
{
	return r == base || (r->call < 0 && base->call < 0 && r->action == base->action);
}

/* How many ranges of a block with that base are asked for one by one; more than SINGLES: it is none. */
static size_t count_singles(const struct range *r, size_t n, const struct range *base)
{
	size_t singles = 0;

	for (size_t i = 0; i < n; i++)
		if (!is_of(&r[i], base))
			singles += r[i + 1].start == r[i].start + 1 ? 1 : SINGLES + 1;
	return base->call >= 0 && n > 1 ? SINGLES + 1 : singles;
}

/* The fewest instructions: each block but one costs a jump, and each of its singles; a single that
 * stands alone would cost two. Ends with a range behind the last one. */
static size_t make_blocks(const struct range *r, size_t n, struct block *blocks)
{
	static size_t cost[MAX_CALLS + 4], length[MAX_CALLS + 4];
	static const struct range *base[MAX_CALLS + 4];
	size_t n_blocks = 0;

	for (size_t i = n; i-- > 0;) {
		cost[i] = SIZE_MAX;
		for (size_t k = 1; i + k <= n && k <= 2 * SINGLES + 1; k++)
			for (size_t b = 0; b < k; b++) {
				size_t singles = count_singles(r + i, k, r + i + b);

				if (singles > SINGLES || cost[i + k] + singles + 1 >= cost[i])
					continue;
				cost[i] = cost[i + k] + singles + 1;
				length[i] = k;
				base[i] = r + i + b;
			}
	}
	for (size_t i = 0; i < n; i += length[i])
		blocks[n_blocks++] = (struct block){ r + i, base[i], length[i] };
	return n_blocks;
}

static struct target add_range(const struct table *t, struct code *c, const struct range *r)
{
	return r->call >= 0 ? add_checks(t, c, r) : ret(r->action);
}

static struct target add_block(const struct table *t, struct code *c, const struct block *b)
{
	const struct range *singles[SINGLES];
	int jumps[SINGLES];
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (!is_of(&b->ranges[i], b->base)) {
			singles[n] = &b->ranges[i];
			jumps[n++] = add_jump(c, BPF_JEQ, b->ranges[i].start);
		}
	if (n == 0)
		return add_range(t, c, b->base);
	c->jf[jumps[n - 1]] = ret(b->base->action);
	for (size_t i = 0; i < n; i++)
		c->jt[jumps[i]] = add_range(t, c, singles[i]);
	return (struct target){ jumps[0], 0 };
}

/*
 * A binary search over n blocks: where it starts, which is a return if there is nothing to ask. A
 * conditional jump reaches 255 instructions: in a long filter the upper ones have a far jump at
 * hand, and returns stand in between.
 */
static struct target add_tree(const struct table *t, struct code *c, const struct block *b, size_t n)
{
	bool far = c->far && n >= FAR_BLOCKS;
	size_t middle = n / 2;
	int jump, leap = -1;

	if (n == 1)
		return add_block(t, c, b);
	jump = add_jump(c, BPF_JGE, b[middle].ranges->start);
	if (far)
		leap = add(c, BPF_JMP | BPF_JA, 0);
	c->jf[jump] = add_tree(t, c, b, middle);
	if (far)
		add_returns(c);
	c->jt[jump] = add_tree(t, c, b + middle, n - middle);
	if (far && c->jt[jump].at >= 0) {
		c->at[leap].k = (uint32_t)(c->jt[jump].at - leap - 1);
		c->jt[jump] = (struct target){ leap, 0 };
	}
	return (struct target){ jump, 0 };
}

/* The distance of a jump; a return that is not in reach is made at the end, once for each action.
 * False: too far. */
static bool distance(struct code *c, int from, struct target to, unsigned char *ret)
{
	int at = to.at;

	for (int i = 0; at < 0 && i < c->n; i++)
		if (i > from && c->at[i].code == (BPF_RET | BPF_K) && c->at[i].k == to.action)
			at = i;
	if (at < 0)
		at = add(c, BPF_RET | BPF_K, to.action);
	*ret = (unsigned char)(at - from - 1);
	return at - from - 1 <= 255;
}

/*
 * When a filter is loaded the kernel tries it with each number there is, so as not to ask it again
 * about those that it always allows; that costs as much as to ask it some thousand times, which who
 * makes few calls never does. It cannot try a filter that looks at an argument.
 */
static void add_look(struct code *c)
{
	add(c, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args));
}

static bool compile(const struct table *t, struct code *c)
{
	static struct range ranges[MAX_CALLS + 4]; /* one more, behind all numbers */
	static struct block blocks[MAX_CALLS + 3];
	size_t n = make_blocks(ranges, make_ranges(t, ranges), blocks);
	int jump;

	if (t->seldom)
		add_look(c);
	add(c, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	jump = add_jump(c, BPF_JEQ, t->arch->audit);
	c->jf[jump] = ret(SECCOMP_RET_KILL_PROCESS);
	if (c->far)
		c->jt[jump].at = add(c, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS) + 1;
	add(c, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	(void)add_tree(t, c, blocks, n);
	for (int i = 0; i < c->n; i++)
		if (BPF_CLASS(c->at[i].code) == BPF_JMP && c->at[i].code != (BPF_JMP | BPF_JA) &&
		    (!distance(c, i, c->jt[i], &c->at[i].jt) ||
		     !distance(c, i, c->jf[i], &c->at[i].jf)))
			return false;
	return true;
}

static void print_header(const char *path, const struct code *c)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	printf("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made from %s. */\n", path);
	printf("static const struct sock_filter ab_%.*s_filter[] = {\n", (int)strcspn(name, "."),
	       name);
	for (int i = 0; i < c->n; i++)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", c->at[i].code, c->at[i].jt, c->at[i].jf,
		       c->at[i].k);
	printf("};\n");
}

static void print_rule(const char *name, uint32_t action, const struct check *c)
{
	printf("\t{ \"%s\", 0x%08x, %zu, { ", name, action, c ? c->n : 0);
	for (size_t i = 0; c && i < c->n; i++)
		printf("{ %u, 0x%08x, 0x%08x }, ", c->when[i].arg, c->when[i].mask,
		       c->when[i].value);
	printf("%s} },\n", c ? "" : "{ 0, 0, 0 } ");
}

/* The table as it stands, for whoever says it in another form: each call that has a name, its
 * conditions first. */
static void print_rules(const char *path, const struct table *t)
{
	printf("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made from %s. */\n", path);
	printf("static const struct rule rules[] = {\n");
	for (int i = 0; i < MAX_CALLS; i++) {
		char *name = seccomp_syscall_resolve_num_arch(t->arch->seccomp, i);

		for (size_t k = 0; name && k < t->n_checks; k++)
			if (t->checks[k].call == i)
				print_rule(name, t->checks[k].action, &t->checks[k]);
		if (name)
			print_rule(name, t->action[i], NULL);
		free(name);
	}
	printf("};\n");
}

/* For a log: ab_call_names[number], "" where there is no such call. No pointers: a program that is
 * linked to run anywhere writes each of them when it starts. */
static void print_names(const struct table *t)
{
	printf("/* SPDX-License-Identifier: Apache-2.0 */\n");
	printf("static const char ab_call_names[][32] = {\n");
	for (int i = 0; i < MAX_CALLS; i++) {
		char *name = seccomp_syscall_resolve_num_arch(t->arch->seccomp, i);

		if (name)
			printf("\t[%d] = \"%s\",\n", i, name);
		free(name);
	}
	printf("};\n");
}

int main(int argc, char *argv[])
{
	static struct table t;
	static struct code c;

	if (argc != 3 && (argc != 4 || strcmp(argv[2], "--rules") != 0)) {
		fprintf(stderr, "usage: filter ARCH [--rules] TABLE | ARCH --names\n");
		return 2;
	}
	if (!start_table(&t, argv[1])) {
		fprintf(stderr, "no seccomp filter for the architecture %s yet\n", argv[1]);
		return 1;
	}
	if (strcmp(argv[2], "--names") == 0) {
		print_names(&t);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	parse_file(&t, argv[argc - 1]);
	if (argc == 4) {
		print_rules(argv[3], &t);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	if (!compile(&t, &c)) {
		c = (struct code){ .far = true };
		if (!compile(&t, &c)) {
			fprintf(stderr, "filter too long for its jumps\n");
			return 1;
		}
	}
	print_header(argv[2], &c);
	return fflush(stdout) == 0 ? 0 : 1;
}
