# SPDX-License-Identifier: Apache-2.0
# ab-run --batch: many inputs, each with its record, told of in their order.
load lib
load workflow

export BATS_TEST_TIMEOUT=300

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	a_log
	workflow echo "max_runtime_seconds: 1000" <<-'P'
		import json, sys, time
		n = json.load(sys.stdin)["count"]
		if n == 13:
		    raise SystemExit(1)
		if n == 99:
		    time.sleep(900)
		print('{"ok":true,\n"text":"%d"}' % n)
	P
	mkdir in
	local n
	for n in 1 2 3 4 5; do echo "{\"count\":$n}" >"in/$n.json"; done
}

teardown() {
	[ -z "${pid:-}" ] || kill -TERM "$pid" 2>/dev/null || true
}

# lines EXPRESSION: of the lines on stdout, as the list `d`.
lines() {
	python3 -c 'import json, sys
d = [json.loads(l) for l in sys.argv[1].splitlines()]
if not eval(sys.argv[2]):
    sys.exit("not so: %s\n%s" % (sys.argv[2], sys.argv[1]))' "$output" "$1"
}

@test "the files of a directory, in the order of their names, whatever ends first" {
	echo '{"count":13}' >in/2.json
	echo '{"count":"x"}' >in/3.json
	echo hidden >in/.hidden
	run -1 --separate-stderr ab-run --batch in -j 2 ./echo.yaml
	lines '[l["input"] for l in d] == ["%d.json" % n for n in (1, 2, 3, 4, 5)] and [l["index"] for l in d] == list(range(5))'
	lines '[l["exit"] for l in d] == [0, 1, 1, 0, 0] and [l["verdict"] for l in d] == ["passed", "failed", "refused", "passed", "passed"]'
	lines 'd[0]["output"] == {"ok": True, "text": "1"} and d[4]["output"]["text"] == "5" and "output" not in d[1]'
	equals "$stderr" "ab-run: 2.json: stage jail failed: agent exited with status 1
ab-run: 3.json: stage validate:input refused: 1:10: /count: type at /properties/count/type: expected an integer, got \"x\"
ab-run: 2 of 5 did not pass"
	contains "$(ab-audit verify --vkey key.pub)" "10 records"
	# Each line names its own record.
	lines 'len({l["record"]["ended"] for l in d}) == 5'
	equals "$(record run "$(python3 -c 'import json, sys; print(json.loads(sys.argv[1].splitlines()[3])["record"]["ended"])' "$output")")" \
		"$(python3 -c 'import json, sys; print(json.loads(sys.argv[1].splitlines()[3])["run"])' "$output")"
}

@test "the lines of a file, and of stdin; blank ones are none" {
	printf '{"count":1}\n\n{"count":2}\r\n  \n{"count":' >all.ndjson
	run -1 --separate-stderr ab-run --batch all.ndjson ./echo.yaml
	lines '[(l["input"], l["exit"]) for l in d] == [("1", 0), ("3", 0), ("5", 1)]'
	run -0 --separate-stderr bash -c 'seq 7 | sed "s/.*/{\"count\":&}/" | ab-run --batch - -j3 --json ./echo.yaml'
	lines '[l["output"]["text"] for l in d] == [str(n) for n in range(1, 8)]'
	equals "$(sed 's/"duration_us":[0-9]*/T/' <<<"$stderr")" '{"inputs":7,"passed":7,"failed":0,"exit":0,T}'
}

@test "--output: a file an input, only where it passed, with the bytes of the record" {
	echo '{"count":13}' >in/2.json
	run -1 --separate-stderr ab-run --batch in -j 2 --output out ./echo.yaml
	lines '[l.get("file") for l in d] == ["1.json", None, "3.json", "4.json", "5.json"] and all("output" not in l for l in d)'
	equals "$(ls -A out)" $'1.json\n3.json\n4.json\n5.json'
	equals "$(stat -c %a out out/* | sort -u)" $'600\n700'
	equals "$(cat out/3.json)" $'{"ok":true,\n"text":"3"}'
	equals "sha256:$(sha256sum <out/3.json | cut -d' ' -f1)" \
		"$(record output_hash "$(python3 -c 'import json, sys; print(json.loads(sys.argv[1].splitlines()[2])["record"]["ended"])' "$output")")"
	run -2 --separate-stderr ab-run --batch in --output out ./echo.yaml
	contains "$stderr" "ab-run: --output: out: not empty"
	equals "$output" ""
	run -0 ab-run --batch <(echo '{"count":1}') --output lines ./echo.yaml
	equals "$(ls lines)" 1.json
}

@test "a failed one never stops the others, unless it is told to" {
	echo '{"count":13}' >in/1.json
	run -1 --separate-stderr ab-run --batch in ./echo.yaml
	equals "${#lines[@]}" 5
	run -1 --separate-stderr ab-run --batch in --fail-fast ./echo.yaml
	equals "${#lines[@]}" 1
	lines 'd[0]["exit"] == 1'
	ab-audit verify
}

