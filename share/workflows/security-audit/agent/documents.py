# SPDX-License-Identifier: Apache-2.0
"""Sorts the documents by what they are, has each one parsed, and gives the subjects that the checks look at.

What is not understood is told with its file, line and reason; nothing is passed over in silence.
"""
import re
import json_parser
import kubernetes
import policies
import yaml_parser
from nodes import Map, NotParsed
from report import clean
from terraform import Project

# The helm template actions, as opposed to what other tools write in double braces.
GO_TEMPLATE = re.compile(r"\{\{-?\s*(?:/\*|\.|\$|if\b|else\b|end\b|with\b|range\b|include\b|template\b|define\b|block\b|toYaml\b|tpl\b)")
# All text of one run; what is more is told as not looked at.
MAX_TOTAL = 8000000
# Kinds about which there is nothing to check.
SILENT = frozenset(("k8s:ServiceAccount", "k8s:Pod", "k8s:Deployment", "k8s:ReplicaSet", "k8s:StatefulSet", "k8s:DaemonSet", "k8s:Job",
                    "k8s:CronJob", "k8s:ReplicationController", "k8s:PodTemplate", "k8s:ResourceQuota", "k8s:LimitRange",
                    "aws_s3_bucket_logging", "aws_s3_bucket_server_side_encryption_configuration", "aws_flow_log",
                    "aws_iam_policy", "aws_iam_role_policy", "aws_iam_group_policy", "aws_s3_bucket_policy", "aws_sqs_queue_policy",
                    "aws_sns_topic_policy", "aws_kms_key_policy", "aws_ecr_repository_policy"))


def kind_of(document):
    """terraform, tfvars, terraform-json, kubernetes or json, from what the input says or the file's name; "" for others."""
    name = document["path"].lower()
    given = document.get("kind", "auto")
    if given != "auto":
        return "terraform-json" if given == "terraform" and name.endswith(".json") else given
    for end, kind in ((".tf.json", "terraform-json"), (".tofu.json", "terraform-json"), (".tf", "terraform"), (".tofu", "terraform"),
                      (".tfvars", "tfvars"), (".yaml", "kubernetes"), (".yml", "kubernetes"), (".json", "json")):
        if name.endswith(end):
            return kind
    return ""


class Documents:
    def __init__(self, given):
        self.project, self.cluster = Project(), kubernetes.Cluster()
        self.policies, self.not_understood = [], []
        self.parsed, total = 0, 0
        for document in given:
            total += len(document["content"])
            if total > MAX_TOTAL:
                self.refuse(document["path"], 1, "not looked at: all documents together are too large")
                continue
            before = len(self.not_understood)
            self.take(document)
            self.parsed += len(self.not_understood) == before
        for file, line, name in self.project.finish():
            self.refuse(file, line, "a module that is not among the documents: %s" % clean(name, 100))
        if self.project.budget.left <= 0:
            self.refuse("terraform", 1, "the expressions are too large to be worked out: some settings are not known")

    def refuse(self, file, line, reason):
        self.not_understood.append((file, max(line, 1), reason))

    def take(self, document):
        path, content, kind = document["path"], document["content"], kind_of(document)
        if kind in ("terraform", "terraform-json", "tfvars"):
            error = self.terraform(path, content, kind)
            if error:
                self.refuse(path, error.line, error.reason + "; what stands after this line was not checked")
        elif kind == "kubernetes":
            self.yaml(path, content)
        elif kind in ("json", "iam-policy"):
            self.json(path, content, kind)
        else:
            self.refuse(path, 1, "a kind of document that is not known: no Terraform, Kubernetes or policy document by its name")

    def terraform(self, path, content, kind):
        module = self.project.module(path)
        if kind == "terraform":
            return module.add_hcl(content, path)
        if kind == "terraform-json":
            return module.add_json(content, path)
        name = path.rsplit("/", 1)[-1]
        if name != "terraform.tfvars" and not name.endswith(".auto.tfvars"):
            return NotParsed(1, "a file of values that Terraform does not load by itself")
        return module.add_values(content)

    def yaml(self, path, content):
        template = GO_TEMPLATE.search(content)
        if template:
            self.refuse(path, content.count("\n", 0, template.start()) + 1,
                        "YAML: a Helm template, which must be rendered first (helm template)")
            return
        for first, value, error in yaml_parser.parse(content):
            if error:
                self.refuse(path, error.line, error.reason)
            elif isinstance(value, Map) and "Statement" in value:
                self.policy(value, path)
            elif value is not None and not self.cluster.add(value, path):
                self.refuse(path, first, "YAML: not a Kubernetes object: apiVersion and kind were expected")

    def json(self, path, content, kind):
        try:
            value = json_parser.parse(content)
        except NotParsed as e:
            self.refuse(path, e.line, e.reason)
            return
        if isinstance(value, Map) and "Statement" in value:
            self.policy(value, path)
        elif kind == "iam-policy" or not self.cluster.add(value, path):
            self.refuse(path, 1, "JSON: no policy (Statement), and no Kubernetes object (apiVersion and kind)")

    def policy(self, value, path):
        self.policies.append(policies.of_document(value, path))

    def subjects(self):
        yield from self.cluster.subjects()
        yield from self.policies
        for module in self.project.modules.values():
            documents = {r.address: r for r in module.data if r.kind == "aws_iam_policy_document"}
            used = set()
            for r in module.resources:
                yield r
                yield from policies.of_resource(r, documents, used, self.not_understood)
            yield from policies.of_unused(documents, used)
