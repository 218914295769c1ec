# SPDX-License-Identifier: Apache-2.0
# The digest of --digest, made again by the agent from what it sees: its root, by its mounts and links.
import hashlib
import os
import stat


def content(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(1 << 20):
            h.update(block)
    return b"sha256:" + h.hexdigest().encode()


def entry(path, name):
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        return b"l " + name + b"\0" + os.readlink(path) + b"\0"
    if stat.S_ISDIR(mode):
        return b"d " + name + b"\0"
    return (b"x " if mode & 0o111 else b"f ") + content(path) + b" " + name + b"\0"


def add_tree(h, path, within):
    for name in sorted(os.listdir(path)):
        one = path + b"/" + name
        h.update(entry(one, within + name))
        if stat.S_ISDIR(os.lstat(one).st_mode):
            add_tree(h, one, within + name + b"/")


OWN = (b"/", b"/dev", b"/proc", b"/tmp", b"/input")


def mounts():
    """The outermost of what was mounted; what lies on one of them is part of it."""
    with open("/proc/self/mountinfo", "rb") as f:
        points = {line.split()[4] for line in f} - set(OWN)
    points = {p for p in points if not p.startswith((b"/dev/", b"/proc/"))}
    return {p for p in points if not any(p.startswith(o + b"/") for o in points)}


def links(directory, but):
    for name in os.listdir(directory):
        path = directory.rstrip(b"/") + b"/" + name
        mode = os.lstat(path).st_mode
        if path in but or path in OWN:
            continue
        if stat.S_ISLNK(mode):
            yield path
        elif stat.S_ISDIR(mode):
            yield from links(path, but)


def digest():
    parts = []
    points = mounts()
    for point in points:
        if os.path.isdir(point):
            h = hashlib.sha256()
            add_tree(h, point, b"")
            parts.append((point, b"t sha256:" + h.hexdigest().encode() + b" " + point + b"\0"))
        else:
            parts.append((point, entry(point, point)))
    parts += [(path, entry(path, path)) for path in links(b"/", points)]
    h = hashlib.sha256()
    for _, part in sorted(parts):
        h.update(part)
    return "sha256:" + h.hexdigest()


print(digest())
