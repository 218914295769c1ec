# SPDX-License-Identifier: Apache-2.0
"""What a line of a shell script, a container file, a pipeline or a configuration can be found guilty of."""
from rule import ERROR, INFO, WARNING, rule

SHELLS = "shell docker make yaml"

SHELL = [
    rule("sh-remove-variable", SHELLS, "code", ERROR, "rm",
         r"\brm\s+(?:-[\w-]{1,20}\s+){0,4}-\w{0,8}[rR]\w{0,8}\s+(?:-[\w-]{0,20}\s+){0,3}(?:\"?\$\{?\w{1,40}\}?\"?/"
         r"(?:\s|\*|$|\"\s*$)|\"?\$\{?\w{1,40}\}?/\*)",
         "If the variable is empty this removes from the root of the file system. Write ${NAME:?} and quote it."),
    rule("sh-remove-unquoted", SHELLS, "code", WARNING, "rm",
         r"\brm\s+(?:-[\w-]{1,20}\s+){0,4}-\w{0,8}[rR]\w{0,8}\s+(?:-[\w-]{0,20}\s+){0,3}\$(?:\w|\{\w{1,40}\})",
         "An unquoted variable is split and expanded: blanks or a star in it remove something else. Quote it."),
    rule("sh-pipe-to-shell", SHELLS + " doc", "code", ERROR, "curl wget",
         r"\b(?:curl|wget)\b[^|;#]{0,300}\|\s*(?:sudo\s+(?:-\S{1,20}\s+){0,3})?(?:(?:ba|z|da|k)?sh|python3?|perl|"
         r"ruby|node)\b(?!\S)|\b(?:ba|z|da)?sh\s+(?:-c\s+)?(?:<\(|\"?\$\()\s*(?:curl|wget)\b",
         "What the network sends is run unseen. Download it, check its hash, then run it."),
    rule("sh-world-writable", SHELLS + " python c", "code", WARNING, "chmod",
         r"\bchmod\s+(?:-\w{1,4}\s+){0,2}(?:0?[0-7]?[0-7][2367][2367]|[augo]*[ao][ugo]*\+\w{0,2}w\w{0,2})\b|"
         r"\bchmod\s*\([^)]{0,80},\s*0o?[0-7]?[0-7][2367][2367]\s*\)",
         "Everybody on the machine may write to it. Give only the rights that are needed."),
    rule("sh-eval", "shell make", "code", WARNING, "eval",
         r"(?<![\w.-])eval\s+[\"']?(?!\$\()[^\"'`;|]{0,80}\$(?!\()",
         "A variable is run as shell text: whatever fills it can run commands."),
    rule("sh-tls-off", SHELLS + " config", "code", ERROR,
         "curl wget sslVerify SSL_NO_VERIFY strict-ssl StrictHostKeyChecking",
         r"\bcurl\b[^|;#]{0,200}\s(?:-\w{0,6}k\w{0,6}|--insecure)(?!\S)|\bwget\b[^|;#]{0,200}--no-check-certificat"
         r"e|sslVerify[=\s]+false|GIT_SSL_NO_VERIFY=(?:1|true)|strict-ssl[=\s]+false|"
         r"StrictHostKeyChecking[=\s]+no\b",
         "Verification is switched off: anybody on the way can answer in the other side's name."),
    rule("sh-unsigned-packages", SHELLS, "code", WARNING,
         "--allow-unauthenticated --force-yes --trusted-host --nogpgcheck",
         r"--(?:allow-unauthenticated|force-yes|trusted-host|nogpgcheck)\b",
         "Packages are taken without proof of where they come from."),
    rule("sh-command-text", "shell make", "code", WARNING, "sh",
         r"\b(?:ba|da|z)?sh\s+-\w{0,3}c\s+\"[^\"]{0,200}\$\{?[A-Za-z_]",
         "A variable is pasted into a command line that a second shell reads. Pass it as an argument."),
    rule("sh-fixed-temporary", "shell make", "code", INFO, "/tmp/",
         r"(?:>|\btee\s|\btouch\s)\s*\"?/tmp/[\w.-]{1,80}(?:\$\$)?(?=[\s\";]|$)",
         "A name in a shared directory that others can guess and take first. Use mktemp."),
    rule("sh-trace", "shell", "code", INFO, "set",
         r"^\s*set\s+-[a-wyz]{0,6}x\b",
         "Left-over tracing? It also prints what the variables hold."),
]

