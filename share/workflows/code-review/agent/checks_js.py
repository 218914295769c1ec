# SPDX-License-Identifier: Apache-2.0
"""What JavaScript and TypeScript can be found guilty of once the lines around are known: promises, keys, messages."""
import re
from rule import INFO, WARNING, Checks

JS = Checks()
ASYNC_JS = re.compile(r"\basync\s+function\s*\*?\s*(\w+)|\b(?:const|let|var)\s+(\w+)\s*=\s*async\b|^\s*(?:(?:public|"
                      r"private|protected|static)\s+)*async\s+(\w+)\s*\(", re.M)
ASYNC_PYTHON = re.compile(r"^\s*async\s+def\s+(\w+)", re.M)
# A statement whose line ends so goes on in the next one.
GOES_ON = ("(", ",", "[", "=", "=>", "return", "await", "&&", "||", "?", ":")
NOTHING_AFTER, NOTHING_BEFORE = re.compile(r"\s*(?:null|undefined)\b"), re.compile(r"\b(?:null|undefined)\s*$")
LOOSE = re.compile(r"(?<![=!<>])(?:==|!=)(?!=)")


def not_awaited(p, pattern, call):
    names = {n for found in pattern.finditer(p.joined) for n in found.groups() if n}
    if not names:
        return
    starts = re.compile(call % "|".join(sorted(re.escape(n) for n in names)[:60]))
    for i, code in enumerate(p.code):
        # At the top of a program nobody can wait everywhere, and an error ends it.
        if not starts.search(code) or not p.indent(i) or re.search(r"\bawait\b|\.then\s*\(|\.catch\s*\(|\bvoid\s|"
                                                                   r"\bPromise\b|create_task|ensure_future|gather|"
                                                                   r"\basync\b", code):
            continue
        above = next((p.code[j].rstrip() for j in p.above(i, 5) if p.code[j].strip()), "")
        below = p.code[i + 1].lstrip() if i + 1 < len(p) else ""
        is_whole = not above.endswith(GOES_ON) and not below.startswith((".then", ".catch", ".finally"))
        if is_whole or p.language == "python" and above.endswith(":"):
            yield i


@JS.check("js-not-awaited", "js", WARNING, 252, "async",
          "Nobody waits for this: its errors are lost, and what follows runs before it is done.",
          "Await it, or say with void that it runs beside.")
def js_not_awaited(p):
    yield from not_awaited(p, ASYNC_JS, r"^\s*(?:this\.)?(?:%s)\s*\([^;]*\)\s*;?\s*$")


@JS.check("py-not-awaited", "python", WARNING, 252, "async",
          "This makes a coroutine and never runs it.",
          "Await it.")
def python_not_awaited(p):
    yield from not_awaited(p, ASYNC_PYTHON, r"^\s*(?:self\.)?(?:%s)\s*\(.*\)\s*$")


@JS.check("js-loose-equal", "js", INFO, None, "== !=",
          "A loose comparison converts: an empty text equals zero.",
          "Compare with three signs.")
def loose(p):
    for i, code in enumerate(p.code):
        found = LOOSE.search(code)
        # null alone may be compared so: it means undefined too.
        if found and not NOTHING_AFTER.match(code, found.end()) and not NOTHING_BEFORE.search(code[:found.start()]):
            yield i


@JS.check("js-prototype", "js", WARNING, 1321, "for forEach",
          "A key from outside can be __proto__, and then this changes every object.",
          "Skip such keys, or copy into a Map or an object without a prototype.")
def prototype(p):
    for i, code in enumerate(p.code):
        found = re.search(r"\bfor\s*\(\s*(?:const|let|var)\s+(\w+)\s+(?:in|of)\s+(.{1,80})\)|Object\.(?:keys|"
                          r"entries)\s*\([^)]{1,60}\)\.forEach\s*\(\s*(?:function\s*)?\(?\[?\s*(\w+)", code)
        if not found or (found[2] and " of " in code and "Object." not in found[2]):
            continue
        key = re.escape(found[1] or found[3])
        body = list(p.inside(i, 30))
        is_deep = any(re.search(r"\b(?:merge|extend|assign|defaults|clone|deep|set|copy)\w*\b", p.code[j], re.I)
                      for j in range(max(0, i - 4), i + 1)) or \
            any(re.search(r"\b(?:merge|extend|deep|clone)\w*\s*\(", p.code[j], re.I) for j in body)
        guarded = any(re.search(r"__proto__|hasOwn|constructor|Object\.create\(null\)|new Map", p.text[j])
                      for j in range(max(0, i - 4), min(len(p), i + 1 + len(body))))
        if is_deep and not guarded:
            yield from (j for j in body if re.search(r"(?<![\w.])\w+\[\s*%s\s*\]\s*=(?!=)" % key, p.code[j]))


@JS.check("js-message-origin", "js", WARNING, 346, "addEventListener onmessage",
          "Any page may send this message.",
          "Compare the event's origin first.")
def message(p):
    for i, text in enumerate(p.text):
        if re.search(r"\baddEventListener\s*\(\s*[\"']message[\"']|\bwindow\.onmessage\s*=",
                     text) and p.code[i].strip() and not re.search(r"\b(?:worker|port|self|channel|socket|ws|"
                                                                   r"parentPort)\w*\.", text, re.I):
            body = [text] + [p.text[j] for j in p.inside(i, 30)]
            if not any("origin" in x or ".source" in x for x in body) and text.count("{") > text.count("}"):
                yield i


@JS.check("js-json-unguarded", "js", INFO, 248, "JSON.parse",
          "Text from outside that is no JSON throws here, and nothing catches it.",
          "Parse it in a try, and check its form.")
def json_unguarded(p):
    for i, code in enumerate(p.code):
        if re.search(r"\bJSON\.parse\s*\(\s*(?:\w+\.)?(?:body|data|payload|localStorage\.getItem|"
                     r"sessionStorage\.getItem|req\.\w+|event\.data|msg|message|raw|input)\b", code):
            if not any(re.search(r"\btry\b", p.code[j])
                       for j in range(i, max(-1, i - 15), -1)) and ".catch" not in code:
                yield i
