/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/gateway.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/confine/landlock.h"
#include "lib/jail/filter.h"
#include "lib/jail/privileges.h"

#define CONNECTIONS 64
#define ROOM	    16384
#define BACKLOG	    64
#define RETRY_MS    2
#define TARGET	    "/proc/self/fd/1"

/* One direction of a connection. */
struct half {
	unsigned char data[ROOM];
	size_t at, len;
	bool ended, told; /* nothing more comes; the other side knows */
};

struct connection {
	int agent, host; /* -1: free */
	bool waiting;	 /* the host's socket has no room for another connection yet */
	struct half out, in;
};

struct gateway {
	int listener;
	struct sockaddr_un to;
	struct connection *all;
};

int ab_gateway_check_socket(const char *path, uid_t uid, struct ab_err *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		ab_err_sys(err, "%s", path);
		err->status = AB_EXIT_USAGE;
		return -1;
	}
	if (!S_ISSOCK(st.st_mode))
		return ab_err_usage(err, "%s: not a socket", path);
	/* Groups are not looked at: root's agent has none. */
	if (geteuid() == 0 && st.st_uid != uid && !(st.st_mode & S_IWOTH))
		return ab_err_usage(err,
				    "%s: user %u, as whom an agent that root starts runs, may not "
				    "write to it",
				    path, (unsigned)uid);
	return 0;
}

int ab_gateway_parse(struct ab_gateway *g, const char *word, struct ab_err *err)
{
	const char *colon = strchr(word, ':');
	char *end;
	unsigned long port = strtoul(word, &end, 10);

	if (!colon || end != colon || end == word || *word < '0' || *word > '9' || port < 1 ||
	    port > 65535 || !colon[1])
		return ab_err_usage(err, "%s: expected PORT:SOCKET, a port from 1 to 65535", word);
	g->port = (unsigned)port;
	g->socket = colon + 1;
	if (ab_gateway_check_socket(g->socket, g->uid, err) < 0)
		return -1;
	g->target = open(g->socket, O_PATH | O_CLOEXEC);
	return g->target < 0 ? ab_err_sys(err, "%s", g->socket) : 0;
}

static void drop(struct connection *c)
{
	c->waiting = false;
	(void)close(ab_steal_fd(&c->agent));
	(void)close(ab_steal_fd(&c->host));
}

/* Moves what can be moved without waiting; false: the connection is over. */
static bool pump(int from, int to, struct half *h)
{
	ssize_t n;

	if (h->at == h->len && !h->ended) {
		n = recv(from, h->data, sizeof(h->data), MSG_DONTWAIT);
		h->at = h->len = 0;
		if (n > 0)
			h->len = (size_t)n;
		else if (n == 0)
			h->ended = true;
		else if (errno != EAGAIN && errno != EINTR)
			return false;
	}
	if (h->at < h->len) {
		n = send(to, h->data + h->at, h->len - h->at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			h->at += (size_t)n;
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
	}
	if (h->ended && !h->told && h->at == h->len) {
		h->told = true;
		(void)shutdown(to, SHUT_WR);
	}
	return true;
}

/* A server that is busy is asked again; where none answers, the agent's connection ends. */
static void reach(struct gateway *g, struct connection *c)
{
	if (connect(c->host, (struct sockaddr *)&g->to, sizeof(g->to)) == 0)
		c->waiting = false;
	else if (errno != EAGAIN && errno != EINTR)
		drop(c);
}

static void take(struct gateway *g, struct connection *c)
{
	c->agent = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC);
	if (c->agent < 0)
		return;
	memset(&c->out, 0, sizeof(c->out));
	memset(&c->in, 0, sizeof(c->in));
	c->host = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	c->waiting = c->host >= 0;
	if (c->waiting)
		reach(g, c);
	else
		drop(c);
}

static struct connection *find_free(struct gateway *g)
{
	for (size_t i = 0; i < CONNECTIONS; i++)
		if (g->all[i].agent < 0)
			return &g->all[i];
	return NULL;
}

/* What to wait for on the side that `in` comes from and `out` goes to. */
static struct pollfd side(int fd, const struct half *in, const struct half *out)
{
	short events = 0;

	if (in->at == in->len && !in->ended)
		events |= POLLIN;
	if (out->at < out->len)
		events |= POLLOUT;
	/* Without events even a hang-up is not waited for: it would be told again and again. */
	return (struct pollfd){ events ? fd : -1, events, 0 };
}

static void serve(struct gateway *g)
{
	struct pollfd p[1 + 2 * CONNECTIONS];

	for (;;) {
		bool waiting = false;

		p[0] = (struct pollfd){ find_free(g) ? g->listener : -1, POLLIN, 0 };
		for (size_t i = 0; i < CONNECTIONS; i++) {
			struct connection *c = &g->all[i];

			if (c->waiting)
				reach(g, c);
			waiting |= c->waiting;
			p[1 + 2 * i] = side(c->waiting ? -1 : c->agent, &c->out, &c->in);
			p[2 + 2 * i] = side(c->waiting ? -1 : c->host, &c->in, &c->out);
		}
		if (poll(p, AB_ARRAY_SIZE(p), waiting ? RETRY_MS : -1) < 0 && errno != EINTR)
			return;
		for (size_t i = 0; i < CONNECTIONS; i++) {
			struct connection *c = &g->all[i];

			if (c->agent < 0 || !(p[1 + 2 * i].revents | p[2 + 2 * i].revents))
				continue;
			if (!pump(c->agent, c->host, &c->out) || !pump(c->host, c->agent, &c->in) ||
			    (c->out.told && c->in.told))
				drop(c);
		}
		if (p[0].revents)
			take(g, find_free(g));
	}
}

