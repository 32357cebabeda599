# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scaling policies of Application Auto Scaling, in the module's words and in the API's. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils._applicationautoscaling.common import MISSING
from ansible_collections.threetier.aws.plugins.module_utils._applicationautoscaling.common import RETRIES

TRACKING = dict(
    target_value=dict(type="float", required=True),
    predefined_metric=dict(),
    resource_label=dict(),
    customized_metric=dict(type="dict"),
    scale_out_cooldown=dict(type="int"),
    scale_in_cooldown=dict(type="int"),
    disable_scale_in=dict(type="bool", default=False),
)
STEPPING = dict(
    adjustment_type=dict(required=True, choices=["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"]),
    steps=dict(
        type="list",
        elements="dict",
        required=True,
        options=dict(
            adjustment=dict(type="int", required=True), lower_bound=dict(type="float"), upper_bound=dict(type="float")
        ),
    ),
    cooldown=dict(type="int"),
    min_adjustment_magnitude=dict(type="int"),
    metric_aggregation_type=dict(choices=["Average", "Minimum", "Maximum"]),
)
_TRACKING, _STEPPING = "TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration"


def wanted(params: dict[str, Any]) -> dict[str, Any]:
    """Type and configuration as PutScalingPolicy takes them."""
    if params["target_tracking"]:
        return {"PolicyType": "TargetTrackingScaling", _TRACKING: _tracking(params["target_tracking"])}
    return {"PolicyType": "StepScaling", _STEPPING: _stepping(params["step_scaling"])}


def state_of(policy: dict[str, Any]) -> dict[str, Any]:
    """The same of a policy that is there; nothing for none."""
    kept = {key: policy[key] for key in ("PolicyType", _TRACKING, _STEPPING) if policy.get(key)}
    if _TRACKING in kept:
        kept[_TRACKING] = {"DisableScaleIn": False, **kept[_TRACKING]}  # not shown where it is not set
    return kept


def _tracking(given: dict[str, Any]) -> dict[str, Any]:
    metric = _given(PredefinedMetricType=given["predefined_metric"], ResourceLabel=given["resource_label"])
    return _given(
        TargetValue=given["target_value"],
        PredefinedMetricSpecification=metric or None,
        CustomizedMetricSpecification=given["customized_metric"],
        ScaleOutCooldown=given["scale_out_cooldown"],
        ScaleInCooldown=given["scale_in_cooldown"],
        DisableScaleIn=given["disable_scale_in"],
    )


def _stepping(given: dict[str, Any]) -> dict[str, Any]:
    steps = [
        _given(
            MetricIntervalLowerBound=step["lower_bound"],
            MetricIntervalUpperBound=step["upper_bound"],
            ScalingAdjustment=step["adjustment"],
        )
        for step in given["steps"]
    ]
    return _given(
        AdjustmentType=given["adjustment_type"],
        StepAdjustments=steps,
        Cooldown=given["cooldown"],
        MinAdjustmentMagnitude=given["min_adjustment_magnitude"],
        MetricAggregationType=given["metric_aggregation_type"],
    )


def _given(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


@_calls.call("read the scaling policies")
def find(client: Any, who: dict[str, str], name: str) -> dict[str, Any]:
    """The policy of that name; nothing if there is none."""
    pages = client.get_paginator("describe_scaling_policies").paginate(**who)
    found = [one for one in pages.build_full_result()["ScalingPolicies"] if one["PolicyName"] == name]
    return found[0] if found else {}


@_calls.call("write the scaling policy", retry_on=RETRIES)
def put(client: Any, who: dict[str, str], name: str, policy: dict[str, Any]) -> None:
    client.put_scaling_policy(PolicyName=name, **who, **policy)


@_calls.delete("delete the scaling policy", missing=MISSING, retry_on=RETRIES)
def delete(client: Any, who: dict[str, str], name: str) -> None:
    client.delete_scaling_policy(PolicyName=name, **who)
