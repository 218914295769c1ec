# SPDX-License-Identifier: Apache-2.0
# Hostile agents, end to end: each gives its exit status and one line, leaves no process and no byte of output,
# and a record that says why and verifies.
load lib
load workflow

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	a_log
}

@test "an agent that answers well passes" {
	workflow good <<-'P'
		import json, sys
		json.load(sys.stdin)
		print('{"ok": true, "text": "done"}')
	P
	runs 0 good
	equals "$output" '{"ok": true, "text": "done"}'
	equals "$stderr" ""
	recorded passed ""
	equals "$(record schema_validation)" '{"input": "passed", "output": "passed"}'
	equals "$(record isolation_verified)" true
}

@test "an agent that opens a socket" {
	workflow socket <<-'P'
		import socket
		socket.create_connection(("127.0.0.1", 80), 1)
		print('{"ok":true}')
	P
	runs 1 socket
	contains "$stderr" "ab-run: stage jail failed"
	recorded failed "stage jail failed"
}

@test "an agent that makes any kind of socket" {
	workflow sockets <<-'P'
		import socket
		made = 0
		for family in (1, 2, 10, 16, 17, 38, 40):
		    for kind in (1, 2, 3):
		        try:
		            socket.socket(family, kind)
		            made += 1
		        except OSError:
		            pass
		print('{"ok":%s}' % ("true" if made == 0 else "false"))
	P
	runs 0 sockets
	equals "$output" '{"ok":true}'
}

@test "an agent that reads the user's home, other files, or our variables" {
	echo secret >secret.txt
	HOME=$PWD workflow home <<-P
		import os
		found = [p for p in ("$PWD/secret.txt", "$PWD/log", "$PWD/key", "/root", "/home", "/etc/passwd", "/etc/shadow", "$PWD/home.yaml")
		         if os.path.exists(p)]
		found += [v for v in os.environ if v.startswith("AB_")]
		print('{"ok":%s,"text":"%s"}' % (str(not found).lower(), " ".join(found)))
	P
	runs 0 home
	equals "$output" '{"ok":true,"text":""}'
	workflow reads <<-P
		print(open("$PWD/secret.txt").read())
	P
	runs 1 reads
	contains "$stderr" "ab-run: stage jail failed"
	recorded failed "stage jail failed"
}

@test "an agent that writes outside its tmp" {
	workflow write <<-P
		import os
		done = []
		for p in ("/made", "/usr/made", "/etc/made", "$PWD/write.py", "/proc/made", "/dev/made"):
		    try:
		        open(p, "w").write("x")
		        done.append(p)
		    except OSError:
		        pass
		open("/tmp/mine", "w").write("x")
		print('{"ok":%s,"text":"%s"}' % (str(not done).lower(), " ".join(done)))
		open("/made", "w")
	P
	runs 1 write
	[ ! -e made ]
	recorded failed "stage jail failed"
	sed -i '$d' write.py
	runs 0 write
	equals "$output" '{"ok":true,"text":""}'
}

@test "an agent that starts a shell" {
	workflow shell <<-'P'
		import os
		os.execv("/bin/sh", ["sh", "-c", "echo '{\"ok\":true}'"])
	P
	runs 1 shell
	contains "$stderr" "ab-run: stage jail failed"
	recorded failed "stage jail failed"
}

@test "an agent that forks for ever" {
	workflow fork "max_runtime_seconds: 2" <<-'P'
		import os
		while True:
		    try:
		        os.fork()
		    except OSError:
		        pass
	P
	# Whichever the jail sees first: that it is at its limit of processes, or that its time is over.
	echo '{"count":1}' >input.json
	run --separate-stderr ab-run --input input.json ./fork.yaml
	equals "$output" ""
	no_process "$PWD/fork.py"
	case $status in
	1) equals "$stderr" "ab-run: stage jail limit: agent reached its limit of 256 processes" && recorded limit "stage jail limit" ;;
	124) contains "$stderr" "ab-run: stage jail timeout" && recorded timeout "stage jail timeout" ;;
	*) false ;;
	esac
}

