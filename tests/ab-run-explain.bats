#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ab-run --explain: the words for what is shipped, whole; what they rest on outside of the definition.
load lib

setup() { cd "$BATS_TEST_TMPDIR" || return 1; unset AB_AUDIT_LOG AB_AUDIT_KEY_FILE; }

# words NAME: its explanation, a row a line, without what changes as rules are added, schemas are tightened, and paths
# are longer elsewhere.
words() {
	ab-run --explain "$1" | sed -E "s,/[^ ]*/workflows/,WORKFLOWS/,g; s/\([0-9]+ rules?\)/(N rules)/g" |
		awk '/^                / { sub(/^ +/, " "); printf "%s", $0; next } { printf "%s%s", (NR > 1 ? "\n" : ""), $0 } END { print "" }' |
		sed -E 's/in [0-9]+ places?(.*) (it|them)\./in N places\1 THEM./; s/\([0-9]+ rules?\)/(N rules)/g'
}

@test "each workflow that is shipped, in words" {
	local w
	for w in "$AB_TOP"/share/workflows/*/workflow.yaml; do
		w=$(basename "$(dirname "$w")")
		words "$w" >"$w.is"
		contains "$(head -n 1 "$w.is")" "$w: what a run does"
		# AB_EXPLAIN_WRITE=yes makes the files anew, for a look at their difference.
		[ -z "${AB_EXPLAIN_WRITE:-}" ] || cp "$w.is" "$AB_TOP/tests/explain/$w.txt"
		equals "$(cat "$w.is")" "$(cat "$AB_TOP/tests/explain/$w.txt")"
	done
}

@test "no line is wider than a page, no blank is left at its end" {
	run -0 ab-run --explain code-review
	[[ $output != *' '$'\n'* ]]
	# A path is not broken.
	run -0 awk 'length($0) > 110 && $0 !~ "/" { print; exit 1 }' <<<"$output"
}

@test "the limits that hold where a definition is silent are those of ab-jail" {
	local help
	echo '{"apiVersion":"agent.platform/v1","kind":"AgentWorkflow","metadata":{"name":"x"},"spec":{"agent":{"command":["cat"]},"input":{"schema":true},"output":{"schema":true}}}' >w.json
	run -0 ab-run --explain ./w.json
	help=$(ab-jail --help)
	[[ $help == *"kill it after that long (300s)"* && $output == *" 300 s from its start"* ]]
	[[ $help == *"memory of all its processes (2G)"* && $output == *" 2048 MiB of all"* ]]
	[[ $help == *"processes and threads at a time (256)"* && $output == *" 256 and threads"* ]]
	[[ $help == *"room in /tmp and /dev/shm (64M)"* && $output == *" 64 MiB together with /dev/shm"* ]]
	[[ $help == *"bytes on its stdout (64M)"* && $output == *" $((64 << 20)) bytes on standard output"* ]]
	[[ $help == *"open files of each process (1024)"* && $output == *" 1024 a process"* ]]
}

@test "what an agent is said to have is what it has" {
	local seen
	seen=$(ab-jail -- /usr/bin/python3 -ISBc 'import os, stat
print(sorted(os.environ), sorted(d for d in os.listdir("/dev") if stat.S_ISCHR(os.stat("/dev/" + d).st_mode)))
print(sorted(i for i in os.listdir("/sys/class/net")) if os.path.exists("/sys") else "no /sys")' </dev/null)
	equals "$seen" "['HOME', 'LANG', 'PATH'] ['full', 'null', 'random', 'urandom']"$'\n'"no /sys"
	run -0 ab-run --explain code-review
	contains "$output" "null, full, random and urandom: no disk"
	contains "$output" "PATH, HOME=/tmp and LANG=C.UTF-8, and nothing else"
}

@test "the policy is told as ab-scrub has it, one that cannot be used as such" {
	local line
	run -0 ab-run --explain code-review
	while IFS= read -r line; do
		contains "$(tr -s ' \n' '  ' <<<"$output")" "- $line"
	done < <(ab-scrub --policy output --explain)
	echo '{"version":1,"rules":[{"id":"a.b.c","category":"code","literals":["abc"],"pattern":"abc","examples":{"hit":["abc"],"miss":["x"]},"action":"off"}]}' >p.json
	run -0 ab-scrub --policy ./p.json --explain
	contains "$output" "code: not looked for (1 rule)"
	contains "$output" "url: not looked for"
	contains "$output" "below them: none"
	run -0 ab-scrub --policy ./p.json --explain --rule '*=redact' --allow-domain example.org
	contains "$output" "code: redacted (1 rule)"
	contains "$output" "below them: example.org"
	echo '{}' >p.json
	echo '{"apiVersion":"agent.platform/v1","kind":"AgentWorkflow","metadata":{"name":"x"},"spec":{"scrub":{"output":"./p.json"},"input":{"schema":true},"output":{"schema":true}}}' >w.json
	run -0 ab-run --explain ./w.json
	contains "$output" "CANNOT BE USED, so nothing runs: "
	contains "$(tr -s ' \n' '  ' <<<"$output")" "p.json: missing key 'version'"
	run -2 --separate-stderr ab-scrub --policy ./p.json --explain
	equals "$output" ""
	run -2 --separate-stderr ab-scrub --policy output --explain --test-policy
	equals "$stderr" "ab-scrub: --explain: not with --test-policy"
}
