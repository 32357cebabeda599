# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What all resources of RDS have. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list

from ansible_collections.threetier.aws.plugins.module_utils import _calls

# Of an instance or a cluster, in the expressions of acceptors.
NOTHING_PENDING = "length(keys(PendingModifiedValues || `{}`)) == `0`"


def acceptor(state: str, condition: str) -> dict[str, Any]:
    """An answer means that state if the condition, in JMESPath, is true of it; as in botocore's waiters."""
    return dict(matcher="path", argument=condition, expected=True, state=state)


def tag(client: Any, arn: str, set_tags: dict[str, str], drop_tags: list[str]) -> None:
    """Set and remove tags; no call for what is empty."""
    if set_tags:
        _set(client, arn, set_tags)
    if drop_tags:
        _drop(client, arn, drop_tags)


@_calls.call("set tags of the RDS resource")
def _set(client: Any, arn: str, tags: dict[str, str]) -> None:
    client.add_tags_to_resource(ResourceName=arn, Tags=ansible_dict_to_boto3_tag_list(tags))


@_calls.call("remove tags of the RDS resource")
def _drop(client: Any, arn: str, keys: list[str]) -> None:
    client.remove_tags_from_resource(ResourceName=arn, TagKeys=keys)
