/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A control group of the jail's own, version 2 or 1, where the supervisor may make one: what the
 * tree may use is then bounded by the kernel and not only looked at. It stands beside or below the
 * supervisor's own group, is named agentbox-..., and is locked (flock(2)) as long as its supervisor
 * lives: what nobody holds is left over and is removed by the next.
 *
 * Version 2 needs a group whose cgroup.subtree_control has what is asked for: the own one if it is
 * the root, or the one above it (where a user's session is delegated, that is the user's).
 */
#ifndef AB_JAIL_CGROUP_H
#define AB_JAIL_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/base/err.h"

enum ab_cgroup_part {
	AB_CGROUP_MEMORY,
	AB_CGROUP_PIDS,
	AB_CGROUP_CPUACCT, /* with version 2 there in every group */
	AB_CGROUP_CPU,
	AB_CGROUP_IO,
	AB_CGROUP_PARTS,
};

/* What is to be kept; 0: no limit. */
struct ab_cgroup_limits {
	uint64_t memory;      /* bytes, those of tmpfs and of the kernel with them */
	uint64_t processes;   /* threads count as such */
	bool count_cpu;	      /* version 1: a group for the processor time used, which costs one */
	bool tell_peak;	      /* of memory: a file to open, and to read */
	uint64_t cpu_milli;   /* thousandths of a processor */
	uint64_t io_bytes;    /* a second, for reading and for writing, of each device */
	const dev_t *devices; /* the block devices that io_bytes is about */
	size_t n_devices;
};

struct ab_cgroup {
	int version; /* 2, 1, or 0: there is none */
	char name[48];
	/* The group, and the one it is made in; -1 where there is none. Version 2 has one for all
	 * parts, the first. */
	int dirs[AB_CGROUP_PARTS], parents[AB_CGROUP_PARTS];
	bool has[AB_CGROUP_PARTS]; /* the limit of this part is kept */
	int peak, kills, cpu;	   /* files to read from, -1 where there is none */
	int create;		   /* as of the place */
};

/* What the tree has used. */
struct ab_cgroup_usage {
	uint64_t peak;	 /* bytes of memory at most, 0: not known */
	uint64_t kills;	 /* processes that were killed for want of memory */
	uint64_t cpu_us; /* 0: not known */
};

#define AB_CGROUP_INIT                                                                             \
	{                                                                                          \
		.dirs = { -1, -1, -1, -1, -1 }, .parents = { -1, -1, -1, -1, -1 }, .peak = -1,     \
		.kills = -1, .cpu = -1                                                             \
	}

/* Where to look: ab_cgroup_find() says; a test has its own. */
struct ab_cgroup_place {
	const char *mount; /* "/sys/fs/cgroup" */
	const char *self;  /* "/proc/self/cgroup" */
	int version;	   /* 0: there are none */
	int create;	   /* O_CREAT where files do not come by themselves, else 0 */
};

/*
 * Makes a group and sets its limits. Where none can be made, or a part of it cannot, that part is
 * simply not there (has[]); only a share of processors or of I/O, which nothing else could keep, is
 * an error then.
 */
int ab_cgroup_open(struct ab_cgroup *ret, const struct ab_cgroup_place *place,
		   const struct ab_cgroup_limits *limits, struct ab_err *err);

/* The whole block device under a file system's device number; false: there is none. */
bool ab_cgroup_device(dev_t of_files, dev_t *ret);

/* The system's groups. */
void ab_cgroup_find(struct ab_cgroup_place *ret);

/* Moves a process into it, where one group is all of it (version 2). */
int ab_cgroup_enter(const struct ab_cgroup *c, pid_t pid, struct ab_err *err);

/*
 * In version 1 the process moves itself, into each part's group: a move of another waits until no
 * process of the machine is about to fork or exit, which takes milliseconds. The file to give to
 * it, or -1; what it does with it; what becomes of a part that it could not enter: memory and
 * processor time are looked at as well, a share is not.
 */
int ab_cgroup_door(const struct ab_cgroup *c, enum ab_cgroup_part part);
bool ab_cgroup_join(int door);
int ab_cgroup_miss(struct ab_cgroup *c, enum ab_cgroup_part part, struct ab_err *err);

void ab_cgroup_read(const struct ab_cgroup *c, struct ab_cgroup_usage *ret);

/* Removes it, once its processes are gone (else it stays for the next sweep), and lets go. */
void ab_cgroup_close(struct ab_cgroup *c);

#endif
