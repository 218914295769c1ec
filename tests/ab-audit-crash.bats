#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ab-audit: what is acknowledged survives kills, failing calls, full disks and other writers.
load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ab-audit keygen --name example.org/ab --key k >/dev/null
	ab-audit init --log L --key k
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 0700 run
	seq 255 | ab-audit record --lines --log L --key k >/dev/null
}

# traces: whether strace may trace here and the build lets itself be traced.
traces() {
	needs strace
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	[[ $AB_BUILD != */san ]] || skip "a sanitizer's runtime makes calls of its own"
}

@test "writers that are killed lose nothing that they acknowledged" {
	run -0 "$AB_TOP/tests/crash.py" kill "$(slow_count 1000)"
	contains "$output" "none lost"
}

@test "record survives EIO at every file system call" {
	traces
	run -0 "$AB_TOP/tests/crash.py" inject record error=EIO
	contains "$output" "none lost"
}

@test "record survives ENOSPC at every file system call" {
	traces
	run -0 "$AB_TOP/tests/crash.py" inject record error=ENOSPC
	contains "$output" "none lost"
}

@test "record survives SIGKILL at every file system call" {
	traces
	run -0 "$AB_TOP/tests/crash.py" inject record signal=KILL
	contains "$output" "none lost"
}

@test "a run that begin told of has begun, whatever becomes of begin and the public tiles" {
	local status=0
	traces
	strace -qq -o /dev/null -e trace=renameat -e inject=renameat:signal=KILL:when=1 \
		ab-audit begin --type w --log L --key k >told || status=$?
	equals "$status" 137
	eval "$(cat told)"
	equals "$(sed -n 2p L/checkpoint)" 255
	run -1 --separate-stderr ab-audit append --expect jail --log L --key k </dev/null
	contains "$stderr" "stage jail"
	run -0 ab-audit verify --log L
	equals "$(sed -n 2p L/checkpoint)" 257
}

@test "append survives EIO at every file system call, and gives no output without a record" {
	traces
	run -0 "$AB_TOP/tests/crash.py" inject append error=EIO
	contains "$output" "none lost"
}

@test "append survives ENOSPC at every file system call, and gives no output without a record" {
	traces
	run -0 "$AB_TOP/tests/crash.py" inject append error=ENOSPC
	contains "$output" "none lost"
}

@test "append survives SIGKILL at every file system call, and gives no output without a record" {
	traces
	run -0 "$AB_TOP/tests/crash.py" inject append signal=KILL
	contains "$output" "none lost"
}

@test "a failed fdatasync ends the process without an acknowledgement" {
	traces
	run -3 --separate-stderr strace -o /dev/null -e trace=fdatasync -e inject=fdatasync:error=EIO:when=1+ \
		ab-audit record --log L --key k < <(echo 1)
	equals "$output" ""
	equals "$stderr" "ab-audit: L/.ab/wal: fdatasync: Input/output error"
	run -0 --separate-stderr ab-audit verify --log L
	contains "$output" "255 records"
}

@test "a full disk is trouble, and the log is good before and after" {
	unshare -rm true 2>/dev/null || skip "no user namespaces here"
	cat >full.sh <<'S'
set -eu
mkdir m
mount -t tmpfs -o size=600k none m
cp -a L m/L
status=0
n=0
while [ $n -lt 400 ]; do
	n=$((n + 1))
	seq 20 | sed 's/.*/"&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"/' |
		ab-audit record --lines --log m/L --key k >>acks 2>err || { status=$?; break; }
done
[ $status = 3 ]
grep -q 'No space left on device' err
size=$(($(tail -1 acks | sed 's/.*"index":\([0-9]*\),.*/\1/') + 1))
[ $size -gt 255 ]
ab-audit verify --log m/L --min-size $size >/dev/null
mount -t tmpfs -o remount,size=4m none m
echo 1 | ab-audit record --log m/L --key k >/dev/null
ab-audit verify --log m/L --min-size $((size + 1)) >/dev/null
S
	run -0 unshare -rm bash full.sh
}

@test "several writers at once lose nothing and give no place twice" {
	local n i
	n=$(slow_count 400)
	for i in 1 2 3 4 5 6 7; do
		(for ((j = 0; j < n; j++)); do echo "$i" | ab-audit record --log L --key k || exit 1; done >"acks.$i") &
	done
	yes '"stream"' | head -n $((20 * n)) | ab-audit record --lines --log L --key k >acks.8 &
	wait
	equals "$(cat acks.* | wc -l)" $((27 * n))
	equals "$(cat acks.* | sort -u | wc -l)" $((27 * n))
	run -0 --separate-stderr ab-audit verify --log L --min-size $((255 + 27 * n))
	contains "$output" "good: $((255 + 27 * n)) records"
}
