# SPDX-License-Identifier: Apache-2.0
"""How each language writes comments and texts, as the tables that lexer.py is driven by."""
import re
from collections import namedtuple

# A kind of text. `opener` is the pattern that begins it; `close` what ends it ({0} is the opener's first group);
# `escape` whether a backslash takes the next character along; `lines` whether it may go over lines; `inner` the pattern
# of an expression inside it; `quote` what stands for the quotes in code; `keep` what of the content is code too:
# "" nothing, "all", or "words" (pieces without blanks, and variables: what a shell expands).
Text = namedtuple("Text", "opener close escape lines inner quote keep")
# `extra` are whole tokens; `heredoc` is the opener of one, with the groups quote and word.
Syntax = namedtuple("Syntax", "line block nested texts extra heredoc")
PAIRS = {"(": ")", "{": "}", "[": "]", "<": ">"}


def text(opener, close=None, escape=True, lines=False, inner=None, quote='"', keep=""):
    return Text(opener, close if close is not None else opener, escape, lines, inner, quote, keep)


def syntax(line=None, block=("/*", "*/"), nested=False, texts=(), extra=(), heredoc=None):
    """`extra` are whole tokens: pairs of a name that the lexer knows and a pattern."""
    return Syntax(line, block, nested, tuple(texts), tuple(extra), heredoc)


SLASHES, HASH = r"//[^\n]*", r"\#[^\n]*"
HASH_WORD = r"(?<![^\s;|&()])\#[^\n]*"
CHARACTER = ("char", r"'(?:[^'\\\n]|\\[^\n][^'\n]{0,8})'")
DOUBLE, SINGLE = text('"'), text("'")
SHELL_TEXTS = (text(r"\$'", "'", lines=True), text("'", escape=False, lines=True),
               text('"', lines=True, inner=r"\$[({]", keep="words"))
SHELL_HEREDOC = r"(?<![<\d(])<<-?[ \t]*\\?(?P<quote>[\"']?)(?P<word>[A-Za-z_]\w*)(?P=quote)"


def python_texts():
    out = []
    for mark in ('"""', "'''", '"', "'"):
        for prefix, inner in ((r"(?<!\w)(?:[fFtT][rR]?|[rR][fFtT])", r"\{(?!\{)"), (r"(?:(?<!\w)(?:[rR][bB]?|"
                                                                                    r"[bB][rR]?|[uU]))?", None)):
            out.append(text(prefix + mark, mark, lines=len(mark) == 3, inner=inner))
    return tuple(out)


