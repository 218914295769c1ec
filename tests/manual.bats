# SPDX-License-Identifier: Apache-2.0
# The pages that are no tool's own: what they show happens, and they name what the schemas say.
load lib

manual=$BATS_TEST_DIRNAME/manual.py

@test "the examples of the pages of sections 5 and 7 run as written" {
	local page
	for page in "$AB_TOP"/man/*.[57]; do
		"$manual" examples "$AB_BUILD/bin" "$page"
	done
}

@test "each key of a format's schemas is named in its page, and no other key has an entry" {
	run -0 "$manual" keys "$AB_TOP/schemas" "$AB_TOP/man"
	equals "$output" ""
}

@test "the check of the keys sees a missing and an invented one" {
	cp -r "$AB_TOP/man" "$AB_TOP/schemas" "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	sed -i 's/"tmp_mb"/"scratch_mb"/' schemas/workflow.schema.json
	sed -i 's/^\.It Cm preview$/.It Cm review/' man/ab-policy.5
	sed -i '/^\.It Cm _type$/d' man/ab-record.5
	run -1 "$manual" keys schemas man
	equals "$output" "ab-workflow.5: the key scratch_mb is not named
ab-workflow.5: tmp_mb is no key of workflow
ab-policy.5: the key preview is not named
ab-policy.5: review is no key of policy or finding
ab-record.5: the key _type is not named"
}

@test "each reference to a page of ours leads to one" {
	local page name section bad=""
	for page in "$AB_TOP"/man/*.[157]; do
		while read -r _ name section _; do
			[ -e "$AB_TOP/man/$name.$section" ] || bad+="${page##*/}: $name($section) "
		done < <(grep -E '^\.Xr (ab-|agentbox)' "$page")
	done
	equals "$bad" ""
}

@test "what a stranger does by ab-security(7) sees a changed entry, root, answer and blob" {
	cd "$BATS_TEST_TMPDIR"
	needs openssl
	local change
	# Each: a change of what the stranger was given, made where the example says that nothing of ours is used.
	for change in 'sed -i s/review/reviex/ log/tile/entries/000.p/*' "sed -i '3s/^./-/' log/checkpoint" 'echo x >>answer' 'for b in log/blobs/*; do echo x >>$b; done'; do
		CHANGE=$change python3 - "$AB_TOP/man/ab-security.7" >page <<-'P'
			import os, sys
			text = open(sys.argv[1]).read()
			at = "$ # From here on"
			assert text.count(at) == 1
			print(text.replace(at, "$ " + os.environ["CHANGE"] + "\n" + at), end="")
		P
		run -1 "$manual" examples "$AB_BUILD/bin" page
		contains "$output" "--- got"
	done
}
