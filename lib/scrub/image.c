/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/scrub/image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/auto.h"
#include "lib/base/io.h"
#include "lib/scrub/match.h"
#include "lib/scrub/pin.h"
#include "lib/scrub/step.h"

#define PIECE ((size_t)32 << 10) /* of a file that is compared */

void ab_image_open(struct ab_image_use *use, const void *image)
{
	const struct ab_scrub_image *head = image;

	*use = (struct ab_image_use){ .fd = -1 };
	if (head && head->magic == AB_IMAGE_MAGIC && head->head_size == sizeof(*head) &&
	    head->rule_size == sizeof(struct ab_scrub_rule) && head->tables_size == AB_PIN_TABLES &&
	    head->literal_size == sizeof(struct ab_literal) && head->step_size == sizeof(struct ab_step))
		use->image = head;
}

static const struct ab_image_file *files_of(const struct ab_image_use *use)
{
	return ab_image_at(use->image, use->image->files.at);
}

bool ab_image_begins(struct ab_image_use *use, const char *text, size_t len)
{
	const struct ab_image_policy *policies;

	if (!use->image)
		return false;
	policies = ab_image_at(use->image, use->image->policies.at);
	for (size_t i = 0; i < use->image->policies.n; i++) {
		const struct ab_image_part *own = &policies[i].text;

		if (own->n == len && memcmp(ab_image_at(use->image, own->at), text, len) == 0)
			use->policy = &policies[i];
	}
	return use->policy;
}

/* Whether the file holds these bytes and no more. */
static bool is_same(const char *path, const char *text, size_t len)
{
	ab_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ab_autofree char *piece = malloc(PIECE);
	struct stat st;
	ssize_t n;

	if (fd < 0 || !piece || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	for (size_t at = 0;; at += (size_t)n) {
		n = read(fd, piece, PIECE);
		if (n <= 0)
			return n == 0 && at == len;
		if ((size_t)n > len - at || memcmp(piece, text + at, (size_t)n) != 0)
			return false;
	}
}

/* Lets go of the files' texts, which were compared and what lies behind them: mapped pages count as memory,
 * and a kernel may map two megabytes around one that is read. They come back if they are asked for. */
static void drop_texts(const struct ab_scrub_image *image)
{
	const struct ab_image_file *files = ab_image_at(image, image->files.at);
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)ab_image_at(image, files[0].text.at);
	uintptr_t first = (begin + page - 1) / page * page, end = ((uintptr_t)image + image->size) / page * page;

	if (first < end)
		(void)madvise((void *)first, end - first, MADV_DONTNEED); /* it is as right without */
}

