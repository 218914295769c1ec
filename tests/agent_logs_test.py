#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the log-analysis agent: its parts as modules, and the whole as the program that is started."""
import importlib
import json
import os
import subprocess
import sys
import time
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
AGENT = os.path.join(TOP, "share/workflows/log-analysis/agent")
sys.dont_write_bytecode = True
sys.path.insert(0, AGENT)
analyse, causes, pattern, records, series, severity, skew, templates, times, topology = map(
    importlib.import_module, "analyse causes pattern records series severity skew templates times topology".split())

COLLECTED = "2026-04-08T15:00:00Z"
NOW = times.of_rfc3339(COLLECTED)
AT = times.of_rfc3339("2026-04-08T14:03:05Z")


def read(*lines, **more):
    request = {"snippets": [dict({"component": "a", "lines": list(lines)}, **more)]}
    return records.read(request, NOW, {"a", "b"})


def events(*lines, **more):
    return read(*lines, **more).events


def ask(snippets, edges=(), **more):
    return analyse.answer({"collected_at": COLLECTED, "snippets": [{"component": c, "lines": list(x)} for c, x in snippets],
                           "topology": {"dependencies": [{"from": a, "to": b} for a, b in edges]}, **more})


def quickest(do, limit):
    """Processor time: what is longer than the limit gets two more looks, since a machine may stand still in the middle."""
    best = limit
    for _ in range(3):
        begin = time.process_time()
        do()
        best = min(best, time.process_time() - begin)
        if best < limit:
            break
    return best


class Times(unittest.TestCase):
    def test_each_format(self):
        for text in ("2026-04-08T14:03:05Z x", "2026-04-08 14:03:05,000 x", "[2026-04-08 16:03:05.000 +0200] x", "2026-04-08T14:03:05.000000000Z x",
                     "[08/Apr/2026:14:03:05 +0000] x", '10.0.0.1 - bob [08/Apr/2026:15:03:05 +0100] "GET / HTTP/1.1" 200 1', "2026/04/08 14:03:05 x",
                     "08-Apr-2026 14:03:05.000 x", "1:M 08 Apr 2026 14:03:05.000 * x", "Wed, 08 Apr 2026 14:03:05 GMT x", "[Wed Apr 08 14:03:05.000 2026] x",
                     "Apr  8 14:03:05 host x", "<34>Apr  8 14:03:05 host x", "I0408 14:03:05.000000 1 x", "4/8/2026 2:03:05 PM x", "1775656985 x", "1775656985.000 x",
                     "1775656985000 x", "20260408T140305Z x", "[14:03:05] x", "INFO 2026-04-08 14:03:05 x", "web_1  | 2026-04-08T14:03:05Z x"):
            self.assertEqual([e.time for e in events(text)], [AT], text)

    def test_zone_of_a_snippet(self):
        self.assertEqual(events("2026-04-08 16:03:05 x", utc_offset_minutes=120)[0].time, AT)
        self.assertEqual(events("2026-04-08 16:03:05 +0200 x", utc_offset_minutes=-300)[0].time, AT)

    def test_what_is_no_time_of_the_line(self):
        for text in ("connection to 2026 failed", "order 08/04/2026 14:03:05 x", "2026-13-45 14:03:05 x", "Caused by: token expired at 2026-04-08T14:03:05Z",
                     "\tat 2026-04-08T14:03:05Z", "version 1.2.3", "no user 17756569851 found"):
            self.assertEqual(events(text)[0].time, None, text)

    def test_ambiguous_dates_are_said(self):
        r = read("3/4/2026 14:03:05 x")
        self.assertEqual((r.events[0].time, r.ambiguous), (None, {0: 1}))
        self.assertEqual(events("25/4/2025 14:03:05 x")[0].time, times.of_rfc3339("2025-04-25T14:03:05Z"))

    def test_years_that_are_left_out(self):
        self.assertEqual(times.show(events("Dec 31 23:59:59 h x: y")[0].time), "2025-12-31T23:59:59.000Z")
        self.assertEqual(times.show(events("23:59:59 x")[0].time), "2026-04-07T23:59:59.000Z")


