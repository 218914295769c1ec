/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/event.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

#include "lib/json/json.h"

#include "jail/calls.h"

static const struct {
	int call;
	enum ab_event_kind kind;
	int path, to; /* arguments */
} known[] = {
	{ SYS_execve, AB_EVENT_EXEC, 0, -1 },	     { SYS_execveat, AB_EVENT_EXEC, 1, -1 },
	{ SYS_openat, AB_EVENT_OPEN, 1, -1 },	     { SYS_truncate, AB_EVENT_WRITE, 0, -1 },
	{ SYS_mkdirat, AB_EVENT_WRITE, 1, -1 },	     { SYS_linkat, AB_EVENT_WRITE, 1, 3 },
	{ SYS_symlinkat, AB_EVENT_WRITE, 0, 2 },     { SYS_unlinkat, AB_EVENT_REMOVE, 1, -1 },
#ifdef SYS_renameat
	{ SYS_renameat, AB_EVENT_RENAME, 1, 3 },
#endif
	{ SYS_renameat2, AB_EVENT_RENAME, 1, 3 },
#ifdef SYS_open /* architectures that are older than the calls above */
	{ SYS_open, AB_EVENT_OPEN, 0, -1 },	     { SYS_creat, AB_EVENT_WRITE, 0, -1 },
	{ SYS_mkdir, AB_EVENT_WRITE, 0, -1 },	     { SYS_link, AB_EVENT_WRITE, 0, 1 },
	{ SYS_symlink, AB_EVENT_WRITE, 0, 1 },	     { SYS_unlink, AB_EVENT_REMOVE, 0, -1 },
	{ SYS_rmdir, AB_EVENT_REMOVE, 0, -1 },	     { SYS_rename, AB_EVENT_RENAME, 0, 1 },
#endif
	{ SYS_connect, AB_EVENT_CONNECT, -1, -1 },   { SYS_socket, AB_EVENT_SOCKET, -1, -1 },
	{ SYS_socketpair, AB_EVENT_SOCKET, -1, -1 }, { SYS_bind, AB_EVENT_SOCKET, -1, -1 },
	{ SYS_listen, AB_EVENT_SOCKET, -1, -1 },     { SYS_accept, AB_EVENT_SOCKET, -1, -1 },
	{ SYS_accept4, AB_EVENT_SOCKET, -1, -1 },    { SYS_sendmmsg, AB_EVENT_SOCKET, -1, -1 },
	{ SYS_recvmmsg, AB_EVENT_SOCKET, -1, -1 },   { SYS_setsockopt, AB_EVENT_SOCKET, -1, -1 },
};

static const char *const names[AB_EVENT_KINDS] = {
	[AB_EVENT_EXEC] = "exec",     [AB_EVENT_CONNECT] = "connect", [AB_EVENT_SOCKET] = "socket",
	[AB_EVENT_OPEN] = "open",     [AB_EVENT_WRITE] = "write",     [AB_EVENT_REMOVE] = "remove",
	[AB_EVENT_RENAME] = "rename", [AB_EVENT_CALL] = "call",
};

const char *ab_event_name(enum ab_event_kind kind)
{
	return names[kind];
}

/* The flags stand behind the name in each of the calls that open. */
static bool is_for_writing(const struct seccomp_data *d, int path)
{
	unsigned flags = (unsigned)d->args[path + 1];

	return (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
}

void ab_event_of(const struct seccomp_notif *call, bool denied, struct ab_event *ret)
{
	*ret = (struct ab_event){ .kind = AB_EVENT_CALL,
				  .pid = (int)call->pid,
				  .call = call->data.nr,
				  .path_arg = -1,
				  .to_arg = -1,
				  .denied = denied };
	for (size_t i = 0; i < AB_ARRAY_SIZE(known); i++) {
		if (known[i].call != call->data.nr)
			continue;
		ret->kind = known[i].kind;
		ret->path_arg = known[i].path;
		ret->to_arg = known[i].to;
		break;
	}
	if (ret->kind == AB_EVENT_OPEN && is_for_writing(&call->data, ret->path_arg))
		ret->kind = AB_EVENT_WRITE;
}

static void write_call(int call, struct ab_buf *out)
{
	if (call >= 0 && (size_t)call < AB_ARRAY_SIZE(ab_call_names) && *ab_call_names[call])
		ab_buf_adds(out, ab_call_names[call]);
	else
		ab_buf_addf(out, "%d", call);
}

static void write_name(const char *key, const char *name, size_t len, struct ab_buf *out)
{
	if (!name)
		return;
	ab_buf_adds(out, key);
	ab_json_quote_bytes(name, len, out);
}

/* Keys in order, no white space: RFC 8785 has nothing to change about it. */
void ab_event_write(const struct ab_event *e, const char *time, struct ab_buf *out)
{
	ab_buf_adds(out, "{\"call\":\"");
	write_call(e->call, out);
	ab_buf_adds(out, "\",\"event\":\"");
	ab_buf_adds(out, names[e->kind]);
	ab_buf_addc(out, '"');
	write_name(",\"path\":", e->path, e->path_len, out);
	ab_buf_addf(out, ",\"pid\":%d,\"time\":\"%s\"", e->pid, time);
	write_name(",\"to\":", e->to, e->to_len, out);
	ab_buf_adds(out,
		    e->denied ? ",\"verdict\":\"denied\"}\n" : ",\"verdict\":\"continued\"}\n");
}

static const struct {
	unsigned class;
	const char *text, *name;
} classes[] = {
	{ AB_ON_SOCKET, "SOCKET=kill", "SOCKET" },
	{ AB_ON_EXEC, "EXEC=kill", "EXEC" },
	{ AB_ON_SENSITIVE, "SENSITIVE=kill", "SENSITIVE" },
};

unsigned ab_event_class_parse(const char *text)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(classes); i++)
		if (strcmp(text, classes[i].text) == 0)
			return classes[i].class;
	return 0;
}

const char *ab_event_class_name(enum ab_event_class c)
{
	for (size_t i = 0; i < AB_ARRAY_SIZE(classes); i++)
		if (classes[i].class == c)
			return classes[i].name;
	return "";
}
