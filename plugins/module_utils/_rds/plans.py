# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""
From a DB instance or cluster as it is and as it is wanted to what has to be done: pure. Private to this collection.

What the two have in common stands here; what is a cluster's own, in `cluster_plans`.
"""

from __future__ import annotations

import dataclasses
from typing import Any
from typing import Callable

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

Instance = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Attribute:
    """How an option of the module is called in CreateDBInstance, and how to read it back."""

    api: str
    fixed: bool = False  # RDS sets it on creation only
    read: Callable[[Instance], Any] | None = None
    modify: str = ""  # its name in ModifyDBInstance, where that differs

    def value(self, instance: Instance) -> Any:
        return self.read(instance) if self.read else instance.get(self.api)


ATTRIBUTES = dict(
    engine=Attribute("Engine", fixed=True),
    engine_version=Attribute("EngineVersion"),
    engine_lifecycle_support=Attribute("EngineLifecycleSupport"),
    db_cluster_identifier=Attribute("DBClusterIdentifier", fixed=True),
    promotion_tier=Attribute("PromotionTier"),
    db_instance_class=Attribute("DBInstanceClass"),
    allocated_storage=Attribute("AllocatedStorage"),
    max_allocated_storage=Attribute(
        "MaxAllocatedStorage", read=lambda found: found.get("MaxAllocatedStorage") or found.get("AllocatedStorage")
    ),
    storage_type=Attribute("StorageType"),
    iops=Attribute("Iops"),
    storage_throughput=Attribute("StorageThroughput"),
    storage_encrypted=Attribute("StorageEncrypted", fixed=True),
    kms_key_id=Attribute("KmsKeyId", fixed=True),
    db_name=Attribute("DBName", fixed=True),
    port=Attribute(
        "Port",
        read=lambda found: found.get("Endpoint", {}).get("Port") or found.get("DbInstancePort"),
        modify="DBPortNumber",
    ),
    master_username=Attribute("MasterUsername", fixed=True),
    db_subnet_group_name=Attribute(
        "DBSubnetGroupName", fixed=True, read=lambda found: found.get("DBSubnetGroup", {}).get("DBSubnetGroupName")
    ),
    vpc_security_group_ids=Attribute(
        "VpcSecurityGroupIds",
        read=lambda found: sorted(group["VpcSecurityGroupId"] for group in found.get("VpcSecurityGroups", [])),
    ),
    db_parameter_group_name=Attribute(
        "DBParameterGroupName",
        read=lambda found: next((group["DBParameterGroupName"] for group in found.get("DBParameterGroups", [])), None),
    ),
    publicly_accessible=Attribute("PubliclyAccessible"),
    multi_az=Attribute("MultiAZ"),
    backup_retention_period=Attribute("BackupRetentionPeriod"),
    preferred_backup_window=Attribute("PreferredBackupWindow"),
    preferred_maintenance_window=Attribute("PreferredMaintenanceWindow"),
    copy_tags_to_snapshot=Attribute("CopyTagsToSnapshot"),
    deletion_protection=Attribute("DeletionProtection"),
    auto_minor_version_upgrade=Attribute("AutoMinorVersionUpgrade"),
    enable_iam_database_authentication=Attribute(
        "EnableIAMDatabaseAuthentication", read=lambda found: found.get("IAMDatabaseAuthenticationEnabled")
    ),
    enable_cloudwatch_logs_exports=Attribute(
        "EnableCloudwatchLogsExports", read=lambda found: sorted(found.get("EnabledCloudwatchLogsExports", []))
    ),
    ca_certificate_identifier=Attribute("CACertificateIdentifier"),
)


@dataclasses.dataclass(frozen=True)
class Kind:
    """What of RDS is planned: a DB instance or a DB cluster."""

    noun: str
    new: str  # what another one is called
    identifier: str  # the key that holds its name
    status: str  # the key that holds how it stands
    attributes: dict[str, Attribute]

    def stands(self, found: Instance) -> str:
        return str(found[self.status])


INSTANCE = Kind("database", "instance", "DBInstanceIdentifier", "DBInstanceStatus", ATTRIBUTES)


@dataclasses.dataclass(frozen=True)
class Plan:
    action: str | None  # create, modify, tag, delete or nothing
    found: Instance | None = None
    request: dict[str, Any] = dataclasses.field(default_factory=dict)
    set_tags: dict[str, str] = dataclasses.field(default_factory=dict)
    drop_tags: list[str] = dataclasses.field(default_factory=list)
    lift_protection: bool = False
    before: dict[str, Any] = dataclasses.field(default_factory=dict)
    after: dict[str, Any] = dataclasses.field(default_factory=dict)


def wanted(params: dict[str, Any], kind: Kind = INSTANCE) -> dict[str, Any]:
    """The options that were given, lists in a fixed order."""
    given = {name: params[name] for name in kind.attributes if params.get(name) is not None}
    return {name: sorted(value) if isinstance(value, list) else value for name, value in given.items()}


def state_of(found: Instance, pending: bool = True, kind: Kind = INSTANCE) -> dict[str, Any]:
    """The resource in the module's words; with what RDS has queued for the maintenance window, if asked to."""
    attributes = kind.attributes
    state = {name: attribute.value(found) for name, attribute in attributes.items()}
    if pending:
        queued = found.get("PendingModifiedValues") or {}
        state.update({name: queued[one.api] for name, one in attributes.items() if queued.get(one.api) is not None})
        logs = queued.get("PendingCloudwatchLogsExports") or {}
        exported = set(state["enable_cloudwatch_logs_exports"]) | set(logs.get("LogTypesToEnable", []))
        state["enable_cloudwatch_logs_exports"] = sorted(exported - set(logs.get("LogTypesToDisable", [])))
    return state


