#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the security-audit agent: its parsers and evaluator as modules, and the whole as the program that is started."""
import importlib
import json
import os
import re
import subprocess
import sys
import time
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOME = os.path.join(TOP, "share/workflows/security-audit")
AGENT = os.path.join(HOME, "agent")
CORPUS = os.path.join(TOP, "tests/corpus/security-audit")
sys.dont_write_bytecode = True
sys.path.insert(0, AGENT)
sys.setrecursionlimit(6000)
audit, check, nodes, report, terraform, yaml_parser, json_parser, hcl_parser = map(
    importlib.import_module, "audit check nodes report terraform yaml_parser json_parser hcl_parser".split())


def ask(*documents, **more):
    return audit.answer(dict({"documents": [{"path": p, "content": c} for p, c in documents]}, **more))


def ids(*documents):
    return sorted({f["id"] for f in ask(*documents)["findings"]})


def told(*documents):
    return [(n["file"], n["line"]) for n in ask(*documents)["not_understood"]]


def hcl(source):
    """The first resource of a Terraform file, evaluated."""
    project = terraform.Project()
    error = project.module("x.tf").add_hcl(source, "x.tf")
    project.finish()
    return error, project.modules[""].resources


class Yaml(unittest.TestCase):
    def one(self, source):
        documents = yaml_parser.parse(source)
        self.assertEqual([e and (e.line, e.reason) for _, _, e in documents], [None])
        return documents[0][1]

    def test_scalars(self):
        self.assertEqual(self.one('a: yes\nb: "yes"\nc: 0o17\nd: 017\ne: ~\nf:\ng: 1.5\nh: -3\ni: 1.2.3\nj: null\nk: on\nl: 0x1f\n'),
                         {"a": True, "b": "yes", "c": 15, "d": 15, "e": None, "f": None, "g": 1.5, "h": -3, "i": "1.2.3", "j": None, "k": True, "l": 31})
        self.assertEqual(self.one("a: one\n  two\n\n  three # c\nb: 'it''s'\nc: \"x\\ty\\u00e9 \\\n   z\"\nd: a#b\ne: http://x:80/y\n"),
                         {"a": "one two\nthree", "b": "it's", "c": "x\ty\u00e9 z", "d": "a#b", "e": "http://x:80/y"})

    def test_block_texts(self):
        self.assertEqual(self.one("a: |\n  x\n   y\n\n  z\nb: >-\n  x\n  y\n\n  z\n   w\nc: |+\n  x\n\nd: |2\n   x\ne: >\n  # no comment\n"),
                         {"a": "x\n y\n\nz\n", "b": "x y\nz\n w", "c": "x\n\n", "d": " x\n", "e": "# no comment\n"})

    def test_collections(self):
        self.assertEqual(self.one("a:\n- b\n- c: d\n  e: [f, {g: h}]\n- - i\n  - j\nk: {l: [m,\n  n], \"o\":1}\n"),
                         {"a": ["b", {"c": "d", "e": ["f", {"g": "h"}]}, ["i", "j"]], "k": {"l": ["m", "n"], "o": 1}})
        self.assertEqual(self.one('{"a": [1, null, {"b": true}]}'), {"a": [1, None, {"b": True}]})

    def test_anchors_and_merges(self):
        self.assertEqual(self.one("a: &x {p: 1, q: 2}\nb: *x\nc:\n  <<: *x\n  q: 3\n"),
                         {"a": {"p": 1, "q": 2}, "b": {"p": 1, "q": 2}, "c": {"p": 1, "q": 3}})
        self.assertEqual(self.one("a: !!str 1\n"), {"a": "1"})

    def test_documents_and_lines(self):
        got = yaml_parser.parse("# c\n---\na: 1\n--- # d\nb:\n  c: 2\n...\n---\n[x]\n")
        self.assertEqual([v for _, v, _ in got], [{"a": 1}, {"b": {"c": 2}}, ["x"]])
        self.assertEqual([got[0][1].at("a"), got[1][1].at("b", "c"), got[1][1].at("b", "none")], [3, 6, 5])

    def test_refused_with_its_line(self):
        for source, line in (("a: 1\na: 2\n", 2), ("a:\n\tb: 1\n", 2), ("? a\n: b\n", 1), ("a: !Ref b\n", 1), ("a: *b\n", 1), ("a: [1, 2\n", 2), ("a: 'x\n", 2),
                             ("a: b: c\n", 1), ("a:\n  b: 1\n c: 2\n", 3), ("a: @b\n", 1), ("&k a: b\n", 1), ("a: {b} c\n", 1), ("- a\nb: c\n", 2), ("%TAG ! x\n---\na: 1\n", 1),
                             ("a: \"\\q\"\n", 1), ("a: &x [*x]\n", 1), ("x:\n  name: {{ .Values.x }}\n", 2)):
            got = yaml_parser.parse(source)
            self.assertEqual([(v, e and e.line) for _, v, e in got][0], (None, line), source)

    def test_one_broken_document_leaves_the_others(self):
        got = yaml_parser.parse("a: [\n---\nb: 1\n")
        self.assertEqual([(v, e is None) for _, v, e in got], [(None, False), ({"b": 1}, True)])


