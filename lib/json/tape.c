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

/* What value() found. */
enum found {
	STOPPED, /* an error */
	WHOLE,	 /* a value, read to its end */
	OPENED,	 /* an array or object, whose first element comes next */
};

/* Stops with an error at p. */
hot bool stop(struct ab_json_reader *r, const unsigned char *p, const char *what)
{
	r->p = p;
	r->what = what;
	return false;
}

/* Room for a key and a value. */
hot bool room(struct ab_json_reader *r)
{
	if (unlikely(r->node >= r->nodes_end)) {
		*r = ab_json_more_nodes(*r);
		if (r->what)
			return false;
	}
	return true;
}

/* Writes a node of the bytes from `start` to `end`; room() was made for it. */
hot void push(struct ab_json_reader *r, const unsigned char *start, const unsigned char *end,
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

hot void skip_space(struct ab_json_reader *r)
{
	if (*r->p > ' ')
		return;
	/* Most often it is one space, behind a colon or a comma. */
	if (*r->p == ' ' && r->p[1] > ' ') {
		r->p++;
		return;
	}
	for (;;) {
		if (unlikely(r->p >= r->halt)) {
			/* Short tokens pass a halt and do not look at it. */
			if (r->p == r->end)
				return;
			*r = ab_json_come_near(*r, r->p);
		}
		r->p = skip_more_space(r->p, r->halt);
		if (likely(r->p != r->halt) || r->p == r->end)
			return;
	}
}

/*
 * From the first byte behind a quote to the closing quote. *flags becomes AB_JSON_ESCAPED if there
 * is an escape. NULL: stopped.
 */
hot const unsigned char *string(struct ab_json_reader *r, const unsigned char *p, unsigned *flags)
{
	struct ab_json_rest rest;
	unsigned ends;

	*flags = 0;
	while (unlikely(!(ends = ab_scan_string(p)))) {
		p += AB_SCAN_WIDTH;
		if (unlikely(p >= r->halt))
			*r = ab_json_come_near(*r, p);
	}
	p += ab_scan_first(ends);
	if (likely(*p == '"'))
		return p;
	rest = ab_json_rest_of_string(r->tape, p, r->end, r->halt);
	if (unlikely(rest.end >= r->halt))
		*r = ab_json_come_near(*r, rest.end);
	if (!rest.what)
		return rest.end;
	*flags = AB_JSON_ESCAPED;
	if (!*rest.what)
		return rest.end;
	stop(r, rest.end, rest.what);
	return NULL;
}

hot bool string_value(struct ab_json_reader *r)
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
hot const unsigned char *skip_digits(struct ab_json_reader *r, const unsigned char *p)
{
	unsigned ends;

	while (!(ends = ab_scan_digits(p))) {
		p += AB_SCAN_WIDTH;
		if (unlikely(p >= r->halt))
			*r = ab_json_come_near(*r, p);
	}
	return p + ab_scan_first(ends);
}

/* A number that number() leaves over: of 16 digits before the point, or none at all. */
cold struct ab_json_reader any_number(struct ab_json_reader r, const unsigned char *first)
{
	const unsigned char *start = r.p, *p = skip_digits(&r, first);
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
		p = skip_digits(&r, first);
		r.what = p == first ? "expected a digit" : NULL;
	}
	if (!r.what && (*p | 0x20) == 'e') {
		flags = 0;
		first = p + 1 + (p[1] == '+' || p[1] == '-');
		p = skip_digits(&r, first);
		r.what = p == first ? "expected a digit" : NULL;
	}
	if (!r.what)
		push(&r, start, p, AB_JSON_NUMBER, flags);
	r.p = p;
	return r;
}

/* A number up to the e at `e`. */
hot bool exponent(struct ab_json_reader *r, const unsigned char *e)
{
	const unsigned char *digits = e + 1 + (e[1] == '+' || e[1] == '-');
	const unsigned char *end = skip_digits(r, digits);

	if (end == digits)
		return stop(r, end, "expected a digit");
	push(r, r->p, end, AB_JSON_NUMBER, 0);
	r->p = end;
	return true;
}

hot bool number(struct ab_json_reader *r)
{
	const unsigned char *start = r->p, *p = start + (*start == '-'), *end;
	unsigned ends = ab_scan_digits(p);
	size_t whole = ab_scan_first(ends | 1u << 31);

	if (unlikely(whole - 1 >= AB_SCAN_WIDTH - 1 || (*p == '0' && whole != 1))) {
		*r = any_number(*r, p);
		return !r->what;
	}
	end = p + whole;
	if (*end == '.') {
		ends &= ends - 1;
		if (likely(ends))
			end = p + ab_scan_first(ends);
		else
			end = skip_digits(r, p + AB_SCAN_WIDTH);
		if (unlikely(end == p + whole + 1))
			return stop(r, end, "expected a digit");
		if (unlikely((*end | 0x20) == 'e'))
			return exponent(r, end);
		push(r, start, end, AB_JSON_NUMBER, 0);
	} else {
		if (unlikely((*end | 0x20) == 'e'))
			return exponent(r, end);
		push(r, start, end, AB_JSON_NUMBER, AB_JSON_INTEGER);
	}
	r->p = end;
	return true;
}

hot bool literal(struct ab_json_reader *r, const char *word, size_t len, enum ab_json_type type)
{
	const unsigned char *start = r->p;

	if (memcmp(start, word, len) != 0)
		return stop(r, start, "expected a value");
	r->p += len;
	push(r, start, start + len, type, 0);
	return true;
}

/* The key read last is one of those before it (or memory ran out, found < 0). */
cold struct ab_json_reader repeated(struct ab_json_reader r, int found)
{
	r.what = found < 0 ? AB_JSON_NO_MEMORY : "duplicate key";
	r.key = r.n - 1;
	r.p = r.text + r.nodes[r.key].at - 1;
	return r;
}

