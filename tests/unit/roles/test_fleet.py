"""playbooks/scale.yml, stop.yml and start.yml on a group without machines, and what the inventory says of its hosts."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def group(client, stack):
    """A group of two behind a target group, and a database; group() says what AWS has of it now."""
    ec2, asg, elb = client("ec2"), client("autoscaling"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    zones = {"us-east-1a": "10.0.1.0/24", "us-east-1b": "10.0.2.0/24"}
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for zone, cidr in zones.items()
    ]
    image = ec2.register_image(Name=f"{stack}-base", Architecture="x86_64")["ImageId"]
    ec2.create_launch_template(
        LaunchTemplateName=f"{stack}-lt", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"}
    )
    target_group = elb.create_target_group(Name=f"{stack}-tg", Protocol="HTTP", Port=5000, VpcId=vpc)
    arn = target_group["TargetGroups"][0]["TargetGroupArn"]
    balancer = elb.create_load_balancer(Name=f"{stack}-alb", Subnets=subnets)["LoadBalancers"][0]
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )  # fmt: skip
    tags = {"Stack": stack, "Role": "webapp", "ManagedBy": "threetier.aws"}
    asg.create_auto_scaling_group(
        AutoScalingGroupName=f"{stack}-asg", MinSize=1, MaxSize=3, DesiredCapacity=2, HealthCheckType="ELB",
        LaunchTemplate={"LaunchTemplateName": f"{stack}-lt", "Version": "1"}, TargetGroupARNs=[arn],
        VPCZoneIdentifier=",".join(subnets),
        Tags=[{"Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in tags.items()],
    )  # fmt: skip
    client("rds").create_db_subnet_group(
        DBSubnetGroupName=f"{stack}-subnets", DBSubnetGroupDescription="-", SubnetIds=subnets
    )
    client("rds").create_db_instance(
        DBInstanceIdentifier=f"{stack}-db", DBSubnetGroupName=f"{stack}-subnets", Engine="mysql",
        DBInstanceClass="db.t4g.micro", AllocatedStorage=20, MasterUsername="admin", ManageMasterUserPassword=True,
    )  # fmt: skip

    def now():
        return asg.describe_auto_scaling_groups(AutoScalingGroupNames=[f"{stack}-asg"])["AutoScalingGroups"][0]

    return now


def _sizes(group) -> tuple[int, int, int]:
    return group["MinSize"], group["DesiredCapacity"], group["MaxSize"]


def test_the_inventory_says_what_the_group_and_the_balancer_think(ansible, group, client, stack):
    one, two = sorted(member["InstanceId"] for member in group()["Instances"])
    client("autoscaling").enter_standby(
        AutoScalingGroupName=f"{stack}-asg", InstanceIds=[one], ShouldDecrementDesiredCapacity=True
    )
    done = ansible("inventory", "--list")
    assert done.returncode == 0, done.stderr
    hosts = json.loads(done.stdout)["_meta"]["hostvars"]

    def said(name):
        # what comes from outside is marked as such in this output
        return {host: hosts[host][name]["__ansible_unsafe"] for host in (one, two)}

    assert said("fleet_lifecycle_state") == {one: "Standby", two: "InService"}
    assert said("fleet_target_health") == {one: "unused", two: "healthy"}
    assert set(said("fleet_group").values()) == {f"{stack}-asg"}
    assert all(zone.startswith("us-east-1") for zone in said("fleet_availability_zone").values())


def test_scale_changes_what_is_given_and_nothing_the_second_time(ansible, group, play):
    assert play("scale", scale_desired=3)["changed"] == 1
    assert _sizes(group()) == (1, 3, 3)
    assert play("scale", scale_desired=3)["changed"] == 0
    refused = ansible("playbook", "playbooks/scale.yml", "-e", "scale_desired=9")
    assert refused.returncode == 2
    assert "desired_capacity (9) has to be between min_size (1) and max_size (3)" in refused.stdout
    assert _sizes(group()) == (1, 3, 3)


def test_stop_and_start_bring_back_what_there_was(client, group, play, stack):
    assert play("stop")["changed"] == 2
    assert _sizes(group()) == (0, 0, 3)
    database = client("rds").describe_db_instances(DBInstanceIdentifier=f"{stack}-db")["DBInstances"]
    assert database[0]["DBInstanceStatus"] == "stopped"
    assert play("stop")["changed"] == 0
    assert play("start")["changed"] == 2
    assert _sizes(group()) == (1, 2, 3)
    database = client("rds").describe_db_instances(DBInstanceIdentifier=f"{stack}-db")["DBInstances"]
    assert database[0]["DBInstanceStatus"] == "available"
    assert play("start")["changed"] == 0
