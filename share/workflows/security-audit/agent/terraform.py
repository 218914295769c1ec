# SPDX-License-Identifier: Apache-2.0
"""Terraform modules: the files of each folder together, with their variables, locals and resources, evaluated."""
import posixpath
import hcl_parser
import json_parser
from evaluator import Budget, Evaluator, Scope
from hcl_lexer import Lexer
from nodes import MAX_DEPTH, Map, NotParsed, Seq, is_unknown, maps, text

MAX_DYNAMIC = 64
META = frozenset(("count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner"))
TOP = frozenset(("resource", "data", "variable", "locals", "module", "output", "provider", "terraform", "moved", "import",
                 "check", "removed", "ephemeral"))


class Resource:
    """A resource, data source or provider: `kind` is its type, `name` its name, `body` its arguments (blocks as lists)."""

    def __init__(self, module, mode, kind, name, body, file):
        self.module, self.name, self.body, self.file, self.line = module, name, body, file, body.line
        self.kind = "provider:" + kind if mode == "provider" else kind
        self.address = ".".join(x for x in ("data" if mode == "data" else "", kind, name) if x)
        self.label = self.address if mode != "provider" else self.kind

    def get(self, key, default=None):
        value = self.body.get(key)
        return default if value is None else value

    def blocks(self, key):
        return maps(self.body.get(key))

    def has(self, key):
        """Whether the argument is given: what is not known counts, an empty list or null does not."""
        value = self.body.get(key)
        return is_unknown(value) or value not in (None, "") and value != []

    def at(self, *keys):
        return self.body.at(*keys)


def prefixes(reference):
    parts = reference.split(".")
    return {".".join(parts[:2]), ".".join(parts[:3])}


class Module:
    """All of one folder."""

    def __init__(self, folder, budget):
        self.folder, self.scope = folder, Scope(budget)
        self.blocks = []      # (mode, kind, name, hcl Block or Map, file)
        self.resources, self.data, self.by_kind = [], [], {}

    # Reading

    def add_hcl(self, source, file):
        root, error = hcl_parser.parse(source)
        for block in root.blocks:
            self.top_block(block, file)
        return error or next((NotParsed(b.line, "HCL: a block type that Terraform does not have")
                              for b in root.blocks if b.type not in TOP), None)

    def top_block(self, block, file):
        if block.type in ("resource", "data", "ephemeral") and len(block.labels) == 2:
            self.blocks.append((block.type, block.labels[0], block.labels[1], block, file))
        elif block.type == "provider" and block.labels:
            self.blocks.append(("provider", block.labels[0], "", block, file))
        elif block.type == "module" and block.labels:
            self.blocks.append(("module", "module", block.labels[0], block, file))
        elif block.type == "variable" and block.labels and "default" in block.attributes:
            self.scope.variables.setdefault(block.labels[0], block.attributes["default"][0])
        elif block.type == "locals":
            for name, (tree, _) in block.attributes.items():
                self.scope.locals[name] = tree

    def add_values(self, source):
        """A file of values for the variables (tfvars)."""
        root, error = hcl_parser.parse(source)
        for name, (tree, _) in root.attributes.items():
            self.scope.variables[name] = tree
        return error

    def add_json(self, source, file):
        try:
            document = json_parser.parse(source)
        except NotParsed as e:
            return e
        if not isinstance(document, Map):
            return NotParsed(1, "JSON: an object was expected")
        for mode in ("resource", "data"):
            for kinds in maps(document.get(mode)):
                for kind, names in kinds.items():
                    for named in maps(names):
                        for name, bodies in named.items():
                            for body in maps(bodies):
                                self.blocks.append((mode, kind, name, json_block(kind, body), file))
        for named in maps(document.get("provider")):
            for name, bodies in named.items():
                for body in maps(bodies):
                    self.blocks.append(("provider", name, "", json_block(name, body), file))
        for named in maps(document.get("module")):
            for name, body in named.items():
                if isinstance(body, Map):
                    self.blocks.append(("module", "module", name, json_block(name, body), file))
        for named in maps(document.get("variable")):
            for name, body in named.items():
                for one in maps(body):
                    if "default" in one:
                        self.scope.variables.setdefault(name, json_tree(one["default"], one.line))
        for named in maps(document.get("locals")):
            for name, value in named.items():
                self.scope.locals[name] = json_tree(value, named.line)
        unknown = [k for k in document if k not in TOP and k != "//"]
        return NotParsed(document.lines[unknown[0]], "JSON: a key that Terraform does not have") if unknown else None

    # Evaluating

    def evaluate(self):
        for mode, kind, name, block, file in self.blocks:
            if mode == "module":
                continue
            body = self.body(Evaluator(self.scope), block, 0)
            if body.get("count") == 0 and not isinstance(body.get("count"), bool):
                continue
            made = Resource(self, mode, kind, name, body, file)
            if mode == "data":
                self.data.append(made)
            else:
                self.resources.append(made)
                self.by_kind.setdefault(made.kind, []).append(made)

    def of(self, kind):
        return self.by_kind.get(kind, [])

    def body(self, evaluator, block, depth):
        made = Map(block.line)
        for name, (tree, line) in block.attributes.items():
            made.put(name, evaluator.value(tree), line)
        if depth > MAX_DEPTH:
            return made
        for inner in block.blocks:
            if inner.type == "dynamic" and inner.labels:
                for one in self.dynamic(evaluator, inner, depth):
                    self.append(made, inner.labels[0], one)
            else:
                self.append(made, inner.type, self.body(evaluator, inner, depth + 1))
        return made

    @staticmethod
    def append(made, name, body):
        if not isinstance(made.get(name), Seq):
            made.put(name, Seq(body.line), body.line)
        made[name].put(body, body.line)

    def dynamic(self, evaluator, block, depth):
        """The blocks that a dynamic block stands for: one for each known element, else one with an unknown iterator."""
        contents = [b for b in block.blocks if b.type == "content"]
        tree = block.attributes.get("for_each", (None,))[0]
        named = block.attributes.get("iterator")
        name = named[0][1] if named and named[0][0] == "name" else block.labels[0]
        elements = evaluator.value(tree) if tree else None
        pairs = None
        if isinstance(elements, Map):
            pairs = list(elements.items())
        elif isinstance(elements, list):
            pairs = [(i if isinstance(e, Map) else e, e) for i, e in enumerate(elements)]
        for content in contents[:1]:
            if pairs is None:
                yield self.body(evaluator, content, depth + 1)
                continue
            for key, value in pairs[:MAX_DYNAMIC]:
                each = Map(content.line)
                each.put("key", key, content.line)
                each.put("value", value, content.line)
                inner = Evaluator(self.scope, dict(evaluator.iterators, **{name: each}))
                yield self.body(inner, content, depth + 1)


