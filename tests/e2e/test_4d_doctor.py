"""Faults are planted, the doctor names each of them, they are healed, and the doctor is content again."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import iam
from tests.api import poll

from .conftest import BIN, TOP, Run, Stack, asked, playbook, run


@dataclasses.dataclass
class Fault:
    """Something that goes wrong, as the doctor has to call it."""

    title: str
    place: str
    name: str  # in the finding's name
    plant: Callable[[], Any]
    heal: Callable[[], Any]


@pytest.fixture(scope="module", autouse=True)
def settled(client: Callable[[str], Any], stack: Stack) -> None:
    """Whatever the tests before have replaced is gone, and their errors are no longer news."""

    def quiet() -> bool:
        """two instances run, both are healthy, and no alarm is raised"""
        return len(stack.instances("webapp")) == len(stack.healthy()) == 2 and not _alarming(client)

    poll(quiet, deadline=120)


@pytest.fixture
def doctor(tmp_path: Path, figures: dict[str, Any]) -> Callable[..., tuple[Run, list[dict[str, str]]]]:
    """doctor(errors_seconds=900): what it said, and its findings that are not good."""

    def ask(errors_seconds: int = 900) -> tuple[Run, list[dict[str, str]]]:
        report = tmp_path / "report.json"
        choices = {"doctor_report": str(report), "doctor_errors_seconds": errors_seconds}
        before = asked()[-1]["number"]
        said = playbook(
            "doctor", "-e", json.dumps(choices), TZ="JST-9"
        )  # hosts' clocks are right wherever one asks from
        said.calls = asked(after=before)
        assert report.exists(), said.why()
        figures["seconds of doctor.yml"] = round(said.seconds, 1)
        return said, [one for one in json.loads(report.read_text()) if one["state"] != "good"]

    return ask


@pytest.fixture
def group(client: Callable[[str], Any], stack: Stack) -> Callable[[str], str]:
    """group("db"): the id of the stack's security group of that name."""

    def find(name: str) -> str:
        wanted = [{"Name": "group-name", "Values": [f"{stack.name}-{name}"]}]
        return str(client("ec2").describe_security_groups(Filters=wanted)["SecurityGroups"][0]["GroupId"])

    return find


def test_a_healthy_site_is_called_healthy_by_one_who_may_only_read(doctor):
    said, wrong = doctor()
    assert (said.code, wrong) == (0, [])
    assert "The site is healthy" in said.output
    policies = iam.operator()
    assert iam.needed(said.calls) - iam.allowed([policies["find"], policies["read"]]) == set()


def test_the_page_shows_the_stack(stack, tmp_path, figures):
    page = tmp_path / "status.html"
    choices = ("-e", json.dumps({"status_page": str(page)}))
    said = playbook("status", *choices)
    assert said.code == 0, said.why()
    figures["seconds of status.yml"] = round(said.seconds, 1)
    shown = re.sub(r"<td[^>]*>", "<td>", page.read_text())  # cells by their text
    version = (TOP / "roles/webapp/files/backend/VERSION").read_text().strip()
    for instance in stack.instances("webapp"):
        assert re.search(rf"<td>{instance['InstanceId']}</td><td>webapp</td>.*<td>healthy</td>.*\d+ min</td>", shown)
    releases = re.findall(rf"<tr><td>{re.escape(version)}</td><td>(?:runs|kept)</td><td>(\d+)</td>", shown)
    assert sum(map(int, releases)) == len(stack.instances("webapp")), shown


def test_faults_of_the_fleet_its_doors_and_its_ways(doctor, client, stack, group, figures):
    """The group must not heal by itself what the doctor is to find: that its processes are suspended is a fault too."""
    fleet = sorted(one["InstanceId"] for one in stack.instances("webapp"))

    def well() -> bool:
        """both instances are healthy"""
        return sorted(stack.healthy()) == fleet

    faults = [
        *_of_the_fleet(client, stack, fleet, well),
        *_of_the_network(client, stack, group),
        *_of_the_topic(client, stack),
    ]
    _find_and_heal(doctor, figures, *faults)
    assert well()


