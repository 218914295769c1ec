# SPDX-License-Identifier: Apache-2.0
# ab-jail: what a hostile agent meets, as root and as an ordinary user.

load lib

setup() {
	AGENT=$AB_TOP/tests/agents/hostile.py
	MARK=mark-$BATS_TEST_NUMBER-$$-
	ON_TOP=() TIME=20s
}

# refused STATUS LINE ACT [ARG...]: the act ends the run so, with no output and nothing left.
refused() {
	local status=$1 line=$2
	shift 2
	run "-$status" --separate-stderr ${AS:-} ab-jail --time "$TIME" "${ON_TOP[@]}" -- "$AGENT" "$@" "$MARK" </dev/null
	equals "$output" ""
	equals "$stderr" "ab-jail: $line"
	nothing_left
}

# gives OUTPUT ACT [ARG...]: the agent passes with this output.
gives() {
	local want=$1
	shift
	run -0 --separate-stderr ${AS:-} ab-jail --time "$TIME" "${ON_TOP[@]}" -- "$AGENT" "$@" "$MARK" </dev/null
	equals "$output" "$want"
	equals "$stderr" ""
	nothing_left
}

@test "an agent that opens a socket fails" {
	both refused 1 "agent exited with status 1" socket
	both refused 1 "agent exited with status 1" unix-socket
}

@test "an agent that reads the user's home fails" {
	[ -r /etc/passwd ]
	both refused 1 "agent exited with status 1" read-home /etc/passwd
	both refused 1 "agent exited with status 1" read-home "$AB_TOP/Makefile"
}

@test "an agent that writes outside its tmp fails" {
	both refused 1 "agent exited with status 1" write-outside /evil
	both refused 1 "agent exited with status 1" write-outside /usr/evil
	both refused 1 "agent exited with status 1" write-outside "$AGENT"
	both refused 1 "agent exited with status 1" write-outside /proc/self/oom_score_adj
}

@test "an agent that starts a shell, or a program that it has written, fails" {
	both refused 1 "agent exited with status 1" shell
	both refused 1 "agent exited with status 1" own-program
}

@test "an agent that forks for ever is ended" {
	ON_TOP=(--processes 40)
	both refused 137 "agent reached its limit of 40 processes" fork
}

@test "an agent that allocates for ever is ended" {
	ON_TOP=(--memory 100M)
	both refused 137 "agent reached its limit of 104857600 bytes of memory" allocate
}

@test "an agent that sleeps for ever is ended, with 300 children that do not want to" {
	TIME=300ms
	both refused 124 "agent reached its time limit of 300 ms" sleep
	TIME=2s ON_TOP=(--processes 1000)
	both refused 124 "agent reached its time limit of 2000 ms" sleep-deaf "$(slow_count 300)"
}

@test "an agent that prints for ever is ended" {
	ON_TOP=(--max-output 1M)
	both refused 137 "agent reached its limit of 1048576 bytes of output" print
}

@test "an agent that exits 3 or dies by a signal has printed nothing" {
	both refused 3 "agent exited with status 3" exit-3
	both refused 139 "agent was killed by signal 11 (Segmentation fault)" die
}

@test "an agent that fills /tmp fails, in bytes and in files" {
	ON_TOP=(--tmp 4M)
	both refused 1 "agent exited with status 1" fill-tmp
	both refused 1 "agent exited with status 1" fill-inodes
}

@test "an agent that closes its output early has printed what it had" {
	both gives '{"half":' close-output
	both gives '{"review_status": "appro' half
}

@test "an agent's daemons end with it and do not make it fail" {
	ON_TOP=(--processes 1000)
	both gives '{}' daemons "$(slow_count 300)"
}

@test "an agent that leaves its input unread passes, and all of it was read" {
	for size in 10 100000 3000000; do
		run -0 --separate-stderr bash -c 'head -c "$1" /dev/zero | ab-jail -- "$2" unread; echo "${PIPESTATUS[0]}"' _ "$size" "$AGENT"
		equals "$output" "{}0"
		equals "$stderr" ""
	done
}

