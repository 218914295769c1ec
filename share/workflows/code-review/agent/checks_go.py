# SPDX-License-Identifier: Apache-2.0
"""What Go code can be found guilty of once the lines around are known: errors, loops, goroutines, things left open."""
import re
from rule import ERROR, WARNING, Checks

GO = Checks()
FUNCTION = re.compile(r"^\s*func\b|\bfunc\s*\(")
ASSIGNS = re.compile(r"\berr\s*:?=(?!=)")
MENTIONS = re.compile(r"\berr\b")
LOOP = re.compile(r"^\s*for\b.*\{\s*$")
LOOP_NAMES = re.compile(r"^\s*for\s+(\w+)(?:\s*,\s*(\w+))?\s*:=")
# "x, _ := f(" (group 1 is x) or "_ = f("; what it calls.
IGNORES = re.compile(r"^\s*(?:(?:if|for|switch)\s+)?(?:(\w[\w.]{0,40}),\s*_|_)\s*:?=\s*([\w.]{1,80})\(")
ASSERTED = re.compile(r"\.\([\w.*\[\]]{1,80}\)\s*(?:;|\{|$)")
RESULTS = re.compile(r"^\s*func\s+(?:\([^)]{1,80}\)\s*)?(\w+)\s*\([^{}]{0,400}?\)\s*([^{}\n]{0,120})\{", re.M)
# What gives a second value that is none, or whose error nobody can do anything about.
NO_ERROR = re.compile(
    r"(?:^|\.)(?:Load\w*|Lookup\w{0,8}|Cut\w{0,6}|FromContext|Deadline|Callers?|Close|Fprint\w{0,3}|Print\w{0,3}|"
    r"Sync|Size|Bounds|"
    r"Frexp|Modf|Divmod|Get|Peek|Swap|Decode\w{0,4}Rune\w{0,12}|With(?:Cancel|Timeout|Deadline)|Next|append|Value|"
    r"Signal|Rat|Float64\w{0,4}|Int64\w{0,4}|"
    r"WriteString|WriteByte|WriteRune|Syscall\w{0,4}|Split|SplitN|Seek|String|Name|Len|Zone|Date|Clock|ISOWeek|IsNaN|"
    r"Kind|Line|Type|Add64|Mul64|"
    r"Sub64|Find|Match|Recv|TryRecv|Unalias|Index|Underlying|Op|CutPrefix)$")
# Calls that return an error alone, or one that people forget.
RETURNS_ERROR = re.compile(
    r"^\s*(?:os\.(?:Remove|RemoveAll|Mkdir|MkdirAll|Rename|Chmod|Chown|Chdir|Setenv|WriteFile|Truncate|Symlink|Link)|"
    r"(?:json|xml|yaml|proto|toml)\.Unmarshal|ioutil\.WriteFile|\w+\.(?:Commit|Scan|Encode|Decode|Shutdown|Ping|Exec|"
    r"ExecContext|"
    r"MigrateUp|Flush|Truncate|SetDeadline|Unmarshal|Validate|ListenAndServe)|http\.ListenAndServe(?:TLS)?|"
    r"binary\.(?:Read|Write)|"
    r"tx\.Rollback)\(")


@GO.check("go-err-unchecked", "go", WARNING, 252, "err (",
          "The error of this call is not looked at before the next one, or not at all.",
          "Check the error right after the call.")
def unchecked(p):
    for i, code in enumerate(p.code):
        if RETURNS_ERROR.search(code) and code.count("(") == code.count(")"):
            yield i
        elif ASSIGNS.search(code) and not re.match(r"\s*(?:if|for|switch|return|case|var|//)\b",
                                                   code) and "func" not in code and covered(p, i):
            yield i


def covered(p, i):
    """Whether another assignment covers err before anything has read it."""
    if code_opens(p.code[i]):
        return False
    for j in p.after(i, 12):
        code = p.code[j].strip()
        if not code:
            continue
        found = ASSIGNS.search(code)
        rest = code[:found.start()] + code[found.end():] if found else ""
        if found and not MENTIONS.search(rest) and p.indent(j) <= p.indent(i):
            return not code.startswith(("if", "for", "case", "switch"))
        if MENTIONS.search(code) or re.match(r"(?:return|for|if|switch|select|defer|go)\b", code):
            return False
    return False


