"""On the API alone an instance refresh moves on with each look, and a group's policies go with it; DynamoDB's keys."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def group(api: None, client: Any, image: str) -> str:
    ec2 = client("ec2")
    for _version in range(2):
        make = ec2.create_launch_template if not _version else ec2.create_launch_template_version
        make(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image})
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="asg",
        MinSize=0,
        MaxSize=2,
        DesiredCapacity=2,
        AvailabilityZones=["us-east-1a"],
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"},
    )
    return "asg"


def versions(client: Any) -> tuple[str, list[str]]:
    """Of the group, and of its instances."""
    (group,) = client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    instances = [instance["LaunchTemplate"]["Version"] for instance in group["Instances"]]
    return group["LaunchTemplate"]["Version"], sorted(instances)


def test_instances_stand_in_different_zones(api: None, client: Any, image: str) -> None:
    """Those of one request too, each in a subnet of its zone; which zones those are does not change from run to run."""
    ec2 = client("ec2")
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image})
    zones = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in ec2.describe_subnets()["Subnets"][:3]}
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="asg",
        MinSize=2,
        MaxSize=2,
        VPCZoneIdentifier=",".join(reversed(zones)),
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"},
    )
    instances = [one for found in ec2.describe_instances()["Reservations"] for one in found["Instances"]]
    assert sorted(zones[one["SubnetId"]] for one in instances) == ["us-east-1a", "us-east-1b"]
    assert all(one["Placement"]["AvailabilityZone"] == zones[one["SubnetId"]] for one in instances)


def look(client: Any) -> str:
    return client("autoscaling").describe_instance_refreshes(AutoScalingGroupName="asg")["InstanceRefreshes"][0][
        "Status"
    ]


def start(client: Any) -> None:
    desired = {"LaunchTemplate": {"LaunchTemplateName": "web", "Version": "2"}}
    client("autoscaling").start_instance_refresh(AutoScalingGroupName="asg", DesiredConfiguration=desired)


def test_instances_keep_the_version_they_were_launched_with(group: str, client: Any) -> None:
    assert versions(client) == ("1", ["1", "1"])


def test_a_refresh_replaces_one_instance_with_each_look(group: str, client: Any) -> None:
    before = {
        one["InstanceId"] for one in client("autoscaling").describe_auto_scaling_instances()["AutoScalingInstances"]
    }
    start(client)
    assert [look(client) for _look in range(2)] == ["Pending", "InProgress"]
    assert versions(client) == ("1", ["1", "2"])
    assert [look(client) for _look in range(3)] == ["InProgress", "InProgress", "Successful"]
    assert versions(client) == ("2", ["2", "2"])
    after = {
        one["InstanceId"] for one in client("autoscaling").describe_auto_scaling_instances()["AutoScalingInstances"]
    }
    assert not before & after


def test_a_refresh_is_rolled_back(group: str, client: Any) -> None:
    start(client)
    for _look in range(2):
        look(client)
    client("autoscaling").rollback_instance_refresh(AutoScalingGroupName="asg")
    assert [look(client) for _look in range(3)] == ["RollbackInProgress", "RollbackInProgress", "RollbackSuccessful"]
    assert versions(client) == ("1", ["1", "1"])


def test_a_table_is_encrypted_with_another_key(api: None, client: Any) -> None:
    table = client("dynamodb")
    table.create_table(
        TableName="files",
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    table.update_table(TableName="files", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key})
    assert table.describe_table(TableName="files")["Table"]["SSEDescription"]["KMSMasterKeyArn"] == key
    table.update_table(TableName="files", SSESpecification={"Enabled": False})
    assert "SSEDescription" not in table.describe_table(TableName="files")["Table"]


def test_a_groups_policies_go_with_it(group: str, client: Any) -> None:
    scaling = client("autoscaling")
    goal = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 50}
    scaling.put_scaling_policy(
        AutoScalingGroupName=group,
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration=goal,
    )
    assert [policy["PolicyName"] for policy in scaling.describe_policies()["ScalingPolicies"]] == ["cpu"]
    scaling.delete_auto_scaling_group(AutoScalingGroupName=group, ForceDelete=True)
    assert scaling.describe_policies()["ScalingPolicies"] == []