def test_faults_on_the_way_of_an_upload(doctor, client, stack, figures):
    sns, functions, s3, sqs = client("sns"), client("lambda"), client("s3"), client("sqs")
    secrets, secret = client("secretsmanager"), f"{stack.name}-app-db"
    value = secrets.get_secret_value(SecretId=secret)["SecretString"]
    wrong = json.dumps(json.loads(value) | {"password": "not-the-one-that-the-database-knows"})
    function, topic = f"{stack.name}-metadata-lambda", _topic(sns, stack)
    bucket = {"Bucket": next(b["Name"] for b in s3.list_buckets()["Buckets"]
                             if b["Name"].startswith(f"{stack.name}-backend-"))}  # fmt: skip
    notification = s3.get_bucket_notification_configuration(**bucket)
    kept = {"TopicConfigurations": notification["TopicConfigurations"]}
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    subscription = next(one for one in listed if one["Protocol"] == "lambda")
    attributes = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])["Attributes"]
    again = {"TopicArn": topic, "Protocol": "lambda", "Endpoint": subscription["Endpoint"]}
    again |= {"Attributes": {"RedrivePolicy": attributes["RedrivePolicy"]}}
    variables = functions.get_function_configuration(FunctionName=function)["Environment"]
    queue = sqs.get_queue_url(QueueName=f"{stack.name}-metadata-dead-letter-queue")["QueueUrl"]

    def waiting() -> bool:
        """a dead letter is in the queue"""
        found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
        return int(found["Attributes"]["ApproximateNumberOfMessages"]) > 0

    def fail() -> None:
        functions.update_function_configuration(
            FunctionName=function, Environment={"Variables": {"TABLE_NAME": f"{stack.name}-nowhere"}}
        )
        functions.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(_upload(bucket["Bucket"])))
        poll(waiting, deadline=90)

    def succeed() -> None:
        functions.update_function_configuration(FunctionName=function, Environment=variables)
        sqs.purge_queue(QueueUrl=queue)

    def nothing() -> None:
        """Planted and healed with what causes it."""

    _find_and_heal(
        doctor,
        figures,
        Fault("secret changed", "login", stack.instances("webapp")[0]["InstanceId"],
              lambda: secrets.put_secret_value(SecretId=secret, SecretString=wrong),
              lambda: secrets.put_secret_value(SecretId=secret, SecretString=value)),
        Fault("announcement removed", "notification", bucket["Bucket"],
              lambda: s3.put_bucket_notification_configuration(**bucket, NotificationConfiguration={}),
              lambda: s3.put_bucket_notification_configuration(**bucket, NotificationConfiguration=kept)),
        Fault("subscription deleted", "subscription", function,
              lambda: sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"]),
              lambda: sns.subscribe(**again)),
        Fault("function fails", "function errors", function, fail, succeed),
        Fault("its settings are wrong", "function", f"{function} environment", nothing, nothing),
        Fault("dead letters", "dead letters", f"{stack.name}-metadata-dead-letter-queue", nothing, nothing),
    )  # fmt: skip


def test_a_healed_site_is_called_healthy(doctor, client, stack):
    for _ in range(200):  # people use it again, and the errors are few among them
        assert requests.get(stack.api, timeout=10).status_code == 200

    def quiet() -> bool:
        """no alarm is raised"""
        return not _alarming(client)

    poll(quiet, deadline=90)
    said, wrong = doctor(errors_seconds=1)  # what the function said before is no longer news
    assert (said.code, wrong) == (0, [])


def _find_and_heal(doctor, figures, *faults: Fault) -> None:
    planted = []
    try:
        for fault in faults:
            planted.append(fault)
            fault.plant()
        said, wrong = doctor()
    finally:
        for fault in reversed(planted):
            fault.heal()
    assert said.code != 0
    missed = [
        fault.title
        for fault in faults
        if not any((one["place"], one["state"]) == (fault.place, "bad") and fault.name in one["name"] for one in wrong)
    ]
    assert missed == [], json.dumps(wrong, indent=1)
    assert all(one["says"] and one["mend"] for one in wrong)
    figures["faults that the doctor found"] = figures.get("faults that the doctor found", 0) + len(faults)


def _of_the_fleet(client, stack: Stack, fleet: list[str], well: Callable[[], bool]) -> list[Fault]:
    first, second = fleet
    scaling, rds = client("autoscaling"), client("rds")
    processes = {"AutoScalingGroupName": f"{stack.name}-asg", "ScalingProcesses": ["HealthCheck", "ReplaceUnhealthy"]}
    database = {"DBInstanceIdentifier": stack.database["DBInstanceIdentifier"]}

    def resume() -> None:
        """Last of all: the group would replace what is not healthy yet."""
        poll(well, deadline=120)
        scaling.resume_processes(**processes)

    return [
        Fault("processes suspended", "group", "processes", lambda: scaling.suspend_processes(**processes), resume),
        Fault("unit stopped", "unit", first,
              lambda: _inside(first, "systemctl stop flask-app"), lambda: _inside(first, "systemctl start flask-app")),
        Fault("disk full", "disk", f"{second} /var/tmp",
              lambda: _inside(second, "mount -t tmpfs -o size=1m tmpfs /var/tmp; head -c 2m /dev/zero > /var/tmp/full"),
              lambda: _inside(second, "umount /var/tmp")),
        Fault("database stopped", "database", database["DBInstanceIdentifier"],
              lambda: _stop(rds, database), lambda: _start(rds, database)),
    ]  # fmt: skip


