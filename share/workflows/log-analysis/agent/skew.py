# SPDX-License-Identifier: Apache-2.0
"""Clocks that are wrong: the same request id in the logs of two components tells how far their clocks are apart."""
from collections import deque

MIN_IDS, MIN_MS, TOLERANCE = 3, 20000, 0.25
MAX_IDS, MAX_SHARED = 5000, 24


def pairs(events):
    """(a, b) -> differences in ms, b after a, of the ids that both have."""
    first = {}
    for e in events:
        if e.time is None:
            continue
        for i in e.ids:
            if i in first or len(first) < MAX_IDS:
                first.setdefault(i, {}).setdefault(e.component, e.time)
    apart = {}
    for seen in first.values():
        names = list(seen)[:MAX_SHARED]
        for i, a in enumerate(names):
            for b in names[i + 1:]:
                x, y = sorted((a, b))
                apart.setdefault((x, y), []).append(seen[y] - seen[x])
    return apart


def offsets(events):
    """component -> ms to add to its times, for those whose clock is surely off. The clock that most agree on is right."""
    agree, differ = {}, {}
    for (a, b), d in pairs(events).items():
        if len(d) < MIN_IDS:
            continue
        d.sort()
        middle, spread = d[len(d) // 2], d[len(d) * 3 // 4] - d[len(d) // 4]
        if abs(middle) < MIN_MS:
            agree.setdefault(a, []).append(b)
            agree.setdefault(b, []).append(a)
        elif spread <= TOLERANCE * abs(middle):
            differ.setdefault(a, {})[b] = -middle
            differ.setdefault(b, {})[a] = middle
    if not differ:
        return {}
    names = sorted(set(agree) | set(differ))
    groups = [component_group(n, agree) for n in names]
    right = max(groups, key=lambda g: (len(g), [-ord(c) for c in min(g)]))
    found, todo = dict.fromkeys(right, 0), deque(sorted(right))
    while todo:
        at = todo.popleft()
        near = [(n, 0) for n in agree.get(at, [])] + sorted(differ.get(at, {}).items())
        for n, ms in near:
            if n not in found:
                found[n] = found[at] + ms
                todo.append(n)
    return {n: ms for n, ms in found.items() if ms}


def component_group(start, edges):
    seen, todo = {start}, [start]
    while todo:
        for n in edges.get(todo.pop(), ()):
            if n not in seen:
                seen.add(n)
                todo.append(n)
    return seen
