# SPDX-License-Identifier: Apache-2.0
"""Checks of where AWS keeps data: buckets, disks, databases, queues, keys."""
from aws import hit, off, on, siblings
from check import CRITICAL, HIGH, LOW, MEDIUM, check
from nodes import dig, is_unknown, listed, maps, number, text, truth
from policies import from_data, from_map

BUCKET = "aws_s3_bucket"
BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


@check("AWS-030", "aws_s3_bucket aws_s3_bucket_acl", CRITICAL, "Everybody may read the bucket, or write to it",
       "cis-aws 2.1.4; aws-fsbp S3.2; aws-fsbp S3.3", "Set the acl to private, or remove it.")
def public_acl(bucket):
    if text(bucket.get("acl")) in ("public-read", "public-read-write", "website", "authenticated-read"):
        yield bucket.at("acl")
    for policy in bucket.blocks("access_control_policy") + [bucket.body]:
        for grant in maps(policy.get("grant")):
            uri = text(dig(grant, "grantee", "uri") or grant.get("uri"))
            if uri.endswith(("/AllUsers", "/AuthenticatedUsers")):
                yield grant.line


@check("AWS-031", BUCKET, HIGH, "The bucket does not block public access", "cis-aws 2.1.4; aws-fsbp S3.8",
       "Add an aws_s3_bucket_public_access_block with all four settings true.")
def access_block(bucket):
    if not siblings(bucket, "aws_s3_bucket_public_access_block", "bucket") and not account_block(bucket):
        yield bucket.line


def account_block(bucket):
    return any(all(truth(b.get(k), False) is not False for k in BLOCKS)
               for b in bucket.module.of("aws_s3_account_public_access_block"))


@check("AWS-032", "aws_s3_bucket_public_access_block aws_s3_account_public_access_block", HIGH,
       "Public access is blocked in part only", "cis-aws 2.1.4; aws-fsbp S3.8; aws-fsbp S3.1",
       "Set all four settings to true.")
def partial_block(block):
    for key in BLOCKS:
        yield from hit(off(block, key))


@check("AWS-033", BUCKET, LOW, "The bucket names no encryption of its own", "aws-securityhub S3.17",
       "Add an aws_s3_bucket_server_side_encryption_configuration, with aws:kms for data that matters.")
def bucket_encryption(bucket):
    if not bucket.has("server_side_encryption_configuration") and not siblings(
            bucket, "aws_s3_bucket_server_side_encryption_configuration", "bucket"):
        yield bucket.line


@check("AWS-034", BUCKET, MEDIUM, "The bucket keeps no older versions", "aws-securityhub S3.14",
       "Add an aws_s3_bucket_versioning with status Enabled.")
def versioning(bucket):
    if on(bucket, "versioning", "enabled") or is_unknown(dig(bucket.body, "versioning", "enabled")):
        return
    found = siblings(bucket, "aws_s3_bucket_versioning", "bucket")
    states = [dig(v.body, "versioning_configuration", "status") for v in found]
    if not any(is_unknown(s) or s == "Enabled" for s in states):
        yield found[0].at("versioning_configuration",
                          "status") if found and found[0].file == bucket.file else bucket.line


@check("AWS-035", BUCKET, LOW, "The bucket's accesses are not logged", "aws-fsbp S3.9",
       "Add an aws_s3_bucket_logging.")
def bucket_logging(bucket):
    targets = [r for r in bucket.module.of("aws_s3_bucket_logging")]
    is_target = any(is_unknown(t.get("target_bucket"))
                               and any(r.startswith(bucket.address + ".") for r in t.get("target_bucket").refs)
                    for t in targets)
    if not bucket.has("logging") and not siblings(bucket, "aws_s3_bucket_logging", "bucket") and not is_target:
        yield bucket.line


@check("AWS-036", BUCKET, LOW, "The bucket answers plain HTTP", "cis-aws 2.1.1; aws-fsbp S3.5",
       "Deny in its policy what comes with aws:SecureTransport false.")
def secure_transport(bucket):
    policies = siblings(bucket, "aws_s3_bucket_policy", "bucket") + ([bucket] if bucket.has("policy") else [])
    for p in policies:
        value = p.get("policy")
        statements = from_map(value)
        if statements is None:
            refs = value.refs if is_unknown(value) else ()
            documents = [d for d in bucket.module.data if any(r.startswith(d.address + ".") for r in refs)]
            if not documents or is_unknown(value) and value.text:
                return  # what it says is not known, or was read from a text
            statements = [s for d in documents for s in from_data(d)]
        if any(not s.allows and s.has_condition("aws:securetransport") for s in statements):
            return
    yield bucket.line


