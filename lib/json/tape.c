/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader's loop. It is made for few instructions a byte: the helpers below are inlined into one
 * function whose reader lives in registers (so nothing may take the reader's address; what is rare
 * gets a copy), the byte behind the text ends every run, so that no helper compares with the end,
 * and what an error needs is worked out once there is one.
 */
#include "lib/json/tape.h"

#include <string.h>

#include "lib/json/reader.h"

#define hot  static inline __attribute__((always_inline))
#define cold static __attribute__((noinline, cold))

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

struct reader {
	const unsigned char *text, *p, *end;
	struct ab_json_node *nodes, *node, *nodes_end; /* node: the next to be written */
	struct ab_json_frame *frames, *frame, *frames_end;
	struct ab_json_tape *tape;
	size_t max_depth;
	/* Why it stopped: struct ab_json_stop. */
	const char *expected;
	uint32_t key;
	bool in_value, no_memory;
};

_Static_assert(AB_JSON_MAX_NODES == 67108863, "named in more_nodes()");

/* Stops with the error at p: what would have been right there. */
hot bool stop(struct reader *r, const unsigned char *p, const char *expected)
{
	r->p = p;
	r->expected = expected;
	return false;
}

cold struct reader out_of_memory(struct reader r)
{
	r.no_memory = true;
	return r;
}

cold struct reader more_nodes(struct reader r)
{
	size_t n = (size_t)(r.node - r.nodes), want = n ? n * 2 : 256;
	struct ab_json_node *nodes;

	if (n >= AB_JSON_MAX_NODES) {
		r.expected = "at most 67108863 values and keys";
		return r;
	}
	if (want > AB_JSON_MAX_NODES)
		want = AB_JSON_MAX_NODES;
	nodes = realloc(r.nodes, want * sizeof(*nodes));
	if (!nodes)
		return out_of_memory(r);
	r.tape->nodes = r.nodes = nodes;
	r.tape->capacity = want;
	r.node = nodes + n;
	r.nodes_end = nodes + want;
	return r;
}

cold struct reader more_frames(struct reader r)
{
	struct ab_json_scratch *scratch = r.tape->scratch;
	size_t n = (size_t)(r.frame - r.frames), want = scratch->n_frames * 2;
	struct ab_json_frame *frames = realloc(r.frames, want * sizeof(*frames));

	if (!frames)
		return out_of_memory(r);
	scratch->frames = r.frames = frames;
	scratch->n_frames = want;
	r.frame = frames + n;
	r.frames_end = frames + want;
	return r;
}

/* Room for one more node at r->node. */
hot bool room(struct reader *r)
{
	if (unlikely(r->node == r->nodes_end)) {
		*r = more_nodes(*r);
		return r->node != r->nodes_end;
	}
	return true;
}

/* Writes a node of the bytes from `start` to `end`. */
hot bool push(struct reader *r, const unsigned char *start, const unsigned char *end,
	      enum ab_json_type type, unsigned flags, uint32_t count)
{
	if (!room(r))
		return stop(r, start, r->expected);
	*r->node = (struct ab_json_node){
		.at = (uint32_t)(start - r->text),
		.len = (uint32_t)(end - start),
		.next = (uint32_t)(r->node - r->nodes) + 1,
		.type = type,
		.flags = flags & 7,
		.count = count & ((1u << AB_JSON_HASH_BITS) - 1),
	};
	r->node++;
	return true;
}

static const unsigned char *skip_more_space(const unsigned char *p, const unsigned char *end)
{
	while (p < end) {
		unsigned ink = ab_scan_space(p);

		if (ink) {
			p += __builtin_ctz(ink);
			break;
		}
		p += AB_SCAN_WIDTH;
	}
	return p < end ? p : end;
}

hot void skip_space(struct reader *r)
{
	if (*r->p > ' ')
		return;
	/* Most often it is one space, behind a colon or a comma. */
	if (*r->p == ' ' && r->p[1] > ' ') {
		r->p++;
		return;
	}
	r->p = skip_more_space(r->p, r->end);
}

