# SPDX-License-Identifier: Apache-2.0
"""Checks of Google Cloud resources in Terraform."""
from aws import hit, off, on, opens, ports, worlds
from check import CRITICAL, HIGH, LOW, MEDIUM, check
from nodes import dig, is_unknown, listed, maps, text, truth

EVERYBODY = ("allUsers", "allAuthenticatedUsers")
INSTANCE = "google_compute_instance google_compute_instance_template"
PUBLIC_IAM = ("google_storage_bucket_iam_member google_storage_bucket_iam_binding google_kms_crypto_key_iam_member "
              "google_kms_crypto_key_iam_binding google_cloudfunctions_function_iam_member "
              "google_pubsub_topic_iam_member "
              "google_secret_manager_secret_iam_member google_artifact_registry_repository_iam_member "
              "google_bigquery_dataset_iam_member google_project_iam_member google_project_iam_binding")


def allowed(firewall):
    """(ports, line) of each rule that lets in the internet."""
    b = firewall.body
    if text(b.get("direction") or "INGRESS") != "INGRESS" or truth(b.get("disabled"),
            False) or not worlds(b.get("source_ranges")):
        return
    for rule in maps(b.get("allow")):
        given = listed(rule.get("ports"))
        if text(rule.get("protocol")).lower() in ("all", "tcp", "udp", "6", "17") and not given:
            yield (0, 65535), rule.line
        for p in given:
            low, _, high = text(p).partition("-")
            yield ports(low, high or low), rule.at("ports")


def firewall_check(name, port, what, section):
    def run(firewall):
        for span, line in allowed(firewall):
            if opens(span, port) and span != (0, 65535):
                yield line
    check(name, "google_compute_firewall", HIGH, "%s is open to the internet" % what, "cis-gcp " + section,
          "Name the source ranges, or use Identity-Aware Proxy.")(run)


firewall_check("GCP-001", 22, "SSH", "3.6")
firewall_check("GCP-002", 3389, "RDP", "3.7")


@check("GCP-003", "google_compute_firewall", CRITICAL, "All ports are open to the internet", "cis-gcp 3.6; cis-gcp 3.7",
       "Name ports and source ranges.")
def all_ports(firewall):
    for span, line in allowed(firewall):
        if span == (0, 65535):
            yield line


@check("GCP-004", PUBLIC_IAM, CRITICAL, "Everybody is given a role", "cis-gcp 5.1; cis-gcp 1.9", "Name the members.")
def everybody(member):
    for key in ("member", "members"):
        if any(text(m) in EVERYBODY for m in listed(member.get(key))):
            yield member.at(key)


@check("GCP-005", "google_storage_bucket", MEDIUM, "The bucket's objects have access lists of their own", "cis-gcp 5.2",
       "Set uniform_bucket_level_access = true.")
def uniform(bucket):
    return hit(off(bucket, "uniform_bucket_level_access"))


@check("GCP-006", "google_storage_bucket_acl google_storage_default_object_acl google_storage_bucket_access_control",
       CRITICAL,
       "Everybody may read the bucket", "cis-gcp 5.1", "Remove the public entries.")
def bucket_acl(acl):
    if text(acl.get("predefined_acl")).startswith("public") or text(acl.get("entity")) in EVERYBODY:
        yield acl.at("predefined_acl" if acl.has("predefined_acl") else "entity")
    if any(text(r).split(":")[-1] in EVERYBODY for r in listed(acl.get("role_entity"))):
        yield acl.at("role_entity")


@check("GCP-007", INSTANCE, MEDIUM, "An instance with a public address", "cis-gcp 4.9", "Remove access_config.")
def public_instance(instance):
    for n in instance.blocks("network_interface"):
        if "access_config" in n:
            yield n.at("access_config")


@check("GCP-008", INSTANCE, HIGH, "The default service account with access to all APIs", "cis-gcp 4.2; cis-gcp 4.1",
       "Use a service account of its own.")
def full_scope(instance):
    for s in instance.blocks("service_account"):
        email = s.get("email")
        full = any(text(x).endswith(("cloud-platform", "auth/cloud-platform")) for x in listed(s.get("scopes")))
        if full and (email is None or "-compute@developer" in text(email)):
            yield s.at("scopes")


@check("GCP-009", INSTANCE, LOW, "An instance without Shielded VM", "cis-gcp 4.8",
       "Add shielded_instance_config with vTPM and integrity monitoring.")
def shielded(instance):
    if not instance.has("shielded_instance_config"):
        yield instance.line
    for s in instance.blocks("shielded_instance_config"):
        for key in ("enable_vtpm", "enable_integrity_monitoring"):
            if truth(s.get(key), True) is False:
                yield s.at(key)


@check("GCP-010", INSTANCE, MEDIUM, "Serial ports are open, or the project's SSH keys are taken",
       "cis-gcp 4.5; cis-gcp 4.3",
       "Set block-project-ssh-keys to true and remove serial-port-enable.")
