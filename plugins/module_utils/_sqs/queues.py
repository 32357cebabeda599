# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Queues and the dead letters of a function in them. Private to this collection."""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from typing import Iterable
from typing import Iterator


from ansible_collections.threetier.aws.plugins.module_utils import _calls

_MISSING = ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
_KEEPERS = frozenset({"RequestID", "SCHEDULE_ARN"})  # attributes that Lambda's and EventBridge Scheduler's letters have
_COUNTS = ("ApproximateNumber", "DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "VisibilityTimeout")


@_calls.read("find the queue", None, missing=_MISSING)
def url_of(client: Any, name: str) -> str | None:
    url: str = client.get_queue_url(QueueName=name)["QueueUrl"]
    return url


@_calls.read("read the queue", {}, missing=_MISSING)
def attributes(client: Any, url: str) -> dict[str, Any]:
    """All attributes, numbers as numbers."""
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {key: int(value) if key.startswith(_COUNTS) else value for key, value in found.items()}


@_calls.call("receive messages")
def receive(client: Any, url: str, hidden: int) -> list[dict[str, Any]]:
    """Up to ten messages, which nobody else gets for so many seconds."""
    found: list[dict[str, Any]] = client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=hidden, WaitTimeSeconds=1, MessageAttributeNames=["All"]
    ).get("Messages", [])
    return found


@_calls.call("delete the message")
def delete(client: Any, url: str, message: dict[str, Any]) -> None:
    client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@_calls.call("give the message back")
def give_back(client: Any, url: str, message: dict[str, Any]) -> None:
    client.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)


@_calls.call("call the function", tries=1)
def call(client: Any, function_name: str, event: dict[str, Any]) -> str:
    """What went wrong, in the function's words; empty if nothing did."""
    answer = client.invoke(FunctionName=function_name, Payload=json.dumps(event).encode())
    payload: bytes = answer["Payload"].read()
    if not answer.get("FunctionError"):
        return ""
    try:
        told = json.loads(payload)
        return f"{told.get('errorType', 'Error')}: {told.get('errorMessage', '')}"
    except ValueError:
        return payload.decode("utf-8", "replace")[:1000]


def event_in(body: str, attributes: Iterable[str] = ()) -> dict[str, Any] | None:
    """
    The event of a dead letter. Lambda and EventBridge Scheduler keep it as it was, SNS keeps the notification that
    would have been in it.

    :param attributes: the names of the message's attributes, by which the first two are known.
    """
    try:
        found = json.loads(body)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    if isinstance(found.get("Records"), list) or not _KEEPERS.isdisjoint(attributes):
        return found
    if found.get("Type") != "Notification" or "Message" not in found:
        return None
    notification = {key: value for key, value in found.items() if key not in ("SigningCertURL", "UnsubscribeURL")}
    return dict(Records=[dict(EventSource="aws:sns", EventVersion="1.0", Sns=notification)])


@dataclasses.dataclass
class Outcome:
    done: int = 0
    kept: list[dict[str, str]] = dataclasses.field(default_factory=list)


def redrive(sqs: Any, function: Any, url: str, function_name: str, hidden: int, limit: int) -> Outcome:
    """Hand each letter to the function once. It leaves the queue when the function has dealt with it, not before."""
    outcome, held = Outcome(), []
    for message in _each(sqs, url, hidden, limit):
        event = event_in(message["Body"], message.get("MessageAttributes", {}))
        problem = (
            "this is no event of Lambda, EventBridge Scheduler or SNS"
            if event is None
            else call(function, function_name, event)
        )
        if problem:
            held.append(message)
            outcome.kept.append(dict(message_id=message["MessageId"], problem=problem))
        else:
            delete(sqs, url, message)
            outcome.done += 1
    for message in held:
        give_back(sqs, url, message)
    return outcome


def _each(client: Any, url: str, hidden: int, limit: int) -> Iterator[dict[str, Any]]:
    """Each message once. SQS asks only some of its servers at a time, so one empty answer is not the end."""
    seen: set[str] = set()
    empty = 0
    while empty < 2 and len(seen) < limit:
        fresh = [one for one in receive(client, url, hidden) if one["MessageId"] not in seen]
        empty = 0 if fresh else empty + 1
        for number, message in enumerate(fresh):
            if len(seen) >= limit:
                for other in fresh[number:]:
                    give_back(client, url, other)
                return
            seen.add(message["MessageId"])
            yield message
