/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AB_BASE_THREAD_H
#define AB_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread that gets no signals, which are for the one that starts it. False: there is none.
 */
bool ab_thread_start(pthread_t *ret, void *(*run)(void *argument), void *argument);

#endif
