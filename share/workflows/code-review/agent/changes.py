# SPDX-License-Identifier: Apache-2.0
"""What can be said of a file of the change, and of the change as a whole."""
import posixpath
import re
from finding import ERROR, INFO, WARNING, Finding, count
import language

LARGE, HUGE, MANY_FILES = 800, 2500, 100
UNTESTED = 30
EXECUTABLE_BINARY = re.compile(r"\.(?:exe|dll|so(?:\.\d+)*|dylib|a|o|obj|jar|war|class|pyc|whl|zip|tar|gz|tgz|xz|7z|"
                               r"bin|deb|rpm|wasm|node)$", re.I)
LEFTOVER = re.compile(r"(?:\.(?:orig|rej|swp|swo|pyc|bak)|~|(?:^|/)(?:\.DS_Store|Thumbs\.db|core\.\d+|nohup\.out|"
                      r"npm-debug\.log))$")
SECRET_FILE = re.compile(r"(?:^|/)(?:\.env(?:\.(?!example|sample|template|dist|test)[\w-]+)?|id_(?:rsa|dsa|ecdsa|"
                         r"ed25519)|\.pgpass|\.netrc|\.htpasswd|"
                         r"[^/]+\.(?:p12|pfx|jks|keystore|kdbx|ppk))$")
TEST_START = re.compile(r"^\s*(?:(?:async\s+)?def\s+test_|(?:it|test)\s*\(\s*[\"'`]|@test\s+\"|@Test\b|"
                        r"func\s+Test[A-Z]|#\[(?:tokio::)?test\]|TEST(?:_F|_P)?\s*\(|\[(?:Fact|Test|Theory)\])")
TEST_OFF = re.compile(r"^\s*(?:@(?:pytest\.mark\.skip|unittest\.skip|Ignore|Disabled)\b|(?:it|test|"
                      r"describe)\.skip\s*\(|x(?:it|describe|test)\s*\(|"
                      r"t\.Skip(?:Now)?\s*\(|#\[ignore\]|pytest\.skip\s*\()")


def first_line(f, default=1):
    lines = f.added or f.lines("+ ")
    return lines[0].number if lines else default


def about(f, severity, rule, comment, line=1):
    return Finding(f.path, max(line, 1), severity, rule, comment)


def modes(f):
    """Executables, links out of the tree, submodules, binaries."""
    mode, added = f.new_mode, f.added
    if mode == "100755" and f.old_mode not in (None, "100755"):
        yield about(f, INFO if starts_as_script(f) else WARNING, "made-executable", "The file becomes executable. Is "
                                                                                    "that meant?")
    elif mode == "100755" and f.is_new and not f.is_binary and not starts_as_script(f):
        yield about(f, INFO, "made-executable", "A new executable file that does not name its interpreter.")
    if mode == "120000" and added:
        yield from link(f, added[0])
    if mode == "160000":
        yield about(f, INFO, "submodule", "A submodule points to another commit: what is in it is not part of this "
                                          "review.")
    if f.is_binary and not f.is_deleted:
        bad = EXECUTABLE_BINARY.search(f.path)
        yield about(f, WARNING if bad else INFO, "binary", "A binary file, which nobody can review" +
                    (": build or fetch it from a pinned source instead." if bad else "."))


def starts_as_script(f):
    """Whether the file names its interpreter; a file whose start is not in the diff has the benefit of the doubt."""
    start = [line for line in f.lines("+ ") if line.number == 1]
    return not start or start[0].text.startswith("#!")


def link(f, line):
    target = line.text
    inside = posixpath.normpath(posixpath.join(posixpath.dirname(f.path), target))
    if target.startswith("/") or inside == ".." or inside.startswith("../"):
        yield about(f, ERROR, "link-out-of-tree", "A symbolic link that leads out of the repository: who follows it "
                                                  "reads or writes other files.")


