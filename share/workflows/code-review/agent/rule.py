# SPDX-License-Identifier: Apache-2.0
"""What a change can be found guilty of: rows that one line is tried on (rules_*.py), and checks that look around it
(checks_*.py).

Each row: id, languages ("*" is all code), view of the line (code, text, comment; call is text whose hint is code),
severity, number of the weakness in MITRE's CWE (None if it has none), hints, pattern, what is wrong, what to do;
optional are `unless`, which excuses a line, and `needs`, which must be on it too. A row is tried only on a line that
holds one of its hints, so most patterns are never even compiled. Repetitions are bounded and the engine cuts lines,
which keeps a hostile line's cost linear. What is said names the thing and the way out, and quotes nothing: it must pass
the output policy itself.
"""
from collections import namedtuple

Rule = namedtuple("Rule", "id languages view severity cwe hints pattern message advice unless needs")
# `run` takes a Piece (piece.py) and yields the numbers of its lines, counted from 0.
Check = namedtuple("Check", "id languages severity cwe hints message advice run")
ERROR, WARNING, INFO = "error", "warning", "info"
# What rows and checks of one name say alike.
SQL_SAID = ("A query is put together from text, so a value can become part of the command.",
            "Use placeholders and pass the values beside it.")
RANDOM_SAID = ("This random number can be predicted, and a secret is made of it.", "Use the secrets module.")
SECRET_WORD = r"(?i:passw|secret|token|nonce|salt|session|csrf|otp\b|api_?key|private_?key|crypt)"


def rule(name, languages, view, severity, cwe, hints, pattern, message, advice, unless=None, needs=None):
    return Rule(name, frozenset(languages.split()), view, severity, cwe, tuple(hints.split()), pattern, message, advice,
                unless, needs)


class Checks(list):
    """The checks of one module, in their order."""

    def check(self, name, languages, severity, cwe, hints, message, advice):
        def keep(run):
            self.append(Check(name, frozenset(languages.split()), severity, cwe, tuple(hints.split()), message, advice,
                              run))
            return run
        return keep
