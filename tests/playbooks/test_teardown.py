"""playbooks/teardown.yml on one of everything, and on what is half gone."""

from __future__ import annotations

import io
import json
import os
import subprocess
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests import account, api, iam

from .clusters import make_cluster
from .domains import make_domain

_ASSUMED = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
MADE = [{"Name": "default", "Values": ["false"]}]  # a default ACL goes with its VPC
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [_ASSUMED]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]})


def _tags(stack: str) -> list[dict[str, str]]:
    return [{"Key": "ManagedBy", "Value": "threetier.aws"}, {"Key": "Stack", "Value": stack}]


def _as_dict(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


@pytest.fixture
def everything(client: Callable[[str], Any], stack: str) -> None:
    build(client, stack)


def build(client: Callable[[str], Any], stack: str) -> None:
    """One of each kind of resource, tagged, tied to each other as roles tie them."""
    tags = _tags(stack)

    def tagged(kind: str) -> dict:
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]}

    ec2, iam, rds, s3 = client("ec2"), client("iam"), client("rds"), client("s3")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", **tagged("vpc"))["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone, **tagged("subnet"))["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate(("us-east-1a", "us-east-1b"))
    ]
    gateway = ec2.create_internet_gateway(**tagged("internet-gateway"))["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc, **tagged("route-table"))["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])
    address = ec2.allocate_address(Domain="vpc", **tagged("elastic-ip"))["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address, **tagged("natgateway"))
    one, two = (
        ec2.create_security_group(GroupName=f"{stack}-{n}", Description="x", VpcId=vpc, **tagged("security-group"))[
            "GroupId"
        ]
        for n in (1, 2)
    )
    for group, other in ((one, two), (two, one)):
        pair = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": other}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[pair])
    acl = ec2.create_network_acl(VpcId=vpc, **tagged("network-acl"))["NetworkAcl"]["NetworkAclId"]
    default = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": subnets}])["NetworkAcls"]
    for tie in default[0]["Associations"]:
        ec2.replace_network_acl_association(AssociationId=tie["NetworkAclAssociationId"], NetworkAclId=acl)
    ec2.create_key_pair(KeyName=f"{stack}-key", **tagged("key-pair"))
    base = ec2.describe_images(Filters=[{"Name": "name", "Values": ["debian-12-*"]}])["Images"][0]["ImageId"]
    instance = ec2.run_instances(
        ImageId=base, MinCount=1, MaxCount=1, SubnetId=subnets[0], SecurityGroupIds=[one], **tagged("instance")
    )["Instances"][0]["InstanceId"]
    ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})
    image = ec2.create_image(InstanceId=instance, Name=f"{stack}-ami")["ImageId"]
    snapshot = ec2.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    ec2.create_tags(Resources=[image, snapshot], Tags=tags)
    template = ec2.create_launch_template(
        LaunchTemplateName=f"{stack}-lt",
        LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"},
        **tagged("launch-template"),
    )["LaunchTemplate"]["LaunchTemplateId"]

    balancing = client("elbv2")
    balancer = balancing.create_load_balancer(Name=f"{stack}-alb", Subnets=subnets, SecurityGroups=[two], Tags=tags)[
        "LoadBalancers"
    ][0]["LoadBalancerArn"]
    balancing.modify_load_balancer_attributes(
        LoadBalancerArn=balancer, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
    )
    target = balancing.create_target_group(Name=f"{stack}-tg", Protocol="HTTP", Port=5000, VpcId=vpc, Tags=tags)
    arn = target["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    balancing.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=f"{stack}-asg",
        MinSize=1,
        MaxSize=1,
        LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
        VPCZoneIdentifier=",".join(subnets),
        TargetGroupARNs=[arn],
        Tags=[
            {**tag, "PropagateAtLaunch": True, "ResourceId": f"{stack}-asg", "ResourceType": "auto-scaling-group"}
            for tag in tags
        ],
    )

    rds.create_db_subnet_group(
        DBSubnetGroupName=f"{stack}-subnets", DBSubnetGroupDescription="x", SubnetIds=subnets, Tags=tags
    )
    rds.create_db_parameter_group(
        DBParameterGroupName=f"{stack}-pg", DBParameterGroupFamily="mysql8.4", Description="x", Tags=tags
    )
    rds.create_db_instance(
        DBInstanceIdentifier=f"{stack}-db",
        Engine="mysql",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="admin",
        ManageMasterUserPassword=True,
        DBSubnetGroupName=f"{stack}-subnets",
        DeletionProtection=True,
        Tags=tags,
    )
    make_cluster(client, stack, tags)

    make_domain(client, stack, tags)
    s3.create_bucket(Bucket=f"{stack}-bucket")
    s3.put_bucket_tagging(Bucket=f"{stack}-bucket", Tagging={"TagSet": tags})
    s3.put_object(Bucket=f"{stack}-bucket", Key="from before versioning", Body=b"x")  # its version is "null"
    s3.put_bucket_versioning(Bucket=f"{stack}-bucket", VersioningConfiguration={"Status": "Enabled"})
    for key in ("kept twice", "kept twice", "deleted"):
        s3.put_object(Bucket=f"{stack}-bucket", Key=key, Body=b"x")
    s3.delete_object(Bucket=f"{stack}-bucket", Key="deleted")
    s3.create_multipart_upload(Bucket=f"{stack}-bucket", Key="unfinished")

    role = iam.create_role(RoleName=f"{stack}-role", AssumeRolePolicyDocument=TRUST, Tags=tags)["Role"]["Arn"]
    iam.put_role_policy(RoleName=f"{stack}-role", PolicyName="inline", PolicyDocument=ALLOW)
    policy = iam.create_policy(PolicyName=f"{stack}-policy", PolicyDocument=ALLOW, Tags=tags)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=f"{stack}-role", PolicyArn=policy)
    iam.create_instance_profile(InstanceProfileName=f"{stack}-profile", Tags=tags)
    iam.add_role_to_instance_profile(InstanceProfileName=f"{stack}-profile", RoleName=f"{stack}-role")

    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("lambda_function.py", "def handler(event, context): pass")
    function = client("lambda").create_function(
        FunctionName=f"{stack}-metadata-lambda",
        Runtime="python3.13",
        Role=role,
        Handler="lambda_function.handler",
        Code={"ZipFile": code.getvalue()},
        Tags=_as_dict(tags),
    )["FunctionArn"]
    topic = client("sns").create_topic(Name=f"{stack}-topic", Tags=tags)["TopicArn"]
    client("kms").create_key(Tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags])
    client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    client("sqs").create_queue(QueueName=f"{stack}-queue", tags=_as_dict(tags))
    client("dynamodb").create_table(
        TableName=f"{stack}-table",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
        Tags=tags,
    )
    client("secretsmanager").create_secret(Name=f"{stack}/app", SecretString="never-a-real-secret", Tags=tags)
    client("logs").create_log_group(logGroupName=f"/{stack}/app", tags=_as_dict(tags))
    client("logs").create_log_group(logGroupName=f"/aws/lambda/{stack}-metadata-lambda")
    ec2.create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogGroupName=f"/{stack}/app",
        DeliverLogsPermissionArn=role,
        **tagged("vpc-flow-log"),
    )
    client("cloudwatch").put_metric_alarm(
        AlarmName=f"{stack}-alarm",
        MetricName="CPUUtilization",
        Namespace="AWS/EC2",
        Statistic="Average",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=80,
        Period=60,
        EvaluationPeriods=1,
        Tags=tags,
    )


