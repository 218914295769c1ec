# SPDX-License-Identifier: Apache-2.0
"""What C and C++ code can be found guilty of once the lines around are known: memory, sizes, names of files."""
import re
from rule import ERROR, INFO, WARNING, Checks

C = Checks()
FUNCTION = re.compile(r"^[A-Za-z_][\w\s*&:<>,~]*\(|^\{")
ALLOCATES = re.compile(r"(?<![\w.>])\*?([A-Za-z_]\w*)\s*=\s*(?:\([\w\s*]{1,40}\)\s*)?(?:malloc|calloc|realloc|strdup|"
                       r"strndup|aligned_alloc|reallocarray)\s*\(")
LEAVES = re.compile(r"\b(?:return|goto|break|continue|exit|_exit|abort)\b")
CHECKED_PATH = re.compile(r"(?<![\w.>])(?:access|stat|lstat|faccessat)\s*\(\s*(?:AT_FDCWD\s*,\s*)?([\w.>\[\]-]{1,60})"
                          r"\s*,")
USED_PATH = (r"(?<![\w.>])(?:open|fopen|unlink|chmod|chown|remove|rename|opendir|execl|execve?|truncate)"
             r"\s*\(\s*%s\s*[,)]")
INTEGER = re.compile(r"(?<![\w.])(?<!unsigned )(?:int|long|short|ssize_t|ptrdiff_t|int32_t|"
                     r"int64_t)\s+([A-Za-z_]\w*)\s*(?:=|;|,)")


def word(name):
    return r"(?<![\w.>])%s\b" % re.escape(name)


@C.check("c-use-after-free", "c", ERROR, 416, "free( delete",
         "This was freed a few lines before, and is used or freed again.",
         "Free it last, and set the pointer to NULL.")
def use_after_free(p):
    for i, code in enumerate(p.code):
        found = re.search(r"^\s*(?:free|kfree|g_free)\s*\(\s*([A-Za-z_]\w*(?:(?:->|\.)\w+)?)\s*\)\s*;|"
                          r"^\s*delete(?:\s*\[\s*\])?\s+([A-Za-z_]\w*)\s*;", code)
        if not found:
            continue
        name = found[1] or found[2]
        level = p.depth(i)
        if LEAVES.search(code[found.end():]) or unbraced(p, i):
            continue
        for j in p.after(i, 30):
            line = p.code[j]
            if re.search(r"%s\s*=(?!=)" % word(name), line) or re.search(r"&\s*%s" % re.escape(name), line):
                break
            if re.search(word(name), line) and not re.search(r"\bsizeof\s*\(?\s*\*?%s" % re.escape(name), line):
                yield j
                break
            if LEAVES.search(line) and p.depth(j) <= level or re.match(r"\s*(?:case\b|default\s*:|#|\w+:\s*$)", line):
                break


def unbraced(p, i):
    """Whether line i is the only statement of a condition above it."""
    above = p.code[i - 1].strip() if i else ""
    return bool(re.match(r"(?:\}\s*)?(?:else\s+)?(?:if|while|for)\b.*\)$|(?:\}\s*)?else$", above))


@C.check("c-unchecked-alloc", "c", WARNING, 476, "alloc dup(",
         "What comes back may be NULL, and it is used without a check.",
         "Check it first.")
def unchecked_alloc(p):
    for i, code in enumerate(p.code):
        found = ALLOCATES.search(code)
        if not found or re.search(r"\b(?:if|while)\s*\(", code):
            continue
        name = re.escape(found[1])
        for j in p.after(i, 8):
            line = p.code[j]
            if re.search(r"!\s*%s\b|\b%s\s*[!=]=\s*(?:NULL|nullptr|0)\b|\bassert\w*\s*\(.*\b%s\b|\bif\s*\(\s*%s\b|"
                         r"(?:NULL|nullptr)\s*[!=]=\s*%s\b|\b%s\s*\?|(?:&&|\|\|)\s*%s\b|\b%s\s*(?:&&|\|\|)" %
                         ((name,) * 8), line):
                break
            if re.search(r"\b%s\s*(?:->|\[)|(?<![\w)]\s)\*\s*%s\b\s*(?:=|\+)|\b(?:memcpy|memset|memmove|strcpy|"
                         r"strcat|snprintf|sprintf|strncpy|read|fread)\s*\(\s*%s\s*," % ((name,) * 3), line):
                yield i
                break
            if re.search(r"\breturn\b|\b%s\s*=(?!=)" % name, line):
                break


