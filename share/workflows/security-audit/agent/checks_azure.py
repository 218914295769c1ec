# SPDX-License-Identifier: Apache-2.0
"""Checks of Azure resources in Terraform."""
from aws import hit, off, on, opens, ports, worlds
from check import CRITICAL, HIGH, LOW, MEDIUM, check
from nodes import dig, is_unknown, listed, maps, text

STORAGE = "azurerm_storage_account"
OLD_TLS = ("TLS1_0", "TLS1_1", "1.0", "1.1", "TLS10", "TLS11", "Disabled")


def inbound(group):
    """(ports, protocol, line) of each rule that lets in the internet."""
    rules = maps(group.body.get("security_rule")) if group.kind == "azurerm_network_security_group" else [group.body]
    for r in rules:
        if text(r.get("direction")).lower() != "inbound" or text(r.get("access")).lower() != "allow":
            continue
        if not worlds(r.get("source_address_prefix"), r.get("source_address_prefixes")):
            continue
        for p in listed(r.get("destination_port_range")) + listed(r.get("destination_port_ranges")):
            low, _, high = text(p).partition("-")
            span = (0, 65535) if low == "*" else ports(low, high or low)
            yield span, text(r.get("protocol")).lower(), r.at("destination_port_range")


def rule_check(name, port, what, section):
    def run(group):
        for span, protocol, line in inbound(group):
            if opens(span, port) and span != (0, 65535) and protocol in ("tcp", "*"):
                yield line
    check(name, "azurerm_network_security_group azurerm_network_security_rule", HIGH,
          "%s is open to the internet" % what,
          "cis-azure " + section, "Name the source networks, or use Azure Bastion.")(run)


rule_check("AZ-001", 22, "SSH", "6.2")
rule_check("AZ-002", 3389, "RDP", "6.1")


@check("AZ-003", "azurerm_network_security_group azurerm_network_security_rule", CRITICAL,
       "All ports are open to the internet",
       "cis-azure 6.1; cis-azure 6.2", "Name ports and networks.")
def all_ports(group):
    for span, _, line in inbound(group):
        if span == (0, 65535):
            yield line


@check("AZ-004", STORAGE, MEDIUM, "The storage account takes plain HTTP", "cis-azure 3.1",
       "Set https_traffic_only_enabled = true.")
def https(account):
    for key in ("https_traffic_only_enabled", "enable_https_traffic_only"):
        yield from hit(off(account, key, default=True))


@check("AZ-005", STORAGE, MEDIUM, "The storage account still speaks old TLS", "cis-azure 3.15",
       "Set min_tls_version = TLS1_2.")
def tls(account):
    if text(account.get("min_tls_version")) in OLD_TLS:
        yield account.at("min_tls_version")


@check("AZ-006", STORAGE, HIGH, "Containers of the storage account may be made public", "cis-azure 3.7",
       "Set allow_nested_items_to_be_public = false.")
def nested_public(account):
    if account.has("allow_blob_public_access"):
        return hit(on(account, "allow_blob_public_access"))
    return hit(on(account, "allow_nested_items_to_be_public", default=True))


@check("AZ-007", "azurerm_storage_container", CRITICAL, "Everybody may read the container", "cis-azure 3.7",
       "Set container_access_type = private.")
def container_public(container):
    if text(container.get("container_access_type")) in ("blob", "container"):
        yield container.at("container_access_type")


@check("AZ-008", "azurerm_storage_account azurerm_storage_account_network_rules", MEDIUM,
       "The storage account takes calls from every network",
       "cis-azure 3.8", "Set network_rules.default_action = Deny, or public_network_access_enabled = false.")
def network_rules(account):
    if account.kind != STORAGE:
        if text(account.get("default_action")) == "Allow":
            yield account.at("default_action")
        return
    action = dig(account.body, "network_rules", "default_action")
    separate = account.module.of("azurerm_storage_account_network_rules")
    if action not in ("Deny",) and not is_unknown(action) and not separate and off(account,
            "public_network_access_enabled", default=True) is None:
        yield account.at("network_rules", "default_action")


@check("AZ-009", "azurerm_key_vault", MEDIUM, "Keys and secrets of the vault can be purged for good", "cis-azure 8.5",
       "Set purge_protection_enabled = true.")
def purge(vault):
    return hit(off(vault, "purge_protection_enabled"))


@check("AZ-010", "azurerm_key_vault", MEDIUM, "The vault takes calls from every network", "mcsb NS-2",
       "Set network_acls.default_action = Deny.")
def vault_network(vault):
    action = dig(vault.body, "network_acls", "default_action")
    if action != "Deny" and not is_unknown(action) and off(vault, "public_network_access_enabled",
            default=True) is None:
        yield vault.at("network_acls", "default_action")


@check("AZ-011", "azurerm_mssql_firewall_rule azurerm_sql_firewall_rule azurerm_postgresql_firewall_rule "
                 "azurerm_mysql_firewall_rule "
       "azurerm_postgresql_flexible_server_firewall_rule azurerm_mysql_flexible_server_firewall_rule", HIGH,
       "A database lets in every address", "cis-azure 4.1.2", "Name the addresses.")
