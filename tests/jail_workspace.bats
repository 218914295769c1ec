# SPDX-License-Identifier: Apache-2.0
# --workspace: the agent edits, the host stays as it is, and the change is told, kept, shown, applied.

load lib
load jail

setup() {
	# The ordinary user has to reach what is shown, and bats' own directory is closed to all others.
	TOP=$(mktemp -d "${TMPDIR:-/tmp}/ab-workspace-XXXXXX")
	chmod 755 "$TOP"
	cd "$TOP"
	mkdir out && chmod 777 out
	ON_TOP=()
	if [ -n "${AB_NO_OVERLAY:-}" ]; then
		mkdir bin
		printf '#!/bin/sh\nAB_WEAKEN=overlay exec %q "$@"\n' "$AB_BUILD/weak/bin/ab-jail" >bin/ab-jail
		chmod 755 bin bin/ab-jail
		PATH=$TOP/bin:$PATH
	fi
}

teardown() {
	# Modes that a test has set do not hold it up.
	[ "$(id -u)" = 0 ] || chmod -R u+rwX "$TOP"
	rm -rf "$TOP"
}

# scene: a fresh workspace ws, of whoever runs the agent, and the list of all in it.
scene() {
	rm -rf ws out/*
	mkdir -p ws/dir/deep ws/other ws/.git/hooks
	echo a >ws/a && echo b >ws/b && echo 1 >ws/dir/1 && echo 2 >ws/dir/2 && echo 3 >ws/dir/deep/3
	echo o >ws/other/o && echo script >ws/run.sh && ln -s a ws/link
	chmod 755 ws/run.sh
	[ -z "$AS" ] || chown -R "$AB_USER_ID:$AB_USER_ID" ws
	all ws >before
}

# all DIR: every entry with mode, size, content, target.
all() { (cd "$1" && find . -printf '%p %y %m %l\n' -type f -exec sha256sum {} \; | sort); }

# work PYTHON: the agent does this in the workspace and passes; the host's is as it was.
work() {
	scene
	run -0 --separate-stderr ${AS:-} ab-jail --workspace ws --workspace-out out/o.tar "${ON_TOP[@]}" -- python3 -c 'import os, shutil, sys
def put(name, text="x"):
    with open(name, "w") as f:
        f.write(text)
exec(sys.argv[1])' "$1" </dev/null
	equals "$stderr" ""
	all ws >after
	cmp before after
}

# changed WORK WANT: what ab-jail diff says of it; and applied to a copy it makes what the agent had.
changed() {
	work "$1"
	run -0 --separate-stderr ab-jail diff out/o.tar
	equals "$output" "$2"
	equals "$stderr" ""
}

@test "files: created, modified, deleted, and what is as it was is not told" {
	both changed '
put("new", "n")
open("a", "a").write("more")
os.unlink("b")
open("run.sh", "a").close()
os.chmod("other/o", 0o644)
put("dir/1", "1\n")
os.utime("dir/2", (0, 0))' 'M a
D b
A new'
}

@test "modes, executable files, types, links" {
	both changed '
os.chmod("a", 0o755)
os.chmod("dir", 0o700)
put("tool"); os.chmod("tool", 0o755)
os.unlink("b"); os.mkdir("b"); put("b/in")
shutil.rmtree("other"); put("other")
os.unlink("link"); os.symlink("dir/1", "link")
os.unlink("run.sh"); os.symlink("a", "run.sh")' 'P a 0644 -> 0755 [executable]
T b/ 0644 -> 0755
A b/in
P dir/ 0755 -> 0700
M link -> dir/1
T other 0755 -> 0644
D other/o
T run.sh -> a
A tool [executable]'
}

@test "a removed directory is all that was in it; one made again hides what was there" {
	both changed 'shutil.rmtree("dir")' 'D dir/
D dir/1
D dir/2
D dir/deep/
D dir/deep/3'
	both changed 'shutil.rmtree("dir"); os.mkdir("dir"); put("dir/2", "2\n"); put("dir/new")' 'D dir/1
D dir/deep/
D dir/deep/3
A dir/new'
}

@test "a directory that was moved is gone there and new here" {
	both changed 'shutil.move("dir", "moved")' 'D dir/
D dir/1
D dir/2
D dir/deep/
D dir/deep/3
A moved/
A moved/1
A moved/2
A moved/deep/
A moved/deep/3'
	both changed 'os.mkdir("x"); put("x/f"); os.rename("x", "y"); shutil.rmtree("other"); os.rename("y", "other")' 'A other/f
D other/o'
}

@test "what the agent has closed to itself is read all the same, also if it hides it" {
	both changed '
put("secret", "s"); os.chmod("secret", 0)
os.mkdir("shut"); put("shut/in"); os.chmod("shut", 0)' 'A secret
A shut/
A shut/in'
	run -0 --separate-stderr ab-jail diff --json out/o.tar
	contains "$output" '"mode":"0000","sha256":"sha256:'"$(printf s | sha256sum | cut -d' ' -f1)"
}

@test "links that leave the tree, hooks, set-user-ID files and FIFOs are flagged" {
	both changed '
for name, to in (("l1", "/etc/passwd"), ("l2", "../x"), ("dir/l3", "../a"), ("dir/l4", "../../a"), ("dir/l8", "deep/../1"), ("l5", "dir/../a"), ("l6", "nowhere"), ("l7", "l1")):
    os.symlink(to, name)
for name in (".git/hooks/pre-commit", ".git/config", "MAKEFILE", "dir/conftest.py", "x.pth"):
    put(name)
os.mkdir(".github"); os.mkdir(".github/workflows"); put(".github/workflows/ci.yml")
os.close(os.open("sgid", os.O_CREAT, 0o2755))
os.mkfifo("fifo")' 'A .git/config [hook]
A .git/hooks/pre-commit [hook]
A .github/
A .github/workflows/
A .github/workflows/ci.yml [hook]
A MAKEFILE [hook]
A dir/conftest.py [hook]
A dir/l3 -> ../a
A dir/l4 -> ../../a [escapes]
A dir/l8 -> deep/../1 [escapes]
A fifo [special]
A l1 -> /etc/passwd [escapes]
A l2 -> ../x [escapes]
A l5 -> dir/../a [escapes]
A l6 -> nowhere
A l7 -> l1 [escapes]
A sgid [executable setid]
A x.pth [hook]'
}

@test "names are shown so that they reach no terminal, and exactly with --json" {
	work 'put(b"new\nline"); put("\x1b[31m"); put(b"\xff")'
	run -0 --separate-stderr ab-jail diff out/o.tar
	equals "$output" 'A ?[31m
A new?line
A ?'
	run -0 bash -c 'ab-jail diff --json out/o.tar | python3 -c "import json, sys
for l in sys.stdin: d = json.loads(l); print(ascii(d[\"path\"]), d.get(\"path_hex\"))"'
	equals "$output" "'\\x1b[31m' None
'new\\nline' None
'\\ufffd' ff"
}

@test "the agent starts in the workspace, where nothing is executed, at a place of one's choice" {
	scene
	chmod -R a+rX ws && cp /bin/true ws/t && chmod 755 ws/t
	for as in "" as_user; do
		run -0 $as ab-jail --workspace ws -- python3 -c 'import os; print(os.getcwd())' </dev/null
		equals "$output" /workspace
		run -0 $as ab-jail --workspace ws:/src/here -- python3 -c 'import os; print(os.getcwd(), open("a").read(), end="")' </dev/null
		equals "$output" "/src/here a"
		run -126 $as ab-jail --workspace ws -- sh -c ./t </dev/null
	done
}

@test "what is no workspace is refused" {
	scene
	while IFS='|' read -r line args; do
		# shellcheck disable=SC2086
		run -125 --separate-stderr ab-jail $args -- true </dev/null
		equals "$stderr" "ab-jail: $line"
	done <<-T
		--workspace: ws/a: not a directory|--workspace ws/a
		--workspace: $PWD/no: No such file or directory|--workspace no
		--workspace: /tmp/x: is no place for a workspace|--workspace ws:/tmp/x
		--workspace: ws:x: x is not a plain absolute path|--workspace ws:x
		--workspace: /a,b: is no place for a workspace|--workspace ws:/a,b
		--workspace-out: there is no --workspace|--workspace-out o
		--workspace-out: ws/o: lies in the workspace|--workspace ws --workspace-out ws/o
		--workspace-out: ws/dir/deep/o: lies in the workspace|--workspace ws --workspace-out ws/dir/deep/o
		--workspace-out: out: not a regular file|--workspace ws --workspace-out out
		--workspace-out: no/: No such file or directory|--workspace ws --workspace-out no/o
	T
	equals "$(ls -A ws/dir/deep out)" "out:

ws/dir/deep:
3"
}

@test "room and number of files are those of /tmp" {
	scene
	for as in "" as_user; do
		run -1 --separate-stderr $as ab-jail --tmp 1M --workspace ws -- python3 -c 'open("big", "w").write("x" * 2000000)' </dev/null
		run -1 --separate-stderr $as ab-jail --tmp 1M --workspace ws -- python3 -c '
for i in range(3000): open("f%d" % i, "w").close()' </dev/null
		run -1 --separate-stderr $as ab-jail --tmp 1M --workspace ws -- python3 -c '
open("/tmp/a", "w").write("x" * 700000)
open("b", "w").write("x" * 700000)' </dev/null
	done
	all ws >after
	cmp before after
}

@test "a run that did not pass leaves no file" {
	both scene
	for command in 'exit 3' 'kill -9 $$'; do
		run ! ab-jail --workspace ws --workspace-out out/o.tar -- sh -c "echo x >x; $command" </dev/null
		equals "$(ls -A out)" ""
	done
	run -124 ab-jail --time 300ms --workspace ws --workspace-out out/o.tar -- python3 -c 'open("x", "w"); import time; time.sleep(60)' </dev/null
	run -125 bash -c 'trap "" PIPE; ab-jail --workspace ws --workspace-out out/o.tar -- echo x </dev/null >&-'
	equals "$(ls -A out)" ""
	echo old >out/o.tar
	run -3 ab-jail --workspace ws --workspace-out out/o.tar -- sh -c 'exit 3' </dev/null
	equals "$(cat out/o.tar)" old
}

fact() { python3 -c 'import json; r = json.load(open("receipt")); f = r["facts"]; print(('"$1"'))'; }

@test "the receipt lists the same, also of a run that failed, and names the file's hash" {
	scene
	with_receipt run -0 ab-jail --workspace ws --workspace-out out/o.tar -- sh -c 'echo x >>a; echo n >n' 
	equals "$(fact '[(c["change"], c["path"]) for c in f["files_changed"]]')" "[('modified', 'a'), ('created', 'n')]"
	equals "$(fact 'f["files_changed"][0]["old"]["sha256"], f["files_changed"][0]["now"]["sha256"]')" \
		"('sha256:$(echo a | sha256sum | cut -d' ' -f1)', 'sha256:$(printf 'a\nx\n' | sha256sum | cut -d' ' -f1)')"
	equals "$(fact 'f["workspace_out"]["sha256"], f["workspace_out"]["bytes"]')" "('sha256:$(sha256sum <out/o.tar | cut -d' ' -f1)', $(stat -c %s out/o.tar))"
	equals "$(fact 'f["isolation"]["mechanisms"]["workspace"]["state"]')" enforced
	with_receipt run -3 ab-jail --workspace ws -- sh -c 'echo x >x; exit 3'
	equals "$(fact 'r["verdict"], [c["path"] for c in f["files_changed"]]')" "('failed', ['x'])"
}

@test "a long list is not cut short: it stands beside the receipts" {
	scene
	with_receipt run -0 ab-jail --workspace ws -- python3 -c '
for i in range(2000): open("file%d" % i, "w").write(str(i))'
	[ -e beside ]
	equals "$(fact 'len(f["files_changed"])')" 2000
}

@test "a list of more than 16 MiB gets into the log as a whole" {
	scene
	ab-audit keygen --name test --key ./key >/dev/null
	ab-audit init --log ./log --key ./key >/dev/null
	export AB_AUDIT_KEY_FILE=$PWD/key
	eval "$(ab-audit begin --log ./log --type test)"
	# Names that are no text take the most room: each stands there twice.
	run -0 --separate-stderr ab-jail --workspace ws -- python3 -c '
import os
os.mkdir(b"\xff" * 250); os.chdir(b"\xff" * 250)
for i in range(7000): open(b"\xfe" * 240 + b"%d" % i, "w").close()' </dev/null
	equals "$stderr" ""
	[ "$(cat "${AB_RECEIPTS%/*}"/[0-9a-f]* | wc -c)" -gt $((17 << 20)) ]
	run -0 --separate-stderr ab-audit append --log ./log --expect jail </dev/null
	equals "$stderr" ""
	run -0 bash -c 'for b in log/blobs/*; do grep -ao "\"change\":\"created\"" "$b" | wc -l; done | sort -n | tail -1'
	equals "$output" 7001
}

@test "holes and further names make no more of what the agent wrote than --tmp allows" {
	scene
	truncate -s 3M ws/large
	all ws >before
	for make in '[os.truncate(os.open(str(i), os.O_CREAT | os.O_RDWR), 1 << 20) for i in range(8)]' \
		'open("f", "wb").write(bytes(1 << 20)); [os.link("f", str(i)) for i in range(8)]'; do
		run -125 --separate-stderr ab-jail --tmp 6M --workspace ws --workspace-out out/o.tar "${ON_TOP[@]}" \
			-- python3 -c "import os; $make" </dev/null
		contains "$stderr" "workspace: its files have more bytes, with their holes"
		[ ! -e out/o.tar ]
	done
	# What was as large before is not the agent's doing.
	run -0 --separate-stderr ab-jail --tmp 8M --workspace ws --workspace-out out/o.tar "${ON_TOP[@]}" \
		-- python3 -c 'open("large", "r+").write("x")' </dev/null
	run -0 --separate-stderr ab-jail apply out/o.tar ws
	[ "$(stat -c %s ws/large)" = 3145728 ]
}

@test "what cannot be listed to its end fails the run" {
	scene
	with_receipt run -125 --separate-stderr ab-jail --workspace ws -- python3 -c '
import os
for i in range(300): os.mkdir("d"); os.chdir("d")'
	equals "$(fact 'r["verdict"], r["reason"], f.get("files_changed")')" \
		"('failed', 'workspace: nested more than 256 deep: its changes cannot be listed', None)"
}

@test "what the host changed meanwhile is flagged, and not applied" {
	scene
	mkfifo gate
	exec 7<>gate
	ab-jail --workspace ws --workspace-out out/o.tar --stderr said -- \
		sh -c 'echo up >&2; read -r x; read -r x; echo agent >>a; echo agent >>b' <gate 7>&- &
	# Not $! later on: a <(...) changes it.
	pid=$!
	echo first >&7
	# It runs; and the clock of files, which is no fine one, has gone on since it began.
	until [ -s said ]; do is_alive "$pid"; done
	read -rt 0.05 <> <(:) || true
	echo host >>ws/a
	echo go >&7
	exec 7>&-
	wait $pid
	run -0 ab-jail diff out/o.tar
	equals "$output" "M a [raced]
M b"
	run -1 --separate-stderr ab-jail apply out/o.tar ws
	equals "$stderr" "ab-jail apply: a: refused: was changed on the host while the agent ran"
	equals "$(cat ws/b)" b
}

@test "the file is the same for the same change, and a tar that others read" {
	work 'put("new", "n"); os.unlink("b"); shutil.rmtree("dir"); os.mkdir("d"); os.symlink("a", "l")'
	cp out/o.tar first.tar
	work 'os.mkdir("d"); os.symlink("a", "l"); shutil.rmtree("dir"); os.unlink("b"); put("new", "n")'
	cmp first.tar out/o.tar
	equals "$(tar tf out/o.tar)" ".wh..wh.agentbox.json
.wh.b
d/
.wh.dir
l
new"
	equals "$(tar xOf out/o.tar new)" n
}

# applies WORK: applied to the workspace, the change makes what the agent had.
applies() {
	work "$1
import hashlib, stat
# What all() prints, from within.
for d, ds, fs in os.walk('.'):
    for n in ds + fs:
        p = os.path.join(d, n); s = os.lstat(p); m = '%o' % (s.st_mode & 0o7777)
        if stat.S_ISLNK(s.st_mode): print(p, 'l', m, os.readlink(p))
        elif stat.S_ISDIR(s.st_mode): print(p, 'd', m, '')
        else: print(p, 'f', m, ''); print(hashlib.sha256(open(p, 'rb').read()).hexdigest() + '  ' + p)"
	sort <<<"$output" >want
	run -0 --separate-stderr ${AS:-} ab-jail apply --dry-run out/o.tar ws
	all ws >after
	cmp before after
	run -0 --separate-stderr ${AS:-} ab-jail apply out/o.tar ws
	equals "$stderr" ""
	equals "$output" "$(ab-jail diff out/o.tar)"
	all ws | grep -v '^\. ' | sort >after
	diff want after
	run -1 --separate-stderr ${AS:-} ab-jail apply out/o.tar ws
	contains "$stderr" "is not what it was when the run began"
}

@test "apply makes of the workspace what the agent had" {
	both applies 'put("new"); open("a", "a").write("more"); os.unlink("b"); os.chmod("run.sh", 0o700)'
	both applies 'shutil.rmtree("dir"); os.mkdir("dir"); put("dir/2", "two"); shutil.move("other", "dir/other")'
	both applies '
os.unlink("b"); os.mkdir("b"); put("b/in"); os.chmod("b/in", 0o400); os.chmod("b", 0o500)
shutil.rmtree("other"); put("other")
os.unlink("link"); os.symlink("dir/1", "link")
os.unlink("run.sh"); os.symlink("a", "run.sh")
os.mkdir("deep"); os.mkdir("deep/er"); put("deep/er/f")'
}

@test "apply refuses what is not safe, and then changes nothing" {
	while IFS='|' read -r line what; do
		work "put('new'); $what"
		run -1 --separate-stderr ab-jail apply out/o.tar ws
		equals "$stderr" "ab-jail apply: $line"
		equals "$output" ""
		all ws >after
		cmp before after
	done <<-'T'
		x: refused: a link that leaves the directory|os.symlink("/etc/passwd", "x")
		dir/x: refused: a link that leaves the directory|os.symlink("../../x", "dir/x")
		x: refused: set-user-ID or set-group-ID|os.close(os.open("x", os.O_CREAT, 0o2755))
		x: refused: neither a file, a directory nor a link|os.mkfifo("x")
		Makefile: refused: other programs execute it or obey it by themselves (--allow-hooks)|put("Makefile")
		.git/hooks/x: refused: other programs execute it or obey it by themselves (--allow-hooks)|put(".git/hooks/x")
	T
	work 'put("Makefile")'
	run -0 ab-jail apply --allow-hooks out/o.tar ws
	[ -e ws/Makefile ]
}

@test "apply changes nothing where the directory is not what it was" {
	while IFS='|' read -r line what; do
		work 'put("a", "A"); put("new"); shutil.rmtree("dir"); os.chmod("run.sh", 0o700); os.unlink("link"); os.symlink("b", "link")'
		(cd ws && eval "$what")
		all ws >before
		run -1 --separate-stderr ab-jail apply out/o.tar ws
		equals "$stderr" "ab-jail apply: $line is not what it was when the run began"
		all ws >after
		cmp before after
	done <<-'T'
		a:|echo other >a
		a:|chmod 600 a
		a:|rm a
		a:|ln -sf b a
		new:|echo n >new
		dir:|echo n >dir/new
		dir/2:|echo n >dir/2
		run.sh:|rm run.sh; mkdir run.sh; chmod 755 run.sh
		link:|ln -sf dir link
	T
}

@test "apply follows no link: a directory on the way is not replaced by one" {
	mkdir outside && echo 1 >outside/1 && echo 2 >outside/2
	work 'put("dir/1", "agent"); put("dir/new")'
	rm -r ws/dir && ln -s ../outside ws/dir
	run -1 --separate-stderr ab-jail apply out/o.tar ws
	contains "$stderr" "dir/1: is not what it was when the run began"
	equals "$(ls outside; cat outside/1)" "1
2
1"
}

@test "a file that is not ab-jail's own, to the byte, is refused" {
	work 'put("new", "n" * 600)'
	run -125 --separate-stderr ab-jail diff no
	equals "$stderr" "ab-jail diff: no: No such file or directory"
	run -125 --separate-stderr ab-jail diff ws
	equals "$stderr" "ab-jail diff: ws: not a regular file"
	python3 - <<-'P'
		import json, os
		good = open("out/o.tar", "rb").read()
		os.mkdir("bad")
		for i in (0, 100, 130, 156, 520, 700, 1024, 1200, 1536, 2000, 2200, len(good) - 1):
		    open("bad/byte%d" % i, "wb").write(good[:i] + bytes([good[i] ^ 1]) + good[i + 1:])
		for n in (0, 100, 512, 1000, 1536, len(good) - 512):
		    open("bad/cut%d" % n, "wb").write(good[:n])
		open("bad/more", "wb").write(good + b"\0" * 512)
	P
	for f in bad/*; do
		run -1 --separate-stderr ab-jail apply "$f" ws
		contains "$stderr" "ab-jail apply: $f: "
	done
	all ws >after
	cmp before after
}

# forge CHANGES: a file forged.tar whose list is this Python expression, with the content "x".
forge() {
	python3 - "$1" <<-'P'
		import hashlib, json, sys
		f = dict(bytes=1, mode="0644", sha256="sha256:" + hashlib.sha256(b"x").hexdigest(), type="file")
		changes = eval(sys.argv[1])
		def header(name, size, executable=False):
		    h = bytearray(512)
		    h[0:len(name)] = name; h[100:108] = b"0000755\0" if executable else b"0000644\0"; h[108:116] = b"0000000\0"; h[116:124] = b"0000000\0"
		    h[124:136] = b"%011o\0" % size; h[136:148] = b"00000000000\0"; h[148:156] = b" " * 8; h[156:157] = b"0"
		    h[257:265] = b"ustar\00000"; h[329:337] = b"0000000\0"; h[337:345] = b"0000000\0"
		    h[148:156] = b"%06o\0 " % sum(h)
		    return bytes(h)
		pad = lambda d: d + b"\0" * (-len(d) % 512)
		text = json.dumps(changes, separators=(",", ":"), sort_keys=True).encode()
		out = header(b".wh..wh.agentbox.json", len(text)) + pad(text)
		for c in changes:
		    if c.get("now", {}).get("type") == "file":
		        out += header(c["path"].encode(), 1, c["now"]["mode"][1] == "7") + pad(b"x")
		open("forged.tar", "wb").write(out + b"\0" * 1024)
	P
}

@test "a forged file reaches nothing outside, whatever its list says" {
	scene
	forge '[dict(change="created", path="good", now=f)]'
	run -0 ab-jail apply --dry-run forged.tar ws
	for path in ../x /x dir/../../x dir//x ./x dir/. "" .. ; do
		forge "[dict(change='created', path='$path', now=f)]"
		run -1 --separate-stderr ab-jail apply forged.tar ws
		equals "$stderr" "ab-jail apply: forged.tar: not a change that ab-jail wrote: an entry of its list makes no sense"
	done
	ln -s "$TOP/out" ws/way
	forge '[dict(change="created", path="way/x", now=f)]'
	run -1 --separate-stderr ab-jail apply forged.tar ws
	equals "$(ls -A out)" ""
	forge '[dict(change="created", path="l", now=dict(type="link", target="/etc/passwd"))]'
	run -1 --separate-stderr ab-jail diff forged.tar
	# Flags that are left out do not make it safe.
	forge '[dict(change="created", path="x", now=dict(f, mode="4755"))]'
	run -1 --separate-stderr ab-jail apply forged.tar ws
	equals "$stderr" "ab-jail apply: x: refused: set-user-ID or set-group-ID"
	forge '[dict(change="created", path="Makefile", now=f)]'
	run -1 --separate-stderr ab-jail apply forged.tar ws
	contains "$stderr" "--allow-hooks"
}

@test "SIGKILL while it is found out who owns it leaves nobody behind who holds our output" {
	[ -z "${AB_NO_OVERLAY:-}${AB_NO_MAPPING:-}" ] || return 0 # which has no part in it
	needs_root
	needs strace
	[[ $AB_BUILD != */san ]] || skip "a sanitizer's runtime makes calls of its own"
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	mkdir -p ws && chown 4711 ws
	# Its helper comes to ask for its parent's death only when that is dead.
	run -137 --separate-stderr timeout -s KILL 60 strace -f -q -o trace -e trace=prctl,kill -e inject=prctl:delay_enter=300000 \
		-e inject=kill:error=EPERM:signal=KILL ab-jail --workspace ws -- true </dev/null
	contains "$(cat trace)" "(DELAYED)"
	contains "$(tail -n 1 trace)" "exited with 0"
}

