# SPDX-License-Identifier: Apache-2.0
# ab-run: definitions, the printed pipeline, and that nothing runs where something is wrong.
load lib
load workflow

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	a_log
	workflow good <<-'P'
		print('{"ok":true}')
	P
}

# nothing_ran: the log holds no record at all.
nothing_ran() { contains "$(ab-audit verify)" "0 records"; }

# broken SED WANT: the good definition, changed, is refused with this message by a run and by --check.
broken() {
	sed "$1" good.yaml >broken.yaml
	! cmp -s good.yaml broken.yaml
	run -2 --separate-stderr ab-run --check ./broken.yaml
	equals "$stderr" "ab-run: ./broken.yaml: $2"
	run -2 --separate-stderr ab-run ./broken.yaml </dev/null
	equals "$output" ""
	equals "$stderr" "ab-run: ./broken.yaml: $2"
	nothing_ran
}

@test "a definition with an unknown key is refused by its place" {
	broken 's/metadata: {/metadata: { extra: 1,/' "/metadata/extra: unknown key"
	broken 's/  constraints:/  constraint:/' "/spec/constraint: unknown key (did you mean constraints?)"
	broken 's/network_policy/network_polcy/' "/spec/constraints/network_polcy: unknown key (did you mean network_policy?)"
	broken 's/{ command:/{ shell: true, command:/' "/spec/agent/shell: unknown key"
}

@test "a definition without a schema is refused" {
	broken 's/input: { schema:/input: { schemaFil:/' "/spec/input/schemaFil: unknown key (did you mean schemaFile?)"
	broken 's/^  input: .*/  input: {}/' "/spec/input/schema: missing"
	sed 's/^  input: .*//' good.yaml >broken.yaml
	run -2 --separate-stderr ab-run ./broken.yaml </dev/null
	contains "$stderr" "./broken.yaml: /spec"
	contains "$stderr" "input"
	nothing_ran
}

@test "a bad size is refused" {
	broken 's/network_policy: none/max_memory_mb: 0/' "/spec/constraints/max_memory_mb: expected an integer from 16 to 1048576"
	broken 's/network_policy: none/max_runtime_seconds: 1.5/' "/spec/constraints/max_runtime_seconds: expected an integer from 1 to 604800"
	broken 's/network_policy: none/max_runtime_seconds: "5m"/' "/spec/constraints/max_runtime_seconds: expected an integer from 1 to 604800"
}

@test "a network or a writable file system cannot be asked for" {
	broken 's/network_policy: none/network_policy: host/' '/spec/constraints/network_policy: expected "none"'
	broken 's/network_policy: none/filesystem: read-write/' '/spec/constraints/filesystem: expected "read-only"'
}

@test "what an agent is shown has its form" {
	broken 's/{ command:/{ models: [x], command:/' "/spec/agent/models: expected a string, not an array"
	broken 's/{ command:/{ workspace: "", command:/' "/spec/agent/workspace: expected a directory"
	broken 's/{ command:/{ digest: d, command:/' '/spec/agent/digest: expected "sha256:" and 64 digits of 0-9 and a-f'
}

@test "a definition that is not YAML is refused at its line" {
	printf 'a: [1\nb: 2\n' >broken.yaml
	run -2 --separate-stderr ab-run --check ./broken.yaml
	contains "$stderr" "ab-run: ./broken.yaml: 2:"
	printf '{"a":1,"a":2}' >broken.json
	run -2 --separate-stderr ab-run --check ./broken.json
	contains "$stderr" "ab-run: ./broken.json: 1:"
}

@test "--check finds a schema, a policy or an agent that cannot be used" {
	run -0 --separate-stderr ab-run --check ./good.yaml
	equals "$output$stderr" ""
	sed 's/{ count: { type: integer } }/{ count: { type: whole } }/' good.yaml >broken.yaml
	run -2 --separate-stderr ab-run --check ./broken.yaml
	contains "$stderr" "ab-run: ./broken.yaml: /spec/input: "
	equals "$(wc -l <<<"$stderr")" 1
	sed 's/^  constraints:/  scrub: { output: no-such-policy }\n  constraints:/' good.yaml >broken.yaml
	run -2 --separate-stderr ab-run --check ./broken.yaml
	contains "$stderr" "ab-run: ./broken.yaml: /spec/scrub/output: "
	sed 's/command: .*]/command: [.\/absent.py]/' good.yaml >broken.yaml
	run -2 --separate-stderr ab-run --check ./broken.yaml
	equals "$stderr" "ab-run: ./broken.yaml: /spec/agent/command: $PWD/./absent.py: No such file or directory"
	sed 's/{ command:/{ readOnly: [lib], command:/' good.yaml >broken.yaml
	run -2 --separate-stderr ab-run --check ./broken.yaml
	equals "$stderr" "ab-run: ./broken.yaml: /spec/agent/readOnly: $PWD/lib: No such file or directory"
	nothing_ran
}