cold struct ab_json_reader check_many_keys(struct ab_json_reader r)
{
	const struct ab_json_scratch *scratch = r.tape->scratch;
	ptrdiff_t key;

	r.tape->n = r.n;
	if (scratch->window && scratch->window->pass->known)
		return r;
	if (scratch->window && ab_json_runs_has(scratch->window, (uint32_t)(r.frame - r.frames)))
		key = ab_json_runs_end(&r);
	else
		key = ab_json_repeated(r.tape, r.frame->node);
	if (scratch->window && scratch->window->status) {
		r.what = ab_json_taken;
	} else if (key) {
		r.what = key < 0 ? AB_JSON_NO_MEMORY : "duplicate key";
		r.key = key < 0 ? 0 : (uint32_t)key;
		r.p = r.text + r.nodes[r.key].at - 1;
	}
	return r;
}

/* Among few keys, the one read last must be new; `hash` is what ab_json_hash() made of it. */
hot bool is_new(struct ab_json_reader *r, unsigned hash)
{
	uint64_t *seen = &r->frame->seen[hash / 64], before = *seen;

	if (unlikely(before >> hash % 64 & 1) && r->frame->count <= AB_JSON_FEW_KEYS) {
		int found = ab_json_repeats(r->tape, r->nodes, r->frame->node, r->n - 1);

		if (unlikely(found)) {
			*r = repeated(*r, found);
			return false;
		}
	}
	*seen = before | (uint64_t)1 << hash % 64;
	return true;
}

/* The key read last holds escapes. */
cold unsigned escaped_hash(struct ab_json_reader r)
{
	return ab_json_hash_escaped(r.text, r.node - 1, r.tape->scratch);
}

/* A member's name and the colon behind it. */
hot bool key(struct ab_json_reader *r)
{
	const unsigned char *start = r->p + 1, *end;
	unsigned flags, hash;

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
		hash = escaped_hash(*r);
	} else {
		push(r, start, end, AB_JSON_STRING, AB_JSON_KEY);
		hash = ab_json_hash(start, (size_t)(end - start));
	}
	if (!is_new(r, hash))
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

hot enum found open_container(struct ab_json_reader *r, enum ab_json_type type, unsigned closer)
{
	if (unlikely(r->frame + 1 == r->frames_end)) {
		*r = ab_json_more_frames(*r);
		if (r->what)
			return STOPPED;
	}
	push(r, r->p, r->p, type, 0);
	r->frame++;
	if (type == AB_JSON_OBJECT)
		memset(r->frame->seen, 0, sizeof(r->frame->seen));
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
	if (memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return "expected a value, not a byte order mark";
	if (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0)
		return "expected a value in UTF-8, not UTF-16";
	return "expected a value";
}

hot enum found value(struct ab_json_reader *r)
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

hot bool close_container(struct ab_json_reader *r)
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
hot bool next(struct ab_json_reader *r)
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
hot void container(struct ab_json_reader *r)
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

cold struct ab_json_reader scalar(struct ab_json_reader r)
{
	if (room(&r))
		(void)value(&r);
	return r;
}

/* The value that the text holds, or stopped. */
hot void document(struct ab_json_reader *r)
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
		stop(r, r->p,
		     *r->p == '{' || *r->p == '[' ?
			     "expected the end of the document, not a second one" :
			     "expected the end of the document");
}

cold int refuse(struct ab_json_reader r, struct ab_err *err)
{
	const struct ab_json_scratch *scratch = r.tape->scratch;
	struct ab_json_stop why = { .what = r.what,
				    .limit = r.limit,
				    .at = r.p,
				    .frame = r.frame,
				    .between = r.between,
				    .key = r.key };

	if (scratch->window && scratch->window->status)
		return scratch->window->status < 0 ? -1 : 0; /* err says why, or it was enough */
	if (!*r.what)
		return ab_err_memory(err);
	ab_json_explain(r.tape, &why, err);
	if (r.key)
		r.tape->n = r.key + 1; /* yaml.c wants to know which */
	return -1;
}

static int read_all(struct ab_json_tape *tape, const unsigned char *text, size_t size,
		    const struct ab_json_limits *limits, struct ab_json_window *window, struct ab_err *err)
{
	size_t max_size = limits && limits->size ? limits->size : AB_JSON_MAX_SIZE;
	struct ab_json_reader r = { .text = text, .p = text, .end = text + size, .halt = text + size };
	struct ab_json_scratch *scratch = tape->scratch;

	tape->text = text;
	tape->size = size;
	tape->n = 0;
	if (unlikely(!tape->nodes || !scratch || !scratch->frames) &&
	    ab_json_prepare(tape, window ? 0 : size) < 0)
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
	r.frames_end = ab_json_frames_end(&r, scratch->n_frames);
	if (unlikely(window))
		r = ab_json_window_open(r, window);
	document(&r);
	if (unlikely(window) && !r.what)
		r = ab_json_drain(r);
	tape->n = r.n;
	return likely(!r.what) ? 0 : refuse(r, err);
}

int ab_json_read(struct ab_json_tape *tape, const unsigned char *text, size_t size,
		 const struct ab_json_limits *limits, struct ab_err *err)
{
	return read_all(tape, text, size, limits, NULL, err);
}

int ab_json_pass(struct ab_json_tape *tape, const unsigned char *text, size_t size,
		 const struct ab_json_limits *limits, const struct ab_json_pass *pass,
		 struct ab_err *err)
{
	struct ab_json_window window = { .pass = pass, .err = err };
	int status = read_all(tape, text, size, limits, &window, err);

	ab_json_window_close(tape, &window);
	return status;
}
