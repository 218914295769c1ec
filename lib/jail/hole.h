/* SPDX-License-Identifier: Apache-2.0 */
/* The one hole that a jail may have: --socket shows a Unix socket of the host, --listen a listener.
 */
#ifndef AB_JAIL_HOLE_H
#define AB_JAIL_HOLE_H

#include "lib/jail/filter.h"
#include "lib/jail/gateway.h"
#include "lib/jail/plan.h"

/*
 * Takes "SOCKET:PATH" and "PORT:SOCKET" (NULL: not given; both are an error). A socket that is
 * shown is added to the plan, a listener is prepared in `gateway`, whose uid says who the agent is.
 */
int ab_hole_make(enum ab_hole *ret, struct ab_gateway *gateway, struct ab_plan *plan,
		 const char *socket, const char *listen, struct ab_err *err);

#endif
