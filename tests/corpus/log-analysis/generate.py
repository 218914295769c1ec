# SPDX-License-Identifier: Apache-2.0
"""Incidents that are made: a system, a fault in one component, how each other one tells of it in the format of its own
logs, chatter before and after, errors that were there all along, changes that have nothing to do with it; and what is
missing: logs of the cause, times, the beginning, right clocks. The same number gives the same incidents."""
import json
import random
import time

START = 1775642400      # 2026-04-08T10:00:00Z
LENGTH = 1800

# component -> (kind of log, what it needs)
SYSTEMS = {
    "shop": {"edge": ("nginx", ["web"]), "web": ("node", ["orders", "catalog", "sessions"]), "orders": ("spring", ["payments", "orders-db", "events"]),
             "payments": ("go", ["ledger-db", "bank-gateway"]), "catalog": ("python", ["search", "catalog-db"]), "search": ("elastic", []),
             "orders-db": ("postgres", []), "ledger-db": ("postgres", []), "catalog-db": ("postgres", []), "sessions": ("redis", []),
             "events": ("kafka", []), "mailer": ("python", ["events"]), "bank-gateway": ("go", [])},
    "stream": {"collector": ("go", ["broker"]), "broker": ("kafka", ["coord"]), "coord": ("klog", []), "enricher": ("spring", ["broker", "geo"]),
               "geo": ("python", ["geo-store"]), "geo-store": ("redis", []), "writer": ("go", ["broker", "warehouse"]), "warehouse": ("postgres", []),
               "dashboard": ("node", ["warehouse", "auth"]), "auth": ("spring", ["users-db"]), "users-db": ("postgres", [])},
    "cluster": {"ingress": ("nginx", ["api", "portal"]), "portal": ("node", ["api"]), "api": ("klog", ["etcd", "identity", "jobs"]), "etcd": ("klog", []),
                "identity": ("spring", ["directory"]), "directory": ("syslog", []), "jobs": ("python", ["queue", "blob"]), "queue": ("redis", []),
                "blob": ("go", ["disk-node"]), "disk-node": ("syslog", [])},
}

# Formats. (time, level, message) -> lines; `more` are further lines of a stack trace.


def stamp(form, t):
    return time.strftime(form, time.gmtime(t))


def millis(t):
    return int(t * 1000) % 1000


LEVELS = {"klog": dict(info="I", warn="W", error="E", fatal="F"), "redis": dict(info="*", warn="#", error="#", fatal="#"),
          "postgres": dict(info="LOG", warn="WARNING", error="ERROR", fatal="FATAL"), "elastic": dict(info="INFO", warn="WARN", error="ERROR", fatal="ERROR")}


def line(kind, r, t, level, text, more=()):
    up = LEVELS.get(kind, {}).get(level, level.upper().replace("FATAL", "ERROR") if kind != "go" else level)
    if kind == "nginx":
        if level == "info":
            return ['10.1.%d.%d - - [%s] "GET %s HTTP/1.1" 200 %d "-" "Mozilla/5.0"' % (r.randint(0, 9), r.randint(1, 250), stamp("%d/%b/%Y:%H:%M:%S +0000", t), text, r.randint(200, 9000))]
        return ["%s [%s] 31#31: *%d %s" % (stamp("%Y/%m/%d %H:%M:%S", t), level, r.randint(1, 99999), text)]
    if kind == "node":
        return [json.dumps({"level": {"info": 30, "warn": 40, "error": 50, "fatal": 60}[level], "time": int(t * 1000), "pid": 17, "hostname": "web-%d" % r.randint(1, 3), "msg": text,
                            **({"err": {"type": "Error", "message": more[0], "stack": "\n".join(more)}} if more else {})})]
    if kind == "go":
        return ['time=%s.%03dZ level=%s msg=%s caller=main.go:%d' % (stamp("%Y-%m-%dT%H:%M:%S", t), millis(t), up, json.dumps(text), r.randint(10, 400))] + list(more)
    if kind == "spring":
        return ["%s.%03d %5s 1 --- [nio-8080-exec-%d] c.acme.svc.Handler : %s" % (stamp("%Y-%m-%d %H:%M:%S", t), millis(t), up, r.randint(1, 9), text)] + list(more)
    if kind == "python":
        return ["%s,%03d %s acme.tasks: %s" % (stamp("%Y-%m-%d %H:%M:%S", t), millis(t), {"WARN": "WARNING"}.get(up, up), text)] + list(more)
    if kind == "postgres":
        return ["%s.%03d UTC [%d] %s:  %s" % (stamp("%Y-%m-%d %H:%M:%S", t), millis(t), r.randint(100, 999), up, text)] + list(more)
    if kind == "redis":
        return ["1:M %s.%03d %s %s" % (stamp("%d %b %Y %H:%M:%S", t), millis(t), up, text)]
    if kind == "kafka":
        return ["[%s,%03d] %s %s (kafka.server.Broker)" % (stamp("%Y-%m-%d %H:%M:%S", t), millis(t), up, text)] + list(more)
    if kind == "klog":
        return ["%s%s.%03d000       1 server.go:%d] %s" % (up, stamp("%m%d %H:%M:%S", t), millis(t), r.randint(10, 400), text)]
    if kind == "elastic":
        return ["[%s,%03d][%-5s][o.e.c.Service] [node-%d] %s" % (stamp("%Y-%m-%dT%H:%M:%S", t), millis(t), up, r.randint(1, 3), text)]
    return ["%s host%d %s[%d]: %s" % (stamp("%b %e %H:%M:%S", t), r.randint(1, 3), "kernel" if level == "fatal" else "slapd", r.randint(100, 999), text)]


