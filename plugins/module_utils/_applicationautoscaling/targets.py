# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scalable targets of Application Auto Scaling and their policies. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

NAMESPACES = ["appstream", "cassandra", "comprehend", "custom-resource", "dynamodb", "ec2", "ecs", "elasticache"]
NAMESPACES += ["elasticmapreduce", "kafka", "lambda", "neptune", "rds", "sagemaker", "workspaces"]
ARGUMENTS = dict(
    service_namespace=dict(required=True, choices=NAMESPACES),
    resource_id=dict(required=True),
    scalable_dimension=dict(required=True),
)
_RETRIES = ["ConcurrentUpdateException"]


class _Missing(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code("ObjectNotFoundException")


def identity(params: dict[str, Any]) -> dict[str, str]:
    """What names a scalable target, as the API takes it."""
    return dict(
        ServiceNamespace=params["service_namespace"],
        ResourceId=params["resource_id"],
        ScalableDimension=params["scalable_dimension"],
    )


@AWSErrorHandler.common_error_handler("read the scalable target")
@AWSRetry.jittered_backoff()
def find_target(client: Any, who: dict[str, str]) -> dict[str, Any]:
    """The target; nothing if there is none."""
    found = client.describe_scalable_targets(
        ServiceNamespace=who["ServiceNamespace"],
        ResourceIds=[who["ResourceId"]],
        ScalableDimension=who["ScalableDimension"],
    )["ScalableTargets"]
    return found[0] if found else {}


@AWSErrorHandler.common_error_handler("register the scalable target")
@AWSRetry.jittered_backoff(catch_extra_error_codes=_RETRIES)
def register_target(client: Any, who: dict[str, str], options: dict[str, Any]) -> None:
    client.register_scalable_target(**who, **options)


@_Missing.deletion_error_handler("deregister the scalable target")
@AWSRetry.jittered_backoff(catch_extra_error_codes=_RETRIES)
def deregister_target(client: Any, who: dict[str, str]) -> None:
    client.deregister_scalable_target(**who)


@AWSErrorHandler.common_error_handler("read the scaling policies")
@AWSRetry.jittered_backoff()
def find_policy(client: Any, who: dict[str, str], name: str) -> dict[str, Any]:
    """The policy of that name; nothing if there is none."""
    pages = client.get_paginator("describe_scaling_policies").paginate(**who)
    found = [one for one in pages.build_full_result()["ScalingPolicies"] if one["PolicyName"] == name]
    return found[0] if found else {}


@AWSErrorHandler.common_error_handler("write the scaling policy")
@AWSRetry.jittered_backoff(catch_extra_error_codes=_RETRIES)
def put_policy(client: Any, who: dict[str, str], name: str, policy: dict[str, Any]) -> None:
    client.put_scaling_policy(PolicyName=name, **who, **policy)


@_Missing.deletion_error_handler("delete the scaling policy")
@AWSRetry.jittered_backoff(catch_extra_error_codes=_RETRIES)
def delete_policy(client: Any, who: dict[str, str], name: str) -> None:
    client.delete_scaling_policy(PolicyName=name, **who)
