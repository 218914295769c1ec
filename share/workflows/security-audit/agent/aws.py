# SPDX-License-Identifier: Apache-2.0
"""What several checks of Terraform resources ask: settings, siblings that refer to a resource, ports and networks."""
from nodes import dig, is_unknown, listed, number, text, truth
from terraform import prefixes

WORLD = frozenset(("0.0.0.0/0", "::/0", "*", "Internet", "internet", "any", "Any", "0.0.0.0", "0::/0"))


def off(resource, *keys, default=False):
    """The line where a switch is off, None where it is on or not known. `keys` lead through blocks; what is not there
    has the provider's `default`."""
    value = truth(dig(resource.body, *keys), default)
    return resource.at(*keys) if value is False else None


def on(resource, *keys, default=False):
    value = truth(dig(resource.body, *keys), default)
    return resource.at(*keys) if value is True else None


def hit(line):
    """A check's answer of one line, or of none."""
    return [line] if line is not None else []


def siblings(resource, kind, key):
    """The resources of `kind` in the same module whose argument `key` names `resource`. One whose argument is not known
    at all may name any, so it counts."""
    out = []
    for other in resource.module.of(kind):
        value = other.body.get(key)
        if is_unknown(value):
            owners = {p for r in value.refs for p in prefixes(r)}
            named = any("." in r and not r.startswith(("var.", "local.", "each.", "data.", "module.")) for r in value.refs)
            if resource.address in owners or not named:
                out.append(other)
        elif value is not None and text(value) and text(value) in (
                text(resource.body.get("bucket")), text(resource.body.get("name")), text(resource.body.get("id")), resource.name):
            out.append(other)
    return out


def worlds(*values):
    """The networks among `values` that are the whole internet."""
    return [text(v) for value in values for v in listed(value) if text(v) in WORLD]


def ports(low, high, protocol="tcp"):
    """(first, last) of a port range, all for a protocol of all; None where it is not known."""
    if text(protocol).lower() in ("-1", "all", "any", "*"):
        return 0, 65535
    first, last = number(low), number(high)
    if first is None or last is None or is_unknown(low) or is_unknown(high):
        return None
    if first == -1:
        return 0, 65535
    return first, last


def opens(span, port):
    return span is not None and span[0] <= port <= span[1]
