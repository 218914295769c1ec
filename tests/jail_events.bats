# SPDX-License-Identifier: Apache-2.0
# ab-jail's event log: what stands in it, its bounds, and what becomes of calls that wait for an answer.

load lib

setup() {
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	cd "$BATS_TEST_TMPDIR" && chmod 755 .
	MARK=mark-$BATS_TEST_NUMBER-$$-
}

# log EXPRESSION: a Python expression over l, the lines of ./log, each of which the schema allows.
log() {
	ab-validate --lines --schema "$AB_TOP/schemas/events.schema.json" <log >/dev/null
	python3 -c 'import json, sys
l = [json.loads(x) for x in open("log", newline="\n")]; print(eval(sys.argv[1]))' "$1"
}

# jail OPTION... -- ARG...: python3 ARG... passes in the jail, its events go to ./log.
jail() {
	rm -f log
	run -0 --separate-stderr ${AS:-} ab-jail --time 60s --events 5 "$@" </dev/null 5>log
	equals "$stderr" ""
}

what_it_does() {
	jail -- /usr/bin/python3 -c 'import os, socket
open("/tmp/x", "w").write("a")
os.rename("/tmp/x", "/tmp/y")
os.unlink("/tmp/y")
os.mkdir("/tmp/d")
os.rmdir("/tmp/d")
open("/usr/lib/locale/C.utf8/LC_CTYPE", "rb")
a = socket.socketpair()[0]
for f in (lambda: socket.socket(), lambda: a.connect("/run/docker.sock"), lambda: a.connect(b"\0x"), lambda: os.chroot("/tmp")):
    try:
        f()
    except PermissionError:
        pass
    else:
        print("open")
if os.fork() == 0:
    os.execv("/usr/bin/python3", ["python3", "-c", ""])
os.wait()'
	equals "$output" ""
	equals "$(log '[(x["event"], x["call"], x.get("path"), x.get("to"), x["verdict"]) for x in l]' | sed 's/), /)\n/g')" \
		"[('exec', 'execve', '/usr/bin/python3', None, 'continued')
('write', 'openat', '/tmp/x', None, 'continued')
('rename', 'rename', '/tmp/x', '/tmp/y', 'continued')
('remove', 'unlink', '/tmp/y', None, 'continued')
('write', 'mkdir', '/tmp/d', None, 'continued')
('remove', 'rmdir', '/tmp/d', None, 'continued')
('socket', 'socket', None, None, 'denied')
('connect', 'connect', '/run/docker.sock', None, 'denied')
('connect', 'connect', '@x', None, 'denied')
('call', 'chroot', None, None, 'denied')
('exec', 'execve', '/usr/bin/python3', None, 'continued')]"
	equals "$(log 'len({x["pid"] for x in l})')" 2
}

@test "the log has what it executes, writes, removes, renames, and what it is denied" {
	[ "$(uname -m)" = x86_64 ] || skip "names of x86-64's calls"
	both what_it_does
}

all_opens() {
	jail --events-all -- /usr/bin/python3 -c 'import os
open("/usr/lib/locale/C.utf8/LC_CTYPE", "rb")'
	equals "$(log '[x["event"] for x in l if x.get("path") == "/usr/lib/locale/C.utf8/LC_CTYPE"][-1]')" open
	equals "$(log 'len([x for x in l if x["event"] == "open"]) > 20')" True
}

@test "--events-all has all opens" {
	both all_opens
}

@test "whatever bytes a name has, it is one line without control characters" {
	jail -- /usr/bin/python3 -c 'import os
for name in (b"\n{\"event\":\"x\"}\n", b"\x1b[31m\x7f\xc2\x9b", b"\xff\xfe", b"\xe2\x80\xae", b"\"\\", b"x" * 4095, b"y" * 9000):
    try:
        os.unlink(name)
    except OSError:
        pass
try:
    os.unlink("")
except OSError:
    pass'
	equals "$(log '[x["path"] for x in l[1:6]] == ["\n{\"event\":\"x\"}\n", "\x1b[31m\x7f\x9b", "\ufffd\ufffd", "\u202e", "\"\\"]')" True
	equals "$(log '[len(x["path"]) for x in l[6:]]')" "[4095, 4096, 0]"
	equals "$(LC_ALL=C tr -d '\n\040-\176' <log)" ""
}

