# SPDX-License-Identifier: Apache-2.0
"""What Java code can be found guilty of once the lines around are known: parsers, resources, locks, contracts."""
import re
from rule import ERROR, WARNING, Checks

JAVA = Checks()
METHOD = re.compile(r"^\s*(?:@\w+\s+)*(?:(?:public|protected|private|static|final|synchronized|abstract|"
                    r"default)\s+)*(?:<[^>]{1,60}>\s+)?"
                    r"[\w<>\[\],.? ]{1,80}\s+\w+\s*\([^;{]*(?:\{|$)")
FACTORY = re.compile(r"(\w+)\s*=\s*(?:DocumentBuilderFactory|SAXParserFactory|XMLInputFactory|TransformerFactory|"
                     r"SchemaFactory|"
                     r"XPathFactory)\.new(?:Instance|Factory)\s*\(|(\w+)\s*=\s*new\s+(?:SAXReader|SAXBuilder)\s*\(")
SAFE = re.compile(r"setFeature|setProperty|setAttribute|setExpandEntityReferences|setXIncludeAware|FEATURE_SECURE|"
                  r"SUPPORT_DTD|ACCESS_EXTERNAL")
OPENS = re.compile(r"^\s*(?:final\s+)?(?:[\w<>.]+\s+)?(\w+)\s*=\s*(?:new\s+(?:File(?:Input|Output)Stream|FileReader|"
                   r"FileWriter|"
                   r"BufferedReader|BufferedWriter|PrintWriter|RandomAccessFile|Socket|ServerSocket|ZipFile|JarFile|"
                   r"ZipInputStream|"
                   r"Scanner\s*\(\s*new\s+File)\s*\(|\w+(?:\.\w+)?\.(?:getConnection|prepareStatement|"
                   r"createStatement|executeQuery)\s*\(|"
                   r"Files\.(?:newBufferedReader|newBufferedWriter|newInputStream|newOutputStream|lines|list|"
                   r"walk)\s*\()")


@JAVA.check("java-xxe", "java", ERROR, 611, "Factory SAXReader SAXBuilder",
            "This parser follows entities: a document can read files and call addresses.",
            "Forbid document types by setFeature before it parses.")
def entities(p):
    for i, code in enumerate(p.code):
        found = FACTORY.search(code)
        if found and not SAFE.search(code) and not any(SAFE.search(p.code[j]) for j in p.after(i, 20)):
            yield i


@JAVA.check("java-string-identity", "java", ERROR, 597, "== !=",
            "This compares whether both are the same object, not whether they hold the same text.",
            "Use equals.")
def string_identity(p):
    if p.path.endswith(".java"):
        yield from (i for i, code in enumerate(p.code)
                    if re.search(r"(?<!\")\"\"\s*[!=]=(?!=)|(?<![=!])[!=]=\s*\"\"", code))


@JAVA.check("java-resource", "java", WARNING, 772, "= return",
            "This is never closed, or not if an exception comes before.",
            "Open it in the head of a try.")
def resource(p):
    for i, code in enumerate(p.code):
        found = OPENS.search(code)
        if not found or re.match(r"\s*(?:this\.|private|protected|public|static)", code) or in_try_head(p, i):
            continue
        name = found[1]
        closes = re.compile(r"\b%s\s*\.\s*close\s*\(|\breturn\s+%s\s*;|close\w*\(\s*%s\b|\btry\s*\(\s*%s\b|"
                            r"\bthis\.\w+\s*=\s*%s\b|(?:new\s+\w+|add)\s*\(\s*%s\s*[,)]"
                            % ((re.escape(name),) * 6))
        rest = list(p.after(i))
        is_seen = p.is_whole or (rest and rest[-1] + 1 < len(p))
        if is_seen and not any(closes.search(p.code[j]) for j in rest) and not is_field(p, i, name):
            yield i


def in_try_head(p, i):
    return any(re.search(r"\btry\s*\([^)]*$|\btry\s*\(.*;\s*$", p.code[j])
               for j in range(max(0, i - 3), i + 1)) or "try (" in p.code[i] or "try(" in p.code[i]


def is_field(p, i, name):
    """Whether the name is one of the class, whose closing is another method's business."""
    return not re.match(r"\s*(?:final\s+)?[\w<>.\[\]]+\s+%s\s*=" % re.escape(name), p.code[i])


@JAVA.check("java-equals-hash", "java", WARNING, 581, "equals( hashCode(",
            "Only one of equals and hashCode is defined: equal objects get lost in hash tables.",
            "Define both on the same fields.")
def contract(p):
    if not p.is_whole or "record " in p.joined:
        return
    equals = re.search(r"\bboolean\s+equals\s*\(\s*(?:final\s+)?(?:@\w+\s+)?Object\b", p.joined)
    code = re.search(r"\bint\s+hashCode\s*\(\s*\)", p.joined)
    if bool(equals) != bool(code):
        yield p.line_of((equals or code).start())


@JAVA.check("java-lock-leak", "java", WARNING, 667, ".lock()",
            "If an exception comes between, the lock is never given back.",
            "Unlock in a finally block.")
def lock(p):
    for i, code in enumerate(p.code):
        found = re.match(r"\s*([\w.]+)\.(?:lock|readLock\(\)\.lock|writeLock\(\)\.lock)\(\)\s*;", code)
        if not found:
            continue
        rest = [p.code[j] for j in p.after(i, 60)]
        unlocks = [k for k, x in enumerate(rest) if ".unlock()" in x]
        if unlocks and not any("finally" in x for x in rest[:unlocks[-1] + 1]):
            yield i


@JAVA.check("empty-catch", "java js csharp php swift c", WARNING, 390, "catch",
            "The error is swallowed here without a trace.",
            "Handle it, log it, or say why it may be ignored.")
def empty_catch(p):
    for i, code in enumerate(p.code):
        found = re.search(r"\bcatch\b\s*(?:\([^)]{0,120}\)\s*)?\{\s*(\}|$)", code)
        if not found or p.comment[i].strip():
            continue
        if found[1]:
            yield i
            continue
        for j in range(i + 1, min(len(p), i + 12)):
            if p.comment[j].strip():
                break
            if p.code[j].strip():
                if p.code[j].strip()[0] == "}":
                    yield i
                break


@JAVA.check("java-changed-while-walked", "java", WARNING, 662, "remove( add(",
            "A collection that changes while it is walked throws, or skips an element.",
            "Use removeIf, or the iterator's own remove.")
def changed(p):
    for i, code in enumerate(p.code):
        found = re.match(r"\s*for\s*\(\s*(?:final\s+)?[\w<>\[\].]+\s+\w+\s*:\s*([\w.]+)\s*\)\s*\{", code)
        if not found:
            continue
        for j in p.inside(i, 30):
            if re.search(r"(?<![\w.])%s\.(?:remove|add)\s*\(" % re.escape(found[1]), p.code[j]):
                if not any(re.match(r"\s*(?:break|return)\b", p.code[k]) for k in range(j + 1, min(len(p), j + 3))):
                    yield j
