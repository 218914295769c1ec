/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/wire.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for one descriptor beside a message. */
union passing {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* A packet is whole or not there: no partial reads or writes. SIGPIPE is ignored on all sides. The error, which is more
 * than half of a message, is left out where there is none. */
static size_t size_of(const struct ab_wire *message)
{
	return message->err.status ? sizeof(*message) : offsetof(struct ab_wire, err);
}

static bool is_whole(struct ab_wire *message, ssize_t n)
{
	if (n == (ssize_t)sizeof(*message))
		return true;
	message->err.status = message->err.sys = 0;
	message->err.msg[0] = '\0';
	return n == (ssize_t)offsetof(struct ab_wire, err);
}

bool ab_wire_send(int fd, const struct ab_wire *message)
{
	ssize_t n;

	do {
		n = write(fd, message, size_of(message));
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)size_of(message);
}

/* A peer that has ended without reading all is told of once, before the messages that it had sent
 * (unix(7), ECONNRESET): they are still there, and say why. */
static bool is_to_repeat(ssize_t n)
{
	return n < 0 && (errno == EINTR || errno == ECONNRESET);
}

bool ab_wire_receive(int fd, struct ab_wire *ret)
{
	ssize_t n;

	do {
		n = read(fd, ret, sizeof(*ret));
	} while (is_to_repeat(n));
	return is_whole(ret, n);
}

bool ab_wire_peek(int fd, struct ab_wire *ret)
{
	ssize_t n;

	do {
		n = recv(fd, ret, sizeof(*ret), MSG_PEEK);
	} while (is_to_repeat(n));
	return is_whole(ret, n);
}

bool ab_wire_send_fd(int fd, const struct ab_wire *message, int passed)
{
	union passing beside = { 0 };
	struct iovec data = { (void *)message, size_of(message) };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = beside.bytes,
			    .msg_controllen = sizeof(beside.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	ssize_t n;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(passed));
	memcpy(CMSG_DATA(c), &passed, sizeof(passed));
	do {
		n = sendmsg(fd, &m, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)size_of(message);
}

bool ab_wire_receive_fd(int fd, struct ab_wire *ret, int *ret_passed)
{
	union passing beside = { 0 };
	struct iovec data = { ret, sizeof(*ret) };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = beside.bytes,
			    .msg_controllen = sizeof(beside.bytes) };
	struct cmsghdr *c;
	ssize_t n;

	*ret_passed = -1;
	do {
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	} while (is_to_repeat(n));
	if (!is_whole(ret, n))
		return false;
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(*ret_passed)))
		memcpy(ret_passed, CMSG_DATA(c), sizeof(*ret_passed));
	return true;
}
