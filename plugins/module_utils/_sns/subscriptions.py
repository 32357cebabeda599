# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Subscriptions of topics. Private to this collection."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls


_MISSING = ("NotFound", "NotFoundException")
_PENDING = "PendingConfirmation"  # what SNS says in place of an ARN


@_calls.read("list the topic's subscriptions", [], missing=_MISSING)
def _list(client: Any, topic_arn: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
    found: list[dict[str, Any]] = pages.build_full_result()["Subscriptions"]
    return found


@_calls.call("read the subscription")
def _attributes(client: Any, arn: str) -> dict[str, str]:
    found: dict[str, str] = client.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return found


@_calls.call("subscribe to the topic")
def subscribe(client: Any, topic_arn: str, protocol: str, endpoint: str, attributes: dict[str, str]) -> None:
    given = {name: value for name, value in attributes.items() if value}
    client.subscribe(TopicArn=topic_arn, Protocol=protocol, Endpoint=endpoint, Attributes=given)


@_calls.call("change the subscription")
def set_attribute(client: Any, arn: str, name: str, value: str) -> None:
    """Set it, or (value="") take it off: a filter policy by an empty one, a redrive policy by none at all."""
    if value or name == "FilterPolicy":
        client.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value or "{}")
    else:
        client.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name)


@_calls.delete("unsubscribe from the topic", missing=_MISSING)
def unsubscribe(client: Any, arn: str) -> None:
    client.unsubscribe(SubscriptionArn=arn)


def find(client: Any, topic_arn: str, protocol: str, endpoint: str) -> dict[str, Any]:
    """The subscription, whether confirmed or not; nothing if there is none."""
    for found in _list(client, topic_arn):
        if (found["Protocol"], found["Endpoint"]) == (protocol, endpoint) and found["SubscriptionArn"] != "Deleted":
            if found["SubscriptionArn"] == _PENDING:  # SNS shows and takes no attributes yet
                return dict(confirmed=False, arn="", attributes={})
            attributes = _attributes(client, found["SubscriptionArn"])
            return dict(confirmed=True, arn=found["SubscriptionArn"], attributes=attributes)
    return {}


def wanted_attributes(params: dict[str, Any]) -> dict[str, str]:
    """The attributes that were given, as SNS takes them; empty for those that are to be taken off."""
    wanted = {}
    if params["raw_message_delivery"] is not None:
        wanted["RawMessageDelivery"] = str(params["raw_message_delivery"]).lower()
    queue = params["dead_letter_queue_arn"]
    if queue is not None:
        wanted["RedrivePolicy"] = json.dumps(dict(deadLetterTargetArn=queue)) if queue else ""
    if params["filter_policy_scope"]:
        wanted["FilterPolicyScope"] = params["filter_policy_scope"]
    if params["filter_policy"] is not None:
        wanted["FilterPolicy"] = json.dumps(params["filter_policy"]) if params["filter_policy"] else ""
    return wanted


def differing(found: dict[str, str], wanted: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in wanted.items() if _meaning(found.get(name)) != _meaning(value)}


def _meaning(value: str | None) -> Any:
    """Policies may be written in more than one way."""
    try:
        return json.loads(value) or None if value else None
    except ValueError:
        return value
