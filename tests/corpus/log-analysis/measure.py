#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""measure.py [--floors] [--wrong] [--through AB-SCRUB] [SEED]: how often the log-analysis agent names the right
component, kind of fault and followers, on incidents that were written by hand (*.case) and made (generate.py).
With the same SEED the same ones are made; the rules were changed after a look at those of 0 to 13.
The cases late-* were written after the rules, and first read by the rules as they were then.
--floors: exit 1 below what is asked for. --wrong: names the cases that went wrong. --through: each input first passes
that ab-scrub with the policy `input`, as in a run.

A .case file: "# key: value" lines (collected, needs: "a b, a c", expect: component, category or "no_incident",
follows, offset), then for each snippet a line "== component [source]" and its lines."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(HERE, "../../../share/workflows/log-analysis/agent")]
import analyse
import generate

# Percent.
FLOORS = {"hand": {"component": 93, "first three": 96, "category": 93, "followers found": 95, "followers right": 95},
          "made": {"component": 95, "first three": 96, "category": 95, "followers found": 94, "followers right": 95}}


def by_hand():
    for name in sorted(os.listdir(HERE)):
        if name.endswith(".case"):
            with open(os.path.join(HERE, name), encoding="utf-8") as f:
                yield (name[:-5],) + case(f.read())


def case(text):
    head, snippets, edges = {}, [], []
    for line in text.split("\n"):
        if line.startswith("# ") and not snippets:
            key, _, value = line[2:].partition(": ")
            head[key] = value
        elif line.startswith("== "):
            component, *source = line[3:].split()
            snippets.append({"component": component, "lines": [], **({"source": source[0]} if source else {})})
            if head.get("offset", "").startswith(component + " "):
                snippets[-1]["utc_offset_minutes"] = int(head["offset"].split()[1])
        elif snippets and line:
            snippets[-1]["lines"].append(line)
    for pair in head.get("needs", "").split(","):
        if pair.strip():
            a, b = pair.split()
            edges.append({"from": a, "to": b})
    request = {"collected_at": head["collected"], "snippets": snippets, "topology": {"dependencies": edges}}
    if "patterns" in head:
        request["error_patterns"] = json.loads(head["patterns"])
    want = head["expect"].split()
    expected = {"status": want[0]} if want[0] == "no_incident" else {
        "component": want[0], "category": want[1], "follows": head.get("follows", "").split()}
    return request, expected


def scrubbed(request, scrub):
    """What the policy lets through, or None."""
    r = subprocess.run([scrub, "--policy", "input"], input=json.dumps(request).encode(), capture_output=True)
    if r.returncode not in (0, 1):
        raise SystemExit(r.stderr.decode())
    return json.loads(r.stdout) if r.returncode == 0 else None


# The answer where the input was refused: a case like any other that was not solved.
REFUSED = {"status": "refused", "alternatives": [], "affected_components": []}


def judge(got, want):
    """What was right, by measure: True, False, or (hits, of)."""
    if "status" in want:
        return {"quiet": got["status"] == want["status"]}
    root = got.get("root_cause", {})
    first = [root.get("component")] + [a["component"] for a in got["alternatives"]]
    follows = {a["component"] for a in got["affected_components"] if a["role"] == "follows"}
    right = root.get("component") in want["component"].split("/")
    out = {"component": right, "first three": bool(set(want["component"].split("/")) & set(first[:3])),
           "category": right and root["category"] in want["category"].split("/")}
    if right:
        out["followers found"] = (len(follows & set(want["follows"])), len(want["follows"]))
        out["followers right"] = (len(follows & set(want["follows"])), len(follows))
        out["sure when right"] = root["confidence"]
    elif root:
        out["sure when wrong"] = root["confidence"]
    return out


def measure(cases, scrub, show):
    sums, n = {}, 0
    for name, request, want in cases:
        n += 1
        if scrub:
            request = scrubbed(request, scrub)
        got = analyse.answer(request) if request else REFUSED
        marks = judge(got, want)
        if show and not all(marks.get(k, True) for k in ("component", "category", "quiet")):
            root = got.get("root_cause", {})
            print("  %s: want %s, got %s %s %s %s" % (name, want, got["status"], root.get("component"), root.get("category"), root.get("confidence")))
        for k, v in marks.items():
            hits, of = v if isinstance(v, tuple) else (float(v), 1)
            a, b = sums.get(k, (0, 0))
            sums[k] = a + hits, b + of
    return n, {k: 100 * a / b if b else 100.0 for k, (a, b) in sums.items()}


def main():
    words = sys.argv[1:]
    scrub = words.pop(words.index("--through") + 1) if "--through" in words else None
    seed = next((int(w) for w in words if w.isdigit()), 0)
    bad = 0
    for what, cases in (("hand", by_hand()), ("made", generate.incidents(seed))):
        n, got = measure(cases, scrub, "--wrong" in words)
        print("%s: %d cases: %s" % (what, n, ", ".join("%s %.0f %%" % (k, got[k]) for k in got)))
        for k, least in FLOORS[what].items():
            if got[k] < least:
                print("%s: %s is %.1f %%, at least %d is asked for" % (what, k, got[k], least))
                bad = 1
        if got.get("quiet", 100) < 100:
            print("%s: a quiet system was taken for an incident" % what)
            bad = 1
    return bad if "--floors" in words else 0


if __name__ == "__main__":
    sys.exit(main())
