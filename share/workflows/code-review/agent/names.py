# SPDX-License-Identifier: Apache-2.0
"""What the names of a file stand for, as far as its imports are known: `from pickle import loads as read`."""
import re

# The modules that rules speak of.
MODULES = frozenset("os subprocess pickle marshal dill shelve joblib yaml random hashlib tempfile pdb ssl".split())
IMPORT = re.compile(r"^[ \t]*import[ \t]+([\w., \t]{1,200})", re.M)
FROM = re.compile(r"^[ \t]*from[ \t]+(\w{1,40})[ \t]+import[ \t]+\(?([\w, \t]{1,300})", re.M)
MOST = 40  # names that are followed; a file that renames more is not written by people
PART = re.compile(r"(\w+)(?:\s+as\s+(\w+))?")


class Names:
    """`known` is all that is known of the file; `whole` says that it is the file itself."""

    def __init__(self, language, known, whole):
        self.language, self.known, self.whole = language, known, whole
        self.aliases = python_aliases(known) if language == "python" else {}
        names = "|".join(re.escape(a) for a in sorted(self.aliases)[:MOST])
        self.pattern = re.compile(r"(?<![\w.])(?<!def )(%s)(?=\s*[.(])" % names) if names else None

    def canonical_text(self, text):
        return self.pattern.sub(lambda m: self.aliases[m[1]], text) if self.pattern else text

    def canonical(self, view):
        return view._replace(code=self.canonical_text(view.code)) if self.pattern else view

    def excuses(self, rule):
        """Whether the file shows that the rule's suspicion is wrong."""
        if rule == "js-shell":
            return self.whole and "child_process" not in self.known
        return rule == "py-weak-random" and "SystemRandom" in self.known


def python_aliases(text):
    aliases = {}
    for found in IMPORT.finditer(text):
        for module, alias in PART.findall(found[1]):
            if module in MODULES and alias:
                aliases[alias] = module
    for found in FROM.finditer(text):
        for name, alias in PART.findall(found[2]):
            if found[1] in MODULES and name != "as":
                aliases[alias or name] = "%s.%s" % (found[1], name)
    return aliases
