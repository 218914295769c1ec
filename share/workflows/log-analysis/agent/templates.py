# SPDX-License-Identifier: Apache-2.0
"""Template mining: messages that differ only in what varies become one template. A tree of fixed depth (component,
number of words, first word) leads to few candidates, and the most similar one takes the message in, as Drain does.
The order of the input alone decides, so the same input gives the same templates."""
import re
from operator import eq

WORDS, CHILDREN, LEAF, SIMILAR = 40, 100, 80, 0.6
# No real input has so many; each one is asked for its cause, so a hostile input must not make one a line.
MOST = 4000
VARIES = re.compile(
    r"(?P<hidden>\[REDACTED:[a-z0-9._-]{1,64}\])|(?P<url>\b[a-z][a-z0-9+.-]{1,15}://[^\s\"'<>]+)|(?P<mail>[\w.+-]{1,64}@[\w.-]{1,128})"
    r"|(?P<id>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b(?=[a-f]{0,31}\d)[0-9a-f]{12,64}\b)"
    r"|(?P<ip>\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?(?:/\d{1,2})?\b)|(?P<hex>\b0x[0-9a-f]{1,32}\b)"
    r"|(?P<time>\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)"
    r"|(?P<path>(?<![\w/.])/[\w.@%+~:/-]+)|(?P<str>\"[^\"]{0,400}\"|(?<!\w)'[^']{0,400}')"
    r"|(?P<long>[A-Za-z0-9+/_=-]{33,})|(?P<num>(?<![A-Za-z])[+-]?\d+(?:[.,:]\d+)*(?:ms|us|ns|s|m|h|%|[kKMGT]i?[bB]?|B)?(?![A-Za-z0-9])|\d+)", re.I)
QUALIFIED = re.compile(r"\b(?:[A-Za-z_$][\w$]*\.)+([A-Z][\w$]*)")
UNSAFE = re.compile(r"[^A-Za-z0-9 _*,:={}/-]+")


def mask(text):
    return VARIES.sub(lambda m: "{%s}" % m.lastgroup, text)


def show(words):
    """A template as it may leave: words, marks of what was left out, and few signs. Nothing of it is an address, a
    mark-up or a call, so that it passes a scrubber and means nothing to whoever reads it in a browser or a shell."""
    text = QUALIFIED.sub(r"\1", " ".join(words))
    text = re.sub(r"(?<=\w)\.(?=\w)", "_", text)
    text = UNSAFE.sub(" ", text)
    return " ".join(text.split())[:300]


class Template:
    """Events of one component that say the same. `sample` is the worst of them, the first one of these."""

    def __init__(self, component, words, event):
        self.component, self.words, self.events, self.sample = component, words, [], event

    def take(self, words, event):
        self.words = [a if a == b else "*" for a, b in zip(self.words, words)]
        self.events.append(event)
        if event.level > self.sample.level:
            self.sample = event

    @property
    def level(self):
        return self.sample.level

    @property
    def text(self):
        """What is looked at for words that tell a cause."""
        return "%s %s" % (self.sample.text, self.sample.detail)

    def shown(self):
        return show(self.words) or "{empty}"


class Miner:
    def __init__(self):
        self.tree, self.templates = {}, []

    def key(self, component, bad, words):
        """Where in the tree: what bears a digit or comes late is no part of it."""
        node = self.tree.setdefault((component, bad, len(words)), {})
        word = words[0] if words else ""
        if "{" in word or word not in node and len(node) >= CHILDREN:
            word = "*"
        return node.setdefault(word, [])

    def add(self, event):
        text = event.text + (" | " + event.detail if event.detail else "")
        words = mask(text[:600]).split()[:WORDS]
        if len(self.templates) >= MOST:
            words = ["{other}"]
        group = self.key(event.component, event.level >= 3, words)
        best, best_score = None, SIMILAR
        for t in group:
            score = similarity(t.words, words)
            if score > best_score or score == best_score and best is None:
                best, best_score = t, score
        if best is None:
            if len(group) >= LEAF:      # a hostile group: what is new joins the first
                best = group[0]
            else:
                best = Template(event.component, words, event)
                group.append(best)
                self.templates.append(best)
        best.take(words, event)


def similarity(a, b):
    """The share of words that are the same; what varies counts half."""
    if not a:
        return 1
    same = sum(map(eq, a, b))
    if "*" in b:
        same -= sum(0.5 for x, y in zip(a, b) if x == y == "*")
    return (same + 0.5 * a.count("*")) / len(a)


def mine(events):
    miner = Miner()
    for e in events:
        miner.add(e)
    return miner.templates
