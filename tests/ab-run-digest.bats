# SPDX-License-Identifier: Apache-2.0
# spec.agent.digest: printed by --digest, held by a run, looked at by --doctor.
load lib
load workflow

setup() {
	# The agent is not root, and bats' own directory is closed to others.
	TOP=$(mktemp -d /tmp/ab-pinned-XXXXXX)
	chmod 755 "$TOP"
	cd "$TOP" || return 1
	a_log
	workflow pin <<-'P'
		import json, sys
		print(json.dumps({"ok": True, "text": " ".join(sys.argv[1:])}))
	P
	mkdir data && echo one >data/a
	sed -i 's,command: \[./pin.py\],command: [./pin.py]\, readOnly: [data],' pin.yaml
	echo '{"count":1}' >input.json
	IS=$(ab-run --digest ./pin.yaml)
	sed "s/{ command:/{ digest: \"$IS\", command:/" pin.yaml >pinned.yaml
}

teardown() { rm -rf "$TOP"; }

@test "the agent that is pinned runs, and the record says so" {
	[[ $IS =~ ^sha256:[0-9a-f]{64}$ ]]
	ab-run --check ./pinned.yaml
	equals "$(ab-run --digest ./pinned.yaml)" "$IS"
	run -0 --separate-stderr ab-run --input input.json ./pinned.yaml
	equals "$output" '{"ok": true, "text": ""}'
	equals "$(record isolation.digest.how)" "$IS"
	ab-run --print --input input.json ./pinned.yaml >typed
	contains "$(cat typed)" " --digest $IS -- "
	run -0 --separate-stderr sh ./typed
}

@test "arguments, parameters and limits are no part of it, what is shown is" {
	sed -e 's,^spec:,spec:\n  params: { level: { schema: { enum: [low] } } },' -e 's,\[./pin.py\],[./pin.py\, -v\, { param: level }],' \
		-e 's,network_policy: none,max_processes: 9,' pin.yaml >args.yaml
	equals "$(ab-run --digest ./args.yaml)" "$IS"
	sed 's,readOnly: \[data\],readOnly: ["data:/d"],' pin.yaml >other.yaml
	[ "$(ab-run --digest ./other.yaml)" != "$IS" ]
	sed 's,readOnly: \[data\],readOnly: [data]\, models: data,' pin.yaml >other.yaml
	[ "$(ab-run --digest ./other.yaml)" != "$IS" ]
}

@test "another agent is not started; the run is recorded, with both digests" {
	echo two >data/a
	now=$(ab-run --digest ./pinned.yaml)
	run -125 --separate-stderr ab-run --input input.json ./pinned.yaml
	equals "$output" ""
	contains "$stderr" "--digest: the agent is another one: expected $IS, found $now"
	recorded failed "expected $IS, found $now"
	# A file that only its name distinguishes.
	echo one >data/a && touch data/b
	run -125 --separate-stderr ab-run --input input.json ./pinned.yaml
	rm data/b
	run -0 --separate-stderr ab-run --input input.json ./pinned.yaml
}

@test "--doctor tells a pin that holds from one that does not" {
	row() { ab-run --doctor --json "$1" | python3 -c 'import json, sys
print([(r["state"], r["need"], r["reason"].split(":")[0]) for r in json.load(sys.stdin)["checks"] if r["check"] == "agent"])'; }
	contains "$(row ./pin.yaml)" "('degraded', 'advisory', 'not pinned')"
	contains "$(row ./pinned.yaml)" "('pass', 'required', 'agent digest pinned, and it is the one that is there')"
	chmod -x data/a pin.py && chmod +x data/a pin.py
	contains "$(row ./pinned.yaml)" "('fail', 'required', 'agent digest pinned, but another one is there')"
	run -1 ab-run --doctor ./pinned.yaml
	contains "$output" "agent digest pinned, but another one is there: $(ab-run --digest ./pinned.yaml)"
}

@test "what has no digest is told" {
	mkfifo data/pipe
	run -2 --separate-stderr ab-run --digest ./pin.yaml
	equals "$output" ""
	equals "$stderr" "ab-run: ./pin.yaml: /spec/agent: --digest: $TOP/data/pipe: neither a file, a directory nor a link"
	sed '/agent:/d' pin.yaml >none.yaml
	run -2 --separate-stderr ab-run --digest ./none.yaml
	equals "$stderr" "ab-run: ./none.yaml: /spec/agent: missing, so there is no digest"
}
