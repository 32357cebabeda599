# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What targets and policies of Application Auto Scaling have in common. Private to this collection."""

from __future__ import annotations

from typing import Any

NAMESPACES = ["appstream", "cassandra", "comprehend", "custom-resource", "dynamodb", "ec2", "ecs", "elasticache"]
NAMESPACES += ["elasticmapreduce", "kafka", "lambda", "neptune", "rds", "sagemaker", "workspaces"]
ARGUMENTS = dict(
    service_namespace=dict(required=True, choices=NAMESPACES),
    resource_id=dict(required=True),
    scalable_dimension=dict(required=True),
)
MISSING = ("ObjectNotFoundException",)
RETRIES = ("ConcurrentUpdateException",)


def identity(params: dict[str, Any]) -> dict[str, str]:
    """What names a scalable target, as the API takes it."""
    return dict(
        ServiceNamespace=params["service_namespace"],
        ResourceId=params["resource_id"],
        ScalableDimension=params["scalable_dimension"],
    )