/* The byte behind one character that is not ASCII; NULL if it is not valid UTF-8 (RFC 3629). */
hot const unsigned char *utf8(const unsigned char *p)
{
	uint32_t w, t;

	memcpy(&w, p, sizeof(w));
	w = le32toh(w);
	if ((w & 0xc0c0f0) == 0x8080e0) {
		t = w & 0x200f; /* zero: overlong; 0x200d: a surrogate */
		return t && t != 0x200d ? p + 3 : NULL;
	}
	if ((w & 0xc0e0) == 0x80c0)
		return w & 0x1e ? p + 2 : NULL;
	if ((w & 0xc0c0c0f8) == 0x808080f0) {
		t = w & 0x3007; /* zero: overlong; above 4: beyond U+10FFFF */
		return t && (!(t & 4) || t == 4) ? p + 4 : NULL;
	}
	return NULL;
}

/*
 * From the first byte behind a quote to the closing quote. *flags gets AB_JSON_ESCAPED if there is
 * an escape. NULL: stopped.
 */
hot const unsigned char *string(struct reader *r, const unsigned char *p, unsigned *flags)
{
	for (;;) {
		unsigned ends = ab_scan_string(p);

		if (!ends) {
			p += AB_SCAN_WIDTH;
			continue;
		}
		p += __builtin_ctz(ends);
		if (likely(*p == '"'))
			return p;
		while (*p >= 0x80) {
			const unsigned char *behind = utf8(p);

			if (!behind) {
				stop(r, p, "valid UTF-8");
				return NULL;
			}
			p = behind;
		}
		if (*p == '\\') {
			uint32_t c;
			size_t len = ab_json_escape(p, &c);

			if (!len) {
				stop(r, p, "an escape sequence of RFC 8259");
				return NULL;
			}
			*flags |= AB_JSON_ESCAPED;
			p += len;
		} else if (*p < 0x20) {
			stop(r, p,
			     p == r->end ? "\" at the end of the string"
					 : "no control character in a string");
			return NULL;
		}
	}
}

hot bool string_value(struct reader *r)
{
	const unsigned char *start = r->p + 1;
	unsigned flags = 0;
	const unsigned char *end = string(r, start, &flags);

	if (!end)
		return false;
	r->p = end + 1;
	return push(r, start, end, AB_JSON_STRING, flags, 0);
}

/* The first byte from p on that is no digit. */
static const unsigned char *skip_digits(const unsigned char *p)
{
	unsigned ends;

	while (!(ends = ab_scan_digits(p)))
		p += AB_SCAN_WIDTH;
	return p + __builtin_ctz(ends);
}

static const unsigned char *skip_exponent(const unsigned char *p)
{
	p++;
	if (*p == '+' || *p == '-')
		p++;
	return skip_digits(p);
}

/* What a number of 16 bytes or more, or one with an exponent, ends with. NULL: not a number. */
static const unsigned char *long_number(const unsigned char *p, bool *integer)
{
	const unsigned char *start = p;

	p = skip_digits(p);
	*integer = true;
	if (p == start || (*start == '0' && p > start + 1))
		return NULL;
	if (*p == '.') {
		*integer = false;
		start = p + 1;
		p = skip_digits(start);
		if (p == start)
			return NULL;
	}
	if ((*p | 0x20) == 'e') {
		*integer = false;
		p = skip_exponent(p);
		if (p[-1] < '0' || p[-1] > '9')
			return NULL;
	}
	return p;
}

cold const unsigned char *number_end(const unsigned char *p)
{
	while ((*p >= '0' && *p <= '9') || *p == '.')
		p++;
	return p;
}

hot bool number(struct reader *r)
{
	const unsigned char *start = r->p, *p = start + (*start == '-'), *end;
	unsigned ends = ab_scan_digits(p) | 1u << AB_SCAN_WIDTH;
	unsigned whole = (unsigned)__builtin_ctz(ends), last = whole;
	bool integer = true;

	if (p[whole] == '.') {
		ends &= ends - 1;
		last = (unsigned)__builtin_ctz(ends | 1u << 31);
		integer = false;
	}
	end = p + last;
	if (unlikely(last >= AB_SCAN_WIDTH || last == whole + 1 || (*end | 0x20) == 'e' ||
		     whole == 0 || (*p == '0' && whole > 1))) {
		end = long_number(p, &integer);
		if (!end)
			return stop(r, number_end(p), "a number of RFC 8259");
	}
	r->p = end;
	return push(r, start, end, AB_JSON_NUMBER, integer ? AB_JSON_INTEGER : 0, 0);
}

