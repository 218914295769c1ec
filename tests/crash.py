#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""crash.py kill ROUNDS: kills a writer at random moments; nothing acknowledged may be lost.
crash.py inject WHAT FAULT: makes each file system call of one command fail in turn (strace), where WHAT is record
or append and FAULT error=EIO, error=ENOSPC or signal=KILL.

Runs in a directory that holds a key `k` and a log `L` of 255 records, so that one more finishes a tile."""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys

CALLS = ("openat read write lseek fstat newfstatat fsync fdatasync rename renameat mkdirat unlink unlinkat "
         "ftruncate flock close getdents64 fcntl faccessat faccessat2 fchmod").split()
KEY = ["--log", "L", "--key", "k"]


def verify(size, *more):
    """The log must be good and hold at least `size` records."""
    return subprocess.run(["ab-audit", "verify", "--log", "L", "--min-size", str(size), *more], capture_output=True)


def must(ok, *what):
    if not ok:
        print("BAD", *what)
        sys.exit(1)


def acknowledged(text):
    """The records that were promised; a last line that was cut short is no promise."""
    return [json.loads(line) for line in text.split(b"\n")[:-1]]


def leaf(index):
    """The leaf hash in the public tiles."""
    tile, at = divmod(index, 256)
    base = "L/tile/0/%03d" % tile
    if not os.path.exists(base):
        base += ".p/" + max(os.listdir(base + ".p"), key=int)
    with open(base, "rb") as f:
        return "sha256:" + f.read()[32 * at:32 * at + 32].hex()


def kill(rounds):
    rng = random.Random(1)
    size, promised = 255, {}
    for r in range(rounds):
        p = subprocess.Popen(["ab-audit", "record", "--lines", *KEY], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        burst = rng.choice((1, 1, 3, 40, 300))
        got = b""
        for i in range(rng.randrange(4)):
            p.stdin.write(b'{"round":%d}\n' % r * burst)
            p.stdin.flush()
            if rng.random() < 0.5:
                got += p.stdout.readline()
        # A busy wait of up to a few milliseconds, so that the kill meets every part of a commit.
        for _ in range(rng.randrange(60000)):
            pass
        p.send_signal(signal.SIGKILL)
        p.stdin.close()
        got += p.stdout.read()
        p.wait()
        for a in acknowledged(got):
            must(promised.setdefault(a["index"], a["leaf"]) == a["leaf"], "two records", a)
            size = max(size, a["index"] + 1)
        result = verify(size, *(["--old", "old"] if r else []))
        must(result.returncode == 0, "round", r, size, result)
        shutil.copy("L/checkpoint", "old")
    subprocess.run(["ab-audit", "record", *KEY], input=b"0", stdout=subprocess.DEVNULL, check=True)
    for index, hash_ in promised.items():
        must(leaf(index) == hash_, "record", index, "is another one")
    print("%d rounds, %d acknowledged, none lost" % (rounds, len(promised)))


def environment():
    """A begun run, for append."""
    text = subprocess.run(["ab-audit", "begin", "--type", "t", *KEY], capture_output=True, check=True).stdout.decode()
    return dict(os.environ, **dict(re.findall(r"(AB_\w+)='([^']*)'", text)))


def calls_of(command, env):
    """How often the command makes each call."""
    subprocess.run(["strace", "-f", "-o", "trace", *command], input=b'"doc"', env=env, capture_output=True, check=True)
    names = re.findall(r"^\d+ +(\w+)\(", open("trace").read(), re.M)
    return {c: names.count(c) for c in CALLS if c in names}


def check_after(what, before, result, place):
    passed = result.returncode == 0
    size = before
    if what == "record":
        for a in acknowledged(result.stdout):
            size = max(size, a["index"] + 1)
        must(not passed or size == before + 1, place, "success without a record", result)
    elif result.stdout:
        must(result.stdout == b'"doc"', place, "half a document", result)
        must(verify(before).returncode == 0, place, "output without a record", result, verify(before))
    # Whatever happened, the log is good, and goes on.
    again = subprocess.run(["ab-audit", "record", *KEY], input=b"1", capture_output=True)
    must(again.returncode == 0, place, "the next writer", result, again)
    result = verify(size + 1, "--allow-open", "1h")
    must(result.returncode == 0, place, result)


def inject(what, fault):
    shutil.copytree("L", "start", symlinks=True)
    command = ["ab-audit", what, *KEY]
    cases = 0

    def fresh():
        shutil.rmtree("L")
        shutil.copytree("start", "L", symlinks=True)
        return environment() if what == "append" else dict(os.environ)

    for call, n in calls_of(command, fresh()).items():
        for when in range(1, n + 1):
            env = fresh()
            before = int(open("L/checkpoint").read().split("\n")[1])
            result = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                                     "inject=%s:%s:when=%d" % (call, fault, when), *command],
                                    input=b'"doc"', env=env, capture_output=True)
            check_after(what, before, result, "%s %s %d:" % (fault, call, when))
            cases += 1
    print("%d cases, none lost" % cases)


if __name__ == "__main__":
    {"kill": lambda n: kill(int(n)), "inject": inject}[sys.argv[1]](*sys.argv[2:])
