# SPDX-License-Identifier: Apache-2.0
"""Checks of roles and bindings, namespaces and their network, services and stored secrets."""
import re
from check import CRITICAL, HIGH, LOW, MEDIUM, check
from checks_pod import PLAIN_VALUE, SECRET_NAME
from nodes import Map, dig, listed, maps, text

ROLES, BINDINGS = "k8s:Role k8s:ClusterRole", "k8s:RoleBinding k8s:ClusterRoleBinding"
READ, WRITE = {"get", "list", "watch"}, {"create", "update", "patch", "delete", "deletecollection"}
PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]{1,12} ){0,2}PRIVATE KEY-----")


def rules(role):
    """(rule, verbs, resources, api groups) of a role that is not a cluster's own."""
    if text(role.name).startswith("system:") or role.name in ("cluster-admin", "admin", "edit", "view"):
        return
    for r in maps(role.body.get("rules")):
        yield (r, *({text(x) for x in listed(r.get(k))} for k in ("verbs", "resources", "apiGroups")))


def grants(verbs, resources, groups, want_verbs, want_resource, want_group=""):
    """Whether the rule gives one of the verbs on the resource, named as such: full wildcards have checks of their own."""
    return bool(verbs & (want_verbs | {"*"})) and want_resource in resources and bool(groups & {want_group, "*"})


@check("K8S-040", ROLES, HIGH, "A role allows every verb",
       "cis-kubernetes 5.1.3; nsa-kubernetes Authentication and authorization", "Name the verbs that are needed.")
def wildcard_verbs(role):
    for r, verbs, _, _ in rules(role):
        if "*" in verbs:
            yield r.at("verbs")


@check("K8S-041", ROLES, HIGH, "A role covers every resource",
       "cis-kubernetes 5.1.3; nsa-kubernetes Authentication and authorization", "Name the resources that are needed.")
def wildcard_resources(role):
    for r, verbs, resources, _ in rules(role):
        if "*" in resources and verbs:
            yield r.at("resources")


@check("K8S-042", ROLES, CRITICAL, "A role lets its holders raise their own rights",
       "cis-kubernetes 5.1.8", "Remove escalate, bind and impersonate.")
def escalate(role):
    for r, verbs, _, _ in rules(role):
        found = sorted(verbs & {"escalate", "bind", "impersonate"})
        if found:
            yield r.at("verbs"), ", ".join(found)


def grant_check(name, severity, title, references, fix, verbs, *targets):
    """A check for roles that give one of `verbs` on one of `targets` (resource, api group)."""
    def run(role):
        for r, has, resources, groups in rules(role):
            for resource, group in targets:
                if grants(has, resources, groups, verbs, resource, group):
                    yield r.at("resources"), resource
    check(name, ROLES, severity, title, references, fix)(run)


NSA_RBAC = "; nsa-kubernetes Authentication and authorization"
grant_check("K8S-043", MEDIUM, "A role may read secrets", "cis-kubernetes 5.1.2" + NSA_RBAC,
            "Name single secrets in resourceNames, or let pods mount what they need.", READ, ("secrets", ""))
grant_check("K8S-044", MEDIUM, "A role may create pods, and so take any service account and mount of the namespace",
            "cis-kubernetes 5.1.4" + NSA_RBAC, "Leave it to controllers and to the people who deploy.", {"create"},
            ("pods", ""),
            ("deployments", "apps"), ("daemonsets", "apps"), ("statefulsets", "apps"), ("jobs", "batch"),
            ("cronjobs", "batch"))
grant_check("K8S-045", MEDIUM, "A role may create persistent volumes, hostPath among them", "cis-kubernetes 5.1.9",
            "Leave it to the storage provisioner.", {"create"}, ("persistentvolumes", ""))
grant_check("K8S-046", HIGH, "A role reaches the kubelet's API past the audit log", "cis-kubernetes 5.1.10",
            "Remove nodes/proxy.",
            READ | WRITE, ("nodes/proxy", ""))
grant_check("K8S-047", HIGH, "A role may approve certificates, and so be anybody", "cis-kubernetes 5.1.11",
            "Leave approval to the controller.", {"update", "patch", "approve"},
            ("certificatesigningrequests/approval", "certificates.k8s.io"))
grant_check("K8S-048", HIGH, "A role may change admission webhooks, and so read or rewrite every object",
            "cis-kubernetes 5.1.12",
            "Leave it to the cluster's administrators.", WRITE - {"delete", "deletecollection"},
            ("mutatingwebhookconfigurations", "admissionregistration.k8s.io"),
            ("validatingwebhookconfigurations", "admissionregistration.k8s.io"))
grant_check("K8S-049", HIGH, "A role may make tokens of other service accounts", "cis-kubernetes 5.1.13",
            "Remove serviceaccounts/token.", {"create"}, ("serviceaccounts/token", ""))
