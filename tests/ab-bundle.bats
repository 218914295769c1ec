# SPDX-License-Identifier: Apache-2.0
# ab-bundle create, verify, extract: one tree, one bundle, and back.

load lib

# A tree with something of everything, made the same way each time.
make_tree() {
	local t=$1 long
	long=$(printf 'n%.0s' {1..120})
	mkdir -p "$t/sub/empty" "$t/lib" "$t/$long/$long" "$t/Ünïcode"
	echo hello >"$t/a"
	echo upper >"$t/A"
	: >"$t/zero"
	printf 'x%.0s' {1..512} >"$t/block"
	printf '#!/bin/sh\n' >"$t/sub/run"
	chmod 755 "$t/sub/run"
	echo deep >"$t/$long/$long/leaf"
	echo ü >"$t/Ünïcode/ß"
	echo so >"$t/lib/libx.so.1"
	ln -s libx.so.1 "$t/lib/libx.so"
	ln -s ../a "$t/sub/up"
	ln -s sub "$t/directory"
	echo before >"$t/a-b"
	mkdir "$t/a.d"
	echo dot >"$t/a.d/f"
}

setup() {
	mkdir "$BATS_TEST_TMPDIR/w"
	cd "$BATS_TEST_TMPDIR/w"
	umask 022
	make_tree tree
}

# The same but for owners and times: modes, kinds, names, contents.
listing() { (cd "$1" && find . -mindepth 1 -printf '%y %m %P %l\n' | sort && find . -type f -exec sha256sum {} + | sort -k 2); }

@test "a tree comes back as it was" {
	run -0 --separate-stderr ab-bundle create tree b.tar.zst
	identity=$output
	equals "$stderr" ""
	run -0 --separate-stderr ab-bundle verify b.tar.zst
	equals "$output" "$identity"
	run -0 --separate-stderr ab-bundle extract b.tar.zst copy
	equals "$output" "$identity"
	equals "$stderr" ""
	equals "$(listing copy)" "$(listing tree)"
	equals "$(stat -c %a copy)" 755
	equals "$(ls -A)" "$(printf 'b.tar.zst\ncopy\ntree')"
}

@test "the identity is the hash of the manifest, which sha256sum -c accepts in what tar unpacks" {
	identity=$(ab-bundle create tree b.tar.zst)
	mkdir plain
	python3 - <<'P' >b.tar || skip "no zstd"
import subprocess, sys
sys.stdout.buffer.write(subprocess.run(["zstd", "-dc", "b.tar.zst"], check=True, capture_output=True).stdout)
P
	tar -xf b.tar -C plain
	cd plain
	equals "sha256:$(sha256sum <manifest-sha256.txt | cut -d' ' -f1)" "$identity"
	run -0 --separate-stderr sha256sum --strict --quiet -c manifest-sha256.txt
	equals "$output$stderr" ""
	equals "$(cat bagit.txt)" "$(printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8')"
	equals "$(cat data/.agentbox-tree)" "$(printf 'link\tdirectory\tsub\nlink\tlib/libx.so\tlibx.so.1\ndirectory\tsub/empty\nexecutable\tsub/run\nlink\tsub/up\t../a')"
	rm data/.agentbox-tree
	equals "$(listing data)" "$(listing ../tree)"
}

@test "python's tarfile reads the same tree" {
	needs zstd
	ab-bundle create tree b.tar.zst >identity
	zstd -qdc b.tar.zst >b.tar
	run -0 python3 - <<'P'
import tarfile
for m in tarfile.open("b.tar"):
    kind = "f" if m.isfile() else "l" if m.issym() else "d"
    assert (m.uid, m.gid, m.uname, m.gname, m.mtime) == (0, 0, "", "", 0), m
    print(kind, oct(m.mode), m.name, m.linkname)
P
	contains "$output" "f 0o644 data/Ünïcode/ß"
	contains "$output" "f 0o755 data/sub/run"
	contains "$output" "l 0o777 data/sub/up ../a"
	contains "$output" "d 0o755 data/sub/empty"
}

