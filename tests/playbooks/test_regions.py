"""Two regions of one inventory, and a region that is not the first one: nothing spells a region out."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import account, api

REGIONS = ("eu-west-1", "ap-southeast-2")


@pytest.fixture
def place(endpoint: str, tmp_path: Path) -> Path:
    return api.make_inventory(tmp_path / "lab", endpoint, regions=list(REGIONS), stack="two")


def run(place: Path, playbook: str, **variables: Any) -> dict[str, dict[str, int]]:
    """Ansible's counters by host; the playbook must not fail."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("THREETIER_")}
    done = subprocess.run(
        [api.BIN / "ansible-playbook", "-i", place, f"playbooks/{playbook}.yml", "-e", json.dumps(variables)],
        cwd=api.TOP,
        env={**environment, **api.paced(), "ANSIBLE_NOCOLOR": "1"},
        text=True,
        capture_output=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    recap = done.stdout.rsplit("PLAY RECAP", 1)[1]
    return {
        line.split()[0]: {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", line)}
        for line in recap.splitlines()
        if "ok=" in line
    }


def test_networks_and_bastions_stand_in_two_regions_and_go_again(endpoint, place):
    clients = {region: api.client_of(endpoint, **api.KEYS, region=region) for region in REGIONS}
    before = {region: account.everything(client) for region, client in clients.items()}
    built = run(place, "network")
    assert [built[region]["changed"] > 0 for region in REGIONS] == [True, True]
    run(place, "bastion", bastion_wait_timeout=0)
    for region, client in clients.items():
        mine = [{"Name": "tag:Stack", "Values": ["two"]}]
        assert {zone["AvailabilityZone"] for zone in client("ec2").describe_subnets(Filters=mine)["Subnets"]} == {
            f"{region}{letter}" for letter in "abc"
        }
        instances = client("ec2").describe_instances(Filters=mine)["Reservations"]
        assert [one["Tags"] for found in instances for one in found["Instances"]] != []
    keys = {client("ec2").describe_key_pairs()["KeyPairs"][0]["KeyFingerprint"] for client in clients.values()}
    assert len(keys) == 1  # of one private key
    again = run(place, "network")
    assert [again[region]["changed"] for region in REGIONS] == [0, 0]
    run(place, "teardown", teardown_confirm="two")
    for region, client in clients.items():
        assert account.difference(before[region], account.everything(client)) == {}, region
