# SPDX-License-Identifier: Apache-2.0
# ab-run --doctor: what holds is said to hold, and what does not fails by name.
load lib
load workflow

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	a_log
	workflow good "max_runtime_seconds: 5" "max_memory_mb: 64" <<<"print('{\"ok\":true}')"
}

# finds STATUS CHECK STATE PART [WORKFLOW]: --doctor ends so, and has such a row.
finds() {
	run "-$1" --separate-stderr ab-run --doctor --json ${5:-./good.yaml}
	equals "$stderr" ""
	python3 -c 'import json, sys
d = json.loads(sys.argv[1])
rows = [r for r in d["checks"] if r["check"] == sys.argv[2] and r["state"] == sys.argv[3]]
if not any(sys.argv[4] in r.get("at", "") + ": " + r["reason"] for r in rows):
    sys.exit("no such row: %s\n%s" % (sys.argv[2:], json.dumps(d["checks"], indent=1)))
if d["passed"] != (sys.argv[5] == "0"):
    sys.exit("passed: %s" % d["passed"])' "$output" "$2" "$3" "$4" "$1"
	ab-validate --schema "$AB_TOP/schemas/doctor.schema.json" <<<"$output" >/dev/null
}

@test "a sound deployment: the table, and its last line" {
	run -0 --separate-stderr ab-run --doctor ./good.yaml
	equals "$stderr" ""
	equals "${lines[-1]}" "all that is required holds"
	local c
	for c in tools definition shell network files processes rights limits tier key log clock room; do
		grep -qE "^(pass|degraded) +required +$c " <<<"$output"
	done
	! grep -q ^fail <<<"$output"
	run -0 ab-run --doctor
	contains "$output" "all that is required holds"
	contains "$(ab-audit verify)" "0 records"
}

@test "a key that others may read or replace, and none" {
	chmod 640 key
	finds 1 key fail "others may read it"
	chmod 600 key
	chmod 777 .
	finds 1 key fail "others may replace it"
	chmod 755 .
	mv key aside
	finds 1 key fail "No such file or directory"
	ln -s aside key
	finds 1 key fail "not a regular file"
}

@test "a log that is missing, changed, or open to others" {
	ab-run ./good.yaml <<<'{"count":1}' >/dev/null
	finds 0 log pass "2 records"
	chmod 777 log
	finds 1 log fail "others may write to it"
	chmod 755 log
	eval "$(ab-audit begin --type x)"
	finds 1 log fail "has no end"
	ab-audit end --run "$AB_RUN"
	unset AB_RUN AB_RECEIPTS
	finds 0 log pass verifies
	mv log aside
	finds 1 log fail "no log"
}

@test "a clock that is behind the log" {
	touch -d "1 year" log/checkpoint
	finds 1 clock fail "behind the log's newest checkpoint"
}

@test "a shell that the agent would see" {
	mkdir -p lib/deep
	cp /bin/true lib/deep/busybox
	sed 's/{ command:/{ readOnly: [lib], command:/' good.yaml >shell.yaml
	finds 1 shell fail "among spec.agent.readOnly" ./shell.yaml
	chmod 644 lib/deep/busybox
	finds 0 shell pass "no shell" ./shell.yaml
	printf '#!/usr/bin/env bash\n' >s.py
	chmod 755 s.py
	sed 's/good.py/s.py/' good.yaml >script.yaml
	finds 1 shell fail "script of one" ./script.yaml
}

@test "what a definition leaves open" {
	finds 0 agent degraded "/spec/agent/digest: not pinned"
	finds 0 limits pass "max_runtime_seconds is set"
	finds 0 schema degraded "/spec/output/schema/properties/text: output: a string without maxLength"
	finds 0 schema degraded "/spec/input/schema: input: an object that is open to additional properties"
	sed 's/type: integer } }/type: whole } }/' good.yaml >bad.yaml
	finds 1 definition fail "/spec/input" ./bad.yaml
	sed '/agent:/d' good.yaml >none.yaml
	finds 1 agent fail "missing" ./none.yaml
	run -2 --separate-stderr ab-run --doctor ./absent.yaml
	equals "$stderr" "ab-run: ./absent.yaml: No such file or directory"
}

