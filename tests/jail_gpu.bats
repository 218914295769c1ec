# SPDX-License-Identifier: Apache-2.0
# --gpu: what is shown of a machine with NVIDIA's driver (regular files stand for its nodes, in the test build
# alone), and that a machine without one is refused.
load lib

setup() {
	WEAK=$AB_BUILD/weak/bin/ab-jail
	# The ordinary user has to reach it, and bats' own directory is closed to all others.
	TOP=$(mktemp -d /tmp/ab-gpu-XXXXXX)
	chmod 755 "$TOP"
	cd "$TOP"
	mkdir -p root/dev/nvidia-caps root/dev/dri root/usr/lib64 root/usr/share/nvidia
	for n in nvidia0 nvidia1 nvidiactl nvidia-uvm nvidia-uvm-tools nvidia-modeset nvidia-caps/nvidia-cap1 dri/card0 nvidia-other nvidiaX sda; do
		echo "$n" >"root/dev/$n"
	done
	for n in libcuda.so.1 libcuda.so.550.54 libnvidia-ml.so.1 libnvidia-glcore.so.550.54 libother.so.1; do echo "$n" >"root/usr/lib64/$n"; done
	echo profile >root/usr/share/nvidia/p
	export AB_GPU_ROOT=$TOP/root
}

teardown() { rm -rf "$TOP"; }

@test "nodes and driver are shown, and nothing beside them" {
	shows() {
		run -0 --separate-stderr ${AS:-} "$WEAK" --gpu --exec sort -- find /dev /usr/lib64 /usr/share/nvidia -name '*nvidia*' -o -name 'lib*' -o -name card0 -o -name sda
		equals "$stderr" ""
		equals "$(sort <<<"$output" | grep -vx -e '.*ld-linux.*' -e /usr/lib64)" "/dev/nvidia-caps
/dev/nvidia-caps/nvidia-cap1
/dev/nvidia-modeset
/dev/nvidia-uvm
/dev/nvidia-uvm-tools
/dev/nvidia0
/dev/nvidia1
/dev/nvidiactl
/usr/lib64/libcuda.so.1
/usr/lib64/libcuda.so.550.54
/usr/lib64/libnvidia-ml.so.1
/usr/share/nvidia"
		run -0 --separate-stderr ${AS:-} "$WEAK" --gpu -- cat /dev/nvidia0 /dev/nvidia-caps/nvidia-cap1 /usr/share/nvidia/p
		equals "$output" "nvidia0
nvidia-caps/nvidia-cap1
profile"
	}
	both shows
}

@test "only the nodes may be devices, and nothing of it is written or, of the nodes, executed" {
	flags() {
		run -0 --separate-stderr ${AS:-} "$WEAK" --gpu -- cat /proc/self/mountinfo
		python3 -c 'import sys
for line in sys.stdin:
    w = line.split(); o = w[5].split(",")
    if w[4] in ("/dev/shm", "/tmp"):
        continue
    assert "ro" in o and "nosuid" in o, line
    node = w[4].startswith("/dev/nvidia")
    plain = w[4] in ("/dev/null", "/dev/full", "/dev/random", "/dev/urandom")
    assert ("nodev" in o) == (not node and not plain), line
    assert not node or "noexec" in o, line' <<<"$output"
		contains "$output" " /dev/nvidia0 "
		run -1 ${AS:-} "$WEAK" --gpu -- tee /dev/nvidia0 /usr/share/nvidia/p </dev/null
	}
	both flags
}

