# SPDX-License-Identifier: Apache-2.0
"""What holds of any text, whatever its language: conflict markers, hidden characters, line ends, length."""
import re

ERROR, WARNING, INFO = "error", "warning", "info"
LONG_LINE = 500

BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u2028\u2029\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\x80-\x9f]")
# Letters of other scripts that look like a Latin one.
LOOKALIKE = frozenset("аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЅЈοΟΑΒΕΖΗΙΚΜΝΡΤΥΧν")
WORD = re.compile(r"\w+")
MARKER = re.compile(r"(?:<{7}|>{7}|\|{7})(?: |\r?$)")
TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
# A name in parentheses, an issue's number or an address makes somebody responsible.
OWNED = re.compile(r"\b(?:TODO|FIXME|XXX)\s*[(\[:]?\s*(?:@\w|[A-Z]{2,10}-\d|#\d|\w+\)|\w+\])|://|#\d|[A-Z]{2,10}-\d")


def conflict(line):
    if MARKER.match(line):
        return ("conflict-marker", ERROR, "A marker of an unfinished merge was left in the file.")
    return None


def hidden(line, is_code):
    """Characters that make a line read differently from what it is (CVE-2021-42574 and its kin)."""
    if line.isascii():
        return ("control-character", WARNING,
                "A control character in the text: a terminal may obey it.") if CONTROL.search(line) else None
    if BIDI.search(line):
        return ("bidi-control", ERROR, "A character that reorders text: the line is not what it seems to be. Remove "
                                       "it or write it as an escape.")
    if is_code and INVISIBLE.search(line):
        return ("invisible-character", ERROR, "An invisible character in code: two names that look the same may "
                                              "differ. Remove it or write it as an escape.")
    if CONTROL.search(line):
        return ("control-character", WARNING, "A control character in the text: a terminal may obey it.")
    return None


def lookalike(code):
    """A word that mixes Latin letters with others that look like them."""
    if code.isascii():
        return None
    for word in WORD.findall(code):
        if not word.isascii() and any(c in LOOKALIKE for c in word) and re.search("[A-Za-z]", word):
            return ("mixed-script", ERROR, "A word mixes Latin letters with lookalikes of another script, so it is "
                                           "not the name that it seems to be.")
    return None


def long_line(line):
    if len(line) > LONG_LINE:
        return ("long-line", INFO, "A line of %d characters: nobody reviews that. Break it, or generate it at build "
                                   "time." % len(line))
    return None


def unowned(comment):
    if TODO.search(comment) and not OWNED.search(comment):
        return ("todo", INFO, "A note of work to do that nobody owns: name who or which issue, or do it now.")
    return None