static int receive_listener(int channel)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec io = { &byte, 1 };
	struct msghdr m = { .msg_iov = &io,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(channel, &m, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&m) &&
	    CMSG_FIRSTHDR(&m)->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/* Nothing but the channel, no file, no right, no life of its own. */
static int confine(int *channel, const struct ab_gateway *of, pid_t parent, struct ab_err *err)
{
	ab_auto(ab_landlock_close) struct ab_landlock l = AB_LANDLOCK_INIT;
	sigset_t none;

	/* What the agent's user could not reach by its name can be reached held. */
	if (dup2(*channel, 0) < 0 || dup2(of->target, 1) < 0)
		return ab_err_sys(err, "descriptors");
	*channel = 0;
	(void)syscall(SYS_close_range, 2u, ~0u, 0u);
	/* Root's capabilities go with its user. */
	if (ab_privileges_become(of->uid, of->gid, of->drop_groups, err) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return ab_err_sys(err, "privileges");
	/* After the change of user, which clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
		return ab_err_trouble(err, "the supervisor is gone");
	if (ab_landlock_open(&l, 0, false, err) < 0 || ab_landlock_enforce(&l, err) < 0)
		return -1;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* Signals from the terminal are for the supervisor to act on. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	return ab_jail_filter_load(AB_FILTER_GATEWAY, err);
}

static _Noreturn void run(int channel, const struct ab_gateway *of, pid_t parent)
{
	struct gateway g = { .to = { .sun_family = AF_UNIX }, .listener = -1 };
	struct ab_err err = { 0 };

	memcpy(g.to.sun_path, TARGET, sizeof(TARGET));
	g.all = calloc(CONNECTIONS, sizeof(*g.all));
	if (!g.all || confine(&channel, of, parent, &err) < 0)
		_exit(1);
	for (size_t i = 0; i < CONNECTIONS; i++)
		g.all[i].agent = g.all[i].host = -1;
	g.listener = receive_listener(channel);
	if (g.listener >= 0)
		serve(&g);
	_exit(0);
}

int ab_gateway_start(struct ab_gateway *g, struct ab_err *err)
{
	pid_t self = getpid(), pid;
	int pair[2];

	if (!g->port)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return ab_err_sys(err, "--listen");
	pid = fork();
	if (pid == 0)
		run(pair[1], g, self);
	(void)close(pair[1]);
	g->channel = pair[0];
	if (pid < 0)
		return ab_err_sys(err, "--listen");
	g->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	return g->pidfd < 0 ? ab_err_sys(err, "--listen") : 0;
}

/* The kernel may keep megabytes for a connection, which no limit of the agent's sees: not here. */
static void bound_buffers(void)
{
	static const char *const files[] = { "/proc/sys/net/ipv4/tcp_rmem",
					     "/proc/sys/net/ipv4/tcp_wmem" };

	for (size_t i = 0; i < AB_ARRAY_SIZE(files); i++) {
		ab_autoclose int fd = open(files[i], O_WRONLY | O_CLOEXEC);

		/* Where /proc/sys is read-only, the look at the sockets' number stays. */
		(void)!(fd >= 0 && write(fd, "4096 65536 131072", 17) == 17);
	}
}

/* A new network namespace has lo, and it is down. */
static int raise_lo(int fd, struct ab_err *err)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };

	return ioctl(fd, SIOCSIFFLAGS, &lo) < 0 ? ab_err_sys(err, "--listen: lo") : 0;
}

static int send_listener(int channel, int listener)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec io = { &byte, 1 };
	struct msghdr m = { .msg_iov = &io,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };

	CMSG_FIRSTHDR(&m)->cmsg_level = SOL_SOCKET;
	CMSG_FIRSTHDR(&m)->cmsg_type = SCM_RIGHTS;
	CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &listener, sizeof(listener));
	return sendmsg(channel, &m, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

int ab_gateway_offer(struct ab_gateway *g, struct ab_err *err)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)g->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	ab_autoclose int fd = -1;

	if (!g->port)
		return 0;
	bound_buffers();
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || raise_lo(fd, err) < 0)
		return fd < 0 ? ab_err_sys(err, "--listen") : -1;
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, BACKLOG) < 0)
		return ab_err_sys(err, "--listen: port %u", g->port);
	if (send_listener(g->channel, fd) < 0)
		return ab_err_trouble(err, "--listen: the gateway outside is gone");
	(void)close(ab_steal_fd(&g->channel));
	return 0;
}

void ab_gateway_stop(struct ab_gateway *g)
{
	siginfo_t info;

	if (g->channel >= 0)
		(void)close(ab_steal_fd(&g->channel));
	if (g->target >= 0)
		(void)close(ab_steal_fd(&g->target));
	if (g->pidfd < 0)
		return;
	(void)syscall(SYS_pidfd_send_signal, g->pidfd, SIGKILL, NULL, 0);
	while (waitid(P_PIDFD, (id_t)g->pidfd, &info, WEXITED) < 0 && errno == EINTR)
		continue;
	(void)close(ab_steal_fd(&g->pidfd));
}
