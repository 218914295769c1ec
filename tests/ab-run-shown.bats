# SPDX-License-Identifier: Apache-2.0
# What a definition shows its agent: a workspace, models, files; and never what is ours.
load lib
load workflow

setup() {
	# The agent is not root, and bats' own directory is closed to others.
	TOP=$(mktemp -d /tmp/ab-shown-XXXXXX)
	chmod 755 "$TOP"
	cd "$TOP" || return 1
	a_log
	mkdir data tree models
	echo one >tree/a
	echo weight >models/w
	[ "$(id -u)" != 0 ] || chown -R 65534:65534 tree
	workflow edit <<-'P'
		import json, os
		text = open("/models/w").read().strip()
		try:
		    open("/models/x", "w")
		except OSError as e:
		    text += " " + e.strerror
		with open("a", "a") as f:
		    f.write("two\n")
		print(json.dumps({"ok": True, "text": text + " " + os.getcwd()}))
	P
	sed -i 's,command: \[./edit.py\],command: [./edit.py]\, models: models\, workspace: tree,' edit.yaml
	echo '{"count":1}' >input.json
}

teardown() { rm -rf "$TOP"; }

# shown FIELD VALUE: a definition with this field of spec.agent is in shown.yaml.
shown() {
	cat >shown.yaml <<-Y
		apiVersion: agent.platform/v1
		kind: AgentWorkflow
		metadata: { name: shown }
		spec: { agent: { command: [cat], $1: $2 }, input: { schema: true }, output: { schema: true } }
	Y
}

# refused WHERE WORDS [OPTION...]: shown.yaml is refused so by --check, --print and a run, and nothing began.
refused() {
	local want="ab-run: ./shown.yaml: /spec/agent/$1: $2, which no agent is shown" how
	shift 2
	for how in --check --print ""; do
		# shellcheck disable=SC2086  # none, or one
		run -2 --separate-stderr ab-run $how "$@" ./shown.yaml <input.json
		equals "$output" ""
		equals "$stderr" "$want"
	done
	contains "$(ab-audit verify)" "0 records"
}

@test "an agent edits a workspace, reads models, and the change is where the operator wants it" {
	ab-run --check ./edit.yaml
	run -0 --separate-stderr ab-run --input input.json --workspace-out change.tar ./edit.yaml
	equals "$output" '{"ok": true, "text": "weight Read-only file system /workspace"}'
	equals "$(cat tree/a)" one
	equals "$(ab-jail diff change.tar)" "M a"
	contains "$(ab-audit show --json 2>/dev/null || ab-audit show)" '"files_changed"'
	run -0 --separate-stderr ab-run --keep kept --input input.json ./edit.yaml
	equals "$(ab-jail diff kept/workspace.tar)" "M a"
	ab-run --print --workspace-out typed.tar --input input.json ./edit.yaml >typed
	run -0 --separate-stderr sh ./typed
	equals "$(ab-jail diff typed.tar)" "M a"
}

@test "a change has no place without a workspace, and none with a batch" {
	shown readOnly '[data]'
	run -2 --separate-stderr ab-run --workspace-out o ./shown.yaml <input.json
	equals "$stderr" "ab-run: --workspace-out: ./shown.yaml has no /spec/agent/workspace"
	run -2 --separate-stderr ab-run --workspace-out o --batch input.json ./edit.yaml
	contains "$stderr" "--workspace-out and --batch: expected one of them"
	[ ! -e o ]
}

@test "log and key are not shown: the path, what holds it, what lies in it" {
	mkdir sub
	for field in models workspace; do
		shown $field log && refused $field "$TOP/log is the log $TOP/log"
		shown $field log/tile && mkdir -p log/tile && refused $field "$TOP/log/tile lies in the log $TOP/log"
		shown $field . && refused $field "$TOP/. holds the log $TOP/log"
	done
	shown readOnly '[/etc/hostname, key]' && refused readOnly/1 "$TOP/key is the key $TOP/key"
	shown readOnly "['$TOP/sub/..//key:/data/x']" && refused readOnly/0 "$TOP/sub/..//key is the key $TOP/key"
	shown readOnly '[log/checkpoint]' && refused readOnly/0 "$TOP/log/checkpoint lies in the log $TOP/log"
	shown readOnly '[/]' && refused readOnly/0 "/ holds the log $TOP/log"
	sed 's,command: \[cat\],command: [./key],' shown.yaml | sed 's/readOnly: .* }, input/readOnly: [] }, input/' >command.yaml
	mv command.yaml shown.yaml
	refused command "$TOP/./key is the key $TOP/key"
	ln -s key a:b
	sed -i 's,\[./key\],["./a:b"],' shown.yaml
	refused command "$TOP/./a:b is the key $TOP/key"
}

