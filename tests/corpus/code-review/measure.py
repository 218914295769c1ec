#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""measure.py [-v]: recall and precision of the code-review agent on the labelled changes beside this file.

A finding counts as right if its rule, file and line are those of a label; each other one, of whatever severity, is a
false alarm. What is said of a change as a whole (that no test came with it) is left out: each case is a piece of one.
"""
import os
import re
import sys
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "../../../share/workflows/code-review/agent"))
import review  # noqa: E402

OF_THE_CHANGE = {"untested"}
MARK = "? "


class Case:
    """One section of a file of cases: a change, and what is expected to be said of it."""

    def __init__(self, group, name):
        self.group, self.name = group, name
        self.files, self.expected = [], set()

    def add(self, line):
        if line.startswith("--- "):
            path, _, at = line[4:].partition(" @")
            self.files.append((path, int(at or 1), bool(at), []))
            return
        path, start, is_hunk, lines = self.files[-1]
        if line.startswith(MARK):
            numbers = sum(x[:1] != "-" for x in lines) if is_hunk else len(lines)
            self.expected.add((line[len(MARK):], path, start + numbers - 1))
        else:
            lines.append(line)

    def diff(self):
        out = []
        for path, start, is_hunk, lines in self.files:
            while lines and not lines[-1].strip():
                lines.pop()
            body = lines if is_hunk else ["+" + x for x in lines]
            old, new = (sum(x[:1] != skip for x in body) for skip in "+-")
            out.append("diff --git a/{0} b/{0}\n".format(path))
            out.append("index 1..2 100644\n--- a/%s\n" % path if is_hunk else "new file mode 100644\n--- /dev/null\n")
            out.append("+++ b/%s\n@@ -%d,%d +%d,%d @@\n" % (path, start if is_hunk else 0, old, start, new))
            out.extend(x + "\n" for x in body)
        return "".join(out)

    def found(self):
        result = review.answer({"repository": "a/b", "pull_request_id": 1, "diff": self.diff()})
        found = ((re.search(r"\[([\w-]+)\]$", c["comment"])[1], c["file"], c["line"]) for c in result["comments"])
        return {f for f in found if f[0] not in OF_THE_CHANGE}


def cases(names):
    for name in names:
        with open(os.path.join(HERE, name), encoding="utf-8") as f:
            made = None
            for line in f.read().split("\n"):
                if line.startswith("=== "):
                    if made:
                        yield made
                    made = Case(name[:-6], line[4:])
                elif made and (made.files or line):
                    made.add(line)
            if made:
                yield made


class Tally(Counter):
    """Counts of one group of cases."""

    def take(self, case, got):
        self["cases"] += 1
        self["right"] += len(got & case.expected)
        self["missed"] += len(case.expected - got)
        self["wrong"] += len(got - case.expected)
        if not case.expected:
            self["clean"] += 1
            self["clean wrong"] += bool(got)

    def recall(self):
        return self["right"] / max(1, self["right"] + self["missed"])

    def precision(self):
        return self["right"] / max(1, self["right"] + self["wrong"])

    def line(self, name):
        return ("%-14s %3d cases, %2d clean: recall %.3f (%d of %d), precision %.3f, false alarms %d, "
                "in clean cases %d") % (
            name, self["cases"], self["clean"], self.recall(), self["right"], self["right"] + self["missed"],
            self.precision(), self["wrong"], self["clean wrong"])


def main():
    names = sorted(f for f in os.listdir(HERE) if f.endswith(".cases"))
    groups, whole = {}, Tally()
    for case in cases(names):
        got = case.found()
        for tally in (groups.setdefault(case.group, Tally()), whole):
            tally.take(case, got)
        if "-v" in sys.argv and got != case.expected:
            print("%s: %s\n  missed %s\n  wrong  %s" % (case.group, case.name, sorted(case.expected - got),
                                                        sorted(got - case.expected)))
    for name, tally in groups.items():
        print(tally.line(name))
    print(whole.line("all"))
    # The floors: what was reached must not be lost.
    return 0 if whole.recall() >= 0.97 and whole.precision() >= 0.97 and not whole["clean wrong"] else 1


if __name__ == "__main__":
    sys.exit(main())
