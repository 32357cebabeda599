"""
What may change of a stack, changes in place; what only a replacement could do is refused, unless it is allowed.

The tests follow each other on one stack. Its image is taken of a builder as it is: there is no machine to log in to.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
import yaml

from tests import api
from tests.api import TOP

from ..invariants import invariants, leave_data
from ..test_plan import run  # noqa: F401
from ..test_plan import test_planned_done_planned_done as cycle
from .conftest import NAME, QUICK
from .test_releases import BAKED, release  # noqa: F401

SITE: dict[str, Any] = {**BAKED, "database_apply_immediately": True}


def choices_of(environment: str) -> dict[str, Any]:
    """What an inventory chooses, but for who may come."""
    return yaml.safe_load((TOP / f"inventories/{environment}/group_vars/{environment}.yml").read_text())


@pytest.fixture(scope="module")
def certificate(client) -> str:
    return client("acm").request_certificate(DomainName="shop.example.com")["CertificateArn"]


def test_a_small_stack_holds_data(client, stack):  # noqa: F811
    leave_data(client, stack)
    assert invariants(client, stack)["file"] == b"kept"


READERS = {"webapp_database_reader_host": "readers.example.com", "threetier_show_database_node": True}
# Pairs of each of the fleet's switches with each of the others; what is there and production are rows too.
FLEET = [
    ("another type and size, readers", {"threetier_instance_type": "t3.small", "webapp_max_size": 5, **READERS}),
    ("HTTPS, another size", {"threetier_certificate_arn": "…", "webapp_max_size": 5}),
]


def environment(client, stack) -> dict[str, str]:
    """The settings that an instance of the newest version of the launch template gives to the application."""
    versions = client("ec2").describe_launch_template_versions(LaunchTemplateName=f"{stack}-launch-template")
    newest = max(versions["LaunchTemplateVersions"], key=lambda version: version["VersionNumber"])
    said = base64.b64decode(newest["LaunchTemplateData"]["UserData"]).decode()
    return dict(re.findall(r"^ +([A-Z_]+)=(.*)$", said, re.MULTILINE))


@pytest.mark.parametrize(("step", "choices"), FLEET, ids=[step for step, _ in FLEET])
def test_the_fleet_changes(certificate, client, note_cycle, run, stack, step, choices):  # noqa: F811
    if "threetier_certificate_arn" in choices:
        choices = choices | {"threetier_certificate_arn": certificate, "threetier_api_name": "shop.example.com"}
    cycle(client, note_cycle, "webapp", run, stack, step, QUICK | choices)
    settings = environment(client, stack)
    assert settings.get("DATABASE_READER_HOST") == choices.get("webapp_database_reader_host")
    assert settings.get("DATABASE_SHOW_NODE") == ("true" if "readers" in step else None)
    balancer = client("elbv2").describe_load_balancers(Names=[f"{stack}-alb"])["LoadBalancers"][0]
    listeners = client("elbv2").describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert {one["Port"] for one in listeners} == ({80, 443} if "HTTPS" in step else {80})


def test_from_demo_to_production_and_back_nothing_is_lost(certificate, client, run, release, stack):  # noqa: F811
    first = invariants(client, stack)
    secured = {
        "threetier_certificate_arn": certificate,
        "threetier_api_name": "shop.example.com",
        "threetier_admin_cidrs": ["203.0.113.7/32"],
    }
    newer = {"webapp_version": "2.0.0", "webapp_release_source": release("2.0.0")}
    ec2 = client("ec2")
    for choices, gateways in (
        (choices_of("production") | secured | newer, 3),
        (choices_of("demo"), 1),  # the version stays: to go back is a playbook of its own
    ):
        assert run("site", *api.NO_HOSTS, **SITE, **choices)[0] > 0
        changed, _writes, said = run("site", *api.NO_HOSTS, **SITE, **choices)
        assert changed == 0, re.findall(r"^changed: .*|TASK.*", said, re.M)
        assert invariants(client, stack) == first
        mine = [{"Name": "tag:Stack", "Values": [stack]}, {"Name": "state", "Values": ["available"]}]
        assert len(ec2.describe_nat_gateways(Filters=mine)["NatGateways"]) == gateways
        (database,) = client("rds").describe_db_instances(DBInstanceIdentifier=f"{stack}-db")["DBInstances"]
        assert (database["MultiAZ"], database["DBInstanceClass"], database["DeletionProtection"]) == (
            (True, "db.t4g.small", True) if gateways == 3 else (False, "db.t4g.micro", False)
        )
        versions = ec2.describe_launch_template_versions(LaunchTemplateName=f"{stack}-launch-template")
        running = next(one for one in versions["LaunchTemplateVersions"] if one["DefaultVersion"])
        assert running["VersionDescription"].startswith("2.0.0 ")


REFUSED = [
    ({"threetier_vpc_cidr": "10.0.0.0/17"}, 'network_vpc_cidr is "10.0.0.0/17", but the VPC vpc-'),
    ({"bastion_sessions": 100}, "or say bastion_allow_replacement: true"),
    ({"database_name": "shop"}, f'database_name is "shop", but the database {NAME}-db has "demo"'),
    ({"threetier_bucket_suffix": "blue"}, f"but the bucket {NAME}-backend-s3-bucket-123456789012 has"),
    ({"webapp_bucket_suffix": "blue"}, f"but the bucket {NAME}-frontend-s3-bucket-123456789012 has"),
]


@pytest.mark.parametrize(("choice", "words"), REFUSED, ids=[words.split()[0] for _, words in REFUSED])
def test_what_only_a_replacement_could_do_is_refused_before_anything_is_touched(run, choice, words):  # noqa: F811
    # Together with a change that could be made.
    for mode in (["--check"], []):
        _changed, writes, said = run("site", *api.NO_HOSTS, *mode, code=2, **SITE, threetier_nat_per_az=True, **choice)
        assert words in " ".join(said.split())
        assert writes == 0