@test "large input comes out whole" {
	head -c 20000000 /dev/urandom >"$BATS_TEST_TMPDIR/in"
	for way in 'cat "$1" | ab-jail -- cat' 'ab-jail -- cat <"$1"'; do
		run -0 bash -c "$way"' | cmp - "$1"' _ "$BATS_TEST_TMPDIR/in"
	done
}

@test "secrets on the agent's stderr appear nowhere" {
	run -0 --separate-stderr bash -c 'echo secret-4711 | ab-jail -- "$1" secrets-to-stderr' _ "$AGENT"
	equals "$output" "{}"
	equals "$stderr" ""
}

@test "--stderr keeps a mebibyte of it and says that there was more" {
	run -0 --separate-stderr ab-jail --stderr "$BATS_TEST_TMPDIR/e" -- "$AGENT" stderr-for-ever </dev/null
	equals "$stderr" ""
	equals "$(head -c 1048576 "$BATS_TEST_TMPDIR/e" | tr -d e)" ""
	equals "$(tail -c +1048577 "$BATS_TEST_TMPDIR/e")" "
[ab-jail: the rest of the agent's stderr was left out]"
	equals "$(stat -c %a "$BATS_TEST_TMPDIR/e")" 600
}

@test "the agent's environment is three variables and what --env names" {
	export SECRET=1 CHOSEN=two
	both gives $'HOME=/tmp\nLANG=C.UTF-8\nPATH=/usr/local/bin:/usr/bin:/bin' environment
	ON_TOP=(--env CHOSEN --env HOME=/ -e MORE=a=b)
	both gives $'CHOSEN=two\nHOME=/\nLANG=C.UTF-8\nMORE=a=b\nPATH=/usr/local/bin:/usr/bin:/bin' environment
	ON_TOP=()
	both refused 1 "agent exited with status 1" parent-environment
}

@test "--env refuses agentbox's own variables, names that are none, and what is not set" {
	AB_RECEIPTS= run -125 --separate-stderr ab-jail --env AB_RUN=1 -- true
	equals "$stderr" "ab-jail: --env: AB_RUN: the agent never sees agentbox's own variables"
	run -125 --separate-stderr ab-jail --env 1A=2 -- true
	equals "$stderr" "ab-jail: --env: 1A: not a name of letters, digits and _"
	run -125 --separate-stderr env -u NOTSET ab-jail --env NOTSET -- true
	equals "$stderr" "ab-jail: --env: NOTSET: is not set"
}

@test "--env refuses what looks like a secret, and does not show it" {
	local v
	for v in GH=ghp_0123456789abcdefghijABCDEFGHIJ012345 AWS=AKIAIOSFODNN7EXAMPLE DB=postgres://u:geheim@db/x \
		JWT=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefgh MY_API_KEY=kl3jh45kj db_password=correcthorse \
		X=Zm9vYmFyMTIzNDU2Nzg5MEFCQ0RFRkdISUpLTE1OT1A= PGPASSWORD=hunter2 MYSQL_PWD=hunter2 \
		KEY_PASSPHRASE='correct horse battery' CLIENTSECRET=geheim7 'H=Authorization: Bearer abcdefgh12345678' \
		'AUTH=Basic dXNlcjpwYXNz' 'DSN=host=db user=u password=geheim' 'TWO=password= user=u password=geheim' \
		'AZ=DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9v' $'K=-----BEGIN PRIVATE KEY-----\nx'; do
		run -125 --separate-stderr ab-jail --env "$v" -- true
		contains "$stderr" "ab-jail: --env: ${v%%=*}: looks like a"
		case $stderr in *"${v#*=}"*) return 1 ;; esac
		equals "$(wc -l <<<"$stderr")" 1
		run -0 ab-jail --insecure-env --env "$v" -- true
	done
	export FROM_OUTSIDE=glpat-0123456789abcdefghij
	run -125 --separate-stderr ab-jail --env FROM_OUTSIDE -- true
	for v in TOKENIZERS_PARALLELISM=false MAX_TOKEN=128000000 COMMIT=9fc78fe0f2c1d3b4a5968778695a4b3c2d1e0f00 \
		TOKEN_FILE=/run/secrets/token PWD=/tmp \
		BYPASS_CACHE=never-ever TOKEN_LIMIT=4096 'NOTE=Basic rules of a token' URL=http://127.0.0.1:8080/v1 ID=123e4567-e89b-12d3-a456-426614174000; do
		run -0 ab-jail --env "$v" -- true
	done
}

