"""S3: events as AWS writes them, checked destinations, and policies that insist on TLS."""

from __future__ import annotations

import json
import logging
import threading
import time
from typing import Any
from urllib.parse import quote_plus

import xmltodict
from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.iam.access_control import IAMPolicy
from moto.s3 import notifications
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.responses import S3Response
from moto.s3control.models import s3control_backends

from ... import backends, config
from ...monkeypatch import wrap
from ..iam import policies
from ..kms import keys as kms_keys
from ..lambda_.asynchronous import invoke_later

_lock = threading.Lock()
_last = 0
_NO_DESTINATION = "Unable to validate the following destination configurations"
_log = logging.getLogger("lab.s3")


def _sequencer() -> str:
    """Sixteen hexadecimal digits that only ever grow."""
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns())
        return f"{_last:016X}"


def write_event_like_s3(_original: Any) -> Any:
    """moto's event lacks the sequencer, the version and who did it."""

    def _get_s3_event(event_name: str, bucket: FakeBucket, key: Any, notification_id: str) -> dict[str, Any]:
        thing = {"key": quote_plus(key.name, safe="/"), "sequencer": _sequencer()}
        if not event_name.startswith("s3:ObjectRemoved"):
            thing |= {"size": key.size, "eTag": key.etag.replace('"', "")}
        if bucket.is_versioned:
            thing["versionId"] = key.version_id
        record = {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": bucket.region_name,
            "eventTime": iso_8601_datetime_with_milliseconds(),
            "eventName": event_name.removeprefix("s3:"),
            "userIdentity": {"principalId": f"AWS:{bucket.account_id}"},
            "requestParameters": {"sourceIPAddress": config.HOST_ADDRESS},
            "responseElements": {"x-amz-request-id": thing["sequencer"], "x-amz-id-2": thing["sequencer"]},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": notification_id,
                "bucket": {"name": bucket.name, "ownerIdentity": {"principalId": bucket.account_id}, "arn": bucket.arn},
                "object": thing,
            },
        }
        return {"Records": [record]}

    return _get_s3_event


def tell_of_delete_markers(original: Any) -> Any:
    """moto tells nobody of a delete marker that hides a file, nor of one or a version that is removed before others."""

    def delete_object(
        self: S3Backend, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
    ) -> tuple[bool, dict[str, Any]]:
        bucket = self.get_bucket(bucket_name)
        found = next((key for key in bucket.keys.getlist(key_name, []) if str(key.version_id) == str(version_id)), None)
        done: tuple[bool, dict[str, Any]] = original(self, bucket_name, key_name, version_id, bypass)
        if bucket.is_versioned and key_name in bucket.keys:
            events = notifications.S3NotificationEvent
            if version_id is None:
                created, marker = events.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT, bucket.keys[key_name]
                notifications.send_event(self.account_id, created, bucket, marker)
            elif found is not None:
                notifications.send_event(self.account_id, events.OBJECT_REMOVED_DELETE_EVENT, bucket, found)
        return done

    return delete_object


def drop_empty_filter_rules(original: Any) -> Any:
    """An empty prefix or suffix matches everything; moto takes it for a mistake."""

    def _notification_config_from_body(self: S3Response) -> dict[str, Any]:
        parsed = xmltodict.parse(self.body)
        for kind in ("Topic", "Queue", "CloudFunction"):
            found = (parsed["NotificationConfiguration"] or {}).get(f"{kind}Configuration") or []
            for entry in found if isinstance(found, list) else [found]:
                rules = ((entry.get("Filter") or {}).get("S3Key") or {}).get("FilterRule") or []
                kept = [rule for rule in (rules if isinstance(rules, list) else [rules]) if rule.get("Value")]
                if kept:
                    entry["Filter"]["S3Key"]["FilterRule"] = [{**rule, "Name": rule["Name"].lower()} for rule in kept]
                else:
                    entry.pop("Filter", None)
        body = self.body
        self.body = xmltodict.unparse(parsed)
        try:
            wanted: dict[str, Any] = original(self)
        finally:
            self.body = body
        return wanted

    return _notification_config_from_body


def refuse_destination_that_takes_no_events(original: Any) -> Any:
    """S3 tries each destination before it stores the configuration."""

    def put_bucket_notification_configuration(self: Any, bucket_name: str, notification_config: dict[str, Any]) -> None:
        bucket = self.get_bucket(bucket_name)
        asked = {"aws:SourceArn": bucket.arn, "aws:SourceAccount": bucket.account_id}
        for kind, action in (
            ("Topic", "sns:Publish"),
            ("Queue", "sqs:SendMessage"),
            ("CloudFunction", "lambda:InvokeFunction"),
        ):
            for entry in notification_config.get(f"{kind}Configuration") or []:
                arn = entry[kind]
                policy = _policy(kind, arn)
                resource = None if kind == "CloudFunction" else arn
                if not policies.allows(
                    policy, action=action, resource=resource, service="s3.amazonaws.com", context=asked
                ):
                    raise S3ClientError("InvalidArgument", _NO_DESTINATION)
                if kind == "Topic" and _key_refuses(arn, asked):
                    raise S3ClientError("InvalidArgument", _NO_DESTINATION)
        original(self, bucket_name, notification_config)

    return put_bucket_notification_configuration


