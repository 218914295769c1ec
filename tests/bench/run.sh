#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD: runs every bench of this folder in turn (tests/bench/*.bench). Each prints its figures
# beside those of a peer measured in the same run; what is not installed is said and left out.
set -u
cd "$(dirname "$0")/../.." || exit 3
AB_BUILD=$(cd "$1" && pwd) || exit 3
export AB_BUILD
for b in tests/bench/*.bench; do
	[ -x "$b" ] || continue
	printf '\n== %s\n' "$(basename "$b" .bench)"
	"$b" "$AB_BUILD" || echo "(failed: exit $?)"
done
