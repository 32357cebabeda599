"""What HAProxy counts becomes what CloudWatch shows; alarms on it go off, tell, and stop an instance refresh."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from lab import backends, config
from lab.services.autoscaling import groups as autoscaling
from lab.services.autoscaling import instance_refresh as refresh
from lab.services.autoscaling import store
from lab.services.cloudwatch import alarms
from lab.services.cloudwatch import controller as metrics

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/demo/0123456789abcdef"
HEAD = "# pxname,svname,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx\n"
STATS = HEAD + "port-80,FRONTEND,90,0,5,9\ntg,i-1,50,0,2,4\ntg,i-2,40,0,3,0\ntg,BACKEND,90,0,5,6\n"


def test_errors_of_targets_and_of_the_balancer_itself_are_told_apart() -> None:
    assert metrics.counted(STATS) == {
        "HTTPCode_Target_2XX_Count": 90,
        "HTTPCode_Target_3XX_Count": 0,
        "HTTPCode_Target_4XX_Count": 5,
        "HTTPCode_Target_5XX_Count": 4,
        "HTTPCode_ELB_5XX_Count": 5,
        "RequestCount": 99,
    }


def test_after_a_reload_counting_begins_at_nothing() -> None:
    assert metrics.grown({"a": 7, "b": 3}, {"a": 5, "b": 3}) == {"a": 2, "b": 0}
    assert metrics.grown({"a": 2, "b": 9}, {"a": 5, "b": 3}) == {"a": 2, "b": 9}


def query(name: str, metric: str) -> dict[str, Any]:
    dimensions = [{"Name": "LoadBalancer", "Value": "app/demo/0123456789abcdef"}]
    of = {"Namespace": metrics.NAMESPACE, "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"}, "ReturnData": False}


@pytest.fixture
def world(api: None, client: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A balancer whose counters the test sets, and the alarm of the role webapp."""
    topic = client("sns").create_topic(Name="alarms")["TopicArn"]
    queue = client("sqs").create_queue(QueueName="told")["QueueUrl"]
    told = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=told)
    math = "100 * (FILL(target, 0) + FILL(balancer, 0)) / (FILL(requests, 0) + FILL(balancer, 0))"
    client("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Metrics=[
            {"Id": "rate", "Expression": math, "ReturnData": True},
            query("requests", "RequestCount"),
            query("target", "HTTPCode_Target_5XX_Count"),
            query("balancer", "HTTPCode_ELB_5XX_Count"),
        ],
        ComparisonOperator="GreaterThanThreshold",
        Threshold=5,
        EvaluationPeriods=1,
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
    )
    counters = {"good": 0, "bad": 0, "none": 0}

    def statistics(_account: str, _region: str) -> list[tuple[str, str]]:
        good, bad, none = counters["good"], counters["bad"], counters["none"]
        return [(ARN, f"{HEAD}p,FRONTEND,{good},0,0,{bad + none}\ntg,i-1,{good},0,0,{bad}\n")]

    monkeypatch.setattr("lab.services.elbv2.controller.statistics", statistics)
    controller = metrics.Metrics()

    def look(**more: int) -> str:
        for kind, count in more.items():
            counters[kind] += count
        controller._due.clear()
        controller.reconcile((config.ACCOUNT, "us-east-1"))
        return str(client("cloudwatch").describe_alarms(AlarmNames=["errors"])["MetricAlarms"][0]["StateValue"])

    def messages() -> int:
        return len(client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10).get("Messages", []))

    return SimpleNamespace(look=look, messages=messages)


def test_an_alarm_goes_off_with_the_rate_tells_and_calms_down(world: Any) -> None:
    assert world.look() == "OK"
    assert world.look(good=95, bad=5) == "OK"
    assert world.look(good=1, bad=2) == "ALARM"
    assert store.stores.at(config.ACCOUNT, "us-east-1").alarming == {"errors"}
    assert world.messages() == 1
    assert world.look(good=1000) == "OK"
    assert store.stores.at(config.ACCOUNT, "us-east-1").alarming == set()


def test_no_target_at_all_is_an_error_too(world: Any) -> None:
    assert world.look(none=3) == "ALARM"


def test_what_is_old_does_not_count(world: Any) -> None:
    assert world.look(bad=3) == "ALARM"
    for datum in backends.backend("cloudwatch", "us-east-1").metric_data:
        datum.timestamp -= datetime.timedelta(seconds=61)
    assert world.look() == "OK"


def test_alarms_on_other_things_are_left_alone(world: Any, client: Any) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName="function", Namespace="AWS/Lambda", MetricName="Errors", Statistic="Sum", Period=60, Threshold=0,
        EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", TreatMissingData="breaching",
    )  # fmt: skip
    world.look()
    assert client("cloudwatch").describe_alarms(AlarmNames=["function"])["MetricAlarms"][0]["StateValue"] == "OK"


def test_metric_math_that_the_lab_does_not_know_is_said() -> None:
    stat = SimpleNamespace(id="a", expression="ANOMALY_DETECTION_BAND(m1, 2)", metric_stat=None, return_data=True)
    alarm = SimpleNamespace(metric_data_queries=[stat])
    with pytest.raises(ValueError, match="knows no such metric math: ANOMALY"):
        alarms._value(alarm, [])


class Member:
    """Of a group, in service."""

    lifecycle_state = "InService"
    instance = SimpleNamespace(
        id="i-2", ec2_backend=SimpleNamespace(account_id=config.ACCOUNT, region_name="us-east-1")
    )


def test_a_refresh_whose_alarm_goes_off_rolls_back() -> None:
    member = Member()
    store.of_member(member).version = "2"
    group = SimpleNamespace(desired_capacity=1, instance_states=[member])
    preferences = {
        "AutoRollback": True,
        "MinHealthyPercentage": 100,
        "MaxHealthyPercentage": 200,
        "AlarmSpecification": {"Alarms": ["errors", "other"]},
    }
    under_way = autoscaling.Refresh(group, preferences, {}, "2", "1", set(), status="InProgress")
    gone_off = autoscaling.alarms_of(under_way, {"errors", "of another stack"})
    assert gone_off == ["errors"]
    refresh.step(under_way, [member], lambda _: True, lambda *_: None, gone_off)
    assert (under_way.status, under_way.version) == ("RollbackInProgress", "1")
    assert under_way.reason == "The alarm errors went off."
