#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""order.py BUILD >lib/musl/order.ld: asks a jail of /usr/bin/true which functions it calls (a breakpoint at the start
of each, taken away as it is hit), beside another jail, whose control group is looked at, and has the linker put them
side by side. For x86-64; to be run where ab-jail is linked with musl, and anew when what it calls has changed: an old
list costs a few page faults."""
import bisect
import ctypes
import os
import re
import signal
import subprocess
import sys
import tempfile

PTRACE_TRACEME, PTRACE_CONT, PTRACE_GETREGS, PTRACE_SETREGS, PTRACE_DETACH = 0, 7, 12, 13, 17
PTRACE_SETOPTIONS, OPTIONS = 0x4200, 0x100000 | 2 | 4 | 8 | 16  # EXITKILL, and a stop at fork, vfork, clone, exec
EXEC = 4
RIP = 16  # its place among x86-64's registers
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
Registers = ctypes.c_ulonglong * 27

HEAD = """\
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made by order.py. A page that is not there yet costs as much as twenty system calls, and the kernel maps sixteen
 * side by side at once: what a start needs stands together, first what the supervisor alone calls, last what the
 * jail's other processes do; what they need begins with such sixteen pages. Constants go before the code, beside the
 * headers: a mapping less, which each process would have. Of the variables the largest, which a short run does not
 * touch, comes last: what is touched then lies in the two megabytes of one page of the page table, of which the
 * supervisor and the first process have one each.
 */
SECTIONS
{
	.rodata : {
		*(.rodata.str* .rodata.*.str*)
		*(.rodata.ab_agent_filter .rodata.ab_supervisor_filter .rodata.ab_init_filter)
		*(EXCLUDE_FILE(%(cold)s) .rodata
		  EXCLUDE_FILE(%(cold)s) .rodata.*)
		*(.rodata .rodata.*)
	}
	.eh_frame : { *(.eh_frame .eh_frame.*) }
} INSERT AFTER .rela.dyn;
SECTIONS
{
	.fini : { KEEP(*(.fini)) }
	.text : {
"""
TAIL = """\
		*(.text.unlikely .text.unlikely.* .text .text.*)
	}
} INSERT AFTER .init;
SECTIONS
{
	.bss : {
		*(.dynbss .bss .bss.*)
		*files.o(COMMON)
		*heap.o(COMMON)
		*(COMMON)
	}
} INSERT AFTER .data;
"""
RUNS = 5  # what a process calls last, it may be killed before
ROOM = 65536 - 4096  # of what the supervisor alone calls in sixteen pages, behind .init, .fini and what is split off
ALIGN = "\t\t. = ALIGN(65536);"
CLONE = "*libc.a:clone.*"  # begins in one process and ends in two
# Large tables that a start does not look at.
COLD = "*profile.o *event.o *filter.o *hooks.o *secret.o *print.o *isw*.lo *tow*.lo *log*.lo"


class Tracer:
    """Runs a program and what it forks, up to an exec. hits: address -> which of the processes came by."""

    def __init__(self, program, arguments, addresses):
        self.program = os.path.realpath(program)
        self.addresses = sorted(addresses)
        self.base = None
        self.first = {}
        self.hits = {}
        self.known = []
        child = os.fork()
        if child == 0:
            libc.ptrace(PTRACE_TRACEME, 0, None, None)
            os.kill(os.getpid(), signal.SIGSTOP)
            os.execv(self.program, [self.program] + arguments)
        os.waitpid(child, 0)
        libc.ptrace(PTRACE_SETOPTIONS, child, None, OPTIONS)
        self.known.append(child)
        self.go_on(child)

    def go_on(self, pid, number=0):
        libc.ptrace(PTRACE_CONT, pid, None, number)

    def arm(self, pid):
        with open("/proc/%d/mem" % pid, "r+b", buffering=0) as memory:
            for a in self.addresses:
                memory.seek(self.base + a)
                if a not in self.first:
                    self.first[a] = memory.read(1)
                    memory.seek(self.base + a)
                memory.write(b"\xcc")

    def began(self, pid):
        if self.base is not None:
            libc.ptrace(PTRACE_DETACH, pid, None, None)  # the agent's own
            return
        with open("/proc/%d/maps" % pid) as maps:
            self.base = min(int(line.split("-")[0], 16) for line in maps if self.program in line)
        self.arm(pid)
        self.go_on(pid)

    def hit(self, pid):
        registers = Registers()
        libc.ptrace(PTRACE_GETREGS, pid, None, registers)
        at = registers[RIP] - 1 - self.base
        if at in self.first:
            self.hits.setdefault(at, set()).add(self.known.index(pid))
            with open("/proc/%d/mem" % pid, "r+b", buffering=0) as memory:
                memory.seek(self.base + at)
                memory.write(self.first[at])
            registers[RIP] -= 1
            libc.ptrace(PTRACE_SETREGS, pid, None, registers)
        self.go_on(pid)

    def run(self):
        while True:
            pid, status = os.waitpid(-1, 0x40000000)
            if not os.WIFSTOPPED(status):
                if pid == self.known[0]:
                    return self.hits  # the supervisor, which has waited for the others
                continue
            if pid not in self.known:
                self.known.append(pid)
                self.arm(pid)
            number = os.WSTOPSIG(status)
            if status >> 16 == EXEC:
                self.began(pid)
            elif number == signal.SIGTRAP and not status >> 16:
                self.hit(pid)
            else:
                self.go_on(pid, 0 if number in (signal.SIGTRAP, signal.SIGSTOP) else number)


def sections_of(text):
    """From the linker's map: (address, size, section, file) of each piece of code."""
    name, found = None, []
    for line in text[text.index("Linker script and memory map"):].splitlines():
        alone = re.match(r"^ (\.\S+)$", line)
        if alone:
            name = alone[1]
            continue
        piece = re.match(r"^ (\.\S+)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S+)$", line)
        if piece:
            section, name = piece[1] or name, None
            if section and section.startswith(".text") and int(piece[3], 16):
                found.append((int(piece[2], 16), int(piece[3], 16), section, piece[4]))
    return sorted(found)