@check("AWS-037", "aws_s3_bucket_versioning", LOW, "Versions can be deleted without a second factor",
       "cis-aws 2.1.2; aws-securityhub S3.20",
       "Enable MFA delete as the account's root for buckets that matter.")
def mfa_delete(v):
    if text(dig(v.body, "versioning_configuration", "status")) == "Enabled" and text(
            dig(v.body, "versioning_configuration", "mfa_delete") or "Disabled") == "Disabled":
        yield v.at("versioning_configuration", "mfa_delete")


DISKS = "aws_ebs_volume aws_efs_file_system"


def encrypted_by_default(resource):
    return any(truth(r.get("enabled"), True) is not False for r in resource.module.of("aws_ebs_encryption_by_default"))


@check("AWS-040", DISKS, HIGH, "A disk or file system is stored unencrypted",
       "cis-aws 2.2.1; cis-aws 2.4.1; aws-fsbp EC2.3; aws-fsbp EFS.1",
       "Set encrypted = true.")
def disks(disk):
    if disk.kind == "aws_ebs_volume" and encrypted_by_default(disk):
        return []
    return hit(off(disk, "encrypted"))


@check("AWS-041", "aws_instance aws_launch_template", MEDIUM, "An instance's disk is stored unencrypted",
       "cis-aws 2.2.1; aws-fsbp EC2.3",
       "Set encrypted = true in the block device, or aws_ebs_encryption_by_default.")
def instance_disks(instance):
    if encrypted_by_default(instance):
        return
    if instance.kind == "aws_instance":
        for key in ("root_block_device", "ebs_block_device"):
            for b in instance.blocks(key):
                if truth(b.get("encrypted"), False) is False:
                    yield b.at("encrypted")
        if not instance.has("root_block_device"):
            yield instance.line
    for b in instance.blocks("block_device_mappings"):
        for ebs in maps(b.get("ebs")):
            if truth(ebs.get("encrypted"), False) is False:
                yield ebs.at("encrypted")


@check("AWS-042", "aws_ebs_encryption_by_default", MEDIUM, "Encryption of new disks is switched off",
       "cis-aws 2.2.1; aws-fsbp EC2.7",
       "Set enabled = true.")
def default_off(setting):
    return hit(off(setting, "enabled", default=True))


RDS = "aws_db_instance aws_rds_cluster"


def is_replica(db):
    return db.has("replicate_source_db") or db.has("snapshot_identifier") or db.has("replication_source_identifier")


@check("AWS-050", RDS, HIGH, "A database is stored unencrypted", "cis-aws 2.3.1; aws-fsbp RDS.3",
       "Set storage_encrypted = true.")
def rds_encrypted(db):
    if is_replica(db) or text(db.get("engine_mode")) == "serverless":
        return []
    return hit(off(db, "storage_encrypted"))


@check("AWS-051", "aws_db_instance aws_rds_cluster_instance aws_redshift_cluster aws_dms_replication_instance",
       CRITICAL,
       "A database can be reached from the internet", "cis-aws 2.3.3; aws-fsbp RDS.2; aws-fsbp Redshift.1",
       "Set publicly_accessible = false.")
def rds_public(db):
    return hit(on(db, "publicly_accessible", default=db.kind == "aws_redshift_cluster" and None))


@check("AWS-052", RDS, MEDIUM, "A database keeps no backups, or less than a week of them", "aws-fsbp RDS.11",
       "Set backup_retention_period to 7 or more.")
def rds_backups(db):
    days = db.get("backup_retention_period")
    if not is_unknown(days) and not is_replica(db) and (number(days, 1 if db.kind == "aws_rds_cluster" else 0) or 0) < 7:
        yield db.at("backup_retention_period")


@check("AWS-053", "aws_db_instance aws_rds_cluster_instance", LOW, "A database does not take minor upgrades by itself",
       "cis-aws 2.3.2; aws-fsbp RDS.13", "Remove auto_minor_version_upgrade = false.")
def rds_upgrades(db):
    return hit(off(db, "auto_minor_version_upgrade", default=True))


@check("AWS-054", RDS, LOW, "A database can be deleted by one call", "aws-fsbp RDS.8; aws-fsbp RDS.7",
       "Set deletion_protection = true.")
def rds_deletion(db):
    return hit(off(db, "deletion_protection"))


@check("AWS-055", RDS + " aws_redshift_cluster aws_docdb_cluster aws_neptune_cluster", HIGH,
       "A database's password stands in the code",
       "aws-iam Require workloads to use temporary credentials with IAM roles to access AWS",
       "Use manage_master_user_password, or read it from Secrets Manager.")