@test "the log is bounded, says what it lost, and the receipt has its hash and all counts" {
	ab-audit keygen --name test --key ./key >/dev/null
	ab-audit init --log ./alog --key ./key >/dev/null
	eval "$(AB_AUDIT_KEY_FILE=$PWD/key ab-audit begin --log ./alog --type test)"
	jail --events-max 4K -- /usr/bin/python3 -c 'import os
for i in range(500):
    try:
        os.unlink("/tmp/%d" % i)
    except OSError:
        pass'
	[ "$(stat -c %s log)" -le 4096 ]
	tail -1 "$AB_RECEIPTS" >receipt
	rm -rf "${AB_RECEIPTS%/*}"
	unset AB_RUN AB_RECEIPTS
	equals "$(log 'l[-1]["event"], len(l) - 1 + l[-1]["lost"]')" "('truncated', 501)"
	ab-validate --schema "$AB_TOP/schemas/receipt.schema.json" <receipt >/dev/null
	equals "$(python3 -c 'import json; e = json.load(open("receipt"))["facts"]["events"]
print(e["counts"]["remove"], e["counts"]["exec"], e["denied"], e["bytes"], e["lost"], e["sha256"])')" \
		"500 1 0 $(stat -c %s log) $(log 'l[-1]["lost"]') sha256:$(sha256sum <log | cut -d' ' -f1)"
}

@test "--no-jit and --no-exec hold as well, and what they deny is an event" {
	cp "$AB_BUILD/agents/code" "$AB_BUILD/agents/exec" .
	jail --no-jit -- "$PWD/code"
	equals "${lines[-1]}" "# 0 open"
	equals "$(log 'sorted({x["call"] for x in l if x["verdict"] == "denied"} & {"mmap", "mprotect", "memfd_create"})')" \
		"['memfd_create', 'mmap', 'mprotect']"
	jail --no-exec --events-all --no-jit -- "$PWD/exec"
	equals "${lines[-1]}" "# 0 open: Operation not permitted"
	equals "$(log '[x["verdict"] for x in l if x["event"] == "exec"].count("continued")')" 1
}

none_open() {
	run -0 --separate-stderr ${AS:-} ab-jail --events 5 --events-all -- "$PWD/attack" "$PWD/host/secret" </dev/null 5>log
	equals "$(grep '^not ok' <<<"$output")" ""
	[ "${#lines[@]}" -gt 200 ]
}

@test "none of the known ways out is open where events are heard of" {
	cp "$AB_BUILD/agents/attack" . && mkdir host && echo secret >host/secret
	both none_open
}

@test "Python at work where all opens are events" {
	jail --events-all -- /usr/bin/python3 -c 'import concurrent.futures, subprocess, sys, threading
def f(x):
    open("/tmp/%d" % x, "w").close()
    return x
if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2) as p:
        print(list(p.map(f, range(50))) == list(range(50)))
    with concurrent.futures.ThreadPoolExecutor(8) as p:
        print(list(p.map(f, range(200))) == list(range(200)))
    print(subprocess.run([sys.executable, "-c", "print(5)"], stdout=subprocess.PIPE, check=True).stdout)'
	equals "$output" $'True\nTrue\nb\'5\\n\''
}

# An agent of 200 processes that all wait for answers all the time.
FLOOD='import os, socket, sys
for _ in range(200):
    if os.fork() == 0:
        while True:
            try:
                socket.socket()
            except OSError:
                pass
os.write(2, b"up")
os.wait()'

time_is_up() {
	run -124 --separate-stderr ${AS:-} ab-jail --time 1s --processes 1000 --events 5 --events-max 1M -- /usr/bin/python3 -c "$FLOOD" "$MARK" </dev/null 5>log
	nothing_left
}

@test "the time limit holds while calls wait" {
	both time_is_up
}

