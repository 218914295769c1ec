# SPDX-License-Identifier: Apache-2.0
# --digest and --print-digest: the agent to the last byte of what it can read, as it is mounted, before it starts.
load lib
load workflow

setup() {
	# The ordinary user has to reach what is shown, and bats' own directory is closed to all others.
	TOP=$(mktemp -d /tmp/ab-digest-XXXXXX)
	chmod 755 "$TOP"
	cd "$TOP" || return 1
	mkdir -p tree/sub/deep out && chmod 777 out
	echo one >tree/a && echo two >tree/sub/b && echo run >tree/run && ln -s a tree/link
	chmod 755 tree/run
}

teardown() { rm -rf "$TOP"; }

# digest [OPTION...]: of cat with the tree at /tree.
digest() { ab-jail --print-digest --ro "$TOP/tree:/tree" "$@" -- cat; }

# differs COMMAND: the digest is another one once it has run, and the old one starts no agent.
differs() {
	local before after
	before=$(digest)
	eval "$1"
	after=$(digest)
	[ "$before" != "$after" ] || { echo "the same after: $1" >&2; return 1; }
	run -125 --separate-stderr ab-jail --digest "$before" --ro tree:/tree --rw out:/out -- cp /tree/a /out/ran </dev/null
	equals "$output" ""
	[ ! -e out/ran ]
}

# same COMMAND
same() {
	local before
	before=$(digest)
	eval "$1"
	equals "$(digest)" "$before"
}

@test "the agent finds the same digest in what it sees" {
	found() {
		local ours theirs
		ours=$(${AS:-} ab-jail --print-digest --ro tree:/tree --ro "$AB_TOP/tests/agents/digest.py:/digest.py" -- python3)
		theirs=$(${AS:-} ab-jail --ro tree:/tree --ro "$AB_TOP/tests/agents/digest.py:/digest.py" -- python3 -ISB /digest.py </dev/null)
		equals "$ours" "$theirs"
		[[ $ours =~ ^sha256:[0-9a-f]{64}$ ]]
	}
	ln -s nowhere 'tree/sub/with
a line'
	both found
}

@test "the one that is expected runs, another one does not, and the line names both" {
	local is other
	is=$(ab-jail --print-digest -- cat)
	other=sha256:$(printf '%064d' 0)
	run -0 --separate-stderr ab-jail --digest "$is" -- cat <<<hello
	equals "$output$stderr" hello
	run -125 --separate-stderr ab-jail --digest "$other" -- cat <<<hello
	equals "$output" ""
	equals "$stderr" "ab-jail: --digest: the agent is another one: expected $other, found $is"
	run -125 --separate-stderr ab-jail --digest "${is/sha256:/}" -- cat <<<hello
	contains "$stderr" "--digest: ${is/sha256:/}: not \"sha256:\" and 64 digits"
	run -125 --separate-stderr ab-jail --digest "$is" --print-digest -- cat
	contains "$stderr" "--print-digest goes with neither"
}

@test "content, names, kinds, links and the right to execute are part of it" {
	differs 'echo One >tree/a'
	differs 'truncate -s +1 tree/a'
	differs 'mv tree/a tree/A'
	differs 'chmod +x tree/A'
	differs 'chmod -x tree/A'
	differs 'ln -sfn run tree/link'
	differs 'rm tree/link && cp tree/run tree/link'
	differs 'mkdir tree/empty'
	differs 'mv tree/empty tree/sub'
	differs 'touch tree/sub/new'
	differs 'rm tree/sub/new && mkdir tree/sub/new'
	differs 'rm -r tree/sub/deep'
	equals "$(ab-jail --print-digest -- cat | wc -c)" 72
	[ "$(ab-jail --print-digest -- cat)" != "$(ab-jail --print-digest -- wc)" ]
	[ "$(ab-jail --print-digest --ro tree:/tree -- cat)" != "$(ab-jail --print-digest --ro tree:/eert -- cat)" ]
}

@test "times, owners, other bits of the mode, order and the place outside are not" {
	same 'touch -d 2000-01-01 tree/a tree/sub'
	same 'chmod 444 tree/a; chmod 500 tree/run; chmod 755 tree/run'
	same 'mv tree tree2; mkdir tree; for n in run link a sub; do cp -a "tree2/$n" tree/; done'
	echo x >in
	same 'ab-jail --input in --rw out:/out -- cat </dev/null'
	equals "$(digest --input in --rw out:/out)" "$(digest)"
	if [ "$(id -u)" = 0 ]; then
		same 'chown -R 4711 tree'
	fi
}

@test "models are part of it, to their last byte" {
	mkdir models
	head -c 20M /dev/zero >models/weights
	before=$(ab-jail --print-digest --models models -- cat)
	printf x | dd of=models/weights bs=1 seek=20000000 conv=notrunc status=none
	after=$(ab-jail --print-digest --models models -- cat)
	[ "$before" != "$after" ]
}