@test "our workflows pass --check, and ab-validate holds them against the schema of definitions" {
	for w in "$AB_TOP"/share/workflows/*/workflow.yaml; do
		run -0 --separate-stderr ab-run --check "$w"
		equals "$output$stderr" ""
		run -0 --separate-stderr ab-run --check "$(basename "$(dirname "$w")")"
	done
}

@test "the schema of definitions accepts and refuses what ab-run does" {
	yaml() { python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1]))))' "$1"; }
	local schema=$AB_TOP/schemas/workflow.schema.json
	one() { # STATUS SPEC
		printf '{"apiVersion":"agent.platform/v1","kind":"AgentWorkflow","metadata":{"name":"x"},"spec":%s}' "$2" >d.json
		run "-$1" ab-validate --schema "$schema" d.json
		run "-$(($1 * 2))" ab-run --explain ./d.json
	}
	one 0 '{"input":{"schema":{}},"output":{"schema":true}}'
	one 0 '{"input":{"schemaFile":"a.json"},"output":{"schema":true},"agent":{"command":["x"]},"constraints":{"tmp_mb":5},"scrub":{"input":"p"},"audit":{"log":"l"}}'
	one 1 '{"input":{"schema":{}}}'
	one 1 '{"input":{"schema":{},"schemaFile":"x"},"output":{"schema":true}}'
	one 1 '{"input":{"schema":{}},"output":{"schema":true},"other":1}'
	one 1 '{"input":{"schema":{}},"output":{"schema":true},"constraints":{"tmp_mb":0}}'
	one 1 '{"input":{"schema":{}},"output":{"schema":true},"agent":{"command":[]}}'
	one 0 '{"input":{"schema":{}},"output":{"schema":true},"agent":{"command":["x"],"models":"m","workspace":"w:/w"},"constraints":{"cpus":0.125}}'
	one 1 '{"input":{"schema":{}},"output":{"schema":true},"agent":{"command":["x"],"models":""}}'
	one 1 '{"input":{"schema":{}},"output":{"schema":true},"agent":{"command":["x"],"workspace":":/w"}}'
	one 1 '{"input":{"schema":{}},"output":{"schema":true},"agent":{"command":["x"],"digest":"sha256:AB"}}'
	one 1 '{"input":{"schema":{}},"output":{"schema":true},"constraints":{"cpus":0.009}}'
	one 1 '{"input":{"schema":{}},"output":{"schema":true},"constraints":{"cpus":0.1239}}'
}

@test "the platform's reference definition works unchanged, but for a run" {
	local reference=$AB_SHARED/data/reference/code-review.yaml
	[ -e "$reference" ] || skip "no reference data"
	cp "$reference" reference.yaml
	run -0 --separate-stderr ab-run --check ./reference.yaml
	equals "$output$stderr" ""
	run -0 --separate-stderr ab-run --explain ./reference.yaml
	contains "$output" "none, so it cannot run"
	run -2 --separate-stderr ab-run ./reference.yaml </dev/null
	equals "$stderr" "ab-run: ./reference.yaml: /spec/agent: missing, so there is nothing to run"
	nothing_ran
}

@test "a workflow is a name of ours or a file" {
	run -2 --separate-stderr ab-run --check no-such
	equals "$stderr" "ab-run: no-such: no such workflow"
	run -2 --separate-stderr ab-run --check ./no-such
	equals "$stderr" "ab-run: ./no-such: No such file or directory"
	run -2 --separate-stderr ab-run --check ../x/
	run -2 --separate-stderr ab-run --check .
	equals "$stderr" "ab-run: .: no such file, and not the name of a workflow"
	run -0 --separate-stderr ab-run --check good.yaml
}

@test "the printed pipeline, typed into a shell, does what the run does" {
	echo '{"count":1}' >"an input.json"
	run -0 --separate-stderr ab-run --input "an input.json" ./good.yaml
	equals "$output" '{"ok":true}'
	equals "$stderr" ""
	ab-run --print --input "an input.json" ./good.yaml >typed
	equals "$(grep -c ' |$' typed)" 4
	run -0 --separate-stderr sh ./typed
	equals "$output" '{"ok":true}'
	equals "$(record verdict 1)" passed
	equals "$(record verdict 3)" passed
	equals "$(record input_hash 1)" "$(record input_hash 3)"
	run -0 ab-audit verify
}

@test "input comes from stdin too, and a missing file starts nothing" {
	run -0 --separate-stderr ab-run ./good.yaml <<<'{"count":1}'
	equals "$output" '{"ok":true}'
	run -2 --separate-stderr ab-run --input absent ./good.yaml
	equals "$stderr" "ab-run: absent: No such file or directory"
	contains "$(ab-audit verify)" "2 records"
}

@test "without a log or a key nothing runs" {
	unset AB_AUDIT_LOG AB_AUDIT_KEY_FILE
	run -2 --separate-stderr ab-run ./good.yaml <<<'{"count":1}'
	equals "$output" ""
	contains "$stderr" "ab-audit keygen"
	contains "$stderr" "ab-audit init"
	[ ! -e "$XDG_STATE_HOME" ]
}

@test "options win over the definition, which wins over the environment" {
	mkdir other
	(cd other && a_log)
	sed 's/^  constraints:/  audit: { log: other\/log, key: other\/key }\n  constraints:/' good.yaml >audit.yaml
	run -0 ab-run ./audit.yaml <<<'{"count":1}'
	contains "$(ab-audit verify --log other/log)" "2 records"
	nothing_ran
	run -0 ab-run --log log --key key ./audit.yaml <<<'{"count":1}'
	contains "$(ab-audit verify)" "2 records"
}

@test "a stage is never looked for by PATH" {
	mkdir bin
	for t in ab-audit ab-validate ab-jail ab-scrub; do
		printf '#!/bin/sh\ntouch %s/used\n' "$PWD" >"bin/$t"
		chmod 755 "bin/$t"
	done
	PATH=$PWD/bin:$PATH run -0 "$AB_BUILD/bin/ab-run" ./good.yaml <<<'{"count":1}'
	[ ! -e used ]
}

@test "descriptors that we inherited do not reach the agent" {
	printf 'secret\n' >secret
	workflow fds <<-'P'
		import os, sys
		print('{"ok":%s}' % str(sorted(os.listdir("/proc/self/fd")) in (["0", "1", "2", "3"], ["0", "1", "2"])).lower())
	P
	run -0 ab-run ./fds.yaml <<<'{"count":1}' 7<secret
	equals "$output" '{"ok":true}'
}
