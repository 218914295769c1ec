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

/* What stands in r->what for other reasons than the text (compared by address), and twice. */
static const char out_of_memory[] = "out of memory", duplicate_key[] = "duplicate key",
		  too_deep[] = "too many levels", escaped[] = "";

#define FIRST_NODES  256
#define FIRST_FRAMES 64

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

struct reader {
	const unsigned char *text, *p, *end;
	struct ab_json_node *nodes, *node, *nodes_end; /* node: the next to be written */
	struct ab_json_frame *frames, *frame, *frames_end;
	struct ab_json_tape *tape;
	size_t max_depth;
	uint32_t n; /* nodes written */
	/* Why it stopped: struct ab_json_stop. */
	const char *what;
	size_t limit;
	uint32_t key;
	bool between;
};

/* What value() found. */
enum found {
	STOPPED, /* an error */
	WHOLE,	 /* a value, read to its end */
	OPENED,	 /* an array or object, whose first element comes next */
};

_Static_assert(AB_JSON_MAX_NODES == 67108863, "more_nodes() names it");

/* Stops with an error at p. */
hot bool stop(struct reader *r, const unsigned char *p, const char *what)
{
	r->p = p;
	r->what = what;
	return false;
}

cold struct reader more_nodes(struct reader r)
{
	size_t n = r.n, want = r.tape->capacity * 2;
	struct ab_json_node *nodes;

	r.between = true; /* what comes is unknown; undone where it works */
	if (n + 1 >= AB_JSON_MAX_NODES) {
		r.what = "more than 67108862 values and keys";
		return r;
	}
	if (want > AB_JSON_MAX_NODES)
		want = AB_JSON_MAX_NODES;
	nodes = realloc(r.nodes, want * sizeof(*nodes));
	if (!nodes) {
		r.what = out_of_memory;
		return r;
	}
	r.between = false;
	r.tape->nodes = r.nodes = nodes;
	r.tape->capacity = want;
	r.node = nodes + n;
	r.nodes_end = nodes + want - 1;
	return r;
}

/* Behind the last frame that memory and the limit allow; one is under the document. */
static struct ab_json_frame *frames_end(const struct reader *r, size_t allocated)
{
	return r->frames + (allocated - 1 < r->max_depth ? allocated : r->max_depth + 1);
}

/* More frames, or as many as the limit allows and an error. */
cold struct reader more_frames(struct reader r)
{
	struct ab_json_scratch *scratch = r.tape->scratch;
	size_t n = (size_t)(r.frame - r.frames), want = scratch->n_frames;
	struct ab_json_frame *frames = r.frames;

	if (n >= r.max_depth) {
		r.what = too_deep;
		r.limit = r.max_depth;
		return r;
	}
	if (n + 1 == want) {
		want *= 2;
		frames = realloc(frames, want * sizeof(*frames));
		if (!frames) {
			r.what = out_of_memory;
			return r;
		}
		scratch->frames = r.frames = frames;
		scratch->n_frames = want;
		r.frame = frames + n;
	}
	r.frames_end = frames_end(&r, want);
	return r;
}

/* Room for a key and a value. */
hot bool room(struct reader *r)
{
	if (unlikely(r->node >= r->nodes_end)) {
		*r = more_nodes(*r);
		if (r->what)
			return false;
	}
	return true;
}

/* Writes a node of the bytes from `start` to `end`; room() was made for it. */
hot void push(struct reader *r, const unsigned char *start, const unsigned char *end,
	      enum ab_json_type type, unsigned flags)
{
	*r->node = (struct ab_json_node){
		.at = (uint32_t)(start - r->text),
		.len = (uint32_t)(end - start),
		.next = ++r->n,
		.type = type,
		.flags = flags & 7,
	};
	r->node++;
}

static const unsigned char *skip_more_space(const unsigned char *p, const unsigned char *end)
{
	while (p < end) {
		unsigned ink = ab_scan_space(p);

		if (ink) {
			p += ab_scan_first(ink);
			break;
		}
		p += AB_SCAN_WIDTH;
	}
	return p < end ? p : end;
}