SYNTAX = {
    "c": syntax(r"//(?:[^\n\\]|\\[\s\S])*", extra=(("number", r"(?<!\w)\d[\w.']*"), CHARACTER),
                texts=(text(r"(?<![A-Za-z0-9])(?:u8|[uUL])?R\"([^()\\\s]{0,16})\(", "){0}\"", escape=False, lines=True),
                       DOUBLE)),
    "java": syntax(SLASHES, extra=(CHARACTER,), texts=(text('"""', lines=True), DOUBLE, SINGLE)),
    "csharp": syntax(SLASHES, extra=(CHARACTER,), texts=(
        text('"""', escape=False, lines=True), text(r'(?:\$@|@\$)"', '"', False, True, r"\{(?!\{)"),
        text('@"', '"', False, True),
        text(r'\$"', '"', inner=r"\{(?!\{)"), DOUBLE)),
    "swift": syntax(SLASHES, nested=True, texts=(text('"""', lines=True, inner=r"\\\("), text('"', inner=r"\\\("))),
    "js": syntax(SLASHES, texts=(text("`", lines=True, inner=r"\$\{", quote="`"), DOUBLE, SINGLE),
                 extra=(("regex", "/"),)),
    "go": syntax(SLASHES, extra=(CHARACTER,), texts=(text("`", escape=False, lines=True, quote="`"), DOUBLE)),
    "rust": syntax(SLASHES, nested=True, extra=(CHARACTER,), texts=(
        text(r"(?<!\w)(?:br|cr|r)(\#{0,8})\"", '"{0}', escape=False, lines=True), text('"', lines=True))),
    "php": syntax(r"//[^\n]*|\#(?!\[)[^\n]*", texts=(text('"', lines=True), text("'", lines=True)),
                  heredoc=r"<<<[ \t]*(?P<quote>[\"']?)(?P<word>[A-Za-z_]\w*)(?P=quote)"),
    "python": syntax(HASH, block=None, texts=python_texts()),
    "ruby": syntax(HASH, block=("=begin", "=end"), extra=(("regex", "/"),), heredoc=r"<<[~-]?(?P<quote>[\"'`]?)(?P<wo"
                                                                                    r"rd>[A-Z][A-Z0-9_]*)(?P=quote)",
                   texts=(text('"', lines=True, inner=r"\#\{"), text("'", lines=True),
                          text("`", lines=True, inner=r"\#\{", quote="`"))),
    "perl": syntax(r"(?<![$\w])\#[^\n]*", block=None, texts=(text('"', lines=True), text("'", lines=True)),
                   heredoc=r"<<~?(?P<quote>[\"']?)(?P<word>[A-Z_]\w*)(?P=quote)"),
    "lua": syntax(r"--(?!\[=*\[)[^\n]*", block=("--[[", "]]"),
                  texts=(text(r"\[(=*)\[", "]{0}]", False, True), DOUBLE, SINGLE)),
    "sql": syntax(r"--[^\n]*", nested=True, extra=(("dollar", r"\$\w*\$"),), texts=(
        text(r"(?<!\w)[eE]'", "'", lines=True, quote="'"), text("'", escape=False, lines=True, quote="'"),
        text('"', escape=False, keep="all"))),
    "shell": syntax(HASH_WORD, block=None, texts=SHELL_TEXTS, heredoc=SHELL_HEREDOC),
    "make": syntax(HASH_WORD, block=None, texts=SHELL_TEXTS),
    "docker": syntax(r"(?m:^)[ \t]*\#[^\n]*", block=None, texts=SHELL_TEXTS, heredoc=SHELL_HEREDOC),
    "yaml": syntax(r"(?<!\S)\#[^\n]*", block=None, extra=(("scalar", r"(?<=[:-])[ \t]+[|>][+\d-]{0,2}[ \t]*(?=\n)"),),
                   texts=(text(r"(?<![^\s\[{,:(!])\"", '"', keep="all"),
                          text(r"(?<![^\s\[{,:(!])'", "'", False, keep="all"))),
    "config": syntax(HASH_WORD, block=None, texts=(text('"', keep="all"), text("'", keep="all"))),
    "terraform": syntax(r"(?:\#|//)[^\n]*", texts=(text('"', inner=r"[$%]\{(?<!\$\$\{)(?<!%%\{)", keep="all"),),
                        heredoc=r"<<-?(?P<quote>)(?P<word>[A-Za-z_]\w*)"),
    "html": syntax(None, block=("<!--", "-->")),
}


class Compiled:
    """One language's tables as patterns: `token` finds what is not plain code, `bodies` the inside of each text."""

    def __init__(self, language):
        s = SYNTAX[language]
        self.syntax = s
        parts = [("line", s.line), ("block", re.escape(s.block[0]) if s.block else None)]
        parts += list(s.extra) + [("heredoc", s.heredoc)] + [("text%d" % i, t.opener) for i, t in enumerate(s.texts)]
        # A closer counts only inside an expression; a line's end only where a heredoc begins after it.
        parts += [("bracket", r"[(){}]") if any(t.inner for t in s.texts) else ("", None), ("end", r"\n")
                  if s.heredoc else ("", None)]
        self.token = re.compile("|".join("(?P<%s>%s)" % (name, p) for name, p in parts if p))
        self.bodies = [re.compile(body(t)) if "{0}" not in t.close else None for t in s.texts]
        self.openers = [re.compile(t.opener) for t in s.texts]
        self.inners = [re.compile(t.inner) if t.inner else None for t in s.texts]
        self.heredoc = re.compile(s.heredoc) if s.heredoc else None


def body(t):
    """What goes on inside a text up to its end, an expression in it or (of one line) its line's end; it never fails."""
    first = t.close[0]
    stop = re.escape(first) + ("\\\\" if t.escape else "") + ("" if t.lines
                                                              else r"\n") + (r"{$%\#\\" if t.inner else "")
    parts = ["[^%s]+" % stop]
    if t.escape:
        parts.append(r"\\[\s\S]" if not (t.inner or "").startswith(r"\\") else r"\\(?!\()[\s\S]")
    if len(t.close) > 1:
        parts.append("%s(?!%s)" % (re.escape(first), re.escape(t.close[1:])))
    elif not t.escape and t.quote != "`":
        parts.append(re.escape(first) * 2)
    if t.inner:
        parts.append(r"\{\{|(?!%s)[{$%%\#]" % t.inner + ("" if t.escape else r"|\\"))
    return "(?:%s)*" % "|".join(parts)


def compiled(language, known={}):
    """The tables of a language, None if it has none; made once."""
    if language not in known:
        known[language] = Compiled(language) if language in SYNTAX else None
    return known[language]
