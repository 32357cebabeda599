# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags of API Gateway's resources. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags

from ansible_collections.threetier.aws.plugins.module_utils import _calls


def apply(client: Any, path: str, have: dict[str, str], want: dict[str, str]) -> None:
    """:param path: of the resource in its ARN, such as apis/a1b2c3."""
    arn = f"arn:{client.meta.partition}:apigateway:{client.meta.region_name}::/{path}"
    set_tags, drop_tags = compare_aws_tags(have, want)
    if drop_tags:
        _untag(client, arn, drop_tags)
    if set_tags:
        _tag(client, arn, set_tags)


@_calls.call("tag the resource")
def _tag(client: Any, arn: str, tags: dict[str, str]) -> None:
    client.tag_resource(ResourceArn=arn, Tags=tags)


@_calls.call("remove the resource's tags")
def _untag(client: Any, arn: str, keys: list[str]) -> None:
    client.untag_resource(ResourceArn=arn, TagKeys=keys)
