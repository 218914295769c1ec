# SPDX-License-Identifier: Apache-2.0
"""Checks of pods and their containers."""
import re
from check import CRITICAL, HIGH, LOW, MEDIUM, check
from kubernetes import automounts
from nodes import Map, dig, listed, maps, number, text, truth

BASELINE_CAPABILITIES = frozenset(
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split())
SAFE_SYSCTLS = frozenset((
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start net.ipv4.tcp_syncookies "
    "net.ipv4.ping_group_range net.ipv4.ip_local_reserved_ports net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout "
    "net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem net.ipv4.tcp_wmem").split())
RESTRICTED_VOLUMES = frozenset("configMap csi downwardAPI emptyDir ephemeral persistentVolumeClaim projected secret "
                               "image".split())
SENSITIVE_PATHS = re.compile(r"/(?:$|etc(?:/|$)|root(?:/|$)|proc(?:/|$)|sys(?:/|$)|dev(?:/|$)|boot(?:/|$)|home(?:/|$)|"
                             r"var/?$|var/lib/?$|var/lib/(?:kubelet|docker|containerd|etcd|cni)(?:/|$)|"
                             r"(?:var/)?run/?$|(?:var/)?run/(?:docker|containerd|crio|cri-dockerd)\b)")
SECRET_NAME = re.compile(r"(?i)(?:passw(?:or)?d|passphrase|secret|token|api_?key|access_?key|private_?key|credential)s?$")
PLAIN_VALUE = re.compile(r"(?i)^(?:|true|false|none|null|changeme|\$\(.*\)|\$\{.*\}|<.*>|/.*|https?:.*|\d{1,3})$")


@check("K8S-001", "container", CRITICAL, "Privileged container",
       "cis-kubernetes 5.2.2; pss-baseline Privileged Containers; nsa-kubernetes Pod security: hardening container "
       "environments",
       "Set privileged: false and add only the capabilities that are needed.")
def privileged(c):
    if truth(c.security.get("privileged")):
        yield c.where("privileged")


def host_namespace(key):
    def run(pod):
        if truth(pod.spec.get(key)):
            yield pod.at(key)
    return run


for _id, _key, _section, _what in (("K8S-002", "hostPID", "5.2.3", "processes"),
                                   ("K8S-003", "hostIPC", "5.2.4", "IPC objects"),
                                   ("K8S-004", "hostNetwork", "5.2.5", "network")):
    check(_id, "pod", HIGH, "The pod shares the host's %s" % _what,
          "cis-kubernetes %s; pss-baseline Host Namespaces; nsa-kubernetes Pod security: pod security enforcement" % _section,
          "Remove %s: true." % _key)(host_namespace(_key))


@check("K8S-005", "container", MEDIUM, "Privilege escalation is not forbidden",
       "cis-kubernetes 5.2.6; pss-restricted Privilege Escalation; nsa-kubernetes Pod security: non-root containers",
       "Set allowPrivilegeEscalation: false in the container's securityContext.")
def escalation(c):
    if not c.pod.is_windows and truth(c.security.get("allowPrivilegeEscalation"), True):
        yield c.where("allowPrivilegeEscalation")


@check("K8S-006", "container", MEDIUM, "The container may run as root",
       "cis-kubernetes 5.2.7; pss-restricted Running as Non-root; nsa-kubernetes Pod security: non-root containers",
       "Set runAsNonRoot: true for the pod or the container.")
def non_root(c):
    if not c.pod.is_windows and not truth(c.effective("runAsNonRoot"), False):
        yield c.where("runAsNonRoot")


@check("K8S-007", "container", HIGH, "The container runs as root by its own setting",
       "cis-kubernetes 5.2.7; pss-restricted Running as Non-root user; nsa-kubernetes Pod security: non-root containers",
       "Set runAsUser to a user id other than 0.")
def user_zero(c):
    if number(c.effective("runAsUser")) == 0:
        yield c.where("runAsUser")


def added(c):
    return [text(x).upper().replace("CAP_", "", 1) for x in listed(dig(c.security, "capabilities", "add"))]


def dropped(c):
    return [text(x).upper().replace("CAP_", "", 1) for x in listed(dig(c.security, "capabilities", "drop"))]


@check("K8S-008", "container", HIGH, "A capability beyond the baseline is added",
       "cis-kubernetes 5.2.9; pss-baseline Capabilities; nsa-kubernetes Pod security: pod security enforcement",
       "Remove it from capabilities.add.")
def capabilities_added(c):
    beyond = sorted(x for x in added(c) if x not in BASELINE_CAPABILITIES)
    if beyond:
        yield c.security.at("capabilities", "add"), ", ".join(x for x in beyond if re.fullmatch(r"[A-Z_]{2,30}", x))


@check("K8S-009", "container", MEDIUM, "Not all capabilities are dropped",
       "cis-kubernetes 5.2.8; cis-kubernetes 5.2.10; pss-restricted Capabilities",
       "Set capabilities.drop: [ALL], and add back NET_BIND_SERVICE alone if it is needed.")
