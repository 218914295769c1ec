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

# indent COMMAND...: its output indented; its failure is the demo's.
indent() {
	"$@" >"$dir/text" || fail "$1 $2 ended with status $?"
	sed 's/^/   /' "$dir/text"
}

# run NAME: reviews NAME.input into NAME.review and shows it; then the record of that run.
run() {
	ab-run --log "$log" --key "$key" --input "$dir/$1.input" code-review >"$dir/$1.review" || fail "the review of $1 ended with status $?"
	show review "$dir/$1.review"
	ab-audit tail -n 1 >"$dir/$1.record"
	printf '\n   the record of this run in the log (ab-audit tail -n 1):\n'
	show record "$dir/$1.record" "$dir/$1.review"
}

# no_history: why there is no commit to review.
no_history() {
	if ! command -v git >/dev/null; then
		say "there is no git here"
	elif [ "$(git -C "$top" rev-parse --is-shallow-repository 2>/dev/null)" = true ]; then
		say "this is a shallow clone, whose commits have nothing to be compared with"
	elif git -C "$top" rev-parse -q --verify HEAD~1 >/dev/null 2>&1; then
		say "none of the ten newest commits fits into an input document (the last try: $(tail -n 1 "$dir/newest.err"))"
	else
		say "there is no history here (a tarball)"
	fi
	say "so the shipped pull request stands for it"
}

# from_git: the newest commit that fits into an input document. Fails where there is none.
from_git() {
	command -v git >/dev/null && git -C "$top" rev-parse -q --verify HEAD~1 >/dev/null 2>&1 || return 1
	newest=
	for commit in $(git -C "$top" rev-list --no-merges --max-parents=1 --min-parents=1 -n 10 HEAD); do
		ab-bundle input --root "$top" --set repository=agentbox/agentbox --set-int pull_request_id="$(git -C "$top" rev-list --count "$commit")" \
			--from-git "$commit~1..$commit" >"$dir/newest.input" 2>"$dir/newest.err" || { newest=no; continue; }
		[ -z "$newest" ] || say "not the newest one, which does not fit ($(sed 's/^[^:]*: //' "$dir/newest.err" | tail -n 1)), but"
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
indent ab-run --log "$log" --key "$key" --explain code-review

step "The newest commit of this repository"
if from_git; then
	run newest
else
	no_history
fi

step "A pull request with planted faults (share/demo/pr)"
ab-bundle input --root "$here/pr/context" --set repository=acme/webshop --set-int pull_request_id=118 \
	--set-file diff="$here/pr/change.diff" --files 'context_files=**' >"$dir/sample.input"
run sample
printf '\n'
show faults "$dir/sample.review" "$here/pr/expected.json" || fail "the planted faults were not all found"

step "The log (ab-audit verify)"
indent ab-audit verify --log "$log" --vkey "$key.pub"
say "(the events are the 'started' records: each run leaves one before it starts, and one when it has ended)"

step "The second run as shell text (ab-run --print, and where its output goes)"
ab-run --print --log "$log" --key "$key" --input "$dir/sample.input" code-review >"$dir/text" || fail "ab-run --print ended with status $?"
sed 's/^/   /; $s,$, >'"$dir/sample.review," "$dir/text"

step "The tier that this kernel gave: $(show tier "$dir/sample.record") (1 is the strongest; ab-jail(1) says what each holds)"
say "All of it is in $dir"
