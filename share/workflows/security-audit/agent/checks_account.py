# SPDX-License-Identifier: Apache-2.0
"""Checks of AWS compute, audit trails and the account's users."""
import re
from aws import hit, off, worlds
from check import CRITICAL, HIGH, LOW, MEDIUM, check
from checks_pod import SECRET_NAME
from nodes import Map, dig, is_unknown, listed, maps, number, text, truth

SECRET_TEXT = re.compile(r"(?i)\b[\w-]{0,40}(?:passw(?:or)?d|secret_?(?:access_?)?key|api_?key|auth_?token)\s{0,4}=\s{0,4}[\"']?[^\s\"'$<{(]{6,200}"
                         r"|\bAKIA[A-Z2-7]{16}\b|-----BEGIN (?:[A-Z]{1,12} ){0,2}PRIVATE KEY-----")
OLD_RUNTIMES = frozenset((
    "nodejs nodejs4.3 nodejs4.3-edge nodejs6.10 nodejs8.10 nodejs10.x nodejs12.x nodejs14.x nodejs16.x nodejs18.x "
    "python2.7 python3.6 "
    "python3.7 python3.8 ruby2.5 ruby2.7 java8 dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1 dotnet5.0 "
    "dotnet6 go1.x provided").split())


@check("AWS-070", "aws_instance aws_launch_template aws_launch_configuration", HIGH,
       "Credentials of an instance can be fetched by a forged request (IMDSv1)",
       "cis-aws 5.6; aws-fsbp EC2.8", "Set metadata_options.http_tokens = required.")
def metadata(instance):
    tokens, endpoint = (dig(instance.body, "metadata_options", k) for k in ("http_tokens", "http_endpoint"))
    if not is_unknown(tokens) and tokens != "required" and endpoint != "disabled":
        yield instance.at("metadata_options", "http_tokens")


@check("AWS-071", "aws_instance aws_launch_template aws_launch_configuration", HIGH,
       "User data holds what looks like a secret",
       "aws-iam Require workloads to use temporary credentials with IAM roles to access AWS",
       "Read it at start from Secrets Manager or Parameter Store with the instance's role.")
def user_data(instance):
    value = instance.get("user_data")
    if SECRET_TEXT.search(value.text if is_unknown(value) else text(value)):
        yield instance.at("user_data")


@check("AWS-072", "aws_cloudtrail", MEDIUM, "The trail does not cover all regions",
       "cis-aws 3.1; aws-fsbp CloudTrail.1",
       "Set is_multi_region_trail = true.")
def regions(trail):
    return hit(off(trail, "is_multi_region_trail"))


@check("AWS-073", "aws_cloudtrail", MEDIUM, "The trail's files can be changed unnoticed",
       "cis-aws 3.2; aws-fsbp CloudTrail.4",
       "Set enable_log_file_validation = true.")
def validation(trail):
    return hit(off(trail, "enable_log_file_validation"))


@check("AWS-074", "aws_cloudtrail", LOW, "The trail is not encrypted with a key of your own",
       "cis-aws 3.5; aws-fsbp CloudTrail.2",
       "Set kms_key_id.")
def trail_key(trail):
    if not trail.has("kms_key_id"):
        yield trail.line


@check("AWS-075", "aws_cloudtrail", HIGH, "The trail is switched off, or leaves out management events",
       "cis-aws 3.1; aws-securityhub CloudTrail.3",
       "Remove enable_logging = false; set include_management_events = true.")
def trail_off(trail):
    yield from hit(off(trail, "enable_logging", default=True))
    yield from hit(off(trail, "include_global_service_events", default=True))
    for s in trail.blocks("event_selector"):
        if truth(s.get("include_management_events"), True) is False:
            yield s.at("include_management_events")


@check("AWS-076", "aws_cloudtrail", LOW, "Nobody is told what the trail records", "aws-fsbp CloudTrail.5",
       "Set cloud_watch_logs_group_arn and alarms on it.")
def trail_alarms(trail):
    if not trail.has("cloud_watch_logs_group_arn"):
        yield trail.line


