# SPDX-License-Identifier: Apache-2.0
"""Lines into events: unwraps what containers and services put around a message (CRI, Docker, Compose, NDJSON, logfmt,
syslog), and folds the lines of a stack trace into the event that they belong to."""
import json
import re

import severity
import times

MAX_LINES, MAX_TEXT, MAX_JSON, MAX_FOLDED = 50000, 1500, 8192, 60
ANSI = re.compile(r"\x1b\[[0-9;]{0,16}[A-Za-z]")
CRI = re.compile(r"\S{20,40} (?:stdout|stderr) ([FP]) ")
COMPOSE = re.compile(r"[\w.-]{1,60} {0,20}\| ")
SYSLOG = re.compile(r"\s?(?:<\d{1,3}>)?\s?(?:[\w.-]{1,64} )?([\w./-]{1,48})(?:\[\d{1,8}\])?: ")
PAIR = re.compile(r"(?<![\w.@-])([A-Za-z_@][\w.@-]{0,60})=(?:\"((?:[^\"\\]|\\.)*)\"|(\S*))")
ACCESS = re.compile(r"\"([A-Z]{3,10} [^\s\"]{1,400})[^\"]{0,400}\" (\d{3}) (?:\d+|-)(?:\s|$)")
CONTINUED = re.compile(r"\s+\S|at [\w.$<>/]+[( ]|Caused by: |Suppressed: |\.\.\. \d+ (?:more|common)|Traceback \(most|File \"|goroutine \d+ \[|"
                       r"[}\])]+[,;]?$|---|\t|Stack trace:|#\d+ |created by |During handling of|The above exception|Call Trace:|exit status \d")
ROOT = re.compile(r"(?:Caused by: )?((?:[\w$]+\.)*[A-Z][\w$]*(?:Error|Exception|Fault|Failure|Interrupt|Exit)\b.*)|((?:[\w$]+\.)+[A-Z][\w$]*: .*)|(panic: .*)|(?:error|fatal error): (.*)")
# Thread and class as Logback prints them, process and connection as nginx does, process and thread.
HEADERS = re.compile(r"\d+ --- \[[^\]]{0,60}\] \S{1,80} {0,40}: |\d+#\d+: (?:\*\d+ )?|\[[\w.:#/ -]{1,48}\] ?(?:[\w.$\[\]/]{1,60} [:-] )?")
TIMES = "@timestamp timestamp time ts t datetime date asctime eventTime event_time Timestamp".split()
LEVELS = "level severity levelname lvl log.level loglevel Level priority".split()
TEXTS = "message msg log event body short_message text Message".split()
FAULTS = "error err exception exc_info stack stack_trace stacktrace error.message error.stack_trace exception.message reason".split()
SERVICES = "component service service.name app application service_name".split()
STATUSES = "status status_code http.status_code response_code statusCode code".split()
IDS = "trace_id traceId trace.id request_id requestId correlation_id correlationId".split()
ID = re.compile(r"\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})\b|"
                r"(?:trace|request|correlation|req)[_-]?id[\"']?[=: ]{1,2}[\"']?([\w-]{6,64})", re.I)


class Event:
    """One event: where it stands (`line` from 1, `lines` of them), when, how bad, what it says and what is behind it."""
    __slots__ = "component snippet line lines time level text detail ids known".split()

    def __init__(self, component, snippet, line, time, level, text, ids=()):
        self.component, self.snippet, self.line, self.lines = component, snippet, line, 1
        self.time, self.level, self.text, self.detail, self.ids, self.known = time, level, text, "", ids, ()

    def fold(self, text):
        self.lines += 1
        if self.lines > MAX_FOLDED:
            return
        m = ROOT.match(text.strip())
        if m:
            # The last cause of a chain is the first one in time.
            self.detail = next(filter(None, m.groups()))[:300]
            self.level = max(self.level, severity.ERROR)


