/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests alone: a build with -DAB_TEST_WEAKEN leaves out the one layer that AB_WEAKEN names,
 * so that a test sees the self-test find it. In every other build ab_is_weak() is false at compile
 * time, and nothing of this is in the binary.
 */
#ifndef AB_JAIL_WEAKEN_H
#define AB_JAIL_WEAKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct ab_setup;

#ifdef AB_TEST_WEAKEN

static inline bool ab_is_weak(const char *weak, const char *layer)
{
	return weak && strcmp(weak, layer) == 0;
}

/* The layer that is to be left out, NULL: none. It points to memory that is not the environment. */
const char *ab_weaken_asked(void);

/* The highest Landlock ABI that is used: AB_WEAKEN=abi=N; 0: all that are known, -1: none. */
int ab_weaken_abi(const char *weak);

/* Where --gpu looks for what a machine has, AB_GPU_ROOT; regular files stand for device nodes there. */
const char *ab_weaken_gpu(void);

/* Takes hold of the host's root before it is gone, -1 unless that is the layer to be left out. */
int ab_weaken_hold(const char *weak);

/* Makes a finished root weaker. */
void ab_weaken_root(struct ab_setup *s, int held);

#else

static inline bool ab_is_weak(const char *weak, const char *layer)
{
	(void)weak, (void)layer;
	return false;
}

static inline const char *ab_weaken_asked(void)
{
	return NULL;
}

static inline int ab_weaken_abi(const char *weak)
{
	(void)weak;
	return 0;
}

static inline const char *ab_weaken_gpu(void)
{
	return "";
}

static inline int ab_weaken_hold(const char *weak)
{
	(void)weak;
	return -1;
}

static inline void ab_weaken_root(struct ab_setup *s, int held)
{
	(void)s, (void)held;
}

#endif
#endif
