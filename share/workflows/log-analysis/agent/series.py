# SPDX-License-Identifier: Apache-2.0
"""When something began: which templates were new or came in a burst, and which were there all along."""
from bisect import bisect_left
from collections import namedtuple

# A template that stands out: when it began (None: no times), how sure that is (0..1), NEW, BURST or ALONE.
Signal = namedtuple("Signal", "template cause onset weight how")
NEW, BURST, STEADY = "first seen", "burst", "steady"
RISE = 4.0      # times as often after as before
FEW = 3


class Span:
    """From when to when there are lines: all of them, and those of each component."""

    def __init__(self, events):
        times = sorted(e.time for e in events if e.time is not None)
        self.start, self.end = (times[0], times[-1]) if times else (None, None)
        self.calm = {}      # component -> times of what is not bad
        self.all = {}
        for e in events:
            if e.time is not None:
                self.all.setdefault(e.component, []).append(e.time)
                if e.level < 3:
                    self.calm.setdefault(e.component, []).append(e.time)
        for t in list(self.calm.values()) + list(self.all.values()):
            t.sort()

    @property
    def length(self):
        return max(1, self.end - self.start) if self.start is not None else 1


def onset(times, span, component):
    """(when it began, how sure, how) of sorted times within the span."""
    if not times:
        return None, 0.5, NEW
    own = span.all[component]
    # Errors alone do not tell how long the component has been watched.
    start, end = (own[0], own[-1]) if len(span.calm.get(component, ())) >= FEW else (span.start, span.end)
    lead = times[0] - span.start
    before = bisect_left(own, times[0])
    if lead >= 0.08 * span.length or before >= 8:
        change = rise(times, span)
        # A few early ones and many much later: noise first, the fault after.
        if change is not None and change <= len(times) / 3 and len(times) - change >= 2 * FEW and apart(times, change, span):
            return times[change], 0.9, BURST
        if not is_steady(times, start, end):
            return times[0], 1.0, NEW
        return times[0], (0.2 if times[0] - start < 0.2 * (end - start) else 0.45), STEADY
    change = rise(times, span)
    if change is not None and apart(times, change, span):
        return times[change], 0.9, BURST
    if is_steady(times, start, end):
        return times[0], 0.1, STEADY
    # From the beginning of the logs on: they may begin with the incident.
    return times[0], 0.75, NEW


def apart(times, change, span):
    return times[change] - times[0] > 0.2 * span.length


def rise(times, span):
    """The index of the first event of the part that is RISE times as dense as what is before, or None."""
    n, best, where = len(times), RISE, None
    if n < FEW + 1:
        return None
    for i in range(1, n - FEW + 1):
        quiet, busy = times[i] - span.start, max(times[-1] - times[i], span.length / 50)
        if quiet < span.length / 20:
            continue
        density = ((n - i) / busy) / (i / quiet)
        if density > best:
            best, where = density, i
    return where


def is_steady(times, start, end):
    """Whether it is spread over the time from start to end as chance would spread it."""
    length = max(1, end - start)
    if len(times) < 3 or times[-1] - times[0] < 0.6 * length:
        return False
    parts = [0] * 6
    for t in times:
        parts[min(5, (t - start) * 6 // length)] += 1
    first = sum(parts[:3])
    return sum(p > 0 for p in parts) >= min(4, len(times) - 1) and first >= 0.25 * len(times) and max(parts) <= 0.6 * len(times)


def silence(name, span):
    """When a component that used to speak fell silent while others went on, else None."""
    times = span.calm.get(name, [])
    if len(times) < 6 or span.all[name][-1] != times[-1] and len(span.all[name]) - len(times) > 2:
        return None
    gaps = sorted(b - a for a, b in zip(times, times[1:]))
    usual, left = gaps[len(gaps) * 3 // 4], span.end - times[-1]
    if left > 0.15 * span.length and left > 6 * max(usual, 1000):
        return times[-1]
    return None
