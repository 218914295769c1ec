# SPDX-License-Identifier: Apache-2.0
"""Tells what of a text is code, what text in quotes and what comment, line by line, for one language (syntax.py).

One pass without recursion: expressions inside of texts (templates, f-strings) are frames on a stack. What is not closed
in a piece of a file ends with its line or with the piece, so hostile text costs no more than other.
"""
import bisect
import re
from collections import namedtuple
from syntax import PAIRS, compiled

# One line seen three ways: code has texts emptied and comments removed, text has comments removed, comment is what
# was removed.
View = namedtuple("View", "code text comment")
# After one of these a slash begins a regular expression; else it divides.
BEFORE_REGEX = re.compile(r"(?:^|[^\w\s)\]}\"'`]|(?:^|[^\w.])(?:return|typeof|case|in|of|do|else|yield|await|void|"
                          r"delete|throw|and|or|not|when|if|unless|while))\s*$")
REGEX = re.compile(r"(?:[^/\\\[\n]+|\\[^\n]|\[(?:[^\]\\\n]+|\\[^\n])*\]?)*")
FLAGS = re.compile(r"/[a-z]{0,8}")
WORD_LINE = re.compile(r"^[ \t]*(\w+)[ \t]*[;,)\r]*$", re.M)
EXPANDED = re.compile(r"(?<!\\)\$(?:\w+|[@*])")
RUNS_CODE = re.compile(r"\b(?:ba|z|da|k)?sh\b|(?m:^)[ \t]*RUN\b")
DOLLAR_CODE = re.compile(r"(?i)\b(?:as|do|language\s+\w+)\s*$")
SCRIPT_KEY = re.compile(r"^[ \t]*(?:-[ \t]+)?(?:run|script|command|args|before_script|after_script|shell|entrypoint|"
                        r"cmd|inline_script)[ \t]*:$|^[ \t]*-$")
PROSE = re.compile(r"^\s*(?:[*>-] )?[\w(`'\"]+[,:;]?(?: [\w(`'\"/-]+[)`'\",.:;!?]*){3,}$")
STAR = re.compile(r"\s*\*(?:\s|/|$)")


