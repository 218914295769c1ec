# SPDX-License-Identifier: Apache-2.0
"""Who calls whom. A dependency goes from the one that needs to the one that is needed: faults travel the other way."""
import re
from collections import deque


# Names that are words of every log: they name a component only where something is said to go there or come from there.
PLAIN = set("queue cache search store storage events users user auth api web app db database jobs job worker workers orders order cart mail proxy files "
            "server client node disk session sessions index config data backend frontend service gateway edge portal feed stock reports writer".split())
GOES = re.compile(r"(?:\b(?:to|from|calling|called|call|contact|reach|lookup|with|via|upstream|service|host|GET|POST|PUT)|//|host=|[=@])[ '\"]{0,2}$", re.I)
COMES = re.compile(r"['\"]?(?::\d|: | (?:returned|responded|answered|failed|gave|said|rejected|unavailable|unreachable|timed out|did not|is (?:down|not)|slow)|[/.]\w)", re.I)


class Topology:
    def __init__(self, declared, seen):
        """`declared` is the input's topology, `seen` the components that have lines."""
        names = [c["name"] for c in declared.get("components", [])]
        edges = [(d["from"], d["to"]) for d in declared.get("dependencies", []) if d["from"] != d["to"]]
        self.names = list(dict.fromkeys(names + [n for e in edges for n in e] + list(seen)))
        self.declared = set(names) | {n for e in edges for n in e}
        self.needs = {n: [] for n in self.names}
        self.needed_by = {n: [] for n in self.names}
        for a, b in dict.fromkeys(edges):
            self.needs[a].append(b)
            self.needed_by[b].append(a)
        aliases = {n: [n.lower()] + [a.lower() for c in declared.get("components", []) if c["name"] == n for a in c.get("aliases", [])]
                   for n in self.names}
        self.of_alias = {a: n for n in reversed(self.names) for a in aliases[n]}
        words = sorted(self.of_alias, key=lambda a: (-len(a), a))
        self.mention = re.compile(r"(?<![a-z0-9_])(?:%s)(?![a-z0-9_])" % "|".join(map(re.escape, words)) if words else r"(?!)", re.I)
        self.memory = {}

    def mentioned(self, text, besides):
        """The components that a text names, in their order, without `besides`."""
        found = dict.fromkeys(self.of_alias[m[0].lower()] for m in self.mention.finditer(text) if is_name(text, m))
        return [n for n in found if n != besides]

    def distances(self, start, edges):
        key = start, edges is self.needs
        if key not in self.memory:
            seen, todo = {start: 0}, deque([start])
            while todo:
                at = todo.popleft()
                for n in edges[at]:
                    if n not in seen:
                        seen[n] = seen[at] + 1
                        todo.append(n)
            self.memory[key] = seen
        return self.memory[key]

    def dependents(self, name):
        """name -> steps, of all that need it, itself 0."""
        return self.distances(name, self.needed_by)

    def dependencies(self, name):
        return self.distances(name, self.needs)

    def path(self, start, end, edges, good):
        """The shortest way along `edges`, of the shortest the one with most `good` components; [] if there is none."""
        best = {start: (0, 0, [start])}
        todo = deque([start])
        while todo:
            at = todo.popleft()
            steps, bad, way = best[at]
            for n in edges[at]:
                new = (steps + 1, bad + (n not in good), way + [n])
                if n not in best or new[:2] < best[n][:2]:
                    if n not in best:
                        todo.append(n)
                    best[n] = new
        return best[end][2] if end in best else []


def is_name(text, m):
    return m[0].lower() not in PLAIN or bool(GOES.search(text[max(0, m.start() - 24):m.start()]) or COMES.match(text[m.end():m.end() + 24]))
