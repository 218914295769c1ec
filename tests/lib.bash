# SPDX-License-Identifier: Apache-2.0
# What every bats file loads: `load lib`. AB_BUILD names the build that is tested (tests/run.sh sets it).
bats_require_minimum_version 1.5.0

AB_TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
AB_BUILD=${AB_BUILD:-$AB_TOP/build}
AB_SHARED=${AB_SHARED:-$AB_TOP/../shared}
PATH=$AB_BUILD/bin:$PATH
export LC_ALL=C.UTF-8
# A tool that has confined itself cannot be searched for leaks, which needs /proc; units are.
[[ $AB_BUILD != */san ]] || export ASAN_OPTIONS=detect_leaks=0
unset AB_RUN AB_RECEIPTS AB_AUDIT_LOG AB_AUDIT_KEY_FILE
export XDG_STATE_HOME=${BATS_TEST_TMPDIR:-/nonexistent}/state

# Receipts of runs that a test begins and never ends go away with the test.
if [ -n "${BATS_TEST_TMPDIR:-}" ]; then
	mkdir -m 0700 "$BATS_TEST_TMPDIR/runtime" 2>/dev/null || true
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/runtime
fi

# The ordinary user that root becomes for the user's half of a test.
AB_USER_ID=65534

# as_user COMMAND...: as an ordinary user (root only; else as whoever we are).
as_user() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid "$AB_USER_ID" --regid "$AB_USER_ID" --clear-groups "$@"
	else
		"$@"
	fi
}

# both COMMAND...: as we are, and as an ordinary user if we are root; what it runs stands behind ${AS:-}.
both() {
	AS='' "$@"
	[ "$(id -u)" != 0 ] || AS=as_user "$@"
}

# needs PROGRAM...: skips by name what the machine does not have.
needs() {
	local p
	for p; do command -v "$p" >/dev/null || skip "no $p"; done
}

# needs_root: skips where the test is about root.
needs_root() { [ "$(id -u)" = 0 ] || skip "not root"; }

# slow_count N: N in `make check-slow`, a tenth in `make check`.
slow_count() { if [ -n "${AB_SLOW:-}" ]; then echo "$1"; else echo $(($1 / 10)); fi; }

# soon COMMAND...: until it succeeds, in half a minute and 300 attempts: what the kernel does on its own time. Says why not.
soon() {
	local n end=$((SECONDS + 30))
	for ((n = 0; n < 300 || SECONDS < end; n++)); do
		if "$@" 2>/dev/null; then return 0; fi
		read -rt 0.01 <> <(:) || true
	done
	"$@"
}

# nothing_left: no process has $MARK in its command line. By a file: what looks for it does not have it there itself.
nothing_left() {
	local left
	echo "$MARK" >"$BATS_TEST_TMPDIR/mark"
	# It fails also where one ended while it was looked at.
	left=$(grep -alsFf "$BATS_TEST_TMPDIR/mark" /proc/[0-9]*/cmdline) || true
	[ -z "$left" ] || { echo "left: $left" >&2; return 1; }
}

# is_alive PID: that process has not ended; of one that has, nobody may have asked for its status yet.
is_alive() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	case ${stat##*) } in [ZX]*) return 1 ;; esac
}

# within SECONDS COMMAND...: it may use so much processor time. A clock would count what others on the machine use.
within() { (ulimit -t "$1" && shift && exec "$@"); }

# equals GOT WANT: whole-output comparison, both sides shown.
equals() {
	if [ "$1" != "$2" ]; then
		printf 'got:  %s\nwant: %s\n' "$1" "$2" >&2
		return 1
	fi
}

# contains TEXT PART
contains() {
	case $1 in *"$2"*) ;; *) printf 'got: %s\nwithout: %s\n' "$1" "$2" >&2; return 1 ;; esac
}