@C.check("c-sign-compare", "c", WARNING, 195, "sizeof strlen",
         "A negative number is compared with a size: it counts as a huge one.",
         "Look for less than zero first, or use a signed size.")
def sign_compare(p):
    known = {}
    for i, code in enumerate(p.code):
        for found in INTEGER.finditer(code):
            known[found[1]] = i
        found = re.search(r"(?<![\w.>])([A-Za-z_]\w*)\s*(?:<=?|>=?)\s*(?:\(\s*size_t\s*\)\s*)?(?:sizeof\b|strlen\s*\()",
                          code)
        if not found or found[1] not in known or i - known[found[1]] > 60:
            continue
        name = re.escape(found[1])
        guard = re.compile(r"\b%s\s*(?:<\s*0|<=\s*-?[01]\b|==\s*-1|>=?\s*0|>=\s*1)|\b0\s*(?:<=?|>)\s*%s\b|"
                           r"\bfor\s*\([^;]*\b%s\s*=\s*\d" % ((name,) * 3))
        starts_positive = re.search(r"\b%s\s*=\s*\d+\s*[;,]" % name, p.code[known[found[1]]])
        if not starts_positive and not any(guard.search(p.code[j]) for j in range(known[found[1]], i + 1)):
            yield i


@C.check("c-check-then-use", "c", WARNING, 367, "access( stat(",
         "Between the check of this name and its use somebody else can put another file there.",
         "Open it first, and ask the open file.")
def check_then_use(p):
    for i, code in enumerate(p.code):
        found = CHECKED_PATH.search(code)
        if not found:
            continue
        used = re.compile(USED_PATH % re.escape(found[1]))
        for j in range(i, min(len(p), i + 15)):
            if used.search(p.code[j], found.end() if j == i else 0):
                yield j
                break
            if j > i and p.code[j].startswith("}"):
                break


@C.check("c-sizeof-pointer", "c", WARNING, 467, "sizeof",
         "This is the size of the pointer, not of what it points to.",
         "Pass the length along, or take the size of the array.")
def sizeof_pointer(p):
    for i, code in enumerate(p.code):
        if re.search(r"(\w{1,40})\s*=\s*[^=;]{0,40}alloc\s*\((?:\s*1\s*,)?\s*sizeof\s*\(?\s*\1\s*\)?\s*\)", code):
            yield i
            continue
        found = re.search(r"\b(?:memset|memcpy|memmove|snprintf|strncpy|strlcpy|fgets|read|recv|"
                          r"memcmp)\s*\(\s*(?:[^,()]{1,40},\s*)?([A-Za-z_]\w*)\s*,[^;]*?\bsizeof\s*(?:\(\s*\1\s*\)|"
                          r"\b\1)\s*[,)]", code)
        if not found:
            continue
        name = re.escape(found[1])
        pointer, array = re.compile(r"\*\s*(?:const\s+|restrict\s+)?%s\s*[,;)=]|\b(?:char|unsigned char|uint8_t|"
                                    r"void)\s+%s\s*\[\s*\]\s*[,)]" % (name,
                                                                      name)), re.compile(r"\b\w+\s+%s\s*\[\s*\w" % name)
        for j in range(i, max(-1, i - 60), -1):
            if array.search(p.code[j]):
                break
            if pointer.search(p.code[j]) and re.search(r"\b(?:char|void|int|struct|unsigned|uint\d+_t|const)\b",
                                                       p.code[j]):
                yield i
                break
            if p.code[j].startswith("}"):
                break


@C.check("c-off-by-one", "c", ERROR, 193, "<= [",
         "The last round writes or reads one behind the end.",
         "Compare with less than.")
def off_by_one(p):
    for i, code in enumerate(p.code):
        if re.search(r"(?<![\w.>])(\w[\w.>-]*)\s*\[\s*sizeof\s*\(?\s*\1\s*\)?\s*\]", code):
            yield i
        found = re.search(r"\bfor\s*\([^;]*;\s*(\w+)\s*<=\s*(?:\(?\s*sizeof\b[^;]*|ARRAY_SIZE\s*\([^;]*|"
                          r"\w+\.(?:size|length)\(\)|(\w+))\s*;", code)
        if not found or re.search(r"<=[^;]*-\s*1\s*;", code):
            continue
        # Who counts lengths and not places may go to the end.
        index = re.compile(r"\[\s*%s\s*\]" % re.escape(found[1]))
        is_index = any(index.search(p.code[j], found.end() if j == i else 0) for j in range(i, min(len(p), i + 8)))
        size = found[2] and re.compile(r"\b\w+\s+\w+\s*\[\s*%s\s*\]" % re.escape(found[2]))
        if is_index and (not size or any(size.search(p.code[j]) for j in range(i, max(-1, i - 15), -1))):
            yield i


