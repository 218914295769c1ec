/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/thread.h"

#include <signal.h>

bool ab_thread_start(pthread_t *ret, void *(*run)(void *argument), void *argument)
{
	sigset_t all, before;
	bool started;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(ret, NULL, run, argument) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}
