"""A topic that is encrypted is told of nothing by who may not use its key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import delivery
from lab.services.kms import keys

BUCKET = "arn:aws:s3:::files"
FROM = {"StringEquals": {"aws:SourceAccount": "123456789012"}, "ArnEquals": {"aws:SourceArn": BUCKET}}


def policy(*actions: str) -> str:
    said = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Resource": "*", "Condition": FROM}
    return json.dumps({"Version": "2012-10-17", "Statement": [said | {"Action": list(actions)}]})


BOTH = policy("kms:Decrypt", "kms:GenerateDataKey*")


@pytest.fixture
def topic(api: None, client: Any) -> str:
    """Encrypted, with a queue that hears what the bucket tells it."""
    client("s3").create_bucket(Bucket="files")
    arn = str(client("sns").create_topic(Name="uploads")["TopicArn"])
    said = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish", "Resource": arn}
    client("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps({"Statement": [said]})
    )
    client("sqs").create_queue(QueueName="told")
    client("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:told")
    return arn


def encrypt(client: Any, topic: str, key: str) -> None:
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)


def announce(client: Any, topic: str) -> None:
    wanted = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]}
    client("s3").put_bucket_notification_configuration(Bucket="files", NotificationConfiguration=wanted)


def told(client: Any) -> int:
    """How many messages an upload makes."""
    delivery.wait_until_idle()
    _take(client)
    client("s3").put_object(Bucket="files", Key="a", Body=b"x")
    delivery.wait_until_idle()
    return _take(client)


def _take(client: Any) -> int:
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName="told")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for one in found:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return len(found)


@pytest.mark.parametrize(
    "wrong", ["alias/aws/sns", "no such key", policy("kms:Decrypt"), policy("kms:GenerateDataKey")]
)
def test_s3_announces_nothing_to_a_topic_whose_key_it_cannot_use(client: Any, topic: str, wrong: str) -> None:
    key = wrong
    if wrong.startswith("{"):
        key = client("kms").create_key(Policy=wrong)["KeyMetadata"]["Arn"]
    encrypt(client, topic, key)
    with pytest.raises(ClientError, match="Unable to validate the following destination"):
        announce(client, topic)


def test_a_key_that_is_disabled_or_goes_stops_what_it_encrypts(client: Any, topic: str) -> None:
    kms = client("kms")
    key = kms.create_key(Policy=BOTH)["KeyMetadata"]["Arn"]
    encrypt(client, topic, key)
    announce(client, topic)
    assert told(client) == 1
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert told(client) == 0
    kms.cancel_key_deletion(KeyId=key)
    assert told(client) == 0  # it is disabled then
    kms.enable_key(KeyId=key)
    assert told(client) == 1


def test_another_bucket_and_another_service_may_not_use_the_key(client: Any, topic: str) -> None:
    key = client("kms").create_key(Policy=BOTH)["KeyMetadata"]["Arn"]
    ours = {"aws:SourceArn": BUCKET, "aws:SourceAccount": "123456789012"}
    asked = {"key": key, "region": "us-east-1"}
    assert keys.refusal(**asked, service="s3.amazonaws.com", context=ours) == ""
    assert keys.refusal(**asked, service="cloudwatch.amazonaws.com", context=ours)
    assert keys.refusal(**asked, service="s3.amazonaws.com", context=ours | {"aws:SourceArn": f"{BUCKET}2"})
