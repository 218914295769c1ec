# SPDX-License-Identifier: Apache-2.0
# What ab-jail says of a run in its receipt: verdict, reason, resources, isolation.

load lib

setup() {
	cd "$BATS_TEST_TMPDIR"
	ab-audit keygen --name test --key ./key >/dev/null
	ab-audit init --log ./log --key ./key >/dev/null
	export AB_AUDIT_KEY_FILE=$PWD/key XDG_RUNTIME_DIR=
	eval "$(ab-audit begin --log ./log --type test)"
	AGENT=$AB_TOP/tests/agents/hostile.py
}

teardown() { rm -rf "${AB_RECEIPTS%/*}"; }

# receipt EXPRESSION: a Python expression over r, the last receipt; f are its facts.
receipt() {
	tail -1 "$AB_RECEIPTS" | python3 -c 'import json, sys
r = json.load(sys.stdin); f = r["facts"]; print(eval(sys.argv[1]))' "$1"
}

# is STATUS VERDICT REASON LIMIT: the last run's exit status and receipt agree; the schema holds.
is() {
	equals "$(receipt 'r["exit"], r["verdict"], r.get("reason"), f.get("limit")')" "($1, '$2', $3, $4)"
	tail -1 "$AB_RECEIPTS" | env -u AB_RECEIPTS -u AB_RUN ab-validate --schema "$AB_TOP/schemas/receipt.schema.json" >/dev/null
}

@test "a run that passed: hashes of what went in and out" {
	run -0 bash -c 'printf "{\"a\": 1}" | ab-jail -- cat'
	is 0 passed None None
	want="{'bytes': 8, 'sha256': 'sha256:$(printf '{"a": 1}' | sha256sum | cut -d' ' -f1)'}"
	equals "$(receipt 'r["in"]')" "$want"
	equals "$(receipt 'r["out"]')" "$want"
	equals "$(receipt 'f["isolation_verified"], f["isolation"]["tier"]')" "(True, 1)"
	equals "$(receipt 'sorted(k for k, m in f["isolation"]["mechanisms"].items() if m["state"] == "enforced" and k in ("namespaces", "root", "seccomp", "no_new_privs", "capabilities"))')" \
		"['capabilities', 'namespaces', 'no_new_privs', 'root', 'seccomp']"
}

@test "input that the agent leaves unread is hashed to its end" {
	run -0 bash -c 'head -c 3000000 /dev/zero | ab-jail -- "$1" unread' _ "$AGENT"
	equals "$(receipt 'r["in"]["bytes"], r["in"]["sha256"]')" \
		"(3000000, 'sha256:$(head -c 3000000 /dev/zero | sha256sum | cut -d' ' -f1)')"
}

@test "each way to fail has its verdict and reason, no output, and drains its input" {
	while IFS='|' read -r status verdict reason limit args; do
		# shellcheck disable=SC2086
		run "-$status" --separate-stderr bash -c 'agent=$1; shift; head -c 200000 /dev/zero | ab-jail "${@:1:2}" -- "$agent" "${@:3}"' _ "$AGENT" $args
		equals "$output" ""
		is "$status" "$verdict" "$reason" "$limit"
		equals "$(receipt 'r["in"]["bytes"], r["out"]["bytes"]')" "(200000, 0)"
	done <<-'T'
		3|failed|'agent exited with status 3'|None|--time 20s exit-3
		1|failed|'agent exited with status 1'|None|--time 20s socket
		139|failed|'agent was killed by signal 11 (Segmentation fault)'|None|--time 20s die
		124|timeout|'agent reached its time limit of 300 ms'|'time'|--time 300ms sleep
		137|limit|'agent reached its limit of 104857600 bytes of memory'|'memory'|--memory 100M allocate
		137|limit|'agent reached its limit of 1000 bytes of output'|'output'|--max-output 1000 print
		137|limit|'agent reached its limit of 20 processes'|'processes'|--processes 20 fork
	T
}

