# SPDX-License-Identifier: Apache-2.0
# Attacks on ab-jail and on whole pipelines that are more than one hostile call (those are in
# tests/agents/attack.c). Each has one right exit status and no effect.

load lib

setup() {
	BIN=$AB_BUILD/agents
	# The ordinary user must come this far.
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	cd "$BATS_TEST_TMPDIR" && chmod 755 .
}

# ends STATUS LINE OPTION... -- COMMAND...: the run ends so, and gives nothing.
ends() {
	local status=$1 line=$2
	shift 2
	run "-$status" --separate-stderr ${AS:-} ab-jail --time 20s "$@" </dev/null
	equals "$output" ""
	equals "$stderr" "${line:+ab-jail: $line}"
}

@test "a program of an agent's own python shows it no file of the host's" {
	needs gcc
	mkdir -p a/bin a/lib/python3.11/lib-dynload
	echo secret >key
	cp "$BIN/open" a/bin/python3.11
	touch a/lib/python3.11/os.py
	# A module's loader, which the kernel never asks for.
	printf 'const char loader[] __attribute__((section(".interp"))) = "%s/key";\n' "$PWD" >m.c
	gcc -shared -fPIC -o a/lib/python3.11/lib-dynload/m.so m.c
	run -0 ab-jail -- "$BIN/open" "$BIN/open" </dev/null
	both ends 2 "agent exited with status 2" -- "$PWD/a/bin/python3.11" "$PWD/key"
}

@test "a program whose loader is no program is not started, and sees nothing" {
	needs gcc
	echo secret >key
	echo 'int main(void) { return 0; }' >p.c
	gcc -o p p.c -Wl,--dynamic-linker="$PWD/key"
	both ends 126 "$PWD/p: its loader: $PWD/key: not a program of this machine" -- ./p
	gcc -o p p.c -Wl,--dynamic-linker="$PWD"
	both ends 126 "$PWD/p: its loader: $PWD: not a file that can be read" -- ./p
	gcc -o p p.c -Wl,--dynamic-linker=/dev/zero
	both ends 126 "$PWD/p: its loader: /dev/zero: not a file that can be read" -- ./p
}

@test "a virtual environment's symbolic links show the agent nothing of the host's" {
	[ -x /usr/bin/python3 ] || skip "no /usr/bin/python3"
	mkdir -p private venv/bin
	printf 'home = /usr/bin\n' | tee private/key >venv/pyvenv.cfg
	ln -s /usr/bin/python3 venv/bin/python3
	ln -s "$PWD/private" venv/lib
	both ends 1 "agent exited with status 1" -- "$PWD/venv/bin/python3" -c "open('$PWD/private/key')"
	ln -sf "$PWD/private/key" venv/pyvenv.cfg
	both ends 1 "agent exited with status 1" -- "$PWD/venv/bin/python3" -c "open('$PWD/private/key')"
	rm venv/pyvenv.cfg venv/lib
	printf 'home = /usr/bin\n' >venv/pyvenv.cfg
	mkdir venv/lib
	echo 'works' >venv/lib/own
	run -0 ab-jail -- "$PWD/venv/bin/python3" -c "print(open('$PWD/venv/lib/own').read(), end='')" </dev/null
	equals "$output" works
}

@test "memory that no process shows is not given, or counts" {
	both ends 2 "agent exited with status 2" --memory 64M -- "$BIN/exhaust" shared 128
	both ends 2 "agent exited with status 2" --memory 64M -- "$BIN/exhaust" zero 128
	both ends 137 "agent reached its limit of 67108864 bytes of memory" --memory 64M -- "$BIN/exhaust" tables 128
	both ends 137 "agent reached its limit of 67108864 bytes of memory" --memory 64M -- "$BIN/exhaust" sockets
}

@test "memory counts in more processes than a page of /proc lists, and whatever groups the user is in" {
	both ends 137 "agent reached its limit of 268435456 bytes of memory" --memory 256M --processes 1500 -- "$BIN/exhaust" wide 500
	needs_root # to be in many groups
	run -137 --separate-stderr setpriv --reuid "$AB_USER_ID" --regid "$AB_USER_ID" --groups "$(seq -s, 1000000000 1000000999)" \
		ab-jail --time 20s --memory 64M -- "$BIN/exhaust" own 70 </dev/null
	equals "$stderr" "ab-jail: agent reached its limit of 67108864 bytes of memory"
}

@test "the jail's first process cannot be slowed down" {
	both ends 0 "" -- "$BIN/exhaust" first
}

