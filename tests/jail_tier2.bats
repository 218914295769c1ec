# SPDX-License-Identifier: Apache-2.0
# ab-jail without namespaces, as in a container whose runtime forbids them (tests/agents/contain.c).

load lib

setup() {
	AGENT=$AB_TOP/tests/agents/hostile.py
	MARK=mark-$BATS_TEST_NUMBER-$$-
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	cd "$BATS_TEST_TMPDIR" && chmod 755 .
	mkdir -m 1777 tmp
	cp "$AB_BUILD/agents/contain" "$AB_BUILD/agents/attack" "$AB_BUILD/agents/attack_more" "$AB_BUILD/agents/code" "$AB_BUILD/agents/exhaust" .
}

# bare STATUS [OPTION...] -- COMMAND...: in a container, tier 2 allowed; nothing of it is left. "": any status.
bare() {
	local want=$1
	shift
	TMPDIR=$PWD/tmp run ${want:+"-$want"} --separate-stderr ${AS:-} ${UNTIL:-} ./contain "${JAIL:-ab-jail}" --require-tier 2 --time "${TIME:-20s}" "$@" </dev/null
	equals "$(ls -A tmp)" ""
	nothing_left
}

# checks WHAT: the names of the self-test's checks that are in this state.
checks() {
	python3 -c 'import json, sys
r = json.load(sys.stdin)
print(r["isolation"]["tier"], ", ".join(c["name"] for c in r["checks"] if c["state"] == sys.argv[1]))' "$1" <<<"$output"
}

@test "tier 2 is never taken silently: without --require-tier 2 nothing is run" {
	run -125 --separate-stderr ./contain ab-jail -- true </dev/null
	equals "$output" ""
	contains "$stderr" "no new namespaces: "
	contains "$stderr" "or let --require-tier 2 do without namespaces"
}

@test "where tier 1 is possible, it is taken" {
	run -0 --separate-stderr ab-jail --require-tier 2 --self-test --json
	equals "$(checks failed)" "1 "
}

works() {
	bare 0 -- sh -c 'echo in >f && read -r x <f && echo "$x" && [ "$PWD" = "$HOME" ] && [ "$TMPDIR" = "$HOME" ]'
	equals "$output" in
	bare 0 -- /usr/bin/python3 -c 'import os, subprocess, sys, threading, asyncio
async def child():
    p = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(5)", stdout=subprocess.PIPE)
    return (await p.communicate())[0].decode()
print(asyncio.run(child()), end="")
p = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
p.terminate()
print(p.wait(), os.listdir("."))'
	equals "$output" $'5\n-15 []'
	bare 0 --self-test --json
	equals "$(checks passed)" "2 capabilities, no_new_privs, descriptors, environment, limits, seccomp, socket, namespace, files_read, files_write, signals, attributes"
}

@test "agents run, and the proof is that of tier 2" {
	both works
}

@test "in a user namespace that allows no further one, as its root who can become nobody else" {
	TMPDIR=$PWD/tmp run -0 --separate-stderr unshare -Ur sh -c \
		'echo 0 >/proc/sys/user/max_user_namespaces && exec ab-jail --require-tier 2 --self-test --json'
	equals "$(checks failed)" "2 "
	contains "$output" '"user":{"how":"root, who could not become another","state":"degraded"}'
	equals "$(ls -A tmp)" ""
}

attack() {
	echo secret >secret
	[ -z "${AS:-}" ] || chown "$AB_USER_ID" secret
	chmod 644 secret
	mkdir -p dir && mv secret dir/secret && chmod 755 dir
	bare 0 -- ./attack "$PWD/dir/secret"
	# Names, sizes and modes; and Landlock has no rule for executable memory.
	equals "$(sed -n 's/^not ok [0-9]* - open //p' <<<"$output" | grep -v '^seen: ')" "file: map what was written to /tmp executable
file: make what was written to /tmp executable memory"
	contains "$output" "open seen: the secret's size and mode"
	equals "$(cat dir/secret)" secret
	rm -r dir
	bare 0 -- ./attack_more
	equals "$(grep '^not ok' <<<"$output")" ""
}

@test "of the known ways out, those are open that the manual names" {
	both attack
}

@test "with Landlock of Linux 6.2, which does not keep signals, the filter does; an older one is refused" {
	for abi in 3; do
		AB_WEAKEN=abi=$abi JAIL=$AB_BUILD/weak/bin/ab-jail both attack
		AB_WEAKEN=abi=$abi JAIL=$AB_BUILD/weak/bin/ab-jail both bare 0 --self-test --json
		equals "$(checks failed)" "2 "
	done
	AB_WEAKEN=abi=2 JAIL=$AB_BUILD/weak/bin/ab-jail both bare 125 -- true
	contains "$stderr" "tier 2 needs Landlock with ABI 3 (Linux 6.2), this kernel has 2"
}

without() {
	AB_WEAKEN=$1 JAIL=$AB_BUILD/weak/bin/ab-jail bare 125 -- echo run
	equals "$output" ""
	equals "$stderr" "ab-jail: isolation is not proved: $2"
}