grant_check("K8S-050", HIGH, "A role may run commands in pods of others",
            "nsa-kubernetes Authentication and authorization",
            "Remove pods/exec and pods/attach, or give them for a time only.", {"create", "get"}, ("pods/exec", ""),
            ("pods/attach", ""))
grant_check("K8S-051", HIGH, "A role may change roles or bindings", NSA_RBAC[2:],
            "Leave it to the cluster's administrators.", WRITE - {"delete", "deletecollection"},
            *((r, "rbac.authorization.k8s.io") for r in ("roles", "clusterroles", "rolebindings",
                    "clusterrolebindings")))


def subjects(binding):
    for s in maps(binding.body.get("subjects")):
        yield s, text(s.get("kind")), text(s.get("name"))


@check("K8S-052", BINDINGS, CRITICAL, "cluster-admin is given away",
       "cis-kubernetes 5.1.1; nsa-kubernetes Authentication and authorization",
       "Bind a role that allows what is needed.")
def cluster_admin(binding):
    if text(dig(binding.body, "roleRef", "name")) == "cluster-admin" and not binding.name.startswith("system:"):
        if [n for _, _, n in subjects(binding)] not in ([], ["system:masters"]) or not binding.name == "cluster-admin":
            yield binding.at("roleRef", "name")


@check("K8S-053", BINDINGS, HIGH, "The group system:masters is used, which no rule can restrict",
       "cis-kubernetes 5.1.7", "Use a group of your own.")
def masters(binding):
    for s, kind, name in subjects(binding):
        if (kind, name) == ("Group", "system:masters") and binding.name != "cluster-admin":
            yield s.at("name")


@check("K8S-054", BINDINGS, CRITICAL, "Rights are given to whoever asks, without a login",
       "nsa-kubernetes Authentication and authorization", "Remove the subject.")
def anonymous(binding):
    if text(dig(binding.body, "roleRef", "name")) in ("system:public-info-viewer",
            "system:service-account-issuer-discovery"):
        return
    for s, _, name in subjects(binding):
        if name in ("system:anonymous", "system:unauthenticated"):
            yield s.at("name")


@check("K8S-055", BINDINGS, MEDIUM, "Rights are given to a default service account",
       "cis-kubernetes 5.1.5; nsa-kubernetes Authentication and authorization",
       "Bind a service account of the one workload that needs them.")
def default_account(binding):
    for s, kind, name in subjects(binding):
        if (kind, name) == ("ServiceAccount",
                            "default") or (kind == "Group" and name.startswith("system:serviceaccounts")):
            yield s.at("name")


@check("K8S-056", BINDINGS, HIGH, "Rights are given to everybody who can log in",
       "nsa-kubernetes Authentication and authorization", "Name the users or groups.")
def all_users(binding):
    role = text(dig(binding.body, "roleRef", "name"))
    for s, kind, name in subjects(binding):
        if (kind, name) == ("Group", "system:authenticated") and not role.startswith("system:"):
            yield s.at("name")


# Namespaces and their network

@check("K8S-060", "namespace", MEDIUM, "No network policy in a namespace that runs pods",
       "cis-kubernetes 5.3.2; nsa-kubernetes Network separation and hardening: network policies",
       "Add a policy that denies all by default, then allow what is needed.")
def no_policy(ns):
    if ns.has_pods() and not policies(ns):
        yield ns.line


def policies(ns):
    return ns.objects("NetworkPolicy") + ns.cluster.of("CiliumClusterwideNetworkPolicy") + ns.objects("CiliumNetworkPolicy")


@check("K8S-061", "namespace", LOW, "No network policy denies by default",
       "nsa-kubernetes Network separation and hardening: network policies",
       "Add a policy with an empty podSelector, policyTypes Ingress and Egress, and no rules.")
def no_default_deny(ns):
    found = ns.objects("NetworkPolicy")
    if ns.has_pods() and found and not any(not dig(p.spec,
            "podSelector") and not maps(p.spec.get("ingress")) for p in found):
        yield found[0].line


@check("K8S-062", "k8s:NetworkPolicy", MEDIUM, "A network policy lets in everybody",
       "nsa-kubernetes Network separation and hardening: network policies",
       "Name the pods, namespaces or networks that may connect.")
def open_ingress(policy):
    for rule in maps(policy.spec.get("ingress")):
        peers = maps(rule.get("from"))
        if not peers and not maps(rule.get("ports")):
            yield rule.line
        for peer in peers:
            if text(dig(peer, "ipBlock", "cidr")) in ("0.0.0.0/0", "::/0") and not dig(peer, "ipBlock", "except"):
                yield peer.at("ipBlock", "cidr")


ENFORCE = "pod-security.kubernetes.io/enforce"