CHATTER = {
    "nginx": ["/", "/item/%d", "/cart", "/static/app.js"], "node": ["GET /cart 200 in %d ms", "session %d renewed"], "go": ["handled request in %dms", "flushed %d items"],
    "spring": ["Handled request %d", "Committed order %d"], "python": ["task %d done", "cache warm, %d entries"], "postgres": ["checkpoint complete: wrote %d buffers", "automatic analyze of table \"t%d\""],
    "redis": ["%d changes in 300 seconds. Saving...", "Background saving terminated with success"], "kafka": ["Rolled new log segment at offset %d", "Deleted segment %d"],
    "klog": ["synced %d objects", "GET /api/v1/pods?limit=%d 200"], "elastic": ["refreshed index with %d documents", "node joined term %d"], "syslog": ["conn=%d op=1 RESULT err=0", "connection %d closed"]}

# What callers say of the one that they call. Some name it, some do not.
SYMPTOMS = {
    "nginx": [("error", 'connect() failed (111: Connection refused) while connecting to upstream, client: 10.1.2.3, upstream: "http://{c}:8080/"', ()),
              ("error", "upstream timed out (110: Connection timed out) while reading response header from upstream, client: 10.1.2.3, request: \"GET /cart HTTP/1.1\"", ())],
    "node": [("error", "request to {c} failed", ("connect ECONNREFUSED 10.2.3.4:8080", "    at TCPConnectWrap.afterConnect (node:net:1555:16)")),
             ("error", "GET /cart 503 upstream unavailable", ())],
    "go": [("error", "rpc to {c} failed: context deadline exceeded", ()), ("error", "call aborted after 3 attempts: rpc error: code = Unavailable desc = transport is closing", ())],
    "spring": [("error", "Servlet.service() threw exception", ("java.lang.IllegalStateException: could not complete", "\tat com.acme.svc.Client.call(Client.java:41)",
                                                                "Caused by: java.net.SocketTimeoutException: Read timed out", "\tat java.base/java.net.Socket.read(Socket.java:1)")),
               ("error", "I/O error on POST request for \"http://{c}/v1\": Connection reset", ())],
    "python": [("error", "request failed", ("Traceback (most recent call last):", "  File \"/srv/app/tasks.py\", line 88, in run", "    r = client.get(url)",
                                            "requests.exceptions.ConnectionError: HTTPConnectionPool(host='{c}', port=80): Max retries exceeded")),
               ("error", "giving up on {c}: timed out after 5.0 seconds", ())],
    "kafka": [("error", "Connection to node {c} could not be established. Broker may not be available.", ())], "klog": [("error", "failed calling {c}: context deadline exceeded", ())],
    "elastic": [("warn", "failed to reach {c}", ())], "postgres": [("warn", "could not connect to {c}", ())], "redis": [("warn", "Timeout connecting to {c}", ())],
    "syslog": [("error", "error: cannot contact {c}", ())]}
