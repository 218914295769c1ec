# SPDX-License-Identifier: Apache-2.0
"""What a line of Java, Kotlin or Scala can be found guilty of."""
from rule import ERROR, INFO, SECRET_WORD, WARNING, rule

JAVA = [
    rule("java-exec", "java", "code", WARNING, 78, "getRuntime",
         r"getRuntime\s*\(\s*\)\s*\.\s*exec\s*\((?!\s*\"\"\s*\))",
         "A command line is put together at run time.",
         "Use ProcessBuilder with a list of arguments."),
    rule("java-deserialize", "java", "code", ERROR, 502, "ObjectInputStream XMLDecoder readUnshared",
         r"\bnew\s+(?:ObjectInputStream|XMLDecoder)\s*\(",
         "Reading objects from data lets the data choose what is built and run.",
         "Use a data format."),
    rule("java-weak-crypto", "java", "text", WARNING, 327, "getInstance",
         r"getInstance\s*\(\s*\"(?i:md5|md2|sha-?1|des|desede|rc4|arcfour|blowfish|aes/ecb|aes\"|"
         r"rsa/ecb/nopadding)",
         "A hash, cipher or mode that is broken for this purpose.",
         "Use SHA-256, AES/GCM."),
    rule("java-tls-off", "java", "code", ERROR, 295, "HostnameVerifier HOSTNAME_VERIFIER checkServerTrusted TrustAll",
         r"ALLOW_ALL_HOSTNAME_VERIFIER|\bNoopHostnameVerifier\b|TrustAll\w{0,40}\b|"
         r"checkServerTrusted\s*\([^)]{0,200}\)[^{]{0,80}\{\s*\}|setHostnameVerifier\s*\(.{0,80}->\s*true",
         "Certificates are not verified: anybody on the way can answer in the other side's name.",
         "Leave it on, and trust the other side's authority."),
    rule("java-weak-random", "csharp java", "code", WARNING, 338, "Random",
         r"\bnew\s+Random\s*\(",
         "This random number can be predicted, and the line speaks of a secret.",
         "Use the secure generator.",
         needs=SECRET_WORD),
    rule("java-stack-trace", "java", "code", INFO, 209, "printStackTrace",
         r"\.printStackTrace\s*\(\s*\)",
         "The error goes to stderr and nowhere else; log it or pass it on.",
         "Log it or pass it on."),
]
