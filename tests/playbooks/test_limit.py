"""Playbooks on a part of the hosts, and which playbook takes the lease."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.api import TOP

from .test_preflight import refused

LOOKS = {"doctor", "drift", "inventory", "releases", "status"}  # they change nothing of a stack
PLAYBOOKS = sorted(path.stem for path in (TOP / "playbooks").glob("*.yml"))


def imported(path: Path) -> Iterator[str]:
    """All playbooks that a playbook imports, in the order in which they run."""
    for play in yaml.safe_load(path.read_text()):
        name = play.get("ansible.builtin.import_playbook")
        if name:
            yield from imported(path.parent / name)
            yield name.rpartition("/")[2].removesuffix(".yml")


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_each_playbook_checks_the_inventory_first_and_takes_the_lease_if_it_changes_something(name):
    order = list(imported(TOP / f"playbooks/{name}.yml"))
    if name != "inventory":
        assert "require_choices" in order
    if name == "drift":  # site.yml in check mode, in which no lease is taken
        return
    assert ("lease" in order) == (name not in LOOKS)
    if "lease" in order:
        assert order.index("require_choices") < order.index("lease")


@pytest.fixture
def host(client: Any, stack: str) -> str:
    """The id of one host of the fleet."""
    ec2 = client("ec2")
    image = ec2.describe_images(Filters=[{"Name": "name", "Values": ["debian-12-*"]}])["Images"][0]["ImageId"]
    tags = {"ManagedBy": "threetier.aws", "Stack": stack, "Role": "webapp"}
    specification = {"ResourceType": "instance", "Tags": [{"Key": key, "Value": tags[key]} for key in tags]}
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=[specification])
    return made["Instances"][0]["InstanceId"]


@pytest.mark.parametrize("name", ["patch", "doctor", "scale"])
def test_a_limit_of_one_host_is_refused(ansible, host, name):
    said = refused(ansible("playbook", f"playbooks/{name}.yml", "--limit", host))
    assert f"--limit {host} leaves out the hosts that stand for regions, from which AWS is called: us-east-1." in said


def test_a_patch_of_a_part_of_the_fleet_is_refused(ansible, host):
    said = refused(ansible("playbook", "playbooks/patch.yml", "--limit", "regions"))
    assert f"--limit regions leaves out {host}. patch.yml patches the whole fleet" in said


def test_without_a_bastion_the_doctor_tells_all_the_rest(ansible, host):
    said = refused(ansible("playbook", "playbooks/doctor.yml"))
    assert "hostvars['']" not in said
    assert "bastion" in said.rsplit("Say what is wrong", 1)[1]
    assert host in said.rsplit("Say what is wrong", 1)[1]
