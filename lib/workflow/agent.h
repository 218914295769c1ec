/* SPDX-License-Identifier: Apache-2.0 */
/* spec.agent, for the reader of definitions. */
#ifndef AB_WORKFLOW_AGENT_H
#define AB_WORKFLOW_AGENT_H

#include "lib/workflow/part.h"

/* Takes it from `spec`; there need not be one. */
int ab_agent_take(const struct ab_part *spec);

#endif
