#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""conformance.py AB-VALIDATE DIR [PART...]: runs a folder of the JSON-Schema-Test-Suite's form (DIR/tests/draft*,
DIR/remotes) and prints each case that goes wrong and a line of totals. PART: only files whose path holds it.
Numbers go to the tool as they are written. Exit status 0: all pass."""
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

DRAFTS = {"draft2020-12": "2020-12", "draft2019-09": "2019-09", "draft7": "7", "draft6": "6", "draft4": "4"}


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


def options(root, path, draft):
    args = ["--draft", DRAFTS[draft], "--ref-dir", "http://localhost:1234/=" + os.path.join(root, "remotes")]
    if os.path.join("optional", "format") + os.sep in path or path.endswith("ecmascript-regex.json"):
        args.append("--assert-format")
    if draft == "draft7" and path.endswith(os.path.join("optional", "content.json")):
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
        for draft in DRAFTS:
            for folder, _, names in sorted(os.walk(os.path.join(root, "tests", draft))):
                for name in sorted(names):
                    path = os.path.relpath(os.path.join(folder, name), os.path.join(root, "tests"))
                    if name.endswith(".json") and (not parts or any(p in path for p in parts)):
                        for group in load(os.path.join(root, "tests", path)):
                            args = options(root, path, draft)
                            jobs.append((path, group, pool.submit(run_group, tool, args, group)))
        for path, group, job in jobs:
            wrong = job.result()
            total += len(group["tests"])
            failed += len(wrong)
            key = os.path.dirname(path)
            row = table.setdefault(key, [0, 0])
            row[0] += len(group["tests"]) - len(wrong)
            row[1] += len(group["tests"])
            for w in wrong:
                print(f"{path}: {w}")
    for key, (good, n) in table.items():
        print(f"{key}: {good}/{n}")
    print(f"{total - failed} of {total} cases pass")
    return failed != 0 or total == 0


if __name__ == "__main__":
    sys.exit(main())
