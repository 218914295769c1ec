# SPDX-License-Identifier: Apache-2.0
# The code-review agent alone. tests/agent_review_test.py holds the cases; the system's own Python runs them,
# since that is what the jail offers.
load lib

cases() { run -0 --separate-stderr /usr/bin/python3 "$BATS_TEST_DIRNAME/agent_review_test.py" "$@"; }

@test "the agent reads unified diffs as git and diff write them" { cases Diffs; }
@test "the agent tells code from strings and comments" { cases Views; }
@test "the agent's rules hit what they name, and nothing that is right" { cases Rules; }
@test "the agent finds secrets, and takes no placeholder for one" { cases Secrets; }
@test "the agent finds conflict markers, hidden characters, mixed line ends" { cases Texts; }
@test "the agent looks at files and at the change as a whole" { cases Changes; }
@test "the agent stays within its bounds, grows linearly, and finds every planted fault" { cases Whole; }

@test "the agent needs nothing but the standard library, and starts nothing" {
	local own
	own=$(cd "$AB_TOP/share/workflows/code-review/agent" && printf '%s|' *.py | sed 's/\.py|/|/g; s/|$//')
	run -0 grep -hE '^ *(import|from) [a-z_.]+' "$AB_TOP"/share/workflows/code-review/agent/*.py
	run -1 grep -vE "^ *(import|from) (bisect|collections|json|math|os|posixpath|re|sys|$own)\b" <<<"$output"
	run -1 grep -nE '\b(open|socket|subprocess)\b *[(.]' "$AB_TOP"/share/workflows/code-review/agent/*.py
}
