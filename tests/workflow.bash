# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034  # what bats and its callers know
# What the tests of whole runs share: a key and a log of their own, small agents, and looks at the newest record.
# shellcheck disable=SC2154,SC2034  # output and stderr are set by run; callers use what is found

# a_log: a fresh key and log in $PWD, which the tools then find by themselves.
a_log() {
	ab-audit keygen --name example.org/run --key key >/dev/null
	ab-audit init --log log --key key
	export AB_AUDIT_LOG=$PWD/log AB_AUDIT_KEY_FILE=$PWD/key
}

# workflow NAME [CONSTRAINT...]: NAME.yaml, whose agent is NAME.py; its code comes on stdin. The output must be
# {"ok": true or false, "text"?: text}.
workflow() {
	local name=$1 c
	shift
	{ echo '#!/usr/bin/python3 -ISB'; cat; } >"$name.py"
	chmod 755 "$name.py"
	{
		cat <<-Y
			apiVersion: agent.platform/v1
			kind: AgentWorkflow
			metadata: { name: $name }
			spec:
			  agent: { command: [./$name.py] }
			  input: { schema: { type: object, required: [count], properties: { count: { type: integer } } } }
			  output:
			    schema:
			      type: object
			      required: [ok]
			      additionalProperties: false
			      properties: { ok: { type: boolean }, text: { type: string } }
			  constraints:
			    network_policy: none
		Y
		for c; do echo "    $c"; done
	} >"$name.yaml"
}

# runs STATUS NAME: the run ends so, with no output unless STATUS is 0, one line on stderr at most, no process left.
runs() {
	echo '{"count":1}' >input.json
	run "-$1" --separate-stderr ab-run --input input.json "./$2.yaml"
	if [ "$1" = 0 ]; then return 0; fi
	equals "$output" ""
	equals "$(wc -l <<<"$stderr")" 1
	no_process "$PWD/$2.py"
}

# no_process TEXT: no process has it in its command line.
no_process() {
	local p words
	for p in /proc/[0-9]*; do
		mapfile -d '' -t words 2>/dev/null <"$p/cmdline" || continue
		case "${words[*]}" in *"$1"*) echo "left: $p ${words[*]}" >&2; return 1 ;; esac
	done
}

# child PID WORD...: waits for a descendant of PID whose command line has these words, and sets `found` to its id.
child() {
	local root=$1
	shift
	until descend "$root" "$@"; do
		if ! is_alive "$root"; then
			echo "no process of $root, which has ended, has: $*" >&2
			[ ! -s err ] || cat err >&2
			return 1
		fi
		read -rt 0.01 <> <(:) || true
	done
}
descend() {
	local parent=$1 c w words ids
	shift
	{ read -ra ids <"/proc/$parent/task/$parent/children"; } 2>/dev/null || [ "${#ids[@]}" -gt 0 ] || return 1
	for c in "${ids[@]}"; do
		mapfile -d '' -t words 2>/dev/null <"/proc/$c/cmdline" || continue
		for w; do case " ${words[*]} " in *" $w "*) ;; *) continue 2 ;; esac; done
		found=$c
		return 0
	done
	for c in "${ids[@]}"; do
		if descend "$c" "$@"; then return 0; fi
	done
	return 1
}

# record PATH [INDEX]: a field of the newest record (or of another), as JSON unless it is a string.
record() {
	ab-audit show ${2:+"$2"} | /usr/bin/python3 -ISB -c 'import json, sys
v = json.load(sys.stdin)
v = v.get("predicate", v)
for k in sys.argv[1].split("."):
    v = v[int(k)] if isinstance(v, list) else v.get(k)
print(v if isinstance(v, str) else json.dumps(v))' "$1"
}

# recorded VERDICT REASON-PART: the newest record says so, and the log verifies.
recorded() {
	equals "$(record verdict)" "$1"
	[ -z "$2" ] || contains "$(record reason)" "$2"
	ab-audit verify --vkey key.pub >/dev/null
}

# sealed: what the tests of the user's half need: a directory that the user may enter and write.
user_directory() {
	local d
	d=$(mktemp -d /tmp/ab-run.XXXXXX)
	chmod 755 "$d"
	[ "$(id -u)" != 0 ] || chown "$AB_USER_ID:$AB_USER_ID" "$d"
	echo "$d"
}
