#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_db_instance
version_added: 0.1.0
short_description: Create, modify or delete an RDS DB instance whose master password RDS manages
description:
  - Creates, modifies or deletes a DB instance. RDS makes the master password, keeps it in Secrets Manager and
    rotates it, so it never passes through Ansible.
  - M(amazon.aws.rds_instance) can neither have RDS manage the password nor decline extended support.
  - Options that are not given are left as they are. Only what differs is sent.
  - Storage is never shrunk, and a patch level that RDS has moved on is never taken back.
  - What RDS can set on creation only is refused for an instance that is there, before anything is touched.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
options:
  db_instance_identifier:
    description: The name of the instance, unique within account and region.
    type: str
    required: true
    aliases: [name]
  state:
    description: Whether the instance is there.
    type: str
    choices: [present, absent]
    default: present
  engine:
    description: The database engine, as in V(mysql). Needed for a new instance; cannot be changed.
    type: str
  engine_version:
    description:
      - The engine's version.
      - A release series like V(8.4) is content with every patch level of it.
    type: str
  engine_lifecycle_support:
    description: Whether RDS may enrol the instance in extended support, which costs, once its version's support ends.
    type: str
    choices: [open-source-rds-extended-support, open-source-rds-extended-support-disabled]
  db_cluster_identifier:
    description:
      - The Aurora cluster that the instance belongs to. Cannot be changed.
      - The cluster has the engine's version, the master user, the security groups, the backups and the last snapshot;
        leave their options out.
    type: str
  promotion_tier:
    description: V(0) to V(15). When the writer of a cluster fails, Aurora promotes a reader of the lowest tier.
    type: int
  db_instance_class:
    description: The instance class. Needed for a new instance.
    type: str
  allocated_storage:
    description: Storage in GiB. Where storage autoscaling has given more, that stays.
    type: int
  max_allocated_storage:
    description: Up to how many GiB storage may grow by itself.
    type: int
  storage_type:
    description: The type of the volume, as in V(gp3).
    type: str
  iops:
    description: Provisioned operations per second, where the storage type takes them.
    type: int
  storage_throughput:
    description: Provisioned throughput in MiB per second, where the storage type takes it.
    type: int
  storage_encrypted:
    description: Whether the storage is encrypted. Cannot be changed.
    type: bool
  kms_key_id:
    description:
      - The ARN of the KMS key that encrypts the storage, instead of the account's key for RDS.
      - Cannot be changed.
    type: str
  db_name:
    description: The database to create with the instance. Cannot be changed.
    type: str
  db_snapshot_identifier:
    description:
      - The snapshot to restore a new instance from, with its data, engine, master user and encryption.
      - RDS makes a new master password. An instance that is there is left as it is.
      - What RDS does not take while restoring is set afterwards, so the module waits for the instance in any case.
    type: str
  port:
    description: The port the database listens on.
    type: int
  master_username:
    description: The master user. Needed for a new instance, except in a cluster; cannot be changed.
    type: str
  master_user_secret_kms_key_id:
    description: The KMS key that encrypts the master user's secret, instead of the account's key for Secrets Manager.
    type: str
  db_subnet_group_name:
    description: The DB subnet group. Cannot be changed.
    type: str
  vpc_security_group_ids:
    description: The security groups of the instance.
    type: list
    elements: str
  db_parameter_group_name:
    description: The DB parameter group.
    type: str
  publicly_accessible:
    description: Whether the instance has a public address.
    type: bool
  multi_az:
    description: Whether a standby in a second availability zone takes over when the instance fails.
    type: bool
  backup_retention_period:
    description: Days that automated backups are kept; V(0) turns them off.
    type: int
  preferred_backup_window:
    description: The daily time in UTC for backups, as in V(03:00-03:30).
    type: str
  preferred_maintenance_window:
    description: The weekly time in UTC for maintenance, as in V(sun:04:00-sun:04:30).
    type: str
  copy_tags_to_snapshot:
    description: Whether snapshots carry the instance's tags.
    type: bool
  deletion_protection:
    description:
      - Whether RDS refuses to delete the instance.
      - With O(state=absent), V(false) lifts the protection first; otherwise a protected instance is not deleted.
    type: bool
  auto_minor_version_upgrade:
    description: Whether RDS brings the instance to new patch levels in the maintenance window.
    type: bool
  allow_major_version_upgrade:
    description: Whether O(engine_version) may take an instance to a new release series.
    type: bool
    default: false
  enable_iam_database_authentication:
    description: Whether IAM users and roles can log in to the database.
    type: bool
  enable_cloudwatch_logs_exports:
    description: The logs that go to CloudWatch Logs, all others do not.
    type: list
    elements: str
  ca_certificate_identifier:
    description: The certificate authority of the server's certificate.
    type: str
  apply_immediately:
    description: Whether modifications are made at once, restarts included, or in the maintenance window.
    type: bool
    default: false
  skip_final_snapshot:
    description: Whether to delete the instance without a last snapshot.
    type: bool
    default: false
  final_db_snapshot_identifier:
    description: The name of the last snapshot; by default the instance's with the time.
    type: str
  delete_automated_backups:
    description: Whether automated backups go with the instance, or are kept for their retention period.
    type: bool
    default: true
  wait:
    description: Whether to wait until the instance is available, with all that was to be applied at once, or gone.
    type: bool
    default: true
  wait_timeout:
    description: For how many seconds to wait at most.
    type: int
    default: 1800