@test "what has no digest is named, and nothing runs" {
	mkfifo tree/sub/pipe
	run -125 --separate-stderr digest
	equals "$output" ""
	equals "$stderr" "ab-jail: --digest: /tree/sub/pipe: neither a file, a directory nor a link"
	rm tree/sub/pipe
	echo secret >tree/sub/secret && chmod 600 tree/sub/secret
	if [ "$(id -u)" = 0 ]; then
		run -125 --separate-stderr as_user ab-jail --print-digest --ro tree:/tree -- cat
		equals "$stderr" "ab-jail: --digest: /tree/sub/secret: Permission denied"
	fi
	local deep=tree
	for _ in {1..66}; do deep=$deep/d; done
	mkdir -p "$deep"
	run -125 --separate-stderr digest
	contains "$stderr" "lies too deep to be hashed"
}

@test "what is changed while the jail waits for its input is found" {
	local is pid
	is=$(digest)
	mkfifo in
	ab-jail --digest "$is" --ro tree:/tree -- cat <in >said 2>err &
	pid=$!
	exec 8>in
	child "$pid" ab-jail
	pid=$found
	child "$pid" ab-jail # the jail is built: its first process has one of its own
	printf O | dd of=tree/a bs=1 conv=notrunc status=none
	echo hello >&8
	exec 8>&-
	status=0
	wait %1 || status=$?
	equals "$status" 125
	equals "$(cat said)" ""
	equals "$(cat err)" "ab-jail: --digest: the agent is another one: expected $is, found $(digest)"
}

# bats test_tags=root
@test "what is mounted beneath a directory is part of it" {
	needs_root
	unshare -m true 2>/dev/null || skip "no mounts of our own here"
	before=$(digest)
	# shellcheck disable=SC2016  # for the inner shell
	after=$(unshare -m --propagation private sh -ec 'mount -t tmpfs none tree/sub/deep; echo x >tree/sub/deep/x; chmod 755 tree/sub/deep
		exec ab-jail --print-digest --ro "$PWD/tree:/tree" -- cat')
	[ "$before" != "$after" ]
	echo x >tree/sub/deep/x
	equals "$(digest)" "$after"
}

@test "the receipt names it, and says of another one that nothing was proved" {
	ab-audit keygen --name test --key ./key >/dev/null
	ab-audit init --log ./log --key ./key >/dev/null
	is=$(ab-jail --print-digest -- cat)
	export AB_AUDIT_KEY_FILE=$PWD/key
	eval "$(ab-audit begin --log ./log --type test)"
	run -0 ab-jail --digest "$is" -- cat <<<hello
	tail -1 "$AB_RECEIPTS" >receipt
	env -u AB_RECEIPTS -u AB_RUN ab-validate --schema "$AB_TOP/schemas/receipt.schema.json" receipt >/dev/null
	equals "$(python3 -c 'import json; f = json.load(open("receipt"))["facts"]
print(f["isolation"]["mechanisms"]["digest"])')" "{'how': '$is', 'state': 'enforced'}"
	run -125 ab-jail --digest "${is%??}zz" -- cat <<<hello
	run -125 ab-jail --digest "sha256:$(printf '%064d' 1)" -- cat <<<hello
	tail -1 "$AB_RECEIPTS" >receipt
	equals "$(python3 -c 'import json; r = json.load(open("receipt"))
print(r["verdict"], r["exit"], r["facts"]["isolation_verified"], r["facts"]["exit_reason"], r["reason"][:45])')" \
		"failed 125 False setup --digest: the agent is another one: expected "
	rm -r "${AB_RECEIPTS%/*}"
}

@test "tier 2 mounts nothing, so it has none" {
	cp "$AB_BUILD/agents/contain" .
	is=$(ab-jail --print-digest -- cat)
	run -125 --separate-stderr ./contain ab-jail --require-tier 2 --digest "$is" -- cat </dev/null
	contains "$stderr" "tier 2 has neither --workspace nor --root, nor --digest"
}

@test "with an image, a hole, a strict jail and a signal while it is hashed" {
	mkdir -p image/bin image/lib && cp "$AB_BUILD/agents/attack" image/bin/ && ln -s bin image/sbin
	is=$(ab-jail --print-digest --root image -- /bin/attack)
	echo x >image/lib/x
	[ "$is" != "$(ab-jail --print-digest --root image -- /bin/attack)" ]
	rm image/lib/x
	equals "$(ab-jail --print-digest --root image -- /bin/attack)" "$is"
	ln -sfn lib image/sbin
	[ "$is" != "$(ab-jail --print-digest --root image -- /bin/attack)" ]
	is=$(ab-jail --print-digest -- cat)
	run -0 ab-jail --no-exec --no-jit --digest "$is" --events out/log -- cat <<<hello
	equals "$output" hello
	truncate -s 64G tree/huge
	ab-jail --print-digest --ro tree:/tree -- cat >said 2>err &
	pid=$!
	child "$pid" ab-jail
	child "$found" ab-jail
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	equals "$status" 143
	equals "$(cat said)" ""
	run -125 --separate-stderr ab-jail --time 100ms --print-digest --ro tree:/tree -- cat
	equals "$stderr" "ab-jail: --digest: took longer than the agent's time limit"
}
