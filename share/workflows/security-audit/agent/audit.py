#!/usr/bin/python3 -ISB
# SPDX-License-Identifier: Apache-2.0
"""Audits Terraform, Kubernetes and IAM documents: the input document on stdin, findings, compliance and risk on stdout.

A pure function: it opens no file and starts nothing, so it runs in a jail that has neither network nor shell.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import check
import documents
import report
import checks_account  # noqa: F401  each of these registers its checks
import checks_azure  # noqa: F401
import checks_cluster  # noqa: F401
import checks_gcp  # noqa: F401
import checks_iam  # noqa: F401
import checks_network  # noqa: F401
import checks_pod  # noqa: F401
import checks_storage  # noqa: F401

MAX_RECURSION = 6000


def answer(request):
    """The output document for an input document."""
    found = documents.Documents(request["documents"])
    subjects = list(found.subjects())
    findings, ran, kinds = check.run(subjects)
    counts = {"documents": len(request["documents"]), "parsed": found.parsed, "subjects": len(subjects)}
    return report.document(findings, ran, {k for k in kinds if k.count(":") == 0 or k.startswith("k8s:")} - documents.SILENT,
                           found.not_understood, counts, request)


def main():
    sys.setrecursionlimit(MAX_RECURSION)
    result = answer(json.load(sys.stdin.buffer))
    sys.stdout.buffer.write(json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
