#!/usr/bin/python3 -ISB
# SPDX-License-Identifier: Apache-2.0
"""Reviews the added lines of a pull request: the input document on stdin, the review on stdout.

A pure function: it opens no file and starts nothing, so it runs in a jail that has neither network nor shell.
The isolated mode of the first line keeps the environment and the user's packages out; the modules beside
this file are then named by hand.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import changes
import diff
import language
import texts
from credentials import Finder
from diff import Line
from finding import ERROR, INFO, WARNING, Finding, count, document
from names import Names
from piece import Piece
from rules import Table

SECRET_LINE = 20000
# What a SAFETY comment speaks for.
SAFETY = frozenset(("rs-unsafe", "rs-unchecked", "rs-transmute", "go-unsafe"))
MILDER = {ERROR: WARNING, WARNING: INFO, INFO: INFO}


class Reviewer:
    """Reviews the lines of one file."""

    def __init__(self, f, content):
        self.file = f
        self.path = f.path
        start = content.split("\n", 1)[0] if content else next((x.text for x in f.lines("+ ") if x.number == 1), "")
        self.language = language.of(f.path, start)
        self.is_code = self.language in language.CODE
        self.is_test = language.is_test(f.path)
        self.is_generated = language.is_generated(f.path)
        self.content = content.split("\n") if content else None
        self.finder = Finder(self.language)
        self.table = Table(self.language, self.is_code)
        known = content or "\n".join(x.text for x in f.lines("+ "))
        self.names = Names(self.language, known, content is not None)

    def pieces(self):
        """The whole new side where it is at hand, so that what began far above is known; else each hunk."""
        if self.fits():
            added = {x.number for x in self.file.added}
            yield Piece(self.language, self.path,
                        [Line(n, "+" if n in added else " ", text) for n, text in enumerate(self.content, 1)], True)
            return
        for hunk, heading in zip(self.file.hunks, self.file.headings):
            is_whole = self.file.is_new and len(self.file.hunks) == 1
            yield Piece(self.language, self.path, [x for x in hunk if x.kind != "-"], is_whole, heading)

    def fits(self):
        """Whether the content is that of the new side."""
        return self.content is not None and all(
            x.number <= len(self.content) and self.content[x.number - 1] == x.text for x in self.file.lines("+ "))

    def findings(self):
        if self.file.is_deleted or self.file.is_binary:
            return
        pieces = list(self.pieces())
        self.table.narrow("\n".join(self.names.canonical_text(x) for p in pieces for x,
                                    is_added in zip(p.raw, p.is_added) if is_added))
        for piece in pieces:
            found = [(i, r) for i in range(len(piece)) if piece.is_added[i] for r in self.line(piece, i)]
            if not self.is_generated:
                found += [(i, self.milder(c.id, c.severity, c.message, c)) for i, c in self.table.checked(piece)
                          if not self.excused(piece, i, c.id)]
            for i, (name, severity, comment, *row) in sorted(found, key=lambda x: x[0]):
                yield of_rule(Finding(self.path, piece.lines[i].number, severity, name, comment), row)

    def line(self, piece, i):
        line = piece.lines[i]
        text = line.text.rstrip("\r")
        if line.number == 1:
            text = text.lstrip("\ufeff")
        yield from found(texts.hidden(text, self.is_code), texts.conflict(text))
        if self.is_generated:
            return
        yield from self.secret(text, piece.raw[i + 1] if i + 1 < len(piece) else "")
        for r in self.table.hits(self.names.canonical(piece.views[i])):
            if not self.excused(piece, i, r.id):
                yield self.milder(r.id, r.severity, r.message, r)
        if self.is_code:
            yield from found(texts.lookalike(piece.code[i]), texts.long_line(text))
        yield from found(texts.unowned(piece.comment[i]))

    def secret(self, text, following):
        hit = self.finder.find(text[:SECRET_LINE], following)
        if hit:
            name, severity, comment = hit
            yield name, MILDER[severity] if self.is_test else severity, comment

    def milder(self, name, severity, message, row):
        # In a test a dangerous call is often the point of the test.
        return name, INFO if self.is_test and name != "test-only" else severity, message, row

    def excused(self, piece, i, name):
        if name in SAFETY and "SAFETY" in piece.comments_above(i).upper():
            return True
        return self.names.excuses(name) or (self.language == "rust" and piece.is_test(i))


def of_rule(f, row):
    """The finding with what its rule says besides."""
    return f._replace(advice=row[0].advice, cwe=row[0].cwe) if row else f


def found(*hits):
    return [hit for hit in hits if hit]


def combined(f):
    return Finding(f.path, 1, WARNING, "combined-diff", "This is the combined diff of a merge, which does not say "
                                                        "what the merge "
                   "brought in. Send the diff against its first parent.")


def review(files, context):
    findings = []
    for f in files:
        if f.is_combined:
            findings.append(combined(f))
            continue
        findings += changes.of_file(f)
        findings += Reviewer(f, context.get(f.path)).findings()
    return findings + list(changes.of_change(files, context))


def scope(files):
    added, removed = sum(len(f.added) for f in files), sum(len(f.removed) for f in files)
    return "Reviewed %s, %s added, %s removed." % (count(len(files), "file"), count(added, "line"),
                                                   count(removed, "line"))


def answer(request):
    """The output document for an input document."""
    text = request["diff"]
    context = {c.get("path"): c.get("content") or "" for c in request.get("context_files", [])}
    files = diff.parse(text)
    if text.strip() and not files:
        result = document([], "The diff is not a unified diff: nothing was reviewed.")
        return dict(result, review_status="needs_discussion", summary="The diff is not a unified diff: nothing was "
                                                                      "reviewed.")
    return document(review(files, context), scope(files))


def main():
    result = answer(json.load(sys.stdin.buffer))
    text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