@test "an agent that cannot be started, an empty pipe, a bad option value" {
	run -127 bash -c 'echo x | ab-jail -- no-such-command'
	is 127 failed "'no-such-command: not found in /usr/local/bin:/usr/bin:/bin'" None
	run -1 bash -c ': | ab-jail -- cat'
	is 1 failed "'empty input: the agent was not started'" None
	run -125 bash -c 'echo x | ab-jail --ro /no/such -- cat'
	is 125 failed "'--ro: /no: No such file or directory'" None
	equals "$(receipt 'r["in"]["bytes"]')" 2
}

@test "an interrupted run says so" {
	run -143 "$AB_TOP/tests/agents/interrupt.py" TERM "mark-$$-" ab-jail -- "$AGENT" sleep "mark-$$-"
	is 143 interrupted "'interrupted by signal 15 (Terminated)'" None
}

@test "a broken pipe behind is a verdict" {
	run -0 --separate-stderr python3 -c 'import os, subprocess
r, w = os.pipe()
os.close(r)
print(subprocess.run(["ab-jail", "--", "cat"], input=b"x", stdout=w).returncode)'
	equals "$output" 125
	is 125 failed "'the next stage closed its input early'" None
}

@test "the receipt of an ordinary user tells how many supplementary groups were kept" {
	needs_root
	chmod 755 "$BATS_TEST_TMPDIR" && chown -R 65534 "${AB_RECEIPTS%/*}"
	for n in 0 2; do
		groups=(--clear-groups)
		[ "$n" = 0 ] || groups=(--groups 65532,65533)
		run -0 setpriv --reuid 65534 --regid 65534 "${groups[@]}" ab-jail -- true
		equals "$(receipt 'f["isolation"]["mechanisms"]["supplementary_groups"]["how"].split()[0]')" "${n/#0/none}"
	done
}

@test "stderr is hashed, whole, and stands nowhere" {
	run -0 bash -c 'printf secret-4711 | ab-jail -- "$1" secrets-to-stderr' _ "$AGENT"
	equals "$(receipt 'f["stderr"]')" "{'bytes': 11, 'sha256': 'sha256:$(printf secret-4711 | sha256sum | cut -d' ' -f1)'}"
	run -1 grep -c secret-4711 "$AB_RECEIPTS"
}

@test "processor time is that of the whole tree, of double-forked children and of the killed" {
	cat >burn <<-'P'
		#!/usr/bin/python3
		import os, signal, sys, time
		r, w = os.pipe()
		for _ in range(2):
		    if os.fork() == 0:
		        if os.fork() == 0:
		            while time.process_time() < 0.3:
		                pass
		            os.write(w, b"x")
		            if sys.argv[1] == "killed":
		                signal.pause()
		            os._exit(0)
		        os._exit(0)
		    os.wait()
		os.read(r, 1)
		os.read(r, 1)
		if sys.argv[1] == "killed":
		    os.abort()
	P
	chmod 755 . burn
	for way in ends killed; do
		run bash -c 'echo x | ab-jail -- ./burn "$1"' _ $way
		# Two times 300 ms, and what it costs to start Python: on a machine that stands still in the middle, seconds.
		equals "$(receipt '600 <= f["resources"]["cpu_ms"] < 20000 or f["resources"]')" True
	done
}

@test "peak memory is that of all processes together" {
	cat >hold <<-'P'
		#!/usr/bin/python3
		import os, time
		r, w = os.pipe()
		held, end = os.pipe()
		for _ in range(3):
		    if os.fork() == 0:
		        os.close(end)
		        memory = b"x" * (50 << 20)
		        os.write(w, b"x")
		        os.read(held, 1)
		        os._exit(0)
		for _ in range(3):
		    os.read(r, 1)
		time.sleep(2)  # all hold it now; without a control group somebody has to look
		os.close(end)
		for _ in range(3):
		    os.wait()
	P
	chmod 755 . hold
	run -0 bash -c 'echo x | ab-jail -- ./hold'
	equals "$(receipt '150 << 20 <= f["resources"]["peak_memory_bytes"] <= 200 << 20 or f["resources"]')" True
	equals "$(receipt 'f["resources"]["processes"]')" 4
}

