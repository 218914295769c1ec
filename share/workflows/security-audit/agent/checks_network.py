# SPDX-License-Identifier: Apache-2.0
"""Checks of AWS networks: security groups, access lists, flow logs, load balancers, content delivery."""
import re
from aws import hit, off, on, opens, ports, siblings, worlds
from check import CRITICAL, HIGH, LOW, MEDIUM, check
from nodes import dig, is_unknown, maps, number, text, truth

GROUPS = "aws_security_group aws_default_security_group aws_security_group_rule aws_vpc_security_group_ingress_rule"
DATABASES = {1433: "SQL Server", 1521: "Oracle", 3306: "MySQL", 5432: "PostgreSQL", 6379: "Redis",
             9200: "Elasticsearch",
             27017: "MongoDB", 11211: "Memcached", 5439: "Redshift", 9042: "Cassandra", 50000: "DB2"}
RISKY = {21: "FTP", 23: "Telnet", 445: "SMB", 135: "RPC", 2375: "Docker", 2379: "etcd", 5900: "VNC",
         6443: "Kubernetes API",
         10250: "kubelet", 5601: "Kibana", 8888: "notebook", 9090: "Prometheus"}
NARROW = 20  # a range of more ports than this was not meant for one service


def ingress(group):
    """(ports or None, networks of the whole internet, line) of each rule that lets in the internet."""
    rules = []
    if group.kind in ("aws_security_group", "aws_default_security_group"):
        rules = [(r, r.get("from_port"), r.get("to_port"), r.get("protocol"),
                  (r.get("cidr_blocks"), r.get("ipv6_cidr_blocks")))
                 for r in maps(group.body.get("ingress"))]
    elif group.kind == "aws_security_group_rule" and group.get("type") == "ingress":
        b = group.body
        rules = [(b, b.get("from_port"), b.get("to_port"), b.get("protocol"),
                  (b.get("cidr_blocks"), b.get("ipv6_cidr_blocks")))]
    elif group.kind == "aws_vpc_security_group_ingress_rule":
        b = group.body
        rules = [(b, b.get("from_port"), b.get("to_port"), b.get("ip_protocol"),
                  (b.get("cidr_ipv4"), b.get("cidr_ipv6")))]
    for body, low, high, protocol, networks in rules:
        found = worlds(*networks)
        if found and text(protocol).lower() not in ("icmp", "icmpv6", "1", "58"):
            key = next((k for k in ("cidr_blocks", "cidr_ipv4", "ipv6_cidr_blocks",
                                    "cidr_ipv6") if worlds(body.get(k))), "")
            yield ports(low, high, protocol), found, body.at(key)


def is_all(span):
    return span is not None and span[1] - span[0] >= 65534


def opened(name, port, what, severity, references):
    def run(group):
        for span, networks, line in ingress(group):
            if opens(span, port) and not is_all(span):
                yield line, "port %d from %s" % (port, " and ".join(sorted(set(networks))))
    check(name, GROUPS, severity, "%s is open to the internet" % what, references,
          "Name the networks that may connect, or use a bastion or Session Manager.")(run)


opened("AWS-001", 22, "SSH", HIGH, "cis-aws 5.2; cis-aws 5.3; aws-fsbp EC2.19")
opened("AWS-002", 3389, "RDP", HIGH, "cis-aws 5.2; cis-aws 5.3; aws-fsbp EC2.19")


def table_check(name, table, severity, title):
    def run(group):
        for span, _, line in ingress(group):
            found = [table[p] for p in sorted(table) if opens(span, p)]
            if found and not is_all(span):
                yield line, ", ".join(found)
    check(name, GROUPS, severity, title, "aws-fsbp EC2.19", "Let in the application's security group alone.")(run)


table_check("AWS-003", DATABASES, HIGH, "A database port is open to the internet")
table_check("AWS-004", RISKY, HIGH, "A port of an administration service is open to the internet")


@check("AWS-005", GROUPS, CRITICAL, "All ports are open to the internet", "cis-aws 5.2; cis-aws 5.3; aws-fsbp EC2.19",
       "Name ports and networks.")
def all_ports(group):
    for span, _, line in ingress(group):
        if is_all(span):
            yield line


@check("AWS-006", GROUPS, LOW, "A wide range of ports is open to the internet", "aws-fsbp EC2.18", "Name the ports.")
def wide_range(group):
    for span, _, line in ingress(group):
        if span and NARROW < span[1] - span[0] and not is_all(span):
            yield line


@check("AWS-007", "aws_default_security_group", MEDIUM, "The default security group has rules",
       "cis-aws 5.4; aws-fsbp EC2.2",
       "Leave it without ingress and egress, and give each service its own group.")
def default_group(group):
    for key in ("ingress", "egress"):
        if maps(group.body.get(key)):
            yield group.at(key)
            return


@check("AWS-008", "aws_network_acl aws_default_network_acl aws_network_acl_rule", MEDIUM,
       "A network access list lets the internet reach SSH or RDP", "cis-aws 5.1; aws-fsbp EC2.21", "Name the networks.")
def access_list(acl):
    rules = maps(acl.body.get("ingress")) if acl.kind != "aws_network_acl_rule" else [acl.body]
    for r in rules:
        allows = text(r.get("action") or r.get("rule_action")).lower() == "allow" and not truth(r.get("egress"), False)
        span = ports(r.get("from_port"), r.get("to_port"), r.get("protocol"))
        if allows and worlds(r.get("cidr_block"), r.get("ipv6_cidr_block")) and (opens(span, 22) or opens(span, 3389)):
            yield r.at("cidr_block")


