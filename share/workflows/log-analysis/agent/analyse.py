#!/usr/bin/python3 -ISB
# SPDX-License-Identifier: Apache-2.0
"""Looks for the root cause of an incident in log snippets: the input document on stdin, the analysis on stdout.

A pure function without a model: it opens no file, asks no clock and starts nothing. The isolated mode of the first
line keeps the environment and the user's packages out; the modules beside this file are then named by hand.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import hypothesis
import pattern
import records
import severity
import skew
import templates
import times
from report import Report
from topology import Topology

SKEW_MS = 2000
LEVELS = {name: level for level, name in severity.NAMES.items()}


def known(events, patterns):
    """Notes the operator's patterns that an event matches, and the severity that they give it."""
    matcher = pattern.Matcher(patterns)
    level = {p["name"]: LEVELS[p["severity"]] for p in patterns if "severity" in p}
    memory = {}
    for e in events:
        text = "%s %s" % (e.text, e.detail) if e.detail else e.text
        if text not in memory:
            memory[text] = matcher.find(text)
        e.known = memory[text]
        for name in e.known:
            e.level = max(e.level, level.get(name, 0))
    return matcher


def answer(request):
    """The output document for an input document."""
    collected = times.of_rfc3339(request["collected_at"]) or 0
    declared = request.get("topology", {})
    names = {c["name"] for c in declared.get("components", [])} | {d[k] for d in declared.get("dependencies", []) for k in ("from", "to")}
    reading = records.read(request, collected, names)
    clocks = skew.offsets(reading.events)
    for e in reading.events:
        if e.time is not None and e.component in clocks:
            e.time += clocks[e.component]
    matcher = known(reading.events, request.get("error_patterns", []))
    topology = Topology(declared, dict.fromkeys(e.component for e in reading.events))
    case = hypothesis.Case(topology, reading.events, templates.mine(reading.events), request.get("clock_skew_ms", SKEW_MS))
    return Report(request, reading, case, case.candidates(), matcher, clocks).document()


def main():
    result = answer(json.load(sys.stdin.buffer))
    text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
