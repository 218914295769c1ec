# SPDX-License-Identifier: Apache-2.0
"""Works out HCL expressions as far as the documents alone allow; all else is Unknown, with the names that it is made of.

Defaults of variables, values of tfvars and arguments of local module calls count as known. Work is bounded: every
collection has a weight, and what grows too heavy is Unknown.
"""
import json
from nodes import MAX_DEPTH, Map, Seq, Unknown, is_unknown, text

MAX_TEXT, MAX_ITEMS, MAX_WORK = 65536, 4096, 400000


class Scope:
    """The names of one module. `variables` and `local_trees` are trees or values; `each` are iterators of dynamic blocks."""

    def __init__(self, budget):
        self.variables, self.locals, self.values = {}, {}, {}
        self.pending, self.budget = set(), budget


class Budget:
    """What all evaluation of one run may cost."""

    def __init__(self):
        self.left = MAX_WORK

    def spend(self, n=1):
        self.left -= n
        return self.left > 0


def refs_of(*values):
    out = []
    for value in values:
        if is_unknown(value):
            out += value.refs
    return out


def weight(value):
    """How many values a collection holds, up to MAX_ITEMS + 1."""
    stack, n = [value], 0
    while stack and n <= MAX_ITEMS:
        v = stack.pop()
        n += 1
        if isinstance(v, dict):
            stack += list(v.values())[:MAX_ITEMS]
        elif isinstance(v, list):
            stack += v[:MAX_ITEMS]
    return n


class Evaluator:
    def __init__(self, scope, iterators=None):
        self.scope, self.iterators = scope, iterators or {}

    def value(self, tree, depth=0):
        if depth > 4 * MAX_DEPTH or not self.scope.budget.spend():
            return Unknown()
        return getattr(self, "do_" + tree[0])(tree, depth + 1)

    def do_literal(self, tree, _):
        return tree[1]

    def do_opaque(self, tree, _):
        return Unknown(tree[1])

    def do_template(self, tree, depth):
        parts = [self.value(t, depth) for t in tree[1]]
        if all(isinstance(p, (str, int, float)) for p in parts):
            out = "".join(str(p).lower() if isinstance(p, bool) else str(p) for p in parts)
            return out if len(out) <= MAX_TEXT else Unknown()
        written = "".join(str(p) if isinstance(p, (str, int, float)) else "${%s}" % ".".join(refs_of(p)[:1]) for p in parts)
        return Unknown(refs_of(*parts), written if len(written) <= MAX_TEXT else "")

    def do_list(self, tree, depth):
        made = Seq(tree[1])
        for item, line in tree[2]:
            made.put(self.value(item, depth), line)
        return self.bounded(made)

    def do_object(self, tree, depth):
        made = Map(tree[1])
        for key, value, line in tree[2]:
            name = self.value(key, depth)
            if is_unknown(name):
                name = "${%s}" % ".".join(name.refs[:1])
            made.put(text(name), self.value(value, depth), line)
        return self.bounded(made)

    def bounded(self, made):
        n = weight(made)
        self.scope.budget.spend(n // 8)
        return made if n <= MAX_ITEMS else Unknown()

    def do_name(self, tree, _):
        return self.iterators.get(tree[1], Unknown([tree[1]]))

    def do_attribute(self, tree, depth):
        base, name = tree[1], tree[2]
        if base[0] == "name" and base[1] in ("var", "local"):
            return self.named(base[1], name)
        return self.step(self.value(base, depth), name)

    def step(self, value, name):
        if isinstance(value, Map):
            return value.get(name, Unknown())
        if is_unknown(value):
            return Unknown([r + "." + str(name) for r in value.refs[:1]])
        return Unknown()

    def do_index(self, tree, depth):
        base, key = self.value(tree[1], depth), self.value(tree[2], depth)
        if isinstance(base, list) and isinstance(key, int) and 0 <= key < len(base):
            return base[key]
        if isinstance(base, Map) and isinstance(key, str):
            return base.get(key, Unknown())
        # Instances of a resource are one subject: aws_s3_bucket.b[0].id is aws_s3_bucket.b.id
        return Unknown(base.refs) if is_unknown(base) else Unknown()

    def do_splat(self, tree, depth):
        return Unknown(refs_of(self.value(tree[1], depth)))

    def named(self, kind, name):
        scope, key = self.scope, (kind, name)
        if key in scope.values:
            return scope.values[key]
        source = (scope.variables if kind == "var" else scope.locals).get(name)
        if source is None or key in scope.pending:
            return Unknown([kind + "." + name])
        scope.pending.add(key)
        value = source() if callable(source) else Evaluator(scope).value(source)
        scope.pending.discard(key)
        if value is None or is_unknown(value):
            value = Unknown([kind + "." + name] + refs_of(value))
        scope.values[key] = value
        return value

    def do_unary(self, tree, depth):
        value = self.value(tree[2], depth)
        if tree[1] == "!" and isinstance(value, bool):
            return not value
        if tree[1] == "-" and isinstance(value, (int, float)) and not isinstance(value, bool):
            return -value
        return Unknown(refs_of(value))

    def do_binary(self, tree, depth):
        op, a, b = tree[1], self.value(tree[2], depth), self.value(tree[3], depth)
        if op == "&&" and (a is False or b is False):
            return False
        if op == "||" and (a is True or b is True):
            return True
        if is_unknown(a) or is_unknown(b):
            return Unknown(refs_of(a, b))
        if op in ("==", "!="):
            return (a == b) == (op == "==")
        if op in ("&&", "||"):
            return (a and b if op == "&&" else a or b) if isinstance(a, bool) and isinstance(b, bool) else Unknown()
        return arithmetic(op, a, b)

    def do_condition(self, tree, depth):
        test, a, b = (self.value(t, depth) for t in tree[1:])
        if isinstance(test, bool):
            return a if test else b
        if not is_unknown(a) and not is_unknown(b) and a == b:
            return a
        return Unknown(refs_of(a, b))

    def do_call(self, tree, depth):
        values = [self.value(t, depth) for t in tree[2]]
        function = FUNCTIONS.get(tree[1])
        if function is None or not values:
            return Unknown(refs_of(*values))
        try:
            out = function(*values)
        except (TypeError, ValueError, AttributeError, IndexError, KeyError, RecursionError):
            out = Unknown(refs_of(*values))
        if isinstance(out, (Map, Seq)):
            return self.bounded(out)
        return Unknown() if isinstance(out, str) and len(out) > MAX_TEXT else out


def arithmetic(op, a, b):
    if not all(isinstance(v, (int, float)) and not isinstance(v, bool) and abs(v) < 1e15 for v in (a, b)):
        return Unknown()
    if op in "/%" and b == 0:
        return Unknown()
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b, "%": lambda: a % b,
            "<": lambda: a < b, ">": lambda: a > b, "<=": lambda: a <= b, ">=": lambda: a >= b}[op]()


