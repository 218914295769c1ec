# SPDX-License-Identifier: Apache-2.0
# ab-jail's limits of the whole tree: processor time, shares, control groups where one can be made.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	ab-audit keygen --name test --key ./key >/dev/null
	ab-audit init --log ./log --key ./key >/dev/null
	export AB_AUDIT_KEY_FILE=$PWD/key XDG_RUNTIME_DIR=
	eval "$(ab-audit begin --log ./log --type test)"
}

teardown() { rm -rf "${AB_RECEIPTS%/*}"; }

# receipt EXPRESSION: a Python expression over r, the last receipt; f are its facts, m the mechanisms.
receipt() {
	tail -1 "$AB_RECEIPTS" | python3 -c 'import json, os, sys
r = json.load(sys.stdin); f = r["facts"]; m = f.get("isolation", {}).get("mechanisms", {}); print(eval(sys.argv[1]))' "$1"
}

# groups CONTROLLER: our own control group of that kind, where a group of the jail's would be; skips where there is none.
groups() {
	local path
	[ "$(id -u)" = 0 ] || skip "not root: no control group to write to"
	if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then
		path=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
		[ "$path" = /sys/fs/cgroup/ ] || path=$(dirname "$path")
		grep -qw "$1" "$path/cgroup.subtree_control" 2>/dev/null || skip "no $1 controller here"
	else
		path=/sys/fs/cgroup/$1$(grep -E "^[0-9]+:([^:]*,)?$1(,[^:]*)?:" /proc/self/cgroup | cut -d: -f3)
		[ -d "$path" ] || path=/sys/fs/cgroup/$1
	fi
	[ -w "$path" ] && mkdir "$path/probe-of-agentbox-$$" 2>/dev/null || skip "no writable control group"
	rmdir "$path/probe-of-agentbox-$$"
	echo "$path"
}

# 20 seconds is what a slow machine may take until it is looked at; nobody ended it in these 60.
@test "processor time of a whole tree, of children that have ended too" {
	cat >burn.py <<-'P'
		#!/usr/bin/python3 -ISB
		import os, time
		while True:
		    if os.fork() == 0:
		        while time.process_time() < 0.05:
		            pass
		        os._exit(0)
		    os.wait()
	P
	chmod 755 burn.py
	run -137 --separate-stderr ab-jail --cpu-time 400ms --time 60s -- ./burn.py
	equals "$stderr" "ab-jail: agent reached its limit of 400 milliseconds of processor time"
	equals "$output" ""
	equals "$(receipt 'r["verdict"], f["limit"], 400 <= f["resources"]["cpu_ms"] < 20000, m["cpu_limit"]["state"]')" \
		"('limit', 'cpu', True, 'enforced')"
	run -0 ab-jail --cpu-time 30s -- echo passes
}

# An agent whose children, 20 ms of processor time each, nobody waits for.
unwaited() {
	cat >unwaited.py <<-'P'
		#!/usr/bin/python3 -ISB
		import os, select, signal, sys, time
		signal.signal(signal.SIGCHLD, signal.SIG_IGN)
		for _ in range(int(sys.argv[1])):
		    r, w = os.pipe()
		    if os.fork() == 0:
		        while time.process_time() < 0.02:
		            pass
		        os._exit(0)
		    os.close(w)
		    os.read(r, 1)
		    os.close(r)
	P
	chmod 755 unwaited.py
}

@test "processor time of children that nobody waits for, which a group counts" {
	unwaited
	case $(stat -f -c %T /sys/fs/cgroup) in cgroup2fs) groups memory ;; *) groups cpuacct ;; esac >/dev/null
	run -0 --separate-stderr ab-jail --cpu-time 60s --time 60s -- ./unwaited.py 20
	equals "$(receipt '400 <= f["resources"]["cpu_ms"] < 20000, f["resources"]["cpu_method"]')" "(True, 'cgroup')"
	run -0 --separate-stderr ab-jail --time 60s -- ./unwaited.py 20
	equals "$(receipt '400 <= f["resources"]["cpu_ms"] < 20000, f["resources"]["cpu_method"]')" "(True, 'cgroup')"
	run -137 --separate-stderr ab-jail --cpu-time 400ms --time 60s -- ./unwaited.py 1000
	equals "$(receipt 'r["verdict"], f["limit"], 400 <= f["resources"]["cpu_ms"] < 20000')" "('limit', 'cpu', True)"
}

