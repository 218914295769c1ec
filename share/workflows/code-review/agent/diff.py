# SPDX-License-Identifier: Apache-2.0
"""Reads a unified diff, as git and diff -u write it, into files with the lines of their new side.

It is tolerant: what it does not know is skipped, since a review of the rest is worth more than none.
Inside a hunk the counts of its header rule, so a line of content that looks like a header is content.
"""
import re
from collections import namedtuple

# A line of the new side (of the old side where kind is "-"): its number there and its text.
Line = namedtuple("Line", "number kind text")
HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.{0,200})")
NO_NEWLINE = "\\"


class File:
    """One file of the change. `path` is its name on the new side, or on the old one if it is deleted."""

    def __init__(self):
        self.old = self.new = None
        self.header_names = None
        self.old_mode = self.new_mode = None
        self.is_new = self.is_deleted = self.is_binary = self.is_combined = self.is_renamed = False
        self.hunks = []
        self.headings = []  # of each hunk: the line that git shows as its function

    @property
    def path(self):
        name = self.old if self.is_deleted else self.new or self.old
        return name or (self.header_names or ("", ""))[1]

    def lines(self, kinds):
        """All lines whose kind is one of `kinds`, in order."""
        return [line for hunk in self.hunks for line in hunk if line.kind in kinds]

    @property
    def added(self):
        return self.lines("+")

    @property
    def removed(self):
        return self.lines("-")


def unquote(name):
    """The name that git wrote in C style: "a/\\303\\244" in quotes; any other name as it is."""
    if not (len(name) >= 2 and name[0] == name[-1] == '"'):
        return name
    single = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
    out = bytearray()
    for part in re.findall(r"\\[0-7]{3}|\\.|[^\\]+", name[1:-1]):
        if part[0] != "\\":
            out += part.encode("utf-8", "surrogatepass")
        elif len(part) == 4:
            out.append(int(part[1:], 8) & 255)
        else:
            out.append(single.get(part[1], ord(part[1]) & 255))
    return out.decode("utf-8", "replace")


def side(text):
    """The file name of a --- or +++ line, None for /dev/null."""
    name = text.rstrip("\r")
    if name.startswith('"'):
        end = name.rfind('"')
        name = unquote(name[:end + 1])
    else:
        name = name.split("\t")[0]
    return None if name == "/dev/null" else name


def split_header(text):
    """The two names of "diff --git A B", which may hold blanks: A and B are equal but for the prefix."""
    quoted = re.match(r'("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$', text)
    if quoted:
        return unquote(quoted[1]), unquote(quoted[2])
    middle = len(text) // 2
    if text[middle:middle + 1] == " " and text[:middle][1:] == text[middle + 1:][1:]:
        return text[:middle], text[middle + 1:]
    old, _, new = text.partition(" b/")
    return (old, "b/" + new) if new else (text, text)


def strip_prefixes(old, new):
    """Both names without a/ and b/ (or i/, w/, c/, o/, 1/, 2/); without a change where there are none."""
    def has(name):
        return name is None or re.match(r"[abciow12]/.", name) is not None
    if not (has(old) and has(new)) or (old and new and old[0] == new[0]):
        return old, new
    return old and old[2:], new and new[2:]


class Parser:
    """The state of one pass over the diff's lines."""

    def __init__(self):
        self.files = []
        self.file = None
        self.hunk = None
        self.left_old = self.left_new = 0
        self.old_number = self.new_number = 0

    def start(self, names=None):
        self.file = File()
        self.file.header_names = names
        self.files.append(self.file)
        self.hunk = None

    def feed(self, text):
        if self.left_old > 0 or self.left_new > 0:
            self.content(text)
        elif text.startswith(NO_NEWLINE):
            return
        else:
            self.header(text)

    def content(self, text):
        kind, rest = text[:1] or " ", text[1:]
        if kind == NO_NEWLINE:
            return
        if kind not in "+- ":
            self.left_old = self.left_new = 0  # the hunk is cut short
            self.header(text)
            return
        number = self.old_number if kind == "-" else self.new_number
        self.hunk.append(Line(number, kind, rest))
        if kind != "+":
            self.old_number += 1
            self.left_old -= 1
        if kind != "-":
            self.new_number += 1
            self.left_new -= 1

    def header(self, text):
        if text.startswith("diff --git "):
            self.start(strip_prefixes(*split_header(text[11:].rstrip("\r"))))
        elif text.startswith(("diff --cc ", "diff --combined ")):
            name = unquote(text.split(" ", 2)[2])
            self.start((name, name))
            self.file.is_combined = True
        elif text.startswith("--- "):
            self.old_side(side(text[4:]))
        elif text.startswith("+++ ") and self.file is not None:
            self.new_side(side(text[4:]))
        elif text.startswith("@@ ") and self.file is not None:
            self.hunk_header(text)
        elif self.file is not None and not self.file.hunks:
            self.extended(text)

    def old_side(self, name):
        if self.file is None or self.file.hunks or self.file.header_names is None:
            self.start()
        self.file.old = name

    def new_side(self, name):
        f = self.file
        f.is_new, f.is_deleted = f.is_new or f.old is None, f.is_deleted or name is None
        f.old, f.new = strip_prefixes(f.old, name)

    def hunk_header(self, text):
        found = HUNK.match(text)
        if not found:
            return
        old, old_count, new, new_count, heading = found.groups()
        self.left_old = 1 if old_count is None else int(old_count)
        self.left_new = 1 if new_count is None else int(new_count)
        self.old_number, self.new_number = int(old), int(new)
        self.hunk = []
        self.file.hunks.append(self.hunk)
        self.file.headings.append(heading)

    def extended(self, text):
        """Git's extended header lines."""
        f, text = self.file, text.rstrip("\r")
        if text.startswith("old mode "):
            f.old_mode = text[9:]
        elif text.startswith("new mode "):
            f.new_mode = text[9:]
        elif text.startswith("new file mode "):
            f.is_new, f.new_mode = True, text[14:]
        elif text.startswith("deleted file mode "):
            f.is_deleted, f.old_mode = True, text[18:]
        elif text.startswith("index ") and text[-7:-6] == " ":
            f.new_mode = f.new_mode or text[-6:]
        elif text.startswith(("rename from ", "copy from ")):
            f.is_renamed, f.old = True, unquote(text.split(" ", 2)[2])
        elif text.startswith(("rename to ", "copy to ")):
            f.new = unquote(text.split(" ", 2)[2])
        elif text.startswith(("Binary files ", "GIT binary patch")):
            f.is_binary = True


def parse(text):
    """The files of a diff, in order. Lines end with LF alone: a CR before it stays in the line's text."""
    parser = Parser()
    lines = text.split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    for line in lines:
        parser.feed(line)
    for f in parser.files:
        finish(f)
    return parser.files


def finish(f):
    """Takes names from the header where nothing else gave them."""
    if f.header_names and f.old is None and f.new is None:
        f.old, f.new = f.header_names
    elif f.header_names and f.is_deleted and f.old is None:
        f.old = f.header_names[0]