def database_firewall(rule):
    if text(rule.get("start_ip_address")) == "0.0.0.0" and text(rule.get("end_ip_address")) in ("255.255.255.255",
            "0.0.0.0"):
        yield rule.at("start_ip_address"), "all of Azure" if text(rule.get("end_ip_address")) == "0.0.0.0" else ""


@check("AZ-012", "azurerm_mssql_server azurerm_sql_server", MEDIUM,
       "A database server can be reached from the internet, or speaks old TLS",
       "mcsb NS-2; mcsb DP-3", "Set public_network_access_enabled = false and minimum_tls_version = 1.2.")
def sql_public(server):
    yield from hit(on(server, "public_network_access_enabled", default=True))
    if text(server.get("minimum_tls_version")) in OLD_TLS:
        yield server.at("minimum_tls_version")


@check("AZ-013", "azurerm_postgresql_server azurerm_mysql_server", MEDIUM, "A database can be reached without TLS",
       "cis-azure 4.3.1; cis-azure 4.4.1",
       "Set ssl_enforcement_enabled = true.")
def sql_tls(server):
    return hit(off(server, "ssl_enforcement_enabled"))


@check("AZ-014", "azurerm_linux_virtual_machine", MEDIUM, "A machine takes logins with a password", "mcsb IM-6",
       "Set disable_password_authentication = true and use keys.")
def password_login(machine):
    return hit(off(machine, "disable_password_authentication", default=True))


@check("AZ-015", "azurerm_managed_disk", MEDIUM, "A disk can be downloaded from any network", "mcsb NS-2",
       "Set network_access_policy to DenyAll or AllowPrivate.")
def disk(managed):
    if text(managed.get("network_access_policy")
                        or "AllowAll") == "AllowAll" and not is_unknown(managed.get("network_access_policy")):
        yield managed.at("network_access_policy")


WEB = "azurerm_app_service azurerm_linux_web_app azurerm_windows_web_app azurerm_function_app azurerm_linux_function_app"


@check("AZ-016", WEB, MEDIUM, "An application takes plain HTTP", "cis-azure 9.2", "Set https_only = true.")
def https_only(app):
    return hit(off(app, "https_only"))


@check("AZ-017", WEB, MEDIUM, "An application still speaks old TLS or plain FTP", "cis-azure 9.3; cis-azure 9.10",
       "Set site_config minimum_tls_version = 1.2 and ftps_state = FtpsOnly or Disabled.")
def app_tls(app):
    for s in app.blocks("site_config"):
        for key in ("minimum_tls_version", "min_tls_version"):
            if text(s.get(key)) in OLD_TLS:
                yield s.at(key)
        if text(s.get("ftps_state")) == "AllAllowed":
            yield s.at("ftps_state")


AKS = "azurerm_kubernetes_cluster"


@check("AZ-018", AKS, MEDIUM, "The cluster's API is open to the internet",
       "nsa-kubernetes Network separation and hardening: control plane hardening",
       "Set private_cluster_enabled = true, or api_server_access_profile.authorized_ip_ranges.")
def aks_public(cluster):
    ranges = dig(cluster.body, "api_server_access_profile",
                 "authorized_ip_ranges") or cluster.get("api_server_authorized_ip_ranges")
    if off(cluster, "private_cluster_enabled") is not None and not is_unknown(ranges) and (not listed(ranges) or worlds(ranges)):
        yield cluster.line


@check("AZ-019", AKS, MEDIUM, "The cluster has no role-based access, or has local accounts",
       "nsa-kubernetes Authentication and authorization",
       "Keep role_based_access_control_enabled, and set local_account_disabled = true.")
def aks_access(cluster):
    yield from hit(off(cluster, "role_based_access_control_enabled", default=True))
    yield from hit(off(cluster, "local_account_disabled"))


@check("AZ-020", AKS, LOW, "The cluster enforces no network policies",
       "nsa-kubernetes Network separation and hardening: network policies",
       "Set network_profile.network_policy.")
def aks_policy(cluster):
    if dig(cluster.body, "network_profile", "network_policy") is None:
        yield cluster.at("network_profile")


@check("AZ-021", "azurerm_role_assignment", HIGH, "An owner's or contributor's role over a whole subscription",
       "mcsb PA-7",
       "Give a narrower role on a resource group.")
def owner(assignment):
    scope = assignment.get("scope")
    wide = "subscription" in (".".join(scope.refs[:1]) if is_unknown(scope) else text(scope)) and "resourceGroups" not in text(scope) and (
        not is_unknown(scope) or "resourceGroups" not in scope.text)
    if text(assignment.get("role_definition_name")) in ("Owner", "Contributor", "User Access Administrator") and wide:
        yield assignment.at("role_definition_name")


@check("AZ-022", "azurerm_redis_cache", HIGH, "A cache answers without TLS", "mcsb DP-3",
       "Set non_ssl_port_enabled = false.")
def redis(cache):
    yield from hit(on(cache, "non_ssl_port_enabled"))
    yield from hit(on(cache, "enable_non_ssl_port"))


@check("AZ-023", "azurerm_container_registry", MEDIUM, "The registry has an administrator's password", "mcsb IM-1",
       "Set admin_enabled = false.")
def registry(reg):
    return hit(on(reg, "admin_enabled"))
