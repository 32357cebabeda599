"""playbooks/scale.yml, stop.yml and start.yml on a group without machines, and what the inventory says of its hosts."""

from __future__ import annotations

import json

import pytest

from tests import api, iam


@pytest.fixture(scope="module")
def asked() -> set[str]:
    """The actions that IAM had to allow."""
    return set()


@pytest.fixture
def ansible(ansible, asked, endpoint):
    """As conftest's, with the actions kept."""

    def run(*arguments: str):
        last = api.last_call(endpoint)
        done = ansible(*arguments)
        asked.update(iam.needed(api.calls(endpoint, last)))
        return done

    return run


@pytest.fixture
def group(client, stack):
    """A group of two behind a target group, a bastion and a database; group() says what AWS has of it now."""
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
    bastion = [{"Key": key, "Value": value} for key, value in (tags | {"Role": "bastion"}).items()]
    ec2.run_instances(
        ImageId=image, SubnetId=subnets[0], MinCount=1, MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": bastion}],
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


def _refused(ansible, playbook: str, *options: str) -> str:
    """What a playbook that was refused has said, in one line."""
    done = ansible("playbook", f"playbooks/{playbook}.yml", *options)
    assert done.returncode == 2, done.stdout
    return " ".join(done.stdout.split() + done.stderr.split())


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
    sizes = _sizes(group())
    for playbook in (["stop"], ["scale", "-e", "scale_desired=2"]):  # they would wait for that host for ever
        assert f"{one} of {stack}-asg are on standby" in _refused(ansible, *playbook)
    assert _sizes(group()) == sizes


def test_scale_changes_what_is_given_and_nothing_the_second_time(ansible, group, play):
    assert play("scale", scale_desired=3)["changed"] == 1
    assert _sizes(group()) == (1, 3, 3)
    assert play("scale", scale_desired=3)["changed"] == 0
    refused = ansible("playbook", "playbooks/scale.yml", "-e", "scale_desired=9")
    assert refused.returncode == 2
    assert "desired_capacity (9) has to be between min_size (1) and max_size (3)" in refused.stdout
    assert _sizes(group()) == (1, 3, 3)


def test_stop_and_start_bring_back_what_there_was(ansible, client, group, play, stack):
    assert play("stop")["changed"] == 2
    assert _sizes(group()) == (0, 0, 3)
    database = client("rds").describe_db_instances(DBInstanceIdentifier=f"{stack}-db")["DBInstances"]
    assert database[0]["DBInstanceStatus"] == "stopped"
    assert play("stop")["changed"] == 0
    for playbook in (["scale", "-e", "scale_desired=2"], ["patch"]):
        said = _refused(ansible, *playbook)
        assert f"The fleet of {stack} is stopped. Start it first: playbooks/start.yml." in said
    assert play("start")["changed"] == 2
    assert _sizes(group()) == (1, 2, 3)
    database = client("rds").describe_db_instances(DBInstanceIdentifier=f"{stack}-db")["DBInstances"]
    assert database[0]["DBInstanceStatus"] == "available"
    assert play("start")["changed"] == 0


def _health(client, stack) -> dict[str, str]:
    elb = client("elbv2")
    arn = elb.describe_target_groups(Names=[f"{stack}-tg"])["TargetGroups"][0]["TargetGroupArn"]
    found = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return {target["Target"]["Id"]: target["TargetHealth"]["State"] for target in found}


def _notes(group) -> tuple[set[str], set[str]]:
    """Of what runs have to undo: tags, and processes that are suspended."""
    tags = {tag["Key"] for tag in group["Tags"] if tag["Key"].startswith("Patch")}
    return tags, {process["ProcessName"] for process in group["SuspendedProcesses"]}


def test_a_host_is_drained_and_put_back_and_what_a_killed_run_left_is_undone(client, group, ansible, stack):
    asg = client("autoscaling")
    asg.suspend_processes(AutoScalingGroupName=f"{stack}-asg", ScalingProcesses=["ScheduledActions"])  # somebody else
    asg.update_auto_scaling_group(AutoScalingGroupName=f"{stack}-asg", MinSize=2)
    before = group()
    one, two = sorted(member["InstanceId"] for member in before["Instances"])

    def run(host, code=0, **variables):
        done = ansible("playbook", "tests/playbooks/standby.yml", "-e", json.dumps({"host": host, **variables}))
        assert done.returncode == code, done.stdout
        return done.stdout

    run(one, cut_off=True)
    assert (_sizes(group()), _health(client, stack)) == ((1, 1, 3), {two: "healthy"})
    assert _notes(group()) == (
        {"PatchSuspended", "PatchMinSize", "PatchImage"},
        {"AZRebalance", "AlarmNotification", "InstanceRefresh", "ScheduledActions"},
    )
    # The other one is all that serves.
    assert "it would leave 0 healthy targets, and patch_min_healthy is 1" in run(two, code=2)
    assert (_sizes(group()), _health(client, stack)) == ((1, 1, 3), {two: "healthy"})
    assert _notes(group()) == ({"PatchMinSize", "PatchImage"}, {"ScheduledActions"})

    run(one)
    assert _notes(group()) == (set(), {"ScheduledActions"})
    assert (_sizes(group()), _health(client, stack)) == ((2, 2, 3), {one: "healthy", two: "healthy"})
    assert sorted(member["InstanceId"] for member in group()["Instances"]) == [one, two]
    tags = client("ec2").describe_tags(Filters=[{"Name": "key", "Values": ["PatchDrained"]}])["Tags"]
    assert tags == []
    assert group()["Tags"] == before["Tags"]
    run(two)
    assert _notes(group()) == (set(), {"ScheduledActions"})


def test_the_operator_may_make_each_call_of_these(asked):
    assert {"autoscaling:EnterStandby", "rds:StartDBInstance"} <= asked
    assert asked - iam.allowed(iam.operator().values()) == set()
