/* SPDX-License-Identifier: Apache-2.0 */
/* One tool of ours as a process, with what it says on stderr held back. */
#ifndef AB_WORKFLOW_PROCESS_H
#define AB_WORKFLOW_PROCESS_H

#include <signal.h>
#include <sys/types.h>
#include "lib/workflow/workflow.h"

struct ab_process {
	pid_t pid;  /* 0: not started, or reaped */
	int status; /* as waitpid() has it, once reaped; -1 before */
	int said;   /* a memory file: its stderr */
	bool told;  /* we sent it a signal: what it did then says nothing */
	uint64_t started_ns, ended_ns; /* monotonic; 0: not yet */
	uint64_t cpu_us, memory_kb;    /* its own and its children's, once reaped */
};

#define AB_PROCESS_INIT                                                                            \
	{                                                                                          \
		.status = -1, .said = -1                                                           \
	}

/*
 * Starts the tool beside the running binary (never by PATH) with these descriptors, beyond 2, as
 * stdin and stdout and `mask` as its signal mask. It gets a SIGTERM if we die, of whatever.
 */
int ab_process_start(struct ab_process *ret, const struct ab_command *c, int in, int out,
		     const sigset_t *mask, struct ab_err *err);

/* Sends it a signal, if it runs. */
void ab_process_tell(struct ab_process *p, int number);

/* Adds what it has said, at most a few kilobytes. */
void ab_process_said(const struct ab_process *p, struct ab_buf *out);

/* Whether it has ended, or never ran; what it was is then known. */
bool ab_process_ended(struct ab_process *p);

/* Waits for its end and returns the exit status as a shell has it: 128+N for a signal. */
int ab_process_wait(struct ab_process *p);

/* That status of a process that was reaped. */
int ab_process_exit(const struct ab_process *p);

void ab_process_done(struct ab_process *p);

#endif
