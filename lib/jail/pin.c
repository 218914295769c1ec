/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/jail/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/time.h"
#include "lib/confine/landlock.h"
#include "lib/jail/launch.h"
#include "lib/jail/wire.h"

#define PIECE	(256u << 10)
#define TURN_NS 1000000

/* What the agent can read and not change; of an image, the mounts that show it. */
static bool is_part(const struct ab_entry *e)
{
	const unsigned no = AB_BIND_WRITE | AB_BIND_SOCKET | AB_BIND_INPUT | AB_BIND_BUNDLE |
			    AB_BIND_NODE;

	return e->kind == AB_ENTRY_LINK || (e->kind == AB_ENTRY_BIND && !(e->flags & no));
}

int ab_pin_give(const struct ab_plan *plan, int channel, struct ab_err *err)
{
	const struct ab_wire message = { .kind = AB_WIRE_MOUNT };
	char path[PATH_MAX + 1];

	for (size_t i = 0; i < plan->n; i++) {
		const struct ab_entry *e = &plan->entries[i];
		ab_autoclose int fd = -1;

		if (!is_part(e) || e->kind == AB_ENTRY_LINK)
			continue;
		(void)snprintf(path, sizeof(path), "/%s", e->path);
		fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			return ab_err_sys(err, "--digest: %s", path);
		if (!ab_wire_send_fd(channel, &message, fd))
			return ab_err_trouble(err, "the supervisor is gone");
	}
	return 0;
}

int ab_pin_take(struct ab_pin *p, const struct ab_plan *plan, int channel, struct ab_err *err)
{
	if (!p->wanted)
		return 0;
	p->plan = plan;
	p->order = calloc(plan->n + 1, sizeof(*p->order));
	p->fds = calloc(plan->n + 1, sizeof(*p->fds)); /* by their places in the plan */
	p->piece = malloc(PIECE);
	p->tree = malloc(sizeof(*p->tree));
	if (!p->order || !p->fds || !p->piece || !p->tree)
		return ab_err_memory(err);
	for (size_t i = 0; i < plan->n; i++)
		p->fds[i] = -1;
	for (size_t i = 0; i < plan->n; i++) {
		if (!is_part(&plan->entries[i]))
			continue;
		p->order[p->n++] = i;
		if (plan->entries[i].kind == AB_ENTRY_BIND &&
		    ab_launch_take(channel, AB_WIRE_MOUNT, &p->fds[i], err) < 0)
			return -1;
	}
	ab_plan_sort(plan, p->order, p->n);
	return 0;
}

int ab_pin_allow(const struct ab_pin *p, struct ab_landlock *l, struct ab_err *err)
{
	for (size_t i = 0; p->fds && i < p->plan->n; i++)
		if (p->fds[i] >= 0 && p->plan->entries[i].flags & AB_BIND_TREE &&
		    ab_landlock_allow(l, p->fds[i], AB_LANDLOCK_READ, err) < 0)
			return -1;
	return 0;
}

void ab_pin_begin(struct ab_pin *p, uint64_t ms)
{
	if (p->working || p->done)
		return;
	ab_sha256_init(&p->all);
	p->working = true;
	p->until_ns = ab_time_monotonic_ns() + ms * 1000000;
}

static const struct ab_entry *current(const struct ab_pin *p)
{
	return &p->plan->entries[p->order[p->at]];
}

/* The entry goes into the whole, and the next one's turn comes. `hash` NULL: it is a link. */
static int end_entry(struct ab_pin *p, char type, const struct ab_sha256 *hash, struct ab_err *err)
{
	const struct ab_entry *e = current(p);
	ab_auto(ab_buf_free) struct ab_buf line = { 0 };
	unsigned char digest[AB_SHA256_SIZE];
	char text[AB_SHA256_TEXT] = "";

	if (hash) {
		ab_sha256_end(hash, digest);
		ab_sha256_text(digest, text);
	}
	ab_buf_addf(&line, "%c %s%s/%s", type, text, hash ? " " : "", e->path);
	ab_buf_addc(&line, '\0');
	if (e->kind == AB_ENTRY_LINK)
		ab_buf_add(&line, e->source, strlen(e->source) + 1);
	if (ab_buf_ok(&line, err) < 0)
		return -1;
	ab_sha256_add(&p->all, line.data, line.len);
	p->at++;
	return 0;
}

static int work_on_tree(struct ab_pin *p, struct ab_err *err)
{
	struct ab_treehash *t = p->tree;
	int status;

	if (!p->in_tree)
		ab_treehash_begin(t, ab_steal_fd(&p->fds[p->order[p->at]]), NULL, p->piece, PIECE);
	p->in_tree = true;
	if (ab_treehash_work(t) && !t->wrong.status)
		return 0;
	if (t->failed)
		ab_err_memory(&t->wrong);
	*err = t->wrong;
	if (err->status)
		return ab_err_prefix(err, "--digest: /%s/", current(p)->path);
	status = end_entry(p, 't', &t->lines, err);
	ab_treehash_end(t);
	p->in_tree = false;
	return status;
}

static int work_on_file(struct ab_pin *p, struct ab_err *err)
{
	int *fd = &p->fds[p->order[p->at]], status;

	if (!p->state.begun && ab_treehash_file_begin(&p->state, *fd, err) < 0)
		return ab_err_prefix(err, "--digest: /%s: ", current(p)->path);
	status = ab_treehash_file_work(&p->state, p->piece, PIECE, err);
	if (status < 0)
		return ab_err_prefix(err, "--digest: /%s: ", current(p)->path);
	if (status > 0)
		return 0;
	(void)close(ab_steal_fd(fd));
	return end_entry(p, p->state.st.st_mode & 0111 ? 'x' : 'f', &p->state.hash, err);
}

static int work(struct ab_pin *p, struct ab_err *err)
{
	const struct ab_entry *e = current(p);

	if (e->kind == AB_ENTRY_LINK)
		return end_entry(p, 'l', NULL, err);
	return e->flags & AB_BIND_TREE ? work_on_tree(p, err) : work_on_file(p, err);
}

static int judge(struct ab_pin *p, struct ab_err *err)
{
	unsigned char digest[AB_SHA256_SIZE];

	p->working = false;
	p->done = true;
	ab_sha256_end(&p->all, digest);
	ab_sha256_text(digest, p->digest);
	if (!p->expected || strcmp(p->expected, p->digest) == 0)
		return 0;
	return ab_err_trouble(err, "--digest: the agent is another one: expected %s, found %s",
			      p->expected, p->digest);
}

int ab_pin_work(struct ab_pin *p, struct ab_err *err)
{
	uint64_t now = ab_time_monotonic_ns(), turn = now + TURN_NS;

	while (p->at < p->n && now < turn) {
		if (now >= p->until_ns)
			ab_err_trouble(err, "--digest: took longer than the agent's time limit");
		if (err->status || work(p, err) < 0) {
			p->working = false;
			return -1;
		}
		now = ab_time_monotonic_ns();
	}
	return p->at < p->n ? 0 : judge(p, err);
}

void ab_pin_close(struct ab_pin *p)
{
	for (size_t i = 0; p->fds && i < p->plan->n; i++)
		if (p->fds[i] >= 0)
			(void)close(p->fds[i]);
	if (p->in_tree)
		ab_treehash_end(p->tree);
	free(p->tree);
	free(p->fds);
	free(p->order);
	free(p->piece);
	*p = (struct ab_pin){ 0 };
}
