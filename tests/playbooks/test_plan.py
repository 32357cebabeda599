"""
Each role and switch: planned, done, planned again, done again; then what hands change is found and mended.

The tests follow each other on one stack, as a deployment grows. A change is planned and done like the first build.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests import api

# What instances start from, and no waiting for machines, of which the API alone has none.
ALONE: dict[str, Any] = {
    "threetier_image": {"owner": "123456789012", "name": "base-*", "architecture": "x86_64", "user": "admin"},
    "bastion_wait_timeout": 0,
}
PRODUCTION = {
    "threetier_database_multi_az": True,
    "threetier_database_class": "db.t4g.small",
    "threetier_database_deletion_protection": True,
    "database_apply_immediately": True,
}
ADMINS = {"threetier_admin_cidrs": ["203.0.113.7/32"]}
LOGS = {"threetier_flow_logs": True}
NO_VERSIONS, NO_MAILS = {"messaging_bucket_versioning": False}, {"threetier_notify_emails": []}
AT_ONCE = {"database_apply_immediately": True}
SUPPORT = {"database_extended_support": True}
SESSIONS = {"bastion_sessions": 100, "bastion_allow_replacement": True}
# Each value of a role's switches meets each value of each other one in some row, not all of them in all ways. A row is
# built on the one before. The fleet's rows are in test_changes.py.
CYCLES: list[tuple[str, str, dict[str, Any]]] = [
    ("network", "one NAT gateway, flow logs, another way in", LOGS | ADMINS),  # the others: test_network.py
    ("bastion", "as it is", {}),
    ("bastion", "another type", {"threetier_bastion_instance_type": "t3.small"}),
    ("bastion", "another bastion, allowed", SESSIONS),
    ("messaging", "as it is", {}),
    ("messaging", "no versions", NO_VERSIONS),
    ("messaging", "more mails", {"threetier_notify_emails": ["operator@example.com", "other@example.com"]}),
    ("messaging", "no versions, no mails", NO_VERSIONS | NO_MAILS),
    ("database", "as it is", {}),
    ("database", "production", PRODUCTION),
    ("database", "Multi-AZ, extended support", AT_ONCE | SUPPORT | {"threetier_database_multi_az": True}),
    ("database", "protected, extended support", AT_ONCE | SUPPORT | {"threetier_database_deletion_protection": True}),
    ("database", "demo again", AT_ONCE),
    ("webapp", "as it is", {}),
]
LAST = NO_VERSIONS | NO_MAILS | LOGS | ADMINS | AT_ONCE | SESSIONS


@pytest.fixture(scope="module")
def stack() -> str:
    return "planned"


@pytest.fixture
def run(ansible, endpoint) -> Callable[..., tuple[int, int, str]]:
    """run("network", "--check", **variables): what changed, how many calls wrote, and what Ansible said."""

    def go(name: str, *arguments: str, code: int = 0, **variables: Any) -> tuple[int, int, str]:
        last = api.last_call(endpoint)
        done = ansible("playbook", f"playbooks/{name}.yml", "-e", json.dumps(ALONE | variables), *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        changed = re.search(r"us-east-1 .*changed=(\d+)", done.stdout)
        assert changed
        return int(changed[1]), api.writes(endpoint, last), done.stdout

    return go


def _register(client, name: str, **tags: str) -> None:
    ec2 = client("ec2")
    disk = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}]
    image = ec2.register_image(Name=name, Architecture="x86_64", RootDeviceName="/dev/xvda", BlockDeviceMappings=disk)[
        "ImageId"
    ]
    if tags:
        ec2.create_tags(Resources=[image], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


def test_an_empty_account_is_planned_to_the_end(client, run, stack):
    _register(client, "base-1")
    _, writes, said = run("site", "--check", "--diff")
    assert writes == 0
    assert re.search(r"Plan: [3-9]\d to create, 0 to change, 0 to delete, \d+ left", said), said
    assert "vpc-known-after-apply" in said
    assert client("ec2").describe_vpcs(Filters=[{"Name": "tag:Stack", "Values": [stack]}])["Vpcs"] == []


@pytest.mark.parametrize(("role", "step", "choices"), CYCLES, ids=[f"{role}: {step}" for role, step, _ in CYCLES])
def test_planned_done_planned_done(client, note_cycle, role, run, stack, step, choices):
    if (role, step) == ("webapp", "as it is"):  # an image of this release, as if it had been baked before
        name = re.search(r"ec2_ami (\S+-ami-(\S+)-(\w+))", run("webapp", "--check")[2])
        assert name
        _register(
            client,
            name[1],
            Name=name[1],
            Stack=stack,
            Role="webapp",
            ManagedBy="threetier.aws",
            Version=name[2],
            Release=name[3],
        )
    runs = [run(role, *arguments, **choices) for arguments in (["--check"], [], ["--check"], [])]
    changed, writes = [run[0] > 0 for run in runs], [run[1] for run in runs]
    note_cycle(f"{role} role", step, changed=changed, writes=writes)
    assert changed == [True, True, False, False], [re.findall(r"^changed: .*|TASK.*", run[2], re.M) for run in runs[2:]]
    assert (writes[0], writes[2]) == (0, 0)
    assert "Plan: 0 to create, 0 to change, 0 to delete" in runs[2][2]


@pytest.fixture
def by_hand(client, stack) -> set[str]:
    """Change one thing each of some resources; returns what drift has to call them."""
    ec2, sns = client("ec2"), client("sns")
    mine = [{"Name": "group-name", "Values": [f"{stack}-db-sg"]}]
    group = ec2.describe_security_groups(Filters=mine)["SecurityGroups"][0]["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpProtocol="tcp", FromPort=1, ToPort=65535, CidrIp="0.0.0.0/0")
    named = [{"Name": "tag:Name", "Values": [f"{stack}-private-subnet-2"]}]
    subnet = ec2.describe_subnets(Filters=named)["Subnets"][0]["SubnetId"]
    ec2.delete_tags(Resources=[subnet], Tags=[{"Key": "Tier"}])
    topic = f"arn:aws:sns:us-east-1:123456789012:{stack}-sns-topic"
    policy = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
    policy["Statement"][0]["Principal"] = "*"
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
    client("cloudwatch").delete_alarms(AlarmNames=[f"{stack}-metadata-lambda-errors"])
    bucket = f"{stack}-backend-s3-bucket-123456789012"
    client("s3").delete_public_access_block(Bucket=bucket)
    releases = f"{stack}-releases-s3-bucket-123456789012"
    client("s3").put_bucket_versioning(Bucket=releases, VersioningConfiguration={"Status": "Suspended"})
    return {
        f"ec2_security_group {stack}-db-sg",
        f"ec2_vpc_subnet {stack}-private-subnet-2",
        f"sns_topic {stack}-sns-topic",
        f"cloudwatch_metric_alarm {stack}-metadata-lambda-errors",
        f"s3_bucket {bucket}",
        f"s3_bucket {releases}",
    }


def test_what_hands_changed_is_found_and_mended_and_nothing_else(by_hand, run):
    drift = run("drift", "--check", code=2, **LAST)
    assert drift[1] == 0
    table = drift[2].rsplit("RESOURCE", 1)[1].splitlines()[1:]
    assert {" ".join(row.split()[:2]) for row in table if row and not row.startswith("Plan:")} == by_hand
    assert run("site", **LAST)[0] == len(by_hand) + 1  # an alarm and its tags are two tasks
    clean = run("drift", "--check", **LAST)
    assert "Plan: 0 to create, 0 to change, 0 to delete" in clean[2]


def test_drift_refuses_to_change_anything(run):
    assert run("drift", code=2)[1] == 0
