# SPDX-License-Identifier: Apache-2.0
"""The catalogue of checks, and the engine that tries them on the subjects.

A subject has `kind` (what `on` names), `label`, `file` and `line`. A check is a function that takes one subject and
yields where it fails: a line, or (line, detail). That it ran at all counts too: so a control is known to hold.
"""
from collections import defaultdict, namedtuple

Check = namedtuple("Check", "id kinds severity title references recommendation run")
Finding = namedtuple("Finding", "check resource file line detail")

CRITICAL, HIGH, MEDIUM, LOW = "critical", "high", "medium", "low"
RANK = {CRITICAL: 0, HIGH: 1, MEDIUM: 2, LOW: 3}
# Of one check on one subject no more than this is said.
REPEATS = 8

FRAMEWORKS = {
    "cis-aws": "CIS Amazon Web Services Foundations Benchmark v3.0.0",
    "aws-fsbp": "AWS Foundational Security Best Practices v1.0.0 (Security Hub)",
    "aws-securityhub": "AWS Security Hub, controls outside of the Foundational Security Best Practices",
    "cis-kubernetes": "CIS Kubernetes Benchmark v1.8.0, section 5",
    "nsa-kubernetes": "NSA/CISA Kubernetes Hardening Guidance v1.2",
    "pss-baseline": "Kubernetes Pod Security Standards, baseline",
    "pss-restricted": "Kubernetes Pod Security Standards, restricted",
    "cis-gcp": "CIS Google Cloud Platform Foundation Benchmark v2.0.0",
    "cis-azure": "CIS Microsoft Azure Foundations Benchmark v2.0.0",
    "mcsb": "Microsoft cloud security benchmark v1",
    "aws-iam": "AWS IAM User Guide, security best practices",
}
CATALOG = {}


def check(name, on, severity, title, references, recommendation):
    """Registers the function below it. `on`: kinds of subjects; `references`: "framework section; ..."."""
    def register(run):
        pairs = tuple(tuple(r.strip().split(" ", 1)) for r in references.split(";"))
        if name in CATALOG or any(f not in FRAMEWORKS for f, _ in pairs):
            raise ValueError(name)
        CATALOG[name] = Check(name, tuple(on.split()), severity, title, pairs, recommendation, run)
        return run
    return register


def run(subjects):
    """(findings, ids of the checks that ran, kinds that no check knows)."""
    by_kind, ran, unknown = defaultdict(list), set(), set()
    for one in CATALOG.values():
        for kind in one.kinds:
            by_kind[kind].append(one)
    findings = []
    for subject in subjects:
        if subject.kind not in by_kind:
            unknown.add(subject.kind)
        for one in by_kind.get(subject.kind, ()):
            ran.add(one.id)
            seen = set()
            for hit in one.run(subject):
                line, detail = hit if isinstance(hit, tuple) else (hit, "")
                if (line, detail) in seen or len(seen) == REPEATS:
                    continue
                seen.add((line, detail))
                findings.append(Finding(one, subject.label, subject.file, max(int(line or 1), 1), detail))
    return findings, ran, unknown
