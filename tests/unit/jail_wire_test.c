/* SPDX-License-Identifier: Apache-2.0 */
/* lib/jail/wire: what a peer had sent is received also where it ended without reading all. */
#include "tests/unit/tap.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/jail/wire.h"

/* The peer says why it fails, and ends with a message of ours unread. */
static int ended_peer(void)
{
	const struct ab_wire failed = { .kind = AB_WIRE_FAILED, .part = 7 };
	const struct ab_wire unread = { .kind = AB_WIRE_ENTERED };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	if (!ab_wire_send(ends[1], &failed) || !ab_wire_send(ends[0], &unread)) {
		(void)close(ends[0]);
		ends[0] = -1;
	}
	(void)close(ends[1]);
	return ends[0];
}

/* What is received says that there is no error, whatever stood there before; and one that there is, whole. */
static void test_errors(struct tap *t)
{
	struct ab_wire sent = { .kind = AB_WIRE_READY, .passed = 5 }, got;
	int ends[2] = { -1, -1 }, passed = -1;

	(void)socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
	memset(&got, 'x', sizeof(got));
	tap_ok(t, ab_wire_send(ends[0], &sent) && ab_wire_peek(ends[1], &got) && got.passed == 5 && !got.err.status &&
			  !*got.err.msg, "a message without an error has none");
	memset(&got, 'x', sizeof(got));
	tap_ok(t, ab_wire_receive(ends[1], &got) && got.passed == 5 && !got.err.status && !*got.err.msg,
	       "nor when it is received");
	sent.kind = AB_WIRE_FAILED;
	memset(sent.err.msg, 'e', sizeof(sent.err.msg) - 1);
	(void)ab_err_trouble(&sent.err, "%s", sent.err.msg);
	tap_ok(t, ab_wire_send_fd(ends[0], &sent, ends[0]) && ab_wire_receive_fd(ends[1], &got, &passed) &&
			  got.err.status == AB_EXIT_TROUBLE && strcmp(got.err.msg, sent.err.msg) == 0,
	       "an error comes with it");
	(void)close(passed);
	tap_ok(t, write(ends[0], &sent, sizeof(sent) / 2) > 0 && !ab_wire_receive(ends[1], &got),
	       "a part of a message is none");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	struct tap t = { 0 };
	struct ab_wire got = { 0 };
	int fd = ended_peer(), passed;

	tap_ok(&t, ab_wire_receive(fd, &got) && got.kind == AB_WIRE_FAILED && got.part == 7,
	       "what it had said is received");
	tap_ok(&t, !ab_wire_receive(fd, &got), "and then its end");
	(void)close(fd);
	fd = ended_peer();
	got = (struct ab_wire){ 0 };
	tap_ok(&t, ab_wire_receive_fd(fd, &got, &passed) && got.kind == AB_WIRE_FAILED && passed == -1,
	       "also where a descriptor might come with it");
	tap_ok(&t, !ab_wire_receive_fd(fd, &got, &passed), "and then its end");
	(void)close(fd);
	test_errors(&t);
	return tap_done(&t);
}
