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
         r"\bchmod\s+(?:-\w{1,4}\s+){0,2}(?:0?[02-7]?[0-7][2367][2367]|[augo]*[ao][ugo]*\+\w{0,2}w\w{0,2})\b|"
         r"\bchmod\s*\([^)]{0,80},\s*0o?[0-7]?[0-7][2367][2367]\s*\)",
         "Everybody on the machine may write to it.",
         "Give only the rights that are needed."),
    rule("sh-eval", "make shell", "code", WARNING, 95, "eval",
         r"(?<![\w.-])eval\s+(?!set\s+--)[\"']?(?!\$\()[^\"'`;|]{0,80}\$(?!\()",
         "A variable is run as shell text: whatever fills it can run commands.",
         "Use an array, or a case of what is allowed."),
    rule("sh-tls-off", "config docker make shell yaml", "code", ERROR, 295, "curl wget sslVerify SSL_NO_VERIFY "
                                                                            "strict-ssl StrictHostKeyChecking",
         r"\bcurl\b[^|;#]{0,200}\s(?:-\w{0,6}k\w{0,6}|--insecure)(?!\S)|\bwget\b[^|"
         r";#]{0,200}--no-check-certificate|sslVerify[=\s]+false|GIT_SSL_NO_VERIFY=(?:1|true)|"
         r"strict-ssl[=\s]+false|StrictHostKeyChecking[=\s]+no\b",
         "Verification is switched off: anybody on the way can answer in the other side's name.",
         "Leave it on, and trust the other side's authority."),
    rule("sh-unsigned-packages", "docker make shell yaml", "code", WARNING, 494, "--allow-unauthenticated "
                                                                                 "--force-yes --trusted-host "
                                                                                 "--nogpgcheck",
         r"--(?:allow-unauthenticated|force-yes|trusted-host|nogpgcheck)\b",
         "Packages are taken without proof of where they come from.",
         "Sign the repository, and trust its key."),
    rule("sh-command-text", "make shell", "code", WARNING, 78, "sh",
         r"\b(?:ba|da|z)?sh\s+-\w{0,3}c\s+\"[^\"]{0,200}\$\{?\w",
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
    rule("sh-backticks", "shell", "code", INFO, None, "`",
         r"`[^`]{1,200}`",
         "Backticks do not nest and read backslashes their own way.",
         "Use the form with a dollar and brackets."),
    rule("sh-test-unquoted", "shell make", "code", WARNING, None, "[ test",
         r"(?<![\[\w])\[\s+(?:!\s+)?(?:-[a-z]\s+)?\$(?!\(\(|\?|#|!|\$)[\w{(][^\s\"]{0,80}\s|"
         r"(?<![\[\w])\[\s[^]\"]{1,80}\s(?:=|!=|==)\s+\$\w+\s+\]|"
         r"\btest\s+(?:-[a-z]\s+)?\$[A-Za-z_]\w*",
         "If the variable is empty or holds blanks the test is another one, or a mistake.",
         "Quote it."),
    rule("sh-unquoted", "shell make", "code", WARNING, None, "$",
         r"^\s*(?:sudo\s+)?(?:cp|mv|ln|chmod|chown|mkdir|touch|cat|source|cd|rmdir|scp|rsync|install|tar|kill|"
         r"rm)\s(?:[^\"'$;|&#<>()]{0,120}\s)?"
         r"(?:\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}|\$[1-9@*])(?=[\s/;]|$)",
         "An unquoted variable is split and expanded, whatever it holds.",
         "Quote it.",
         unless=r"\brm\s+(?:-[\w-]{1,20}\s+){0,4}-\w{0,8}[rR]|\$\{?(?:CFLAGS|OPTS|\w+_OPTS|\w*FLAGS|\w*ARGS|MAKE)\b"),
    rule("sh-args-unquoted", "shell", "code", WARNING, None, "$@ $*",
         r"(?<![\"\\\w=$])\$[@*](?![\"\w])",
         "The arguments are split at their blanks.",
         "Write it as \"$@\".",
         unless=r"\[\[|\becho\b|\bin\s+\"|\b\w+=\$"),
    rule("sh-sudo", "shell docker", "code", INFO, 250, "sudo",
         r"(?<![\w./-])sudo\s+(?!-[nv]\s*$)[\w./\"$-]",
         "A script that takes root's rights by itself can be started by anybody who may.",
         "Let the caller be root, and check for it.",
         unless=r"\|\s*sudo\b|\becho\b|\bcommand\s+-v"),
    rule("sh-ls-loop", "shell make", "code", WARNING, None, "ls find",
         r"\bfor\s+\w{1,40}\s+in\s+(?:\$\(|`)\s*(?:ls|find)\b|(?:^|[;&|(]\s*)ls(?:\s[^|;&]{0,80})?\|"
         r"\s*(?:while\s+read|xargs)\b",
         "Names with blanks or line ends come apart.",
         "Loop over a pattern, or let find run the command."),
    rule("sh-password-argument", "shell make docker yaml", "text", WARNING, 214, "mysql curl sshpass PGPASSWORD "
                                                                                 "--password docker wget psql",
         r"\bmysql\w{0,8}\b[^|;]{0,120}\s-p[\"']?[$\w]|\bsshpass\s+-p|\b(?:curl|wget)\b[^|;]{0,160}\s(?:-u|"
         r"--user)[= ][\"']?[\w.$\{}-]{1,60}:[\"$\w]|"
         r"\s--password[= ][\"']?[$\w]",
         "Everybody on the machine can read a program's arguments, this password among them.",
         "Hand it over in a file or on standard input.",
         unless=r"--password-stdin|\bread\b"),
    rule("sh-read-backslash", "shell", "code", INFO, None, "read",
         r"\bwhile\s+(?:IFS=\S{0,10}\s+)?read\s+(?!-\w*r)[A-Za-z_]",
         "Backslashes in what is read are taken away.",
         "Use read with -r."),
    rule("sh-xargs", "shell make", "code", WARNING, 88, "xargs",
         r"\bfind\b[^|;]{1,200}\|\s*xargs\b(?![^|;]{0,60}\s-0|[^|;]{0,60}--null)",
         "Names with blanks, quotes or line ends come apart and become other arguments.",
         "Use -print0 and -0, or let find run the command.",
         unless=r"-print0"),
    rule("sh-plain-http", "shell docker make yaml", "text", WARNING, 319, "http://",
         r"\b(?:curl|wget)\b[^|;#]{0,200}\shttp://(?!localhost|127\.|\[::1\]|\$|0\.0\.0\.0|host\.docker)[\w.-]{3}",
         "What comes over a plain connection can be changed by anybody on the way.",
         "Use https, and check the hash."),
    rule("sh-lost-status", "shell", "code", INFO, 252, "local export readonly declare",
         r"^\s*(?:local|export|readonly|declare(?:\s+-\w+)?)\s+\w{1,40}=\"?(?:\$\((?!\()|`)",
         "Whether the command failed is lost: the status is that of this word.",
         "Declare the name first, and assign in a line of its own.",
         unless=r"\|\|"),
    rule("sh-force-push", "shell make yaml", "code", WARNING, None, "push",
         r"\bgit\s+push\b[^|;&]{0,80}\s(?:--force(?!-with-lease)|-f)\b",
         "This overwrites what others have pushed in the meantime.",
         "Use --force-with-lease."),
]