"""

EXAMPLES = r"""
- name: Start a database, and go on with something else meanwhile
  threetier.aws.rds_db_instance:
    db_instance_identifier: my-demo-db
    engine: mysql
    engine_version: "8.4"
    engine_lifecycle_support: open-source-rds-extended-support-disabled
    db_instance_class: db.t4g.micro
    allocated_storage: 20
    storage_type: gp3
    storage_encrypted: true
    master_username: admin
    db_subnet_group_name: demo-app-db-subnet-group
    vpc_security_group_ids:
      - sg-0123456789abcdef0
    wait: false

- name: Add a reader to a cluster
  threetier.aws.rds_db_instance:
    db_instance_identifier: demo-app-db-2
    db_cluster_identifier: demo-app-db
    engine: aurora-mysql
    db_instance_class: db.serverless
    promotion_tier: 1

- name: Wait for it, nothing else
  threetier.aws.rds_db_instance:
    db_instance_identifier: my-demo-db

- name: Take it up again from its last snapshot
  threetier.aws.rds_db_instance:
    db_instance_identifier: my-demo-db
    db_snapshot_identifier: my-demo-db-final-20260101120000
    db_instance_class: db.t4g.micro
    db_subnet_group_name: demo-app-db-subnet-group
    vpc_security_group_ids:
      - sg-0123456789abcdef0

- name: Delete it, protected or not, with a last snapshot
  threetier.aws.rds_db_instance:
    db_instance_identifier: my-demo-db
    deletion_protection: false
    state: absent
"""

RETURN = r"""
db_instance:
  description:
    - The instance as RDS describes it, tags as a dictionary. It holds no password.
    - In check mode as it was found, or empty if it is not there.
  type: dict
  returned: always
  contains:
    db_instance_arn:
      description: The ARN.
      type: str
      sample: arn:aws:rds:us-east-1:123456789012:db:my-demo-db
    db_instance_status:
      description: How the instance stands.
      type: str
      sample: available
    endpoint:
      description: Address and port, once the instance is available.
      type: dict
      sample: {address: my-demo-db.example.us-east-1.rds.amazonaws.com, port: 3306}
    master_user_secret:
      description: The ARN and the state of the secret in Secrets Manager that holds the master user's password.
      type: dict
    tags:
      description: The tags.
      type: dict
final_db_snapshot_identifier:
  description: The name of the last snapshot.
  type: str
  returned: when the instance is deleted and a snapshot is taken
