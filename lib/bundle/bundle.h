/* SPDX-License-Identifier: Apache-2.0 */
/* The door of the room: the input document, and bundles of files. */
#ifndef AB_BUNDLE_BUNDLE_H
#define AB_BUNDLE_BUNDLE_H

#include "lib/bundle/input.h"
#include "lib/bundle/package.h"

#endif
