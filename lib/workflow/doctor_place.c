/* SPDX-License-Identifier: Apache-2.0 */
/* Where runs are recorded: the key, the log, the clock, and the room that there is. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "lib/workflow/doctor.h"
#include "lib/workflow/place.h"

#define ROOM_LEAST (64ULL << 20)
#define ROOM_GOOD  (1024ULL << 20)
#define EPOCH	   1735689600 /* 2025: no run of this tool was before */

/* Whether another than we and root can put something else in its place. */
static bool is_exposed(const char *path)
{
	ab_autofree char *dir = strdup(path);
	char *slash = dir ? strrchr(dir, '/') : NULL;
	struct stat st;

	if (slash)
		slash[slash == dir] = '\0';
	if (!dir || stat(slash ? dir : ".", &st) < 0)
		return true;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return true;
	return (st.st_mode & 022) && !(st.st_mode & S_ISVTX);
}

static void check_key(struct ab_doctor *d, const char *key)
{
	const char *wrong = NULL;
	struct stat st;

	if (!key || lstat(key, &st) < 0) {
		ab_doctor_add(d, "key", true, AB_STATE_FAIL, NULL,
			      "ab-audit keygen --name NAME --key FILE", "%s: %s",
			      key ? key : "no key is named", key ? strerror(errno) : "");
		return;
	}
	if (!S_ISREG(st.st_mode))
		wrong = "not a regular file";
	else if (st.st_uid != geteuid())
		wrong = "belongs to another user";
	else if (st.st_mode & 077)
		wrong = "others may read it";
	else if (is_exposed(key))
		wrong = "others may replace it: its directory is open to them";
	ab_doctor_add(d, "key", true, wrong ? AB_STATE_FAIL : AB_STATE_PASS, NULL,
		      "chmod 600 KEY; chmod go-w its directory", "%s: %s", key,
		      wrong ? wrong : "ours alone");
}

static void check_owner(struct ab_doctor *d, const char *log)
{
	const char *wrong = NULL;
	struct stat st;

	if (stat(log, &st) < 0)
		return; /* verify has said so */
	if (st.st_uid != geteuid())
		wrong = "belongs to another user: run as that one";
	else if (st.st_mode & 022)
		wrong = "others may write to it";
	else if (access(log, W_OK) < 0)
		wrong = "cannot be written";
	ab_doctor_add(d, "log", true, wrong ? AB_STATE_FAIL : AB_STATE_PASS, NULL,
		      "chown it to who runs ab-run; chmod go-w", "%s: %s", log,
		      wrong ? wrong : "ours");
}

static void check_log(struct ab_doctor *d, const char *log)
{
	const char *const argv[] = { "ab-audit", "verify", "--log", log ? log : "", NULL };
	ab_auto(ab_buf_free) struct ab_buf out = { 0 }, said = { 0 };
	int status = log ? ab_doctor_ask(argv, &out, &said) : -1;

	if (out.data)
		out.data[strcspn(out.data, "\n")] = '\0';
	if (status == 0)
		ab_doctor_add(d, "log", true, AB_STATE_PASS, NULL, NULL, "verifies: %s",
			      out.data ? out.data : "");
	else
		ab_doctor_add(d, "log", true, AB_STATE_FAIL, NULL,
			      "ab-audit verify tells more; of a run without an end: ab-audit end",
			      "%s",
			      said.len ? said.data
			      : log    ? "does not verify"
				       : "no log is named");
	if (log)
		check_owner(d, log);
}

/* A clock that is behind the newest record would date the next one before it. */
static void check_clock(struct ab_doctor *d, const char *log)
{
	ab_auto(ab_buf_free) struct ab_buf path = { 0 };
	struct timex clock = { 0 };
	time_t now = time(NULL);
	struct stat st = { 0 };
	bool synced = adjtimex(&clock) >= 0 && !(clock.status & STA_UNSYNC);

	ab_buf_addf(&path, "%s/checkpoint", log ? log : "");
	if (now < EPOCH)
		ab_doctor_add(d, "clock", true, AB_STATE_FAIL, NULL, "set the clock",
			      "it shows a time before 2025");
	else if (log && path.data && stat(path.data, &st) == 0 && st.st_mtime > now + 60)
		ab_doctor_add(d, "clock", true, AB_STATE_FAIL, NULL, "set the clock",
			      "%lld s behind the log's newest checkpoint",
			      (long long)(st.st_mtime - now));
	else
		ab_doctor_add(d, "clock", true, AB_STATE_PASS, NULL, NULL,
			      "not behind the log's newest checkpoint");
	ab_doctor_add(d, "clock", false, synced ? AB_STATE_PASS : AB_STATE_DEGRADED, NULL,
		      "run a time service (chrony, systemd-timesyncd)",
		      synced ? "synchronised" : "the kernel does not know it as synchronised");
}

static void check_room(struct ab_doctor *d, const char *what, const char *path)
{
	struct statvfs fs;
	uint64_t room;

	if (!path || statvfs(path, &fs) < 0) {
		ab_doctor_add(d, "room", true, AB_STATE_FAIL, NULL, "make the directory",
			      "%s: %s: %s", what, path ? path : "?", strerror(errno));
		return;
	}
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	ab_doctor_add(d, "room", true,
		      room < ROOM_LEAST || (fs.f_files && fs.f_favail < 1000) ? AB_STATE_FAIL
		      : room < ROOM_GOOD				      ? AB_STATE_DEGRADED
									      : AB_STATE_PASS,
		      NULL, "make room there, or name another directory",
		      "%s: %s: %" PRIu64 " MB free", what, path, room >> 20);
}

void ab_doctor_place(struct ab_doctor *d)
{
	ab_autofree char *log = ab_place_log(d->w, d->o), *key = ab_place_key(d->w, d->o);
	const char *tmp = secure_getenv("TMPDIR"), *runtime = secure_getenv("XDG_RUNTIME_DIR");

	check_key(d, key);
	check_log(d, log);
	check_clock(d, log);
	if (log && access(log, F_OK) == 0)
		check_room(d, "log", log);
	check_room(d, "large documents", tmp && *tmp ? tmp : "/tmp");
	check_room(d, "receipts",
		   runtime && *runtime && access(runtime, W_OK) == 0 ? runtime : "/tmp");
}
