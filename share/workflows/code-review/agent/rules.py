# SPDX-License-Identifier: Apache-2.0
"""The table of what a single line can be found guilty of.

Each row: id, languages ("*" is all code), view of the line, severity, hints, pattern, what is said; optional are
`unless`, which excuses a line, and `needs`, which must be on it too.
A row is tried only on a line that holds one of its hints, so most patterns are never even compiled.
Repetitions are bounded and the engine cuts lines, which keeps a hostile line's cost linear. What is said names
the thing and the way out, and quotes nothing: it must pass the output policy itself.
"""
import re
from collections import namedtuple

Rule = namedtuple("Rule", "id languages view severity hints pattern unless needs message")
ERROR, WARNING, INFO = "error", "warning", "info"
SECRET_WORD = r"(?i:passw|secret|token|nonce|salt|session|csrf|otp\b|api_?key|private_?key|crypt)"
SHELLS = "shell docker make yaml"
SQL = (r"\b(?:(?:SELECT|select)\s.{1,200}?\s(?:FROM|from)\s+[\w\"`{$#]|(?:INSERT|insert)\s+(?:INTO|into)\s|"
       r"(?:UPDATE|update)\s+[\w.\"`]{1,60}\s+(?:SET|set)\s|(?:DELETE|delete)\s+(?:FROM|from)\s)")
SQL_HINTS = "SELECT INSERT UPDATE DELETE select insert update delete"
SQL_SAID = "A query is put together from text, so a value can become part of the command. Use placeholders and pass the values beside it."


def rule(name, languages, view, severity, hints, pattern, message, unless=None, needs=None):
    return Rule(name, frozenset(languages.split()), view, severity, tuple(hints.split()), pattern, unless, needs, message)


C = [
    rule("c-gets", "c", "code", ERROR, "gets", r"(?<![\w.>])gets\s*\(",
         "gets cannot know the size of its buffer, any longer line overruns it. Use fgets or getline."),
    rule("c-unbounded-copy", "c", "code", ERROR, "strcpy strcat sprintf stpcpy wcscpy wcscat",
         r"(?<![\w.>])(?:strcpy|strcat|v?sprintf|stpcpy|wcscpy|wcscat)\s*\(",
         "An unbounded copy: nothing ties what is written to the size of the target. Use the sized form (snprintf) "
         "and check its result."),
    rule("c-scanf-unbounded", "c", "text", ERROR, "scanf", r"scanf\s*\([^\"]{0,80}\"[^\"]{0,200}%(?:l?s|l?\[)",
         "A scan of a string without a width: a longer word overruns the target. Give the width."),
    rule("c-shell", "c perl", "code", ERROR, "system popen", r"(?<![\w.>])(?:system|popen)\s*\((?!\s*(?:\)|\"\"\s*[,)]))",
         "A command line that is put together at run time goes to the shell, so its parts can become commands. "
         "Start the program itself with an argument vector."),
    rule("c-format-string", "c", "code", ERROR, "printf syslog",
         r"(?<![\w.>])(?:printf\s*\(|(?:fprintf|dprintf|syslog)\s*\([^,()]{1,80},|"
         r"snprintf\s*\([^,()]{1,80},[^,()]{1,80},)\s*[a-z_][\w.>\[\]-]{0,80}\s*\)",
         "The format string is a variable: if anybody else fills it, its conversions read and write memory. "
         "Print it with a constant format."),
    rule("c-temporary-name", "c", "code", WARNING, "mktemp tmpnam tempnam", r"(?<![\w.>])(?:mktemp|tmpnam|tempnam)\s*\(",
         "A temporary name that somebody else can take before the file is opened. Use mkstemp."),
    rule("c-source-bound", "c", "code", WARNING, "strncpy strncat",
         r"(?:strncpy|strncat)\s*\([^,]{1,80},\s*([\w.>\[\]-]{1,60})\s*,\s*strlen\s*\(\s*\1\s*\)\s*\)",
         "The bound is the length of the source, so it bounds nothing, and the final NUL is not copied. "
         "Bound it by the size of the target."),
    rule("c-memset-swapped", "c", "code", ERROR, "memset", r"memset\s*\([^,]{1,80},[^,]{1,80},\s*0\s*\)",
         "The size is 0, so nothing is set: value and size look swapped."),
    rule("c-sizeof-pointer", "c", "code", WARNING, "malloc", r"(\w{1,40})\s*=\s*[^=;]{0,40}malloc\s*\(\s*sizeof\s*\(?\s*\1\s*\)?\s*\)",
         "Room for the pointer is made here, not for what it points to."),
    rule("c-alloca", "c", "code", WARNING, "alloca", r"(?<![\w.>])alloca\s*\(",
         "The stack cannot say no: a large size from outside crashes or overruns it. Use the heap."),
    rule("c-weak-random", "c", "code", WARNING, "rand", r"(?<![\w.>])s?rand(?:om)?\s*\(",
         "This random number can be predicted, and the line speaks of a secret. Use getrandom.", needs=SECRET_WORD),
    rule("c-secret-compare", "c", "code", WARNING, "memcmp strcmp",
         r"(?:memcmp|strcmp)\s*\([^;]{0,80}(?i:hmac|passw|secret|token|signature)",
         "A comparison that stops at the first difference tells by its time how much was right. Use a constant-time one."),
]

