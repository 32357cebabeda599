"""What is wrong is refused with a sentence, before anything is asked of AWS."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
import yaml
from ansible_collections.threetier.aws.plugins.module_utils._s3 import account

from tests import api
from tests.api import poll

from .test_plan import ALONE

INVENTORY = {"DescribeInstances", "DescribeAutoScalingGroups", "DescribeTargetHealth"}  # the calls that it makes itself


@pytest.fixture(autouse=True, scope="module")
def settled(client) -> None:
    """Keepers of earlier tests' runs have given their leases back."""
    ssm = client("ssm")

    def given_back() -> bool:
        found = ssm.get_paginator("get_parameters_by_path").paginate(Path="/threetier", Recursive=True)
        return not any(json.loads(one["Value"])["run"] for page in found for one in page["Parameters"])

    poll(given_back, deadline=60)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """What a run that was refused has said, in one line."""
    assert done.returncode == 2
    return " ".join(done.stdout.split() + done.stderr.split())


# Which words are refused, and how, is asked of the functions in tests/unit/plugins/test_choices.py. Here each check of
# the playbook has one that only it refuses.
@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"threetier_nat_per_az": "perhaps"}, 'threetier_nat_per_az is "perhaps". Take true or false.'),
        ({"threetier_image": {"owner": "1"}}, "missing required arguments: architecture, name, user found in"),
        ({"threetier_bucket_suffix": "My Bucket"}, 'threetier_bucket_suffix is "My Bucket". Take'),
        ({"messaging_dead_letter_days": 15}, "messaging_dead_letter_days is 15. Take 1 to 14 days."),
        (
            {"threetier_instance_type": "t4g.micro"},
            "webapp_instance_type is t4g.micro, which does not run the x86_64 image",
        ),
        (
            {"threetier_bastion_instance_type": "m7gd.large"},
            "bastion_instance_type is m7gd.large, which does not run the",
        ),
        ({"webapp_release_source": "README.md"}, "README.md is no tar archive that could be read"),
        ({"threetier_tls_policy": "TLS 1.0"}, 'threetier_tls_policy is "TLS 1.0". Take a security policy such as'),
        ({"threetier_architecture": "castle"}, 'threetier_architecture is "castle". Take one of'),
    ],
)
def test_what_is_wrong_is_refused_before_the_first_call(ansible, choice, endpoint, words):
    before = api.last_call(endpoint)
    assert words in refused(ansible("playbook", "playbooks/site.yml", "-e", json.dumps(ALONE | choice)))
    assert {call["action"] for call in api.calls(endpoint, before)} <= INVENTORY


def test_a_stack_that_the_inventory_does_not_know_of_is_refused(ansible, endpoint, inventory):
    (inventory / "host_vars").mkdir(exist_ok=True)
    own = inventory / "host_vars/us-east-1.yml"
    own.write_text("threetier_stack: shop\n")
    try:
        said = refused(ansible("playbook", "playbooks/scale.yml", "-e", "scale_max=3"))
    finally:
        own.unlink()
    assert "Say them in the inventory's threetier.yml (stack, regions, architecture)" in said


def test_every_playbook_checks_the_inventory_first():
    for path in (api.TOP / "playbooks").glob("*.yml"):
        if path.stem != "inventory":
            first = yaml.safe_load(path.read_text())[0].get("ansible.builtin.import_playbook", "")
            checks = ("require_choices.yml", "validate.yml", "collect_findings.yml", "site.yml")
            assert first.endswith(checks), path.name


def test_a_key_that_cannot_be_read_is_refused_before_the_first_call(ansible, endpoint, tmp_path):
    key, before = tmp_path / "key", api.last_call(endpoint)
    key.write_text("no key\n")
    choice = json.dumps(ALONE | {"threetier_ssh_private_key": str(key)})
    done = ansible("playbook", "playbooks/site.yml", "-e", choice)
    assert done.returncode == 2
    assert f"{key} is no private key that ssh-keygen can read." in " ".join(done.stdout.split())
    assert {call["action"] for call in api.calls(endpoint, before)} <= INVENTORY