@test "SIGKILL of ab-jail leaves nothing that waits" {
	python3 - "$MARK" "$FLOOD" <<-'P'
		import subprocess, sys, time, os
		p = subprocess.Popen(["ab-jail", "--processes", "1000", "--events", "log", "--stderr", "err", "--", "/usr/bin/python3", "-c", sys.argv[2], sys.argv[1]], stdin=subprocess.DEVNULL)
		while not os.path.exists("err") or os.path.getsize("err") == 0:
		    pass
		p.kill()
		p.wait()
	P
	soon nothing_left
}

@test "if the log's process dies, calls fail, and so does the run" {
	run -0 --separate-stderr python3 - "$MARK" "$FLOOD" <<-'P'
		import os, signal, subprocess, sys
		p = subprocess.Popen(["ab-jail", "--processes", "1000", "--events", "log", "--stderr", "err", "--", "/usr/bin/python3", "-c", sys.argv[2], sys.argv[1]], stdin=subprocess.DEVNULL)
		while not os.path.exists("err") or os.path.getsize("err") == 0:
		    pass
		# It was started before the jail was.
		first = open("/proc/%d/task/%d/children" % (p.pid, p.pid)).read().split()[0]
		os.kill(int(first), signal.SIGKILL)
		print(p.wait())
	P
	equals "$output" 125
	equals "$stderr" "ab-jail: the event log's process is gone"
	nothing_left
}

@test "a log that cannot be written, or that nobody takes, fails the run" {
	run -125 --separate-stderr ab-jail --events 5 -- /bin/echo out </dev/null 5>/dev/full
	equals "$output" ""
	equals "$stderr" "ab-jail: event log: write: No space left on device"
	mkfifo full
	exec 6<>full
	head -c 65536 /dev/zero >&6
	run -125 --separate-stderr ab-jail --events 6 -- /bin/echo out </dev/null
	exec 6>&-
	equals "$output" ""
	equals "$stderr" "ab-jail: event log: nobody takes what is written to it"
}

@test "--events takes a regular file, or a descriptor that is open for writing" {
	run -0 ab-jail --events log -- /bin/true </dev/null
	equals "$(log 'len(l)')" 1
	equals "$(stat -c %a log)" 600
	mkfifo pipe
	exec 7<>pipe
	run -125 --separate-stderr ab-jail --events pipe -- /bin/true </dev/null
	equals "$stderr" "ab-jail: --events: pipe: not a regular file"
	exec 7>&-
	for fd in 1 2 9; do
		run -125 --separate-stderr ab-jail --events $fd -- /bin/true </dev/null
		equals "$stderr" "ab-jail: --events: $fd: not a descriptor above 2 that is open for writing; try ab-jail --help"
	done
	run -125 --separate-stderr ab-jail --events 7 -- /bin/true </dev/null 7<log
	run -125 --separate-stderr ab-jail --events-all -- /bin/true </dev/null
	equals "$stderr" "ab-jail: --events-all: needs --events; try ab-jail --help"
}

# on CLASS CODE: the class's first event ends the run.
on() {
	run -137 --separate-stderr ${AS:-} ab-jail --time 20s --on "$1=kill" -- /usr/bin/python3 -c "import os, signal, socket, subprocess, sys
print('out', flush=True)
try:
    $2
except OSError:
    pass
signal.pause()" "$MARK" </dev/null
	equals "$output" ""
	equals "$stderr" "ab-jail: agent was ended: --on $1=kill"
	nothing_left
}

@test "--on ends the run at the first event of its class" {
	both on SOCKET "socket.socket()"
	both on EXEC "os.posix_spawn(sys.executable, ['x', '-c', ''], {})"
	both on SENSITIVE "open('/etc/shadow')"
	both on SENSITIVE "open('/proc/self/mem')"
	both on SENSITIVE "os.rename('/tmp/x', '/tmp/.ssh/y')"
	run -0 --separate-stderr ab-jail --on SOCKET=kill --on EXEC=kill --on SENSITIVE=kill -- /usr/bin/python3 -c 'import json, ssl; open("/tmp/x", "w"); print(1)' </dev/null
	equals "$output" 1
	run -125 --separate-stderr ab-jail --on EXEC -- /bin/true </dev/null
	equals "$stderr" "ab-jail: --on: EXEC: not SOCKET=kill, EXEC=kill or SENSITIVE=kill"
}