@test "where the kernel has no overlay for it, the agent edits a copy, and all of that holds" {
	[ -z "${AB_NO_OVERLAY:-}${AB_NO_MAPPING:-}" ] || return 0 # this is that run
	run -0 --separate-stderr env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HOME="$HOME" AB_BUILD="$AB_BUILD" AB_NO_OVERLAY=yes bats --tap "$BATS_TEST_FILENAME"
	equals "$(grep -c '^ok' <<<"$output")" "$(grep -c '^@test' "$BATS_TEST_FILENAME")"
	equals "$(grep -c '# skip' <<<"$output")" 0
	mkdir ws
	AB_WEAKEN=overlay run -0 --separate-stderr "$AB_BUILD/weak/bin/ab-jail" --workspace ws -- stat -fc %T . </dev/null
	equals "$output" tmpfs
}

# on_ramfs COMMAND...: where $TMPDIR is on a file system that takes no ID-mapped mount.
on_ramfs() {
	mkdir -p ram
	unshare --mount sh -c 'mount -t ramfs -o mode=1777 none "$0" && cd / && exec "$@"' "$PWD/ram" env -i \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$HOME" AB_BUILD="$AB_BUILD" TMPDIR="$PWD/ram" "$@"
}

@test "where the file system cannot make its files root's agent's own, it edits an overlay over a copy, and all of that holds" {
	[ -z "${AB_NO_OVERLAY:-}${AB_NO_MAPPING:-}" ] || return 0 # this is that run
	needs_root
	run -0 --separate-stderr on_ramfs AB_NO_MAPPING=yes bats --tap "$BATS_TEST_FILENAME"
	equals "$(grep -c '^ok' <<<"$output")" "$(grep -c '^@test' "$BATS_TEST_FILENAME")"
	equals "$(grep -c '# skip' <<<"$output")" 0
}

