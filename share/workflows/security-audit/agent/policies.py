# SPDX-License-Identifier: Apache-2.0
"""AWS policies, wherever they stand: JSON documents, jsonencode, heredocs and aws_iam_policy_document data sources."""
import fnmatch
import re
import json_parser
from nodes import Map, NotParsed, is_unknown, listed, maps, text

IDENTITY, TRUST, RESOURCE = "policy:identity", "policy:trust", "policy:resource"
# Where a Terraform resource holds a policy, and of which kind it is.
PLACES = {
    ("aws_iam_policy", "policy"): IDENTITY, ("aws_iam_role_policy", "policy"): IDENTITY, ("aws_iam_user_policy", "policy"): IDENTITY,
    ("aws_iam_group_policy", "policy"): IDENTITY, ("aws_ssoadmin_permission_set_inline_policy", "inline_policy"): IDENTITY,
    ("aws_iam_role", "assume_role_policy"): TRUST,
    ("aws_s3_bucket_policy", "policy"): RESOURCE, ("aws_s3_bucket", "policy"): RESOURCE, ("aws_sqs_queue_policy", "policy"): RESOURCE,
    ("aws_sqs_queue", "policy"): RESOURCE, ("aws_sns_topic_policy", "policy"): RESOURCE, ("aws_sns_topic", "policy"): RESOURCE,
    ("aws_kms_key", "policy"): RESOURCE, ("aws_kms_key_policy", "policy"): RESOURCE, ("aws_ecr_repository_policy", "policy"): RESOURCE,
    ("aws_secretsmanager_secret_policy", "policy"): RESOURCE, ("aws_efs_file_system_policy", "policy"): RESOURCE,
    ("aws_elasticsearch_domain", "access_policies"): RESOURCE, ("aws_opensearch_domain", "access_policies"): RESOURCE,
    ("aws_backup_vault_policy", "policy"): RESOURCE, ("aws_glacier_vault", "access_policy"): RESOURCE,
}
BROAD = re.compile(r"\*$|arn:[^:]*:[a-z0-9-]+:[^:]*:[^:]*:(?:\*|(?:user|role|group|policy|function|secret|key|parameter|table)[/:]\*|\*/\*)$|arn:[^:]*:\*")
MAX_STATEMENTS = 500


class Statement:
    """One statement. `principals` are (type, name); `conditions` are (operator, key, values), in lower case but the values."""

    def __init__(self, line):
        self.line = line
        self.allows = True
        self.actions, self.not_actions, self.resources, self.not_resources = [], [], [], []
        self.principals, self.not_principals, self.conditions = [], [], []
        self.has_unknown_resource = False

    def allows_all(self):
        return self.allows and "*" in self.actions or "*:*" in self.actions

    def covers(self, action):
        """Whether the statement speaks of the action, given in lower case."""
        if self.not_actions:
            return not any(matches(p, action) for p in self.not_actions)
        return any(matches(p, action) for p in self.actions)

    def is_broad(self):
        return bool(self.not_resources) or any(BROAD.match(r) for r in self.resources)

    def has_condition(self, *keys):
        return any(key in name for _, name, _ in self.conditions for key in keys)


def matches(pattern, action):
    return len(pattern) < 200 and pattern.count("*") < 8 and fnmatch.fnmatchcase(action, pattern)


class Policy:
    def __init__(self, kind, label, file, line, statements, version):
        self.kind, self.label, self.file, self.line = kind, label, file, line
        self.statements, self.version = statements, version

    def allowed(self):
        return [s for s in self.statements if s.allows]

    def at(self, *_):
        return self.line


def words(value):
    return [text(v) for v in listed(value) if text(v)]