PYTHON = [
    rule("py-dynamic-code", "python", "code", ERROR, "eval exec", r"(?<![\w.])(?<!def )(?:eval|exec)\s*\((?!\s*(?:\)|\"\"\s*\)))",
         "Text is run as code here. If any part of it comes from outside, so does the code. Parse the data instead "
         "(json, ast.literal_eval)."),
    rule("py-unsafe-load", "python", "code", ERROR, "pickle dill marshal shelve joblib",
         r"\b(?:c?[pP]ickle|dill|marshal|joblib)\.(?:loads?|Unpickler)\s*\(|\bshelve\.open\s*\(",
         "Loading this format runs code that the data names. Use a format that holds data only, such as JSON."),
    rule("py-yaml-load", "python", "code", ERROR, "yaml", r"\byaml\.(?:unsafe_load|load)(?:_all)?\s*\(",
         "This YAML loader builds arbitrary objects. Use safe_load.", unless=r"yaml\.load.*(?:SafeLoader|BaseLoader)"),
    rule("py-shell", "python", "code", ERROR, "shell=True shell os.system os.popen getoutput",
         r"\bshell\s*=\s*True\b|\bos\.(?:system|popen)\s*\((?!\s*\"\"\s*\))|\bsubprocess\.get(?:status)?output\s*\(",
         "A command line goes to the shell, so a part of it can become a command. Pass a list of arguments and no shell."),
    rule("py-mutable-default", "python", "code", WARNING, "def", r"^\s*(?:async\s+)?def\s+\w{1,80}\s*\(.{0,300}=\s*(?:\[\]|\{\}|(?:list|dict|set)\(\))\s*[,):]",
         "The default is made once and shared by all calls: what one call adds, the next one sees. Use None."),
    rule("py-bare-except", "python", "code", WARNING, "except", r"^\s*except\s*:",
         "This catches everything, SystemExit and KeyboardInterrupt included, and hides mistakes. Name the exceptions."),
    rule("py-assert-check", "python", "code", WARNING, "assert",
         r"^\s*assert\b.{0,200}(?i:admin|permission|allowed|authori[sz]|authenticat|is_owner|token|passw|signature)",
         "An assertion vanishes under -O, and this one guards access. Raise an exception."),
    rule("py-tls-off", "python", "code", ERROR, "verify _create_unverified_context CERT_NONE check_hostname disable_warnings",
         r"\bverify\s*=\s*False\b|_create_unverified_context|\bCERT_NONE\b|check_hostname\s*=\s*False|verify_signature.{0,4}:\s*False",
         "Verification is switched off: anybody on the way can answer in the other side's name."),
    rule("py-jwt-none", "python", "text", ERROR, "verify_signature algorithms", r"verify_signature[\"']?\s*[:=]\s*False|algorithms\s*=\s*\[\s*[\"']none",
         "The token's signature is not checked, so anybody can write one."),
    rule("py-weak-hash", "python", "code", WARNING, "md5 sha1", r"\bhashlib\.(?:md5|sha1)\s*\(",
         "A hash that is broken for this purpose. Use SHA-256, and for passwords scrypt or argon2.", unless=r"usedforsecurity\s*=\s*False"),
    rule("py-weak-random", "python", "code", WARNING, "random", r"\brandom\.(?:random|randint|randrange|choices?|getrandbits|sample|shuffle)\s*\(",
         "This random number can be predicted, and the line speaks of a secret. Use the secrets module.", needs=SECRET_WORD),
    rule("py-temporary-name", "python", "code", WARNING, "mktemp", r"\btempfile\.mktemp\s*\(",
         "A temporary name that somebody else can take before the file is opened. Use mkstemp or NamedTemporaryFile."),
    rule("py-breakpoint", "python", "code", WARNING, "set_trace breakpoint", r"\b(?:pdb|ipdb|pudb|rpdb)\.set_trace\s*\(|(?<![\w.])breakpoint\s*\(",
         "Left-over debugging: the program stops here and waits for a terminal."),
    rule("py-debug-print", "python", "text", INFO, "print", r"(?<![\w.])p?print\s*\(\s*f?[\"'](?i:debug\b|xxx|here\b|>>>|\*\*\*|###|!!!|\{\w{1,40}=\})",
         "Left-over debugging output."),
    rule("py-debug-server", "python", "code", WARNING, "debug DEBUG", r"\.run\s*\(.{0,200}\bdebug\s*=\s*True|^\s*DEBUG\s*=\s*True\s*$",
         "Debug mode: errors show source and variables to whoever asks, and may offer a console."),
    rule("py-extract-all", "python", "code", WARNING, "extractall", r"\.extractall\s*\(",
         "An archive can name paths outside the target directory. Give a filter, or check each member.", unless=r"filter\s*="),
    rule("py-autoescape-off", "python", "code", WARNING, "autoescape", r"autoescape\s*=\s*False",
         "Without escaping, data becomes markup and script."),
    rule("py-host-key", "python", "code", ERROR, "AutoAddPolicy WarningPolicy", r"\b(?:AutoAddPolicy|WarningPolicy)\b",
         "Any host key is accepted, so anybody on the way can answer."),
    rule("py-identity", "python", "code", WARNING, "is", r"\bis(?:\s+not)?\s+(?:\"\"|[0-9])",
         "Identity of a literal is an accident of the implementation. Compare with ==."),
    rule("py-swallow", "python", "code", INFO, "except", r"^\s*except\s+(?:Base)?Exception\b[^:]{0,40}:\s*pass\s*$",
         "Every mistake is swallowed here without a trace."),
]

