"""The module s3_bucket_notification: one entry is ours, all others stay."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils._s3 import buckets

MODULE = "s3_bucket_notification"


@pytest.fixture
def topic(client: Any) -> str:
    client("s3").create_bucket(Bucket="uploads")
    arn = client("sns").create_topic(Name="news")["TopicArn"]
    allow(client, arn)
    return arn


def allow(client: Any, topic: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": topic}]}
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))


def configured(client: Any) -> dict[str, Any]:
    found = client("s3").get_bucket_notification_configuration(Bucket="uploads")
    found.pop("ResponseMetadata")
    return found


def test_a_notification_is_added_once_and_removed_once(cycle: Any, client: Any, topic: str) -> None:
    ours = {"bucket": "uploads", "name": "ours"}
    cycle(MODULE, **ours, topic_arn=topic, events=["s3:ObjectCreated:*"])
    assert configured(client)["TopicConfigurations"][0]["Events"] == ["s3:ObjectCreated:*"]
    cycle(MODULE, **ours, topic_arn=topic, events=["s3:ObjectCreated:*"], prefix="in/", suffix=".txt")
    cycle(MODULE, **ours, state="absent")
    assert "TopicConfigurations" not in configured(client)


def test_what_others_configured_stays(run_module: Any, client: Any, topic: str) -> None:
    foreign = {"Id": "foreign", "TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}
    client("s3").put_bucket_notification_configuration(
        Bucket="uploads",
        NotificationConfiguration={"TopicConfigurations": [foreign]},
    )
    ours = {"bucket": "uploads", "name": "ours", "topic_arn": topic}
    run_module(MODULE, **ours, events=["s3:ObjectCreated:Put"])
    run_module(MODULE, **ours, events=["s3:ObjectCreated:*"])
    now = configured(client)
    assert {entry["Id"]: entry["Events"] for entry in now["TopicConfigurations"]} == {
        "foreign": ["s3:ObjectRemoved:*"],
        "ours": ["s3:ObjectCreated:*"],
    }
    run_module(MODULE, bucket="uploads", name="ours", state="absent")
    assert [entry["Id"] for entry in configured(client)["TopicConfigurations"]] == ["foreign"]


def test_eventbridge_stays_on() -> None:
    """On its own, because moto does not tell of it."""
    ours = {"kind": "TopicConfigurations", "Id": "ours", "TopicArn": "arn", "Events": ["s3:ObjectCreated:*"]}
    there = {"EventBridgeConfiguration": {}, "QueueConfigurations": [{"Id": "foreign"}]}
    merged = buckets.merge_notification(there, "ours", ours)
    assert merged == {**there, "TopicConfigurations": [{k: ours[k] for k in ("Id", "TopicArn", "Events")}]}
    assert buckets.merge_notification(merged, "ours", {}) == there


def test_a_policy_that_takes_a_moment_to_arrive_is_waited_for(
    run_module: Any, client: Any, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = {"Version": "2012-10-17", "Statement": []}
    client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(nobody))
    naps = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            allow(client, topic)

    monkeypatch.setattr("ansible_collections.amazon.aws.plugins.module_utils.cloud.time.sleep", nap)
    result = run_module(MODULE, bucket="uploads", name="ours", topic_arn=topic, events=["s3:ObjectCreated:*"])
    assert result["changed"]
    assert len(naps) == 2


def test_the_plan_for_a_bucket_that_is_not_there_yet(run_module: Any, topic: str) -> None:
    ours = {"bucket": "not-yet", "name": "ours", "topic_arn": topic, "events": ["s3:ObjectCreated:*"]}
    assert run_module(MODULE, check=True, **ours)["changed"]
    assert "NoSuchBucket" in run_module(MODULE, **ours)["msg"]
