/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the reader (tape.c), its memory (memory.c), the search for repeated keys (keys.c), strings
 * (text.c) and errors (place.c) share. Private to lib/json.
 */
#ifndef AB_JSON_READER_H
#define AB_JSON_READER_H

#include "lib/json/scan.h"
#include "lib/json/tape.h"

/* An open container. */
struct ab_json_frame {
	uint64_t seen[4]; /* of an object: one bit each for the hashes of its keys */
	uint32_t node;	  /* its node */
	uint32_t count;	  /* elements or members begun */
	uint32_t closer;  /* ']' or '}' */
};

/* A place in the table of a large object's keys. */
struct ab_json_slot {
	uint32_t hash, key; /* key: node, 0: free */
};

/* What nobody outside knows: a point of a field, and an odd number. keys.c says what for. */
struct ab_json_secret {
	uint64_t point, odd;
};

/* What a tape keeps from one document to the next: ab_json_tape.scratch. */
struct ab_json_scratch {
	struct ab_json_frame *frames;
	size_t n_frames;
	struct ab_json_slot *slots;
	size_t n_slots;
	struct ab_buf a, b; /* decoded keys */
	struct ab_json_secret secret;
	struct ab_json_window *window; /* of the pass that is going on, or NULL */
};

/* window.c: a document whose tape is taken piece by piece. */
struct ab_json_window {
	const struct ab_json_pass *pass;
	struct ab_err *err;
	int status;	       /* of the last take() */
	size_t first;	       /* node that was not taken yet */
	size_t read;	       /* nodes that were */
	const unsigned char *from;	  /* the text of what was not taken yet */
	const unsigned char *behind;	  /* the text before it was given back */
	const unsigned char *halt;	  /* the text up to it is near */
	struct ab_json_runs *runs;	  /* runs.c: keys of large objects, or NULL */
};

/* Up to so many members, each key is looked for among those before it; above, in a table. */
#define AB_JSON_FEW_KEYS 64