def pattern(section, file):
    """As the linker knows it also where a compiler has split it elsewhere."""
    member = re.search(r"libc\.a\((\w+)\.", file)
    if member:
        return "*libc.a:%s.*(%s)" % (member[1], section)
    if file.endswith("crt1.o"):
        return "*crt1.o(%s)" % section
    plain = re.sub(r"\.(constprop|isra|part)\.\d+", "", section)
    return "*(%s %s.*)" % (plain, plain)


def pieces_called(pieces, hits):
    starts, called = [p[0] for p in pieces], {}
    for at, by in hits.items():
        piece = pieces[bisect.bisect_right(starts, at) - 1]
        if piece[0] <= at < piece[0] + piece[1]:
            called.setdefault(piece, set()).update(by)
    return called


def print_group(pieces):
    for line in dict.fromkeys(pattern(p[2], p[3]) for p in pieces):
        print("\t\t" + line)


def main():
    program = os.path.join(sys.argv[1], "bin", "ab-jail")
    with tempfile.NamedTemporaryFile("r") as linked:
        subprocess.run(["rm", "-f", program], check=True)
        subprocess.run(["make", "-s", "BUILD=" + sys.argv[1], "LDFLAGS=-Wl,-Map=" + linked.name, program], check=True)
        pieces = sections_of(linked.read())
    symbols = subprocess.run(["nm", program], stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    addresses = {int(w[0], 16) for w in (line.split() for line in symbols) if len(w) == 3 and w[1] in "tTwW"}
    other = subprocess.Popen([program, "--", "/usr/bin/sleep", "60"], stdin=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    called, runs = {}, [Tracer(program, ["--", "/usr/bin/true"], addresses).run() for _ in range(RUNS)]
    other.terminate()
    other.wait()
    for hits in runs:
        for piece, by in pieces_called(pieces, hits).items():
            called.setdefault(piece, set()).update(by)
    print(HEAD % {"cold": COLD}, end="")
    for piece, by in called.items():
        by.update({1} if pattern(piece[2], piece[3]).startswith(CLONE) else ())
    groups = ([p for p, by in called.items() if by == {0}], [p for p, by in called.items() if 0 in by and by != {0}],
              [p for p, by in called.items() if 0 not in by])
    room, kept = ROOM, 0
    while kept < len(groups[0]) and room >= groups[0][kept][1]:
        room -= (groups[0][kept][1] + 15) & ~15
        kept += 1
    print_group(groups[0][:kept])
    print(ALIGN)
    print_group(groups[1] + groups[2] + groups[0][kept:])
    print(TAIL, end="")


main()
