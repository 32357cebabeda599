"""What is wrong is refused with a sentence, before anything is asked of AWS."""

from __future__ import annotations

import json

import pytest

from tests import api

from .test_plan import ALONE

INVENTORY = {"DescribeInstances", "DescribeAutoScalingGroups", "DescribeTargetHealth"}  # the calls that it makes itself


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (
            {"threetier_nat_per_az": "perhaps"},
            "'threetier_nat_per_az' is of type str and we were unable to convert to bool",
        ),
        (
            {"threetier_image": {"owner": "1"}},
            "missing required arguments: architecture, name, user found in threetier_image",
        ),
        ({"threetier_database_class": "t4g.micro"}, 'threetier_database_class is "t4g.micro". Take'),
        ({"threetier_vpc_cidr": "10.9.0.0/16"}, "threetier_vpc_cidr"),
        ({"threetier_bucket_suffix": "My Bucket"}, 'threetier_bucket_suffix is "My Bucket". Take'),
        ({"threetier_admin_cidrs": []}, "threetier_admin_cidrs is empty"),
        ({"webapp_max_size": "five"}, "argument 'webapp_max_size' is of type str and we were unable to convert to int"),
        ({"webapp_min_size": "9"}, "webapp_desired_size (2) has to be between webapp_min_size (9) and"),
        ({"messaging_dead_letter_days": 15}, "messaging_dead_letter_days is 15. Take 1 to 14 days."),
        ({"webapp_max_sise": 5}, "Nothing is named webapp_max_sise. Is webapp_max_size meant?"),
    ],
)
def test_what_is_wrong_is_refused_before_the_first_call(ansible, choice, endpoint, words):
    before = api.last_call(endpoint)
    done = ansible("playbook", "playbooks/site.yml", "-i", "localhost,", "-e", json.dumps(ALONE | choice))
    assert done.returncode == 2
    assert words in " ".join(done.stdout.split() + done.stderr.split())
    assert {call["action"] for call in api.calls(endpoint, before)} <= INVENTORY


def test_a_key_that_cannot_be_read_is_refused_before_the_first_call(ansible, endpoint, tmp_path):
    key, before = tmp_path / "key", api.last_call(endpoint)
    key.write_text("no key\n")
    choice = json.dumps(ALONE | {"threetier_ssh_private_key": str(key)})
    done = ansible("playbook", "playbooks/site.yml", "-i", "localhost,", "-e", choice)
    assert done.returncode == 2
    assert f"{key} is no private key that ssh-keygen can read." in " ".join(done.stdout.split())
    assert {call["action"] for call in api.calls(endpoint, before)} <= INVENTORY