@C.check("c-read-fills", "c", ERROR, 193, "sizeof",
         "This can fill the whole buffer, and the NUL after it is written behind its end.",
         "Read one byte less than the buffer holds.")
def read_fills(p):
    for i, code in enumerate(p.code):
        found = re.search(r"\b(\w+)\s*=\s*(?:read|recv|readlink|fread|"
                          r"recvfrom)\s*\([^;]{0,60}?\b(\w+)\s*,(?:\s*1\s*,)?\s*sizeof\s*(?:\(\s*\2\s*\)|\b\2)\s*[,)]",
                          code)
        if not found:
            continue
        end = re.compile(r"\b%s\s*\[\s*%s\s*\]\s*=" % (re.escape(found[2]), re.escape(found[1])))
        guard = re.compile(r"%s\s*(?:<|>=|==)\s*(?:\(\w+\)\s*)?sizeof" % re.escape(found[1]))
        for j in p.after(i, 10):
            if guard.search(p.code[j]):
                break
            if end.search(p.code[j]):
                yield j
                break


@C.check("c-return-local", "c", ERROR, 562, "return",
         "The array is gone once the function returns.",
         "Let the caller give the room, or allocate it.")
def return_local(p):
    for i, code in enumerate(p.code):
        found = re.match(r"\s+return\s+&?([A-Za-z_]\w*)\s*;", code)
        if not found:
            continue
        name = re.escape(found[1])
        local = re.compile(r"^\s+(?!static\b|return\b|extern\b|thread_local\b)(?:const\s+)?(?:unsigned\s+|"
                           r"struct\s+)?\w+\s+%s\s*\[" % name)
        address = "&" in code and re.compile(r"^\s+(?!static\b|return\b|extern\b)(?:const\s+)?(?:unsigned\s+|"
                                             r"struct\s+)?\w+\s+%s\s*(?:=|;)" % name)
        for j in p.above(i, 60):
            if local.search(p.code[j]) or (address and address.search(p.code[j])):
                yield i
            if p.code[j].startswith(("}", "{")) or local.search(p.code[j]):
                break


@C.check("c-unterminated", "c", WARNING, 170, "strncpy(",
         "If the source fills the bound no NUL is written.",
         "Write it yourself, or use snprintf.")
def unterminated(p):
    for i, code in enumerate(p.code):
        found = re.search(r"(?<![\w.>])strncpy\s*\(\s*([^,]{1,60}?)\s*,([^;]*)", code)
        if not found or re.search(r"strlen\s*\(", found[2]):
            continue
        target = re.escape(found[1])
        near = [p.code[j] for j in list(p.above(i, 4)) + list(p.after(i, 4))]
        if not any(re.search(r"%s\s*\[[^\]]{1,60}\]\s*=|memset\s*\(\s*&?%s" % (target, target), x) for x in near):
            yield i


@C.check("cpp-array-delete", "c", WARNING, 762, "delete",
         "What was made as an array is deleted as one object.",
         "Use delete[], or a vector.")
def array_delete(p):
    made = {m[1] for m in re.finditer(r"\b(\w+)\s*=\s*new\s+[\w:<>]+\s*\[", p.joined)}
    for i, code in enumerate(p.code):
        found = re.search(r"\bdelete\s+(\w+)\s*;", code)
        if found and found[1] in made:
            yield i


@C.check("c-lost-realloc", "c", INFO, 401, "realloc(",
         "If there is no memory the old block is lost, since its only pointer is overwritten.",
         "Keep the result in a second name until it is checked.")
def lost_realloc(p):
    for i, code in enumerate(p.code):
        if re.search(r"(?<![\w.>*])([\w.>-]{1,60})\s*=\s*(?:\([\w\s*]{1,40}\)\s*)?realloc\s*\(\s*\1\s*,", code):
            yield i
