# SPDX-License-Identifier: Apache-2.0
# The proof of isolation: each layer is left out in turn (build/weak, lib/jail/weaken.h), and exactly the
# checks of that layer fail; a kernel with less Landlock; what --self-test prints.

load lib

setup() {
	WEAK=$AB_BUILD/weak/bin/ab-jail
	cd "$BATS_TEST_TMPDIR"
}

# without LAYER CHECKS: left out, the layer is missed by these checks alone, and nothing is run.
without() {
	AB_WEAKEN=$1 run -125 --separate-stderr ${AS:-} "$WEAK" -- echo run </dev/null
	equals "$output" ""
	equals "$stderr" "ab-jail: isolation is not proved: $2"
	AB_WEAKEN=$1 run -125 --separate-stderr ${AS:-} "$WEAK" --self-test -- echo run
	equals "$(sed -n 's/^not ok [0-9]* - \([a-z_]*\):.*/\1/p' <<<"$output" | paste -sd, | sed 's/,/, /g')" "$2"
}

all_layers() {
	while read -r layer checks; do
		without "$layer" "$checks"
	done <<-'T'
		root_readonly root_readonly
		old_root root_foreign
		host_path canary
		mounts mounts
		tmp_noexec tmp_noexec
		tmp_sized tmp_sized
		pid other_processes
		ipc separate
		capabilities capabilities
		no_new_privs no_new_privs
		descriptors descriptors
		environment environment
		limits limits
		nested nested
		landlock landlock
		seccomp seccomp, socket, namespace
	T
}

@test "each layer that is left out is missed by its own check, and nothing is run" {
	both all_layers
}

@test "without a network of its own the agent is not run" {
	[ "$(grep -vc '^ *lo:' /proc/net/dev)" -gt 2 ] || skip "this machine has no network interface but lo"
	[ "$(wc -l </proc/net/route)" -gt 1 ] || skip "this machine has no route"
	both without net "network, routes"
}

@test "a kernel with an older Landlock, or none: tier 1 holds, and none of the known ways out is open" {
	local dir
	# Signals that have no handler do not reach a first process from below it.
	[[ $AB_BUILD != */san ]] || skip "a sanitizer's runtime handles signals in the first process"
	dir=$(mktemp -d /tmp/ab-attack-XXXXXX)
	chmod 755 "$dir"
	cp "$AB_BUILD/agents/attack" "$dir/attack"
	echo secret >secret
	for abi in 0 1 2; do
		for as in "" as_user; do
			AB_WEAKEN=abi=$abi run -0 --separate-stderr $as "$WEAK" -- "$dir/attack" "$PWD/secret" </dev/null
			equals "$(grep '^not ok' <<<"$output")" ""
			AB_WEAKEN=abi=$abi run -0 --separate-stderr $as "$WEAK" --self-test --json
			equals "$(python3 -c 'import json, sys
r = json.load(sys.stdin)
l = r["isolation"]["mechanisms"]["landlock"]
print(r["passed"], l["state"], l["how"], [c["name"] for c in r["checks"] if c["state"] != "passed"])' <<<"$output")" \
				"$(if [ "$abi" = 0 ]; then echo "True absent the kernel has none; the mounts hold alone ['landlock']"; else echo "True enforced ABI $abi []"; fi)"
		done
	done
	rm -r "$dir"
}

tap_and_json() {
	run -0 --separate-stderr ${AS:-} ab-jail --self-test
	equals "$stderr" ""
	equals "${lines[0]}" "TAP version 13"
	equals "$(grep -c '^ok [0-9]* - [a-z_]*: ' <<<"$output")" "$((${#lines[@]} - 2))"
	equals "${lines[-1]}" "1..$((${#lines[@]} - 2))"
	tap=$(sed -n 's/^ok [0-9]* - \([a-z_]*\): .*/\1/p' <<<"$output")
	run -0 --separate-stderr ${AS:-} ab-jail --self-test --json
	equals "$(python3 -c 'import json, sys
r = json.load(sys.stdin)
assert r["passed"] is True and r["isolation"]["tier"] == 1, r
print("\n".join(c["name"] for c in r["checks"] if c["state"] == "passed"))' <<<"$output")" "$tap"
}

@test "--self-test prints its checks as TAP and as JSON, and runs nothing" {
	both tap_and_json
	run -0 --separate-stderr ab-jail --self-test -- tee "$PWD/made" </dev/null
	[ ! -e made ]
	run -125 --separate-stderr ab-jail --json -- true
	equals "$stderr" "ab-jail: --json goes with --self-test; try ab-jail --help"
}

@test "--self-test where there can be no jail: 125, and why" {
	local none='echo 0 >/proc/sys/user/max_user_namespaces && exec ab-jail --self-test "$@"'
	run -125 --separate-stderr unshare -Ur sh -c "$none" sh
	contains "$output" "Bail out! no new namespaces: "
	run -125 --separate-stderr unshare -Ur sh -c "$none" sh --json
	contains "$output" '"passed":false,"reason":"no new namespaces: '
}

@test "what weakens a jail is not in the program" {
	run -1 grep -c AB_WEAKEN "$AB_BUILD/bin/ab-jail"
	run -0 grep -c AB_WEAKEN "$WEAK"
}
