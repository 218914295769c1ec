# SPDX-License-Identifier: Apache-2.0
"""What a container file or a pipeline can be found guilty of once the lines around are known."""
import re
from rule import ERROR, INFO, WARNING, Checks

MANIFEST = Checks()
HEAD = re.compile(r"\bref\s*:.*\$\{\{[^}]*(?:github\.event\.pull_request\.head|github\.head_ref|refs/pull/)|"
                  r"\bref\s*:\s*[\"']?refs/pull/|\brepository\s*:.*pull_request\.head\.repo"
                  r"|\bgh\s+pr\s+checkout\b|\bgit\s+(?:fetch|checkout)\b.*pull_request\.head")


@MANIFEST.check("ci-target-checkout", "yaml", ERROR, 829, "pull_request_target workflow_run",
                "A stranger's code is fetched in a job that holds the repository's secrets and write rights.",
                "Run it under pull_request, and pass on results alone.")
def target_checkout(p):
    if re.search(r"^\s*(?:-\s*)?(?:on\s*:.*)?\b(?:pull_request_target|workflow_run)\b", p.joined, re.M):
        yield from (i for i, code in enumerate(p.code) if HEAD.search(code))


@MANIFEST.check("docker-latest", "docker", WARNING, 1104, "FROM",
                "The base image is whatever the registry has on that day.",
                "Pin a version and its digest.")
def base_image(p):
    stages = set()
    for i, code in enumerate(p.code):
        found = re.match(r"\s*FROM\s+(?:--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?", code, re.I)
        if not found:
            continue
        image = found[1]
        is_named = image in stages or image.lower() == "scratch" or "$" in image or "@sha256:" in image
        tag = image.rsplit("/", 1)[-1].partition(":")[2]
        # Where the file's start is not here, a bare word may be a stage.
        if not is_named and (tag == "latest" or not tag and (p.begins() or "/" in image)):
            yield i
        if found[2]:
            stages.add(found[2])


@MANIFEST.check("docker-no-user", "docker", WARNING, 250, "FROM",
                "No user is named, so the container runs as root.",
                "Add one and name it with USER.")
def no_user(p):
    if not p.is_whole or re.search(r"^\s*USER\s", p.joined,
                                   re.M | re.I) or not re.search(r"^\s*(?:CMD|ENTRYPOINT)\b", p.joined, re.M | re.I):
        return
    for i in range(len(p) - 1, -1, -1):
        if re.match(r"\s*(?:CMD|ENTRYPOINT)\b", p.code[i], re.I):
            if not re.search(r"nonroot|distroless|rootless", p.joined):
                yield i
            return


def instruction(p, i):
    """The lines of the instruction that begins at i."""
    out = [i]
    while out[-1] + 1 < len(p) and (p.code[out[-1]].rstrip().endswith("\\")
                                    or not p.code[out[-1]].strip()) and len(out) < 80:
        out.append(out[-1] + 1)
    return out


@MANIFEST.check("docker-apt-lists", "docker", INFO, None, "apt-get apt",
                "The package lists stay in the layer.",
                "Remove them in the same step.")
def apt_lists(p):
    for i, code in enumerate(p.code):
        if not re.match(r"\s*RUN\b", code, re.I):
            continue
        whole = instruction(p, i)
        text = "\n".join(p.text[j] for j in whole)
        if re.search(r"\bapt(?:-get)?\s+(?:-\S+\s+)*install\b",
                     text) and "/var/lib/apt/lists" not in text and "--mount=type=cache" not in text:
            yield next((j for j in whole if "install" in p.code[j] and p.is_added[j]), i)


@MANIFEST.check("docker-copy-all", "docker", INFO, 538, "COPY ADD",
                "Everything beside the file comes in, history, keys and notes too.",
                "Copy what is needed, or keep a list of what is not.")
def copy_all(p):
    for i, code in enumerate(p.code):
        if re.match(r"\s*(?:COPY|ADD)\s+(?:--chown=\S+\s+)?\./?\s+\S+\s*$", code):
            yield i
