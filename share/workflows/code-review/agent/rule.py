# SPDX-License-Identifier: Apache-2.0
"""A row of the table of what a single line can be found guilty of (rules_code.py, rules_deployment.py).

Each row: id, languages ("*" is all code), view of the line, severity, hints, pattern, what is said; optional are
`unless`, which excuses a line, and `needs`, which must be on it too.
A row is tried only on a line that holds one of its hints, so most patterns are never even compiled.
Repetitions are bounded and the engine cuts lines, which keeps a hostile line's cost linear. What is said names
the thing and the way out, and quotes nothing: it must pass the output policy itself.
"""
from collections import namedtuple

Rule = namedtuple("Rule", "id languages view severity hints pattern unless needs message")
ERROR, WARNING, INFO = "error", "warning", "info"
SECRET_WORD = r"(?i:passw|secret|token|nonce|salt|session|csrf|otp\b|api_?key|private_?key|crypt)"


def rule(name, languages, view, severity, hints, pattern, message, unless=None, needs=None):
    return Rule(name, frozenset(languages.split()), view, severity, tuple(hints.split()), pattern, unless, needs, message)
