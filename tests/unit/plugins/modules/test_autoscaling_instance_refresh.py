"""A fleet is brought to a version of its template once, joined if under way, and waited for until it is there."""

from __future__ import annotations

import datetime

import boto3
import pytest
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from botocore.stub import Stubber

NAME = "demo-app-asg"
WANTED = {"name": NAME, "launch_template_id": "lt-0123456789abcdef0", "launch_template_version": 2}


def _template(version: int) -> dict[str, str]:
    return {"LaunchTemplateId": "lt-0123456789abcdef0", "Version": str(version)}


def _group(version: int, *instances: tuple[int, str]) -> dict:
    made = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    return {
        "AutoScalingGroupName": NAME,
        "MinSize": 1,
        "MaxSize": 3,
        "DesiredCapacity": 2,
        "DefaultCooldown": 300,
        "AvailabilityZones": ["us-east-1a"],
        "HealthCheckType": "ELB",
        "CreatedTime": made,
        "LaunchTemplate": _template(version),
        "Instances": [
            {
                "InstanceId": f"i-{number}",
                "AvailabilityZone": "us-east-1a",
                "LifecycleState": state,
                "HealthStatus": "Healthy",
                "ProtectedFromScaleIn": False,
                "LaunchTemplate": _template(made_by),
            }
            for number, (made_by, state) in enumerate(instances)
        ],
    }


def _refresh(status: str, version: int = 2, **more) -> dict:
    return {
        "InstanceRefreshId": "r-1",
        "AutoScalingGroupName": NAME,
        "Status": status,
        "DesiredConfiguration": {"LaunchTemplate": _template(version)},
        **more,
    }


@pytest.fixture
def api(monkeypatch):
    """AWS's side of the talk, held against the service's own model: endings that the lab alone does not show."""
    client = boto3.client("autoscaling", region_name="us-east-1")
    monkeypatch.setattr(AnsibleAWSModule, "client", lambda self, service, **options: client)
    monkeypatch.setattr("botocore.waiter.time.sleep", lambda _seconds: None)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def _sees_group(api, group):
    api.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [group]}, {"AutoScalingGroupNames": [NAME]})


def _sees_latest(api, *refreshes):
    api.add_response(
        "describe_instance_refreshes",
        {"InstanceRefreshes": list(refreshes)},
        {"AutoScalingGroupName": NAME, "MaxRecords": 1},
    )


def _sees_progress(api, *refreshes):
    for refresh in refreshes:
        api.add_response(
            "describe_instance_refreshes",
            {"InstanceRefreshes": [refresh]},
            {"AutoScalingGroupName": NAME, "InstanceRefreshIds": ["r-1"]},
        )


def _starts(api):
    api.add_response(
        "start_instance_refresh",
        {"InstanceRefreshId": "r-1"},
        {
            "AutoScalingGroupName": NAME,
            "DesiredConfiguration": {"LaunchTemplate": _template(2)},
            "Preferences": {
                "MinHealthyPercentage": 100,
                "MaxHealthyPercentage": 200,
                "AutoRollback": True,
                "SkipMatching": True,
            },
        },
    )


def test_a_fleet_of_that_version_is_left_alone(api, run_module):
    _sees_group(api, _group(2, (2, "InService"), (1, "Terminating:Wait")))
    said = run_module("autoscaling_instance_refresh", **WANTED)
    assert (said["changed"], said["outdated_instance_ids"]) == (False, [])
    assert said["diff"]["before"] == said["diff"]["after"]


def test_a_refresh_is_predicted_and_nothing_sent(api, run_module):
    _sees_group(api, _group(1, (1, "InService"), (1, "InService")))
    _sees_latest(api, _refresh("Successful", version=1))
    said = run_module("autoscaling_instance_refresh", check=True, **WANTED)
    assert (said["changed"], said["outdated_instance_ids"]) == (True, ["i-0", "i-1"])


def test_a_fleet_of_an_older_version_is_refreshed_and_waited_for(api, run_module):
    _sees_group(api, _group(1, (1, "InService")))
    _sees_latest(api)
    _starts(api)
    _sees_progress(api, _refresh("Pending"), _refresh("InProgress"), _refresh("Successful"))
    _sees_latest(api, _refresh("Successful", PercentageComplete=100))
    said = run_module("autoscaling_instance_refresh", **WANTED)
    assert said["changed"]
    assert [step["status"] for step in said["progress"]] == ["Pending", "InProgress", "Successful"]
    assert said["instance_refresh"] == {
        "instance_refresh_id": "r-1",
        "status": "Successful",
        "percentage_complete": 100,
    }


def test_an_instance_left_behind_is_replaced_too(api, run_module):
    _sees_group(api, _group(2, (2, "InService"), (1, "InService")))
    _sees_latest(api, _refresh("Cancelled"))
    _starts(api)
    _sees_latest(api, _refresh("Pending"))
    assert run_module("autoscaling_instance_refresh", wait=False, **WANTED)["changed"]


def test_a_refresh_under_way_is_joined(api, run_module):
    _sees_group(api, _group(1, (1, "InService")))
    _sees_latest(api, _refresh("InProgress"))
    _sees_progress(api, _refresh("Successful"))
    _sees_latest(api, _refresh("Successful"))
    said = run_module("autoscaling_instance_refresh", **WANTED)
    assert not said["changed"]
    assert said["instance_refresh"]["status"] == "Successful"


def test_a_refresh_that_was_rolled_back_fails_with_its_reason(api, run_module):
    _sees_group(api, _group(1, (1, "InService")))
    _sees_latest(api)
    _starts(api)
    _sees_progress(
        api,
        _refresh("InProgress"),
        _refresh("RollbackSuccessful", RollbackDetails={"RollbackReason": "i-7 never became healthy"}),
    )
    said = run_module("autoscaling_instance_refresh", **WANTED)
    assert said["failed"]
    assert said["msg"].startswith(
        f"The instance refresh of {NAME} ended as RollbackSuccessful: i-7 never became healthy"
    )


def test_a_refresh_that_takes_too_long_says_how_far_it_is(api, run_module):
    _sees_group(api, _group(1, (1, "InService")))
    _sees_latest(api)
    _starts(api)
    slow = _refresh("InProgress", PercentageComplete=50, StatusReason="Waiting for i-7")
    _sees_progress(api, slow, slow, slow, slow)
    said = run_module("autoscaling_instance_refresh", wait_timeout=30, **WANTED)
    assert said["failed"]
    assert f"The instance refresh of {NAME} is InProgress at 50 % after 30 seconds" in said["msg"]


def test_another_refresh_is_in_the_way(api, run_module):
    for check in (True, False):
        _sees_group(api, _group(1, (1, "InService")))
        _sees_latest(api, _refresh("InProgress", version=3, PercentageComplete=40))
        said = run_module("autoscaling_instance_refresh", check=check, **WANTED)
        assert said["msg"] == (
            f"{NAME} is being brought to version 3 of its launch template (InProgress, 40 %)."
            " Wait for that to end, or roll it back with state: rolled_back."
        )


def test_a_group_that_is_not_there_is_said(api, run_module):
    api.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": []}, {"AutoScalingGroupNames": [NAME]})
    said = run_module("autoscaling_instance_refresh", **WANTED)
    assert said["failed"]
    assert said["msg"].startswith(f"There is no Auto Scaling group named {NAME}.")
