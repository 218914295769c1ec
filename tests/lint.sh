#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# lint.sh: what the house asks of the tree and a program can see. Silent when all is well.
# LINT_DIR names another tree: options.bats shows that each check goes red.
set -u
cd "${LINT_DIR:-$(dirname "$0")/..}" || exit 3
bad=0
complain() { echo "$*"; bad=1; }
list() { if [ -e .git ] && [ -z "${LINT_DIR:-}" ]; then git ls-files -co --exclude-standard -- "$@"; else find "${@%%/\**}" -type f 2>/dev/null; fi; }
mapfile -t sources < <(list cmd lib tests | grep -E '\.[ch]$' | while read -r f; do [ ! -e "$f" ] || echo "$f"; done)
mapfile -t ours < <(printf '%s\n' "${sources[@]}" | grep -E '^(cmd|lib)/')
mapfile -t scripts < <(list .ci tests share completions | grep -E '(\.sh|\.bash|\.bats|^\.ci/run)$' | while read -r f; do [ ! -e "$f" ] || echo "$f"; done)

# Functions that are too easy to misuse.
hits=$(grep -nE '\b(strcpy|strcat|strncpy|sprintf|vsprintf|strtok|gets|atoi|atol|strtol|mktemp|tmpnam|localtime|system|popen)\(' "${ours[@]}" /dev/null)
[ -z "$hits" ] || complain "banned function:"$'\n'"$hits"

# A third-party header belongs to one room.
one_room() { # HEADER-REGEX ROOM
	local where
	where=$(grep -lE "^#include <($1)" "${ours[@]}" /dev/null | grep -vE "^lib/($2)/")
	[ -z "$where" ] || complain "<$1> is included outside lib/$2:"$'\n'"$where"
}
one_room 'jansson\.h|yaml\.h' json
one_room 'sodium' crypto
one_room 'pcre2\.h' regex
one_room 'zstd|archive' tar
one_room 'hs\.h|hs/' scrub
one_room 'seccomp\.h' 'confine/gen'
one_room 'linux/landlock\.h|linux/seccomp\.h' 'confine|jail'

# A room has one door: others include DOMAIN/DOMAIN.h (base, json and mechanisms: a header a module).
for f in "${ours[@]}"; do
	room=$(echo "$f" | cut -d/ -f2)
	hits=$(grep -nE '^#include "lib/(schema|scrub|jail|audit|bundle|workflow)/' "$f" |
		grep -vE "\"lib/($room/|(schema|scrub|jail|audit|bundle|workflow)/\2\.h)" |
		grep -vE '"lib/([a-z]+)/\1\.h"')
	[ -z "$hits" ] || complain "$f: a private header of another room: $hits"
done

for f in "${sources[@]}" "${scripts[@]}"; do
	head -3 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' || complain "$f: no SPDX line"
	lines=$(wc -l <"$f")
	[ "$lines" -le 800 ] || complain "$f: $lines lines: which two nouns live in it?"
done
hits=$(grep -nE '\b(TODO|FIXME|XXX)\b' "${ours[@]}" /dev/null)
[ -z "$hits" ] || complain "left for later:"$'\n'"$hits"
hits=$(grep -nE '[[:space:]]+$' "${sources[@]}" /dev/null | head -5)
[ -z "$hits" ] || complain "trailing white space:"$'\n'"$hits"

# No macro hides a way out of its caller.
hits=$(awk '/^#define/ { m = 1 } m && /[^A-Za-z_.](return|goto|exit)[^A-Za-z_]/ && !/\({/ { print FILENAME ":" FNR ": " $0 } !/\\$/ { m = 0 }' "${ours[@]}" /dev/null)
[ -z "$hits" ] || complain "a macro with return, goto or exit:"$'\n'"$hits"

if command -v ctags >/dev/null && ctags --version | grep -q Universal; then
	hits=$(ctags -x --c-kinds=f --fields=+ne --output-format=json -o - "${ours[@]}" 2>/dev/null |
		sed -n 's/.*"name": "\([^"]*\)", "path": "\([^"]*\)".*"line": \([0-9]*\).*"end": \([0-9]*\).*/\1 \2 \3 \4/p' |
		awk '$4 - $3 > 80 { print $2 ":" $3 ": " $1 " has " $4 - $3 " lines" }')
	[ -z "$hits" ] || complain "functions over 80 lines:"$'\n'"$hits"
fi

for c in cmd/ab-*.c; do
	[ -e "$c" ] || continue
	n=$(basename "$c" .c)
	[ "$(wc -l <"$c")" -le 300 ] || complain "$c: over 300 lines: move logic down into its domain"
	[ -e "man/$n.1" ] || complain "$n has no manual page"
done

if command -v mandoc >/dev/null; then
	for m in man/*.[1-8]; do
		[ -e "$m" ] || continue
		out=$(mandoc -Tlint -Wwarning "$m" 2>&1) || complain "$out"
		case $m in *.1) for s in NAME SYNOPSIS DESCRIPTION ENVIRONMENT FILES 'EXIT STATUS' EXAMPLES 'SEE ALSO' STANDARDS 'SECURITY CONSIDERATIONS'; do
			grep -q "^\.Sh $s\$" "$m" || complain "$m: no section $s"
		done ;; *) for s in NAME DESCRIPTION EXAMPLES 'SEE ALSO' 'SECURITY CONSIDERATIONS'; do
			grep -q "^\.Sh $s\$" "$m" || complain "$m: no section $s"
		done ;; esac
	done
fi
if command -v shellcheck >/dev/null; then
	for s in "${scripts[@]}"; do
		case $s in *.bats) continue ;; esac # bats has a syntax of its own
		shellcheck -x -S warning "$s" || complain "$s: shellcheck"
	done
fi
exit $bad
