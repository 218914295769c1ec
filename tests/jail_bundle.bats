# SPDX-License-Identifier: Apache-2.0
# ab-jail --input BUNDLE: verified and unpacked by ab-bundle, seen at /input alone, gone afterwards.

load lib
load jail

setup() {
	# The ordinary user has to reach it, and bats' own directory is closed to all others.
	TOP=$(mktemp -d /tmp/ab-bundle-XXXXXX)
	chmod 755 "$TOP"
	cd "$TOP"
	umask 022
	mkdir -p tree/deep/er/est && echo a >tree/a && echo x >tree/deep/er/est/x && ln -s deep/er tree/link
	printf '#!/bin/sh\necho ran\n' >tree/run && chmod 755 tree/run
	IDENTITY=$(ab-bundle create tree b)
	mkdir -m 1777 tmp
	export TMPDIR=$TOP/tmp
	mkfifo -m 644 fifo
}

teardown() { rm -rf "$TOP"; }

# left: nothing is, of the bundle.
left() { equals "$(ls -A tmp)" ""; }

# keys NAME...: signing keys NAME, verifier keys NAME.pub that everybody can read.
keys() {
	local k
	for k; do
		ab-audit keygen --name "example.org/$k" --key "./$k" >/dev/null
		chmod 644 "$k.pub"
	done
}

# until_unpacking PID: ab-bundle runs for it, and waits for a key that does not come.
until_unpacking() {
	local n=0
	until pgrep -P "$1" -x ab-bundle >/dev/null; do
		[ $((n += 1)) -lt 2000 ] || return 1
		read -rt 0.01 <> <(:) || true
	done
}

@test "a bundle is at /input as it was packed, read-only, without execution" {
	both gives "a x x" --input b -- sh -c 'read -r a </input/a; read -r x </input/deep/er/est/x; read -r y </input/link/est/x; echo "$a $x $y"'
	both fails 126 "agent exited with status 126" --input b -- sh -c /input/run
	both fails 1 "agent exited with status 1" --input b -- tee /input/a
	both fails 1 "agent exited with status 1" --input b -- tee /input/deep/new
	both fails 1 "agent exited with status 1" --input b -- chmod 777 /input/a
	both gives ro,noexec --input b -- python3 -c 'print([",".join(o for o in l.split()[3].split(",") if o in ("ro", "noexec")) for l in open("/proc/self/mounts") if " /input " in l][0])'
}

@test "it is nowhere else" {
	both gives /input/deep/er/est/x --input b -- python3 -c 'import os
for top, dirs, files in os.walk("/"):
    for f in files:
        if f == "x": print(os.path.join(top, f))'
	both fails 2 "agent exited with status 2" --input b -- ls "$TOP/tmp"
}

@test "what shows the agent the place where it is unpacked is refused" {
	chmod 777 "$TOP"
	both fails 125 "--input: b: is unpacked in $TOP/tmp, which the agent is shown: let TMPDIR be elsewhere" --rw tmp --input b -- true
	both fails 125 "--input: b: is unpacked in $TOP, which the agent is shown: let TMPDIR be elsewhere" --ro . --input b -- true
	both fails 125 "--input: b: is unpacked in $TOP, which the agent is shown: let TMPDIR be elsewhere" --workspace . --input b -- true
}

@test "what is no bundle, or a changed one, is refused before the agent starts, with what ab-bundle says" {
	cp b changed && printf x >>changed
	tar --format=ustar -cf plain.tar tree
	echo words >words.tar.zst
	cp b "$(printf 'esc\033[2J.abb')" && printf x >>"$(printf 'esc\033[2J.abb')"
	for f in changed plain.tar words.tar.zst "$(printf 'esc\033[2J.abb')"; do
		run -1 --separate-stderr ab-bundle verify "$f"
		# shellcheck disable=SC2154
		both fails 125 "--input: ${stderr#ab-bundle verify: }" --input "$f" -- tee "$TOP/ran"
	done
	case $stderr in *$'\033'*) false ;; esac
	both fails 125 "--input: $TOP/none.abb: No such file or directory" --input none.abb -- true
	needs_root
	chmod 600 b
	AS=as_user fails 125 "--input: b: Permission denied" --input b -- true
}

@test "--input-key: signed by this key, or nothing is run" {
	keys one two
	ab-bundle sign --key ./one b >signed
	chmod 644 b.sig
	both gives a --input b --input-key one.pub -- cat /input/a
	both fails 125 "--input: b: no signature by this key of example.org/two" --input b --input-key two.pub -- cat /input/a
	cp b unsigned
	both fails 125 "--input: unsigned.sig: No such file or directory" --input unsigned --input-key one.pub -- true
	cp b.sig unsigned.sig && echo more >tree/a && ab-bundle create tree unsigned >other
	both fails 125 "--input: unsigned: signature: of another bundle" --input unsigned --input-key one.pub -- true
	both fails 125 "--input: no.pub: No such file or directory" --input b --input-key no.pub -- true
	both fails 125 "--input-key: tree: not a bundle, nobody has signed it" --input tree --input-key one.pub -- true
	both fails 125 "--input-key: there is no --input" --input-key one.pub -- true
}

