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
