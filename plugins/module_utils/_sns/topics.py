# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Encryption of topics. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls


@_calls.call("read the topic's key")
def key(client: Any, arn: str) -> str:
    """Id, ARN or alias, as it was set; empty if the topic is not encrypted."""
    return str(client.get_topic_attributes(TopicArn=arn)["Attributes"].get("KmsMasterKeyId", ""))


@_calls.call("set the topic's key")
def set_key(client: Any, arn: str, wanted: str) -> None:
    client.set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue=wanted)
