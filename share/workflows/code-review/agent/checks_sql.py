# SPDX-License-Identifier: Apache-2.0
"""What a statement of SQL can be found guilty of. A statement goes over lines and ends with a semicolon, so each is
looked at as a whole, without its comments; a finding stands on the line where the matched words begin."""
import re
from rule import ERROR, INFO, WARNING, Checks

SQL = Checks()
MOST = 4000         # characters of a statement that are looked at
MADE = re.compile(r"\bcreate\s+(?:temp(?:orary)?\s+|unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?([\w.\"`]+)", re.I)
MIGRATION = re.compile(r"(?:^|/)(?:migrations?|migrate|db/changes|changelog|flyway|liquibase|schema|alembic|"
                       r"upgrades?)(?:/|[._-])|(?:^|/)V?\d{3,14}_", re.I)


class Statement:
    """One statement: its code (texts emptied) and where it begins in the piece."""

    def __init__(self, start, code):
        self.start, self.code = start, code[:MOST]

    def find(self, pattern):
        return re.search(pattern, self.code, re.I)


def statements(p):
    at = 0
    for part in p.joined.split(";"):
        if part.strip():
            blank = len(part) - len(part.lstrip())
            yield Statement(at + blank, part.strip())
        at += len(part) + 1


def each(pattern, unless=None, migration=False, created=False):
    """A check's body: statements with `pattern` and without `unless`. `migration`: only where tables are changed;
    `created`: not on a table that the same file makes."""
    def run(p):
        if migration and not MIGRATION.search(p.path):
            return
        made = {m[1].lower() for m in MADE.finditer(p.joined)}
        for s in statements(p):
            found = s.find(pattern)
            if not found or (unless and s.find(unless)):
                continue
            if created and "table" in found.groupdict() and found["table"].lower() in made:
                continue
            yield p.line_of(s.start + (found.start("at") if found.groupdict().get("at") else found.start()))
    return run


def lines(pattern, unless=None):
    """A check's body: lines of text, quotes included, that match."""
    def run(p):
        for i, text in enumerate(p.text):
            if p.code[i].strip() and re.search(pattern, text, re.I) and not (unless and re.search(unless, text, re.I)):
                yield i
    return run


def add(name, severity, cwe, run, message, advice):
    SQL.check(name, "sql", severity, cwe, "", message, advice)(run)


add("sql-no-where", ERROR, None,
    each(r"^(?:with\b[\s\S]{0,1000}\)\s*)?(?:delete\s+from\s+(?:only\s+)?[\w.\"`]+|"
         r"update\s+(?:only\s+)?[\w.\"`]+(?:\s+(?:as\s+)?\w+)?\s+set\b)|(?:\bthen|\bbegin|\belse|"
         r"\bloop)\s+(?P<at>delete\s+from\s+[\w.\"`]+|update\s+[\w.\"`]+\s+set\b)",
         r"\bwhere\b|\blimit\b|\bon\s+(?:conflict|duplicate)|\bjoin\b|\busing\b"),
    "This changes every row of the table.", "Add a condition, or say beside it that all are meant.")
add("sql-drop", WARNING, None,
    each(r"\bdrop\s+(?:table|database|schema|column|view\s+\S+\s+cascade)\b|"
         r"\balter\s+table\s[\s\S]{0,200}\bdrop\s+(?!constraint|index|default|not|primary|foreign|trigger|policy|check|"
         r"partition|identity|expression)[\w\"`]+",
         r"\bdrop\s+table\s+(?:if\s+exists\s+)?(?:pg_temp\.|tmp_|temp_|#|_old)|\bdrop\s+(?:default|not\s+null)\b"),
    "What is dropped is gone, and code that still runs may need it.", "Drop it in a later release, after a backup.")
add("sql-truncate", WARNING, None,
    each(r"^truncate\b|\b(?:begin|then)\s+truncate\b"),
    "All rows go at once, without triggers.", "Delete with a condition, or say beside it that all are meant.")
add("sql-select-star", INFO, None,
    each(r"\bselect\s+(?:\w+\.)?\*(?=\s*(?:,|from\b))", r"\bexists\s*\(\s*select\s+\*|\bcount\s*\("),
    "All columns are read, those that come later too, and their order is nobody's promise.", "Name the columns.")
add("sql-index-locks", WARNING, None,
    each(r"\bcreate\s+(?:unique\s+)?index\s+(?!concurrently)(?:if\s+not\s+exists\s+)?(?:[\w\"`]+\s+)?on\s+(?:only\s+)?("
         r"?P<table>[\w.\"`]+)", r"\bconcurrently\b|\bonline\s*=\s*on", True, True),
    "Building this index blocks writes to the table until it is done.",
    "Build it concurrently, outside of a transaction.")
add("sql-not-null", WARNING, None,
    each(r"\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<table>[\w.\"`]+)\s[\s\S]{0,600}?\badd\s+(?:column\s+)?("
         r"?:if\s+not\s+exists\s+)?(?!constraint\b|primary\b|unique\b|foreign\b|check\b|"
         r"index\b)[\w\"`]+\s[^,]{0,200}\bnot\s+null\b",
         r"\bdefault\b|\bgenerated\b|serial\b|\bauto_increment\b", False, True),
    "A column that must hold a value is added without one: this fails on a table that has rows.",
    "Give a default, or fill it before it must.")