def metadata(instance):
    found = instance.get("metadata")
    if truth(dig(found, "serial-port-enable")) or text(dig(found, "serial-port-enable")) == "1":
        yield instance.at("metadata", "serial-port-enable")
    if truth(dig(found, "block-project-ssh-keys"), True) is False:
        yield instance.at("metadata", "block-project-ssh-keys")


@check("GCP-011", INSTANCE, LOW, "An instance forwards packets of others", "cis-gcp 4.6", "Set can_ip_forward = false.")
def forward(instance):
    return hit(on(instance, "can_ip_forward"))


SQL = "google_sql_database_instance"


@check("GCP-012", SQL, HIGH, "A database lets in every address", "cis-gcp 6.5", "Name the authorized networks.")
def sql_networks(db):
    for s in db.blocks("settings"):
        for n in maps(dig(s, "ip_configuration", "authorized_networks")):
            if worlds(n.get("value")):
                yield n.at("value")


@check("GCP-013", SQL, MEDIUM, "A database can be reached without TLS", "cis-gcp 6.4",
       "Set ssl_mode = ENCRYPTED_ONLY or stricter.")
def sql_tls(db):
    for s in db.blocks("settings"):
        ip = dig(s, "ip_configuration")
        mode, old = dig(ip, "ssl_mode"), dig(ip, "require_ssl")
        if mode in (None, "ALLOW_UNENCRYPTED_AND_ENCRYPTED") and not truth(old,
                False) and not is_unknown(mode) and not is_unknown(old):
            yield s.at("ip_configuration", "ssl_mode")


@check("GCP-014", SQL, LOW, "A database without automatic backups", "cis-gcp 6.7",
       "Add backup_configuration with enabled = true.")
def sql_backups(db):
    if not db.has("replica_configuration") and not db.has("master_instance_name"):
        return hit(off(db, "settings", "backup_configuration", "enabled"))
    return []


@check("GCP-015", SQL, MEDIUM, "A database has a public address", "cis-gcp 6.6",
       "Set ip_configuration.ipv4_enabled = false and a private network.")
def sql_public(db):
    return hit(on(db, "settings", "ip_configuration", "ipv4_enabled", default=True))


@check("GCP-016", "google_compute_subnetwork", LOW, "A subnet without flow logs", "cis-gcp 3.8", "Add log_config.")
def flow_logs(subnet):
    if not subnet.has("log_config") and text(subnet.get("purpose")) in ("", "PRIVATE"):
        yield subnet.line


@check("GCP-017", "google_kms_crypto_key", MEDIUM, "A key is not rotated within 90 days", "cis-gcp 1.10",
       "Set rotation_period = 7776000s.")
def rotation(key):
    period = key.get("rotation_period")
    seconds = text(period).rstrip("s")
    if text(key.get("purpose") or "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT" and not is_unknown(period) and not (
            seconds.isdigit() and 0 < len(seconds) < 10 and int(seconds) <= 7776000):
        yield key.at("rotation_period")


@check("GCP-018", "google_project_iam_member google_project_iam_binding google_organization_iam_member "
                  "google_folder_iam_member", HIGH,
       "A basic role over the whole project is given", "cis-gcp 1.5", "Use predefined or custom roles.")
def basic_role(member):
    if text(member.get("role")) in ("roles/owner", "roles/editor"):
        yield member.at("role")


CLUSTER = "google_container_cluster"


@check("GCP-019", CLUSTER, MEDIUM, "The cluster's nodes or API are public",
       "nsa-kubernetes Network separation and hardening: control plane hardening",
       "Set private_cluster_config and master_authorized_networks_config.")
def gke_public(cluster):
    if not cluster.has("master_authorized_networks_config") and truth(
            dig(cluster.body, "private_cluster_config", "enable_private_endpoint"), False) is False:
        yield cluster.line
    for n in maps(dig(cluster.body, "master_authorized_networks_config", "cidr_blocks")):
        if worlds(n.get("cidr_block")):
            yield n.at("cidr_block")


@check("GCP-020", CLUSTER, MEDIUM, "The cluster takes old ways of access",
       "nsa-kubernetes Authentication and authorization",
       "Remove enable_legacy_abac and client certificates.")
def gke_legacy(cluster):
    yield from hit(on(cluster, "enable_legacy_abac"))
    yield from hit(on(cluster, "master_auth", "client_certificate_config", "issue_client_certificate"))


@check("GCP-021", "google_bigquery_dataset", CRITICAL, "A dataset is open to everybody", "cis-gcp 7.1",
       "Remove the access entry.")
def dataset(data):
    for a in data.blocks("access"):
        if text(a.get("special_group")) == "allAuthenticatedUsers" or text(a.get("iam_member")) in EVERYBODY:
            yield a.line


@check("GCP-022", "google_service_account_key", MEDIUM, "A long-lived key of a service account is made", "cis-gcp 1.4",
       "Use workload identity or impersonation.")
def account_key(key):
    yield key.line
