/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one hole for unmodified clients: a listener on 127.0.0.1 of the jail's own network namespace
 * (which has no other interface than lo), whose descriptor the jail's first process hands out. A
 * small process outside, confined to that, accepts from it and carries the bytes to and from one
 * Unix socket of the host. The jail sees neither that socket nor a name of it, and the listener
 * cannot be reached from the host's network.
 */
#ifndef AB_JAIL_GATEWAY_H
#define AB_JAIL_GATEWAY_H

#include <stdbool.h>
#include <sys/types.h>
#include "lib/base/err.h"

struct ab_gateway {
	unsigned port;	    /* 0: no gateway */
	const char *socket; /* the host's */
	int target;	    /* the same, held (O_PATH) */
	int channel;	    /* init's end: over it the listener goes out */
	int pidfd;	    /* of the process outside, -1: none */
	uid_t uid;	    /* as whom it connects: the agent's user */
	gid_t gid;
	bool drop_groups;
};

#define AB_GATEWAY_INIT                                                                            \
	{                                                                                          \
		.channel = -1, .pidfd = -1, .target = -1                                           \
	}

/* Takes "PORT:SOCKET" apart and checks that a socket is there that the agent's user may use. */
int ab_gateway_parse(struct ab_gateway *g, const char *word, struct ab_err *err);

/* Starts the process outside; it waits for the listener. Nothing if there is no gateway. */
int ab_gateway_start(struct ab_gateway *g, struct ab_err *err);

/* In the jail's first process: makes the listener, hands it out, and lets go of the channel. */
int ab_gateway_offer(struct ab_gateway *g, struct ab_err *err);

/* Ends the process outside. */
void ab_gateway_stop(struct ab_gateway *g);

/* Whether the socket at `path` is there and may be used by that user (root's rights do not count).
 */
int ab_gateway_check_socket(const char *path, uid_t uid, struct ab_err *err);

#endif
