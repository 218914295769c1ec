#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""measure.py [-v]: recall and precision of the security-audit agent on the labelled documents beside this file.

A finding counts as right if its check, file and line are those of a label; each other one is a false alarm.
"""
import os
import re
import sys
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "../../../share/workflows/security-audit/agent"))
sys.setrecursionlimit(6000)
import audit  # noqa: E402

LABEL = re.compile(r"# !([A-Z0-9,-]+)")


def read(path):
    """(name, base or "", lines) of each section of a file."""
    sections = []
    with open(path, encoding="utf-8") as f:
        for line in f.read().split("\n"):
            if line.startswith("=== "):
                kind, _, name = line[4:].partition(" ")
                name, _, base = name.partition(" < ")
                sections.append((kind, name, base, []))
            elif sections:
                sections[-1][3].append(line)
    for section in sections:
        while section[3] and not section[3][-1]:
            section[3].pop()
    return sections


def split(lines):
    """The documents of a section, and its ? labels."""
    documents, labels = [], []
    for line in lines:
        if line.startswith("--- "):
            documents.append((line[4:], []))
        elif line.startswith("? "):
            labels.append(tuple(line[2:].split(" ")))
        else:
            documents[-1][1].append(line)
    return documents, labels


def edits(lines):
    """(old lines, new lines) of a case with a base."""
    out, old, new = [], [], []
    for line in lines:
        if line.startswith("- "):
            if new:
                out.append((old, new))
                old, new = [], []
            old.append(line[2:])
        elif line.startswith("+ "):
            new.append(line[2:])
    return out + [(old, new)] if old or new else out


def edited(documents, changes):
    made = [(path, list(lines)) for path, lines in documents]
    for old, new in changes:
        if not old:
            made[0][1].extend(new)
            continue
        for _, lines in made:
            at = next((i for i in range(len(lines)) if lines[i:i + len(old)] == old), None)
            if at is not None:
                lines[at:at + len(old)] = new
                break
        else:
            raise SystemExit("no such lines in the base: %r" % old)
    return made


def cases():
    """(name, documents, expected findings as a Counter of (id, path, line))."""
    for file in sorted(f for f in os.listdir(HERE) if f.endswith(".cases")):
        bases = {}
        for kind, name, base, lines in read(os.path.join(HERE, file)):
            labels = [tuple(x[2:].split(" ")) for x in lines if x.startswith("? ")]
            if base:
                documents = edited(bases[base], edits(lines))
            else:
                documents, labels = split(lines)
            if kind == "base":
                bases[name] = documents
            expected = Counter((i, path, int(n)) for i, path, n in labels)
            for path, text in documents:
                for n, line in enumerate(text, 1):
                    for found in LABEL.finditer(line):
                        expected.update((i, path, n) for i in found[1].split(","))
            yield "%s: %s" % (file[:-6], name), [(p, "\n".join(t) + "\n") for p, t in documents], expected


def found(documents):
    result = audit.answer({"documents": [{"path": p, "content": c} for p, c in documents]})
    out = Counter((f["id"], f["file"], f["line"]) for f in result["findings"])
    out.update(("NOT-UNDERSTOOD", n["file"], n["line"]) for n in result["not_understood"])
    return out


def main():
    right = wrong = missed = clean = clean_wrong = n = 0
    ids = set()
    for name, documents, expected in cases():
        got = found(documents)
        n += 1
        ids.update(i for i, _, _ in expected)
        # Of one check at one line once is enough: several resources may share it.
        got, expected = set(got), set(expected)
        right += len(got & expected)
        wrong += len(got - expected)
        missed += len(expected - got)
        if not expected:
            clean += 1
            clean_wrong += bool(got)
        if "-v" in sys.argv and got != expected:
            print("%s\n  missed %s\n  wrong  %s" % (name, sorted(expected - got), sorted(got - expected)))
    print("%d cases, %d of them clean; %d of %d checks are labelled" % (n, clean, len(ids - {"NOT-UNDERSTOOD"}), len(audit.check.CATALOG)))
    print("recall    %.3f (%d of %d)" % (right / (right + missed), right, right + missed))
    print("precision %.3f (%d false alarms; in %d of %d clean cases)" % (right / (right + wrong), wrong, clean_wrong, clean))
    # The floors: what was reached must not be lost, and no check is without a label.
    unlabelled = sorted(set(audit.check.CATALOG) - ids)
    if unlabelled:
        print("without a label: " + " ".join(unlabelled))
        return 1
    return 0 if right / (right + missed) >= 0.98 and right / (right + wrong) >= 0.98 and not clean_wrong else 1


if __name__ == "__main__":
    sys.exit(main())