def jsondecode(source):
    import json_parser
    from nodes import NotParsed
    try:
        return json_parser.parse(source)
    except NotParsed:
        return Unknown()


def concat(*lists):
    made = Seq(0)
    for one in lists:
        if not isinstance(one, Seq):
            return Unknown(refs_of(*lists))
        for i, item in enumerate(one):
            made.put(item, one.at(i))
    return made


def merge(*objects):
    made = Map(0)
    for one in objects:
        if not isinstance(one, Map):
            return Unknown(refs_of(*objects))
        for k, v in one.items():
            made.put(k, v, one.lines[k])
    return made


def known_text(function):
    def call(value, *more):
        if not isinstance(value, str) or any(is_unknown(m) for m in more):
            return Unknown(refs_of(value, *more))
        return function(value, *more)
    return call


def first_known(*values):
    for value in values:
        if is_unknown(value):
            return value
        if value is not None and value != "":
            return value
    return None


def keep(value, *_):
    return value


def join(mark, items):
    if is_unknown(items) or any(not isinstance(i, (str, int)) for i in items):
        return Unknown(refs_of(items, *([] if is_unknown(items) else items)))
    return mark.join(str(i) for i in items)


def lookup(source, key, default=None):
    return Unknown(refs_of(source, key)) if is_unknown(source) or is_unknown(key) else source.get(key, default)


def wrapped(*items):
    made = Seq(0)
    for item in items:
        made.put(item, 0)
    return made


def to_number(value):
    return json.loads(value) if isinstance(value, str) else value


# jsonencode keeps its argument as it is: who wants the text of a policy gets its parsed form.
FUNCTIONS = {
    "jsonencode": keep, "jsondecode": known_text(jsondecode), "tolist": keep, "toset": keep, "tomap": keep, "tostring": keep,
    "tonumber": to_number, "tobool": keep, "sensitive": keep, "nonsensitive": keep, "try": first_known, "coalesce": first_known,
    "concat": concat, "merge": merge, "lower": known_text(str.lower), "upper": known_text(str.upper),
    "trimspace": known_text(str.strip), "join": join, "lookup": lookup, "list": wrapped, "flatten": keep, "distinct": keep,
    "compact": keep, "sort": keep,
}