SYMPTOMS_DB = {"spring": [("error", "Error handling request", ("org.springframework.dao.DataAccessResourceFailureException: Unable to acquire JDBC Connection", "\tat org.hibernate.X.y(X.java:1)",
                                                                "Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms."))],
               "go": [("error", "query failed: driver: bad connection", ()), ("error", "store: dial tcp: connect {c}: connection refused", ())],
               "python": [("error", "query failed", ("Traceback (most recent call last):", "  File \"/srv/app/db.py\", line 12, in q", "sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) server closed the connection unexpectedly"))],
               "node": [("error", "query error", ("timeout exceeded when trying to connect", "    at Pool.connect (pool.js:1)"))]}

# Faults: kind of log -> [(category, [(level, text, more)], warnings or changes just before)]
FAULTS = {
    "postgres": [("disk_full", [("error", 'could not extend file "base/16384/2619": No space left on device', ()), ("fatal", "could not write lock file \"postmaster.pid\": No space left on device", ())], []),
                 ("connections_exhausted", [("fatal", "sorry, too many clients already", ()), ("fatal", "remaining connection slots are reserved for non-replication superuser connections", ())], []),
                 ("deadlock", [("error", "deadlock detected", ("DETAIL:  Process 411 waits for ShareLock on transaction 99; blocked by process 412.",)), ("error", "canceling statement due to lock timeout", ())], []),
                 ("slow_queries", [("warn", "duration: 48211.113 ms  statement: SELECT * FROM lines", ()), ("error", "canceling statement due to statement timeout", ())], [("info", "index \"lines_created\" dropped by migration 20260408")]),
                 ("corruption", [("error", 'invalid page in block 4711 of relation base/16384/2619', ()), ("error", "index \"orders_pkey\" contains corrupted page at block 12", ())], [])],
    "redis": [("out_of_memory", [("warn", "Can't save in background: fork: Cannot allocate memory", ()), ("warn", "Out of memory allocating 262144 bytes!", ())], []),
              ("replication", [("warn", "MASTER timeout: no data nor PING received, lost connection to primary", ()), ("warn", "Cluster state changed: fail, CLUSTERDOWN", ())], [])],
    "kafka": [("replication", [("error", "[Partition events-3] Shrinking ISR from 1,2,3 to 1", ()), ("error", "org.apache.kafka.common.errors.NotEnoughReplicasException: not enough in-sync replicas", ())], []),
              ("disk_full", [("fatal", "Error while writing to checkpoint file", ("java.io.IOException: No space left on device", "\tat sun.nio.ch.FileDispatcherImpl.write0(Native Method)"))], [])],
    "spring": [("out_of_memory", [("error", "Handler dispatch failed", ("java.lang.OutOfMemoryError: Java heap space", "\tat java.util.Arrays.copyOf(Arrays.java:3332)"))], [("warn", "Heap usage 96%")]),
               ("defect", [("error", "Unexpected failure", ("java.lang.NullPointerException: Cannot invoke \"Price.amount()\" because \"p\" is null", "\tat com.acme.svc.Pricing.total(Pricing.java:77)"))], [("info", "Starting version 4.18.0 of service")]),
               ("configuration", [("error", "Application run failed", ("org.springframework.beans.factory.BeanCreationException: Error creating bean 'limits'", "Caused by: java.lang.IllegalArgumentException: Could not resolve placeholder 'PAY_LIMIT' in value"))], [("info", "Configuration reloaded from config server")]),
               ("garbage_collection", [("warn", "Detected pause in JVM or host machine (eg GC): pause of approximately 8211ms", ()), ("warn", "[GC] overhead, spent 7.1s collecting in the last 8s", ())], [])],
    "go": [("crash", [("fatal", "panic: runtime error: invalid memory address or nil pointer dereference", ("goroutine 87 [running]:", "main.(*Server).Charge(0x0)", "\t/src/main.go:213 +0x1b"))], [("info", "new version v2.9.1 deployed")]),
           ("certificate", [("error", "tls: failed to verify certificate: x509: certificate has expired or is not yet valid", ())], []),
           ("files_exhausted", [("error", "accept tcp [::]:8080: accept4: too many open files", ())], []),
           ("credentials", [("error", "signing request rejected: 401 Unauthorized: invalid api key", ())], [("info", "secret pay-api-key rotated")])],
    "python": [("data_shape", [("error", "task failed", ("Traceback (most recent call last):", "  File \"/srv/app/db.py\", line 9, in load", "psycopg2.errors.UndefinedColumn: column \"region_id\" does not exist"))], [("info", "deployed release 2026.4.2")]),
               ("out_of_memory", [("error", "worker 4 terminated: exit code 137 (OOMKilled)", ()), ("error", "WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL), out of memory", ())], []),
               ("saturated", [("warn", "queue is full, 10000 tasks waiting; rejecting new work", ()), ("error", "all workers busy for 60 s", ())], [])],
    "node": [("defect", [("error", "unhandled error in render", ("TypeError: Cannot read properties of undefined (reading 'total')", "    at render (/app/cart.js:88:12)"))], [("info", "feature flag new-cart enabled")])],
    "nginx": [("configuration", [("error", "host not found in upstream \"web-blue\" in /etc/nginx/conf.d/site.conf:12", ())], [("error", "signal process started, reloading configuration")])],
    "elastic": [("disk_full", [("warn", "flood-stage disk watermark [95%] exceeded, all indices on this node will be marked read-only", ()), ("error", "index blocked, FORBIDDEN/12/index read-only / allow delete (api)", ())], []),
                ("replication", [("error", "MasterNotDiscoveredException: master not discovered yet", ())], [])],
    "klog": [("replication", [("warn", "etcdserver: failed to send out heartbeat on time; server is likely overloaded", ()), ("error", "raft: lost leader 8e9e05c52164694d, no leader at term 41", ())], []),
             ("disk_full", [("error", "etcdserver: mvcc: write wal: no space left on device", ())], [])],
    "syslog": [("out_of_memory", [("fatal", "Out of memory: Killed process 2211 (slapd) total-vm:9012340kB", ())], []),
               ("storage_fault", [("fatal", "blk_update_request: I/O error, dev sdb, sector 2048817", ()), ("fatal", "EXT4-fs (sdb1): Remounting filesystem read-only", ())], []),
               ("network", [("fatal", "e1000e eth0: NIC Link is Down", ())], [])]}

