# SPDX-License-Identifier: Apache-2.0
"""The tokens of HCL's native syntax: names, numbers, operators, quoted templates and heredocs with their expressions.

A token is (kind, value, line). Kinds: "name", "number", "op", "newline", "template", "end". A template's value is a list
of texts and of token lists; a template directive (%{ if }) is an empty token list: its outcome is not known.
"""
import re
from nodes import MAX_DEPTH, NotParsed

TOKEN = re.compile(r"""
    (?P<blank>(?:[ \t]|\r(?=\n))+) | (?P<newline>\n) | (?P<comment>(?:\#|//)[^\n]*) | (?P<block>/\*.*?\*/)
  | (?P<heredoc><<-?[^\W\d][\w-]*[ \t]*\r?\n) | (?P<name>[^\W\d][\w-]*) | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d{1,4})?)
  | (?P<strip>~(?=\})) | (?P<op>&&|\|\||==|!=|<=|>=|=>|\.\.\.|[-+*/%<>!?:=.,(){}\[\]]) | (?P<quote>")""", re.X | re.S)
QUOTED_TEXT = re.compile(r'(?:[^"\\$%\n]|\\.|[$%](?!\{))+', re.S)
HEREDOC_TEXT = re.compile(r"(?:[^$%]|[$%](?!\{))+", re.S)
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.S)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
MAX_TOKENS = 400000


class Lexer:
    """One pass over `source`."""

    def __init__(self, source, line=1):
        self.source, self.at, self.line, self.tokens = source, 0, line, 0
        self.top = []   # the outermost tokens so far

    def fail(self, reason):
        raise NotParsed(self.line, "HCL: " + reason)

    def run(self, depth=0, nested=False):
        """The tokens up to the end, or up to the brace that closes the template's expression."""
        out, braces = [] if nested else self.top, 0
        if depth > MAX_DEPTH:
            self.fail("nested too deep")
        while self.at < len(self.source):
            found = TOKEN.match(self.source, self.at)
            if not found:
                self.fail("a character that begins nothing")
            kind, value, line = found.lastgroup, found[0], self.line
            self.at = found.end()
            self.tokens += 1
            if self.tokens > MAX_TOKENS:
                self.fail("too many tokens")
            if kind == "quote":
                out.append(("template", self.quoted(depth), line))
            elif kind == "heredoc":
                out.append(("template", self.heredoc(value, depth), line))
                out.append(("newline", "\n", self.line - 1))
            elif kind in ("newline", "block"):
                self.line += value.count("\n")
                if kind == "newline":
                    out.append((kind, value, line))
            elif kind in ("name", "number"):
                out.append((kind, value, line))
            elif kind == "op":
                braces += (value == "{") - (value == "}")
                if nested and braces < 0:
                    return out + [("end", "", line)]
                out.append((kind, value, line))
        if nested:
            self.fail("a template expression that does not end")
        return out + [("newline", "\n", self.line), ("end", "", self.line)]

    def quoted(self, depth):
        parts = []
        while True:
            found = QUOTED_TEXT.match(self.source, self.at)
            if found:
                parts.append(self.unescape(found[0]))
                self.at = found.end()
            mark = self.source[self.at:self.at + 1]
            if mark == '"':
                self.at += 1
                return parts
            if mark not in ("$", "%"):
                self.fail("a quoted text that does not end on its line")
            parts.append(self.sequence(mark, depth))

    def sequence(self, mark, depth):
        """What stands at ${ or %{: $${ is text."""
        if self.source[self.at - 1:self.at] == mark:
            self.at += 2
            return "{"
        self.at += 2
        if self.source[self.at:self.at + 1] == "~":
            self.at += 1
        inner = self.run(depth + 1, True)
        if len(inner) == 1:
            self.fail("an empty template expression")
        if mark == "%":
            return []
        return inner

    def unescape(self, text):
        def one(found):
            name = found[1]
            if name[0] in "uU" and len(name) > 1:
                code = int(name[1:], 16)
                return chr(code) if code < 0x110000 and not 0xd800 <= code < 0xe000 else "\ufffd"
            if name not in ESCAPES:
                self.fail("an escape that is none")
            return ESCAPES[name]
        return ESCAPE.sub(one, text) if "\\" in text else text

    def heredoc(self, start, depth):
        word = start.strip().lstrip("<-")
        self.line += 1
        end = re.compile(r"^[ \t]*%s[ \t]*\r?$" % re.escape(word), re.M).search(self.source, self.at)
        if not end:
            self.fail("a heredoc that does not end")
        body = Lexer(self.source[self.at:end.start()], self.line)
        body.tokens = self.tokens
        parts = body.template(depth)
        self.tokens = body.tokens
        self.line += self.source.count("\n", self.at, end.end()) + 1
        self.at = min(end.end() + 1, len(self.source))
        return unindent(parts) if start.startswith("<<-") else parts

    def template(self, depth):
        """All of the source as one template."""
        parts = []
        while self.at < len(self.source):
            found = HEREDOC_TEXT.match(self.source, self.at)
            if found:
                parts.append(found[0])
                self.line += found[0].count("\n")
                self.at = found.end()
            else:
                parts.append(self.sequence(self.source[self.at], depth))
        return parts


def unindent(parts):
    """The parts of a <<- heredoc without the blanks that all its lines begin with."""
    whole = "".join(p if isinstance(p, str) else "x" for p in parts)
    widths = [len(x) - len(x.lstrip(" \t")) for x in whole.split("\n") if x.strip()]
    width = min(widths, default=0)
    if not width:
        return parts
    out, begins = [], True
    for part in parts:
        if isinstance(part, str):
            lines = part.split("\n")
            part = "\n".join(x[width:] if i or begins else x for i, x in enumerate(lines))
            begins = len(lines) > 1 and lines[-1] == "" or begins and part == ""
        else:
            begins = False
        out.append(part)
    return out
