#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a command line gets wrong: each is named, with its file, and by the right status.
load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ab-audit keygen --name example.org/ab --key k >/dev/null
	ab-audit init --log L --key k
	export AB_AUDIT_LOG=$PWD/L AB_AUDIT_KEY_FILE=$PWD/k
	echo '{}' >in.json
	echo '{"type":"object"}' >s
}

# says STATUS LINE COMMAND...: no output, and this line alone.
says() {
	local status=$1 line=$2
	shift 2
	run "-$status" --separate-stderr "$@"
	equals "$output" ""
	equals "$stderr" "$line"
}

# a_workflow [SED]: w.yaml, whose agent is cat, edited.
a_workflow() {
	cat >w.yaml <<-'Y'
		apiVersion: agent.platform/v1
		kind: AgentWorkflow
		metadata: { name: w }
		spec:
		  agent: { command: [cat] }
		  input: { schema: true }
		  output: { schema: { type: object } }
	Y
	if [ $# -gt 0 ]; then sed -i "$1" w.yaml; fi
}

# agent TEXT: w.yaml's agent is ./agent, of that text, executable.
agent() {
	a_workflow 's,\[cat\],[./agent],'
	printf '%b' "$1" >agent
	chmod 755 agent
}

# with INPUT STATUS LINE COMMAND...: as says, with that (for printf) on stdin.
with() {
	local input=$1 status=$2 line=$3
	shift 3
	printf '%b' "$input" >stdin
	run "-$status" --separate-stderr "$@" <stdin
	equals "$output" ""
	equals "$stderr" "$line"
}

@test "show prints numbers as they were meant" {
	echo '{"cpu_seconds":0.009}' | ab-audit record >/dev/null
	contains "$(ab-audit show)" '"cpu_seconds": 0.009'
}

@test "what was named and cannot be used is configuration" {
	run -2 --separate-stderr ab-audit verify --vkey in.json
	contains "$stderr" "ab-audit: in.json: "
	run -2 --separate-stderr ab-audit check-proof --vkey in.json in.json
	says 2 "ab-audit: nosuch: No such file or directory" ab-audit verify --old nosuch
	says 2 "ab-audit: nosuch: No such file or directory" ab-audit record --events nosuch
	says 2 "ab-audit: .: Is a directory" ab-audit record --events .
	says 2 "ab-audit: --limit: expected 1 or more" ab-audit query --limit 0
}

@test "keys: a link, a public one, one that is there" {
	ln -s k link
	says 2 "ab-audit: link: a symbolic link, expected the key itself" ab-audit record --key link
	says 2 "ab-audit: k: there is a key already" ab-audit keygen --name x --key k
	cp k.pub p && chmod 600 p
	says 2 "ab-audit: p: a public key, not the private one" ab-audit record --key p
}

@test "a log or a key that is missing: the commands that make it, quoted for the shell" {
	local verb
	for verb in show verify query; do
		says 2 "ab-audit: a b: no log; to make it: ab-audit init --log 'a b' --key $PWD/k" ab-audit "$verb" --log "a b"
	done
	says 2 "ab-audit: n k: No such file or directory; to make it: ab-audit keygen --name NAME --key 'n k'" ab-audit init --log N --key "n k"
}

@test "files that cannot be read or written are named" {
	says 2 "ab-validate: /etc: Is a directory" ab-validate --schema s /etc
	says 2 "ab-scrub: /etc: Is a directory" ab-scrub --policy output /etc
	says 3 "ab-validate: /dev/full: write: No space left on device" ab-validate --schema s --report /dev/full <<<'[]'
	says 3 "ab-validate: /dev/full: write: No space left on device" ab-validate --schema s --lines --reject /dev/full <<<'[]'
	says 2 "ab-scrub: ./in.json: missing key 'version'" ab-scrub --policy ./in.json in.json
}

@test "a standard input that is closed is no empty document" {
	for c in "ab-validate --schema s" "ab-scrub --policy output" "ab-audit record"; do
		run -3 --separate-stderr bash -c "$c <&-"
		contains "$stderr" "Bad file descriptor"
	done
}

@test "ab-bundle: no range, no hash, nothing to do" {
	says 2 "ab-bundle input: --from-git: expected a range of commits" ab-bundle input --from-git ""
	run -2 --separate-stderr ab-bundle input
	contains "$stderr" "try ab-bundle input --help"
	says 2 "ab-bundle verify: --identity: expected sha256: and 64 digits of 0-9 a-f" ab-bundle verify --identity sha256:00 in.json
}

@test "ab-run: a directory that has a workflow's name hides nothing, and - is stdin" {
	mkdir code-review
	run -0 ab-run --check code-review
	run -0 --separate-stderr ab-run --print --input - code-review
	[[ $output != *" <"* ]]
}

@test "a name that is mistyped: the one that it is near" {
	a_workflow
	with '{}' 2 "ab-validate: --shema: unknown option (did you mean --schema?); try ab-validate --help" ab-validate --shema s
	with '{}' 2 "ab-run: --expl: unknown option (did you mean --explain?); try ab-run --help" ab-run --expl w.yaml
	with '{}' 2 "ab-run: -h: unknown option (did you mean --check?); try ab-run --help" ab-run -check w.yaml
	with '{}' 2 "ab-run: --verbose: unknown option; try ab-run --help" ab-run --verbose w.yaml
	with '' 2 "ab-audit: verfiy: unknown verb (did you mean verify?); try ab-audit --help" ab-audit verfiy
	with '' 2 "ab-run: code-revew: no such workflow (did you mean code-review?)" ab-run code-revew
	with '' 2 "ab-run: review: no such workflow" ab-run review
	with '' 2 "ab-scrub: outptu: no such file, and no policy of that name is shipped (did you mean output?)" ab-scrub --policy outptu
	with '' 2 "ab-scrub: --rule: cdoe.*: no such rule in the policy" ab-scrub --policy output --rule 'cdoe.*=off'
	with '' 125 "ab-jail: --memory: 2GB: not a size (bytes, or with K, M, G, T); try ab-jail --help" ab-jail --memory 2GB -- true
	with '' 125 "ab-jail: missing \"--\" before true; try ab-jail --help" ab-jail true
	a_workflow 's/^  agent:/  agnet:/'
	with '{}' 2 "ab-run: ./w.yaml: /spec/agnet: unknown key (did you mean agent?)" ab-run ./w.yaml
}

@test "what is no schema: the document, the whole definition, a part that holds one" {
	a_workflow
	local end="no keyword of JSON Schema in it, so everything would pass; expected a schema (FILE#/pointer for a part of a file)"
	echo '{"a":1}' >d.json
	with '{}' 2 "ab-validate: --schema: d.json: $end" ab-validate --schema d.json s
	with '{}' 2 "ab-validate: --schema: ./w.yaml: $end" ab-validate --schema ./w.yaml
	with '{}' 2 "ab-validate: --schema: w.yaml#/spec/output: $end" ab-validate --schema 'w.yaml#/spec/output'
	with '{}' 2 "ab-validate: --schema: w.yaml#/spec/nope: nothing at /spec/nope" ab-validate --schema 'w.yaml#/spec/nope'
	with '{}' 2 "ab-validate: --schema: nosuch: No such file or directory" ab-validate --schema nosuch
	# What says only that anything is allowed, and what only describes, is a schema.
	for schema in '{}' true '{"title":"anything"}' '{"$id":"x:y"}'; do
		echo "$schema" >any
		equals "$(ab-validate --schema any <<<7)" 7
	done
}

@test "documents as they come from other systems" {
	with '' 1 "ab-validate: expected a JSON document, got nothing" ab-validate --schema s
	with 'hello' 1 "ab-validate: 1:1: expected a value" ab-validate --schema s
	with "{'a':1}" 1 "ab-validate: 1:2: expected a key in double quotes" ab-validate --schema s
	with '{"a":1,}' 1 "ab-validate: 1:8: expected a key in double quotes" ab-validate --schema s
	with '\xef\xbb\xbf{}' 1 "ab-validate: 1:1: expected a value, not a byte order mark" ab-validate --schema s
	with '\xff\xfe{\x00' 1 "ab-validate: 1:1: expected a value in UTF-8, not UTF-16" ab-validate --schema s
	with '{"a":"\xe9"}' 1 "ab-validate: 1:7: /a: expected valid UTF-8" ab-validate --schema s
	with '{}\n{}\n' 1 "ab-validate: 2:1: expected the end of the document, not a second one" ab-validate --schema s
	with '{} // done' 1 "ab-validate: 1:4: expected the end of the document" ab-validate --schema s
	equals "$(printf '{}\r\n' | ab-validate --schema s | od -An -c | tr -d ' ')" '{}\r\n'
	printf '\xef\xbb\xbf{"type":"object"}' >bom
	with '{}' 2 "ab-validate: --schema: bom: 1:1: expected a value, not a byte order mark" ab-validate --schema bom
	printf 'type: object\n\trequired: [a]\n' >tab.yaml
	with '{}' 2 "ab-validate: --schema: tab.yaml: 2:1: a tab, expected spaces as indentation" ab-validate --schema tab.yaml
}

@test "definitions: a tab, a byte order mark, a command as one text, a directory, a pipe" {
	a_workflow 's/^  agent:/\tagent:/'
	with '{}' 2 "ab-run: ./w.yaml: 5:1: a tab, expected spaces as indentation" ab-run ./w.yaml
	a_workflow '1s/^/\xef\xbb\xbf/'
	with '{}' 2 "ab-run: ./w.yaml: 1:1: expected no byte order mark" ab-run ./w.yaml
	a_workflow 's,\[cat\],/bin/cat,'
	with '{}' 2 "ab-run: ./w.yaml: /spec/agent/command: expected an array, not a string" ab-run ./w.yaml
	a_workflow 's/name: w/name: My Flow/'
	with '{}' 2 "ab-run: ./w.yaml: /metadata/name: expected at most 63 of a-z, 0-9 and -" ab-run ./w.yaml
	mkdir dir
	with '{}' 2 "ab-run: ./dir: not a regular file" ab-run ./dir
	mkfifo fifo
	with '{}' 2 "ab-run: fifo: not a regular file" ab-run fifo
	a_workflow 's/$/\r/'
	equals "$(ab-run ./w.yaml <<<'{}')" '{}'
}

@test "the input: a directory, nothing there, a pipe with a name" {
	a_workflow
	with '' 2 "ab-run: .: Is a directory" ab-run --input . ./w.yaml
	with '' 2 "ab-run: nosuch: No such file or directory" ab-run --input nosuch ./w.yaml
	with '' 1 "ab-run: stage validate:input refused: expected a JSON document, got nothing" ab-run ./w.yaml
	mkfifo f
	echo '{}' >f &
	equals "$(ab-run --input f ./w.yaml)" '{}'
	wait
}

@test "parameters: none is declared, no value" {
	a_workflow
	with '{}' 2 "ab-run: --param: level: not declared by ./w.yaml" ab-run --param level=1 ./w.yaml
	with '{}' 2 "ab-run: --param: expected NAME=VALUE" ab-run --param level ./w.yaml
}

@test "keys: public, of others, of another log, empty, in a directory's place" {
	a_workflow
	with '{}' 2 "ab-run: ab-audit: k.pub: a public key, not the private one" ab-run --key k.pub ./w.yaml
	cp k open && chmod 644 open
	with '{}' 2 "ab-run: ab-audit: open: others may use it (mode 0644), expected 0600" ab-run --key open ./w.yaml
	: >empty && chmod 600 empty
	with '{}' 2 "ab-run: ab-audit: empty: not one line with a private key (PRIVATE+KEY+NAME+HASH+KEY)" ab-run --key empty ./w.yaml
	with '{}' 2 "ab-run: ab-audit: .: not a regular file" ab-run --key . ./w.yaml
	ab-audit keygen --name example.org/ab --key other >/dev/null
	run -2 --separate-stderr ab-run --key other ./w.yaml <<<'{}'
	[[ $stderr == "ab-run: ab-audit: $PWD/L: the log's key is example.org/ab+"????????", not this one" ]]
	with '' 2 "ab-audit: bad name: not a name for a key (no space, no '+', at most 255 bytes)" ab-audit keygen --name 'bad name' --key n
	with '' 1 "ab-audit: $PWD/L/vkey: not the key that was given" ab-audit verify --vkey other.pub
	if [ "$(id -u)" = 0 ]; then
		cp k foreign && chown 65534 foreign
		with '{}' 2 "ab-run: ab-audit: foreign: belongs to user 65534, expected 0" ab-run --key foreign ./w.yaml
	fi
}

@test "logs: not made yet, an empty directory, a file, a home, twice" {
	a_workflow
	with '{}' 2 "ab-run: ab-audit: new: no log; to make it: ab-audit init --log new --key $PWD/k" ab-run --log new ./w.yaml
	mkdir new
	with '{}' 2 "ab-run: ab-audit: new: no log; to make it: ab-audit init --log new --key $PWD/k" ab-run --log new ./w.yaml
	with '{}' 2 "ab-run: ab-audit: in.json: not a directory, expected a log" ab-run --log in.json ./w.yaml
	with '' 2 "ab-audit: in.json: Not a directory" ab-audit init --log in.json
	with '' 2 "ab-audit: .: there are files in it; expected a new or an empty directory" ab-audit init --log .
	[ ! -e tile ] && [ ! -e vkey ]
	with '' 2 "ab-audit: L: there is a log already" ab-audit init --log L
	# The root of a new file system.
	mkdir new/lost+found
	run -0 ab-audit init --log new
	unset AB_AUDIT_LOG AB_AUDIT_KEY_FILE
	with '{}' 2 "ab-run: ab-audit: neither XDG_STATE_HOME nor HOME is an absolute path" env -u HOME -u XDG_STATE_HOME ab-run ./w.yaml
	with '{}' 2 "ab-run: ab-audit: neither XDG_STATE_HOME nor HOME is an absolute path" env -u XDG_STATE_HOME HOME=here ab-run ./w.yaml
}

@test "a log that only others may write" {
	needs_root
	a_workflow
	chmod 755 . .. ../..
	cp k theirs && chown 65534 theirs "$XDG_RUNTIME_DIR"
	run -3 --separate-stderr as_user ab-run --log L --key theirs ./w.yaml <<<'{}'
	contains "$stderr" "Permission denied"
	equals "$(wc -l <<<"$stderr")" 1
}

@test "an agent that cannot start is configuration, and told by its place" {
	agent '#!/usr/bin/python9\n'
	with '{}' 2 "ab-run: stage jail failed: $PWD/./agent: its interpreter /usr/bin/python9: No such file or directory" ab-run ./w.yaml
	agent '#!/usr/bin/env python9\n'
	with '{}' 2 "ab-run: stage jail failed: $PWD/./agent: its interpreter python9: not found in /usr/local/bin:/usr/bin:/bin" ab-run ./w.yaml
	agent 'print(1)\n'
	with '{}' 2 "ab-run: stage jail failed: $PWD/./agent: neither a program nor a script with a #! line" ab-run ./w.yaml
	agent '\xef\xbb\xbf#!/usr/bin/python3\n'
	with '{}' 2 "ab-run: stage jail failed: $PWD/./agent: neither a program nor a script with a #! line" ab-run ./w.yaml
	agent '#!/bin/sh\n' && chmod 644 agent
	with '{}' 2 "ab-run: stage jail failed: $PWD/./agent: not executable" ab-run ./w.yaml
	rm agent
	with '{}' 2 "ab-run: stage jail failed: $PWD/./agent: No such file or directory" ab-run ./w.yaml
	a_workflow 's/cat/"cat -n"/'
	with '{}' 2 "ab-run: stage jail failed: cat -n: not found in /usr/local/bin:/usr/bin:/bin" ab-run ./w.yaml
	# All that is in the log, with its reason.
	contains "$(ab-audit show --last)" "cat -n: not found"
}

@test "an agent that says nothing, says it wrongly, says why it fails, says too much, hangs" {
	agent '#!/usr/bin/python3 -ISB\n'
	with '{}' 1 "ab-run: stage validate:output refused: expected a JSON document, got nothing" ab-run ./w.yaml
	agent '#!/usr/bin/python3 -ISB\nprint("hello")'
	with '{}' 1 "ab-run: stage validate:output refused: 1:1: not strict JSON" ab-run ./w.yaml
	agent '#!/usr/bin/python3 -ISB\nimport requests'
	with '{}' 1 "ab-run: stage jail failed: agent exited with status 1; --keep DIR keeps what it said" ab-run ./w.yaml
	run -1 --separate-stderr ab-run --keep kept ./w.yaml <<<'{}'
	contains "$stderr" "ab-run: stage jail failed: agent exited with status 1; what it said: kept/agent.stderr"
	contains "$(cat kept/agent.stderr)" "No module named 'requests'"
	agent '#!/usr/bin/python3 -ISB\nraise SystemExit(3)'
	with '{}' 1 "ab-run: stage jail failed: agent exited with status 3" ab-run ./w.yaml
	agent '#!/usr/bin/python3 -ISB\nprint("x" * 2000)'
	echo '  constraints: { max_output_bytes: 1000 }' >>w.yaml
	with '{}' 1 "ab-run: stage jail limit: agent reached its limit of 1000 bytes of output" ab-run ./w.yaml
	agent '#!/usr/bin/python3 -ISB\nimport time\ntime.sleep(600)'
	echo '  constraints: { max_runtime_seconds: 1 }' >>w.yaml
	with '{}' 124 "ab-run: stage jail timeout: agent reached its time limit of 1000 ms" ab-run ./w.yaml
}

@test "from another directory, in one that cannot be written, without PATH" {
	agent '#!/usr/bin/python3 -ISB\nprint("{}")'
	mkdir -p deep/er
	equals "$(cd deep/er && ab-run ../../w.yaml <<<'{}')" '{}'
	equals "$(cd / && ab-run "$OLDPWD/w.yaml" <<<'{}')" '{}'
	chmod 555 deep
	equals "$(cd deep && ab-run ../w.yaml <<<'{}')" '{}'
	chmod 755 deep
	equals "$(PATH='' "$AB_BUILD/bin/ab-run" ./w.yaml <<<'{}')" '{}'
	equals "$(env -u PATH "$AB_BUILD/bin/ab-run" ./w.yaml <<<'{}')" '{}'
}

@test "streams that are closed, a full device, a pipe that nobody reads" {
	local c end="standard output (the run is recorded as passed): write"
	a_workflow
	with '{}' 3 "ab-run: no output: ab-audit: $end: Bad file descriptor" bash -c 'ab-run ./w.yaml >&-'
	with '{}' 3 "ab-run: no output: ab-audit: $end: No space left on device" bash -c 'ab-run ./w.yaml >/dev/full'
	with '{}' 3 "ab-run: no output: ab-audit: $end: Broken pipe" bash -c 'ab-run ./w.yaml | true; exit "${PIPESTATUS[0]}"'
	with '{}' 3 "ab-run: stage validate:input failed: read: Bad file descriptor" bash -c 'ab-run ./w.yaml <&-'
	run -0 bash -c 'ab-run ./w.yaml 2>&- <<<"{}"'
	equals "$output" '{}'
	run -3 bash -c 'ab-run ./w.yaml <&- >&- 2>&-'
	equals "$output" ""
	for c in "ab-validate --schema s" "ab-scrub --policy output"; do
		with '{}' 3 "${c%% *}: standard output: write: Bad file descriptor" bash -c "$c >&-"
		with '{}' 3 "${c%% *}: standard output: write: No space left on device" bash -c "$c >/dev/full"
		equals "$(bash -c "$c 2>&-" <<<'{}')" '{}'
	done
	with '{}' 125 "ab-jail: standard output: write: No space left on device" bash -c 'ab-jail -- cat >/dev/full'
}

@test "limits of the shell: descriptors, the size of files" {
	[[ $AB_BUILD != */san ]] || skip "a sanitizer opens files of its own"
	a_workflow
	with '{}' 3 "ab-run: pipe: Too many open files" bash -c 'ulimit -n 8; ab-run ./w.yaml'
	# Wherever they run out, be it at the command's own file or in the jail's first process: it is not the command that is bad.
	failed=0
	for n in {3..24}; do
		run --separate-stderr bash -c 'for i in {3..99}; do exec {i}>&-; done
			ulimit -n '"$n"'; exec ab-jail -- cat' </dev/null
		[ "$status" -ne 0 ] || continue
		equals "$n: $status" "$n: 125"
		[[ $stderr == *": Too many open files"* || $stderr == *": No file descriptors available"* ]] # glibc's words, musl's
		failed=$((failed + 1))
	done
	[ "$failed" -ge 8 ]
	# The log's files may not grow, so nothing is recorded and nothing comes out.
	run -3 --separate-stderr bash -c 'ulimit -f 1; for i in 1 2 3 4 5 6; do ab-run --input in.json ./w.yaml >>out || exit; done'
	equals "$(sort -u out)" "$(grep -m 1 . out)"
	contains "$stderr" "File too large"
	run -1 --separate-stderr ab-audit verify
	contains "$stderr" "and has no end; if it is over: ab-audit end "
}

@test "no room, or no writing, for records, receipts and what is held" {
	needs_root
	unshare -m true 2>/dev/null || skip "no mount namespace"
	a_workflow
	head -c 9000000 /dev/zero | tr '\0' ' ' >big && echo '{}' >>big
	cat >full.sh <<-'S'
		mkdir room && mount -t tmpfs -o size=400k room room || exit 77
		ab-audit init --log room/L && ab-run --log room/L ./w.yaml <in.json || exit 1
		head -c 1M /dev/zero >room/fill 2>/dev/null
		ab-run --log room/L ./w.yaml <in.json
		echo "status $?"
		rm room/fill && ab-audit verify --log room/L >/dev/null && ab-run --log room/L ./w.yaml <in.json
		mkdir ro && mount -t tmpfs -o ro ro ro
		XDG_RUNTIME_DIR='' TMPDIR=$PWD/ro ab-run ./w.yaml <in.json
		echo "status $?"
		TMPDIR=$PWD/ro ab-validate --schema s <big
		echo "status $?"
		TMPDIR=$PWD/room ab-validate --schema s <big
		echo "status $?"
	S
	run --separate-stderr env PATH="$PATH" unshare -m bash full.sh
	[ "$status" != 77 ] || skip "no tmpfs can be mounted"
	equals "$output" "{}
status 3
{}
status 3
status 3
status 3"
	[[ $stderr == "ab-run: ab-audit: room/L/.ab/runs/"*": write: No space left on device
ab-run: ab-audit: "*": Read-only file system
ab-validate: "*"/ro: Read-only file system
ab-validate: spool: write: No space left on device" ]]
}

@test "many runs on one log at once: each has its output and its records" {
	local i
	a_workflow
	for i in 1 2 3 4 5 6; do
		ab-run ./w.yaml <<<"{\"n\":$i}" >"out$i" &
	done
	wait
	for i in 1 2 3 4 5 6; do equals "$(cat "out$i")" "{\"n\":$i}"; done
	contains "$(ab-audit verify)" "12 records (6 executions, 6 events)"
}

@test "no user namespaces: the sentence says what is missing, and what accepts less" {
	needs_root
	run -125 --separate-stderr "$AB_BUILD/agents/contain" "$AB_BUILD/bin/ab-jail" -- cat </dev/null
	equals "$(wc -l <<<"$stderr")" 1
	contains "$stderr" "namespace"
	contains "$stderr" "tier 2"
}
