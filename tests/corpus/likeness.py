#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""likeness.py learn AB-SCRUB [--against FILE]... [--cost FILE]: what lib/scrub/likeness.inc holds, learnt from the
corpora beside this file, their halves that were kept back left out: how much each word, and each pair of words, speaks
for an order to a model (logistic regression with an L1 penalty; scikit-learn, which Debian has as python3-sklearn).
--against: further text, a harmless sentence or paragraph a line; what stands in the tree was learnt against 145,000
sentences of Debian's manuals, guides, message catalogues and fortunes in some fifty languages (no language is to weigh
anything by itself), and measured on others. --cost: text in which the words that make the rule look at a sentence should
be rare; they are printed for the rule's "literals".
likeness.py score: the score of each line of standard input, as lib/scrub/likeness.c gives it."""
import collections
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
INC = os.path.join(HERE, "../../lib/scrub/likeness.inc")
SCALE = 100  # of a weight that is written
SENTENCES = re.compile(rb"(?<=[.!?])\s+|\xe3\x80\x82|\n[ \t]*(?=[\n*#|>+-])")
PLAIN = {"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "œ": "oe"}


def fold(text):
    """Much as ab-scrub's projection shows it: compatibility forms, Latin letters without their accents."""
    out = []
    for c in unicodedata.normalize("NFKC", text):
        o = ord(c)
        if o < 128:
            out.append(c)
        elif o < 0x250 or 0x1e00 <= o < 0x1f00:
            d = "".join(x for x in unicodedata.normalize("NFKD", c) if ord(x) < 128)
            out.append(d or PLAIN.get(c.lower(), " "))
        elif unicodedata.category(c) != "Cf":
            out.append(c.lower())
    return "".join(out).encode("utf-8", "replace")


def letter(t, i):
    """Bytes of a letter or digit there, 0: none."""
    c = t[i]
    if c >= 0x80:
        if t[i:i + 2] == b"\xe2\x80":
            return 3 if t[i + 2:i + 3] == b"\x8c" else 0
        if (c == 0xc2 and t[i + 1:i + 2] < b"\xc0") or t[i:i + 2] in (b"\xd8\x8c", b"\xd8\x9f"):
            return 0
        if t[i:i + 2] in (b"\xe3\x80", b"\xef\xbc"):
            return 0
        return 1
    if c == 0x27:
        return int(0 < i < len(t) - 1 and t[i - 1:i].isalpha() and t[i + 1:i + 2].isalpha())
    return int(chr(c).isalnum())


def unspaced(t, i):
    return t[i:i + 2] in (b"\xe0\xb8", b"\xe0\xb9") or 0xe3 <= t[i] <= 0xed


def words(t):
    """The stems of the words: six letters, of other scripts ten bytes; of scripts without spaces pairs of letters."""
    t, i, out = t.lower(), 0, []
    while i < len(t):
        n, end = 1, i
        while end < len(t) and (n := letter(t, end)):
            end += n
        if end == i:
            i += 3 if t[i] >= 0xe0 else 2 if t[i] >= 0xc0 else 1
            continue
        end = min(end, len(t))
        if unspaced(t, i):
            while i + 3 <= end and unspaced(t, i):
                if i + 6 <= end and unspaced(t, i + 3):
                    out.append(t[i:i + 6])
                i += 3
            i = max(i, end if i + 3 > end else i)
            continue
        w = t[i:end].replace(b"'", b"")
        out.append(b"0" if w.isdigit() else w[:6 if w[:1] < b"\x80" else 10])
        i = end
    return out


def parts(t):
    """Each word with the pair that it ends."""
    w = words(t)
    return w + [a + b" " + b for a, b in zip(w, w[1:])]


def windows(t):
    """Two sentences at a time."""
    s = [x for x in SENTENCES.split(t) if x.strip()] or [t]
    return [b" ".join(s[i:i + 2]) for i in range(max(1, len(s) - 1))]


def fnv(t):
    h = 2166136261
    for c in t:
        h = (h ^ c) * 16777619 & 0xffffffff
    return h


def spelt(t):
    """Whether it is written in words, rather than hidden in numbers or single letters."""
    w = words(t)
    return len(w) > 2 and sum(len(x) < 2 or any(c < 0x3a for c in x) for x in w) * 4 < len(w)


def usable(p):
    """Whether words of a pair, or one alone, are words."""
    return all(len(w) > 1 and not any(c < 0x3a for c in w) or w in (b"0", b"a", b"i") for w in p.split(b" ")) and p != b"0"


def corpora():
    for name in sorted(os.listdir(HERE)):
        if name.endswith(".ndjson"):
            with open(os.path.join(HERE, name), encoding="utf-8") as f:
                for line in map(json.loads, f):
                    if "text" in line and line.get("half") != "kept back":
                        yield line