@pytest.fixture
def names(client: Callable[[str], Any]) -> Callable[[], dict[str, set[str]]]:
    """What the account holds, asked without tags and without the module under test."""

    def ask() -> dict[str, set[str]]:
        found = {
            "vpc": {v["VpcId"] for v in client("ec2").describe_vpcs()["Vpcs"]},
            "subnet": {s["SubnetId"] for s in client("ec2").describe_subnets()["Subnets"]},
            "address": {a["PublicIp"] for a in client("ec2").describe_addresses()["Addresses"]},
            "group": {g["GroupId"] for g in client("ec2").describe_security_groups()["SecurityGroups"]},
            "acl": {a["NetworkAclId"] for a in client("ec2").describe_network_acls(Filters=MADE)["NetworkAcls"]},
            "key": {k["KeyName"] for k in client("ec2").describe_key_pairs()["KeyPairs"]},
            "template": {t["LaunchTemplateId"] for t in client("ec2").describe_launch_templates()["LaunchTemplates"]},
            "instance": {
                i["InstanceId"]
                for r in client("ec2").describe_instances()["Reservations"]
                for i in r["Instances"]
                if i["State"]["Name"] != "terminated"
            },
            "nat": {
                n["NatGatewayId"]
                for n in client("ec2").describe_nat_gateways()["NatGateways"]
                if n["State"] != "deleted"
            },
            "balancer": {b["LoadBalancerName"] for b in client("elbv2").describe_load_balancers()["LoadBalancers"]},
            "target": {t["TargetGroupName"] for t in client("elbv2").describe_target_groups()["TargetGroups"]},
            "database": {d["DBInstanceIdentifier"] for d in client("rds").describe_db_instances()["DBInstances"]},
            "cluster": {d["DBClusterIdentifier"] for d in client("rds").describe_db_clusters()["DBClusters"]},
            "zone": {z["Id"] for z in client("route53").list_hosted_zones()["HostedZones"]},
            "certificate": {c["CertificateArn"] for c in client("acm").list_certificates()["CertificateSummaryList"]},
            "bucket": {b["Name"] for b in client("s3").list_buckets()["Buckets"]},
            "role": {r["RoleName"] for r in client("iam").list_roles()["Roles"]},
            "profile": {p["Arn"] for p in client("iam").list_instance_profiles()["InstanceProfiles"]},
            "policy": {p["Arn"] for p in client("iam").list_policies(Scope="Local")["Policies"]},
            "function": {f["FunctionName"] for f in client("lambda").list_functions()["Functions"]},
            "topic": {t["TopicArn"] for t in client("sns").list_topics()["Topics"]},
            "encryption key": {
                found["Arn"]
                for one in client("kms").list_keys()["Keys"]
                for found in [client("kms").describe_key(KeyId=one["KeyId"])["KeyMetadata"]]
                if found["KeyState"] == "Enabled" and client("kms").list_resource_tags(KeyId=found["Arn"])["Tags"]
            },
            "queue": set(client("sqs").list_queues().get("QueueUrls", [])),
            "flow": {f["FlowLogId"] for f in client("ec2").describe_flow_logs()["FlowLogs"]},
            "table": set(client("dynamodb").list_tables()["TableNames"]),
            "secret": {s["Name"] for s in client("secretsmanager").list_secrets()["SecretList"]},
            "log": {g["logGroupName"] for g in client("logs").describe_log_groups()["logGroups"]},
            "alarm": {a["AlarmName"] for a in client("cloudwatch").describe_alarms()["MetricAlarms"]},
        }
        groups = client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return found | {"asg": {g["AutoScalingGroupName"] for g in groups}}

    return ask


