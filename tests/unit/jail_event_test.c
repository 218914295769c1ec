/* SPDX-License-Identifier: Apache-2.0 */
/* Events: what a call is, how its line looks whatever its names are, which names are sensitive, and
 * how the log is bounded and counted. */
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/jail/eventlog.h"

#define TIME "2026-01-02T03:04:05.678Z"

static struct ab_event event_of(int nr, uint64_t a1, uint64_t a2, bool denied)
{
	struct seccomp_notif call = { .pid = 7, .data = { .nr = nr, .args = { 0, a1, a2 } } };
	struct ab_event e;

	ab_event_of(&call, denied, &e);
	return e;
}

static void check_kinds(struct tap *t)
{
	static const struct {
		int nr;
		uint64_t a2;
		enum ab_event_kind kind;
		int path, to;
	} calls[] = {
		{ SYS_execve, 0, AB_EVENT_EXEC, 0, -1 },
		{ SYS_execveat, 0, AB_EVENT_EXEC, 1, -1 },
		{ SYS_connect, 0, AB_EVENT_CONNECT, -1, -1 },
		{ SYS_socket, 0, AB_EVENT_SOCKET, -1, -1 },
		{ SYS_openat, O_RDONLY | O_CLOEXEC, AB_EVENT_OPEN, 1, -1 },
		{ SYS_openat, O_PATH, AB_EVENT_OPEN, 1, -1 },
		{ SYS_openat, O_WRONLY, AB_EVENT_WRITE, 1, -1 },
		{ SYS_openat, O_RDWR, AB_EVENT_WRITE, 1, -1 },
		{ SYS_openat, 3, AB_EVENT_WRITE, 1, -1 },
		{ SYS_openat, O_CREAT, AB_EVENT_WRITE, 1, -1 },
		{ SYS_openat, O_TRUNC, AB_EVENT_WRITE, 1, -1 },
		{ SYS_unlinkat, 0, AB_EVENT_REMOVE, 1, -1 },
		{ SYS_renameat2, 0, AB_EVENT_RENAME, 1, 3 },
		{ SYS_linkat, 0, AB_EVENT_WRITE, 1, 3 },
		{ SYS_mount, 0, AB_EVENT_CALL, -1, -1 },
		{ 5000, 0, AB_EVENT_CALL, -1, -1 },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(calls); i++) {
		struct ab_event e = event_of(calls[i].nr, 0, calls[i].a2, false);

		tap_ok(t,
		       e.kind == calls[i].kind && e.path_arg == calls[i].path &&
			       e.to_arg == calls[i].to,
		       "call %d with %#llx is %s", calls[i].nr, (unsigned long long)calls[i].a2,
		       ab_event_name(calls[i].kind));
	}
#ifdef SYS_open
	tap_ok(t, event_of(SYS_open, O_WRONLY, 0, false).kind == AB_EVENT_WRITE,
	       "open's flags stand before openat's");
	tap_ok(t, event_of(SYS_open, O_RDONLY, O_WRONLY, false).kind == AB_EVENT_OPEN,
	       "and nowhere else");
#endif
}

static void check_line(struct tap *t, const char *path, size_t len, const char *want)
{
	struct ab_event e = event_of(SYS_openat, 0, 0, false);
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };
	char all[256];

	e.path = path;
	e.path_len = len;
	ab_event_write(&e, TIME, &out);
	(void)snprintf(all, sizeof(all),
		       "{\"call\":\"openat\",\"event\":\"open\",\"path\":\"%s\",\"pid\":7,"
		       "\"time\":\"" TIME "\",\"verdict\":\"continued\"}\n",
		       want);
	tap_is(t, out.data, all, want);
}

#define LINE(path, want) check_line(t, path, sizeof(path) - 1, want)

static void check_lines(struct tap *t)
{
	struct ab_event e = event_of(5000, 0, 0, true);
	ab_auto(ab_buf_free) struct ab_buf out = { 0 };

	LINE("/tmp/x", "/tmp/x");
	LINE("", "");
	LINE("a\"b\\c/d", "a\\\"b\\\\c/d");
	LINE("\n\r\t\033[31m", "\\n\\r\\t\\u001b[31m");
	LINE("\x7f", "\\u007f");
	LINE("\xc2\x9b"
	     "2J",
	     "\\u009b2J");
	LINE("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	LINE("\xe2\x80\xae"
	     "cod.exe",
	     "\\u202ecod.exe");
	LINE("\xf3\xa0\x80\x81", "\\udb40\\udc01");
	LINE("\xff\xfe", "\\ufffd\\ufffd");
	LINE("\xc3", "\\ufffd");
	LINE("\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd");
	LINE("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80");
	ab_event_write(&e, TIME, &out);
	tap_is(t, out.data,
	       "{\"call\":\"5000\",\"event\":\"call\",\"pid\":7,\"time\":\"" TIME
	       "\",\"verdict\":\"denied\"}\n",
	       "a call without a name, and no path");
}

