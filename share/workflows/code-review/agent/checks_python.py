# SPDX-License-Identifier: Apache-2.0
"""What Python code can be found guilty of once the lines around are known: handlers, files, closures, coroutines."""
import re
from rule import ERROR, INFO, RANDOM_SAID, SECRET_WORD, SQL_SAID, WARNING, Checks

PYTHON = Checks()
DEF = re.compile(r"^\s*(?:async\s+)?def\s+\w")
OPENS = re.compile(r"(?<![\w.])(?:io\.)?open\s*\(")
REQUEST = re.compile(r"(?<![\w.])(?:requests|httpx)\.(?:get|post|put|patch|delete|head|options|request)\s*(\()|"
                     r"\burllib\.request\.urlopen\s*(\()|"
                     r"(?<![\w.])smtplib\.SMTP(?:_SSL)?\s*(\()")
SQL_BEGIN = re.compile(r"^\s*(?:\w+\s*=\s*)?(?:[fr]?[\"']{3})?\s*(?i:select\s|insert\s+into\s|update\s+\w+\s+set\b|"
                       r"delete\s+from\s)")
HANDLER = re.compile(r"^\s*except(?:\s*:|\s+\(?(?:Base)?Exception\b[^:]{0,40}:)\s*(pass|continue|\.\.\.)?\s*$")


@PYTHON.check("py-bare-except", "python", WARNING, 396, "except",
              "This catches everything, SystemExit and KeyboardInterrupt included, and hides mistakes.",
              "Name the exceptions.")
def bare_except(p):
    for i, code in enumerate(p.code):
        if re.match(r"\s*except\s*:", code) and not re.search(r"\braise\b", code):
            # What cleans up and raises again hides nothing.
            if not any(re.match(r"\s*raise\b", p.code[j]) for j in p.indented(i, 40)):
                yield i


@PYTHON.check("py-swallow", "python", WARNING, 390, "except",
              "Every mistake is swallowed here without a trace.",
              "Name the exceptions that are expected, and log the rest.")
def swallow(p):
    for i, code in enumerate(p.code):
        found = HANDLER.search(code)
        if not found or re.match(r"\s*except\s*:", code):
            continue
        if found[1]:
            yield i
            continue
        body = [j for j in p.indented(i, 6) if p.code[j].strip()]
        is_nothing = len(body) == 1 and p.code[body[0]].strip() in ("pass", "continue", "...")
        if is_nothing and not p.comment[i].strip() and not p.comment[body[0]].strip():
            yield i


@PYTHON.check("py-open-no-with", "python", INFO, 772, "open(",
              "The file is closed whenever the collector comes, or never.",
              "Open it in a with statement.")
def open_no_with(p):
    for i, code in enumerate(p.code):
        found = OPENS.search(code)
        if not found or re.search(r"\bwith\b|\breturn\s+(?:io\.)?open|enter_context|closing\s*\(|\byield\b|\bdef\b|"
                                  r"\bself\.\w+\s*=", code):
            continue
        name = re.match(r"\s*(\w+)\s*=\s*(?:io\.)?open\s*\(", code)
        if not name:
            if re.search(r"\)\s*\.(?:read|write|readlines|readline)\s*\(|json\.load\s*\(\s*open|"
                         r"\bfor\b.*\bin\s+open\s*\(", code):
                yield i
            continue
        used = re.compile(r"\b%s\.close\s*\(|\bwith\s+%s\b|\breturn\s+%s\s*$|(?:\w\(|\[|,)\s*%s\s*[,)\]]|=\s*%s\s*$" %
                          ((name[1],) * 5))
        start = p.function(i, DEF)
        rest = p.indented(start, 120) if 0 <= start < i else range(i + 1, min(len(p), i + 60))
        if not any(j > i and used.search(p.code[j]) for j in rest) and not in_with(p, i):
            yield i


def in_with(p, i):
    return any(re.match(r"\s*(?:async\s+)?with\b", p.code[j]) and p.code[j].rstrip().endswith(("(", ",", "\\"))
               for j in p.above(i, 3))


@PYTHON.check("py-no-timeout", "python", WARNING, 400, "requests. httpx. urlopen SMTP",
              "This waits for the other side without an end.",
              "Give a timeout.")
def no_timeout(p):
    for i, code in enumerate(p.code):
        found = REQUEST.search(code)
        if not found or (found[0].startswith("httpx") and not re.search(r"timeout\s*=\s*None", code)):
            continue
        at = p.text[i].find(found[0])
        call = p.call(i, at + len(found[0]) - 1) if at >= 0 else code
        if not re.search(r"\btimeout\s*=(?!\s*None)", call) and "**" not in call:
            yield i


