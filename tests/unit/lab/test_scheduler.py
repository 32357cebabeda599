"""EventBridge Scheduler: when a schedule is due, and what its target and its dead-letter queue get."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import config, delivery, services
from lab.services.lambda_.environments import Outcome
from lab.services.scheduler import expressions, timekeeper


def due(expression: str, begin: str, zone: str = "UTC", number: int = 3) -> list[str]:
    """The next moments, in UTC, after one that is not among them."""
    moment: datetime | None = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    parsed, found = expressions.parse(expression, zone), []
    while moment and len(found) < number:
        moment = parsed.after(moment, moment)
        if moment:
            found.append(f"{moment:%Y-%m-%d %H:%M %a}")
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 5 * * ? *)", ["2026-02-28 05:00 Sat", "2026-03-01 05:00 Sun", "2026-03-02 05:00 Mon"]),
        ("cron(0/20 9-10 ? * MON-FRI *)", ["2026-03-02 09:00 Mon", "2026-03-02 09:20 Mon", "2026-03-02 09:40 Mon"]),
        ("cron(30 0 L * ? *)", ["2026-02-28 00:30 Sat", "2026-03-31 00:30 Tue", "2026-04-30 00:30 Thu"]),
        ("cron(0 0 15W * ? *)", ["2026-03-16 00:00 Mon", "2026-04-15 00:00 Wed", "2026-05-15 00:00 Fri"]),
        ("cron(0 0 ? * 2#1 *)", ["2026-03-02 00:00 Mon", "2026-04-06 00:00 Mon", "2026-05-04 00:00 Mon"]),
        ("cron(0 0 ? * 6L *)", ["2026-03-27 00:00 Fri", "2026-04-24 00:00 Fri", "2026-05-29 00:00 Fri"]),
        ("cron(0 0 29 FEB ? 2028)", ["2028-02-29 00:00 Tue"]),
        ("rate(12 hours)", ["2026-02-28 11:00 Sat", "2026-02-28 23:00 Sat", "2026-03-01 11:00 Sun"]),
    ],
)
def test_a_schedule_is_due_as_its_expression_says(expression: str, expected: list[str]) -> None:
    assert due(expression, "2026-02-27T23:00:00") == expected


def test_a_time_that_summer_time_leaves_out_is_left_out_and_one_that_comes_twice_counts_once() -> None:
    assert due("cron(30 2 * * ? *)", "2026-03-28T00:00:00", "Europe/Berlin", 2) == [
        "2026-03-28 01:30 Sat",
        "2026-03-30 00:30 Mon",
    ]
    assert due("cron(30 2 * * ? *)", "2026-10-24T12:00:00", "Europe/Berlin", 2) == [
        "2026-10-25 00:30 Sun",
        "2026-10-26 01:30 Mon",
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 5 * * * *)",
        "cron(0 5 * * ?)",
        "cron(60 5 * * ? *)",
        "cron(0 5 ? * 8 *)",
        "rate(0 days)",
        "rate(1 week)",
        "x",
    ],
)
def test_what_is_no_expression_is_malformed(expression: str) -> None:
    with pytest.raises(expressions.Malformed):
        expressions.parse(expression)
    with pytest.raises(expressions.Malformed):
        expressions.parse("rate(1 day)", "Europe/Nowhere")


@pytest.fixture
def schedules(api: None, client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes schedules before two queues, in an account where an hour takes a second."""
    monkeypatch.setattr(config, "SPEED", 3600.0)
    made = Schedules(client)
    yield made
    services.close()
    assert delivery.wait_until_idle()