def from_map(body, shift=0):
    """The statements of a policy document as AWS writes it; None if it is none."""
    if not isinstance(body, Map) or "Statement" not in body:
        return None
    out = []
    for one in maps(body["Statement"])[:MAX_STATEMENTS]:
        s = Statement(one.line + shift)
        s.allows = text(one.get("Effect")) != "Deny"
        s.actions = [w.lower() for w in words(one.get("Action"))]
        s.not_actions = [w.lower() for w in words(one.get("NotAction"))]
        s.resources, s.not_resources = words(one.get("Resource")), words(one.get("NotResource"))
        s.has_unknown_resource = any(is_unknown(v) for v in listed(one.get("Resource")))
        s.principals, s.not_principals = principals(one.get("Principal")), principals(one.get("NotPrincipal"))
        for operator, keys in (one["Condition"].items() if isinstance(one.get("Condition"), Map) else ()):
            for key, values in keys.items() if isinstance(keys, Map) else ():
                s.conditions.append((operator.lower(), key.lower(), words(values) or ["${unknown}"]))
        if is_unknown(one.get("Condition")):
            s.conditions.append(("", "", []))
        out.append(s)
    return out


def principals(value):
    if isinstance(value, Map):
        return [(kind, name) for kind, names in value.items() for name in words(names) or ["${unknown}"]]
    return [("*", w) for w in words(value)]


def from_data(resource):
    """The statements of an aws_iam_policy_document."""
    out = []
    for one in resource.blocks("statement")[:MAX_STATEMENTS]:
        s = Statement(one.line)
        s.allows = text(one.get("effect")) != "Deny"
        s.actions = [w.lower() for w in words(one.get("actions"))]
        s.not_actions = [w.lower() for w in words(one.get("not_actions"))]
        s.resources, s.not_resources = words(one.get("resources")), words(one.get("not_resources"))
        s.has_unknown_resource = is_unknown(one.get("resources")) or any(is_unknown(v) for v in listed(one.get("resources")))
        for target, key in ((s.principals, "principals"), (s.not_principals, "not_principals")):
            for p in maps(one.get(key)):
                target += [(text(p.get("type")), w) for w in words(p.get("identifiers")) or ["${unknown}"]]
        for c in maps(one.get("condition")):
            s.conditions.append((text(c.get("test")).lower(), text(c.get("variable")).lower(), words(c.get("values")) or ["${unknown}"]))
        out.append(s)
    return out


def guess(statements):
    """Which kind a policy is that does not say so by where it stands."""
    if not any(s.principals or s.not_principals for s in statements):
        return IDENTITY
    return TRUST if all(a.startswith("sts:") for s in statements for a in s.actions) else RESOURCE


def of_document(body, file):
    """The policy of a JSON document, None if it is none."""
    statements = from_map(body)
    if statements is None:
        return None
    return Policy(guess(statements), file.rsplit("/", 1)[-1], file, body.line, statements, text(body.get("Version")))


def of_resource(resource, documents, used, failed):
    """The policies that a Terraform resource holds. `documents`: data sources by address; `used` gets those that were
    referred to, `failed` (file, line, reason) of what was not understood."""
    values = [(resource.body.get(key), key, resource.at(key), kind) for (type_, key), kind in PLACES.items() if type_ == resource.kind]
    if resource.kind == "aws_iam_role":
        values += [(p.get("policy"), "policy", p.at("policy"), IDENTITY) for p in resource.blocks("inline_policy")]
    for value, _, line, kind in values:
        if is_unknown(value):
            for ref in value.refs:
                address = ".".join(ref.split(".")[:3])
                if address in documents and (address, kind) not in used:
                    used.add((address, kind))
                    d = documents[address]
                    yield Policy(kind, d.address, d.file, d.line, from_data(d), "2012-10-17")
        value = value.text if is_unknown(value) else value
        shift = 0
        if isinstance(value, str) and value.lstrip().startswith("{"):
            try:
                shift = line
                value = json_parser.parse(value)
            except NotParsed:
                failed.append((resource.file, line, "a policy text that is no JSON"))
                continue
        statements = from_map(value, shift)
        if statements is not None:
            yield Policy(kind, resource.address, resource.file, line, statements, text(value.get("Version")))


def of_unused(documents, used):
    for address, d in documents.items():
        if not any(address == a for a, _ in used):
            statements = from_data(d)
            yield Policy(guess(statements), d.address, d.file, d.line, statements, "2012-10-17")
