/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/hole.h"

#include <stdlib.h>
#include <string.h>

static int show_socket(struct ab_plan *plan, uid_t uid, const char *word, struct ab_err *err)
{
	const char *colon = strrchr(word, ':');
	ab_autofree char *name = colon ? strndup(word, (size_t)(colon - word)) : NULL;
	char real[PATH_MAX];

	if (!colon || colon == word || colon[1] != '/' || strlen(colon + 1) > 107)
		return ab_err_usage(err,
				    "%s: expected SOCKET:PATH, a path of at most 107 bytes in the "
				    "jail",
				    word);
	if (!name)
		return ab_err_memory(err);
	if (ab_gateway_check_socket(name, uid, err) < 0)
		return -1;
	if (!realpath(name, real))
		return ab_err_sys(err, "%s", name);
	return ab_plan_add_at(plan, real, colon + 1, AB_BIND_SOCKET, err);
}

int ab_hole_make(enum ab_hole *ret, struct ab_gateway *gateway, struct ab_plan *plan,
		 const char *socket, const char *listen, struct ab_err *err)
{
	*ret = AB_HOLE_NONE;
	if (socket && listen)
		return ab_err_usage(err, "--socket and --listen: there is one hole at most");
	if (socket) {
		*ret = AB_HOLE_UNIX;
		return show_socket(plan, gateway->uid, socket, err) < 0
			       ? ab_err_prefix(err, "--socket: ")
			       : 0;
	}
	if (listen) {
		*ret = AB_HOLE_TCP;
		return ab_gateway_parse(gateway, listen, err) < 0 ? ab_err_prefix(err, "--listen: ")
								  : 0;
	}
	return 0;
}
