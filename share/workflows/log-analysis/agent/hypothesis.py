# SPDX-License-Identifier: Apache-2.0
"""Which component's fault explains the others. A cause comes first, is what the others need (or is what calls them too
much), and is said where it is; a symptom comes after and names another."""
from collections import namedtuple

import causes
import series
import severity
from causes import CHANGE, INTRINSIC, LOAD, OTHER, SYMPTOM

KIND = {INTRINSIC: 3.0, LOAD: 1.9, CHANGE: 1.3, OTHER: 1.1, SYMPTOM: 0.5}
LEVEL = {5: 1.15, 4: 1.0, 3: 0.8, 2: 0.75, 1: 0.6}
# Faults that a caller which sends too much brings about in what it calls.
OVERLOADED = {"connections_exhausted", "saturated", "slow_queries", "quota", "out_of_memory", "deadlock", "garbage_collection", "files_exhausted"}
# Faults that are said by the one that calls, of the one that is named.
OF_THE_OTHER = {"certificate", "deadlock", "connections_exhausted", "quota", "replication", "corruption", "storage_fault", "disk_full", "slow_queries"}
# Faults that the one that is called reports of the one that calls.
OF_THE_CALLER = {"data_shape", "credentials", "defect"}
SOON_MS = 120000
AFTER_CHANGE_MS = 1800000
Candidate = namedtuple("Candidate", "component cause signal onset score explained evidence blamers")