JS = [
    rule("js-dynamic-code", "js", "code", ERROR, "eval Function", r"(?<![\w.$])eval\s*\(|\bnew\s+Function\s*\(",
         "Text is run as code here. If any part of it comes from outside, so does the code. Parse the data instead."),
    rule("js-timer-code", "js", "text", WARNING, "setTimeout setInterval", r"\bset(?:Timeout|Interval)\s*\(\s*[\"'`]",
         "A timer that is given text runs it as code. Give it a function."),
    rule("js-html", "js html", "code", ERROR, "HTML", r"\.(?:inner|outer)HTML\s*\+?=(?!=)(?!\s*\"\"\s*;?\s*$)|\binsertAdjacentHTML\s*\(|dangerouslySetInnerHTML",
         "Data becomes markup here, and script with it. Set text, or clean it with a proven sanitizer."),
    rule("js-document-write", "js html", "code", WARNING, "document.write", r"\bdocument\.write(?:ln)?\s*\(",
         "Writing into the document turns data into markup and blocks the parser. Build elements instead."),
    rule("js-shell", "js", "text", ERROR, "exec", r"(?<![\w$])(?<!\w\.)(?:child_process\.|cp\.)?exec(?:Sync)?\s*\(\s*(?:`[^`]{0,200}\$\{|[\"'][^\"']{0,200}[\"']\s*\+)",
         "A command line that is put together at run time goes to the shell. Use execFile or spawn with an argument list."),
    rule("js-tls-off", "js", "code", ERROR, "rejectUnauthorized NODE_TLS_REJECT_UNAUTHORIZED strictSSL",
         r"rejectUnauthorized\W{1,4}false|NODE_TLS_REJECT_UNAUTHORIZED|strictSSL\s*:\s*false",
         "Certificates are not verified: anybody on the way can answer in the other side's name."),
    rule("js-weak-hash", "js", "text", WARNING, "createHash createHmac createCipher", r"createH(?:ash|mac)\s*\(\s*[\"'](?:md5|sha1)|createCipher\s*\(",
         "A hash or cipher set-up that is broken for this purpose. Use SHA-256 and createCipheriv with a modern mode."),
    rule("js-weak-random", "js", "code", WARNING, "Math.random", r"\bMath\.random\s*\(",
         "This random number can be predicted, and the line speaks of a secret. Use crypto.randomBytes.", needs=SECRET_WORD),
    rule("js-debugger", "js", "code", WARNING, "debugger", r"^\s*debugger\s*;?\s*$", "Left-over debugging: execution stops here."),
    rule("js-console", "js", "code", INFO, "console.", r"\bconsole\.(?:log|debug|dir|trace|table)\s*\(", "Left-over debugging output?"),
    rule("js-message-any", "js", "text", WARNING, "postMessage", r"postMessage\s*\([^;]{0,200},\s*[\"']\*[\"']",
         "The message goes to whatever page is there. Name its origin."),
    rule("js-type-ignored", "js", "comment", INFO, "@ts-", r"@ts-(?:ignore|nocheck)", "The type checker is silenced here; say why beside it.",
         unless=r"@ts-\w+\s+\S"),
    rule("test-only", "js", "code", WARNING, "only fdescribe fit", r"\b(?:describe|context|it|test|suite)\.only\s*\(|^\s*(?:fdescribe|fit)\s*\(",
         "Only this test runs; all others are skipped."),
]