def tags_of(found: Instance) -> dict[str, str]:
    tags: dict[str, str] = boto3_tag_list_to_ansible_dict(found.get("TagList", []))
    return tags


def plan_present(found: Instance | None, params: dict[str, Any], kind: Kind = INSTANCE) -> Plan:
    target, tags = wanted(params, kind), params.get("tags")
    if found is None or kind.stands(found) == "deleting":
        return _plan_create(found, target, tags or {}, params, kind)
    identifier = found[kind.identifier]
    # With apply_immediately what is only queued isn't there yet, unless RDS is at it already.
    resting = kind.stands(found) in ("available", "storage-optimization")
    now = state_of(found, pending=not (params["apply_immediately"] and resting), kind=kind)
    target = {name: _attainable(name, now[name], value, identifier, params) for name, value in target.items()}
    changes = {name: value for name, value in target.items() if value != now[name]}
    _refuse_replacement(identifier, changes, now, kind)
    request = _modification(changes, now, kind)
    if not _is_member(found) and not found.get("MasterUserSecret"):
        request.update(_managed_password(params))
    if request:
        request.update(ApplyImmediately=params["apply_immediately"])
        if params["allow_major_version_upgrade"]:
            request.update(AllowMajorVersionUpgrade=True)
    before_tags = tags_of(found)
    set_tags, drop_tags = compare_aws_tags(before_tags, tags, params["purge_tags"]) if tags is not None else ({}, [])
    after_tags = {key: value for key, value in {**before_tags, **set_tags}.items() if key not in drop_tags}
    managed = {} if _is_member(found) else dict(managed_password="MasterUserSecret" in found)
    before = dict({name: now[name] for name in target}, tags=before_tags, **managed)
    after = dict(before, **changes, tags=after_tags, **dict.fromkeys(managed, True))
    action = "modify" if request else "tag" if set_tags or drop_tags else None
    return Plan(action, found, request, set_tags, drop_tags, before=before, after=after)


def _is_member(instance: dict[str, Any]) -> bool:
    """Whether it is an instance of a cluster, which has the master user and the backups of all its instances."""
    return "DBInstanceIdentifier" in instance and bool(instance.get("DBClusterIdentifier"))


