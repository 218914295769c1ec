# SPDX-License-Identifier: Apache-2.0
"""What a line of a container file or of a manifest can be found guilty of."""
from rule import WARNING, rule

IMAGES = [
    rule("docker-root", "docker", "code", WARNING, 250, "USER",
         r"^\s*USER\s+(?:root|0)\b",
         "What follows runs as root.",
         "Name an ordinary user."),
    rule("docker-latest", "docker", "code", WARNING, 1104, "FROM",
         r"^\s*FROM\s+(?:--platform=\S{1,60}\s+)?(?:\S{1,200}:latest\b|[\w.-]{1,80}/[\w./-]{1,200}(?=\s|$))",
         "The base image is whatever the registry has on that day.",
         "Pin a version and its digest."),
    rule("docker-add-remote", "docker", "code", WARNING, 494, "ADD",
         r"^\s*ADD\s+(?:--\S{1,60}\s+){0,3}https?:",
         "The file is fetched without a check of its hash.",
         "Use --checksum or check it.",
         unless=r"--checksum"),
    rule("privileged", "docker make shell terraform yaml", "code", WARNING, 250, "privileged",
         r"\bprivileged\s*[:=]\s*true\b|\s--privileged\b",
         "A privileged container has the rights of the host.",
         "Give the single capability that is needed."),
    rule("k8s-host", "yaml", "code", WARNING, 250, "host runAs allowPrivilege",
         r"^\s*-?\s*(?:host(?:Network|PID|IPC)\s*:\s*true|runAsUser\s*:\s*0|runAsNonRoot\s*:\s*false|"
         r"allowPrivilegeEscalation\s*:\s*true)\b",
         "A separation between container and host is given up here.",
         "Leave it as it is by default."),
    rule("docker-socket", "docker make shell yaml", "code", WARNING, 250, "docker.sock",
         r"/var/run/docker\.sock|/run/docker\.sock",
         "Whoever holds this socket is root on the host.",
         "Use an interface that can do less."),
]