@test "the agent inherits no descriptor" {
	echo secret >"$BATS_TEST_TMPDIR/s"
	exec 7<"$BATS_TEST_TMPDIR/s"
	both gives "0 1 2 3" descriptors # 3 is the directory that it lists
	exec 7<&-
}

@test "the agent starts with no signal blocked or ignored, whatever its caller did" {
	cd "$BATS_TEST_TMPDIR"
	cat >start.py <<-'P'
		#!/usr/bin/python3 -ISB
		import os, signal, sys
		for n in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
		    signal.signal(n, signal.SIG_IGN)
		signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
		os.execvp(sys.argv[1], sys.argv[1:])
	P
	chmod 755 start.py
	run -0 ./start.py ab-jail -- grep -E '^Sig(Blk|Ign)' /proc/self/status
	equals "$output" "$(printf 'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000')"
	run -0 ./start.py ab-jail --require-tier 2 -- grep -E '^Sig(Blk|Ign)' /proc/self/status
	equals "$output" "$(printf 'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000')"
}

@test "the root holds nothing but what the agent needs" {
	run -0 ab-jail -- /usr/bin/python3 -c 'import os; print(sorted(os.listdir("/")), sorted(os.listdir("/usr/bin")))' </dev/null
	case $output in
	"['dev', 'lib', 'lib64', 'proc', 'tmp', 'usr'] ['python3', 'python3."*) ;;
	*) equals "$output" "a root without a shell" ;;
	esac
}

@test "an empty pipe never starts the agent" {
	run -1 --separate-stderr bash -c ': | ab-jail --stderr "$1" -- "$2" secrets-to-stderr' _ "$BATS_TEST_TMPDIR/e" "$AGENT"
	equals "$output" ""
	equals "$stderr" "ab-jail: empty input: the agent was not started"
	run -0 --separate-stderr bash -c 'ab-jail -- "$1" echo </dev/null' _ "$AGENT"
	equals "$output" ""
}

@test "input that does not end is no way around the time limit" {
	run -124 --separate-stderr bash -c 'exec 5<>"$2"; echo x >&5; ab-jail --time 300ms -- "$1" unread <&5' _ "$AGENT" <(:)
	equals "$output" ""
}

@test "a command that is not there, not executable, or no program" {
	run -127 --separate-stderr ab-jail -- no-such-command </dev/null
	equals "$stderr" "ab-jail: no-such-command: not found in /usr/local/bin:/usr/bin:/bin"
	run -127 --separate-stderr ab-jail -- /no/such </dev/null
	equals "$stderr" "ab-jail: /no/such: No such file or directory"
	run -126 --separate-stderr ab-jail -- /etc/passwd </dev/null
	equals "$stderr" "ab-jail: /etc/passwd: not executable"
	run -126 --separate-stderr ab-jail -- /usr </dev/null
	equals "$stderr" "ab-jail: /usr: not a file"
	cd "$BATS_TEST_TMPDIR"
	echo hello >no-script && chmod +x no-script
	run -126 --separate-stderr ab-jail -- ./no-script </dev/null
	equals "$stderr" "ab-jail: $BATS_TEST_TMPDIR/no-script: neither a program nor a script with a #! line"
	printf '\177ELF\2\1\1' >broken && chmod +x broken
	run -126 --separate-stderr ab-jail -- ./broken </dev/null
	equals "$stderr" "ab-jail: $BATS_TEST_TMPDIR/broken: broken ELF file: shorter than its header"
}

