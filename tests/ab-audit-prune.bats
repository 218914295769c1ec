#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ab-audit prune: blobs go when a written policy says so, records stay.
load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ab-audit keygen --name example.org/ab --key k >/dev/null
	ab-audit init --log L --key k
	export AB_AUDIT_LOG=$PWD/L AB_AUDIT_KEY_FILE=$PWD/k
}

blobs() { find L/blobs -type f | wc -l; }

@test "the first rule that is about a blob decides, and its tombstone says which policy" {
	for type in short long other; do echo "{\"name\": \"Eve $type\"}" | ab-audit record --blob --type $type >/dev/null; done
	echo '{"name": "in the record"}' | ab-audit record --type short >/dev/null
	cat >policy.yaml <<'P'
version: 1
rules:
  - type: short
    fields: [data]
    keep_days: 0
    reason: not needed any more
  - kind: event
    type: long
    keep_days: 3650
    reason: ten years
P
	run -0 --separate-stderr ab-audit prune --policy policy.yaml --dry-run
	equals "$(blobs)" 3
	equals "${#lines[@]}" 1
	contains "$output" '"index":0,"policy":"sha256:'
	planned=$output
	run -0 ab-audit verify --min-size 4
	run -0 --separate-stderr ab-audit prune --policy policy.yaml
	equals "$output" "$planned"
	equals "$(blobs)" 2
	run -1 grep -rq "Eve short" L
	contains "$(ab-audit show)" '"reason": "not needed any more"'
	contains "$(ab-audit show)" "\"policy\": \"$(echo "$planned" | grep -o '"policy":"[^"]*' | cut -d'"' -f4)\""
	# The hash is of the canonical form: of what the policy says, not how it is spelt.
	python3 -c 'import hashlib,json
p={"version":1,"rules":[{"type":"short","fields":["data"],"keep_days":0,"reason":"not needed any more"},{"kind":"event","type":"long","keep_days":3650,"reason":"ten years"}]}
print("sha256:"+hashlib.sha256(json.dumps(p,sort_keys=True,separators=(",",":")).encode()).hexdigest())' >hash
	contains "$planned" "$(cat hash)"
	run -0 --separate-stderr ab-audit verify --min-size 5
	contains "$output" "1 redacted: blobs that are gone, each with its tombstone"
	# Once is enough.
	run -0 --separate-stderr ab-audit prune --policy policy.yaml
	equals "$output" ""
	run -0 --separate-stderr ab-audit verify
	contains "$output" "good: 5 records"
	[ -x "$AB_BUILD/bin/ab-validate" ] || return 0
	ab-audit show | ab-validate --schema "$AB_TOP/schemas/event-record.schema.json" >/dev/null
	python3 -c 'import json;json.dump({"version":1,"rules":[{"keep_days":1,"reason":"r"}]},open("p.json","w"))'
	ab-validate --schema "$AB_TOP/schemas/retention.schema.json" <p.json >/dev/null
}

@test "parts of executions go by their verdict and name" {
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 0700 run
	eval "$(ab-audit begin --type t)"
	python3 - "$AB_RUN" >>"$AB_RECEIPTS" <<'P'
import json, sys
d = {"bytes": 0, "sha256": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
print(json.dumps({"duration_ms": 1, "exit": 0, "facts": {"files_changed": [{"path": "f%d" % i} for i in range(2500)]},
    "in": d, "out": d, "run": sys.argv[1], "tool": "ab-jail", "verdict": "passed", "version": "0.1.0"}, separators=(",", ":"), sort_keys=True))
P
	ab-audit append --expect jail </dev/null
	equals "$(blobs)" 2
	echo '{"version":1,"rules":[{"verdict":"failed","keep_days":0,"reason":"x"}]}' >p.json
	run -0 --separate-stderr ab-audit prune --policy p.json
	equals "$output" ""
	echo '{"version":1,"rules":[{"verdict":"passed","fields":["receipts"],"keep_days":0,"reason":"x"}]}' >p.json
	ab-audit prune --policy p.json >/dev/null
	equals "$(blobs)" 1
	run -0 ab-audit verify
}

@test "a policy that is wrong is refused with its place" {
	local bad
	while IFS='|' read -r bad why; do
		echo "$bad" >p.json
		run -2 --separate-stderr ab-audit prune --policy p.json
		equals "$stderr" "ab-audit: p.json: $why"
	done <<'P'
{"version":2,"rules":[]}|/version: expected 1
{"version":1,"rules":[{"keep_days":1}]}|/rules/0: missing key 'reason'
{"version":1,"rules":[{"keep_days":-1,"reason":"r"}]}|/rules/0/keep_days: expected 0 to 36500
{"version":1,"rules":[{"keep_days":1,"reason":"r","verdict":"good"}]}|/rules/0/verdict: expected a verdict
{"version":1,"rules":[{"keep_days":1,"reason":"r","kind":"started"}]}|/rules/0/kind: expected execution or event
{"version":1,"rules":[{"keep_days":1,"reason":"r","keepdays":1}]}|/rules/0/keepdays: unknown key (did you mean keep_days?)
{"version":1,"rules":[{"keep_days":1,"reason":"r","fields":[]}]}|/rules/0/fields: expected at least one name
P
	run -2 --separate-stderr ab-audit prune
}
