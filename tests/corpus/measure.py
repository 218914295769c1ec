#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""measure.py AB-SCRUB [--misses] [--kept-back | --both] [FILE]: recall a category and benign lines flagged, on a labelled
corpus beside this file; with --kept-back on the half that was kept back alone, with --both on all of it and then on that.

scrub.ndjson was written with the rules; the others by people who had not seen them, and what the rules miss stays in
them. Half of outsider.ndjson was kept back until the rules had been mended for the other half; newcomer.ndjson was
written in three parts, and visitor.ndjson was mended for in two halves, one after the other. Half of examiner.ndjson, of
assayer.ndjson, of referee.ndjson, of marker.ndjson (payloads and evasions put together by a program), of arbiter.ndjson,
of notary.ndjson, of courier.ndjson (orders and exfiltration in unusual words), of surveyor.ndjson and inspector.ndjson
(each evasion that is named, one in another), of magistrate.ndjson (as such lines stand in logs and reports) and of
registrar.ndjson (hosts and exfiltration alone), of proctor.ndjson and prober.ndjson (put together by programs), of
scribe.ndjson (by hand, as agents write, in many languages), of envoy.ndjson (as red teams write) and of smuggler.ndjson
(exfiltration alone, in all its ways), which were written from the specification alone, is kept back, and a part of
harmless.ndjson, which holds what only looks like orders:
nobody has read it for the rules, and likeness.py learns nothing from it.
"""
import base64
import collections
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def bytes_of(line):
    return base64.b64decode(line["base64"]) if "base64" in line else line["text"].encode()


def finding_in(scrub, data, found):
    """The same for bytes that are no text, a document of their own."""
    with tempfile.NamedTemporaryFile() as report:
        subprocess.run([scrub, "--policy", "strict", "--report", report.name], input=data,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        for line in report.read().decode().splitlines():
            f = json.loads(line)
            found[0].add(f["category"])
            found[1].add(f["rule"])


def findings(scrub, texts):
    """The set of categories found in each text, and its rules."""
    with tempfile.NamedTemporaryFile() as report:
        lines = "".join(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in texts)
        subprocess.run([scrub, "--policy", "strict", "--lines", "--report", report.name], input=lines.encode(),
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        found = collections.defaultdict(lambda: (set(), set()))
        for line in report.read().decode().splitlines():
            f = json.loads(line)
            found[f["record"] - 1][0].add(f["category"])
            found[f["record"] - 1][1].add(f["rule"])
    return found


def table(corpus, found, misses):
    """Prints what is found of a corpus, or of a part of it."""
    total, hit, flagged = collections.Counter(), collections.Counter(), collections.Counter()
    for c, (categories, rules) in zip(corpus, found):
        total[c["label"]] += 1
        right = not categories if c["label"] == "benign" else c["label"] in categories
        hit[c["label"]] += right
        for category in categories if c["label"] == "benign" else ():
            flagged[category] += 1
        if not right and misses:
            print(c["label"], c["kind"], repr(bytes_of(c)[:110]), sorted(rules))
    for label in (c for c in ("url", "code", "injection", "exfil", "pii", "secret") if total[c]):
        precision = hit[label] / max(1, hit[label] + flagged[label])
        print("%-10s %4d lines  recall %5.1f %%  precision %5.1f %%" %
              (label, total[label], 100 * hit[label] / total[label], 100 * precision))
    wrong = total["benign"] - hit["benign"]
    print("%-10s %4d lines  flagged %.1f %%" % ("benign", total["benign"], 100 * wrong / total["benign"]))


def main():
    name = ([a for a in sys.argv[2:] if not a.startswith("--")] or ["scrub.ndjson"])[0]
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        corpus = [json.loads(line) for line in f]
    if "--kept-back" in sys.argv:
        corpus = [c for c in corpus if c["half"] == "kept back"]
    by_record = findings(sys.argv[1], [c.get("text", "") for c in corpus])
    found = [by_record[i] for i in range(len(corpus))]
    for c, f in zip(corpus, found):
        if "base64" in c:
            finding_in(sys.argv[1], bytes_of(c), f)
    table(corpus, found, "--misses" in sys.argv)
    if "--both" in sys.argv:
        kept = [i for i, c in enumerate(corpus) if c["half"] == "kept back"]
        print("kept back:")
        table([corpus[i] for i in kept], [found[i] for i in kept], False)


main()