@test "links do not hide what is shown, nor what is ours" {
	ln -s log link
	ln -s "$TOP" up
	ln key hard
	shown readOnly '[link]' && refused readOnly/0 "$TOP/link is the log $TOP/log"
	shown readOnly '[up/key]' && refused readOnly/0 "$TOP/up/key is the key $TOP/key"
	shown readOnly '[hard]' && refused readOnly/0 "$TOP/hard is the key $TOP/key"
	mkdir real && mv log real/log && ln -s real/log log
	shown readOnly '[real]' && refused readOnly/0 "$TOP/real holds the log $TOP/real/log"
}

@test "the option, the definition and the state directory say which log and key these are" {
	mkdir other && cp key other/key2
	ab-audit init --log other/log --key key
	shown readOnly '[other]'
	refused readOnly/0 "$TOP/other holds the log $TOP/other/log" --log other/log
	refused readOnly/0 "$TOP/other holds the key $TOP/other/key2" --key other/key2
	sed -i 's|^spec: {|spec: { audit: { log: other/log },|' shown.yaml
	refused readOnly/0 "$TOP/other holds the log $TOP/other/log"
	run -2 --separate-stderr env -u AB_AUDIT_LOG -u AB_AUDIT_KEY_FILE XDG_STATE_HOME="$TOP/other" ab-run --check ./shown.yaml
	contains "$stderr" "$TOP/other holds the log $TOP/other/log"
}

@test "what is kept, and where receipts are made, is not shown" {
	mkdir -m 700 kept
	shown readOnly '[data]'
	refused readOnly/0 "$TOP/data holds the directory of --keep $TOP/data/kept" --keep data/kept
	shown readOnly '[kept]'
	refused readOnly/0 "$TOP/kept is the directory of --keep $TOP/kept" --keep kept/
	shown models "$XDG_RUNTIME_DIR"
	refused models "$XDG_RUNTIME_DIR is the directory of receipts $XDG_RUNTIME_DIR"
	shown models "$(dirname "$XDG_RUNTIME_DIR")"
	refused models "$(dirname "$XDG_RUNTIME_DIR") holds the directory of receipts $XDG_RUNTIME_DIR"
}

# bats test_tags=root
@test "a mount does not hide it: the same directory elsewhere, and what is mounted beneath" {
	needs_root
	needs unshare
	unshare -m true 2>/dev/null || skip "no mounts of our own here"
	mkdir again beneath outer outer/log real
	mv log real/log
	export AB_AUDIT_LOG=$TOP/real/log
	bound() { # MOUNT-COMMANDS FIELD-VALUE WORDS
		shown readOnly "[$2]"
		# shellcheck disable=SC2016  # for the inner shell
		run -2 --separate-stderr unshare -m --propagation private sh -ec "$1"'; exec ab-run --check ./shown.yaml'
		equals "$stderr" "ab-run: ./shown.yaml: /spec/agent/readOnly/0: $3, which no agent is shown"
	}
	bound 'mount --bind real again' again "$TOP/again holds the log $TOP/real/log"
	bound 'mount --bind real/log again' again "$TOP/again is the log $TOP/real/log"
	mkdir -p real/log/tile
	bound 'mount --bind real/log/tile again' again "$TOP/again lies in the log $TOP/real/log"
	bound 'mount --bind real/log outer/log' outer "$TOP/outer holds the log $TOP/real/log"
	bound 'mount -t tmpfs none beneath; mkdir beneath/x; mount --bind beneath/x real/log/tile' beneath/x \
		"$TOP/beneath/x lies in the log $TOP/real/log"
	shown readOnly '[data]'
	run -0 --separate-stderr unshare -m --propagation private sh -ec 'mount --bind data again; exec ab-run --check ./shown.yaml'
}

@test "what is beside it is shown" {
	mkdir logs
	shown readOnly "[data, logs, input.json]"
	ab-run --check ./shown.yaml
	run -0 --separate-stderr ab-run --input input.json ./shown.yaml
	equals "$output" '{"count":1}'
}