const struct ab_image_file *ab_image_find(const struct ab_image_use *use, const char *path)
{
	struct stat st;

	/* What is no file is opened once alone: a pipe would have lost its bytes. */
	if (!use->image || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	for (size_t i = 0; i < use->image->files.n; i++) {
		const struct ab_image_file *file = &files_of(use)[i];

		if ((off_t)file->text.n == st.st_size &&
		    is_same(path, ab_image_at(use->image, file->text.at), file->text.n)) {
			drop_texts(use->image);
			return file;
		}
	}
	return NULL;
}

void ab_image_add_hash(struct ab_image_use *use, struct ab_sha256 *sha)
{
	const struct ab_image_policy *policy = use->policy;

	if (!policy)
		return;
	use->policy = NULL;
	ab_sha256_add(sha, ab_image_at(use->image, policy->text.at), policy->text.n);
	for (size_t i = 0; i < use->n; i++) {
		const struct ab_image_file *file = &files_of(use)[use->files[i]];

		ab_sha256_add(sha, ab_image_at(use->image, file->text.at), file->text.n);
	}
}

void ab_image_take(struct ab_image_use *use, const struct ab_image_file *file, struct ab_sha256 *sha)
{
	const struct ab_image_policy *policy = use->policy;
	uint32_t number = (uint32_t)(file - files_of(use));
	bool expected = policy && use->n < policy->files.n &&
			((const uint32_t *)ab_image_at(use->image, policy->files.at))[use->n] == number;

	if (!expected && sha) {
		ab_image_add_hash(use, sha);
		ab_sha256_add(sha, ab_image_at(use->image, file->text.at), file->text.n);
	}
	if (use->n < AB_IMAGE_FILES)
		use->files[use->n++] = number;
}

const char *ab_image_hash(const struct ab_image_use *use)
{
	return use->policy && use->n == use->policy->files.n ? use->policy->hash : NULL;
}

/* A pointer's place becomes the pointer. */
static const char *text_at(const struct ab_scrub_image *image, const char *place)
{
	return place ? ab_image_at(image, (uintptr_t)place) : NULL;
}

static void set_words(const struct ab_scrub_image *image, struct ab_words *words)
{
	words->text = ab_image_at(image, 0);
	words->at = ab_image_at(image, (uintptr_t)words->at);
}

void ab_image_rule(const struct ab_image_use *use, const struct ab_image_file *file, size_t number,
		   struct ab_scrub_rule *ret)
{
	const struct ab_scrub_image *image = use->image;

	*ret = ((const struct ab_scrub_rule *)ab_image_at(image, file->rules.at))[number];
	ret->id = text_at(image, ret->id);
	ret->description = text_at(image, ret->description);
	ret->pattern = text_at(image, ret->pattern);
	set_words(image, &ret->literals);
	set_words(image, &ret->then);
	set_words(image, &ret->stop);
	set_words(image, &ret->near);
	set_words(image, &ret->hit);
	set_words(image, &ret->miss);
	ret->match = ab_scrub_match_numbered((uintptr_t)ret->match);
	for (size_t i = 0; i < AB_SCRUB_MAX_CHECKS; i++)
		ret->checks[i] = ab_scrub_check_numbered((uintptr_t)ret->checks[i]);
	ret->known = &((const struct ab_image_shape *)ab_image_at(image, file->shapes.at))[number];
}

static bool read_at(const struct ab_image_use *use, void *to, size_t len, uint32_t at)
{
	return pread(use->fd, to, len, use->at + at) == (ssize_t)len;
}

void ab_image_lend(struct ab_image_use *use, int fd, off_t at)
{
	struct ab_scrub_image head;

	ab_image_close(use);
	if (fd < 0)
		return;
	use->fd = fd;
	use->at = at;
	if (!use->image || !read_at(use, &head, sizeof(head), 0) || memcmp(&head, use->image, sizeof(head)) != 0)
		ab_image_close(use);
}

void ab_image_close(struct ab_image_use *use)
{
	if (use->fd >= 0)
		close(use->fd);
	free(use->sets);
	use->fd = -1;
	use->sets = NULL;
}

static bool have_sets(struct ab_image_use *use)
{
	size_t len = use->image->sets.n * sizeof(*use->sets);

	if (use->sets)
		return true;
	use->sets = malloc(len);
	if (use->sets && read_at(use, use->sets, len, use->image->sets.at))
		return true;
	ab_image_close(use); /* it is not asked again */
	return false;
}

struct ab_shape *ab_image_shape(struct ab_image_use *use, const struct ab_scrub_rule *rule)
{
	const struct ab_image_shape *known = rule->known;
	ab_autofree unsigned char *steps = NULL;
	struct ab_shape *shape;

	if (!known || !known->n || use->fd < 0 || !have_sets(use))
		return NULL;
	steps = malloc(known->size);
	if (!steps || !read_at(use, steps, known->size, known->steps))
		return NULL;
	shape = ab_shape_lend(known, steps, use->sets);
	(void)(shape && ab_steal(&steps));
	return shape;
}

#ifdef AB_VECTORSCAN
struct ab_literals *ab_image_literals(const struct ab_scrub_policy *policy)
{
	(void)policy;
	return NULL; /* it is made from literals that were added */
}
#else
static bool is_of(const struct ab_scrub_policy *p, const struct ab_image_index *index)
{
	const struct ab_image_use *use = &p->image;
	const unsigned char *off = ab_image_at(use->image, index->off.at);

	/* Rules of other files, or of more of them, make it another number of rules. */
	if (index->files.n != use->n || index->off.n != p->n ||
	    memcmp(ab_image_at(use->image, index->files.at), use->files, use->n * sizeof(use->files[0])) != 0)
		return false;
	for (size_t i = 0; i < p->n; i++)
		if (off[i] != (p->rules[i].action == AB_SCRUB_OFF))
			return false;
	return true;
}

struct ab_literals *ab_image_literals(const struct ab_scrub_policy *p)
{
	const struct ab_scrub_image *image = p->image.image;
	const struct ab_image_index *index = image ? ab_image_at(image, image->indices.at) : NULL;
	struct ab_literals *l;
	size_t i = 0;

	while (image && i < image->indices.n && !is_of(p, &index[i]))
		i++;
	if (!image || i == image->indices.n)
		return NULL;
	l = malloc(sizeof(*l));
	if (!l)
		return NULL;
	memcpy(l, ab_image_at(image, index[i].tables), AB_PIN_TABLES);
	memset((char *)l + AB_PIN_TABLES, 0, sizeof(*l) - AB_PIN_TABLES);
	l->simd = ab_simd_best();
	/* Nothing is written to what was settled. */
	l->literals = (struct ab_literal *)(uintptr_t)ab_image_at(image, index[i].literals.at);
	l->marks = (ab_literal_mark *)(uintptr_t)ab_image_at(image, index[i].marks.at);
	l->texts = (char *)(uintptr_t)ab_image_at(image, index[i].texts.at);
	l->n = index[i].literals.n;
	l->texts_len = index[i].texts.n;
	l->lent = true;
	drop_texts(image);
	return l;
}
#endif
