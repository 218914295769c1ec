/* SPDX-License-Identifier: Apache-2.0 */
/* deaf N: says on stderr when it was started (CLOCK_MONOTONIC, ns), then leaves N children that belong to nobody, lead
 * sessions of their own and ignore what can be ignored; waits for ever. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void be_deaf(void)
{
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	for (;;)
		pause();
}

int main(int argc, char *argv[])
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	dprintf(2, "%lld\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
	for (int i = argc > 1 ? atoi(argv[1]) : 0; i > 0; i--)
		if (fork() == 0) {
			setsid();
			if (fork() == 0)
				be_deaf();
			_exit(0);
		}
	be_deaf();
	return 0;
}
