/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps of RFC 3161, as far as they can be read without trusting anybody. Private to
 * lib/audit. */
#ifndef AB_AUDIT_TSA_H
#define AB_AUDIT_TSA_H

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/crypto/sha256.h"

#define AB_TSA_MAX (1u << 20) /* bytes of a reply */

struct ab_stamp {
	unsigned char hash[AB_SHA256_SIZE]; /* what was stamped */
	char time[32];			    /* genTime as it stands there, "20260408143201Z" */
};

/* Appends a TimeStampReq for that SHA-256, which asks for the certificate. */
void ab_tsa_query(const unsigned char hash[AB_SHA256_SIZE], struct ab_buf *out);

/* Reads a TimeStampResp in strict DER: granted, and over a SHA-256. Its signature is not looked at.
 * Anything else is AB_EXIT_NO. */
int ab_tsa_read(const void *data, size_t len, struct ab_stamp *ret, struct ab_err *err);

#endif