@check("AWS-080", "aws_eks_cluster", HIGH, "The cluster's API is open to the internet",
       "aws-fsbp EKS.1; nsa-kubernetes Network separation and hardening: control plane hardening",
       "Set endpoint_public_access = false, or public_access_cidrs to your networks.")
def eks_public(cluster):
    public = truth(dig(cluster.body, "vpc_config", "endpoint_public_access"), True)
    cidrs = dig(cluster.body, "vpc_config", "public_access_cidrs")
    if public is True and not is_unknown(cidrs) and (not listed(cidrs) or worlds(cidrs)):
        yield cluster.at("vpc_config", "public_access_cidrs" if listed(cidrs) else "endpoint_public_access")


@check("AWS-081", "aws_eks_cluster", MEDIUM, "The cluster writes no audit log",
       "aws-fsbp EKS.8; nsa-kubernetes Audit logging and threat detection",
       "Set enabled_cluster_log_types to api, audit and authenticator at least.")
def eks_logs(cluster):
    types = cluster.get("enabled_cluster_log_types")
    if not is_unknown(types) and "audit" not in [text(t) for t in listed(types)]:
        yield cluster.at("enabled_cluster_log_types")


@check("AWS-082", "aws_eks_cluster", MEDIUM, "The cluster's secrets are not encrypted with a key of your own",
       "aws-fsbp EKS.3; nsa-kubernetes Network separation and hardening: secrets",
       "Add encryption_config for the resource secrets.")
def eks_secrets(cluster):
    if not cluster.has("encryption_config"):
        yield cluster.line


@check("AWS-083", "aws_lambda_permission", CRITICAL, "Anybody may call the function", "aws-fsbp Lambda.1",
       "Name the principal, and the source_arn for a service.")
def lambda_public(permission):
    if text(permission.get("principal")) == "*" and not any(permission.has(k) for k in ("source_arn", "source_account",
            "principal_org_id")):
        yield permission.at("principal")


@check("AWS-084", "aws_lambda_permission", MEDIUM, "A service may call the function in anybody's name",
       "aws-fsbp Lambda.1",
       "Set source_arn (and source_account for S3).")
def lambda_service(permission):
    if text(permission.get("principal")).endswith(".amazonaws.com") and not permission.has("source_arn") and not permission.has("source_account"):
        yield permission.at("principal")


@check("AWS-085", "aws_lambda_function_url", HIGH, "The function's address can be called without a login",
       "aws-fsbp Lambda.1",
       "Set authorization_type = AWS_IAM.")
def lambda_address(address):
    if text(address.get("authorization_type")) == "NONE":
        yield address.at("authorization_type")


@check("AWS-086", "aws_lambda_function", HIGH, "A function's environment holds a secret as it is",
       "aws-iam Require workloads to use temporary credentials with IAM roles to access AWS",
       "Read it from Secrets Manager or Parameter Store.")
def lambda_secret(function):
    variables = dig(function.body, "environment", "variables")
    for name, value in variables.items() if isinstance(variables, Map) else ():
        if SECRET_NAME.search(name) and len(text(value)) >= 4 and not text(value).startswith(("arn:", "/",
                "{{resolve:")):
            yield variables.at(name)


@check("AWS-087", "aws_lambda_function", MEDIUM, "A function's runtime gets no more updates", "aws-fsbp Lambda.2",
       "Move to a supported runtime.")
def lambda_runtime(function):
    if text(function.get("runtime")) in OLD_RUNTIMES:
        yield function.at("runtime")


@check("AWS-088", "aws_ecs_task_definition", HIGH,
       "A task runs privileged, as a part of the host, or with a secret in its environment",
       "aws-fsbp ECS.4; aws-fsbp ECS.3; aws-fsbp ECS.8",
       "Remove privileged and host modes; use secrets with valueFrom.")
def ecs_task(task):
    if text(task.get("pid_mode")) == "host" or text(task.get("ipc_mode")) == "host":
        yield task.at("pid_mode" if text(task.get("pid_mode")) == "host" else "ipc_mode")
    for c in maps(task.get("container_definitions")):
        if truth(c.get("privileged")):
            yield c.at("privileged"), "privileged"
        for e in maps(c.get("environment")):
            if SECRET_NAME.search(text(e.get("name"))) and len(text(e.get("value"))) >= 4 and not text(e.get("value")).startswith("arn:"):
                yield e.at("value"), "secret"