def code_opens(code):
    """Whether the statement goes on in the next line."""
    return code.count("(") > code.count(")") or code.rstrip().endswith(("{", ",", "(", "+", "."))


@GO.check("go-err-ignored", "go", WARNING, 252, "_",
          "The error of this call is thrown away, so what it returned may be worth nothing.",
          "Look at the error, or say beside it why it cannot happen.")
def ignored(p):
    returns = None
    for i, code in enumerate(p.code):
        found = IGNORES.search(code)
        if not found or p.comment[i].strip() or found[2].endswith("."):
            continue
        if NO_ERROR.search(found[2]) or ASSERTED.search(code):
            continue
        if "." not in found[2]:
            # A function of this package: its result is an error only if the file says so.
            returns = returns if returns is not None else dict(RESULTS.findall(p.joined))
            if "error" not in returns.get(found[2], ""):
                continue
        elif found[1] and not re.search(r"\.[A-Z]\w*$", found[2]):
            continue
        yield i


@GO.check("go-err-shadowed", "go", WARNING, 390, ":=",
          "This declares a second err that hides the outer one, which is still nil when it is returned.",
          "Assign with = and declare the other names before.")
def shadowed(p):
    for i, code in enumerate(p.code):
        if not re.match(r"\s*(?!if\b|for\b|switch\b)[\w, ]{1,80}\berr\s*:=|\s*err\s*:=", code):
            continue
        start = p.function(i, FUNCTION)
        if start < 0 or p.depth(i) <= p.depth(start) + 1:
            continue
        outer = re.search(r"\)\s*\([^()]*\berr\s+error\s*\)", p.code[start]) or any(
            re.match(r"\s*var err error\b", p.code[j]) and p.depth(j) < p.depth(i) for j in range(start, i))
        handled = any(re.search(r"\breturn\b.*\berr\b|\bpanic\(|\bFatal|\bif\b.*\berr\b", p.code[j])
                      for j in p.after(i, 6))
        if outer and not handled:
            yield i


@GO.check("go-defer-loop", "go", WARNING, 772, "defer",
          "What is deferred in a loop runs when the function ends, not the round: files and locks pile up.",
          "Move the body of the loop into a function of its own.")
def deferred(p):
    for i, code in enumerate(p.code):
        if not re.match(r"\s*defer\b", code):
            continue
        level = p.depth(i)
        for j in p.above(i):
            if p.depth(j) >= level or not p.code[j].strip():
                continue
            level = p.depth(j)
            if LOOP.search(p.code[j]):
                yield i
            if LOOP.search(p.code[j]) or FUNCTION.search(p.code[j]):
                break


@GO.check("go-body-open", "go", WARNING, 772, "http. .Do( .Get( .Post(",
          "The body of the answer is never closed, so its connection is never used again.",
          "Defer its Close once the error is checked.")
def body_open(p):
    pattern = re.compile(r"^\s*(\w+)\s*,\s*\w+\s*:?=\s*(?:http\.(?:Get|Post|Head|PostForm)|"
                         r"\w*[cC]lient\w*(?:\.\w+)?\.(?:Do|Get|Post|Head))\(")
    closes = r"\b%s\.Body\.Close\b|\breturn\s+%s\b|\(%s[,)]|=\s*%s\s*$"
    yield from never(p, pattern, lambda name: closes % ((name,) * 4))


@GO.check("go-rows-open", "go", WARNING, 772, ".Query",
          "The rows are never closed, so their connection to the database is lost.",
          "Defer their Close once the error is checked.")
def rows_open(p):
    pattern = re.compile(r"^\s*(\w+)\s*,\s*\w+\s*:?=\s*\w+(?:\.\w+)?\.Query(?:Context|x)?\(")
    yield from never(p, pattern, lambda name: r"\b%s\.Close\b|\breturn\s+%s\b|\(%s[,)]" % ((name,) * 3))


