"""From a bucket to a topic to a function, a mailbox and the queues for what goes wrong."""

from __future__ import annotations

import base64
import io
import json
import re
import tempfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from lab import backends, config, delivery, server, services
from lab.services.ec2 import addresses
from lab.services.lambda_.asynchronous import invoke_later

HANDLERS = """
import logging, os, subprocess, sys, time
import boto3

def who(event, context):
    print("to the log")
    logging.getLogger().warning("careful")
    return {
        "event": event, "uid": os.getuid(), "cwd": os.listdir("."), "environment": sorted(os.environ),
        "function": context.function_name,
        "left": context.get_remaining_time_in_millis(), "caller": boto3.client("sts").get_caller_identity()["Arn"],
    }

def fail(event, context):
    raise ValueError("no good")

def sleep(event, context):
    subprocess.Popen(["/bin/sleep", "47.11"])
    time.sleep(60)

def leave(event, context):
    os._exit(3)

def store(event, context):
    for record in event["Records"]:
        boto3.client("s3").put_object(Bucket="seen", Key=record["Sns"]["MessageId"], Body=record["Sns"]["Message"])

calls = 0
def count(event, context):
    global calls
    calls += 1
    print("call", calls)
    return {"calls": calls, "pid": os.getpid()}
def nap(event, context):
    import time
    time.sleep(2)
    return os.getpid()
def once(event, context):
    if event["leave"]:
        os._exit(4)
    return os.getpid()
"""


class Region:
    def __init__(self) -> None:
        self.server = server.serve(server.build_app(lambda: None), ("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.ports[0]}"
        services.install(machines=False, endpoint=self.url)
        requests.post(self.url + "/moto-api/reset", timeout=10)
        addresses.public_addresses.clear()
        self.role = self.make_role("lambda.amazonaws.com", "runner")

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "AKIAUNITTESTSONLY000", "aws_secret_access_key": "never-a-real-secret"}
        return boto3.client(service, region_name="us-east-1", endpoint_url=self.url, **keys)

    def make_role(self, service: str, name: str) -> str:
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        return str(self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])

    def function(self, handler: str, **more: Any) -> str:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", HANDLERS)
        wanted = {
            "Runtime": "python3.13",
            "Role": self.role,
            "Timeout": 10,
            "Code": {"ZipFile": packed.getvalue()},
            **more,
        }
        made = self.client("lambda").create_function(FunctionName=handler, Handler=f"app.{handler}", **wanted)
        return str(made["FunctionArn"])

    def call(self, name: str, event: Any = None, **more: Any) -> tuple[Any, Any]:
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **more)
        return answer, json.loads(answer["Payload"].read() or "null")

    def queue(self, name: str) -> tuple[str, str]:
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def received(self, url: str) -> list[dict[str, Any]]:
        assert delivery.wait_until_idle()
        found = self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        return list(found.get("Messages", []))

    def topic_for(self, bucket: str) -> str:
        sns = self.client("sns")
        arn = str(sns.create_topic(Name="uploads")["TopicArn"])
        condition = {
            "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"},
            "StringEquals": {"aws:SourceAccount": config.ACCOUNT},
        }
        principal = {"Service": "s3.amazonaws.com"}
        allow = {
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sns:Publish",
            "Resource": arn,
            "Condition": condition,
        }
        sns.set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps({"Statement": [allow]})
        )
        return arn


@pytest.fixture(scope="module")
def unpacked() -> Iterator[Path]:
    """Where functions' code and their boto3 are, which takes seconds to copy."""
    with tempfile.TemporaryDirectory() as scratch:  # not tmp_path: only root may pass through that
        Path(scratch).chmod(0o755)
        yield Path(scratch) / "lambda"


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch, unpacked: Path) -> Iterator[Region]:
    with tempfile.TemporaryDirectory() as scratch:
        monkeypatch.setattr(config, "LAMBDA", unpacked)
        monkeypatch.setattr(config, "MAILBOX", Path(scratch) / "mail")
        monkeypatch.setattr(config, "SPEED", 1200.0)
        made = Region()
        yield made
        delivery.wait_until_idle()
        made.server.stop()
        services.close()
    services.uninstall()