@test "a device is one in the jail: it is opened, written, and asked what the driver is asked" {
	rm root/dev/nvidia0 root/dev/nvidia1
	ln -s /dev/null root/dev/nvidia0
	ln -s /dev/full root/dev/nvidia1
	asks() {
		run -0 --separate-stderr ${AS:-} "$WEAK" --gpu -- python3 -ISc 'import errno, fcntl, os, stat
print(stat.S_ISCHR(os.stat("/dev/nvidia0").st_mode))
null, full = (os.open("/dev/nvidia%d" % n, os.O_RDWR) for n in (0, 1))
print(os.write(null, b"x"))
def error(f, *args):
    try:
        f(*args)
    except OSError as e:
        return errno.errorcode[e.errno]
print(error(os.write, full, b"x"))
for request in 0xc020462a, 37, 0x30000001, 0x5412, 0x541c, 0x8912, 0x4600, 128:
    print(error(fcntl.ioctl, null, request, 0))
print(error(os.chmod, "/dev/nvidia0", 0o666), error(os.unlink, "/dev/nvidia0"))'
		# What reached the device is ENOTTY of it, what did not is EPERM.
		equals "$output" "True
1
ENOSPC
ENOTTY
ENOTTY
ENOTTY
EPERM
EPERM
EPERM
EPERM
EPERM
EROFS EROFS"
	}
	both asks
}

@test "the jail is proved as without it, and the receipt names it" {
	run -0 --separate-stderr "$WEAK" --gpu --self-test --json
	equals "$(python3 -c 'import json, sys
r = json.load(sys.stdin)
print(r["passed"], r["isolation"]["mechanisms"]["gpu"]["state"], [c["name"] for c in r["checks"] if c["state"] == "failed"])' <<<"$output")" "True degraded []"
	run -0 --separate-stderr "$WEAK" --gpu --no-exec --no-jit -- cat <<<x
	equals "$output" x
}

@test "nodes are no part of the digest, the driver is" {
	is=$("$WEAK" --gpu --print-digest -- cat)
	echo other >root/dev/nvidia1
	equals "$("$WEAK" --gpu --print-digest -- cat)" "$is"
	echo other >root/usr/lib64/libcuda.so.1
	[ "$("$WEAK" --gpu --print-digest -- cat)" != "$is" ]
}

@test "a machine without a device is refused by name" {
	unset AB_GPU_ROOT
	if [ ! -e /dev/nvidiactl ]; then
		for jail in ab-jail "$WEAK"; do
			run -125 --separate-stderr "$jail" --gpu -- true </dev/null
			equals "$output" ""
			equals "$stderr" "ab-jail: --gpu: /dev/nvidiactl: not there: this machine has no NVIDIA device, or its driver is not loaded"
		done
		# The release has no other place to look for it.
		AB_GPU_ROOT=$TOP/root run -125 ab-jail --gpu -- true </dev/null
	fi
	rm root/dev/nvidia0 root/dev/nvidia1
	AB_GPU_ROOT=$TOP/root run -125 --separate-stderr "$WEAK" --gpu -- true </dev/null
	contains "$stderr" "--gpu: /dev/nvidia0: no device beside /dev/nvidiactl"
}

@test "what does not go with it is refused by name" {
	run -125 --separate-stderr "$WEAK" --gpu --events log -- true </dev/null
	equals "$stderr" "ab-jail: --gpu goes with neither --events nor --on"
	run -125 --separate-stderr "$WEAK" --gpu --on EXEC=kill -- true </dev/null
	equals "$stderr" "ab-jail: --gpu goes with neither --events nor --on"
	mkdir image && cp "$AB_BUILD/agents/exec" image/
	run -125 --separate-stderr "$WEAK" --gpu --root image -- /exec </dev/null
	contains "$stderr" "--gpu: with --root"
	run -125 --separate-stderr "$WEAK" --gpu --print-seccomp json
	contains "$stderr" "--print-seccomp: with --gpu only as bpf"
	"$WEAK" --gpu --print-seccomp bpf >gpu && "$WEAK" --print-seccomp bpf >plain
	! cmp -s gpu plain
	cp "$AB_BUILD/agents/contain" .
	run -125 --separate-stderr ./contain "$WEAK" --require-tier 2 --gpu -- cat </dev/null
	contains "$stderr" "--gpu"
}
