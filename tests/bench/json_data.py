#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""json_data.py SHAPE BYTES [SEED]: about BYTES of NDJSON on stdout, the same for the same arguments.

SHAPE: config (short configuration objects), events (log lines), geojson (polygons, mostly
numbers), api (nested payloads with text that is not all ASCII), deep (trees, 40 levels), pretty
(indented, one document)."""
import json
import random
import sys

WORDS = ("name type version source target region cluster service build deploy enabled owner path "
         "labels image port host user group policy state message request response latency").split()


def word(r):
    return r.choice(WORDS)


def config(r):
    return {"name": f"{word(r)}-{word(r)}", "runtime": r.choice(["nodejs", "python", "go"]),
            "description": " ".join(word(r) for _ in range(6)), "main": f"src/{word(r)}/",
            "config": {f"{word(r)}:{word(r)}{i}": {"type": "string", "default": word(r)} for i in range(2)},
            "enabled": r.random() < 0.5, "replicas": r.randrange(9)}


def events(r):
    return {"time": f"2026-0{r.randrange(1, 10)}-1{r.randrange(10)}T0{r.randrange(10)}:00:00.{r.randrange(1000):03}Z",
            "level": r.choice(["info", "warn", "error"]), "msg": " ".join(word(r) for _ in range(8)),
            "id": r.randrange(10**9), "ms": round(r.random() * 100, 3), "ok": True, "user": None,
            "tags": [word(r) for _ in range(3)]}


def geojson(r):
    def ring():
        return [[round(r.uniform(-180, 180), 12), round(r.uniform(-90, 90), 13)] for _ in range(60)]
    return {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"id": i, "name": word(r)},
         "geometry": {"type": "Polygon", "coordinates": [ring()]}} for i in range(4)]}


def api(r):
    return {"data": [{"id": f"{r.randrange(2**64):016x}", "title": f"{word(r)} Grüße «{word(r)}» 東京",
                      "quote": 'he said "no"\n', "stats": {"views": r.randrange(10**6), "score": r.random()},
                      "links": {k: f"https://example.org/{k}/{r.randrange(1000)}" for k in ("self", "next", "prev")}}
                     for _ in range(r.randrange(1, 5))], "page": r.randrange(100)}


def deep(r):
    tree = {"value": word(r), "children": []}
    for i in range(40):
        tree = {"value": f"{word(r)} {i}", "children": [tree] if r.random() < 0.8 else [tree, {"value": None}]}
    return tree


MAKE = {"config": config, "events": events, "geojson": geojson, "api": api, "deep": deep}


def main():
    shape, size = sys.argv[1], int(sys.argv[2])
    r = random.Random(sys.argv[3] if len(sys.argv) > 3 else "1")
    made = 0
    if shape == "pretty":
        documents = []
        while made < size:
            documents.append(api(r))
            made += len(json.dumps(documents[-1], indent=2)) + 2
        print(json.dumps(documents, indent=2, ensure_ascii=False))
        return
    make = MAKE[shape]
    while made < size:
        line = json.dumps(make(r), separators=(",", ":"), ensure_ascii=False)
        print(line)
        made += len(line.encode()) + 1


if __name__ == "__main__":
    main()