def letters() -> list[Any]:
    assert delivery.wait_until_idle()
    return [
        message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(config.MAILBOX.glob("*.eml"))
    ]


def test_a_function_runs_as_nobody_with_its_role_and_nothing_of_the_host(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    region.function("who", Environment={"Variables": {"TABLE": "t"}})
    answer, said = region.call("who", {"a": 1}, LogType="Tail")
    assert said["event"] == {"a": 1}
    assert said["uid"] != 0
    assert said["cwd"] == ["app.py"]
    assert "TABLE" in said["environment"]
    assert "SECRET_OF_THE_HOST" not in said["environment"]
    assert said["function"] == "who"
    assert 0 < said["left"] <= 10000
    assert said["caller"] == f"arn:aws:sts::{config.ACCOUNT}:assumed-role/runner/who"
    log = base64.b64decode(answer["LogResult"]).decode()
    assert re.search(r"^START RequestId: \S+ Version: \$LATEST\nto the log\n\[WARNING\]\t\S+Z\t\S+\tcareful\nEND", log)
    stream = region.client("logs").describe_log_streams(logGroupName="/aws/lambda/who")["logStreams"][0][
        "logStreamName"
    ]
    events = region.client("logs").get_log_events(logGroupName="/aws/lambda/who", logStreamName=stream)["events"]
    assert events[0]["message"].startswith("INIT_START Runtime Version: python:3.")
    assert [event["message"] for event in events[1:]] == log.splitlines()


def test_an_exception_is_an_unhandled_function_error(region: Region) -> None:
    region.function("fail")
    answer, said = region.call("fail")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert (said["errorType"], said["errorMessage"]) == ("ValueError", "no good")
    assert "in fail" in said["stackTrace"][-1]


def test_a_function_ends_at_its_time_limit_with_all_its_processes(region: Region) -> None:
    region.function("sleep", Timeout=1)
    answer, said = region.call("sleep", LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    assert float(log.partition("Duration: ")[2].partition(" ")[0]) < 8000  # milliseconds
    assert answer["FunctionError"] == "Unhandled"
    assert said["errorMessage"].endswith("Task timed out after 1.00 seconds")
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if _command(path) == b"/bin/sleep\0" + b"47.11\0"]
    assert left == []


def _command(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_an_execution_environment_is_kept_warm_and_made_anew_with_other_settings(region: Region) -> None:
    region.function("count")
    one, two = region.call("count")[1], region.call("count")[1]
    assert (one["calls"], two["calls"]) == (1, 2)
    assert one["pid"] == two["pid"]
    log = base64.b64decode(region.call("count", LogType="Tail")[0]["LogResult"]).decode()
    assert log.count("START RequestId") == 1  # each invocation has its own part of the output, and all of it
    assert "call 3\n" in log
    assert "call 2\n" not in log
    variables = {"Variables": {"A": "b"}}
    region.client("lambda").update_function_configuration(FunctionName="count", Environment=variables)
    three = region.call("count")[1]
    assert (three["calls"], three["pid"] != one["pid"]) == (1, True)
    assert not Path(f"/proc/{one['pid']}").exists()


def test_an_event_that_waits_for_a_function_goes_with_it(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log group that was deleted after the function stays away: the stack's teardown proved that nothing is left."""
    region.function("count")
    client, logs = region.client("lambda"), region.client("logs")
    function = next(one for one in backends.backend("lambda", "us-east-1").list_functions())
    client.delete_function(FunctionName="count")
    invoke_later(function, {})
    assert delivery.wait_until_idle()
    assert logs.describe_log_groups()["logGroups"] == []


def test_two_invocations_at_once_have_an_environment_each(region: Region) -> None:
    region.function("nap", Timeout=60)
    with ThreadPoolExecutor(2) as pool:
        found = {said for _, said in pool.map(lambda _: region.call("nap"), range(2))}
    assert len(found) == 2


def test_an_environment_that_timed_out_or_left_is_not_used_again(region: Region) -> None:
    region.function("once", Timeout=30)
    first = region.call("once", {"leave": False})[1]
    assert region.call("once", {"leave": True})[1]["errorType"] == "Runtime.ExitError"
    assert region.call("once", {"leave": False})[1] != first


def test_a_process_that_leaves_is_an_error(region: Region) -> None:
    region.function("leave")
    _, said = region.call("leave")
    assert said["errorType"] == "Runtime.ExitError"
    assert said["errorMessage"].endswith("exit status 3")


def test_a_role_that_lambda_may_not_assume_is_refused(region: Region) -> None:
    region.role = region.make_role("ec2.amazonaws.com", "machines")
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        region.function("who")


def test_an_asynchronous_call_is_tried_three_times_and_ends_in_the_queue(region: Region) -> None:
    url, arn = region.queue("dead")
    _, failed = region.queue("failed")
    region.function("fail", DeadLetterConfig={"TargetArn": arn})
    shown = region.client("lambda").get_function_configuration(FunctionName="fail")
    assert shown["DeadLetterConfig"] == {"TargetArn": arn}
    region.client("lambda").put_function_event_invoke_config(
        FunctionName="fail", DestinationConfig={"OnFailure": {"Destination": failed}}
    )
    answer, said = region.call("fail", {"n": 1}, InvocationType="Event")
    assert (answer["StatusCode"], said) == (202, None)
    letter = region.received(url)[0]
    assert json.loads(letter["Body"]) == {"n": 1}
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no good"
    record = json.loads(region.received(url.replace("dead", "failed"))[0]["Body"])
    assert record["requestContext"]["approximateInvokeCount"] == 3
    stream = region.client("logs").describe_log_streams(logGroupName="/aws/lambda/fail")["logStreams"][0][
        "logStreamName"
    ]
    events = region.client("logs").get_log_events(logGroupName="/aws/lambda/fail", logStreamName=stream)["events"]
    assert sum(event["message"].startswith("START") for event in events) == 3


def test_mail_comes_only_after_its_owner_confirmed(region: Region) -> None:
    sns = region.client("sns")
    topic = sns.create_topic(Name="uploads")["TopicArn"]
    answer = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ann@example.org")
    assert answer["SubscriptionArn"] == "pending confirmation"
    assert (
        sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"] == "PendingConfirmation"
    )
    sns.publish(TopicArn=topic, Message="too early")
    (asked,) = letters()
    link = re.search(r"http://\S+", asked.get_content())
    assert link
    assert link[0].startswith(f"{region.url}/?Action=ConfirmSubscription&TopicArn=")
    assert requests.get(link[0][:-3] + "bad", timeout=10).status_code == 400
    assert requests.get(link[0], timeout=10).status_code == 200
    arn = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"
    sns.publish(TopicArn=topic, Subject="Upload", Message='{"a": "ü"}')
    letter = letters()[-1]
    assert (letter["To"], letter["Subject"], letter.get_content().strip()) == (
        "ann@example.org",
        "Upload",
        '{"a": "ü"}',
    )


def test_an_upload_reaches_the_function_behind_the_topic(region: Region) -> None:
    s3, sns = region.client("s3"), region.client("sns")
    for name in ("files", "seen"):
        s3.create_bucket(Bucket=name)
    topic = region.topic_for("files")
    function = region.function("store")
    region.client("lambda").add_permission(
        FunctionName="store",
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
        SourceArn=topic,
    )
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    rules = [{"Name": name, "Value": ""} for name in ("Prefix", "Suffix")]  # as Ansible's module sends them
    wanted = {"TopicArn": topic, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": rules}}}
    s3.put_bucket_notification_configuration(
        Bucket="files", NotificationConfiguration={"TopicConfigurations": [wanted]}
    )
    begin = time.monotonic()
    for name in ("a b+c%ü.txt", "second"):
        s3.put_object(Bucket="files", Key=name, Body=b"12345")
    assert time.monotonic() - begin < 0.5  # the upload does not wait for the function
    assert delivery.wait_until_idle()
    bodies = [
        s3.get_object(Bucket="seen", Key=found["Key"])["Body"].read()
        for found in s3.list_objects_v2(Bucket="seen")["Contents"]
    ]
    messages = [json.loads(body) for body in bodies]
    assert [found["Bucket"] for found in messages if found.get("Event") == "s3:TestEvent"] == ["files"]
    things = [found["Records"][0]["s3"]["object"] for found in messages if "Records" in found]
    things.sort(key=lambda thing: thing["sequencer"])
    assert [(thing["key"], thing["size"]) for thing in things] == [("a+b%2Bc%25%C3%BC.txt", 5), ("second", 5)]
    assert all(re.fullmatch("[0-9A-F]{16}", thing["sequencer"]) for thing in things)


def test_a_topic_is_told_of_delete_markers_and_of_versions_that_go(region: Region) -> None:
    s3, sns = region.client("s3"), region.client("sns")
    s3.create_bucket(Bucket="files")
    s3.put_bucket_versioning(Bucket="files", VersioningConfiguration={"Status": "Enabled"})
    url, queue = region.queue("told")
    topic = region.topic_for("files")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    wanted = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="files", NotificationConfiguration=wanted)
    s3.put_object(Bucket="files", Key="a b", Body=b"1")
    marker = s3.delete_object(Bucket="files", Key="a b")["VersionId"]
    s3.delete_object(Bucket="files", Key="a b", VersionId=marker)
    letters = [json.loads(json.loads(letter["Body"])["Message"]) for letter in region.received(url)]
    records = [record for letter in letters for record in letter.get("Records", ())]
    told = {(record["eventName"], record["s3"]["object"]["versionId"]) for record in records}
    assert told == {("ObjectRemoved:DeleteMarkerCreated", marker), ("ObjectRemoved:Delete", marker)}


def test_a_function_that_lets_no_topic_in_gets_nothing_and_the_queue_gets_it(region: Region) -> None:
    sns = region.client("sns")
    url, arn = region.queue("redriven")
    topic = sns.create_topic(Name="t")["TopicArn"]
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})}
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=region.function("who"), Attributes=redrive)
    sns.publish(TopicArn=topic, Message="hello")
    assert json.loads(region.received(url)[0]["Body"])["Message"] == "hello"
    assert region.client("logs").describe_log_groups()["logGroups"] == []


