# SPDX-License-Identifier: Apache-2.0
"""What kind of file a path is, and what of a line is code, what text in quotes, what comment."""
import re
from collections import namedtuple

# One line seen three ways: code has strings emptied and comments removed, text has comments removed,
# comment is what was removed.
View = namedtuple("View", "code text comment")

EXTENSIONS = {
    "c": "c", "h": "c", "cc": "c", "cpp": "c", "cxx": "c", "hh": "c", "hpp": "c", "m": "c", "ino": "c",
    "py": "python", "pyw": "python", "pyi": "python",
    "js": "js", "jsx": "js", "mjs": "js", "cjs": "js", "ts": "js", "tsx": "js", "mts": "js", "vue": "js",
    "svelte": "js", "go": "go", "java": "java", "kt": "java", "kts": "java", "scala": "java", "groovy": "java",
    "cs": "csharp", "php": "php", "rb": "ruby", "rake": "ruby", "erb": "ruby", "rs": "rust", "swift": "swift",
    "sh": "shell", "bash": "shell", "zsh": "shell", "ksh": "shell", "bats": "shell",
    "yml": "yaml", "yaml": "yaml", "tf": "terraform", "tfvars": "terraform", "hcl": "terraform",
    "sql": "sql", "pl": "perl", "pm": "perl", "lua": "lua",
    "env": "config", "ini": "config", "cfg": "config", "conf": "config", "toml": "config", "properties": "config",
    "json": "json", "html": "html", "htm": "html", "xml": "html", "svg": "html",
    "md": "doc", "rst": "doc", "txt": "doc", "adoc": "doc", "po": "doc", "tex": "doc", "csv": "doc", "1": "doc",
    "3": "doc", "5": "doc", "7": "doc", "8": "doc", "diff": "patch", "patch": "patch", "mk": "make",
}
NAMES = {"dockerfile": "docker", "containerfile": "docker", "makefile": "make", "gnumakefile": "make",
         "gemfile": "ruby", "rakefile": "ruby", "vagrantfile": "ruby", "jenkinsfile": "java",
         "license": "doc", "copying": "doc", "readme": "doc", "changelog": "doc", "authors": "doc"}
INTERPRETERS = (("python", "python"), ("bash", "shell"), ("dash", "shell"), ("zsh", "shell"), ("node", "js"),
                ("ruby", "ruby"), ("perl", "perl"), ("php", "php"), ("lua", "lua"), ("sh", "shell"), ("bats", "shell"))
CODE = frozenset("c python js go java csharp php ruby rust swift shell perl lua sql".split())
LOCKS = {
    "package-lock.json": ("package.json",), "npm-shrinkwrap.json": ("package.json",),
    "yarn.lock": ("package.json",), "pnpm-lock.yaml": ("package.json",), "Cargo.lock": ("Cargo.toml",),
    "poetry.lock": ("pyproject.toml",), "uv.lock": ("pyproject.toml",), "Pipfile.lock": ("Pipfile",),
    "composer.lock": ("composer.json",), "Gemfile.lock": ("Gemfile", "gemspec"), "go.sum": ("go.mod",),
}
TEST = re.compile(r"(?:^|/)(?:tests?|__tests__|specs?|testdata|fixtures?)/|(?:^|/)test_[^/]*$|"
                  r"[._-](?:test|tests|spec)\.[^./]+$|(?:Test|Tests|Spec|IT)\.(?:java|kt|cs|swift|scala)$|\.bats$")
GENERATED = re.compile(r"(?:^|/)(?:vendor|third_party|node_modules|dist)/|\.min\.(?:js|css)$|\.map$|"
                       r"_pb2\.py$|\.pb\.go$|(?:^|/)go\.sum$")

# How each language writes comments and strings. A "one line" string ends with its line at the latest.
STRING2, STRING1 = r'"(?:[^"\\]|\\.)*"?', r"'(?:[^'\\]|\\.)*'?"
CHARACTER = r"'(?:[^'\\]|\\.[^']{0,8})'"
C_LIKE = {"line": r"//.*", "blocks": {"/*": "*/"}, "strings": (STRING2, STRING1)}
HASH = {"line": r"#.*", "blocks": {}, "strings": (STRING2, STRING1)}
# In these a quoted text is seen as code: the shell expands it, and configuration is all text.
HASH_KEPT = {"line": r"(?:(?<=\s)|^)#.*", "blocks": {}, "strings": (), "keep": (STRING2, STRING1)}
SYNTAX = {
    "c": C_LIKE, "java": C_LIKE, "csharp": C_LIKE, "swift": C_LIKE,
    "js": dict(C_LIKE, blocks={"/*": "*/", "`": "`"}),
    "go": dict(C_LIKE, blocks={"/*": "*/", "`": "`"}, strings=(STRING2, CHARACTER)),
    "rust": dict(C_LIKE, strings=(STRING2, CHARACTER)),
    "php": dict(C_LIKE, line=r"//.*|#(?!\[).*"),
    "python": dict(HASH, blocks={'"""': '"""', "'''": "'''"}),
    "ruby": HASH, "perl": HASH,
    "lua": dict(HASH, line=r"--.*"), "sql": dict(C_LIKE, line=r"--.*"),
    "shell": HASH_KEPT, "make": HASH_KEPT, "docker": HASH_KEPT, "yaml": HASH_KEPT, "config": HASH_KEPT,
    "terraform": dict(HASH_KEPT, blocks={"/*": "*/"}),
    "html": {"line": None, "blocks": {"<!--": "-->"}, "strings": ()},
}
PLAIN = {"line": None, "blocks": {}, "strings": ()}


