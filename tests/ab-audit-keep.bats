#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ab-audit: what is kept beside the log, what is deleted, and one log after another.
load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ab-audit keygen --name example.org/ab --key k >/dev/null
	ab-audit init --log L --key k
	export AB_AUDIT_LOG=$PWD/L AB_AUDIT_KEY_FILE=$PWD/k
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 0700 run
}

# blob_of INDEX: the hash that the record names.
blob_of() { ab-audit query --limit 1000 | sed -n "$(($1 + 1))p" | grep -o 'sha256:[0-9a-f]*' | head -1; }

@test "record --blob keeps the data apart, under a salted hash" {
	echo '{"name": "Eve"}' | ab-audit record --blob >/dev/null
	echo '{"name": "Eve"}' | ab-audit record --blob >/dev/null
	run -1 grep -rqF '"Eve"' L/tile # with its quotes: three letters may stand in a hash or a signature
	[ "$(blob_of 0)" != "$(blob_of 1)" ]
	equals "$(tail -c +33 "L/blobs/$(blob_of 0 | cut -c8-)")" '{"name":"Eve"}'
	run -0 ab-audit verify
}

@test "record --events keeps a file as it is" {
	head -c 100000 /dev/urandom >events
	run -0 --separate-stderr ab-audit record --events events
	contains "$output" '{"index":0,'
	cmp events <(tail -c +33 "L/blobs/$(blob_of 0 | cut -c8-)")
	contains "$(ab-audit show)" '"bytes": 100000'
	contains "$(ab-audit show)" '"type": "events"'
	run -2 --separate-stderr ab-audit record --events events --lines
	run -2 --separate-stderr ab-audit record --events nowhere
}

@test "data that look like a blob are refused" {
	run -1 --separate-stderr ab-audit record < <(echo '{"blob":"sha256:00","bytes":1}')
	equals "$stderr" "ab-audit: event: blob and bytes together are how a record names a blob"
	run -0 ab-audit verify
}

@test "redact deletes the blob, leaves a tombstone, and the log verifies" {
	local blob
	echo '{"name": "Eve"}' | ab-audit record --blob >/dev/null
	echo '{"name": "Bob"}' | ab-audit record --blob >/dev/null
	blob=$(blob_of 0)
	run -0 grep -rqF '"Eve"' L
	run -2 --separate-stderr ab-audit redact 0
	equals "$stderr" "ab-audit: --reason: required, at most 500 bytes"
	run -0 --separate-stderr ab-audit redact --reason "asked to" 0
	equals "$output" "$blob"
	[ ! -e "L/blobs/${blob#sha256:}" ]
	run -1 grep -rqF '"Eve"' L
	contains "$(ab-audit show)" '"reason": "asked to"'
	run -0 --separate-stderr ab-audit verify
	contains "$output" "1 redacted: blobs that are gone, each with its tombstone"
	# The other's disappearance is damage.
	rm "L/blobs/$(blob_of 1 | cut -c8-)"
	run -1 --separate-stderr ab-audit verify
	contains "$stderr" "record 1: its blob $(blob_of 1) is gone and was not redacted"
	run -1 --separate-stderr ab-audit redact --reason x 2
	equals "$stderr" "ab-audit: record 2 has no blob: what stands in a record itself stays"
}

@test "a copy without blobs verifies and says that they were not checked" {
	echo '{"name": "Eve"}' | ab-audit record --blob >/dev/null
	mkdir copy
	cp -r L/vkey L/checkpoint L/tile copy
	run -0 --separate-stderr ab-audit verify --log copy --vkey k.pub
	contains "$output" "1 blobs that are not here, and so were not checked"
}

@test "large parts of an execution's record stand beside" {
	eval "$(ab-audit begin --type t)"
	python3 - "$AB_RUN" >>"$AB_RECEIPTS" <<'P'
import json, sys
d = {"bytes": 0, "sha256": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
print(json.dumps({"duration_ms": 1, "exit": 0, "facts": {"files_changed": [{"path": "f%d" % i} for i in range(2500)]},
    "in": d, "out": d, "run": sys.argv[1], "tool": "ab-jail", "verdict": "passed", "version": "0.1.0"}, separators=(",", ":"), sort_keys=True))
P
	run -0 --separate-stderr ab-audit append --expect jail </dev/null
	contains "$(ab-audit show | grep -A2 files_changed)" '"blob": "sha256:'
	contains "$(ab-audit show | grep -A2 '"receipts"')" '"blob": "sha256:'
	[ "$(find L/blobs -type f | wc -l)" = 2 ]
	run -0 ab-audit verify
	rm "$(find L/blobs -type f | head -1)"
	run -1 --separate-stderr ab-audit verify
}

@test "rotate ends the log; the next carries its last checkpoint" {
	seq 10 | ab-audit record --lines >/dev/null
	ab-audit keygen --name example.org/ab2 --key k2 >/dev/null
	run -0 --separate-stderr ab-audit rotate --next-log L2 --next-key k2
	run -2 --separate-stderr ab-audit record < <(echo 1)
	equals "$stderr" "ab-audit: $PWD/L: the log was rotated, another one follows it"
	run -0 --separate-stderr ab-audit verify --min-size 11
	run -0 --separate-stderr ab-audit verify --log L2 --vkey k2.pub --previous L
	contains "$(ab-audit show --log L2 0)" "$(sed -n 3p L/checkpoint)"
	contains "$(ab-audit show)" "\"next\": \"$(cat k2.pub)\""
	echo 1 | ab-audit record --log L2 --key k2 >/dev/null
	run -0 --separate-stderr ab-audit verify --log L2 --previous L
}

@test "a previous log that is another, or was cut, does not verify" {
	seq 10 | ab-audit record --lines >/dev/null
	cp -a L before
	cp -a L other
	ab-audit keygen --name example.org/ab2 --key k2 >/dev/null
	ab-audit keygen --name example.org/ab3 --key k3 >/dev/null
	ab-audit rotate --next-log L2 --next-key k2
	ab-audit rotate --log other --next-log L3 --next-key k3
	run -1 --separate-stderr ab-audit verify --log L2 --previous before
	equals "$stderr" "ab-audit: before: is not the log that was carried over"
	run -1 --separate-stderr ab-audit verify --log L2 --previous other
	run -1 --separate-stderr ab-audit verify --previous other
	equals "$stderr" "ab-audit: $PWD/L: does not follow another log"
	rm L/.ab/retired
	echo 1 | ab-audit record >/dev/null
	run -1 --separate-stderr ab-audit verify
	equals "$stderr" "ab-audit: $PWD/L: record 11: stands behind the log's last, which named the next log"
}

@test "a log with open runs is not rotated, and two logs do not share a name" {
	ab-audit keygen --name example.org/ab --key same >/dev/null
	run -2 --separate-stderr ab-audit rotate --next-log L2 --next-key same
	equals "$stderr" "ab-audit: --next-key: example.org/ab is the name of this log already"
	ab-audit keygen --name example.org/ab2 --key k2 >/dev/null
	eval "$(ab-audit begin --type t)"
	run -1 --separate-stderr ab-audit rotate --next-log L2 --next-key k2
	contains "$stderr" "ab-audit: $PWD/L: 1 runs are open and must end here first"
	[ ! -e L2 ]
	ab-audit append </dev/null
	run -0 --separate-stderr ab-audit rotate --next-log L2 --next-key k2
}
