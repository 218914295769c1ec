/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit/tsa.h"

#include <stdint.h>
#include <string.h>

enum tag {
	INTEGER = 0x02,
	OCTETS = 0x04,
	NOTHING = 0x05,
	OID = 0x06,
	TIME = 0x18,
	SEQUENCE = 0x30,
	SET = 0x31,
	EXPLICIT_0 = 0xa0,
};

/* What is left to read of a value. */
struct der {
	const unsigned char *p;
	size_t len;
};

static const unsigned char sha256_oid[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };
static const unsigned char signed_data_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7,
						 0x0d, 0x01, 0x07, 0x02 };
static const unsigned char tst_info_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
					      0x01, 0x09, 0x10, 0x01, 0x04 };

/* The length octets of X.690 section 10.1: definite, and as short as can be. */
static bool read_length(struct der *d, size_t *ret)
{
	size_t n, len = 0;

	if (!d->len)
		return false;
	n = *d->p++;
	d->len--;
	if (n < 0x80) {
		*ret = n;
		return true;
	}
	n &= 0x7f;
	if (!n || n > 4 || n > d->len || !*d->p)
		return false;
	for (size_t i = 0; i < n; i++)
		len = len << 8 | d->p[i];
	d->p += n;
	d->len -= n;
	*ret = len;
	return len >= 0x80;
}

/* Steps over a value of that tag; *ret is what it holds. */
static bool take(struct der *d, enum tag tag, struct der *ret)
{
	struct der rest = *d;
	size_t len;

	if (!rest.len || *rest.p != tag)
		return false;
	rest.p++;
	rest.len--;
	if (!read_length(&rest, &len) || len > rest.len)
		return false;
	*ret = (struct der){ rest.p, len };
	*d = (struct der){ rest.p + len, rest.len - len };
	return true;
}

/* The same, of which there must be nothing but this value. */
static bool only(struct der d, enum tag tag, struct der *ret)
{
	return take(&d, tag, ret) && !d.len;
}

static bool take_oid(struct der *d, const unsigned char *oid, size_t len)
{
	struct der is;

	return take(d, OID, &is) && is.len == len && memcmp(is.p, oid, len) == 0;
}

/* An INTEGER of one octet. */
static bool take_small(struct der *d, unsigned char *ret)
{
	struct der n;

	if (!take(d, INTEGER, &n) || n.len != 1)
		return false;
	*ret = *n.p;
	return true;
}

/* MessageImprint: a SHA-256. */
static bool take_imprint(struct der *d, unsigned char hash[AB_SHA256_SIZE])
{
	struct der imprint, algorithm, octets, nothing;

	if (!take(d, SEQUENCE, &imprint) || !take(&imprint, SEQUENCE, &algorithm) ||
	    !only(imprint, OCTETS, &octets) || octets.len != AB_SHA256_SIZE ||
	    !take_oid(&algorithm, sha256_oid, sizeof(sha256_oid)))
		return false;
	if (algorithm.len && (!only(algorithm, NOTHING, &nothing) || nothing.len))
		return false;
	memcpy(hash, octets.p, AB_SHA256_SIZE);
	return true;
}

/* GeneralizedTime as RFC 3161 section 2.4.2 wants it: digits, perhaps a fraction, Z. */
static bool take_time(struct der *d, char out[32])
{
	struct der time;

	if (!take(d, TIME, &time) || time.len < 15 || time.len > 31 || time.p[time.len - 1] != 'Z')
		return false;
	for (size_t i = 0; i + 1 < time.len; i++)
		if ((time.p[i] < '0' || time.p[i] > '9') && !(i == 14 && time.p[i] == '.'))
			return false;
	memcpy(out, time.p, time.len);
	out[time.len] = '\0';
	return true;
}

static bool read_info(struct der d, struct ab_stamp *ret)
{
	struct der info, policy, serial;
	unsigned char version;

	return only(d, SEQUENCE, &info) && take_small(&info, &version) && version == 1 &&
	       take(&info, OID, &policy) && take_imprint(&info, ret->hash) &&
	       take(&info, INTEGER, &serial) && take_time(&info, ret->time);
}

/* TimeStampToken: a CMS SignedData around the TSTInfo. */
static bool read_token(struct der token, struct ab_stamp *ret)
{
	struct der wrapped, data, algorithms, content, octets, info;
	unsigned char version;

	return take_oid(&token, signed_data_oid, sizeof(signed_data_oid)) &&
	       only(token, EXPLICIT_0, &wrapped) && only(wrapped, SEQUENCE, &data) &&
	       take_small(&data, &version) && take(&data, SET, &algorithms) &&
	       take(&data, SEQUENCE, &content) &&
	       take_oid(&content, tst_info_oid, sizeof(tst_info_oid)) &&
	       only(content, EXPLICIT_0, &octets) && only(octets, OCTETS, &info) &&
	       read_info(info, ret);
}

int ab_tsa_read(const void *data, size_t len, struct ab_stamp *ret, struct ab_err *err)
{
	struct der reply, status, token;
	struct ab_stamp stamp = { 0 };
	unsigned char granted;

	if (!only((struct der){ data, len }, SEQUENCE, &reply) ||
	    !take(&reply, SEQUENCE, &status) || !take_small(&status, &granted))
		return ab_err_no(err, "not a reply of a time-stamping authority (RFC 3161, DER)");
	/* granted, or granted with modifications */
	if (granted > 1)
		return ab_err_no(err, "the time-stamping authority refused (status %u)", granted);
	if (!only(reply, SEQUENCE, &token) || !read_token(token, &stamp))
		return ab_err_no(err, "not a time stamp over a SHA-256 (RFC 3161, DER)");
	*ret = stamp;
	return 0;
}

void ab_tsa_query(const unsigned char hash[AB_SHA256_SIZE], struct ab_buf *out)
{
	/* SEQUENCE { 1, SEQUENCE { SEQUENCE { sha256, NULL }, OCTET STRING }, TRUE } */
	static const unsigned char before[] = { SEQUENCE,	   0x39, INTEGER,  1,  1,
						SEQUENCE,	   0x31, SEQUENCE, 13, OID,
						sizeof(sha256_oid) };
	static const unsigned char between[] = { NOTHING, 0, OCTETS, AB_SHA256_SIZE };
	static const unsigned char behind[] = { 0x01, 1, 0xff };

	ab_buf_add(out, before, sizeof(before));
	ab_buf_add(out, sha256_oid, sizeof(sha256_oid));
	ab_buf_add(out, between, sizeof(between));
	ab_buf_add(out, hash, AB_SHA256_SIZE);
	ab_buf_add(out, behind, sizeof(behind));
}