def of(path, first_line=""):
    """The language of a file, "" if it is not known."""
    name = path.rsplit("/", 1)[-1]
    lower = name.lower()
    stem, _, extension = lower.rpartition(".")
    if lower.startswith(".env") or lower in (".npmrc", ".pgpass", ".netrc"):
        return "config"
    if NAMES.get(lower) or NAMES.get(stem):
        return NAMES.get(lower) or NAMES[stem]
    if stem and extension in EXTENSIONS:
        return EXTENSIONS[extension]
    if first_line.startswith("#!"):
        words = re.split(r"[\s/]+", first_line[2:200])
        for prefix, language in INTERPRETERS:
            if any(word.startswith(prefix) for word in words[1:]):
                return language
    return ""


def is_test(path):
    return TEST.search(path) is not None


def is_generated(path):
    return path.rsplit("/", 1)[-1] in LOCKS or GENERATED.search(path) is not None


class Masker:
    """Turns the consecutive lines of one file into views; it carries open comments and strings over."""

    def __init__(self, language):
        syntax = SYNTAX.get(language, PLAIN)
        self.blocks = syntax["blocks"]
        self.open, self.is_docstring = None, False
        # A hunk may start inside a comment; the customary star then gives it away.
        self.star = re.compile(r"\s*\*(?:\s|/|$)") if "/*" in self.blocks else None
        parts = [("block", "|".join(re.escape(b) for b in self.blocks)), ("line", syntax["line"]),
                 ("string", "|".join(syntax["strings"])), ("keep", "|".join(syntax.get("keep", ())))]
        pattern = "|".join("(?P<%s>%s)" % (name, text) for name, text in parts if text)
        self.token = re.compile(pattern) if pattern else None

    def line(self, text):
        if self.token is None:
            return View(text, text, "")
        if self.star and not self.open and self.star.match(text):
            return View("", "", text)
        code, kept, comments = [], [], []
        at = self.close(text, kept, comments) if self.open else 0
        while not self.open:
            found = self.token.search(text, at)
            end = found.start() if found else len(text)
            code.append(text[at:end])
            kept.append(text[at:end])
            if not found:
                break
            at = self.take(found, text, code, kept, comments)
        return View("".join(code), "".join(kept), " ".join(comments))

    def take(self, found, text, code, kept, comments):
        """One token; returns where the scan goes on."""
        token, kind, end = found[0], found.lastgroup, found.end()
        if kind == "line":
            comments.append(token)
        elif kind == "keep":
            code.append(token)
            kept.append(token)
        elif kind == "string":
            code.append('""')
            kept.append(token)
        else:
            self.open = token
            if len(token) == 3 and not "".join(code).strip():
                # A string that is a statement is a docstring: it speaks about code.
                self.is_docstring = True
                return self.close(text, kept, comments, end)
            # A template may hold expressions, so it does not look like a constant.
            code.append("``" if token == "`" else '""' if self.is_string(token) else " ")
            if self.is_string(token):
                kept.append(token)
            return self.close(text, kept, comments, end)
        return end

    def close(self, text, kept, comments, at=0):
        """Looks for the end of the open block; all of the line is in it if there is none."""
        ender = self.blocks[self.open]
        end = text.find(ender, at)
        inside = text[at:] if end < 0 else text[at:end]
        is_string = self.is_string(self.open) and not self.is_docstring
        (kept if is_string else comments).append(inside)
        if end < 0:
            return len(text)
        if is_string:
            kept.append(ender)
        self.open, self.is_docstring = None, False
        return end + len(ender)

    @staticmethod
    def is_string(token):
        return token[0] in "\"'`"


def views(language, lines):
    """A view of each line, taken as consecutive lines of one file."""
    masker = Masker(language)
    return [masker.line(text) for text in lines]
