#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hostile.py ACT: one hostile act. What the jail forbids ends it with a traceback and status 1."""
import os
import signal
import socket
import sys


def spread(depth):
    """Leaves children that belong to nobody and do not want to end."""
    for _ in range(depth):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                    signal.signal(s, signal.SIG_IGN)
                signal.pause()
            os._exit(0)


def fork_for_ever():
    while True:
        try:
            os.fork()
        except OSError:
            pass


def allocate_for_ever():
    held = []
    while True:
        try:
            held.append(bytearray(1 << 20))
        except MemoryError:  # one process may not have more: what it has is over the limit of all
            pass


def print_for_ever():
    while True:
        os.write(1, b"x" * 65536)


def close_output():
    os.write(1, b'{"half":')
    os.close(1)


def read_all():
    return sys.stdin.buffer.read()


ACTS = {
    "socket": lambda: socket.create_connection(("127.0.0.1", 9)),
    "unix-socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
    "read-home": lambda: open(os.path.expanduser("~root/.bashrc" if len(sys.argv) < 3 else sys.argv[2])).read(),
    "write-outside": lambda: open("/usr/lib/evil" if len(sys.argv) < 3 else sys.argv[2], "w"),
    "shell": lambda: os.execv("/bin/sh", ["sh", "-c", "echo out"]),
    "own-program": lambda: (open("/tmp/x", "w").write("#!/usr/bin/python3\nprint(1)\n"), os.chmod("/tmp/x", 0o755),
                            os.execv("/tmp/x", ["x"])),
    "fork": fork_for_ever,
    "allocate": allocate_for_ever,
    "sleep": signal.pause,
    "sleep-deaf": lambda: (spread(int(sys.argv[2])), signal.pause()),
    "print": print_for_ever,
    "half": lambda: os.write(1, b'{"review_status": "appro'),
    "exit-3": lambda: (os.write(1, b"{}"), os._exit(3)),
    "die": lambda: (os.write(1, b"{}"), os.kill(os.getpid(), signal.SIGSEGV)),
    "close-output": close_output,
    "unread": lambda: os.write(1, b"{}"),
    "secrets-to-stderr": lambda: (os.write(2, read_all()), os.write(1, b"{}")),
    "stderr-for-ever": lambda: [os.write(2, b"e" * 65536) for _ in range(64)] and os.write(1, b"{}"),
    "daemons": lambda: (spread(int(sys.argv[2])), os.write(1, b"{}")),
    "environment": lambda: os.write(1, "\n".join(sorted(k + "=" + v for k, v in os.environ.items())).encode()),
    "parent-environment": lambda: open("/proc/1/environ", "rb").read(),
    "descriptors": lambda: os.write(1, " ".join(sorted(os.listdir("/proc/self/fd"), key=int)).encode()),
    "root": lambda: os.write(1, " ".join(sorted(os.listdir("/"))).encode()),
    "fill-tmp": lambda: [open("/tmp/%d" % i, "wb").write(b"x" * (1 << 20)) for i in range(1000)],
    "fill-inodes": lambda: [os.close(os.open("/tmp/%d" % i, os.O_CREAT | os.O_WRONLY)) for i in range(100000)],
    "echo": lambda: os.write(1, read_all()),
}

ACTS[sys.argv[1]]()
