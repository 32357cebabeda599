"""inventories/: who is in it, and how they are reached."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import yaml

TOP = Path(__file__).resolve().parents[3]


@pytest.fixture
def hosts(ansible):
    """hosts() renders the inventory as Ansible sees it, variables resolved."""

    def render():
        done = ansible("inventory", "--list")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return render


@pytest.fixture
def start(client, stack):
    """start("webapp") runs an instance with that role and returns what EC2 says of it."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    image = ec2.register_image(Name=f"{stack}-base", Architecture="x86_64")["ImageId"]

    def run(role: str, of: str = stack):
        tags = {"Stack": of, "Role": role, "ManagedBy": "threetier.aws"}
        return ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": role == "bastion"}],
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            ],
        )["Instances"][0]["InstanceId"]

    return run


def test_before_anything_is_built_groups_are_empty(hosts):
    rendered = hosts()
    assert list(rendered["_meta"]["hostvars"]) == ["localhost"]
    assert not any(rendered.get(group, {}).get("hosts") for group in ("webapp", "bastion", "builder"))


def test_instances_are_found_by_role_and_reached_through_the_bastion(ansible, client, hosts, start, tmp_path):
    bastion, one, two, builder = (start(role) for role in ("bastion", "webapp", "webapp", "builder"))
    start("webapp", of="another")
    rendered = hosts()
    assert rendered["bastion"]["hosts"] == [bastion]
    assert sorted(rendered["webapp"]["hosts"]) == sorted([one, two])
    assert rendered["builder"]["hosts"] == [builder]
    assert set(rendered["_meta"]["hostvars"]) == {"localhost", bastion, one, two, builder}

    told = {
        instance["InstanceId"]: instance
        for answer in client("ec2").describe_instances()["Reservations"]
        for instance in answer["Instances"]
    }
    (tmp_path / "ssh").write_text('#!/bin/sh\necho "$@" > "${0%/*}/delegated"\nexit 255\n')
    (tmp_path / "ssh").chmod(0o700)
    done = ansible("playbook", str(TOP / "tests/unit/roles/connections.yml"), "-e", f"place={tmp_path}")
    assert done.returncode == 0, done.stdout
    arguments = {host: shlex.split((tmp_path / host).read_text()) for host in (bastion, one, builder)}
    for host, words in arguments.items():
        assert words[0] == told[host]["PublicIpAddress" if host == bastion else "PrivateIpAddress"]
        assert words[1] in ("admin", "ubuntu")
        assert f"HostKeyAlias={host}" in words
        assert words[-1] == f"%(directory)s/on-{host}"  # not by address, which another stack may have too
        assert "StrictHostKeyChecking=accept-new" in words
        assert any(word.endswith("/lab/.ssh/known_hosts") for word in words)
    assert not any("ProxyCommand" in word for word in arguments[bastion])
    for host in (one, builder):
        (proxy,) = [word for word in arguments[host] if word.startswith("ProxyCommand=ssh -W %h:%p ")]
        assert f"HostKeyAlias={bastion} " in proxy
        assert proxy.endswith("@" + told[bastion]["PublicIpAddress"])
        assert "ControlMaster=auto" in proxy
        (socket,) = [word for word in shlex.split(proxy) if word.startswith("ControlPath=")]
        assert len(socket) < 60
    delegated = (tmp_path / "delegated").read_text()
    assert f"HostKeyAlias={builder} " in delegated
    assert f"/on-{builder} " in delegated or f'/on-{builder}"' in delegated


@pytest.mark.parametrize("environment", ["lab", "demo", "production"])
def test_inventory_and_playbooks_mean_the_same(environment):
    plugin = yaml.safe_load((TOP / f"inventories/{environment}/aws_ec2.yml").read_text())
    choices = yaml.safe_load((TOP / "group_vars/all.yml").read_text())
    own = yaml.safe_load((TOP / f"inventories/{environment}/group_vars/{environment}.yml").read_text())
    assert plugin["filters"]["tag:Stack"] == choices["threetier_stack"]
    assert plugin["regions"] == [(choices | own)["threetier_region"]]
    for option in ("endpoint_url", "access_key", "secret_key"):
        assert plugin.get(option) == (choices | own)["threetier_aws"].get(option)
    assert "boto_profile" not in plugin
    assert "profile" not in plugin
