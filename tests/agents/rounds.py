#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rounds.py N MARK COMMAND...: runs the command N times, and ends its first process by a signal at a random moment.
After each, no process that has MARK in its command line may be left, and output only if it passed."""
import glob
import os
import random
import signal
import subprocess
import sys
import time


def left(mark):
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as f:
                words = f.read().split(b"\0")
        except OSError:
            continue
        if mark in words and not words[1].endswith(b"rounds.py") and b"rounds.py" not in words[0]:
            found.append(path)
    return found


def one(mark, command):
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
        time.sleep(random.random() * 0.15)
        number = random.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
        p.send_signal(number)
        out = p.communicate(timeout=60)[0]
    end = time.monotonic() + 60
    while left(mark):
        if time.monotonic() > end:
            sys.exit("left after %s: %s" % (number, left(mark)))
    if p.returncode not in (-number, 128 + number, 0) or (out and p.returncode != 0):
        sys.exit("after %s: status %d, output %s" % (number, p.returncode, out[:60]))


def main():
    random.seed(os.environ.get("SEED", sys.argv[1]))
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, signal.SIG_DFL)
    for _ in range(int(sys.argv[1])):
        one(sys.argv[2].encode(), sys.argv[3:])


main()
