# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a DB cluster has of its own, for the plans of `plans`: pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils._rds.plans import ATTRIBUTES
from ansible_collections.threetier.aws.plugins.module_utils._rds.plans import Attribute
from ansible_collections.threetier.aws.plugins.module_utils._rds.plans import Kind

# Options that an instance has as well, with the same names in the API.
_SHARED = (
    "engine",
    "engine_version",
    "engine_lifecycle_support",
    "storage_type",
    "storage_encrypted",
    "kms_key_id",
    "master_username",
    "vpc_security_group_ids",
    "backup_retention_period",
    "preferred_backup_window",
    "preferred_maintenance_window",
    "copy_tags_to_snapshot",
    "deletion_protection",
    "enable_iam_database_authentication",
    "enable_cloudwatch_logs_exports",
)


def _scaling(found: dict[str, Any]) -> dict[str, float] | None:
    scaling = found.get("ServerlessV2ScalingConfiguration") or {}
    limits = {key: float(scaling[key]) for key in ("MinCapacity", "MaxCapacity") if scaling.get(key) is not None}
    return limits or None


CLUSTER = Kind(
    "cluster",
    "cluster",
    "DBClusterIdentifier",
    "Status",
    {
        **{name: ATTRIBUTES[name] for name in _SHARED},
        "database_name": Attribute("DatabaseName", fixed=True),
        "port": Attribute("Port"),
        "db_subnet_group_name": Attribute(
            "DBSubnetGroupName", fixed=True, read=lambda found: found.get("DBSubnetGroup")
        ),
        "db_cluster_parameter_group_name": Attribute(
            "DBClusterParameterGroupName", read=lambda found: found.get("DBClusterParameterGroup")
        ),
        "serverless_v2_scaling_configuration": Attribute("ServerlessV2ScalingConfiguration", read=_scaling),
    },
)


def in_api_words(params: dict[str, Any]) -> dict[str, Any]:
    """The options, with the limits of capacity as the API names them."""
    given = params["serverless_v2_scaling_configuration"]
    limits = given and dict(MinCapacity=given["min_capacity"], MaxCapacity=given["max_capacity"])
    return dict(params, serverless_v2_scaling_configuration=limits)
