#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ab-audit: the log's form, which strangers read, and all that can be done to it.
load lib

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	ab-audit keygen --name example.org/ab --key k >/dev/null
	ab-audit init --log L --key k
	export AB_AUDIT_LOG=$PWD/L AB_AUDIT_KEY_FILE=$PWD/k
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 0700 run
}

# grow SIZE: records up to that size, in commits of random length.
grow() {
	local have
	have=$(sed -n 2p L/checkpoint)
	if [ "$have" -lt "$1" ]; then seq "$have" "$(($1 - 1))" | ab-audit record --lines >/dev/null; fi
}

public() { (cd L && find tile -type f | LC_ALL=C sort | xargs -r stat -c '%n %s'); }

@test "the files of each size are those of the specification, to the byte" {
	cat >want.py <<'P'
import hashlib, os, subprocess, sys, base64
log, size = sys.argv[1], int(sys.argv[2])
def path(l, n, w):
    s = "%03d" % (n % 1000)
    while n >= 1000:
        n //= 1000
        s = "x%03d/%s" % (n % 1000, s)
    return "tile/%s/%s%s" % (l, s, "" if w == 256 else ".p/%d" % w)
h = lambda b: hashlib.sha256(b).digest()
want, entries = {}, []
for i in range(0, size, 256):
    w = min(256, size - i)
    data = open(os.path.join(log, path("entries", i // 256, w)), "rb").read()
    want[path("entries", i // 256, w)] = data
    for _ in range(w):
        n = data[0] << 8 | data[1]
        entries.append(data[2:2 + n]); assert len(data) >= 2 + n
        data = data[2 + n:]
    assert not data
row = [h(b"\0" + e) for e in entries]
def perfect(r):
    while len(r) > 1: r = [h(b"\1" + r[i] + r[i + 1]) for i in range(0, len(r), 2)]
    return r[0]
def root(r):
    if len(r) == 1: return r[0]
    k = 1
    while 2 * k < len(r): k *= 2
    return h(b"\1" + root(r[:k]) + root(r[k:]))
top = root(row) if row else h(b"")
level = 0
while row:
    for i in range(0, len(row), 256):
        w = min(256, len(row) - i)
        want[path(level, i // 256, w)] = b"".join(row[i:i + w])
    row = [perfect(row[i:i + 256]) for i in range(0, len(row) - 255, 256)]
    level += 1
got = {os.path.relpath(os.path.join(d, f), log) for d, _, fs in os.walk(os.path.join(log, "tile")) for f in fs}
assert got == set(want), got ^ set(want)
for p, data in want.items():
    assert open(os.path.join(log, p), "rb").read() == data, p
text = open(os.path.join(log, "checkpoint")).read().split("\n")
assert text[:3] == ["example.org/ab", str(size), base64.b64encode(top).decode()], text
P
	for size in 0 1 2 255 256 257 511 512 1000 65535 65536 65537 70000; do
		grow "$size"
		python3 want.py L "$size"
	done
	run -0 --separate-stderr ab-audit verify --vkey k.pub --min-size 70000
	[ "$(stat -c %s L/tile/0/273.p/112)" = $((112 * 32)) ]
	[ "$(stat -c %s L/tile/1/001.p/17)" = $((17 * 32)) ]
	[ "$(stat -c %s L/tile/2/000.p/1)" = 32 ]
}

@test "a stranger's verifier on Go's sumdb packages agrees" {
	needs go
	[ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] || skip "no golang-golang-x-mod-dev"
	GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$PWD/cache go build -o stranger "$AB_TOP/tests/stranger/verify.go"
	for size in 1 255 256 257 1000 65537; do
		grow "$size"
		run -0 ./stranger L k.pub 0 $((size / 2)) $((size - 1))
		equals "$output" "good: $size"
	done
	printf X | dd of=L/tile/entries/100 bs=1 seek=5000 conv=notrunc status=none
	run -1 ./stranger L k.pub
}

# A small log with a run, its blob and a bundle of its own: what the damage is done to.
small() {
	eval "$(ab-audit begin --type t)"
	echo out | ab-audit append >/dev/null
	seq 5 | ab-audit record --lines >/dev/null
}

@test "every single flipped bit of a small log is found" {
	small
	local step
	step=1
	[ -n "${AB_SLOW:-}" ] || step=7
	cat >flip.py <<'P'
import os, shutil, subprocess, sys
step = int(sys.argv[1])
files = [os.path.join(d, f) for d, _, fs in os.walk("L") for f in fs if f not in ("lock",)]
assert len(files) == 5, files
missed = n = 0
for f in files:
    good = open(f, "rb").read()
    # The write-ahead log is private: a flip in it must be found or be of no consequence.
    for bit in range(0, 8 * len(good), step):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        open(f, "wb").write(bad)
        r = subprocess.run(["ab-audit", "verify"], capture_output=True)
        n += 1
        if r.returncode != 1 or r.stdout or r.stderr.count(b"\n") != 1:
            missed += 1
            print(f, bit, r)
    open(f, "wb").write(good)
print("%d flips, %d missed" % (n, missed))
sys.exit(missed != 0)
P
	run -0 python3 flip.py "$step"
	run -0 ab-audit verify
}

@test "records that were removed, reordered, inserted or cut are found" {
	small
	cat >change.py <<'P'
import os, subprocess, sys, shutil
path = "L/tile/entries/000.p/7"
good = open(path, "rb").read()
entries, data = [], good
while data:
    n = data[0] << 8 | data[1]
    entries.append(data[:2 + n]); data = data[2 + n:]
assert len(entries) == 7
changes = {"cut": good[:-1], "cut a record": b"".join(entries[:-1]), "empty": b"",
    "twice": good + entries[-1], "behind": good + b"\0"}
for i in range(7):
    changes["removed %d" % i] = b"".join(entries[:i] + entries[i + 1:])
    changes["inserted %d" % i] = b"".join(entries[:i] + [entries[0]] + entries[i:])
    if i and entries[i] != entries[i - 1]:
        e = entries[:]; e[i], e[i - 1] = e[i - 1], e[i]
        changes["reordered %d" % i] = b"".join(e)
for what, data in changes.items():
    open(path, "wb").write(data)
    r = subprocess.run(["ab-audit", "verify"], capture_output=True)
    assert r.returncode == 1 and not r.stdout, (what, r)
open(path, "wb").write(good)
P
	python3 change.py
	run -0 ab-audit verify
}

@test "a file that is missing, or that is not of the tree, is found" {
	grow 300
	for f in tile/0/000 tile/0/001.p/44 tile/1/000.p/1 tile/entries/000 tile/entries/001.p/44 vkey checkpoint; do
		mv "L/$f" kept
		run ab-audit verify
		case $f in vkey) equals $status 2 ;; *) equals $status 1 ;; esac
		mv kept "L/$f"
	done
	for f in tile/0/002 tile/0/001 tile/2/000.p/1 tile/entries/001 tile/x tile/0/00 tile/entries/000.p/256 tile/7/000; do
		mkdir -p "$(dirname "L/$f")"
		cp L/tile/0/000 "L/$f"
		run -1 --separate-stderr ab-audit verify
		rm "L/$f"
		rmdir -p --ignore-fail-on-non-empty "$(dirname "L/$f")"
	done
	run -0 ab-audit verify
	# An older state of a tile is what a crash leaves: the same as far as it goes.
	head -c 320 L/tile/0/001.p/44 >L/tile/0/001.p/10
	run -0 ab-audit verify
	printf X | dd of=L/tile/0/001.p/10 conv=notrunc status=none
	run -1 ab-audit verify
}

@test "what stands in a file's place and is none is refused, never waited for" {
	local f files
	grow 300
	jq -n '{user: "eve"}' | ab-audit record --blob >/dev/null
	mkdir -p L/checkpoints && cp L/checkpoint L/checkpoints/301
	files="tile/0/000 tile/0/001.p/45 tile/1/000.p/1 tile/entries/000 tile/entries/001.p/45 vkey
		checkpoint checkpoints/301 .ab/lock .ab/wal $(cd L && echo blobs/*)"
	run -0 ab-audit verify
	for f in $files; do
		mv "L/$f" kept
		mkfifo "L/$f"
		run -1 --separate-stderr timeout 120 ab-audit verify
		contains "$stderr" "$f: not a regular file"
		rm "L/$f"
		ln -s "$PWD/kept" "L/$f"
		run --separate-stderr timeout 120 ab-audit verify
		[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
		rm "L/$f"
		mv kept "L/$f"
	done
	run -0 ab-audit verify
}

@test "whatever the umask, nobody else may write to the log" {
	(
		umask 0
		rm -r L && ab-audit init --log L --key k
		grow 300
		echo '"x"' | ab-audit record --blob >/dev/null
		ab-audit checkpoint >/dev/null
	)
	run -0 find L -perm /022
	equals "$output" ""
	run -0 ab-audit verify
}

@test "verify gives up its rights before it reads a record" {
	needs strace
	strace -o /dev/null true 2>/dev/null || skip "strace may not trace here"
	[[ $AB_BUILD != */san ]] || skip "a sanitized build has no filter"
	grow 300
	strace -o trace -e trace=openat,seccomp,prctl,landlock_restrict_self ab-audit verify >/dev/null
	sed -n '/^seccomp(\|PR_SET_SECCOMP/,$p' trace >behind
	contains "$(cat behind)" '"tile/entries/000"'
	contains "$(cat behind)" '"checkpoint"'
	[ "$(grep -c 'tile/' trace)" = "$(grep -c 'tile/' behind)" ]
}

@test "two logs of one key cannot be mixed" {
	grow 20
	cp -a L M
	echo 1 | ab-audit record >/dev/null
	echo 2 | ab-audit record --log M >/dev/null
	cp M/checkpoint L/checkpoint
	run -1 ab-audit verify
	run -3 --separate-stderr ab-audit record < <(echo 3)
	equals "$stderr" "ab-audit: $PWD/L: checkpoint and write-ahead log are of different logs"
}

@test "a write-ahead log cut at any byte loses nothing that was published, and nothing silently" {
	grow 3
	cp -a L before
	echo '"x"' | ab-audit record >/dev/null
	cp L/.ab/wal long
	local short size step
	short=$(stat -c %s before/.ab/wal) size=$(stat -c %s long)
	step=1
	[ -n "${AB_SLOW:-}" ] || step=9
	for ((n = short + 1; n < size; n += step)); do
		rm -rf cut && cp -a before cut
		head -c "$n" long >cut/.ab/wal
		run -0 --separate-stderr ab-audit verify --log cut --min-size 3
		contains "$output" "$((n - short)) bytes of a commit that was cut short"
		run -0 --separate-stderr ab-audit record --log cut < <(echo 5)
		equals "$stderr" "ab-audit: cut: removed $((n - short)) bytes of a commit that a crash cut short (never acknowledged)"
		contains "$output" '{"index":3,'
		ab-audit verify --log cut --min-size 4 >/dev/null
	done
	for ((n = 0; n < short; n += step)); do
		rm -rf cut && cp -a before cut
		head -c "$n" long >cut/.ab/wal
		run -1 --separate-stderr ab-audit verify --log cut
		run -3 --separate-stderr ab-audit record --log cut < <(echo 5)
		equals "$output" ""
	done
}

@test "an empty checkpoint, which a power cut can leave, is made again" {
	grow 300
	cp L/checkpoint kept
	: >L/checkpoint
	rm -r L/tile/entries/001.p
	echo 5 | ab-audit record >/dev/null
	run -0 --separate-stderr ab-audit verify --old kept --min-size 301
	equals "${lines[0]%,*}" "example.org/ab: good: 301 records (0 executions, 301 events)"
}

@test "tiles that were lost with the page cache are made again" {
	grow 300
	# Another boot id stands for a machine that went down: what was not synced is not trusted.
	python3 - <<'P'
import hashlib
p = "L/.ab/wal"
d = bytearray(open(p, "rb").read())
at = d.rindex(b"abfr")
entries, note = int.from_bytes(d[at+8:at+12], "big"), int.from_bytes(d[at+12:at+16], "big")
d[at+16:at+32] = b"\1" * 16
start = at + 64 + entries
d[at+32:at+64] = hashlib.sha256(d[at:at+32] + d[start:start+note]).digest()
open(p, "wb").write(d)
P
	: >L/tile/entries/001.p/44
	: >L/tile/0/001.p/44
	echo 5 | ab-audit record >/dev/null
	run -0 --separate-stderr ab-audit verify --min-size 301
	python3 -c 'import os
assert sorted(os.listdir("L/tile/entries/001.p")) == ["45"]'
}

@test "a clock that went back by decades: each verb goes on, and what was witnessed before still holds" {
	local part
	mkdir ahead && cd ahead
	"$AB_BUILD/unit/audit_log_test" .
	export AB_AUDIT_LOG=$PWD/L AB_AUDIT_KEY_FILE=$PWD/k
	touch -d "2099-01-01" L/checkpoint L/.ab/wal L/tile/entries/000.p/2
	ab-audit keygen --name witness.example --key w >/dev/null
	ab-audit checkpoint >before
	ab-audit consistency | ab-audit cosign --key w --vkey k.pub --state seen >cosigned
	echo 1 | ab-audit record >/dev/null
	seq 300 | ab-audit record --lines >/dev/null
	eval "$(ab-audit begin --type t)"
	printf out | ab-audit append >/dev/null
	eval "$(ab-audit begin --type t)"
	ab-audit end --run "$AB_RUN"
	echo '{"a":1}' | ab-audit record --blob >/dev/null
	ab-audit redact --reason "asked for" 307 2>/dev/null
	ab-audit checkpoint >after
	ab-audit consistency --old before | ab-audit cosign --key w --vkey k.pub --state seen >cosigned
	run -0 --separate-stderr ab-audit verify --vkey k.pub --old before
	contains "$output" "good: 309 records (2 executions"
	# A run that began just now is recent, whatever the others say.
	eval "$(ab-audit begin --type t)"
	run -0 --separate-stderr ab-audit verify --vkey k.pub --allow-open 1h
	contains "$output" "1 open"
	ab-audit end --run "$AB_RUN"
	equals "$(ab-audit query --since 2098-01-01T00:00:00Z | wc -l)" 2
	for part in 0 303; do ab-audit prove "$part" | ab-audit check-proof --vkey k.pub >/dev/null; done
	ab-audit keygen --name example.org/t --key k2 >/dev/null
	ab-audit rekey --next-key k2 >/dev/null
	ab-audit rekey --finish >/dev/null
	ab-audit keygen --name example.org/next --key n >/dev/null
	ab-audit rotate --next-log N --next-key n
	run -0 ab-audit verify --log N --previous L
	run -0 ab-audit verify --old after
}

@test "an earlier checkpoint that is none is said to be that, by its name" {
	local file why
	: >empty
	echo text >text
	printf 'a\n\n— x y\n' >unsigned
	ab-audit checkpoint | sed 2s/./x/ >size
	for file in empty text unsigned size k.pub L/vkey; do
		for verb in verify consistency; do
			run -2 --separate-stderr ab-audit "$verb" --old "$file"
			equals "$output" ""
			contains "$stderr" "ab-audit: --old: $file: not what ab-audit checkpoint prints: "
		done
	done
	run -2 --separate-stderr ab-audit verify --old nowhere
	equals "$stderr" "ab-audit: nowhere: No such file or directory"
}

@test "a copy without its private part takes no record, and one without tiles is no log that is good" {
	echo 1 | ab-audit record >/dev/null
	cp -r L copy
	rm -r copy/.ab
	run -2 --separate-stderr ab-audit record --log copy <<<2
	equals "$stderr" "ab-audit: copy: a copy of a log's public part, without .ab: nothing can be added to it"
	rm -r L/tile
	run -1 --separate-stderr ab-audit verify
	equals "$stderr" "ab-audit: $PWD/L/tile: No such file or directory"
}
