# SPDX-License-Identifier: Apache-2.0
"""Reads JSON (RFC 8259) into maps that know their lines. Strict: a key twice, a comma too many or a deep nest is refused."""
import re
from json.decoder import JSONDecodeError, scanstring
from nodes import MAX_DEPTH, MAX_NODES, Map, NotParsed, Seq

BLANK = re.compile(r"[ \t\r\n]*")
NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,40})(\.\d{1,40})?([eE][+-]?\d{1,4})?")
WORDS = (("true", True), ("false", False), ("null", None))


class Parser:
    """One pass over `source`, whose first line has the number `first`."""

    def __init__(self, source, first=1):
        self.source, self.at, self.line, self.nodes = source, 0, first, 0

    def fail(self, reason):
        raise NotParsed(self.line, "JSON: " + reason)

    def move(self, to):
        self.line += self.source.count("\n", self.at, to)
        self.at = to

    def blank(self):
        self.move(BLANK.match(self.source, self.at).end())

    def next(self):
        self.blank()
        return self.source[self.at:self.at + 1]

    def document(self):
        value = self.value(0)
        if self.next():
            self.fail("text after the end of the document")
        return value

    def value(self, depth):
        self.nodes += 1
        if depth > MAX_DEPTH:
            self.fail("nested too deep")
        if self.nodes > MAX_NODES:
            self.fail("too many values")
        first = self.next()
        if first == "{":
            return self.object(depth)
        if first == "[":
            return self.array(depth)
        return self.string() if first == '"' else self.word()

    def word(self):
        for word, value in WORDS:
            if self.source.startswith(word, self.at):
                self.at += len(word)
                return value
        found = NUMBER.match(self.source, self.at)
        if not found:
            return self.fail("a value was expected")
        self.at = found.end()
        return float(found[0]) if found[1] or found[2] else int(found[0])

    def string(self):
        try:
            value, end = scanstring(self.source, self.at + 1, True)
        except JSONDecodeError:
            self.fail("a string that does not end, or holds what it must not")
        self.move(end)
        return value

    def object(self, depth):
        made = Map(self.line)
        self.at += 1
        if self.next() == "}":
            self.at += 1
            return made
        while True:
            if self.next() != '"':
                self.fail("a key was expected")
            line, key = self.line, self.string()
            if key in made:
                self.fail("a key that stands twice")
            if self.next() != ":":
                self.fail("a colon was expected")
            self.at += 1
            made.put(key, self.value(depth + 1), line)
            if self.closed("}"):
                return made

    def array(self, depth):
        made = Seq(self.line)
        self.at += 1
        if self.next() == "]":
            self.at += 1
            return made
        while True:
            self.blank()
            line = self.line
            made.put(self.value(depth + 1), line)
            if self.closed("]"):
                return made

    def closed(self, end):
        """Whether the collection ends here; else a comma stands here."""
        mark = self.next()
        if mark not in (end, ",") or not mark:
            self.fail("a comma or %s was expected" % end)
        self.at += 1
        return mark == end


def parse(source, first=1):
    return Parser(source.lstrip("\ufeff"), first).document()