def test_without_its_vpc_the_rest_is_found(client, names, play, stack):
    before = names()
    tags = [{"ResourceType": "elastic-ip", "Tags": _tags(stack)}]
    client("ec2").allocate_address(Domain="vpc", TagSpecifications=tags)
    client("logs").create_log_group(logGroupName=f"/aws/lambda/{stack}-metadata-lambda")
    play("teardown", teardown_confirm=stack)
    assert names() == before


def test_unconfirmed_nothing_happens(ansible, client, names, stack):
    client("sns").create_topic(Name=f"{stack}-topic", Tags=_tags(stack))
    before = names()
    for confirmed in ("", "another"):
        done = ansible("playbook", "playbooks/teardown.yml", "-e", f"teardown_confirm={confirmed}")
        assert done.returncode == 2
        assert f"-e teardown_confirm={stack}" in done.stdout + done.stderr
    assert names() == before


def test_check_mode_shows_and_deletes_nothing(ansible, client, names, request, stack, writes):
    request.getfixturevalue("everything")
    before, mark = names(), writes()
    done = ansible("playbook", "playbooks/teardown.yml", "--check", "-e", f"teardown_confirm={stack}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert writes(mark) == []
    assert names() == before
    for kind, name in (("rds:db", f"{stack}-db"), ("sns:topic", f"{stack}-topic"), ("iam:role", f"{stack}-role")):
        assert any(kind in line and name in line for line in done.stdout.splitlines()), f"{kind} {name}"
    assert "changed=1" in done.stdout
    assert "Nothing has been deleted. Without --check this would delete" in done.stdout
    assert "termination protection" in done.stdout
    assert "0 to delete" not in done.stdout


def test_all_of_a_stack_goes_and_another_one_stays_as_it_was_byte_by_byte(client, endpoint, names, play, stack):
    build(client, f"{stack}-two")  # its names begin with the other's
    before, named = account.everything(client), names()
    assert any(f"{stack}-two" in item for items in before.values() for item in items)
    build(client, stack)
    assert account.difference(before, account.everything(client))
    assert all(names()[kind] - named[kind] for kind in named)
    begin = api.last_call(endpoint)
    assert play("teardown", teardown_confirm=stack)["changed"] > 0
    needed = iam.needed(api.calls(endpoint, begin))
    assert account.difference(before, account.everything(client)) == {}
    assert names() == named
    assert play("teardown", teardown_confirm=stack)["changed"] == 0
    assert (
        needed - iam.allowed([iam.operator()[name] for name in ("data", "edge", "find", "read", "teardown")]) == set()
    )


def test_what_others_have_in_the_way_is_named_beforehand_and_the_rest_goes(ansible, client, names, request, stack):
    before = names()
    request.getfixturevalue("everything")
    ec2 = client("ec2")
    vpc = next(
        found["VpcId"] for found in ec2.describe_vpcs(Filters=[{"Name": "tag:Stack", "Values": [stack]}])["Vpcs"]
    )
    subnet = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][0]["SubnetId"]
    theirs = [{"Key": "Stack", "Value": stack}, {"Key": "ManagedBy", "Value": "terraform"}]
    tagged = {"TagSpecifications": [{"ResourceType": "network-interface", "Tags": theirs}]}
    eni = ec2.create_network_interface(SubnetId=subnet, **tagged)["NetworkInterface"]["NetworkInterfaceId"]
    client("s3").create_bucket(Bucket=f"{stack}-theirs")
    client("s3").put_bucket_tagging(Bucket=f"{stack}-theirs", Tagging={"TagSet": theirs})
    done = ansible("playbook", "playbooks/teardown.yml", "-e", f"teardown_confirm={stack}")
    assert done.returncode == 2
    plan, _, end = done.stdout.partition("TASK [threetier.aws.teardown : wave")
    for said in (plan.rpartition("cannot go")[2], end.rpartition("is left:")[2]):
        assert f"ec2:network-interface {eni} (not of this stack, tags ManagedBy=terraform, Stack={stack})" in said
        assert vpc in said
        assert subnet in said
    assert f"{stack}-theirs" not in plan
    assert "RETRYING" not in done.stdout
    left = {kind: found - before[kind] for kind, found in names().items() if found != before[kind]}
    assert {kind: found for kind, found in left.items() if kind != "group"} == {
        "vpc": {vpc}, "subnet": {subnet}, "bucket": {f"{stack}-theirs"}
    }  # fmt: skip
    ec2.delete_network_interface(NetworkInterfaceId=eni)
    client("s3").delete_bucket(Bucket=f"{stack}-theirs")
    done = ansible("playbook", "playbooks/teardown.yml", "-e", f"teardown_confirm={stack}")
    assert done.returncode == 0, done.stdout
    assert names() == before


