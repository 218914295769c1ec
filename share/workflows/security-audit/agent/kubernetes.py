# SPDX-License-Identifier: Apache-2.0
"""Kubernetes objects as the checks see them: pods wherever they are described, their containers, roles, namespaces."""
from nodes import Map, Seq, dig, maps, text, truth

TEMPLATES = {"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController", "PodTemplate"}
# Kinds that live in no namespace.
GLOBAL = {"Namespace", "ClusterRole", "ClusterRoleBinding", "PersistentVolume", "StorageClass", "CustomResourceDefinition",
          "PriorityClass", "IngressClass", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService", "Node",
          "ClusterIssuer", "PodSecurityPolicy", "RuntimeClass", "CSIDriver"}
MAX_LISTS = 4
EMPTY = Map(0)


class Object:
    """One object. `namespace` is "default" where none is given, which `has_namespace` tells."""

    def __init__(self, body, file, cluster):
        self.body, self.file, self.cluster = body, file, cluster
        self.type = text(body.get("kind"))
        self.kind = "k8s:" + self.type
        meta = body.get("metadata")
        self.metadata = meta if isinstance(meta, Map) else EMPTY
        self.name = text(self.metadata.get("name")) or text(self.metadata.get("generateName")) or "unnamed"
        self.has_namespace = bool(text(self.metadata.get("namespace")))
        self.is_global = self.type in GLOBAL
        self.namespace = "" if self.is_global else text(self.metadata.get("namespace")) or "default"
        self.label = "/".join(x for x in (self.type, self.namespace, self.name) if x)
        self.line = body.line

    def at(self, *keys):
        return self.body.at(*keys)

    @property
    def spec(self):
        spec = self.body.get("spec")
        return spec if isinstance(spec, Map) else EMPTY

    def labels(self):
        found = self.metadata.get("labels")
        return found if isinstance(found, Map) else EMPTY


class Pod:
    """A pod or the template of one. `body` holds metadata and spec; `owner` is the object that it stands in."""
    kind = "pod"

    def __init__(self, owner, body):
        self.owner, self.body = owner, body
        self.spec = body["spec"]
        self.file, self.label, self.line = owner.file, owner.label, self.spec.line
        sc = self.spec.get("securityContext")
        self.security = sc if isinstance(sc, Map) else EMPTY
        self.is_windows = dig(self.spec, "os", "name") == "windows"
        meta = body.get("metadata")
        notes = meta.get("annotations") if isinstance(meta, Map) else None
        self.annotations = notes if isinstance(notes, Map) else EMPTY
        self.containers = [Container(self, c, role) for role, key in (("container", "containers"), ("init", "initContainers"),
                                                                      ("ephemeral", "ephemeralContainers"))
                           for c in maps(self.spec.get(key))]

    def at(self, *keys):
        return self.spec.at(*keys)

    def service_account(self):
        return text(self.spec.get("serviceAccountName")) or text(self.spec.get("serviceAccount")) or "default"


class Container:
    """One container of a pod; what it does not say for itself the pod says."""
    kind = "container"

    def __init__(self, pod, body, role):
        self.pod, self.body, self.role = pod, body, role
        self.name = text(body.get("name")) or "unnamed"
        self.file, self.line = pod.file, body.line
        self.label = "%s:%s/%s" % (pod.label, role, self.name)
        sc = body.get("securityContext")
        self.security = sc if isinstance(sc, Map) else EMPTY

    def at(self, *keys):
        return self.body.at(*keys)

    def effective(self, *keys):
        """The setting that holds for the container: its own, else the pod's."""
        own = dig(self.security, *keys)
        return own if own is not None else dig(self.pod.security, *keys)

    def where(self, *keys):
        """The line of the setting that holds, else of the container."""
        if dig(self.security, keys[0]) is not None:
            return self.security.at(*keys)
        if dig(self.pod.security, keys[0]) is not None:
            return self.pod.security.at(*keys)
        return self.line


class Namespace:
    """A namespace that the documents speak of. `declared` is its object if it is among them."""
    kind = "namespace"

    def __init__(self, name, cluster, declared, first):
        self.name, self.cluster, self.declared = name, cluster, declared
        at = declared or first
        self.file, self.line, self.label = at.file, at.line, "Namespace/" + name

    def objects(self, kind):
        return [o for o in self.cluster.of(kind) if o.namespace == self.name]

    def has_pods(self):
        return self.name in self.cluster.pod_namespaces


class Cluster:
    """All objects together."""

    def __init__(self):
        self.objects, self.pods, self.by_kind = [], [], {}
        self.pod_namespaces = set()

    def add(self, body, file, depth=0):
        """Takes an object, or each one of a List. False if it is no Kubernetes object."""
        if not isinstance(body, Map) or not text(body.get("kind")) or not text(body.get("apiVersion")):
            return False
        if text(body["kind"]).endswith("List") and isinstance(body.get("items"), Seq):
            return depth < MAX_LISTS and all([self.add(item, file, depth + 1) for item in body["items"]])
        made = Object(body, file, self)
        self.objects.append(made)
        self.by_kind.setdefault(made.type, []).append(made)
        pod = pod_of(made)
        if pod is not None:
            self.pods.append(Pod(made, pod))
            self.pod_namespaces.add(made.namespace)
        return True

    def of(self, kind):
        return self.by_kind.get(kind, [])

    def account(self, namespace, name):
        return next((a for a in self.of("ServiceAccount") if (a.namespace, a.name) == (namespace, name)), None)

    def subjects(self):
        yield from self.objects
        for pod in self.pods:
            yield pod
            yield from pod.containers
        yield from self.namespaces()

    def namespaces(self):
        declared = {n.name: n for n in self.of("Namespace")}
        first = {}
        for o in self.objects:
            if o.namespace:
                first.setdefault(o.namespace, o)
        for name in list(declared) + [n for n in first if n not in declared]:
            yield Namespace(name, self, declared.get(name), first.get(name))


def pod_of(made):
    """What holds the pod's metadata and spec in an object, None if it describes no pod."""
    body = made.body
    if made.type == "Pod":
        found = body
    elif made.type == "CronJob":
        found = dig(body, "spec", "jobTemplate", "spec", "template")
    elif made.type == "PodTemplate":
        found = body.get("template")
    else:
        # Kinds of our own table, and others that are built alike (Rollout, a Knative Service).
        found = dig(body, "spec", "template")
        if made.type not in TEMPLATES and not isinstance(dig(found, "spec", "containers"), Seq):
            return None
    return found if isinstance(found, Map) and isinstance(found.get("spec"), Map) else None


def automounts(pod):
    """Whether the pod is given a token: its own word, else its account's, else yes. None if that is not known."""
    own = truth(pod.spec.get("automountServiceAccountToken"))
    if own is not None:
        return own
    account = pod.owner.cluster.account(pod.owner.namespace, pod.service_account())
    return truth(account.body.get("automountServiceAccountToken"), True) if account else True
