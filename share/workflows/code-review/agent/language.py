# SPDX-License-Identifier: Apache-2.0
"""What kind of file a path is."""
import re

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