@test "each layer that is left out is missed, and nothing is run" {
	both without landlock "files_read, files_write, signals"
	# A container has a filter of its own, and lets no namespace be made.
	both without seccomp "socket, attributes"
	both without descriptors "descriptors"
	both without environment "environment"
	both without limits "limits"
}

deaf() {
	TIME=2s bare 124 --processes 1000 -- "$AGENT" sleep-deaf "$(slow_count 300)" "$MARK"
	equals "$stderr" "ab-jail: agent reached its time limit of 2000 ms"
	bare 0 --processes 1000 -- "$AGENT" daemons "$(slow_count 300)" "$MARK"
	for _ in 1 2 3 4 5; do # the kernel's limit counts all of a user's, and another test's may take some of these
		TIME=5s bare "" --processes 40 -- "$AGENT" fork "$MARK"
		[ "$status" != 137 ] || break
	done
	equals "$status" 137
	equals "$stderr" "ab-jail: agent reached its limit of 40 processes"
}

storm() {
	TIME=2s UNTIL="timeout -k 1 40" bare 124 --processes 1000 -- ./exhaust storm 30 "$MARK"
	equals "$stderr" "ab-jail: agent reached its time limit of 2000 ms"
}

@test "nothing survives: not what left its session and its parents, not what forks for ever" {
	both deaf
}

@test "nor what forks and ends faster than it can be listed, with Landlock's hold on signals and without" {
	both storm
	AB_WEAKEN=abi=3 JAIL=$AB_BUILD/weak/bin/ab-jail both storm
}

bystander() {
	${AS:-} tail -f /dev/null 3>&- &
	bare 0 -- sh -c 'sh -c "read -r x" <&1 & :'
	kill -0 "$!"
	# shellcheck disable=SC2046  # a shell that waits for it, or none
	kill $(pgrep -P "$!") "$!"
}

@test "and the end of the tree is nobody else's, though it be the same user's" {
	both bystander
}

killed() {
	for _ in $(seq "$(slow_count 30)"); do
		TMPDIR=$PWD/tmp run -137 --separate-stderr "$AB_TOP/tests/agents/interrupt.py" "$1" "$MARK" ./contain ab-jail --require-tier 2 --processes 1000 -- "$AGENT" sleep-deaf 20 "$MARK"
		soon nothing_left
		equals "$(ls -A tmp)" ""
	done
}

@test "SIGKILL of ab-jail leaves nothing" {
	killed KILL
}

@test "nor does SIGKILL of its process group" {
	killed -KILL
}

killed_late() {
	# Its first process is held still, so that the supervisor tells it to end all and waits; then it is killed.
	TMPDIR=$PWD/tmp run -0 python3 -c 'import os, signal, subprocess, sys, time
p = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
def children(pid):
    return [int(w) for w in open(f"/proc/{pid}/task/{pid}/children").read().split()]
def runs(pid):
    try:
        return any(sys.argv[1].encode() in open(f"/proc/{c}/cmdline", "rb").read() and open(f"/proc/{c}/comm").read() == "python3\n" for c in children(pid))
    except OSError: # one that ended while it was looked at
        return False
first = 0
while not first:
    for c in children(p.pid):
        if runs(c):
            first = c
os.kill(first, signal.SIGSTOP)
p.terminate()
time.sleep(0.2)
p.kill()
print(p.wait())
os.kill(first, signal.SIGCONT)' "$MARK" ${AS:+setpriv --reuid "$AB_USER_ID" --regid "$AB_USER_ID" --clear-groups} ./contain ab-jail --require-tier 2 -- "$AGENT" sleep-deaf 20 "$MARK"
	equals "$output" -9
	soon rmdir tmp
	mkdir -m 1777 tmp
	nothing_left
	equals "$(ls -A tmp)" ""
}

@test "SIGKILL of an ab-jail that is about to end leaves nothing" {
	both killed_late
}

full() {
	bare 1 --tmp 1M -- /usr/bin/python3 -c 'open("f", "wb").write(bytes(2 << 20))'
	bare 137 --tmp 1M -- /usr/bin/python3 -c 'import time
for i in range(100):
    open("f%d" % i, "wb").write(bytes(1 << 19))
time.sleep(20)'
	equals "$stderr" "ab-jail: agent reached its limit of 1048576 bytes or files in its directory"
	# What its owner may write to, and not read.
	bare 137 --tmp 1M -- /usr/bin/python3 -c 'import os, time
os.makedirs("d/dark", 0o300)
for i in range(100):
    open("d/dark/f%d" % i, "wb").write(bytes(1 << 19))
time.sleep(20)'
	equals "$stderr" "ab-jail: agent reached its limit of 1048576 bytes or files in its directory"
	# What is deep, and what has no rights.
	bare 0 -- /usr/bin/python3 -c 'import os
os.mkdir("shut")
open("shut/f", "w")
os.mkdir("dark", 0o300)
open("dark/f", "w")
os.umask(0o777)
os.mkdir("none")
os.umask(0)
for i in range(20):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
    open("f", "w")
    os.symlink("/etc/passwd", "l")
os.mkdir("last", 0)'
}

