#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ab-audit: keys, a log's life, runs, and what a command line gets wrong.
load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ab-audit keygen --name example.org/ab --key k >vkey.out
	ab-audit init --log L --key k
	export AB_AUDIT_LOG=$PWD/L AB_AUDIT_KEY_FILE=$PWD/k
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 0700 run
}

# begin TYPE: starts a run in this shell.
begin() { eval "$(ab-audit begin --type "$1")"; }

# receipt TOOL STAGE VERDICT IN OUT: adds a receipt as a tool would; IN and OUT are texts.
receipt() {
	local in out stage=
	in=$(printf %s "$4" | sha256sum | cut -d' ' -f1)
	out=$(printf %s "$5" | sha256sum | cut -d' ' -f1)
	[ -z "$2" ] || stage="\"stage\":\"$2\","
	printf '{"duration_ms":5,"exit":0,"facts":%s,"in":{"bytes":%d,"sha256":"sha256:%s"},"out":{"bytes":%d,"sha256":"sha256:%s"},"run":"%s",%s"tool":"%s","verdict":"%s","version":"0.1.0"}\n' \
		"${6:-{\}}" "${#4}" "$in" "${#5}" "$out" "$AB_RUN" "$stage" "$1" "$3" >>"$AB_RECEIPTS"
}

