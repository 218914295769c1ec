# SPDX-License-Identifier: Apache-2.0
# --param: what the definition declares, checked, in its place, and in the record.
load lib
load workflow

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	a_log
	workflow p <<-'P'
		import json, os, sys
		print(json.dumps({"ok": True, "text": " ".join(sys.argv[1:]) + " " + os.environ.get("WHO", "")}))
	P
	sed -i -e 's,command: \[./p.py\],command: [./p.py\, --level\, { param: level }]\, env: [{ name: WHO\, param: who }],' \
		-e 's,^spec:,spec:\n  params: { level: { schema: { enum: [low\, high] }\, default: low }\, who: { schema: { pattern: "^[a-z ;$]+$" } } },' p.yaml
	echo '{"count":1}' >input.json
}

@test "a value is one word, whatever is in it, and the record has it" {
	run -0 --separate-stderr ab-run --param 'who=a b;$' --input input.json ./p.yaml
	equals "$output" '{"ok": true, "text": "--level low a b;$"}'
	equals "$stderr" ""
	equals "$(record params)" '{"level": "low", "who": "a b;$"}'
	recorded passed ""
	run -0 --separate-stderr ab-run --param level=high --param who=x --input input.json ./p.yaml
	equals "$output" '{"ok": true, "text": "--level high x"}'
	ab-run --print --param 'who=a b;$' --input input.json ./p.yaml >typed
	run -0 --separate-stderr sh ./typed
	equals "$output" '{"ok": true, "text": "--level low a b;$"}'
}

@test "what is not declared, missing, given twice or not as its schema wants starts nothing" {
	local before
	bad() { # WANT OPTION...
		local want=$1
		shift
		run -2 --separate-stderr ab-run "$@" --input input.json ./p.yaml
		equals "$output" ""
		contains "$stderr" "ab-run: --param: $want"
		contains "$(ab-audit verify)" "0 records"
	}
	bad "who: required by ./p.yaml" --param level=low
	bad "other: not declared by ./p.yaml" --param other=1
	bad "who: given twice" --param who=a --param who=b
	bad "who: 1:1: pattern" --param who=A
	bad "level: 1:1: enum" --param level=mid --param who=a
	bad "expected NAME=VALUE" --param who
	bad "who: not UTF-8" --param who=$'\xff'
}

@test "a parameter has no place but an argument or a variable" {
	local good
	good=$(cat p.yaml)
	wrong() { # SED WANT
		sed "$1" <<<"$good" >wrong.yaml
		! cmp -s p.yaml wrong.yaml
		run -2 --separate-stderr ab-run --check ./wrong.yaml
		contains "$stderr" "ab-run: ./wrong.yaml: $2"
		run -1 ab-validate --schema "$AB_TOP/schemas/workflow.schema.json" wrong.yaml
	}
	wrong 's,\[./p.py,[{ param: level },' "/spec/agent/command/0: expected a string"
	wrong 's,{ command:,{ readOnly: [{ param: level }]\, command:,' "/spec/agent/readOnly/0: expected a string"
	wrong 's,  constraints:,  constraints:\n    max_memory_mb: { param: level },' "/spec/constraints/max_memory_mb: expected an integer"
	wrong 's,  constraints:,  scrub: { output: { param: level } }\n&,' "/spec/scrub/output"
	wrong 's,  constraints:,  audit: { log: { param: level } }\n&,' "/spec/audit/log"
	wrong 's,{ param: level },{ param: level\, more: 1 },' "/spec/agent/command/2/more: unknown key"
	wrong 's,name: WHO,name: 1WHO,' "/spec/agent/env/0: expected the name of a variable"
	sed 's,param: level,param: levl,' p.yaml >wrong.yaml
	run -2 --separate-stderr ab-run --check ./wrong.yaml
	equals "$stderr" "ab-run: ./wrong.yaml: /spec/agent/command/2/param: levl is not declared in spec.params"
	sed 's,default: low,default: mid,' p.yaml >wrong.yaml
	run -2 --separate-stderr ab-run --check ./wrong.yaml
	contains "$stderr" "/spec/params: default: level: "
	run -0 ab-run --check ./p.yaml
	run -0 ab-run --explain ./p.yaml
	contains "$output" "--level <level>"
	contains "$output" "WHO=<who>"
}