@PYTHON.check("py-late-binding", "python", WARNING, None, "lambda def",
              "The function sees the last value of the loop's variable, not the one of its round.",
              "Bind it as a default argument, or with partial.")
def late_binding(p):
    for i, code in enumerate(p.code):
        loop = re.match(r"\s*(?:async\s+)?for\s+\(?(\w+)(?:\s*,\s*(\w+))?\)?\s+in\b.*:\s*$", code)
        if not loop:
            continue
        names = [n for n in loop.groups() if n and n != "_"]
        for j in p.indented(i, 40):
            found = re.search(r"(?:append|add|connect|register|submit|command\s*=|callback\s*=|on_\w+\s*=|call_later|"
                              r"setdefault|\]\s*=|insert|bind|subscribe)\W.*?\blambda\b([^:]{0,80}):(.*)|"
                              r"\w+\s*=\s*\blambda\b([^:]{0,80}):(.*)", code_of(p, j))
            if found:
                head, body = found[1] or found[3] or "", found[2] or found[4] or ""
                if re.search(r"\bkey\s*=\s*lambda", p.code[j]) or re.search(r"\b(?:sorted|min|max|map|filter)\s*\(",
                                                                            p.code[j]):
                    continue
                if any(re.search(r"(?<![\w.])%s\b" % n, body) and not re.search(r"\b%s\b" % n, head) for n in names):
                    yield j


def code_of(p, j):
    """A line, with `name=lambda` of any argument told as a callback."""
    return re.sub(r"\b(?!key\b)\w+\s*=\s*lambda\b", "command= lambda", p.code[j])


@PYTHON.check("py-blocking-async", "python", WARNING, 400, "async",
              "This blocks the one thread that all coroutines share.",
              "Use the asynchronous form, or a thread.")
def blocking(p):
    for i, code in enumerate(p.code):
        if not re.search(r"(?<![\w.])time\.sleep\s*\(|(?<![\w.])requests\.(?:get|post|put|delete|request)\s*\(|"
                         r"(?<![\w.])subprocess\.(?:run|call|check_\w+)\s*\(", code):
            continue
        start = p.function(i, DEF)
        if 0 <= start < i and re.match(r"\s*async\s", p.code[start]) and "to_thread" not in code:
            yield i


@PYTHON.check("sql-built", "python", ERROR, 89, "% .format(", *SQL_SAID)
def query_over_lines(p):
    for i, code in enumerate(p.code):
        if re.match(r"\s*\"\s*(?:%\s*[\w(]|\.format\()", code) and i and not p.code[i - 1].strip():
            for j in p.above(i, 40):
                if SQL_BEGIN.search(p.text[j]):
                    yield i
                if p.code[j].strip():
                    break


@PYTHON.check("py-weak-random", "python", WARNING, 338, "random.", *RANDOM_SAID)
def weak_random(p):
    for i, code in enumerate(p.code):
        if re.search(r"(?<![\w.])random\.(?:random|randint|randrange|choices?|getrandbits|sample)\s*\(",
                     code) and not re.search(SECRET_WORD, code):
            start = p.function(i, DEF)
            if 0 <= start < i and re.search(SECRET_WORD, p.code[start]):
                yield i


@PYTHON.check("py-return-finally", "python", WARNING, 584, "finally",
              "A return here throws away whatever exception was on its way.",
              "Return after the block.")
def return_finally(p):
    for i, code in enumerate(p.code):
        if re.match(r"\s*finally\s*:", code):
            yield from (j for j in p.indented(i, 30) if re.match(r"\s*return\b", p.code[j]))


@PYTHON.check("py-changed-while-walked", "python", WARNING, 662, "for",
              "A collection that changes while it is walked skips elements or raises.",
              "Walk a copy, or build a new one.")
def changed(p):
    for i, code in enumerate(p.code):
        loop = re.match(r"\s*for\s+[\w, ()]{1,60}\s+in\s+([\w.]+?)(?:\.(?:keys|items|values)\(\))?\s*:\s*$", code)
        if not loop:
            continue
        name = re.escape(loop[1])
        body = list(p.indented(i, 30))
        for j in body:
            if re.search(r"(?<![\w.])%s\.(?:remove|pop|popitem|insert|clear)\s*\(|\bdel\s+%s\[" % (name, name),
                         p.code[j]):
                if not any(re.match(r"\s*(?:break|return)\b", p.code[k]) for k in body if j < k <= j + 2):
                    yield j
