# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Cross-origin rules and event notifications of buckets. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_MISSING = ("NoSuchCORSConfiguration", "NoSuchBucket")
# Where in the bucket's configuration a destination stands, and what it is called there.
TARGETS = {
    "topic_arn": ("TopicConfigurations", "TopicArn"),
    "queue_arn": ("QueueConfigurations", "QueueArn"),
    "function_arn": ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
}
_KINDS = [kind for kind, _arn in TARGETS.values()]
# S3 tries a destination before it stores it; a policy just written may not have reached everywhere.
_NOT_READY = "Unable to validate the following destination configurations"


@_calls.read("read the bucket's cross-origin rules", [], missing=_MISSING)
def cors_rules(client: Any, bucket: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = client.get_bucket_cors(Bucket=bucket)["CORSRules"]
    return rules


@_calls.call("write the bucket's cross-origin rules")
def put_cors_rules(client: Any, bucket: str, rules: list[dict[str, Any]]) -> None:
    if rules:
        client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    else:
        client.delete_bucket_cors(Bucket=bucket)


def canonical_cors(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The order of rules has a meaning (the first that matches counts), the order inside of them has none."""
    return [{key: sorted(value) if isinstance(value, list) else value for key, value in r.items()} for r in rules]


@_calls.read("read the bucket's notifications", {}, missing=_MISSING)
def notifications(client: Any, bucket: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get_bucket_notification_configuration(Bucket=bucket)
    found.pop("ResponseMetadata", None)
    return found


@_calls.call(
    "write the bucket's notifications",
    retry_on=["OperationAborted"],
    retry_on_message=_NOT_READY,
    delay=2,
    max_delay=10,
)
def put_notifications(client: Any, bucket: str, configuration: dict[str, Any]) -> None:
    client.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def wanted_notification(params: dict[str, Any]) -> dict[str, Any]:
    """The entry as S3 keeps it, with the list that it belongs to under "kind"."""
    option = next(option for option in TARGETS if params[option])
    kind, arn = TARGETS[option]
    entry = dict(kind=kind, Id=params["name"], Events=sorted(params["events"]))
    entry[arn] = params[option]
    rules = [dict(Name=name, Value=params[name]) for name in ("prefix", "suffix") if params[name]]
    if rules:
        entry["Filter"] = dict(Key=dict(FilterRules=rules))
    return entry


def find_notification(configuration: dict[str, Any], name: str) -> dict[str, Any]:
    """The entry of that name in the same form; nothing if there is none."""
    for kind in _KINDS:
        for entry in configuration.get(kind, []):
            if entry.get("Id") == name:
                return _canonical(kind, entry)
    return {}


def _canonical(kind: str, entry: dict[str, Any]) -> dict[str, Any]:
    seen = dict(entry, kind=kind, Events=sorted(entry["Events"]))
    rules = seen.pop("Filter", {}).get("Key", {}).get("FilterRules", [])
    rules = [dict(Name=rule["Name"].lower(), Value=rule["Value"]) for rule in rules if rule["Value"]]
    if rules:
        seen["Filter"] = dict(Key=dict(FilterRules=sorted(rules, key=lambda rule: rule["Name"])))
    return seen


def merge_notification(configuration: dict[str, Any], name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """All that is configured, EventBridge too, with the entry of that name put in, replaced or (wanted={}) taken."""
    merged = dict(configuration)
    for kind in _KINDS:
        merged[kind] = [entry for entry in configuration.get(kind, []) if entry.get("Id") != name]
    if wanted:
        merged[wanted["kind"]].append({key: value for key, value in wanted.items() if key != "kind"})
    return {key: value for key, value in merged.items() if value or key not in _KINDS}