def publish_as_the_key_lets_it(original: Any) -> Any:
    """An event for an encrypted topic whose key S3 may not use is lost, as on AWS."""

    def _send_sns_message(account_id: str, event_body: Any, topic_arn: str, region_name: str) -> None:
        bucket = event_body["Records"][0]["s3"]["bucket"]["arn"] if "Records" in event_body else ""
        asked = {"aws:SourceArn": bucket, "aws:SourceAccount": account_id}
        if why := _key_refuses(topic_arn, asked) if bucket else "":
            _log.warning("%s is not told of an event of %s: %s", topic_arn, bucket, why)
        else:
            original(account_id, event_body, topic_arn, region_name)

    return _send_sns_message


def _key_refuses(topic_arn: str, asked: dict[str, str]) -> str:
    return kms_keys.refusal_by_topic(topic_arn, service="s3.amazonaws.com", context=asked)


def _policy(kind: str, arn: str) -> Any:
    """The policy of a topic, queue or function; None if it does not exist."""
    region, name = arn.split(":")[3], arn.split(":")[-1]
    if kind == "Topic":
        topic = backends.backend("sns", region).topics.get(arn)
        return topic and topic._policy_json
    if kind == "Queue":
        queue = backends.backend("sqs", region).queues.get(name)
        return queue and json.dumps(queue._policy_json)
    functions = {function.function_arn: function for function in backends.backend("lambda", region)._lambdas.latest()}
    return arn in functions and {"Statement": functions[arn].policy.statements}


def invoke_function_asynchronously(_original: Any) -> Any:
    """As the function's policy lets it now; what it lets no more is lost, as on AWS."""

    def _invoke_awslambda(account_id: str, event_body: Any, fn_arn: str, region_name: str) -> None:
        bucket = event_body["Records"][0]["s3"]["bucket"]["arn"]
        asked = {"aws:SourceArn": bucket, "aws:SourceAccount": account_id}
        policy, action = _policy("CloudFunction", fn_arn), "lambda:InvokeFunction"
        if policies.allows(policy, action=action, service="s3.amazonaws.com", context=asked):
            invoke_later(backends.backend("lambda", region_name).get_function(fn_arn), event_body)
        else:
            _log.warning("%s is not told of an event of %s: its policy does not let it", fn_arn, bucket)

    return _invoke_awslambda


def permit_as_the_policy_says(original: Any) -> Any:
    """
    A policy may deny what comes without TLS; the lab's endpoint stands for one that has it.

    moto asks no statement for whom it is: what lets a service in would let in everybody.
    """

    def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
        if self.policy is None:
            return original(self, action, resource)
        document = json.loads(self.policy)
        kept = [found for found in policies.statements(document) if _is_open(found) or found["Effect"] == "Deny"]
        kept = [found for found in kept if not _only_insecure(found)]
        return IAMPolicy(json.dumps({**document, "Statement": kept})).is_action_permitted(action, resource)

    return get_permission


def _only_insecure(statement: dict[str, Any]) -> bool:
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, value in keys.items():
            values = value if isinstance(value, list) else [value]
            if operator.startswith("Bool") and key.lower() == "aws:securetransport":
                return [str(one).lower() for one in values] == ["false"]
    return False


def refuse_blocked_public_policy(original: Any) -> Any:
    """Block public access has to be lifted before a policy may open the bucket."""

    def put_bucket_policy(self: Any, bucket_name: str, policy: bytes) -> None:
        blocks = [self.get_bucket(bucket_name).public_access_block, _account_block(self)]
        shut = any(block and str(block.block_public_policy).lower() == "true" for block in blocks)
        if shut and _is_public(json.loads(policy)):
            message = "User is not authorized to perform: s3:PutBucketPolicy because public policies are blocked"
            raise S3ClientError("AccessDenied", f"{message} by the BlockPublicPolicy block public access setting.")
        original(self, bucket_name, policy)

    return put_bucket_policy


def _account_block(backend: S3Backend) -> Any:
    """What counts for all buckets of the account, beside each bucket's own."""
    return s3control_backends[backend.account_id][backend.partition].public_access_block


def _is_public(document: dict[str, Any]) -> bool:
    return any(map(_is_open, policies.statements(document)))


def _is_open(statement: dict[str, Any]) -> bool:
    """Whether a statement lets everybody do something, whatever the circumstances."""
    everybody = statement.get("Principal") in ("*", {"AWS": "*"})
    return statement["Effect"] == "Allow" and everybody and not statement.get("Condition")


def install(_machines: bool = False) -> None:
    wrap(notifications, "_get_s3_event", write_event_like_s3)
    wrap(notifications, "_send_sns_message", publish_as_the_key_lets_it)
    wrap(notifications, "_invoke_awslambda", invoke_function_asynchronously)
    wrap(S3Response, "_notification_config_from_body", drop_empty_filter_rules)
    wrap(S3Backend, "put_bucket_notification_configuration", refuse_destination_that_takes_no_events)
    wrap(FakeBucket, "get_permission", permit_as_the_policy_says)
    wrap(S3Backend, "put_bucket_policy", refuse_blocked_public_policy)
