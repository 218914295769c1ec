/* SPDX-License-Identifier: Apache-2.0 */
/* A policy of any bytes: refused, or loaded and used on a text, never a fault. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/hold.h"
#include "lib/scrub/scrub.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const char text[128 + AB_HOLD_PAD] =
		"{\"a\":\"eval(x) http://b.example 4111111111111111\"}";
	struct ab_scrub_result r = { 0 };
	struct ab_scrub_policy *policy;
	struct ab_err err = { 0 };
	char path[32];
	int fd = memfd_create("policy", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd); /* fits */
	policy = ab_scrub_policy_load(path, false, &err);
	if (policy && ab_scrub_scan(policy, AB_SCRUB_AUTO, (const unsigned char *)text,
				    strlen(text), &r, &err) == 0)
		(void)ab_scrub_blocker(&r);
	ab_scrub_result_free(&r);
	ab_scrub_policy_free(policy);
	(void)close(fd);
	return 0;
}
