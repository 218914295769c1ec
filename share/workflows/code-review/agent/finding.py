# SPDX-License-Identifier: Apache-2.0
"""What the checks hand over, and the document that becomes of it."""
from collections import Counter, namedtuple

# `cwe` is a number, `advice` what to do where the comment does not say it.
Finding = namedtuple("Finding", "file line severity rule comment advice cwe", defaults=("", None))

ERROR, WARNING, INFO = "error", "warning", "info"
RANK = {ERROR: 0, WARNING: 1, INFO: 2}
MAX_COMMENTS, MAX_COMMENT, MAX_SUMMARY = 100, 2000, 5000
# The same remark again and again in one file is said this often; the summary counts the rest.
REPEATS = {ERROR: 25, WARNING: 10, INFO: 3}


def count(n, noun, plural=None):
    return "%d %s" % (n, noun if n == 1 else plural or noun + "s")


def clip(text, limit):
    return text if len(text) <= limit else text[:limit - 3] + "..."


def choose(findings):
    """The findings to show, most severe first, then as they stand in the change, and how many were left out."""
    seen, kept = Counter(), []
    for f in findings:
        seen[f.file, f.rule] += 1
        if seen[f.file, f.rule] <= REPEATS[f.severity]:
            kept.append(f)
    kept.sort(key=lambda f: RANK[f.severity])
    shown = kept[:MAX_COMMENTS]
    return shown, len(findings) - len(shown)


def status(findings):
    severities = {f.severity for f in findings}
    if ERROR in severities:
        return "changes_requested"
    return "needs_discussion" if WARNING in severities else "approved"


def summary(findings, left_out, said):
    by = Counter(f.severity for f in findings)
    parts = [said]
    if findings:
        parts.append("%s, %s, %s." % (count(by[ERROR], "error"), count(by[WARNING], "warning"),
                                      count(by[INFO], "remark")))
        worst = Counter(f.rule for f in findings if f.severity != INFO).most_common(8)
        often = ["%s (%d)" % pair for pair in worst if pair[1] > 1]
        if often:
            parts.append("More than once: %s." % ", ".join(often))
    else:
        parts.append("Nothing stood out.")
    if left_out:
        parts.append("%s left out, the most severe are shown." % count(left_out, "finding was", "findings were"))
    return clip(" ".join(parts), MAX_SUMMARY)


def comment(f):
    """A finding as the output document has it: the comment is complete, what is beside it is for programs."""
    said = "%s %s" % (f.comment, f.advice) if f.advice else f.comment
    out = {"file": f.file, "line": f.line, "comment": clip("%s [%s]" % (said, f.rule), MAX_COMMENT),
           "severity": f.severity, "rule": f.rule}
    if f.advice:
        out["recommendation"] = f.advice
    if f.cwe:
        out["cwe"] = "CWE-%d" % f.cwe
    return out


def document(findings, said):
    """The output document: `said` is what was looked at, in a sentence."""
    shown, left_out = choose(findings)
    comments = [comment(f) for f in shown]
    return {"review_status": status(findings), "comments": comments, "summary": summary(findings, left_out, said)}