@test "its directory has a size, and is removed whatever the agent made of it" {
	both full
}

@test "--no-exec and --events hold there, too" {
	both bare 0 --no-exec -- cat
	bare 0 --events events -- cat
	both bare 126 --no-exec -- sh -c 'exec cat'
}

# noexec COMMAND...: where ./tmp is mounted without execution, and ./tmp/on with it.
noexec() {
	# shellcheck disable=SC2016  # expanded there
	unshare -m sh -c 'mount -t tmpfs -o noexec,mode=1777 none tmp && mkdir -m 777 tmp/rw tmp/rw/on &&
		mount --bind tmp/rw/on tmp/rw/on && mount -o remount,bind,exec tmp/rw/on &&
		if [ "$1" = off ]; then umount tmp/rw/on; shift; fi && exec "$@"' sh "$@"
}

no_jit() {
	local as="" rw why="what the agent writes there could be mapped as code: in tier 2 --no-jit needs a file system that is mounted noexec"
	[ -z "${AS:-}" ] || as="setpriv --reuid $AB_USER_ID --regid $AB_USER_ID --clear-groups" # no function there
	bare 125 --no-jit -- ./code
	contains "$stderr" "$PWD/tmp: $why; let TMPDIR be on one"
	bare 125 --no-jit --no-exec -- ./code
	export TMPDIR=$PWD/tmp
	run -0 --separate-stderr noexec $as ./contain ab-jail --require-tier 2 --no-jit -- ./code </dev/null
	equals "$(grep '^not ok' <<<"$output")" ""
	equals "${lines[-1]}" "# 0 open"
	run -0 --separate-stderr noexec off $as ./contain ab-jail --require-tier 2 --no-jit --no-exec --rw tmp/rw -- ./code </dev/null
	equals "${lines[-1]}" "# 0 open"
	mkdir -p -m 777 dir
	for rw in dir tmp/rw; do
		run -125 --separate-stderr noexec $as ./contain ab-jail --require-tier 2 --no-jit --rw $rw -- ./code </dev/null
		contains "$stderr" "$PWD/$rw: $why"
	done
}

@test "--no-jit is refused where what the agent writes could be mapped as code, and holds elsewhere" {
	needs_root # to mount
	both no_jit
}

@test "what cannot be shown is refused: a path at another place" {
	echo x >file
	bare 125 --ro file:/input -- true
	contains "$stderr" "$PWD/file: tier 2 cannot show it as /input, only at its own path"
	bare 125 --listen 8080:/run/none -- true
	mkdir tree && ab-bundle create tree b >identity
	both bare 125 --input b -- true
	contains "$stderr" "tier 2 cannot show a bundle at /input: unpack it with ab-bundle extract and show that at its own path"
	bare 0 --ro file -- cat "$PWD/file"
	equals "$output" x
	mkdir -m 777 out
	bare 0 --rw out -- tee "$PWD/out/f"
	[ -f out/f ]
}

@test "the receipt says tier 2, why, and what holds in place of namespaces" {
	ab-audit keygen --name test --key ./key >/dev/null
	ab-audit init --log ./log --key ./key >/dev/null
	export AB_AUDIT_KEY_FILE=$PWD/key XDG_RUNTIME_DIR=
	eval "$(ab-audit begin --log ./log --type test)"
	run -0 bash -c 'echo x | ./contain ab-jail --require-tier 2 -- cat'
	equals "$(tail -1 "$AB_RECEIPTS" | python3 -c 'import json, sys
i = json.load(sys.stdin)["facts"]["isolation"]
m = i["mechanisms"]
print(i["tier"], m["namespaces"]["state"], m["root"]["state"], m["tmp"]["state"], m["shm"]["state"], m["network"]["state"])')" \
		"2 absent degraded degraded absent enforced"
	tail -1 "$AB_RECEIPTS" | env -u AB_RECEIPTS -u AB_RUN ab-validate --schema "$AB_TOP/schemas/receipt.schema.json" >/dev/null
	rm -rf "${AB_RECEIPTS%/*}"
}

@test "the AppArmor profile that lets ab-jail make namespaces is one, and is installed" {
	needs apparmor_parser
	local profile=$AB_TOP/share/apparmor/ab-jail
	if [ -e /etc/apparmor.d/abi/4.0 ]; then
		run -0 apparmor_parser -Q -K "$profile"
	else
		# A parser before 4.0 knows neither this ABI nor rules for user namespaces.
		grep -q '^	userns,$' "$profile"
		sed '/^abi /d; /^	userns,$/d' "$profile" >profile
		run -0 apparmor_parser -Q -K profile
	fi
	"$AB_TOP/tests/install.sh" install "$AB_BUILD" "$PWD/root" >/dev/null
	cmp "$profile" root/share/agentbox/apparmor/ab-jail
}