OTHERS = [
    rule("go-tls-off", "go", "code", ERROR, "InsecureSkipVerify InsecureIgnoreHostKey", r"InsecureSkipVerify\s*[:=]\s*true|InsecureIgnoreHostKey",
         "Verification is switched off: anybody on the way can answer in the other side's name."),
    rule("go-shell", "go rust", "text", ERROR, "Command", r"Command(?:Context)?(?:::new)?\s*\([^)\"]{0,20}\"(?:/bin/)?(?:ba)?sh\"(?:\s*,\s*|\)\s*\.arg\(\s*)\"-c\"(?:\s*,\s*|\)\s*\.arg\(\s*)(?![\"`][^\"`+]{0,300}[\"`]\s*\))",
         "A command line that is put together at run time goes to the shell. Start the program itself with arguments."),
    rule("go-weak-hash", "go", "code", WARNING, "md5. sha1.", r"\b(?:md5|sha1)\.(?:New|Sum)\s*\(", "A hash that is broken for this purpose. Use SHA-256."),
    rule("go-unescaped", "go", "code", WARNING, "template.", r"\btemplate\.(?:HTML|JS|URL|HTMLAttr)\s*\((?!\s*(?:\"\"|``)\s*\))",
         "This tells the template that the data is safe as it is. Let it escape."),
    rule("go-unsafe", "go", "code", WARNING, "unsafe.", r"\bunsafe\.(?:Pointer|Slice|String)\b", "Memory safety is given up here; say in a comment why it holds."),
    rule("go-debug", "go", "code", INFO, "spew.", r"\bspew\.Dump\s*\(", "Left-over debugging output."),
    rule("java-exec", "java", "code", WARNING, "getRuntime", r"getRuntime\s*\(\s*\)\s*\.\s*exec\s*\((?!\s*\"\"\s*\))",
         "A command line is put together at run time. Use ProcessBuilder with a list of arguments."),
    rule("java-deserialize", "java", "code", ERROR, "ObjectInputStream XMLDecoder readUnshared", r"\bnew\s+(?:ObjectInputStream|XMLDecoder)\s*\(",
         "Reading objects from data lets the data choose what is built and run. Use a data format."),
    rule("java-weak-crypto", "java", "text", WARNING, "getInstance", r"getInstance\s*\(\s*\"(?i:md5|md2|sha-?1|des|desede|rc4|arcfour|blowfish|aes/ecb|aes\"|rsa/ecb/nopadding)",
         "A hash, cipher or mode that is broken for this purpose. Use SHA-256, AES/GCM."),
    rule("java-tls-off", "java", "code", ERROR, "HostnameVerifier HOSTNAME_VERIFIER checkServerTrusted TrustAll", r"ALLOW_ALL_HOSTNAME_VERIFIER|\bNoopHostnameVerifier\b|TrustAll\w{0,40}\b|"
         r"checkServerTrusted\s*\([^)]{0,200}\)[^{]{0,80}\{\s*\}|setHostnameVerifier\s*\(.{0,80}->\s*true",
         "Certificates are not verified: anybody on the way can answer in the other side's name."),
    rule("java-weak-random", "java csharp", "code", WARNING, "Random", r"\bnew\s+Random\s*\(",
         "This random number can be predicted, and the line speaks of a secret. Use the secure generator.", needs=SECRET_WORD),
    rule("java-stack-trace", "java", "code", INFO, "printStackTrace", r"\.printStackTrace\s*\(\s*\)", "The error goes to stderr and nowhere else; log it or pass it on."),
    rule("cs-deserialize", "csharp", "code", ERROR, "BinaryFormatter NetDataContractSerializer LosFormatter", r"\bnew\s+(?:BinaryFormatter|NetDataContractSerializer|LosFormatter)\b",
         "Reading objects from data lets the data choose what is built and run. Use a data format."),
    rule("cs-tls-off", "csharp", "code", ERROR, "CertificateValidationCallback CertificateCustomValidationCallback DangerousAccept",
         r"Certificate(?:Custom)?ValidationCallback\s*\+?=.{0,200}(?:=>\s*true|return\s+true)|DangerousAcceptAnyServerCertificateValidator",
         "Certificates are not verified: anybody on the way can answer in the other side's name."),
    rule("cs-weak-hash", "csharp", "code", WARNING, "MD5 SHA1", r"\b(?:MD5|SHA1)(?:CryptoServiceProvider\b|\.Create\s*\()", "A hash that is broken for this purpose. Use SHA-256."),
    rule("cs-raw-html", "csharp", "code", WARNING, "Html.Raw", r"\bHtml\.Raw\s*\(", "Data becomes markup here, and script with it."),
    rule("php-dynamic-code", "php", "code", ERROR, "eval assert create_function", r"(?<![\w>:])(?:eval|create_function)\s*\(|(?<![\w>:])assert\s*\(\s*\$",
         "Text is run as code here. If any part of it comes from outside, so does the code."),
    rule("php-shell", "php", "text", ERROR, "exec passthru system popen proc_open", r"(?<![\w>:])(?:shell_exec|exec|passthru|system|popen|proc_open)\s*\([^;]{0,200}\$",
         "A command line that is put together at run time goes to the shell. Escape each argument, or start no shell.", unless=r"escapeshellarg"),
    rule("php-unserialize", "php", "code", ERROR, "unserialize", r"(?<![\w>:])unserialize\s*\(\s*\$", "Reading objects from data lets the data choose what is built and run. Use JSON.",
         unless=r"allowed_classes"),
    rule("php-echo-input", "php", "code", ERROR, "$_GET $_POST $_REQUEST $_COOKIE", r"\b(?:echo|print)\b[^;]{0,200}\$_(?:GET|POST|REQUEST|COOKIE)\b",
         "What the visitor sent is written into the page as it came. Escape it.", unless=r"htmlspecialchars|htmlentities|intval|\(int\)"),
    rule("php-include-input", "php", "code", ERROR, "include require", r"\b(?:include|require)(?:_once)?\b[^;]{0,100}\$_(?:GET|POST|REQUEST|COOKIE)\b",
         "The visitor chooses which file is run."),
    rule("php-tls-off", "php", "code", ERROR, "CURLOPT_SSL_VERIFY", r"CURLOPT_SSL_VERIFY(?:PEER|HOST)\s*(?:,|=>)\s*(?:false|0)\b", "Certificates are not verified: anybody on the way can answer."),
    rule("php-debug", "php", "code", INFO, "var_dump print_r dd(", r"(?<![\w>:])(?:var_dump|print_r|dd)\s*\(\s*\$", "Left-over debugging output."),
    rule("rb-dynamic-code", "ruby", "code", ERROR, "eval", r"(?<![\w.])eval\s*\(?\s*(?!\"\"\s*\)?\s*$)[\w@$\"]|\.(?:instance|class|module)_eval\s*\(\s*[\w@\"]",
         "Text is run as code here. If any part of it comes from outside, so does the code."),
    rule("rb-shell", "ruby", "text", ERROR, "system exec ` %x", r"(?<![\w.])(?:system|exec|spawn)\s*\(?\s*\"[^\"]{0,200}#\{|`[^`]{0,200}#\{|%x[\[({][^\])}]{0,200}#\{",
         "A command line that is put together at run time goes to the shell. Pass the arguments one by one."),
    rule("rb-unsafe-load", "ruby", "code", ERROR, "Marshal YAML", r"\bMarshal\.(?:load|restore)\s*\(|\bYAML\.(?:unsafe_)?load\s*\(", "This builds whatever objects the data names. Use safe_load or JSON."),
    rule("rb-debug", "ruby", "code", WARNING, "binding.pry byebug binding.irb", r"\bbinding\.(?:pry|irb|b)\b|^\s*(?:byebug|debugger)\s*$", "Left-over debugging: the program stops here and waits for a terminal."),
    rule("rb-tls-off", "ruby", "code", ERROR, "VERIFY_NONE", r"\bVERIFY_NONE\b", "Certificates are not verified: anybody on the way can answer."),
    rule("rb-forgery-off", "ruby", "code", WARNING, "verify_authenticity_token permit!", r"skip_before_action\s+:verify_authenticity_token|\.permit!", "A protection of the framework is switched off here."),
    rule("rs-unsafe", "rust", "code", WARNING, "unsafe", r"\bunsafe\s*(?:\{|fn\b|impl\b)", "Memory safety rests on this block alone; a SAFETY comment must say why it holds."),
    rule("rs-tls-off", "rust", "code", ERROR, "danger_accept_invalid", r"danger_accept_invalid_\w{1,40}\s*\(\s*true", "Certificates are not verified: anybody on the way can answer."),
    rule("rs-unfinished", "rust", "code", WARNING, "dbg! todo! unimplemented!", r"\b(?:dbg|todo|unimplemented)!\s*[\(\[{]", "Left-over debugging or unfinished code: it prints or panics."),
    rule("rs-transmute", "rust", "code", WARNING, "transmute static", r"\btransmute\b\s*(?:::<|\()|\bstatic\s+mut\b", "The compiler can no longer check types or sharing here."),
    rule("pl-two-arg-open", "perl", "text", WARNING, "open", r"\bopen\s*\(?\s*\w{1,40}\s*,\s*\"?\$", "A two-argument open takes a pipe or a mode from the name. Use three arguments."),
    rule("empty-catch", "java js csharp php swift", "code", WARNING, "catch", r"\bcatch\s*(?:\([^)]{0,80}\)\s*)?\{\s*\}", "The error is swallowed here without a trace."),
    rule("weak-cipher", "c python js go ruby php rust csharp", "code", WARNING, "EVP_ ECB DES ARC4 rc4 des.",
         r"\bEVP_(?:des|rc4|rc2|bf|md5|\w{1,20}_ecb)\w{0,20}\s*\(|\bMODE_ECB\b|\bmodes\.ECB\b|\b(?:DES3?|ARC4)\.new\s*\(|\b(?:rc4|des)\.New\w{0,20}Cipher",
         "A cipher or mode that is broken or shows patterns. Use an authenticated one (AES-GCM, ChaCha20-Poly1305)."),
    rule("old-tls", "c python js go java ruby php rust csharp config", "code", WARNING, "SSLv TLSv1 TLS10 TLS11 SSL30",
         r"\b(?:PROTOCOL_)?SSLv[23]\b(?!_(?:client_|server_)?method)|\bPROTOCOL_TLSv1(?:_1)?\b|\bVersion(?:TLS1[01]|SSL30)\b|\bTLSv1(?:\.[01])?\b(?![._]\d)",
         "A protocol version that is broken or retired. Ask for TLS 1.2 or later.", unless=r"(?i)OP_NO|no_|disable|-SSL|!SSL|minus|forbid|-TLSv1"),
    rule("cors-any", "*", "text", WARNING, "Access-Control-Allow-Origin", r"(?i)Access-Control-Allow-Origin[\"']?\s*[,:=]\s*[\"']?\*", "Any site may read the answers. Name the origins."),
]

