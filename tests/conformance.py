#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""conformance.py AB-VALIDATE DIR [PART...]: runs a folder of the JSON-Schema-Test-Suite's form (DIR/tests/draft*,
DIR/remotes) and prints each case that goes wrong and a line of totals. PART: only files whose path holds it.
Numbers go to the tool as they are written. Exit status 0: all pass.

A folder DIR/tests/any is run for every draft, or for those that a group names ("drafts"). There names that
changed are written <id>, <defs>, <prefix> and <rest> (items and additionalItems), <meta> (the metaschema's
URI); a group has lists "valid" and "invalid", or "refused": a schema that is no schema; "options" are more
options of the tool."""
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

DRAFTS = {"draft2020-12": "2020-12", "draft2019-09": "2019-09", "draft7": "7", "draft6": "6", "draft4": "4"}


URIS = {"4": "http://json-schema.org/draft-04/schema", "6": "http://json-schema.org/draft-06/schema",
        "7": "http://json-schema.org/draft-07/schema", "2019-09": "https://json-schema.org/draft/2019-09/schema",
        "2020-12": "https://json-schema.org/draft/2020-12/schema"}


class Lexeme(str):
    """A number as it was written."""


def dump(v):
    if isinstance(v, Lexeme):
        return str(v)
    if isinstance(v, dict):
        return "{" + ",".join(json.dumps(k) + ":" + dump(x) for k, x in v.items()) + "}"
    if isinstance(v, list):
        return "[" + ",".join(map(dump, v)) + "]"
    return json.dumps(v)


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f, parse_float=Lexeme, parse_int=Lexeme)


def spell(v, draft):
    """A value with the names that a draft uses."""
    if isinstance(v, dict):
        return {spell(k, draft): spell(x, draft) for k, x in v.items()}
    if isinstance(v, list):
        return [spell(x, draft) for x in v]
    if type(v) is not str:
        return v
    names = {"<id>": "id" if draft == "4" else "$id", "<defs>": "$defs" if draft[:2] == "20" else "definitions",
             "<old-defs>": "definitions", "<prefix>": "prefixItems" if draft == "2020-12" else "items",
             "<rest>": "items" if draft == "2020-12" else "additionalItems", "<meta>": URIS[draft]}
    for name, text in names.items():
        v = v.replace(name, text)
    return v


def groups_of(path, folder, draft):
    for group in load(path):
        if folder == "any":
            if draft not in group.get("drafts", URIS):
                continue
            cases = [(d, True) for d in group.get("valid", [])] + [(d, False) for d in group.get("invalid", [])]
            group = {**spell({**group, "drafts": 0}, draft), "tests": [
                {"description": dump(d), "data": spell(d, draft), "valid": v} for d, v in cases]}
        yield group


def options(root, path, draft):
    args = ["--draft", draft, "--ref-dir", "http://localhost:1234/=" + os.path.join(root, "remotes")]
    if os.path.join("optional", "format") + os.sep in path or path.endswith("ecmascript-regex.json"):
        args.append("--assert-format")
    if draft == "7" and path.endswith(os.path.join("optional", "content.json")):
        args.append("--assert-content")
    return args


def run_group(tool, args, group):
    """What goes wrong in one schema's cases: a list of texts."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as f:
        f.write(dump(group["schema"]))
        f.flush()
        lines = "".join(dump(t["data"]) + "\n" for t in group["tests"])
        r = subprocess.run([tool, "--schema", f.name, "--lines", "--output", "flag", *args], input=lines.encode(),
                           capture_output=True)
    said = r.stderr.decode()
    if group.get("refused"):
        return [] if r.returncode == 2 else [f"{group['description']}: exit {r.returncode}, expected 2"]
    got = {}
    for line in said.splitlines():
        if line.startswith("{"):
            o = json.loads(line)
            got[o["line"]] = o["valid"]
    wrong = []
    for i, t in enumerate(group["tests"], 1):
        if got.get(i) != t["valid"]:
            why = f"got {got[i]}" if i in got else f"exit {r.returncode}: " + said.strip().split("\n")[-1]
            wrong.append(f"{group['description']} / {t['description']}: {why}")
    return wrong


def main():
    tool, root, parts = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3:]
    total = failed = 0
    table = {}
    jobs = []
    with ThreadPoolExecutor(2) as pool:
        for folder, draft in [*DRAFTS.items(), *(("any", d) for d in URIS)]:
            for where, _, names in sorted(os.walk(os.path.join(root, "tests", folder))):
                for name in sorted(names):
                    path = os.path.relpath(os.path.join(where, name), os.path.join(root, "tests"))
                    if name.endswith(".json") and (not parts or any(p in path for p in parts)):
                        for group in groups_of(os.path.join(root, "tests", path), folder, draft):
                            args = options(root, path, draft) + group.get("options", [])
                            jobs.append((f"{path} {draft}" if folder == "any" else path, group,
                                         pool.submit(run_group, tool, args, group)))
        for path, group, job in jobs:
            wrong = job.result()
            n = len(group["tests"]) or 1
            total += n
            failed += len(wrong)
            key = os.path.dirname(path) + (" " + path.split()[-1] if " " in path else "")
            row = table.setdefault(key, [0, 0])
            row[0] += n - len(wrong)
            row[1] += n
            for w in wrong:
                print(f"{path}: {w}")
    for key, (good, n) in table.items():
        print(f"{key}: {good}/{n}")
    print(f"{total - failed} of {total} cases pass")
    return failed != 0 or total == 0


if __name__ == "__main__":
    sys.exit(main())
