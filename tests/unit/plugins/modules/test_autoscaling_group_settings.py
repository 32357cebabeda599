"""Single settings of a group change, and nothing else of it does."""

from __future__ import annotations

import pytest

NAME = "demo-app-asg"


@pytest.fixture
def group(client):
    """group() says what AWS has of it now."""
    ec2, asg = client("ec2"), client("autoscaling")
    image = ec2.register_image(Name="base", Architecture="x86_64")["ImageId"]
    data = {"ImageId": image, "InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName="web-lt", LaunchTemplateData=data)
    ec2.create_launch_template_version(LaunchTemplateName="web-lt", LaunchTemplateData=data)
    asg.create_auto_scaling_group(
        AutoScalingGroupName=NAME, MinSize=1, MaxSize=3, DesiredCapacity=2, HealthCheckType="ELB",
        HealthCheckGracePeriod=77, LaunchTemplate={"LaunchTemplateName": "web-lt", "Version": "1"},
        AvailabilityZones=["us-east-1a"],
        Tags=[{"Key": "Stack", "Value": "demo-app", "PropagateAtLaunch": True, "ResourceId": NAME}],
    )  # fmt: skip
    asg.suspend_processes(AutoScalingGroupName=NAME, ScalingProcesses=["Terminate"])
    return lambda: asg.describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"][0]


def _suspended(group):
    return sorted(process["ProcessName"] for process in group["SuspendedProcesses"])


@pytest.mark.parametrize(
    "options",
    [
        {"min_size": 0},
        {"desired_capacity": 3, "max_size": 4},
        {"launch_template_version": 2},
        {"suspend": ["AZRebalance"]},
        {"resume": ["Terminate"]},
        {"tags": {"PatchSuspended": "AZRebalance", "Stack": "other"}},
        {"remove_tags": ["Stack"]},
    ],
)
def test_each_is_predicted_done_once_and_leaves_the_rest(group, cycle, options):
    before = group()
    cycle("autoscaling_group_settings", name=NAME, **options)
    after = group()
    assert (after["HealthCheckType"], after["HealthCheckGracePeriod"]) == ("ELB", 77)
    touched = {
        "min_size": "MinSize", "max_size": "MaxSize", "desired_capacity": "DesiredCapacity",
        "launch_template_version": "LaunchTemplate", "suspend": "SuspendedProcesses", "resume": "SuspendedProcesses",
        "tags": "Tags", "remove_tags": "Tags",
    }  # fmt: skip
    changed = {key for key in before if before[key] != after.get(key)} - {"Instances"}
    assert changed == {touched[option] for option in options}


def test_what_somebody_else_suspended_stays_suspended(group, run_module):
    run_module("autoscaling_group_settings", name=NAME, suspend=["AZRebalance", "AlarmNotification"])
    assert _suspended(group()) == ["AZRebalance", "AlarmNotification", "Terminate"]
    run_module("autoscaling_group_settings", name=NAME, resume=["AZRebalance", "AlarmNotification"])
    assert _suspended(group()) == ["Terminate"]


def test_sizes_that_contradict_each_other_are_said_before_anything_is_touched(group, run_module):
    before = group()
    said = run_module("autoscaling_group_settings", name=NAME, desired_capacity=9, suspend=["Launch"])
    assert said["failed"]
    assert said["msg"].startswith("desired_capacity (9) has to be between min_size (1) and max_size (3)")
    assert group() == before


def test_a_group_that_is_not_there_is_said(client, run_module):
    said = run_module("autoscaling_group_settings", name="none-of-these", min_size=0)
    assert said["msg"].startswith("There is no Auto Scaling group named none-of-these.")
