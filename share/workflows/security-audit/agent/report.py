# SPDX-License-Identifier: Apache-2.0
"""What becomes of the findings: the output document with its counts, compliance and risk score."""
import re
from collections import Counter
from check import CATALOG, FRAMEWORKS, RANK

MAX_FINDINGS, MAX_NOT_UNDERSTOOD, MAX_KINDS = 1000, 200, 100
# By how much one finding takes from what is left of 100: a critical one halves it.
LEFT = {"critical": 0.5, "high": 0.8, "medium": 0.95, "low": 0.99}
RATINGS = ((65, "critical"), (35, "high"), (10, "medium"), (1, "low"), (0, "none"))
ODD = re.compile(r"[^\w./:@%+,\[\] -]|(?<=:)//|(?<=/)/|=")


def clean(text, limit):
    """A name from the documents, which may be hostile: what could be markup, code, an address or an escape becomes a low line."""
    text = ODD.sub("_", text)
    return text if len(text) <= limit else text[:limit - 3] + "..."


def score(findings):
    """0 to 100: 100 * (1 - 0.5^critical * 0.8^high * 0.95^medium * 0.99^low), over pairs of check and resource."""
    left = 1.0
    for check, _, _ in {(f.check.id, f.resource, f.file) for f in findings}:
        left *= LEFT[CATALOG[check].severity]
    return int(100 * (1 - left) + 0.5)


def compliance(findings, ran, incomplete, wanted):
    """Of each framework: which of its controls were looked at, and which of these failed."""
    failed = {r for f in findings for r in f.check.references}
    looked = {r for name in ran for r in CATALOG[name].references}
    out = []
    for name, title in FRAMEWORKS.items():
        seen = sorted(c for f, c in looked if f == name)
        if not seen or (wanted and name not in wanted):
            continue
        bad = [c for c in seen if (name, c) in failed]
        status = "failed" if bad else "incomplete" if incomplete else "passed"
        out.append({"framework": name, "title": title, "status": status, "controls_passed": len(seen) - len(bad),
                    "controls_failed": len(bad), "failed": bad[:100]})
    return out


def entry(f):
    made = {"id": f.check.id, "severity": f.check.severity, "resource": clean(f.resource, 400), "file": clean(f.file, 400),
            "line": f.line, "title": f.check.title, "references": ["%s %s" % r for r in f.check.references],
            "recommendation": f.check.recommendation}
    if f.detail:
        made["detail"] = clean(f.detail, 200)
    return made


def accepted_by(finding, accepted):
    return any(a["id"] == finding.check.id and a.get("resource", "") in ("", clean(finding.resource, 400)) for a in accepted)


def document(findings, ran, kinds, not_understood, counts, request):
    accepted = [f for f in findings if accepted_by(f, request.get("accepted", ()))]
    findings = [f for f in findings if not accepted_by(f, request.get("accepted", ()))]
    wanted = set(request.get("frameworks", ()))
    if wanted:
        findings = [f for f in findings if any(r[0] in wanted for r in f.check.references)]
    findings.sort(key=lambda f: (RANK[f.check.severity], f.file, f.line, f.check.id, f.resource))
    by = Counter(f.check.severity for f in findings)
    risk = score(findings)
    incomplete = bool(not_understood)
    status = "failed" if findings else "incomplete" if incomplete or not ran else "passed"
    shown = findings[:MAX_FINDINGS]
    counts = dict(counts, checks=len(ran), findings=len(findings), critical=by["critical"], high=by["high"], medium=by["medium"],
                  low=by["low"], accepted=len(accepted), left_out=len(findings) - len(shown),
                  not_understood=len(not_understood))
    return {
        "status": status,
        "risk": {"score": risk, "rating": next(r for least, r in RATINGS if risk >= least)},
        "counts": counts,
        "compliance": compliance(findings, ran, incomplete, wanted),
        "findings": [entry(f) for f in shown],
        "not_understood": [{"file": clean(f, 400), "line": line, "reason": reason[:200]}
                           for f, line, reason in sorted(not_understood)[:MAX_NOT_UNDERSTOOD]],
        "unchecked_kinds": [clean(k, 100) for k in sorted(kinds)[:MAX_KINDS]],
    }