@test "the same bytes whatever the order, umask, time zone, locale, time, threads and owner" {
	ab-bundle create tree first >identity
	# The other way round, later, by somebody else's habits.
	mkdir other
	(cd tree && find . -mindepth 1 -type d | sort -r) | while read -r d; do mkdir -p "other/$d"; done
	(cd tree && find . ! -type d | sort -r) | while read -r f; do cp -P "tree/$f" "other/$f"; done
	find other -exec touch -h -d 2001-02-03 {} +
	chmod -R go-rwx other
	for setting in "TZ=Asia/Tokyo" "LC_ALL=C" "LC_ALL=tr_TR.UTF-8" "LANG=de_DE" "TMPDIR=/nonexistent"; do
		(umask 077 && env "$setting" ab-bundle create other second >identity2)
		cmp first second
		cmp identity identity2
	done
	for threads in 1 2 3 16; do
		ab-bundle create --threads "$threads" other second >/dev/null
		cmp first second
	done
	chown -R "$AB_USER_ID" other 2>/dev/null || skip "not root: all but the owner"
	ab-bundle create other second >/dev/null
	cmp first second
}

@test "many directories are walked by several threads, and one answer comes of it" {
	rm -rf tree
	for i in {1..40}; do
		mkdir -p "tree/$i/a/b" "tree/$i/empty" "tree/$i/gone"
		echo "$i" >"tree/$i/a/b/f"
		echo x >"tree/$i/gone/x"
		ln -s b/f "tree/$i/a/l"
	done
	ab-bundle create --threads 1 --exclude 'x' tree first >identity
	for threads in 2 3 16; do
		run -0 ab-bundle create --threads "$threads" --exclude 'x' tree second
		equals "$output" "$(cat identity)"
		cmp first second
	done
	equals "$(ab-bundle list first | wc -l)" 160
	ab-bundle create --exclude 'x' --max-files 160 tree second >/dev/null
	run -1 --separate-stderr ab-bundle create --exclude 'x' --max-files 159 tree third
	equals "$stderr" "ab-bundle create: more than 159 files"
	mkfifo tree/37/a/b/pipe
	for threads in 1 4; do
		run -1 --separate-stderr timeout 120 "$(command -v ab-bundle)" create --threads "$threads" tree third
		equals "$stderr" "ab-bundle create: 37/a/b/pipe: neither file, directory nor link"
	done
	[ ! -e third ]
}