static void check_sensitive(struct tap *t)
{
	static const struct {
		const char *path;
		bool want;
	} paths[] = {
		{ "/etc/shadow", true },
		{ "../../etc/shadow", true },
		{ "/etc//./shadow", true },
		{ "/etc/shadow/", true },
		{ "etc/shadow", true },
		{ "shadow", false },
		{ "/etc/shadow.py", false },
		{ "/etc/xshadow", false },
		{ "/petc/shadow", false },
		{ "/home/x/.ssh/config", true },
		{ ".ssh", true },
		{ "/home/x/.sshd/config", false },
		{ "/proc/1/mem", true },
		{ "/proc/self/mem", true },
		{ "/proc/self/task/9/mem", true },
		{ "/proc/self/maps", false },
		{ "/proc/1/environ", true },
		{ "/proc/mem", false },
		{ "/var/run/docker.sock", true },
		{ "/run/xdocker.sock", false },
		{ "/root/.aws/credentials", true },
		{ "/x/id_rsa", true },
		{ "/x/id_rsa.pub", false },
		{ "/usr/lib/python3/ssl.py", false },
		{ "", false },
		{ "/", false },
		{ ".", false },
		{ "..", false },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(paths); i++) {
		struct ab_event e = { .path = paths[i].path, .path_len = strlen(paths[i].path) };
		struct ab_event to = { .to = e.path, .to_len = e.path_len };

		tap_ok(t,
		       ab_event_is_sensitive(&e) == paths[i].want &&
			       ab_event_is_sensitive(&to) == paths[i].want,
		       "%s is %ssensitive", paths[i].path, paths[i].want ? "" : "not ");
	}
	tap_ok(t, !ab_event_is_sensitive(&(struct ab_event){ 0 }), "no name is not sensitive");
}

static void check_classes(struct tap *t)
{
	tap_ok(t, ab_event_class_parse("SOCKET=kill") == AB_ON_SOCKET, "SOCKET");
	tap_ok(t, ab_event_class_parse("EXEC=kill") == AB_ON_EXEC, "EXEC");
	tap_ok(t, ab_event_class_parse("SENSITIVE=kill") == AB_ON_SENSITIVE, "SENSITIVE");
	tap_ok(t,
	       !ab_event_class_parse("EXEC") && !ab_event_class_parse("EXEC=killed") &&
		       !ab_event_class_parse(""),
	       "nothing else");
}

static void check_log(struct tap *t)
{
	ab_autoclose int fd = memfd_create("log", MFD_CLOEXEC);
	struct ab_event e = event_of(SYS_openat, 0, O_WRONLY, false);
	ab_auto(ab_event_log_free) struct ab_event_log log = { 0 };
	unsigned char hash[AB_SHA256_SIZE];
	char text[4096];
	struct ab_err err = { 0 };
	bool ok = true;
	ssize_t n;

	ab_event_log_init(&log, fd, sizeof(text));
	for (int i = 0; i < 1000; i++) {
		e.denied = i % 4 == 0;
		e.kind = i % 2 ? AB_EVENT_WRITE : AB_EVENT_REMOVE;
		ok = ok && ab_event_log_add(&log, &e, &err) == 0;
	}
	ok = ok && ab_event_log_end(&log, &err) == 0;
	tap_ok(t, ok, "events are taken, also when there is no room");
	n = pread(fd, text, sizeof(text), 0);
	tap_ok(t, n > 3500 && n == (ssize_t)log.facts.bytes && lseek(fd, 0, SEEK_END) == n,
	       "the log is no larger than was said: %zd", n);
	ab_sha256(text, n > 0 ? (size_t)n : 0, hash);
	tap_ok(t, memcmp(hash, log.facts.sha256, sizeof(hash)) == 0, "its hash is known");
	tap_ok(t,
	       log.facts.counts[AB_EVENT_WRITE] == 500 &&
		       log.facts.counts[AB_EVENT_REMOVE] == 500 && log.facts.denied == 250,
	       "all events are counted");
	ok = false;
	for (ssize_t i = 0, lines = 0; i < n; i++) {
		lines += text[i] == '\n';
		ok = i + 1 == n && (uint64_t)lines - 1 + log.facts.lost == 1000;
	}
	tap_ok(t, ok, "what was lost is what is not there: %llu",
	       (unsigned long long)log.facts.lost);
}

static void check_full(struct tap *t)
{
	ab_autoclose int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct ab_event e = event_of(SYS_openat, 0, 0, false);
	ab_auto(ab_event_log_free) struct ab_event_log log = { 0 };
	struct ab_err err = { 0 };

	ab_event_log_init(&log, fd, 1 << 20);
	tap_ok(t, ab_event_log_add(&log, &e, &err) == 0 && ab_event_log_end(&log, &err) < 0,
	       "a log that cannot be written is an error");
}

int main(void)
{
	struct tap t = { 0 };

	check_kinds(&t);
	check_lines(&t);
	check_sensitive(&t);
	check_classes(&t);
	check_log(&t);
	check_full(&t);
	return tap_done(&t);
}
