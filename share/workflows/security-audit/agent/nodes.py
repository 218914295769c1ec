# SPDX-License-Identifier: Apache-2.0
"""The values that all parsers make: maps and lists that know their lines, and what cannot be known before deployment."""

MAX_DEPTH = 48        # levels of nesting in any document
MAX_NODES = 200000    # nodes of one document, aliases counted each time they are used


class NotParsed(Exception):
    """A document, or the rest of one, that was not understood. `line` counts from 1 in the whole file."""

    def __init__(self, line, reason):
        super().__init__(reason)
        self.line, self.reason = line, reason


class Map(dict):
    """A map. `line` is where it starts, `lines` where each key stands."""
    __slots__ = ("line", "lines")

    def __init__(self, line):
        super().__init__()
        self.line, self.lines = line, {}

    def put(self, key, value, line):
        self[key] = value
        self.lines[key] = line

    def at(self, *keys):
        """The line of the deepest of `keys` that is there, each one looked up in the one before."""
        here, line = self, self.line
        for key in keys:
            if isinstance(here, Map) and key in here:
                line, here = here.lines.get(key, line), here[key]
                if isinstance(here, list) and len(here) == 1:
                    here = here[0]
            else:
                break
        return line


class Seq(list):
    """A list that knows its line and those of its items."""
    __slots__ = ("line", "lines")

    def __init__(self, line):
        super().__init__()
        self.line, self.lines = line, []

    def put(self, value, line):
        self.append(value)
        self.lines.append(line)

    def at(self, index):
        return self.lines[index] if index < len(self.lines) else self.line


class Unknown:
    """What is only known when it is deployed. `refs` are the names that it is made of, as "aws_s3_bucket.logs.id";
    `text` is a template's text with ${...} where it is not known, else ""."""
    __slots__ = ("refs", "text")

    def __init__(self, refs=(), written=""):
        self.refs, self.text = tuple(refs)[:64], written


def is_unknown(value):
    return isinstance(value, Unknown)


def truth(value, default=None):
    """True or False; `default` where there is no value; None where it is not known."""
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return None


def number(value, default=None):
    """A whole number, also of its text; `default` where there is no value; None where it is no number."""
    if value is None:
        return default
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value == value and abs(value) < 1e15:
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.lstrip("-").isdigit() and value.isascii() and len(value) < 16:
        return int(value)
    return None


def text(value):
    """A string or number as a string, "" for all else."""
    if isinstance(value, bool) or value is None:
        return ""
    return str(value) if isinstance(value, (str, int, float)) else ""


def listed(value):
    """A list as it is, nothing as an empty one, all else as a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def maps(value):
    """The maps of a list of maps, or of one map."""
    return [v for v in listed(value) if isinstance(v, Map)]


def dig(value, *keys):
    """What stands under `keys`; a list of one is looked through. None where it is missing, Unknown where that is so."""
    for key in keys:
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, Unknown):
            return value
        if not isinstance(value, Map):
            return None
        value = value.get(key)
    return value
