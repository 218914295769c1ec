# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154  # output and stderr are set by run
# What tests of ab-jail share: a run that passes, one that fails, and one with a receipt. A test file that has a function
# "left" has it looked at after each: that nothing is left behind.

# gives OUTPUT [OPTION...] -- COMMAND...: it passes with this output.
gives() {
	local want=$1
	shift
	run -0 --separate-stderr ${AS:-} ab-jail "$@" </dev/null
	equals "$output" "$want"
	equals "$stderr" ""
	! declare -F left >/dev/null || left
}

# fails STATUS LINE [OPTION...] -- COMMAND...
fails() {
	local status=$1 line=$2
	shift 2
	run "-$status" --separate-stderr ${AS:-} ab-jail "$@" </dev/null
	equals "$output" ""
	equals "$stderr" "ab-jail: $line"
	! declare -F left >/dev/null || left
}

# with_receipt COMMAND...: its receipt, with all its facts, is in the file receipt; "beside" is there if they stood in a
# file of their own.
with_receipt() {
	[ -e key ] || ab-audit keygen --name test --key ./key >/dev/null
	[ -e log ] || ab-audit init --log ./log --key ./key >/dev/null
	export AB_AUDIT_KEY_FILE=$PWD/key
	eval "$(ab-audit begin --log ./log --type test)"
	"$@" </dev/null
	tail -1 "$AB_RECEIPTS" >receipt
	python3 - "${AB_RECEIPTS%/*}" <<-'P'
		import json, sys
		r = json.load(open("receipt"))
		if "file" in r["facts"]:
		    r["facts"] = json.load(open(sys.argv[1] + "/" + r["facts"]["file"][7:]))
		    json.dump(r, open("receipt", "w"))
		    open("beside", "w")
	P
	rm -r "${AB_RECEIPTS%/*}"
	unset AB_RECEIPTS AB_RUN
	ab-validate --schema "$AB_TOP/schemas/receipt.schema.json" <receipt >/dev/null
}
