# SPDX-License-Identifier: Apache-2.0
# What is given to others: the tarball, the Debian package's files, tools that need no library.

load lib

setup() { cd "$BATS_TEST_TMPDIR"; }

# clone DIR: a clone of what is committed.
clone() {
	[ -e "$AB_TOP/.git" ] || skip "not a git repository"
	needs git xz
	git -c safe.directory='*' clone -q "$AB_TOP" "$1"
}

@test "dist: the same bytes from another clone, umask, time zone, locale and git configuration" {
	clone one
	clone two
	version=$(sed -n 's/^VERSION = //p' "$AB_TOP/Makefile")
	one/share/packaging/dist.sh "$version" "$PWD/a" >sum
	git -C two config core.autocrlf true
	git -C two config tar.umask 0077
	touch -d 2001-01-01 two/README.md
	(umask 077 && TZ=Asia/Kolkata LC_ALL=C XZ_OPT=-9 two/share/packaging/dist.sh "$version" "$PWD/b" >/dev/null)
	cmp "a/agentbox-$version.tar.xz" "b/agentbox-$version.tar.xz"
	equals "$(cat sum)" "$(cd a && sha256sum -- *)"
	equals "$(ls a)" "agentbox-$version.tar.xz"
}

@test "dist: holds all that is committed, below one directory, and nothing else" {
	clone one
	echo stray >one/stray
	one/share/packaging/dist.sh 0 "$PWD/a" >/dev/null
	equals "$(tar -tf a/agentbox-0.tar.xz | grep -v '/$' | LC_ALL=C sort)" \
		"$(git -C one ls-files | sed 's,^,agentbox-0/,' | LC_ALL=C sort)"
}

@test "the Debian package says the version that the tools say, and needs what the build needs" {
	debian=$AB_TOP/share/packaging/debian
	contains "$(head -n 1 "$debian/changelog")" "agentbox ($(sed -n 's/^VERSION = //p' "$AB_TOP/Makefile")-1)"
	needed=$(sed -n 's/^demo="\(.*\)"$/\1/p' "$AB_TOP/tests/deps.sh" | tr ' ' '\n' | grep -- '-dev$' | grep -v libc6-dev | sort)
	[ -n "$needed" ]
	equals "$(sed -n 's/^Build-Depends: //p' "$debian/control" | tr ',' '\n' | tr -d ' ' | grep -- '-dev$' | sort)" "$needed"
}

@test "each tool stands alone: it names no interpreter and no library" {
	case $AB_BUILD in */san) skip "sanitizers are libraries" ;; esac
	for t in "$AB_BUILD"/bin/ab-*; do
		equals "$(readelf -lW "$t" | grep -c INTERP)" 0
		equals "$(readelf -dW "$t" | grep -c NEEDED)" 0
	done
}

@test "ab-jail is linked with musl where it can be; with glibc if asked, for another machine, or sanitized" {
	needs musl-gcc make
	case $AB_BUILD in */san) skip "sanitizers want glibc" ;; esac
	link() { run -0 make -n -B -C "$AB_TOP" "BUILD=$BATS_TEST_TMPDIR/b" "$@" "$BATS_TEST_TMPDIR/b/bin/ab-jail" && last=${lines[-1]}; }
	make -s -C "$AB_TOP" "BUILD=$BATS_TEST_TMPDIR/b" "$BATS_TEST_TMPDIR/b/flags.mk"
	contains "$(cat b/flags.mk)" "MUSL_THERE = yes"
	link CC=gcc
	contains "$output" "musl-gcc -static -nostartfiles" && contains "$output" /rcrt1.o
	for how in MUSL=no STATIC=no SAN=address; do
		link "$how"
		run ! grep -q 'musl-gcc.* -o [^ ]*bin/ab-jail' <<<"$output"
	done
	rm -r b
	run -2 --separate-stderr make -s -C "$AB_TOP" "BUILD=$BATS_TEST_TMPDIR/b" MUSL=yes MUSL_CC=no-such-gcc "$BATS_TEST_TMPDIR/b/bin/ab-jail"
	contains "$stderr" "MUSL=yes: there is no no-such-gcc"
	# A C library's own mark: glibc's static programs tell the oldest kernel that they run on.
	[ -e "$AB_BUILD/musl/cmd/ab-jail.o" ] || skip "this build is without musl"
	equals "$(readelf -nW "$AB_BUILD/bin/ab-jail" | grep -c ABI:)" 0
}

@test "what is relocated is read-only when ab-jail runs" {
	mkfifo in
	"$AB_BUILD/bin/ab-jail" -- /bin/cat <in >/dev/null 3>&- &
	exec 4>in
	# It has a child, so the C library's start lies behind it.
	for _ in $(seq 200); do [ -z "$(cat "/proc/$!/task/$!/children")" ] || break; sleep 0.05; done
	# Its own pages: headers, code, constants (with musl, beside the headers), what was relocated, what it writes to.
	constants="r--p "
	[ ! -e "$AB_BUILD/musl/cmd/ab-jail.o" ] || constants=
	equals "$(sed -n 's,^[^ ]* \(....\) .*/ab-jail$,\1,p' "/proc/$!/maps" | tr '\n' ' ')" "r--p r-xp ${constants}r--p rw-p "
	exec 4>&-
	wait $! || true
}
