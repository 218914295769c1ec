# SPDX-License-Identifier: Apache-2.0
"""Reads the time of a log line, in milliseconds since 1970 UTC. What a format leaves out (year, date, zone) comes of
the time of collection and of what the snippet says of its zone, never of a clock here."""
import re
from datetime import datetime, timedelta, timezone

MONTHS = {m: i + 1 for i, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())}
MONTH = r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
CLOCK = r"(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?"
ZONE = r" ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?"
DAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?"
LATEST_MS = 86400000    # a line may be this much newer than its collection: a zone that nobody told of

# Most telling first: a later one would see a part of an earlier one.
FORMATS = [re.compile(r"(?<![\w.])" + text, re.I) for text in (
    r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[T _](?P<H>\d\d):(?P<M>\d\d)(?::(?P<S>\d\d))?(?:[.,](?P<f>\d{1,9}))?" + ZONE,
    r"(?P<y>\d{4})[/.](?P<m>\d\d)[/.](?P<d>\d\d)[ T-]" + CLOCK + ZONE,
    r"(?P<d>\d\d)/" + MONTH + r"/(?P<y>\d{4}):" + CLOCK + ZONE,
    DAY + r"(?P<d>\d{1,2})[ -]" + MONTH + r"[ -](?P<y>\d{4})[ :]" + CLOCK + ZONE,
    DAY + MONTH + r" {1,2}(?P<d>\d{1,2}),? " + CLOCK + r" (?:(?:UTC|GMT) )?(?P<y>\d{4})",
    MONTH + r" {1,2}(?P<d>\d{1,2}),? (?P<y>\d{4}),? " + CLOCK,
    MONTH + r" {1,2}(?P<d>\d{1,2}) " + CLOCK,
    r"[IWEF](?P<m>\d\d)(?P<d>\d\d) " + CLOCK,
    r"(?P<first>\d{1,2})/(?P<second>\d{1,2})/(?P<y>\d{4}),? (?P<H>\d{1,2}):(?P<M>\d\d):(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?"
    r"(?: (?P<half>AM|PM))?",
    r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)[T-](?P<H>\d\d):?(?P<M>\d\d):?(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?" + ZONE,
    r"(?P<epoch>1\d{9}|1\d{12}|1\d{15}|1\d{18})(?:\.(?P<ef>\d{1,9}))?(?![\w.])",
    CLOCK)]
ANYWHERE = FORMATS[2]   # access logs have client, identity and user before the time
NEAR = 64


def number(n):
    """A time that is a number: seconds, or milli-, micro- or nanoseconds since 1970."""
    if isinstance(n, bool) or not 1e8 <= n < 4e18:
        return None
    for limit, factor in ((1e11, 1000), (1e14, 1), (1e17, 1e-3), (4e18, 1e-6)):
        if n < limit:
            return int(n * factor)
    return None


def show(ms):
    """RFC 3339 in UTC."""
    if ms is None:
        return None
    t = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=ms)
    return t.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (t.microsecond // 1000)


def of_rfc3339(text):
    m = FORMATS[0].match(text)
    return Clock(0, 0).value(m) if m else None


class Clock:
    """The clock of one snippet."""

    def __init__(self, collected_ms, offset_minutes):
        self.collected, self.offset = collected_ms, offset_minutes
        self.last = FORMATS[0]
        self.ambiguous = 0

    def find(self, line):
        """(milliseconds, where the time begins, where it ends) or None. A time far into the line is not the line's own."""
        head = line[:160]
        for f in [self.last] + FORMATS:
            m = f.search(head)
            if m and self.is_own(f, head[:m.start()]):
                ms = self.value(m)
                if ms is None:
                    return None     # beside a date that is refused no clock is believed either
                self.last = f
                return ms, m.start(), m.end()
        return None

    @staticmethod
    def is_own(f, before):
        if f is ANYWHERE:
            return len(before) <= NEAR
        if not before.strip("[( \"'<"):
            return "\t" not in before and len(before) <= 2
        return not before[0].isspace() and len(before) <= NEAR and len(before.split()) <= 2 and not before.startswith(("at ", "Caused"))

    def value(self, m):
        g = m.groupdict()
        if g.get("epoch"):
            return number(float(g["epoch"] + "." + (g["ef"] or "0"))) if len(g["epoch"]) == 10 else number(int(g["epoch"]))
        ms = int((g.get("f") or "0").ljust(3, "0")[:3])
        try:
            hour, month, day = int(g["H"]), *self.date(g)
            if g.get("half"):
                hour = hour % 12 + (12 if g["half"].upper() == "PM" else 0)
            at = self.with_year(g, month, day, hour, int(g["M"]), min(int(g.get("S") or 0), 59))
        except (ValueError, TypeError):
            return None
        return at * 1000 + ms - self.zone(g.get("zone")) * 60000

    def date(self, g):
        """(month, day); of 03/04/2026 nobody knows which is which, so only the American way with AM or PM is believed."""
        if g.get("first"):
            a, b = int(g["first"]), int(g["second"])
            if a > 12:
                return b, a
            if b <= 12 and a != b and not g.get("half"):
                self.ambiguous += 1
                raise ValueError
            return a, b
        if "d" not in g:
            return None, None
        return (MONTHS[g["month"].lower()] if g.get("month") else int(g["m"])), int(g["d"])

    def with_year(self, g, month, day, hour, minute, second):
        """Seconds; without a year or a date the newest that is not after the collection."""
        if g.get("y"):
            return seconds(int(g["y"]), month, day, hour, minute, second)
        now = datetime(1970, 1, 1) + timedelta(milliseconds=self.collected)
        if month is None:
            at = seconds(now.year, now.month, now.day, hour, minute, second)
            return at - 86400 if (at - self.offset * 60) * 1000 > self.collected + 3600000 else at
        for year in (now.year + 1, now.year, now.year - 1):
            try:
                at = seconds(year, month, day, hour, minute, second)
            except ValueError:      # 29 February
                continue
            if at * 1000 <= self.collected + LATEST_MS:
                return at
        raise ValueError

    def zone(self, text):
        """Minutes east of UTC."""
        if not text:
            return self.offset
        if text[0] not in "+-":
            return 0
        return (1 if text[0] == "+" else -1) * (int(text[1:3]) * 60 + int(text[-2:]))


def seconds(*when):
    return int((datetime(*when) - datetime(1970, 1, 1)).total_seconds())
