# SPDX-License-Identifier: Apache-2.0
"""What a line of a shell script, or of shell in another file, can be found guilty of."""
from rule import ERROR, INFO, WARNING, rule

SHELLS = "shell docker make yaml"

SHELL = [
    rule("sh-remove-variable", "docker make shell yaml", "code", ERROR, 73, "rm",
         r"\brm\s+(?:-[\w-]{1,20}\s+){0,4}-\w{0,8}[rR]\w{0,8}\s+(?:-[\w-]{0,20}\s+){0,3}(?:\"?\$\{?\w{1,40}"
         r"\}?\"?/(?:\s|\*|$|\"\s*$)|\"?\$\{?\w{1,40}\}?/\*)",
         "If the variable is empty this removes from the root of the file system.",
         "Write ${NAME:?} and quote it."),
    rule("sh-remove-unquoted", "docker make shell yaml", "code", WARNING, 73, "rm",
         r"\brm\s+(?:-[\w-]{1,20}\s+){0,4}-\w{0,8}[rR]\w{0,8}\s+(?:-[\w-]{0,20}\s+){0,3}\$(?:\w|\{\w{1,40}\})",
         "An unquoted variable is split and expanded: blanks or a star in it remove something else.",
         "Quote it."),
    rule("sh-pipe-to-shell", "doc docker make shell yaml", "code", ERROR, 494, "curl wget",
         r"\b(?:curl|wget)\b[^|;#]{0,300}\|\s*(?:sudo\s+(?:-\S{1,20}\s+){0,3})?(?:(?:ba|z|da|k)?sh|python3?|"
         r"perl|ruby|node)\b(?!\S)|\b(?:ba|z|da)?sh\s+(?:-c\s+)?(?:<\(|\"?\$\()\s*(?:curl|wget)\b",
         "What the network sends is run unseen.",
         "Download it, check its hash, then run it."),
    rule("sh-world-writable", "c docker make python shell yaml", "code", WARNING, 732, "chmod",
         r"\bchmod\s+(?:-\w{1,4}\s+){0,2}(?:0?[0-7]?[0-7][2367][2367]|[augo]*[ao][ugo]*\+\w{0,2}w\w{0,2})\b|"
         r"\bchmod\s*\([^)]{0,80},\s*0o?[0-7]?[0-7][2367][2367]\s*\)",
         "Everybody on the machine may write to it.",
         "Give only the rights that are needed."),
    rule("sh-eval", "make shell", "code", WARNING, 95, "eval",
         r"(?<![\w.-])eval\s+[\"']?(?!\$\()[^\"'`;|]{0,80}\$(?!\()",
         "A variable is run as shell text: whatever fills it can run commands.",
         "Use an array, or a case of what is allowed."),
    rule("sh-tls-off", "config docker make shell yaml", "code", ERROR, 295, "curl wget sslVerify SSL_NO_VERIFY strict-ssl StrictHostKeyChecking",
         r"\bcurl\b[^|;#]{0,200}\s(?:-\w{0,6}k\w{0,6}|--insecure)(?!\S)|\bwget\b[^|"
         r";#]{0,200}--no-check-certificate|sslVerify[=\s]+false|GIT_SSL_NO_VERIFY=(?:1|true)|"
         r"strict-ssl[=\s]+false|StrictHostKeyChecking[=\s]+no\b",
         "Verification is switched off: anybody on the way can answer in the other side's name.",
         "Leave it on, and trust the other side's authority."),
    rule("sh-unsigned-packages", "docker make shell yaml", "code", WARNING, 494, "--allow-unauthenticated --force-yes --trusted-host --nogpgcheck",
         r"--(?:allow-unauthenticated|force-yes|trusted-host|nogpgcheck)\b",
         "Packages are taken without proof of where they come from.",
         "Sign the repository, and trust its key."),
    rule("sh-command-text", "make shell", "code", WARNING, 78, "sh",
         r"\b(?:ba|da|z)?sh\s+-\w{0,3}c\s+\"[^\"]{0,200}\$\{?[A-Za-z_]",
         "A variable is pasted into a command line that a second shell reads.",
         "Pass it as an argument."),
    rule("sh-fixed-temporary", "make shell", "code", INFO, 377, "/tmp/",
         r"(?:>|\btee\s|\btouch\s)\s*\"?/tmp/[\w.-]{1,80}(?:\$\$)?(?=[\s\";]|$)",
         "A name in a shared directory that others can guess and take first.",
         "Use mktemp."),
    rule("sh-trace", "shell", "code", INFO, 532, "set",
         r"^\s*set\s+-[a-wyz]{0,6}x\b",
         "Left-over tracing? It also prints what the variables hold.",
         "Remove it."),
]