class Reading:
    """All events in the order of the input, and what was odd on the way."""

    def __init__(self):
        self.events, self.lines, self.unread, self.untimed, self.broken, self.ambiguous = [], 0, 0, {}, {}, {}


def first(fields, names):
    for n in names:
        if fields.get(n) not in (None, ""):
            return fields[n]
    return None


def flat(fields):
    """One level of nesting becomes dotted names."""
    out = dict(fields)
    for k, v in fields.items():
        if isinstance(v, dict):
            out.update(("%s.%s" % (k, j), w) for j, w in v.items() if "%s.%s" % (k, j) not in out)
    return out


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:MAX_TEXT]


def field_time(clock, value):
    if isinstance(value, (int, float)):
        return times.number(value)
    found = clock.find(str(value)[:64])
    return found[0] if found else None


def of_fields(fields, clock):
    """(time, level, text, fault, status, ids, service) of a structured line."""
    fields = flat(fields)
    fault = first(fields, FAULTS)
    if isinstance(fault, dict):
        fault = " ".join(as_text(v) for k, v in fault.items() if k in ("type", "kind", "message", "stack"))
    status = first(fields, STATUSES)
    ids = tuple(str(fields[k])[:64] for k in IDS if fields.get(k))
    word, service, at = first(fields, LEVELS), first(fields, SERVICES), first(fields, TIMES)
    return (field_time(clock, at) if at is not None else None, severity.of_word(word) if word is not None else None,
            as_text(first(fields, TEXTS) or ""), as_text(fault or ""), status if isinstance(status, int) else None, ids, service)


