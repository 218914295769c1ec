/* SPDX-License-Identifier: Apache-2.0 */
/* ab-bundle: what goes into a run: the input document, and packages of files that cannot lie. */
#include "cmd/bundle/verbs.h"

#include "lib/base/io.h"
#include "lib/base/opt.h"

int main(int argc, char *argv[])
{
	static const struct ab_verb verbs[] = {
		{ "input", ab_bundle_main_input, "build the input document from values and files" },
		{ "create", ab_bundle_main_create, "pack a directory into a bundle" },
		{ "verify", ab_bundle_main_verify, "verify a bundle" },
		{ "extract", ab_bundle_main_extract, "verify a bundle and extract its tree" },
		{ "cat", ab_bundle_main_cat, "verify a bundle and write one file of it" },
		{ "list", ab_bundle_main_list, "verify a bundle and list what is in it" },
		{ "diff", ab_bundle_main_diff, "say what two bundles differ in" },
		{ "sign", ab_bundle_main_sign, "verify a bundle and sign its identity" },
		{ "statement", ab_bundle_main_statement, "describe it as an in-toto statement" },
		{ "oci", ab_bundle_main_oci, "make an OCI image layout of a bundle" },
		{ .name = NULL },
	};

	ab_io_start();
	return ab_verb_main("ab-bundle", "Input documents and packages of files", verbs, argc,
			    argv);
}