class Hcl(unittest.TestCase):
    def test_expressions(self):
        error, resources = hcl('''
variable "on" { default = true }
locals {
  name = "a-${var.on ? "b" : "c"}"
  loop = local.loop
}
resource "t" "r" {
  a = local.name
  b = -1 + 2 * 3
  c = !var.on || false
  d = [1, 2,
    3,]
  e = { x = 1, "y z" : 2
    (local.name) = 3 }
  f = merge({ a = 1 }, { a = 2 })
  g = concat([1], [2])[1]
  h = 2 >= 1 && "a" != "b"
  i = "$${x} \\"q\\" \\u00e9"
  j = jsonencode({ a = [true] })
  k = try(local.nothing, 5)
  l = t.other[0].id
  m = local.loop
  n = [for x in var.y : x if x != "${x}"]
  o = var.list[*].id
}
''')
        self.assertIsNone(error)
        r = resources[0]
        for key, want in dict(a="a-b", b=5, c=False, d=[1, 2, 3], e={"x": 1, "y z": 2, "a-b": 3}, f={"a": 2}, g=2, h=True, i='${x} "q" \u00e9', j={"a": [True]}).items():
            self.assertEqual(r.get(key), want, key)
        self.assertEqual(r.get("l").refs, ("t.other.id",))
        for key in "klmno":
            self.assertTrue(nodes.is_unknown(r.get(key)), key)

    def test_heredocs(self):
        error, resources = hcl('resource "t" "r" {\n  a = <<-EOT\n    x ${1 + 1}\n      y\n  EOT\n  b = <<E\n q\nE\n  c = "%{ if x }y%{ endif }"\n}\n')
        self.assertIsNone(error)
        self.assertEqual((resources[0].get("a"), resources[0].get("b")), ("x 2\n  y\n", " q\n"))
        self.assertTrue(nodes.is_unknown(resources[0].get("c")))
        self.assertEqual([resources[0].at(k) for k in "abc"], [2, 6, 9])

    def test_dynamic_blocks(self):
        _, resources = hcl('resource "t" "r" {\n  dynamic "b" {\n    for_each = { x = 1, y = 2 }\n    iterator = it\n    content {\n      k = it.key\n      v = it.value\n    }\n  }\n'
                           '  dynamic "c" {\n    for_each = var.unknown\n    content { v = c.value }\n  }\n}\n')
        self.assertEqual(resources[0].get("b"), [{"k": "x", "v": 1}, {"k": "y", "v": 2}])
        self.assertTrue(nodes.is_unknown(resources[0].get("c")[0]["v"]))

    def test_refused_with_its_line(self):
        for source, line in (('a "b" {\n  c = "d\n}\n', 2), ("a {\n", 2), ("a = \n", 1), ("a = [1\n", 2), ("a {\n b = 1 c = 2\n}", 2), ("a = <<E\nx\n", 2), ("a { b = 1\n b = 2 }", 2),
                             ("a = ${x}\n", 1), ("a = \"${\"\n", 1), ("a = \"\\q\"\n", 1), ("^", 1)):
            _, error = hcl_parser.parse(source)
            self.assertEqual(error and error.line, line, source)

    def test_what_stands_before_an_error_is_kept(self):
        root, error = hcl_parser.parse('a "b" {}\nc {\n')
        self.assertEqual(([b.type for b in root.blocks], error is not None), (["a"], True))