class Lines(unittest.TestCase):
    def test_wrappers(self):
        for text in ('{"time":"2026-04-08T14:03:05Z","level":"error","msg":"boom"}', '{"ts":1775656985,"severity":"ERROR","message":"boom"}',
                     '{"log":"{\\"level\\":\\"error\\",\\"msg\\":\\"boom\\"}\\n","stream":"stdout","time":"2026-04-08T14:03:05Z"}',
                     '{"time":1775656985000,"level":50,"msg":"boom"}', 'time=2026-04-08T14:03:05Z level=error msg="boom"', "2026-04-08T14:03:05.000000000Z stderr F ERROR boom",
                     "2026-04-08 14:03:05 [ERROR] boom", "E0408 14:03:05.000000       1 x.go:1] boom", "<35>Apr  8 14:03:05 host prog[3]: boom",
                     "\x1b[31m2026-04-08T14:03:05Z ERROR\x1b[0m boom", '{"@timestamp":"2026-04-08T14:03:05Z","log":{"level":"ERROR"},"message":"boom"}'):
            e, = events(text)
            self.assertEqual((e.time, e.level, e.text.split()[-1]), (AT, severity.ERROR, "boom"), text)

    def test_access_logs_are_judged_by_the_answer(self):
        line = '10.0.0.1 - - [08/Apr/2026:14:03:05 +0000] "GET /error HTTP/1.1" %d 12 "-" "error-bot"'
        self.assertEqual([e.level for s in (200, 404, 429, 503) for e in events(line % s)], [2, 2, 3, 4])
        self.assertEqual(events(line % 503)[0].text, "answered with status 503: GET /error")

    def test_traces_are_folded_to_their_root(self):
        e, f = events("2026-04-08T14:03:05Z ERROR request failed", "java.lang.RuntimeException: x", "\tat a.b.C.d(C.java:1)", "Caused by: java.net.ConnectException: Connection refused",
                      "\t... 12 more", "2026-04-08T14:03:06Z INFO next")
        self.assertEqual((e.lines, e.detail, f.line, f.lines), (5, "java.net.ConnectException: Connection refused", 6, 1))
        e, = events("2026-04-08 14:03:05,000 WARNING task", "Traceback (most recent call last):", '  File "a.py", line 1, in f', "    f()", "a.b.OddName: no row")
        self.assertEqual((e.detail, e.level), ("a.b.OddName: no row", severity.ERROR))

    def test_partial_lines_of_a_container_are_joined(self):
        e, = events("2026-04-08T14:03:05.000000000Z stdout P ERROR one ", "2026-04-08T14:03:05.000000000Z stdout F two")
        self.assertEqual(e.text, "one two")

    def test_severity_by_words(self):
        for level, text in ((4, "could not open x"), (2, "0 errors, failed=0"), (2, "no errors found"), (5, "kernel: Out of memory: Killed process 3"), (3, "retrying in 5 s"), (2, "all good"),
                            (2, "expired sessions removed: 12"), (4, "link is down")):
            self.assertEqual(severity.of(None, text), level, text)
        self.assertEqual(severity.of(severity.INFO, "failed"), severity.INFO)

    def test_what_is_odd_is_counted(self):
        r = read('{"a":', "2026-04-08T14:03:05Z x", "INFO y")
        self.assertEqual((r.broken, r.untimed), ({0: 1}, {0: 2}))
        self.assertEqual(read(*["x"] * 50001).unread, 1)

    def test_a_service_of_the_topology_is_the_component(self):
        self.assertEqual([e.component for e in events('{"service":"b","msg":"x"}', '{"service":"z","msg":"x"}')], ["b", "a"])