# Errors that were there all along.
NOISE = {"nginx": ("error", 'open() "/srv/favicon.ico" failed (2: No such file or directory)'), "node": ("error", "failed to parse user agent"),
         "go": ("warn", "retrying metrics push: connection refused"), "spring": ("error", "Invalid coupon code entered"), "python": ("error", "mail bounced: mailbox unavailable"),
         "postgres": ("error", 'duplicate key value violates unique constraint "clicks_pkey"'), "redis": ("warn", "Client closed connection"), "kafka": ("warn", "Invalid receive from client"),
         "klog": ("warn", "watch chan error: too old resource version"), "elastic": ("warn", "deprecated setting used"), "syslog": ("error", "error: invalid DN syntax in search")}


def callers(system, root):
    """(component, whom it calls, steps from the root) of those that need the root, nearest first."""
    found, todo = [], [(root, 0)]
    seen = {root}
    while todo:
        at, steps = todo.pop(0)
        for name, (_, needs) in system.items():
            if at in needs and name not in seen:
                seen.add(name)
                found.append((name, at, steps + 1))
                todo.append((name, steps + 1))
    return found


class Incident:
    def __init__(self, number, system, root, fault, oddity):
        self.r, self.number = random.Random(number), number
        self.system, self.root, self.fault, self.oddity = SYSTEMS[system], root, fault, oddity
        self.lines = {c: [] for c in self.system}
        near = sorted({root} | {n for n, _, _ in callers(self.system, root)})
        self.wrong_clock = {self.r.choice(near): self.r.choice((-1, 1)) * self.r.randint(200, 500)} if oddity == "clock" else {}
        self.name = "%s-%s-%s-%s" % (system, root, fault[0] if fault else "quiet", oddity)

    def say(self, c, t, level, text, more=()):
        kind = self.system[c][0]
        if "%d" in text:
            text = text % self.r.randint(1, 9999)
        self.lines[c].append((t, line(kind, self.r, t + self.wrong_clock.get(c, 0), level, text, more)))

    def chatter(self):
        for c, (kind, _) in self.system.items():
            t = START + self.r.random() * 20
            while t < START + LENGTH:
                self.say(c, t, "info", self.r.choice(CHATTER[kind]))
                t += self.r.expovariate(1 / 45)
        for c in self.r.sample(sorted(self.system), 3):
            if c != self.root:
                for t in range(int(START + self.r.random() * 150), START + LENGTH, self.r.randint(130, 260)):
                    self.say(c, t + self.r.random(), *NOISE[self.system[c][0]])
        stranger = self.r.choice([c for c in sorted(self.system) if c != self.root and self.system[c][0] in ("go", "spring", "python", "node")])
        self.say(stranger, START + self.r.uniform(100, 500), "info", "Starting version 1.%d of service" % self.r.randint(1, 90))

    def break_it(self):
        at = START + self.r.uniform(0.45, 0.6) * LENGTH
        category, messages, before = self.fault
        for level, text in before:
            self.say(self.root, at - self.r.uniform(5, 50), level, text)
        for n in range(self.r.randint(4, 14)):
            self.say(self.root, at + n * self.r.uniform(5, 30), *messages[n % len(messages)])
        affected = []
        for name, callee, steps in callers(self.system, self.root):
            if steps > 1 and self.r.random() < 0.2 or steps > 3:
                continue
            affected.append(name)
            kind = self.system[name][0]
            table = SYMPTOMS_DB if self.system[callee][0] == "postgres" and kind in SYMPTOMS_DB else SYMPTOMS
            level, text, more = self.r.choice(table[kind])
            for n in range(self.r.randint(4, 20)):
                t = at + steps * self.r.uniform(1.5, 6) + n * self.r.uniform(2, 25)
                self.say(name, t, level, text.replace("{c}", callee), [m.replace("{c}", callee) for m in more])
        return affected

    def document(self):
        affected = self.break_it() if self.fault else []
        self.chatter()
        if self.oddity == "herring":        # an error of another kind, elsewhere, long before
            c = self.r.choice([n for n in sorted(self.system) if n != self.root and n not in affected])
            other = self.r.choice(FAULTS[self.system[c][0]])
            self.say(c, START + self.r.uniform(0.85, 0.95) * LENGTH, *other[1][0])
        snippets = []
        if self.oddity == "clock":
            for c in self.system:
                for i in range(8):
                    self.say(c, START + 30 + i * 60 + self.r.random(), "info", "passed request_id=%032x" % (self.number * 7919 + i))
        for c, (kind, _) in self.system.items():
            if self.oddity == "unseen" and c == self.root or self.oddity == "partial" and c not in (self.root, *affected[:2]):
                continue
            said = sorted(self.lines[c])
            if self.oddity == "errors-only":
                said = [s for s in said if not any(x in s[1][0] for x in (" INFO ", "level=info", '"level": 30', "LOG:", '" 200 ')) and s[1][0][0] != "I" and " * " not in s[1][0]]
            lines = [x for s in said for x in s[1]]
            if self.oddity == "untimed" and kind in ("spring", "python"):
                lines = [x.split(" ", 2)[-1].strip() if x[:4] == "2026" else x for x in lines]
            if lines:
                snippets.append({"component": c, "source": "%s/%s.log" % (c, kind), "lines": lines})
        return {"collected_at": "2026-04-08T11:00:00Z", "snippets": snippets, "topology": {"components": [{"name": c} for c in self.system], "dependencies": [
            {"from": a, "to": b} for a, (_, needs) in self.system.items() for b in needs]}}, affected


ODDITIES = "plain herring errors-only partial clock untimed plain unseen herring plain".split()


def incidents(seed=0):
    """(name, input, expected) of each."""
    plan = [(system, c, fault) for system, parts in SYSTEMS.items() for c, (kind, _) in parts.items() for fault in FAULTS[kind]
            if callers(parts, c) or fault[0] in ("defect", "configuration")]
    random.Random(seed).shuffle(plan)
    for i, (system, root, fault) in enumerate(plan[:60]):
        oddity = ODDITIES[i % len(ODDITIES)]
        if oddity == "unseen" and not callers(SYSTEMS[system], root):
            oddity = "plain"        # nobody could tell
        one = Incident(seed * 1000 + i, system, root, fault, oddity)
        document, affected = one.document()
        if one.oddity == "partial":
            affected = affected[:2]
        yield "%03d-%s" % (i, one.name), document, {"component": root, "category": "no_logs" if one.oddity == "unseen" else fault[0], "follows": affected}
    for i, system in enumerate(list(SYSTEMS) * 2):
        one = Incident(seed * 1000 + 900 + i, system, list(SYSTEMS[system])[0], None, "plain")
        yield "quiet-%d-%s" % (i, system), one.document()[0], {"status": "no_incident"}
