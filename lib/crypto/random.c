/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/random.h"

#include <errno.h>
#include <sys/random.h>

#include "lib/crypto/text.h"

int ab_random(void *out, size_t len, struct ab_err *err)
{
	unsigned char *p = out;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ab_err_sys(err, "getrandom");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int ab_random_uuid(char out[AB_UUID_TEXT], struct ab_err *err)
{
	static const unsigned char groups[] = { 4, 2, 2, 2, 6 };
	unsigned char bytes[16];
	const unsigned char *from = bytes;
	char *to = out;

	if (ab_random(bytes, sizeof(bytes), err) < 0)
		return -1;
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(groups); i++) {
		ab_hex_encode(from, groups[i], to);
		from += groups[i];
		to += 2 * groups[i];
		*to++ = '-';
	}
	to[-1] = '\0';
	return 0;
}