class Lexer:
    """One pass over one piece of text; `run` returns its views."""

    def __init__(self, language, source):
        self.language, self.source, self.tables = language, source, compiled(language)
        self.syntax = self.tables.syntax
        self.code, self.text, self.comment = [], [], []
        self.frames = []        # [number of the text, its closer, bracket that opens, bracket that closes, depth]
        self.pending = []       # heredocs that begin with the next line
        self.absent = set()     # closers that do not come any more
        self.words = None       # word -> offsets of the lines that hold it alone
        self.tag = None         # the dollar quote of SQL whose inside is code
        self.regex_from = 0

    def run(self, inside=None):
        """The views. `inside` says what the piece begins in the middle of: "block", or the number of a text."""
        at = 0
        if inside == "block":
            at = self.block_end(0)
        elif inside is not None:
            at = self.closed(inside, 0, True)
        source, size, search = self.source, len(self.source), self.tables.token.search
        while at < size:
            found = search(source, at)
            if not found:
                self.emit(source[at:])
                break
            start = found.start()
            if start > at:
                self.emit(source[at:start])
            at = self.take(found, start)
        return [View(*v) for v in zip(*("".join(part).split("\n") for part in (self.code, self.text, self.comment)))]

    def emit(self, code, text=None, comment=""):
        """Adds code that is text too, unless `text` says otherwise. All three keep the lines of the source."""
        text = code if text is None else text
        lines = max(code.count("\n"), text.count("\n"), comment.count("\n"))
        for out, s in ((self.code, code), (self.text, text), (self.comment, comment)):
            out.append(s + "\n" * (lines - s.count("\n")) if lines else s)

    def take(self, found, at):
        """One token; returns where the pass goes on."""
        kind, token = found.lastgroup, found[0]
        if kind.startswith("text"):
            return self.opened(int(kind[4:]), found, at)
        return getattr(self, "take_" + kind)(token, at, found)

    def take_line(self, token, at, _):
        self.emit("", "", token)
        return at + len(token)

    def take_block(self, token, at, _):
        self.emit(" ")
        return self.block_end(at, at + len(token))

    def take_number(self, token, at, _):
        self.emit(token)
        return at + len(token)

    def take_char(self, token, at, _):
        self.emit("''", token)
        return at + len(token)

    def block_end(self, start, at=None):
        """Emits a block comment to its end; returns where that is."""
        opener, closer = self.syntax.block
        at, depth = start if at is None else at, 1
        pattern = re.compile("%s|%s" % (re.escape(opener), re.escape(closer)))
        for found in pattern.finditer(self.source, at):
            if found[0] == closer:
                depth -= 1
            elif self.syntax.nested:
                depth += 1
            if not depth:
                self.emit("", "", self.source[start:found.end()])
                return found.end()
        self.emit("", "", self.source[start:])
        return len(self.source)

    # Texts

    def opened(self, number, found, at):
        t = self.syntax.texts[number]
        token = found[0]
        if "{0}" in t.close:
            return self.raw(t, self.tables.openers[number].match(self.source, at), at)
        if t.lines and len(t.close) == 1 and t.close != "`" and self.is_left_open(t, at + len(token)):
            self.emit(token)
            return at + len(token)
        if len(t.close) == 3 and self.is_statement() and self.language in ("python", "swift", "csharp"):
            return self.docstring(t, number, at)
        self.emit(t.quote, token)
        return self.inside(number, at + len(token), t.close)

    def is_left_open(self, t, at):
        """Whether a text that may go over lines is not closed in this piece: then its quote means nothing."""
        if t.close in self.absent:
            return True
        if self.source.find(t.close, at) < 0:
            self.absent.add(t.close)
            return True
        return False

    def is_statement(self):
        """Whether nothing stands before this on its line."""
        for piece in reversed(self.code):
            if "\n" in piece:
                return not piece[piece.rfind("\n"):].strip()
            if piece.strip():
                return False
        return True

    def docstring(self, t, number, at):
        """A text that is a statement speaks about code: it is a comment."""
        end = self.tables.bodies[number].match(self.source, self.source.index(t.close, at) + len(t.close)).end()
        end = min(len(self.source), end + len(t.close))
        self.emit("", "", self.source[at:end])
        return end

    def raw(self, t, opener, at):
        closer = t.close.format(opener[1])
        end = self.source.find(closer, opener.end()) if closer not in self.absent else -1
        if end < 0:
            self.absent.add(closer)
            end = stop = len(self.source)
        else:
            stop = end + len(closer)
        self.emit(t.quote * 2, self.source[at:stop])
        return stop

    def inside(self, number, at, closer):
        """Emits the inside of a text up to its end, or to an expression in it."""
        t, source, size = self.syntax.texts[number], self.source, len(self.source)
        while at < size:
            end = self.tables.bodies[number].match(source, at).end()
            self.content(t, source[at:end])
            inner = self.tables.inners[number]
            found = inner.match(source, end) if inner else None
            if found:
                self.emit(found[0])
                bracket = found[0][-1]
                self.frames.append([number, closer, bracket, PAIRS[bracket], 0])
                return found.end()
            if source.startswith(closer, end):
                self.emit(t.quote, closer)
                return end + len(closer)
            if not t.lines and source.startswith("\n", end):
                self.emit(t.quote, "")
                return end
            self.emit("", source[end:end + 1])
            at = end + 1
        return size

    def content(self, t, piece):
        if t.keep == "all":
            self.emit(piece)
        elif t.keep == "words":
            self.emit(" ".join(EXPANDED.findall(piece)) if re.search(r"\s", piece) else piece, piece)
        else:
            self.emit("", piece)

    def closed(self, number, at, is_comment):
        """The rest of a text that began before this piece."""
        t = self.syntax.texts[number]
        end = self.source.index(t.close, at) + len(t.close)
        self.emit("", "" if is_comment else self.source[at:end], self.source[at:end] if is_comment else "")
        return end

    def take_bracket(self, token, at, _):
        self.emit(token)
        if self.frames:
            frame = self.frames[-1]
            if token == frame[2]:
                frame[4] += 1
            elif token == frame[3] and frame[4]:
                frame[4] -= 1
            elif token == frame[3]:
                self.frames.pop()
                return self.inside(frame[0], at + 1, frame[1])
        return at + 1

    def take_regex(self, token, at, _):
        before = "".join(self.code[-6:])[-40:]
        line = before[before.rfind("\n") + 1:]
        if at >= self.regex_from and BEFORE_REGEX.search(line):
            end = REGEX.match(self.source, at + 1).end()
            if self.source.startswith("/", end) and end > at + 1:
                end = FLAGS.match(self.source, end).end()
                self.emit('""', self.source[at:end])
                return end
            self.regex_from = end
        self.emit(token)
        return at + 1

    # What begins at the end of its line

    def take_heredoc(self, token, at, found):
        opener = self.tables.heredoc.match(self.source, at)
        start = self.source.rfind("\n", 0, at) + 1
        is_code = self.language in ("shell", "docker") and RUNS_CODE.search(self.source, start, at)
        self.emit(token)
        self.pending.append((opener["word"], bool(is_code)))
        return at + len(token)

    def take_end(self, _token, at, _):
        self.emit("\n")
        at += 1
        for word, is_code in self.pending:
            end = self.heredoc_end(word, at)
            body = self.source[at:end]
            self.emit(body if is_code else "", body)
            at = end
        self.pending = []
        return at

    def heredoc_end(self, word, at):
        """Where the line begins that ends a heredoc; all of the piece belongs to one that is not ended."""
        if self.words is None:
            self.words = {}
            for found in WORD_LINE.finditer(self.source):
                self.words.setdefault(found[1], []).append((found.start(), found.end()))
        ends = self.words.get(word, ())
        i = bisect.bisect_left(ends, (at, 0))
        if i < len(ends):
            return ends[i][1]
        return len(self.source) if self.language != "ruby" else at

    def take_dollar(self, token, at, _):
        """A dollar quote of SQL. The body of a function is code; any other is text."""
        end = at + len(token)
        if token == self.tag:
            self.tag = None
        elif self.tag is None and DOLLAR_CODE.search("".join(self.code[-4:])[-60:]):
            self.tag = token
        else:
            stop = self.source.find(token, end) if token not in self.absent else -1
            if stop < 0:
                self.absent.add(token)
                self.emit(token)
                return end
            end = stop + len(token)
            self.emit("''", self.source[at:end])
            return end
        self.emit(" ", token)
        return end

    def take_scalar(self, token, at, _):
        """A block scalar of YAML: a script where its key says so, else text."""
        self.emit(token)
        start = self.source.rfind("\n", 0, at) + 1
        head = self.source[start:at]
        indent = len(head) - len(head.lstrip(" "))
        first = at = at + len(token) + 1
        while at < len(self.source):
            stop = self.source.find("\n", at)
            stop = len(self.source) if stop < 0 else stop
            line = self.source[at:stop]
            if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
                break
            at = stop + 1
        inner = self.source[first:at]
        self.emit("\n")
        if SCRIPT_KEY.match(head):
            views = Lexer("shell", inner).run()
            self.code.append("\n".join(v.code for v in views))
            self.text.append("\n".join(v.text for v in views))
            self.comment.append("\n".join(v.comment for v in views))
        else:
            self.emit("", inner)
        return at


