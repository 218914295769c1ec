# SPDX-License-Identifier: Apache-2.0
# What ab-jail denies on top where it is asked to: --no-jit, --no-exec.

load lib

setup() {
	# The ordinary user must come this far, and the programs' own paths are there in the jail: they
	# must not be the build's, which may be in a home.
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	cd "$BATS_TEST_TMPDIR" && chmod 755 .
	cp "$AB_BUILD/agents/code" "$AB_BUILD/agents/exec" .
}

# prints WANT OPTION... -- COMMAND...: it passes with this output.
prints() {
	local want=$1
	shift
	run -0 --separate-stderr ${AS:-} ab-jail --time 60s "$@" </dev/null
	equals "$output" "$want"
	equals "$stderr" ""
}

# none_open N LAST-LINE OPTION... -- AGENT: an agent that prints what is open finds nothing, in N tries.
none_open() {
	local n=$1 last=$2
	shift 2
	run -0 --separate-stderr ${AS:-} ab-jail "$@" </dev/null
	equals "$(grep '^not ok' <<<"$output")" ""
	equals "${lines[-1]}" "$last"
	equals "${lines[-2]}" "1..$n"
}

@test "--no-jit: no way to execute what was written is open" {
	both none_open 22 "# 0 open" --no-jit -- ./code
}

@test "the ways to execute what was written work where there is no jail" {
	needs_root # one of them
	run -0 --separate-stderr ./code
	equals "$(grep -c '^ok' <<<"$output")" 0
}

@test "--no-jit: a program that asks the kernel for such memory is not started" {
	needs gcc
	[ "$(uname -m)" = x86_64 ] || skip "a program for x86-64"
	echo 'int main(void) { return 0; }' >p.c
	gcc -o stack p.c -z execstack 2>/dev/null
	cat >s.c <<-'C'
		#include <sys/syscall.h>
		void _start(void)
		{
			__asm__ volatile("syscall" : : "a"(SYS_exit), "D"(0));
		}
	C
	gcc -o segment s.c -nostdlib -static -fno-stack-protector -Wl,-N -Wl,-z,noexecstack 2>/dev/null
	for p in stack segment; do
		run -0 ab-jail -- ./$p </dev/null
		run -126 --separate-stderr ab-jail --no-jit -- ./$p </dev/null
		equals "$stderr" "ab-jail: $PWD/$p: --no-jit: it, or its loader, asks for memory that is writable and executable"
	done
	# The same for a script's interpreter.
	printf '#!%s\n' "$PWD/stack" >script && chmod +x script
	run -126 --separate-stderr ab-jail --no-jit -- ./script </dev/null
	contains "$stderr" "$PWD/stack: --no-jit: "
}

@test "--no-jit: a library that needs an executable stack is not loaded" {
	needs gcc
	echo 'int f(void) { return 0; }' >l.c
	echo 'int f(void); int main(void) { return f(); }' >p.c
	gcc -shared -fPIC -o libl.so l.c -z execstack 2>/dev/null
	gcc -o p p.c -L. -ll -Wl,-rpath,"$PWD" -z noexecstack
	run -0 ab-jail -- ./p </dev/null
	run -127 ab-jail --no-jit -- ./p </dev/null
}

@test "a directory that is writable in one place is not executable in another" {
	mkdir -p d/sub w
	for show in "--rw $PWD/d:/a --ro $PWD/d:/b" "--rw $PWD/d/sub:/a --ro $PWD/d:/b" "--rw $PWD/d:/a --ro $PWD/d/sub:/b"; do
		# shellcheck disable=SC2086
		run -125 --separate-stderr ab-jail --no-jit $show -- true </dev/null
		contains "$stderr" ": shown writable in one place and executable in another"
		run -125 --separate-stderr ab-jail $show -- true </dev/null
		contains "$stderr" ": shown writable in one place and executable in another"
	done
	mkdir e
	run -0 ab-jail --no-jit --rw "$PWD/d/sub:/a" --ro "$PWD/e:/b" -- true </dev/null
	# Nothing in the one is executed, and what an overlay shows stays as it is beneath.
	run -0 ab-jail --models "$PWD/d" --rw "$PWD/d/sub:/a" -- true </dev/null
	run -0 ab-jail --workspace "$PWD/w" --ro "$PWD/w:/b" -- true </dev/null
	run -125 --separate-stderr ab-jail --ro "$PWD/d" --rw "$PWD/d/sub" -- true </dev/null
	equals "$stderr" "ab-jail: --rw: $PWD/d/sub: lies in $PWD/d, which is shown read-only"
}

