/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a witness for its signature: C2SP tlog-witness add-checkpoint over HTTP/1.0, on loopback
 * or a Unix socket; there is no TLS here. Connections are made before the process confines itself,
 * two a witness: the second is for asking again once it has said which size it knows.
 */
#include "lib/audit/witness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/value.h"

#define MAX_ANSWER (256u << 10)
#define WAIT_S	   20 /* for a connection, and for each piece of an answer */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static int set_unix(const char *path, union address *a, struct ab_err *err)
{
	if (!*path || strlen(path) >= sizeof(a->local.sun_path))
		return ab_err_usage(err, "--witness: unix:%s: not the path of a socket", path);
	a->local.sun_family = AF_UNIX;
	memcpy(a->local.sun_path, path, strlen(path) + 1);
	return 0;
}

/* "HOST:PORT" of loopback. */
static int set_loopback(const char *url, const char *host, uint64_t port, union address *a,
			struct ab_err *err)
{
	if (strcmp(host, "127.0.0.1") == 0) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons((uint16_t)port);
		a->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return 0;
	}
	if (strcmp(host, "[::1]") == 0) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons((uint16_t)port);
		a->v6.sin6_addr = in6addr_loopback;
		return 0;
	}
	return ab_err_usage(err,
			    "--witness: %s: plain HTTP goes to 127.0.0.1 or [::1] only; for others "
			    "run a local proxy that speaks TLS",
			    url);
}

static int set_http(const char *url, union address *a, struct ab_witness *w, struct ab_err *err)
{
	const char *start = url + strlen("http://"), *slash = strchrnul(start, '/');
	const char *colon = memrchr(start, ':', (size_t)(slash - start));
	char host[16] = "", number[8] = "";
	uint64_t port;

	if (!colon || (size_t)(colon - start) >= sizeof(host) ||
	    (size_t)(slash - colon - 1) >= sizeof(number))
		return set_loopback(url, "", 0, a, err);
	memcpy(host, start, (size_t)(colon - start));
	memcpy(number, colon + 1, (size_t)(slash - colon - 1));
	if (ab_value_number(number, 1, 65535, &port, err) < 0)
		return ab_err_prefix(err, "--witness: %s: port: ", url);
	if (strcspn(slash, " \r\n") != strlen(slash) || strlen(slash) >= sizeof(w->path))
		return ab_err_usage(err, "--witness: %s: not a path", url);
	memcpy(w->path, slash, strlen(slash) + 1);
	while (*w->path && w->path[strlen(w->path) - 1] == '/')
		w->path[strlen(w->path) - 1] = '\0';
	return set_loopback(url, host, port, a, err);
}

static int parse_url(const char *url, union address *a, struct ab_witness *w, struct ab_err *err)
{
	if (strncmp(url, "unix:", 5) == 0)
		return set_unix(url + 5, a, err);
	if (strncmp(url, "http://", 7) == 0)
		return set_http(url, a, w, err);
	if (strncmp(url, "https://", 8) == 0)
		return ab_err_usage(err,
				    "--witness: %s: there is no TLS here; run a local proxy that "
				    "speaks it, and name that: http://127.0.0.1:PORT",
				    url);
	return ab_err_usage(err, "--witness: %s: expected http://127.0.0.1:PORT or unix:SOCKET",
			    url);
}

static int connect_once(const char *url, const union address *a, struct ab_err *err)
{
	const struct timeval wait = { .tv_sec = WAIT_S };
	ab_autoclose int fd = socket(a->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = a->any.sa_family == AF_UNIX   ? sizeof(a->local)
			: a->any.sa_family == AF_INET ? sizeof(a->v4)
						      : sizeof(a->v6);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0 ||
	    connect(fd, &a->any, len) < 0)
		return ab_err_sys(err, "--witness: %s", url);
	return ab_steal_fd(&fd);
}

int ab_witness_open(const char *url, struct ab_witness *ret, struct ab_err *err)
{
	union address a = { 0 };

	*ret = (struct ab_witness){ .url = url, .fds = { -1, -1 } };
	if (parse_url(url, &a, ret, err) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		ret->fds[i] = connect_once(url, &a, err);
		if (ret->fds[i] < 0) {
			ab_witness_close(ret);
			return -1;
		}
	}
	return 0;
}

void ab_witness_close(struct ab_witness *w)
{
	ab_auto_close(&w->fds[0]);
	ab_auto_close(&w->fds[1]);
	w->fds[0] = w->fds[1] = -1;
}

/* The value of a header of that name, with its length; NULL: there is none. */
static const char *find_header(const char *p, const char *end, const char *name, size_t *ret_len)
{
	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;
		size_t len = strlen(name);

		if ((size_t)(stop - p) > len && strncasecmp(p, name, len) == 0 && p[len] == ':') {
			for (p += len + 1; p < stop && *p == ' '; p++)
				continue;
			if (stop > p && stop[-1] == '\r')
				stop--;
			*ret_len = (size_t)(stop - p);
			return p;
		}
		p = newline ? newline + 1 : end;
	}
	return NULL;
}

