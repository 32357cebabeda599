"""The report of each day for a stack that is there: function, API, name and schedule come, and go with the teardown."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from .conftest import NAME

HOST = "reports.example.test"
FUNCTION, QUEUE = f"{NAME}-daily-report-lambda", f"{NAME}-reports-dead-letter-queue"


@pytest.fixture(scope="module")
def choices(client, endpoint) -> dict[str, Any]:
    client("acm").request_certificate(DomainName="other.test")  # the first makes the authority that vouches
    return {
        "threetier_daily_report": True,
        "threetier_domain": "example.test",
        "functions_database_ca_bundle_url": f"{endpoint}/lab/ca.pem",
    }


def test_a_plan_shows_what_reports_bring_and_makes_nothing(client, site, choices):
    said = site.play("site", "--check", **choices)
    assert not said.failed, said.said
    for resource in (
        f"lambda {FUNCTION}",
        f"apigatewayv2_api {NAME}-reports-http-api",
        f"apigatewayv2_domain_name {HOST}",
        f"scheduler_schedule_group {NAME}-schedules",
        "scheduler_schedule daily-report",
        f"sqs_queue {QUEUE}",
    ):
        assert f"+ {resource}" in said.said, resource
    assert client("apigatewayv2").get_apis()["Items"] == []


def test_a_stack_gets_its_reports_in_place(client, site, choices):
    said = site.play("site", **choices)
    assert not said.failed, said.said
    function = client("lambda").get_function_configuration(FunctionName=FUNCTION)
    groups = client("ec2").describe_security_groups(GroupIds=function["VpcConfig"]["SecurityGroupIds"])[
        "SecurityGroups"
    ]
    assert [group["GroupName"] for group in groups] == [f"{NAME}-functions-sg"]
    assert groups[0]["IpPermissions"] == []
    assert {rule["FromPort"] for rule in groups[0]["IpPermissionsEgress"]} == {443, 3306, 4566}  # that of the lab's API
    schedule = client("scheduler").get_schedule(GroupName=f"{NAME}-schedules", Name="daily-report")
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("cron(0 5 * * ? *)", "ENABLED")
    policy = client("secretsmanager").get_resource_policy(SecretId=f"{NAME}-app-db")["ResourcePolicy"]
    assert f"role/{FUNCTION}-iam-role" in policy
    assert "changed=0" in site.play("site", **choices).said.rsplit("PLAY RECAP", 1)[1]
    drift = site.play("drift", "--check", **choices).said
    assert "Nothing drifted" in drift, drift[-3000:]


def test_who_does_not_sign_gets_no_report(site):
    asked = urllib.request.Request(f"{site.endpoint}/reports/daily", headers={"Host": HOST})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    assert refused.value.code == 403


def test_the_doctor_names_what_keeps_reports_from_being_made(client, site, choices):
    """Four faults at once, each found by name."""
    with site.copy() as copy:
        there = copy.client("scheduler")
        schedule = there.get_schedule(GroupName=f"{NAME}-schedules", Name="daily-report")
        kept = {key: schedule[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "Target")}
        there.update_schedule(GroupName=f"{NAME}-schedules", Name="daily-report", State="DISABLED", **kept)
        copy.client("lambda").remove_permission(FunctionName=FUNCTION, StatementId="reports")
        queue = copy.client("sqs").get_queue_url(QueueName=QUEUE)["QueueUrl"]
        attribute = {"SCHEDULE_ARN": {"DataType": "String", "StringValue": schedule["Arn"]}}
        body = json.dumps({"scheduled": "2026-01-02T05:00:00Z"})
        copy.client("sqs").send_message(QueueUrl=queue, MessageBody=body, MessageAttributes=attribute)
        gateway = copy.client("apigatewayv2")
        (api,) = gateway.get_apis()["Items"]
        (route,) = gateway.get_routes(ApiId=api["ApiId"])["Items"]
        gateway.update_route(ApiId=api["ApiId"], RouteId=route["RouteId"], AuthorizationType="NONE")
        said = copy.play("doctor", "--limit", "localhost:regions", **choices).said
        for sentence in (
            "It is disabled: no report is made.",
            "Its policy does not let the API call it: requests are answered 500.",
            "Reports that could not be made: 1.",
            "It has a route that everybody may call.",
        ):
            assert sentence in said, sentence


def test_without_them_the_schedule_goes_and_a_teardown_removes_the_rest(client, site, choices):
    with site.copy() as copy:
        said = copy.play("functions", threetier_domain="example.test")
        assert not said.failed, said.said
        assert copy.client("scheduler").list_schedules()["Schedules"] == []
        said = copy.play("teardown", teardown_confirm=NAME)
        assert not said.failed, said.said
        left = {
            "apis": copy.client("apigatewayv2").get_apis()["Items"],
            "names": copy.client("apigatewayv2").get_domain_names()["Items"],
            "functions": copy.client("lambda").list_functions()["Functions"],
            "queues": copy.client("sqs").list_queues().get("QueueUrls", []),
            "groups": copy.client("scheduler").list_schedule_groups()["ScheduleGroups"][1:],  # the first is AWS's
            "buckets": copy.client("s3").list_buckets()["Buckets"],
            "logs": copy.client("logs").describe_log_groups()["logGroups"],
        }
        assert {kind: found for kind, found in left.items() if found} == {}
