/* SPDX-License-Identifier: Apache-2.0 */
/* ab-jail proves itself here, in a real jail; its answers become rows. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"
#include "lib/workflow/doctor.h"

/* Which proofs of the self-test make up a row; every one must be there. */
static const struct {
	const char *check, *proofs, *reason;
} rows[] = {
	{ "network", "network routes socket", "no interface but lo, no route, no socket" },
	{ "files",
	  "root_readonly root_foreign canary mounts tmp_noexec tmp_sized descriptors environment",
	  "the host's files are not there, nothing can be changed, /tmp cannot be executed" },
	{ "processes", "other_processes separate nested namespace",
	  "no other process, no namespace of the host, no new one" },
	{ "rights", "capabilities no_new_privs seccomp landlock",
	  "no capability and no way to one, system calls filtered" },
	{ "limits", "limits", "processes, memory and files are limited" },
};

static const char *state_of(const json_t *checks, const char *name, size_t len)
{
	const json_t *row;
	size_t i;

	json_array_foreach(checks, i, row)
	{
		const char *is = json_string_value(json_object_get(row, "name"));

		if (is && strlen(is) == len && strncmp(is, name, len) == 0)
			return json_string_value(json_object_get(row, "state"));
	}
	return NULL;
}

static void add_proofs(struct ab_doctor *d, const json_t *checks)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(rows); i++) {
		ab_auto(ab_buf_free) struct ab_buf bad = { 0 };

		for (const char *p = rows[i].proofs; *p;) {
			size_t len = strcspn(p, " ");
			const char *state = state_of(checks, p, len);

			/* "skipped" is said of what the tier does not have. */
			if (!state || strcmp(state, "failed") == 0)
				ab_buf_addf(&bad, "%s%.*s", bad.len ? ", " : "", (int)len, p);
			p += len + (p[len] == ' ');
		}
		if (bad.data)
			ab_doctor_add(d, rows[i].check, true, AB_STATE_FAIL, NULL,
				      "ab-jail --self-test tells more", "not proved: %s", bad.data);
		else
			ab_doctor_add(d, rows[i].check, true, AB_STATE_PASS, NULL, NULL, "%s",
				      rows[i].reason);
	}
}

/* What holds it, by mechanism: weaker than it could be is told, and judged by ab-jail. */
static void add_mechanisms(struct ab_doctor *d, const json_t *mechanisms)
{
	const char *name;
	json_t *m;

	json_object_foreach((json_t *)mechanisms, name, m)
	{
		const char *state = json_string_value(json_object_get(m, "state"));
		const char *how = json_string_value(json_object_get(m, "how"));
		bool holds = state && strcmp(state, "enforced") == 0;

		ab_doctor_add(d, "kernel", false, holds ? AB_STATE_PASS : AB_STATE_DEGRADED, NULL,
			      "see TIERS in ab-jail(1) for what covers it", "%s: %s%s%s", name,
			      state ? state : "not told", how ? ", " : "", how ? how : "");
	}
}

static void add_tier(struct ab_doctor *d, const json_t *isolation)
{
	json_int_t tier = json_integer_value(json_object_get(isolation, "tier"));

	ab_doctor_add(d, "tier", true,
		      tier == 1	  ? AB_STATE_PASS
		      : tier == 2 ? AB_STATE_DEGRADED
				  : AB_STATE_FAIL,
		      NULL, "allow unprivileged user namespaces, and use --require-tier 1",
		      "isolation of tier %d", (int)tier);
}

/* Debian and Ubuntu let a profile decide who may make a user namespace. */
static void add_apparmor(struct ab_doctor *d, bool proved)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_err none = { 0 };
	bool restricts = ab_path_read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 16,
				      &text, &none) == 0 &&
			 text.data && *text.data == '1';

	if (!restricts)
		ab_doctor_add(d, "kernel", false, AB_STATE_PASS, NULL, NULL,
			      "AppArmor does not restrict user namespaces");
	else
		ab_doctor_add(d, "kernel", false,
			      proved || geteuid() == 0 ? AB_STATE_PASS : AB_STATE_DEGRADED, NULL,
			      "load share/agentbox/apparmor/ab-jail (apparmor_parser -r)",
			      "AppArmor restricts user namespaces%s",
			      proved ? ", and allows ours" : "");
}

void ab_doctor_jail(struct ab_doctor *d)
{
	uint64_t tier = d->o->tier ? d->o->tier : 1;
	const char *const argv[] = { "ab-jail",	       "--self-test",
				     "--json",	       "--require-tier",
				     tier == 2 && !(d->w && d->w->limits[AB_LIMIT_TIER] == 1) ? "2"
											      : "1",
				     NULL };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 }, said = { 0 };
	struct ab_err err = { 0 };
	int status = ab_doctor_ask(argv, &out, &said);
	json_auto_t *told = out.len ? ab_json_load("self-test", out.data, out.len, &err) : NULL;
	const json_t *isolation = json_object_get(told, "isolation");
	const char *reason = json_string_value(json_object_get(told, "reason"));
	bool proved = status == 0 && json_is_true(json_object_get(told, "passed"));

	add_apparmor(d, proved);
	if (!proved)
		ab_doctor_add(d, "jail", true, AB_STATE_FAIL, NULL,
			      "mend what it names; man ab-jail, section TIERS", "%s",
			      reason	 ? reason
			      : said.len ? said.data
					 : "the self-test did not pass");
	if (!json_array_size(json_object_get(told, "checks")))
		return;
	add_proofs(d, json_object_get(told, "checks"));
	if (isolation)
		add_tier(d, isolation);
	add_mechanisms(d, json_object_get(isolation, "mechanisms"));
}
