# SPDX-License-Identifier: Apache-2.0
"""What a shell script can be found guilty of as a whole: going on after a failure, words unknown to its shell."""
import re
from rule import INFO, WARNING, Checks

SHELL = Checks()
STRICT = re.compile(r"^\s*set\s+(?:-[a-zA-Z]*e|-o\s+errexit)|^#!.*\s-\w*e", re.M)
CHANGES = re.compile(r"^\s*(?:rm|mv|cp|make|mkdir|curl|wget|git|docker|kubectl|npm|pip|apt|apt-get|cd|chmod|chown|"
                     r"tar|ssh|scp|rsync|terraform|systemctl|mysql|psql|ln|install|\./)\b", re.M)


def start(p):
    return p.raw[0] if p.begins() else ""


def is_strict(p):
    return STRICT.search("\n".join(p.raw[:60])) is not None


@SHELL.check("sh-no-errexit", "shell", INFO, 390, "",
             "This script goes on after a command has failed.",
             "Begin it with set -eu.")
def no_errexit(p):
    names_shell = re.match(r"#!.*\b(?:ba|da|k|z)?sh\b", start(p))
    if p.is_whole and names_shell and not is_strict(p) and CHANGES.search(p.joined) and not p.path.endswith(".bats"):
        yield 0


@SHELL.check("sh-cd-unchecked", "shell", WARNING, 252, "cd",
             "If this fails, what follows runs in another directory.",
             "Add an exit for that case.")
def cd_unchecked(p):
    if not p.begins() or is_strict(p) or p.path.endswith(".bats"):
        return
    for i, code in enumerate(p.code):
        below = p.code[i + 1] if i + 1 < len(p) else ""
        if re.match(r"\s*cd\s+(?!-\s*$)[^|&;]+$", code) and not re.match(r"\s*(?:\|\||&&)", below):
            yield i


@SHELL.check("sh-bashism", "shell", WARNING, None, "[[ function ( source ${ <<< == &> {",
             "The first line names sh, which need not know this.",
             "Name bash, or write it as POSIX has it.")
def bashism(p):
    if not re.match(r"#!\s*(?:/usr)?/bin/(?:env\s+)?(?:da)?sh\b", start(p)):
        return
    for i, code in enumerate(p.code):
        if re.search(r"(?:^|[;&|]|\b(?:if|while|until|then|do)\b)\s*\[\[\s|^\s*function\s+\w|^\s*source\s+\S|"
                     r"^\s*(?:declare|typeset|mapfile|readarray|shopt)\b|^\s*\w+=\(|<<<|\$\{\w+(?:\[|//|\^|,)|"
                     r"\{\d+\.\.\d+\}|&>|"
                     r"\bread\s+-[a-z]*[aptn]\b|(?<![\[\w])\[\s[^]]{1,80}\s==\s", code):
            yield i
