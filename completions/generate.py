#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""generate.py BINDIR OUTDIR: bash, zsh and fish completions from each tool's --dump-options."""
import json
import os
import subprocess
import sys

HELP = [{"kind": "flag", "name": "help", "help": "show this help"},
        {"kind": "flag", "name": "version", "help": "show the version"}]


def words(option):
    """What completes an option's value: a list of words, 'file', 'dir', 'command' or None."""
    arg = option.get("arg", "")
    if option["kind"] == "choice":
        return arg.split("|")
    if "DIR" in arg:
        return "dir"
    if "FILE" in arg or "PATH" in arg or "BUNDLE" in arg or "CHECKPOINT" in arg:
        return "file"
    return None


def operand(command):
    text = command["operands"]
    if "COMMAND" in text:
        return "command"
    return "file" if text else None


def commands(tool):
    """(verb or None, command) pairs; a tool may have work of its own besides its verbs."""
    return ([(None, tool)] if "options" in tool else []) + [(v["name"].split()[-1], v) for v in tool.get("verbs", [])]


def options(command):
    return command["options"] + HELP


def flags(option):
    names = ["--" + option["name"]]
    if "short" in option:
        names.append("-" + option["short"])
    return names


def bash_values(command):
    lines = []
    for o in options(command):
        if o["kind"] == "flag":
            continue
        w = words(o)
        how = {"dir": 'compgen -d -- "$cur"', "file": 'compgen -f -- "$cur"', None: ":"}.get(w) if not isinstance(w, list) \
            else 'compgen -W "%s" -- "$cur"' % " ".join(w)
        lines.append("\t%s) mapfile -t COMPREPLY < <(%s); return ;;" % ("|".join(flags(o)), how))
    return lines


def bash_body(command):
    lines = ['\tcase $prev in'] + bash_values(command) + ['\tesac', '\tcase $cur in']
    names = " ".join(f for o in options(command) for f in flags(o))
    lines.append('\t-*) mapfile -t COMPREPLY < <(compgen -W "%s" -- "$cur") ;;' % names)
    how = {"command": 'compgen -c -- "$cur"', "file": 'compgen -f -- "$cur"', None: ":"}[operand(command)]
    lines.append('\t*) mapfile -t COMPREPLY < <(%s) ;;' % how)
    lines.append('\tesac')
    return lines


def bash(tool):
    fn = "_" + tool["name"].replace("-", "_")
    out = ["# Made by completions/generate.py; do not edit.", "%s() {" % fn,
           '\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}', '\tCOMPREPLY=()']
    if "verbs" in tool:
        verbs = " ".join([v for v, _ in commands(tool) if v] + [f for o in tool.get("options", []) for f in flags(o)])
        out.append('\tif [ "$COMP_CWORD" -eq 1 ]; then mapfile -t COMPREPLY < <(compgen -W "%s --help --version" -- "$cur"); return; fi' % verbs)
        out.append('\tcase ${COMP_WORDS[1]} in')
        for verb, command in commands(tool):
            if verb:
                out += ["\t%s)" % verb] + ["\t" + line for line in bash_body(command)] + ["\t\t;;"]
        if "options" in tool:
            out += ["\t*)"] + ["\t" + line for line in bash_body(tool)] + ["\t\t;;"]
        out.append('\tesac')
    else:
        out += bash_body(tool)
    return "\n".join(out + ["}", "complete -o filenames -F %s %s" % (fn, tool["name"]), ""])


def zsh_escape(text):
    return text.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def zsh_spec(option):
    w = words(option)
    action = ":(%s)" % " ".join(w) if isinstance(w, list) else {"dir": ":_files -/", "file": ":_files", None: ": "}[w]
    value = "" if option["kind"] == "flag" else ":%s%s" % (zsh_escape(option.get("arg", "")).replace("|", " or "), action)
    star = "*" if option["kind"] == "list" else ""
    return ["'%s%s[%s]%s'" % (star, f, zsh_escape(option["help"]), value) for f in flags(option)]


def zsh_arguments(command, indent):
    specs = [s for o in options(command) for s in zsh_spec(o)]
    specs.append({"command": "'*:::command:_normal'", "file": "'*:file:_files'", None: None}[operand(command)])
    return (" \\\n" + indent + "\t").join([indent + "_arguments -s -S"] + [s for s in specs if s])


def zsh(tool):
    out = ["#compdef %s" % tool["name"], "# Made by completions/generate.py; do not edit."]
    if "verbs" not in tool:
        return "\n".join(out + [zsh_arguments(tool, ""), ""])
    verbs = " ".join("'%s:%s'" % (v, zsh_escape(c["summary"])) for v, c in commands(tool) if v)
    out += ["local -a verbs=(%s)" % verbs, "if (( CURRENT == 2 ))%s; then" % (' && [[ $words[2] != -* ]]' if "options" in tool else ""),
            "\t_describe verb verbs", "\treturn", "fi",
            "local verb=$words[2]"] + ([] if "options" in tool else ["shift words; (( CURRENT-- ))"]) + ["case $verb in"]
    shift = "\tshift words; (( CURRENT-- ))\n" if "options" in tool else ""
    for verb, command in commands(tool):
        if verb:
            out += ["%s)" % verb, shift + zsh_arguments(command, "\t"), "\t;;"]
    if "options" in tool:
        out += ["*)", zsh_arguments(tool, "\t"), "\t;;"]
    return "\n".join(out + ["esac", ""])


def fish_quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish(tool):
    name = tool["name"]
    out = ["# Made by completions/generate.py; do not edit."]
    for verb, command in commands(tool):
        when = "" if verb is None else " -n '__fish_seen_subcommand_from %s'" % verb
        if verb is not None:
            out.append("complete -c %s -n __fish_use_subcommand -f -a %s -d %s" % (name, verb, fish_quote(command["summary"])))
        for o in options(command):
            line = "complete -c %s%s -l %s" % (name, when, o["name"])
            if "short" in o:
                line += " -s " + o["short"]
            if o["kind"] != "flag":
                w = words(o)
                line += " -x -a '%s'" % " ".join(w) if isinstance(w, list) else {"dir": " -x -a '(__fish_complete_directories)'", "file": " -r -F", None: " -x"}[w]
            out.append(line + " -d " + fish_quote(o["help"]))
    return "\n".join(out + [""])


def main():
    bindir, outdir = sys.argv[1:]
    for name in sorted(os.listdir(bindir)):
        if not name.startswith("ab-"):
            continue
        tool = json.loads(subprocess.run([os.path.join(bindir, name), "--dump-options"], check=True, capture_output=True).stdout)
        for shell, file, text in (("bash", name, bash(tool)), ("zsh", "_" + name, zsh(tool)), ("fish", name + ".fish", fish(tool))):
            os.makedirs(os.path.join(outdir, shell), exist_ok=True)
            with open(os.path.join(outdir, shell, file), "w") as f:
                f.write(text)


if __name__ == "__main__":
    main()