def injected(scrub, texts):
    """Which of the texts hold an injection by the rules that there are."""
    with tempfile.NamedTemporaryFile() as report:
        subprocess.run([scrub, "--policy", "strict", "--lines", "--report", report.name], check=False,
                       input="".join(json.dumps({"text": t}) + "\n" for t in texts).encode(),
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        found = map(json.loads, report.read().decode().splitlines())
        return {f["record"] - 1 for f in found if f["category"] == "injection"}


def literal(p):
    """Whether text that holds the pair or word holds these very bytes: all but the last stem are whole words."""
    return len(p) > 3 and b"0" not in p and all(len(w) < 6 and w < b"\x80" for w in p.split(b" ")[:-1])


def gates(texts, weight, bias, cost):
    """Words that stand in each window that scores, as rare in the other text as may be; cheap ones a second time."""
    where, pairs = collections.defaultdict(set), []
    for t in texts:
        for w in windows(t):
            p = set(parts(w))
            if sum(weight.get(x, 0) for x in p) + bias > 0:
                pairs.append([x for x in p if weight.get(x, 0) > 0 and literal(x)])
    for i, p in enumerate(pairs):
        for x in p:
            where[x].add(i)
    chosen, price = [], {x: 1 + cost.count(x) for x in where}
    for most in (30, 3, 1):  # of them in the other text for one window
        left = set(range(len(pairs)))
        while left and where:
            best = max(where, key=lambda x: len(where[x] & left) / (8 + price[x]))
            if len(where[best] & left) * most < price[best]:
                break
            chosen.append(best)
            left -= where.pop(best)
        print("gates: %d, not reached: %d of %d, in the other text: %d times" %
              (len(chosen), len(left), len(pairs), sum(price[x] for x in chosen)), file=sys.stderr)
    print(json.dumps(sorted(x.decode("utf-8", "ignore") for x in chosen), ensure_ascii=False))


def learn(args):
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    lines = list(corpora())
    seen = injected(args[0], [x["text"] for x in lines])
    against = [open(args[i + 1], encoding="utf-8", errors="replace").read().split("\n")
               for i, a in enumerate(args) if a == "--against"]
    cost = b"".join(open(args[i + 1], "rb").read().lower() for i, a in enumerate(args) if a == "--cost")
    yes = [t for t in (fold(x["text"]) for x in lines if x["label"] == "injection") if spelt(t)]
    benign = [fold(x["text"]) for x in lines if x["label"] == "benign"]
    other = [fold(x["text"]) for i, x in enumerate(lines) if x["label"] not in ("benign", "injection") and i not in seen]
    other += [fold(t) for f in against for t in f if t]
    table = CountVectorizer(analyzer=lambda t: filter(usable, parts(t.encode())), binary=True, min_df=3)
    x = table.fit_transform(yes + benign + other)
    y = np.array([1] * len(yes) + [0] * (len(benign) + len(other)))
    model = LogisticRegression(penalty="l1", solver="liblinear", C=1.0, max_iter=200)
    model.fit(x, y, sample_weight=np.array([3.0] * len(yes) + [30.0] * len(benign) + [1.0] * len(other)))
    weight = {p: round(model.coef_[0][i] * SCALE) for p, i in table.vocabulary_.items()}
    weight = {p: w for p, w in weight.items() if w}
    bias = round(model.intercept_[0] * SCALE)
    by_hash = {fnv(p): (w, p) for p, w in weight.items()}
    assert len(by_hash) == len(weight)
    slots = 1 << math.ceil(math.log2(2 * len(weight)))
    rows = [None] * slots
    for h in sorted(by_hash):
        i = (h ^ h >> 15) & slots - 1
        while rows[i]:
            i = (i + 1) & slots - 1
        rows[i] = h
    with open(INC, "w", encoding="utf-8") as f:
        f.write("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tests/corpus/likeness.py: the hash of a word or of a "
                "pair, and its weight in hundredths. */\n#define BIAS %d\n#define SLOTS %d\n"
                "static const struct {\n\tuint32_t hash;\n\tint32_t weight;\n} learnt[SLOTS] = {\n" % (bias, slots))
        for i, h in enumerate(rows):
            if h is not None:
                f.write("\t[%d] = { 0x%08x, %d }, /* %s */\n" %
                        (i, h, by_hash[h][0], by_hash[h][1].decode("utf-8", "replace").replace("*/", "")))
        f.write("};\n")
        f.write(told(by_hash))
    print("weights: %d of %d, bias %d, of %d orders, %d benign and %d other lines" %
          (len(weight), len(table.vocabulary_), bias, len(yes), len(benign), len(other)), file=sys.stderr)
    if cost:
        gates(yes, {p: w / SCALE for p, w in weight.items()}, bias / SCALE, cost)


def told(hashes):
    """A bit for the upper half of each hash."""
    bits = [0] * 1024
    for h in hashes:
        bits[h >> 16 >> 6] |= 1 << (h >> 16 & 63)
    rows = ["\t" + ", ".join("0x%016x" % b for b in bits[i:i + 5]) + ",\n" for i in range(0, 1024, 5)]
    return ("/* Whether a hash with such an upper half is there: most are told by that. */\n"
            "static const uint64_t told[1 << 16 >> 6] = {\n" + "".join(rows) + "};\n")


def score():
    weight, bias = {}, 0
    with open(INC, encoding="utf-8") as f:
        for line in f:
            if m := re.match(r"\t\[\d+\] = { 0x(\w+), (-?\d+) }", line):
                weight[int(m[1], 16)] = int(m[2])
            elif m := re.match(r"#define BIAS (-?\d+)", line):
                bias = int(m[1])
    for line in sys.stdin:
        print(max(bias + sum(weight.get(fnv(p), 0) for p in set(parts(w))) for w in windows(fold(line.rstrip("\n")))))


if __name__ == "__main__":
    if sys.argv[1] == "learn":
        learn(sys.argv[2:])
    else:
        score()