@test "directories that wait to be walked are as many as there may be files" {
	mkdir -p wide/{1..9}
	for d in wide/*; do mkfifo "$d/pipe"; done
	run -1 --separate-stderr ab-bundle create --max-files 2 wide third
	equals "$stderr" "ab-bundle create: more than 2 files"
}

@test "large files go through many pieces, with any number of threads" {
	rm -rf tree
	mkdir tree
	python3 -c '
import hashlib, sys
out = open("tree/large", "wb")
for i in range(400000):
    out.write(hashlib.sha256(b"%d" % i).digest())
open("tree/text", "wb").write(b"all the same\n" * 1000000)'
	ab-bundle create --threads 1 tree first >identity
	for threads in 1 2 5; do
		ab-bundle create --threads "$threads" tree second >/dev/null
		cmp first second
		run -0 ab-bundle verify --threads "$threads" second
		equals "$output" "$(cat identity)"
	done
	run -0 ab-bundle extract - copy <first
	cmp tree/large copy/large
	cmp tree/text copy/text
}

@test "a bundle may come through a pipe, in pieces" {
	ab-bundle create tree b >identity
	run -0 bash -c 'python3 -c "
import sys, os
for c in open(\"b\", \"rb\").read(): os.write(1, bytes([c]))" | ab-bundle extract - copy'
	equals "$output" "$(cat identity)"
	equals "$(listing copy)" "$(listing tree)"
}

@test "an empty directory and an empty tree" {
	mkdir nothing some some/d
	identity=$(ab-bundle create nothing b)
	equals "$identity" "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	ab-bundle extract b copy
	equals "$(ls -A copy)" ""
	[ "$(ab-bundle create some b)" != "$identity" ]
	ab-bundle extract b copy2
	equals "$(ls -A copy2)" d
}

@test "the identity covers modes, links and empty directories" {
	first=$(ab-bundle create tree b)
	chmod 644 tree/sub/run
	second=$(ab-bundle create tree b)
	chmod 755 tree/sub/run
	ln -sfn ../lib/libx.so.1 tree/sub/up
	third=$(ab-bundle create tree b)
	ln -sfn ../a tree/sub/up
	rmdir tree/sub/empty
	fourth=$(ab-bundle create tree b)
	mkdir tree/sub/empty
	equals "$(ab-bundle create tree b)" "$first"
	equals "$(printf '%s\n' "$first" "$second" "$third" "$fourth" | sort -u | wc -l)" 4
}

@test "create refuses by name what cannot stand in a bundle" {
	refuse() { # WHAT-IS-SAID
		run -1 --separate-stderr ab-bundle create tree b
		equals "$output" ""
		equals "$stderr" "ab-bundle create: $1"
		[ ! -e b ]
	}
	mkfifo tree/fifo
	refuse "fifo: neither file, directory nor link"
	rm tree/fifo
	: >"tree/sub/a"$'\n'"b"
	refuse "sub/a?b: control character in the name"
	rm tree/sub/a*
	: >'tree/a\b'
	refuse 'a\b: backslash in the name'
	rm tree/a\\b
	: >$'tree/\xff'
	refuse "?: name is not UTF-8"
	rm tree/$'\xff'
	ln -s /etc/passwd tree/l
	refuse "l: link to /etc/passwd: absolute"
	ln -sfn ../tree tree/l
	refuse "l: link to ../tree: leads out of the tree"
	ln -sfn nowhere tree/l
	refuse "l: link to nowhere: leads to nothing in the tree"
	ln -sfn l tree/l
	refuse "l: link to l: links in a circle"
	rm tree/l
	: >tree/.agentbox-tree
	refuse ".agentbox-tree: a name that bundles keep for themselves"
	rm tree/.agentbox-tree
	ab-bundle create tree b
}

@test "a link's target loses what says nothing" {
	ln -sfn ./../sub//./../a tree/sub/up
	run -1 --separate-stderr ab-bundle create tree b
	equals "$stderr" "ab-bundle create: sub/up: link to ../sub/../a: not a normalised path to something below"
	ln -sfn ././/..///a tree/sub/up
	ab-bundle create tree b
	ab-bundle extract b copy
	equals "$(readlink copy/sub/up)" ../a
}

@test "--exclude leaves out by path and by name" {
	mkdir -p tree/.git/objects
	: >tree/.git/objects/x
	ab-bundle create --exclude .git --exclude 'lib*/*.so' --exclude zero tree b
	ab-bundle extract b copy
	[ ! -e copy/.git ] && [ ! -e copy/lib/libx.so ] && [ ! -e copy/zero ] && [ -e copy/lib/libx.so.1 ]
}

@test "create does not overwrite a bundle with half a one" {
	echo old >b
	mkfifo tree/fifo
	run -1 ab-bundle create tree b
	equals "$(cat b)" old
	equals "$(ls -A)" "$(printf 'b\ntree')"
	rm tree/fifo
	ab-bundle create tree b
	ab-bundle verify b
}

@test "a bundle into the directory that is packed is a usage error" {
	run -2 --separate-stderr ab-bundle create tree tree/b
	equals "$stderr" "ab-bundle create: b: inside the directory that is packed"
}

