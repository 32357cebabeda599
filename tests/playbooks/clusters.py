"""An Aurora cluster by hand, tagged as the role `database` tags it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def make_cluster(client: Callable[[str], Any], stack: str, tags: list[dict[str, str]]) -> None:
    """The cluster, its parameter group and an instance, in the subnet group that is there."""
    rds = client("rds")
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName=f"{stack}-pg", DBParameterGroupFamily="aurora-mysql8.0", Description="x", Tags=tags
    )
    rds.create_db_cluster(
        DBClusterIdentifier=f"{stack}-db",
        Engine="aurora-mysql",
        MasterUsername="admin",
        ManageMasterUserPassword=True,
        DBSubnetGroupName=f"{stack}-subnets",
        DBClusterParameterGroupName=f"{stack}-pg",
        DeletionProtection=True,
        Tags=tags,
    )
    rds.create_db_instance(
        DBInstanceIdentifier=f"{stack}-db-1",
        DBClusterIdentifier=f"{stack}-db",
        Engine="aurora-mysql",
        DBInstanceClass="db.t4g.medium",
        Tags=tags,
    )
