# SPDX-License-Identifier: Apache-2.0
"""Finds secrets in a line: shapes that only a token has, and literals assigned to names that speak of secrets.

The second kind is gated hard, since a review that cries wolf is switched off: a value must look like one
(length, mix of characters, entropy) and must not look like a name, a placeholder, a template or a lookup.
"""
import math
import re

ERROR, WARNING = "error", "warning"

# What a token's issuer makes recognisable. All start at a word's edge, so a long run has one start only.
SHAPES = (
    ("an AWS access key id", ("AKIA", "ASIA"), r"(?<![A-Za-z0-9])A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])"),
    ("a GitHub token", ("gh",),
     r"(?<![\w-])(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})(?![\w-])"),
    ("a GitLab token", ("glpat-",), r"(?<![\w-])glpat-[\w-]{20,64}(?![\w-])"),
    ("a Slack token", ("xox",), r"(?<![\w-])xox[abeoprs]-[0-9A-Za-z-]{10,250}(?![\w-])"),
    ("a Slack webhook", ("hooks.slack.com",), r"hooks\.slack\.com/services/T\w{6,20}/B\w{6,20}/\w{16,40}"),
    ("a Stripe live key", ("k_live_",), r"(?<![\w-])[sr]k_live_[A-Za-z0-9]{16,128}(?![\w-])"),
    ("a Google API key", ("AIza",), r"(?<![\w-])AIza[\w-]{35}(?![\w-])"),
    ("an npm token", ("npm_",), r"(?<![\w-])npm_[A-Za-z0-9]{36}(?![\w-])"),
    ("a PyPI token", ("pypi-",), r"(?<![\w-])pypi-AgEIcHlwaS5vcmc[\w-]{50,250}"),
    ("a SendGrid key", ("SG.",), r"(?<![\w.-])SG\.[\w-]{22}\.[\w-]{43}(?![\w-])"),
    ("a model provider's API key", ("sk-",), r"(?<![\w-])sk-(?=[\w-]{0,250}\d)(?=[\w-]{0,250}[A-Z])(?:ant-|"
                                             r"proj-)?[A-Za-z0-9_-]{32,250}(?![\w-])"),
    ("a Hugging Face token", ("hf_",), r"(?<![\w-])hf_[A-Za-z0-9]{34}(?![\w-])"),
    ("a DigitalOcean token", ("do",), r"(?<![\w-])do[opr]_v1_[0-9a-f]{64}(?![\w-])"),
    ("a Vault token", ("hvs.",), r"(?<![\w.-])hvs\.[\w-]{24,250}(?![\w-])"),
    ("a Databricks token", ("dapi",), r"(?<![\w-])dapi[0-9a-f]{32}(?![\w-])"),
    ("a Telegram bot token", (":AA",), r"(?<![\w-])\d{8,10}:AA[\w-]{33}(?![\w-])"),
    ("an Azure storage key", ("AccountKey=",), r"AccountKey=[A-Za-z0-9+/]{86}=="),
    ("an age identity", ("AGE-SECRET-KEY-1",), r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    ("a signed note's private key", ("PRIVATE+KEY+",), r"PRIVATE\+KEY\+[^+\s]{1,100}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}"),
    ("a signed web token", ("eyJ",), r"(?<![\w-])eyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{20,1000}(?![\w-])"),
)
BEGIN = "-----BEGIN "
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(.{0,200})")
URL_LOGIN = re.compile(r"(?<![\w+.-])[a-z][a-z0-9+.-]{1,15}://([^\s/:@\"'<>{}$]{1,64}):([^\s/@\"'<>{}$]{3,100})@[\w\[]")

SECRET_NAME = (r"[\w.-]{0,40}(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|"
               r"signing[_-]?key|encryption[_-]?key|auth[_-]?key|credential)[\w.-]{0,40}")
QUOTED = re.compile(r"(?i)(?<![\w.-])[\"']?(%s)[\"']?\]?\s{0,40}(?::\s{0,4}[\w.\[\]&]{0,40}\s{0,4}=|:=|=>|"
                    r"[:=])\s{0,10}[rbu]?([\"'`])([^\"'`\s]{4,200})\2"
                    % SECRET_NAME)
BARE = re.compile(r"(?i)^\s*(?:export\s+|ENV\s+|ARG\s+|-\s+)?(%s)\s{0,10}[:=]\s{0,10}([^\s\"'`#;]{6,200})\s*(?:#.*)?$" %
                  SECRET_NAME)
BARE_LANGUAGES = frozenset(("config", "shell", "docker", "yaml", ""))
WORDS = ("passw", "secret", "token", "api", "key", "pwd", "credential", "assword", "phrase", "PWD", "SECRET", "TOKEN",
         "KEY", "PASSW", "Secret", "Token", "Key", "CREDENTIAL", "Credential", "PHRASE")

# Names that speak about a secret instead of holding one.
ABOUT = re.compile(r"(?i)(?:[_.-](?:name|file|path|dir|type|kind|id|ids|url|uri|field|header|label|hint|length|len|"
                   r"size|env|re|regex|"
                   r"pattern|prefix|suffix|help|text|message|msg|error|policy|format|count|class|column|attr|param|"
                   r"arg|option|var|"
                   r"variable|store|provider|manager|ref|version|alg|algorithm|expiry|expires|ttl|scope|endpoint|"
                   r"parser|kind)|"
                   r"(?:Name|File|Path|Type|Field|Header|Label|Url|Uri|Id|Prefix|Env|Length|Error|Message))$|^(?:no|"
                   r"is|has|use|with)[_-]|"
                   r"(?:public|pub|primary|foreign|sort|partition|cache|keyword|monkey|hotkey|keyboard)")
PLACEHOLDER = re.compile(r"(?i)example|sample|dummy|placeholder|change_?-?me|replace|your|xxxx|\*\*\*|\.\.\.|todo|"
                         r"redacted|insert|"
                         r"fake|mock|none|null|undefined|true|false|password|passwd|secret|token|test|<|>|\$|%\(|%s|"
                         r"\{|\}|lorem|^(.)\1*$|"
                         r"1234567|abcdef|process\.env|os\.environ|getenv|required|optional|string|default")
LOOKUP = re.compile(r"^[A-Za-z_]\w*(?:[.:/][A-Za-z_]\w*)+$|^[A-Za-z_]+(?:-[A-Za-z_]+)+$|^[a-z_]+\(|^!|^/|^@|"
                    r"^[A-Z][A-Z_]+$")


def entropy(text):
    """Bits a character, of the characters as they are spread in `text`."""
    counts = [text.count(c) for c in set(text)]
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)


