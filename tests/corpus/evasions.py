#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""evasions.py AB-SCRUB [--sample N] [--seed S] [--losses] [EVASION...]: what a rule finds in its own examples is found
when the evasions that the manual names hide it, each alone and two or three of them one in another, in several surroundings.

The category counts, not the rule. A loss is a text whose plain form, in the same surroundings, has a finding of the
rule's category, and whose hidden form has none. --sample: of N examples of each category only. What is lost today, about
one text in a hundred, is most of all: payloads of a few letters, signs and numbers that stand letter by letter, hosts
whose letters are capitals in part, and UTF-16 of Chinese and Korean without a mark."""
import argparse
import base64
import collections
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, "..", "..", "share", "policies", "rules", "*.json")
INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad\ufeff\u180e\u2063"
LOOKALIKE = dict(zip("aceopxyijsABCEHIKMOPTXS", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455"
                                                "\u0410\u0412\u0421\u0415\u041d\u0406\u041a\u041c\u041e\u0420\u0422\u0425\u0405"))
ACCENTS = "\u0301\u0300\u0308\u0323"


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def hexed(data, form="%02x"):
    return "".join(form % b for b in (data if isinstance(data, bytes) else data.encode()))


def u_escaped(s, form="\\u%04x"):
    units = s.encode("utf-16-be")
    return "".join(form % int.from_bytes(units[i:i + 2], "big") for i in range(0, len(units), 2))


def some(s, r, share, change):
    """A part of the letters and digits changed."""
    return "".join(change(c) if r.random() < share and c.isalnum() else c for c in s)


def in_part(s, r, sign, change):
    """The same, and the sign that begins an escape."""
    return "".join(change(c) if c == sign or r.random() < 0.4 and c.isalnum() else c for c in s)


def wide(c):
    return chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c


def mathematical(c):
    return (chr(0x1D400 + ord(c) - 65) if "A" <= c <= "Z" else chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else
            chr(0x1D7CE + ord(c) - 48) if "0" <= c <= "9" else c)


def tags(s):
    return "".join(chr(0xE0000 + ord(c)) if " " <= c <= "~" else c for c in s)


def spaced(s, sign):
    """Each character parted from the next, words by more of it."""
    gap = sign * 3 if sign == " " else " "
    return "\n".join(gap.join(sign.join(word) for word in line.split(" ")) for line in s.split("\n"))


def within(s, r, mark, share=0.5):
    """Marks between letters of words."""
    return re.sub(r"(?<=[A-Za-z])(?=[A-Za-z])", lambda m: mark if r.random() < share else "", s)


def between(s, r, marks, share):
    return "".join(c + (r.choice(marks) if r.random() < share else "") for c in s)


# Name: how a text is hidden. CONTAINERS hold any other one.
CONTAINERS = {
    "json": lambda s, r: json.dumps({"m": s}),
    "json twice": lambda s, r: json.dumps(json.dumps({"m": s})),
    "u escapes": lambda s, r: u_escaped(s),
    "u escapes in part": lambda s, r: in_part(s, r, "\\", u_escaped),
    "u braces": lambda s, r: "".join("\\u{%x}" % ord(c) for c in s),
    "x escapes": lambda s, r: hexed(s, "\\x%02x"),
    "octal": lambda s, r: hexed(s, "\\%03o"),
    "percent": lambda s, r: hexed(s, "%%%02X"),
    "percent in part": lambda s, r: in_part(s, r, "%", lambda c: hexed(c, "%%%02x")),
    "percent twice": lambda s, r: hexed(s, "%%25%02x"),
    "entities": lambda s, r: "".join("&#%d;" % ord(c) for c in s),
    "hex entities": lambda s, r: "".join("&#x%X;" % ord(c) for c in s),
    "entities in part": lambda s, r: in_part(s, r, "&", lambda c: "&#%05d;" % ord(c)),
    "hex": lambda s, r: hexed(s),
    "hex capitals": lambda s, r: hexed(s, "%02X"),
    "hex spaced": lambda s, r: hexed(s, "%02x ").rstrip(),
    "hex colons": lambda s, r: hexed(s, "%02x:").rstrip(":"),
    "hex 0x": lambda s, r: "0x" + hexed(s),
    "base64": lambda s, r: b64(s),
    "base64 bare": lambda s, r: b64(s).rstrip("="),
    "base64 url": lambda s, r: base64.urlsafe_b64encode(s.encode()).decode().rstrip("="),
    "base64 lines": lambda s, r: "\n".join(re.findall(".{1,64}", b64(s))),
    "base64 twice": lambda s, r: b64(b64(s)),
    "base64 thrice": lambda s, r: b64(b64(b64(s))),
    "hex base64": lambda s, r: b64(hexed(s)),
    "base64 hex": lambda s, r: hexed(b64(s)),
    "base64 UTF-16": lambda s, r: b64(s.encode("utf-16-le")),
    "base64 UTF-16 mark": lambda s, r: b64(s.encode("utf-16")),
    "hex UTF-16": lambda s, r: hexed(s.encode("utf-16-be")),
}
VEILS = {
    "wide": lambda s, r: "".join(wide(c) for c in s),
    "wide in part": lambda s, r: some(s, r, 0.4, wide),
    "mathematical": lambda s, r: "".join(mathematical(c) for c in s),
    "look-alike": lambda s, r: "".join(LOOKALIKE.get(c, c) for c in s),
    "look-alike in part": lambda s, r: some(s, r, 0.3, lambda c: LOOKALIKE.get(c, c)),
    "accents": lambda s, r: some(s, r, 0.3, lambda c: c + r.choice(ACCENTS) if c.isalpha() else c),
    "invisible": lambda s, r: between(s, r, "\u200b", 1),
    "invisible in part": lambda s, r: between(s, r, INVISIBLE, 0.3),
    "tags": lambda s, r: tags(s),
    "tags with begin": lambda s, r: "\U000e0001" + tags(s) + "\U000e007f",
    "spaced": lambda s, r: spaced(s, " "),
    "dotted": lambda s, r: spaced(s, "."),
    "dashed": lambda s, r: spaced(s, "-"),
    "underscored": lambda s, r: spaced(s, "_"),
    "comments": lambda s, r: within(s, r, "/**/"),
    "comments with text": lambda s, r: within(s, r, "/* x */"),
    "HTML comments": lambda s, r: within(s, r, "<!-- -->"),
    "HTML tags": lambda s, r: within(s, r, "<b></b>"),
    "upper": lambda s, r: s.upper(),
    "lower": lambda s, r: s.lower(),
    "mixed": lambda s, r: "".join(c.swapcase() if r.random() < 0.5 else c for c in s),
}
CASES = ("upper", "lower", "mixed")
# Signs between letters: data and what is an evasion already are not written so.
APART = ("spaced", "dotted", "dashed", "underscored", "comments", "comments with text", "HTML comments", "HTML tags")
# Documents of their own, byte for byte.
DOCUMENTS = {
    "UTF-16LE": lambda s: s.encode("utf-16-le"),
    "UTF-16BE": lambda s: s.encode("utf-16-be"),
    "UTF-16 marked": lambda s: s.encode("utf-16"),
}
SURROUNDINGS = {
    "alone": "%s",
    "sentence": "The result is: %s (see above).",
    "decoy": "Dear all, 4711 and QUFBQUFBQUFBQUFBQUFBQUFB and &amp; come first.\n%s\nThat is all.",
    "member": '{"id": 7, "note": "%s"}',
}


def glued(name, s):
    """Surroundings that belong to one evasion: what hides ends where it ends, not where a word does."""
    if name.startswith("tags"):
        return {"in a word": "Nice p" + s + "hoto", "before a word": s + "Nice photo", "behind a word": "summary" + s}
    if name.startswith("base64") or name.startswith("hex") and "entities" not in name:
        return {"value": "note=" + s + "&x=1", "call": 'decode("' + s + '")'}
    return {}


class Payload:
    """A hit example of a rule."""
    def __init__(self, rule, text):
        self.rule, self.category, self.text = rule["id"], rule["category"], text
        self.is_encoding = "views" in rule  # the rule looks for an encoding itself
        self.is_plain = False  # found without a view


def payloads():
    for path in sorted(glob.glob(RULES)):
        with open(path, encoding="utf-8") as f:
            for rule in json.load(f)["rules"]:
                for text in rule.get("examples", {}).get("hit", []):
                    yield Payload(rule, text)


def report_of(scrub, data, options):
    with tempfile.NamedTemporaryFile() as report:
        subprocess.run([scrub, "--policy", "strict", "--rule", "*=log", "--report", report.name] + options, input=data,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return [json.loads(line) for line in report]


def findings(scrub, texts):
    """The categories found in each text, and those found as it stands."""
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    found, plain = collections.defaultdict(set), collections.defaultdict(set)
    for f in report_of(scrub, lines.encode(), ["--lines"]):
        found[f["record"] - 1].add(f["category"])
        if f["path"] == "json":
            plain[f["record"] - 1].add(f["category"])
    return found, plain


def is_fit(name, p):
    """Whether the text stays what it is: a key is another one in other letters."""
    if name in VEILS and not p.is_plain:
        return False
    if name in CASES:
        return p.category in ("injection", "url") and not p.is_encoding
    if name in APART:
        return not (p.is_encoding or name == "dashed" and " -" in p.text or "comments" in name and "/*" in p.text or
                    name in APART[:4] and not re.search("[A-Za-z0-9]{4}", p.text))
    return not name.startswith("tags") or p.text.isascii()


def cost(layers):
    """Steps of decoding."""
    return sum(3 if "thrice" in n else 2 if "twice" in n or n in ("hex base64", "base64 hex") or "UTF-16" in n else 1
               for n in layers)


SINGLE = [n for n in CONTAINERS if cost([n]) == 1]


def nested(r, p, n):
    """A text hidden in n ways, one in another: their names and the text; None: they are too deep."""
    ways = {**CONTAINERS, **VEILS}
    layers = [r.choice([name for name in ways if is_fit(name, p)])]
    hidden = ways[layers[0]](p.text, r)
    while len(layers) < n:
        layers.append(r.choice(SINGLE))
        hidden = CONTAINERS[layers[-1]](hidden, r)
    return (" < ".join(layers), hidden) if cost(layers) <= 3 else None


def hidings(r, p, chosen):
    for name, hide in {**CONTAINERS, **VEILS}.items():
        if is_fit(name, p) and (not chosen or name in chosen):
            yield name, hide(p.text, r)
    for name, n in ("two", 2), ("three", 3):
        if not chosen or name in chosen:
            two = nested(r, p, n)
            if two:
                yield name + ": " + two[0], two[1]


def cases(r, chosen, chosen_payloads):
    """(payload, evasion, surroundings, hidden text, plain text in the same surroundings)"""
    for p in chosen_payloads:
        for name, hidden in hidings(r, p, chosen):
            for where, frame in SURROUNDINGS.items():
                if where != "alone" and r.random() > 0.34:
                    continue
                if where == "member":
                    yield p, name, where, json.dumps({"id": 7, "note": hidden}), json.dumps({"id": 7, "note": p.text})
                else:
                    yield p, name, where, frame.replace("%s", hidden), frame.replace("%s", p.text)
            for where, glue in glued(name, hidden).items():
                yield p, name, where, glue, p.text


class Tally:
    def __init__(self, show):
        self.show, self.total, self.lost = show, collections.Counter(), collections.Counter()

    def add(self, p, name, where, hidden, is_found):
        short = name.split(":")[0]
        self.total[short] += 1
        if is_found:
            return
        self.lost[short, p.category] += 1
        if self.show:
            print(json.dumps([name, where, p.rule, p.text, hidden], ensure_ascii=False))

    def tell(self):
        for name, n in self.total.items():
            gone = {c: k for (e, c), k in self.lost.items() if e == name}
            print("%-20s %6d texts, %5d lost %s" % (name, n, sum(gone.values()), gone or ""))
        total, lost = sum(self.total.values()), sum(self.lost.values())
        print("%d texts, %d lost, %.2f %%" % (total, lost, 100 * lost / max(total, 1)))


def choose(scrub, r, sample):
    """Hit examples, and whether each is found as it stands."""
    chosen = list(payloads())
    if sample:
        by = collections.defaultdict(list)
        for p in chosen:
            by[p.category].append(p)
        chosen = [p for c in sorted(by) for p in r.sample(by[c], min(sample, len(by[c])))]
    _, plain = findings(scrub, [p.text for p in chosen])
    for i, p in enumerate(chosen):
        p.is_plain = p.category in plain[i]
    return chosen


def main():
    args = argparse.ArgumentParser()
    args.add_argument("scrub")
    args.add_argument("--sample", type=int)
    args.add_argument("--seed", default="1")
    args.add_argument("--losses", action="store_true")
    args.add_argument("evasion", nargs="*")
    args = args.parse_intermixed_args()
    r = random.Random(args.seed)
    tally = Tally(args.losses)
    chosen = choose(args.scrub, r, args.sample)
    todo = list(cases(r, args.evasion, chosen))
    plain = {text: i for i, text in enumerate(dict.fromkeys(t[4] for t in todo))}
    known = findings(args.scrub, plain)[0]
    found = findings(args.scrub, [t[3] for t in todo])[0]
    for i, (p, name, where, hidden, text) in enumerate(todo):
        if p.category in known[plain[text]]:
            tally.add(p, name, where, hidden, p.category in found[i])
    for name, hide in DOCUMENTS.items():
        for p in chosen if not args.evasion or name in args.evasion else ():
            if p.is_plain and (p.text.isascii() or "marked" in name) and len(p.text) > 8:
                got = {f["category"] for f in report_of(args.scrub, hide(p.text), ["--text"])}
                tally.add(p, name, "alone", "", p.category in got)
    tally.tell()
    return 0


sys.exit(main())
