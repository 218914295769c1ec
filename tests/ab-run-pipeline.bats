# SPDX-License-Identifier: Apache-2.0
# The pipeline that one types: with a step left out, doubled, reordered or slipped in between, a stage killed, two at
# once, interrupted in the middle. Nothing gets out, and the record says what was wrong.
load lib
load workflow

# A run that does not end is a failure, after longer than a machine stands still.
export BATS_TEST_TIMEOUT=300

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	a_log
	workflow w <<-'P'
		print('{"ok": true}')
	P
	echo '{"count":1}' >input.json
	expect=validate:input,jail,scrub:output,validate:output
}

teardown() {
	[ -z "${pid:-}" ] || kill -TERM "$pid" 2>/dev/null || true
	cd /
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
	refuses failed "stage validate:input was left out"
}

@test "without the jail" {
	begin
	validate_in <input.json | { cat >read && ./w.py; } | scrub | validate_out | finish
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
	refuses failed "stage validate:output was left out"
}

@test "with nothing but the end" {
	begin
	echo '{"ok":true}' | finish
	refuses failed "stage validate:output died"
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

# slow_run [PREFIX...]: a run of an agent that waits is in the background as $pid; returns once the agent runs.
slow_run() {
	workflow slow "max_runtime_seconds: 1000" <<-'P'
		import time
		time.sleep(900)
		print('{"ok":true}')
	P
	# A shell's background job ignores SIGINT and SIGQUIT.
	"$@" env --default-signal=INT,QUIT ab-run --input input.json ./slow.yaml >out 2>err &
	pid=$!
	child "$pid" /usr/bin/python3 "$PWD/./slow.py"
}

# fed_run: a run that waits for its input from descriptor 9, as $pid.
fed_run() {
	mkfifo fifo
	ab-run ./w.yaml <fifo >out 2>err &
	pid=$!
	exec 9>fifo
}

# ends STATUS [soon]: waits for $pid; no output, one line on stderr, no process left.
ends() {
	local n=0
	wait "$pid" || n=$?
	equals "$n" "$1"
	[ ! -s out ]
	equals "$(wc -l <err)" 1
	${2:-} no_process "$PWD/./slow.py"
}

# kill_stage WORD...: kill -9 of the stage with these words in its command line.
kill_stage() {
	child "$pid" "$@"
	kill -9 "$found"
}

@test "an ab-run that is killed, by whatever signal, takes its stages with it, and the run is recorded" {
	local s
	for s in KILL USR1 ALRM PIPE; do
		slow_run
		child "$pid" ab-audit append
		kill -"$s" "$pid"
		wait "$pid" || true
		while is_alive "$found"; do :; done
		[ ! -s out ]
		no_process "$PWD/./slow.py"
		recorded interrupted "interrupted by signal 15"
	done
}

@test "no room for files is one line, wherever it ends" {
	local blocks
	for blocks in 0 1 2; do
		run -3 bash -c '(ulimit -f "$1"; exec ab-run --input input.json ./w.yaml) 2>&1 | cat; exit "${PIPESTATUS[0]}"' _ "$blocks"
		equals "${#lines[@]}" 1
		contains "$output" "ab-"
	done
}

@test "a jail that is killed takes the agent with it and is recorded" {
	slow_run
	kill_stage ab-jail
	ends 3 soon # the kernel ends what was in it
	equals "$(cat err)" "ab-run: stage jail died: killed by signal 9"
	recorded failed "stage jail died"
}

@test "a scrub that is killed while the agent runs" {
	slow_run
	kill_stage ab-scrub
	ends 3
	equals "$(cat err)" "ab-run: stage scrub:output died: killed by signal 9"
	recorded failed "stage scrub:output died"
}

@test "any stage that is killed before the input is there" {
	local s
	for s in "ab-scrub:scrub:output" "ab-jail:jail" "ab-validate --redact:validate:output"; do
		rm -f fifo
		fed_run
		# shellcheck disable=SC2086
		kill_stage ${s%%:*}
		ends 3
		exec 9>&-
		equals "$(cat err)" "ab-run: stage ${s#*:} died: killed by signal 9"
		recorded failed "stage ${s#*:} died"
	done
}

@test "an append that is killed leaves a run without an end, which verify tells" {
	fed_run
	kill_stage ab-audit append
	ends 3
	exec 9>&-
	contains "$(cat err)" "ab-run: no output: "
	run -1 --separate-stderr ab-audit verify
	contains "$stderr" "has no end"
}

@test "signals in the middle: recorded as interrupted, nothing left, nothing out" {
	local s
	for s in INT:130 TERM:143 HUP:129 QUIT:131; do
		slow_run
		kill "-${s%:*}" "$pid"
		ends "${s#*:}"
		contains "$(cat err)" "ab-run: interrupted"
		recorded interrupted ""
		# The agent's receipt is there, and so is that of each stage behind it.
		equals "$(receipts)" $'ab-validate input passed\nab-jail - interrupted\nab-scrub output interrupted\nab-validate output interrupted'
	done
}

# receipts: who wrote a receipt into the newest record, and what it says, in the order of the pipeline.
receipts() {
	ab-audit show | python3 -ISB -c 'import json, sys
place = ["ab-validate input", "ab-jail -", "ab-scrub output", "ab-validate output"]
said = [(r["tool"] + " " + (r.get("stage") or "-"), r["verdict"]) for r in json.load(sys.stdin)["predicate"]["receipts"]]
for r in sorted(said, key=lambda r: place.index(r[0])):
    print(*r)'
}

# told STATUS SIGNAL: sends it to $pid once that waits in poll(), which then ends so.
told() {
	local n=0
	until grep -q "SigBlk:.*[1-9a-f]" "/proc/$pid/status" && [ "$(cut -d' ' -f1 "/proc/$pid/syscall")" = 7 ]; do is_alive "$pid"; done
	kill "-$2" "$pid"
	wait "$pid" || n=$?
	equals "$n" "$1"
	[ ! -s err ]
	contains "$(tail -n 1 "$AB_RECEIPTS")" '"verdict":"interrupted"'
}

@test "a stage that waits for input, or whose output nobody takes, leaves its receipt at a signal" {
	begin
	mkfifo in out
	env --default-signal=INT ab-validate --stage input --schema w.yaml#/spec/input/schema <in >got 2>err 3>&- &
	pid=$!
	exec 7>in
	told 130 INT
	exec 7>&-
	[ ! -s got ]
	printf '{"count":1,"more":"%0200000d"}' 0 >big.json
	ab-validate --stage output --schema w.yaml#/spec/input/schema <big.json >out 2>err 3>&- &
	pid=$!
	exec 7<out
	told 143 TERM
	exec 7<&-
	contains "$(tail -n 1 "$AB_RECEIPTS")" '"stage":"output"'
	# The jail's output likewise.
	ab-jail -- head -c 300000 /dev/urandom <input.json >out 2>/dev/null 3>&- &
	pid=$!
	exec 7<out
	told 143 TERM
	contains "$(tail -n 1 "$AB_RECEIPTS")" '"tool":"ab-jail"'
}

@test "Ctrl-C at a terminal: the whole group is told" {
	slow_run setsid --wait
	kill -INT -- "-$pid"
	ends 130
	contains "$(cat err)" "ab-run: interrupted"
	recorded interrupted ""
}

@test "one stage alone is told to end" {
	slow_run
	child "$pid" ab-scrub
	kill -TERM "$found"
	ends 143
	equals "$(cat err)" "ab-run: stage scrub:output interrupted by signal 15 (Terminated)"
	recorded interrupted "stage scrub:output interrupted by signal 15 (Terminated)"
	slow_run
	child "$pid" ab-audit append
	kill -TERM "$found"
	child "$pid" ab-jail
	kill -TERM "$found"
	ends 143
	recorded interrupted "interrupted by signal 15 (Terminated)"
}

@test "a signal as soon as the stages are there: each leaves its receipt" {
	local n
	for n in 1 2 3 4 5; do
		workflow slow "max_runtime_seconds: 1000" <<<"import time; time.sleep(900)"
		env --default-signal=INT ab-run --input input.json ./slow.yaml >out 2>err &
		pid=$!
		child "$pid" ab-jail
		kill -INT "$pid"
		ends 130
		equals "$(cat err)" "ab-run: interrupted by signal 2 (Interrupt)"
		recorded interrupted ""
		equals "$(receipts | wc -l)" 4
	done
}

@test "a stage that is slow to hear of a signal is waited for, and leaves its receipt" {
	local n
	for n in 1 2 3; do # it is waited for five seconds: the machine must not stand still meanwhile
		rm -f fifo
		fed_run
		child "$pid" ab-validate --stage input
		kill -STOP "$found"
		kill -TERM "$pid"
		read -rt 0.5 <> <(:) || true
		kill -CONT "$found"
		exec 9>&-
		ends 143
		recorded interrupted ""
		[ "$(receipts | wc -l)" != 4 ] || break
	done
	equals "$(receipts)" $'ab-validate input interrupted\nab-jail - interrupted\nab-scrub output interrupted\nab-validate output interrupted'
}

@test "a background job of a shell leaves Ctrl-C to those in front" {
	workflow slow <<-'P'
		import time
		time.sleep(1)
		print('{"ok":true}')
	P
	ab-run --input input.json ./slow.yaml >out 2>err &
	pid=$!
	child "$pid" /usr/bin/python3 "$PWD/./slow.py"
	kill -INT "$pid"
	wait "$pid"
	equals "$(cat out)" '{"ok":true}'
}

@test "SIGTERM while the input is awaited" {
	fed_run
	child "$pid" ab-audit append
	kill -TERM "$pid"
	exec 9>&-
	ends 143
	recorded interrupted ""
}

@test "an output that is lost is not a success" {
	[ -e /dev/full ] || skip "no /dev/full"
	run -3 --separate-stderr bash -c 'ab-run --input input.json ./w.yaml >/dev/full'
	equals "$(wc -l <<<"$stderr")" 1
	ab-audit verify
}

@test "killed and interrupted runs of an ordinary user" {
	needs_root
	local d
	d=$(user_directory)
	cd "$d"
	export HOME=$d XDG_STATE_HOME=$d/state
	as_user bash -c 'bats_require_minimum_version() { :; }; BATS_TEST_DIRNAME=$1; AB_BUILD=$2
		. "$1/lib.bash"; . "$1/workflow.bash"; export XDG_STATE_HOME=$HOME/state
		a_log
		workflow slow "max_runtime_seconds: 1000" <<<"import time; time.sleep(900)"
		go() {
			env --default-signal=INT ab-run ./slow.yaml <<<"{\"count\":1}" >out 2>err &
			pid=$!
			child "$pid" /usr/bin/python3 "$PWD/./slow.py"
		}
		end() { wait "$pid"; echo "$1 $? $(stat -c %s out) $(wc -l <err) $(record verdict)"; ${2:-} no_process "$PWD/./slow.py"; }
		go; kill -INT "$pid"; end int
		go; child "$pid" ab-jail; kill -9 "$found"; end jail soon
		go; child "$pid" ab-scrub; kill -9 "$found"; end scrub
		ab-audit verify --vkey key.pub >verified && echo verified' _ "$BATS_TEST_DIRNAME" "$AB_BUILD" >result
	run -0 cat result
	rm -rf "$d"
	equals "$output" $'int 130 0 1 interrupted\njail 3 0 1 failed\nscrub 3 0 1 failed\nverified'
}