# The account and its users

@check("AWS-090", "aws_iam_account_password_policy", MEDIUM, "Passwords may be short", "cis-aws 1.8; aws-fsbp IAM.7",
       "Set minimum_password_length to 14 or more.")
def password_length(policy):
    if (number(policy.get("minimum_password_length"), 6) or 99) < 14:
        yield policy.at("minimum_password_length")


@check("AWS-091", "aws_iam_account_password_policy", LOW, "Old passwords may be used again", "cis-aws 1.9",
       "Set password_reuse_prevention = 24.")
def password_reuse(policy):
    value = policy.get("password_reuse_prevention")
    if not is_unknown(value) and (number(value, 0) or 0) < 24:
        yield policy.at("password_reuse_prevention")


@check("AWS-092", "aws_iam_user_policy aws_iam_user_policy_attachment", LOW,
       "Rights are given to a user and not to a group or role",
       "cis-aws 1.15; aws-fsbp IAM.2", "Attach the policy to a group, or let people take roles.")
def user_policy(attachment):
    yield attachment.line


@check("AWS-093", "aws_iam_policy_attachment aws_iam_user_policy_attachment aws_iam_group_policy_attachment "
                  "aws_iam_role_policy_attachment "
       "aws_ssoadmin_managed_policy_attachment aws_iam_role", HIGH, "The administrator's policy is attached",
       "cis-aws 1.16; aws-fsbp IAM.1",
       "Attach a policy that allows what is needed.")
def administrator(attachment):
    for key in ("policy_arn", "managed_policy_arn", "managed_policy_arns"):
        for arn in listed(attachment.get(key)):
            if text(arn).endswith((":policy/AdministratorAccess", ":policy/IAMFullAccess", ":policy/PowerUserAccess")):
                yield attachment.at(key)


@check("AWS-094", "aws_iam_access_key", MEDIUM, "A long-lived access key is made, and stands in the state file",
       "aws-iam Require workloads to use temporary credentials with IAM roles to access AWS",
       "Use roles with temporary credentials.")
def access_key(key):
    if text(key.get("status") or "Active") == "Active":
        yield key.line


@check("AWS-095", "provider:aws", CRITICAL, "The provider's credentials stand in the code",
       "aws-iam Require workloads to use temporary credentials with IAM roles to access AWS",
       "Use the environment, a profile or a role. Revoke the key.")
def provider_keys(provider):
    for key in ("access_key", "secret_key", "token"):
        value = provider.body.get(key)
        if isinstance(value, str) and value and value not in ("mock_access_key", "mock_secret_key", "test", "mock",
                "fake"):
            yield provider.at(key)


@check("AWS-096", "aws_iam_policy_attachment aws_iam_user_policy_attachment aws_iam_group_policy_attachment "
                  "aws_iam_role_policy_attachment",
       LOW, "CloudShell with file transfer is given", "cis-aws 1.22", "Use a policy that denies the transfer of files.")
def cloud_shell(attachment):
    if text(attachment.get("policy_arn")).endswith(":policy/AWSCloudShellFullAccess"):
        yield attachment.at("policy_arn")


@check("AWS-097", "aws_config_configuration_recorder", LOW, "The recorder leaves out global resources",
       "cis-aws 3.3; aws-fsbp Config.1",
       "Set recording_group with all_supported and include_global_resource_types.")
def recorder(config):
    group = config.blocks("recording_group")
    if group and truth(group[0].get("all_supported"),
                       True) is not False and truth(group[0].get("include_global_resource_types"), False) is False:
        yield group[0].at("include_global_resource_types")


@check("AWS-098", "aws_iam_role", LOW, "A session of the role may last longer than it needs to",
       "aws-iam Require workloads to use temporary credentials with IAM roles to access AWS",
       "Set max_session_duration to 14400 or less.")
def long_session(role):
    if (number(role.get("max_session_duration"), 3600) or 0) > 14400:
        yield role.at("max_session_duration")