class Patterns(unittest.TestCase):
    def match(self, text, line, kind="regex"):
        m = pattern.Matcher([{"name": "p", "kind": kind, "pattern": text}])
        self.assertEqual(m.refused, [], text)
        return m.find(line) == ("p",)

    def test_regular_expressions_mean_what_pythons_do(self):
        import re
        lines = ["", "a", "aa", "ab", "abc", "xaby", "E-417: tray B", "foo bar", "a.b", "10 ms", "zzz9", "Foo", "a-b", "[x]", "tab\there", "end$", "a_b"]
        for p in ("a", "^a$", "a+b?", "(a|b)+c", "[a-c]{2,3}", "[^a-z]", r"\d+ ms", r"\bfoo\b", r"\Bo", "a{2}", "(?:ab)?c", "x.*y", r"\w-\w", r"^\s", r"[\d_]", "e-4[12]\\d", "a*?b", "", "$",
                  "(a*)*b", "(|a)b", r"\[x\]", r"[\]x]", r"[]x]", "[a-]", r"\t", r"\$$", "z{1,}9", r"[^\d\s]{3}", "(^a|b$)", "^$"):
            for line in lines:
                self.assertEqual(self.match(p, line), re.search(p, line.lower(), re.I) is not None, (p, line))

    def test_globs_and_literals(self):
        self.assertTrue(self.match("no space*dev?ce", "ERR: No space left on device /dev/sda", "glob"))
        self.assertFalse(self.match("a*b", "ba", "glob"))
        self.assertTrue(self.match("a*b", "x A*B", "literal"))
        self.assertFalse(self.match("a*b", "axb", "literal"))
        self.assertTrue(self.match(".*[(", "x .*[( y", "glob"))

    def test_what_is_not_supported_is_refused(self):
        many = [(r"(a)\1", "not supported"), ("(?=a)", "kind"), ("(?i)a", "kind"), ("(a", "too early"), ("a)", "too many"), ("*a", "repeats nothing"), ("a{101}", "more than"),
                ("a++", "possessive"), ("[b-a]", "range"), ("(((a{50}){50}){50})", "too large"), ("a{", "no repeat"), ("[a", "too early"), ("\\", "too early"),
                ("(" * 40 + ")" * 40, "nested"), (r"\p{L}", "not supported")]
        m = pattern.Matcher([{"name": str(i), "kind": "regex", "pattern": p} for i, (p, _) in enumerate(many)])
        self.assertEqual(len(m.refused), len(many))
        for (_, why), (p, want) in zip(m.refused, many):
            self.assertIn(want, why, p)

    def test_patterns_that_hang_others_do_not_hang(self):
        for p, text in (("(a+)+$", "a" * 5000 + "!"), ("(a|aa)+b", "a" * 5000), ("(.*)*(.*)*x$", "y" * 5000), (r"(\w+\s?)*!$", "word " * 1000)):
            self.assertLess(quickest(lambda: self.match(p, text), 5), 5, p)

    def test_work_has_a_bound_and_it_is_said(self):
        m = pattern.Matcher([{"name": "p%d" % i, "kind": "regex", "pattern": "(a|b)*a(a|b){90}%d" % i} for i in range(30)])
        import random
        r = random.Random(1)
        m.work = 20000
        m.find("".join(r.choice("ab") for _ in range(5000)))
        self.assertTrue(m.exhausted)
        self.assertEqual(m.find("a" * 200), ())


class Mining(unittest.TestCase):
    def test_what_varies_is_one_template(self):
        found = templates.mine(events(*["2026-04-08T14:03:05Z INFO user %d from 10.0.0.%d read /a/%d in %dms" % (i, i, i, i) for i in range(20)]))
        self.assertEqual([t.shown() for t in found], ["user {num} from {ip} read {path} in {num}"])
        found = templates.mine(events("x INFO worker alpha took the job now", "x INFO worker beta took the job now", "x INFO quite another thing is said here"))
        self.assertEqual(len(found), 2)

    def test_templates_bear_nothing_that_acts(self):
        for text in ('<script>alert(1)</script>', "see https://evil.example/?q=1 now", "mail bob@evil.example", "${jndi:ldap://x}", "`rm -rf /`; eval(1)", "visit www.evil.example",
                     "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9w", "\x1b]0;owned\x07", "\u202eabc", "4111 1111 1111 1111"):
            shown = templates.show(templates.mask(text).split())
            self.assertRegex(shown, r"\A[A-Za-z0-9 _*,:={}/-]*\Z")
            for bad in ("evil.", "://", "(", "<", "@", "QUJDREVG", "4111"):
                self.assertNotIn(bad, shown, text)

    def test_each_kind_of_fault_is_told_by_real_messages(self):
        for want, text in (("out_of_memory", "java.lang.OutOfMemoryError: Java heap space"), ("disk_full", "write /x: no space left on device"), ("certificate", "x509: certificate has expired"),
                           ("deadlock", "deadlock detected"), ("connections_exhausted", "FATAL: sorry, too many clients already"), ("files_exhausted", "accept: too many open files"),
                           ("data_shape", 'column "x" does not exist'), ("name_resolution", "lookup db: no such host"), ("credentials", "password authentication failed for user"),
                           ("configuration", "required environment variable DB_URL is missing"), ("replication", "NOT_LEADER for partition 3"), ("network", "connect: no route to host"),
                           ("slow_queries", "canceling statement due to statement timeout"), ("quota", "429 Too Many Requests"), ("saturated", "RejectedExecutionException: queue capacity 100"),
                           ("crash", "panic: runtime error: index out of range [3]"), ("defect", "TypeError: x is not a function"), ("defect", "KeyError: 'total'"), ("configuration", "KeyError: 'DATABASE_URL'"),
                           ("pool_exhausted", "HikariPool-1 - Connection is not available, request timed out after 30000ms"), ("dependency_timeout", "context deadline exceeded"),
                           ("dependency_unreachable", "connect ECONNREFUSED 10.0.0.1:80"), ("storage_fault", "Buffer I/O error on dev sda"), ("clock", "clock skew detected"),
                           ("garbage_collection", "Detected pause in JVM or host machine"), ("corruption", "checksum mismatch in block 3"), ("unknown", "the frobnicator wobbled")):
            t, = templates.mine(events("2026-04-08T14:03:05Z ERROR " + text))
            self.assertEqual(causes.of(t).id, want, text)


    def test_the_manual_names_each_category(self):
        with open(os.path.join(TOP, "man/ab-log-analysis.7"), encoding="utf-8") as f:
            named = [line.split()[1:] for line in f if line.startswith(".It ") and " Ta " in line]
        self.assertEqual([" ".join(n) for n in named], ["%s Ta %s" % (c.id, c.meaning) for c in causes.CAUSES + [causes.SILENT, causes.UNSEEN, causes.UNKNOWN]])


