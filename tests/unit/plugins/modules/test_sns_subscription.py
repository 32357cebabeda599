"""The module sns_subscription: redrive, and people who have not clicked yet."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab import backends
from lab.services.sns import store
from lab.services.sns import topics as sns

MODULE = "sns_subscription"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:dead"


pytestmark = pytest.mark.usefixtures("no_mail")


@pytest.fixture
def topic(client: Any) -> str:
    client("sqs").create_queue(QueueName="dead")
    return client("sns").create_topic(Name="news")["TopicArn"]


def attributes(client: Any, topic: str) -> dict[str, str]:
    found = client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return client("sns").get_subscription_attributes(SubscriptionArn=found[0]["SubscriptionArn"])["Attributes"]


def test_a_subscription_keeps_what_it_could_not_deliver(cycle: Any, client: Any, topic: str) -> None:
    target = {"topic_arn": topic, "protocol": "sqs", "endpoint": QUEUE.replace("dead", "live")}
    client("sqs").create_queue(QueueName="live")
    cycle(MODULE, **target)
    seen = cycle(MODULE, **target, dead_letter_queue_arn=QUEUE)
    assert seen[1]["confirmed"]
    assert json.loads(attributes(client, topic)["RedrivePolicy"]) == {"deadLetterTargetArn": QUEUE}
    cycle(MODULE, **target, raw_message_delivery=True, filter_policy={"kind": ["new"]})
    assert "RedrivePolicy" in attributes(client, topic)
    gone = [run_module_state["changed"] for run_module_state in cycle(MODULE, **target, state="absent")]
    assert gone == [True, True, False, False]


def test_a_person_who_has_not_agreed_yet_is_neither_changed_nor_removed(
    run_module: Any, cycle: Any, client: Any, topic: str
) -> None:
    person = {"topic_arn": topic, "protocol": "email", "endpoint": "someone@example.com"}
    seen = cycle(MODULE, **person)
    assert [one["confirmed"] for one in seen] == [False] * 4
    assert run_module(MODULE, **person, filter_policy={"kind": ["new"]})["changed"] is False
    assert run_module(MODULE, **person, state="absent")["changed"] is False
    assert len(client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 1

    subscription = next(iter(backends.backend("sns", "us-east-1").subscriptions.values()))
    assert sns.confirm(topic, store.stores.at(subscription.account_id, "us-east-1").tokens[subscription])
    now = run_module(MODULE, **person)
    assert (now["changed"], now["confirmed"], now["subscription_arn"]) == (False, True, subscription.arn)


def test_the_plan_for_a_topic_that_is_not_there_yet(run_module: Any) -> None:
    missing = "arn:aws:sns:us-east-1:123456789012:not-yet"
    result = run_module(MODULE, check=True, topic_arn=missing, protocol="email", endpoint="someone@example.com")
    assert result["changed"]
