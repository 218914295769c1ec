/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a run. Private to lib/receipt. */
#ifndef AB_RECEIPT_FILE_H
#define AB_RECEIPT_FILE_H

#include "lib/base/buf.h"
#include "lib/receipt/receipt.h"

/* The file's mode says where the run stands: tools write to it, or it is over. */
#define AB_RECEIPTS_OPEN     0600
#define AB_RECEIPTS_FINISHED 0400
#define AB_RECEIPTS_MAX	     (16u << 20)
#define AB_FACTS_MAX	     (256u << 20) /* of a file beside it; a million changes of a workspace */

struct ab_receipts {
	int fd, dirfd, parentfd; /* the file, its directory, and the directory that holds that */
	char *path;		 /* the parent's path; dir and file point behind it */
	const char *dir, *file;
	char *run;
};

/* All of the file from its start. */
int ab_receipts_text(const struct ab_receipts *r, struct ab_buf *ret, struct ab_err *err);

#endif
