"""The report of each day: by schedule with time 60 times faster, by a signed request, and after a failure."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lab import config
from tests.api import poll

from .conftest import playbook

CHOICES = ("-e", json.dumps({"threetier_daily_report": True, "threetier_report_schedule": "rate(1 hour)"}))
FUNCTION, QUEUE = "demo-app-daily-report-lambda", "demo-app-reports-dead-letter-queue"
REACHES = """
import socket
def handler(event, context):
    found = {}
    for name, (host, port) in event.items():
        try:
            socket.create_connection((host, port), 2).close()
            found[name] = True
        except OSError:
            found[name] = False
    return found
"""


@pytest.fixture(scope="module")
def reports(stack, client, figures) -> str:
    """The bucket of reports of a stack that has just got them."""
    assert requests.post(f"{stack.api}/api/v1/users", json={"name": "Ada"}, timeout=10).status_code == 201
    made = playbook("site", *CHOICES)
    assert made.code == 0, made.why()
    figures["seconds of a site that gets its reports"] = round(made.seconds, 1)
    return str(next(one["Name"] for one in client("s3").list_buckets()["Buckets"] if "-reports-s3-" in one["Name"]))


def kept(client, bucket: str) -> list[str]:
    return [one["Key"] for one in client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_a_schedule_makes_the_report_of_the_day_before(client, reports):
    keys = poll(lambda: [key for key in kept(client, reports) if key.endswith("report.json")], 60)
    found = json.loads(client("s3").get_object(Bucket=reports, Key=keys[0])["Body"].read())
    assert keys[0] == f"reports/{found['day']}/report.json"
    assert found["users"]["total"] > 0


@pytest.fixture(scope="module")
def reader(client, reports) -> Iterator[Callable[..., requests.Response]]:
    """ask(path) asks the API, signed by a user of IAM who may, or with sign=False by nobody."""
    iam = client("iam")
    (api,) = client("apigatewayv2").get_apis()["Items"]
    iam.create_user(UserName="reader")
    resource = f"arn:aws:execute-api:*:*:{api['ApiId']}/$default/GET/reports/daily"
    allow = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": resource}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName="reader", PolicyName="reports", PolicyDocument=policy)
    key = iam.create_access_key(UserName="reader")["AccessKey"]

    def ask(path: str, sign: bool = True) -> requests.Response:
        request = AWSRequest("GET", f"{api['ApiEndpoint']}{path}")
        if sign:
            credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
            SigV4Auth(credentials, "execute-api", "us-east-1").add_auth(request)
        return requests.get(request.url, headers=dict(request.headers), verify=str(config.CA_CERT), timeout=40)

    yield ask
    iam.delete_access_key(UserName="reader", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="reader", PolicyName="reports")
    iam.delete_user(UserName="reader")


def test_who_signs_gets_the_report_and_nobody_else(reader, figures):
    found = reader("/reports/daily")
    assert found.status_code == 200, found.text
    assert found.json()["orders"]["count"] >= 0
    figures["milliseconds of a report that is kept"] = round(reader("/reports/daily").elapsed.total_seconds() * 1000)
    assert reader("/reports/daily?format=csv").text.startswith("of,which,count,amount")
    assert reader("/reports/daily", sign=False).status_code == 403
    assert reader("/other").status_code == 404


def test_the_function_reaches_the_database_and_nothing_else(client, reports):
    """By another function with its role, its subnets and its groups."""
    lambda_ = client("lambda")
    own = lambda_.get_function_configuration(FunctionName=FUNCTION)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", REACHES)
    network = {key: own["VpcConfig"][key] for key in ("SubnetIds", "SecurityGroupIds")}
    probe = {"Runtime": own["Runtime"], "Role": own["Role"], "Handler": "app.handler", "Timeout": 20}
    lambda_.create_function(
        FunctionName="demo-app-probe", Code={"ZipFile": packed.getvalue()}, VpcConfig=network, **probe
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName="demo-app-probe", WaiterConfig={"Delay": 1})
    database = own["Environment"]["Variables"]["DATABASE_HOST"]
    asked = {
        "the database": (database, 3306),
        "AWS's API": (config.HOST_ADDRESS, config.API_PORT),
        "another port of the database": (database, 33060),
        "the internet": (config.HOST_ADDRESS, config.WEBSITE_PORT),
        "another machine's ssh": (config.HOST_ADDRESS, 22),
    }
    answer = lambda_.invoke(FunctionName="demo-app-probe", Payload=json.dumps(asked))
    lambda_.delete_function(FunctionName="demo-app-probe")
    client("logs").delete_log_group(logGroupName="/aws/lambda/demo-app-probe")
    reached = json.loads(answer["Payload"].read())
    assert [name for name, there in reached.items() if there] == ["the database", "AWS's API"], reached


def test_a_run_that_fails_is_kept_and_redrive_has_the_report_made(client, reports):
    lambda_, sqs = client("lambda"), client("sqs")
    good = lambda_.get_function_configuration(FunctionName=FUNCTION)["Environment"]["Variables"]
    lambda_.update_function_configuration(
        FunctionName=FUNCTION, Environment={"Variables": {**good, "DATABASE_NAME": "nobody"}}
    )
    event = json.dumps({"scheduled": "2026-02-02T05:00:00Z"}).encode()
    lambda_.invoke(FunctionName=FUNCTION, InvocationType="Event", Payload=event)
    queue = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    names = ["ApproximateNumberOfMessages"]

    def waiting() -> int:
        return int(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"][names[0]])

    poll(waiting, 60)
    assert "reports/2026-02-01/report.json" not in kept(client, reports)
    lambda_.update_function_configuration(FunctionName=FUNCTION, Environment={"Variables": good})
    done = playbook("redrive", *CHOICES)
    assert done.code == 0, done.why()
    assert waiting() == 0
    assert "reports/2026-02-01/report.json" in kept(client, reports)
    ended = playbook("functions")  # without the choice: the schedule goes
    assert ended.code == 0, ended.why()
    assert client("scheduler").list_schedules()["Schedules"] == []
