#!/usr/bin/python3 -ISB
# SPDX-License-Identifier: Apache-2.0
"""Shows what the demo made, in a few lines: review FILE | record FILE REVIEW | tier FILE | faults REVIEW EXPECTED."""
import hashlib
import json
import os
import sys
import textwrap

SHOWN = 12


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def say(text, first="   ", rest="   "):
    print(textwrap.fill(text, 110, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False))


def review(path):
    result = load(path)
    say("%s. %s" % (result["review_status"], result.get("summary", "")))
    comments = result["comments"]
    for c in comments[:SHOWN]:
        say(c["comment"], "     %-8s %s:%d  " % (c.get("severity", ""), c["file"], c["line"]), " " * 14)
    if len(comments) > SHOWN:
        print("     ... and %d more in %s" % (len(comments) - SHOWN, os.path.basename(path)))


def predicate(path):
    """(index, what it says) of a line of ab-audit tail."""
    line = load(path)
    return line["index"], line["record"]["predicate"]


def tier(path):
    r = predicate(path)[1]
    print(r.get("tier"))


def is_hash_of(text, path):
    with open(path, "rb") as f:
        return text == "sha256:" + hashlib.sha256(f.read()).hexdigest()


def record(path, review_path):
    index, r = predicate(path)
    print("   record     %d, of run %s, %s" % (index, r["run"], r["timestamp"]))
    used, isolation = r.get("resource_usage") or {}, r.get("isolation") or {}
    tier = r.get("tier", isolation.get("tier"))
    print("   verdict    %s%s" % (r["verdict"], ": " + r["reason"] if r.get("reason") else ""))
    print("   isolation  %s, tier %s" % ("verified" if r.get("isolation_verified") else "NOT verified", tier))
    mechanisms = isolation.get("mechanisms") or {k: m for k, m in isolation.items() if isinstance(m, dict)}
    for state in ("enforced", "degraded", "absent"):
        names = sorted(name for name, m in mechanisms.items() if m.get("state") == state)
        if names and state != "enforced":
            names = ["%s (%s)" % (name, mechanisms[name].get("how", "no reason given")) for name in names]
        if names:
            say(", ".join(names), "   %-10s " % state, " " * 14)
    print("   resources  %s ms, %s s of processor, %s MB at most" %
          (r.get("execution_duration_ms"), used.get("cpu_seconds"), used.get("peak_memory_mb")))
    print("   input      %s" % r.get("input_hash"))
    print("   output     %s" % r.get("output_hash"))
    if not is_hash_of(r.get("output_hash"), review_path):
        sys.exit("   that is not the hash of %s" % os.path.basename(review_path))
    print("              which is the hash of %s" % os.path.basename(review_path))
    if tier not in (1, 2) or not r.get("isolation_verified"):
        sys.exit("   the record does not show a verified isolation")


def faults(path, expected_path):
    result, expected = load(path), load(expected_path)
    found = {(c["file"], c["line"]) for c in result["comments"]}
    missed = [f for f in expected["faults"] if (f["file"], f["line"]) not in found]
    print("   %d of %d planted faults found, each at its line" % (len(expected["faults"]) - len(missed), len(expected["faults"])))
    for f in missed:
        print("   MISSED %s:%d %s" % (f["file"], f["line"], f["fault"]))
    planted = {(f["file"], f["line"]) for f in expected["faults"]}
    more = len([c for c in result["comments"] if (c["file"], c["line"]) not in planted])
    seconds = len(result["comments"]) - more - (len(planted) - len(missed))
    if more + seconds:
        say("The other %d are second remarks on a planted line (%d) and remarks elsewhere in the change (%d)."
            % (more + seconds, seconds, more))
    if result["review_status"] != expected["review_status"]:
        sys.exit("   expected the review to say %s" % expected["review_status"])
    if missed:
        sys.exit(1)


if __name__ == "__main__":
    {"review": review, "record": record, "tier": tier, "faults": faults}[sys.argv[1]](*sys.argv[2:])