def classes(text):
    """How many of lower case, upper case, digits and others are in it."""
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(test(c) for c in text) for test in tests)


class Finder:
    """Looks at lines one by one; patterns are compiled when they are first needed."""

    def __init__(self, language):
        self.language = language
        self.shapes = [[what, hints, pattern, None] for what, hints, pattern in SHAPES]

    def find(self, text, following=""):
        """(rule id, severity, message) of the line, or None. `following` is the line below it."""
        return self.shape(text) or self.key(text, following) or self.login(text) or self.assignment(text)

    def shape(self, text):
        for entry in self.shapes:
            what, hints, pattern, compiled = entry
            if not any(hint in text for hint in hints):
                continue
            compiled = entry[3] = compiled or re.compile(pattern)
            found = compiled.search(text)
            if found and not re.search(r"(?i)example|xxxxx|0{12}|(\w)\1{11}", found[0]):
                return ("secret-token", ERROR, "This looks like %s. Whoever reads the repository can use it: revoke "
                                               "it, "
                        "and read it from the environment or a secret store." % what)
        return None

    @staticmethod
    def key(text, following):
        found = PRIVATE_KEY.search(text) if BEGIN in text else None
        if not found:
            return None
        rest = found[1].replace("\\n", "").replace("\\r", "").strip("\"'`,;+ \t\r")
        # A bare header is a key if the next line holds its body; code that looks for keys has none.
        body = rest or following.strip("\"'`,;+ \t\r")
        if not re.match(r"(?:Proc-Type|Version|Comment)\b|[A-Za-z0-9+/=]{16}", body):
            return None
        return ("secret-private-key", ERROR, "A private key in the repository is no longer private. Replace the key, "
                "and keep the new one in a secret store.")

    @staticmethod
    def login(text):
        found = URL_LOGIN.search(text) if "://" in text else None
        if not found or PLACEHOLDER.search(found[2]) or found[2].lower() in ("pass", "pw", "pwd", found[1].lower()):
            return None
        return ("secret-in-address", ERROR, "An address with a password in it. Whoever reads the repository can log "
                                            "in: "
                "change the password, and read it from the environment or a secret store.")

    def assignment(self, text):
        if not any(word in text for word in WORDS):
            return None
        found = QUOTED.search(text)
        if found:
            name, value = found[1], found[3]
        else:
            found = BARE.match(text) if self.language in BARE_LANGUAGES else None
            if not found:
                return None
            name, value = found[1], found[2]
        severity = self.judge(name, value)
        return severity and ("secret-literal", severity, "A literal value is given to a name that speaks of a "
                                                         "secret. If it is "
                             "real, whoever reads the repository has it: change it, and read it from the environment "
                             "or a secret store.")

    @staticmethod
    def judge(name, value):
        """How bad it is that `name` has this value, None if it is not."""
        if ABOUT.search(name) or PLACEHOLDER.search(value) or LOOKUP.search(value):
            return None
        mixed = classes(value)
        if re.search(r"(?i)passw|pwd|phrase", name):
            return ERROR if mixed >= 2 else WARNING if len(value) >= 6 else None
        if len(value) < 12 or mixed < 2 or not re.search(r"\d", value):
            return None
        return ERROR if entropy(value) >= 3.2 else None
