# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a DB instance as it is and as it is wanted to what has to be done: pure. Private to this collection."""

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
class Plan:
    action: str | None  # create, modify, tag, delete or nothing
    found: Instance | None = None
    request: dict[str, Any] = dataclasses.field(default_factory=dict)
    set_tags: dict[str, str] = dataclasses.field(default_factory=dict)
    drop_tags: list[str] = dataclasses.field(default_factory=list)
    lift_protection: bool = False
    before: dict[str, Any] = dataclasses.field(default_factory=dict)
    after: dict[str, Any] = dataclasses.field(default_factory=dict)


def wanted(params: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, lists in a fixed order."""
    given = {name: params[name] for name in ATTRIBUTES if params.get(name) is not None}
    return {name: sorted(value) if isinstance(value, list) else value for name, value in given.items()}


def state_of(found: Instance, pending: bool = True) -> dict[str, Any]:
    """The instance in the module's words; with what RDS has queued for the maintenance window, if asked to."""
    state = {name: attribute.value(found) for name, attribute in ATTRIBUTES.items()}
    if pending:
        queued = found.get("PendingModifiedValues") or {}
        state.update({name: queued[one.api] for name, one in ATTRIBUTES.items() if queued.get(one.api) is not None})
        logs = queued.get("PendingCloudwatchLogsExports") or {}
        exported = set(state["enable_cloudwatch_logs_exports"]) | set(logs.get("LogTypesToEnable", []))
        state["enable_cloudwatch_logs_exports"] = sorted(exported - set(logs.get("LogTypesToDisable", [])))
    return state


def tags_of(found: Instance) -> dict[str, str]:
    tags: dict[str, str] = boto3_tag_list_to_ansible_dict(found.get("TagList", []))
    return tags


def plan_present(found: Instance | None, params: dict[str, Any]) -> Plan:
    target, tags = wanted(params), params.get("tags")
    if found is None or found["DBInstanceStatus"] == "deleting":
        return _plan_create(found, target, tags or {}, params)
    identifier = found["DBInstanceIdentifier"]
    # With apply_immediately what is only queued isn't there yet, unless RDS is at it already.
    resting = found["DBInstanceStatus"] in ("available", "storage-optimization")
    now = state_of(found, pending=not (params["apply_immediately"] and resting))
    target = {name: _attainable(name, now[name], value, identifier, params) for name, value in target.items()}
    changes = {name: value for name, value in target.items() if value != now[name]}
    _refuse_replacement(identifier, changes, now)
    request = _modification(changes, now)
    if not found.get("MasterUserSecret"):
        request["ManageMasterUserPassword"] = True
        if params.get("master_user_secret_kms_key_id"):
            request["MasterUserSecretKmsKeyId"] = params["master_user_secret_kms_key_id"]
    if request:
        request.update(ApplyImmediately=params["apply_immediately"])
        if params["allow_major_version_upgrade"]:
            request.update(AllowMajorVersionUpgrade=True)
    before_tags = tags_of(found)
    set_tags, drop_tags = compare_aws_tags(before_tags, tags, params["purge_tags"]) if tags is not None else ({}, [])
    after_tags = {key: value for key, value in {**before_tags, **set_tags}.items() if key not in drop_tags}
    before = dict({name: now[name] for name in target}, tags=before_tags, managed_password="MasterUserSecret" in found)
    after = dict(before, **changes, tags=after_tags, managed_password=True)
    action = "modify" if request else "tag" if set_tags or drop_tags else None
    return Plan(action, found, request, set_tags, drop_tags, before=before, after=after)


def _plan_create(found: Instance | None, target: dict[str, Any], tags: dict[str, str], params: dict[str, Any]) -> Plan:
    request = {ATTRIBUTES[name].api: value for name, value in target.items()}
    request["ManageMasterUserPassword"] = True
    if params.get("master_user_secret_kms_key_id"):
        request["MasterUserSecretKmsKeyId"] = params["master_user_secret_kms_key_id"]
    if tags:
        request["Tags"] = ansible_dict_to_boto3_tag_list(tags)
    return Plan("create", found, request, after=dict(target, tags=tags, managed_password=True))


def plan_absent(found: Instance | None, params: dict[str, Any], snapshot: str) -> Plan:
    if found is None or found["DBInstanceStatus"] == "deleting":
        return Plan(None, found)
    lift = bool(found.get("DeletionProtection"))
    if lift and params.get("deletion_protection") is not False:
        raise AnsibleAWSError(
            message=f"The database {found['DBInstanceIdentifier']} is protected against deletion."
            " Give deletion_protection: false as well to say that it is really to go."
        )
    request = dict(SkipFinalSnapshot=params["skip_final_snapshot"])
    request["DeleteAutomatedBackups"] = params["delete_automated_backups"]
    if not params["skip_final_snapshot"]:
        request["FinalDBSnapshotIdentifier"] = snapshot
    return Plan("delete", found, request, lift_protection=lift, before=dict(state_of(found), tags=tags_of(found)))


def _attainable(name: str, now: Any, value: Any, identifier: str, params: dict[str, Any]) -> Any:
    """What the wish comes to for an instance that is there: grown storage stays, and so does a newer patch level."""
    if name == "allocated_storage":
        return max(now or 0, value)
    if name == "engine_version":
        return _version(now, value, identifier, params["allow_major_version_upgrade"])
    return value


def _version(now: str, value: str, identifier: str, major_allowed: bool) -> str:
    here, there = now.split("."), value.split(".")
    if here[: len(there)] == there:
        return now  # "8.4" is content with any 8.4.x
    if here[:2] == there[:2]:
        return value if [int(n) for n in there] > [int(n) for n in here] else now
    if [int(n) for n in there[:2]] < [int(n) for n in here[:2]]:
        raise AnsibleAWSError(message=f"The database {identifier} runs {now}; RDS cannot take it back to {value}.")
    if not major_allowed:
        raise AnsibleAWSError(
            message=f"The database {identifier} runs {now}. Going to {value} is a major upgrade:"
            " take a snapshot and give allow_major_version_upgrade: true."
        )
    return value


def _refuse_replacement(identifier: str, changes: dict[str, Any], now: dict[str, Any]) -> None:
    for name, value in changes.items():
        if ATTRIBUTES[name].fixed:
            raise AnsibleAWSError(
                message=f"The database {identifier} has {name}={now[name]}; RDS cannot change that to {value} in place."
                f" Restore a snapshot into a new instance, or leave {name} as it is."
            )


def _modification(changes: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
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
            request[ATTRIBUTES[name].modify or ATTRIBUTES[name].api] = value
    return request