DEPLOYMENT = [
    rule("docker-root", "docker", "code", WARNING, "USER",
         r"^\s*USER\s+(?:root|0)\b",
         "What follows runs as root."),
    rule("docker-latest", "docker", "code", WARNING, "FROM",
         r"^\s*FROM\s+(?:--platform=\S{1,60}\s+)?(?:\S{1,200}:latest\b|[\w.-]{1,80}/[\w./-]{1,200}(?=\s|$))",
         "The base image is whatever the registry has on that day. Pin a version and its digest."),
    rule("docker-add-remote", "docker", "code", WARNING, "ADD",
         r"^\s*ADD\s+(?:--\S{1,60}\s+){0,3}https?:",
         "The file is fetched without a check of its hash. Use --checksum or check it.",
         unless="--checksum"),
    rule("privileged", "yaml docker shell make terraform", "code", WARNING, "privileged",
         r"\bprivileged\s*[:=]\s*true\b|\s--privileged\b",
         "A privileged container has the rights of the host."),
    rule("k8s-host", "yaml", "code", WARNING, "host runAs allowPrivilege",
         r"^\s*-?\s*(?:host(?:Network|PID|IPC)\s*:\s*true|runAsUser\s*:\s*0|runAsNonRoot\s*:\s*false|"
         r"allowPrivilegeEscalation\s*:\s*true)\b",
         "A separation between container and host is given up here."),
    rule("docker-socket", "yaml shell make docker", "code", WARNING, "docker.sock",
         r"/var/run/docker\.sock|/run/docker\.sock",
         "Whoever holds this socket is root on the host."),
    rule("ci-target", "yaml", "code", ERROR, "pull_request_target",
         r"\bpull_request_target\b",
         "This trigger gives a stranger's pull request the repository's secrets and write rights. Use "
         "pull_request."),
    rule("ci-unpinned", "yaml", "code", WARNING, "uses",
         r"^\s*-?\s*uses\s*:\s*[\"']?(?!\./|docker:)[\w.-]{1,80}/[\w./-]{1,120}@(?![0-9a-f]{40}\b)",
         "The action is whatever its tag points to on that day. Pin the full commit hash."),
    rule("ci-injection", "yaml", "code", ERROR, "github.",
         r"\$\{\{\s{0,4}github\.(?:head_ref|event\.(?:issue|pull_request|comment|review|discussion|head_commit|"
         r"pages|workflow_run)[\w.\[\]*]{0,60}\.(?:title|body|message|name|email|ref|label|default_branch|"
         r"head_branch))",
         "Text that a stranger chooses is pasted into a script. Pass it through env and quote it there.",
         unless=r"^\s*-?\s*(?!run\b|script\b)[\w-]{1,60}\s*:\s*[\"']?\$\{\{[^}]{1,200}\}\}[\"']?\s*$"),
    rule("ci-write-all", "yaml", "code", WARNING, "write-all",
         r"\bpermissions\s*:\s*write-all\b",
         "The job may write everything. Name the permissions that it needs."),
    rule("tf-open", "terraform yaml", "code", WARNING, "0.0.0.0/0 ::/0",
         r"[\"']?(?:0\.0\.0\.0/0|::/0)",
         "Open to the whole internet. Name the networks.",
         unless="(?i)egress|ipam|destination"),
    rule("tf-public", "terraform", "code", ERROR, "public",
         r"\bacl\s*=\s*\"public-|\bpublicly_accessible\s*=\s*true",
         "Everybody on the internet can reach it."),
    rule("tf-unencrypted", "terraform", "code", WARNING, "encrypt",
         r"\b(?:storage_)?encrypt(?:ed|ion)\w{0,20}\s*=\s*false",
         "Data is stored unencrypted."),
    rule("tf-any-action", "terraform json", "code", WARNING, "ction",
         r"(?i)\"?actions?\"?\s*[:=]\s*\[?\s*\"\*\"",
         "Every action is allowed. Name those that are needed."),
    rule("conf-root-login", "config", "code", WARNING, "PermitRootLogin PasswordAuthentication NOPASSWD",
         r"^\s*PermitRootLogin\s+yes\b|NOPASSWD\s*:\s*ALL",
         "Root is one step away for whoever gets in."),
]

ROWS = SHELL + DEPLOYMENT