@test "a program that the kernel does not execute, once all is proved" {
	cp /bin/true "$BATS_TEST_TMPDIR/t"
	printf '\0\0' | dd of="$BATS_TEST_TMPDIR/t" bs=1 seek=56 conv=notrunc status=none # no program headers
	run -126 --separate-stderr ab-jail -- "$BATS_TEST_TMPDIR/t" </dev/null
	equals "$stderr" "ab-jail: $BATS_TEST_TMPDIR/t: Exec format error"
	run -126 --separate-stderr bash -c 'echo x | ab-jail -- "$1"' _ "$BATS_TEST_TMPDIR/t"
	equals "$stderr" "ab-jail: $BATS_TEST_TMPDIR/t: Exec format error"
}

@test "a command that only root can read is refused by name" {
	needs_root
	cp /bin/true "$BATS_TEST_TMPDIR/t" && chmod 700 "$BATS_TEST_TMPDIR/t"
	run -126 --separate-stderr ab-jail -- "$BATS_TEST_TMPDIR/t" </dev/null
	equals "$stderr" "ab-jail: $BATS_TEST_TMPDIR/t: not readable by user 65534, as whom an agent that root starts runs"
	chmod 755 "$BATS_TEST_TMPDIR/t"
	ab-jail -- "$BATS_TEST_TMPDIR/t" </dev/null
}

@test "root shows a file in a directory that is closed to all but another user" {
	needs_root
	cd "$BATS_TEST_TMPDIR"
	mkdir home && cp /bin/true home/t && chown 1000 home && chmod 700 home
	ab-jail -- ./home/t </dev/null
	echo in >home/f
	run -0 ab-jail --ro home/f:/input -- cat /input </dev/null
	equals "$output" in
	chmod 600 home/f
	run -125 --separate-stderr ab-jail --ro home/f:/input -- cat /input </dev/null
	equals "$stderr" "ab-jail: --ro: home/f: not readable by user 65534, as whom an agent that root starts runs"
}

@test "scripts: interpreter with an argument, env, env -S, and a use of env that is not known" {
	cd "$BATS_TEST_TMPDIR"
	for line in '/bin/sh -e' '/usr/bin/env sh' '/usr/bin/env -S sh -e' '/bin/env sh'; do
		printf '#!%s\necho "$0" "$@"\n' "$line" >s && chmod +x s
		run -0 ab-jail -- ./s a 'b c' </dev/null
		equals "$output" "$BATS_TEST_TMPDIR/s a b c"
	done
	printf '#!/usr/bin/env -i sh\n' >s
	run -126 --separate-stderr ab-jail -- ./s </dev/null
	equals "$stderr" "ab-jail: $BATS_TEST_TMPDIR/s: this use of env in its first line is not supported"
	printf '#!/no/such\n' >s
	run -127 --separate-stderr ab-jail -- ./s </dev/null
	equals "$stderr" "ab-jail: ./s: its interpreter /no/such: No such file or directory"
}

@test "--ro shows, --rw can be written and not executed" {
	cd "$BATS_TEST_TMPDIR"
	chmod 755 .
	mkdir ro rw && echo in >ro/f && chmod 777 rw
	run -0 ab-jail --ro "$PWD/ro:/input" -- cat /input/f </dev/null
	equals "$output" in
	run -0 ab-jail --ro ro -- cat "$PWD/ro/f" </dev/null
	equals "$output" in
	run -0 ab-jail --rw rw:/out -- tee /out/g </dev/null
	[ -f rw/g ]
	run -1 --separate-stderr ab-jail --ro ro:/input -- tee /input/g </dev/null
	cp /bin/true rw/t
	run -126 ab-jail --rw rw -- sh -c "$PWD/rw/t" </dev/null
	run -125 --separate-stderr ab-jail --ro ro:relative -- true
	equals "$stderr" "ab-jail: --ro: ro:relative: relative is not a plain absolute path"
	run -125 --separate-stderr ab-jail --ro /no/such -- true
	equals "$stderr" "ab-jail: --ro: /no: No such file or directory"
	run -125 --separate-stderr ab-jail --ro / -- true
	equals "$stderr" "ab-jail: --ro: /: the host's root cannot be the jail's"
	run -125 --separate-stderr ab-jail --ro /proc/sys -- true
	contains "$stderr" "nothing of the host's /proc is mounted in the jail"
}

