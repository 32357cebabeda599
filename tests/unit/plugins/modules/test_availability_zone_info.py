"""Zones that lack a type are not taken, or said before anything is made."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _availability_zones
from botocore.exceptions import ClientError
from moto.ec2.models.instance_types import InstanceTypeOfferingBackend

ZONES = "threetier_availability_zones (network_availability_zones)"
TYPE, CLASS = "t3.micro", "db.t4g.micro"


def _zones(**lacks: list[str]) -> list[dict[str, Any]]:
    return [{"name": name, "lacks": found} for name, found in lacks.items()]


def _subnet(number: int, zone: str, tier: str = "public") -> dict[str, Any]:
    return {"tags": {"Name": f"demo-{tier}-subnet-{number}"}, "availability_zone": zone}


def _chosen(zones: list[dict[str, Any]], wanted: list[str], count: int) -> tuple[list[str], list[str]]:
    chosen = _availability_zones.choose(zones, wanted, count, [])
    return chosen, _availability_zones.problems(zones, wanted, count, chosen)


def test_the_first_zones_that_offer_all_are_taken():
    zones = _zones(a=[], b=[TYPE], c=[], d=[], e=[])
    assert _chosen(zones, [], 3) == (["a", "c", "d"], [])


def test_a_zone_without_the_databases_class_is_taken_last():
    zones = _zones(a=[CLASS], b=[CLASS], c=[])
    assert _chosen(zones, [], 2) == (["c", "a"], [])


def test_zones_of_subnets_that_are_there_are_kept():
    zones, there = _zones(a=[], b=[], c=[TYPE], d=[]), [_subnet(2, "c"), _subnet(2, "c", "private")]
    assert _availability_zones.choose(zones, [], 3, there) == ["a", "c", "b"]


def test_zones_of_a_whole_network_need_no_list():
    there = [_subnet(number, zone, tier) for number, zone in ((1, "d"), (2, "e")) for tier in ("public", "private")]
    assert _availability_zones.choose([], [], 2, there) == ["d", "e"]


@pytest.mark.parametrize(
    ("zones", "wanted", "words"),
    [
        (
            _zones(a=[], b=[]),
            ["a", "f"],
            f"{ZONES} names f. This account's region has a, b.",
        ),
        (
            _zones(a=[], b=[TYPE]),
            ["a", "b"],
            f"b does not offer t3.micro. Name other zones in {ZONES},",
        ),
        (_zones(a=[TYPE], b=[TYPE]), [], "AWS offers t3.micro in no zone of this region. Take another one."),
        (_zones(a=[CLASS], b=[CLASS]), [], "AWS offers db.t4g.micro in no zone of this region. Take another one."),
        (
            _zones(a=[], b=[TYPE]),
            [],
            "2 zones are needed, one for each of threetier_public_cidrs (network_public_cidrs), and only 1",
        ),
        (
            _zones(a=[]),
            [],
            "2 zones are needed, one for each of threetier_public_cidrs (network_public_cidrs), and this region",
        ),
        (_zones(a=[CLASS], b=[CLASS], c=[]), ["a", "b"], "None of a, b offers db.t4g.micro, which c does."),
    ],
)
def test_what_no_zone_can_mend_is_said(zones, wanted, words):
    (problem,) = _chosen(zones, wanted, 2)[1]
    assert problem.startswith(words)


def test_the_zones_of_a_region_come_with_what_they_lack(run_module, monkeypatch):
    ask = InstanceTypeOfferingBackend.describe_instance_type_offerings

    def offer(self: Any, *arguments: Any, **names: Any) -> list[Any]:
        found = ask(self, *arguments, **names)
        return [one for one in found if (one["InstanceType"], one["Location"]) != ("t3.micro", "us-east-1b")]

    monkeypatch.setattr(InstanceTypeOfferingBackend, "describe_instance_type_offerings", offer)
    said = run_module(
        "availability_zone_info", instance_types=["t3.micro", "t9.huge"], db_instance_class="db.t4g.micro"
    )
    assert [zone["name"] for zone in said["availability_zones"]] == [f"us-east-1{letter}" for letter in "abcdef"]
    assert [zone["lacks"] for zone in said["availability_zones"]][:3] == [
        ["t9.huge"],
        ["t3.micro", "t9.huge"],
        ["t9.huge"],
    ]


def test_a_class_that_does_not_exist_is_offered_nowhere(run_module):
    said = run_module("availability_zone_info", db_instance_class="db.t4g.banana")
    assert {tuple(zone["lacks"]) for zone in said["availability_zones"]} == {("db.t4g.banana",)}


def test_what_may_not_be_asked_is_a_warning(run_module, monkeypatch):
    def denied(*_arguments: Any, **_names: Any) -> None:
        words = "You are not authorized to perform this operation."
        error = {"Error": {"Code": "UnauthorizedOperation", "Message": words}}
        raise ClientError(error, "DescribeInstanceTypeOfferings")

    monkeypatch.setattr(InstanceTypeOfferingBackend, "describe_instance_type_offerings", denied)
    said = run_module("availability_zone_info", instance_types=["t3.micro"])
    assert {tuple(zone["lacks"]) for zone in said["availability_zones"]} == {()}
    assert "the right DescribeInstanceTypeOfferings is missing" in str(said["warnings"])
