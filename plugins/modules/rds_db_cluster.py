#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_db_cluster
version_added: 0.2.0
short_description: Create, modify or delete an Aurora cluster whose master password RDS manages
description:
  - Creates, modifies or deletes a DB cluster. RDS makes the master password, keeps it in Secrets Manager and rotates
    it, so it never passes through Ansible. M(threetier.aws.rds_db_instance) makes the cluster's instances.
  - M(amazon.aws.rds_cluster) can't have RDS manage the password, sets the backups' retention back to a day where it
    is not given, and says of security groups that they change with each run.
  - Options that are not given are left as they are. Only what differs is sent.
  - A patch level that RDS has moved on is never taken back.
  - What RDS can set on creation only is refused for a cluster that is there, before anything is touched.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags
  - amazon.aws.boto3
options:
  db_cluster_identifier:
    description: The name of the cluster, unique within account and region.
    type: str
    required: true
    aliases: [name]
  state:
    description:
      - Whether the cluster is there, or runs. One that has instances can't be deleted, unless these are being deleted.
      - With V(started) and V(stopped) all other options but O(wait) and O(wait_timeout) count for nothing. RDS starts a
        cluster by itself after seven days.
    type: str
    choices: [present, absent, started, stopped]
    default: present
  engine:
    description: The database engine, as in V(aurora-mysql). Needed for a new cluster; cannot be changed.
    type: str
  engine_version:
    description:
      - The engine's version, as in V(8.0.mysql_aurora.3.10.1).
      - A release series like V(8.0) is content with every patch level of it.
    type: str
  engine_lifecycle_support:
    description: Whether RDS may enrol the cluster in extended support, which costs, once its version's support ends.
    type: str
    choices: [open-source-rds-extended-support, open-source-rds-extended-support-disabled]
  serverless_v2_scaling_configuration:
    description:
      - Between which capacities instances of the class V(db.serverless) scale.
      - Such an instance can be made only in a cluster that has it.
    type: dict
    suboptions:
      min_capacity:
        description: In Aurora capacity units of about 2 GiB of memory, in steps of V(0.5).
        type: float
        required: true
      max_capacity:
        description: In Aurora capacity units.
        type: float
        required: true
  storage_type:
    description: V(aurora), or V(aurora-iopt1), whose price has input and output in it.
    type: str
  storage_encrypted:
    description: Whether the storage is encrypted. Cannot be changed.
    type: bool
  kms_key_id:
    description:
      - The ARN of the KMS key that encrypts the storage, instead of the account's key for RDS.
      - Cannot be changed.
    type: str
  database_name:
    description: The database to create with the cluster. Cannot be changed.
    type: str
  port:
    description: The port that the instances listen on.
    type: int
  master_username:
    description: The master user. Needed for a new cluster; cannot be changed.
    type: str
  master_user_secret_kms_key_id:
    description: The KMS key that encrypts the master user's secret, instead of the account's key for Secrets Manager.
    type: str
  db_subnet_group_name:
    description: The DB subnet group. Cannot be changed.
    type: str
  vpc_security_group_ids:
    description: The security groups of the instances.
    type: list
    elements: str
  db_cluster_parameter_group_name:
    description: The DB cluster parameter group.
    type: str
  backup_retention_period:
    description: Days that automated backups are kept, V(1) at the least.
    type: int
  preferred_backup_window:
    description: The daily time in UTC for backups, as in V(03:00-03:30).
    type: str
  preferred_maintenance_window:
    description: The weekly time in UTC for maintenance, as in V(sun:04:00-sun:04:30).
    type: str
  copy_tags_to_snapshot:
    description: Whether snapshots carry the cluster's tags.
    type: bool
  deletion_protection:
    description:
      - Whether RDS refuses to delete the cluster.
      - With O(state=absent), V(false) lifts the protection first; otherwise a protected cluster is not deleted.
    type: bool
  allow_major_version_upgrade:
    description: Whether O(engine_version) may take a cluster to a new release series.
    type: bool
    default: false
  enable_iam_database_authentication:
    description: Whether IAM users and roles can log in to the database.
    type: bool
  enable_cloudwatch_logs_exports:
    description: The logs that go to CloudWatch Logs, all others do not.
    type: list
    elements: str
  apply_immediately:
    description: Whether modifications are made at once, restarts included, or in the maintenance window.
    type: bool
    default: false
  skip_final_snapshot:
    description: Whether to delete the cluster without a last snapshot.
    type: bool
    default: false
  final_db_snapshot_identifier:
    description: The name of the last snapshot; by default the cluster's with the time.
    type: str
  delete_automated_backups:
    description: Whether automated backups go with the cluster, or are kept for their retention period.
    type: bool
    default: true
  wait:
    description: Whether to wait until the cluster is available, with all that was to be applied at once, or gone.
    type: bool
    default: true
  wait_timeout:
    description: For how many seconds to wait at most.
    type: int
    default: 1800
"""

EXAMPLES = r"""
- name: Make a cluster that scales by itself
  threetier.aws.rds_db_cluster:
    db_cluster_identifier: demo-app-db
    engine: aurora-mysql
    engine_version: "8.0"
    serverless_v2_scaling_configuration:
      min_capacity: 0.5
      max_capacity: 4
    storage_encrypted: true
    master_username: admin
    db_subnet_group_name: demo-app-db-subnet-group
    vpc_security_group_ids:
      - sg-0123456789abcdef0
    backup_retention_period: 7

- name: Delete it, protected or not, with a last snapshot
  threetier.aws.rds_db_cluster:
    db_cluster_identifier: demo-app-db
    deletion_protection: false
    state: absent