hot bool is_space(unsigned c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
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

/* What is wrong in a string at p. */
cold const char *bad_string(const unsigned char *p, const unsigned char *end)
{
	if (p == end)
		return "expected '\"' at the end of the string";
	if (*p == '\\')
		return p[1] == 'u' ? "expected four hexadecimal digits, and no lone surrogate"
				   : "expected an escape sequence";
	return *p < 0x20 ? "expected no control character in a string" : "expected valid UTF-8";
}

/* How a string ends that is not plain to its end. */
struct rest {
	const unsigned char *end; /* the closing quote, or where it went wrong */
	const char *what;	  /* the error, or `escaped`, or NULL */
};

/* From the first byte at p that is not plain. */
static struct rest rest_of_string(const unsigned char *p, const unsigned char *end)
{
	const char *what = NULL;

	for (;;) {
		const unsigned char *behind = NULL;
		unsigned ends;

		if (*p >= 0x80) {
			behind = utf8(p);
		} else if (*p == '\\') {
			uint32_t c;
			size_t len = ab_json_escape(p, &c);

			what = escaped;
			behind = len ? p + len : NULL;
		}
		if (!behind)
			return (struct rest){ p, bad_string(p, end) };
		p = behind;
		if (*p >= 0x80)
			continue;
		while (!(ends = ab_scan_string(p)))
			p += AB_SCAN_WIDTH;
		p += ab_scan_first(ends);
		if (*p == '"')
			return (struct rest){ p, what };
	}
}

/*
 * From the first byte behind a quote to the closing quote. *flags becomes AB_JSON_ESCAPED if there
 * is an escape. NULL: stopped.
 */
hot const unsigned char *string(struct reader *r, const unsigned char *p, unsigned *flags)
{
	struct rest rest;
	unsigned ends;

	*flags = 0;
	while (unlikely(!(ends = ab_scan_string(p))))
		p += AB_SCAN_WIDTH;
	p += ab_scan_first(ends);
	if (likely(*p == '"'))
		return p;
	rest = rest_of_string(p, r->end);
	if (rest.what == escaped) {
		*flags = AB_JSON_ESCAPED;
	} else if (rest.what) {
		stop(r, rest.end, rest.what);
		return NULL;
	}
	return rest.end;
}

hot bool string_value(struct reader *r)
{
	const unsigned char *start = r->p + 1;
	unsigned flags;
	const unsigned char *end = string(r, start, &flags);

	if (!end)
		return false;
	r->p = end + 1;
	if (unlikely(flags))
		push(r, start, end, AB_JSON_STRING, AB_JSON_ESCAPED);
	else
		push(r, start, end, AB_JSON_STRING, 0);
	return true;
}

/* The first byte from p on that is no digit. */
hot const unsigned char *skip_digits(const unsigned char *p)
{
	unsigned ends;

	while (!(ends = ab_scan_digits(p)))
		p += AB_SCAN_WIDTH;
	return p + ab_scan_first(ends);
}

/*
 * A number from its first digit on in any form that number() leaves over: with an exponent, with 16
 * digits before the point, or none at all. Stops at r->p.
 */
cold struct reader any_number(struct reader r, const unsigned char *first)
{
	const unsigned char *start = r.p, *p = skip_digits(first);
	unsigned flags = AB_JSON_INTEGER;

	r.what = *first == '/' ? "expected a value" : "expected a digit";
	if (*first == '0' && p > first + 1) {
		p = first;
		r.what = "expected no leading zero";
	} else if (p > first) {
		r.what = NULL;
	}
	if (!r.what && *p == '.') {
		flags = 0;
		first = p + 1;
		p = skip_digits(first);
		r.what = p == first ? "expected a digit" : NULL;
	}
	if (!r.what && (*p | 0x20) == 'e') {
		flags = 0;
		first = p + 1 + (p[1] == '+' || p[1] == '-');
		p = skip_digits(first);
		r.what = p == first ? "expected a digit" : NULL;
	}
	if (!r.what)
		push(&r, start, p, AB_JSON_NUMBER, flags);
	r.p = p;
	return r;
}

hot bool number(struct reader *r)
{
	const unsigned char *start = r->p, *p = start + (*start == '-'), *end;
	unsigned ends = ab_scan_digits(p);
	size_t whole = ab_scan_first(ends | 1u << 31);

	if (unlikely(whole - 1 >= AB_SCAN_WIDTH - 1 || (*p == '0' && whole != 1)))
		goto other;
	end = p + whole;
	if (*end == '.') {
		ends &= ends - 1;
		if (likely(ends))
			end = p + ab_scan_first(ends);
		else
			end = skip_digits(p + AB_SCAN_WIDTH);
		if (unlikely(end == p + whole + 1 || (*end | 0x20) == 'e'))
			goto other;
		push(r, start, end, AB_JSON_NUMBER, 0);
	} else {
		if (unlikely((*end | 0x20) == 'e'))
			goto other;
		push(r, start, end, AB_JSON_NUMBER, AB_JSON_INTEGER);
	}
	r->p = end;
	return true;
other:
	*r = any_number(*r, p);
	return !r->what;
}

hot bool literal(struct reader *r, const char *word, size_t len, enum ab_json_type type)
{
	const unsigned char *start = r->p;

	if (memcmp(start, word, len) != 0)
		return stop(r, start, "expected a value");
	r->p += len;
	push(r, start, start + len, type, 0);
	return true;
}

/* The key read last is one of those before it (or memory ran out, found < 0). */
cold struct reader repeated(struct reader r, int found)
{
	r.what = found < 0 ? out_of_memory : duplicate_key;
	r.key = r.n - 1;
	r.p = r.text + r.nodes[r.key].at - 1;
	return r;
}

cold struct reader check_many_keys(struct reader r)
{
	ptrdiff_t key;

	r.tape->n = r.n;
	key = ab_json_repeated(r.tape, r.frame->node);
	if (key) {
		r.what = key < 0 ? out_of_memory : duplicate_key;
		r.key = key < 0 ? 0 : (uint32_t)key;
		r.p = r.text + r.nodes[r.key].at - 1;
	}
	return r;
}

/* Among few keys, the one read last must be new; `bit` is what ab_json_hash() made of it. */
hot bool is_new(struct reader *r, unsigned bit)
{
	uint64_t seen = r->frame->seen;

	if (unlikely(seen >> bit & 1) && r->frame->count <= AB_JSON_FEW_KEYS) {
		int found = ab_json_repeats(r->tape, r->nodes, r->frame->node, r->n - 1);

		if (unlikely(found)) {
			*r = repeated(*r, found);
			return false;
		}
	}
	r->frame->seen = seen | (uint64_t)1 << bit;
	return true;
}

/* The key read last holds escapes. */
cold unsigned escaped_hash(struct reader r)
{
	return ab_json_hash_escaped(r.text, r.node - 1, r.tape->scratch);
}

/* A member's name and the colon behind it. */
hot bool key(struct reader *r)
{
	const unsigned char *start = r->p + 1, *end;
	unsigned flags, bit;

	if (unlikely(*r->p != '"')) {
		skip_space(r);
		start = r->p + 1;
		if (*r->p != '"')
			return stop(r, r->p, "expected a key in double quotes");
	}
	end = string(r, start, &flags);
	if (!end)
		return false;
	if (unlikely(flags)) {
		push(r, start, end, AB_JSON_STRING, AB_JSON_KEY | AB_JSON_ESCAPED);
		bit = escaped_hash(*r);
	} else {
		push(r, start, end, AB_JSON_STRING, AB_JSON_KEY);
		bit = ab_json_hash(start, (size_t)(end - start));
	}
	if (!is_new(r, bit))
		return false;
	r->p = end + 1;
	if (unlikely(*r->p != ':')) {
		skip_space(r);
		if (*r->p != ':')
			return stop(r, r->p, "expected ':'");
	}
	r->p++;
	skip_space(r);
	return true;
}

hot enum found open_container(struct reader *r, enum ab_json_type type, unsigned closer)
{
	if (unlikely(r->frame + 1 == r->frames_end)) {
		*r = more_frames(*r);
		if (r->what)
			return STOPPED;
	}
	push(r, r->p, r->p, type, 0);
	r->frame++;
	r->frame->seen = 0;
	r->frame->node = r->n - 1;
	r->frame->count = 0;
	r->frame->closer = closer;
	r->p++;
	if (closer == '}' && likely(*r->p == '"'))
		return OPENED;
	skip_space(r);
	return *r->p == closer ? WHOLE : OPENED;
}

cold const char *bad_value(const unsigned char *p)
{
	return memcmp(p, "\xef\xbb\xbf", 3) == 0 ? "expected a value, not a byte order mark"
						 : "expected a value";
}

hot enum found value(struct reader *r)
{
	unsigned c = *r->p;
	bool ok;

	if (c == '"')
		ok = string_value(r);
	else if (c - '-' <= '9' - '-')
		ok = number(r); /* or "." or "/", which it finds out */
	else if (c == '{')
		return open_container(r, AB_JSON_OBJECT, '}');
	else if (c == '[')
		return open_container(r, AB_JSON_ARRAY, ']');
	else if (c == 't')
		ok = literal(r, "true", 4, AB_JSON_TRUE);
	else if (c == 'f')
		ok = literal(r, "false", 5, AB_JSON_FALSE);
	else if (c == 'n')
		ok = literal(r, "null", 4, AB_JSON_NULL);
	else
		ok = stop(r, r->p, bad_value(r->p));
	return ok ? WHOLE : STOPPED;
}

hot bool close_container(struct reader *r)
{
	struct ab_json_node *node = r->nodes + r->frame->node;

	r->p++;
	node->len = (uint32_t)(r->p - r->text) - node->at;
	node->next = r->n;
	node->count = r->frame->count & AB_JSON_MAX_NODES;
	if (unlikely(r->frame->count > AB_JSON_FEW_KEYS) && r->frame->closer == '}') {
		*r = check_many_keys(*r);
		if (r->what)
			return false;
	}
	r->frame--;
	return true;
}

/* From behind a value to the next in the same container or one around. False: no more, or stopped.
 */
hot bool next(struct reader *r)
{
	for (;;) {
		unsigned c = *r->p;

		if (likely(c == ',')) {
			r->p++;
			return true;
		}
		if (likely(c == r->frame->closer)) {
			if (!close_container(r) || r->frame == r->frames)
				return false;
		} else if (is_space(c) && r->p != r->end) {
			skip_space(r);
		} else {
			r->between = true;
			return stop(r, r->p,
				    r->frame->closer == '}' ? "expected ',' or '}'"
							    : "expected ',' or ']'");
		}
	}
}

/* An array or object and all that is in it, or stopped. */
hot void container(struct reader *r)
{
	enum found found;

	do {
		r->frame->count++;
		if (!room(r))
			break;
		if (r->frame->closer == ']') {
			skip_space(r);
		} else if (unlikely(!key(r))) {
			r->between = true;
			break;
		}
		found = value(r);
	} while (found == OPENED || (found == WHOLE && next(r)));
}

cold struct reader scalar(struct reader r)
{
	if (room(&r))
		(void)value(&r);
	return r;
}

/* The value that the text holds, or stopped. */
hot void document(struct reader *r)
{
	skip_space(r);
	if (likely(*r->p == '{' || *r->p == '['))
		container(r);
	else
		*r = scalar(*r);
	if (unlikely(r->what))
		return;
	skip_space(r);
	if (unlikely(r->p != r->end))
		stop(r, r->p, "expected the end of the document");
}

/* A tape's first memory; what it has grown to is kept from one document to the next. */
static int prepare(struct ab_json_tape *tape)
{
	struct ab_json_scratch *scratch = tape->scratch;

	if (!tape->nodes) {
		tape->nodes = malloc(FIRST_NODES * sizeof(*tape->nodes));
		tape->capacity = tape->nodes ? FIRST_NODES : 0;
	}
	if (!scratch)
		scratch = tape->scratch = calloc(1, sizeof(*scratch));
	if (scratch && !scratch->frames) {
		scratch->frames = calloc(FIRST_FRAMES, sizeof(*scratch->frames));
		scratch->n_frames = scratch->frames ? FIRST_FRAMES : 0;
		if (scratch->frames)
			scratch->frames[0].closer = ']'; /* the document is no member */
	}
	return tape->nodes && scratch && scratch->frames ? 0 : -1;
}

cold int refuse(struct reader r, struct ab_err *err)
{
	struct ab_json_stop why = { .what = r.what,
				    .limit = r.limit,
				    .at = r.p,
				    .frame = r.frame,
				    .between = r.between,
				    .key = r.key };

	if (r.what == out_of_memory)
		return ab_err_memory(err);
	ab_json_explain(r.tape, &why, err);
	if (r.key)
		r.tape->n = r.key + 1; /* yaml.c wants to know which */
	return -1;
}

int ab_json_read(struct ab_json_tape *tape, const unsigned char *text, size_t size,
		 const struct ab_json_limits *limits, struct ab_err *err)
{
	size_t max_size = limits && limits->size ? limits->size : AB_JSON_MAX_SIZE;
	struct reader r = { .text = text, .p = text, .end = text + size };
	const struct ab_json_scratch *scratch;

	tape->text = text;
	tape->size = size;
	tape->n = 0;
	if (prepare(tape) < 0)
		return ab_err_memory(err);
	if (max_size > AB_JSON_MAX_SIZE)
		max_size = AB_JSON_MAX_SIZE;
	if (size > max_size)
		return ab_err_no(err, "larger than %zu bytes", max_size);
	r.nodes = r.node = tape->nodes;
	r.nodes_end = tape->nodes + tape->capacity - 1;
	scratch = tape->scratch;
	r.frames = r.frame = scratch->frames;
	r.tape = tape;
	r.max_depth = limits && limits->depth ? limits->depth : AB_JSON_MAX_DEPTH;
	r.frames_end = frames_end(&r, scratch->n_frames);
	document(&r);
	tape->n = r.n;
	return likely(!r.what) ? 0 : refuse(r, err);
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