def _managed_password(params: dict[str, Any]) -> dict[str, Any]:
    key = params.get("master_user_secret_kms_key_id")
    return dict(ManageMasterUserPassword=True, **(dict(MasterUserSecretKmsKeyId=key) if key else {}))


def _plan_create(
    found: Instance | None, target: dict[str, Any], tags: dict[str, str], params: dict[str, Any], kind: Kind
) -> Plan:
    request = {kind.attributes[name].api: value for name, value in target.items()}
    managed = not target.get("db_cluster_identifier")
    if managed:
        request.update(_managed_password(params))
    if tags:
        request["Tags"] = ansible_dict_to_boto3_tag_list(tags)
    after = dict(target, tags=tags, **(dict(managed_password=True) if managed else {}))
    return Plan("create", found, request, after=after)


def plan_absent(found: Instance | None, params: dict[str, Any], snapshot: str, kind: Kind = INSTANCE) -> Plan:
    if found is None or kind.stands(found) == "deleting":
        return Plan(None, found)
    lift = bool(found.get("DeletionProtection")) and not _is_member(found)
    if lift and params.get("deletion_protection") is not False:
        raise AnsibleAWSError(
            message=f"The {kind.noun} {found[kind.identifier]} is protected against deletion."
            " Give deletion_protection: false as well to say that it is really to go."
        )
    without = params["skip_final_snapshot"] or _is_member(found)  # the cluster has the data
    request = dict(SkipFinalSnapshot=without)
    if not _is_member(found):
        request["DeleteAutomatedBackups"] = params["delete_automated_backups"]
    if not without:
        request["FinalDBSnapshotIdentifier"] = snapshot
    before = dict(state_of(found, kind=kind), tags=tags_of(found))
    return Plan("delete", found, request, lift_protection=lift, before=before)


def _attainable(name: str, now: Any, value: Any, identifier: str, params: dict[str, Any]) -> Any:
    """What the wish comes to for a resource that is there: grown storage stays, and so does a newer patch level."""
    if name == "allocated_storage":
        return max(now or 0, value)
    if name == "engine_version":
        return _version(now, value, identifier, params["allow_major_version_upgrade"])
    return value


def _numbers(version: str) -> list[int]:
    """Of C(8.4.7), or of C(8.0.mysql_aurora.3.10.1)."""
    return [int(part) for part in version.split(".") if part.isdigit()]


def _version(now: str, value: str, identifier: str, major_allowed: bool) -> str:
    here, there = _numbers(now), _numbers(value)
    if here[: len(there)] == there:
        return now  # "8.4" is content with any 8.4.x
    if here[:2] == there[:2]:
        return value if there > here else now
    if there[:2] < here[:2]:
        raise AnsibleAWSError(message=f"The database {identifier} runs {now}; RDS cannot take it back to {value}.")
    if not major_allowed:
        raise AnsibleAWSError(
            message=f"The database {identifier} runs {now}. Going to {value} is a major upgrade:"
            " take a snapshot and give allow_major_version_upgrade: true."
        )
    return value


def _refuse_replacement(identifier: str, changes: dict[str, Any], now: dict[str, Any], kind: Kind) -> None:
    for name, value in changes.items():
        if kind.attributes[name].fixed:
            raise AnsibleAWSError(
                message=f"The {kind.noun} {identifier} has {name}={now[name]}; RDS cannot change that to {value} in"
                f" place. Restore a snapshot into a new {kind.new}, or leave {name} as it is."
            )


def _modification(changes: dict[str, Any], now: dict[str, Any], kind: Kind) -> dict[str, Any]:
    request = {}
    for name, value in changes.items():
        if name == "enable_cloudwatch_logs_exports":
            before = set(now[name])
            both = dict(
                EnableLogTypes=sorted(set(value) - before),
                DisableLogTypes=sorted(before - set(value)),
            )
            request["CloudwatchLogsExportConfiguration"] = {key: types for key, types in both.items() if types}
        else:
            request[kind.attributes[name].modify or kind.attributes[name].api] = value
    return request
