#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hostile.py DIR: writes bundles that must be refused, NAME.bundle, and what is said of each, NAME.want.

Everything is made by hand, header by header and frame by frame, so that it can be wrong in exactly one way; the bundle
`good` is made by the same code and must pass.
"""
import hashlib
import os
import struct
import sys

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PIECE = 4 << 20


def octal(n, width):
    return b"%0*o\0" % (width - 1, n)


def header(name, size=0, kind=b"0", mode=0o644, link=b"", prefix=b"", magic=b"ustar\x0000", uid=0, gid=0, mtime=0,
           uname=b"", gname=b"", dev=(0, 0), raw_size=None, pad=b"", checksum=None):
    h = name.ljust(100, b"\0") + octal(mode, 8) + octal(uid, 8) + octal(gid, 8)
    h += (raw_size or octal(size, 12)) + octal(mtime, 12) + b" " * 8 + kind + link.ljust(100, b"\0") + magic
    h += uname.ljust(32, b"\0") + gname.ljust(32, b"\0") + octal(dev[0], 8) + octal(dev[1], 8)
    h += prefix.ljust(155, b"\0") + pad.ljust(12, b"\0")
    total = sum(h) if checksum is None else checksum
    return h[:148] + b"%06o\0 " % total + h[156:]


def padded(data):
    return data + b"\0" * (-len(data) % 512)


def record(key, value):
    rest = len(key) + len(value) + 3
    n = rest + 1
    while n != rest + len(str(n)):
        n = rest + len(str(n))
    return b"%d %s=%s\n" % (n, key, value)


def pax(records, name=b"pax"):
    return header(name, len(records), b"x") + padded(records)


def file(path, data=b"", **fields):
    return header(path, len(data), **fields) + padded(data)


def manifest(files):
    return b"".join(b"%s  %s\n" % (hashlib.sha256(d).hexdigest().encode(), p) for p, d in files)


def tar(files, body=None, listed=None, end=b"\0" * 1024, bagit=BAGIT):
    """A whole archive: `files` (path, data) in order; `body` replaces their entries, `listed` their manifest."""
    if body is None:
        body = b"".join(file(p, d) for p, d in files)
    listed = manifest(files) if listed is None else listed
    return file(b"bagit.txt", bagit) + file(b"manifest-sha256.txt", listed) + body + end


def frame(data, size=None, descriptor=0xA0):
    """A zstandard frame of raw blocks, single segment, its size in four bytes."""
    out = struct.pack("<IBI", 0xFD2FB528, descriptor, len(data) if size is None else size)
    while True:
        block, data = data[:131072], data[131072:]
        out += struct.pack("<I", len(block) << 3 | (not data))[:3] + block
        if not data:
            return out


def frames(data):
    return b"".join(frame(data[i:i + PIECE]) for i in range(0, len(data), PIECE))


def zeros_frame(size):
    """The same of run-length blocks: 4 bytes for 128 KiB."""
    out = struct.pack("<IBI", 0xFD2FB528, 0xA0, size)
    while size:
        n = min(size, 131072)
        size -= n
        out += struct.pack("<I", n << 3 | 1 << 1 | (not size))[:3] + b"\0"
    return out


A = (b"data/a", b"hello\n")
B = (b"data/b", b"")
LINK = b"link\t%s\t%s\n"


def tree(lines):
    return (b"data/.agentbox-tree", lines)


def one(header_bytes, why, data=b""):
    """data/b replaced by an entry with a header of its own."""
    return frames(tar([A, B], file(*A) + header_bytes + padded(data))), "entry 4%s" % why


def renamed(path, why):
    return frames(tar([A, (path, b"")])), why


def linked(path, target, why):
    t = tree(LINK % (path[5:], target))
    raw = file(*t) + file(*A) + header(path, kind=b"2", mode=0o777, link=target)
    return frames(tar([t, A], raw)), why


def cases():
    c = {}
    canon = " (data/b): header is not in the canonical form"
    good = frames(tar([A, B]))
    # What leaves the destination.
    c["traversal"] = renamed(b"data/../../x", '../../x: "." or ".." in the path')
    c["parent-first"] = renamed(b"../x", "../x: not beneath data/")
    c["absolute"] = renamed(b"/etc/x", "/etc/x: not beneath data/")
    c["absolute-inside"] = renamed(b"data//etc/x", "/etc/x: absolute path")
    c["dot"] = renamed(b"data/./x", './x: "." or ".." in the path')
    c["no-name"] = renamed(b"data/", ": empty path")
    c["bag-root"] = renamed(b"fetch.txt", "fetch.txt: not beneath data/")
    c["link-absolute"] = linked(b"data/l", b"/etc/passwd", "l: link to /etc/passwd: absolute")
    c["link-out"] = linked(b"data/l", b"../../x", "l: link to ../../x: leads out of the tree")
    c["link-up-and-back"] = linked(b"data/l", b"../data/a", "l: link to ../data/a: leads out of the tree")
    c["link-inner-dots"] = linked(b"data/l", b"d/../../a", "l: link to d/../../a: not a normalised path to something below")
    c["link-dangling"] = linked(b"data/l", b"nowhere", "l: link to nowhere: leads to nothing in the tree")
    c["link-self"] = linked(b"data/l", b"l", "l: link to l: links in a circle")
    t = tree(LINK % (b"d/l", b"../d"))
    c["link-holds"] = (frames(tar([t, (b"data/d/f", b"")], file(*t) + file(b"data/d/f") +
                                  header(b"data/d/l", kind=b"2", mode=0o777, link=b"../d"))),
                       "d/l: link to ../d: leads to a directory that holds it")
    two = tree(LINK % (b"l", b"d"))
    c["through-a-link"] = (frames(tar([two, (b"data/d/f", b""), (b"data/l/x", b"")],
                                      file(*two) + file(b"data/d/f") + header(b"data/l", kind=b"2", mode=0o777, link=b"d") +
                                      file(b"data/l/x"))),
                           "data/l/x: beneath something that is no directory")
    c["two-steps"] = (frames(tar([A], file(*A) + header(b"data/d", kind=b"2", mode=0o777, link=b".") +
                                 header(b"data/d/e", kind=b"2", mode=0o777, link=b"../.."))),
                      "data/d/e: beneath something that is no directory")
    c["beneath-a-file"] = renamed(b"data/a/x", "data/a/x: beneath something that is no directory")
    # What is no file, directory or link.
    c["hard-link"] = one(header(b"data/b", kind=b"1", link=b"data/a"), ": hard link")
    c["char-device"] = one(header(b"data/b", kind=b"3", dev=(1, 3)), ": character device")
    c["block-device"] = one(header(b"data/b", kind=b"4", dev=(8, 0)), ": block device")
    c["fifo"] = one(header(b"data/b", kind=b"6"), ": FIFO")
    c["contiguous"] = one(header(b"data/b", kind=b"7"), ": entry of unknown type")
    c["old-regular"] = one(header(b"data/b", kind=b"\0"), ": entry of unknown type")
    c["setuid"] = one(header(b"data/b", mode=0o4755), canon)
    c["sticky"] = one(header(b"data/b", mode=0o1644), canon)
    c["writable"] = one(header(b"data/b", mode=0o666), canon)
    # What two readers would read differently.
    c["gnu-long-name"] = one(header(b"././@LongLink", 7, b"L") + padded(b"data/b\0"), ": GNU long name")
    c["gnu-long-link"] = one(header(b"././@LongLink", 7, b"K"), ": GNU long link name")
    c["gnu-sparse"] = one(header(b"data/b", kind=b"S"), ": GNU sparse file")
    c["gnu-magic"] = one(header(b"data/b", magic=b"ustar  \0"), canon)
    c["old-magic"] = one(header(b"data/b", magic=b"\0" * 8), canon)
    c["pax-global"] = one(header(b"pax", 0, b"g"), ": pax global header")
    c["pax-size"] = one(pax(record(b"size", b"4096")) + header(b"data/b"),
                        ": pax records other than one path and one linkpath")
    c["pax-sparse"] = one(pax(record(b"GNU.sparse.major", b"1")) + header(b"data/b"),
                          ": pax records other than one path and one linkpath")
    c["pax-xattr"] = one(pax(record(b"SCHILY.xattr.security.capability", b"x")) + header(b"data/b"),
                         ": pax records other than one path and one linkpath")
    c["pax-needless"] = one(pax(record(b"path", b"data/b")) + header(b"in-pax-record"), canon)
    c["pax-twice"] = one(pax(record(b"path", b"data/\xc3\xa9")) * 2 + header(b"in-pax-record"), ": two pax headers")
    c["pax-two-paths"] = one(pax(record(b"path", b"data/\xc3\xa9") + record(b"path", b"data/\xc3\xa8")) +
                             header(b"in-pax-record"),
                             " (data/\u00e9data/\u00e8): header is not in the canonical form")
    c["pax-nul"] = one(pax(record(b"path", b"data/\xc3\xa9\0/../../x")) + header(b"in-pax-record"), ": NUL in a pax record")
    c["pax-length"] = one(pax(b"999 path=data/\xc3\xa9\n") + header(b"in-pax-record"),
                          ": pax records other than one path and one linkpath")
    c["pax-huge"] = one(header(b"pax", 1 << 20, b"x"), ": pax records of an impossible size")
    c["base-256"] = one(header(b"data/b", raw_size=b"\x80" + b"\0" * 10 + b"\x05"), canon)
    c["size-spaces"] = one(header(b"data/b", raw_size=b"          0 "), canon)
    c["owner"] = one(header(b"data/b", uid=1000), canon)
    c["owner-name"] = one(header(b"data/b", uname=b"root"), canon)
    c["time"] = one(header(b"data/b", mtime=1), canon)
    c["checksum"] = one(header(b"data/b", checksum=1), canon)
    c["slack-in-name"] = one(header(b"data/b\0hidden"), canon)
    c["slack-behind"] = one(header(b"data/b", pad=b"hidden"), canon)
    c["link-on-a-file"] = one(header(b"data/b", link=b"a"), canon)
    c["size-on-a-link"] = one(header(b"data/b", 512, b"2", 0o777, b"a"), canon)
    c["prefix-instead"] = one(header(b"b", prefix=b"data"), canon)
    c["padding"] = (frames(tar([A, B], header(b"data/a", 6) + b"hello\n" + b"x" * 506 + file(*B))),
                    "entry 3 (data/a): padding that is not zero")
    # Names.
    for name, path, why in (("newline", b"data/a\nb", "a?b: control character in the name"),
                            ("escape", b"data/a\x1b[2J", "a?[2J: control character in the name"),
                            ("delete", b"data/a\x7f", "a?: control character in the name"),
                            ("backslash", b"data/a\\b", "a\\b: backslash in the name")):
        c["name-" + name] = renamed(path, why)
    p = b"data/\xff"
    c["name-not-utf8"] = (frames(tar([A], file(*A) + pax(record(b"path", p)) + header(b"in-pax-record"))),
                          "?: name is not UTF-8")
    p = "data/a\u202egnp.exe".encode()
    c["name-bidi"] = (frames(tar([A], file(*A) + pax(record(b"path", p)) + header(b"in-pax-record"))),
                      "a???gnp.exe: bidirectional control in the name")
    p = b"data/" + b"n" * 256
    c["name-long"] = (frames(tar([A], file(*A) + pax(record(b"path", p)) + header(b"in-pax-record"))),
                      "n" * 200 + ": component of more than 255 bytes")
    p = b"data/" + b"d/" * 300 + b"x"
    c["deep"] = (frames(tar([A], file(*A) + pax(record(b"path", p)) + header(b"in-pax-record"))),
                 "d/" * 100 + ": path too deep")
    p = b"data/" + b"/".join([b"n" * 250] * 20)
    c["path-long"] = (frames(tar([A], file(*A) + pax(record(b"path", p)) + header(b"in-pax-record"))),
                      "entry 4 (" + p.decode()[:300] + "): a path, target or size out of range")
    c["twice"] = (frames(tar([A, A])), "data/a: there twice")
    c["out-of-order"] = (frames(tar([B, A])), "data/a: out of order")
    # The manifest.
    c["content"] = (frames(tar([A], file(b"data/a", b"HELLO\n"))), "data/a: not what the manifest says")
    c["extra-file"] = (frames(tar([A, B], listed=manifest([A]))), "data/b: not in the manifest")
    c["missing-file"] = (frames(tar([A], listed=manifest([A, B]))), "data/b: in the manifest and not in the archive")
    c["manifest-order"] = (frames(tar([A, B], listed=manifest([B, A]))), "data/a: not in the manifest")
    c["manifest-upper"] = (frames(tar([A], listed=manifest([A]).replace(b"a", b"A"))),
                           "manifest-sha256.txt: line 1: not a line of a manifest")
    c["manifest-twice"] = (frames(tar([A], listed=manifest([A, A]))), "data/a: in the manifest and not in the archive")
    c["manifest-tail"] = (frames(tar([A], listed=manifest([A]) + b"\n")),
                          "manifest-sha256.txt: line 2: not a line of a manifest")
    c["manifest-outside"] = (frames(tar([A], listed=manifest([A, (b"/etc/passwd", b"")]))),
                             "manifest-sha256.txt: line 2: not a line of a manifest")
    c["manifest-first"] = (frames(file(b"manifest-sha256.txt", manifest([A])) + file(*A) + b"\0" * 1024),
                           "not a bundle: no bagit.txt where it belongs")
    c["manifest-missing"] = (frames(file(b"bagit.txt", BAGIT) + file(*A) + b"\0" * 1024),
                             "not a bundle: no manifest-sha256.txt where it belongs")
    c["bagit"] = (frames(tar([A], bagit=BAGIT.replace(b"1.0", b"0.9"))), "bagit.txt: not that of a bundle")
    x = file(b"data/a", A[1], mode=0o755)
    c["hidden-mode"] = (frames(tar([A], x)), "data/.agentbox-tree: modes, links or empty directories differ from it")
    t = tree(b"executable\ta\n")
    c["pretended-mode"] = (frames(tar([t, A])), "data/.agentbox-tree: modes, links or empty directories differ from it")
    c["hidden-directory"] = (frames(tar([A], file(*A) + header(b"data/d/", kind=b"5", mode=0o755))),
                             "data/.agentbox-tree: modes, links or empty directories differ from it")
    c["full-directory"] = (frames(tar([A], header(b"data/d/", kind=b"5", mode=0o755) + file(b"data/d/f"))),
                           "data/d/f: beneath something that is no directory")
    c["tree-file-late"] = (frames(tar([t, A], file(b"data/a", A[1], mode=0o755) + file(*t))),
                           "data/.agentbox-tree: out of order")
    c["tree-file-beneath"] = renamed(b"data/.agentbox-tree/x", "data/.agentbox-tree/x: beneath a reserved name")
    # The archive as a whole.
    whole = tar([A, B])
    c["cut-short"] = (frames(whole[:-1536]), "entry 4: the archive ends in the middle")
    c["cut-in-content"] = (frames(tar([A], end=b"")[:-510]), "entry 3 (data/a): the archive ends in the middle")
    c["no-end"] = (frames(tar([A, B], end=b"")), "entry 5: the archive ends in the middle")
    c["one-zero-block"] = (frames(tar([A], end=b"\0" * 512 + file(*B) + b"\0" * 1024)),
                           "entry 4: one zero block instead of two")
    c["behind-the-end"] = (frames(tar([A], end=b"\0" * 1024 + file(*B) + b"\0" * 1024)),
                           "entry 4: bytes behind the end of the archive")
    c["more-zeros"] = (frames(tar([A], end=b"\0" * 10240)), "entry 4: bytes behind the end of the archive")
    c["not-compressed"] = (whole, "byte 0: not a zstandard frame")
    c["empty"] = (b"", "entry 1: the archive ends in the middle")
    c["trailing-garbage"] = (good + b"garbage", "byte %d: not a zstandard frame" % len(good))
    c["second-archive"] = (good + good, "entry 5: bytes behind the end of the archive")
    c["skippable-frame"] = (struct.pack("<II", 0x184D2A50, 4) + b"note" + good, "byte 0: not a zstandard frame")
    c["truncated-frame"] = (good[:-3], "byte 0: frame that is broken or cut short")
    c["size-unsaid"] = (struct.pack("<IBB", 0xFD2FB528, 0, 0x58) + b"\x01\0\0",
                        "byte 0: frame that does not say a size of 1 to 4194304")
    c["size-too-large"] = (frame(whole, PIECE + 1), "byte 0: frame that does not say a size of 1 to 4194304")
    c["size-lie"] = (frame(whole, len(whole) + 1), "broken frame: Data corruption detected")
    c["unused-bit"] = (frame(whole, descriptor=0xB0), "byte 0: frame with an unused bit set")
    c["dictionary"] = (struct.pack("<IBBI", 0xFD2FB528, 0xA1, 7, len(whole)) + frame(whole)[9:],
                       "byte 0: frame with a dictionary")
    bomb = 8 << 30
    head = file(b"bagit.txt", BAGIT) + file(b"manifest-sha256.txt", manifest([(b"data/z", b"")])) + \
        header(b"data/z", bomb - 1)
    c["bomb"] = (frames(head) + zeros_frame(PIECE) * 512, "expands more than 200 times")
    many = b"".join(b"%064x  data/%08d\n" % (0, i) for i in range(200002))
    c["many-files"] = (frames(file(b"bagit.txt", BAGIT) + file(b"manifest-sha256.txt", many)),
                       "more than 200000 files")
    return good, c


def more(c):
    """Kinds that came later, of the same headings."""
    canon = " (data/b): header is not in the canonical form"
    odd_pax = ": pax records other than one path and one linkpath"
    size_pax = ": pax records of an impossible size"
    differ = "data/.agentbox-tree: modes, links or empty directories differ from it"
    no_line = "manifest-sha256.txt: line 1: not a line of a manifest"
    e = b"data/\xc3\xa9"
    good, whole = frames(tar([A, B])), tar([A, B])

    def behind(raw, why):
        return frames(tar([A, B], file(*A) + raw)), why

    def named(path, why):
        return behind(pax(record(b"path", path)) + header(b"in-pax-record"), why)

    def link(path, target):
        return header(path, kind=b"2", mode=0o777, link=target)

    # What leaves the destination.
    c["pax-absolute"] = named(b"/etc/\xc3\xa9", "/etc/\u00e9: not beneath data/")
    c["pax-traversal"] = named(e + b"/../../x", '\u00e9/../../x: "." or ".." in the path')
    c["overlong-utf8"] = named(b"data/\xc0\xae\xc0\xae/x", "????/x: name is not UTF-8")
    c["surrogate"] = named(b"data/\xed\xa0\x80", "???: name is not UTF-8")
    c["data-a-file"] = (frames(tar([A, (b"data", b"")])), "data: not beneath data/")
    c["data-a-link"] = (frames(tar([A], link(b"data", b"/tmp") + file(*A))), "data: not beneath data/")
    c["bagit-a-link"] = (frames(link(b"bagit.txt", b"/etc/passwd") + tar([A])[1024:]),
                         "not a bundle: no bagit.txt where it belongs")
    c["hard-link-to-a-link"] = one(header(b"data/b", kind=b"1", link=b"../../etc/passwd"), ": hard link")
    two = tree(LINK % (b"b", b"a"))
    c["link-then-file"] = (frames(tar([two, A, B], file(*two) + file(*A) + link(b"data/b", b"a") + file(*B))),
                           "data/b: there twice")
    c["file-then-link"] = behind(file(*B) + link(b"data/b", b"/etc"), "data/b: there twice")
    c["link-empty"] = behind(header(b"data/b", kind=b"2", mode=0o777), "entry 4 (data/b): link without a target")
    c["link-newline"] = linked(b"data/l", b"a\nb", "l: link to a?b: not a normalised path to something below")
    two = tree(LINK % (b"l", b"a"))
    c["link-not-as-said"] = (frames(tar([two, A], file(*two) + file(*A) + link(b"data/l", b"./a"))),
                             "l: link to ./a: not a normalised path to something below")
    # What two readers would read differently.
    for kind, name, why in ((b"V", "label", "GNU volume label"), (b"M", "volume", "GNU multi-volume file"),
                            (b"D", "dump", "GNU dump directory"), (b"X", "x", "entry of unknown type"),
                            (b"A", "acl", "entry of unknown type"), (b"N", "old-names", "entry of unknown type"),
                            (b"\xff", "255", "entry of unknown type")):
        c["kind-" + name] = one(header(b"data/b", kind=kind), ": " + why)
    long_name = header(b"././@LongLink", 7, b"L") + padded(b"data/b\0")
    c["gnu-long-name-twice"] = one(long_name * 2 + header(b"data/b"), ": GNU long name")
    c["gnu-long-name-and-pax"] = one(pax(record(b"path", e)) + long_name + header(b"data/b"), ": GNU long name")
    for name, size in (("negative", b"\xff" * 12), ("minus", b"-0000000001\0"), ("none", b"\0" * 12),
                       ("base-256-most", b"\x80\0\0\0\x7f" + b"\xff" * 7)):
        c["size-" + name] = one(header(b"data/b", raw_size=size), canon)
    c["size-most"] = one(header(b"data/b", raw_size=b"77777777777\0"), " (data/b): the archive ends in the middle")
    c["size-unterminated"] = one(header(b"data/b", raw_size=b"7" * 12), " (data/b): a path, target or size out of range")
    h = header(e)
    signed = sum(x - 256 if x > 127 else x for x in h[:148] + b" " * 8 + h[156:])
    c["checksum-signed"] = one(header(e, checksum=signed), " (data/\u00e9): header is not in the canonical form")
    c["name-nul"] = one(header(b"data\0/b"), " (data): header is not in the canonical form")
    c["pax-linkpath-on-a-file"] = one(pax(record(b"linkpath", e)) + header(b"data/b"), canon)
    c["pax-empty-path"] = one(pax(record(b"path", b"")) + header(b"in-pax-record"),
                              " (in-pax-record): header is not in the canonical form")
    c["pax-name-64k"] = one(pax(record(b"path", e * 32768)) + header(b"in-pax-record"), size_pax)
    c["pax-deep-64k"] = one(pax(record(b"path", b"data/" + b"d/" * 32768)) + header(b"in-pax-record"), size_pax)
    c["pax-alone"] = behind(pax(record(b"path", e)), "entry 4: pax header without an entry behind it")
    c["pax-global-path"] = one(header(b"pax", len(record(b"path", e)), b"g") + padded(record(b"path", e)) +
                               header(b"data/b"), ": pax global header")
    for name, records in (("uid", record(b"uid", b"0")), ("charset", record(b"hdrcharset", b"BINARY")),
                          ("overlap", b"20 path=data/\xc3\xa9\n7 path=x\n"), ("zeros", b"0017 path=data/\xc3\xa9\n")):
        c["pax-" + name] = one(pax(records) + header(b"in-pax-record"), odd_pax)
    c["directory-twice"] = behind(header(b"data/d/", kind=b"5", mode=0o755) * 2, "data/d: there twice")
    c["directory-no-slash"] = behind(header(b"data/d", kind=b"5", mode=0o755),
                                     "entry 4 (data/d): header is not in the canonical form")
    c["slash-on-a-file"] = behind(header(b"data/d/"), "d/: empty component in the path")
    # Names.
    c["name-c1"] = named("data/a\u0085b".encode(), "a??b: control character in the name")
    # The manifest.
    for name, listed, why in (
            ("crlf", manifest([A]).replace(b"\n", b"\r\n"),
             "manifest-sha256.txt: line 1: a?: control character in the name"),
            ("nul", manifest([A])[:-1] + b"\0x\n", "manifest-sha256.txt: line 1: a: control character in the name"),
            ("binary-mark", manifest([A]).replace(b"  ", b" *"), no_line),
            ("escaped", b"\\" + manifest([A]), no_line), ("no-newline", manifest([A])[:-1], no_line),
            ("traversal", manifest([A, (b"data/../../x", b"")]),
             'manifest-sha256.txt: line 2: ../../x: "." or ".." in the path'),
            ("empty", b"", "data/a: not in the manifest"),
            ("other-hash", manifest([(A[0], b"x")]), "data/a: not what the manifest says")):
        c["manifest-" + name] = (frames(tar([A], listed=listed)), why)
    c["tree-unknown"] = (frames(tar([tree(b"setuid\ta\n"), A])), differ)
    c["tree-empty"] = (frames(tar([tree(b""), A])), differ)
    two = tree(b"executable\ta\n" * 2)
    c["tree-twice"] = (frames(tar([two, A], file(*two) + file(b"data/a", A[1], mode=0o755))), differ)
    c["fetch"] = (frames(file(b"bagit.txt", BAGIT) + file(b"fetch.txt", b"http://x - data/a\n") + tar([A])[1536:]),
                  "not a bundle: no manifest-sha256.txt where it belongs")
    c["bagit-bom"] = (frames(tar([A], bagit=b"\xef\xbb\xbf" + BAGIT)), "bagit.txt: not that of a bundle")
    # The archive as a whole.
    c["skippable-between"] = (frames(whole[:1024]) + struct.pack("<II", 0x184D2A5F, 4) + b"note" + frames(whole[1024:]),
                              "byte 1036: not a zstandard frame")
    c["skippable-behind"] = (good + struct.pack("<II", 0x184D2A50, 1 << 20),
                             "byte %d: not a zstandard frame" % len(good))
    c["zeros-behind"] = (good + b"\0" * 512, "byte %d: not a zstandard frame" % len(good))
    c["old-frame"] = (struct.pack("<I", 0xFD2FB527) + good[4:], "byte 0: not a zstandard frame")
    c["gzip"] = (b"\x1f\x8b\x08\0" + good, "byte 0: not a zstandard frame")
    c["empty-frame"] = (good + frame(b""), "byte %d: frame that does not say a size of 1 to 4194304" % len(good))
    c["frame-checksum"] = (frame(whole, descriptor=0xA4) + b"\0" * 4,
                           "broken frame: Restored data doesn't match checksum")
    c["reserved-block"] = (struct.pack("<IBI", 0xFD2FB528, 0xA0, 4) + struct.pack("<I", 4 << 3 | 3 << 1 | 1)[:3] + b"abcd",
                           "byte 0: frame that is broken or cut short")


def main():
    top = sys.argv[1]
    good, c = cases()
    more(c)
    c["good"] = (good, "")
    for name, (data, want) in c.items():
        with open(os.path.join(top, name + ".bundle"), "wb") as f:
            f.write(data)
        with open(os.path.join(top, name + ".want"), "w", encoding="utf-8") as f:
            f.write(want)


main()