def rds_password(db):
    for key in ("password", "master_password"):
        if isinstance(db.body.get(key), str) and db.body[key]:
            yield db.at(key)


@check("AWS-056", "aws_redshift_cluster aws_docdb_cluster aws_neptune_cluster", HIGH,
       "A data store is stored unencrypted",
       "aws-fsbp Redshift.10; aws-fsbp DocumentDB.1; aws-fsbp Neptune.1", "Set encrypted or storage_encrypted = true.")
def store_encrypted(db):
    return hit(off(db, "encrypted" if db.kind == "aws_redshift_cluster" else "storage_encrypted"))


@check("AWS-057", "aws_dynamodb_table", LOW, "A table cannot be restored to a point in time", "aws-fsbp DynamoDB.2",
       "Add point_in_time_recovery with enabled = true.")
def table_recovery(table):
    return hit(off(table, "point_in_time_recovery", "enabled"))


@check("AWS-058", "aws_elasticache_replication_group", MEDIUM, "A cache is unencrypted on the way or at rest",
       "aws-fsbp ElastiCache.4; aws-fsbp ElastiCache.5",
       "Set transit_encryption_enabled and at_rest_encryption_enabled to true.")
def cache(group):
    for key in ("transit_encryption_enabled", "at_rest_encryption_enabled"):
        yield from hit(off(group, key))


@check("AWS-059", "aws_elasticsearch_domain aws_opensearch_domain", MEDIUM, "A search domain is unencrypted",
       "aws-fsbp ES.1; aws-fsbp ES.3; aws-fsbp Opensearch.1",
       "Enable encrypt_at_rest, node_to_node_encryption and enforce_https.")
def search(domain):
    for keys in (("encrypt_at_rest", "enabled"), ("node_to_node_encryption", "enabled"),
                 ("domain_endpoint_options", "enforce_https")):
        yield from hit(off(domain, *keys))


@check("AWS-060", "aws_sqs_queue", LOW, "A queue is unencrypted", "aws-fsbp SQS.1",
       "Remove sqs_managed_sse_enabled = false, or name a key.")
def queue(q):
    return hit(off(q, "sqs_managed_sse_enabled", default=True)) if not q.has("kms_master_key_id") else []


@check("AWS-061", "aws_sns_topic", LOW, "A topic is unencrypted", "aws-securityhub SNS.1", "Set kms_master_key_id.")
def topic(t):
    if not t.has("kms_master_key_id"):
        yield t.line


@check("AWS-062", "aws_kms_key", MEDIUM, "A key is not rotated", "cis-aws 3.6; aws-securityhub KMS.4",
       "Set enable_key_rotation = true.")
def rotation(key):
    symmetric = text(key.get("customer_master_key_spec") or "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
    usage = text(key.get("key_usage") or "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT"
    return hit(off(key, "enable_key_rotation")) if symmetric and usage and not is_unknown(key.get("customer_master_key_spec")) else []


@check("AWS-063", "aws_kms_key", MEDIUM, "A key can be deleted within days", "aws-fsbp KMS.3",
       "Set deletion_window_in_days to 14 or more.")
def key_window(key):
    days = number(key.get("deletion_window_in_days"), 30)
    if days is not None and days < 14:
        yield key.at("deletion_window_in_days")


@check("AWS-064", "aws_ecr_repository", LOW, "Images are not scanned when they are pushed", "aws-fsbp ECR.1",
       "Set image_scanning_configuration.scan_on_push = true.")
def scan(repository):
    return hit(off(repository, "image_scanning_configuration", "scan_on_push"))


@check("AWS-065", "aws_ecr_repository", LOW, "An image's tag can be moved to other content", "aws-fsbp ECR.2",
       "Set image_tag_mutability = IMMUTABLE.")
def tags(repository):
    if text(repository.get("image_tag_mutability")
                           or "MUTABLE") == "MUTABLE" and not is_unknown(repository.get("image_tag_mutability")):
        yield repository.at("image_tag_mutability")


@check("AWS-066", "aws_ami aws_ami_launch_permission aws_ebs_snapshot_copy aws_db_snapshot", HIGH,
       "A snapshot or image is given to everybody", "aws-fsbp EC2.1; aws-fsbp RDS.1", "Name the accounts.")
def shared(snapshot):
    if text(snapshot.get("group")) == "all":
        yield snapshot.at("group")
    if "all" in [text(a) for a in listed(snapshot.get("shared_accounts"))]:
        yield snapshot.at("shared_accounts")
