# SPDX-License-Identifier: Apache-2.0
"""Checks of AWS policies: what identities may do, who may take a role, whom a resource lets in."""
import re
from check import CRITICAL, HIGH, LOW, MEDIUM, check
from policies import matches

IDENTITY, TRUST, RESOURCE = "policy:identity", "policy:trust", "policy:resource"

# What by itself, or together, lets its holder take more rights than were given.
ESCALATIONS = [(a,) for a in (
    "iam:createpolicyversion iam:setdefaultpolicyversion iam:createaccesskey iam:createloginprofile "
    "iam:updateloginprofile "
    "iam:attachuserpolicy iam:attachgrouppolicy iam:attachrolepolicy iam:putuserpolicy iam:putgrouppolicy "
    "iam:putrolepolicy "
    "iam:addusertogroup iam:updateassumerolepolicy lambda:updatefunctioncode").split()] + [
    ("iam:passrole", a) for a in (
        "ec2:runinstances lambda:createfunction cloudformation:createstack glue:createdevendpoint glue:createjob "
        "datapipeline:createpipeline sagemaker:createnotebookinstance codebuild:createproject "
        "ecs:registertaskdefinition "
        "states:createstatemachine").split()]
READ_SECRETS = ("secretsmanager:getsecretvalue", "ssm:getparameter", "ssm:getparameters", "ssm:getparametersbypath",
                "kms:decrypt")
DESTRUCTIVE = ("s3:deletebucket", "s3:deleteobject", "s3:putbucketpolicy", "rds:deletedbinstance",
               "ec2:terminateinstances",
               "dynamodb:deletetable", "kms:schedulekeydeletion", "kms:disablekey", "cloudtrail:stoplogging",
               "cloudtrail:deletetrail",
               "ec2:authorizesecuritygroupingress", "lambda:updatefunctioncode", "route53:changeresourcerecordsets",
               "logs:deleteloggroup", "guardduty:deletedetector", "config:stopconfigurationrecorder")
SERVICE_ALL = re.compile(r"[a-z0-9-]+:\*$")
# What a wildcard of these services gives away is little.
MILD_SERVICES = frozenset("logs cloudwatch xray sts tag pricing health support trustedadvisor resource-explorer-2".split())
ANYBODY = re.compile(r"\*$|arn:aws[\w-]*:iam::\*:")
ROOT = re.compile(r"(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?$")
SCOPES = ("aws:principalorgid", "aws:principalorgpaths", "aws:sourcearn", "aws:sourceaccount", "aws:sourcevpce",
          "aws:sourcevpc",
          "aws:sourceip", "aws:vpcsourceip", "aws:principalaccount", "aws:principalarn", "aws:sourceorgid",
          "aws:userid", "kms:calleraccount",
          "aws:resourceorgid", "kms:viaservice", "s3:dataaccesspointaccount", "aws:sourceorgpaths")
IAM = "cis-aws 1.16; aws-fsbp IAM.1"


def plain(policy):
    """The Allow statements but those that allow everything, which have a check of their own."""
    return [s for s in policy.allowed() if not s.allows_all()]


@check("IAM-001", IDENTITY, CRITICAL, "A policy allows every action on every resource", IAM,
       "Name the actions and resources that are needed.")
def all_on_all(policy):
    for s in policy.allowed():
        if s.allows_all() and (s.is_broad() or s.has_unknown_resource) and not s.conditions:
            yield s.line


@check("IAM-002", IDENTITY, HIGH, "A policy allows all actions of a service on every resource",
       "aws-fsbp IAM.21", "Name the actions, and the resources where the service has them.")
def all_of_service(policy):
    for s in plain(policy):
        services = sorted({a.split(":")[0] for a in s.actions if SERVICE_ALL.match(a)} - MILD_SERVICES)
        if services and s.is_broad() and not s.conditions:
            yield s.line, ", ".join(services[:8])


@check("IAM-003", IDENTITY, HIGH, "A policy allows all but a few actions",
       "aws-iam Apply least-privilege permissions", "Allow by Action; NotAction belongs into Deny statements.")
def not_action(policy):
    for s in policy.allowed():
        if s.not_actions:
            yield s.line


@check("IAM-004", IDENTITY, MEDIUM, "A policy allows all but a few resources",
       "aws-iam Apply least-privilege permissions", "Name the resources; NotResource belongs into Deny statements.")
def not_resource(policy):
    for s in policy.allowed():
        if s.not_resources:
            yield s.line


@check("IAM-005", IDENTITY, HIGH, "A policy lets its holder take more rights",
       "aws-iam Apply least-privilege permissions",
       "Remove the action, or restrict it to named users, roles or policies; add a permissions boundary.")
def escalation(policy):
    open_statements = [s for s in plain(policy) if s.is_broad() and not s.not_actions and not s.conditions]
    denied = [s for s in policy.statements if not s.allows and "*" in s.resources and not s.conditions]

    def where(action):
        if any(s.covers(action) for s in denied):
            return None
        return next((s for s in open_statements if s.covers(action)), None)
    for combination in ESCALATIONS:
        found = [where(a) for a in combination]
        if all(found):
            yield found[-1].line, " with ".join(combination)


@check("IAM-006", IDENTITY, HIGH, "A policy lets its holder pass any role to a service",
       "aws-iam Apply least-privilege permissions",
       "Name the roles, and the service in the condition iam:PassedToService.")
def pass_role(policy):
    for s in plain(policy):
        if not s.not_actions and s.covers("iam:passrole") and s.is_broad() and not s.has_condition("iam:passedtoservice"):
            yield s.line