"""

RETURN = r"""
db_cluster:
  description:
    - The cluster as RDS describes it, tags as a dictionary. It holds no password.
    - In check mode as it was found, or empty if it is not there.
  type: dict
  returned: always
  contains:
    db_cluster_arn:
      description: The ARN.
      type: str
      sample: arn:aws:rds:us-east-1:123456789012:cluster:demo-app-db
    endpoint:
      description: The address that leads to the writer.
      type: str
      sample: demo-app-db.cluster-example.us-east-1.rds.amazonaws.com
    reader_endpoint:
      description: The address that spreads connections over the readers.
      type: str
      sample: demo-app-db.cluster-ro-example.us-east-1.rds.amazonaws.com
    master_user_secret:
      description: The ARN and the state of the secret in Secrets Manager that holds the master user's password.
      type: dict
    status:
      description: How the cluster stands.
      type: str
      sample: available
    tags:
      description: The tags.
      type: dict
final_db_snapshot_identifier:
  description: The name of the last snapshot.
  type: str
  returned: when the cluster is deleted and a snapshot is taken
"""

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._rds import clusters
from ansible_collections.threetier.aws.plugins.module_utils._rds import instances
from ansible_collections.threetier.aws.plugins.module_utils._rds import plans
from ansible_collections.threetier.aws.plugins.module_utils._rds.cluster_plans import CLUSTER
from ansible_collections.threetier.aws.plugins.module_utils._rds.cluster_plans import in_api_words


def run_present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("rds"), in_api_words(module.params)
    identifier = params["db_cluster_identifier"]
    found = clusters.describe(client, identifier)
    plan = plans.plan_present(found, params, CLUSTER)
    missing = [name for name in ("engine", "master_username") if not params[name]]
    if plan.action == "create" and missing:
        raise AnsibleAWSError(message=f"There is no cluster {identifier}; a new one needs {', '.join(missing)}.")
    if not module.check_mode:
        if plan.action:
            clusters.apply(client, identifier, plan, params["wait_timeout"])
        if params["wait"]:
            settled = plan.action == "modify" and params["apply_immediately"]
            clusters.wait(client, "settled" if settled else "available", identifier, params["wait_timeout"])
        found = clusters.describe(client, identifier)
    return dict(
        changed=plan.action is not None,
        db_cluster=describe(found),
        diff=dict(before=plan.before, after=plan.after),
    )


def run_absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("rds"), module.params
    identifier = params["db_cluster_identifier"]
    snapshot = params["final_db_snapshot_identifier"] or instances.unique_snapshot_name(identifier)
    plan = plans.plan_absent(clusters.describe(client, identifier), params, snapshot, CLUSTER)
    if not module.check_mode:
        if plan.action:
            clusters.delete(client, identifier, plan, params["wait_timeout"])
        if plan.found and params["wait"]:
            clusters.wait(client, "deleted", identifier, params["wait_timeout"])
    result = dict(changed=plan.action is not None, db_cluster={}, diff=dict(before=plan.before, after={}))
    if "FinalDBSnapshotIdentifier" in plan.request:
        result["final_db_snapshot_identifier"] = snapshot
    return result


def run_power(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("rds"), module.params
    identifier, wanted = params["db_cluster_identifier"], params["state"]
    found = clusters.describe(client, identifier)
    if found is None:
        raise AnsibleAWSError(message=f"There is no cluster {identifier}.")
    runs = found["Status"] not in ("stopped", "stopping")
    changed = runs != (wanted == "started")
    if not module.check_mode:
        if changed and runs:
            clusters.wait(client, "available", identifier, params["wait_timeout"])
            clusters.stop(client, identifier)
        elif changed:
            clusters.wait(client, "stopped", identifier, params["wait_timeout"])
            clusters.start(client, identifier)
        if params["wait"]:
            clusters.wait(client, "available" if wanted == "started" else "stopped", identifier, params["wait_timeout"])
        found = clusters.describe(client, identifier) or {}
    before, after = ("started" if runs else "stopped"), wanted
    return dict(changed=changed, db_cluster=describe(found), diff=dict(before=before, after=after))


def describe(found: dict[str, Any] | None) -> dict[str, Any]:
    return dict(camel_dict_to_snake_dict(found), tags=plans.tags_of(found)) if found else {}


def argument_spec() -> dict[str, Any]:
    return dict(
        db_cluster_identifier=dict(required=True, aliases=["name"]),
        state=dict(choices=["present", "absent", "started", "stopped"], default="present"),
        engine=dict(),
        engine_version=dict(),
        engine_lifecycle_support=dict(
            choices=["open-source-rds-extended-support", "open-source-rds-extended-support-disabled"]
        ),
        serverless_v2_scaling_configuration=dict(
            type="dict",
            options=dict(
                min_capacity=dict(type="float", required=True), max_capacity=dict(type="float", required=True)
            ),
        ),
        storage_type=dict(),
        storage_encrypted=dict(type="bool"),
        kms_key_id=dict(),
        database_name=dict(),
        port=dict(type="int"),
        master_username=dict(),
        master_user_secret_kms_key_id=dict(no_log=False),
        db_subnet_group_name=dict(),
        vpc_security_group_ids=dict(type="list", elements="str"),
        db_cluster_parameter_group_name=dict(),
        backup_retention_period=dict(type="int"),
        preferred_backup_window=dict(),
        preferred_maintenance_window=dict(),
        copy_tags_to_snapshot=dict(type="bool"),
        deletion_protection=dict(type="bool"),
        allow_major_version_upgrade=dict(type="bool", default=False),
        enable_iam_database_authentication=dict(type="bool"),
        enable_cloudwatch_logs_exports=dict(type="list", elements="str"),
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
    _errors.finish(module, dict(present=run_present, absent=run_absent).get(module.params["state"], run_power))


if __name__ == "__main__":
    main()
