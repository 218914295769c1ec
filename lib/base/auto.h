/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cleanup by attribute. A variable marked ab_autofree, ab_autoclose or ab_auto(x_free) is released
 * when its scope ends; ab_steal(&p) hands the value over and leaves NULL (ab_steal_fd: -1) behind.
 */
#ifndef AB_BASE_AUTO_H
#define AB_BASE_AUTO_H

#include <stdlib.h>
#include <unistd.h>

#define ab_auto(function)     __attribute__((cleanup(function), unused))
/* A variable that a compiler which clears all others leaves as it is: it is written before it is read. */
#define AB_UNINITIALIZED __attribute__((uninitialized))

#define ab_autofree	      ab_auto(ab_auto_free)
#define ab_autoclose	      ab_auto(ab_auto_close)
#define ab_printf(fmt, first) __attribute__((format(printf, fmt, first)))

/* Hands over *p: the value is returned, NULL stays behind. */
#define ab_steal(p)                                                                                \
	({                                                                                         \
		__typeof__(*(p)) ab_stolen = *(p);                                                 \
		*(p) = NULL;                                                                       \
		ab_stolen;                                                                         \
	})

#define AB_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void ab_auto_free(void *p)
{
	free(*(void **)p);
}

static inline void ab_auto_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline int ab_steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

#endif