"""

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._rds import instances
from ansible_collections.threetier.aws.plugins.module_utils._rds import plans
from ansible_collections.threetier.aws.plugins.module_utils._rds import restores


def run_present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("rds"), module.params
    identifier = params["db_instance_identifier"]
    found = instances.describe(client, identifier)
    plan = plans.plan_present(found, params)
    if plan.action == "create" and params["db_snapshot_identifier"]:
        plan = restores.plan_restore(found, instances.snapshot(client, params["db_snapshot_identifier"]), params)
    needed = ["engine", "db_instance_class", *([] if params["db_cluster_identifier"] else ["master_username"])]
    missing = [name for name in needed if not params[name]]
    if plan.action == "create" and missing:
        raise AnsibleAWSError(message=f"There is no database {identifier}; a new one needs {', '.join(missing)}.")
    if not module.check_mode:
        if plan.action:
            instances.apply(client, identifier, plan, params["wait_timeout"])
        if plan.action == "restore":  # RDS takes the rest once the instance is there
            instances.wait(client, "available", identifier, params["wait_timeout"])
            rest = plans.plan_present(instances.describe(client, identifier), params)
            instances.apply(client, identifier, rest, params["wait_timeout"])
        if params["wait"]:
            settled = plan.action in ("modify", "restore") and params["apply_immediately"]
            instances.wait(client, "settled" if settled else "available", identifier, params["wait_timeout"])
        found = instances.describe(client, identifier)
    return dict(
        changed=plan.action is not None,
        db_instance=describe(found),
        diff=dict(before=plan.before, after=plan.after),
    )


def run_absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("rds"), module.params
    identifier = params["db_instance_identifier"]
    snapshot = params["final_db_snapshot_identifier"] or instances.unique_snapshot_name(identifier)
    plan = plans.plan_absent(instances.describe(client, identifier), params, snapshot)
    if not module.check_mode:
        if plan.action:
            instances.delete(client, identifier, plan, params["wait_timeout"])
        if plan.found and params["wait"]:
            instances.wait(client, "deleted", identifier, params["wait_timeout"])
    result = dict(changed=plan.action is not None, db_instance={}, diff=dict(before=plan.before, after={}))
    if "FinalDBSnapshotIdentifier" in plan.request:
        result["final_db_snapshot_identifier"] = snapshot
    return result


def describe(found: dict[str, Any] | None) -> dict[str, Any]:
    return dict(camel_dict_to_snake_dict(found), tags=plans.tags_of(found)) if found else {}


def argument_spec() -> dict[str, Any]:
    return dict(
        db_instance_identifier=dict(required=True, aliases=["name"]),
        state=dict(choices=["present", "absent"], default="present"),
        engine=dict(),
        engine_version=dict(),
        engine_lifecycle_support=dict(
            choices=["open-source-rds-extended-support", "open-source-rds-extended-support-disabled"]
        ),
        db_cluster_identifier=dict(),
        promotion_tier=dict(type="int"),
        db_instance_class=dict(),
        allocated_storage=dict(type="int"),
        max_allocated_storage=dict(type="int"),
        storage_type=dict(),
        iops=dict(type="int"),
        storage_throughput=dict(type="int"),
        storage_encrypted=dict(type="bool"),
        kms_key_id=dict(),
        db_name=dict(),
        db_snapshot_identifier=dict(),
        port=dict(type="int"),
        master_username=dict(),
        master_user_secret_kms_key_id=dict(no_log=False),
        db_subnet_group_name=dict(),
        vpc_security_group_ids=dict(type="list", elements="str"),
        db_parameter_group_name=dict(),
        publicly_accessible=dict(type="bool"),
        multi_az=dict(type="bool"),
        backup_retention_period=dict(type="int"),
        preferred_backup_window=dict(),
        preferred_maintenance_window=dict(),
        copy_tags_to_snapshot=dict(type="bool"),
        deletion_protection=dict(type="bool"),
        auto_minor_version_upgrade=dict(type="bool"),
        allow_major_version_upgrade=dict(type="bool", default=False),
        enable_iam_database_authentication=dict(type="bool"),
        enable_cloudwatch_logs_exports=dict(type="list", elements="str"),
        ca_certificate_identifier=dict(),
        apply_immediately=dict(type="bool", default=False),
        skip_final_snapshot=dict(type="bool", default=False),
        final_db_snapshot_identifier=dict(),
        delete_automated_backups=dict(type="bool", default=True),
        tags=dict(type="dict", aliases=["resource_tags"]),
        purge_tags=dict(type="bool", default=True),
        wait=dict(type="bool", default=True),
        wait_timeout=dict(type="int", default=1800),
    )


def main() -> None:
    module = AnsibleAWSModule(argument_spec=argument_spec(), supports_check_mode=True)
    _errors.finish(module, run_present if module.params["state"] == "present" else run_absent)


if __name__ == "__main__":
    main()
