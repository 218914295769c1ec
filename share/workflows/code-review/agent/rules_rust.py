# SPDX-License-Identifier: Apache-2.0
"""What a line of Rust can be found guilty of."""
from rule import ERROR, WARNING, rule

RUST = [
    rule("rs-unsafe", "rust", "code", WARNING, 119, "unsafe",
         r"\bunsafe\s*(?:\{|fn\b|impl\b)",
         "Memory safety rests on this block alone; a SAFETY comment must say why it holds.",
         "Say in a SAFETY comment why it holds."),
    rule("rs-tls-off", "rust", "code", ERROR, 295, "danger_accept_invalid",
         r"danger_accept_invalid_\w{1,40}\s*\(\s*true",
         "Certificates are not verified: anybody on the way can answer.",
         "Leave it on, and trust the other side's authority."),
    rule("rs-unfinished", "rust", "code", WARNING, 489, "dbg! todo! unimplemented!",
         r"\b(?:dbg|todo|unimplemented)!\s*[\(\[{]",
         "Left-over debugging or unfinished code: it prints or panics.",
         "Finish it, or remove it."),
    rule("rs-transmute", "rust", "code", WARNING, 843, "transmute static",
         r"\btransmute\b\s*(?:::<|\()|\bstatic\s+mut\b",
         "The compiler can no longer check types or sharing here.",
         "Use a conversion that the compiler can check."),
]
