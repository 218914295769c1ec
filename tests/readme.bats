# SPDX-License-Identifier: Apache-2.0
# What README.md and agentbox(7) show is what happens.

load lib

# block N: the N-th fenced block of README.md.
block() { awk -v n="$1" '/^```/ { if (!open) { open = 1; i++ } else open = 0; next } open && i == n' "$AB_TOP/README.md"; }

setup() {
	cd "$BATS_TEST_TMPDIR"
	export HOME=$PWD XDG_STATE_HOME=$PWD/.local/state
	ab-audit keygen --name example.org/audit --key "$XDG_STATE_HOME/agentbox/key" >/dev/null
	ab-audit init
	ln -s "$AB_TOP/share/workflows/code-review/agent" agent
	cp "$AB_TOP/share/workflows/code-review/workflow.yaml" wf.yaml
	sed -i -e 's,command: .*,command: [./reviewer],' -e '/readOnly/d' wf.yaml
	echo '{"repository":"acme/shop","pull_request_id":7,"diff":""}' >pr.json
}

# reviewer LINE: an agent that says this.
reviewer() {
	printf '#!/bin/sh\necho '"'%s'"'\n' "$1" >reviewer
	chmod +x reviewer
}

@test "the pipeline of the README, typed and by ab-run, gives what the README says" {
	reviewer "$(block 2)"
	run -0 --separate-stderr bash -euo pipefail -c "$(block 1)"
	equals "$output$stderr" ""
	equals "$(cat review.json)" "$(block 2)"
	run -0 --separate-stderr ab-run wf.yaml <pr.json
	equals "$output$stderr" "$(block 2)"
	run -0 ab-audit verify
	contains "$output" "good: 4 records (2 executions"
}

@test "what is refused says the line of the README, and nothing comes out" {
	reviewer '{"review_status":"approved","comments":[{"file":"a","line":1,"comment":"see https://evil.example/"}]}'
	run -1 --separate-stderr ab-run wf.yaml <pr.json
	equals "$output" ""
	equals "$stderr" "$(block 3)"
	run -1 --separate-stderr bash -c "$(block 1)"
	equals "$(cat review.json)" ""
}

@test "agentbox(7) shows the pipeline of the README" {
	equals "$(sed -n '/^eval /,/review.json$/{s/\\e$//;p}' "$AB_TOP/man/agentbox.7" | tr -d ' \n')" \
		"$(block 1 | tr -d ' \n')"
}

@test "what the README says to type by hand works" {
	needs git
	rm -r .local
	git -c init.defaultBranch=main init -q .
	echo 'print(1)' >a.py
	git add a.py
	git -c user.name=n -c user.email=n@example.org commit -qm first
	echo 'eval(input())' >>a.py
	git -c user.name=n -c user.email=n@example.org commit -qam second
	run -0 --separate-stderr bash -euo pipefail -c "$(block 5 | grep -v ^PATH=)"
	equals "$stderr" ""
	contains "$output" "good: 2 records (1 executions"
	contains "$(cat review.json)" '"review_status":"changes_requested"'
}

# Commands begin with "$ " and go on in indented lines; the rest is what they print. Roots of logs differ.
@test "the transcript of the README is what happens" {
	needs jq
	as_shown() { sed -E -e "s,$HOME/,/home/new/," -e 's,root [A-Za-z0-9+/=]{44}$,root ROOT,'; }
	block 6 >transcript
	rm -rf "$XDG_STATE_HOME"
	ab-audit keygen --name example.org/audit --key "$XDG_STATE_HOME/agentbox/key" >/dev/null
	ab-audit init
	cd "$AB_TOP"
	awk '/^\$ / { sub(/^\$ /, ""); print; next } /^      / { print }' "$HOME/transcript" >"$HOME/commands"
	[ "$(wc -l <"$HOME/commands")" -gt 6 ]
	run -1 bash "$HOME/commands"
	equals "$(echo "$output" | as_shown)" "$(grep -v -e '^\$ ' -e '^      ' "$HOME/transcript" | as_shown)"
}
