/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/wire.h"

#include <errno.h>
#include <unistd.h>

/* A packet is whole or not there: no partial reads or writes. SIGPIPE is ignored on all sides. */
bool ab_wire_send(int fd, const struct ab_wire *message)
{
	ssize_t n;

	do {
		n = write(fd, message, sizeof(*message));
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*message);
}

bool ab_wire_receive(int fd, struct ab_wire *ret)
{
	ssize_t n;

	do {
		n = read(fd, ret, sizeof(*ret));
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*ret);
}
