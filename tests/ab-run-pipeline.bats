# SPDX-License-Identifier: Apache-2.0
# The pipeline that one types: with a step left out, doubled, reordered or slipped in between, a stage killed, two at
# once, interrupted in the middle. Nothing gets out, and the record says what was wrong.
load lib
load workflow

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	a_log
	workflow w <<-'P'
		print('{"ok": true}')
	P
	echo '{"count":1}' >input.json
	expect=validate:input,jail,scrub:output,validate:output
}

begin() { eval "$(ab-audit begin --type w)"; }
validate_in() { ab-validate --stage input --schema w.yaml#/spec/input/schema; }
jail() { ab-jail -- ./w.py; }
scrub() { ab-scrub --stage output --policy output; }
validate_out() { ab-validate --stage output --schema w.yaml#/spec/output/schema --redact; }
append() { ab-audit append --expect "$expect"; }

# refuses VERDICT REASON: after a pipeline wrote `out` and `err`, with append's status in `status`.
refuses() {
	equals "$(cat status)" 1
	[ ! -s out ]
	contains "$(cat err)" "ab-audit: $2"
	recorded "$1" "$2"
}
finish() {
	local n=0
	append >out 2>err || n=$?
	echo "$n" >status
}

@test "the whole pipeline passes" {
	begin
	validate_in <input.json | jail | scrub | validate_out | finish
	equals "$(cat status)" 0
	equals "$(cat out)" '{"ok": true}'
	recorded passed ""
}

@test "without the input's validation" {
	begin
	jail <input.json | scrub | validate_out | finish
	refuses failed "stage validate:input "
}

@test "without the jail" {
	begin
	validate_in <input.json | ./w.py | scrub | validate_out | finish
	refuses failed "stage jail "
}

@test "without the scrub" {
	begin
	validate_in <input.json | jail | validate_out | finish
	refuses failed "stage scrub:output was left out"
}

@test "without the output's validation" {
	begin
	validate_in <input.json | jail | scrub | finish
	refuses failed "stage validate:output "
}

@test "with nothing but the end" {
	begin
	echo '{"ok":true}' | finish
	refuses failed "stage validate:input "
}

@test "with a step doubled" {
	begin
	validate_in <input.json | jail | scrub | scrub | validate_out | finish
	refuses failed "stage scrub:output was there twice"
	begin
	validate_in <input.json | jail | scrub | validate_out | validate_out | finish
	refuses failed "stage validate:output was there twice"
}

@test "with steps in another order" {
	begin
	validate_in <input.json | jail | validate_out | scrub | finish
	refuses failed "stage "
}

@test "with a program slipped in after the validation" {
	begin
	validate_in <input.json | jail | scrub | validate_out | sed 's/true/false/' | finish
	refuses failed "what arrived is not what stage validate:output wrote"
}

@test "with a program slipped in between two stages" {
	begin
	validate_in <input.json | sed 's/1/2/' | jail | scrub | validate_out | finish
	refuses failed "stage jail did not read what stage validate:input wrote"
	begin
	validate_in <input.json | jail | sed 's/true/false/' | scrub | validate_out | finish
	refuses failed "stage scrub:output did not read what stage jail wrote"
	begin
	validate_in <input.json | jail | scrub | sed 's/true/false/' | validate_out | finish
	refuses failed "stage validate:output did not read what stage scrub:output wrote"
}

@test "with a receipt written by hand" {
	begin
	printf '{"run":"%s","tool":"ab-jail"}\n' "$AB_RUN" >>"$AB_RECEIPTS"
	validate_in <input.json | jail | scrub | validate_out | finish
	refuses failed "receipts: line 2"
}

@test "with the end of a run used again" {
	begin
	validate_in <input.json | jail | scrub | validate_out | finish
	equals "$(cat status)" 0
	[ ! -e "$AB_RECEIPTS" ]
	echo '{"ok":true}' | finish
	equals "$(cat status)" 2
	[ ! -s out ]
	ab-audit verify
}

@test "two runs at once do not disturb each other" {
	local i pids=()
	for i in 1 2 3 4; do
		workflow "w$i" <<-P
			import time
			time.sleep(0.1)
			print('{"ok":true,"text":"$i"}')
		P
		ab-run --input input.json "./w$i.yaml" >"out$i" 2>"err$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	for i in 1 2 3 4; do
		equals "$(cat "out$i")" "{\"ok\":true,\"text\":\"$i\"}"
		equals "$(cat "err$i")" ""
	done
	contains "$(ab-audit verify)" "8 records"
}

# children PID: its children's ids.
children() { cat "/proc/$1/task/$1/children" 2>/dev/null; }

# child PID TOOL: the id of that child, once it is there.
child() {
	local n c
	for ((n = 0; n < 2000; n++)); do
		for c in $(children "$1"); do
			if [ "$(tr '\0' ' ' 2>/dev/null <"/proc/$c/cmdline" | cut -d' ' -f1)" = "$2" ]; then echo "$c"; return 0; fi
		done
		read -rt 0.01 <> <(:) || true
	done
	return 1
}

# started NAME: a run of an agent that waits is in the background as $!; returns once the agent runs.
slow_run() {
	workflow slow "max_runtime_seconds: 60" <<-'P'
		import time
		time.sleep(50)
		print('{"ok":true}')
	P
	ab-run --input input.json ./slow.yaml >out 2>err &
	pid=$!
	jail=$(child "$pid" ab-jail)
	for ((n = 0; n < 2000; n++)); do
		if grep -qsa slow.py /proc/[0-9]*/cmdline --exclude-dir=self && agent_runs; then return 0; fi
		read -rt 0.01 <> <(:) || true
	done
	return 1
}
agent_runs() {
	local p
	for p in /proc/[0-9]*/cmdline; do
		case $(tr '\0' ' ' 2>/dev/null <"$p") in *python3*slow.py*) return 0 ;; esac
	done
	return 1
}

# killed TOOL LABEL: kill -9 of that stage in the middle.
killed() {
	local status=0
	slow_run
	kill -9 "$(child "$pid" "$1")"
	[ "$1" = ab-jail ] || kill -9 "$jail" 2>/dev/null || true
	wait "$pid" || status=$?
	[ ! -s out ]
	equals "$(wc -l <err)" 1
	no_process "$PWD/slow.py"
	echo "$status" >status
}

@test "a jail that is killed takes the agent with it and is recorded" {
	killed ab-jail
	equals "$(cat status)" 3
	contains "$(cat err)" "ab-run: stage jail died: killed by signal 9"
	recorded failed "stage jail died"
}

@test "a killed scrub is recorded, and gives no output" {
	slow_run
	kill -9 "$(child "$pid" ab-scrub)"
	kill -INT "$pid"
	wait "$pid" || status=$?
	[ ! -s out ]
	no_process "$PWD/slow.py"
	ab-audit verify
	[ "$(record verdict)" != passed ]
}

@test "a killed scrub in a run that is not interrupted" {
	workflow quick "max_runtime_seconds: 60" <<-'P'
		import sys
		sys.stdin.read()
		print('{"ok":true}')
	P
	mkfifo fifo
	ab-run ./quick.yaml <fifo >out 2>err &
	pid=$!
	exec 9>fifo
	kill -9 "$(child "$pid" ab-scrub)"
	echo '{"count":1}' >&9
	exec 9>&-
	status=0
	wait "$pid" || status=$?
	equals "$status" 3
	[ ! -s out ]
	contains "$(cat err)" "ab-run: stage scrub:output died: killed by signal 9"
	equals "$(wc -l <err)" 1
	recorded failed "stage scrub:output died"
}

@test "an append that is killed leaves a run without an end, which verify tells" {
	mkfifo fifo
	ab-run ./w.yaml <fifo >out 2>err &
	pid=$!
	exec 9>fifo
	kill -9 "$(child "$pid" ab-audit)"
	echo '{"count":1}' >&9
	exec 9>&-
	status=0
	wait "$pid" || status=$?
	equals "$status" 3
	[ ! -s out ]
	contains "$(cat err)" "ab-run: no record, so no output"
	run ! ab-audit verify
}

@test "SIGINT and SIGTERM in the middle: recorded as interrupted, nothing left, nothing out" {
	local s n
	for s in INT:130 TERM:143; do
		slow_run
		kill "-${s%:*}" "$pid"
		n=0
		wait "$pid" || n=$?
		equals "$n" "${s#*:}"
		[ ! -s out ]
		equals "$(wc -l <err)" 1
		contains "$(cat err)" "ab-run: interrupted"
		no_process "$PWD/slow.py"
		recorded interrupted ""
	done
}

@test "Ctrl-C at a terminal: the whole group is told" {
	slow_run_in_group() { setsid --wait ab-run --input input.json ./slow.yaml >out 2>err; }
	workflow slow "max_runtime_seconds: 60" <<-'P'
		import time
		time.sleep(50)
	P
	slow_run_in_group &
	local outer=$! n=0
	for ((n = 0; n < 2000; n++)); do
		agent_runs && break
		read -rt 0.01 <> <(:) || true
	done
	pid=$(child "$outer" ab-run || children "$(children "$outer")" || children "$outer")
	pid=$(pgrep -P "$outer" -x ab-run || pgrep -x ab-run -g "$(ps -o pgid= -p "$(pgrep -f "$PWD/slow.py" | head -1)" | tr -d ' ')" | head -1)
	kill -INT -- "-$(ps -o pgid= -p "$pid" | tr -d ' ')"
	n=0
	wait "$outer" || n=$?
	equals "$n" 130
	[ ! -s out ]
	no_process "$PWD/slow.py"
	recorded interrupted ""
}

@test "an output that is lost is not a success" {
	[ -e /dev/full ] || skip "no /dev/full"
	run -3 --separate-stderr bash -c 'ab-run --input input.json ./w.yaml >/dev/full'
	equals "$(wc -l <<<"$stderr")" 1
	ab-audit verify
}
