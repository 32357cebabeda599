"""Auto Scaling groups, driven round by round; the test plays the machines and the health checks."""

from __future__ import annotations

import json
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import backends
from lab.services.autoscaling import store
from lab.services.autoscaling.controller import Groups
from lab.services.ec2 import instances as ec2
from lab.services.elbv2 import load_balancers as elbv2

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
TAG = {"Key": "Name", "Value": "app-demo-asg-instances", "PropagateAtLaunch": True}


class World:
    """The account, the controller, and machines that come up as soon as they are asked to."""

    def __init__(self, client: Any, image: str, **more: Any) -> None:
        self.asg, self.ec2, self.elb, iam = (client(name) for name in ("autoscaling", "ec2", "elbv2", "iam"))
        iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.create_instance_profile(InstanceProfileName="app")
        iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
        self.ec2.create_key_pair(KeyName="mine")
        subnets = self.ec2.describe_subnets()["Subnets"][:3]
        self.security_group = self.ec2.create_security_group(
            GroupName="app", Description="d", VpcId=subnets[0]["VpcId"]
        )["GroupId"]
        self.data = {
            "ImageId": image,
            "InstanceType": "t3.micro",
            "KeyName": "mine",
            "UserData": "I2Nsb3VkLWNvbmZpZwo=",
            "SecurityGroupIds": [self.security_group],
            "IamInstanceProfile": {"Name": "app"},
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Role", "Value": "webapp"}]}],
        }
        self.ec2.create_launch_template(LaunchTemplateName="web-lt", LaunchTemplateData=self.data)
        group = self.elb.create_target_group(Name="tg", Protocol="HTTP", Port=5000, VpcId=subnets[0]["VpcId"])
        arn = group["TargetGroups"][0]["TargetGroupArn"]
        self.target_group = backends.backend("elbv2", "us-east-1").target_groups[arn]
        self.target_group.load_balancer_arns.append("arn:of:a:balancer")
        wanted = {
            "MinSize": 1,
            "MaxSize": 6,
            "DesiredCapacity": 2,
            "HealthCheckType": "ELB",
            "HealthCheckGracePeriod": 1,
            **more,
        }
        self.asg.create_auto_scaling_group(
            AutoScalingGroupName="asg",
            LaunchTemplate={"LaunchTemplateName": "web-lt", "Version": "$Latest"},
            VPCZoneIdentifier=",".join(subnet["SubnetId"] for subnet in subnets),
            TargetGroupARNs=[arn],
            Tags=[TAG],
            **wanted,
        )
        self.groups = Groups(lambda: None)
        self.sick: set[str] = set()
        self.bad_versions: set[str] = set()
        self.fewest = 99

    def round(self, times: int = 1) -> None:
        for _ in range(times):
            self.look()
            for instance in ec2.all_instances():
                ec2.set_state(
                    instance,
                    {"pending": "running", "shutting-down": "terminated", "stopping": "stopped"}.get(
                        instance.state, instance.state
                    ),
                )
            versions = (
                {m.instance.id: store.of_member(m).version for m in self.group.instance_states} if self.group else {}
            )
            for target_id in list(self.target_group.targets):
                bad = target_id in self.sick or versions.get(target_id) in self.bad_versions
                elbv2.health(self.target_group)[target_id] = (
                    ("unhealthy", "Target.Timeout", "") if bad else elbv2.HEALTHY
                )
            elbv2.draining(self.target_group).clear()
            healthy = sum(seen[0] == "healthy" for seen in elbv2.health(self.target_group).values())
            self.fewest = min(self.fewest, healthy)

    def look(self) -> None:
        """The controller's look at each group."""
        for key in list(self.groups.keys()):
            self.groups.reconcile(key)

    @property
    def group(self) -> Any:
        return backends.backend("autoscaling", "us-east-1").autoscaling_groups.get("asg")

    def members(self, state: str = "InService") -> list[Any]:
        return [member for member in self.group.instance_states if member.lifecycle_state == state]

    def refresh(self, **preferences: Any) -> str:
        return str(
            self.asg.start_instance_refresh(AutoScalingGroupName="asg", Preferences=preferences)["InstanceRefreshId"]
        )

    def refresh_status(self) -> str:
        return str(self.asg.describe_instance_refreshes(AutoScalingGroupName="asg")["InstanceRefreshes"][0]["Status"])

    def new_version(self) -> None:
        self.ec2.create_launch_template_version(
            LaunchTemplateName="web-lt", LaunchTemplateData={**self.data, "InstanceType": "t3.small"}
        )


