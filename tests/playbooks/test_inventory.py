"""inventories/: who is in it, and how they are reached."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from ansible_collections.threetier.aws.plugins.inventory import stack as stack_plugin

from tests import api

TOP = Path(__file__).resolve().parents[2]


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
    assert list(rendered["_meta"]["hostvars"]) == ["us-east-1"]
    assert not any(rendered.get(group, {}).get("hosts") for group in ("webapp", "bastion", "builder"))


def test_instances_are_found_by_role_and_reached_through_the_bastion(ansible, client, hosts, start, tmp_path):
    bastion, one, two, builder = (start(role) for role in ("bastion", "webapp", "webapp", "builder"))
    start("webapp", of="another")
    rendered = hosts()
    assert rendered["bastion"]["hosts"] == [bastion]
    assert sorted(rendered["webapp"]["hosts"]) == sorted([one, two])
    assert rendered["builder"]["hosts"] == [builder]
    assert set(rendered["_meta"]["hostvars"]) == {"us-east-1", bastion, one, two, builder}

    told = {
        instance["InstanceId"]: instance
        for answer in client("ec2").describe_instances()["Reservations"]
        for instance in answer["Instances"]
    }
    (tmp_path / "ssh").write_text('#!/bin/sh\necho "$@" > "${0%/*}/delegated"\nexit 255\n')
    (tmp_path / "ssh").chmod(0o700)
    done = ansible("playbook", str(TOP / "tests/playbooks/connections.yml"), "-e", f"place={tmp_path}")
    assert done.returncode == 0, done.stdout
    arguments = {host: shlex.split((tmp_path / host).read_text()) for host in (bastion, one, builder)}
    for host, words in arguments.items():
        assert words[0] == told[host]["PublicIpAddress" if host == bastion else "PrivateIpAddress"]
        assert words[1] in ("admin", "ubuntu")
        assert f"HostKeyAlias={host}" in words
        assert words[-1] == f"%(directory)s/on-{host}"  # not by address, which another stack may have too
        assert "StrictHostKeyChecking=accept-new" in words
        assert any(word.endswith('/lab/.ssh/known_hosts"') for word in words)
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


def test_an_instance_without_a_role_and_one_of_somebody_else_leave_the_others_in(client, hosts, start, stack):
    one, odd, foreign = start("webapp"), start("webapp"), start("webapp")
    ec2 = client("ec2")
    ec2.delete_tags(Resources=[odd], Tags=[{"Key": "Role"}])
    ec2.create_tags(Resources=[foreign], Tags=[{"Key": "ManagedBy", "Value": "terraform"}])
    rendered = hosts()
    assert rendered["webapp"]["hosts"] == [one]
    assert odd in rendered["_meta"]["hostvars"]
    assert foreign not in rendered["_meta"]["hostvars"]


def test_a_tag_is_never_a_template(client, ansible, start):
    host = start("webapp")
    client("ec2").create_tags(Resources=[host], Tags=[{"Key": "Owner", "Value": "{{ lookup('pipe', 'id') }}"}])
    shown = ansible(*("playbook", str(TOP / "tests/playbooks/owner.yml")))
    assert "Owner: {{ lookup('pipe', 'id') }}" in shown.stdout


def test_each_region_is_a_host_and_its_instances_go_through_its_own_bastion(client, endpoint, tmp_path):
    place = api.make_inventory(tmp_path / "two", endpoint, regions=["us-east-1", "eu-west-1"], stack="tworegions")
    found = {}
    for region in ("us-east-1", "eu-west-1"):
        ec2 = api.client_of(endpoint, **api.KEYS, region=region)("ec2")
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        image = ec2.register_image(Name="base", Architecture="x86_64")["ImageId"]
        for role in ("bastion", "webapp"):
            tags = {"Stack": "tworegions", "Role": role, "ManagedBy": "threetier.aws"}
            found[region, role] = ec2.run_instances(
                ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet,
                TagSpecifications=[
                    {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
                ],
            )["Instances"][0]["InstanceId"]  # fmt: skip
    command = [api.BIN / "ansible", "-i", place, "all", "-m", "debug", "-a", "msg={{ threetier_region }}"]
    said = subprocess.run(command, cwd=TOP, text=True, capture_output=True, check=False).stdout
    for (region, _role), host in found.items():
        assert re.search(rf"{host} \| SUCCESS.*\n.*{region}", said), said
    for region in ("us-east-1", "eu-west-1"):
        command = [api.BIN / "ansible", "-i", place, found[region, "webapp"], "-m", "debug"]
        hop = subprocess.run(
            [*command, "-a", "var=__threetier_bastion"], cwd=TOP, text=True, capture_output=True, check=False
        ).stdout
        assert found[region, "bastion"] in hop


@pytest.mark.parametrize("folder", ["with a blank", "hundred%", "it's"])
def test_the_inventory_may_stand_anywhere(endpoint, client, folder, tmp_path):
    (tmp_path / folder).mkdir()
    place = api.make_inventory(tmp_path / folder / "lab", endpoint, stack="anywhere")
    command = [api.BIN / "ansible", "-i", place, "us-east-1", "-m", "debug", "-a", "msg={{ __threetier_ssh_trust }}"]
    said = subprocess.run(
        [*command, "-e", "@" + str(TOP / "inventories/ssh.yml")], cwd=TOP, text=True, capture_output=True, check=False
    )
    (options,) = re.findall(r"(?:msg|\"msg\"): (.*)", said.stdout)
    words = shlex.split(yaml.safe_load(options))
    seen = subprocess.run(["ssh", "-G", *words, "example.test"], text=True, capture_output=True, check=False)
    assert f"userknownhostsfile {place}/.ssh/known_hosts" in seen.stdout.replace("%%", "%"), seen.stdout + seen.stderr


def test_the_folder_of_sshs_sockets_is_made(ansible, tmp_path, monkeypatch):
    monkeypatch.setenv("ANSIBLE_SSH_CONTROL_PATH_DIR", str(tmp_path / "not/there/yet"))
    assert ansible("inventory", "--list").returncode == 0
    assert (tmp_path / "not/there/yet").is_dir()


def test_a_word_of_the_command_line_decides_what_the_inventory_finds(ansible, client, start):
    start("webapp", of="other")
    given = ("-e", "threetier_stack=other", "-e", "threetier_region=us-east-1", "-e", "threetier_notify_emails=a@b.cd")
    rendered = json.loads(ansible("inventory", "--list", *given).stdout)
    assert len(rendered["webapp"]["hosts"]) == 1
    said = ansible("inventory", "--host", "us-east-1", *given)
    assert json.loads(said.stdout)["threetier_notify_emails"] in (["a@b.cd"], ["operator@example.com"])


def test_a_region_that_is_none_and_missing_credentials_are_said_first(ansible, monkeypatch, tmp_path):
    (tmp_path / "demo").mkdir()
    place = tmp_path / "demo/threetier.yml"
    place.write_text("plugin: threetier.aws.stack\n")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    command = [api.BIN / "ansible-playbook", "-i", place, "playbooks/scale.yml"]
    for arguments, words in (
        (["-e", "threetier_region=mars-north-1"], 'threetier_region is "mars-north-1", which AWS does not have.'),
        ([], "There are no credentials for AWS. Set AWS_PROFILE, or"),
    ):
        done = subprocess.run([*command, *arguments], cwd=TOP, text=True, capture_output=True, check=False)
        assert done.returncode == 2
        assert words in " ".join(done.stdout.split())


def test_an_account_without_a_shell_reaches_the_fleet(monkeypatch):
    monkeypatch.setenv("SHELL", "/usr/sbin/nologin")
    stack_plugin._prepare_ssh()
    assert os.environ["SHELL"] == "/bin/sh"


def test_a_shells_profile_and_proxies_do_not_come_between(endpoint, client, start, stack, monkeypatch, tmp_path):
    """With keys of its own, as the lab's inventory: boto3 takes no profile beside them, and no proxy knows the lab."""
    bastion = start("bastion")
    place = api.make_inventory(tmp_path / "lab", endpoint, stack=stack, no_proxy=["127.0.0.1"])
    shell = {"HTTP_PROXY": "http://127.0.0.1:9", "AWS_PROFILE": "of-my-work", "AWS_SESSION_TOKEN": "of-my-work"}
    for name, value in {**shell, "http_proxy": shell["HTTP_PROXY"]}.items():
        monkeypatch.setenv(name, value)
    task = {"amazon.aws.aws_caller_info": None}
    defaults = {"group/amazon.aws.aws": "{{ threetier_aws }}"}
    play = {"hosts": "us-east-1", "gather_facts": False, "module_defaults": defaults, "tasks": [task]}
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    for words in (["playbook", tmp_path / "play.yml"], ["inventory", "--host", bastion]):
        command = [api.BIN / f"ansible-{words[0]}", "-i", place, *words[1:]]
        done = subprocess.run(command, cwd=TOP, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
