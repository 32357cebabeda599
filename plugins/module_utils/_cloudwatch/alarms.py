# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags of alarms. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ansible_collections.threetier.aws.plugins.module_utils import _calls


@_calls.call("read the alarm")
def alarm_arn(client: Any, name: str) -> str:
    """The ARN of the alarm; empty if there is none."""
    found = client.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarms = found.get("MetricAlarms", []) + found.get("CompositeAlarms", [])
    return alarms[0]["AlarmArn"] if alarms else ""


@_calls.call("read the alarm's tags")
def tags(client: Any, arn: str) -> dict[str, str]:
    found: dict[str, str] = boto3_tag_list_to_ansible_dict(client.list_tags_for_resource(ResourceARN=arn)["Tags"])
    return found


@_calls.call("tag the alarm")
def tag(client: Any, arn: str, set_tags: dict[str, str], drop_tags: list[str]) -> None:
    if set_tags:
        client.tag_resource(ResourceARN=arn, Tags=ansible_dict_to_boto3_tag_list(set_tags))
    if drop_tags:
        client.untag_resource(ResourceARN=arn, TagKeys=drop_tags)