@test "what is no regular file fails as an input, and the exit status is the worst" {
	ln -s 1.json in/6.json
	mkdir in/7.json
	mkfifo in/8.json
	echo '{"count":13}' >in/2.json
	run -2 --separate-stderr ab-run --batch in ./echo.yaml
	lines '[l["exit"] for l in d] == [0, 1, 0, 0, 0, 2, 2, 2] and "run" not in d[6]'
	contains "$stderr" "ab-run: 6.json: a symbolic link, expected a regular file"
	contains "$(ab-audit verify)" "10 records"
}

@test "nothing runs where the batch itself is at fault" {
	mkdir empty
	run -2 --separate-stderr ab-run --batch empty ./echo.yaml
	equals "$stderr" "ab-run: empty: holds no input"
	run -2 --separate-stderr ab-run --batch absent ./echo.yaml
	equals "$stderr" "ab-run: absent: No such file or directory"
	run -2 --separate-stderr ab-run --batch in --input in/1.json ./echo.yaml
	run -2 --separate-stderr ab-run -j 2 ./echo.yaml
	run -2 --separate-stderr ab-run --batch in -j 1000 ./echo.yaml
	run -0 --separate-stderr ab-run --batch /dev/null ./echo.yaml
	equals "$output$stderr" ""
	contains "$(ab-audit verify)" "0 records"
}

# slow_batch: three inputs, of which the first two do not end, as $pid; returns once both agents run.
slow_batch() {
	rm -rf in
	mkdir in
	echo '{"count":99}' | tee in/1.json >in/2.json
	echo '{"count":3}' >in/3.json
	rm -rf out
	env --default-signal=INT,QUIT ab-run --batch in -j2 "$@" ./echo.yaml >lines 2>err &
	pid=$!
	soon two_agents
}
two_agents() {
	[ "$(grep -la "$PWD/./echo.py" /proc/[0-9]*/cmdline 2>/dev/null | xargs -r -n1 grep -lz '^/usr/bin/python3' 2>/dev/null | wc -l)" -ge 2 ]
}

@test "a signal stops all: each that runs leaves its record, none is started" {
	local s n
	for s in INT:130 TERM:143; do
		slow_batch --output out
		kill "-${s%:*}" "$pid"
		n=0
		wait "$pid" || n=$?
		equals "$n" "${s#*:}"
		output=$(cat lines)
		lines '[(l["input"], l["verdict"]) for l in d] == [("1.json", "interrupted"), ("2.json", "interrupted")] and d[0]["exit"] == '"${s#*:}"
		equals "$(ls -A out)" ""
		no_process "$PWD/./echo.py"
		recorded interrupted ""
	done
	contains "$(ab-audit verify)" "8 records"
}

@test "a batch that is killed takes its runs with it, and they are recorded" {
	slow_batch
	kill -9 "$pid"
	wait "$pid" || true
	soon ab-audit verify
	no_process "$PWD/./echo.py"
	contains "$(ab-audit verify)" "4 records"
	recorded interrupted ""
}

@test "who reads the lines and goes away stops the batch, and each run has its end" {
	run bash -c 'ab-run --batch in -j2 ./echo.yaml >/dev/full 2>err; echo "$?"'
	equals "$output" 3
	contains "$(cat err)" "standard output: No space left on device"
	ab-audit verify
}

@test "--keep has a directory an input" {
	run -0 --separate-stderr ab-run --batch in --keep kept ./echo.yaml
	equals "$(ls kept)" $'1.json\n2.json\n3.json\n4.json\n5.json'
	equals "$(cat kept/2.json/1-validate-input)" '{"count":2}'
}

@test "a progress bar is for a terminal" {
	needs script
	run -0 script -qec "ab-run --batch in ./echo.yaml >lines" /dev/null
	contains "$output" " done, "
	run -0 env TERM=dumb script -qec "ab-run --batch in ./echo.yaml >lines" /dev/null
	equals "$output" ""
}

@test "memory does not grow with the inputs" {
	[[ $AB_BUILD != */san ]] || skip "a sanitizer has its own memory"
	local n
	n=$(slow_count 400)
	mkfifo many
	ab-run --batch many -j2 ./echo.yaml >lines 2>err &
	pid=$!
	exec 9>many
	feed 1 10
	first=$(awk '/VmHWM/ { print $2 }' "/proc/$pid/status")
	feed 11 "$n"
	last=$(awk '/VmHWM/ { print $2 }' "/proc/$pid/status")
	exec 9>&-
	wait "$pid" || true
	pid=
	echo "$first kB, then $last kB"
	[ "$((last - first))" -le 300 ] && [ "$last" -lt 8192 ]
}

# feed FROM TO: these inputs, and waits until all are told of.
feed() {
	seq "$1" "$2" | sed 's/.*/{"count":"&"}/' >&9
	until [ "$(wc -l <lines)" = "$2" ]; do kill -0 "$pid"; read -rt 0.05 <> <(:) || true; done
}

@test "a line is answered before the next one comes, and a signal ends the waiting for it" {
	mkfifo many
	ab-run --batch many ./echo.yaml >lines 2>err &
	pid=$!
	exec 9>many
	feed 1 1 # "1" is no integer: refused, and told
	contains "$(cat lines)" '"index":0'
	kill -TERM "$pid"
	local n=0
	wait "$pid" || n=$?
	pid=
	exec 9>&-
	equals "$n" 143
	contains "$(ab-audit verify)" "2 records"
}