INJECTION = [
    rule("sql-built", "python", "text", ERROR, SQL_HINTS, SQL, SQL_SAID,
         needs=r"(?<!\w)[rR]?[fF][rR]?[\"'].{0,400}(?<!\{)\{(?!\{)|[\"']\s*(?:%\s*[\w(]|\+\s*[A-Za-z_]|\.format\s*\()"),
    rule("sql-built", "js", "text", ERROR, SQL_HINTS, SQL, SQL_SAID, needs=r"`.{0,400}\$\{|[\"']\s*\+\s*[A-Za-z_]",
         unless=r"(?i)(?:sql|query|prisma)(?:\.\w{1,20})?\s*`"),
    rule("sql-built", "java csharp swift", "text", ERROR, SQL_HINTS, SQL, SQL_SAID, needs=r"\"\s*\+\s*[A-Za-z_]|format\s*\(.{0,400}%s|\$\".{0,400}\{\w|\$\{\w"),
    rule("sql-built", "go c rust", "text", ERROR, SQL_HINTS, SQL, SQL_SAID, needs=r"\"\s*\+\s*[A-Za-z_]|(?:printf|format!)\s*\(.{0,400}(?:%[sv]|\{\w{0,20}\})"),
    rule("sql-built", "php perl", "text", ERROR, SQL_HINTS, SQL, SQL_SAID, needs=r"\"[^\"]{0,400}\$\w|[\"']\s*\.\s*\$"),
    rule("sql-built", "ruby", "text", ERROR, SQL_HINTS, SQL, SQL_SAID, needs=r"#\{|[\"']\s*\+\s*[a-z_]"),
]

