# SPDX-License-Identifier: Apache-2.0
"""Reads the YAML that people write manifests in, into maps that know their lines.

Understood: streams of documents, block and flow collections, plain, quoted, literal and folded scalars, comments,
anchors, aliases and merge keys (each use counts), the tags !!str, !!map, !!seq. All else (complex keys, other tags, templates, tabs as
indentation, a key twice) is refused with its line: nothing is guessed, and nothing is left out in silence.
"""
import re
import yaml_scalars
from nodes import MAX_DEPTH, MAX_NODES, Map, NotParsed, Seq

TAGS = frozenset(("!!str", "!!map", "!!seq"))
PROPERTY = re.compile(r"([&!])([^\s,\[\]{}]*)")
ALIAS = re.compile(r"\*([^\s,\[\]{}]+)")
HEADER = re.compile(r"[|>](?:([1-9])([-+]?)|([-+])([1-9]?))?[ \t]*(?:[ \t]#.*)?$")
PLAIN_BLOCK = re.compile(r"(?:[^:#\s]|:(?=\S)|(?<=\S)#|[ \t]+(?=[^\s#]))+")
PLAIN_FLOW = re.compile(r"(?:[^:#\s,\[\]{}]|:(?=[^\s,\[\]{}])|(?<=\S)#|[ \t]+(?=[^\s#,\[\]{}]))+")
QUOTED2, QUOTED1 = re.compile(r'"((?:[^"\\]|\\.)*)"'), re.compile(r"'((?:[^']|'')*)'")
COLON = re.compile(r"[ \t]*:(?=[ \t]|$)")
MARKER = re.compile(r"(?:---|\.\.\.)(?:[ \t]|$)")
REST = re.compile(r"[ \t]*(?:(?:^|(?<=[ \t]))#.*)?$")
NOT_PLAIN = "!&*|>%@`\"'{}[],#"
TEMPLATE = "a template, which must be rendered first"


def is_dash(text, at):
    return text[at:at + 1] == "-" and text[at + 1:at + 2] in ("", " ", "\t")


