# SPDX-License-Identifier: Apache-2.0
"""What a line of a pipeline can be found guilty of."""
from rule import ERROR, INFO, WARNING, rule

CI = [
    rule("ci-target", "yaml", "code", ERROR, 829, "pull_request_target",
         r"\bpull_request_target\b",
         "This trigger gives a stranger's pull request the repository's secrets and write rights.",
         "Use pull_request."),
    rule("ci-unpinned", "yaml", "code", WARNING, 829, "uses",
         r"^\s*-?\s*uses\s*:\s*[\"']?(?!\./|docker:)[\w.-]{1,80}/[\w./-]{1,120}@(?![0-9a-f]{40}\b)",
         "The action is whatever its tag points to on that day.",
         "Pin the full commit hash."),
    rule("ci-injection", "yaml", "code", ERROR, 78, "github.",
         r"\$\{\{\s{0,4}github\.(?:head_ref|event\.(?:issue|pull_request|comment|review|discussion|"
         r"head_commit|pages|workflow_run)[\w.\[\]*]{0,60}\.(?:title|body|message|name|email|ref|label|"
         r"default_branch|head_branch))",
         "Text that a stranger chooses is pasted into a script.",
         "Pass it through env and quote it there.",
         unless=r"^\s*-?\s*(?!run\b|script\b)[\w-]{1,60}\s*:\s*[\"']?\$\{\{[^}]{1,200}\}\}[\"']?\s*$"),
    rule("ci-write-all", "yaml", "code", WARNING, 250, "write-all",
         r"\bpermissions\s*:\s*write-all\b",
         "The job may write everything.",
         "Name the permissions that it needs."),
    rule("ci-secret-shown", "yaml", "code", ERROR, 532, "secrets.",
         r"\b(?:echo|printf|cat)\b[^|>]{0,120}\$\{\{\s{0,4}secrets\.\w",
         "A secret is written to the log.",
         "Pass it through env to the step that needs it."),
    rule("ci-unsafe-command", "yaml", "code", WARNING, 78, "ACTIONS_ALLOW_UNSECURE_COMMANDS",
         r"\bACTIONS_ALLOW_UNSECURE_COMMANDS\s*:\s*[\"']?true",
         "Output of a step can set variables of the others.",
         "Leave it off."),
    rule("ci-inherit", "yaml", "code", INFO, 250, "secrets: inherit",
         r"^\s*secrets\s*:\s*inherit\b",
         "Every secret is handed over.",
         "Name those that are needed."),
]
