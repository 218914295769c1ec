#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""manual.py options BINDIR MANDIR: each page lists exactly its tool's options, with their arguments.
manual.py keys SCHEMADIR MANDIR: each page of a file format names each key of its schemas, and no other.
manual.py examples BINDIR PAGE: runs each example of the page as it is written, in a fresh directory.

An example is a `.Bd -literal` block of the section EXAMPLES. Its lines that start with "$ " are shell
commands (a line that ends in a backslash goes on in the next, one that ends in <<WORD up to WORD), the others are the
exact output, stdout and stderr together; a line "..." stands for any lines. A block behind the comment `.\\" no-test: why` is left out."""
import json
import os
import re
import subprocess
import sys
import tempfile


def dump(path):
    return json.loads(subprocess.run([path, "--dump-options"], check=True, capture_output=True).stdout)


def table_options(tool):
    """Name -> set of arguments, over all verbs."""
    found = {}
    for command in [tool] * ("options" in tool) + tool.get("verbs", []):
        for o in command["options"]:
            found.setdefault(o["name"], set()).add(o.get("arg", ""))
    return found


def page_options(text):
    """The same from `.It Fl s , Fl -name Ar ARG` lines."""
    found = {}
    for line in text.splitlines():
        m = re.match(r"\.It (?:Fl \w(?: Ar \S+)? , )?Fl -([a-z0-9-]+)\s*(.*)$", line)
        if m and m.group(1) not in ("help", "version"):
            arg = re.sub(r"\b(Ar|Ns|Oo|Oc|Op|Cm|No|Li|Sm off|Sm on)\b ?", "", m.group(2)).strip()
            found.setdefault(m.group(1), set()).add(arg.replace(" ", ""))
    return found


def check_options(bindir, mandir):
    bad = []
    for name in sorted(n for n in os.listdir(bindir) if n.startswith("ab-")):
        tool = dump(os.path.join(bindir, name))
        with open(os.path.join(mandir, name + ".1")) as f:
            text = f.read()
        table, page = table_options(tool), page_options(text)
        bad += ["%s: --%s is not in the manual" % (name, o) for o in sorted(set(table) - set(page))]
        bad += ["%s: the manual's --%s is no option" % (name, o) for o in sorted(set(page) - set(table))]
        for o in sorted(set(table) & set(page)):
            want = {a.replace(" ", "") for a in table[o]}
            if want != page[o]:
                bad.append("%s: --%s takes %s, in the manual %s" % (name, o, sorted(want), sorted(page[o])))
        for verb in tool.get("verbs", []):
            verb = verb["name"].split()[-1]
            if not re.search(r"^\.(Ss|It) .*\b%s\b" % verb, text, re.M):
                bad.append("%s: the verb %s has no part of the manual" % (name, verb))
    return bad


# The pages of file formats, and the schemas that they describe.
FORMATS = {"ab-workflow.5": ["workflow"], "ab-policy.5": ["policy", "finding"], "ab-receipt.5": ["receipt"],
           "ab-record.5": ["audit-record", "event-record"]}


def schema_keys(schema):
    """The names of all properties in a schema, wherever they stand."""
    found = set()
    if isinstance(schema, dict):
        for word, value in schema.items():
            if word in ("properties", "dependentRequired") and isinstance(value, dict):
                found.update(value)
            found |= schema_keys(value)
    elif isinstance(schema, list):
        for item in schema:
            found |= schema_keys(item)
    return found


def page_keys(text):
    """(keys that have an entry, `.It Cm a , b.c`, of a path the last name; all that is set in `Cm`)."""
    entries, named = set(), set()
    for line in text.splitlines():
        m = re.match(r"\.(It )?Cm (.*)", line)
        if m:
            words = [w.split(".") for w in m[2].split() if re.fullmatch(r"[\w.-]*\w", w)]
            named.update(name for w in words for name in w)
            if m[1]:
                entries.update(w[-1] for w in words)
    return entries, named


def check_keys(schemadir, mandir):
    bad = []
    for page, schemas in FORMATS.items():
        with open(os.path.join(mandir, page)) as f:
            entries, named = page_keys(f.read())
        keys = set()
        for name in schemas:
            with open(os.path.join(schemadir, name + ".schema.json")) as f:
                keys |= schema_keys(json.load(f))
        bad += ["%s: the key %s is not named" % (page, k) for k in sorted(keys - named)]
        bad += ["%s: %s is no key of %s" % (page, k, " or ".join(schemas)) for k in sorted(entries - keys)]
    return bad


def unmacro(line):
    """A literal line of mdoc source as it is shown."""
    if line.startswith("\\&"):
        line = line[2:]
    return line.replace("\\-", "-").replace("\\(aq", "'").replace("\\(dq", '"').replace("\\(ga", "`").replace("\\(ti", "~").replace("\\(ha", "^").replace("\\e", "\\").replace("\\&", "")


def blocks(text):
    section = text.split(".Sh EXAMPLES", 1)[-1].split("\n.Sh ", 1)[0]
    skip = False
    lines = section.splitlines()
    i = 0
    while i < len(lines):
        if lines[i].startswith('.\\" no-test:'):
            skip = True
        if lines[i].startswith(".Bd -literal"):
            end = lines.index(".Ed", i)
            if not skip:
                yield i, [unmacro(line) for line in lines[i + 1:end]]
            skip, i = False, end
        i += 1


def parse(block):
    """(script, expected output) of one example. A here-document, <<WORD, belongs to its command."""
    script, want, more, word = [], [], False, None
    for line in block:
        if more or word:
            script.append(line)
        elif line.startswith("$ "):
            script.append(line[2:])
            here = re.search(r"<<'?(\w+)'?$", line)
            word = here and here[1]
        else:
            want.append(line)
            continue
        more = not word and line.endswith("\\")
        if word and line == word:
            word = None
    return "\n".join(script) + "\n", want


def matches(want, got):
    """Line by line; "..." stands for any lines, "<...>" inside a line for any text."""
    if not want:
        return not got
    if want[0] == "...":
        return any(matches(want[1:], got[i:]) for i in range(len(got) + 1))
    if not got:
        return False
    pattern = ".*".join(re.escape(part) for part in want[0].split("<...>"))
    return re.fullmatch(pattern, got[0]) is not None and matches(want[1:], got[1:])


def check_examples(bindir, page):
    bad, ran = [], 0
    with open(page) as f:
        text = f.read()
    for at, block in blocks(text):
        script, want = parse(block)
        with tempfile.TemporaryDirectory() as d:
            env = {k: v for k, v in os.environ.items() if not k.startswith("AB_")}
            env.update(PATH=os.path.abspath(bindir) + ":" + env["PATH"], HOME=d, XDG_STATE_HOME=d + "/state", TMPDIR=d)
            r = subprocess.run(["bash", "-c", script], cwd=d, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
        got = r.stdout.decode("utf-8", "replace").splitlines()
        ran += 1
        # A file system that takes no ID-mapped mount is refused by name.
        if not matches(want, got) and b"cannot give it another owner" not in r.stdout:
            bad.append("%s: example at line %d of EXAMPLES:\n%s--- want\n%s\n--- got\n%s" % (page, at, script, "\n".join(want), "\n".join(got)))
    if not ran:
        bad.append("%s: no example" % page)
    return bad


def main():
    what, bindir, where = sys.argv[1:4]
    bad = {"options": check_options, "keys": check_keys, "examples": check_examples}[what](bindir, where)
    print("\n".join(bad), end="\n" if bad else "")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
