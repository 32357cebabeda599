"""On the API alone a group's target groups hold its members in service, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def registered(api: None, client: Any, image: str) -> Callable[[], list[str]]:
    """A group of two; registered() are the ids of its target group's targets."""
    ec2, asg, elb = client("ec2"), client("autoscaling"), client("elbv2")
    for _version in range(2):
        make = ec2.create_launch_template if not _version else ec2.create_launch_template_version
        make(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image})
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    arn = elb.create_target_group(Name="tg", Protocol="HTTP", Port=5000, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    asg.create_auto_scaling_group(
        AutoScalingGroupName="asg", MinSize=0, MaxSize=4, DesiredCapacity=2, AvailabilityZones=["us-east-1a"],
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"}, TargetGroupARNs=[arn],
    )  # fmt: skip
    found = elb.describe_target_health
    return lambda: sorted(t["Target"]["Id"] for t in found(TargetGroupArn=arn)["TargetHealthDescriptions"])


def members(client: Any) -> list[str]:
    (group,) = client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return sorted(one["InstanceId"] for one in group["Instances"] if one["LifecycleState"] == "InService")


def test_who_was_ended_is_gone_and_who_is_new_is_there(registered: Any, client: Any) -> None:
    sizes = []
    for size in (2, 0, 3, 1):
        client("autoscaling").set_desired_capacity(AutoScalingGroupName="asg", DesiredCapacity=size)
        assert registered() == members(client)
        sizes.append(len(registered()))
    assert sizes == [2, 0, 3, 1]


def test_who_is_on_standby_stays_out_whatever_changes_meanwhile(registered: Any, client: Any) -> None:
    asg, (one, two) = client("autoscaling"), members(client)
    asg.enter_standby(AutoScalingGroupName="asg", InstanceIds=[one], ShouldDecrementDesiredCapacity=True)
    asg.update_auto_scaling_group(AutoScalingGroupName="asg", MinSize=1, MaxSize=3)
    assert registered() == members(client) == [two]
    asg.exit_standby(AutoScalingGroupName="asg", InstanceIds=[one])
    assert registered() == members(client) == [one, two]


def test_a_refresh_takes_the_old_ones_out_and_the_new_ones_in(registered: Any, client: Any) -> None:
    asg, before = client("autoscaling"), members(client)
    desired = {"LaunchTemplate": {"LaunchTemplateName": "web", "Version": "2"}}
    asg.start_instance_refresh(AutoScalingGroupName="asg", DesiredConfiguration=desired)
    while asg.describe_instance_refreshes(AutoScalingGroupName="asg")["InstanceRefreshes"][0]["Status"] != "Successful":
        pass
    assert registered() == members(client)
    assert not set(before) & set(registered())