@pytest.fixture
def world(machines: None, image: str, client: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    clock = SimpleNamespace(now=1000.0)

    def monotonic() -> float:
        clock.now += 0.2  # a round takes well over a second of the group's time
        return clock.now

    monkeypatch.setattr("lab.services.autoscaling.store.lateness.clock", monotonic)
    return World(client, image)


def test_members_come_from_the_template_into_different_zones(world: World) -> None:
    world.round(3)
    instances = [member.instance for member in world.members()]
    assert len(instances) == 2
    assert len({instance.placement.zone for instance in instances}) == 2
    for instance in instances:
        tags = {tag["key"]: tag["value"] for tag in instance.get_tags()}
        assert (tags["Name"], tags["Role"]) == ("app-demo-asg-instances", "webapp")
        assert tags["aws:autoscaling:groupName"] == "asg"
        assert (instance.instance_type, instance.key_name) == ("t3.micro", "mine")
        assert instance.metadata_options.http_tokens == "required"
        assert [group.id for group in instance.nics[0].group_set] == [world.security_group]
        assert instance.iam_instance_profile["Arn"].endswith(":instance-profile/app")
        assert instance.user_data.decode() == "#cloud-config\n"
    assert set(world.target_group.targets) == {instance.id for instance in instances}
    shown = world.asg.describe_scaling_activities(AutoScalingGroupName="asg")["Activities"]
    assert {activity["StatusCode"] for activity in shown} == {"Successful"}


def test_what_dies_is_replaced_and_leaves_the_target_group(world: World) -> None:
    world.round(3)
    first, second = (member.instance for member in world.members())
    world.ec2.terminate_instances(InstanceIds=[first.id])
    world.round(4)
    assert len(world.members()) == 2
    assert second.id in {member.instance.id for member in world.members()}
    assert first.id not in world.target_group.targets
    assert len(world.target_group.targets) == 2
    ec2.set_impaired(second, True)
    world.round(4)
    assert second.id not in {member.instance.id for member in world.members()}
    assert len(world.members()) == 2


def test_what_fails_the_balancers_check_is_replaced_unless_that_is_suspended(world: World) -> None:
    world.round(3)
    sick = world.members()[0].instance.id
    world.asg.suspend_processes(AutoScalingGroupName="asg", ScalingProcesses=["ReplaceUnhealthy"])
    world.sick.add(sick)
    world.round(12)
    assert sick in {member.instance.id for member in world.members()}
    world.asg.resume_processes(AutoScalingGroupName="asg")
    world.round(4)
    assert sick not in {member.instance.id for member in world.members()}
    assert len(world.members()) == 2


def test_scaling_in_and_out_keeps_the_zones_balanced(world: World) -> None:
    world.asg.set_desired_capacity(AutoScalingGroupName="asg", DesiredCapacity=6)
    world.round(4)
    assert sorted(Counter(member.instance.placement.zone for member in world.members()).values()) == [2, 2, 2]
    world.asg.set_desired_capacity(AutoScalingGroupName="asg", DesiredCapacity=3)
    world.round(4)
    assert sorted(Counter(member.instance.placement.zone for member in world.members()).values()) == [1, 1, 1]
    with pytest.raises(ClientError, match="must be between 1 and 6"):
        world.asg.set_desired_capacity(AutoScalingGroupName="asg", DesiredCapacity=7)


def test_a_launch_that_fails_is_an_activity_that_failed(world: World) -> None:
    world.round(3)
    world.ec2.create_launch_template_version(
        LaunchTemplateName="web-lt", LaunchTemplateData={**world.data, "ImageId": "ami-00000000000000000"}
    )
    world.asg.set_desired_capacity(AutoScalingGroupName="asg", DesiredCapacity=3)
    world.round(2)
    newest = world.asg.describe_scaling_activities(AutoScalingGroupName="asg")["Activities"][0]
    assert newest["StatusCode"] == "Failed"
    assert "ami-00000000000000000" in newest["StatusMessage"]


def test_deletion_needs_force_and_ends_the_instances_first(world: World) -> None:
    world.round(3)
    with pytest.raises(ClientError, match="while there are instances"):
        world.asg.delete_auto_scaling_group(AutoScalingGroupName="asg")
    world.asg.delete_auto_scaling_group(AutoScalingGroupName="asg", ForceDelete=True)
    shown = world.asg.describe_auto_scaling_groups()["AutoScalingGroups"][0]
    assert shown["Status"] == "Delete in progress"
    world.round(4)
    assert world.asg.describe_auto_scaling_groups()["AutoScalingGroups"] == []
    assert {instance.state for instance in ec2.all_instances()} == {"terminated"}
    assert not world.target_group.targets


@pytest.mark.parametrize(("floor", "ceiling", "fewest"), [(100, 200, 2), (50, 100, 1)])
def test_a_refresh_replaces_all_and_keeps_its_floor(world: World, floor: int, ceiling: int, fewest: int) -> None:
    world.round(4)
    before = {member.instance.id for member in world.members()}
    world.new_version()
    world.fewest = 99
    world.refresh(MinHealthyPercentage=floor, MaxHealthyPercentage=ceiling)
    with pytest.raises(ClientError, match="already in progress"):
        world.refresh()
    world.round(20)
    assert world.refresh_status() == "Successful"
    members = [member.instance for member in world.members()]
    assert len(members) == 2
    assert not before & {instance.id for instance in members}
    assert {instance.instance_type for instance in members} == {"t3.small"}
    assert world.fewest == fewest


def test_a_refresh_whose_instances_fail_rolls_back(world: World) -> None:
    world.asg.update_auto_scaling_group(
        AutoScalingGroupName="asg", LaunchTemplate={"LaunchTemplateName": "web-lt", "Version": "1"}
    )
    world.round(4)
    world.new_version()
    world.bad_versions.add("2")
    world.fewest = 99
    desired = {"LaunchTemplate": {"LaunchTemplateName": "web-lt", "Version": "2"}}
    preferences = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200, "AutoRollback": True}
    world.asg.start_instance_refresh(AutoScalingGroupName="asg", DesiredConfiguration=desired, Preferences=preferences)
    world.round(40)
    assert world.refresh_status() == "RollbackSuccessful"
    assert {member.instance.instance_type for member in world.members()} == {"t3.micro"}
    assert len(world.members()) == 2
    assert world.fewest == 2


