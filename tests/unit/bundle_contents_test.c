/* SPDX-License-Identifier: Apache-2.0 */
/* The contents of files as several threads read them: parts in any order, and what fails. */
#include "lib/bundle/contents.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "tests/unit/tap.h"

enum { SIZE = 3000, CUT = 1000 };

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 31 + (i >> 7));
}

/* A directory of its own with the files "a", "b", "d/c", each of SIZE bytes and all alike. */
static int make_tree(void)
{
	char path[] = "/tmp/ab-contents.XXXXXX";
	static const char *const names[] = { "a", "b", "d/c" };
	unsigned char data[SIZE];
	struct ab_err err = { 0 };
	int root = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (root < 0 || mkdirat(root, "d", 0700) < 0 || mkfifoat(root, "pipe", 0600) < 0)
		abort();
	for (size_t i = 0; i < SIZE; i++)
		data[i] = byte_at(i);
	for (size_t i = 0; i < AB_ARRAY_SIZE(names); i++) {
		ab_autoclose int fd = openat(root, names[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (fd < 0 || ab_io_write(fd, data, sizeof(data), &err) < 0)
			abort();
	}
	return root;
}

static void remove_tree(int root)
{
	char link[64], path[256];
	ssize_t n;

	(void)unlinkat(root, "a", 0);
	(void)unlinkat(root, "b", 0);
	(void)unlinkat(root, "pipe", 0);
	(void)unlinkat(root, "d/c", 0);
	(void)unlinkat(root, "d", AT_REMOVEDIR);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", root);
	n = readlink(link, path, sizeof(path) - 1);
	if (n > 0) {
		path[n] = '\0';
		(void)rmdir(path);
	}
	(void)close(root);
}

/* The parts of one piece, in a thread. */
struct piece {
	struct contents *contents;
	struct ab_tar_part parts[4];
	size_t n;
	int status;
	struct ab_err err;
	pthread_t thread;
};

static void *run(void *argument)
{
	struct piece *p = argument;

	p->status = contents_read(p->contents, p->parts, p->n, &p->err);
	return NULL;
}

static void start(struct piece *p)
{
	if (pthread_create(&p->thread, NULL, run, p) != 0)
		abort();
}

static bool is_right(const struct ab_node *node, const unsigned char *got)
{
	unsigned char want[SIZE], hash[AB_SHA256_SIZE];

	for (size_t i = 0; i < SIZE; i++)
		want[i] = byte_at(i);
	ab_sha256(want, SIZE, hash);
	return memcmp(want, got, SIZE) == 0 && memcmp(hash, node->sha256, sizeof(hash)) == 0;
}

/* "a" | "b" cut into three pieces | "d/c" in the last of them. */
struct layout {
	struct ab_node a, b, c;
	unsigned char data[3][SIZE];
	struct piece pieces[3];
};

static void lay_out(struct layout *l, struct contents *contents)
{
	*l = (struct layout){ .a = { .path = (char *)"a", .size = SIZE },
			      .b = { .path = (char *)"b", .size = SIZE },
			      .c = { .path = (char *)"d/c", .size = SIZE } };
	l->pieces[0] = (struct piece){ .contents = contents, .n = 2 };
	l->pieces[0].parts[0] = (struct ab_tar_part){ &l->a, 0, SIZE, l->data[0] };
	l->pieces[0].parts[1] = (struct ab_tar_part){ &l->b, 0, CUT, l->data[1] };
	l->pieces[1] = (struct piece){ .contents = contents, .n = 1 };
	l->pieces[1].parts[0] = (struct ab_tar_part){ &l->b, CUT, CUT, l->data[1] + CUT };
	l->pieces[2] = (struct piece){ .contents = contents, .n = 2 };
	l->pieces[2].parts[0] = (struct ab_tar_part){ &l->b, 2 * CUT, CUT, l->data[1] + 2 * CUT };
	l->pieces[2].parts[1] = (struct ab_tar_part){ &l->c, 0, SIZE, l->data[2] };
}

/* All three at once, begun in this order. */
static void read_all(struct layout *l, const size_t order[3])
{
	for (size_t i = 0; i < 3; i++)
		start(&l->pieces[order[i]]);
	for (size_t i = 0; i < 3; i++)
		(void)pthread_join(l->pieces[i].thread, NULL);
}

static void test_orders(struct tap *t, int root)
{
	static const size_t orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 } };

	for (size_t i = 0; i < AB_ARRAY_SIZE(orders); i++) {
		struct ab_err err = { 0 };
		ab_auto(contents_freep) struct contents *c = contents_new(root, &err);
		struct layout l;

		lay_out(&l, c);
		read_all(&l, orders[i]);
		tap_ok(t,
		       l.pieces[0].status == 0 && l.pieces[1].status == 0 &&
			       l.pieces[2].status == 0,
		       "three pieces, the one at %zu first, are read", orders[i][0]);
		tap_ok(t,
		       is_right(&l.a, l.data[0]) && is_right(&l.b, l.data[1]) &&
			       is_right(&l.c, l.data[2]),
		       "and the file that they share has its bytes and its hash");
	}
}