hot bool literal(struct reader *r, const char *rest, size_t len, enum ab_json_type type)
{
	const unsigned char *start = r->p;

	if (memcmp(start, rest, len))
		return stop(r, start, "a value");
	r->p += len;
	return push(r, start, start + len, type, 0, 0);
}

cold struct reader check_few_keys(struct reader r)
{
	int found;

	r.key = (uint32_t)(r.node - r.nodes) - 1;
	r.tape->n = r.key + 1;
	found = ab_json_repeats(r.tape, r.frame->node, r.key);
	if (found < 0)
		return out_of_memory(r);
	if (found == 0)
		r.key = 0;
	return r;
}

/* The hash of the key at r->node - 1, which holds escapes. */
cold uint32_t escaped_hash(struct reader r)
{
	return ab_json_hash_escaped(r.text, r.node - 1, r.tape->scratch);
}

/* A member's name and the colon behind it. */
hot bool key(struct reader *r)
{
	const unsigned char *start = r->p + 1, *end;
	unsigned flags = AB_JSON_KEY;
	uint32_t hash;
	uint64_t bit;

	if (unlikely(*r->p != '"'))
		return stop(r, r->p, "a member's name in quotes");
	end = string(r, start, &flags);
	if (!end)
		return false;
	hash = ab_json_hash(start, (size_t)(end - start));
	if (!push(r, start, end, AB_JSON_STRING, flags, hash))
		return false;
	if (unlikely(flags & AB_JSON_ESCAPED)) {
		hash = escaped_hash(*r);
		r->node[-1].count = hash & ((1u << AB_JSON_HASH_BITS) - 1);
	}
	bit = (uint64_t)1 << (hash >> (AB_JSON_HASH_BITS - 6));
	if (unlikely(r->frame->seen & bit) && r->frame->count <= AB_JSON_FEW_KEYS) {
		*r = check_few_keys(*r);
		if (r->key || r->no_memory)
			return stop(r, start - 1, "no member of the same name before");
	}
	r->frame->seen |= bit;
	r->p = end + 1;
	skip_space(r);
	if (unlikely(*r->p != ':'))
		return stop(r, r->p, "':'");
	r->p++;
	skip_space(r);
	return true;
}

hot bool open_container(struct reader *r, enum ab_json_type type, unsigned closer)
{
	if (unlikely((size_t)(r->frame - r->frames) >= r->max_depth))
		return stop(r, r->p, "fewer levels of arrays and objects");
	if (unlikely(r->frame + 1 == r->frames_end)) {
		*r = more_frames(*r);
		if (r->no_memory)
			return false;
	}
	if (!push(r, r->p, r->p, type, 0, 0))
		return false;
	r->frame++;
	*r->frame = (struct ab_json_frame){
		.node = (uint32_t)(r->node - r->nodes) - 1,
		.closer = closer,
	};
	r->p++;
	skip_space(r);
	return true;
}

/* A value; of a container that is not empty all up to and with its first scalar. */
hot bool value(struct reader *r)
{
	for (;;) {
		unsigned c = *r->p;

		if (c == '"')
			return string_value(r);
		if (c - '0' <= 9 || c == '-')
			return number(r);
		if (c == '{') {
			if (!open_container(r, AB_JSON_OBJECT, '}'))
				return false;
			if (*r->p == '}')
				return true;
			r->frame->count = 1;
			r->in_value = false;
			if (!key(r))
				return false;
			r->in_value = true;
			continue;
		}
		if (c == '[') {
			if (!open_container(r, AB_JSON_ARRAY, ']'))
				return false;
			if (*r->p == ']')
				return true;
			r->frame->count = 1;
			continue;
		}
		if (c == 't')
			return literal(r, "true", 4, AB_JSON_TRUE);
		if (c == 'f')
			return literal(r, "false", 5, AB_JSON_FALSE);
		if (c == 'n')
			return literal(r, "null", 4, AB_JSON_NULL);
		return stop(r, r->p, "a value");
	}
}

