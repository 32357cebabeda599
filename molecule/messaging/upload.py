"""Do what a person does: follow the link in the mail, upload a file with an awkward name, wait for what comes of it."""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import boto3

from lab import mailbox

T = TypeVar("T")
KEY = "a b+c%ü 'q' \"r\".txt"
CONTENT = b"for the metadata"


def wait_for(what: str, look: Callable[[], T | None], seconds: float = 60) -> T:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.5)
    sys.exit(f"No {what} within {seconds:.0f} seconds.")


def mails(about: str) -> Iterator[mailbox.Mail]:
    """The mails that name something, the newest first."""
    return (mail for mail in reversed(mailbox.read()) if about in mail.text)


def confirmation(topic: str) -> str | None:
    return next((link for mail in mails(topic) for link in mail.links if "ConfirmSubscription" in link), None)


def find(table: Any, version: str) -> dict[str, Any] | None:
    """The item of this very upload, not of an earlier run's."""
    item = table.get_item(Key={"file_name": KEY}, ConsistentRead=True).get("Item")
    return item if item and item["version_id"] == version else None


def main() -> None:
    built = json.load(sys.stdin)
    sns, s3, table = boto3.client("sns"), boto3.client("s3"), boto3.resource("dynamodb").Table(built["table_name"])

    urllib.request.urlopen(wait_for("mail that asks to confirm", lambda: confirmation(built["topic_arn"])), timeout=10)
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=built["topic_arn"])["Subscriptions"]
    assert {one["Protocol"] for one in subscriptions} == {"email", "lambda"}, subscriptions
    assert all(one["SubscriptionArn"].startswith("arn:") for one in subscriptions), subscriptions

    stored = s3.put_object(Bucket=built["backend_bucket"], Key=KEY, Body=CONTENT, ContentType="text/plain")
    item = wait_for("item in the table", lambda: find(table, stored["VersionId"]))
    assert item["bucket_name"] == built["backend_bucket"], item
    assert item["size"] == len(CONTENT), item
    assert item["content_type"] == "text/plain", item
    assert item["timestamp"].endswith("Z"), item

    wait_for("mail about the upload", lambda: next(mails(stored["VersionId"]), None))
    waiting = boto3.client("sqs").get_queue_attributes(
        QueueUrl=built["dead_letter_queue_url"], AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]["ApproximateNumberOfMessages"]
    assert waiting == "0", f"{waiting} messages are in the dead-letter queue."
    print(f"Found the metadata of {KEY!r} in {built['table_name']} and the mail about it.")


if __name__ == "__main__":
    main()
