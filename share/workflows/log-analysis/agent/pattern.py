# SPDX-License-Identifier: Apache-2.0
"""Error patterns of the operator, matched in time linear in the line, whatever they are: all of them together are one
automaton without backtracking, whose states are made as lines need them and whose work has a bound.

A pattern is literal text, a glob (* and ?), or a regular expression of: characters, `.`, classes, \\d \\w \\s \\b and
their opposites, ^ $, groups, |, and * + ? {m,n}. What needs memory of the text (references, look-around) is refused."""

import re

LARGEST, LARGEST_ALL, REPEATS = 1000, 8000, 100
STATES = 4000           # made states that are kept
WORK = 10_000_000       # steps of making states, all lines together
SETS = {"d": lambda c: c.isdigit(), "w": lambda c: c.isalnum() or c == "_", "s": lambda c: c.isspace()}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
SPLIT, TEST, ASSERT, HIT = range(4)


class Refused(Exception):
    pass


def word(c):
    return c is not None and (c.isalnum() or c == "_")


class Parser:
    """Recursive descent over one regular expression, into nodes: ("test", f), ("assert", kind), ("seq", [..]),
    ("alt", [..]), ("repeat", node, least, most)."""

    def __init__(self, text):
        self.text, self.at, self.depth = text, 0, 0

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self):
        c = self.peek()
        if not c:
            raise Refused("ends too early")
        self.at += 1
        return c

    def whole(self):
        node = self.alternatives()
        if self.peek():
            raise Refused("has a ) too many")
        return node

    def alternatives(self):
        options = [self.sequence()]
        while self.peek() == "|":
            self.at += 1
            options.append(self.sequence())
        return options[0] if len(options) == 1 else ("alt", options)

    def sequence(self):
        parts = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.atom()))
        return ("seq", parts)

    def repeated(self, node):
        while self.peek() and self.peek() in "*+?{":
            least, most = self.times()
            node = ("repeat", node, least, most)
            if self.peek() == "?":      # lazy: the same to one who asks only whether
                self.at += 1
            elif self.peek() == "+":
                raise Refused("has a possessive repeat")
        return node

    def times(self):
        c = self.take()
        if c != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[c]
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at:end if end >= 0 else None].partition(",")
        if end < 0 or not low.isdecimal() or high and not high.isdecimal():
            raise Refused("has a { that is no repeat")
        self.at = end + 1
        least, most = int(low), int(low) if not comma else int(high) if high else None
        if least > REPEATS or most is not None and not least <= most <= REPEATS:
            raise Refused("repeats more than %d times" % REPEATS)
        return least, most

    def atom(self):
        c = self.take()
        if c == "(":
            return self.group()
        if c == "[":
            return ("test", self.members())
        if c == ".":
            return ("test", lambda x: x != "\n")
        if c in "^$":
            return ("assert", c)
        if c == "\\":
            return self.escape()
        if c in "*+?{":
            raise Refused("repeats nothing")
        return ("test", c)

    def group(self):
        self.depth += 1
        if self.depth > 30:
            raise Refused("is nested too deeply")
        if self.peek() == "?":
            if self.text[self.at:self.at + 2] != "?:":
                raise Refused("has a group of a kind that is not supported")
            self.at += 2
        node = self.alternatives()
        if self.take() != ")":
            raise Refused("has no )")
        self.depth -= 1
        return node

    def escape(self):
        c = self.take()
        if c in "bB":
            return ("assert", c)
        if c in "AzZ":
            return ("assert", "^" if c == "A" else "$")
        return ("test", self.named(c))

    def named(self, c):
        if c.lower() in SETS:
            f = SETS[c.lower()]
            return f if c.islower() else lambda x: not f(x)
        if c.isalnum() and c not in ESCAPES or c == "0":
            raise Refused("has \\%s, which is not supported" % c if c.isascii() else "has an unknown escape")
        return ESCAPES.get(c, c)

    def members(self):
        negative = self.peek() == "^"
        self.at += negative
        ranges, sets, started = [], [], False
        while self.peek() != "]" or not started:
            started = True
            low = self.member()
            if callable(low):
                sets.append(low)
            elif self.peek() == "-" and self.text[self.at + 1:self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.member()
                if callable(high) or high < low:
                    raise Refused("has a range that is none")
                ranges.append((low, high))
            else:
                ranges.append((low, low))
        self.at += 1
        return lambda x: negative != (any(a <= x <= b for a, b in ranges) or any(f(x) for f in sets))

    def member(self):
        c = self.take()
        return self.named(self.take()) if c == "\\" else c


def glob(text):
    return ("seq", [("repeat", ("test", lambda x: True), 0, None) if c == "*" else ("test", lambda x: True) if c == "?" else ("test", c)
                    for c in text])


def node(kind, text):
    if kind == "regex":
        return Parser(regex_lower(text)).whole()
    return glob(text.lower()) if kind == "glob" else ("seq", [("test", c) for c in text.lower()])


class Program:
    """All patterns as one list of instructions: (SPLIT, targets), (TEST, f, next), (ASSERT, kind, next), (HIT, pattern)."""

    def __init__(self):
        self.code, self.starts = [], []

    def add(self, pattern, node):
        begin = len(self.code)
        try:
            start = self.emit(node, self.put((HIT, pattern)), begin)
        except (Refused, RecursionError):
            del self.code[begin:]
            raise
        self.starts.append(start)

    def put(self, instruction):
        self.code.append(instruction)
        return len(self.code) - 1

    def emit(self, node, after, begin):
        """Where the code for `node` begins, that goes on at `after`."""
        if len(self.code) - begin > LARGEST or len(self.code) > LARGEST_ALL:
            raise Refused("is too large")
        kind = node[0]
        if kind in ("test", "assert"):
            return self.put((TEST if kind == "test" else ASSERT, node[1], after))
        if kind == "seq":
            for part in reversed(node[1]):
                after = self.emit(part, after, begin)
            return after
        if kind == "alt":
            return self.put((SPLIT, tuple(self.emit(n, after, begin) for n in node[1])))
        _, inner, least, most = node
        if most is None:
            loop = self.put(None)
            self.code[loop] = (SPLIT, (self.emit(inner, loop, begin), after))
            after = loop
        else:
            end = after
            for _ in range(most - least):
                after = self.put((SPLIT, (self.emit(inner, after, begin), end)))
        for _ in range(least):
            after = self.emit(inner, after, begin)
        return after


class State:
    __slots__ = "threads before hits next end".split()

    def __init__(self, threads, before, hits):
        self.threads, self.before, self.hits, self.next, self.end = threads, before, hits, {}, None


class Matcher:
    """Tells which patterns match a text. `refused` is [(name, why)]; `exhausted` turns true when its work was done up."""

    def __init__(self, patterns):
        self.names, self.refused, self.program = [], [], Program()
        self.exhausted, self.work = False, WORK
        for p in patterns:
            try:
                self.program.add(len(self.names), node(p.get("kind", "literal"), p["pattern"]))
                self.names.append(p["name"])
            except (Refused, RecursionError) as e:
                self.refused.append((p["name"], str(e) or "is nested too deeply"))
        self.forget()

    def forget(self):
        self.states = {}
        self.start = self.state(frozenset(self.program.starts), "^", frozenset())

    def state(self, threads, before, hits):
        key = threads, before, hits
        if key not in self.states:
            self.states[key] = State(*key)
        return self.states[key]

    def closure(self, state, following):
        """(tests, hits) that the threads of a state reach before the character `following` (None: the end)."""
        tests, hits, seen, todo = [], set(), set(), list(state.threads)
        code = self.program.code
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            op = code[at]
            if op[0] == SPLIT:
                todo.extend(op[1])
            elif op[0] == TEST:
                tests.append(op)
            elif op[0] == HIT:
                hits.add(op[1])
            elif holds(op[1], state.before, following):
                todo.append(op[2])
        self.work -= len(seen) + 1
        return tests, hits

    def step(self, state, c):
        tests, hits = self.closure(state, c)
        threads = {t[2] for t in tests if (t[1] == c if isinstance(t[1], str) else t[1](c))}
        if len(self.states) > STATES:
            self.forget()
        new = self.state(frozenset(threads.union(self.program.starts)), "w" if word(c) else "-", frozenset(hits))
        state.next[c] = new
        return new

    def find(self, text):
        """The names of the patterns that match somewhere in the text; none once the work is done up."""
        if self.exhausted or not self.names:
            return ()
        state, hits = self.start, set()
        for c in text.lower():
            state = state.next.get(c) or self.step(state, c)
            if state.hits:
                hits |= state.hits
            if self.work < 0:
                self.exhausted = True
                return ()
        if state.end is None:
            state.end = self.closure(state, None)[1]
        hits |= state.end
        return tuple(self.names[i] for i in sorted(hits))


def holds(kind, before, following):
    if kind == "^":
        return before == "^"
    if kind == "$":
        return following is None
    return (kind == "b") == ((before == "w") != word(following))


def regex_lower(text):
    """In lower case but for what stands behind a backslash: case never matters in a log."""
    return re.sub(r"\\.|[^\\]+", lambda m: m[0] if m[0][0] == "\\" else m[0].lower(), text, flags=re.S)
