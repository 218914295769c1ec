# SPDX-License-Identifier: Apache-2.0
"""What Rust code can be found guilty of once the lines around are known: builders over lines, locks, blocking calls."""
import re
from rule import ERROR, WARNING, Checks

RUST = Checks()
FUNCTION = re.compile(r"\bfn\s+\w")
SHELL = re.compile(r"\bCommand::new\s*\(\s*\"(?:/(?:usr/)?bin/)?(?:ba|da|z)?sh\"\s*\)")
DASH_C = re.compile(r"\.args?\s*\(\s*&?\[?\s*\"-\w?c\"")


@RUST.check("rs-shell", "rust", ERROR, 78, "Command",
            "A command line that is put together at run time goes to the shell.",
            "Start the program itself with arguments.")
def shell(p):
    for i, text in enumerate(p.text):
        if not SHELL.search(text) or not p.code[i].strip():
            continue
        last = None
        for j in range(i, min(len(p), i + 8)):
            at = p.text[j].split(SHELL.search(text)[0], 1)[-1] if j == i else p.text[j]
            flag = DASH_C.search(at)
            rest = at[flag.end():] if flag else at
            last = last if last is not None else (j if flag else None)
            value = re.search(r"(?:\.arg\s*\(|^\s*,)\s*([^)\n]*)", rest) if last is not None else None
            if value:
                if re.search(r"format!|^&?[a-z_]\w*|\s\+\s", value[1].strip()):
                    yield j
                break
            if ";" in p.code[j]:
                break


@RUST.check("rs-lock-await", "rust", WARNING, 833, ".await",
            "A lock of the standard library is held while this waits: other tasks of the thread may wait for it for "
            "ever.",
            "Drop the guard before, or use the lock of the runtime.")
def lock_await(p):
    for i, code in enumerate(p.code):
        found = re.match(r"\s*let\s+(?:mut\s+)?(\w+)\s*=\s*[\w.&]+\.(?:lock|write|read)\(\)\s*\.(?:unwrap|expect)\b",
                         code)
        if not found:
            continue
        for j in p.after(i, 40):
            if re.search(r"\bdrop\s*\(\s*%s\s*\)" % found[1], p.code[j]):
                break
            if ".await" in p.code[j]:
                yield j
                break


@RUST.check("rs-blocking-async", "rust", WARNING, 400, "sleep( std::fs reqwest::blocking",
            "This blocks the thread that the runtime shares between tasks.",
            "Use the runtime's own form of it.")
def blocking(p):
    for i, code in enumerate(p.code):
        if re.search(r"\b(?:std::)?thread::sleep\s*\(|\bstd::fs::(?:read|write|read_to_string|copy)\b|"
                     r"\breqwest::blocking\b", code):
            start = p.function(i, FUNCTION)
            if 0 <= start < i and re.search(r"\basync\s+fn\b",
                                            p.code[start]) and not any("spawn_blocking" in p.code[j]
                                                                       for j in range(start, i + 1)):
                yield i
