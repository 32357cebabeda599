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
MAILS = {"threetier_notify_emails": ["operator@example.com", "other@example.com"]}
PROTECTED_TABLE = {"threetier_table_deletion_protection": True}
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
    ("messaging", "more mails, no key, protected", MAILS | {"threetier_encrypt_topics": False} | PROTECTED_TABLE),
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


def test_an_empty_account_is_planned_to_the_end(client, run, stack, tmp_path):
    _register(client, "base-1")
    kept = tmp_path / "plan.json"
    _, writes, said = run("site", "--check", "--diff", threetier_plan=str(kept))
    assert writes == 0
    assert re.search(r"Plan: [3-9]\d to create, 0 to change, 0 to delete, \d+ left", said), said
    assert "vpc-known-after-apply" in said
    assert client("ec2").describe_vpcs(Filters=[{"Name": "tag:Stack", "Values": [stack]}])["Vpcs"] == []
    plan = said.rsplit("us-east-1, network:", 1)[1].splitlines()
    assert [line for line in plan if len(line) > 80] == []
    assert f"  + secretsmanager_secret {stack}-app-db" in plan
    egress = {line.split("egress")[1].strip() for line in plan if line.strip().startswith("egress")}
    assert {"tcp 80 to 0.0.0.0/0", "tcp 443 to 0.0.0.0/0"} <= egress
    assert "inline_policies.application" in said
    assert "The page:" not in said  # there is none yet
    document = json.loads(kept.read_text())
    assert document["summary"]["create"] == sum(one["action"] == "create" for one in document["resources"]) > 30
    told = {one["name"] for one in document["resources"] if one["kind"] == "sns_subscription"}
    assert {f"email operator@example.com {stack}-{topic}" for topic in ("sns-topic", "alarms-sns-topic")} <= told
    page = kept.with_suffix(".html").read_text()
    assert all(one["name"] in page for one in document["resources"] if one["action"] == "create")


@pytest.mark.parametrize("arguments", [["--check"], []], ids=["another name", "no check"])
def test_a_plan_that_cannot_be_kept_is_refused_before_anything_is_asked(endpoint, run, arguments):
    last = api.last_call(endpoint)
    said = run("site", *arguments, code=2, threetier_plan="plan.json" if not arguments else "plan.txt")[2]
    assert "It names the file that a run with --check keeps its plan in, such as plan.json" in said.replace("\n", " ")
    assert [call for call in api.calls(endpoint, last) if call["service"] != "ec2"] == []  # the inventory's


@pytest.mark.parametrize(("role", "step", "choices"), CYCLES, ids=[f"{role}: {step}" for role, step, _ in CYCLES])
def test_planned_done_planned_done(client, note_cycle, role, run, stack, step, choices):
    if (role, step) == ("webapp", "as it is"):  # an image of this release, as if it had been baked before
        name = re.search(r"[+] ec2_ami (\S+-ami-(\S+)-(\w+))", run("webapp", "--check")[2])
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
    if role == "messaging":
        assert _keys(client, stack) == (["PendingDeletion"] if "no key" in step else ["Enabled"])  # one, taken back


def _keys(client, stack: str) -> list[str]:
    """The state of each key that the stack's topics are or were encrypted with."""
    kms = client("kms")
    pages = client("resourcegroupstaggingapi").get_paginator("get_resources")
    tagged = pages.paginate(TagFilters=[{"Key": "Stack", "Values": [stack]}]).search(
        "ResourceTagMappingList[].ResourceARN"
    )
    arns = [arn for arn in tagged if ":kms:" in arn]
    return [kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] for arn in arns]


