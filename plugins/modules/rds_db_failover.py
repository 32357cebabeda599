#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_db_failover
version_added: 0.2.0
short_description: Have another instance of an Aurora cluster write, or the standby of a Multi-AZ instance take over
description:
  - Makes a reader of an Aurora cluster its writer, by C(FailoverDBCluster), and waits until it is.
  - Has the standby of a Multi-AZ instance take over, by C(RebootDBInstance) with C(ForceFailover), and waits until the
    instance is in the other zone.
  - Changes nothing where it is so already. Connections to the one that has written break, and its address follows
    within seconds.
  - Neither M(amazon.aws.rds_cluster) nor M(amazon.aws.rds_instance) calls for a cluster's failover.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  db_cluster_identifier:
    description: The Aurora cluster. Needs O(writer).
    type: str
  writer:
    description: The instance of the cluster that shall write.
    type: str
  db_instance_identifier:
    description: The Multi-AZ instance. Needs O(availability_zone).
    type: str
  availability_zone:
    description: The zone that the instance shall be in, that of its standby.
    type: str
  wait_timeout:
    description: For how many seconds to wait at most.
    type: int
    default: 600
"""

EXAMPLES = r"""
- name: Have the second instance write
  threetier.aws.rds_db_failover:
    db_cluster_identifier: demo-app-db
    writer: demo-app-db-2

- name: Have the standby take over
  threetier.aws.rds_db_failover:
    db_instance_identifier: my-demo-db
    availability_zone: us-east-1b
"""

RETURN = r"""
before:
  description: The instance that has written, or the zone that the instance was in.
  type: str
  returned: always
  sample: demo-app-db-1
after:
  description: The instance that writes, or the zone that the instance is in; in check mode the one asked for.
  type: str
  returned: always
  sample: demo-app-db-2
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._rds import clusters
from ansible_collections.threetier.aws.plugins.module_utils._rds import instances


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    fail_over = _cluster if module.params["db_cluster_identifier"] else _instance
    before, after = fail_over(module)
    return dict(changed=before != after, before=before, after=after, diff=dict(before=before, after=after))


def _cluster(module: AnsibleAWSModule) -> tuple[str, str]:
    client, params = module.client("rds"), module.params
    identifier, wanted = params["db_cluster_identifier"], params["writer"]
    found = clusters.describe(client, identifier)
    if found is None:
        raise AnsibleAWSError(message=f"There is no cluster {identifier}.")
    members = {one["DBInstanceIdentifier"]: one["IsClusterWriter"] for one in found["DBClusterMembers"]}
    if wanted not in members:
        raise AnsibleAWSError(
            message=f"The cluster {identifier} has no instance {wanted}, but {', '.join(sorted(members)) or 'none'}."
        )
    before = next((name for name, writes in members.items() if writes), "")
    if before != wanted and not module.check_mode:
        clusters.wait(client, "available", identifier, params["wait_timeout"])
        clusters.fail_over(client, identifier, wanted)
        clusters.wait(client, "writer", identifier, params["wait_timeout"], writer=wanted)
    return before, wanted


def _instance(module: AnsibleAWSModule) -> tuple[str, str]:
    client, params = module.client("rds"), module.params
    identifier, wanted = params["db_instance_identifier"], params["availability_zone"]
    found = instances.describe(client, identifier)
    if found is None:
        raise AnsibleAWSError(message=f"There is no database {identifier}.")
    before = found["AvailabilityZone"]
    if before != wanted:
        if not found["MultiAZ"]:
            raise AnsibleAWSError(message=f"The database {identifier} is not Multi-AZ: it has no standby.")
        if wanted != found.get("SecondaryAvailabilityZone"):
            there = found.get("SecondaryAvailabilityZone", "none yet")
            raise AnsibleAWSError(message=f"The standby of {identifier} is not in {wanted}, but in {there}.")
        if not module.check_mode:
            instances.wait(client, "available", identifier, params["wait_timeout"])
            instances.fail_over(client, identifier)
            instances.wait(client, f"available in {wanted}", identifier, params["wait_timeout"])
    return before, wanted


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            db_cluster_identifier=dict(),
            writer=dict(),
            db_instance_identifier=dict(),
            availability_zone=dict(),
            wait_timeout=dict(type="int", default=600),
        ),
        required_one_of=[["db_cluster_identifier", "db_instance_identifier"]],
        mutually_exclusive=[["db_cluster_identifier", "db_instance_identifier"]],
        required_together=[["db_cluster_identifier", "writer"], ["db_instance_identifier", "availability_zone"]],
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
