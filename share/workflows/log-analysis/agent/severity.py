# SPDX-License-Identifier: Apache-2.0
"""How bad a line is: by its level where it has one, by its words else."""
import re

FATAL, ERROR, WARNING, INFO, DEBUG = 5, 4, 3, 2, 1
NAMES = {FATAL: "fatal", ERROR: "error", WARNING: "warning", INFO: "info", DEBUG: "debug"}
LEVELS = {}
for _level, _words in ((FATAL, "fatal panic emerg emergency alert crit critical f"), (ERROR, "error err severe e failure eror"),
                     (WARNING, "warn warning w"), (INFO, "info notice information i log statement normal informational"),
                     (DEBUG, "debug trace fine finer finest verbose d dbg debug1 debug2")):
    LEVELS.update(dict.fromkeys(_words.split(), _level))
IN_TEXT = re.compile(r"(?<![\w/.=-])[\[(<|]?(FATAL|PANIC|EMERG(?:ENCY)?|ALERT|CRIT(?:ICAL)?|ERROR|ERR|SEVERE|WARN(?:ING)?|INFO|NOTICE|LOG"
                     r"|DEBUG|TRACE|FINE|VERBOSE|fatal|panic|emerg|alert|crit(?:ical)?|error|err|warn(?:ing)?|info|notice|debug|trace)"
                     r"(?:[\])>|:]|(?=\s))")
NEAR = 72

# Words that make a line without a level bad, and what takes it back.
WORSE = re.compile(r"\b(?:panic:|fatal\b|segfault|segmentation fault|out of memory|oom-?kill\w*|kernel panic|core dumped|unrecoverable|data loss|corrupt\w*)", re.I)
BAD = re.compile(r"(?:\b(?:error\b|errors\b|exception\b|traceback\b|fail(?:s|ed|ure|ures)?\b|refused\b|denied\b|cannot\b|could ?n[o']t\b|unable to\b|timed? ?out\b"
                 r"|unreachable\b|abort(?:ed)?\b|killed\b|crash\w*|deadlock\b|no space left|too many (?:open files|connections)|not responding|exhausted\b|unhealthy\b"
                 r"|rejected\b|expired\b|invalid\b|unexpected\b|lost connection|(?:is|are|link|went|state to|status \S{0,12}) down\b|broken pipe|no such host|unavailable\b)|\w(?:Exception|Error)\b)", re.I)
UNEASY = re.compile(r"\b(?:slow\b|retry\w*|retries\b|degraded\b|lag\b|lagging\b|backoff\b|deprecated\b|throttl\w*|high (?:memory|cpu|load)|nearly full|dropp(?:ed|ing)\b)", re.I)
NOT_BAD = re.compile(r"\b(?:0|no|zero|without(?: any)?) (?:errors?|failures?|exceptions?|failed)\b|\b(?:errors?|failures?|failed|error_count|exceptions?)[\"']?\s?[=:]\s?"
                     r"(?:0\b|none\b|null\b|nil\b|false\b|\"\")|\bfail(?:ed)? over (?:ok|succe)|\berror ?(?:budget|page|handler|rate is normal)|\bexpired (?:sessions?|entries|keys) (?:removed|purged|cleaned)"
                     r"|\b(?:removed|purged|cleaned|evicted) \S{0,12} ?expired", re.I)


def of_word(word):
    """The level that a field's value names, or None. Numbers are those of syslog (0 to 7) and of pino and bunyan (10 to 60)."""
    if isinstance(word, bool):
        return None
    if isinstance(word, (int, float)):
        if 0 <= word <= 7:
            return FATAL if word <= 2 else {3: ERROR, 4: WARNING, 7: DEBUG}.get(word, INFO)
        return {60: FATAL, 50: ERROR, 40: WARNING, 30: INFO}.get(word // 10 * 10, DEBUG if word < 30 else INFO)
    word = str(word).strip().lower()
    return of_word(int(word)) if re.fullmatch(r"\d{1,2}", word) else LEVELS.get(word)


def in_text(text):
    """(level, where its word begins and ends) if the head of a line names one."""
    m = IN_TEXT.search(text[:NEAR])
    return (LEVELS[m[1].lower()], m.start(), m.end()) if m else None


def of_priority(n):
    """The level of a syslog priority, facility times 8 and severity."""
    return of_word(n % 8)


def of_status(status):
    """What an HTTP status says of the one that answered with it."""
    if status >= 500:
        return ERROR
    return WARNING if status in (408, 429) else INFO


def of(level, text):
    """The severity of a line. Its words can make a mild level worse only where they say that something died."""
    if level is not None and level >= ERROR:
        return level
    if NOT_BAD.search(text):
        return level or INFO
    if WORSE.search(text):
        return max(level or 0, ERROR if level else FATAL)
    if level is not None:
        return level
    if BAD.search(text):
        return ERROR
    return WARNING if UNEASY.search(text) else INFO