class Document:
    """One document: `lines` without its markers; the first has the number `first`."""

    def __init__(self, lines, first):
        self.lines, self.first = lines, first
        self.row = self.col = 0
        self.nodes, self.anchors, self.is_text = 0, {}, False

    @property
    def here(self):
        return self.first + min(self.row, max(len(self.lines) - 1, 0))

    @property
    def text(self):
        return self.lines[self.row] if self.row < len(self.lines) else ""

    def fail(self, reason):
        raise NotParsed(self.here, "YAML: " + reason)

    def count(self, more, depth=0):
        self.nodes += more
        if self.nodes > MAX_NODES:
            self.fail("too many values")
        if depth > MAX_DEPTH:
            self.fail("nested too deep")

    def parse(self):
        value = self.node(-1, 0, True)
        if self.skip():
            self.fail("text that belongs to nothing before it")
        return value

    # Movement

    def skip(self):
        """Goes to the next character that is no blank, comment or line end; False at the end of the document."""
        while self.row < len(self.lines):
            text = self.lines[self.row]
            while self.col < len(text) and text[self.col] in " \t":
                self.col += 1
            if self.col < len(text) and not (text[self.col] == "#" and (self.col == 0 or text[self.col - 1] in " \t")):
                return True
            self.row, self.col = self.row + 1, 0
        return False

    def skip_block(self):
        """The same between block nodes, where tabs do not indent."""
        found = self.skip()
        if found and "\t" in self.text[:self.col]:
            self.fail("a tab in the indentation")
        return found

    def rest_is_blank(self):
        return REST.match(self.text, self.col) is not None

    def end_line(self):
        """After a value: nothing else may stand on its line."""
        if self.row < len(self.lines) and not self.rest_is_blank():
            self.fail("text after a value")
        self.row, self.col = self.row + 1, 0

    # Block nodes

    def node(self, parent, depth, compact, dash_at_parent=False):
        """The node that comes next and is indented more than `parent`; None if there is none. `compact`: a collection
        may begin on this very line. `dash_at_parent`: a list may stand as far left as its key."""
        self.count(1, depth)
        if not self.skip_at(parent, dash_at_parent):
            return None
        start = self.nodes
        anchor, begun = self.properties(), self.row
        if anchor is not None and self.rest_is_blank():
            self.end_line()
            compact = True
            if not self.skip_at(parent, dash_at_parent):
                return self.keep(anchor, None, start)
        elif anchor is not None and self.key_at() is not None and self.row == begun:
            self.fail("an anchor or tag of a key")
        return self.keep(anchor, self.content(parent, depth, compact), start)

    def skip_at(self, parent, dash_at_parent):
        if not self.skip():
            return False
        if self.text[:self.col].strip():
            return True
        if "\t" in self.text[:self.col]:
            self.fail("a tab in the indentation")
        return self.col > parent or (dash_at_parent and self.col == parent and is_dash(self.text, self.col))

    def content(self, parent, depth, compact):
        first = self.text[self.col]
        # A block collection begins its line, or stands right after a dash.
        compact = compact or not self.text[:self.col].strip()
        if is_dash(self.text, self.col):
            if not compact:
                self.fail("a list on the line of its key")
            return self.sequence(self.col, depth)
        if first in "|>":
            return self.block_scalar(parent)
        if self.key_at() is not None:
            if not compact:
                self.fail("a second key on one line")
            return self.mapping(self.col, depth)
        if first in "[{":
            value = self.flow(depth)
            self.end_line()
            return value
        if first == "*":
            value = self.alias()
            self.end_line()
            return value
        if first == "?" and self.text[self.col + 1:self.col + 2] in ("", " ", "\t"):
            self.fail("a complex key")
        if first in "\"'":
            value = self.quoted(parent)
            self.end_line()
            return value
        return self.plain(parent)

    def properties(self):
        """The anchor that the next node gets, "" where it has but a tag, None where it has neither."""
        anchor = None
        while True:
            found = PROPERTY.match(self.text, self.col)
            if not found:
                return anchor
            if found[1] == "!" and found[0] not in TAGS:
                self.fail("a tag that is not known")
            anchor = found[2] if found[1] == "&" else anchor or ""
            self.is_text = self.is_text or found[0] == "!!str"
            self.col = found.end()
            while self.text[self.col:self.col + 1] in (" ", "\t"):
                self.col += 1

    def keep(self, anchor, value, start):
        if anchor:
            self.anchors[anchor] = (value, self.nodes - start + 1)
        return value

    def alias(self):
        found = ALIAS.match(self.text, self.col)
        if not found or found[1] not in self.anchors:
            self.fail("an alias of nothing that stands before it")
        value, weight = self.anchors[found[1]]
        self.count(weight)
        self.col = found.end()
        return value

    def key_at(self):
        """(key, column after its colon) if a key of a map begins here, else None."""
        text, first = self.text, self.text[self.col:self.col + 1]
        if first in ("", "#") or is_dash(text, self.col):
            return None
        if first == "*":
            found = ALIAS.match(text, self.col)
            if found and COLON.match(text, found.end()):
                self.fail("an alias as a key")
            return None
        if first in "\"'":
            found = (QUOTED2 if first == '"' else QUOTED1).match(text, self.col)
            key = found and (yaml_scalars.unescape(found[1]) if first == '"' else found[1].replace("''", "'"))
        elif first in NOT_PLAIN:
            return None
        else:
            found = PLAIN_BLOCK.match(text, self.col)
            key = found and found[0].rstrip()
        colon = found and COLON.match(text, found.end())
        return (key, colon.end()) if colon and key is not None else None

    def mapping(self, column, depth):
        made, merges = Map(self.here), []
        while True:
            found = self.key_at()
            if found is None:
                self.fail("a key was expected")
            key, self.col = found
            line = self.here
            if key in made:
                self.fail("a key that stands twice")
            if self.rest_is_blank():
                self.end_line()
                value = self.node(column, depth + 1, True, True)
            else:
                value = self.node(column, depth + 1, False)
            if key == "<<":
                merges += value if isinstance(value, Seq) else [value]
            else:
                made.put(key, value, line)
            if not self.skip_block() or self.col < column or (self.col == column and is_dash(self.text, self.col)):
                return self.merged(made, merges)
            if self.col > column:
                self.fail("indented unlike the keys before it")

    def merged(self, made, sources):
        """`made` with what the sources hold and it does not hold itself."""
        for source in sources:
            if not isinstance(source, Map):
                self.fail("a merge of what is no map")
            self.count(len(source))
            for k, v in source.items():
                if k not in made:
                    made.put(k, v, source.lines[k])
        return made

    def sequence(self, column, depth):
        made = Seq(self.here)
        while True:
            line = self.here
            self.col += 1
            if self.rest_is_blank():
                self.end_line()
                made.put(self.node(column, depth + 1, True), line)
            else:
                self.skip()
                made.put(self.node(column, depth + 1, True), line)
            if not self.skip_block() or self.col < column:
                return made
            if self.col > column:
                self.fail("indented unlike the items before it")
            if not is_dash(self.text, self.col):
                return made

    # Scalars

    def plain(self, parent):
        if self.text[self.col] in NOT_PLAIN:
            self.fail("a character that begins no value")
        lines = []
        while True:
            found = PLAIN_BLOCK.match(self.text, self.col)
            if not found:
                self.fail("a character that begins no value")
            lines.append(found[0])
            self.col = found.end()
            if COLON.match(self.text, self.col):
                self.fail("a colon inside a value")
            ended = self.text[self.col:].strip()
            self.end_line()
            empty = 0
            while self.row < len(self.lines) and not self.text.strip():
                self.row, empty = self.row + 1, empty + 1
            indent = len(self.text) - len(self.text.lstrip(" "))
            if ended or self.row >= len(self.lines) or indent <= parent or self.text[indent:indent + 1] == "#":
                return self.typed(lines)
            if lines and self.key_from(indent):
                self.fail("a key inside a value")
            lines += [""] * empty
            self.col = len(self.text) - len(self.text.lstrip())

    def key_from(self, column):
        self.col = column
        return self.key_at() is not None

    def typed(self, lines):
        is_text, self.is_text = self.is_text or len(lines) > 1, False
        return yaml_scalars.fold(lines) if is_text else yaml_scalars.plain(lines[0])

    def quoted(self, parent):
        """A quoted scalar, which may go on over lines that are indented more than `parent`."""
        mark = self.text[self.col]
        end = QUOTED_REST[mark]
        groups, lines, at = [], [], self.col + 1
        while True:
            found = end.match(self.text, at)
            part = found[1].lstrip(" \t") if lines or groups else found[1]
            if found[2]:
                lines.append(part)
                self.col = found.end()
                break
            if mark == '"' and (len(part) - len(part.rstrip("\\"))) % 2:
                groups.append(lines + [part[:-1]])  # a backslash before the line end joins without a blank
                lines = []
            else:
                lines.append(part.rstrip(" \t"))
            self.row, self.col, at = self.row + 1, 0, 0
            if self.row >= len(self.lines):
                self.fail("a quoted text that does not end")
            if self.text.strip() and len(self.text) - len(self.text.lstrip(" \t")) <= parent:
                self.fail("a quoted text that is indented too little")
        joined = "".join(yaml_scalars.fold(g) for g in groups + [lines])
        if mark == "'":
            return joined.replace("''", "'")
        value = yaml_scalars.unescape(joined)
        return self.fail("an escape that is none") if value is None else value

    def block_scalar(self, parent):
        found = HEADER.match(self.text, self.col)
        if not found:
            self.fail("the head of a block text that is none")
        style, keep = self.text[self.col], found[2] or found[3] or ""
        given = found[1] or found[4]
        indent = max(parent, 0) + int(given) if given else None
        self.row, lines = self.row + 1, []
        while self.row < len(self.lines):
            text = self.text
            own = len(text) - len(text.lstrip(" "))
            if text.strip(" ") == "":
                lines.append(text[indent:] if indent is not None and own > indent else "")
            else:
                if indent is None:
                    indent = own
                if own < indent or own <= parent:
                    break
                lines.append(text[indent:])
            self.row += 1
        self.col = 0
        tail = len(lines)
        while lines and not lines[-1]:
            lines.pop()
        tail -= len(lines)
        body = "\n".join(lines) if style == "|" else yaml_scalars.fold_block(lines)
        if keep == "-" or not body:
            return body
        return body + "\n" * (1 + tail if keep == "+" else 1)

    # Flow nodes

    def flow(self, depth):
        self.count(1, depth)
        if not self.skip():
            self.fail("a collection that does not end")
        start, anchor, first = self.nodes, self.properties(), None
        first = self.text[self.col:self.col + 1]
        if first == "[":
            return self.keep(anchor, self.flow_list(depth), start)
        if first == "{":
            return self.keep(anchor, self.flow_map(depth), start)
        if first == "*":
            return self.alias()
        return self.keep(anchor, self.flow_scalar(), start)

    def flow_scalar(self):
        if self.text[self.col:self.col + 1] in ("'", '"'):
            return self.quoted(-1)
        lines = []
        while True:
            found = PLAIN_FLOW.match(self.text, self.col)
            if not found or found[0][0] in NOT_PLAIN:
                self.fail("a character that begins no value")
            lines.append(found[0])
            self.col = found.end()
            # A plain text goes on over the line end; all else ends it.
            if not REST.match(self.text, self.col) or not self.skip() or self.text[self.col] in ",[]{}:":
                return self.typed(lines)

    def flow_list(self, depth):
        made = Seq(self.here)
        self.col += 1
        while True:
            if self.closes("]"):
                return made
            line = self.here
            made.put(self.flow(depth + 1), line)
            if self.skip() and self.text[self.col] == ":":
                self.fail("a pair inside a list in brackets")
            self.comma("]")

    def flow_map(self, depth):
        made = Map(self.here)
        self.col += 1
        if self.text[self.col:self.col + 1] == "{":
            self.fail(TEMPLATE)
        while True:
            if self.closes("}"):
                return made
            line = self.here
            key = self.flow_scalar()
            self.count(1)
            if not isinstance(key, str):
                key = "null" if key is None else str(key)
            if key in made:
                self.fail("a key that stands twice")
            value = None
            if self.skip() and self.text[self.col] == ":":
                self.col += 1
                if self.skip() and self.text[self.col] not in ",}":
                    value = self.flow(depth + 1)
            made.put(key, value, line)
            self.comma("}")

    def closes(self, end):
        if not self.skip():
            self.fail("a collection that does not end")
        if self.text[self.col] == end:
            self.col += 1
            return True
        return False

    def comma(self, end):
        if not self.skip() or self.text[self.col] not in (",", end):
            self.fail("a comma or %s was expected" % end)
        if self.text[self.col] == ",":
            self.col += 1


