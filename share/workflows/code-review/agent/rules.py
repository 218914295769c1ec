# SPDX-License-Identifier: Apache-2.0
"""The rows of all tables, and the engine that tries them on the lines of one file."""
import re
import rules_code
import rules_deployment

ALL = rules_code.ROWS + rules_deployment.ROWS


class Table:
    """The rules of one language; patterns are compiled when a hint is first seen."""

    def __init__(self, language, is_code):
        self.rules = [r for r in ALL if language in r.languages or (is_code and "*" in r.languages)]
        self.compiled = {}

    def narrow(self, text):
        """Only the rules that can hit anywhere in `text`."""
        self.rules = [r for r in self.rules if any(hint in text for hint in r.hints)]

    def hits(self, view):
        for r in self.rules:
            text = getattr(view, r.view)
            if any(hint in text for hint in r.hints) and self.matches(r, text):
                yield r

    def matches(self, r, text):
        if r not in self.compiled:
            self.compiled[r] = [re.compile(p) if p else None for p in (r.pattern, r.needs, r.unless)]
        pattern, needs, unless = self.compiled[r]
        return bool(pattern.search(text) and (not needs or needs.search(text)) and not (unless and unless.search(text)))
