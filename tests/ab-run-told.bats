# SPDX-License-Identifier: Apache-2.0
# What ab-run says of a run: --json, and all that passed, --keep.
load lib
load workflow

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	a_log
	workflow good <<-'P'
		import sys
		sys.stderr.write("a word")
		print('{"ok":true}')
	P
	echo '{"count":1}' >input.json
}

# said EXPRESSION: of the one line of JSON on stderr, `d`, which its schema accepts.
said() {
	equals "$(wc -l <<<"$stderr")" 1
	run -0 ab-validate --schema "$AB_TOP/schemas/run-summary.schema.json" <<<"$stderr"
	python3 -c 'import json, sys
d = json.loads(sys.argv[1])
s = {x["stage"]: x for x in d.get("stages", [])}
if not eval(sys.argv[2]):
    sys.exit("not so: %s\n%s" % (sys.argv[2], json.dumps(d, indent=1)))' "$stderr" "$1"
}

@test "--json: a run that passed, its stages, its records" {
	run -0 --separate-stderr ab-run --json --input input.json ./good.yaml
	equals "$output" '{"ok":true}'
	local err=$stderr
	said 'd["exit"] == 0 and d["verdict"] == "passed" and d["workflow"] == "good" and "reason" not in d'
	stderr=$err
	said 'list(s) == ["begin", "validate:input", "jail", "scrub:output", "validate:output", "append"]'
	stderr=$err
	said 'all(x["verdict"] == "passed" and x["exit"] == 0 for n, x in s.items() if n not in ("begin", "append"))'
	stderr=$err
	said 's["jail"]["in"]["bytes"] == 12 and s["jail"]["out"] == s["scrub:output"]["in"] == s["validate:output"]["out"]'
	stderr=$err
	said 'all(x["used"]["cpu_us"] > 0 and 0 < x["used"]["memory_kb"] < 40960 and x["used"]["wall_us"] <= d["duration_us"] for x in s.values())'
	stderr=$err
	said 'd["record"] == {"origin": "example.org/run", "started": 0, "ended": 1}'
	equals "$(record run 1)" "$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["run"])' "$err")"
}

@test "--json: refused, failed, timed out, no such thing" {
	run -1 --separate-stderr ab-run --json ./good.yaml <<<'{"count":"x"}'
	said 'd["exit"] == 1 and d["verdict"] == "refused" and d["stage"] == "validate:input" and "/count" in d["reason"] and d["record"]["ended"] == 1'
	workflow slow "max_runtime_seconds: 1" <<<"import time; time.sleep(50)"
	run -124 --separate-stderr ab-run --json ./slow.yaml <input.json
	said 'd["exit"] == 124 and d["verdict"] == "timeout" and d["stage"] == "jail" and s["jail"]["verdict"] == "timeout"'
	run -2 --separate-stderr ab-run --json ./absent.yaml <input.json
	said 'd == {"workflow": "./absent.yaml", "exit": 2, "verdict": "failed", "reason": "./absent.yaml: No such file or directory"}'
	run -2 --separate-stderr ab-run --json --log nolog ./good.yaml <input.json
	said 'd["exit"] == 2 and "ab-audit init" in d["reason"] and "run" not in d and [x["stage"] for x in d["stages"]] == ["begin"]'
}

@test "--json: a stage that was killed, and a run without an end" {
	local stage n
	for stage in ab-scrub "ab-audit append"; do
		rm -f fifo
		mkfifo fifo
		ab-run --json ./good.yaml <fifo >out 2>err &
		pid=$!
		exec 9>fifo
		# shellcheck disable=SC2086
		child "$pid" $stage
		kill -9 "$found"
		n=0
		wait "$pid" || n=$? # the others are ended, though there is no end of the input
		exec 9>&-
		equals "$n" 3
		[ ! -s out ]
		stderr=$(cat err)
		said 'd["exit"] == 3 and d["verdict"] == "failed"'
	done
	stderr=$(cat err)
	said '"ended" not in d["record"] and "ab-audit end" in d["reason"] and s["append"]["exit"] == 137'
}

@test "a run that was left without an end names the command that gives it one, which does" {
	mkfifo fifo
	ab-run ./good.yaml <fifo >out 2>err &
	pid=$!
	exec 9>fifo
	child "$pid" ab-audit append
	kill -9 "$found"
	exec 9>&-
	wait "$pid" || true
	run -0 cat err
	contains "$output" "ab-run: no output: ab-audit append died: killed by signal 9; to give the run an end: ab-audit end --run "
	run -1 ab-audit verify
	bash -c "$(sed 's/.*an end: //' err)"
	ab-audit verify
	recorded interrupted "ended by hand"
}