@check("K8S-063", "k8s:Namespace", MEDIUM, "The namespace enforces no pod security standard",
       "cis-kubernetes 5.2.1; nsa-kubernetes Pod security: pod security enforcement",
       "Label it pod-security.kubernetes.io/enforce: restricted (or baseline).")
def no_admission(ns):
    if ns.name not in ("kube-system", "kube-public", "kube-node-lease") and ENFORCE not in ns.labels():
        yield ns.at("metadata", "labels")


@check("K8S-064", "k8s:Namespace", HIGH, "The namespace allows privileged pods by name",
       "cis-kubernetes 5.2.1; cis-kubernetes 5.2.2; nsa-kubernetes Pod security: pod security enforcement",
       "Enforce baseline or restricted.")
def privileged_namespace(ns):
    if text(ns.labels().get(ENFORCE)) == "privileged":
        yield ns.at("metadata", "labels", ENFORCE)


@check("K8S-065", "namespace", LOW, "No quota or default limits in the namespace",
       "nsa-kubernetes Network separation and hardening: resource policies", "Add a ResourceQuota and a LimitRange.")
def no_quota(ns):
    if ns.declared and ns.has_pods() and not ns.objects("ResourceQuota") and not ns.objects("LimitRange"):
        yield ns.line


# Services, ingress, stored secrets

@check("K8S-070", "k8s:Service", MEDIUM, "A service is open to every address that can reach the load balancer",
       "nsa-kubernetes Network separation and hardening",
       "Set loadBalancerSourceRanges, or make the load balancer internal.")
def load_balancer(service):
    if text(service.spec.get("type")) != "LoadBalancer":
        return
    notes = service.metadata.get("annotations")
    internal = any("internal" in k and text(v).lower() in ("true", "internal", "0.0.0.0/0") or
                   k == "networking.gke.io/load-balancer-type" and text(v).lower() == "internal" or
                   k.endswith("aws-load-balancer-scheme") and text(v) == "internal"
                   for k, v in (notes.items() if isinstance(notes, Map) else ()))
    ranges = [text(x) for x in listed(service.spec.get("loadBalancerSourceRanges"))]
    if not internal and (not ranges or "0.0.0.0/0" in ranges):
        yield service.at("spec", "loadBalancerSourceRanges" if ranges else "type")


@check("K8S-071", "k8s:Service", LOW, "A service opens a port on every node",
       "nsa-kubernetes Network separation and hardening", "Use type ClusterIP behind an ingress.")
def node_port(service):
    if text(service.spec.get("type")) == "NodePort":
        yield service.at("spec", "type")


@check("K8S-072", "k8s:Service", HIGH, "A service claims addresses outside the cluster (CVE-2020-8554)",
       "nsa-kubernetes Network separation and hardening", "Remove externalIPs.")
def external_addresses(service):
    if listed(service.spec.get("externalIPs")):
        yield service.at("spec", "externalIPs")


@check("K8S-073", "k8s:Ingress", MEDIUM, "An ingress without TLS",
       "nsa-kubernetes Network separation and hardening: encryption", "Add tls with the certificate's secret.")
def ingress_tls(ingress):
    if not maps(ingress.spec.get("tls")):
        yield ingress.at("spec")


@check("K8S-074", "k8s:Secret", HIGH, "A secret's content stands in the manifest",
       "cis-kubernetes 5.4.2; nsa-kubernetes Network separation and hardening: secrets",
       "Keep it in a secret store or sealed; base64 hides nothing. Change it: whoever read the manifest has it.")
def secret_content(secret):
    if text(secret.body.get("type")) == "kubernetes.io/service-account-token":
        return
    for key in ("data", "stringData"):
        held = secret.body.get(key)
        for name, value in held.items() if isinstance(held, Map) else ():
            if len(text(value)) >= 4 and not PLAIN_VALUE.match(text(value)):
                yield held.at(name)
                return


@check("K8S-075", "k8s:ConfigMap", HIGH, "A config map holds what looks like a secret",
       "cis-kubernetes 5.4.2; nsa-kubernetes Network separation and hardening: secrets",
       "Move it to a secret store, and change it.")
def config_secret(config):
    held = config.body.get("data")
    for name, value in held.items() if isinstance(held, Map) else ():
        value = text(value)
        if PRIVATE_KEY.search(value) or (SECRET_NAME.search(name) and 4 <= len(value) <= 200
                                         and not PLAIN_VALUE.match(value)):
            yield held.at(name)


@check("K8S-076", ROLES, MEDIUM, "A cluster-wide role may delete or change nodes or persistent data",
       "nsa-kubernetes Authentication and authorization", "Leave it to the cluster's administrators.")
def nodes_and_volumes(role):
    for r, verbs, resources, groups in rules(role):
        if verbs & {"delete", "deletecollection", "patch", "update"} and resources & {"nodes",
                "namespaces"} and groups & {"", "*"}:
            yield r.at("resources")
