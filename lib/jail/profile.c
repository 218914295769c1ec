/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's filter in other programs' terms. */
#include "lib/jail/jail.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>

#include "lib/jail/filter.h"
#include "lib/json/json.h"

#if defined(__x86_64__)
#define ARCHITECTURE "SCMP_ARCH_X86_64"
#else
#define ARCHITECTURE "SCMP_ARCH_AARCH64"
#endif

#define MAX_BITS 4 /* of a mask whose values are listed one by one */
#define HIGH	 6 /* arguments */

struct condition {
	unsigned arg; /* HIGH more: the high half, which follows the low one */
	uint32_t mask, value;
};

/* One line of the table. A call's lines stand together, in their order; the last has no condition.
 */
struct rule {
	char name[32]; /* no pointer: those are written when we start */
	uint32_t action;
	size_t n;
	struct condition when[2];
};

#include "jail/agent.rules.h"

static const uint32_t hide = SECCOMP_RET_ERRNO | ENOSYS;

/* (argument & mask) == value. */
static json_t *equal(const struct condition *c)
{
	return json_pack("{s:i, s:I, s:I, s:s}", "index", (int)c->arg, "value", (json_int_t)c->mask,
			 "valueTwo", (json_int_t)c->value, "op", "SCMP_CMP_MASKED_EQ");
}

/* An argument that is 0 in all 64 bits. */
static json_t *null(const struct condition *low)
{
	return json_pack("{s:i, s:i, s:i, s:s}", "index", (int)low->arg, "value", 0, "valueTwo", 0,
			 "op", "SCMP_CMP_EQ");
}

static json_t *unequal(const struct condition *c)
{
	return json_pack("{s:i, s:I, s:I, s:s}", "index", (int)c->arg, "value",
			 (json_int_t)c->value, "valueTwo", (json_int_t)0, "op", "SCMP_CMP_NE");
}

/* Adds a copy of the conditions `so_far` with one more. */
static void add_with(json_t *to, const json_t *so_far, json_t *more)
{
	json_t *all = json_copy((json_t *)so_far);

	(void)json_array_append_new(all, more);
	(void)json_array_append_new(to, all);
}

static bool is_denied(const struct rule *r, size_t n, const struct condition *mask, uint32_t value)
{
	for (size_t i = 0; i < n && r[i].action != SECCOMP_RET_ALLOW; i++)
		if (r[i].when[0].arg == mask->arg && r[i].when[0].mask == mask->mask &&
		    r[i].when[0].value == value)
			return true;
	return false;
}

/* The values under a small mask that are not denied, each as an alternative of its own. */
static void list_values(json_t *to, const json_t *so_far, const struct rule *r, size_t n)
{
	struct condition c = r->when[0];
	uint32_t mask = c.mask, v = 0;

	do {
		c.value = v;
		if (!is_denied(r, n, &c, v))
			add_with(to, so_far, equal(&c));
		v = (v - mask) & mask; /* the next value that has bits of the mask alone */
	} while (v);
}

/* What must hold so that none of the denials that stand first does: alternatives of conditions. */
static json_t *not_denied(const struct rule *r, size_t n)
{
	json_t *all = json_pack("[[]]");
	struct condition done = { 0 };

	for (size_t i = 0; i + 1 < n && r[i].action != SECCOMP_RET_ALLOW; i++) {
		const struct condition *c = &r[i].when[0];
		json_t *next, *one;
		size_t k;

		if (i && done.arg == c->arg && done.mask == c->mask)
			continue; /* listed with the one before */
		next = json_array();
		json_array_foreach(all, k, one)
		{
			if (__builtin_popcount(c->mask) <= MAX_BITS)
				list_values(next, one, r + i, n - i);
			else
				add_with(next, one, unequal(c));
		}
		json_decref(all);
		all = next;
		done = *c;
	}
	return all;
}

static void add_call(json_t *calls, const char *name, json_t *args)
{
	(void)json_array_append_new(calls, json_pack("{s:[s], s:s, s:o}", "names", name, "action",
						     "SCMP_ACT_ALLOW", "args", args));
}

/* All lines of one call that has conditions. */
static void add_rules(json_t *calls, const struct rule *r, size_t n)
{
	json_auto_t *alternatives = not_denied(r, n);
	json_t *one;
	size_t k;

	json_array_foreach(alternatives, k, one)
	{
		for (size_t i = 0; i + 1 < n; i++) {
			json_t *args;

			if (r[i].action != SECCOMP_RET_ALLOW)
				continue;
			args = json_copy(one);
			if (r[i].n == 2 && r[i].when[1].arg == r[i].when[0].arg + HIGH)
				(void)json_array_append_new(args, null(r[i].when));
			else
				for (size_t c = 0; c < r[i].n; c++)
					(void)json_array_append_new(args, equal(&r[i].when[c]));
			add_call(calls, r->name, args);
		}
		if (r[n - 1].action == SECCOMP_RET_ALLOW)
			add_call(calls, r->name, json_copy(one));
	}
}

json_t *ab_jail_seccomp_profile(void)
{
	json_t *calls = json_array(), *allowed = json_array(), *hidden = json_array();
	size_t n;

	for (const struct rule *r = rules; r < rules + AB_ARRAY_SIZE(rules); r += n) {
		for (n = 1; r[n - 1].n > 0; n++)
			continue;
		if (n > 1)
			add_rules(calls, r, n);
		else if (r->action == SECCOMP_RET_ALLOW)
			(void)json_array_append_new(allowed, json_string(r->name));
		else if (r->action == hide)
			(void)json_array_append_new(hidden, json_string(r->name));
	}
	(void)json_array_insert_new(calls, 0,
				    json_pack("{s:o, s:s, s:i}", "names", hidden, "action",
					      "SCMP_ACT_ERRNO", "errnoRet", ENOSYS));
	(void)json_array_insert_new(
		calls, 0, json_pack("{s:o, s:s}", "names", allowed, "action", "SCMP_ACT_ALLOW"));
	return json_pack("{s:s, s:i, s:[s], s:o}", "defaultAction", "SCMP_ACT_ERRNO",
			 "defaultErrnoRet", EPERM, "architectures", ARCHITECTURE, "syscalls",
			 calls);
}

const void *ab_jail_seccomp_code(bool gpu, size_t *ret_bytes)
{
	const struct sock_filter *code =
		ab_jail_filter(gpu ? AB_FILTER_AGENT_GPU : AB_FILTER_AGENT, ret_bytes);

	*ret_bytes *= sizeof(*code);
	return code;
}
