/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of ab-bundle, each in cmd/bundle/VERB.c. */
#ifndef AB_CMD_BUNDLE_VERBS_H
#define AB_CMD_BUNDLE_VERBS_H

int ab_bundle_main_input(int argc, char *argv[]);

#endif