def _of_the_network(client, stack: Stack, group: Callable[[str], str]) -> list[Fault]:
    ec2, elb = client("ec2"), client("elbv2")
    listener = elb.describe_listeners(LoadBalancerArn=stack.balancer["LoadBalancerArn"])["Listeners"][0]
    again = {key: listener[key] for key in ("LoadBalancerArn", "Port", "Protocol", "DefaultActions")}
    wanted = [{"Name": "tag:Name", "Values": [f"{stack.name}-private-rt-1"]}]
    table = ec2.describe_route_tables(Filters=wanted)["RouteTables"][0]
    out = next(one for one in table["Routes"] if one.get("DestinationCidrBlock") == "0.0.0.0/0")
    route = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}
    return [
        _rule("load balancer to instances", client, group("lt-asg-sg"), group("lb-sg"), 5000,
              f"{stack.name}-lb-sg to {stack.name}-lt-asg-sg, port 5000"),
        _rule("instances to database", client, group("db-sg"), group("lt-asg-sg"), 3306,
              f"{stack.name}-lt-asg-sg to {stack.name}-db-sg, port 3306"),
        Fault("way out removed", "network", f"{stack.name}-private-rt-1",
              lambda: ec2.delete_route(**route), lambda: ec2.create_route(**route, NatGatewayId=out["NatGatewayId"])),
        Fault("listener deleted", "listener", f"{stack.name}-alb",
              lambda: elb.delete_listener(ListenerArn=listener["ListenerArn"]), lambda: elb.create_listener(**again)),
    ]  # fmt: skip


def _of_the_topic(client, stack: Stack) -> list[Fault]:
    sns, functions = client("sns"), client("lambda")
    topic, function = _topic(sns, stack), f"{stack.name}-metadata-lambda"
    policy = {"TopicArn": topic, "AttributeName": "Policy"}
    before = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    permission = {"FunctionName": function, "StatementId": "uploads"}
    grant = {"Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com", "SourceArn": topic}
    return [
        Fault("topic policy broken", "topic", f"{stack.name}-sns-topic",
              lambda: sns.set_topic_attributes(**policy, AttributeValue=before.replace("s3.amaz", "sqs.amaz")),
              lambda: sns.set_topic_attributes(**policy, AttributeValue=before)),
        Fault("permission removed", "function", f"{function} permission",
              lambda: functions.remove_permission(**permission),
              lambda: functions.add_permission(**permission, **grant)),
    ]  # fmt: skip


def _rule(title: str, client: Callable[[str], Any], group: str, source: str, port: int, name: str) -> Fault:
    pair = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": source}]}
    rule = {"GroupId": group, "IpPermissions": [pair]}
    ec2 = client("ec2")
    return Fault(
        f"rule removed: {title}",
        "security group",
        name,
        lambda: ec2.revoke_security_group_ingress(**rule),
        lambda: ec2.authorize_security_group_ingress(**rule),
    )


def _stop(rds: Any, database: dict[str, str]) -> None:
    rds.stop_db_instance(**database)

    def stopped() -> bool:
        """the database has stopped"""
        return rds.describe_db_instances(**database)["DBInstances"][0]["DBInstanceStatus"] == "stopped"

    poll(stopped, deadline=60)


def _start(rds: Any, database: dict[str, str]) -> None:
    rds.start_db_instance(**database)

    def available() -> bool:
        """the database is available"""
        return rds.describe_db_instances(**database)["DBInstances"][0]["DBInstanceStatus"] == "available"

    poll(available, deadline=90)


def _alarming(client: Callable[[str], Any]) -> bool:
    return bool(client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"])


def _topic(sns: Any, stack: Stack) -> str:
    found = (one["TopicArn"] for one in sns.list_topics()["Topics"])
    return next(arn for arn in found if arn.endswith(f":{stack.name}-sns-topic"))


def _inside(instance_id: str, command: str) -> None:
    done = run(BIN / "python", "-m", "lab", "shell", instance_id, "sh", "-c", command)
    assert done.code in (0, 1), done.output  # head ends with 1 when the disk is full


def _upload(bucket: str) -> dict[str, Any]:
    """The event of an upload as the function gets it."""
    record = {
        "eventName": "ObjectCreated:Put",
        "eventTime": "2026-11-21T08:00:00.000Z",
        "s3": {"bucket": {"name": bucket}, "object": {"key": "planted.txt", "sequencer": "01"}},
    }
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps({"Records": [record]})}}]}
