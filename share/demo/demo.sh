#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo.sh BUILD: the main job on real input. Reviews the newest commit of this repository and the shipped pull
# request with planted faults; shows each review, its record in the log, and the pipeline that was run. Needs no
# network; keeps its key and its log in BUILD/demo.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(cd "${1:?demo.sh BUILD}" && pwd)
dir=$build/demo
PATH=$build/bin:$PATH
XDG_STATE_HOME=$dir/state
export XDG_STATE_HOME
unset AB_RUN AB_RECEIPTS AB_AUDIT_LOG AB_AUDIT_KEY_FILE
log=$XDG_STATE_HOME/agentbox/log key=$XDG_STATE_HOME/agentbox/key

step() { printf '\n== %s\n' "$*"; }
say() { printf '   %s\n' "$*"; }
show() { python3 "$here/show.py" "$@"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }

# run NAME: reviews NAME.input into NAME.review and shows it; then the record of that run.
run() {
	ab-run --input "$dir/$1.input" code-review >"$dir/$1.review" || fail "the review of $1 ended with status $?"
	show review "$dir/$1.review"
	ab-audit show --last >"$dir/$1.record"
	printf '\n   its record in the log (ab-audit show --last):\n'
	show record "$dir/$1.record"
}

# from_git: the newest commit that fits into an input document. Fails in a tree without history.
from_git() {
	command -v git >/dev/null && git -C "$top" rev-parse -q --verify HEAD~1 >/dev/null 2>&1 || return 1
	for commit in $(git -C "$top" rev-list --no-merges --max-parents=1 --min-parents=1 -n 10 HEAD); do
		ab-bundle input --root "$top" --set repository=agentbox/agentbox --set-int pull_request_id="$(git -C "$top" rev-list --count "$commit")" \
			--from-git "$commit~1..$commit" >"$dir/newest.input" 2>"$dir/newest.err" || continue
		say "$(git -C "$top" log -1 --format='%h %s' "$commit")"
		return 0
	done
	return 1
}

rm -rf "$dir"
mkdir -p "$XDG_STATE_HOME/agentbox"

step "A key and a log, made once"
say "ab-audit keygen --name demo.example/agentbox --key $key"
ab-audit keygen --name demo.example/agentbox --key "$key" >/dev/null
say "ab-audit init --log $log --key $key"
ab-audit init --log "$log" --key "$key"

step "What will happen (ab-run --explain code-review)"
ab-run --check code-review
ab-run --explain code-review | sed 's/^/   /'

step "The newest commit of this repository"
if from_git; then
	run newest
else
	say "there is no history here (a tarball), so the shipped pull request stands for it"
fi

step "A pull request with planted faults (share/demo/pr)"
ab-bundle input --root "$here/pr/context" --set repository=acme/webshop --set-int pull_request_id=118 \
	--set-file diff="$here/pr/change.diff" --files 'context_files=**' >"$dir/sample.input"
run sample
printf '\n'
show faults "$dir/sample.review" "$here/pr/expected.json" || fail "the planted faults were not all found"

step "The log (ab-audit verify)"
ab-audit verify --log "$log" --vkey "$key.pub" | sed 's/^/   /'

step "The same run as shell text (ab-run --print --input sample.input code-review)"
ab-run --print --input "$dir/sample.input" code-review | sed 's/^/   /'

step "The tier that this kernel gave: $(python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); r = r.get("predicate", r); print(r.get("tier", (r.get("isolation") or {}).get("tier")))' "$dir/sample.record") (1 is the strongest; ab-jail(1) says what each holds)"
say "All of it is in $dir"