@check("AWS-009", "aws_vpc", MEDIUM, "A VPC without flow logs", "cis-aws 3.7; aws-fsbp EC2.6",
       "Add an aws_flow_log for it.")
def flow_logs(vpc):
    if not siblings(vpc, "aws_flow_log", "vpc_id"):
        yield vpc.line


@check("AWS-010", "aws_subnet", LOW, "Instances of the subnet get public addresses by default", "aws-fsbp EC2.15",
       "Set map_public_ip_on_launch = false.")
def public_subnet(subnet):
    return hit(on(subnet, "map_public_ip_on_launch"))


LB = "aws_lb aws_alb"


@check("AWS-011", "aws_lb_listener aws_alb_listener", MEDIUM, "A load balancer takes plain HTTP", "aws-fsbp ELB.1",
       "Redirect to HTTPS, or listen on HTTPS only.")
def http_listener(listener):
    if text(listener.get("protocol") or "HTTP").upper() != "HTTP" or is_unknown(listener.get("protocol")):
        return
    for action in listener.blocks("default_action"):
        if text(action.get("type")) == "redirect" and text(dig(action, "redirect", "protocol") or "HTTPS") in ("HTTPS",
                "#{protocol}"):
            return
    yield listener.at("protocol")


@check("AWS-012", "aws_lb_listener aws_alb_listener", MEDIUM, "A load balancer still speaks TLS 1.0 or 1.1",
       "aws-fsbp ELB.17",
       "Use ELBSecurityPolicy-TLS13-1-2-2021-06 or later.")
def old_tls(listener):
    if text(listener.get("protocol")).upper() not in ("HTTPS", "TLS"):
        return
    policy = listener.get("ssl_policy")
    if not is_unknown(policy) and not re.search(r"TLS13-1-[23]|TLS-1-2|FS-1-2", text(policy)):
        yield listener.at("ssl_policy")


@check("AWS-013", LB, LOW, "A load balancer without access logs", "aws-fsbp ELB.5",
       "Add access_logs with enabled = true.")
def lb_logs(lb):
    return hit(off(lb, "access_logs", "enabled"))


@check("AWS-014", LB, LOW, "A load balancer passes on malformed headers", "aws-fsbp ELB.4",
       "Set drop_invalid_header_fields = true.")
def lb_headers(lb):
    if text(lb.get("load_balancer_type") or "application") == "application":
        return hit(off(lb, "drop_invalid_header_fields"))
    return []


@check("AWS-015", LB, LOW, "A load balancer can be deleted by one call", "aws-fsbp ELB.6",
       "Set enable_deletion_protection = true.")
def lb_deletion(lb):
    return hit(off(lb, "enable_deletion_protection"))


CDN = "aws_cloudfront_distribution"


@check("AWS-016", CDN, MEDIUM, "Content is delivered over plain HTTP", "aws-fsbp CloudFront.3",
       "Set viewer_protocol_policy to redirect-to-https or https-only.")
def viewer_protocol(cdn):
    for key in ("default_cache_behavior", "ordered_cache_behavior"):
        for b in cdn.blocks(key):
            if text(b.get("viewer_protocol_policy")) == "allow-all":
                yield b.at("viewer_protocol_policy")


@check("AWS-017", CDN, MEDIUM, "The distribution still speaks old TLS", "aws-fsbp CloudFront.15",
       "Set minimum_protocol_version = TLSv1.2_2021 with a certificate of your own.")
def viewer_tls(cdn):
    for v in cdn.blocks("viewer_certificate"):
        version = v.get("minimum_protocol_version")
        if truth(v.get("cloudfront_default_certificate"), False) is False and not is_unknown(version) and not text(
                version).startswith(("TLSv1.2", "TLSv1.3")):
            yield v.at("minimum_protocol_version")


@check("AWS-018", CDN, LOW, "The distribution writes no access logs", "aws-fsbp CloudFront.5", "Add logging_config.")
def cdn_logs(cdn):
    if not cdn.has("logging_config"):
        yield cdn.line


@check("AWS-019", "aws_eip aws_instance", LOW, "An instance with a public address", "aws-fsbp EC2.9",
       "Put it behind a load balancer or NAT gateway: associate_public_ip_address = false.")
def public_instance(instance):
    return hit(on(instance, "associate_public_ip_address")) if instance.kind == "aws_instance" else []


@check("AWS-020", "aws_elb", MEDIUM, "A classic load balancer takes plain HTTP or TCP", "aws-fsbp ELB.3",
       "Use lb_protocol https with a certificate.")
def classic(elb):
    for listener in elb.blocks("listener"):
        if text(listener.get("lb_protocol")).lower() == "http" and number(listener.get("lb_port")) is not None:
            yield listener.at("lb_protocol")


@check("AWS-021", "aws_api_gateway_stage aws_apigatewayv2_stage", LOW, "An API stage writes no access log",
       "aws-fsbp APIGateway.9",
       "Add access_log_settings.")
def api_logs(stage):
    if not stage.has("access_log_settings"):
        yield stage.line


@check("AWS-022", "aws_api_gateway_method", MEDIUM, "An API method that anybody may call", "aws-fsbp APIGateway.8",
       "Set authorization to AWS_IAM, CUSTOM or COGNITO_USER_POOLS, or require an API key.")
def api_open(method):
    if text(method.get("authorization")).upper() == "NONE" and text(method.get("http_method")).upper() != "OPTIONS" and not truth(
            method.get("api_key_required"), False):
        yield method.at("authorization")