class Case:
    """All that is known of one incident."""

    def __init__(self, topology, events, templates, skew_ms):
        self.topology, self.skew, self.span = topology, skew_ms, series.Span(events)
        self.templates = templates
        self.has_lines = {e.component for e in events}
        self.signals, self.changes, self.background = self.split()
        self.faults = self.onsets()
        self.blame = self.blamed()

    def split(self):
        """(what stands out, changes, what was there all along) of the templates."""
        signals, changes, background = [], [], []
        for t in self.templates:
            known = any(e.known for e in t.events)
            if t.level < severity.WARNING and not known:
                c = causes.of(t)
                if c.kind == CHANGE or c.kind == LOAD or c.id in ("clock", "replication", "name_resolution"):
                    self.judge(t, c, changes, background)
                continue
            self.judge(t, causes.of(t), signals, background)
        return signals, changes, background

    def judge(self, t, c, into, background):
        times = sorted(e.time for e in t.events if e.time is not None)
        at, weight, how = series.onset(times, self.span, t.component)
        s = series.Signal(t, c, at, weight, how)
        (background if weight < 0.3 else into).append(s)

    def onsets(self):
        """component -> its fault: as of the first error or warning that tells a cause, of other warnings where it has
        none; told by what says most of the cause soon after that."""
        sure = any(s.weight >= 0.75 and s.template.level >= severity.ERROR for s in self.signals)
        of = {}
        for s in self.signals:
            if not (sure and s.how == series.STEADY):
                of.setdefault(s.template.component, []).append(s)
        return {name: self.fault(signals) for name, signals in of.items()}

    @staticmethod
    def fault(signals):
        bad = [s for s in signals if s.template.level >= severity.ERROR or s.cause.kind in (INTRINSIC, LOAD)] or signals
        timed = [s for s in bad if s.onset is not None]
        if not timed:
            return max(bad, key=lambda s: KIND[s.cause.kind])
        first = min(s.onset for s in timed)
        return max((s for s in timed if s.onset <= first + SOON_MS), key=lambda s: (KIND[s.cause.kind], -s.onset))._replace(onset=first)

    def blamed(self):
        """component -> {who names it in a failure of its own: the signal}."""
        blame = {}
        for s in self.signals:
            c = s.template.component
            if s.cause.kind not in (SYMPTOM, OTHER) and s.cause.id not in OF_THE_OTHER:
                continue
            for n in self.named(s):
                if n in self.topology.dependencies(c) or c not in self.topology.declared:
                    first = blame.setdefault(n, {}).get(c)
                    if first is None or (s.onset or 0) < (first.onset or 0):
                        blame[n][c] = s
        return blame

    def named(self, s):
        return self.topology.mentioned(s.template.text, s.template.component)

    def before(self, a, b):
        """Whether a is not after b, as far as clocks tell."""
        return a is None or b is None or a <= b + self.skew

    # Scores.

    def candidates(self):
        """The best candidate of each component, best first."""
        best = {}
        for c in self.own() + self.quiet():
            if c.component not in best or c.score > best[c.component].score:
                best[c.component] = c
        return sorted(best.values(), key=lambda c: (-c.score, c.onset if c.onset is not None else float("inf"), c.component))

    def own(self):
        out = []
        for s in self.signals:
            out.append(self.candidate(s.template.component, s, s.cause, s.onset))
        for s in self.changes:
            follow = [f for f in self.faults.values() if f.onset is not None and s.onset is not None and
                      -self.skew <= f.onset - s.onset <= AFTER_CHANGE_MS]
            if follow:
                out.append(self.candidate(s.template.component, s, s.cause, s.onset))
        return out

    def quiet(self):
        """Those without a word of their own fault: silent ones, and those that only others name."""
        out = []
        for name in self.topology.names:
            blamers = self.blame.get(name, {})
            if name in self.faults:
                told = self.told_of(blamers)
                if told is not causes.UNKNOWN and self.faults[name].template.level < severity.ERROR:
                    out.append(self.candidate(name, None, told, min((s.onset for s in blamers.values() if s.onset is not None), default=None)))
                continue
            callers = [n for n in self.topology.needed_by[name] if n in self.faults]
            silent = series.silence(name, self.span) if name in self.has_lines and self.span.start is not None else None
            if silent is not None and callers:
                out.append(self.candidate(name, None, causes.SILENT, silent))
            elif name not in self.has_lines and (blamers or callers and all(self.faults[n].cause.kind in (SYMPTOM, OTHER) for n in callers)):
                first = [s.onset for s in blamers.values() if s.onset is not None] or [self.faults[n].onset for n in callers if self.faults[n].onset is not None]
                out.append(self.candidate(name, None, causes.UNSEEN, min(first) if first else None))
            elif name in self.has_lines and len(blamers) >= 1:
                first = [s.onset for s in blamers.values() if s.onset is not None]
                out.append(self.candidate(name, None, self.told_of(blamers), min(first) if first else None))
        return out

    @staticmethod
    def told_of(blamers):
        """What those that name it say that it has."""
        for s in blamers.values():
            if s.cause.id in OF_THE_OTHER:
                return s.cause
        return causes.UNKNOWN

    def candidate(self, name, s, cause, at):
        explained = self.explained(name, cause, at)
        others = [n for n in self.faults if n != name]
        share = sum(self.follows_from(cause, self.faults[n].cause) for n in explained if n in self.faults) / len(others) if others else 0.0
        score = KIND[cause.kind] * (1.0 if s is None else s.weight * LEVEL[s.template.level])
        if cause is causes.UNSEEN or s is None and cause is causes.UNKNOWN:
            score = 1.0
        elif s is None:
            score = 2.2
        score += 2.6 * share
        score += self.time_bonus(name, at)
        blamers = {n: b for n, b in self.blame.get(name, {}).items()}
        if blamers:
            asking = [n for n in self.topology.needed_by[name] if n in self.faults] or list(blamers)
            score += 1.6 * min(1.0, len(blamers) / max(1, len(asking)))
        score -= self.excuse(name, s, cause, at)
        if s is not None and any(e.known for e in s.template.events):
            score += 0.5
        if cause.kind == CHANGE:
            score += self.change_bonus(name, at)
        elif s is not None:
            score += 0.5 if any(self.precedes(c, name, at) for c in self.changes if c.cause.kind == CHANGE) else 0
        return Candidate(name, cause, s, at, score, explained, self.evidence(name, s, cause, blamers), blamers)

    @staticmethod
    def follows_from(cause, fault):
        """How well a fault of that kind is explained by the cause: one that is somebody's own, and another one, less."""
        own = fault.kind == INTRINSIC and fault.id != cause.id and fault.id not in OF_THE_OTHER | OF_THE_CALLER | OVERLOADED
        return 0.4 if own else 1.0

    def precedes(self, change, name, at):
        return change.template.component == name and change.onset is not None and at is not None and -self.skew <= at - change.onset <= AFTER_CHANGE_MS

    def change_bonus(self, name, at):
        """A change is a cause where the first fault that its component's callers or it have is close behind."""
        reach = self.topology.dependents(name)
        after = [f.onset - at for n, f in self.faults.items() if n in reach and f.onset is not None and f.onset >= at - self.skew]
        first = min((f.onset for f in self.faults.values() if f.onset is not None), default=None)
        if not after:
            return -1.5
        # What comes minutes later is less and less likely to come from it.
        bonus = 0.8 - min(3.0, max(0, min(after)) / 150000)
        own = self.faults.get(name)
        if own is not None and own.cause.kind in (INTRINSIC, LOAD):
            bonus -= 1.0        # its own fault says more
        return bonus + (0.3 if first is not None and self.before(at, first) else -1.0)

    def explained(self, name, cause, at):
        """name -> the way from the cause to it, of the components whose faults follow from it."""
        found = {}
        reach = self.topology.dependents(name)
        for n, f in self.faults.items():
            if n == name or not self.before(at, f.onset):
                continue
            if n in reach:
                found[n] = self.topology.path(name, n, self.topology.needed_by, self.faults)
        if cause.kind in (LOAD, CHANGE) or cause.id in ("defect",):
            for n, f in self.faults.items():
                if n not in found and n != name and n in self.topology.dependencies(name) and self.before(at, f.onset) and f.cause.id in OVERLOADED:
                    found[n] = self.topology.path(name, n, self.topology.needs, self.faults)
                    for m, g in self.faults.items():
                        if m not in found and m != name and m in self.topology.dependents(n) and self.before(f.onset, g.onset):
                            found[m] = found[n] + self.topology.path(n, m, self.topology.needed_by, self.faults)[1:]
        return found

    def time_bonus(self, name, at):
        known = [f.onset for f in self.faults.values() if f.onset is not None]
        if at is None or not known:
            return 0.0
        first, last = min(known), max(known)
        if at <= first + self.skew:
            return 1.2
        return 1.2 * (1 - min(1.0, (at - first) / max(last - first, 10 * self.skew, 1)))

    def excuse(self, name, s, cause, at):
        """How much of it is another's fault: what it needs failed before, or it says so itself."""
        less = 0.0
        if s is not None and (cause.kind in (SYMPTOM, OTHER) or cause.id in OF_THE_OTHER):
            if any(n in self.topology.dependencies(name) for n in self.named(s)):
                less += 1.4
        failing = [f for n, f in self.faults.items() if n != name and n in self.topology.dependencies(name) and
                   self.before(f.onset, at) and (f.cause.kind in (INTRINSIC, LOAD, OTHER) or cause.kind == SYMPTOM)]
        if any(f.cause.id == cause.id and self.before(f.onset, at) and f.template.component in self.topology.dependencies(name) and
               name not in self.topology.dependencies(f.template.component) for n, f in self.faults.items() if n != name):
            less += 1.2         # it only repeats what it was told
        if cause.id in OF_THE_CALLER and any(self.precedes(c, n, at) for c in self.changes if c.cause.kind == CHANGE for n in self.topology.needed_by[name]):
            less += 0.9
        if cause.kind in (SYMPTOM, OTHER, LOAD) and any(n not in self.has_lines for n in self.topology.needs[name]):
            less += 1.2
        if failing and name not in {n for f in failing for n in self.topology.dependencies(f.template.component)}:
            less += 1.6 if cause.kind in (SYMPTOM, OTHER) else 1.2 if cause.kind == CHANGE else 0.9 if cause.id in OVERLOADED | {"defect"} else 0.4
        return less

    def evidence(self, name, s, cause, blamers):
        """The signals that speak for it, itself first."""
        out = [s] if s is not None else []
        out += [c for c in self.changes if c.template.component == name and c is not s and c.cause.kind == CHANGE][:2]
        out += sorted((x for x in self.signals if x.template.component == name and x is not s and x.weight >= 0.5),
                      key=lambda x: (x.onset if x.onset is not None else float("inf"), -x.template.level))[:3]
        out += sorted(blamers.values(), key=lambda x: (x.onset if x.onset is not None else float("inf"), x.template.component))[:3]
        return list(dict.fromkeys(out))


def confidence(ranked, case):
    """0.05 to 0.95: by how far the first is ahead, by its kind, and by how much of the rest it explains."""
    top = ranked[0]
    gap = top.score - (ranked[1].score if len(ranked) > 1 else 0.0)
    others = [n for n in case.faults if n != top.component]
    share = len([n for n in top.explained if n in case.faults]) / len(others) if others else 0.5
    value = 0.2 + 0.2 * min(1.0, gap / 2.0) + 0.25 * share + 0.05 * min(4.0, max(0.0, top.score - 2.0))
    value += {INTRINSIC: 0.12, LOAD: 0.05, CHANGE: 0.03}.get(top.cause.kind, -0.08)
    if top.onset is None:
        value -= 0.2
    if top.cause.kind != INTRINSIC and any(n not in case.has_lines for n in case.topology.needs[top.component]):
        value -= 0.2        # the true cause may stand in logs that are not here
    if top.cause in (causes.UNSEEN, causes.UNKNOWN):
        value -= 0.1
    return round(min(0.95, max(0.05, value)), 2)
