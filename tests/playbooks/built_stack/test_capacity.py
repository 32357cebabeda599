"""Zones without room for an instance, and accounts without room for a fleet."""

from __future__ import annotations

import re

import pytest
import requests

from tests import api
from tests.walk.states import end_bastion

from ..test_plan import run  # noqa: F401
from .conftest import QUICK
from .test_releases import BAKED, release  # noqa: F401

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


@pytest.fixture
def full(endpoint):
    """full(zones): there no instance can be launched."""
    yield lambda zones: requests.put(f"{endpoint}/lab/faults", json={"no_capacity": zones}, timeout=30)
    requests.delete(f"{endpoint}/lab/faults", timeout=30)


@pytest.fixture
def placed(client):
    """placed("bastion"): the zones of those that were launched, the newest last."""

    def look(role: str) -> list[str]:
        found = client("ec2").describe_instances(Filters=[{"Name": "tag:Role", "Values": [role]}])["Reservations"]
        instances = sorted((one for each in found for one in each["Instances"]), key=lambda one: one["LaunchTime"])
        return [one["Placement"]["AvailabilityZone"] for one in instances]

    return look


def test_where_a_zone_has_no_room_another_one_is_taken(site, run, placed, full, release):  # noqa: F811
    assert placed("bastion") == [ZONES[0]]
    end_bastion(site)
    full(ZONES)
    said = re.sub(r"\s+", " ", run("bastion", *api.NO_HOSTS, code=2, **api.NO_MACHINES)[2])
    assert "to give in any zone of the network at the moment: " in said
    assert "InsufficientInstanceCapacity" in said
    full(ZONES[:1])
    run("bastion", *api.NO_HOSTS, **api.NO_MACHINES)
    assert placed("bastion")[-1] == ZONES[1]
    run("deploy", *api.NO_HOSTS, webapp_version="2.0.0", webapp_release_source=release("2.0.0"), **BAKED)
    assert placed("builder")[-1] == ZONES[1]


@pytest.mark.parametrize(
    ("playbook", "choices"),
    [
        ("scale", {"scale_desired": 6000, "scale_max": 6000}),
        ("webapp", {"webapp_instance_type": "m7i.48xlarge", **QUICK}),
        ("start", {}),
    ],
)
def test_a_fleet_that_the_account_has_no_room_for_is_refused_at_once(client, run, stack, playbook, choices):  # noqa: F811
    group = client("autoscaling")
    name = f"{stack}-asg"
    if playbook == "webapp":  # 60 of 192 vCPUs each, beside those that they replace
        group.update_auto_scaling_group(AutoScalingGroupName=name, MaxSize=60, DesiredCapacity=60)
    if playbook == "start":
        note = {"ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
        group.create_or_update_tags(Tags=[note | {"Key": "StoppedSize", "Value": "1/6000"}])
    _changed, writes, said = run(playbook, *api.NO_HOSTS, code=2, **choices)
    said = re.sub(r"\s+", " ", said)
    assert re.search(r"vCPUs of On-Demand instances .* and this run needs \d+ more\.", said)
    assert "This run has launched nothing yet." in said
    if playbook != "webapp":
        assert writes == 0
