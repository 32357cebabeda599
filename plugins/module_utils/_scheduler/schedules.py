# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Schedules of EventBridge Scheduler and the groups that they are in. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_GONE = ["ResourceNotFoundException"]


@_calls.read("look at the schedule", {}, missing=_GONE)
def find(client: Any, group: str, name: str) -> dict[str, Any]:
    """In the words of the module's options, empty if it is not there."""
    found = client.get_schedule(GroupName=group, Name=name)
    target = found["Target"]
    retry = target.get("RetryPolicy") or {}
    return dict(
        description=found.get("Description") or "",
        schedule_expression=found["ScheduleExpression"],
        schedule_expression_timezone=found.get("ScheduleExpressionTimezone") or "UTC",
        enabled=found["State"] == "ENABLED",
        target_arn=target["Arn"],
        role_arn=target["RoleArn"],
        input=target.get("Input") or "",
        dead_letter_arn=(target.get("DeadLetterConfig") or {}).get("Arn") or "",
        maximum_retry_attempts=retry.get("MaximumRetryAttempts"),
        maximum_event_age=retry.get("MaximumEventAgeInSeconds"),
    )


# A role that was made just now is not known everywhere yet.
@_calls.call("set the schedule", retry_on_message="must allow AWS EventBridge Scheduler to assume", delay=5)
def put(client: Any, group: str, name: str, want: dict[str, Any], new: bool) -> None:
    retry = dict(
        MaximumRetryAttempts=want["maximum_retry_attempts"], MaximumEventAgeInSeconds=want["maximum_event_age"]
    )
    target = dict(Arn=want["target_arn"], RoleArn=want["role_arn"], RetryPolicy=retry)
    if want["input"]:
        target["Input"] = want["input"]
    if want["dead_letter_arn"]:
        target["DeadLetterConfig"] = dict(Arn=want["dead_letter_arn"])
    (client.create_schedule if new else client.update_schedule)(
        GroupName=group,
        Name=name,
        Description=want["description"],
        ScheduleExpression=want["schedule_expression"],
        ScheduleExpressionTimezone=want["schedule_expression_timezone"],
        FlexibleTimeWindow=dict(Mode="OFF"),
        State="ENABLED" if want["enabled"] else "DISABLED",
        Target=target,
    )


@_calls.delete("delete the schedule", missing=_GONE)
def delete(client: Any, group: str, name: str) -> None:
    client.delete_schedule(GroupName=group, Name=name)


@_calls.read("look at the group of schedules", {}, missing=_GONE)
def find_group(client: Any, name: str) -> dict[str, Any]:
    """Its ARN and its tags, empty if it is not there. One that is being deleted counts as gone."""
    found = client.get_schedule_group(Name=name)
    if found["State"] != "ACTIVE":
        return {}
    tags = client.list_tags_for_resource(ResourceArn=found["Arn"])["Tags"]
    return dict(arn=found["Arn"], tags=boto3_tag_list_to_ansible_dict(tags))


# For a while there is one of the name that is being deleted.
@_calls.call("create the group of schedules", retry_on=["ConflictException"], delay=5)
def create_group(client: Any, name: str, tags: dict[str, str]) -> str:
    return str(client.create_schedule_group(Name=name, Tags=ansible_dict_to_boto3_tag_list(tags))["ScheduleGroupArn"])


@_calls.call("tag the group of schedules")
def tag_group(client: Any, arn: str, tags: dict[str, str], drop: list[str]) -> None:
    if drop:
        client.untag_resource(ResourceArn=arn, TagKeys=drop)
    if tags:
        client.tag_resource(ResourceArn=arn, Tags=ansible_dict_to_boto3_tag_list(tags))


@_calls.delete("delete the group of schedules", missing=_GONE)
def delete_group(client: Any, name: str) -> None:
    client.delete_schedule_group(Name=name)