static inline uint32_t ab_json_load32(const unsigned char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/*
 * Eight bits for a key, a quote behind it, made for speed from its ends and its length: anyone can
 * find keys that collide, so it must only ever save work among few keys.
 */
static inline unsigned ab_json_hash(const unsigned char *s, size_t len)
{
	uint64_t word = s[0]; /* of a key of no length the quote */

	if (len >= 8)
		word = ab_scan_load(s + len - 8) + ab_json_load32(s);
	else if (len >= 4)
		word = (uint64_t)ab_json_load32(s) << 32 | ab_json_load32(s + len - 4);
	else if (len)
		word = (uint64_t)s[0] << 16 | (uint64_t)s[len / 2] << 8 | s[len - 1];
	return (unsigned)((word + len) * 0x9e3779b97f4a7c15u >> 56);
}

struct ab_json_secret ab_json_process_secret(void);

/* The decoded bytes of a string, a quote and seven bytes behind them: in place if nothing is
 * escaped, else in buf. NULL: no memory. */
const unsigned char *ab_json_decoded(const unsigned char *text, const struct ab_json_node *string,
				     struct ab_buf *buf, size_t *ret_len);

/* ab_json_hash() of a key that holds escapes. */
unsigned ab_json_hash_escaped(const unsigned char *text, const struct ab_json_node *key,
			      struct ab_json_scratch *scratch);

/* Whether a key stands among its object's keys before it. -1: no memory. */
int ab_json_repeats(const struct ab_json_tape *tape, const struct ab_json_node *nodes,
		    size_t object, size_t key);

/* The first key of a closed object that repeats an earlier one; 0: none, -1: no memory. */
ptrdiff_t ab_json_repeated(const struct ab_json_tape *tape, size_t object);

/*
 * The length of the escape sequence at p (a backslash), a surrogate pair's whole; 0 if it is none.
 * *ret_c is the character. Reads no further than the first byte that does not fit.
 */
size_t ab_json_escape(const unsigned char *p, uint32_t *ret_c);

/* The state of a reader. */
struct ab_json_reader {
	const unsigned char *text, *p, *end;
	const unsigned char *halt; /* the end, or where ab_json_come_near() is to be called before */
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

/* take() has said that it is enough, or that it failed. */
extern const char ab_json_taken[];

/*
 * The reader, at p in the midst of a token, has read all that was near: gives back what is behind it,
 * brings near what comes, and asks for a drain before the next node.
 */
struct ab_json_reader ab_json_come_near(struct ab_json_reader r, const unsigned char *p)
	__attribute__((cold));

/* The same where there is no reader at hand: the next halt. */
const unsigned char *ab_json_next_halt(const struct ab_json_tape *tape, const unsigned char *p,
				       const unsigned char *end) __attribute__((cold));

/* Has the tape taken and makes room on it; behind the document has the rest taken. `what` is set if that
 * cannot be. */
struct ab_json_reader ab_json_drain(struct ab_json_reader r) __attribute__((cold));

/* Room for `want` nodes, of which the last `spare` are never written by the reader itself. */
struct ab_json_reader ab_json_grow(struct ab_json_reader r, size_t want, size_t spare) __attribute__((cold));

/* Says that there are more nodes than may be. */
struct ab_json_reader ab_json_too_many(struct ab_json_reader r) __attribute__((cold));

struct ab_json_reader ab_json_window_open(struct ab_json_reader r, struct ab_json_window *w);
void ab_json_window_close(struct ab_json_tape *tape, struct ab_json_window *w);

/*
 * Keys of objects that are larger than the tape: sorted runs in the spool, which are read side by side at
 * the end of the object. `level` of a frame: 1 is the outermost container's.
 *
 * Puts aside the keys from node `key` up to node `end`, those that were put aside excepted. -1 with err.
 */
int ab_json_runs_add(struct ab_json_reader *r, uint32_t level, size_t key, size_t end);

/* Whether a frame's keys were put aside. */
bool ab_json_runs_has(const struct ab_json_window *w, uint32_t level);

/* At the end of an object whose keys were put aside: the node, made for it, of the first key that is like
 * one before it; 0: none is, -1 with err. Forgets them. */
ptrdiff_t ab_json_runs_end(struct ab_json_reader *r);

void ab_json_runs_free(struct ab_json_runs *runs);

/* The bits of a key under the secret. Eight bytes from p + len on must be readable. */
uint64_t ab_json_keyed_hash(const struct ab_json_secret *secret, const unsigned char *p, size_t len);

/* Of two keys' nodes: 1, 0, or -1: no memory. */
int ab_json_same_key(const struct ab_json_tape *tape, const struct ab_json_node *x,
		     const struct ab_json_node *y);

/* A mark of keys that were put aside, where numbers have another. */
#define AB_JSON_ASIDE AB_JSON_INTEGER

/* What is said when memory runs out: the only text of no length. */
#define AB_JSON_NO_MEMORY ""

/* A tape's first memory. -1: there is none. */
int ab_json_prepare(struct ab_json_tape *tape, size_t size);

/* More room for nodes or frames; ret.what is set if there is none, or no more is allowed. */
struct ab_json_reader ab_json_more_nodes(struct ab_json_reader r) __attribute__((cold));
struct ab_json_reader ab_json_more_frames(struct ab_json_reader r) __attribute__((cold));

/* Behind the last of the frames that memory and the limit allow; one is under the document. */
static inline struct ab_json_frame *ab_json_frames_end(const struct ab_json_reader *r,
						       size_t allocated)
{
	return r->frames + (allocated - 1 < r->max_depth ? allocated : r->max_depth + 1);
}

/* How a string ends that is not plain to its end. */
struct ab_json_rest {
	const unsigned char *end; /* the closing quote, or where it went wrong */
	const char *what;	  /* NULL, "" if there are escapes, or the error */
};

/* From the first byte at p that is not plain on. `end` is the text's. */
struct ab_json_rest ab_json_rest_of_string(const struct ab_json_tape *tape, const unsigned char *p,
					   const unsigned char *end, const unsigned char *halt);

/* What stopped the reader, for ab_json_explain(). */
struct ab_json_stop {
	const char *what; /* the error; "expected ..." where another text would have been right */
	size_t limit;	  /* that was passed; 0: none */
	const unsigned char *at;
	const struct ab_json_frame *frame; /* the innermost open container; frames[0] is none */
	bool between;			   /* not in the element begun last */
	uint32_t key;			   /* in this member; 0: in no particular one */
};

/* Fills err: "line:column: /pointer: what". tape->n is the number of nodes read so far. */
int ab_json_explain(const struct ab_json_tape *tape, const struct ab_json_stop *stop,
		    struct ab_err *err);

#endif