def names(f):
    if f.is_deleted:
        return
    if SECRET_FILE.search(f.path) and not language.is_test(f.path):
        yield about(f, ERROR, "secret-file", "A file of this name holds secrets. It does not belong into the "
                                             "repository; add it to the ignored files.")
    elif f.is_new and LEFTOVER.search(f.path):
        yield about(f, WARNING, "left-over-file", "This file looks left over from an editor, a merge or a build.")


def line_ends(f):
    """Mixed line ends, once a file, at the first line that differs."""
    lines = f.lines("+ ")
    with_cr = [line for line in lines if line.text.endswith("\r")]
    if with_cr and len(with_cr) < len(lines):
        odd = with_cr if len(with_cr) * 2 <= len(lines) else [line for line in lines if not line.text.endswith("\r")]
        added = [line for line in odd if line.kind == "+"]
        if added:
            yield about(f, WARNING, "mixed-line-ends", "Lines of this file end in CR LF here and in LF there.",
                        added[0].number)


def tests_lost(f):
    if f.is_deleted:
        yield about(f, WARNING, "test-deleted", "A test file is deleted. What shows now that the code still works?")
        return
    lost = sum(bool(TEST_START.search(x.text)) for x in f.removed) - sum(bool(TEST_START.search(x.text))
                                                                         for x in f.added)
    if lost > 0:
        yield about(f, WARNING, "test-removed", "%s less in this file." % count(lost, "test"), first_line(f))
    for x in f.added:
        if TEST_OFF.search(x.text):
            yield about(f, WARNING, "test-off", "A test is switched off. Say why beside it, or repair it.", x.number)


def of_file(f):
    checks = [modes, names, line_ends]
    if language.is_test(f.path) and language.of(f.path) in language.CODE:
        checks.append(tests_lost)
    for check in checks:
        yield from check(f)


def written(f):
    """Whether people write this file, so that its lines count."""
    return not language.is_generated(f.path) and not f.is_binary


def size(files):
    lines = sum(len(f.added) + len(f.removed) for f in files if written(f))
    if files and (lines > LARGE or len(files) > MANY_FILES):
        biggest = max(files, key=lambda f: len(f.added) + len(f.removed))
        yield about(biggest, WARNING if lines > HUGE or len(files) > MANY_FILES else INFO, "large-change",
                    "A change of %s in %s: reviews miss much in one that large. Can it be split?" %
                    (count(lines, "line"), count(len(files), "file")),
                    first_line(biggest))


def locks(files):
    """Lock files that change without their manifest."""
    changed = {f.path for f in files}
    for f in files:
        folder, name = posixpath.split(f.path)
        manifests = language.LOCKS.get(name)
        if not manifests or f.is_deleted or f.is_new:
            continue
        beside = [p for p in changed if posixpath.dirname(p) == folder]
        if not any(p.endswith(m) for p in beside for m in manifests):
            yield about(f, WARNING, "lock-alone", "The lock file changes and its manifest does not. Was it refreshed "
                                                  "on purpose, by the tool itself?",
                        first_line(f))


def is_logic(f):
    return language.of(f.path) in language.CODE and not language.is_test(f.path) and written(f) and not f.is_deleted


def untested(files, context):
    """Code that changes while no test does."""
    changed = [f for f in files if is_logic(f) and f.added]
    lines = sum(len(f.added) for f in changed)
    if lines < 5 or any(language.is_test(f.path) and f.added for f in files):
        return
    most = max(changed, key=lambda f: len(f.added))
    stem = posixpath.basename(most.path).rpartition(".")[0]
    near = sorted(p for p in context if language.is_test(p) and stem and stem in posixpath.basename(p))
    known = " %s tests it and stays as it is." % near[0] if near else ""
    yield about(most, WARNING if lines >= UNTESTED else INFO, "untested",
                "%s of code change and no test does.%s" % (count(lines, "line"), known), first_line(most))


def of_change(files, context):
    yield from size(files)
    yield from locks(files)
    yield from untested(files, context)
