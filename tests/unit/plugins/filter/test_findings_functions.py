"""The doctor on the report of each day: what keeps it from being made is named, with what mends it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils._findings import functions

HERE = "us-east-1:123456789012"
NAMES = {
    "schedule": "demo-schedules/daily-report",
    "api": "demo-reports-http-api",
    "route": "GET /reports/daily",
    "api_source": f"arn:aws:execute-api:{HERE}:API/$default/GET/reports/daily",
    "function": "demo-daily-report-lambda",
    "function_arn": f"arn:aws:lambda:{HERE}:function:demo-daily-report-lambda",
    "queue": "demo-reports-dead-letter-queue",
    "queue_arn": f"arn:aws:sqs:{HERE}:demo-reports-dead-letter-queue",
}
SCHEDULE = {
    "schedule_expression": "cron(0 5 * * ? *)",
    "schedule_expression_timezone": "UTC",
    "enabled": True,
    "target_arn": NAMES["function_arn"],
    "dead_letter_arn": NAMES["queue_arn"],
}
ROUTE = {"function_arn": NAMES["function_arn"], "authorization_type": "AWS_IAM"}
API = {"routes": {NAMES["route"]: ROUTE}, "stage": {"access_log_arn": ""}}
POLICY = {
    "Effect": "Allow",
    "Principal": {"Service": "apigateway.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:execute-api:{HERE}:a1/*/GET/reports/daily"}},
}
FUNCTION = {
    "function_arn": NAMES["function_arn"],
    "state": "Active",
    "policy": json.dumps({"Statement": [POLICY]}),
    "vpc_config": {"security_group_ids": ["sg-1"]},
}


def well() -> dict[str, Any]:
    return {
        "schedule": {"diff": {"before": SCHEDULE}},
        "api": {"api": {"id": "a1"}, "diff": {"before": API}},
        "function": {"functions": [FUNCTION]},
        "errors": {"events": []},
        "queue": {"queues": [{"approximate_number_of_messages": 0}]},
    }


def test_a_stack_without_reports_has_nothing_to_look_at() -> None:
    assert functions.findings({}, {}) == []


def test_all_is_well() -> None:
    found = functions.findings(well(), NAMES)
    assert [one for one in found if one["state"] != "good"] == []
    assert {one["place"] for one in found} == set(functions.PLACES)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"schedule": {"diff": {"before": {}}}}, "There is no such schedule"),
        ({"schedule": {"diff": {"before": {**SCHEDULE, "enabled": False}}}}, "It is disabled"),
        ({"schedule": {"diff": {"before": {**SCHEDULE, "target_arn": "arn:other"}}}}, "It calls arn:other"),
        ({"schedule": {"diff": {"before": {**SCHEDULE, "dead_letter_arn": ""}}}}, "is lost"),
        ({"api": {"api": {"id": "a1"}, "diff": {"before": {}}}}, "There is no such API"),
        ({"api": {"api": {"id": "a1"}, "diff": {"before": {**API, "stage": {}}}}}, "It has no stage"),
        ({"api": {"api": {"id": "a1"}, "diff": {"before": {**API, "routes": {}}}}}, "does not lead to the function"),
        (
            {
                "api": {
                    "api": {"id": "a1"},
                    "diff": {"before": {**API, "routes": {NAMES["route"]: {**ROUTE, "authorization_type": "NONE"}}}},
                }
            },
            "everybody may call",
        ),
        ({"api": {"api": {"id": "b2"}, "diff": {"before": API}}}, "does not let the API call it"),
        ({"function": {"functions": []}}, "There is no such function"),
        ({"function": {"functions": [{**FUNCTION, "state": "Failed"}]}}, "It is Failed"),
        ({"function": {"functions": [{**FUNCTION, "vpc_config": {}}]}}, "It stands in no VPC"),
        ({"errors": {"events": [{"time": "t", "message": "[ERROR] no"}]}}, "1 of late, the last at t: [ERROR] no"),
        ({"queue": {"queues": []}}, "There is no such queue"),
        ({"queue": {"queues": [{"approximate_number_of_messages": 2}]}}, "Reports that could not be made: 2."),
        ({"schedule": {"failed": True, "msg": "denied"}}, "It could not be looked at: denied"),
    ],
)
def test_each_fault_is_named(fault: dict[str, Any], says: str) -> None:
    wrong = [one for one in functions.findings({**well(), **fault}, NAMES) if one["state"] != "good"]
    assert len(wrong) == 1, wrong
    assert says in wrong[0]["says"]
    assert wrong[0]["mend"]