cold struct reader check_many_keys(struct reader r)
{
	ptrdiff_t key;

	r.tape->n = (size_t)(r.node - r.nodes);
	key = ab_json_repeated(r.tape, r.frame->node);
	if (key < 0)
		return out_of_memory(r);
	r.key = (uint32_t)key;
	return r;
}

hot bool close_container(struct reader *r)
{
	struct ab_json_node *node = r->nodes + r->frame->node;

	r->p++;
	node->len = (uint32_t)(r->p - r->text) - node->at;
	node->next = (uint32_t)(r->node - r->nodes);
	node->count = r->frame->count & AB_JSON_MAX_NODES;
	if (unlikely(r->frame->count > AB_JSON_FEW_KEYS) && r->frame->closer == '}') {
		*r = check_many_keys(*r);
		if (r->key || r->no_memory)
			return stop(r, r->text + r->nodes[r->key].at - 1,
				    "no member of the same name before");
	}
	r->frame--;
	return true;
}

/* The value that the text holds. */
static struct reader document(struct reader start)
{
	struct reader copy = start, *r = &copy;

	skip_space(r);
	r->in_value = true;
	if (!value(r))
		return copy;
	while (r->frame != r->frames) {
		skip_space(r);
		if (likely(*r->p == ',')) {
			r->p++;
			skip_space(r);
			r->frame->count++;
			r->in_value = false;
			if (r->frame->closer == '}' && !key(r))
				return copy;
			r->in_value = true;
			if (!value(r))
				return copy;
		} else if (likely(*r->p == r->frame->closer)) {
			if (!close_container(r))
				return copy;
		} else {
			r->in_value = false;
			stop(r, r->p, r->frame->closer == '}' ? "',' or '}'" : "',' or ']'");
			return copy;
		}
	}
	skip_space(r);
	if (r->p != r->end)
		stop(r, r->p, "the end of the document");
	return copy;
}

static struct ab_json_scratch *scratch_of(struct ab_json_tape *tape)
{
	struct ab_json_scratch *scratch = tape->scratch;

	if (scratch)
		return scratch;
	scratch = calloc(1, sizeof(*scratch));
	if (!scratch)
		return NULL;
	scratch->frames = calloc(64, sizeof(*scratch->frames));
	if (!scratch->frames) {
		free(scratch);
		return NULL;
	}
	scratch->n_frames = 64;
	tape->scratch = scratch;
	return scratch;
}

static int verdict(const struct reader *r, struct ab_err *err)
{
	struct ab_json_stop why = { .expected = r->expected,
				    .at = r->p,
				    .frame = r->frame,
				    .in_value = r->in_value,
				    .key = r->key };

	r->tape->n = (size_t)(r->node - r->nodes);
	if (r->no_memory)
		return ab_err_memory(err);
	if (!r->expected)
		return 0;
	ab_json_explain(r->tape, &why, err);
	if (r->key)
		r->tape->n = r->key + 1; /* yaml.c wants to know which */
	return -1;
}

int ab_json_read(struct ab_json_tape *tape, const unsigned char *text, size_t size,
		 const struct ab_json_limits *limits, struct ab_err *err)
{
	size_t max_size = limits && limits->size ? limits->size : AB_JSON_MAX_SIZE;
	struct ab_json_scratch *scratch = scratch_of(tape);
	struct reader r = { 0 };

	tape->text = text;
	tape->size = size;
	tape->n = 0;
	if (!scratch)
		return ab_err_memory(err);
	if (max_size > AB_JSON_MAX_SIZE)
		max_size = AB_JSON_MAX_SIZE;
	if (size > max_size)
		return ab_err_no(err, "larger than %zu bytes", max_size);
	r = (struct reader){
		.text = text,
		.p = text,
		.end = text + size,
		.nodes = tape->nodes,
		.node = tape->nodes,
		.nodes_end = tape->nodes + tape->capacity,
		.frames = scratch->frames,
		.frame = scratch->frames,
		.frames_end = scratch->frames + scratch->n_frames,
		.tape = tape,
		.max_depth = limits && limits->depth ? limits->depth : AB_JSON_MAX_DEPTH,
	};
	scratch->frames[0] = (struct ab_json_frame){ 0 };
	r = document(r);
	return verdict(&r, err);
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
