# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Auto Scaling and target groups say of a stack's instances, as variables of hosts. Private to this collection."""

from __future__ import annotations

from typing import Any


def variables(scaling: Any, balancing: Any, stack: str) -> dict[str, dict[str, str]]:
    """By instance id. An instance of several target groups has the health of the one that finds it worst."""
    pages = scaling.get_paginator("describe_auto_scaling_groups").paginate(
        Filters=[{"Name": "tag:Stack", "Values": [stack]}]
    )
    found: dict[str, dict[str, str]] = {}
    arns: dict[str, None] = {}
    for page in pages:
        for group in page["AutoScalingGroups"]:
            arns.update(dict.fromkeys(group.get("TargetGroupARNs", [])))
            for member in group["Instances"]:
                found[member["InstanceId"]] = {
                    "fleet_availability_zone": member["AvailabilityZone"],
                    "fleet_group": group["AutoScalingGroupName"],
                    "fleet_lifecycle_state": member["LifecycleState"],
                    "fleet_template_version": (member.get("LaunchTemplate") or {}).get("Version", ""),
                    "fleet_target_health": "unused",
                    "fleet_target_reason": "",
                }
    for arn in arns:
        for target in balancing.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]:
            known, seen = found.get(target["Target"]["Id"]), target["TargetHealth"]
            if known and (known["fleet_target_health"] in ("unused", "healthy")):
                known["fleet_target_health"] = seen["State"]
                known["fleet_target_reason"] = seen.get("Description", seen.get("Reason", ""))
    return found