@test "an agent that leaves a process behind in a session of its own" {
	workflow daemon <<-'P'
		import os, time
		if os.fork() == 0:
		    os.setsid()
		    if os.fork() == 0:
		        time.sleep(1000)
		print('{"ok":true}', flush=True)
	P
	echo '{"count":1}' >input.json
	run --separate-stderr ab-run --input input.json ./daemon.yaml
	no_process "$PWD/daemon.py"
	ab-audit verify
}

@test "an agent that allocates for ever" {
	workflow memory "max_memory_mb: 64" "max_runtime_seconds: 20" <<-'P'
		held = []
		while True:
		    held.append(bytearray(1 << 20))
	P
	runs 1 memory
	contains "$stderr" "ab-run: stage jail "
	[ "$(record verdict)" = failed ] || [ "$(record verdict)" = limit ]
	ab-audit verify --vkey key.pub
}

@test "an agent that sleeps for ever" {
	workflow sleep "max_runtime_seconds: 1" <<-'P'
		import time
		while True:
		    time.sleep(1000)
	P
	runs 124 sleep
	contains "$stderr" "ab-run: stage jail timeout"
	recorded timeout "stage jail timeout"
}

@test "an agent that ignores signals" {
	workflow deaf "max_runtime_seconds: 1" <<-'P'
		import signal
		for n in range(1, 64):
		    try:
		        signal.signal(n, signal.SIG_IGN)
		    except (OSError, ValueError):
		        pass
		while True:
		    pass
	P
	runs 124 deaf
	recorded timeout "stage jail timeout"
}

@test "an agent that prints for ever" {
	workflow print "max_runtime_seconds: 20" <<-'P'
		import os
		while True:
		    os.write(1, b"x" * 65536)
	P
	runs 1 print
	contains "$stderr" "ab-run: stage jail limit"
	recorded limit "stage jail limit"
}

@test "an agent that prints half a document" {
	workflow half <<-'P'
		print('{"ok":tr', end="")
	P
	runs 1 half
	contains "$stderr" "ab-run: stage "
	recorded refused "refused"
}

@test "an agent that prints JSON which breaks the schema" {
	workflow schema <<-'P'
		print('{"ok":"SECRETVALUE"}')
	P
	runs 1 schema
	contains "$stderr" "ab-run: stage validate:output refused: "
	contains "$stderr" "/ok"
	case $stderr in *SECRETVALUE*) false ;; esac
	recorded refused "stage validate:output refused"
	workflow extra <<-'P'
		print('{"ok":true,"SECRETKEY":1}')
	P
	runs 1 extra
	case $stderr in *SECRETKEY*) false ;; esac
	recorded refused "stage validate:output refused"
	case $(ab-audit show) in *SECRET*) false ;; esac
}

@test "an agent that prints an address outside" {
	workflow url <<-'P'
		print('{"ok":true,"text":"see https://evil.example/?q=data"}')
	P
	runs 1 url
	contains "$stderr" "ab-run: stage scrub:output refused"
	case $stderr in *evil*) false ;; esac
	recorded refused "stage scrub:output refused"
}

@test "an agent that prints code" {
	workflow code <<-'P'
		print('{"ok":true,"text":"eval(document.cookie)"}')
	P
	runs 1 code
	contains "$stderr" "ab-run: stage scrub:output refused"
	recorded refused "stage scrub:output refused"
	workflow escaped <<-'P'
		print('{"ok":true,"text":"\\u0065val(1)"}')
	P
	runs 1 escaped
	recorded refused "stage scrub:output refused"
}

@test "an agent that exits as ab-jail does when isolation is not proved is just an agent that failed" {
	local n
	for n in 124 125 126 127; do
		workflow w <<<"raise SystemExit($n)"
		runs 1 w
		equals "$stderr" "ab-run: stage jail failed: agent exited with status $n"
	done
}

@test "an agent that exits 3" {
	workflow three <<-'P'
		print('{"ok":true}', flush=True)
		raise SystemExit(3)
	P
	runs 1 three
	contains "$stderr" "ab-run: stage jail failed"
	recorded failed "3"
}