static bool parse_size(const char *text, size_t len, uint64_t *ret)
{
	uint64_t n = 0;

	if (!len || len > 18)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	*ret = n;
	return true;
}

int ab_answer_parse(const char *text, size_t len, struct ab_answer *ret, struct ab_err *err)
{
	const char *end = memmem(text, len, "\r\n\r\n", 4), *value;
	uint64_t status, promised;
	size_t n;

	if (!end || strncmp(text, "HTTP/1.", 7) != 0 || end - text < 12 || text[8] != ' ' ||
	    !parse_size(text + 9, 3, &status))
		return ab_err_no(err, "not an answer of HTTP/1");
	*ret = (struct ab_answer){ (int)status, end + 4, len - (size_t)(end + 4 - text) };
	if (find_header(text, end, "Transfer-Encoding", &n))
		return ab_err_no(err, "an answer in pieces, which HTTP/1.0 does not have");
	value = find_header(text, end, "Content-Length", &n);
	if (value && (!parse_size(value, n, &promised) || promised != ret->len))
		return ab_err_no(err, "an answer that was cut short");
	return 0;
}

static int exchange(const struct ab_witness *w, int fd, const struct ab_buf *body,
		    struct ab_buf *out, struct ab_answer *ret, struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf request = { 0 };

	ab_buf_addf(&request,
		    "POST %s/add-checkpoint HTTP/1.0\r\nHost: localhost\r\n"
		    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n\r\n",
		    w->path, body->len);
	ab_buf_add(&request, body->data, body->len);
	ab_buf_clear(out);
	if (ab_buf_ok(&request, err) < 0 || ab_io_write(fd, request.data, request.len, err) < 0 ||
	    ab_buf_read(out, fd, MAX_ANSWER, err) < 0)
		return ab_err_prefix(err, "%s: ", w->url);
	if (ab_answer_parse(out->data ? out->data : "", out->len, ret, err) < 0)
		return ab_err_prefix(err, "%s: ", w->url);
	return 0;
}

static int refuse(const struct ab_witness *w, const struct ab_answer *a, struct ab_err *err)
{
	static const struct {
		int status;
		const char *why;
	} known[] = {
		{ 400, "does not understand the request" },
		{ 403, "trusts none of the checkpoint's signatures" },
		{ 404, "does not know this log" },
		{ 409, "says again that it has seen another size" },
		{ 422, "says that the log does not go on from what it has seen" },
	};

	for (size_t i = 0; i < AB_ARRAY_SIZE(known); i++)
		if (known[i].status == a->status)
			return ab_err_no(err, "%s: the witness %s (%d)", w->url, known[i].why,
					 a->status);
	return ab_err_trouble(err, "%s: answered %d", w->url, a->status);
}

static int ask(struct ab_log *log, const struct ab_witness *w, int fd, uint64_t old,
	       struct ab_buf *out, struct ab_answer *ret, struct ab_err *err)
{
	ab_auto(ab_proof_free) struct ab_proof proof = { 0 };
	ab_auto(ab_buf_free) struct ab_buf body = { 0 };

	if (ab_log_consistency(log, old, &proof, err) < 0 ||
	    ab_proof_write_growth(&proof, ab_log_note(log), &body, err) < 0)
		return -1;
	return exchange(w, fd, &body, out, ret, err);
}

/* The size that a witness says it knows. */
static int known_size(const struct ab_witness *w, const struct ab_answer *a, uint64_t size,
		      uint64_t *ret, struct ab_err *err)
{
	size_t len = a->len && a->body[a->len - 1] == '\n' ? a->len - 1 : a->len;

	if (!parse_size(a->body, len, ret))
		return ab_err_no(err, "%s: the witness says no size (409)", w->url);
	if (*ret > size)
		return ab_err_no(err,
				 "%s: rolled back: the witness has seen %llu records, not %llu",
				 w->url, (unsigned long long)*ret, (unsigned long long)size);
	return 0;
}

int ab_witness_ask(struct ab_log *log, struct ab_witness *w, uint64_t old, struct ab_buf *out,
		   struct ab_err *err)
{
	ab_auto(ab_buf_free) struct ab_buf text = { 0 };
	struct ab_answer a;

	if (ask(log, w, w->fds[0], old, &text, &a, err) < 0)
		return -1;
	if (a.status == 409 && (known_size(w, &a, ab_log_size(log), &old, err) < 0 ||
				ask(log, w, w->fds[1], old, &text, &a, err) < 0))
		return -1;
	if (a.status != 200)
		return refuse(w, &a, err);
	ab_buf_add(out, a.body, a.len);
	return ab_buf_ok(out, err);
}
