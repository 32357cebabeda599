# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way from an upload to its metadata, link by link. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import good
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 60
PLACES = (
    *("bucket", "notification", "topic", "topic key", "subscription"),
    *("function", "table", "function errors", "dead letters"),
)
# What the status page draws of it: key, title, text and the places that tell how it is.
BOXES = (
    ("bucket", "Bucket", "files", ("bucket", "notification")),
    ("topic", "Topic", "uploads", ("topic", "topic key", "subscription")),
    ("function", "Function", "metadata", ("function", "function errors")),
    ("dead letters>", "Dead letters", "{dead_letters}", ("dead letters",)),
    ("table", "Table", "metadata", ("table",)),
)
ARROWS = (
    *(("fleet", "bucket"), ("bucket", "topic"), ("topic", "function")),
    *(("function", "dead letters"), ("function", "table")),
)
_AGAIN = "Run playbooks/messaging.yml."


def findings(seen: dict[str, Any], names: dict[str, str]) -> list[_findings.Finding]:
    """
    :param seen: results of the tasks that looked, by what they looked at.
    :param names: the names and ARNs that follow from the stack's.
    """
    return [
        *_bucket(seen, names),
        *_topic(seen, names),
        *_key(seen.get("key") or {}, names),
        *_function(seen, names),
        _table(seen["table"], names["table"]),
        _findings.errors("function errors", names["function"], seen["errors"]),
        _findings.dead_letters(
            "dead letters", names["queue"], seen["queue"], "Uploads that the function could not deal with", _AGAIN
        ),
    ]


def _bucket(seen: dict[str, Any], names: dict[str, Any]) -> list[Any]:
    result, name = seen["bucket"], names["bucket"]
    if problem := _findings.unseen(result):
        return [unknown("bucket", name, f"It could not be looked at: {problem}")]
    found = next((one for one in result.get("buckets") or [] if one["name"] == name), None)
    if found is None:
        return [bad("bucket", name, "There is no such bucket: uploads fail.", _AGAIN)]
    listed = (found.get("bucket_notification_configuration") or {}).get("TopicConfigurations") or []
    told = [one for one in listed if one.get("TopicArn") == names["topic_arn"]]
    return [
        good("bucket", name, "It is there."),
        either(told, "notification", name, "Uploads are announced to the topic.",
               "It announces no uploads to the topic, so no metadata is stored.", _AGAIN),
    ]  # fmt: skip


def _topic(seen: dict[str, Any], names: dict[str, Any]) -> list[Any]:
    result, name = seen["topic"], names["topic"]
    if problem := _findings.unseen(result):
        gone = "NotFound" in problem or "does not exist" in problem or "not found" in problem.lower()
        return [bad("topic", name, "There is no such topic.", _AGAIN) if gone
                else unknown("topic", name, f"It could not be looked at: {problem}")]  # fmt: skip
    found = (result.get("result") or {}).get("sns_topic") or {}
    context = {"aws:sourcearn": names["bucket_arn"], "aws:sourceaccount": names["account"]}
    may = _findings.allows(found.get("policy"), "s3.amazonaws.com", "sns:Publish", context)
    listed = found.get("subscriptions") or []
    ours = [one for one in listed if one.get("endpoint") == names["function_arn"]]
    waiting = [one for one in listed if str(one.get("subscription_arn", "")).startswith("Pending")]
    people = ", ".join(sorted({one["endpoint"] for one in waiting}))
    return [
        either(may, "topic", name, "The bucket may publish to it.",
               "Its policy does not let the bucket publish: uploads are announced to nobody.", _AGAIN),
        either(ours, "subscription", names["function"],
               f"The function is subscribed.{f' Not confirmed yet: {people}.' if people else ''}",
               "The function is not subscribed to the topic: no metadata is stored.", _AGAIN),
    ]  # fmt: skip


def _key(result: dict[str, Any], names: dict[str, Any]) -> list[Any]:
    """The key of a topic that is encrypted: who publishes has to be able to use it."""
    if not result:
        return []
    name = names["topic"]
    if problem := _findings.unseen(result):
        return [unknown("topic key", name, f"It could not be looked at: {problem}")]
    found: dict[str, Any] = next(iter(result.get("kms_keys") or []), {})
    state = str(found.get("key_state") or "not there")
    context = {"aws:sourcearn": names["bucket_arn"], "aws:sourceaccount": names["account"]}
    policies = found.get("key_policies") or []
    needs = ("kms:Decrypt", "kms:GenerateDataKey")
    may = all(any(_findings.allows(one, "s3.amazonaws.com", need, context) for one in policies) for need in needs)
    lost = "uploads are announced to nobody."
    return [
        either(state == "Enabled" and may, "topic key", name, "The topic is encrypted, and the bucket may use the key.",
               f"Its policy does not let the bucket use it: {lost}" if state == "Enabled" else
               f"The key that the topic is encrypted with is {state}: {lost}", _AGAIN),
    ]  # fmt: skip


def _function(seen: dict[str, Any], names: dict[str, Any]) -> list[Any]:
    result, name = seen["function"], names["function"]
    if problem := _findings.unseen(result):
        return [unknown("function", name, f"It could not be looked at: {problem}")]
    found: dict[str, Any] = next(iter(result.get("functions") or []), {})
    if not found.get("function_arn"):
        return [bad("function", name, "There is no such function.", _AGAIN)]
    state, update = found.get("state") or "Active", found.get("last_update_status") or "Successful"
    runs = state in ("Active", "Inactive") and update != "Failed"
    may = _findings.allows(
        found.get("policy"), "sns.amazonaws.com", "lambda:InvokeFunction", {"aws:sourcearn": names["topic_arn"]}
    )
    variables = (found.get("environment") or {}).get("variables") or {}
    table = variables.get("TABLE_NAME", variables.get("table_name"))
    limit = _limit(seen)
    return [
        either(limit != 0, "function", f"{name} concurrency", "It may run.",
               "Its reserved concurrency is 0: AWS refuses every call, so no metadata is stored.",
               f"aws lambda delete-function-concurrency --function-name {name}"),
        either(runs, "function", name, "It can be called.", f"It is {state}, its last update {update}: "
               f"{found.get('state_reason') or found.get('last_update_status_reason') or 'no reason given'}.", _AGAIN),
        either(may, "function", f"{name} permission", "The topic may call it.",
               "Its policy does not let the topic call it: SNS delivers to the dead-letter queue.", _AGAIN),
        either(table == names["table"], "function", f"{name} environment", "It knows its table.",
               f"It writes to the table {table}, not to {names['table']}.", _AGAIN),
    ]  # fmt: skip


def _limit(seen: dict[str, Any]) -> int | None:
    """How many of the function may run at once; None if nothing is reserved, or if nobody could look."""
    found: dict[str, Any] = next(iter(seen.get("concurrency", {}).get("functions") or []), {})
    return found.get("reserved_concurrent_executions")


def _table(result: dict[str, Any], name: str) -> dict[str, Any]:
    if problem := _findings.unseen(result):
        return unknown("table", name, f"It could not be looked at: {problem}")
    state = (result.get("table") or {}).get("table_status", "not there")
    return either(state == "ACTIVE", "table", name, "It is active.", f"It is {state}.", _AGAIN)
