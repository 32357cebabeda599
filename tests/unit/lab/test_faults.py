"""Calls that fail as the service itself lets them fail, seen by boto3."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from lab import faults, server, services

KEY = "AKIAUNITTESTSONLY000"


class Region:
    def __init__(self) -> None:
        self.server = server.serve(server.build_app(lambda: None), ("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.ports[0]}"

    def client(self, service: str, attempts: int = 1) -> Any:
        keys = {"aws_access_key_id": KEY, "aws_secret_access_key": "never-a-real-secret"}
        retries = Config(retries={"total_max_attempts": attempts})
        return boto3.client(service, region_name="us-east-1", endpoint_url=self.url, config=retries, **keys)

    def faults(self, method: str = "GET", **wanted: Any) -> Any:
        return requests.request(method, f"{self.url}/lab/faults", json=wanted or None, timeout=30)


@pytest.fixture(scope="module")
def started() -> Iterator[Region]:
    services.install(machines=False)
    made = Region()
    yield made
    made.server.stop()
    services.uninstall()


@pytest.fixture
def region(started: Region) -> Iterator[Region]:
    yield started
    started.faults("DELETE")


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("autoscaling", "describe_auto_scaling_groups", "Throttling", 400),
        ("cloudwatch", "describe_alarms", "ThrottlingException", 400),
        ("dynamodb", "list_tables", "ThrottlingException", 400),
        ("ec2", "describe_vpcs", "RequestLimitExceeded", 503),
        ("elbv2", "describe_load_balancers", "Throttling", 400),
        ("iam", "list_roles", "Throttling", 400),
        ("lambda", "list_functions", "TooManyRequestsException", 429),
        ("logs", "describe_log_groups", "ThrottlingException", 400),
        ("rds", "describe_db_instances", "Throttling", 400),
        ("resourcegroupstaggingapi", "get_resources", "ThrottlingException", 400),
        ("s3", "list_buckets", "SlowDown", 503),
        ("secretsmanager", "list_secrets", "ThrottlingException", 400),
        ("sns", "list_topics", "Throttling", 400),
        ("sqs", "list_queues", "ThrottlingException", 400),
        ("sts", "get_caller_identity", "Throttling", 400),
    ],
)
def test_every_second_call_is_throttled_as_the_service_does(region, service, operation, code, status):
    client = region.client(service)
    region.faults("PUT", every=2)
    getattr(client, operation)()
    with pytest.raises(ClientError) as raised:
        getattr(client, operation)()
    assert raised.value.response["Error"]["Code"] == code
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    getattr(client, operation)()
    assert (region.faults().json()["calls"], region.faults().json()["throttled"]) == (3, 1)


def test_a_body_that_is_not_read_does_not_spoil_the_next_request(region):
    s3 = region.client("s3", attempts=5)
    s3.create_bucket(Bucket="some-bucket")
    region.faults("PUT", every=2)
    for number in range(4):
        s3.put_object(Bucket="some-bucket", Key=str(number), Body=b"x" * 100_000)
    assert region.faults().json()["throttled"] >= 3
    assert len(s3.list_objects_v2(Bucket="some-bucket")["Contents"]) == 4


def test_others_are_left_alone(region):
    region.faults("PUT", every=2, access_key="AKIASOMEBODYELSE0000")
    for _ in range(4):
        region.client("sns").list_topics()
    assert region.faults().json()["calls"] == 0


def test_a_held_call_is_never_done(region):
    topics, ended = region.client("sns"), []
    region.faults("PUT", hold_after=2)
    topics.create_topic(Name="one")
    topics.list_topics()
    topics.create_topic(Name="two")

    def third():
        with pytest.raises(ClientError) as raised:
            region.client("sns").create_topic(Name="three")
        ended.append(raised.value.response["Error"]["Code"])

    caller = threading.Thread(target=third)
    caller.start()
    while not region.faults().json()["held"]:
        caller.join(0.1)
        assert caller.is_alive()
    assert not ended
    assert region.faults("DELETE").json()["writes"] == 2
    caller.join(10)
    assert ended == ["Throttling"]
    made = {topic["TopicArn"].rpartition(":")[2] for topic in topics.list_topics()["Topics"]}
    assert made & {"one", "two", "three"} == {"one", "two"}


def test_zones_are_cut_off_until_they_are_not(region):
    region.faults("PUT", cut_off=["us-east-1a"])
    assert faults.zones_cut_off == {"us-east-1a"}
    assert region.faults().json()["cut_off"] == ["us-east-1a"]
    region.faults("DELETE")
    assert faults.zones_cut_off == set()


@pytest.mark.parametrize("wrong", [{"every": 1}, {"every": -2}, {"evry": 3}])
def test_what_makes_no_sense_is_refused(region, wrong):
    refused = region.faults("PUT", **wrong)
    assert refused.status_code == 400
    assert refused.text.strip()
