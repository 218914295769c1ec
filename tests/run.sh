#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD [TEST...]: runs units, bats files and lint, one TAP file each, several at a time, shows
# what failed and ends with a line "N passed, N failed, N skipped". TEST: a unit's or bats file's name.
set -u
cd "$(dirname "$0")/.." || exit 3
build=$(cd "$1" && pwd) || exit 3
shift
export AB_BUILD=$build
out=$build/tap
rm -rf "$out" && mkdir -p "$out"

# One test to its TAP file; the exit status stands in its last line.
one() {
	local name=$1 status=0
	case $name in
	*.bats) bats --tap "tests/$name" >"$out/$name.tap" 2>&1 </dev/null || status=$? ;;
	*.sh) "tests/$name" Makefile >"$out/$name.out" 2>&1 </dev/null || status=$?
		if [ "$status" = 0 ]; then echo "ok 1 - $name"; else sed 's/^/# /' "$out/$name.out"; echo "not ok 1 - $name"; fi >"$out/$name.tap"
		echo "1..1" >>"$out/$name.tap" ;;
	*) "$build/unit/$name" >"$out/$name.tap" 2>"$out/$name.err" </dev/null || status=$?
		sed 's/^/# /' "$out/$name.err" >>"$out/$name.tap" ;;
	esac
	echo "# exit $status" >>"$out/$name.tap"
}
export -f one
export out build

if [ $# -gt 0 ]; then
	tests="$*"
else
	tests="lint.sh layers.sh $(cd "$build/unit" && ls) $(cd tests && ls ./*.bats | sed 's,^\./,,')"
fi
# shellcheck disable=SC2086  # a list of names
printf '%s\n' $tests | xargs -P "$(nproc)" -I{} bash -c 'one "$1"' _ {}

awk '
function file() { sub(/.*\//, "", f); sub(/\.tap$/, "", f); return f }
function close_file() {
	if (f == "") return
	if (planned != seen) { failed++; print file() ": planned " planned " tests, ran " seen }
	else if (status != 0 && bad == 0) { failed++; print file() ": exit status " status }
	if (bad || planned != seen || status != 0) { n = split(text, line, "\n"); for (i = 1; i < n; i++) print "  " line[i] }
}
FNR == 1 { close_file(); f = FILENAME; planned = -1; seen = bad = status = 0; text = "" }
/^1\.\.[0-9]+/ { planned = substr($0, 4) + 0; next }
/^# exit / { status = $3; next }
/^ok .*# [Ss][Kk][Ii][Pp]/ { skipped++; seen++; s = $0; sub(/^ok [0-9]+ -? ?/, "", s); skips = skips "  " FILENAME ": " s "\n"; keep = 0; next }
/^ok / { passed++; seen++; keep = 0; next }
/^not ok / { failed++; seen++; bad++; keep = 1 }
keep || !/^ok/ { text = text $0 "\n" }
END {
	close_file()
	gsub(/[^\n]*\/tap\//, "  ", skips)
	if (skips != "") printf "skipped:\n%s", skips
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed != 0
}' "$out"/*.tap