def test_a_cancelled_refresh_stops_where_it_is(world: World) -> None:
    world.round(4)
    before = {member.instance.id for member in world.members()}
    world.refresh(MinHealthyPercentage=100, MaxHealthyPercentage=200)
    world.asg.cancel_instance_refresh(AutoScalingGroupName="asg")
    world.round(4)
    assert world.refresh_status() == "Cancelled"
    assert {member.instance.id for member in world.members()} == before
    with pytest.raises(ClientError, match="No in progress"):
        world.asg.cancel_instance_refresh(AutoScalingGroupName="asg")


def test_a_member_on_standby_serves_nobody_is_not_replaced_and_comes_back(world: World) -> None:
    world.round(3)
    chosen = world.members()[0].instance.id
    call = {"AutoScalingGroupName": "asg", "InstanceIds": [chosen]}
    world.asg.enter_standby(**call, ShouldDecrementDesiredCapacity=True)
    assert [member.instance.id for member in world.members("EnteringStandby")] == [chosen]
    world.look()
    assert chosen not in world.target_group.targets
    assert [member.instance.id for member in world.members("EnteringStandby")] == [chosen]  # its last requests
    world.round(4)
    assert [member.instance.id for member in world.members("Standby")] == [chosen]
    assert (world.group.desired_capacity, len(world.group.instance_states)) == (1, 2)
    world.asg.exit_standby(**call)
    world.round(2)
    assert chosen in {member.instance.id for member in world.members()}
    assert chosen in world.target_group.targets
    assert (world.group.desired_capacity, len(world.group.instance_states)) == (2, 2)


def test_standby_never_takes_a_group_below_its_minimum_nor_above_its_maximum(world: World) -> None:
    world.round(3)
    ids = [member.instance.id for member in world.members()]
    call = {"AutoScalingGroupName": "asg", "InstanceIds": ids}
    with pytest.raises(ClientError, match="min-size=1"):
        world.asg.enter_standby(**call, ShouldDecrementDesiredCapacity=True)
    assert len(world.members()) == 2
    call["InstanceIds"] = ids[:1]
    world.asg.enter_standby(**call, ShouldDecrementDesiredCapacity=True)
    world.round(2)
    world.asg.update_auto_scaling_group(AutoScalingGroupName="asg", MaxSize=1)
    with pytest.raises(ClientError, match="max size 1"):
        world.asg.exit_standby(**call)
