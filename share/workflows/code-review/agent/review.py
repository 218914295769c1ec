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
from finding import ERROR, INFO, WARNING, Finding, count, document
from names import Names
from rules import Table

CODE_LINE = 1000    # what is longer was not written by hand: rules see the start
SECRET_LINE = 20000
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
        self.table.narrow("\n".join(self.names.canonical_text(x.text) for x in f.added))

    def views(self):
        """(line, view) of the added lines. With the whole file at hand a comment that began far above is known."""
        if self.fits():
            seen = language.views(self.language, [clipped(x) for x in self.content])
            yield from ((x, seen[x.number - 1]) for x in self.file.added)
            return
        for hunk in self.file.hunks:
            lines = [x for x in hunk if x.kind != "-"]
            for x, view in zip(lines, language.views(self.language, [clipped(x.text) for x in lines])):
                if x.kind == "+":
                    yield x, view

    def fits(self):
        """Whether the content is that of the new side."""
        return self.content is not None and all(
            x.number <= len(self.content) and self.content[x.number - 1] == x.text for x in self.file.lines("+ "))

    def findings(self):
        if self.file.is_deleted or self.file.is_binary:
            return
        seen = list(self.views())
        for i, (line, view) in enumerate(seen):
            following = seen[i + 1][0].text if i + 1 < len(seen) else ""
            above = seen[i - 1][1].comment if i else ""
            for name, severity, comment in self.line(line, following, view, above):
                yield Finding(self.path, line.number, severity, name, comment)

    def line(self, line, following, view, above):
        text = line.text.rstrip("\r")
        if line.number == 1:
            text = text.lstrip("\ufeff")
        yield from found(texts.hidden(text, self.is_code), texts.conflict(text))
        if self.is_generated:
            return
        yield from self.secret(text, following)
        yield from self.rule_hits(view, above + view.comment)
        if self.is_code:
            yield from found(texts.lookalike(view.code), texts.long_line(text))
        yield from found(texts.unowned(view.comment))

    def secret(self, text, following):
        hit = self.finder.find(text[:SECRET_LINE], following)
        if hit:
            name, severity, comment = hit
            yield name, MILDER[severity] if self.is_test else severity, comment

    def rule_hits(self, view, comment):
        for r in self.table.hits(self.names.canonical(view)):
            if r.id.endswith("-unsafe") and "SAFETY" in comment.upper() or self.names.excuses(r.id):
                continue
            # In a test a dangerous call is often the point of the test.
            yield r.id, INFO if self.is_test and r.id != "test-only" else r.severity, r.message


def clipped(text):
    return text.rstrip("\r")[:CODE_LINE]


def found(*hits):
    return [hit for hit in hits if hit]


def combined(f):
    return Finding(f.path, 1, WARNING, "combined-diff", "This is the combined diff of a merge, which does not say what the merge "
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
    return "Reviewed %s, %s added, %s removed." % (count(len(files), "file"), count(added, "line"), count(removed, "line"))


def answer(request):
    """The output document for an input document."""
    text = request["diff"]
    context = {c.get("path"): c.get("content") or "" for c in request.get("context_files", [])}
    files = diff.parse(text)
    if text.strip() and not files:
        result = document([], "The diff is not a unified diff: nothing was reviewed.")
        return dict(result, review_status="needs_discussion", summary="The diff is not a unified diff: nothing was reviewed.")
    return document(review(files, context), scope(files))


def main():
    result = answer(json.load(sys.stdin.buffer))
    text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