@check("IAM-007", IDENTITY, HIGH, "A policy lets its holder take any role",
       "aws-iam Apply least-privilege permissions", "Name the roles that may be taken.")
def assume_any(policy):
    for s in plain(policy):
        if not s.not_actions and any(matches(p, "sts:assumerole") for p in s.actions) and s.is_broad() and not s.conditions:
            yield s.line


@check("IAM-008", IDENTITY, MEDIUM, "A policy allows reading every secret or decrypting with every key",
       "aws-fsbp KMS.1; aws-iam Apply least-privilege permissions", "Name the secrets, parameters or keys.")
def read_secrets(policy):
    for s in plain(policy):
        found = [a for a in READ_SECRETS if s.covers(a)]
        if found and not s.not_actions and s.is_broad() and not s.conditions:
            yield s.line, found[0]


@check("IAM-009", IDENTITY, MEDIUM, "A policy allows deleting or reconfiguring every resource",
       "aws-iam Apply least-privilege permissions", "Name the resources.")
def destructive(policy):
    for s in plain(policy):
        found = [a for a in DESTRUCTIVE if s.covers(a) and not (a.startswith("logs:") and "logs:*" in s.actions)]
        if found and not s.not_actions and s.is_broad() and not s.conditions:
            yield s.line, found[0]


@check("IAM-010", IDENTITY, MEDIUM, "Administration of users or keys without a second factor",
       "aws-iam Require multi-factor authentication (MFA)",
       "Add the condition Bool aws:MultiFactorAuthPresent true.")
def no_mfa(policy):
    denies = any(not s.allows and s.has_condition("aws:multifactorauthpresent",
            "aws:multifactorauthage") for s in policy.statements)
    for s in policy.allowed():
        manages = [a for a in ("iam:deactivatemfadevice", "iam:deletevirtualmfadevice", "iam:deleteuser",
                               "iam:createuser",
                               "kms:schedulekeydeletion", "organizations:leaveorganization") if s.covers(a)]
        if manages and not s.allows_all() and not denies and not s.has_condition("aws:multifactorauth"):
            yield s.line, manages[0]


@check("IAM-011", IDENTITY, LOW, "A policy of the old version, in which variables are plain text",
       "aws-iam Use IAM Access Analyzer to validate your IAM policies to ensure secure and functional permissions",
       "Set Version to 2012-10-17.")
def old_version(policy):
    if policy.version not in ("2012-10-17", ""):
        yield policy.line


# Who may take a role

def is_anybody(principal):
    kind, name = principal
    return kind in ("*", "AWS") and bool(ANYBODY.match(name))


@check("IAM-020", TRUST, CRITICAL, "Any AWS account may take the role",
       "aws-iam Apply least-privilege permissions", "Name the accounts or roles in Principal.")
def trust_anybody(policy):
    for s in policy.allowed():
        if any(is_anybody(p) for p in s.principals) and not s.has_condition(*SCOPES, "sts:externalid",
                "aws:principaltag"):
            yield s.line


@check("IAM-021", TRUST, MEDIUM, "Another account may take the role without an external id or a second factor",
       "aws-iam Require multi-factor authentication (MFA)",
       "Add the condition sts:ExternalId, or aws:MultiFactorAuthPresent for people.")
def trust_account(policy):
    for s in policy.allowed():
        whole = any(kind == "AWS" and ROOT.match(name) for kind, name in s.principals)
        if whole and not s.has_condition(*SCOPES, "sts:externalid", "aws:multifactorauth", "aws:principaltag"):
            yield s.line


@check("IAM-022", TRUST, HIGH, "Any identity of an outside identity provider may take the role",
       "aws-iam Apply least-privilege permissions",
       "Add a condition on the provider's sub (repository, branch, service account).")
def trust_web(policy):
    for s in policy.allowed():
        for kind, name in s.principals:
            if kind != "Federated" or ":saml-provider/" in name or name == "${unknown}":
                continue
            subs = [v for _, key, values in s.conditions
                    if key.endswith((":sub", ":amr", ":aud.sub", ":repository")) for v in values]
            if (not subs or any(re.match(r"(?:\*|repo:\*|repo:[^/]*\*)", v) for v in subs)) and any(
                    a in ("sts:assumerolewithwebidentity", "sts:*", "*") for a in s.actions):
                yield s.line
                break


@check("IAM-023", TRUST + " " + RESOURCE, HIGH, "All but a few are let in",
       "aws-iam Apply least-privilege permissions",
       "Allow by Principal; NotPrincipal lets in all that it does not name.")
def not_principal(policy):
    for s in policy.allowed():
        if s.not_principals:
            yield s.line


# Whom a resource lets in

@check("IAM-030", RESOURCE, CRITICAL, "The resource's policy lets in anybody",
       "aws-fsbp S3.2; aws-iam Apply least-privilege permissions",
       "Name the principals, or add a condition on aws:PrincipalOrgID, aws:SourceArn or aws:SourceVpce.")
def resource_anybody(policy):
    for s in policy.allowed():
        if any(is_anybody(p) for p in s.principals) and not s.has_condition(*SCOPES):
            yield s.line


@check("IAM-031", RESOURCE, MEDIUM, "The resource's policy allows every action",
       "aws-iam Apply least-privilege permissions", "Name the actions that are needed.")
def resource_all_actions(policy):
    for s in policy.allowed():
        keys_owner = any(kind == "AWS" and ":root" in name for kind, name in s.principals) and "kms:*" in s.actions
        if any(a == "*" or SERVICE_ALL.match(a) for a in s.actions) and not keys_owner and not s.has_condition(*SCOPES) and any(
                not is_anybody(p) for p in s.principals):
            yield s.line
