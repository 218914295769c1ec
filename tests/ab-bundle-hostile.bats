# SPDX-License-Identifier: Apache-2.0
# Bundles that lie: each made by tests/hostile.py to be wrong in one way, each refused for that reason.

load lib

setup_file() {
	export HOSTILE=$BATS_FILE_TMPDIR/hostile
	mkdir -p "$HOSTILE"
	"$BATS_TEST_DIRNAME/hostile.py" "$HOSTILE"
	chmod -R a+rX "$BATS_FILE_TMPDIR"
	chmod a+x "$BATS_FILE_TMPDIR/.."
}

# cases: the names of all that must be refused.
cases() { (cd "$HOSTILE" && for b in *.bundle; do [ "$b" = good.bundle ] || echo "${b%.bundle}"; done); }

# each VERB [ARG...]: runs it on every case (@ is the target, a new one each time) and compares.
each() {
	local n got want status bad=0
	cd "$HOSTILE"
	for n in $(cases); do
		status=0
		got=$("${@//@/$BATS_TEST_TMPDIR/into/$n}" "$n.bundle" "${target[@]//@/$BATS_TEST_TMPDIR/into/$n}" 2>&1 >"$BATS_TEST_TMPDIR/stdout") || status=$?
		want="ab-bundle $verb: $n.bundle: $(cat "$n.want")"
		if [ "$status" != 1 ] || [ "$got" != "$want" ] || [ -s "$BATS_TEST_TMPDIR/stdout" ]; then
			printf '%s: status %s\n got:  %s\n want: %s\n' "$n" "$status" "$got" "$want"
			bad=1
		fi
	done
	return "$bad"
}

# A world in which anything that gets out would be seen.
prepare() {
	mkdir -p "$BATS_TEST_TMPDIR/into"
	echo precious >"$BATS_TEST_TMPDIR/x"
	chmod 777 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/into"
	chmod a+x "$BATS_TEST_TMPDIR/.." "$BATS_RUN_TMPDIR"
}
untouched() {
	equals "$(find "$BATS_TEST_TMPDIR/into")" "$BATS_TEST_TMPDIR/into"
	equals "$(cat "$BATS_TEST_TMPDIR/x")" precious
}

@test "the same code makes a bundle that passes" {
	run -0 --separate-stderr ab-bundle verify "$HOSTILE/good.bundle"
	equals "$stderr" ""
	mkdir "$BATS_TEST_TMPDIR/t"
	echo hello >"$BATS_TEST_TMPDIR/t/a"
	: >"$BATS_TEST_TMPDIR/t/b"
	equals "$output" "$(ab-bundle create "$BATS_TEST_TMPDIR/t" "$BATS_TEST_TMPDIR/t.bundle")"
}

@test "there are at least a hundred and fifty kinds" {
	[ "$(cases | wc -l)" -ge 150 ]
}

@test "verify refuses each for its reason" {
	verb=verify target=()
	each ab-bundle verify
}

@test "extract refuses each for its reason and leaves nothing behind" {
	prepare
	verb=extract target=(@)
	each ab-bundle extract
	untouched
}

@test "extract as an ordinary user does so too" {
	needs_root
	prepare
	verb=extract target=(@)
	each as_user ab-bundle extract
	untouched
}

@test "names that differ in case or in their form of Unicode alone are two files each" {
	local t=$BATS_TEST_TMPDIR/t
	mkdir "$t"
	printf 1 >"$t/A" && printf 2 >"$t/a" && printf 3 >"$t/"$'\u00e9' && printf 4 >"$t/"$'e\u0301'
	[ "$(ls "$t" | wc -l)" = 4 ] || skip "this file system takes them for one"
	ab-bundle create "$t" "$t.bundle"
	ab-bundle extract "$t.bundle" "$t.out"
	run -0 diff -r "$t" "$t.out"
}

@test "with one thread the reasons are the same" {
	verb=verify target=()
	each ab-bundle verify --threads 1
}

@test "a small file that expands to gigabytes stops at each limit" {
	prepare
	cd "$HOSTILE"
	[ "$(stat -c %s bomb.bundle)" -lt 80000 ]
	run -1 --separate-stderr ab-bundle extract --max-ratio 0 --max-bytes 64M bomb.bundle "$BATS_TEST_TMPDIR/into/b"
	equals "$stderr" "ab-bundle extract: bomb.bundle: expands to more than 67108864 bytes"
	run -1 --separate-stderr ab-bundle extract --max-ratio 20 bomb.bundle "$BATS_TEST_TMPDIR/into/b"
	equals "$stderr" "ab-bundle extract: bomb.bundle: expands more than 20 times"
	untouched
}

@test "a limit on files holds before anything is written" {
	prepare
	run -1 --separate-stderr ab-bundle extract --max-files 1 - "$BATS_TEST_TMPDIR/into/b" <"$HOSTILE/good.bundle"
	equals "$stderr" "ab-bundle extract: -: more than 1 files"
	untouched
}

@test "every cut of a good bundle is refused, and every byte that is changed" {
	cd "$BATS_TEST_TMPDIR"
	python3 - "$HOSTILE/good.bundle" "$AB_BUILD/bin/ab-bundle" <<'P'
import subprocess, sys
good = open(sys.argv[1], "rb").read()
want = subprocess.run([sys.argv[2], "verify", "-"], input=good, capture_output=True, check=True).stdout
bad = []
def check(what, data):
    r = subprocess.run([sys.argv[2], "verify", "-"], input=data, capture_output=True)
    if r.returncode != 1 or r.stdout or r.stderr.count(b"\n") != 1:
        bad.append((what, r.returncode, r.stdout))
for n in range(0, len(good), 37):
    check("cut at %d" % n, good[:n])
for n in range(len(good)):
    check("byte %d" % n, good[:n] + bytes([good[n] ^ 1 << n % 8]) + good[n + 1:])
print(bad[:5])
sys.exit(bool(bad))
P
}