def capabilities_kept(c):
    if not c.pod.is_windows and "ALL" not in dropped(c):
        yield c.where("capabilities", "drop")


@check("K8S-010", "container", LOW, "A capability other than NET_BIND_SERVICE is added",
       "cis-kubernetes 5.2.9; pss-restricted Capabilities",
       "Remove it from capabilities.add.")
def capabilities_restricted(c):
    if any(x in BASELINE_CAPABILITIES and x != "NET_BIND_SERVICE" for x in added(c)):
        yield c.security.at("capabilities", "add")


@check("K8S-011", "pod", HIGH, "A directory of the host is mounted",
       "cis-kubernetes 5.2.12; pss-baseline HostPath Volumes; nsa-kubernetes Pod security: pod security enforcement",
       "Use a persistent volume claim, a projected or an emptyDir volume.")
def host_path(pod):
    for v in maps(pod.spec.get("volumes")):
        if "hostPath" in v and not SENSITIVE_PATHS.match(text(dig(v, "hostPath", "path"))):
            yield v.at("hostPath")


@check("K8S-012", "pod", CRITICAL, "A directory or socket that rules the host is mounted",
       "cis-kubernetes 5.2.12; pss-baseline HostPath Volumes; nsa-kubernetes Pod security: pod security enforcement",
       "Remove the hostPath volume: whoever can write to it, or to this socket, is root on the node.")
def host_path_sensitive(pod):
    for v in maps(pod.spec.get("volumes")):
        if "hostPath" in v and SENSITIVE_PATHS.match(text(dig(v, "hostPath", "path"))):
            yield v.at("hostPath", "path")


@check("K8S-013", "container", MEDIUM, "A port of the host is taken",
       "cis-kubernetes 5.2.13; pss-baseline Host Ports", "Remove hostPort and use a Service.")
def host_port(c):
    for p in maps(c.body.get("ports")):
        if number(p.get("hostPort"), 0):
            yield p.at("hostPort")


@check("K8S-014", "container", MEDIUM, "No seccomp profile is set",
       "cis-kubernetes 5.7.2; pss-restricted Seccomp; nsa-kubernetes Pod security: hardening container environments",
       "Set seccompProfile.type: RuntimeDefault for the pod.")
def seccomp(c):
    old = c.pod.annotations.get("seccomp.security.alpha.kubernetes.io/pod")
    if not c.pod.is_windows and c.effective("seccompProfile", "type") is None and old is None:
        yield c.line


@check("K8S-015", "container", HIGH, "The seccomp profile is switched off",
       "cis-kubernetes 5.7.2; pss-baseline Seccomp", "Set seccompProfile.type: RuntimeDefault.")
def seccomp_off(c):
    if c.effective("seccompProfile", "type") == "Unconfined":
        yield c.where("seccompProfile", "type")


@check("K8S-016", "container", HIGH, "The AppArmor profile is switched off",
       "pss-baseline AppArmor; nsa-kubernetes Pod security: hardening container environments",
       "Use the runtime's default profile or one of your own.")
def apparmor(c):
    note = "container.apparmor.security.beta.kubernetes.io/" + c.name
    if c.effective("appArmorProfile", "type") == "Unconfined":
        yield c.where("appArmorProfile", "type")
    elif text(c.pod.annotations.get(note)) == "unconfined":
        yield c.pod.annotations.at(note)


@check("K8S-017", "container", MEDIUM, "SELinux options that change type, user or role",
       "pss-baseline SELinux", "Leave user and role out, and use the types container_t, container_init_t or "
                               "container_kvm_t.")
def selinux(c):
    options = c.effective("seLinuxOptions")
    if isinstance(options, Map) and (text(options.get("user")) or text(options.get("role"))
            or text(options.get("type")) not in (
            "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")):
        yield c.where("seLinuxOptions")


@check("K8S-018", "container", HIGH, "The masks over /proc are taken away",
       "pss-baseline /proc Mount Type", "Remove procMount: Unmasked.")
def proc_mount(c):
    if text(c.security.get("procMount")) == "Unmasked":
        yield c.where("procMount")


@check("K8S-019", "pod", HIGH, "A kernel setting that is not isolated is changed",
       "pss-baseline Sysctls", "Remove the sysctl, or set it on nodes of their own.")
def sysctls(pod):
    for s in maps(pod.security.get("sysctls")):
        if text(s.get("name")) not in SAFE_SYSCTLS:
            yield s.at("name")


@check("K8S-020", "container", CRITICAL, "A Windows container runs as a process of the host",
       "cis-kubernetes 5.2.11; pss-baseline HostProcess", "Remove windowsOptions.hostProcess.")
def host_process(c):
    if truth(c.effective("windowsOptions", "hostProcess")):
        yield c.where("windowsOptions", "hostProcess")


