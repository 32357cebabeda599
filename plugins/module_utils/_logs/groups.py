# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log groups of CloudWatch Logs. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls


@_calls.call("look for the log group")
def find(client: Any, name: str) -> dict[str, Any]:
    """The group's C(retention_in_days), None for ever, and C(tags); nothing if there is no such group."""
    for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name):
        for group in page["logGroups"]:
            if group["logGroupName"] == name:
                tags = client.list_tags_log_group(logGroupName=name).get("tags", {})
                return dict(retention_in_days=group.get("retentionInDays"), tags=tags)
    return {}


@_calls.call("create the log group", retry_on=["OperationAbortedException"])
def create(client: Any, name: str, tags: dict[str, str]) -> None:
    client.create_log_group(logGroupName=name, tags=tags)


@_calls.call("set the log group's retention", retry_on=["OperationAbortedException"])
def keep(client: Any, name: str, days: int) -> None:
    client.put_retention_policy(logGroupName=name, retentionInDays=days)


@_calls.call("set the log group's tags")
def tag(client: Any, name: str, set_tags: dict[str, str], drop_tags: list[str]) -> None:
    if drop_tags:
        client.untag_log_group(logGroupName=name, tags=drop_tags)
    if set_tags:
        client.tag_log_group(logGroupName=name, tags=set_tags)