@test "the receipt and the record say which bundle it was" {
	keys key
	ab-audit init --log ./log --key ./key >/dev/null
	export AB_AUDIT_KEY_FILE=$PWD/key
	eval "$(ab-audit begin --log ./log --type test)"
	ab-jail --input b -- cat /input/a </dev/null >out
	sed -n 2p "$AB_RECEIPTS" >receipt # which append removes
	ab-audit append --log ./log --expect jail <out >passed
	equals "$(cat passed)" a
	ab-audit show --log ./log 1 >record
	equals "$(python3 -c 'import json
p = json.load(open("record"))["predicate"]
print(p["input_bundle"], [k for k in p["receipts"][0]["facts"] if k.startswith("input")])')" "$IDENTITY ['input_bundle']"
	unset AB_RECEIPTS AB_RUN
	ab-validate --schema "$AB_TOP/schemas/audit-record.schema.json" <record >valid
	ab-validate --schema "$AB_TOP/schemas/receipt.schema.json" <receipt >valid
	run -0 ab-audit verify --log ./log
}

@test "an empty pipe calls the unpacking off: the agent is not started" {
	# Nobody ever writes to the key's pipe, so that it would never end.
	run -1 --separate-stderr bash -c ': | ab-jail --input b --input-key fifo -- tee ran'
	equals "$output" ""
	equals "$stderr" "ab-jail: empty input: the agent was not started"
	equals "$(ls -A tmp)" ""
}

@test "a signal while it is unpacked ends the run, and nothing is left" {
	mkfifo hold
	ab-jail --input b --input-key fifo -- tee ran <hold 2>err &
	pid=$!
	exec 8>hold
	until_unpacking "$pid"
	kill -TERM "$pid"
	exec 8>&-
	status=0
	wait "$pid" || status=$?
	equals "$status" 143
	equals "$(cat err)" "ab-jail: interrupted by signal 15 (Terminated)"
	equals "$(ls -A tmp)" ""
}

@test "a signal while the agent runs: nothing is left" {
	ab-jail --input b --stderr err -- sh -c 'read -r a </input/a; echo "$a" >&2; while :; do :; done' </dev/null 2>said &
	pid=$!
	n=0
	until [ -s err ]; do
		[ $((n += 1)) -lt 2000 ] || return 1
		read -rt 0.01 <> <(:) || true
	done
	kill -INT "$pid" 2>/dev/null || true
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	equals "$status" 143
	equals "$(ls -A tmp)" ""
}

# killed [OPTION...]: a run that SIGKILL ended; left is what it left.
killed() {
	ab-jail --input b "$@" -- tee ran <hold 2>err &
	pid=$!
	exec 8>hold
	until_unpacking "$pid"
	kill -KILL "$pid"
	exec 8>&-
	wait "$pid" || true
	left=$(ls -A tmp)
	[ -n "$left" ]
}

@test "what SIGKILL left behind is removed by the next run, what another holds is not" {
	mkfifo hold
	killed --input-key fifo
	mkdir -m 700 tmp/.ab-input-keepme tmp/.ab-input-keep tmp/.ab-inputs
	mkdir -m 755 tmp/.ab-input-abcdef
	echo mine >tmp/.ab-inputs/mine
	exec 7<tmp/.ab-input-keepme
	flock 7
	run -0 --separate-stderr ab-jail --input b -- cat /input/a </dev/null
	equals "$output" a
	[ ! -e "tmp/$left" ]
	equals "$(find tmp -mindepth 1 | sort)" "$(printf '%s\n' tmp/.ab-input-abcdef tmp/.ab-input-keep tmp/.ab-input-keepme tmp/.ab-inputs tmp/.ab-inputs/mine)"
}

@test "another's is not removed" {
	needs_root
	mkdir -m 700 tmp/.ab-input-abcdef
	as_user ab-jail --input b -- true </dev/null
	ab-jail --input b -- true </dev/null
	[ ! -e tmp/.ab-input-abcdef ]
	as_user mkdir -m 700 tmp/.ab-input-abcdef
	ab-jail --input b -- true </dev/null
	[ -d tmp/.ab-input-abcdef ]
}

@test "twenty at a time, and nothing is left" {
	run -0 bash -c 'seq 20 | xargs -P 4 -I{} sh -c "ab-jail --input b -- cat /input/link/est/x </dev/null"'
	equals "$(sort -u <<<"$output") ${#lines[@]}" "x 20"
	equals "$(ls -A tmp)" ""
}

@test "a kernel whose Landlock moves nothing between directories: the tree is removed all the same" {
	mkdir bin && cp "$AB_BUILD/weak/bin/ab-jail" "$AB_BUILD/bin/ab-bundle" bin/
	for abi in 0 1; do
		AB_WEAKEN=abi=$abi run -0 --separate-stderr bin/ab-jail --input b -- cat /input/deep/er/est/x </dev/null
		equals "$output" x
		equals "$(ls -A tmp)" ""
	done
}

@test "an ab-bundle that is not there, or dies, is said" {
	mkdir bin && cp "$AB_BUILD/bin/ab-jail" bin/
	run -125 --separate-stderr bin/ab-jail --input b -- true </dev/null
	equals "$stderr" "ab-jail: --input: $TOP/bin/ab-bundle: No such file or directory"
	printf '#!/bin/sh\nkill -SEGV $$\n' >bin/ab-bundle && chmod 755 bin/ab-bundle
	run -125 --separate-stderr bin/ab-jail --input b -- true </dev/null
	equals "$stderr" "ab-jail: --input: b: ab-bundle was killed by signal 11"
	printf '#!/bin/sh\nexit 3\n' >bin/ab-bundle
	run -125 --separate-stderr bin/ab-jail --input b -- true </dev/null
	equals "$stderr" "ab-jail: --input: b: ab-bundle ended with status 3, and no word"
	printf '#!/bin/sh\nexit 0\n' >bin/ab-bundle
	run -125 --separate-stderr bin/ab-jail --input b -- true </dev/null
	equals "$stderr" "ab-jail: --input: ab-bundle did not say which bundle it was"
	equals "$(ls -A tmp)" ""
}
