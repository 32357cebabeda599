"""Reading the queue of dead letters, and handing them to the function again."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils._sqs import queues

from lab import delivery

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
# Fails on what says so, and tells in its log what it has seen.
HANDLER = """
import json
def handler(event, context):
    for record in event["Records"]:
        message = json.loads(record["Sns"]["Message"])
        print("seen", message["key"])
        if message.get("fails"):
            raise ValueError("told to fail")
"""
WHICH = {"queue_name": "dead", "function_name": "worker"}


def make_function(client: Callable[[str], Any]) -> None:
    role = client("iam").create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("handler.py", HANDLER)
    client("lambda").create_function(
        FunctionName="worker",
        Runtime="python3.13",
        Role=role,
        Handler="handler.handler",
        Code={"ZipFile": packed.getvalue()},
    )


@pytest.fixture
def queue(client: Callable[[str], Any]) -> str:
    make_function(client)
    return str(client("sqs").create_queue(QueueName="dead")["QueueUrl"])


def notification(**message: Any) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": message["key"], "Message": json.dumps(message)}


def by_lambda(**message: Any) -> str:
    """As Lambda leaves an event that it has given up."""
    return json.dumps({"Records": [{"EventSource": "aws:sns", "Sns": notification(**message)}]})


def by_sns(**message: Any) -> str:
    """As SNS leaves what it could not deliver."""
    return json.dumps(notification(**message) | {"SigningCertURL": "https://sns.example/cert"})


def seen(client: Callable[[str], Any]) -> list[str]:
    assert delivery.wait_until_idle()
    events = client("logs").filter_log_events(logGroupName="/aws/lambda/worker")["events"]
    return sorted(one["message"].split()[1] for one in events if one["message"].startswith("seen "))


def waiting(client: Callable[[str], Any], queue: str) -> int:
    wanted = ["ApproximateNumberOfMessages"]
    answer = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=wanted)["Attributes"]
    return int(answer["ApproximateNumberOfMessages"])


def test_the_queue_tells_how_many_messages_wait(run_module, client, queue):
    client("sqs").send_message(QueueUrl=queue, MessageBody="x")
    found = run_module("sqs_queue_info", name="dead")["queues"]
    assert [(one["approximate_number_of_messages"], one["queue_url"]) for one in found] == [(1, queue)]
    assert found[0]["queue_arn"].endswith(":dead")
    assert run_module("sqs_queue_info", name="nobody")["queues"] == []


def test_letters_of_both_kinds_are_dealt_with_once_and_leave(run_module, client, queue):
    for number in range(12):
        body = by_lambda(key=f"l{number:02}") if number % 2 else by_sns(key=f"s{number:02}")
        client("sqs").send_message(QueueUrl=queue, MessageBody=body)
    predicted = run_module("sqs_dead_letter_redrive", check=True, **WHICH)
    assert (predicted["changed"], predicted["redriven"], waiting(client, queue)) == (True, 12, 12)
    done = run_module("sqs_dead_letter_redrive", **WHICH)
    assert (done["changed"], done["waiting"], done["redriven"], done["kept"]) == (True, 12, 12, [])
    assert done["diff"] == predicted["diff"]
    assert len(seen(client)) == len(set(seen(client))) == 12
    assert waiting(client, queue) == 0
    again = run_module("sqs_dead_letter_redrive", **WHICH)
    assert (again["changed"], again["redriven"]) == (False, 0)


def test_what_fails_again_stays_and_is_told(run_module, client, queue):
    for body in (by_lambda(key="good"), by_lambda(key="bad", fails=True), "no event"):
        client("sqs").send_message(QueueUrl=queue, MessageBody=body)
    done = run_module("sqs_dead_letter_redrive", **WHICH)
    assert done["redriven"] == 1
    assert sorted(one["problem"] for one in done["kept"]) == [
        "ValueError: told to fail",
        "this is no event of Lambda, EventBridge Scheduler or SNS",
    ]
    assert waiting(client, queue) == 2  # visible at once, not after an hour


@pytest.mark.parametrize(("keeper", "known"), [("SCHEDULE_ARN", True), ("RequestID", True), ("Other", False)])
def test_what_lambda_and_scheduler_keep_is_an_event_whatever_is_in_it(keeper, known):
    event = {"scheduled": "2026-01-02T05:00:00Z"}
    assert queues.event_in(json.dumps(event), {keeper: {}}) == (event if known else None)


def test_a_limit_leaves_the_rest_visible(run_module, client, queue):
    for number in range(5):
        client("sqs").send_message(QueueUrl=queue, MessageBody=by_lambda(key=str(number)))
    assert run_module("sqs_dead_letter_redrive", **WHICH, limit=3)["redriven"] == 3
    assert waiting(client, queue) == 2


def test_a_queue_that_is_not_there_is_a_sentence(run_module):
    assert "There is no queue dead." in run_module("sqs_dead_letter_redrive", **WHICH)["msg"]


def test_lines_of_a_log_are_found_by_phrase_and_age(run_module, client):
    logs = client("logs")
    assert run_module("logs_event_info", log_group_name="/g", phrases=["x"])["events"] == []
    logs.create_log_group(logGroupName="/g")
    logs.create_log_stream(logGroupName="/g", logStreamName="s")
    now = int(time.time() * 1000)
    told = [(now - 3_600_000, "[ERROR] long ago"), (now - 2000, "fine"), (now - 1000, "[ERROR] just now")]
    logs.put_log_events(
        logGroupName="/g", logStreamName="s", logEvents=[{"timestamp": at, "message": text} for at, text in told]
    )
    found = run_module("logs_event_info", log_group_name="/g", phrases=["[ERROR]", "Task timed out"], seconds=60)
    assert [one["message"] for one in found["events"]] == ["[ERROR] just now"]
