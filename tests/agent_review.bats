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
	# Patterns speak of such calls, so it is the syntax tree that is asked.
	run -0 /usr/bin/python3 - "$AB_TOP"/share/workflows/code-review/agent/*.py <<-'P'
		import ast, sys
		for path in sys.argv[1:]:
		    for node in ast.walk(ast.parse(open(path, encoding="utf-8").read())):
		        name = getattr(node, "id", None) or getattr(node, "attr", None)
		        assert name not in ("open", "eval", "exec", "__import__", "system", "popen", "socket", "subprocess"), (path, node.lineno, name)
	P
}
