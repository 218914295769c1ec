#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# layers.sh [MAKEFILE]: the rooms include each other in one direction only, and a tool names every room
# that it is made of. Reads the #include lines of the tree and the table of the Makefile.
set -u
cd "${LINT_DIR:-$(dirname "$0")/..}" || exit 3
makefile=${1:-Makefile}
domains='schema scrub jail audit bundle workflow'
mechanisms='crypto regex confine receipt note tar'
bad=0
rank() {
	case " $domains " in *" $1 "*) echo 3; return ;; esac
	case " $mechanisms " in *" $1 "*) echo 2; return ;; esac
	case $1 in json | musl) echo 1 ;; base) echo 0 ;; *) echo none ;; esac
}
pairs=$(grep -HE '^#include "lib/' lib/*/*.[ch] 2>/dev/null | sed -E 's,^lib/([a-z]+)/[^:]*:#include "lib/([a-z]+)/.*,\1 \2,' | sort -u)
while read -r from to; do
	[ -n "$from" ] && [ "$from" != "$to" ] || continue
	f=$(rank "$from") t=$(rank "$to")
	if [ "$f" = none ] || [ "$t" = none ]; then echo "unknown room: lib/$from includes lib/$to"; bad=1
	elif [ "$f" = 3 ] && [ "$t" = 3 ]; then echo "a domain includes a domain: lib/$from includes lib/$to"; bad=1
	elif [ "$f" -lt "$t" ]; then echo "upwards: lib/$from includes lib/$to"; bad=1; fi
done <<<"$pairs"
printf '%s\n' "$pairs" | awk '$1 != $2' | tsort >/dev/null || { echo "the rooms include each other in a circle"; bad=1; }

# Each tool's row of the table holds all rooms that its sources reach.
for c in cmd/ab-*.c; do
	[ -e "$c" ] || continue
	tool=$(basename "$c" .c)
	row=$(sed -n "s/^ROOMS_$tool *:= *//p" "$makefile")
	reach=$(grep -hE '^#include "lib/' "$c" cmd/"${tool#ab-}"/*.[ch] 2>/dev/null | sed -E 's,.*"lib/([a-z]+)/.*,\1,' | sort -u)
	for _ in 1 2 3 4; do
		reach=$(for r in $reach; do echo "$r"; printf '%s\n' "$pairs" | awk -v r="$r" '$1 == r { print $2 }'; done | sort -u)
	done
	for r in $reach; do
		case " $row " in *" $r "*) ;; *) echo "$tool: lib/$r is not in its row of the Makefile"; bad=1 ;; esac
	done
done
exit $bad