# field PATH: of the newest record.
field() { ab-audit show | python3 -c 'import json,sys,functools
v=json.load(sys.stdin)
for k in sys.argv[1].split("."): v=v[int(k)] if isinstance(v,list) else v[k]
print(v if isinstance(v,str) else json.dumps(v))' "$1"; }

@test "keygen makes a private key for us alone and prints the verifier key" {
	equals "$(stat -c '%a %a' k)" "600 600"
	equals "$(cat vkey.out)" "$(cat k.pub)"
	[[ $(cat k.pub) =~ ^example.org/ab\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$ ]]
	[[ $(cat k) =~ ^PRIVATE\+KEY\+example.org/ab\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$ ]]
}

@test "keygen never replaces a key, nor half of one" {
	local before
	before=$(sha256sum k k.pub)
	run -2 --separate-stderr ab-audit keygen --name x --key k
	equals "$stderr" "ab-audit: k: there is a key already"
	equals "$(sha256sum k k.pub)" "$before"
	mv k.pub kept
	run -2 --separate-stderr ab-audit keygen --name x --key k
	equals "$stderr" "ab-audit: k: there is a key already"
	[ ! -e k.pub ]
}

@test "a key's name has no space and no plus" {
	for name in "" "a b" "a+b" $'a\nb'; do
		run -2 --separate-stderr ab-audit keygen --name "$name" --key new
		equals "$output" ""
		[ ! -e new ] && [ ! -e new.pub ]
	done
}

@test "a key that others may read is refused" {
	chmod 640 k
	run -2 --separate-stderr ab-audit begin --type t
	equals "$stderr" "ab-audit: $PWD/k: others may use it (mode 0640), expected 0600"
}

@test "a key behind a symbolic link is refused" {
	ln -s k link
	run -2 --separate-stderr ab-audit begin --type t --key link
	equals "$stderr" "ab-audit: link: a symbolic link, expected the key itself"
}

@test "a damaged key is refused" {
	sed -i 's/+A/+B/' k
	run -2 --separate-stderr ab-audit begin --type t
	contains "$stderr" "algorithm 5 of a key is not known"
}

@test "init that fails leaves nothing behind, and one that was killed is begun again" {
	local blocks
	for blocks in 0 1 2; do
		mkdir -p "N$blocks"
		(ulimit -f "$blocks"; exec ab-audit init --log "N$blocks" --key k) 2>&1 | cat >said || true
		[ -f "N$blocks/vkey" ] || contains "$(cat said)" "File too large"
		[ -f "N$blocks/vkey" ] || equals "$(ls -A "N$blocks")" ""
	done
	[ ! -f N0/vkey ]
	mkdir -p half/.ab/runs half/tile half/blobs
	: >half/.making
	: >half/.ab/lock
	run -0 --separate-stderr ab-audit init --log half --key k
	equals "$(ls -A half | tr '\n' ' ')" ".ab blobs checkpoint tile vkey "
	rm half/vkey
	run -2 --separate-stderr ab-audit init --log half --key k
	equals "$stderr" "ab-audit: half: there is a log already"
}

@test "init refuses a directory that is a log" {
	run -2 --separate-stderr ab-audit init
	equals "$stderr" "ab-audit: $PWD/L: there is a log already"
	rm L/vkey
	run -2 --separate-stderr ab-audit init
	equals "$stderr" "ab-audit: $PWD/L: there is a log already"
}

@test "what is missing is not made silently: the two commands are printed" {
	rm -r L k k.pub
	run -2 --separate-stderr ab-audit begin --type t
	equals "$stderr" "ab-audit: $PWD/k: No such file or directory; to make it: ab-audit keygen --name NAME --key $PWD/k && ab-audit init --log $PWD/L --key $PWD/k"
	ab-audit keygen --name x --key k >/dev/null
	run -2 --separate-stderr ab-audit begin --type t
	equals "$stderr" "ab-audit: $PWD/L: no log; to make it: ab-audit init --log $PWD/L --key $PWD/k"
	[ ! -e L ]
}

@test "a begin that fails lets no stage behind it start" {
	cat >typed <<-'E'
		eval "$(ab-audit begin $1)"
		echo "status $?"
		ab-jail -- touch "$PWD/ran" <<<'{}' | ab-audit append
		echo "${PIPESTATUS[@]}"
	E
	rm -r L
	for option in "--type t" "--typ t" "--type"; do
		run -0 --separate-stderr bash typed "$option"
		equals "$output" $'status 2\n125 2'
		contains "$stderr" "ab-jail: AB_RECEIPTS: begin-failed: not the absolute path"
	done
	run -2 bash -ec 'eval "$(ab-audit begin --type t)"; echo went on'
	[[ $output != *"went on"* ]]
}

@test "the commands that are printed make what is missing, as they stand, and then begin works" {
	local begin
	unset AB_AUDIT_LOG AB_AUDIT_KEY_FILE
	export XDG_STATE_HOME=$PWD/none/yet
	run -2 --separate-stderr ab-audit begin --type t
	PATH=$AB_BUILD/bin:$PATH bash -ec "${stderr#*to make it: }" >/dev/null
	equals "$(stat -c %a none none/yet none/yet/agentbox)" "700
700
700"
	begin=$(ab-audit begin --type t)
	eval "$begin"
	echo hello | ab-audit append >/dev/null
	equals "$(ab-audit verify | head -n 1 | cut -d, -f1)" "NAME: good: 2 records (1 executions"
}

@test "without options and variables log and key are in the state directory" {
	unset AB_AUDIT_LOG AB_AUDIT_KEY_FILE
	run -2 --separate-stderr ab-audit begin --type t
	contains "$stderr" "$XDG_STATE_HOME/agentbox/key: No such file"
	mkdir -p "$XDG_STATE_HOME/agentbox"
	ab-audit keygen --name x --key "$XDG_STATE_HOME/agentbox/key" >/dev/null
	ab-audit init
	run -0 --separate-stderr ab-audit begin --type t
}

@test "a log takes its own key only" {
	ab-audit keygen --name example.org/ab --key other >/dev/null
	run -2 --separate-stderr ab-audit begin --type t --key other
	contains "$stderr" "$PWD/L: the log's key is example.org/ab+"
}

@test "a new log verifies and says what that is worth" {
	run -0 --separate-stderr ab-audit verify
	equals "$output" "example.org/ab: good: 0 records (0 executions, 0 events), root 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
key: the log's own; --vkey makes sure whose log it is
anchor: none outside the log; that newest records were removed cannot be excluded (--old, --min-size)"
	run -0 --separate-stderr ab-audit verify --vkey k.pub --old L/checkpoint
	equals "${#lines[@]}" 1
	equals "$stderr" ""
}

@test "begin prints what a shell can evaluate, whatever the directory is called" {
	mkdir -m 0700 "it's here"
	export XDG_RUNTIME_DIR="$PWD/it's here"
	begin code-review
	[ -f "$AB_RECEIPTS" ]
	contains "$AB_RECEIPTS" "it's here"
	equals "$(field run)" "$AB_RUN"
	equals "$(field record)" started
	equals "$(field workflow_type)" code-review
}

@test "a run that began and has no end does not verify, unless that is allowed" {
	begin t
	run -1 --separate-stderr ab-audit verify
	equals "$output" ""
	contains "$stderr" "ab-audit: $PWD/L: run $AB_RUN began at record 0 and has no end"
	run -0 --separate-stderr ab-audit verify --allow-open 1h
	contains "$output" "1 open: runs that began and have no end yet"
}

@test "a run that passed is recorded and its output let through, byte for byte" {
	begin code-review
	receipt ab-validate input passed in in
	receipt ab-jail "" passed in out '{"isolation":{"mechanisms":{"seccomp":{"state":"enforced"}},"tier":1},"isolation_verified":true,"resources":{"cpu_ms":1500,"peak_memory_bytes":1048577,"wall_ms":2000}}'
	printf out >doc
	run -0 --separate-stderr ab-audit append --expect validate:input,jail <doc
	equals "$output" out
	equals "$stderr" ""
	equals "$(field predicate.verdict)" passed
	equals "$(field predicate.isolation_verified)" true
	equals "$(field predicate.tier)" 1
	equals "$(field predicate.resource_usage)" '{"cpu_seconds": 1.5, "peak_memory_mb": 2}'
	equals "$(field predicate.execution_duration_ms)" 2000
	equals "$(field predicate.schema_validation)" '{"input": "passed", "output": "absent"}'
	equals "$(field predicate.output_hash)" "sha256:$(sha256sum <doc | cut -d' ' -f1)"
	equals "$(field subject.0.digest.sha256)" "$(printf in | sha256sum | cut -d' ' -f1)"
	equals "$(field subject.1.digest.sha256)" "$(sha256sum <doc | cut -d' ' -f1)"
	run -0 --separate-stderr ab-audit verify
	contains "$output" "2 records (1 executions, 1 events)"
	[ -z "$(ls run)" ]
}

@test "a run that did not pass is recorded with the reason and gives no output" {
	begin t
	receipt ab-validate input passed in in
	receipt ab-jail "" timeout in ""
	run -1 --separate-stderr ab-audit append --expect validate:input,jail,validate:output </dev/null
	equals "$output" ""
	equals "$stderr" "ab-audit: stage jail timeout"
	equals "$(field predicate.verdict)" timeout
	equals "$(field predicate.stage)" jail
	run -0 --separate-stderr ab-audit verify
}

@test "a stage that was slipped in between gives no output" {
	begin t
	receipt ab-validate input passed in in
	receipt ab-jail "" passed changed out
	printf out >doc
	run -1 --separate-stderr ab-audit append --expect validate:input,jail <doc
	equals "$output" ""
	equals "$stderr" "ab-audit: stage jail did not read what stage validate:input wrote"
}

@test "what arrives must be what the last stage wrote" {
	begin t
	receipt ab-validate output passed out out
	run -1 --separate-stderr ab-audit append --expect validate:output < <(printf other)
	equals "$output" ""
	equals "$(field predicate.verdict)" failed
}

@test "a second end of a run is refused" {
	local kept
	begin t
	kept=$AB_RECEIPTS
	cp -a "$(dirname "$AB_RECEIPTS")" copy
	run -0 --separate-stderr ab-audit append </dev/null
	run -2 --separate-stderr ab-audit append </dev/null
	equals "$output" ""
	cp -a copy "$(dirname "$kept")"
	run -2 --separate-stderr ab-audit append < <(echo again)
	equals "$output" ""
	equals "$stderr" "ab-audit: not recorded, no output: $PWD/L: run $AB_RUN has ended, or was not begun here"
	run -0 --separate-stderr ab-audit verify
}

@test "append without a run is refused" {
	run -2 --separate-stderr ab-audit append < <(echo x)
	equals "$output" ""
	equals "$stderr" "ab-audit: AB_RECEIPTS is not set: start the run with ab-audit begin"
}

@test "a run ends in the log that it began in" {
	begin t
	ab-audit keygen --name other --key k2 >/dev/null
	ab-audit init --log L2 --key k2
	run -2 --separate-stderr ab-audit append --log L2 --key k2 < <(echo x)
	equals "$output" ""
	equals "$stderr" "ab-audit: run $AB_RUN began in the log example.org/ab, this is other"
}

@test "append --type must be the run's" {
	begin t
	run -1 --separate-stderr ab-audit append --type other < <(echo x)
	equals "$output" ""
	equals "$stderr" "ab-audit: the run began as one of another type"
}

@test "output that is lost after the record is trouble, and the record stands" {
	begin t
	run -3 --separate-stderr bash -c 'echo x | ab-audit append >/dev/full'
	contains "$stderr" "standard output (the run is recorded as passed): write: No space left on device"
	equals "$(field predicate.verdict)" passed
	begin t
	# A reader that is gone before the first byte.
	run -3 --separate-stderr python3 -c 'import os,subprocess
r, w = os.pipe()
os.close(r)
raise SystemExit(subprocess.run(["ab-audit", "append"], input=b"x", stdout=w).returncode)'
	contains "$stderr" "Broken pipe"
	equals "$(field predicate.verdict)" passed
}

@test "a signal does not cut the record short: the run is recorded as interrupted" {
	for signal in INT TERM HUP; do
		begin t
		mkfifo in."$signal"
		ab-audit append <in."$signal" >out 2>err 3>&- &
		exec 7>in."$signal"
		# It has opened its log once it sleeps in read(); only then the signal is its own.
		until grep -q "SigBlk:.*[1-9a-f]" /proc/$!/status && [ "$(cut -d' ' -f1 "/proc/$!/syscall")" = 0 ]; do :; done
		kill -"$signal" $!
		echo document >&7
		exec 7>&-
		status=0
		wait $! || status=$?
		equals $status 1
		equals "$(cat out)" ""
		contains "$(cat err)" "ab-audit: interrupted by signal "
		equals "$(field predicate.verdict)" interrupted
	done
	run -0 ab-audit verify
}

@test "record takes any JSON, in canonical form, and says where it stands" {
	run -0 --separate-stderr ab-audit record --type test < <(echo '{"b":1.0, "a":[true]}')
	[[ $output =~ ^\{\"index\":0,\"leaf\":\"sha256:[0-9a-f]{64}\"\}$ ]]
	equals "$(field data)" '{"a": [true], "b": 1}'
	equals "$(field type)" test
	run -0 --separate-stderr ab-audit record --lines < <(printf '1\n"two"\nnull')
	equals "${#lines[@]}" 3
	contains "${lines[2]}" '{"index":3,'
	run -0 ab-audit verify
}

@test "record --lines keeps what came before a bad line and refuses the rest" {
	run -1 --separate-stderr ab-audit record --lines < <(printf '{"n":1}\n{"n":1,"n":2}\n{"n":3}\n')
	equals "${#lines[@]}" 1
	contains "$stderr" "ab-audit: line 2: event: 1:"
	run -0 --separate-stderr ab-audit verify
	contains "$output" "1 records"
}

@test "an event over an entry's size becomes a blob" {
	python3 -c 'import json; print(json.dumps({"x": "y" * 70000}))' >big
	run -0 --separate-stderr ab-audit record <big
	equals "$(field data.bytes)" 70008
	name=$(field data.blob)
	equals "sha256:$(sha256sum "L/blobs/${name#sha256:}" | cut -d' ' -f1)" "$name"
	run -0 --separate-stderr ab-audit verify
	printf x >>"L/blobs/${name#sha256:}"
	run -1 --separate-stderr ab-audit verify
	contains "$stderr" "not what was recorded"
}

@test "show tells a record that is not there" {
	run -1 --separate-stderr ab-audit show
	equals "$stderr" "ab-audit: $PWD/L: no record yet"
	run -2 --separate-stderr ab-audit show 5
	equals "$stderr" "ab-audit: 5: no such record, there are 0"
}

@test "a verifier key of another log does not verify" {
	ab-audit keygen --name example.org/ab --key other >/dev/null
	run -1 --separate-stderr ab-audit verify --vkey other.pub
	equals "$output" ""
}

@test "a log that is shorter than before does not verify" {
	echo 1 | ab-audit record >/dev/null
	cp -a L old
	cp L/checkpoint one
	echo 2 | ab-audit record >/dev/null
	run -0 --separate-stderr ab-audit verify --old one --min-size 2
	cp L/checkpoint two
	run -0 --separate-stderr ab-audit verify --log old
	run -1 --separate-stderr ab-audit verify --log old --old two
	equals "$stderr" "ab-audit: old: rolled back: 1 records, 2 were there before"
	run -1 --separate-stderr ab-audit verify --log old --min-size 2
	equals "$stderr" "ab-audit: old: rolled back: 1 records, expected at least 2"
	echo 3 | ab-audit record --log old >/dev/null
	run -1 --separate-stderr ab-audit verify --log old --old two
	equals "$stderr" "ab-audit: old: forked: the first 2 records are not those of --old"
}

@test "a missing checkpoint is an error, never a new log" {
	echo 1 | ab-audit record >/dev/null
	rm L/checkpoint
	run -3 --separate-stderr ab-audit record < <(echo 2)
	equals "$stderr" "ab-audit: $PWD/L/checkpoint: No such file or directory"
	run -1 --separate-stderr ab-audit verify
	equals "$stderr" "ab-audit: $PWD/L/checkpoint: No such file or directory"
}

@test "a copy of the public part verifies" {
	seq 300 | ab-audit record --lines >/dev/null
	mkdir copy
	cp -r L/vkey L/checkpoint L/tile copy
	run -0 --separate-stderr ab-audit verify --log copy --vkey k.pub --old L/checkpoint
	contains "$output" "300 records"
	run -0 --separate-stderr ab-audit show --log copy 299
	run -2 --separate-stderr ab-audit record --log copy < <(echo 1)
}

@test "an ordinary user keeps a log" {
	chmod 755 . .. ../..
	chown -R "$AB_USER_ID" . 2>/dev/null || :
	as_user env AB_AUDIT_LOG="$PWD/U" AB_AUDIT_KEY_FILE="$PWD/u" bash -e -c '
		ab-audit keygen --name u --key u >/dev/null
		ab-audit init
		eval "$(ab-audit begin --type t)"
		echo x | ab-audit append >out
		ab-audit verify >good'
	equals "$(cat out)" x
}
