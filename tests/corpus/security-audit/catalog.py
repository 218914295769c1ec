#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""catalog.py: the section CHECKS of ab-security-audit(7), from the catalogue that the agent has."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "../../../share/workflows/security-audit/agent"))
import audit  # noqa: E402

GROUPS = (("K8S", "Kubernetes"), ("IAM", "AWS policies"), ("AWS", "AWS resources in Terraform"),
          ("GCP", "Google Cloud resources in Terraform"), ("AZ", "Azure resources in Terraform"))


def escape(text):
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def main():
    for prefix, title in GROUPS:
        print(".Ss %s\n.Bl -tag -width \"K8S-000\"" % title)
        for name in sorted(n for n in audit.check.CATALOG if n.split("-")[0] == prefix):
            c = audit.check.CATALOG[name]
            print(".It %s\n%s\n.Pq %s ; %s" % (name, escape(c.title), c.severity, escape("; ".join("%s %s" % r for r in c.references))))
        print(".El")


if __name__ == "__main__":
    main()
