# SPDX-License-Identifier: Apache-2.0
"""What kinds of fault there are: the words that tell them, what they mean, what to do.

INTRINSIC: the fault is where it is said. CHANGE: somebody changed something there; a cause only if faults follow.
LOAD: too much came; the one that is called suffers from the one that calls. SYMPTOM: something else, which
it calls, does not answer: the fault is likely in that."""
import re
from collections import namedtuple

INTRINSIC, CHANGE, LOAD, SYMPTOM, OTHER = "intrinsic change load symptom other".split()
Cause = namedtuple("Cause", "id kind words meaning actions")


def cause(name, kind, meaning, words, *actions):
    return Cause(name, kind, re.compile("|".join(words.split("\n")), re.I), meaning, actions)


# The first that matches counts, so what tells more stands first.
CAUSES = [
    cause("out_of_memory", INTRINSIC, "ran out of memory", r"""out of memory|outofmemory|oom[-_ ]?kill|killed process \d+|cannot allocate memory|heap space|memory limit (?:exceeded|reached)|memory cgroup
\bOOM\b|exit(?:ed)?(?: with)? (?:code |status )?137|allocation failed|MemoryError|std::bad_alloc|GC overhead limit""",
          "Restart it with a higher memory limit, or lower its concurrency, so that it stays up while the leak is sought.",
          "Compare its memory use before and after its last change; take a heap profile."),
    cause("disk_full", INTRINSIC, "ran out of disk space", r"""no space left|disk (?:is )?full|\bENOSPC\b|(?:disk )?quota exceeded.{0,20}(?:disk|block|inode)|disk quota exceeded|file ?system (?:is )?full|(?:flood[- ]stage|high) (?:disk )?watermark
read-only (?:file ?system|.{0,4}allow delete)|could not extend file|no (?:more )?(?:free )?inodes|disk usage exceeded|DiskPressure|reclaim ephemeral-storage|disk usage .{0,40} over """,
          "Free space on its volume or enlarge it; what is oldest and can be made again goes first.",
          "Find what grew, and alert at 80 percent from now on."),
    cause("storage_fault", INTRINSIC, "reads or writes of its storage fail", r"""\bI/O error(?! on [A-Z]{3,7} request)|input/output error|medium error|bad sector|\bEIO\b|ecc error|raid.{0,20}degraded|smart.{0,30}(?:fail|prefail)|volume.{0,20}(?:detached|not attached)|remounting filesystem read-only|failed to attach volume|multi-attach""",
          "Move it to sound storage, and keep the failing volume for examination.",
          "Check the data that it wrote since the first error against a backup."),
    cause("corruption", INTRINSIC, "holds damaged data", r"""corrupt|checksum (?:mismatch|failed|error)|crc (?:mismatch|error)|invalid page|bad magic|torn page|data loss|index is damaged|failed integrity""",
          "Stop what writes to it, and restore the damaged part from a backup or a replica.",
          "Find out what wrote last before the damage was seen."),
    cause("certificate", INTRINSIC, "a certificate is not accepted", r"""certificate (?:has )?(?:expired|is not (?:yet )?valid|verify failed|signed by unknown|unknown|validation|revoked)|certificate_?(?:expired|verify_failed|unknown)|x509:|PKIX path|CertificateExpired|CertPathValidator|SSLHandshakeException|tls: (?:bad|failed|handshake|expired)
ssl handshake|handshake failure|unable to get local issuer|self[- ]signed certificate|cert(?:ificate)? .{0,40}expired|notAfter""",
          "Put a valid certificate in place, with its whole chain, and reload.",
          "Renew certificates by a machine, and alert 14 days before one ends."),
    cause("clock", INTRINSIC, "its clock is wrong", r"""clock (?:skew|drift|jump|moved|is behind|is ahead|out of sync)|time (?:drift|jumped|offset too)|\bntp.{0,30}(?:unsync|lost|failed|unreachable|offset)|chronyd?.{0,40}(?:can't synchronise|no majority)|token used before issued|RequestTimeTooSkewed""",
          "Synchronise its clock, then restart what holds tokens or leases."),
    cause("deadlock", INTRINSIC, "transactions wait for each other", r"""deadlock|lock wait timeout|could not obtain lock|canceling statement due to lock timeout|waiting for (?:ShareLock|ExclusiveLock|AccessExclusiveLock|.{0,20} lock)|lock timeout|database is locked|still waiting for .{0,30}lock|holding the lock""",
          "End the session that holds the lock the longest.",
          "Find the statements that take the same rows in another order, and what changed in them."),
    cause("connections_exhausted", LOAD, "has no connection left to give", r"""too many (?:connections|clients)|remaining connection slots|max(?:imum)?(?: number of)? (?:clients|connections).{0,12}(?:reached|exceeded)|max_connections|sorry, too many""",
          "Find who holds the connections; end idle ones and restart the holder.",
          "Bound the pools of all callers together below what it allows."),
    cause("pool_exhausted", OTHER, "has no connection left in its pool", r"""pool (?:is )?(?:exhausted|full|timeout|timed out|empty)|QueuePool limit|no (?:available|free|idle) connections?|could not get (?:a )?(?:JDBC )?connection from pool|acquireTimeout
connection is not available, request timed out|timed? ?out (?:waiting for|acquiring|getting) (?:a |an )?(?:idle |free |pooled )?connection|timeout exceeded when trying to connect""",
          "See whether what it is connected to is slow; else find what does not give its connections back.",
          "Make the pool no larger than what the other side allows."),
    cause("files_exhausted", INTRINSIC, "has no file descriptor left", r"""too many open files|\bEMFILE\b|\bENFILE\b|file descriptors? (?:exhausted|limit)""",
          "Raise its limit of open files and restart it; find what is never closed."),
    cause("data_shape", INTRINSIC, "data have another shape than the code expects", r"""column .{0,60}does not exist|relation .{0,60}does not exist|unknown column|no such (?:column|table)|table .{0,60}doesn't exist|schema (?:mismatch|version|incompatible|registry.{0,20}incompatible)|incompatible schema|migration .{0,80}failed|failed.{0,30} migration|cannot deserialize|deserializ\w+ (?:error|fail|exception)|failed to deserialize|unrecognized field|unknown field|missing (?:required )?field|unmarshal|invalid wire type|SerializationException|AvroTypeException|ProgrammingError|UndefinedColumn|dirty database version|avro.{0,30}(?:fail|error)|unexpected (?:field|token|message type)""",
          "Take the change of the schema or of the code back, whichever is newer.",
          "Let readers accept both shapes before the next change of the schema."),
    cause("name_resolution", INTRINSIC, "names are not resolved", r"""no such host|name resolution|name or service not known|NXDOMAIN|SERVFAIL|could ?n[o']t resolve (?:host|name|address|proxy)|getaddrinfo|EAI_AGAIN|ENOTFOUND|UnknownHost|dns (?:lookup|query|timeout|error|fail)|server misbehaving|unresolvable|lame referral|lame server|HINFO.{0,30}(?:read udp|timeout)|plugin/errors""",
          "Check the resolvers that it asks, and the zone of the name.",
          "Take the last change of name service or network policy back."),
    cause("credentials", INTRINSIC, "credentials are not accepted", r"""(?:password )?authentication failed|invalid (?:credentials|password|api key|signature|token|client secret)|unauthorized|access ?denied|AccessDenied|permission denied|forbidden|token (?:has )?expired|NOAUTH|WRONGPASS|not authorized|login failed|InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken|role .{0,40}does not exist|jwt expired|JWKS|kid .{0,30}not found|no matching key|InvalidAccessKeyId""",
          "Check which credential it uses against the one that is valid, and the last rotation.",
          "Let both the old and the new one be valid while one is replaced."),
    cause("configuration", INTRINSIC, "its configuration is wrong", r"""invalid (?:configuration|config|setting|value for|yaml|argument for)|(?:configuration|config) (?:error|invalid|is invalid|test failed|parse)|fail\w* to (?:load|parse|read) (?:the )?config|(?:missing|undefined|required) (?:environment|env(?: |ironment )?var\w*|setting|property|configuration)|unknown (?:option|directive|setting|property)|environment variable .{0,60}(?:not set|missing|required)|no such property|could not resolve placeholder|CreateContainerConfigError|ImagePullBackOff|ErrImagePull|manifest unknown|ConfigurationException|BeanCreationException|unknown host in upstream|host not found in upstream|unsupported config|\b(?-i:[A-Z][A-Z0-9_]{3,40}) is (?:required|missing|not set|unset)|is the secret mounted|\[emerg\]|configmap .{0,60}not found|secret .{0,60}not found|KeyError: '(?-i:[A-Z_]+)'""",
          "Take its last change of configuration back.",
          "Check a configuration before it is taken in (a dry run, a schema)."),
    cause("replication", INTRINSIC, "lost its leader or its replicas", r"""replication lag|replica.{0,30}(?:lag|behind|lost|out of sync)|lost leadership|no leader|leader (?:is )?(?:not available|lost|election)|not ?leader|LEADER_NOT_AVAILABLE|NOT_LEADER|quorum|split[- ]brain|not enough (?:in-sync )?replicas|NotEnoughReplicas|under[- ]?replicated|\bISR\b|stepping down|step(?:ped)? down|primary .{0,30}(?:not reachable|lost|down)|read-only (?:replica|transaction|mode)|cannot execute \w+ in a read-only|READONLY You can't write|failed to send out heartbeat|raft.{0,60}(?:timeout|lost|failed|overloaded)|rafthttp.{0,60}(?:fail|lost)|master_link_status:down|session expired.{0,30}zookeeper|zookeeper.{0,40}(?:session expired|lost)|CLUSTERDOWN|MASTERDOWN|lost connection to (?:primary|master)|cluster.{0,20}red\b|NO_MASTER|MasterNotDiscovered""",
          "Bring its quorum back: see which members are up, and whether they reach each other.",
          "Look at what the members lacked at that time: disk, CPU, network."),
    cause("network", INTRINSIC, "the network fails", r"""no route to host|network (?:is )?unreachable|link (?:is )?(?:down|lost)|link status.{0,20}down|carrier lost|lost carrier|packet loss|nic .{0,40}(?:down|reset)|NETDEV WATCHDOG|bgp.{0,40}(?:down|lost|idle|notification)|conntrack.{0,20}(?:table full|full)|nf_conntrack: table full|network partition|partitioned|\bMTU\b|EHOSTUNREACH|ENETUNREACH|(?:cni|calico|flannel|cilium).{0,60}(?:fail|error|down)|interface .{0,30}down|dropped by policy|denied by (?:network ?policy|firewall)""",
          "Check the links and the rules between it and its peers; take the last change of them back.",
          "Move what is cut off to another zone until then."),
    cause("garbage_collection", INTRINSIC, "its garbage collection stops it", r"""gc pause|\bgc in \d{4,} ?ms|pause (?:full|young).{0,60}\d{4,}(?:\.\d+)?ms|stop[- ]the[- ]world|full gc|long gc|jvm paused|gc.{0,30}overhead|\[gc\].{0,60}overhead|detected pause in jvm|total time for which application threads were stopped|concurrent mode failure""",
          "Take a heap dump, and restart it with more memory.",
          "Find what keeps the memory, in its last change first."),
    cause("slow_queries", INTRINSIC, "its queries became slow", r"""slow ?(?:query|log|sql|request to db)|statement timeout|query (?:took|time(?:d)? ?out|duration|cancel)|canceling statement due to (?:statement|user)|full table scan|seq(?:uential)? scan|long[- ]running (?:query|transaction)|COLLSCAN|tombstone|missing index|execution time exceeded|temporary file: .{0,80}size|max_execution_time|duration: \d{4,}""",
          "End the longest queries, and look at the plan of the one that is new.",
          "Bring back the index or the statistics that the plan lacks."),
    cause("quota", INTRINSIC, "a quota is used up", r"""rate limit|rate ?exceeded|\b429\b|too many requests|quota (?:exceeded|exhausted|reached)|exceeded (?:your|the|its) .{0,40}quota|RESOURCE_EXHAUSTED|ThrottlingException|ProvisionedThroughputExceeded|SlowDown|LimitExceeded|insufficient (?:quota|capacity)|license.{0,20}(?:expired|exceeded)|FailedScheduling|Insufficient (?:cpu|memory)|exceeded quota""",
          "Raise the quota, or lower what uses it most.",
          "Alert on the quota's use."),
    cause("saturated", LOAD, "has more work than it can do", r"""thread ?pool.{0,30}(?:exhausted|full|saturat)|RejectedExecution|queue (?:is )?(?:full|overflow|capacity)|load (?:average|shed)|shedding load|cpu (?:usage|throttl|saturat)|throttled? for|backpressure|overload|worker_connections are not enough|server reached .{0,40}max_?(?:children|clients|requestworkers)|max_children|listen queue|backlog|(?:consumer|partition) lag|lag (?:of|is|exceeds)|no (?:free|idle) workers?|event loop (?:is )?(?:blocked|lag|delay)|bulkhead.{0,20}full|exceeded concurrency|all workers (?:are )?busy|too busy|buffer (?:is )?full|es_rejected|possible SYN flooding""",
          "Add instances, or let less in, until the queue is short again.",
          "Find out whether the work grew or each piece of it became slower."),
    cause("crash", INTRINSIC, "crashes", r"""panic:|segfault|segmentation fault|SIGSEGV|SIGABRT|core dumped|nil pointer|null pointer dereference|assertion .{0,80}failed|fatal error:|unhandled (?:exception|rejection)|uncaught|CrashLoopBackOff|back-off restarting|terminated unexpectedly|main process exited|exited (?:with|on) (?:code|status|signal)|exit(?:ed with)? code (?:[1-9]|1[0-9])\b|terminated by signal|stack overflow|StackOverflow|kernel panic|watchdog.{0,20}(?:timeout|lockup|bug)|soft lockup|illegal instruction""",
          "Go back to its last version that ran.",
          "Keep the dump and the last input before the crash."),
    cause("defect", INTRINSIC, "has a fault in its code", r"""NullPointer|NullReference|TypeError|KeyError|AttributeError|IndexError|IndexOutOfBounds|IllegalState|IllegalArgument|ClassCast|NoMethodError|undefined (?:is not|method|local)|cannot read propert|divide by zero|division by zero|ZeroDivision|ArithmeticException|NumberFormat|ValueError|ConcurrentModification|UnboundLocal|NameError|NoSuchMethod|ClassNotFound|NoClassDefFound|ModuleNotFound|ImportError|symbol lookup error|undefined symbol|index out of range|UnicodeDecodeError|RecursionError|infinite loop|invalid memory address|data race|NotImplemented|UnsupportedOperation|constraint.{0,40}violat|violates .{0,40}constraint|duplicate key""",
          "Go back to its last version that ran.",
          "Write a test from the first event, and correct the code."),
    cause("surge", LOAD, "sends or gets many more requests than before", r"""traffic (?:spike|surge)|surge|(?:requests?|calls?)(?: per second|/s|ps).{0,30}(?:above|exceed|spike|x )|retry storm|thundering herd|cache (?:stampede|flush|miss storm|cold)|flushall|hit (?:ratio|rate) (?:dropped|fell|is down)|request rate.{0,40}(?:above|exceed|spike|high)|(?:ddos|attack|flood) detected|bulk import|backfill|batch size|reindex\w* (?:all|started)|fan-?out""",
          "Limit its rate, and let its retries wait longer each time.",
          "Find out what set off the requests: a job, a client, a lost cache."),
    cause("answers_with_errors", SYMPTOM, "it answers with errors", r"""answered with status 5\d\d""",
          "See what it waits for, or what it was given."),
    cause("dependency_timeout", SYMPTOM, "what it calls does not answer in time", r"""timed? ?out|deadline exceeded|ETIMEDOUT|took too long|\b504\b|Timeout(?:Error|Exception)|gateway time|no response (?:from|within)|not responding|slow response""",
          "See whether what it calls is up and how long it takes."),
    cause("dependency_unreachable", SYMPTOM, "what it calls cannot be reached", r"""connection (?:was )?(?:refused|reset|closed|aborted|lost|terminated)|ECONNREFUSED|ECONNRESET|EPIPE|broken pipe|no (?:healthy|live) upstream|upstream (?:connect|prematurely|sent|unavailable|request failed)|bad gateway|\b50[23]\b|service ?unavailable|(?:could not|unable to|failed to|cannot|can't|couldn't) (?:connect|reach|contact|open connection|dial|establish|fetch|call|get|publish|send|read from|write to|query|load|acquire|enqueue|obtain|talk)|(?:connect|connection|dial|call|request|rpc).{0,60}(?:fail|error)|server closed|bad connection|host is down|unreachable|unavailable|circuit|fallback|giving up|retries exhausted|health ?check.{0,40}fail|(?:readiness|liveness) probe failed|unhealthy|\bEOF\b|goaway|lost connection|no brokers|UNAVAILABLE|not available|is down|retrying|stale (?:data|cache|response)|returned (?:status )?5\d\d|status(?: code)?[=: ]5\d\d|aborted after""",
          "See whether what it calls is up, and reachable from there."),
    cause("deployment", CHANGE, "was changed to another version", r"""deploy(?:ed|ing|ment)|roll(?:ed|ing)?[- ]?out|rolling update|new (?:version|release|revision|build)|upgrad(?:ed|ing)|starting version|release[d ]|(?:version|build|image|tag)[=: ]+v?\d|promot(?:ed|ing) (?:build|release|revision)|started .{0,40}\bv\d|scaled up replica ?set""",
          "Go back to the version before, and see whether the errors end.",
          "Let a new version take little traffic first."),
    cause("configuration_change", CHANGE, "was given another configuration", r"""(?:config\w*|settings?|policy|rules?|limits?|flag|parameter|secret|credentials?|routes?|acl|firewall|certificate|key)\b.{0,60}(?:reloaded|changed|updated|applied|rotated|enabled|disabled|replaced|set to|renewed|pushed)|(?:reload(?:ed|ing)|appl(?:ied|ying)|updat(?:ed|ing)|rotat(?:ed|ing)|enabl(?:ed|ing)|disabl(?:ed|ing)|chang(?:ed|ing)|push(?:ed|ing)) .{0,60}(?:config\w*|settings?|policy|rules?|limits?|flag|parameters?|secrets?|credentials?|routes?|acl|firewall|password|key)\b|feature flag|network ?policy.{0,30}applied""",
          "Take the change of its configuration back, and see whether the errors end."),
    cause("migration", CHANGE, "its schema or its data were changed", r"""(?:running|appl(?:ied|ying)|started|finished|executing|schema) .{0,30}migration|migrat(?:ed|ing) |alter table|drop (?:index|column|table)|create index|vacuum full|schema (?:changed|updated)|reindex|index dropped""",
          "Take the migration back, or bring the code that needs it out."),
    cause("stopped", CHANGE, "was stopped or is starting again", r"""shutting down|shut ?down|received (?:sig|signal)|sigterm|\bstopp(?:ing|ed)\b|draining|maintenance|reboot|restart(?:ed|ing)?\b|evict(?:ed|ing)|preempt|terminat(?:ed|ing) (?:by|on|due)|node .{0,40}not ?ready|scaled (?:down|to 0)|going down|fail(?:ing)? ?over (?:to|started)|cordon""",
          "See who stopped it and why; start it if it should run."),
]
UNKNOWN = Cause("unknown", OTHER, None, "reports an error of a kind that is not known here", ("Read the lines that are named as evidence.",))
SILENT = Cause("silent", INTRINSIC, None, "says nothing any more while what calls it fails",
               ("See whether it runs: its process, its host, its network.", "Get its own logs of that time."))
UNSEEN = Cause("no_logs", OTHER, None, "is named by the failures of others, and no line of its own is among the input",
               ("Get its logs of that time, and run this again.", "See whether it runs, and is reachable from those that call it."))


def of(template):
    """The cause that a template's worst event tells. Where a stack trace has a root, the root is asked first."""
    for text in (template.sample.detail, template.sample.text[:600]):
        if text:
            for c in CAUSES:
                if c.words.search(text) and (c.kind != CHANGE or template.level <= 3):
                    return c
    return UNKNOWN