class Beginnings(unittest.TestCase):
    def onset(self, bad, calm):
        e = [records.Event("a", 0, 1, t, 4, "x") for t in bad] + [records.Event("a", 0, 1, t, 2, "y") for t in calm]
        return series.onset(sorted(bad), series.Span(e), "a")

    def test_new_burst_and_steady(self):
        calm = list(range(0, 3600000, 30000))
        self.assertEqual(self.onset([2000000, 2010000, 2020000], calm), (2000000, 1.0, series.NEW))
        self.assertLess(self.onset(list(range(5000, 3600000, 200000)), calm)[1], 0.3)
        at, _, how = self.onset([10000, 900000] + list(range(2400000, 2600000, 5000)), calm)
        self.assertEqual((at, how), (2400000, series.BURST))

    def test_clocks_are_set_by_shared_ids(self):
        def told(c, by):
            return [records.Event(c, 0, 1, 1000000 + i * 60000 + by + i, 2, "x", ("id-%d" % i,)) for i in range(5)]
        self.assertEqual(skew.offsets(told("a", 0) + told("b", 100) + told("c", -300000)), {"c": 300000})
        self.assertEqual(skew.offsets(told("a", 0) + told("b", 1500)), {})


class Shape(unittest.TestCase):
    def graph(self, *edges, **more):
        return topology.Topology(dict({"dependencies": [{"from": a, "to": b} for a, b in edges]}, **more), [])

    def test_ways(self):
        t = self.graph(("web", "api"), ("api", "db"), ("web", "db"), ("db", "api"), ("x", "x"))
        self.assertEqual(t.path("db", "web", t.needed_by, {"web"}), ["db", "web"])
        self.assertEqual(t.dependents("db"), {"db": 0, "api": 1, "web": 1})
        self.assertEqual(t.path("web", "x", t.needs, ()), [])

    def test_names_in_texts(self):
        t = self.graph(("web", "orders-db"), ("web", "queue"), components=[{"name": "vault", "aliases": ["10.0.0.5", "vault.prod.svc"]}])
        self.assertEqual(t.mentioned("rpc to orders-db failed", "web"), ["orders-db"])
        self.assertEqual(t.mentioned("orders-dbx", "web"), [])
        self.assertEqual(t.mentioned("dial tcp 10.0.0.5: refused", "web"), ["vault"])
        self.assertEqual(t.mentioned("queue is full", "web"), [])
        self.assertEqual(t.mentioned("cannot connect to queue", "web"), ["queue"])