SHELL = [
    rule("sh-remove-variable", SHELLS, "code", ERROR, "rm", r"\brm\s+(?:-[\w-]{1,20}\s+){0,4}-\w{0,8}[rR]\w{0,8}\s+(?:-[\w-]{0,20}\s+){0,3}(?:\"?\$\{?\w{1,40}\}?\"?/(?:\s|\*|$|\"\s*$)|\"?\$\{?\w{1,40}\}?/\*)",
         "If the variable is empty this removes from the root of the file system. Write ${NAME:?} and quote it."),
    rule("sh-remove-unquoted", SHELLS, "code", WARNING, "rm", r"\brm\s+(?:-[\w-]{1,20}\s+){0,4}-\w{0,8}[rR]\w{0,8}\s+(?:-[\w-]{0,20}\s+){0,3}\$(?:\w|\{\w{1,40}\})",
         "An unquoted variable is split and expanded: blanks or a star in it remove something else. Quote it."),
    rule("sh-pipe-to-shell", SHELLS + " doc", "code", ERROR, "curl wget", r"\b(?:curl|wget)\b[^|;#]{0,300}\|\s*(?:sudo\s+(?:-\S{1,20}\s+){0,3})?(?:(?:ba|z|da|k)?sh|python3?|perl|ruby|node)\b(?!\S)|"
         r"\b(?:ba|z|da)?sh\s+(?:-c\s+)?(?:<\(|\"?\$\()\s*(?:curl|wget)\b",
         "What the network sends is run unseen. Download it, check its hash, then run it."),
    rule("sh-world-writable", SHELLS + " python c", "code", WARNING, "chmod", r"\bchmod\s+(?:-\w{1,4}\s+){0,2}(?:0?[0-7]?[0-7][2367][2367]|[augo]*[ao][ugo]*\+\w{0,2}w\w{0,2})\b|\bchmod\s*\([^)]{0,80},\s*0o?[0-7]?[0-7][2367][2367]\s*\)",
         "Everybody on the machine may write to it. Give only the rights that are needed."),
    rule("sh-eval", "shell make", "code", WARNING, "eval", r"(?<![\w.-])eval\s+[\"']?(?!\$\()[^\"'`;|]{0,80}\$(?!\()",
         "A variable is run as shell text: whatever fills it can run commands."),
    rule("sh-tls-off", SHELLS + " config", "code", ERROR, "curl wget sslVerify SSL_NO_VERIFY strict-ssl StrictHostKeyChecking",
         r"\bcurl\b[^|;#]{0,200}\s(?:-\w{0,6}k\w{0,6}|--insecure)(?!\S)|\bwget\b[^|;#]{0,200}--no-check-certificate|sslVerify[=\s]+false|GIT_SSL_NO_VERIFY=(?:1|true)|strict-ssl[=\s]+false|"
         r"StrictHostKeyChecking[=\s]+no\b",
         "Verification is switched off: anybody on the way can answer in the other side's name."),
    rule("sh-unsigned-packages", SHELLS, "code", WARNING, "--allow-unauthenticated --force-yes --trusted-host --nogpgcheck", r"--(?:allow-unauthenticated|force-yes|trusted-host|nogpgcheck)\b",
         "Packages are taken without proof of where they come from."),
    rule("sh-command-text", "shell make", "code", WARNING, "sh", r"\b(?:ba|da|z)?sh\s+-\w{0,3}c\s+\"[^\"]{0,200}\$\{?[A-Za-z_]", "A variable is pasted into a command line that a second shell reads. Pass it as an argument."),
    rule("sh-fixed-temporary", "shell make", "code", INFO, "/tmp/", r"(?:>|\btee\s|\btouch\s)\s*\"?/tmp/[\w.-]{1,80}(?:\$\$)?(?=[\s\";]|$)", "A name in a shared directory that others can guess and take first. Use mktemp."),
    rule("sh-trace", "shell", "code", INFO, "set", r"^\s*set\s+-[a-wyz]{0,6}x\b", "Left-over tracing? It also prints what the variables hold."),
]