@pytest.mark.parametrize(
    ("playbook", "name", "tags", "words"),
    [
        ("network", "flow-log-iam-role", {"Region": "eu-west-1"}, "belongs to the stack {stack} in eu-west-1"),
        ("site", "lambda-iam-role", {"Region": "eu-west-1"}, "Choose another name for the stack in us-east-1"),
        (
            "site",
            "ami-builder-iam-role",
            {"ManagedBy": "terraform"},
            "exists and does not belong to the stack {stack}",
        ),
    ],
)
def test_a_role_of_another_region_is_not_taken_over(ansible, client, endpoint, playbook, name, stack, tags, words):
    mine = {"Stack": stack, "ManagedBy": "threetier.aws"} | tags
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    listed = [{"Key": key, "Value": value} for key, value in mine.items()]
    client("iam").create_role(RoleName=f"{stack}-{name}", AssumeRolePolicyDocument=trust, Tags=listed)
    before = api.last_call(endpoint)
    try:
        said = refused(ansible("playbook", f"playbooks/{playbook}.yml", "-e", json.dumps(ALONE)))
    finally:
        client("iam").delete_role(RoleName=f"{stack}-{name}")
    assert f"The IAM role {stack}-{name}" in said
    assert words.format(stack=stack) in said
    assert not any(call["writes"] and call["action"] != "DeleteRole" for call in api.calls(endpoint, before))


def test_a_bucket_of_another_region_is_not_taken_over(ansible, client, endpoint, stack):
    elsewhere = {"LocationConstraint": "eu-west-1"}
    client("s3").create_bucket(Bucket=f"{stack}-backend-s3-bucket-123456789012", CreateBucketConfiguration=elsewhere)
    before = api.last_call(endpoint)
    said = refused(ansible("playbook", "playbooks/site.yml", "-e", json.dumps(ALONE)))
    assert f"The bucket {stack}-backend-s3-bucket-123456789012 belongs to the stack {stack} in eu-west-1" in said
    assert not any(call["writes"] for call in api.calls(endpoint, before))


def test_what_the_account_has_no_room_for_is_refused_before_anything_is_made(ansible, client, endpoint):
    ec2, block = client("ec2"), s3_control(endpoint)
    others = [
        ec2.allocate_address(Domain="vpc")["AllocationId"]
        for _ in range(100 - len(ec2.describe_addresses()["Addresses"]))
    ]
    shut = {"BlockPublicPolicy": True}
    block.put_public_access_block(AccountId="123456789012", PublicAccessBlockConfiguration=shut)
    before = api.last_call(endpoint)
    try:
        said = refused(ansible("playbook", "playbooks/site.yml", "-e", json.dumps(ALONE)))
        made = [call for call in api.calls(endpoint, before) if call["writes"]]
    finally:
        block.delete_public_access_block(AccountId="123456789012")
        for one in others:
            ec2.release_address(AllocationId=one)
    assert "Elastic IP addresses: 100 of 100 are in use in us-east-1, and this run needs 1 more." in said
    assert "The account blocks public access to all of its buckets (BlockPublicPolicy)" in said
    assert "This run has changed nothing yet." in said
    assert made == []


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (
            {"threetier_availability_zones": ["us-east-1a", "us-east-1b", "us-east-1e"]},
            ["us-east-1e does not offer t3.micro. Name other zones in threetier_availability_zones"],
        ),
        (
            {"threetier_instance_type": "t9.huge", "threetier_database_class": "db.t4g.banana"},
            ["AWS offers db.t4g.banana in no zone of this region.", "AWS offers t9.huge in no zone of this region."],
        ),
    ],
)
def test_what_a_zone_does_not_offer_is_refused_before_anything_is_made(ansible, endpoint, choices, words):
    before = api.last_call(endpoint)
    said = refused(ansible("playbook", "playbooks/network.yml", "-e", json.dumps(ALONE | choices)))
    assert all(sentence in said for sentence in words)
    assert not any(call["writes"] for call in api.calls(endpoint, before))


def s3_control(endpoint: str) -> Any:
    """A client for what belongs to the account. botocore would look for it below the endpoint's address."""
    found = api.client_of(endpoint, **api.KEYS)("s3control")
    found.meta.events.register("before-call.s3-control", account.leave_addresses_alone)
    return found