def start_inside(language, lines, source):
    """What the piece begins in the middle of, as far as its own lines tell."""
    s = compiled(language).syntax
    if s.block:
        opener, closer = s.block
        end, begin = source.find(closer), source.find(opener)
        if end >= 0 and (begin < 0 or end < begin) and (language != "lua" or source.find("[[") < 0):
            return "block" if is_prose(lines, source[:end].count("\n"), opener == "/*") else None
    if language == "python":
        for number, t in enumerate(s.texts):
            if len(t.close) == 3 and not t.inner and source.count(t.close) % 2:
                above = lines[:source[:source.index(t.close)].count("\n") + 1]
                told = sum(bool(PROSE.match(x.replace(t.close, "").rstrip())) for x in above)
                code = sum(bool(re.search(r"^\s*(?:def|class|return|import|from|@)\b|[=({\[]\s*$|^\s*[\w.]+(?:\(| = )",
                                          x)) for x in above)
                return number if told > code else None
    return None


def is_prose(lines, end, is_c):
    """A closer without an opener ends a comment, unless a quoted text happens to hold one."""
    return not is_c or not re.search(r"[\"'`][^\"'`]{0,80}\*/", lines[end]) or bool(STAR.match(lines[end]))


def views(language, lines, is_whole=False):
    """A view of each line, taken as consecutive lines of one file; `is_whole` says that they begin it."""
    if not lines or compiled(language) is None:
        return [View(x, x, "") for x in lines]
    source = "\n".join(lines)
    seen = Lexer(language, source).run(None if is_whole else start_inside(language, lines, source))
    block = compiled(language).syntax.block
    if block and block[0] == "/*" and not is_whole:
        # A piece may be the middle of a comment; the customary star then gives it away.
        return [View("", "", x) if STAR.match(x) and v.code else v for x, v in zip(lines, seen)]
    return seen
