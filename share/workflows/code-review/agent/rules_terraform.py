# SPDX-License-Identifier: Apache-2.0
"""What a line of Terraform or of a server's configuration can be found guilty of."""
from rule import ERROR, WARNING, rule

TERRAFORM = [
    rule("tf-open", "terraform yaml", "code", WARNING, 284, "0.0.0.0/0 ::/0",
         r"[\"']?(?:0\.0\.0\.0/0|::/0)",
         "Open to the whole internet.",
         "Name the networks.",
         unless=r"(?i)egress|ipam|destination"),
    rule("tf-public", "terraform", "code", ERROR, 284, "public",
         r"\bacl\s*=\s*\"public-|\bpublicly_accessible\s*=\s*true",
         "Everybody on the internet can reach it.",
         "Make it private, and let in whom you know."),
    rule("tf-unencrypted", "terraform", "code", WARNING, 311, "encrypt",
         r"\b(?:storage_)?encrypt(?:ed|ion)\w{0,20}\s*=\s*false",
         "Data is stored unencrypted.",
         "Encrypt it."),
    rule("tf-any-action", "json terraform", "code", WARNING, 250, "ction",
         r"(?i)\"?actions?\"?\s*[:=]\s*\[?\s*\"\*\"",
         "Every action is allowed.",
         "Name those that are needed."),
    rule("conf-root-login", "config", "code", WARNING, 250, "PermitRootLogin PasswordAuthentication NOPASSWD",
         r"^\s*PermitRootLogin\s+yes\b|NOPASSWD\s*:\s*ALL",
         "Root is one step away for whoever gets in.",
         "Let people log in as themselves."),
]