@test "usage errors are 125 and name the place" {
	run -125 --separate-stderr ab-jail true
	equals "$stderr" 'ab-jail: missing "--" before true; try ab-jail --help'
	run -125 --separate-stderr ab-jail --time 0 -- true
	equals "$stderr" "ab-jail: --time: from 1 ms to a year; try ab-jail --help"
	run -125 --separate-stderr ab-jail --require-tier 3 -- true
	equals "$stderr" "ab-jail: --require-tier: tiers are 1 and 2; try ab-jail --help"
	run -125 --separate-stderr ab-jail --memory 12X -- true
}

@test "without namespaces nothing is run, and the line says what to change" {
	run -125 --separate-stderr unshare --user --map-root-user sh -c \
		'echo 0 >/proc/sys/user/max_user_namespaces && exec ab-jail -- true </dev/null'
	equals "$output" ""
	contains "$stderr" "ab-jail: no new namespaces: "
	contains "$stderr" "max_user_namespaces"
}

@test "a signal to ab-jail ends the whole tree: 128+N" {
	for sig in INT TERM HUP; do
		n=$(kill -l $sig)
		run "-$((128 + n))" --separate-stderr "$AB_TOP/tests/agents/interrupt.py" $sig "$MARK" ab-jail -- "$AGENT" sleep-deaf 20 "$MARK"
		equals "$output" ""
		contains "$stderr" "ab-jail: interrupted by signal $n "
		nothing_left
	done
}

@test "SIGKILL of ab-jail leaves nothing" {
	for _ in $(seq "$(slow_count 100)"); do
		run -137 --separate-stderr "$AB_TOP/tests/agents/interrupt.py" KILL "$MARK" ab-jail --processes 1000 -- "$AGENT" sleep-deaf 20 "$MARK"
		equals "$output" ""
		soon nothing_left # the kernel ends the tree
	done
}

@test "none of the known ways out is open" {
	# The program's own path is there in the jail: it must not be the build's, which may be in a home.
	local dir
	dir=$(mktemp -d /tmp/ab-attack-XXXXXX)
	chmod 755 "$dir"
	cp "$AB_BUILD/agents/attack" "$AB_BUILD/agents/attack_more" "$dir"
	echo secret >"$BATS_TEST_TMPDIR/secret"
	for as in "" as_user; do
		run -0 --separate-stderr $as ab-jail -- "$dir/attack" "$BATS_TEST_TMPDIR/secret" </dev/null
		equals "$(grep '^not ok' <<<"$output")" ""
		equals "$(tail -1 <<<"$output" | sed 's/of [0-9]*/of all/')" "# 0 open of all"
		[ "${#lines[@]}" -gt 200 ]
		equals "$stderr" ""
		# The caller's own limit of core dumps is 0 by default in some places, but not the hard one.
		run -0 --separate-stderr $as ab-jail -- "$dir/attack_more" </dev/null
		equals "$(grep '^not ok' <<<"$output")" ""
		equals "$(tail -1 <<<"$output" | sed 's/of [0-9]*/of all/')" "# 0 open of all"
	done
	rm -r "$dir"
}

@test "the attacks themselves work where there is no jail" {
	needs_root # as another user, whose processes are not ours and who sees none but its own
	local dir
	dir=$(mktemp -d /tmp/ab-attack-XXXXXX)
	chmod 1777 "$dir"
	export TMPDIR=$dir # for what they leave behind
	run -0 --separate-stderr unshare --pid --fork --mount-proc --ipc --uts setpriv --reuid "$AB_USER_ID" \
		--regid "$AB_USER_ID" --clear-groups "$AB_BUILD/agents/attack" "$AB_TOP/Makefile"
	[ "$(grep -c '^not ok' <<<"$output")" -gt 60 ]
	# Its supervisor is the first process there, a shell.
	run -0 --separate-stderr unshare --pid --fork --mount-proc --ipc --uts --net setpriv --reuid "$AB_USER_ID" \
		--regid "$AB_USER_ID" --clear-groups sh -c '"$1"; exit $?' sh "$AB_BUILD/agents/attack_more"
	rm -rf "$dir"
	[ "$(grep -c '^not ok' <<<"$output")" -ge 14 ]
	run -3 --separate-stderr unshare --pid --fork --mount-proc --ipc --uts --net "$AB_BUILD/agents/attack"
	equals "$stderr" "attack: refused: root, and in no jail"
}