/* What fails in a piece is said there, and does not leave the ones behind it waiting. */
static void test_failures(struct tap *t, int root)
{
	static const size_t backwards[] = { 2, 1, 0 };
	struct ab_err err = { 0 };
	ab_auto(contents_freep) struct contents *c = contents_new(root, &err);
	struct layout l;

	lay_out(&l, c);
	l.a.path = (char *)"none";
	read_all(&l, backwards);
	tap_is(t, l.pieces[0].err.msg, "none: No such file or directory", "a file that is gone");
	tap_ok(t, l.pieces[0].status < 0 && l.pieces[1].status < 0 && l.pieces[2].status < 0,
	       "fails its piece, and those that wait for what it shares with them");

	lay_out(&l, c);
	l.b.size = SIZE + 1;
	read_all(&l, backwards);
	tap_is(t, l.pieces[0].err.msg, "b: changed while it was read", "a file of another size");
	tap_ok(t, l.pieces[2].status < 0 && l.pieces[2].err.status == AB_EXIT_TROUBLE,
	       "is trouble in every piece");

	lay_out(&l, c);
	l.c.path = (char *)"pipe";
	l.pieces[2].parts[1].len = l.c.size = 0;
	read_all(&l, backwards);
	tap_is(t, l.pieces[2].err.msg, "pipe: changed while it was read",
	       "a pipe where an empty file was");
	tap_ok(t, l.pieces[1].status == 0, "leaves the pieces before it alone");

	lay_out(&l, c);
	read_all(&l, backwards);
	tap_ok(t, l.pieces[2].status == 0 && is_right(&l.b, l.data[1]),
	       "after all that the same reader reads on");
}

/* More files than a batch holds, of all sizes, and one after the other through several pieces. */
static void test_batches(struct tap *t, int root)
{
	enum { FILES = 300 };
	struct ab_err err = { 0 };
	ab_auto(contents_freep) struct contents *c = contents_new(root, &err);
	static struct ab_node nodes[FILES];
	static unsigned char data[FILES][SIZE];
	struct ab_tar_part parts[FILES];
	size_t right = 0;

	for (size_t i = 0; i < FILES; i++) {
		nodes[i] = (struct ab_node){ .path = (char *)(i % 3 ? "a" : "d/c"), .size = SIZE };
		parts[i] = (struct ab_tar_part){ &nodes[i], 0, SIZE, data[i] };
	}
	tap_ok(t, contents_read(c, parts, FILES, &err) == 0, "%d files: %s", FILES, err.msg);
	for (size_t i = 0; i < FILES; i++)
		right += is_right(&nodes[i], data[i]);
	tap_ok(t, right == FILES, "%zu of them have their bytes and hashes", right);
}

int main(void)
{
	struct tap t = { 0 };
	int root = make_tree();

	test_orders(&t, root);
	test_failures(&t, root);
	test_batches(&t, root);
	remove_tree(root);
	return tap_done(&t);
}
