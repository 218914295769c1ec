#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""differential.py AB-VALIDATE [SCHEMAS [SEED]]: random schemas of all five drafts and instances; each
verdict beside those of ajv and of the @sourcemeta/jsonschema CLI.

Both are looked for in $AB_PEERS (default ~/.cache/agentbox-peers), where
`npm install ajv ajv-draft-04 @sourcemeta/jsonschema` was run. Prints each pair on which one differs that KNOWN
does not explain. Exit status 0: none, 1: some, 77: no peer is there."""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

# What is known to differ: peer, whether (schema text, instance text) is such a pair, and why ours is
# right. Values are made so that the commonest never come up (numbers are small and short, no member
# is called __proto__): peers that compute in doubles or use objects as maps are wrong there.
KNOWN = [
    ("ajv", lambda schema, value: "multipleOf" in schema and "." in value,
     "multipleOf is computed in doubles: 19.99 is a multiple of 0.01 (validation section 6.2.1)"),
    ("ajv", lambda schema, value: "uniqueItems" in schema and ".0" in value,
     "no difference in value: 1.0 and 1 are one number (core section 4.2.2)"),
    ("ajv", lambda schema, value: "unevaluatedItems" in schema and "anyOf" in schema,
     "items evaluated by a branch that failed still count; its annotations are dropped (core section 7.7.1)"),
    ("ajv", lambda schema, value: re.search(r'\[[^]\[]*""[^]\[]*\]', schema),
     "a missing member whose name is empty is not missed: required says nothing of names (validation section 6.5.3)"),
    ("ajv", lambda schema, value: '"contains"' in schema and '"items": [' in schema and "[]" in value,
     "contains beside a list of items: an empty array has no item that matches (validation section 6.4.6 of draft 7)"),
    ("ajv", lambda schema, value: "2019-09" in schema and "contains" in schema and "unevaluatedItems" in schema,
     "items that contains matched are not evaluated in 2019-09 (core section 9.3.1.3)"),
    ("sourcemeta", lambda schema, value: '"additionalProperties": false' in schema and "unevaluatedItems" in schema,
     "its command that runs tests lets members pass that additionalProperties forbids; its command validate does not"),
    ("sourcemeta", lambda schema, value: "^.{2,3}$" in schema and "\\n" in value,
     "its dot matches a newline; that of ECMA-262 does not (section 22.2.2.7)"),
]
URIS = {"4": "http://json-schema.org/draft-04/schema#", "6": "http://json-schema.org/draft-06/schema#",
        "7": "http://json-schema.org/draft-07/schema#", "2019-09": "https://json-schema.org/draft/2019-09/schema",
        "2020-12": "https://json-schema.org/draft/2020-12/schema"}
NAMES = ["a", "b", "c", "name", "", "a long property name of over 16 bytes", "a long property name of over 17 bytes", "\u00e9", "tab\t"]
TEXTS = ["", "a", "ab", "abc", "\u00e9\u00e9", "\U0001f600", "a\nb", "x" * 20, "q\"q"]
PATTERNS = ["^a", "b$", "^[a-c]+$", "\\d", "^.{2,3}$", "(ab|c)+", "^$", "\\u00e9"]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]
AJV = """
const folder = process.argv[2] + "/node_modules/ajv";
const of4 = () => { try { return require(folder + "-draft-04"); } catch (e) { return null; } };
const make = { "2020-12": require(folder + "/dist/2020"), "2019-09": require(folder + "/dist/2019"),
  "7": require(folder), "6": require(folder), "4": of4() };
