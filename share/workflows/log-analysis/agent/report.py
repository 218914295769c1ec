# SPDX-License-Identifier: Apache-2.0
"""The output document. Of the logs it holds templates in plain words and where lines stand, never the lines."""
import re

import severity
import times
from causes import CHANGE, SYMPTOM
from hypothesis import confidence

SURE = 0.5
MAX_EVIDENCE, MAX_ALTERNATIVES, MAX_AFFECTED, MAX_ACTIONS, MAX_ODD = 8, 4, 100, 12, 60
KEPT_DOT = re.compile(r"\.(?!(?:log|out|err|txt|json|ndjson)\b)")


def plural(n, noun):
    return "%d %s%s" % (n, noun, "" if n == 1 else "s")


def duration(ms):
    if ms < 1000:
        return "%d ms" % ms
    return "%.1f s" % (ms / 1000) if ms < 120000 else "%d min" % round(ms / 60000)


class Report:
    def __init__(self, request, reading, case, ranked, patterns, clocks):
        self.snippets, self.reading, self.case, self.ranked = request["snippets"], reading, case, ranked
        self.patterns, self.clocks = patterns, clocks
        self.confidence = confidence(ranked, case) if ranked else 0.0
        self.top = ranked[0] if ranked else None

    def document(self):
        status = self.status()
        out = {"status": status, "summary": self.summary(status)}
        if self.top and status != "no_incident":
            out["root_cause"] = self.hypothesis(self.top, self.confidence, MAX_EVIDENCE)
        out["alternatives"] = self.alternatives() if "root_cause" in out else []
        out["affected_components"] = self.affected() if "root_cause" in out else []
        out["recommended_actions"] = self.actions() if "root_cause" in out else []
        out["not_understood"] = self.odd()[:MAX_ODD]
        out["statistics"] = self.statistics()
        return out

    def status(self):
        if not self.reading.events:
            return "insufficient_data"
        if not self.case.faults or not self.top:
            return "no_incident"
        if all(s.onset is None for s in self.case.faults.values()) and len(self.case.faults) > 1 and self.confidence < SURE:
            return "insufficient_data"
        return "cause_found" if self.confidence >= SURE else "uncertain"

    # Parts.

    def statement(self, c):
        others = [n for n in c.explained if n in self.case.faults]
        said = "%s: %s" % (c.component, c.cause.meaning)
        if c.cause.kind == SYMPTOM:
            said = "%s is the first that fails: %s" % (c.component, c.cause.meaning)
        if others:
            said += "; this explains the faults of %s" % ", ".join(sorted(others)[:8])
        return said + "."

    def hypothesis(self, c, sure, most):
        out = {"component": c.component, "category": c.cause.id, "statement": self.statement(c), "confidence": sure}
        if c.signal is not None:
            out["template"] = c.signal.template.shown()
        if c.onset is not None:
            out["first_seen"] = times.show(c.onset)
        out["evidence"] = [self.evidence(s, c) for s in c.evidence[:most]]
        return out

    def place(self, e):
        out = {"snippet": e.snippet, "line": e.line, "lines": e.lines}
        source = self.snippets[e.snippet].get("source")
        if source:
            out["source"] = KEPT_DOT.sub("_", source)
        if e.time is not None:
            out["time"] = times.show(e.time)
        return out

    def evidence(self, s, c):
        t = s.template
        first = next((e for e in t.events if e.time == s.onset and e.level == t.level), None) or \
            next((e for e in t.events if e.time == s.onset), t.events[0])
        if t.component != c.component:
            why = "names %s in a failure of its own" % c.component
        elif s.cause.kind == CHANGE:
            why = "a change before the fault"
        else:
            why = {"first seen": "was not there before", "burst": "came in a burst", "steady": "was there all along"}[s.how]
        known = sorted({k for e in t.events for k in e.known})
        return {"component": t.component, **self.place(first), "severity": severity.NAMES[t.level], "count": len(t.events),
                "template": t.shown(), "why": why, **({"known_as": known[:10]} if known else {})}

    def alternatives(self):
        out = []
        for c in self.ranked[1:]:
            sure = round(max(0.01, min(self.confidence - 0.01, self.confidence * c.score / self.top.score * 0.8)), 2)
            if c.score > 0.4 * self.top.score and len(out) < MAX_ALTERNATIVES and self.confidence > 0.02:
                out.append(self.hypothesis(c, sure, 2))
        return out

    def affected(self):
        top, rows = self.top, []
        for name in sorted(set(self.case.faults) | {top.component}):
            s = self.case.faults.get(name)
            role = "cause" if name == top.component else "follows" if name in top.explained else "unexplained"
            row = {"component": name, "role": role}
            if s is not None:
                events = [t for t in self.case.signals if t.template.component == name]
                row.update(category=s.cause.id, template=s.template.shown(), events=sum(len(t.template.events) for t in events))
                if s.onset is not None:
                    row["first_error"] = times.show(s.onset)
                    if top.onset is not None and role == "follows":
                        row["delay_ms"] = max(0, s.onset - top.onset)
            if role == "follows":
                row["path"] = top.explained[name][:20]
            rows.append((("cause", "follows", "unexplained").index(role), len(row.get("path", ())), s.onset if s and s.onset else 0, name, row))
        return [r[-1] for r in sorted(rows, key=lambda r: r[:-1])][:MAX_AFFECTED]

    def actions(self):
        top, said = self.top, []
        for text in top.cause.actions:
            said.append((top.component, text))
        changes = [s for s in top.evidence if s.cause.kind == CHANGE and s.template.component == top.component]
        if changes and top.cause.kind != CHANGE:
            said.insert(1, (top.component, "It was changed shortly before (%s): take that back if nothing else helps." % changes[0].cause.id))
        follows = sorted((n for n in top.explained if n in self.case.faults), key=lambda n: (len(top.explained[n]), n))
        if follows:
            said.append((follows[0], "See whether %s after the cause is gone; restart what keeps broken connections." %
                         ("%s and the other components that follow recover" % follows[0] if len(follows) > 1 else "it recovers")))
        for c in self.ranked[1:3]:
            if self.confidence < 0.75 and c.score > 0.5 * top.score:
                said.append((c.component, "Rule it out: %s" % c.cause.actions[0]))
        for n in self.unexplained():
            said.append((n, "Look at it separately: its fault does not follow from %s." % top.component))
        return [{"priority": i, "component": n, "action": text} for i, (n, text) in enumerate(said[:MAX_ACTIONS], 1)]

    def unexplained(self):
        return [n for n in sorted(self.case.faults) if n != self.top.component and n not in self.top.explained]

    def summary(self, status):
        read = "%s of %s read" % (plural(self.reading.lines, "line"), plural(len(self.snippets), "snippet"))
        if status == "no_incident":
            return "Nothing stands out from what was there all along; %s." % read
        if not self.top:
            return "There is nothing to go by; %s." % read
        text = self.statement(self.top)
        if self.top.onset is not None:
            text = "%s First seen %s." % (text, times.show(self.top.onset))
        text += " Confidence %.2f; %s." % (self.confidence, read)
        if len(self.ranked) > 1 and self.confidence < SURE:
            text += " It may as well be %s." % self.ranked[1].component
        return text

    # What was not understood.

    def odd(self):
        r, case, out = self.reading, self.case, []

        def say(what, count, detail):
            out.append({"what": what, "count": count, "detail": detail[:500]})

        if r.unread:
            say("lines_not_read", r.unread, "The input has more lines than are read.")
        for what, by_snippet, text in (("no_time", r.untimed, "Lines without a time; the one above gave theirs."),
                                       ("broken_json", r.broken, "Lines begin as JSON and are none."),
                                       ("ambiguous_date", r.ambiguous, "Dates where day and month cannot be told apart.")):
            for i, n in sorted(by_snippet.items())[:10]:
                say(what, n, "Snippet %d: %s" % (i, text))
        for name, why in self.patterns.refused[:10]:
            say("pattern_refused", 1, "The pattern %s %s." % (name, why))
        if self.patterns.exhausted:
            say("patterns_unfinished", 1, "The patterns need too much work together: not all lines were held against them.")
        for name, ms in sorted(self.clocks.items()):
            say("clock_corrected", 1, "The clock of %s is %s %s by the ids that it shares with others." % (name, duration(abs(ms)), "behind" if ms > 0 else "ahead"))
        hidden = sum("[REDACTED:" in e.text for e in r.events)
        if hidden:
            say("redacted", hidden, "Lines of which a part was redacted before they came here.")
        self.say_components(say)
        noise = [s for s in case.background if s.template.level >= severity.ERROR]
        if noise:
            say("background", len(noise), "Errors that were there all along, left aside: %s." % "; ".join(
                "%s: %s" % (s.template.component, s.template.shown()[:100]) for s in noise[:3]))
        return out

    def say_components(self, say):
        case, declared = self.case, self.case.topology.declared
        strange = sorted(case.has_lines - declared)
        if strange:
            say("not_in_topology", len(strange), "Components with lines whose dependencies are not known: %s." % ", ".join(strange[:8]))
        missing = sorted(n for n in declared if n not in case.has_lines)
        if missing:
            say("no_logs", len(missing), "Components of the topology without a line: %s." % ", ".join(missing[:8]))
        if self.top and self.unexplained():
            say("unexplained", len(self.unexplained()), "Faults that do not follow from the hypothesis: %s." % ", ".join(self.unexplained()[:8]))
        unknown = [s for s in case.signals if s.cause.id == "unknown" and s.template.level >= severity.ERROR]
        if unknown:
            say("unknown_error", len(unknown), "Errors of no known kind: %s." % "; ".join(
                "%s: %s" % (s.template.component, s.template.shown()[:100]) for s in unknown[:3]))

    def statistics(self):
        span = self.case.span
        out = {"lines": self.reading.lines, "events": len(self.reading.events), "templates": len(self.case.templates),
               "errors": sum(e.level >= severity.ERROR for e in self.reading.events)}
        if span.start is not None:
            out.update({"from": times.show(span.start), "to": times.show(span.end)})
        return out
