/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bundle/package.h"

#include <string.h>

#include "lib/bundle/apart.h"
#include "lib/bundle/plant.h"
#include "lib/bundle/read.h"

struct extraction {
	int fd;
	const struct ab_bundle_limits *limits;
	const struct ab_bundle_judge *judge;
};

static int extract_into(void *context, int dir, unsigned char identity[AB_SHA256_SIZE],
			struct ab_err *err)
{
	const struct extraction *e = context;
	ab_auto(ab_bundle_free) struct ab_bundle bundle = { 0 };
	ab_auto(ab_plant_close) struct ab_plant plant = AB_PLANT_INIT;
	struct ab_bundle_sink sink = ab_plant_sink(&plant, dir);

	if (ab_bundle_read(e->fd, e->limits, &sink, &bundle, err) < 0 ||
	    ab_plant_links(&plant, &bundle, err) < 0)
		return -1;
	if (e->judge && e->judge->accepts(e->judge->context, bundle.identity, err) < 0)
		return -1;
	memcpy(identity, bundle.identity, AB_SHA256_SIZE);
	return 0;
}

int ab_bundle_extract(int fd, const char *target, const struct ab_bundle_limits *limits,
		      const struct ab_bundle_judge *judge,
		      unsigned char ret_identity[AB_SHA256_SIZE], struct ab_err *err)
{
	struct extraction e = { .fd = fd, .limits = limits, .judge = judge };

	return ab_apart(target, extract_into, &e, ret_identity, err);
}
