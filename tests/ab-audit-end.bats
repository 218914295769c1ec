#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A run always gets an end: ab-audit end, and what could leave one without.
load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ab-audit keygen --name example.org/ab --key k >/dev/null
	ab-audit init --log L --key k
	export AB_AUDIT_LOG=$PWD/L AB_AUDIT_KEY_FILE=$PWD/k
}

begin() { eval "$(ab-audit begin --type t)"; }

# said NAME: a text of the newest record.
said() { ab-audit show | sed -n "s/^ *\"$1\": \"\(.*\)\",*$/\1/p"; }

# ends: the log verifies, no mark and no receipts are left.
ends() {
	ab-audit verify >/dev/null
	[ -z "$(ls L/.ab/runs "$XDG_RUNTIME_DIR" | grep -v ':$')" ]
}

@test "end: a run without an end gets one, and verify names the command" {
	local command
	begin
	run -1 --separate-stderr ab-audit verify
	command=${stderr##*if it is over: }
	equals "$command" "ab-audit end --log $PWD/L --run $AB_RUN"
	run -0 --separate-stderr $command --reason "power cut"
	equals "$output$stderr" ""
	equals "$(said verdict)" interrupted
	equals "$(said reason)" "ended by hand: power cut"
	ends
}

@test "end: what receipts are left are in the record" {
	printf '{"type":"object"}' >s
	begin
	ab-validate --stage input --schema s <<<'{}' >/dev/null
	ab-audit end --run "$AB_RUN"
	equals "$(said input | tail -n 1)" passed
	equals "$(said reason)" "ended by hand: it had no end"
	ends
}

@test "end: the record has what was said of the run when it began, receipts or not" {
	for lost in "" yes; do
		eval "$(ab-audit begin --type t --workflow-id w-1 --param level=high --param 'who=a "b" \u00fc')"
		[ -z "$lost" ] || rm -r "$(dirname "$AB_RECEIPTS")"
		ab-audit end --run "$AB_RUN"
		equals "$(ab-audit show | jq -c .predicate.params)" '{"level":"high","who":"a \"b\" \\u00fc"}'
		equals "$(said workflow_id)" w-1
		ab-audit show "$(ab-audit show | jq .predicate.started)" |
			env -u AB_RUN -u AB_RECEIPTS ab-validate --schema "$AB_TOP/schemas/event-record.schema.json" >/dev/null
	done
	ends
}

@test "begin: what was said of a run is said once, and is text" {
	run -2 --separate-stderr ab-audit begin --type t --param a=1 --param b=2 --param a=3
	contains "$stderr" "--param: a: given twice"
	run -2 --separate-stderr ab-audit begin --type t --param a=$'\xff'
	contains "$stderr" "--param: not UTF-8"
	run -2 --separate-stderr ab-audit begin --type t --param =1
	contains "$stderr" "--param: expected NAME=VALUE"
	contains "$(ab-audit verify)" "0 records"
}

@test "end: receipts that are lost are no hindrance, nor is a lost mark" {
	begin
	rm -r "$(dirname "$AB_RECEIPTS")"
	ab-audit end --run "$AB_RUN"
	equals "$(said reason)" "ended by hand: it had no end (its receipts are lost)"
	begin
	rm "L/.ab/runs/$AB_RUN" && rm -r "$(dirname "$AB_RECEIPTS")"
	ab-audit end --run "$AB_RUN"
	ends
}

@test "end: refused while a process of the run is alive" {
	local stage
	begin
	mkfifo in
	ab-audit append <in >out 2>err 3>&- &
	stage=$!
	exec 7>in
	until ls -l "/proc/$stage/fd" 2>/dev/null | grep -q /receipts; do :; done
	run -1 --separate-stderr ab-audit end --run "$AB_RUN"
	equals "$stderr" "ab-audit: run $AB_RUN: not ended: a process of the run is alive"
	exec 7>&-
	wait "$stage"
	run -2 --separate-stderr ab-audit end --run "$AB_RUN"
	contains "$stderr" "run $AB_RUN has ended, or was not begun here"
	ends
}

@test "end: after append was killed, and not twice" {
	local stage
	begin
	mkfifo in
	ab-audit append <in >out 2>err 3>&- &
	stage=$!
	exec 7>in
	kill -KILL "$stage"
	wait "$stage" || true
	exec 7>&-
	ab-audit end --run "$AB_RUN"
	run -2 --separate-stderr ab-audit end --run "$AB_RUN"
	run -2 --separate-stderr ab-audit append </dev/null
	ends
}

@test "end: a mark that a crash left over goes away, and nothing is recorded" {
	begin
	ab-audit end --run "$AB_RUN"
	: >"L/.ab/runs/$AB_RUN"
	run -0 --separate-stderr ab-audit end --run "$AB_RUN"
	equals "$stderr" "ab-audit: run $AB_RUN has ended: nothing to record"
	: >L/.ab/runs/01234567-89ab-cdef-0123-456789abcdef
	run -0 --separate-stderr ab-audit end --run 01234567-89ab-cdef-0123-456789abcdef
	contains "$stderr" "never began: nothing to record"
	ends
}

@test "end: no run, no reason, no id" {
	run -2 --separate-stderr ab-audit end
	run -2 --separate-stderr ab-audit end --run ../x
	equals "$stderr" "ab-audit: ../x: not a run's id"
	begin
	run -2 --separate-stderr ab-audit end --run "$AB_RUN" --reason ""
}

@test "begin: nobody is told of a run: it ends at once" {
	for to in /dev/full "&-"; do
		run -3 --separate-stderr bash -c "ab-audit begin --type t >$to"
		equals "${#stderr_lines[@]}" 1
		equals "$(said verdict)" failed
		equals "$(said reason)" "begin's output was lost"
		ends
	done
}

@test "begin: no room for receipts begins nothing" {
	run -3 bash -c '(ulimit -f 0; exec ab-audit begin --type t) 2>&1 | cat; exit "${PIPESTATUS[0]}"'
	contains "$output" "ab-audit: receipts: "
	contains "$output" ": File too large"
	run -0 --separate-stderr ab-audit verify
	contains "$output" "0 records"
	ends
}

@test "begin: an unusable TMPDIR is refused before a run begins" {
	TMPDIR=/nonexistent run -3 --separate-stderr ab-audit begin --type t
	equals "$stderr" "ab-audit: TMPDIR: /nonexistent: No such file or directory"
	run -0 --separate-stderr ab-audit verify
	contains "$output" "0 records"
}

@test "append: an unusable TMPDIR: a small document passes, a large one is recorded as refused" {
	begin
	TMPDIR=/nonexistent run -0 --separate-stderr ab-audit append < <(echo small)
	equals "$output" small
	begin
	TMPDIR=/nonexistent run -1 --separate-stderr ab-audit append < <(head -c 9000000 /dev/zero)
	equals "$output" ""
	equals "$stderr" "ab-audit: TMPDIR: /nonexistent: No such file or directory"
	equals "$(said verdict)" failed
	ends
}

@test "a limit on the size of files is told in a line, and the run can be ended" {
	begin
	run -3 --separate-stderr bash -c 'ulimit -f 1; head -c 3000 /dev/zero | ab-audit append'
	equals "$stderr" "ab-audit: not recorded, no output: $PWD/L/.ab/wal: write: File too large"
	ab-audit end --run "$AB_RUN"
	ends
}

@test "rotate names a run that is open, and how to end it" {
	begin
	ab-audit keygen --name example.org/next --key n >/dev/null
	run -1 --separate-stderr ab-audit rotate --next-log N --next-key n
	contains "$stderr" "if run $AB_RUN is over: ab-audit end --log $PWD/L --run $AB_RUN"
	ab-audit end --run "$AB_RUN"
	run -0 --separate-stderr ab-audit rotate --next-log N --next-key n
}
