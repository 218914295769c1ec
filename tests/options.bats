# SPDX-License-Identifier: Apache-2.0
# What holds of every command.

load lib

# each COMMAND...: runs it for every tool, with {} replaced by the tool's name.
tools() { (cd "$AB_BUILD/bin" && echo ab-*); }

# Every command line that is a table of its own: tools, and each verb of a tool.
tables() {
	local t
	for t in $(tools); do
		python3 - "$AB_BUILD/bin/$t" <<'P'
import json, subprocess, sys
d = json.loads(subprocess.run([sys.argv[1], "--dump-options"], check=True, capture_output=True).stdout)
print("\n".join(v["name"] for v in [d] * ("options" in d) + d.get("verbs", [])))
P
	done
}

usage_status() { case $1 in ab-jail*) echo 125 ;; *) echo 2 ;; esac; }

@test "every tool of the table is built" {
	equals "$(tools)" "ab-audit ab-bundle ab-jail ab-run ab-scrub ab-validate"
}

@test "--help and --version go to stdout, exit 0, and say nothing on stderr" {
	while read -r c; do
		for o in --help --version; do
			# shellcheck disable=SC2086
			run -0 --separate-stderr $c $o
			[ -n "$output" ]
			equals "$stderr" ""
			contains "$output" "${c%% *}"
		done
	done < <(tables)
}

@test "an unknown option is one line on stderr and a usage error" {
	while read -r c; do
		# shellcheck disable=SC2086
		run "-$(usage_status "$c")" --separate-stderr $c --no-such-option
		# What ab-audit begin prints is for the shell, and must fail there.
		[ "$c" = "ab-audit begin" ] || equals "$output" ""
		equals "$stderr" "$c: --no-such-option: unknown option; try $c --help"
	done < <(tables)
}

@test "an abbreviated option is unknown" {
	while read -r c; do
		# shellcheck disable=SC2086
		run "-$(usage_status "$c")" --separate-stderr $c --hel
	done < <(tables)
}

@test "an unknown verb is a usage error, a missing one too" {
	for t in ab-audit ab-bundle; do
		run -2 --separate-stderr "$t" no-such-verb
		equals "$stderr" "$t: no-such-verb: unknown verb; try $t --help"
		run -2 --separate-stderr "$t"
		equals "$stderr" "$t: missing verb; try $t --help"
	done
}

@test "output that is lost is not success" {
	while read -r c; do
		for o in --help --version --dump-options; do
			# shellcheck disable=SC2086
			run -3 bash -c 'exec "$@" >/dev/full' _ $c $o
			contains "$output" "No space left on device"
			# shellcheck disable=SC2086
			run -3 bash -c 'exec "$@" >&-' _ $c $o
			contains "$output" "Bad file descriptor"
		done
	done < <(tables)
}

@test "each manual page lists exactly the options of the table" {
	run -0 "$AB_TOP/tests/manual.py" options "$AB_BUILD/bin" "$AB_TOP/man"
	equals "$output" ""
}

@test "the check of the manual sees a missing and an extra option" {
	cp -r "$AB_TOP/man" "$BATS_TEST_TMPDIR/man"
	sed -i '/^.It/s/Fl -schema /Fl -scheme /' "$BATS_TEST_TMPDIR/man/ab-validate.1"
	run -1 "$AB_TOP/tests/manual.py" options "$AB_BUILD/bin" "$BATS_TEST_TMPDIR/man"
	contains "$output" "ab-validate: --schema is not in the manual"
	contains "$output" "ab-validate: the manual's --scheme is no option"
}

@test "completions are fresh" {
	"$AB_TOP/completions/generate.py" "$AB_BUILD/bin" "$BATS_TEST_TMPDIR/c"
	for s in bash zsh fish; do
		diff -r "$BATS_TEST_TMPDIR/c/$s" "$AB_TOP/completions/$s"
	done
}

@test "bash completes options, choices and verbs" {
	for t in $(tools); do
		bash -n "$AB_TOP/completions/bash/$t"
	done
	run -0 bash -c '. "$1/completions/bash/ab-validate"; COMP_WORDS=(ab-validate --sch); COMP_CWORD=1; _ab_validate; echo "${COMPREPLY[*]}"' _ "$AB_TOP"
	equals "$output" "--schema"
	run -0 bash -c '. "$1/completions/bash/ab-audit"; COMP_WORDS=(ab-audit key); COMP_CWORD=1; _ab_audit; echo "${COMPREPLY[*]}"' _ "$AB_TOP"
	equals "$output" "keygen"
}

@test "the examples of each manual page run as written" {
	for t in $(tools); do
		"$AB_TOP/tests/manual.py" examples "$AB_BUILD/bin" "$AB_TOP/man/$t.1"
	done
}

@test "an example that says something else is seen" {
	printf '.Sh EXAMPLES\n.Bd -literal\n$ echo a\nb\n.Ed\n.Sh X\n' >"$BATS_TEST_TMPDIR/p.1"
	run -1 "$AB_TOP/tests/manual.py" examples "$AB_BUILD/bin" "$BATS_TEST_TMPDIR/p.1"
}

@test "install puts every file in its place, and the tools run from there; uninstall takes all away" {
	root=$BATS_TEST_TMPDIR/root
	"$AB_TOP/tests/install.sh" install "$AB_BUILD" "$root/usr"
	for t in $(tools); do
		[ -x "$root/usr/bin/$t" ]
		[ -f "$root/usr/share/man/man1/$t.1" ]
		[ -f "$root/usr/share/bash-completion/completions/$t" ]
	done
	for p in "$AB_TOP"/man/*.[57]; do
		[ -f "$root/usr/share/man/man${p##*.}/${p##*/}" ]
	done
	run -0 bash -c 'echo "{}" | "$1/usr/bin/ab-scrub" --policy output' _ "$root"
	equals "$output" "{}"
	"$AB_TOP/tests/install.sh" uninstall "$AB_BUILD" "$root/usr"
	equals "$(find "$root" -type f)" ""
}

@test "lint sees a banned function, a foreign header, a missing licence line and a macro that returns" {
	mkdir -p "$BATS_TEST_TMPDIR/t/cmd" "$BATS_TEST_TMPDIR/t/lib/base" "$BATS_TEST_TMPDIR/t/tests"
	cat >"$BATS_TEST_TMPDIR/t/lib/base/bad.c" <<'C'
#include <jansson.h>
#define LEAVE(x) do { if (x) return -1; } while (0)
int bad(char *a, const char *b) { strcpy(a, b); return 0; }
C
	LINT_DIR=$BATS_TEST_TMPDIR/t run -1 "$AB_TOP/tests/lint.sh"
	contains "$output" "banned function:"
	contains "$output" "<jansson\.h|yaml\.h> is included outside lib/json"
	contains "$output" "no SPDX line"
	contains "$output" "a macro with return, goto or exit"
}

@test "layers sees a domain that includes a domain, an include upwards and a circle" {
	mkdir -p "$BATS_TEST_TMPDIR/l/lib/"{base,json,jail,scrub}
	cd "$BATS_TEST_TMPDIR/l"
	echo '#include "lib/json/json.h"' >lib/base/a.h
	echo '#include "lib/base/a.h"' >lib/json/json.h
	echo '#include "lib/jail/jail.h"' >lib/scrub/s.c
	LINT_DIR=$PWD run -1 "$AB_TOP/tests/layers.sh" Makefile
	contains "$output" "upwards: lib/base includes lib/json"
	contains "$output" "a domain includes a domain: lib/scrub includes lib/jail"
	contains "$output" "circle"
}