@test "what is not there is a usage error with its name" {
	run -2 --separate-stderr ab-bundle create nowhere b
	equals "$stderr" "ab-bundle create: nowhere: No such file or directory"
	run -2 --separate-stderr ab-bundle create tree nowhere/b
	equals "$stderr" "ab-bundle create: nowhere/: No such file or directory"
	run -2 --separate-stderr ab-bundle verify nowhere
	equals "$stderr" "ab-bundle verify: nowhere: No such file or directory"
	ab-bundle create tree b
	run -2 --separate-stderr ab-bundle extract b nowhere/copy
	equals "$stderr" "ab-bundle extract: nowhere: No such file or directory"
	run -2 --separate-stderr ab-bundle extract b tree
	equals "$stderr" "ab-bundle extract: tree: exists"
	run -2 --separate-stderr ab-bundle extract b ..
	equals "$stderr" "ab-bundle extract: ..: not the name of a new directory"
	run -2 --separate-stderr ab-bundle verify --threads 65 b
	contains "$stderr" "--threads: 65: at most 64"
}

@test "modes do not depend on the umask, and nothing is set-id" {
	chmod 4755 tree/sub/run
	chmod 2755 tree/sub
	ab-bundle create tree b
	(umask 077 && ab-bundle extract b copy)
	equals "$(stat -c %a copy/a copy/sub/run copy/sub | xargs)" "644 755 755"
}

@test "an ordinary user packs and extracts the same" {
	needs_root
	ab-bundle create tree b >identity
	mkdir user
	chown "$AB_USER_ID" user
	chmod 755 . user .. ../.. "$BATS_RUN_TMPDIR"
	as_user bash -c 'cd user && ab-bundle create ../tree b >identity && ab-bundle extract b copy >identity2'
	cmp b user/b
	cmp identity user/identity
	cmp identity user/identity2
	equals "$(listing user/copy)" "$(listing tree)"
	equals "$(stat -c %u user/copy/a)" "$AB_USER_ID"
}

@test "a full disk is trouble and leaves nothing" {
	ab-bundle create tree b
	run -3 bash -c 'ulimit -f 0; ab-bundle create tree c 2>&1 | cat; exit "${PIPESTATUS[0]}"'
	contains "$output" "File too large"
	[ ! -e c ]
	run -0 unshare -rm true || skip "no user namespace"
	run -3 --separate-stderr unshare -rm bash -c 'mount -t tmpfs -o size=16k t /mnt && ab-bundle extract b /mnt/copy; s=$?; ls -A /mnt; exit $s'
	equals "$output" ""
	contains "$stderr" "No space left on device"
}

@test "what is not a regular file is never replaced by a bundle or a signature" {
	local to
	mkfifo fifo
	ln -s /dev/null link
	mkdir directory
	ab-audit keygen --name example.org/b --key k >/dev/null
	ab-bundle create tree b >/dev/null
	for to in /dev/full fifo link directory; do
		before=$(stat -c %F "$to")
		run -2 --separate-stderr ab-bundle create tree "$to"
		equals "$stderr" "ab-bundle create: ${to##*/}: not a regular file"
		run -2 --separate-stderr ab-bundle sign --key k --signature "$to" b
		equals "$(stat -c %F "$to")" "$before"
	done
}

# A bundle that is held open in the middle: its first piece arrives, the rest never does.
start_slow_extract() {
	head -c 40000000 /dev/urandom >tree/large
	ab-bundle create tree b
	mkdir into
	mkfifo pipe
	# A shell ignores INT and QUIT for what it starts in the background, nohup HUP.
	env --default-signal=INT,QUIT,HUP,TERM ab-bundle extract --threads 1 - into/copy <pipe >out 2>err 7>&- &
	pid=$!
	exec 7>pipe
	head -c 35000000 b >&7
	# Until a file lies there.
	until [ -n "$(find into -name A)" ] || ! kill -0 "$pid"; do :; done
}

@test "TERM, INT, HUP and QUIT in the middle leave nothing behind" {
	for s in TERM INT HUP QUIT; do
		rm -rf into pipe
		start_slow_extract
		kill -"$s" "$pid"
		status=0
		wait "$pid" || status=$?
		exec 7>&-
		equals "$status" $((128 + $(kill -l "$s")))
		equals "$(ls -A into)" ""
		equals "$(cat out)" ""
	done
}