def test_the_doctor_names_a_key_that_is_on_its_way_out(ansible, client, stack):
    kms = client("kms")
    key = kms.describe_key(KeyId=f"alias/{stack}-sns-kms-key")["KeyMetadata"]["Arn"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    said = " ".join(ansible("playbook", "playbooks/doctor.yml", *api.NO_HOSTS).stdout.split())
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert f"topic key {stack}-sns-topic: The key that the topic is encrypted with is PendingDeletion" in said


ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ACCOUNT = "123456789012"


class Hands:
    """Changes that somebody makes by hand, each with what drift has to say of it: the resource and the attribute."""

    def __init__(self, client: Callable[[str], Any], stack: str) -> None:
        self.of, self.stack = client, stack
        self.topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:{stack}-sns-topic"

    def _group(self, name: str) -> Any:
        mine = [{"Name": "group-name", "Values": [name]}, {"Name": "tag:Stack", "Values": [self.stack]}]
        return self.of("ec2").describe_security_groups(Filters=mine)["SecurityGroups"][0]

    def _table(self, name: str) -> Any:
        named = [{"Name": "tag:Name", "Values": [f"{self.stack}-{name}"]}]
        return self.of("ec2").describe_route_tables(Filters=named)["RouteTables"][0]

    def all(self) -> dict[str, str]:
        """Do them all; by resource, its first attribute."""
        ec2, iam, sns, s3, elb = (self.of(service) for service in ("ec2", "iam", "sns", "s3", "elbv2"))
        stack, opened = self.stack, {"IpProtocol": "tcp", "CidrIp": "0.0.0.0/0"}
        ec2.authorize_security_group_ingress(
            GroupId=self._group(f"{stack}-db-sg")["GroupId"], FromPort=1, ToPort=65535, **opened
        )
        ec2.authorize_security_group_ingress(
            GroupId=self._group("default")["GroupId"], FromPort=22, ToPort=22, **opened
        )
        balancer = self._group(f"{stack}-lb-sg")
        ec2.revoke_security_group_egress(GroupId=balancer["GroupId"], IpPermissions=balancer["IpPermissionsEgress"])
        named = [{"Name": "tag:Name", "Values": [f"{stack}-private-subnet-2"]}]
        subnet = ec2.describe_subnets(Filters=named)["Subnets"][0]["SubnetId"]
        ec2.delete_tags(Resources=[subnet], Tags=[{"Key": "Tier"}])
        ec2.delete_route(RouteTableId=self._table("private-rt-1")["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")
        public = self._table("public-rt")
        gateway = next(route["GatewayId"] for route in public["Routes"] if route["GatewayId"] != "local")
        ec2.create_route(RouteTableId=public["RouteTableId"], DestinationCidrBlock="192.0.2.0/24", GatewayId=gateway)
        fleet, function = f"{stack}-s3-dynamo-iam-role", f"{stack}-lambda-iam-role"
        iam.put_role_policy(RoleName=fleet, PolicyName="hands", PolicyDocument=json.dumps(ANYTHING))
        wide = iam.create_policy(PolicyName=f"{stack}-wide", PolicyDocument=json.dumps(ANYTHING))["Policy"]["Arn"]
        iam.attach_role_policy(RoleName=f"{stack}-ami-builder-iam-role", PolicyArn=wide)
        everybody = [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]
        trust = json.dumps({**ANYTHING, "Statement": everybody})
        iam.update_assume_role_policy(RoleName=function, PolicyDocument=trust)
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:stranger")
        policy = json.loads(sns.get_topic_attributes(TopicArn=self.topic)["Attributes"]["Policy"])
        policy["Statement"][0]["Principal"] = "*"
        sns.set_topic_attributes(TopicArn=self.topic, AttributeName="Policy", AttributeValue=json.dumps(policy))
        self.of("cloudwatch").delete_alarms(AlarmNames=[f"{stack}-metadata-lambda-errors"])
        backend, releases = (f"{stack}-{one}-s3-bucket-{ACCOUNT}" for one in ("backend", "releases"))
        s3.delete_public_access_block(Bucket=backend)
        s3.put_bucket_versioning(Bucket=releases, VersioningConfiguration={"Status": "Suspended"})
        s3.put_object(Bucket=f"{stack}-frontend-s3-bucket-{ACCOUNT}", Key="index.html", Body=b"other")
        targets = elb.describe_target_groups(Names=[f"{stack}-tg"])["TargetGroups"][0]["TargetGroupArn"]
        elb.modify_target_group(TargetGroupArn=targets, HealthCheckPath="/other")
        elb.create_listener(
            LoadBalancerArn=elb.describe_load_balancers(Names=[f"{stack}-alb"])["LoadBalancers"][0]["LoadBalancerArn"],
            Protocol="HTTP",
            Port=8080,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": targets}],
        )
        lambdas, name = self.of("lambda"), f"{stack}-metadata-lambda"
        lambdas.update_function_configuration(FunctionName=name, Timeout=3)
        lambdas.add_permission(FunctionName=name, StatementId="stranger", Action="lambda:InvokeFunction", Principal="*")
        queue = self.of("sqs").get_queue_url(QueueName=f"{stack}-metadata-dead-letter-queue")["QueueUrl"]
        self.of("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"MessageRetentionPeriod": "60"})
        self.of("dynamodb").update_continuous_backups(
            TableName=f"{stack}-file-metadata-dynamodb",
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
        )
        self.of("rds").modify_db_instance(
            DBInstanceIdentifier=f"{stack}-db", BackupRetentionPeriod=1, ApplyImmediately=True
        )
        self.of("logs").put_retention_policy(logGroupName=f"/aws/lambda/{name}", retentionInDays=1)
        self.of("autoscaling").update_auto_scaling_group(AutoScalingGroupName=f"{stack}-asg", HealthCheckType="EC2")
        return {
            "ec2_security_group default": "ingress",
            f"ec2_security_group {stack}-db-sg": "ingress",
            f"ec2_security_group {stack}-lb-sg": "egress",
            f"ec2_vpc_subnet {stack}-private-subnet-2": "tags.Tier",
            f"ec2_vpc_route_table {stack}-private-rt-1": "routes",
            f"ec2_vpc_route_table {stack}-public-rt": "routes",
            f"iam_role {fleet}": "inline_policies.hands",
            f"iam_role {stack}-ami-builder-iam-role": "managed_policies",
            f"iam_role {function}": "assume_role_policy_document",
            f"sns_subscription sqs arn:aws:sqs:us-east-1:{ACCOUNT}:stranger {stack}-sns-topic": "",
            f"sns_topic {stack}-sns-topic": "policy",
            f"cloudwatch_metric_alarm {name}-errors": "",
            f"s3_bucket {backend}": "public_access.block_public_acls",
            f"s3_bucket {releases}": "versioning",
            "s3_object index.html": "content",
            f"elb_target_group {stack}-tg": "health_check_path",
            f"elb_application_lb {stack}-alb": "listeners",
            f"lambda {name}": "timeout permissions.stranger",
            f"sqs_queue {stack}-metadata-dead-letter-queue": "message_retention_period",
            f"dynamodb_table {stack}-file-metadata-dynamodb": "continuous_backups.enabled",
            f"rds_db_instance {stack}-db": "backup_retention_period",
            f"logs_log_group /aws/lambda/{name}": "retention_in_days",
            f"autoscaling_group {stack}-asg": "health_check_type",
        }


def test_what_hands_changed_is_found_by_attribute_and_mended_and_nothing_else(client, run, stack, tmp_path):
    by_hand = Hands(client, stack).all()
    kept = tmp_path / "drift.json"
    drift = run("drift", "--check", code=2, threetier_plan=str(kept), **LAST)
    assert drift[1] == 0
    found = [one for one in json.loads(kept.read_text())["resources"] if one["action"] != "leave"]
    assert {f"{one['kind']} {one['name']}" for one in found} == set(by_hand)
    for one in found:
        attributes = {row["attribute"] for row in one["rows"]} if one["action"] == "change" else {""}
        wanted = by_hand[f"{one['kind']} {one['name']}"]
        assert set(wanted.split() or [""]) <= attributes, one
        assert f"{one['kind']} {one['name']}" in " ".join(drift[2].split())
    run("site", **LAST)
    clean = run("drift", "--check", **LAST)
    assert "Plan: 0 to create, 0 to change, 0 to delete" in clean[2]


def test_drift_refuses_to_change_anything(run):
    assert run("drift", code=2)[1] == 0


def test_a_plan_is_done_as_it_was_signed_or_refused_with_what_has_moved(client, run, stack, tmp_path):
    kept = str(tmp_path / "plan.json")
    choices = LAST | {"threetier_log_retention_days": 60}
    run("site", "--check", threetier_plan=kept, **choices)
    planned = {one["name"] for one in json.loads((tmp_path / "plan.json").read_text())["resources"] if one["rows"]}
    assert planned

    another = run("apply", code=2, threetier_plan=kept, **choices | {"threetier_log_retention_days": 90})
    assert another[1] == 0
    assert "threetier_log_retention_days was 60, and is 90 now." in another[2]

    group = client("ec2").describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"{stack}-db-sg"]}])
    rule = {"GroupId": group["SecurityGroups"][0]["GroupId"], "CidrIp": "192.0.2.1/32", "IpProtocol": "tcp"}
    client("ec2").authorize_security_group_ingress(FromPort=9, ToPort=9, **rule)
    moved = run("apply", code=2, threetier_plan=kept, **choices)
    assert moved[1] == 0
    assert f"ec2_security_group {stack}-db-sg: it was to be left as it is, and would be changed now." in moved[2]
    client("ec2").revoke_security_group_ingress(FromPort=9, ToPort=9, **rule)

    run("apply", threetier_plan=kept, **choices)
    groups = client("logs").describe_log_groups(logGroupNamePrefix="/aws/")["logGroups"]
    kept_for = {group["logGroupName"]: group["retentionInDays"] for group in groups}
    assert {name: kept_for[name] for name in planned} == dict.fromkeys(planned, 60)
    assert "Plan: 0 to create, 0 to change, 0 to delete" in run("drift", "--check", **choices)[2]


def test_what_is_no_plan_cannot_be_applied(run, tmp_path):
    (tmp_path / "other.json").write_text("{}")
    assert "is no plan. A run of site.yml with --check" in run(
        "apply", code=2, threetier_plan=str(tmp_path / "other.json"), **LAST
    )[2].replace("\n", " ")
    assert "cannot be read" in run("apply", code=2, threetier_plan=str(tmp_path / "none.json"), **LAST)[2]
    assert "Name the plan to do" in run("apply", code=2, **LAST)[2]