@test "--no-exec: nothing is executed after the command, not at once, not from threads, children or descriptors" {
	for _ in $(seq "$(slow_count 200)"); do
		both none_open 18 "# 0 open: Function not implemented" --no-exec -- "$PWD/exec"
	done
	both none_open 18 "# 0 open: Function not implemented" --no-exec --no-jit -- "$PWD/exec"
}

@test "executing works where it is not denied" {
	run -0 --separate-stderr ab-jail -- "$PWD/exec" </dev/null
	equals "$(grep -c '^not ok' <<<"$output")" 13
	equals "${lines[-1]}" "# 52 open: No such file or directory"
}

@test "--no-exec: the command itself is executed, with the interpreter that its first line names" {
	printf '#!/usr/bin/env bash\necho "$1"\n' >script && chmod +x script
	both prints hi --no-exec -- ./script hi
	both prints 3 --no-exec -- /usr/bin/python3 -c 'print(3)'
	printf '\177ELF' >broken && cp code broken && truncate -s 100 broken && chmod +x broken
	run -126 ab-jail --no-exec -- ./broken </dev/null
}

@test "--no-exec: a shell's commands fail" {
	run -126 --separate-stderr ab-jail --no-exec -- bash -c '/bin/bash -c : || exec /bin/bash' </dev/null
	equals "$stderr" "ab-jail: agent exited with status 126"
}

@test "--no-jit: Python and shells run" {
	both prints '{"a": [1]} 3' --no-jit -- /usr/bin/python3 -c 'import json, re, threading, subprocess, sys, hashlib, ssl, ctypes
t = threading.Thread(target=lambda: None); t.start(); t.join()
print(json.dumps({"a": [1]}), subprocess.run([sys.executable, "-c", "print(3)"], stdout=subprocess.PIPE, check=True).stdout.decode().strip())'
	both prints hi --no-jit -- bash -c 'x=$(echo hi | { read -r y; echo "$y"; }); echo "$x"'
}

@test "--no-jit: git runs" {
	needs git
	mkdir repo && git -C repo init -q && echo x >repo/f && git -C repo add f
	git -C repo -c user.name=t -c user.email=t@example.org commit -qm first
	prints first --no-jit --env HOME=/tmp --env GIT_CONFIG_COUNT=1 --env GIT_CONFIG_KEY_0=safe.directory --env 'GIT_CONFIG_VALUE_0=*' \
		--ro "$PWD/repo:/repo" -- git -C /repo log --format=%s
	prints f:x --no-jit --env GIT_CONFIG_COUNT=1 --env GIT_CONFIG_KEY_0=safe.directory --env 'GIT_CONFIG_VALUE_0=*' \
		--ro "$PWD/repo:/repo" -- git -C /repo grep -E '^x'
}

@test "--no-jit: Node runs without its compiler, and not with it" {
	needs node
	case $(PATH=/usr/local/bin:/usr/bin:/bin command -v node) in "") skip "no node in the jail's PATH" ;; esac
	prints 42 --no-jit -- node --jitless -p '[1, 2, 39].reduce((a, b) => a + b)'
	run --separate-stderr ab-jail --no-jit -- node -p 1 </dev/null
	[ "$status" -ne 0 ]
}

@test "--no-exec and a further program contradict each other" {
	run -125 --separate-stderr ab-jail --no-exec --exec cat -- true </dev/null
	equals "$stderr" "ab-jail: --exec: cat: with --no-exec nothing is executed but the command; try ab-jail --help"
}