class Whole(unittest.TestCase):
    def test_what_comes_first_and_is_needed_is_the_cause(self):
        chat = ["2026-04-08T14:%02d:00Z INFO fine" % m for m in range(30)]
        got = ask([("web", chat + ["2026-04-08T14:30:05Z ERROR api returned 500"]), ("api", chat + ["2026-04-08T14:30:03Z ERROR query failed: driver: bad connection"]),
                   ("db", chat + ["2026-04-08T14:30:01Z ERROR could not extend file: No space left on device"])], [("web", "api"), ("api", "db")])
        self.assertEqual((got["status"], got["root_cause"]["component"], got["root_cause"]["category"]), ("cause_found", "db", "disk_full"))
        self.assertEqual([(a["component"], a.get("path"), a.get("delay_ms")) for a in got["affected_components"]],
                         [("db", None, None), ("api", ["db", "api"], 2000), ("web", ["db", "api", "web"], 4000)])
        self.assertEqual(got["root_cause"]["evidence"][0]["line"], 31)

    def test_skew_within_bounds_changes_nothing_and_beyond_it_does(self):
        def told(db):
            return ask([("api", ["2026-04-08T14:00:00Z INFO fine", "2026-04-08T14:30:03Z ERROR db answered with an error"]),
                        ("db", ["2026-04-08T14:00:00Z INFO fine", "2026-04-08T14:30:%sZ ERROR the wheel came off" % db])], [("api", "db")])
        self.assertEqual([a["role"] for a in told("04.9")["affected_components"]], ["cause", "follows"])
        self.assertEqual([a["role"] for a in told("30.0")["affected_components"]], ["cause", "unexplained"])

    def test_nothing_is_nothing(self):
        for lines in ([], [""], ["   "]):
            self.assertEqual(ask([("a", lines)])["status"], "insufficient_data")
        self.assertEqual(ask([("a", ["2026-04-08T14:00:00Z INFO fine"])])["status"], "no_incident")

    def test_the_same_input_gives_the_same_bytes(self):
        with open(os.path.join(AGENT, "../samples/disk-full.json"), "rb") as f:
            text = f.read()
        out = {subprocess.run([os.path.join(AGENT, "analyse.py")], input=text, capture_output=True, check=True, env={"PYTHONHASHSEED": str(n)}).stdout for n in (0, 1, 77)}
        self.assertEqual(len(out), 1)

    def test_bounds_hold_and_time_grows_with_the_input(self):
        def cost(n):
            lines = ["2026-04-08T14:%02d:%02dZ ERROR %s failed %s" % (i * 60 // n, i % 60, chr(97 + i % 26) * 3, "config certificate x " * (i % 30)) for i in range(n)]
            begin = time.process_time()
            got = ask([("c%d" % (i % 90), lines[i::100]) for i in range(100)], [("c%d" % i, "c%d" % (i + 1)) for i in range(89)])
            spent = time.process_time() - begin
            self.assertLess(len(json.dumps(got)), 200000)
            self.assertLessEqual(len(got["affected_components"]), 100)
            return spent
        cost(1000)
        one = two = 1e9
        for _ in range(3):
            one, two = min(one, cost(10000)), min(two, cost(20000))
            if two < 3 * one + 0.5:
                return
        self.fail((one, two))

    def test_unlike_lines_make_no_template_each(self):
        templates = sys.modules["templates"]
        old, templates.MOST = templates.MOST, 50
        self.addCleanup(setattr, templates, "MOST", old)
        lines = ["2026-04-08T14:00:00Z ERROR " + " ".join("%s%s" % (chr(97 + i % 26) * (3 + i % 7 + j), chr(97 + i // 26) * 4)
                                                         for j in range(5 + i % 9)) for i in range(600)]
        got = ask([("a", lines)])
        self.assertLessEqual(got["statistics"]["templates"], 52)
        self.assertEqual(got["statistics"]["events"], 600)

    def test_hostile_lines(self):
        for one in ("(" * 8000, "a=" * 4000, "1:" * 4000, '{"a":' * 1600, "[" * 8000, "a" * 8192, "still waiting for " * 450, "A.Error" * 1100, "\x1b[" * 4000, "\ud800", "'\"" * 4000):
            self.assertLess(quickest(lambda: json.dumps(ask([("a", [one, "2026-04-08T14:00:00Z ERROR " + one] * 40)])).encode(), 10), 10, one[:10])


if __name__ == "__main__":
    unittest.main()