@test "a signal that is ignored stays ignored" {
	ab-bundle create tree b
	run -0 bash -c 'trap "" HUP; { kill -HUP $$; cat b; } | ab-bundle extract - copy'
	equals "$(listing copy)" "$(listing tree)"
}

@test "a child that dies leaves nothing behind" {
	start_slow_extract
	kill -KILL "$(pgrep -P "$pid")"
	status=0
	wait "$pid" || status=$?
	exec 7>&-
	equals "$status" 3
	equals "$(cat err)" "ab-bundle extract: the working process died"
	equals "$(ls -A into)" ""
}

@test "what kill -9 leaves is removed by the next extraction, and what is in work is not" {
	start_slow_extract
	child=$(pgrep -P "$pid")
	# Another one beside it does not touch what is in work.
	ab-bundle extract b into/other
	equals "$(find into -maxdepth 1 -name '.ab-bundle.*' | wc -l)" 1
	kill -KILL "$pid"
	wait "$pid" || true
	exec 7>&-
	# The child goes down with its parent.
	until [ ! -e "/proc/$child" ] || grep -q 'State:.Z' "/proc/$child/status"; do :; done
	equals "$(find into -maxdepth 1 -name '.ab-bundle.*' | wc -l)" 1
	ab-bundle extract b into/third
	equals "$(ls -A into | xargs)" "other third"
}

@test "kill -9 at any moment leaves no target that is not whole" {
	ab-bundle create tree b
	mkdir into
	for i in $(seq "$(slow_count 200)"); do
		ab-bundle extract b "$PWD/into/$i" >/dev/null 2>&1 &
		pid=$!
		python3 -c "import os, time; time.sleep($i % 40 / 10000); os.kill($pid, 9)" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		if [ -e "into/$i" ]; then
			equals "$(listing "into/$i")" "$(listing tree)"
		fi
	done
	# The children of the killed go down with them, and what one of them holds is not removed.
	nobody() { run -1 pgrep -f "extract b $PWD/into/"; }
	soon nobody
	ab-bundle extract b into/last
	equals "$(find into -maxdepth 1 -name '.ab-bundle.*')" ""
}

@test "reading and packing happen confined" {
	needs strace
	ab-bundle create tree b
	for c in "verify b" "extract b copy" "create tree c"; do
		# shellcheck disable=SC2086
		strace -f -qq -e trace=seccomp,landlock_restrict_self,openat,openat2,execve,socket -o trace ab-bundle $c >/dev/null ||
			skip "strace does not work here"
		[ -n "$(grep -c 'landlock_restrict_self.* = 0' trace)" ]
		case $AB_BUILD in */san) ;; *) grep -q 'seccomp(SECCOMP_SET_MODE_FILTER.* = 0' trace ;; esac
		# Nothing absolute is opened once that has happened.
		run -1 bash -c "sed '1,/seccomp(/d' trace | grep -E 'openat2?\(.*\"/|execve|socket'"
		rm -rf copy
	done
}

@test "list shows what is in a bundle, as lines and as JSON" {
	rm -rf tree
	mkdir -p tree/d
	echo hello >tree/f
	printf '' >tree/x
	chmod 755 tree/x
	ln -s f tree/l
	ab-bundle create tree b
	run -0 --separate-stderr ab-bundle list b
	equals "$output" "directory           0  d
file                6  f
link                0  l -> f
executable          0  x"
	run -0 --separate-stderr ab-bundle list --json b
	f=sha256:$(sha256sum <tree/f | cut -d' ' -f1)
	x=sha256:$(sha256sum <tree/x | cut -d' ' -f1)
	equals "$output" '[{"kind":"directory","path":"d"},{"executable":false,"kind":"file","path":"f","sha256":"'"$f"'","size":6},{"kind":"link","path":"l","sha256":"'"$f"'","target":"f"},{"executable":true,"kind":"file","path":"x","sha256":"'"$x"'","size":0}]'
}