def test_s3_refuses_a_topic_that_does_not_let_it_publish(region: Region) -> None:
    s3 = region.client("s3")
    s3.create_bucket(Bucket="other")
    topic = region.topic_for("files")
    wanted = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]}
    with pytest.raises(ClientError, match="Unable to validate the following destination"):
        s3.put_bucket_notification_configuration(Bucket="other", NotificationConfiguration=wanted)


def test_a_policy_that_insists_on_tls_does_not_block_the_lab(region: Region) -> None:
    s3 = region.client("s3")
    s3.create_bucket(Bucket="files")
    resources = ["arn:aws:s3:::files", "arn:aws:s3:::files/*"]
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources, "Condition": insecure}
    s3.put_bucket_policy(Bucket="files", Policy=json.dumps({"Statement": [deny]}))
    s3.put_object(Bucket="files", Key="k", Body=b"x")
    assert s3.get_object(Bucket="files", Key="k")["Body"].read() == b"x"
    s3.put_bucket_policy(Bucket="files", Policy=json.dumps({"Statement": [{**deny, "Condition": {}}]}))
    with pytest.raises(ClientError, match="403|AccessDenied"):
        s3.get_object(Bucket="files", Key="k")


def test_a_table_has_an_id_that_stays(region: Region) -> None:
    dynamodb = region.client("dynamodb")
    keys = {"AttributeName": "file_name"}
    dynamodb.create_table(
        TableName="t",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{**keys, "KeyType": "HASH"}],
        AttributeDefinitions=[{**keys, "AttributeType": "S"}],
    )
    first, second = (dynamodb.describe_table(TableName="t")["Table"]["TableId"] for _ in range(2))
    assert first == second
    assert len(first) == 36
    assert region.url == config.ENDPOINT


def test_a_public_policy_needs_the_block_lifted(region: Region) -> None:
    s3 = region.client("s3")
    s3.create_bucket(Bucket="site")
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    s3.put_public_access_block(Bucket="site", PublicAccessBlockConfiguration={"BlockPublicPolicy": True})
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_bucket_policy(Bucket="site", Policy=policy)
    s3.delete_public_access_block(Bucket="site")
    s3.put_bucket_policy(Bucket="site", Policy=policy)