@check("K8S-021", "container", LOW, "The container's root file system is writable",
       "nsa-kubernetes Pod security: immutable container file systems; cis-kubernetes 5.7.3",
       "Set readOnlyRootFilesystem: true and mount an emptyDir where it must write.")
def read_only_root(c):
    if c.role != "ephemeral" and not truth(c.security.get("readOnlyRootFilesystem"), False):
        yield c.where("readOnlyRootFilesystem")


@check("K8S-022", "pod", MEDIUM, "A volume of a type that the restricted standard does not allow",
       "pss-restricted Volume Types", "Use a persistent volume claim instead.")
def volume_types(pod):
    for v in maps(pod.spec.get("volumes")):
        types = [k for k in v if k != "name"]
        if types and not any(t in RESTRICTED_VOLUMES or t == "hostPath" for t in types):
            yield v.at(types[0])


@check("K8S-023", "pod", LOW, "The pod is given a token for the API that it may not need",
       "cis-kubernetes 5.1.6; nsa-kubernetes Pod security: protecting pod service account tokens",
       "Set automountServiceAccountToken: false for the pod or its service account, unless it calls the API.")
def token(pod):
    if automounts(pod):
        yield pod.at("automountServiceAccountToken")


@check("K8S-024", "pod", LOW, "The pod uses the default service account and its token",
       "cis-kubernetes 5.1.5; nsa-kubernetes Authentication and authorization",
       "Give it a service account of its own, or no token.")
def default_account(pod):
    if pod.service_account() == "default" and automounts(pod):
        yield pod.at("serviceAccountName")


@check("K8S-025", "container", LOW, "A secret is handed over in the environment",
       "cis-kubernetes 5.4.1", "Mount the secret as a file: environments leak into logs, dumps and child processes.")
def secret_env(c):
    for e in maps(c.body.get("env")):
        if dig(e, "valueFrom", "secretKeyRef") is not None:
            yield e.at("valueFrom", "secretKeyRef")
    for e in maps(c.body.get("envFrom")):
        if "secretRef" in e:
            yield e.at("secretRef")


@check("K8S-026", "container", HIGH, "A secret stands in the manifest as it is",
       "cis-kubernetes 5.4.2; nsa-kubernetes Network separation and hardening: secrets",
       "Keep it in a secret store, and change it: whoever read the manifest has it.")
def literal_secret(c):
    for e in maps(c.body.get("env")):
        name, value = text(e.get("name")), text(e.get("value"))
        if SECRET_NAME.search(name) and len(value) >= 4 and not PLAIN_VALUE.match(value):
            yield e.at("value")


def split_image(image):
    """(tag or "", whether a digest is given)."""
    name, _, digest = image.partition("@")
    last = name.rsplit("/", 1)[-1]
    return last.partition(":")[2], digest.startswith("sha256:")


@check("K8S-027", "container", MEDIUM, "The image's tag can change any day",
       "nsa-kubernetes Upgrading and application security practices",
       "Name a version and its digest.")
def latest(c):
    image = text(c.body.get("image"))
    tag, pinned = split_image(image)
    if image and not pinned and tag in ("", "latest"):
        yield c.at("image")


@check("K8S-028", "container", LOW, "No limit of memory or processor time",
       "nsa-kubernetes Network separation and hardening: resource policies",
       "Set resources.limits.memory and resources.limits.cpu.")
def limits(c):
    missing = [k for k in ("memory", "cpu") if dig(c.body, "resources", "limits", k) is None]
    if missing and c.role != "ephemeral":
        yield c.at("resources", "limits"), " and ".join(missing)


@check("K8S-029", "pod", LOW, "The default namespace is used",
       "cis-kubernetes 5.7.4; nsa-kubernetes Network separation and hardening: namespaces",
       "Give the workload a namespace of its own.")
def default_namespace(pod):
    if pod.owner.namespace == "default":
        yield pod.owner.at("metadata", "namespace"), "" if pod.owner.has_namespace else "no namespace is given"


@check("K8S-030", "container", MEDIUM, "A probe or hook names a host of its own",
       "pss-baseline Host Probes / Lifecycle Hooks", "Remove host: the kubelet would reach out to it from the node.")
def probe_host(c):
    handlers = [c.body.get(k) for k in ("livenessProbe", "readinessProbe", "startupProbe")]
    handlers += [dig(c.body, "lifecycle", k) for k in ("postStart", "preStop")]
    for h in handlers:
        for how in ("httpGet", "tcpSocket"):
            if text(dig(h, how, "host")) not in ("", "127.0.0.1", "localhost"):
                yield h.at(how, "host")


@check("K8S-031", "pod", LOW, "The containers of the pod see each other's processes",
       "nsa-kubernetes Pod security: hardening container environments", "Remove shareProcessNamespace: true.")
def shared_processes(pod):
    if truth(pod.spec.get("shareProcessNamespace")):
        yield pod.at("shareProcessNamespace")