def never(p, pattern, closes):
    """Lines that open what nothing in the rest of the function closes; the end of the function must be here."""
    for i, code in enumerate(p.code):
        found = pattern.search(code)
        if not found or found[1] == "_":
            continue
        closer, rest = re.compile(closes(re.escape(found[1]))), list(p.after(i))
        is_seen = p.is_whole or (rest and rest[-1] + 1 < len(p))
        if is_seen and not any(closer.search(p.code[j]) for j in rest):
            yield i


@GO.check("go-loop-variable", "go", WARNING, 362, "go func defer",
          "Before Go 1.22 all rounds share this variable, and the goroutine sees the last value.",
          "Pass it as an argument of the function.")
def loop_variable(p):
    for i, code in enumerate(p.code):
        names = LOOP_NAMES.search(code)
        if not names:
            continue
        names = [n for n in names.groups() if n and n != "_"]
        body = list(p.inside(i))
        for j in body:
            if not re.search(r"\bgo\s+func\s*\(", p.code[j]):
                continue
            own = "\n".join(p.code[k] for k in body if k < j)
            for k in [j] + list(p.inside(j, 40)):
                for name in names:
                    taken = re.search(r"\b%s\s*:=\s*%s\b" % (name, name),
                                      own) or re.search(r"func\s*\([^)]*\b%s\b" % name, p.code[j])
                    inner = p.code[k].split("{", 1)[-1] if k == j else p.code[k]
                    inner = re.sub(r"\}\s*\([^()]*\)\s*$", "", inner)
                    if not taken and re.search(r"(?<![.\w])%s\b(?!\s*:)" % name, inner):
                        yield k
            break


@GO.check("go-mutex-copy", "go", WARNING, 667, "sync.",
          "A lock that is copied locks nothing: the receiver or argument here is a copy.",
          "Take a pointer.")
def mutex_copy(p):
    holders = set()
    for found in re.finditer(r"^type\s+(\w+)\s+struct\s*\{([^{}]{0,2000})\}", p.joined, re.M):
        if re.search(r"(?<![*\w])sync\.(?:RW)?(?:Mutex|WaitGroup|Once)\b", found[2]):
            holders.add(found[1])
    for i, code in enumerate(p.code):
        if not re.match(r"\s*func\b", code):
            continue
        receiver = re.match(r"\s*func\s*\(\s*\w+\s+(\w+)\s*\)", code)
        if (receiver and receiver[1] in holders) or re.search(r"[(,]\s*\w+\s+sync\.(?:RW)?(?:Mutex|WaitGroup)\b", code):
            yield i


@GO.check("go-nil-map", "go", ERROR, 476, "map[",
          "The map is nil here, and writing into a nil map panics.",
          "Make it first.")
def nil_map(p):
    for i, code in enumerate(p.code):
        found = re.match(r"\s+var\s+(\w+)\s+map\[[^\]]{1,80}\][\w.*\[\]{}]{1,80}\s*$", code)
        if not found:
            continue
        for j in p.after(i, 40):
            if re.search(r"\b%s\s*=(?!=)|&%s\b" % (found[1], found[1]), p.code[j]):
                break
            if re.search(r"\b%s\[[^\]]{1,80}\]\s*(?:=(?!=)|\+=|\+\+)" % found[1], p.code[j]):
                yield j
                break


@GO.check("go-server-no-timeout", "go", WARNING, 400, "http.Server",
          "This server waits without an end for a request to arrive: slow clients use up its connections.",
          "Set ReadHeaderTimeout.")
def server_timeout(p):
    for i, code in enumerate(p.code):
        found = re.search(r"\bhttp\.Server\s*(\{)", code)
        if found and not re.search(r"Read(?:Header)?Timeout", p.call(i, p.text[i].find("{", found.start()))):
            yield i


@GO.check("go-wait-inside", "go", WARNING, 362, ".Add(",
          "The counter is raised inside of the goroutine: the wait may be over before it began.",
          "Raise it before the goroutine starts.")
def wait_inside(p):
    for i, code in enumerate(p.code):
        if re.search(r"\bgo\s+func\s*\(", code):
            yield from (j for j in [i] + list(p.inside(i, 4))
                        if re.search(r"(?i)\b\w{0,20}(?:wg|wait\w{0,8})\.Add\s*\(", p.code[j]))
