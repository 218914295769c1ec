# SPDX-License-Identifier: Apache-2.0
"""What YAML's scalars mean: the types of plain ones as Kubernetes reads them (YAML 1.1), escapes, folded lines."""
import re

WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
WORDS.update({w: True for word in ("true", "yes", "on") for w in (word, word.capitalize(), word.upper())})
WORDS.update({w: False for word in ("false", "no", "off") for w in (word, word.capitalize(), word.upper())})
INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d{0,30})$")
OTHER_BASE = re.compile(r"([-+]?)0(x[0-9a-fA-F]{1,16}|o?[0-7]{1,22}|b[01]{1,64})$")
FLOAT = re.compile(r"[-+]?(?:\d{1,30}\.\d{0,30}|\.\d{1,30}|\d{1,30})(?:[eE][-+]?\d{1,4})?$")
ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
           " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
WIDTH = {"x": 2, "u": 4, "U": 8}
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.S)


def plain(text):
    """The value of a plain scalar."""
    if text in WORDS:
        return WORDS[text]
    if not (text[0].isdigit() or text[0] in "+-."):
        return text
    if INTEGER.match(text):
        return int(text)
    found = OTHER_BASE.match(text)
    if found:
        base = {"x": 16, "b": 2}.get(found[2][0], 8)
        return int(found[2].lstrip("xbo") or "0", base) * (-1 if found[1] == "-" else 1)
    return float(text) if FLOAT.match(text) else text


def unescape(text):
    """The text of a double-quoted scalar without its escapes; None where one of them is none."""
    bad = []

    def one(found):
        name = found[1]
        if name[0] in WIDTH and len(name) > 1:
            code = int(name[1:], 16)
            return chr(code) if code < 0x110000 and not 0xd800 <= code < 0xe000 else "\ufffd"
        if name not in ESCAPES:
            bad.append(name)
        return ESCAPES.get(name, "")
    made = ESCAPE.sub(one, text)
    return None if bad else made


def fold(lines):
    """The lines of a flow scalar as one text: a line end is a blank, an empty line a line end."""
    out, empty = lines[0], 0
    for line in lines[1:]:
        if line == "":
            empty += 1
            continue
        out += "\n" * empty if empty else " "
        out, empty = out + line, 0
    return out + ("\n" * empty if empty else "")


def fold_block(lines):
    """The lines of a `>` scalar: text lines are joined, those that are indented more stay as they are."""
    out, breaks, before = "", 0, None
    for line in lines:
        if line == "":
            breaks += 1
            continue
        deeper = line[0] in " \t"
        if before is None:
            out += "\n" * breaks
        elif deeper or before:
            out += "\n" * (breaks + 1)
        else:
            out += "\n" * breaks if breaks else " "
        out, breaks, before = out + line, 0, deeper
    return out
