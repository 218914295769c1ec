/* SPDX-License-Identifier: Apache-2.0 */
/* A child for one technique, in a process group of its own. What cannot be tried for want of a process is not blocked: there is no verdict then. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* In tier 2 all processes of a user count, others' as well, and are again fewer in a moment. */
static pid_t fork_again(void)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	pid_t pid = fork();

	for (int i = 0; pid < 0 && i < 500; i++) {
		(void)nanosleep(&moment, NULL);
		pid = fork();
	}
	if (pid < 0) {
		printf("Bail out! no process to try it in\n");
		exit(3);
	}
	if (pid == 0)
		(void)setpgid(0, 0);
	return pid;
}
