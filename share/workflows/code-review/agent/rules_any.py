# SPDX-License-Identifier: Apache-2.0
"""What a line of several languages can be found guilty of: queries put together, old ciphers and protocols."""
from rule import ERROR, SQL_SAID, WARNING, rule

SQL = (r"\b(?:(?:SELECT|select)\s.{1,200}?\s(?:FROM|from)\s+[\w\"`{$#]|(?:INSERT|insert)\s+(?:INTO|into)\s|"
       r"(?:UPDATE|update)\s+[\w.\"`]{1,60}\s+(?:SET|set)\s|(?:DELETE|delete)\s+(?:FROM|from)\s)")
SQL_HINTS = "SELECT INSERT UPDATE DELETE select insert update delete"

ANY = [
    rule("weak-cipher", "c csharp go js php python ruby rust", "code", WARNING, 327, "EVP_ ECB DES ARC4 rc4 des.",
         r"\bEVP_(?:des|rc4|rc2|bf|md5|\w{1,20}_ecb)\w{0,20}\s*\(|\bMODE_ECB\b|\bmodes\.ECB\b|\b(?:DES3?|"
         r"ARC4)\.new\s*\(|\b(?:rc4|des)\.New\w{0,20}Cipher",
         "A cipher or mode that is broken or shows patterns.",
         "Use an authenticated one (AES-GCM, ChaCha20-Poly1305)."),
    rule("old-tls", "c config csharp go java js php python ruby rust", "code", WARNING, 327, "SSLv TLSv1 TLS10 TLS11 "
                                                                                             "SSL30",
         r"\b(?:PROTOCOL_)?SSLv[23]\b(?!_(?:client_|server_)?method)|\bPROTOCOL_TLSv1(?:_1)?\b|"
         r"\bVersion(?:TLS1[01]|SSL30)\b|\bTLSv1(?:\.[01])?\b(?![._]\d)",
         "A protocol version that is broken or retired.",
         "Ask for TLS 1.2 or later.",
         unless=r"(?i)OP_NO|no_|disable|-SSL|!SSL|minus|forbid|-TLSv1"),
    rule("cors-any", "*", "text", WARNING, 942, "Access-Control-Allow-Origin",
         r"(?i)Access-Control-Allow-Origin[\"']?\s*[,:=]\s*[\"']?\*",
         "Any site may read the answers.",
         "Name the origins."),
    rule("sql-built", "python", "text", ERROR, 89, SQL_HINTS, SQL,
         *SQL_SAID,
         needs=r"(?<!\w)[rR]?[fF][rR]?[\"'].{0,400}(?<!\{)\{(?!\{)|[\"']\s*(?:%\s*[\w(]|\+\s*[A-Za-z_]|"
               r"\.format\s*\()"),
    rule("sql-built", "js", "text", ERROR, 89, SQL_HINTS, SQL,
         *SQL_SAID,
         needs=r"`.{0,400}\$\{|[\"']\s*\+\s*[A-Za-z_]",
         unless=r"(?i)(?:sql|query|prisma)(?:\.\w{1,20})?\s*`"),
    rule("sql-built", "csharp java swift", "text", ERROR, 89, SQL_HINTS, SQL,
         *SQL_SAID,
         needs=r"\"\s*\+\s*[A-Za-z_]|format\s*\(.{0,400}%s|\$\".{0,400}\{\w|\$\{\w"),
    rule("sql-built", "c go rust", "text", ERROR, 89, SQL_HINTS, SQL,
         *SQL_SAID,
         needs=r"\"\s*\+\s*[A-Za-z_]|(?:printf|format!)\s*\(.{0,400}(?:%[sv]|\{\w{0,20}\})"),
    rule("sql-built", "perl php", "text", ERROR, 89, SQL_HINTS, SQL,
         *SQL_SAID,
         needs=r"\"[^\"]{0,400}\$\w|[\"']\s*\.\s*\$"),
    rule("sql-built", "ruby", "text", ERROR, 89, SQL_HINTS, SQL,
         *SQL_SAID,
         needs=r"#\{|[\"']\s*\+\s*[a-z_]"),
]