add("sql-type-change", WARNING, None,
    each(r"\balter\s+(?:column\s+)?[\w\"`]+\s+(?:set\s+data\s+)?type\b|\bmodify\s+(?:column\s+)?[\w\"`]+\s+\w+",
         None, True),
    "A change of type rewrites the table under a lock that stops everybody.",
    "Add a column, copy in batches, and switch.")
add("sql-rename", WARNING, None,
    each(r"\balter\s+table\s[\s\S]{0,200}\brename\s+(?:column\s|to\s)", None, True),
    "Code that runs while this is rolled out still uses the old name.",
    "Add the new one, move the code, then drop the old one.")
add("sql-constraint-locks", INFO, None,
    each(r"\balter\s+table\s+(?:only\s+)?(?P<table>[\w.\"`]+)\s[\s\S]{0,200}\badd\s+constraint\s[\s\S]{0,200}\b(?:forei"
         r"gn\s+key|check)\b", r"\bnot\s+valid\b", True, True),
    "All rows are checked while the table is locked.", "Add it as not valid, and validate it in a step of its own.")
add("sql-grant-all", WARNING, 250,
    each(r"\bgrant\s+all\b|\bgrant\s[\s\S]{0,200}\bto\s+public\b|\bgrant\s[\s\S]{0,200}\bwith\s+grant\s+option|"
         r"\b(?:create|alter)\s+(?:role|user)\s[\s\S]{0,200}(?<!no)superuser\b"),
    "More rights are given than a program needs.", "Name the rights, and the one role that needs them.")
add("sql-password", ERROR, 798,
    lines(r"\bpassword\s+'[^'\s]{3,}'|\bidentified\s+(?:with\s+\w+\s+)?by\s+'[^'\s]{3,}'",
          r"'(?:\$\{|<|:|%)|'(?:md5[0-9a-f]{32}|SCRAM-SHA)|password\s+'(?:null|changeme)'"),
    "A password stands in the script, so whoever reads the repository has it.",
    "Set it by hand or from a secret store.")
add("sql-leading-wildcard", INFO, None,
    lines(r"\bi?like\s+'%[^'%]"),
    "A pattern that begins with a wildcard uses no index: every row is read.", "Use a text index.")
add("sql-null-compare", ERROR, None,
    each(r"(?:\bwhere|\band|\bor|\bwhen|\bon)\s+(?:not\s+)?[\w.\"`]+\s*(?:=|<>|!=)\s*null\b"),
    "A comparison with NULL is never true.", "Use IS NULL or IS NOT NULL.")
add("sql-not-in", WARNING, None,
    each(r"\bnot\s+in\s*\(\s*select\b", r"\bnot\s+null\b"),
    "If the inner query gives one NULL, nothing matches.", "Use NOT EXISTS.")
add("sql-dynamic", ERROR, 89,
    each(r"\bexec(?:ute)?\s+(?:immediate\s+)?(?:'[^;]{0,200}'|[\w.]+)?\s*\|\||\bexec(?:ute)?\s*\(\s*(?:@\w+|'')\s*\+|"
         r"\bexec(?:ute)?\s*\(\s*@\w+\s*\)|\bset\s+@\w+\s*=\s*(?:concat\s*\(|n?''\s*\+|''\s*\|\|)|:=\s*''\s*\|\|",
         r"\bformat\s*\(\s*''|\bquote_(?:ident|literal|nullable)\s*\("),
    "A statement is put together from text, so a value can become part of it.",
    "Pass values with USING, and names through format with its identifier form.")
add("sql-float-money", WARNING, 1339,
    each(r"\b(?:\w+_)?(?:price|amount|total|balance|cost|salary|fee|tax|money|revenue|payment|discount)s?(?:_(?:net|"
         r"gross|eur|usd|price|amount|paid|due))?[\"`]?\s+(?:float\d?|real|double(?:\s+precision)?)\b"),
    "Binary fractions lose cents.", "Use numeric with a fixed scale.")
add("sql-charset", WARNING, None,
    each(r"\b(?:character\s+set|charset)\s*=?\s*'?'?\s*(?:utf8(?:mb3)?|latin1)\b|\bcollate\s*=?\s*(?:utf8_|latin1_)"),
    "This character set cannot hold every character.", "Use utf8mb4.")
add("sql-definer", WARNING, 426,
    each(r"\bsecurity\s+definer\b", r"\bset\s+search_path\b|\blanguage\s+'?c\b"),
    "This runs with its owner's rights, and the caller's search path chooses what its names mean.",
    "Set search_path in its definition.")
add("sql-guard-off", WARNING, 284,
    each(r"\bdisable\s+(?:row\s+level\s+security|trigger)\b|\bset\s+(?:session\s+)?foreign_key_checks\s*=\s*0|"
         r"\bsession_replication_role\s*=\s*'?'?|\bcreate\s+policy\s[\s\S]{0,300}\busing\s*\(\s*true\s*\)"),
    "A protection of the data is switched off.", "Leave it on.")
add("sql-shell", ERROR, 78,
    each(r"\bxp_cmdshell\b|\bcopy\s[\s\S]{0,400}\b(?:from|to)\s+program\b|\bsys_exec\s*\("),
    "The database starts a program of the server.", "Do it outside of the database.")
add("sql-random-order", INFO, None,
    each(r"\border\s+by\s+(?:rand|random|newid)\s*\("),
    "Every row is drawn a number and sorted, to keep a few.", "Sample by key.")