@test "--keep: all that passed, and who may read it" {
	run -0 --separate-stderr ab-run --keep kept --input input.json ./good.yaml
	equals "$output" '{"ok":true}'
	equals "$stderr" "ab-run: kept holds all that passed, also what was refused or redacted: look at it with care, and remove it"
	equals "$(ls kept)" $'0-input\n1-validate-input\n2-jail\n3-scrub-output\n4-validate-output\nagent.stderr\npipeline.sh\nreceipts.ndjson\nsummary.json'
	equals "$(stat -c %a kept kept/* | sort -u)" $'600\n700'
	cmp input.json kept/0-input
	cmp input.json kept/1-validate-input
	equals "$(cat kept/2-jail)" '{"ok":true}'
	equals "$(cat kept/4-validate-output)" '{"ok":true}'
	equals "$(cat kept/agent.stderr)" "a word"
	equals "$(wc -l <kept/receipts.ndjson)" 4
	ab-validate --schema "$AB_TOP/schemas/run-summary.schema.json" kept/summary.json >/dev/null
	ab-validate --lines --schema "$AB_TOP/schemas/receipt.schema.json" kept/receipts.ndjson >/dev/null
	recorded passed ""
}

@test "--keep: what was refused is there, and what followed is empty" {
	workflow bad <<<"print('{\"ok\":\"SECRET\"}')"
	run -1 --separate-stderr ab-run --keep kept --input input.json ./bad.yaml
	equals "$output" ""
	equals "$(cat kept/2-jail)" '{"ok":"SECRET"}'
	[ ! -s kept/4-validate-output ]
	contains "$(cat kept/4-validate-output.stderr)" "/ok"
	recorded refused "stage validate:output refused"
}

@test "--keep: a large document, and one that a stage does not take" {
	python3 -c 'print("{\"count\":1,\"more\":\"" + "x" * 3000000 + "\"}")' >input.json
	run -0 --separate-stderr ab-run --keep kept ./good.yaml <input.json
	cmp input.json kept/0-input
	cmp input.json kept/1-validate-input
	mkfifo fifo
	ab-run --keep again ./good.yaml <fifo >out 2>err &
	pid=$!
	exec 9>fifo
	child "$pid" ab-audit append
	kill -TERM "$pid"
	local n=0
	wait "$pid" || n=$?
	exec 9>&-
	equals "$n" 143
	[ ! -s out ]
	recorded interrupted ""
	[ -e again/summary.json ]
}

@test "--keep: an ab-run that is killed leaves nobody who waits for its input" {
	mkfifo fifo
	ab-run --keep "$PWD/kept" ./good.yaml <fifo >out 2>err &
	pid=$!
	exec 9>fifo
	printf '{' >&9
	until [ -s kept/0-input ]; do is_alive "$pid"; done
	kill -9 "$pid"
	wait "$pid" || true
	soon no_process "$PWD/kept" # while its input has no end
	exec 9>&-
	recorded interrupted ""
}

@test "--keep: nothing runs where the directory is not fresh" {
	mkdir -m 700 full
	touch full/x
	mkdir -m 755 open
	touch file
	ln -s full link
	mkdir -m 700 empty
	local d
	for d in full open file link no/such; do
		run -2 --separate-stderr ab-run --keep "$d" --input input.json ./good.yaml
		contains "$stderr" "ab-run: $d: "
	done
	contains "$(ab-audit verify)" "0 records"
	run -0 ab-run --keep empty --input input.json ./good.yaml
}

@test "--keep: a file that cannot be written is told, and the run is what it is" {
	run -0 --separate-stderr bash -c 'ulimit -f 64; python3 -c "print(\"{\\\"count\\\":1,\\\"m\\\":\\\"\" + \"x\" * 100000 + \"\\\"}\")" | ab-run --keep kept ./good.yaml'
	equals "$output" '{"ok":true}'
	contains "$stderr" "ab-run: --keep: kept: 2 of the files are not whole"
}

@test "--keep is part of what is printed, and what is printed keeps the same" {
	run -0 ab-run --print --keep kept --input input.json ./good.yaml
	contains "$output" $'mkdir -m 700 kept\n'
	contains "$output" "tee kept/0-input <input.json |"
	contains "$output" "tee kept/2-jail |"
	contains "$output" "--stderr kept/agent.stderr"
	run -0 sh -c "$output"
	equals "$output" '{"ok":true}'
	equals "$(cat kept/2-jail)" '{"ok":true}'
	equals "$(cat kept/agent.stderr)" "a word"
}