DEPLOYMENT = [
    rule("docker-root", "docker", "code", WARNING, "USER", r"^\s*USER\s+(?:root|0)\b", "What follows runs as root."),
    rule("docker-latest", "docker", "code", WARNING, "FROM", r"^\s*FROM\s+(?:--platform=\S{1,60}\s+)?(?:\S{1,200}:latest\b|[\w.-]{1,80}/[\w./-]{1,200}(?=\s|$))",
         "The base image is whatever the registry has on that day. Pin a version and its digest."),
    rule("docker-add-remote", "docker", "code", WARNING, "ADD", r"^\s*ADD\s+(?:--\S{1,60}\s+){0,3}https?:", "The file is fetched without a check of its hash. Use --checksum or check it.", unless=r"--checksum"),
    rule("privileged", "yaml docker shell make terraform", "code", WARNING, "privileged", r"\bprivileged\s*[:=]\s*true\b|\s--privileged\b", "A privileged container has the rights of the host."),
    rule("k8s-host", "yaml", "code", WARNING, "host runAs allowPrivilege", r"^\s*-?\s*(?:host(?:Network|PID|IPC)\s*:\s*true|runAsUser\s*:\s*0|runAsNonRoot\s*:\s*false|allowPrivilegeEscalation\s*:\s*true)\b",
         "A separation between container and host is given up here."),
    rule("docker-socket", "yaml shell make docker", "code", WARNING, "docker.sock", r"/var/run/docker\.sock|/run/docker\.sock", "Whoever holds this socket is root on the host."),
    rule("ci-target", "yaml", "code", ERROR, "pull_request_target", r"\bpull_request_target\b", "This trigger gives a stranger's pull request the repository's secrets and write rights. Use pull_request."),
    rule("ci-unpinned", "yaml", "code", WARNING, "uses", r"^\s*-?\s*uses\s*:\s*[\"']?(?!\./|docker:)[\w.-]{1,80}/[\w./-]{1,120}@(?![0-9a-f]{40}\b)", "The action is whatever its tag points to on that day. Pin the full commit hash."),
    rule("ci-injection", "yaml", "code", ERROR, "github.", r"\$\{\{\s{0,4}github\.(?:head_ref|event\.(?:issue|pull_request|comment|review|discussion|head_commit|pages|workflow_run)[\w.\[\]*]{0,60}\.(?:title|body|message|name|email|ref|label|default_branch|head_branch))",
         "Text that a stranger chooses is pasted into a script. Pass it through env and quote it there.", unless=r"^\s*-?\s*(?!run\b|script\b)[\w-]{1,60}\s*:\s*[\"']?\$\{\{[^}]{1,200}\}\}[\"']?\s*$"),
    rule("ci-write-all", "yaml", "code", WARNING, "write-all", r"\bpermissions\s*:\s*write-all\b", "The job may write everything. Name the permissions that it needs."),
    rule("tf-open", "terraform yaml", "code", WARNING, "0.0.0.0/0 ::/0", r"[\"']?(?:0\.0\.0\.0/0|::/0)", "Open to the whole internet. Name the networks.", unless=r"(?i)egress|ipam|destination"),
    rule("tf-public", "terraform", "code", ERROR, "public", r"\bacl\s*=\s*\"public-|\bpublicly_accessible\s*=\s*true", "Everybody on the internet can reach it."),
    rule("tf-unencrypted", "terraform", "code", WARNING, "encrypt", r"\b(?:storage_)?encrypt(?:ed|ion)\w{0,20}\s*=\s*false", "Data is stored unencrypted."),
    rule("tf-any-action", "terraform json", "code", WARNING, "ction", r"(?i)\"?actions?\"?\s*[:=]\s*\[?\s*\"\*\"", "Every action is allowed. Name those that are needed."),
    rule("conf-root-login", "config", "code", WARNING, "PermitRootLogin PasswordAuthentication NOPASSWD", r"^\s*PermitRootLogin\s+yes\b|NOPASSWD\s*:\s*ALL", "Root is one step away for whoever gets in."),
]

ALL = C + PYTHON + JS + OTHERS + INJECTION + SHELL + DEPLOYMENT


class Table:
    """The rules of one language; patterns are compiled when a hint is first seen."""

    def __init__(self, language, is_code):
        self.rules = [r for r in ALL if language in r.languages or (is_code and "*" in r.languages)]
        self.compiled = {}

    def narrow(self, text):
        """Only the rules that can hit anywhere in `text`."""
        self.rules = [r for r in self.rules if any(hint in text for hint in r.hints)]

    def hits(self, view):
        for r in self.rules:
            text = getattr(view, r.view)
            if any(hint in text for hint in r.hints) and self.matches(r, text):
                yield r

    def matches(self, r, text):
        if r not in self.compiled:
            self.compiled[r] = [re.compile(p) if p else None for p in (r.pattern, r.needs, r.unless)]
        pattern, needs, unless = self.compiled[r]
        return bool(pattern.search(text) and (not needs or needs.search(text)) and not (unless and unless.search(text)))
