"""Writes down what is known of each file: S3 event in an SNS envelope in, one item of the table out.

An item tells of the file as it is now, in `history` of what it was before, and in `deleted_at` that it is gone. What
fails is raised, so that Lambda tries again and at last hands the event to the dead-letter queue. Events come at least
once and in any order; the sequencer, which S3 makes greater with each change of a key, tells the newest.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HISTORY = 50  # what is kept of a name's past; an item may have 400 KB
_SEQUENCER_LENGTH = 64  # to compare two, S3 has the shorter one padded on the right
SUMMED = 64 * 2**20  # bytes; a larger file gets no checksum, for the function has half a minute
_TRIES = 10  # to write an item that others write at the same time
_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)

Item = dict[str, Any]


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
    describe = {"ObjectCreated": _created, "ObjectRemoved": _removed}.get(name.removeprefix("s3:").partition(":")[0])
    if not describe:
        return _say("skipped", why="neither creates nor removes", event=name)
    item, request = describe(record, bucket, unquote_plus(key))
    outcome = "written" if _put(item) else "outdated"
    return _say(
        outcome, event=name, bucket=bucket, file=item["file_name"], sequencer=item["sequencer"], request=request
    )


def _created(record: dict[str, Any], bucket: str, key: str) -> tuple[Item, str | None]:
    """The item of a file that was stored, and the id of the request that stored it.

    Type, checksum and request are told by the object, not by the event, unless the object is gone by now.
    """
    stored = record["s3"]["object"]
    found = _look(bucket, key, stored.get("versionId")) or {}
    item = _item(record, bucket, key) | {
        "timestamp": record["eventTime"],
        "size": stored.get("size"),
        "etag": stored.get("eTag"),
        "version_id": stored.get("versionId"),
        "content_type": found.get("ContentType"),
        "sha256": found.get("SHA256"),
    }
    return _given(item), found.get("Metadata", {}).get("request-id")


def _removed(record: dict[str, Any], bucket: str, key: str) -> tuple[Item, str | None]:
    """The item of a file of which something was removed: the file itself, a version of it, or the mark that hid it."""
    item = _item(record, bucket, key)
    found = _look(bucket, key)
    if found is None:
        return item | {"timestamp": record["eventTime"], "deleted_at": record["eventTime"]}, None
    item |= {
        "timestamp": found["LastModified"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "size": found["ContentLength"],
        "etag": found["ETag"].strip('"'),
        "version_id": found.get("VersionId"),
        "content_type": found.get("ContentType"),
        "sha256": found.get("SHA256"),
    }
    return _given(item), found.get("Metadata", {}).get("request-id")


def _item(record: dict[str, Any], bucket: str, key: str) -> Item:
    sequencer = record["s3"]["object"].get("sequencer", "").upper().ljust(_SEQUENCER_LENGTH, "0")
    return {"file_name": key, "bucket_name": bucket, "sequencer": sequencer}


def _given(item: Item) -> Item:
    return {name: value for name, value in item.items() if value is not None}


def _look(bucket: str, key: str, version: str | None = None) -> dict[str, Any] | None:
    """What the object, or one version of it, says of itself, and as SHA256 its checksum in hex; None if it is gone."""
    try:
        said: dict[str, Any] = _s3().get_object(Bucket=bucket, Key=key, **({"VersionId": version} if version else {}))
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 405):  # 405: a delete marker
            return None
        raise
    with contextlib.closing(said.pop("Body")) as body:
        if said["ContentLength"] > SUMMED:
            return said
        checksum = hashlib.sha256()
        for part in body.iter_chunks():
            checksum.update(part)
    return {**said, "SHA256": checksum.hexdigest()}


def _put(item: Item) -> bool:
    """Write the item, and what was there before it into its history. False if it is not the newest, or is there."""
    for _ in range(_TRIES):
        before = _table().get_item(Key={"file_name": item["file_name"]}, ConsistentRead=True).get("Item", {})
        after = _merged(before, item)
        if after is None:
            return False
        seen = before.get("sequencer")
        try:
            _table().put_item(
                Item=after,
                ConditionExpression="sequencer = :seen" if seen else "attribute_not_exists(sequencer)",
                **({"ExpressionAttributeValues": {":seen": seen}} if seen else {}),
            )
            return bool(after["sequencer"] == item["sequencer"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
    raise RuntimeError(f"The item was written by others {_TRIES} times meanwhile.")


def _merged(before: Item, item: Item) -> Item | None:
    """What the table should hold once both are known; None if it holds that already."""
    known = [before, *before.get("history", ())] if before else []
    if item["sequencer"] in [one.get("sequencer") for one in known] or _is_same_object(before, item):
        return None
    newest, *older = sorted([*known, item], key=lambda one: str(one.get("sequencer", "")), reverse=True)
    history = [{key: one[key] for key in one if key not in ("file_name", "bucket_name", "history")} for one in older]
    named = {"file_name": item["file_name"], "bucket_name": item["bucket_name"]}
    after = {key: value for key, value in newest.items() if key != "history"} | named
    return after | ({"history": history[:HISTORY]} if history else {})


def _is_same_object(before: Item, item: Item) -> bool:
    """Whether this is the very version that is written down: an older one of the file was removed."""
    version = item.get("version_id")
    return version is not None and "deleted_at" not in before and version == before.get("version_id")


def _say(outcome: str, **fields: str | None) -> str:
    _log.info(json.dumps({"outcome": outcome, **fields}, ensure_ascii=False))
    return outcome


@functools.cache
def _s3() -> Any:
    return boto3.client("s3", config=_CONFIG)


@functools.cache
def _table() -> Any:
    return boto3.resource("dynamodb", config=_CONFIG).Table(os.environ["TABLE_NAME"])
