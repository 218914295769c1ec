#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""validate_data.py WHAT SHAPE [BYTES [SEED [INVALID]]]: data for validate.bench on stdout, the same
for the same arguments.

WHAT: schema (draft 7, of that shape), lines (about BYTES of NDJSON that it accepts, but for the
share INVALID of the lines, 0 to 1). SHAPE: config, events, geojson, api, deep as json_data.py has
them; large: a schema of some 400 KB and 4,000 subschemas, and one document for it."""
import json
import random
import sys

from json_data import MAKE, word

TEXT = {"type": "string", "minLength": 1}


def strict(properties, required, **more):
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False, **more}


def config():
    entry = strict({"type": {"enum": ["string", "integer", "boolean", "array"]}, "default": {"type": "string"}}, ["type"])
    return strict({"name": {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"},
                   "runtime": {"oneOf": [{"enum": ["nodejs", "python", "go"]}, strict({"name": TEXT}, ["name"])]},
                   "description": {"type": "string", "maxLength": 200}, "main": TEXT,
                   "config": {"type": "object", "additionalProperties": {"$ref": "#/definitions/entry"}},
                   "enabled": {"type": "boolean"}, "replicas": {"type": "integer", "minimum": 0, "maximum": 100}},
                  ["name", "runtime"], definitions={"entry": entry})


def events():
    return strict({"time": {"type": "string", "format": "date-time"}, "level": {"enum": ["debug", "info", "warn", "error"]},
                   "msg": TEXT, "id": {"type": "integer", "minimum": 0}, "ms": {"type": "number", "exclusiveMinimum": -1},
                   "ok": {"type": "boolean"}, "user": {"type": ["string", "null"]},
                   "tags": {"type": "array", "items": TEXT, "maxItems": 10}}, ["time", "level", "msg"])


def geometry(kind, coordinates):
    return {"type": "object", "required": ["type", "coordinates"],
            "properties": {"type": {"enum": [kind]}, "coordinates": coordinates,
                           "bbox": {"type": "array", "minItems": 4, "items": {"type": "number"}}}}


def geojson():
    def many(items, at_least=0):
        return {"type": "array", "minItems": at_least, "items": items}
    point = many({"type": "number"}, 2)
    kinds = {"Point": point, "LineString": many(point, 2), "Polygon": many(many(point, 4)), "MultiPoint": many(point),
             "MultiLineString": many(many(point, 2)), "MultiPolygon": many(many(many(point, 4)))}
    geometries = {"oneOf": [{"type": "null"}] + [geometry(k, c) for k, c in kinds.items()]}
    feature = {"type": "object", "required": ["type", "properties", "geometry"],
               "properties": {"type": {"enum": ["Feature"]}, "geometry": {"$ref": "#/definitions/geometry"},
                              "id": {"oneOf": [{"type": "number"}, {"type": "string"}]},
                              "properties": {"oneOf": [{"type": "null"}, {"type": "object"}]}}}
    collection = {"type": "object", "required": ["type", "features"],
                  "properties": {"type": {"enum": ["FeatureCollection"]}, "features": many({"$ref": "#/definitions/feature"})}}
    return {"oneOf": [geometry(k, c) for k, c in kinds.items()] + [{"$ref": "#/definitions/feature"}, collection],
            "definitions": {"geometry": geometries, "feature": feature}}


def api():
    row = {"type": "object", "required": ["id", "title"],
           "properties": {"id": {"type": "string", "pattern": "^[0-9a-f]{16}$"}, "title": {"type": "string", "maxLength": 100},
                          "quote": {"type": "string"}, "links": {"type": "object", "additionalProperties": TEXT},
                          "stats": strict({"views": {"type": "integer", "minimum": 0}, "score": {"type": "number", "maximum": 1}},
                                          ["views"])}}
    return strict({"data": {"type": "array", "items": row, "minItems": 1}, "page": {"type": "integer"}}, ["data", "page"])


def deep():
    return {"type": "object", "required": ["value"], "additionalProperties": False,
            "properties": {"value": {"type": ["string", "null"]}, "children": {"type": "array", "items": {"$ref": "#"}}}}


def large(r):
    definitions = {}
    for i in range(800):
        other = {"$ref": f"#/definitions/{word(r)}{r.randrange(1, 30)}"}
        definitions[f"{word(r)}{i}" if i >= 24 * 30 else f"{sorted(MAKE)[0]}{i}"] = strict(
            {f"{word(r)}{k}": {"description": " ".join(word(r) for _ in range(7)), "type": "string", "maxLength": 80}
             for k in range(4)} | {"next": other}, [])
    for w in set(d["properties"]["next"]["$ref"].split("/")[-1] for d in definitions.values()):
        definitions.setdefault(w, {"type": "object", "properties": {"name": TEXT}})
    return {"type": "object", "definitions": definitions,
            "properties": {f"part{i}": {"$ref": f"#/definitions/{k}"} for i, k in enumerate(sorted(definitions))}}


def spoil(r, value):
    """A member of another type, one that is not known, or one that is missing."""
    key = r.choice(sorted(value))
    how = r.randrange(3)
    if how == 0:
        value[key] = [[value[key]]]
    elif how == 1:
        value[key] = {"unknown-" + key: 1.5}
    else:
        del value[min(value)], value[sorted(value)[-1]]
    return value


def lines(shape, size, r, invalid):
    made = 0
    while made < size:
        value = MAKE[shape](r)
        if r.random() < invalid:
            value = spoil(r, value)
        line = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        made += len(line.encode()) + 1
        yield line


def main():
    what, shape, size, seed, invalid = sys.argv[1:3] + (sys.argv[3:] + ["1000000", "1", "0"][len(sys.argv) - 3:])
    r = random.Random(seed)
    if what == "schema":
        schema = large(r) if shape == "large" else globals()[shape]()
        print(json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", **schema}))
    elif shape == "large":
        print(json.dumps({f"part{i}": {} for i in range(0, 300, 3)}))
    else:
        for line in lines(shape, int(size), r, float(invalid)):
            print(line)


if __name__ == "__main__":
    main()