const lines = require("fs").readFileSync(0, "utf8").trim().split("\\n");
for (const line of lines) {
  const { draft, schema, values } = JSON.parse(line);
  let out;
  try {
    const ajv = new make[draft]({ strict: false, logger: false });
    if (draft === "6") ajv.addMetaSchema(require(folder + "/dist/refs/json-schema-draft-06.json"));
    const check = ajv.compile(schema);
    out = values.map(v => check(v));
  } catch (e) { out = { error: e.message }; }
  console.log(JSON.stringify(out));
}
"""


def value(r, depth=3):
    kind = r.randrange(9 if depth else 6)
    if kind == 0:
        return r.choice([None, True, False])
    if kind <= 2:
        return r.choice([0, 1, 2, 3, 5, 10, -1, -7, 1.5, -0.5, 1.0, 100])
    if kind <= 5:
        return r.choice(TEXTS)
    if kind == 6:
        return [value(r, depth - 1) for _ in range(r.randrange(4))]
    return {r.choice(NAMES): value(r, depth - 1) for _ in range(r.randrange(5))}


def distinct(values):
    """An enum that says a thing twice is no schema in draft 4, and the CLI loses some of its values."""
    return [json.loads(v) for v in dict.fromkeys(json.dumps(v) for v in values)]


class Maker:
    """Makes schemas of one draft; references lead to later definitions only, so that none goes in a circle."""

    def __init__(self, r, draft):
        self.r, self.draft = r, draft
        self.since6, self.since7 = draft != "4", draft not in "46"
        self.new, self.prefix = draft[:2] == "20", draft == "2020-12"
        self.base = "$defs" if self.new else "definitions"
        self.at, self.definitions = 0, 4

    def schema(self):
        defs = {}
        for i in range(self.definitions):
            self.at = i + 1
            defs[f"d{i}"] = self.sub(2)
        self.at = 0
        top = self.sub(3)
        return {**top, self.base: defs} if isinstance(top, dict) else {"not": {"not": top}}

    def sub(self, depth):
        if self.r.random() < 0.08:
            yes = self.r.random() < 0.6
            return yes if self.since6 else {} if yes else {"not": {}}
        if self.at < self.definitions and self.r.random() < 0.15:
            return {"$ref": f"#/{self.base}/d{self.r.randrange(self.at, self.definitions)}"}
        makers = [self.scalar] if depth == 0 else [self.scalar, self.object, self.array, self.logic]
        out = {}
        for _ in range(self.r.randrange(1, 4)):
            out.update(self.r.choice(makers)(depth))
        if self.r.random() < 0.3:
            out["type"] = self.r.choice([self.r.choice(TYPES), self.r.sample(TYPES, 2)])
        return out

    def some(self, depth, least=1):
        return [self.sub(depth - 1) for _ in range(self.r.randrange(least, 4))]

    def members(self, depth):
        return {self.r.choice(NAMES): self.sub(depth - 1) for _ in range(self.r.randrange(4))}

    def scalar(self, _):
        r = self.r
        choices = [
            lambda: {"minimum": r.randrange(-2, 6)}, lambda: {"maximum": r.randrange(-2, 6)},
            lambda: {"multipleOf": r.choice([1, 2, 5, 0.5])}, lambda: {"minLength": r.randrange(4)},
            lambda: {"maxLength": r.randrange(4)}, lambda: {"pattern": r.choice(PATTERNS)},
            lambda: {"enum": distinct(value(r, 1) for _ in range(r.choice([1, 3, 12])))}]
        if self.since6:
            choices += [lambda: {"const": value(r, 2)}, lambda: {"exclusiveMinimum": r.randrange(-2, 3)},
                        lambda: {"exclusiveMaximum": r.randrange(0, 11)}]
        else:
            choices += [lambda: {"minimum": r.randrange(-2, 3), "exclusiveMinimum": r.random() < 0.7},
                        lambda: {"maximum": r.randrange(0, 11), "exclusiveMaximum": r.random() < 0.7}]
        return r.choice(choices)()

    def object(self, depth):
        r = self.r
        choices = [
            lambda: {"properties": self.members(depth)}, lambda: {"required": r.sample(NAMES, r.randrange(0 if self.since6 else 1, 3))},
            lambda: {"properties": self.members(depth), "additionalProperties": self.sub(depth - 1)},
            lambda: {"patternProperties": {r.choice(PATTERNS): self.sub(depth - 1)}},
            lambda: {"minProperties": r.randrange(3)}, lambda: {"maxProperties": r.randrange(4)}]
        if self.since6:
            choices.append(lambda: {"propertyNames": self.scalar(0)})
        if self.new:
            choices += [lambda: {"dependentRequired": {r.choice(NAMES): r.sample(NAMES, 2)}},
                        lambda: {"dependentSchemas": {r.choice(NAMES): self.sub(depth - 1)}},
                        lambda: {"unevaluatedProperties": self.sub(depth - 1)}]
        else:
            choices.append(lambda: {"dependencies": {r.choice(NAMES): r.choice([r.sample(NAMES, 2), self.sub(depth - 1)])}})
        return r.choice(choices)()

    def array(self, depth):
        r = self.r
        choices = [lambda: {"items": self.sub(depth - 1)}, lambda: {"minItems": r.randrange(3)},
                   lambda: {"maxItems": r.randrange(4)}, lambda: {"uniqueItems": True}]
        if self.since6:
            choices.append(lambda: {"contains": self.sub(depth - 1)})
        if self.new:
            choices += [lambda: {"unevaluatedItems": self.sub(depth - 1)},
                        lambda: {"contains": self.sub(depth - 1), "minContains": r.randrange(3), "maxContains": r.randrange(1, 3)}]
        if self.prefix:
            choices.append(lambda: {"prefixItems": self.some(depth)})
        else:
            choices += [lambda: {"items": self.some(depth), "additionalItems": self.sub(depth - 1)}]
        return r.choice(choices)()

    def logic(self, depth):
        r = self.r
        choices = [lambda: {"allOf": self.some(depth)}, lambda: {"anyOf": self.some(depth)},
                   lambda: {"oneOf": self.some(depth)}, lambda: {"not": self.sub(depth - 1)}]
        if self.since7:
            choices.append(lambda: {"if": self.sub(depth - 1), "then": self.sub(depth - 1), "else": self.sub(depth - 1)})
        return r.choice(choices)()


def make_case(r):
    draft = r.choice(list(URIS))
    return {"draft": draft, "schema": {"$schema": URIS[draft], **Maker(r, draft).schema()}, "values": [value(r) for _ in range(40)]}


def ours(tool, folder, case):
    path = os.path.join(folder, "ours.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(case["schema"], f)
    lines = "".join(json.dumps(v) + "\n" for v in case["values"])
    p = subprocess.run([tool, "--schema", path, "--lines", "--output", "flag"], input=lines.encode(), capture_output=True, check=False)
    said = [json.loads(line) for line in p.stderr.splitlines() if line.startswith(b"{")]
    if p.returncode > 1 or len(said) != len(case["values"]):
        return {"error": p.stderr.decode(errors="replace").strip()}
    return [o["valid"] for o in said]


def ajv_verdicts(peers, folder, cases):
    script = os.path.join(folder, "ajv.js")
    with open(script, "w", encoding="ascii") as f:
        f.write(AJV)
    lines = "".join(json.dumps(c) + "\n" for c in cases)
    p = subprocess.run(["node", script, peers], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in p.stdout.splitlines()]


def cli_verdicts(peers, folder, case):
    """By its command that runs tests: those that it says fail as \"valid\" are not."""
    with open(os.path.join(folder, "schema.json"), "w", encoding="utf-8") as f:
        json.dump(case["schema"], f)
    path = os.path.join(folder, "tests.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"target": "./schema.json", "tests": [{"valid": True, "data": v} for v in case["values"]]}, f)
    p = subprocess.run([f"{peers}/node_modules/.bin/jsonschema", "test", "--json", path], capture_output=True, check=False)
    try:
        said = [t["status"] == "passed" for t in json.loads(p.stdout)["results"]["tests"]]
    except (ValueError, KeyError):
        said = []
    return said if len(said) == len(case["values"]) else None


def report(peer, case, i, mine, other):
    """Whether the difference is a new one."""
    schema, instance = json.dumps(case["schema"]), json.dumps(case["values"][i])
    if any(peer == name and known(schema, instance) for name, known, _ in KNOWN):
        return 0
    print(f"{peer}: ours {mine}, theirs {other}\n  schema {schema}\n  instance {instance}")
    return 1


def main():
    tool, count, seed = sys.argv[1:2] + (sys.argv[2:] + ["300", "1"][len(sys.argv) - 2:])
    peers = os.environ.get("AB_PEERS") or os.path.expanduser("~/.cache/agentbox-peers")
    ajv, cli = (os.path.exists(f"{peers}/node_modules/{p}") for p in ("ajv", ".bin/jsonschema"))
    if not ajv and not cli:
        print(f"{peers}: neither ajv nor @sourcemeta/jsonschema is there")
        return 77
    r = random.Random(int(seed))
    cases = [make_case(r) for _ in range(int(count))]
    new = pairs = refused = valid = beside = beside_cli = 0
    with tempfile.TemporaryDirectory() as folder:
        others = ajv_verdicts(peers, folder, cases) if ajv else [{"error": ""}] * len(cases)
        for case, theirs in zip(cases, others):
            mine = ours(tool, folder, case)
            if isinstance(mine, dict):
                refused += 1
                if isinstance(theirs, list):
                    print(f"refused: {mine['error']}\n  schema {json.dumps(case['schema'])}")
                    new += 1
                continue
            pairs += len(mine)
            valid += sum(mine)
            if isinstance(theirs, list):
                beside += len(theirs)
                new += sum(report("ajv", case, i, m, t) for i, (m, t) in enumerate(zip(mine, theirs)) if m != t)
            said = cli_verdicts(peers, folder, case) if cli else None
            if said:
                beside_cli += len(said)
                new += sum(report("sourcemeta", case, i, m, t) for i, (m, t) in enumerate(zip(mine, said)) if m != t)
    print(f"{pairs} pairs ({valid} valid, {beside} beside ajv, {beside_cli} beside the CLI), {refused} schemas refused, {new} differences that are not known")
    return new != 0


if __name__ == "__main__":
    sys.exit(main())
