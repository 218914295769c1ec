# SPDX-License-Identifier: Apache-2.0
# ab-jail --print-seccomp: the agent's filter in other programs' forms.

load lib

setup() { cd "$BATS_TEST_TMPDIR"; }

@test "the profile has the keys that container runtimes know, and says what the filter does" {
	[ "$(uname -m)" = x86_64 ] || skip "the numbers of this test are x86-64's"
	[ -r /usr/include/x86_64-linux-gnu/asm/unistd_64.h ] || skip "no <asm/unistd_64.h>"
	ab-jail --print-seccomp json >profile.json
	ab-jail --print-seccomp bpf >filter.bpf
	cat >compare.py <<-'P'
		import itertools, json, re, struct
		p = json.load(open("profile.json"))
		assert set(p) == {"defaultAction", "defaultErrnoRet", "architectures", "syscalls"}, p.keys()
		assert p["defaultAction"] == "SCMP_ACT_ERRNO" and p["defaultErrnoRet"] == 1 and p["architectures"] == ["SCMP_ARCH_X86_64"]
		for s in p["syscalls"]:
		    assert set(s) <= {"names", "action", "errnoRet", "args"}, s
		    for a in s.get("args", []):
		        assert set(a) == {"index", "value", "valueTwo", "op"}, a
		    # Of two conditions on one argument, a runtime would ask for either.
		    assert len({a["index"] for a in s.get("args", [])}) == len(s.get("args", [])), s
		code = list(struct.iter_unpack("<HBBI", open("filter.bpf", "rb").read()))

		def bpf(nr, args):
		    data = struct.pack("<iIQ6Q", nr, 0xc000003e, 0, *args)
		    a = at = 0
		    while True:
		        op, jt, jf, k = code[at]
		        at += 1
		        if op == 0x20: a = struct.unpack_from("<I", data, k)[0]
		        elif op == 0x54: a &= k
		        elif op == 0x15: at += jt if a == k else jf
		        elif op == 0x35: at += jt if a >= k else jf
		        elif op == 0x05: at += k
		        else:
		            assert op == 0x06, hex(op)
		            return {0x7fff0000: "allow", 0x50001: "EPERM", 0x50026: "ENOSYS"}[k]

		def says(a, args):
		    x = args[a["index"]]
		    if a["op"] == "SCMP_CMP_NE":
		        return x != a["value"]
		    if a["op"] == "SCMP_CMP_EQ":
		        return x == a["value"]
		    assert a["op"] == "SCMP_CMP_MASKED_EQ"
		    return x & a["value"] == a["valueTwo"]

		def profile(name, args):
		    for s in p["syscalls"]:
		        if name in s["names"] and all(says(a, args) for a in s.get("args", [])):
		            return "allow" if s["action"] == "SCMP_ACT_ALLOW" else {38: "ENOSYS"}[s["errnoRet"]]
		    return "EPERM"

		values = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 22, 0x21, 0x22, 0x1f, 0x7f, 0x800, 0x80000, 0x1000, 0x11a4, 0x2000, 0x6000, 0x3d0f00, 0x10000011,
		          0x20011, 0x5401, 0x540f, 0x5412, 0x5413, 0x541c, 0x541b, 0x5421, 0x5450, 0x5451, 0x53564d41, 0x400000, 0xffffffff,
		          10, 12, 15, *range(0x400, 0x412)}
		numbers = {m[0]: int(m[1]) for m in re.findall(r"__NR_(\w+) (\d+)", open("/usr/include/x86_64-linux-gnu/asm/unistd_64.h").read())}
		asked = 0
		for name, nr in numbers.items():
		    for a, b, c in itertools.product(values, values, (0, 1, 7, 1 << 32)):
		        for args in ((a, b, c, 0x22, 0, 0), (a, b, 3, c * 3 & 0x21, 0, 0)):
		            want, got = bpf(nr, args), profile(name, args)
		            assert got == want, (name, [hex(x) for x in args], want, got)
		            asked += 1
		        if name not in {n for s in p["syscalls"] if "args" in s for n in s["names"]}:
		            break
		print(asked > 50000)
	P
	run -0 python3 compare.py
	equals "$output" True
}

@test "bubblewrap takes the filter" {
	needs bwrap
	ab-jail --print-seccomp bpf >filter.bpf
	run -0 bwrap --ro-bind / / --seccomp 5 -- /usr/bin/python3 -c 'import socket
try:
    socket.socket()
except PermissionError:
    print("no socket")' 5<filter.bpf
	equals "$output" "no socket"
}