def test_a_teardown_in_another_region_touches_nothing_and_says_where_to_do_it(
    client, endpoint, request, stack, tmp_path
):
    request.getfixturevalue("everything")
    client("iam").tag_role(RoleName=f"{stack}-role", Tags=[{"Key": "Region", "Value": "us-east-1"}])
    before = account.everything(client)
    done = subprocess.run(
        [
            *(
                api.BIN / "ansible-playbook",
                "-i",
                api.make_inventory(tmp_path / "lab", endpoint, regions=["eu-west-1"]),
            ),
            *("playbooks/teardown.yml", "-e", f"teardown_confirm={stack}"),
        ],
        cwd=api.TOP,
        env={**os.environ, **api.paced(), "THREETIER_STACK": stack, "ANSIBLE_NOCOLOR": "1"},
        text=True,
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"s3:bucket {stack}-bucket: us-east-1 made it; tear it down there" in done.stdout
    assert f"iam:role {stack}-role: us-east-1 made it; tear it down there" in done.stdout
    assert account.difference(before, account.everything(client)) == {}


def test_what_is_to_be_kept_is_kept_and_named(ansible, client, names, request, stack):
    before = names()
    request.getfixturevalue("everything")
    keep = json.dumps({"teardown_keep": ["final_snapshot", "buckets"], "teardown_confirm": stack})
    done = ansible("playbook", "playbooks/teardown.yml", "-e", keep)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is left but what stays" in done.stdout
    assert f"s3:bucket  {stack}-bucket" in done.stdout.rsplit("is left but", 1)[1]
    snapshots = [found["DBInstanceIdentifier"] for found in client("rds").describe_db_snapshots()["DBSnapshots"]]
    assert f"{stack}-db" in snapshots
    assert {kind: names()[kind] - before[kind] for kind in before if names()[kind] != before[kind]} == {
        "bucket": {f"{stack}-bucket"}
    }


def test_what_was_cut_off_before_it_was_tagged_is_found_by_its_whole_name(client, names, play, stack):
    before = names()
    theirs = f"{stack}-two-metadata-dead-letter-queue"
    client("sqs").create_queue(QueueName=theirs)
    client("sqs").create_queue(QueueName=f"{stack}-metadata-dead-letter-queue")
    client("s3").create_bucket(Bucket=f"{stack}-backend-s3-bucket-123456789012")
    client("iam").create_instance_profile(InstanceProfileName=f"{stack}-lambda-iam-role")
    play("teardown", teardown_confirm=stack)
    left = {kind: found - before[kind] for kind, found in names().items() if found != before[kind]}
    assert {kind: {name.rpartition("/")[2] for name in found} for kind, found in left.items()} == {"queue": {theirs}}


def test_nobodys_wish_is_misread(ansible, stack):
    wrong = json.dumps({"teardown_keep": ["bucket"], "teardown_confirm": stack})
    done = ansible("playbook", "playbooks/teardown.yml", "-e", wrong)
    assert done.returncode == 2
    assert "final_snapshot, buckets, tables, log_groups" in done.stdout + done.stderr
