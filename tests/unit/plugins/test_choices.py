"""Choices that cannot be are named before anything is asked of AWS."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.threetier.aws.plugins.module_utils import _choices

DEFAULTS = yaml.safe_load((Path(__file__).parents[3] / "group_vars/all.yml").read_text())
ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
GOOD = {
    **DEFAULTS,
    "threetier_stack": "demo-app",
    "threetier_availability_zones": ZONES,
    "threetier_admin_cidrs": ["203.0.113.7/32"],
}


def test_the_defaults_are_fine():
    assert _choices.problems(GOOD) == []


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("stack", "Demo_App", "single hyphens"),
        ("stack", "a" * 21, "up to 20"),
        ("region", "Virginia", "such as us-east-1"),
        ("availability_zones", [*ZONES[:2], "us-west-2a"], "zones of threetier_region, us-east-1"),
        ("vpc_cidr", "10.9.0.0/16", "not inside the VPC's 10.9.0.0/16"),
        ("public_cidrs", ["10.0.11.0/25", "10.0.2.0/24", "10.0.3.0/24"], "overlap"),
        ("admin_cidrs", [], "nobody could reach the bastion"),
        ("admin_cidrs", ["everyone"], 'is "everyone". Take networks in CIDR notation'),
        ("admin_cidrs", ["10.0.0.1/24"], "Take networks in CIDR notation"),
        ("egress_ports", [443, 70000], "70000. Take ports from 1 to 65535"),
        ("instance_type", "t3", "such as t3.micro"),
        ("bastion_instance_type", "T3.micro", "such as t3.micro"),
        ("database_class", "t4g.micro", "such as db.t4g.micro"),
        ("notify_emails", ["operator"], "Take e-mail addresses"),
        ("certificate_arn", "arn:aws:iam::123456789012:server-certificate/x", "certificate in ACM"),
        ("database_ca_bundle_url", "bundle.pem", "an address of http"),
        ("bucket_suffix", "Upper", "small letters, digits and hyphens"),
        ("bucket_suffix", "x" * 40, "within 63"),
        ("tags", {"Stack": "other"}, "not yours to set"),
        ("tags", {"aws:x": "y"}, "not yours to set"),
    ],
)
def test_a_wrong_choice_is_named_with_what_it_takes(name, value, words):
    problem = _choices.problems({**GOOD, f"threetier_{name}": value})[0]
    assert f"threetier_{name}" in problem
    assert words in problem