@test "what the host mounts later does not come in" {
	needs_root
	mkdir -p show/sub sync
	mkfifo -m 666 sync/up
	# The agent says that it is there, the host mounts, and the agent's input ends.
	cat >late.py <<-'P'
		import os, sys
		with open("sync/up", "w") as up:
		    up.write("up\n")
		sys.stdin.read()
		print(os.listdir("show/sub"))
	P
	run -0 --separate-stderr unshare --mount --propagation shared bash -c '
		mount --bind show show
		{ echo x; read -r _ <sync/up; mount -t tmpfs none show/sub; : >show/sub/late; } |
			ab-jail --time 20s --rw sync:/tmp/sync --ro show:/tmp/show --ro late.py:/late.py -- /usr/bin/python3 /late.py'
	equals "$output" "[]"
}

@test "a signal between the record of a start and the word of it: begin says it, so that the run can be ended" {
	needs python3
	ab-audit keygen --name example.org/attacks --key key >/dev/null
	ab-audit init --log log --key key
	# Its stdout is full, so it waits there, with the record made.
	python3 - 3>said <<-'P'
		import fcntl, os, signal, subprocess, sys
		r, w = os.pipe()
		fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
		os.write(w, b" " * 4096)
		p = subprocess.Popen(["ab-audit", "begin", "--log", "log", "--key", "key", "--type", "t"], stdout=w)
		os.close(w)
		verify = ["ab-audit", "verify", "--log", "log", "--vkey", "key.pub"]
		while b"has no end" not in subprocess.run(verify, stderr=subprocess.PIPE, check=False).stderr and p.poll() is None:
		    pass
		for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
		    p.send_signal(s)
		os.write(3, os.fdopen(r, "rb").read().lstrip())
		sys.exit(p.wait() % 256)
	P
	eval "$(cat said)"
	run -1 --separate-stderr ab-audit append --log log --key key --expect jail </dev/null
	run -0 --separate-stderr ab-audit verify --log log --vkey key.pub
}

@test "a signal ends ab-jail also while nobody reads what it lets through" {
	needs python3
	run -0 python3 - <<-'P'
		import fcntl, os, signal, struct, subprocess, termios
		r, w = os.pipe()
		size = fcntl.fcntl(w, fcntl.F_GETPIPE_SZ)
		p = subprocess.Popen(["ab-jail", "--", "head", "-c", "300000", "/dev/urandom"], stdin=subprocess.DEVNULL, stdout=w)
		while struct.unpack("i", fcntl.ioctl(r, termios.FIONREAD, b"1234"))[0] < size and p.poll() is None:
		    pass
		p.send_signal(signal.SIGTERM)
		print(p.wait(60))
	P
	equals "$output" -15
}

@test "the agent's stderr goes to a file: not to a pipe, which could hold up the clock, nor to a terminal" {
	mkfifo -m 666 pipe
	both ends 125 "--stderr: pipe: No such device or address" --stderr pipe -- true
	exec 7<>pipe
	both ends 125 "--stderr: pipe: not a regular file" --stderr pipe -- true
	exec 7>&-
	both ends 125 "--stderr: /dev/null: not a regular file" --stderr /dev/null -- true
}

@test "a signal at any moment of ab-jail leaves no process, no file and no output" {
	needs python3
	local mark=rounds-$$
	mkdir tmp && chmod 1777 tmp
	for as in "" as_user; do
		[ -z "$as" ] || [ "$(id -u)" = 0 ] || continue
		# Not "$as": where it is empty there is no such word.
		TMPDIR=$PWD/tmp $as "$AB_TOP/tests/agents/rounds.py" "$(slow_count 200)" "$mark" \
			"$AB_BUILD/bin/ab-jail" --time 60s -- "$AB_TOP/tests/agents/hostile.py" sleep-deaf 5 "$mark"
		equals "$(ls -A tmp)" ""
	done
}

@test "what hides its processes or namespaces from the supervisor, or lacks the agent's user, ends before the agent starts" {
	needs_root
	# A sanitizer's runtime reads its options from there.
	[[ $AB_BUILD != */san ]] || skip "a sanitizer's runtime needs /proc"
	run -125 --separate-stderr unshare -m bash -c 'mount -t tmpfs none /proc && exec ab-jail -- /bin/true'
	equals "$output" ""
	contains "$stderr" "the limits of memory and processes cannot be kept"
	# Of what cannot be told no namespace of the jail differs.
	if unshare -m bash -c 'mount -t tmpfs none /proc/$$/ns' 2>/dev/null; then
		run -125 --separate-stderr unshare -m bash -c 'mount -t tmpfs none /proc/$$/ns && exec ab-jail -- /bin/echo run'
		equals "$output" ""
		contains "$stderr" "/proc/self/ns/user: No such file or directory"
	fi
	run -125 --separate-stderr unshare -Ur ab-jail -- /bin/true
	contains "$stderr" "this user namespace has no user 65534"
}
