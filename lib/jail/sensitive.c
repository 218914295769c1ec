/* SPDX-License-Identifier: Apache-2.0 */
/* Names that an agent at work has no use for, and that somebody looking for secrets tries. */
#include <string.h>

#include "lib/jail/event.h"

/* Wherever it stands in a path. */
static const char *const anywhere[] = { ".ssh",	   ".gnupg", ".aws",	".azure",	   ".kube",
					".docker", ".netrc", ".pgpass", ".git-credentials" };

/* The end of a path, relative or not; "*" is any one component. */
static const char *const at_end[] = {
	"etc/shadow",
	"etc/gshadow",
	"etc/sudoers",
	"proc/*/mem",
	"proc/*/environ",
	"proc/kcore",
	"dev/mem",
	"dev/kmem",
	"docker.sock",
	"containerd.sock",
	"podman.sock",
	"crio.sock",
	"id_rsa",
	"id_ecdsa",
	"id_ed25519",
	"proc/*/task/*/mem",
	"proc/*/task/*/environ",
};

struct part {
	const char *text;
	size_t len;
};

/* Takes the last component off [path, path + *len); false if there is none. */
static bool take_last(const char *path, size_t *len, struct part *ret)
{
	size_t end = *len, start;

	for (;;) {
		while (end > 0 && path[end - 1] == '/')
			end--;
		for (start = end; start > 0 && path[start - 1] != '/';)
			start--;
		if (end - start != 1 || path[start] != '.')
			break;
		end = start; /* "." says nothing */
	}
	*ret = (struct part){ path + start, end - start };
	*len = start;
	return end > start;
}

static bool is_part(const struct part *p, const struct part *want)
{
	if (want->len == 1 && *want->text == '*')
		return true;
	return p->len == want->len && memcmp(p->text, want->text, p->len) == 0;
}

static bool ends_with(const char *path, size_t len, const char *end)
{
	size_t left = strlen(end);
	struct part have, want;

	while (take_last(end, &left, &want))
		if (!take_last(path, &len, &have) || !is_part(&have, &want))
			return false;
	return true;
}

static bool has_part(const char *path, size_t len, const char *name)
{
	struct part want = { name, strlen(name) }, have;

	while (take_last(path, &len, &have))
		if (is_part(&have, &want))
			return true;
	return false;
}

static bool is_sensitive(const char *path, size_t len)
{
	for (size_t i = 0; path && i < AB_ARRAY_SIZE(anywhere); i++)
		if (has_part(path, len, anywhere[i]))
			return true;
	for (size_t i = 0; path && i < AB_ARRAY_SIZE(at_end); i++)
		if (ends_with(path, len, at_end[i]))
			return true;
	return false;
}

bool ab_event_is_sensitive(const struct ab_event *e)
{
	return is_sensitive(e->path, e->path_len) || is_sensitive(e->to, e->to_len);
}