def json_block(kind, body):
    """A map of Terraform's JSON syntax as a block without inner blocks: nested maps serve as well."""
    block = hcl_parser.Block(kind, [], body.line)
    for key, value in body.items():
        block.attributes[key] = (json_tree(value, body.lines[key]), body.lines[key])
    return block


def json_tree(value, line):
    """A JSON value as a tree: its texts are templates."""
    if isinstance(value, Map):
        return ("object", value.line, [(("literal", k), json_tree(v, value.lines[k]), value.lines[k]) for k, v in value.items()])
    if isinstance(value, Seq):
        return ("list", value.line, [(json_tree(v, value.at(i)), value.at(i)) for i, v in enumerate(value)])
    if isinstance(value, str) and ("${" in value or "%{" in value):
        try:
            return hcl_parser.template(Lexer(value, line).template(0))
        except NotParsed:
            return ("opaque", ())
    return ("literal", value)


class Project:
    """All folders of Terraform files, each one a module."""

    def __init__(self):
        self.modules, self.budget = {}, Budget()

    def module(self, path):
        folder = posixpath.dirname(posixpath.normpath(path))
        return self.modules.setdefault(folder, Module(folder, self.budget))

    def finish(self):
        """Evaluates everything; gives the calls of modules whose files are not among the documents."""
        missing, called = [], {}
        for module in self.modules.values():
            for _, _, name, block, file in [b for b in module.blocks if b[0] == "module"]:
                source = block.attributes.get("source", (("literal", ""),))[0]
                source = text(source[1]) if source[0] == "literal" else ""
                target = self.modules.get(posixpath.normpath(posixpath.join(module.folder, source)).lstrip("/"))
                if not source.startswith("."):
                    target = None
                if target is None or target is module:
                    missing.append((file, block.line, name))
                else:
                    called.setdefault(target.folder, []).append((module, block))
        for folder, callers in called.items():
            self.bind(self.modules[folder], callers)
        for module in self.modules.values():
            module.evaluate()
        return missing

    @staticmethod
    def bind(module, callers):
        """Arguments of a call are the variables' values; where calls differ, they are not known."""
        names = {n for _, block in callers for n in block.attributes}
        for name in names - {"source", "version", "providers"} - META:
            given = [(caller, block.attributes.get(name)) for caller, block in callers]
            if len(given) == 1:
                caller, (tree, _) = given[0]
                module.scope.variables[name] = lambda c=caller, t=tree: Evaluator(c.scope).value(t)
            else:
                module.scope.variables.pop(name, None)