@test "such a copy gives the agent what was its owner's, and nothing that was another's" {
	[ -z "${AB_NO_OVERLAY:-}" ] || return 0 # it has been tried where there is one
	needs python3
	needs_root
	run -0 --separate-stderr on_ramfs AB_JAIL="$AB_BUILD/bin/ab-jail" bash -euc '
		mkdir "$TMPDIR/ws" "$TMPDIR/ws/dir" && cd "$TMPDIR"
		for name in own root nobody other dir/in; do echo "$name" >"ws/$name"; done
		mkfifo -m 600 ws/fifo && ln -s own ws/link
		chown -hR 4711:4712 ws; chown 0:0 ws/root; chown 65534:65534 ws/nobody; chown 4713:4712 ws/other
		chmod 600 ws/* ws/dir/in; chmod 700 ws/dir; chmod 4711 ws/own; touch -d @1000 ws/own ws/dir
		"$AB_JAIL" --workspace ws --workspace-out change.tar -- python3 -c "
import os
for name in \"own\", \"dir\", \"dir/in\", \"fifo\", \"link\":
    s = os.lstat(name)
    print(name, \"%o\" % s.st_mode, int(s.st_mtime) == 1000)
os.chmod(\"fifo\", 0o640)
for name in \"root\", \"nobody\", \"other\":
    for act in os.chmod, os.open:
        try:
            act(name, 0)
            print(act, name)
        except PermissionError:
            pass
open(\"dir/in\", \"w\").write(\"edited\")
"
		cat ws/dir/in
		"$AB_JAIL" diff change.tar'
	equals "$output" "own 104711 True
dir 40700 True
dir/in 100600 False
fifo 10600 False
link 120777 False
dir/in
M dir/in
P fifo 0600 -> 0640 [special]"
	equals "$stderr" ""
	run -125 --separate-stderr on_ramfs bash -euc '
		mkdir "$TMPDIR/ws" && cd "$TMPDIR" && head -c 2000000 /dev/zero >ws/large && chown -R 4711 ws
		"$AB_BUILD/bin/ab-jail" --tmp 1M --workspace ws -- true'
	equals "$stderr" "ab-jail: --workspace: $PWD/ram/ws: no room for a copy of it, which is needed where its file system or the kernel \
cannot give it another owner in the jail: more by --tmp, or start ab-jail as its owner"
}

@test "a copy that has no room, or of what has none, is refused" {
	needs python3
	local weak=$AB_BUILD/weak/bin/ab-jail
	mkdir -p ws/deep
	head -c 2000000 /dev/zero >ws/deep/large
	[ "$(id -u)" != 0 ] || chown -R 65534:65534 ws # the agent's, that it is not copied to become so
	AB_WEAKEN=overlay run -125 --separate-stderr "$weak" --tmp 1M --workspace ws -- true </dev/null
	contains "$stderr" "--workspace: no room for a copy of it" && contains "$stderr" "more by --tmp"
	AB_WEAKEN=overlay run -0 --separate-stderr "$weak" --tmp 3M --workspace ws -- cat deep/large </dev/null
	equals "${#stderr}" 0
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("ws/deep/socket")'
	for _ in {1..20}; do # why it ended is never lost
		AB_WEAKEN=overlay run -125 --separate-stderr "$weak" --workspace ws -- true </dev/null
		equals "${stderr/Operation not/Not}" "ab-jail: --workspace: cannot be copied: deep/socket: Not supported"
	done
	"$AB_BUILD/bin/ab-jail" --workspace ws -- true </dev/null # an overlay shows it
}