@test "an agent that dies by a signal" {
	workflow signal <<-'P'
		import os, signal
		print('{"ok":true}', flush=True)
		os.kill(os.getpid(), signal.SIGSEGV)
	P
	runs 1 signal
	contains "$stderr" "ab-run: stage jail failed"
	recorded failed "stage jail failed"
}

@test "an agent that closes its output early" {
	workflow close <<-'P'
		import os
		os.close(1)
	P
	runs 1 close
	contains "$stderr" "ab-run: stage "
	recorded refused "refused"
}

@test "an agent that says nothing" {
	workflow silent <<-'P'
		pass
	P
	runs 1 silent
	recorded refused "refused"
}

@test "an agent that leaves its input unread and writes secrets to stderr passes, and they are nowhere" {
	workflow secrets <<-'P'
		import sys
		sys.stderr.write("THESECRET-" + "5f1c\n" * 100000)
		sys.stderr.flush()
		print('{"ok":true}')
	P
	python3 -c 'print("{\"count\":1,\"more\":\"" + "x" * 3000000 + "\"}")' >input.json
	run -0 --separate-stderr ab-run --input input.json ./secrets.yaml
	equals "$output" '{"ok":true}'
	equals "$stderr" ""
	recorded passed ""
	run -1 grep -r THESECRET- log
	run -1 grep THESECRET- <(ab-audit show)
}

@test "an agent whose stderr would paint the terminal" {
	workflow paint <<-'P'
		import sys
		sys.stderr.write("\x1b]0;owned\x07\x1b[2J")
		sys.exit("\x1b[31mred")
	P
	runs 1 paint
	case $stderr in *$'\x1b'* | *owned* | *red*) false ;; esac
	recorded failed "stage jail failed"
}

@test "an agent that is no program" {
	workflow none <<-'P'
	P
	printf 'text\n' >none.py
	runs 2 none
	contains "$stderr" "ab-run: stage jail "
	ab-audit verify --vkey key.pub
	rm none.py
	echo '{"count":1}' >input.json
	run --separate-stderr ab-run --input input.json ./none.yaml
	equals "$status" 2
	equals "$output" ""
	equals "$(wc -l <<<"$stderr")" 1
	ab-audit verify --vkey key.pub
}

@test "input that breaks the schema never starts the agent" {
	workflow never <<-'P'
		open("/tmp/started", "w")
		print('{"ok":true}')
	P
	for bad in '{"count":"x"}' '{}' '[]' '' '{"count":1' '{"count":1,"count":1}' $'{"count":1}\xff'; do
		run -1 --separate-stderr ab-run ./never.yaml <<<"$bad"
		equals "$output" ""
		contains "$stderr" "ab-run: stage validate:input refused: "
		equals "$(wc -l <<<"$stderr")" 1
		recorded refused "stage validate:input refused"
		contains "$(record receipts.1.reason)" "empty"
	done
}

@test "all of it holds for an ordinary user" {
	needs_root
	d=$(user_directory)
	cd "$d"
	export HOME=$d XDG_STATE_HOME=$d/state
	as_user bash -c '. "$1/workflow.bash"; . "$1/lib.bash" 2>/dev/null; PATH=$2/bin:$PATH; a_log
		workflow good <<<"print(\"{\\\"ok\\\":true}\")"
		workflow bad <<<"print(\"{\")"
		workflow slow "max_runtime_seconds: 1" <<<"while True: pass"
		workflow socket <<<"import socket; socket.socket()"
		for w in good bad slow socket; do ab-run ./$w.yaml <<<"{\"count\":1}" >$w.out 2>$w.err; echo "$w $? $(stat -c %s $w.out) $(wc -l <$w.err)"; done
		ab-audit verify --vkey key.pub >verified && echo verified' _ "$BATS_TEST_DIRNAME" "$AB_BUILD" >result
	run -0 cat result
	rm -rf "$d"
	equals "$output" $'good 0 12 0\nbad 1 0 1\nslow 124 0 1\nsocket 1 0 1\nverified'
}