@test "diff says what differs and exits 1" {
	ab-bundle create tree b
	run -0 --separate-stderr ab-bundle diff b b
	equals "$output" ""
	echo other >tree/a
	rm tree/zero
	chmod 644 tree/sub/run
	ln -sfn ../A tree/sub/up
	rm tree/directory
	echo file >tree/directory
	: >tree/new
	ab-bundle create tree c
	run -1 --separate-stderr ab-bundle diff b c
	equals "$stderr" ""
	equals "$output" "content a
kind directory
added new
mode sub/run
target sub/up
removed zero"
	run -1 --separate-stderr ab-bundle diff b tree/a
	equals "$output" ""
	equals "$stderr" "ab-bundle diff: tree/a: byte 0: not a zstandard frame"
}

@test "a signature by one key or several is verified; another bundle, key or text is not" {
	echo . >tree/a
	ab-bundle create tree b >identity
	echo .. >tree/a
	ab-bundle create tree c
	for k in one two; do ab-audit keygen --name "example.org/$k" --key "./$k" >/dev/null; done
	run -0 --separate-stderr ab-bundle sign --key ./one b
	equals "$output" "$(cat identity)"
	equals "$(head -3 b.sig)" "$(printf 'agentbox.bundle/v1\n%s\n' "$output")"
	run -0 --separate-stderr ab-bundle verify --key ./one.pub b
	equals "$output" "$(cat identity)"
	run -1 --separate-stderr ab-bundle verify --key ./two.pub b
	equals "$stderr" "ab-bundle verify: b: no signature by this key of example.org/two"
	ab-bundle sign --key ./two b
	ab-bundle verify --key ./two.pub b
	ab-bundle verify --key ./one.pub b
	equals "$(wc -l <b.sig)" 5
	run -1 --separate-stderr ab-bundle sign --key ./one b
	equals "$stderr" "ab-bundle sign: b.sig: signed by example.org/one already"
	equals "$output" ""
	run -1 --separate-stderr ab-bundle verify --key ./one.pub --signature b.sig c
	equals "$stderr" "ab-bundle verify: c: signature: of another bundle"
	run -1 --separate-stderr ab-bundle sign --key ./one --signature b.sig c
	equals "$stderr" "ab-bundle sign: b.sig: signature of another bundle"
	run -2 --separate-stderr ab-bundle verify --key ./one.pub c
	equals "$stderr" "ab-bundle verify: c.sig: No such file or directory"
	run -2 --separate-stderr ab-bundle verify --signature b.sig b
	equals "$stderr" "ab-bundle verify: --signature: needs --key"
	run -0 ab-bundle verify --key ./one.pub --signature b.sig - <b
	run -2 --separate-stderr ab-bundle verify --key ./one.pub - <b
	equals "$stderr" "ab-bundle verify: a bundle on stdin needs --signature"
	run -2 --separate-stderr ab-bundle sign b
	equals "$stderr" "ab-bundle sign: --key: needed; ab-audit keygen makes one"
	chmod 644 one
	run -2 --separate-stderr ab-bundle sign --key ./one c
	[ ! -e c.sig ]
}

@test "every bit of a signature matters" {
	ab-bundle create tree b
	ab-audit keygen --name example.org/one --key ./one >/dev/null
	ab-bundle sign --key ./one b
	python3 - "$AB_BUILD/bin/ab-bundle" <<'P'
import subprocess, sys
good = open("b.sig", "rb").read()
for n in range(len(good)):
    for bit in range(8):
        open("bad.sig", "wb").write(good[:n] + bytes([good[n] ^ 1 << bit]) + good[n + 1:])
        r = subprocess.run([sys.argv[1], "verify", "--key", "one.pub", "--signature", "bad.sig", "b"], capture_output=True)
        if r.returncode != 1:
            sys.exit("byte %d bit %d: %d" % (n, bit, r.returncode))
P
}

