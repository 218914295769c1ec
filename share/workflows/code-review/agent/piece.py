# SPDX-License-Identifier: Apache-2.0
"""A piece of a file's new side, the whole of it or one hunk, with what checks ask of it: where a block ends, what
stands around a line."""
import re
import lexer

LOOK = 80           # lines that a check looks ahead or back at most, so that its cost stays linear
BRACES = re.compile(r"[{}]")
CODE_LINE = 1000    # what is longer was not written by hand: rules see the start
RUST_TEST = re.compile(r"#\[(?:cfg\(test\)|(?:\w+::)?test\b|bench\b)")


def clipped(text):
    return text.rstrip("\r")[:CODE_LINE]


class Piece:
    """`lines` are consecutive diff.Line; `is_whole` says that they are the whole file. `is_added` tells of each line
    whether the change brought it; code, text and comment are what it holds of these."""

    def __init__(self, language, path, lines, is_whole, heading=""):
        self.language, self.path, self.is_whole, self.heading = language, path, is_whole, heading
        self.lines = lines
        self.raw = [clipped(x.text) for x in lines]
        self.views = lexer.views(language, self.raw, bool(lines) and lines[0].number <= 1)
        self.code = [v.code for v in self.views]
        self.text = [v.text for v in self.views]
        self.comment = [v.comment for v in self.views]
        self.is_added = [x.kind == "+" for x in lines]
        self.joined = "\n".join(self.code)
        self._depth = self._starts = self._tests = None

    def __len__(self):
        return len(self.lines)

    def begins(self):
        """Whether the first line of the file is here."""
        return bool(self.lines) and self.lines[0].number == 1

    def indent(self, i):
        return len(self.code[i]) - len(self.code[i].lstrip())

    def line_of(self, offset):
        """The number of the line that holds this offset of `joined`."""
        if self._starts is None:
            self._starts, at = [], 0
            for x in self.code:
                self._starts.append(at)
                at += len(x) + 1
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= offset else (low, middle)
        return low

    def depth(self, i):
        """How many braces are open before line i."""
        if self._depth is None:
            self._depth, depth = [], 0
            for x in self.code:
                self._depth.append(depth)
                depth += x.count("{") - x.count("}")
            self._depth.append(depth)
        return self._depth[i]

    def lowest(self, i):
        """The lowest depth that line i comes to."""
        depth = least = self.depth(i)
        for found in BRACES.finditer(self.code[i]):
            depth += 1 if found[0] == "{" else -1
            least = min(least, depth)
        return least

    def after(self, i, most=LOOK):
        """The lines after i of the block that it stands in (with braces), at most so many."""
        level = min(self.depth(i + 1), self.depth(i)) if i + 1 <= len(self) else 0
        for j in range(i + 1, min(len(self), i + 1 + most)):
            if self.lowest(j) < level:
                return
            yield j

    def inside(self, i, most=LOOK):
        """The lines of the block that line i opens (with braces)."""
        level = self.depth(i)
        for j in range(i + 1, min(len(self), i + 1 + most)):
            if self.lowest(j) <= level and self.depth(j) > level and self.code[j].lstrip().startswith("}"):
                return
            if self.depth(j) <= level and j > i + 1:
                return
            yield j

    def indented(self, i, most=LOOK):
        """The lines of the block that line i opens (by indentation)."""
        level = self.indent(i)
        for j in range(i + 1, min(len(self), i + 1 + most)):
            if self.code[j].strip() and self.indent(j) <= level:
                return
            yield j

    def above(self, i, most=LOOK):
        """The lines before i, nearest first."""
        return range(i - 1, max(-1, i - 1 - most), -1)

    def function(self, i, pattern, most=200):
        """The line where the function that line i stands in begins, by its pattern; -1 if it is not here."""
        for j in range(i, max(-1, i - most), -1):
            if pattern.search(self.code[j]) and (j == i or self.depth(j) < self.depth(i)
                                                 or self.indent(j) < self.indent(i)):
                return j
        return -1

    def call(self, i, at, most=20):
        """The text of a call from its opening bracket, over lines if need be."""
        out, depth = [], 0
        for j in range(i, min(len(self), i + most)):
            part = self.text[j][at:] if j == i else self.text[j]
            for k, c in enumerate(part):
                depth += (c in "([{") - (c in ")]}")
                if not depth and c in ")]}":
                    return "\n".join(out + [part[:k + 1]])
            out.append(part)
        return "\n".join(out)

    def comments_above(self, i):
        """The comment on line i and those that stand right above it."""
        out = [self.comment[i]]
        for j in self.above(i, 30):
            if self.code[j].strip() and not self.code[j].lstrip().startswith("#["):
                if j == i - 1:
                    out.append(self.comment[j])
                break
            out.append(self.comment[j])
        return " ".join(out)

    def is_test(self, i):
        """Whether line i stands in a test inside of a file that is none (Rust)."""
        if self._tests is None:
            self._tests, until, waits = [], None, "mod tests" in self.heading
            if waits:
                until, waits = -1, False
            for j, code in enumerate(self.code):
                if until is None and RUST_TEST.search(code):
                    waits = True
                if waits and "{" in code:
                    until, waits = self.depth(j), False
                self._tests.append(until is not None or waits)
                if until is not None and self.depth(j + 1) <= until:
                    until = None
        return self._tests[i]