@test "agent_digest follows the command's content, not its input" {
	for i in 1 1 2; do
		printf '#!/bin/sh\n: %s\n' "$i" >agent && chmod 755 . agent
		run -0 bash -c 'echo "$RANDOM" | ab-jail -- ./agent'
		receipt 'f["agent_digest"]' >>digests
	done
	equals "$(sed -n 1p digests)" "$(sed -n 2p digests)"
	[ "$(sed -n 1p digests)" != "$(sed -n 3p digests)" ]
}

@test "agent_digest is what the manual says it is" {
	cp "$AB_BUILD/agents/attack" static && chmod 755 . static
	run bash -c 'echo x | ab-jail -- ./static --inside'
	equals "$(receipt 'f["agent_digest"]')" \
		"sha256:$(printf 'file sha256:%s %s\n' "$(sha256sum <static | cut -d' ' -f1)" "$PWD/static" | sha256sum | cut -d' ' -f1)"
}

@test "agent_digest follows the content of a tree that the operator named" {
	mkdir lib lib/deep && cp "$AB_BUILD/agents/attack" static && chmod 755 . static lib lib/deep
	ln -s deep/a lib/link
	for i in 1 1 2; do
		echo "x = $i" >lib/deep/a && chmod 644 lib/deep/a
		run bash -c 'echo x | ab-jail --ro "$PWD/lib" -- ./static --inside'
		receipt 'f["agent_digest"]' >>digests
	done
	equals "$(sed -n 1p digests)" "$(sed -n 2p digests)"
	[ "$(sed -n 2p digests)" != "$(sed -n 3p digests)" ]
	# As the manual says.
	hash() { sha256sum <"$1" | cut -d' ' -f1; }
	printf 'd 755 0 deep\nf 644 sha256:%s deep/a\nl 777 0 link deep/a\n' "$(hash lib/deep/a)" >tree
	printf 'tree sha256:%s %s\nfile sha256:%s %s\n' "$(hash tree)" "$PWD/lib" "$(hash static)" "$PWD/static" >all
	equals "$(sed -n 3p digests)" "sha256:$(hash all)"
}

@test "the receipts are not shown to the agent that they are of" {
	local dir=${AB_RECEIPTS%/*}
	ln -s . "$dir/link"
	[ "$(id -u)" != 0 ] || chown -R "$AB_USER_ID" "$dir"
	for how in "--ro=$dir" "--ro=/tmp:/data" "--rw=$dir:/data" "--models=$dir/link" "--input=$dir" "--workspace=$dir"; do
		run -125 --separate-stderr as_user ab-jail "$how" -- true </dev/null
		equals "$output" ""
		contains "$stderr" "holds the receipts of this run, which no agent is shown"
	done
	run -0 as_user ab-jail --ro /etc/hostname -- true </dev/null
}

@test "a workspace: an overlay, an overlay over a copy, or a copy" {
	local said='f["isolation"]["mechanisms"]["workspace"]["how"].split(",")[0]'
	mkdir ws
	[ "$(id -u)" != 0 ] || chown 65534:65534 ws # the agent's
	run -0 ab-jail --workspace ws -- true
	equals "$(receipt "$said")" "overlay"
	AB_WEAKEN=overlay run -0 "$AB_BUILD/weak/bin/ab-jail" --workspace ws -- true
	equals "$(receipt "$said")" "a copy on the tmpfs of /tmp"
	needs_root
	run -0 unshare --mount sh -c 'mount -t ramfs none /mnt && mkdir /mnt/ws && chown 4711 /mnt/ws && exec ab-jail --workspace /mnt/ws -- true'
	equals "$(receipt "$said")" "overlay over a copy"
	is 0 passed None None
}
