# SPDX-License-Identifier: Apache-2.0
"""Reads HCL's native syntax into blocks; expressions become trees that terraform.py evaluates.

A tree is a tuple: ("literal", value), ("template", parts), ("list", items), ("object", (key, value, line)...), ("name", n),
("attribute", tree, n), ("index", tree, tree), ("call", name, arguments), ("unary", op, tree), ("binary", op, a, b),
("condition", test, a, b), ("opaque", names): what only Terraform itself can work out, such as a for expression.
"""
from hcl_lexer import Lexer
from nodes import MAX_DEPTH, NotParsed

BINARY = ({"||"}, {"&&"}, {"==", "!="}, {"<", ">", "<=", ">="}, {"+", "-"}, {"*", "/", "%"})
CLOSES = {"(": ")", "[": "]", "{": "}"}


class Block:
    """`type`, `labels`; `attributes`: name -> (tree, line); `blocks` in order; `line` of its head."""

    def __init__(self, kind, labels, line):
        self.type, self.labels, self.line = kind, labels, line
        self.attributes, self.blocks = {}, []


class Parser:
    """Over the tokens of one file. `flat` counts the brackets in which line ends mean nothing."""

    def __init__(self, tokens):
        self.tokens, self.at, self.flat = tokens, 0, 0

    def fail(self, reason):
        raise NotParsed(self.tokens[min(self.at, len(self.tokens) - 1)][2], "HCL: " + reason)

    def peek(self):
        while self.flat and self.tokens[self.at][0] == "newline":
            self.at += 1
        return self.tokens[self.at]

    def take(self):
        token = self.peek()
        if token[0] != "end":
            self.at += 1
        return token

    def is_op(self, value):
        token = self.peek()
        return token[0] == "op" and token[1] == value

    def accept(self, value):
        found = self.is_op(value)
        if found:
            self.at += 1
        return found

    def expect(self, value):
        if not self.accept(value):
            self.fail("%s was expected" % value)

    def newlines(self):
        while self.tokens[self.at][0] == "newline":
            self.at += 1

    # Bodies

    def body(self, block, depth, closer):
        if depth > MAX_DEPTH:
            self.fail("nested too deep")
        while True:
            self.newlines()
            kind, value, line = self.take()
            if kind == "end":
                if closer:
                    self.fail("a block that does not end")
                return
            if kind == "op" and value == "}" and closer:
                return
            if kind != "name":
                self.at -= 1
                self.fail("a name was expected")
            self.item(block, value, line, depth)
            token = self.peek()
            if token[0] not in ("newline", "end") and not (closer and self.is_op("}")):
                self.fail("the end of the line was expected")

    def item(self, block, name, line, depth):
        if self.accept("="):
            if name in block.attributes:
                self.fail("an attribute that stands twice")
            block.attributes[name] = (self.expression(depth + 1), line)
            return
        labels = []
        while not self.is_op("{"):
            kind, value, _ = self.take()
            if kind == "template" and all(isinstance(p, str) for p in value):
                labels.append("".join(value))
            elif kind == "name":
                labels.append(value)
            else:
                self.at -= 1
                self.fail("= or { was expected")
        self.at += 1
        inner = Block(name, labels, line)
        self.body(inner, depth + 1, True)
        block.blocks.append(inner)

    # Expressions

    def expression(self, depth, level=0):
        if depth > MAX_DEPTH:
            self.fail("nested too deep")
        if level == 0:
            return self.condition(depth)
        if level > len(BINARY):
            return self.unary(depth)
        left = self.expression(depth, level + 1)
        while self.peek()[0] == "op" and self.peek()[1] in BINARY[level - 1]:
            op = self.take()[1]
            left = ("binary", op, left, self.expression(depth, level + 1))
        return left

    def condition(self, depth):
        test = self.expression(depth, 1)
        if not self.accept("?"):
            return test
        first = self.expression(depth + 1)
        self.expect(":")
        return ("condition", test, first, self.expression(depth + 1))

    def unary(self, depth):
        for op in "!-":
            if self.accept(op):
                if depth > MAX_DEPTH:
                    self.fail("nested too deep")
                return ("unary", op, self.unary(depth + 1))
        return self.traversal(self.term(depth), depth)

    def traversal(self, tree, depth):
        steps = 0
        while True:
            steps += 1
            if steps > 4 * MAX_DEPTH:
                self.fail("nested too deep")
            if self.accept("."):
                kind, value, _ = self.take()
                if kind == "op" and value == "*":
                    tree = ("splat", tree)
                elif kind == "name":
                    tree = ("attribute", tree, value)
                elif kind == "number":
                    for part in value.split("."):
                        tree = ("index", tree, ("literal", int(part) if part.isdigit() else 0))
                else:
                    self.fail("a name was expected")
            elif self.is_op("["):
                self.at += 1
                self.flat += 1
                if self.accept("*"):
                    tree = ("splat", tree)
                else:
                    tree = ("index", tree, self.expression(depth + 1))
                self.expect("]")
                self.flat -= 1
            else:
                return tree

    def term(self, depth):
        kind, value, line = self.take()
        if kind == "number":
            return ("literal", float(value) if not value.isdigit() else int(value[:40]))
        if kind == "template":
            return template(value, depth)
        if kind == "name":
            return self.named(value, depth)
        if kind == "op" and value in CLOSES:
            return self.bracketed(value, line, depth)
        self.at -= 1 if kind != "end" else 0
        return self.fail("a value was expected")

    def named(self, name, depth):
        if name in ("true", "false", "null"):
            return ("literal", {"true": True, "false": False, "null": None}[name])
        while self.tokens[self.at][1:2] == (":",) and self.tokens[self.at + 1][1:2] == (":",):  # provider::x::f(...)
            self.at += 2
            name += "::" + str(self.take()[1])
        if not self.is_op("("):
            return ("name", name)
        self.at += 1
        self.flat += 1
        arguments = self.items(")", depth)
        self.flat -= 1
        return ("call", name, arguments)

    def items(self, closer, depth):
        out = []
        while not self.accept(closer):
            out.append(self.expression(depth + 1))
            self.accept("...")
            if not self.is_op(closer):
                self.expect(",")
        return out

    def bracketed(self, opener, line, depth):
        kind, value, _ = self.after_newlines()
        if opener != "(" and kind == "name" and value == "for":
            return self.opaque(opener)
        if opener == "{":
            return self.object(line, depth)
        self.flat += 1
        if opener == "[":
            tree = ("list", line, self.lined_items(depth))
        else:
            tree = self.expression(depth + 1)
            self.expect(")")
        self.flat -= 1
        return tree

    def lined_items(self, depth):
        out = []
        while not self.accept("]"):
            line = self.peek()[2]
            out.append((self.expression(depth + 1), line))
            if not self.is_op("]"):
                self.expect(",")
        return out

    def after_newlines(self):
        at = self.at
        while self.tokens[at][0] == "newline":
            at += 1
        return self.tokens[at]

    def object(self, line, depth):
        """Its items end with a comma or their line, whatever brackets it stands in."""
        held, self.flat = self.flat, 0
        pairs = []
        while True:
            self.newlines()
            if self.accept("}"):
                break
            at = self.peek()[2]
            key = self.expression(depth + 1)
            if key[0] == "name":
                key = ("literal", key[1])
            if not (self.accept("=") or self.accept(":")):
                self.fail("= was expected")
            self.newlines()
            pairs.append((key, self.expression(depth + 1), at))
            if not self.accept(",") and self.peek()[0] != "newline" and not self.is_op("}"):
                self.fail("a comma or the end of the line was expected")
        self.flat = held
        return ("object", line, pairs)

    def opaque(self, opener):
        """Skips to the bracket that closes `opener`; what is named on the way is kept."""
        stack, names = [CLOSES[opener]], []
        while stack:
            kind, value, _ = self.tokens[self.at]
            if kind == "end":
                self.fail("a bracket that is not closed")
            self.at += 1
            if kind == "op" and value in CLOSES:
                stack.append(CLOSES[value])
            elif kind == "op" and value == stack[-1]:
                stack.pop()
            elif kind == "name":
                names.append(value)
        return ("opaque", tuple(names[:64]))


def template(parts, depth=0):
    """The tree of a template token's parts."""
    if all(isinstance(p, str) for p in parts):
        return ("literal", "".join(parts))
    out = []
    for part in parts:
        if isinstance(part, str):
            out.append(("literal", part))
        elif not part:
            out.append(("opaque", ()))
        else:
            out.append(inner(part, depth))
    return out[0] if len(out) == 1 else ("template", out)


def inner(tokens, depth):
    """The tree of an expression inside a template; a ~ before its end is dropped by the lexer's caller."""
    parser = Parser(tokens)
    parser.flat = 1
    tree = parser.expression(depth + 1)
    if parser.peek()[0] != "end":
        parser.fail("the end of the template expression was expected")
    return tree


def parse(source):
    """(a Block that holds the file's blocks, None or what ended the reading): what stands before an error is kept."""
    root, error = Block("", [], 1), None
    lexer = Lexer(source.lstrip("\ufeff"))
    try:
        tokens = lexer.run()
    except NotParsed as e:
        tokens, error = lexer.top + [("end", "", e.line)], e
    try:
        Parser(tokens).body(root, 0, False)
    except NotParsed as e:
        error = error or e
    return root, error
