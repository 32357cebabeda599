"""Writes down what is known of each uploaded file: S3 event in an SNS envelope in, one item of the table out.

What fails is raised, so that Lambda tries again and at last hands the event to the dead-letter queue. Events come at
least once and in any order; the sequencer, which S3 makes greater with each change of a key, tells the newest.
"""

from __future__ import annotations

import functools
import json
import logging
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

_SEQUENCER_LENGTH = 64  # to compare two, S3 has the shorter one padded on the right
_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """Entry point; returns how many records were written, were out of date or were none of ours."""
    counts = {"written": 0, "outdated": 0, "skipped": 0}
    for message in _messages(event):
        for record in message.get("Records", ()):
            counts[_record(record)] += 1
        if "Records" not in message:  # s3:TestEvent, sent once when the bucket's notification is set up
            _say("skipped", why="no records", event=message.get("Event"))
            counts["skipped"] += 1
    return counts


def _messages(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for envelope in event["Records"]:
        yield json.loads(envelope["Sns"]["Message"])


def _record(record: dict[str, Any]) -> str:
    bucket = record.get("s3", {}).get("bucket", {}).get("name")
    key = record.get("s3", {}).get("object", {}).get("key")
    name = record.get("eventName", "")
    if not bucket or not key:
        return _say("skipped", why="no bucket or no key", event=name)
    if not name.removeprefix("s3:").startswith("ObjectCreated:"):
        return _say("skipped", why="creates nothing", event=name)
    item = _item(record, bucket, unquote_plus(key))
    outcome = "written" if _put(item) else "outdated"
    return _say(outcome, bucket=bucket, file=item["file_name"], sequencer=item["sequencer"])


def _item(record: dict[str, Any], bucket: str, key: str) -> dict[str, Any]:
    stored = record["s3"]["object"]
    item = {
        "file_name": key,
        "bucket_name": bucket,
        "timestamp": record["eventTime"],
        "size": stored.get("size"),
        "etag": stored.get("eTag"),
        "version_id": stored.get("versionId"),
        "content_type": _content_type(bucket, key, stored.get("versionId")),
        "sequencer": stored.get("sequencer", "").upper().ljust(_SEQUENCER_LENGTH, "0"),
    }
    return {name: value for name, value in item.items() if value is not None}


def _content_type(bucket: str, key: str, version: str | None) -> str | None:
    """The event doesn't tell the content type, the object does, unless it is gone by now."""
    try:
        head = _s3().head_object(Bucket=bucket, Key=key, **({"VersionId": version} if version else {}))
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise
    return head.get("ContentType")


def _put(item: dict[str, Any]) -> bool:
    """Write the item unless this event or a later one of the same file is there already."""
    try:
        _table().put_item(
            Item=item,
            ConditionExpression="attribute_not_exists(sequencer) OR sequencer < :sequencer",
            ExpressionAttributeValues={":sequencer": item["sequencer"]},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _say(outcome: str, **fields: str | None) -> str:
    _log.info(json.dumps({"outcome": outcome, **fields}, ensure_ascii=False))
    return outcome


@functools.cache
def _s3():
    return boto3.client("s3", config=_CONFIG)


@functools.cache
def _table():
    return boto3.resource("dynamodb", config=_CONFIG).Table(os.environ["TABLE_NAME"])