class Json(unittest.TestCase):
    def test_values_and_lines(self):
        got = json_parser.parse('{"a": [1, -2.5e3, "x\\n\\u00e9"],\n "b": {"c": null}}')
        self.assertEqual(got, {"a": [1, -2500.0, "x\n\u00e9"], "b": {"c": None}})
        self.assertEqual(got.at("b", "c"), 2)

    def test_refused(self):
        for source in ('{"a": 1,}', '{"a": 1, "a": 2}', "[1 2]", "[1", '"x', "{1: 2}", "01", "nul", "[] []", "", '{"a"}', "[" * 100):
            with self.assertRaises(nodes.NotParsed, msg=source):
                json_parser.parse(source)


class Checks(unittest.TestCase):
    def test_accuracy(self):
        """The labelled set, with the floors that measure.py holds."""
        run = subprocess.run([sys.executable, os.path.join(TOP, "tests/corpus/security-audit/measure.py"), "-v"], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_catalogue(self):
        self.assertGreaterEqual(len(check.CATALOG), 150)
        for c in check.CATALOG.values():
            self.assertTrue(c.references and 5 < len(c.title) <= 200 and 5 < len(c.recommendation) <= 400, c.id)
            self.assertTrue(all(f in check.FRAMEWORKS and s for f, s in c.references), c.id)

    def test_references_exist(self):
        """What has numbers must have one of the control's list, which was looked up."""
        known = {}
        with open(os.path.join(CORPUS, "controls"), encoding="utf-8") as f:
            for line in f:
                framework, *ids = line.split() if not line.startswith("#") else ("",)
                for i in ids:
                    head, _, last = i.rpartition(".") if "." in i else (i[:i.rindex("-")], "-", i.rpartition("-")[2])
                    first, _, end = last.partition("-")
                    sep = "." if "." in i else "-"
                    known.setdefault(framework, set()).update(
                        "%s%s%d" % (head, sep, n) for n in range(int(first), int(end or first) + 1))
        for c in check.CATALOG.values():
            for framework, control in c.references:
                self.assertTrue(control in known[framework] if framework in known else not control[0].isdigit(),
                                (c.id, framework, control))
        self.assertEqual(set(check.FRAMEWORKS) - set(known), {"nsa-kubernetes", "pss-baseline", "pss-restricted", "aws-iam"})

    def test_no_check_fails_on_values_of_any_kind(self):
        """Each argument that a check asks for, empty, unknown, of another type, or a block."""
        kinds, keys = {k for c in check.CATALOG.values() for k in c.kinds}, set()
        for name in os.listdir(AGENT):
            with open(os.path.join(AGENT, name), encoding="utf-8") as f:
                keys |= set(re.findall(r'"([a-z][a-z0-9_]{2,40})"', f.read())) if name.startswith("checks_") else set()
        terraform_kinds = sorted(k for k in kinds if re.fullmatch("[a-z0-9_]+", k) and "_" in k)
        self.assertGreater(min(len(terraform_kinds), len(keys)), 100)
        for value in (None, "var.x", '""', "[]", "5", "true", "null", '["0.0.0.0/0", var.x]', "{ a = [1] }", '{ value = "x" }'):
            body = "".join("  %s = %s\n" % (k, value) for k in sorted(keys - {"count"})) if value else ""
            ask(("a.tf", "".join('resource "%s" "x" {\n%s}\n' % (k, body) for k in terraform_kinds)))
        nested = "".join("  %s {\n%s  }\n" % (k, "".join("    %s = var.x\n" % i for i in sorted(keys)[::5])) for k in sorted(keys))
        ask(("a.tf", "".join('resource "%s" "x" {\n%s}\n' % (k, nested) for k in terraform_kinds[:8])))
        for kind in sorted(k[4:] for k in kinds if k.startswith("k8s:")):
            for value in ("null", "[]", "[null, 1, [x]]", "{}", "x", "{labels: 1, name: [], annotations: []}"):
                ask(("a.yaml", "apiVersion: v1\nkind: %s\n" % kind + "".join("%s: %s\n" % (k, value) for k in (
                    "metadata", "spec", "data", "rules", "subjects", "roleRef"))))

    def test_what_is_said_passes_the_output_policy(self):
        said = " ".join(c.title + c.recommendation for c in check.CATALOG.values())
        self.assertIsNone(re.search(r"https?:|(?:eval|exec|system)\s*\(|<script|javascript:", said))

    def test_kinds_that_are_no_documents_are_told(self):
        self.assertEqual(told(("a.txt", "x"), ("values.yaml", "a: 1\n"), ("x.json", "[]"), ("prod.tfvars", "a = 1\n"), ("b.yaml", "- 1\n")),
                         [("a.txt", 1), ("b.yaml", 1), ("prod.tfvars", 1), ("values.yaml", 1), ("x.json", 1)])
        self.assertEqual(ask(("a.tf", 'resource "aws_foo" "x" {}\nresource "aws_kms_key" "k" { enable_key_rotation = true }\n'))["unchecked_kinds"], ["aws_foo"])

    def test_status(self):
        good = ("a.tf", 'resource "aws_kms_key" "k" { enable_key_rotation = true }\n')
        self.assertEqual(ask(good)["status"], "passed")
        self.assertEqual(ask(good, ("b.tf", "x {"))["status"], "incomplete")
        self.assertEqual(ask(("a.txt", ""))["status"], "incomplete")
        bad = ("a.tf", 'resource "aws_kms_key" "k" {}\n')
        self.assertEqual(ask(bad)["status"], "failed")
        self.assertEqual([c["status"] for c in ask(bad)["compliance"]], ["failed", "passed", "failed"])
        self.assertEqual([c["status"] for c in ask(good, ("b.tf", "x {"))["compliance"]], ["incomplete"] * 3)

    def test_accepted_and_frameworks(self):
        bad = ("a.tf", 'resource "aws_kms_key" "k" {}\nresource "aws_kms_key" "l" {}\n')
        got = ask(bad, accepted=[{"id": "AWS-062", "resource": "aws_kms_key.k", "reason": "short-lived"}])
        self.assertEqual(([f["resource"] for f in got["findings"]], got["counts"]["accepted"]), (["aws_kms_key.l"], 1))
        self.assertEqual(ask(bad, frameworks=["cis-gcp"])["findings"], [])
        self.assertEqual([c["framework"] for c in ask(bad, frameworks=["cis-aws"])["compliance"]], ["cis-aws"])

    def test_score(self):
        def of(*counts):
            found = []
            for severity, n in zip(("critical", "high", "medium", "low"), counts):
                c = next(c for c in check.CATALOG.values() if c.severity == severity)
                found += [check.Finding(c, "r%d" % i, "f", 1, "") for i in range(n)]
            return report.score(found)
        self.assertEqual([of(0, 0, 0, 0), of(1, 0, 0, 0), of(0, 1, 0, 0), of(0, 0, 1, 0), of(0, 0, 0, 1), of(2, 1, 0, 0), of(99, 0, 0, 0)], [0, 50, 20, 5, 1, 80, 100])


class Whole(unittest.TestCase):
    def test_names_of_the_documents_are_tamed(self):
        name = "<script>eval(1)</script>\u202e\x1b[2J"
        got = ask((name + ".tf", 'resource "aws_kms_key" "%s" {}\n' % "<img src=x>"))
        self.assertIsNone(re.search("[<>\u202e\x1b]", json.dumps(got, ensure_ascii=False)))

    def test_bounds_of_the_output(self):
        many = "".join('resource "aws_kms_key" "k%d" {}\n' % i for i in range(1500))
        got = ask(("a.tf", many))
        self.assertEqual((len(got["findings"]), got["counts"]["findings"], got["counts"]["left_out"]), (1000, 1500, 500))
        ranks = [check.RANK[f["severity"]] for f in got["findings"]]
        self.assertEqual(ranks, sorted(ranks))

    def test_hostile_documents_end(self):
        laughs = "a0: &a0 [x, x]\n" + "".join("a%d: &a%d [*a%d, *a%d]\n" % (i, i, i - 1, i - 1) for i in range(1, 60))
        locals_ = "locals {\n  a0 = [1, 1]\n" + "".join("  a%d = [local.a%d, local.a%d]\n" % (i, i - 1, i - 1) for i in range(1, 60)) + "}\n"
        texts = "locals {\n  a0 = \"xxxxxxxx\"\n" + "".join('  a%d = "${local.a%d}${local.a%d}"\n' % (i, i - 1, i - 1) for i in range(1, 60)) + "}\n"
        use = 'resource "aws_instance" "i" { user_data = local.a59 }\n'
        for path, source in (("a.yaml", laughs), ("a.tf", locals_ + use), ("a.tf", texts + use), ("a.yaml", "[" * 100000), ("a.yaml", "- " * 50000), ("a.yaml", "{a: " * 50000),
                             ("a.tf", "a = " + "[" * 100000), ("a.tf", "a = " + "!" * 100000), ("a.tf", "a {\n" * 50000), ("a.tf", "a = \"" + "${\"" * 50000), ("a.tf", "a = x" + ".y" * 50000),
                             ("a.tf", "a = " + "(1 + " * 50000), ("a.json", "[" * 100000), ("a.json", '{"a":' * 50000), ("a.yaml", "a: " + "x " * 100000), ("a.yaml", "a:\n" + " x\n" * 50000)):
            spent = 20
            for _ in range(3):  # a machine that stands still in the middle is no slow agent
                start = time.process_time()
                ask((path, source))
                spent = min(spent, time.process_time() - start)
                if spent < 20:
                    break
            self.assertLess(spent, 20, (path, source[:40]))

    def test_growth_is_linear(self):
        def cost(path, source):
            best = None
            for _ in range(3):
                start = time.process_time()
                ask((path, source))
                spent = time.process_time() - start
                best = spent if best is None else min(best, spent)
            return best
        for path, piece in (("a.yaml", "- a: [b, {c: 'd'}]\n  e: \"f\"\n"), ("a.tf", 'resource "aws_s3_bucket" "b" {\n  bucket = "x-${var.y}"\n}\n'), ("a.yaml", "- |\n  text: {{ x }\n"),
                            ("a.yaml", "- \"'\" \n"), ("a.tf", 'locals { a = "b" }\n'), ("a.json", '{"a":[1,"b"]},')):
            wrap = (lambda s: "[" + s[:-1] + "]") if path == "a.json" else (lambda s: s)
            a, b = cost(path, wrap(piece * 1500)), cost(path, wrap(piece * 3000))
            self.assertLess(b, 3.5 * a + 0.05, (path, piece, a, b))

    def test_random_changes_never_end_in_an_exception(self):
        import random
        r = random.Random(7)
        samples = []
        for folder, _, names in os.walk(os.path.join(HOME, "samples/infra")):
            samples += [os.path.join(folder, n) for n in names]
        for n in range(400):
            path = samples[n % len(samples)]
            with open(path, encoding="utf-8") as f:
                text = list(f.read())
            for _ in range(r.randint(1, 8)):
                at = r.randrange(len(text))
                text[at:at + r.randint(0, 3)] = r.choice(["{", "}", "[", "]", '"', "'", "\n", ":", " ", "-", "$", "{", "\\", "#", "0", "\t", "*", "&a ", "null", "\u00e9", ""])
            ask((os.path.basename(path), "".join(text)))

    def test_sample(self):
        documents = []
        for folder, _, names in os.walk(os.path.join(HOME, "samples/infra")):
            for name in names:
                with open(os.path.join(folder, name), encoding="utf-8") as f:
                    documents.append((os.path.relpath(os.path.join(folder, name), os.path.join(HOME, "samples/infra")), f.read()))
        with open(os.path.join(HOME, "samples/expected.json"), encoding="utf-8") as f:
            self.assertEqual(ask(*sorted(documents)), json.load(f))

    def test_as_a_program(self):
        request = json.dumps({"documents": [{"path": "\u00fc.tf", "content": 'resource "aws_kms_key" "k" {}\n'}]}).encode()
        run = subprocess.run([os.path.join(AGENT, "audit.py")], input=request, capture_output=True, env={}, cwd="/", check=False)
        self.assertEqual((run.returncode, run.stderr), (0, b""))
        self.assertEqual(json.loads(run.stdout)["findings"][0]["file"], "\u00fc.tf")


if __name__ == "__main__":
    unittest.main()
