# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags of alarms. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict


@AWSErrorHandler.common_error_handler("read the alarm")
@AWSRetry.jittered_backoff()
def alarm_arn(client: Any, name: str) -> str:
    """The ARN of the alarm; empty if there is none."""
    found = client.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarms = found.get("MetricAlarms", []) + found.get("CompositeAlarms", [])
    return alarms[0]["AlarmArn"] if alarms else ""


@AWSErrorHandler.common_error_handler("read the alarm's tags")
@AWSRetry.jittered_backoff()
def tags(client: Any, arn: str) -> dict[str, str]:
    return boto3_tag_list_to_ansible_dict(client.list_tags_for_resource(ResourceARN=arn)["Tags"])


@AWSErrorHandler.common_error_handler("tag the alarm")
@AWSRetry.jittered_backoff()
def tag(client: Any, arn: str, set_tags: dict[str, str], drop_tags: list[str]) -> None:
    if set_tags:
        client.tag_resource(ResourceARN=arn, Tags=ansible_dict_to_boto3_tag_list(set_tags))
    if drop_tags:
        client.untag_resource(ResourceARN=arn, TagKeys=drop_tags)