class Schedules:
    def __init__(self, client: Any) -> None:
        self.api, self.iam, self.sqs = client("scheduler"), client("iam"), client("sqs")
        self.target, self.dead = (self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("target", "dead"))
        statement = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.role = self.iam.create_role(RoleName="s", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.allow("*")

    def allow(self, resource: str) -> None:
        allow = {"Effect": "Allow", "Action": ["sqs:SendMessage", "lambda:InvokeFunction"], "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self.iam.put_role_policy(RoleName="s", PolicyName="p", PolicyDocument=document)

    def arn(self, service: str, name: str) -> str:
        return f"arn:aws:{service}:us-east-1:{config.ACCOUNT}:{name}"

    def put(self, expression: str, target: str = "", how: str = "create_schedule", **more: Any) -> None:
        to = {
            "Arn": target or self.arn("sqs", "target"),
            "RoleArn": self.role,
            "RetryPolicy": {"MaximumRetryAttempts": 1},
        }
        to["DeadLetterConfig"] = {"Arn": self.arn("sqs", "dead")}
        to["Input"] = '{"at": "<aws.scheduler.scheduled-time>"}'
        wanted = {"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": to, **more}
        getattr(self.api, how)(Name="daily", ScheduleExpression=expression, **wanted)

    def received(self, url: str, number: int, deadline: float = 10) -> list[dict[str, Any]]:
        """At least so many messages."""
        end, found = time.monotonic() + deadline, []
        while len(found) < number and time.monotonic() < end:
            some = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
            found += some.get("Messages", [])
            time.sleep(0.02)
        return found


def test_a_schedule_fires_at_its_rate_until_it_is_disabled(schedules: Schedules) -> None:
    begin = timekeeper.now()
    schedules.put("rate(1 hours)")
    times = sorted(json.loads(one["Body"])["at"] for one in schedules.received(schedules.target, 3))
    moments = [datetime.fromisoformat(one) for one in times]
    assert abs(moments[0] - begin) < timedelta(minutes=30), "a rate begins at once"
    assert [later - one for one, later in zip(moments, moments[1:], strict=False)][:2] == [timedelta(hours=1)] * 2
    schedules.put("rate(1 hours)", how="update_schedule", State="DISABLED")
    assert delivery.wait_until_idle()
    schedules.received(schedules.target, 99, 0.1)
    assert schedules.received(schedules.target, 1, 1.5) == []


def test_a_schedule_fires_at_a_time_of_its_zone(schedules: Schedules) -> None:
    schedules.put("cron(0 * * * ? *)", ScheduleExpressionTimezone="Asia/Kolkata")
    found = json.loads(schedules.received(schedules.target, 1)[0]["Body"])["at"]
    assert found[14:16] == "30", "India is half an hour off"


def test_what_cannot_be_delivered_is_tried_again_and_lands_in_the_dead_letter_queue(schedules: Schedules) -> None:
    missing = schedules.arn("lambda", "function:gone")
    schedules.put("at(2020-01-01T00:00:00)", target=missing)
    (message,) = schedules.received(schedules.dead, 1)
    said = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert said["ERROR_CODE"] == "ResourceNotFoundException"
    assert said["RETRY_ATTEMPTS"] == "1"
    assert said["TARGET_ARN"] == missing
    assert json.loads(message["Body"]) == {"at": "2020-01-01T00:00:00Z"}


def test_a_role_that_may_not_deliver_is_said(schedules: Schedules) -> None:
    schedules.allow(schedules.arn("sqs", "dead"))
    schedules.put("at(2020-01-01T00:00:00)")
    (message,) = schedules.received(schedules.dead, 1)
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "AccessDeniedException"


def test_a_function_is_invoked_with_the_schedules_input(
    schedules: Schedules, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(
        "lab.services.lambda_.functions.invoke_now",
        lambda _function, event, _id: (seen.append(event), (Outcome(None, False, "", 1.0), ""))[1],
    )
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = schedules.iam.create_role(RoleName="f", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = {"ZipFile": b"PK\x05\x06" + bytes(18)}
    made = client("lambda").create_function(
        FunctionName="report", Runtime="python3.13", Handler="app.handler", Role=role, Code=code
    )
    schedules.put("at(2020-01-01T00:00:00)", target=made["FunctionArn"])
    end = time.monotonic() + 10
    while not seen and time.monotonic() < end:
        time.sleep(0.02)
    assert seen == [{"at": "2020-01-01T00:00:00Z"}]


def test_what_eventbridge_would_refuse_is_refused(schedules: Schedules) -> None:
    with pytest.raises(ClientError, match="Invalid Schedule Expression"):
        schedules.put("cron(0 5 * * * *)")
    with pytest.raises(ClientError, match="group nobody does not exist"):
        schedules.put("rate(1 day)", GroupName="nobody")
    with pytest.raises(ClientError, match="time zone Nowhere"):
        schedules.put("rate(1 day)", ScheduleExpressionTimezone="Nowhere")
    schedules.role = schedules.arn("iam", "role/nobody").replace("us-east-1", "")
    with pytest.raises(ClientError, match="assume the role"):
        schedules.put("rate(1 day)")
