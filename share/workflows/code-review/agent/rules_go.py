# SPDX-License-Identifier: Apache-2.0
"""What a line of Go can be found guilty of."""
from rule import ERROR, INFO, WARNING, rule

GO = [
    rule("go-tls-off", "go", "code", ERROR, 295, "InsecureSkipVerify InsecureIgnoreHostKey",
         r"InsecureSkipVerify\s*[:=]\s*true|InsecureIgnoreHostKey",
         "Verification is switched off: anybody on the way can answer in the other side's name.",
         "Leave it on, and trust the other side's authority."),
    rule("go-shell", "go rust", "text", ERROR, 78, "Command",
         r"Command(?:Context)?(?:::new)?\s*\([^)\"]{0,20}\"(?:/bin/)?(?:ba)?sh\"(?:\s*,\s*|"
         r"\)\s*\.arg\(\s*)\"-c\"(?:\s*,\s*|\)\s*\.arg\(\s*)(?![\"`][^\"`+]{0,300}[\"`]\s*\))",
         "A command line that is put together at run time goes to the shell.",
         "Start the program itself with arguments."),
    rule("go-weak-hash", "go", "code", WARNING, 328, "md5. sha1.",
         r"\b(?:md5|sha1)\.(?:New|Sum)\s*\(",
         "A hash that is broken for this purpose.",
         "Use SHA-256."),
    rule("go-unescaped", "go", "code", WARNING, 79, "template.",
         r"\btemplate\.(?:HTML|JS|URL|HTMLAttr)\s*\((?!\s*(?:\"\"|``)\s*\))",
         "This tells the template that the data is safe as it is.",
         "Let it escape."),
    rule("go-unsafe", "go", "code", WARNING, 119, "unsafe.",
         r"\bunsafe\.(?:Pointer|Slice|String)\b",
         "Memory safety is given up here; say in a comment why it holds.",
         "Say in a comment why it holds."),
    rule("go-debug", "go", "code", INFO, 489, "spew.",
         r"\bspew\.Dump\s*\(",
         "Left-over debugging output.",
         "Remove it."),
]
