# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""From a snapshot and a wanted DB instance to RestoreDBInstanceFromDBSnapshot: pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list

from ansible_collections.threetier.aws.plugins.module_utils._rds.plans import ATTRIBUTES
from ansible_collections.threetier.aws.plugins.module_utils._rds.plans import Instance
from ansible_collections.threetier.aws.plugins.module_utils._rds.plans import Plan
from ansible_collections.threetier.aws.plugins.module_utils._rds.plans import wanted

# What comes with the snapshot, and how DescribeDBSnapshots calls it.
_INHERITED = dict(
    engine="Engine", master_username="MasterUsername", storage_encrypted="Encrypted", kms_key_id="KmsKeyId"
)
# What RDS takes only for an instance that is there, or not for MySQL at all.
_AFTERWARDS = (
    "engine_version",
    "max_allocated_storage",
    "preferred_maintenance_window",
    "db_name",
    "allocated_storage",
)


def plan_restore(found: Instance | None, snapshot: dict[str, Any], params: dict[str, Any]) -> Plan:
    identifier, name = params["db_instance_identifier"], snapshot["DBSnapshotIdentifier"]
    target, tags = wanted(params), params.get("tags") or {}
    for option, key in _INHERITED.items():
        if option in target and target[option] != snapshot.get(key):
            raise AnsibleAWSError(
                message=f"The snapshot {name} has {option}={snapshot.get(key)};"
                f" {identifier} cannot be restored from it with {target[option]}."
            )
    options = {option: value for option, value in target.items() if option not in (*_INHERITED, *_AFTERWARDS)}
    request = {ATTRIBUTES[option].api: value for option, value in options.items()}
    request.update(DBSnapshotIdentifier=name, ManageMasterUserPassword=True)
    if params.get("master_user_secret_kms_key_id"):
        request["MasterUserSecretKmsKeyId"] = params["master_user_secret_kms_key_id"]
    if tags:
        request["Tags"] = ansible_dict_to_boto3_tag_list(tags)
    after = dict(target, tags=tags, managed_password=True, restored_from=name)
    return Plan("restore", found, request, after=after)
