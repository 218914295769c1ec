#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""catalog.py: the lists of rules in ab-code-review(7), from the catalogue that the agent has."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "../../../share/workflows/code-review/agent"))
import rules  # noqa: E402

GROUPS = (("C and C++", "c cpp"), ("Python", "py"), ("JavaScript and TypeScript", "js ts test"), ("Go", "go"),
          ("Rust", "rs"), ("Java, Kotlin and Scala", "java"),
          ("C#, PHP, Ruby and Perl", "cs php rb pl"), ("Shell", "sh"), ("SQL", "sql"), ("Pipelines", "ci"),
          ("Container files, manifests, playbooks", "docker image k8s host privileged ansible"),
          ("Terraform and configuration", "tf conf"),
          ("Several languages", "empty weak old cors"))


def escape(text):
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def main():
    left = dict(rules.CATALOG)
    for title, prefixes in GROUPS:
        print(".Ss %s\n.Bl -tag -width Ds" % title)
        for name in sorted(n for n in rules.CATALOG if n.split("-")[0] in prefixes.split()):
            r = left.pop(name)
            print(".It %s\n%s\n.Pq %s" % (name, escape(r.message).replace(". ", ".\n"),
                                          r.severity + (" ; CWE\\-%d" % r.cwe if r.cwe else "")))
        print(".El")
    assert not left, sorted(left)


if __name__ == "__main__":
    main()
