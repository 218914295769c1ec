/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's memory: nodes and frames, which grow with a document and are kept for the next. */
#include "lib/base/heap.h"
#include "lib/json/reader.h"

#define FIRST_NODES  256
#define FIRST_FRAMES 64
#define LARGE	     ((size_t)4 << 20) /* bytes of a document */
#define USUAL	     ((size_t)12)      /* of them to a node at least, in most */

_Static_assert(AB_JSON_MAX_NODES == 67108863, "ab_json_too_many() names it");

/* Room for the nodes of a large document is made at once: what is not used is never there, and to
 * move them as they grow would put them in small pages. */
static void first_nodes(struct ab_json_tape *tape, size_t size)
{
	size_t n = size < LARGE ? FIRST_NODES : size / USUAL;

	n = n > AB_JSON_MAX_NODES ? AB_JSON_MAX_NODES : n;
	tape->nodes = malloc(n * sizeof(*tape->nodes));
	tape->capacity = tape->nodes ? n : 0;
	if (tape->nodes && size >= LARGE)
		ab_heap_large(tape->nodes, n * sizeof(*tape->nodes));
}

int ab_json_prepare(struct ab_json_tape *tape, size_t size)
{
	struct ab_json_scratch *scratch = tape->scratch;

	if (!tape->nodes)
		first_nodes(tape, size);
	if (!scratch) {
		scratch = tape->scratch = calloc(1, sizeof(*scratch));
		if (scratch)
			scratch->secret = ab_json_process_secret();
	}
	if (scratch && !scratch->frames) {
		scratch->frames = calloc(FIRST_FRAMES, sizeof(*scratch->frames));
		scratch->n_frames = scratch->frames ? FIRST_FRAMES : 0;
		if (scratch->frames)
			scratch->frames[0].closer = ']'; /* the document is no member */
	}
	return tape->nodes && scratch && scratch->frames ? 0 : -1;
}

struct ab_json_reader ab_json_too_many(struct ab_json_reader r)
{
	r.between = true; /* what comes is unknown */
	r.what = "more than 67108862 values and keys";
	return r;
}

struct ab_json_reader ab_json_grow(struct ab_json_reader r, size_t want, size_t spare)
{
	struct ab_json_node *nodes = realloc(r.nodes, want * sizeof(*nodes));

	if (!nodes) {
		r.between = true;
		r.what = AB_JSON_NO_MEMORY;
		return r;
	}
	r.tape->nodes = r.nodes = nodes;
	r.tape->capacity = want;
	r.node = nodes + r.n;
	r.nodes_end = nodes + want - spare;
	return r;
}

struct ab_json_reader ab_json_more_nodes(struct ab_json_reader r)
{
	const struct ab_json_scratch *scratch = r.tape->scratch;
	size_t want = r.tape->capacity * 2;

	if (scratch->window)
		return ab_json_drain(r);
	if (r.n + 1 >= AB_JSON_MAX_NODES)
		return ab_json_too_many(r);
	if (want > AB_JSON_MAX_NODES)
		want = AB_JSON_MAX_NODES;
	return ab_json_grow(r, want, 1);
}

struct ab_json_reader ab_json_more_frames(struct ab_json_reader r)
{
	struct ab_json_scratch *scratch = r.tape->scratch;
	size_t n = (size_t)(r.frame - r.frames), want = scratch->n_frames;
	struct ab_json_frame *frames = r.frames;

	if (n >= r.max_depth) {
		r.what = "too many levels";
		r.limit = r.max_depth;
		return r;
	}
	if (n + 1 == want) {
		want *= 2;
		frames = realloc(frames, want * sizeof(*frames));
		if (!frames) {
			r.what = AB_JSON_NO_MEMORY;
			return r;
		}
		scratch->frames = r.frames = frames;
		scratch->n_frames = want;
		r.frame = frames + n;
	}
	r.frames_end = ab_json_frames_end(&r, want);
	return r;
}

void ab_json_tape_free(struct ab_json_tape *tape)
{
	struct ab_json_scratch *scratch = tape->scratch;

	if (scratch) {
		free(scratch->frames);
		free(scratch->slots);
		ab_buf_free(&scratch->a);
		ab_buf_free(&scratch->b);
	}
	free(scratch);
	free(tape->nodes);
	*tape = (struct ab_json_tape){ 0 };
}