@test "processor time of children that nobody waits for, without a group, which a counter counts" {
	[ "$(cat /proc/sys/kernel/perf_event_paranoid 2>/dev/null || echo 3)" -le 2 ] || skip "no counter for ordinary users"
	unwaited
	chmod 755 . .. ../..
	run -137 --separate-stderr as_user env -u AB_RECEIPTS -u AB_RUN ab-jail --cpu-time 400ms --time 60s -- ./unwaited.py 1000
	equals "$stderr" "ab-jail: agent reached its limit of 400 milliseconds of processor time"
	run -0 --separate-stderr as_user env -u AB_RECEIPTS -u AB_RUN ab-jail --cpu-time 60s --time 60s -- ./unwaited.py 20
	needs_root # to hide the groups
	without_groups() { unshare --mount sh -c 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"' _ "$@"; }
	run -0 --separate-stderr without_groups ab-jail --cpu-time 60s --time 60s -- ./unwaited.py 20
	equals "$(receipt '400 <= f["resources"]["cpu_ms"] < 20000, f["resources"]["cpu_method"]')" "(True, 'counter')"
	# What is killed and never waited for is counted as well.
	run -137 --separate-stderr without_groups ab-jail --cpu-time 400ms --time 60s -- ./unwaited.py 1000
	equals "$(receipt 'f["limit"], 400 <= f["resources"]["cpu_ms"], f["resources"]["cpu_method"]')" "('cpu', True, 'counter')"
}

@test "processor time: one process, an ordinary user" {
	run -137 --separate-stderr as_user env -u AB_RECEIPTS -u AB_RUN ab-jail --cpu-time 300ms --time 60s -- \
		python3 -c 'while True: pass'
	equals "$stderr" "ab-jail: agent reached its limit of 300 milliseconds of processor time"
}

@test "a share of the processors is the kernel's to keep, or nothing runs" {
	local n
	for n in 0 x 1x 1. .5. 5000 -1 ""; do
		run -125 --separate-stderr ab-jail "--cpus=$n" -- true
		contains "$stderr" "ab-jail: --cpus: a number from 0.01 to 4096"
	done
	run -125 --separate-stderr as_user env -u AB_RECEIPTS -u AB_RUN ab-jail --cpus 1 -- true
	contains "$stderr" "ab-jail: --cpus: no control group with a cpu controller can be made here"
	groups cpu >/dev/null
	run -124 ab-jail --cpus 0.2 --time 1s -- python3 -c 'while True: pass'
	# Half of the time that it had, which on a busy machine is more than a second.
	equals "$(receipt 'f["resources"]["cpu_ms"] < r["duration_ms"] / 2, m["cpu_share"]["state"]')" "(True, 'enforced')"
	run -0 ab-jail --cpus 12.25 -- echo passes
}

@test "a share of a disk" {
	run -125 --separate-stderr as_user env -u AB_RECEIPTS -u AB_RUN ab-jail --io 1M -- true
	contains "$stderr" "ab-jail: --io: no "
	groups blkio >/dev/null
	[ -e "/sys/dev/block/$(stat -c %d /usr | python3 -c 'import os; d = int(input()); print(f"{os.major(d)}:{os.minor(d)}")')" ] ||
		skip "the files here are on no block device"
	run -0 ab-jail --io 1M -- echo passes
	equals "$(receipt 'm["io_limit"]["state"]')" enforced
}

@test "memory: the kernel's limit where there is a group, and what is looked at everywhere" {
	groups memory >/dev/null
	run -137 --separate-stderr ab-jail --memory 50M --time 30s -- python3 -c 'import os, time
for _ in range(8):
    if os.fork() == 0:
        x = b"x" * 45000000
        time.sleep(50)
time.sleep(50)'
	equals "$(receipt 'r["verdict"], f["limit"], m["memory_limit"]["state"], f["resources"]["peak_memory_method"]')" \
		"('limit', 'memory', 'enforced', 'cgroup')"
	# No burst between two looks got further than the group lets it: tmp and the slack are on top.
	equals "$(receipt 'f["resources"]["peak_memory_bytes"] <= (50 + 64 + 16) << 20')" True
}

@test "groups go with their jails; what a killed ab-jail leaves, the next one removes" {
	local path own
	path=$(groups memory)
	# Others' groups may stand there, too.
	run -0 bash -c 'echo $$ >pid; exec ab-jail -- true'
	run -2 ls -d "$path/agentbox-$(cat pid)"-*
	run -137 "$AB_TOP/tests/agents/interrupt.py" KILL "left-$$" bash -c 'echo $$ >pid; exec ab-jail -- "$1" sleep "$2"' \
		_ "$AB_TOP/tests/agents/hostile.py" "left-$$"
	own=$path/agentbox-$(cat pid)
	# The next one may be another test's; its processes may be on their way out yet.
	while grep -q . "$own"-*/cgroup.procs 2>/dev/null; do :; done
	run -0 ab-jail -- true
	run -2 ls -d "$own"-*
}

@test "open files and the size of a file" {
	run -0 ab-jail --open-files 20 -- python3 -c 'import os
try:
    while True: last = os.dup(0)
except OSError as e: print(e.errno, last)'
	equals "$output" "24 19"
	run -0 ab-jail --file-size 100K -- python3 -c 'import os, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
f = os.open("/tmp/f", os.O_CREAT | os.O_WRONLY)
print(os.write(f, b"x" * 200000))'
	equals "$output" 102400
	run -125 ab-jail --open-files 3 -- true
}