def parsed(text):
    if not text.startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def pairs(text):
    """The fields of a logfmt line, or None if it is none."""
    if "=" not in text[:80]:
        return None
    found = {m[1]: m[3] if m[2] is None else m[2].replace('\\"', '"') for m in PAIR.finditer(text[:MAX_JSON // 2])}
    return found if first(found, LEVELS) and first(found, TEXTS) else None


class Reader:
    """Reads the lines of one snippet."""

    def __init__(self, index, snippet, collected_ms, components, reading):
        self.index, self.component, self.components, self.reading = index, snippet["component"], components, reading
        self.clock = times.Clock(collected_ms, snippet.get("utc_offset_minutes", 0))
        self.last, self.timed, self.partial = None, 0, None

    def read(self, lines):
        for number, line in enumerate(lines, 1):
            # A line of JSON is of use only as a whole.
            text = line[:MAX_JSON if "{" in line[:200] else MAX_TEXT].rstrip("\r\n")
            self.line(number, ANSI.sub("", text) if "\x1b" in text else text)
        if self.clock.ambiguous:
            self.reading.ambiguous[self.index] = self.clock.ambiguous

    def line(self, number, text):
        cri = CRI.match(text)
        outer = None
        if cri:
            found = self.clock.find(text)
            outer, text = found and found[0], text[cri.end():]
            if cri[1] == "P" or self.partial:
                whole, text = cri[1] == "F", ((self.partial or "") + text)[:MAX_TEXT]
                self.partial = None if whole else text
                if not whole:
                    return
        compose = COMPOSE.match(text)
        if compose:
            text = text[compose.end():]
        if not text.strip():
            return
        fields = parsed(text)
        if fields and isinstance(fields.get("log"), str) and "stream" in fields:
            outer = field_time(self.clock, fields.get("time", ""))
            text = fields["log"].rstrip("\r\n")
            fields = parsed(text)
        self.event(number, text, fields, outer)

    def event(self, number, text, fields, outer):
        if text.startswith("{") and fields is None:
            self.reading.broken[self.index] = self.reading.broken.get(self.index, 0) + 1
        fields = fields or pairs(text)
        if fields:
            self.structured(number, text, fields, outer)
        elif text.strip():
            self.plain(number, text[:MAX_TEXT], outer)

    def structured(self, number, text, fields, outer):
        at, level, message, fault, status, ids, service = of_fields(fields, self.clock)
        at = outer if at is None else at
        if at is None:
            found = self.clock.find(text)
            at = found and found[0]
        if level is None and status is not None and 100 <= status <= 599:
            level = severity.of_status(status)
            message = message or "answered with status %d" % status
        e = self.add(number, at, level, message or as_text(fields), ids or None, service)
        for line in fault.split("\n")[:MAX_FOLDED]:
            e.fold(line)
        e.lines = 1
        if fault and not e.detail:
            e.detail = fault.split("\n")[0][:300]

    def plain(self, number, text, outer):
        found = self.clock.find(text) if outer is None or text[:1].isdigit() or text[:1] == "[" else None
        head, rest = (text[:found[1]], text[found[2]:]) if found else ("", text)
        said = severity.in_text(rest) or severity.in_text(head)
        if said and not found and said[1] > 2:
            said = None         # a word in the middle of a line that has no time tells no level
        if self.last and not found and self.continues(text, outer, said):
            self.last.fold(text)
            return
        access = ACCESS.search(text)
        if access and 100 <= int(access[2]) <= 599:
            level, said_text = severity.of_status(int(access[2])), "answered with status %s: %s" % (access[2], access[1])
        else:
            level = said[0] if said else self.coded(text)
            said_text = message(head, rest, said if said and severity.in_text(rest) else None)
        self.add(number, found[0] if found else outer, level, said_text, ids_of(text), None)

    def continues(self, text, outer, said):
        """Whether a line without a time goes on with the event above: by its shape, as the name of what was thrown
        behind something bad, or since the lines of this snippet have times."""
        if CONTINUED.match(text):
            return True
        thrown = self.last.level >= severity.WARNING and ROOT.match(text)
        return not said and bool(thrown or outer is None and self.timed >= self.count / 2)

    @staticmethod
    def coded(text):
        """The level of a line as glog (I0421 10:11:12) or syslog (<187>) write it."""
        m = re.match(r"([IWEF])\d{4} |<(\d{1,3})>", text)
        return None if not m else severity.LEVELS[m[1].lower()] if m[1] else severity.of_priority(int(m[2]))

    @property
    def count(self):
        return getattr(self, "events", 0)

    def add(self, number, at, level, text, ids, service):
        component = service if service in self.components else self.component
        if at is not None:
            self.timed += 1
        else:
            self.reading.untimed[self.index] = self.reading.untimed.get(self.index, 0) + 1
            # The order of the lines says that it was not before its neighbour above.
            at = self.last.time if self.last else None
        self.events = self.count + 1
        text = text[:MAX_TEXT]
        self.last = Event(component, self.index, number, at, severity.of(level, text), text,
                          ids_of(text) if ids is None else ids)
        self.reading.events.append(self.last)
        return self.last


def ids_of(text):
    return tuple(m[1] or m[2] for m in ID.finditer(text[:MAX_TEXT]))[:4]


def message(head, rest, said):
    """What a line says, without time, level, thread and program."""
    rest = rest.lstrip("])} \t,|>\"'")
    m = severity.in_text(rest) if said else None
    if m and m[1] <= 24 and rest[m[1]:m[1] + 6] != "panic:":
        rest = rest[m[2]:].lstrip(":] )|-\t")
    else:
        m = SYSLOG.match(" " + rest)
        if m and m[1] != "panic":
            rest = rest[m.end() - 1:]
    m = HEADERS.match(rest)
    return rest[m.end() if m else 0:].strip() or rest.strip() or head.strip()


def read(request, collected_ms, components):
    """Reading of all snippets, at most MAX_LINES lines of them."""
    reading = Reading()
    for index, snippet in enumerate(request["snippets"]):
        room = MAX_LINES - reading.lines
        lines = snippet["lines"][:room]
        reading.lines += len(lines)
        reading.unread += len(snippet["lines"]) - len(lines)
        Reader(index, snippet, collected_ms, components, reading).read(lines)
    return reading
