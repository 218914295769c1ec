# SPDX-License-Identifier: Apache-2.0
"""All rows and checks, and the engine that tries them on the pieces of one file."""
import re
import checks_c
import checks_go
import checks_java
import checks_js
import checks_manifest
import checks_python
import checks_rust
import checks_shell
import checks_sql
import rules_any
import rules_c
import rules_ci
import rules_go
import rules_images
import rules_java
import rules_js
import rules_others
import rules_python
import rules_rust
import rules_shell
import rules_terraform

ALL = (rules_c.C + rules_python.PYTHON + rules_js.JS + rules_go.GO + rules_rust.RUST + rules_java.JAVA +
       rules_others.OTHERS + rules_any.ANY + rules_shell.SHELL + rules_images.IMAGES + rules_ci.CI +
       rules_terraform.TERRAFORM)
CHECKS = (checks_c.C + checks_python.PYTHON + checks_js.JS + checks_go.GO + checks_rust.RUST + checks_java.JAVA +
          checks_shell.SHELL + checks_sql.SQL + checks_manifest.MANIFEST)
CATALOG = {r.id: r for r in ALL + list(CHECKS)}


class Table:
    """What is tried on one language; patterns are compiled when a hint is first seen."""

    def __init__(self, language, is_code):
        self.rules = [r for r in ALL if language in r.languages or (is_code and "*" in r.languages)]
        self.checks = [c for c in CHECKS if language in c.languages]
        self.compiled = {}

    def narrow(self, text):
        """Only what can hit anywhere in `text`."""
        self.rules = [r for r in self.rules if any(hint in text for hint in r.hints)]

    def hits(self, view):
        """The rows that a line is guilty of. What is said of text in quotes needs code around it: the inside of a
        long text says nothing."""
        seen = {"code": (view.code, view.code), "call": (view.code, view.text), "comment": (view.comment, view.comment),
                "text": (view.text if view.code.strip() else "", view.text)}
        for r in self.rules:
            named, text = seen[r.view]
            if any(hint in named for hint in r.hints) and self.matches(r, text):
                yield r

    def matches(self, r, text):
        if r not in self.compiled:
            self.compiled[r] = [re.compile(p) if p else None for p in (r.pattern, r.needs, r.unless)]
        pattern, needs, unless = self.compiled[r]
        return bool(pattern.search(text) and (not needs or needs.search(text)) and not (unless and unless.search(text)))

    def checked(self, piece):
        """(number of the line, check) of what the checks find on the added lines of a piece, each once."""
        seen = set()
        for c in self.checks:
            if c.hints and not any(hint in piece.joined for hint in c.hints):
                continue
            for i in c.run(piece):
                if piece.is_added[i] and (i, c.id) not in seen:
                    seen.add((i, c.id))
                    yield i, c
