"""Queues in the lab."""

from __future__ import annotations

import json

import boto3
import pytest

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
}


@pytest.mark.usefixtures("api")
def test_a_queue_keeps_its_policy_when_something_else_of_it_is_set():
    sqs = boto3.client("sqs", region_name="us-east-1")
    queue = sqs.create_queue(QueueName="a", Attributes={"Policy": json.dumps(POLICY)})["QueueUrl"]

    def policy() -> str | None:
        found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        return found.get("Policy")

    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"MessageRetentionPeriod": "60"})
    assert json.loads(policy() or "{}") == POLICY
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})
    assert not policy()