QUOTED_REST = {'"': re.compile(r'((?:[^"\\]|\\.)*\\?)("?)'), "'": re.compile(r"((?:[^']|'')*)('?)")}


def has_content(lines):
    return any(x.strip() and not x.lstrip().startswith("#") for x in lines)


def split(source):
    """(first line number, lines) of each document of the stream that holds anything."""
    parts, lines, first = [], [], 1
    for n, line in enumerate(source.split("\n"), 1):
        line = line[:-1] if line.endswith("\r") else line
        if MARKER.match(line):
            parts.append((first, lines))
            # What stands behind the marker is the document's first line; behind "..." comes nothing.
            lines, first = ["   " + line[3:]], n
            if line[0] == ".":
                lines = [line[3:]]
        elif line.startswith("%YAML 1.") and not has_content(lines):
            lines.append("")
        else:
            lines.append(line)
    parts.append((first, lines))
    return [(first, lines) for first, lines in parts if has_content(lines)]


def parse(source):
    """The documents of a stream: (first line, value or None, None or what was not understood). Each one stands alone."""
    out = []
    for first, lines in split(source.lstrip("\ufeff")):
        try:
            out.append((first, Document(lines, first).parse(), None))
        except NotParsed as e:
            reason = TEMPLATE if "{{" in "\n".join(lines) else e.reason
            out.append((first, None, NotParsed(e.line, reason)))
    return out