@test "Python at work: processes, threads, asyncio, sqlite" {
	cat >"$BATS_TEST_TMPDIR/agent" <<-'P'
		#!/usr/bin/python3
		import asyncio, concurrent.futures, json, multiprocessing, subprocess, sys, threading
		def square(x):
		    return x * x
		async def child():
		    p = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(5)", stdout=subprocess.PIPE)
		    return (await p.communicate())[0].decode()
		if __name__ == "__main__":
		    with multiprocessing.Pool(2) as p:
		        print(p.map(square, range(4)))
		    multiprocessing.set_start_method("spawn", force=True)
		    with concurrent.futures.ProcessPoolExecutor(2) as p:
		        print(list(p.map(square, range(4))))
		    print(asyncio.run(child()), end="")
		    t = threading.Thread(target=lambda: print("thread"))
		    t.start()
		    t.join()
		    try:
		        import sqlite3
		    except ImportError:
		        sqlite3 = None
		    if sqlite3:
		        db = sqlite3.connect("/tmp/db")
		        db.execute("create table t(a)")
		        db.execute("insert into t values(1)")
		        db.commit()
		        assert db.execute("select * from t").fetchall() == [(1,)]
		    print(json.dumps({"done": True}))
	P
	chmod 755 "$BATS_TEST_TMPDIR" && chmod +x "$BATS_TEST_TMPDIR/agent"
	run -0 ab-jail -- "$BATS_TEST_TMPDIR/agent" </dev/null
	equals "$output" '[0, 1, 4, 9]
[0, 1, 4, 9]
5
thread
{"done": true}'
}

@test "Node at work: workers, child processes" {
	needs node
	cat >"$BATS_TEST_TMPDIR/agent" <<-'J'
		#!/usr/bin/env node
		const { Worker, isMainThread, parentPort } = require('worker_threads');
		if (!isMainThread) return parentPort.postMessage(42);
		new Worker(__filename).on('message', m => {
			console.log(m);
			console.log(require('child_process').execFileSync(process.execPath, ['-p', '1+1']).toString().trim());
			require('fs').promises.writeFile('/tmp/a', 'x').then(() => console.log('written'));
		});
	J
	chmod +x "$BATS_TEST_TMPDIR/agent"
	case $(PATH=/usr/local/bin:/usr/bin:/bin command -v node) in "") skip "no node in the jail's PATH" ;; esac
	run -0 ab-jail -- "$BATS_TEST_TMPDIR/agent" </dev/null
	equals "$output" $'42\n2\nwritten'
}

@test "bash at work, when it is asked for" {
	run -0 ab-jail -- bash -c 'x=$(echo hi | { read -r y; echo "$y"; }); echo "$x" >/tmp/f; read -r z </tmp/f; echo "$z" >&2; echo "$z"' </dev/null
	equals "$output" "hi"
}

@test "many jails at a time: none fails, nothing is left" {
	local alone=() many='mounts() { grep -c . /proc/self/mountinfo; }
		before=$(mounts); seq "$1" | xargs -P 8 -I{} ab-jail -- "$2" unread "$3"; echo ",$(($(mounts) - before))"'
	n=$(slow_count 200)
	# What others mount meanwhile is not there, and what a jail mounted outside would be.
	[ "$(id -u)" != 0 ] || alone=(unshare --mount --propagation private sh -c 'mount --make-rshared / && exec "$@"' _)
	run -0 "${alone[@]}" bash -c "$many" _ "$n" "$AGENT" "$MARK"
	equals "$output" "$(printf '{}%.0s' $(seq "$n")),0"
	nothing_left
}
