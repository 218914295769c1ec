/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one program in a jail: its stdin is relayed and hashed to its end, its stdout is held back
 * until it has exited 0 and nothing of it is left, its stderr is bounded and hashed. ab-jail(1)
 * says what the jail keeps from it.
 */
#ifndef AB_JAIL_JAIL_H
#define AB_JAIL_JAIL_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/hold.h"
#include "lib/base/opt.h"
#include "lib/jail/cgroup.h"
#include "lib/receipt/receipt.h"

/* ab-jail's own exit statuses; above 128: killed by signal N. */
enum ab_jail_exit {
	AB_JAIL_TIMEOUT = 124,
	AB_JAIL_FAILED = 125, /* trouble of our own, or isolation not proved: nothing was run */
	AB_JAIL_CANNOT_EXECUTE = 126,
	AB_JAIL_NOT_FOUND = 127,
};

struct ab_jail_spec {
	char *const *argv;		/* the command and its arguments, NULL-terminated */
	uint64_t time_ms;		/* from the agent's start */
	uint64_t memory;		/* bytes, of the whole tree */
	uint64_t tmp;			/* bytes of /tmp and /dev/shm */
	uint64_t max_output;		/* bytes */
	uint64_t processes;		/* threads count */
	uint64_t require_tier;		/* the weakest that is accepted */
	uint64_t cpu_ms;		/* of processor time of the whole tree; 0: no limit */
	uint64_t cpu_milli;		/* thousandths of a processor at a time; 0: no limit */
	uint64_t io_bytes;		/* a second, read or written, of each device; 0: no limit */
	uint64_t open_files, file_size; /* of each process; bytes of each file */
	const struct ab_list *ro, *rw;	/* "PATH[:DEST]" */
	const struct ab_list *exec;	/* further programs: names or files */
	const char *root;		/* an unpacked image as its root, or NULL */
	const char *models, *input;	/* shown at /models and /input; NULL: nothing */
	const char *input_key; /* file of the key that must have signed the bundle `input`, or NULL
				*/
	const char *workspace; /* "DIR[:DEST]": edited in an overlay; NULL: none */
	const char *workspace_out; /* the file that the change is written to, or NULL */
	const char *socket;	   /* "SOCKET:PATH", or NULL */
	const char *listen;	   /* "PORT:SOCKET", or NULL; not both */
	bool gpu;		   /* NVIDIA's devices and driver */
	bool insecure_env;	   /* `env` may hold what looks like a secret */
	const struct ab_list *env; /* "NAME[=VALUE]" */
	const char *stderr_file;   /* NULL: the agent's stderr is dropped */
	bool no_jit;		   /* no memory that is both written and executed */
	bool no_exec;		   /* nothing is executed after the command itself */
	const char *events;	   /* a file, or the number of a descriptor: the event log */
	bool events_all;	   /* it holds all opens */
	uint64_t events_max;	   /* bytes of it */
	const struct ab_list *on;  /* "CLASS=kill" */
	const char *digest;	   /* the agent's must be this one; NULL: whatever it is */
	bool print_digest;	   /* find it, and run nothing */
	bool self_test;		   /* prove the jail and run nothing; argv may be empty */
	const struct ab_receipts *receipts; /* NULL: none; then a refusal does not drain stdin */
};

struct ab_jail_result {
	enum ab_verdict verdict;
	int exit;	    /* what ab-jail exits with */
	char reason[256];   /* one line; "" if passed */
	struct ab_hold out; /* the agent's whole stdout; to be let through only if it passed */
	struct ab_sha256 in_hash;
	uint64_t in_bytes;
	char digest[AB_SHA256_TEXT]; /* where it was asked for */
	json_t *facts;	/* of the receipt; NULL if nobody asks for them */
	json_t *checks; /* of a self-test: an array of name, meaning, state; NULL: no jail */
	struct ab_archive *archive; /* the workspace's change, to be committed if it passed */
	int first;		    /* pidfd of the jail's first process on its way out, or -1 */
	struct ab_cgroup cgroup;    /* still there while `first` is */
	int signals; /* signalfd of what interrupts the delivery; -1: that ends the process */
};

#define AB_JAIL_RESULT_INIT                                                                        \
	{                                                                                          \
		.verdict = AB_FAILED, .exit = AB_JAIL_FAILED, .out = AB_HOLD_INIT, .first = -1,    \
		.cgroup = AB_CGROUP_INIT, .signals = -1                                                                      \
	}

/* The result of a run that signal `number` interrupted. */
void ab_jail_result_interrupt(struct ab_jail_result *result, int number);

/*
 * Runs it. 0: `ret` says how it went, which need not be well. -1: nothing was run; `ret` is filled
 * as well, err->msg is for the operator. The calling process is confined afterwards and can do
 * little more than write the result.
 */
int ab_jail_run(const struct ab_jail_spec *spec, struct ab_jail_result *ret, struct ab_err *err);

/* Gives the file that the workspace's change was written to its name; nothing to do without one. */
int ab_jail_result_commit(struct ab_jail_result *result, struct ab_err *err);

/*
 * The agent's seccomp filter as a profile of the OCI runtime specification, as Docker reads it too:
 * the caller's, NULL if memory ran out. It is what the agent's table says, but for two things that
 * the format cannot say: numbers without a name are EPERM, not ENOSYS, and "is not this number"
 * looks at all 64 bits of an argument, where the kernel looks at 32.
 */
json_t *ab_jail_seccomp_profile(void);

/* The same as the kernel takes it, an array of struct sock_filter; `gpu`: with --gpu. */
const void *ab_jail_seccomp_code(bool gpu, size_t *ret_bytes);

/* Releases it, once the kernel has taken the empty jail apart: nothing is left afterwards. */
void ab_jail_result_done(struct ab_jail_result *result);

/*
 * The change that a file of `workspace_out` holds, as text: one line each, "A", "M", "D", "T"
 * (type) or "P" (permissions), the path, and its flags in brackets; or as one JSON object a line.
 * The whole file is checked first: AB_EXIT_NO if it is not one. The process is confined afterwards.
 */
int ab_jail_diff(const char *file, bool json, struct ab_buf *out, struct ab_err *err);

enum ab_jail_apply_flags {
	AB_JAIL_DRY_RUN = 1,	 /* check everything, change nothing */
	AB_JAIL_ALLOW_HOOKS = 2, /* also what other programs execute by themselves */
};

/*
 * Applies it to a directory, `out` says what was done. AB_EXIT_NO, and nothing is changed: the file
 * is no such change, part of it is not safe, or the directory is not what the run began with. The
 * process is confined afterwards.
 */
int ab_jail_apply(const char *file, const char *dir, unsigned flags, struct ab_buf *out,
		  struct ab_err *err);

#endif