# schema TEXT WANT...: the findings of an output schema that a file holds, "POINTER REASON" a line.
schema() {
	printf '%s' "$1" >out.json
	sed -e '/^  output:/,/^  constraints:/{/^  constraints:/!d}' -e 's,^  constraints:,  output: { schemaFile: out.json }\n&,' good.yaml >s.yaml
	run ab-run --doctor --json ./s.yaml # a reference that leads nowhere is no sound definition
	python3 -c 'import json, sys
for r in json.loads(sys.argv[1])["checks"]:
    if r["check"] == "schema" and r["reason"].startswith("output: "):
        print((r.get("at", "-") + " " + r["reason"][8:]).strip())' "$output" >found
	equals "$(cat found)" "$2"
}

@test "how strict a schema is: each place by its pointer" {
	schema 'true' "any value is allowed"
	schema '{}' "any value is allowed"
	schema '{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":{"type":"string","maxLength":5},"b":{"enum":["x"]},"c":{"const":1}}}' "- strict"
	schema '{"type":"object","additionalProperties":false,"properties":{"a/b~":{"type":["string","null"]}}}' \
		$'an object that requires nothing\n/properties/a~1b~0 a string without maxLength'
	schema '{"type":"array"}' $'an array without maxItems\nan array of anything'
	schema '{"type":"array","maxItems":3,"items":{"$ref":"#/$defs/s"},"$defs":{"s":{"type":"string"}}}' '/$defs/s a string without maxLength'
	schema '{"type":"array","maxItems":3,"items":{"$ref":"other.json"}}' '/items $ref to what is not looked at here'
	schema '{"$ref":"#/$defs/t","$defs":{"t":{"type":"array","maxItems":2,"items":{"$ref":"#/$defs/t"}}}}' "- strict"
	schema '{"type":"object","unevaluatedProperties":false,"required":["a"],"allOf":[{"type":"object","properties":{"a":{"type":"string"}}}]}' \
		"/allOf/0/properties/a a string without maxLength"
	schema '{"type":"array","maxItems":1,"items":false,"prefixItems":[{"type":"string"}]}' "/prefixItems/0 a string without maxLength"
}

@test "a tool that is missing, or of another version" {
	cp -r "$AB_BUILD/bin" bin
	mkdir share
	ln -s "$AB_BUILD/share/agentbox" share/agentbox
	run -0 bin/ab-run --doctor
	rm bin/ab-bundle
	run -1 bin/ab-run --doctor
	contains "$output" "ab-bundle: "
	printf '#!/bin/sh\necho ab-bundle 0.0.1\n' >bin/ab-bundle
	chmod 755 bin/ab-bundle
	run -1 bin/ab-run --doctor
	contains "$output" "ab-bundle: of another version than ab-run"
}

@test "where no namespace can be made the jail fails, with what to do" {
	run -1 --separate-stderr "$AB_BUILD/agents/contain" ab-run --doctor --json ./good.yaml
	python3 -c 'import json, sys
rows = {r["check"]: r for r in json.loads(sys.argv[1])["checks"] if r["state"] == "fail"}
assert "jail" in rows and rows["jail"]["need"] == "required" and rows["jail"]["do"], rows
assert "key" not in rows and "log" not in rows, rows' "$output"
}

@test "a jail without one of its layers is seen" {
	cp -r "$AB_BUILD/bin" bin
	mkdir share
	ln -s "$AB_BUILD/share/agentbox" share/agentbox
	cp "$AB_BUILD/weak/bin/ab-jail" bin/ab-jail
	run -0 bin/ab-run --doctor
	run -1 env AB_WEAKEN=seccomp bin/ab-run --doctor --json
	contains "$output" '"state":"fail"'
}