@test "--identity refuses any other bundle" {
	identity=$(ab-bundle create tree b)
	run -0 ab-bundle verify --identity "$identity" b
	run -1 --separate-stderr ab-bundle verify --identity "sha256:$(printf %064d 0)" b
	equals "$output" ""
	equals "$stderr" "ab-bundle verify: b: is $identity"
}

@test "extract asks for an identity and a signature as verify does, and leaves nothing where it is refused" {
	identity=$(ab-bundle create tree b)
	for k in one two; do ab-audit keygen --name "example.org/$k" --key "./$k" >/dev/null; done
	ab-bundle sign --key ./one b
	run -0 --separate-stderr ab-bundle extract --key ./one.pub --identity "$identity" b copy
	equals "$output" "$identity"
	equals "$(listing copy)" "$(listing tree)"
	ls -A >before
	run -1 --separate-stderr ab-bundle extract --key ./two.pub b other
	equals "$stderr" "ab-bundle extract: b: no signature by this key of example.org/two"
	run -1 --separate-stderr ab-bundle extract --identity "sha256:$(printf %064d 0)" b other
	equals "$output" ""
	equals "$stderr" "ab-bundle extract: b: is $identity"
	run -2 --separate-stderr ab-bundle extract --signature b.sig b other
	equals "$stderr" "ab-bundle extract: --signature: needs --key"
	run -2 --separate-stderr ab-bundle extract --identity sha256:0 b other
	equals "$stderr" "ab-bundle extract: --identity: expected sha256: and 64 digits of 0-9 a-f"
	equals "$(ls -A)" "$(cat before)"
}

@test "statement names the manifest and every file" {
	identity=$(ab-bundle create tree b)
	run -0 --separate-stderr ab-bundle statement b
	python3 - "$output" "$identity" <<'P'
import hashlib, json, os, sys
s = json.loads(sys.argv[1])
assert sys.argv[1] == json.dumps(s, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
assert (s["_type"], s["predicateType"], s["predicate"]) == ("https://in-toto.io/Statement/v1", "urn:agentbox:bundle:v1", {})
want = {"manifest-sha256.txt": sys.argv[2][7:]}
for d, _, files in os.walk("tree"):
    for f in files:
        p = os.path.join(d, f)
        if not os.path.islink(p):
            want["data/" + os.path.relpath(p, "tree")] = hashlib.sha256(open(p, "rb").read()).hexdigest()
assert {x["name"]: x["digest"]["sha256"] for x in s["subject"]} == want
P
}

@test "oci makes a layout whose blobs are what they are called, around the bundle itself" {
	identity=$(ab-bundle create tree b)
	run -0 --separate-stderr ab-bundle oci b layout
	equals "$output" "$identity"
	equals "$(cat layout/oci-layout)" '{"imageLayoutVersion":"1.0.0"}'
	for f in layout/blobs/sha256/*; do equals "$(sha256sum <"$f" | cut -d' ' -f1)" "$(basename "$f")"; done
	cmp b "layout/blobs/sha256/$(sha256sum <b | cut -d' ' -f1)"
	equals "$(ls -A)" "$(printf 'b\nlayout\ntree')"
	run -2 --separate-stderr ab-bundle oci b layout
	equals "$stderr" "ab-bundle oci: layout: exists"
	echo bad >bad
	run -1 --separate-stderr ab-bundle oci bad other
	equals "$stderr" "ab-bundle oci: bad: byte 0: not a zstandard frame"
	[ ! -e other ]
}

@test "skopeo takes the layout and sees a blob that was changed" {
	needs skopeo
	ab-bundle create tree b
	ab-bundle oci b layout
	skopeo --insecure-policy copy -q oci:layout dir:copy
	cmp b "copy/$(sha256sum <b | cut -d' ' -f1)"
	echo >>"layout/blobs/sha256/$(sha256sum <b | cut -d' ' -f1)"
	run -1 skopeo --insecure-policy copy -q oci:layout dir:copy2
}
