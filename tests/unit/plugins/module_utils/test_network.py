"""The shape of a network, what is wrong with a wish, and what is found of it."""

from __future__ import annotations

import ipaddress

import pytest
from ansible_collections.threetier.aws.plugins.filter.network import network_outputs
from ansible_collections.threetier.aws.plugins.filter.resources import by_name
from ansible_collections.threetier.aws.plugins.module_utils import _network
from hypothesis import given
from hypothesis import strategies as st

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]
PUBLIC = ["10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24"]
PRIVATE = ["10.0.11.0/24", "10.0.12.0/24", "10.0.13.0/24"]


def problems(vpc="10.0.0.0/16", zones=None, public=None, private=None, admins=()):
    return _network.problems(vpc, ZONES if zones is None else zones, public or PUBLIC, private or PRIVATE, list(admins))


def test_one_nat_gateway_serves_all_private_subnets():
    plan = _network.plan("demo", ZONES, PUBLIC, PRIVATE, False)
    assert [gateway["name"] for gateway in plan["nat_gateways"]] == ["demo-nat-gateway-1"]
    assert [table["subnets"] for table in plan["private_tables"]] == [[f"demo-private-subnet-{n}" for n in (1, 2, 3)]]


def test_each_zone_has_its_nat_gateway():
    plan = _network.plan("demo", ZONES, PUBLIC, PRIVATE, True)
    assert [gateway["subnet"] for gateway in plan["nat_gateways"]] == [f"demo-public-subnet-{n}" for n in (1, 2, 3)]
    assert [(table["nat_gateway"], table["subnets"]) for table in plan["private_tables"]] == [
        (f"demo-nat-gateway-{n}", [f"demo-private-subnet-{n}"]) for n in (1, 2, 3)
    ]


def test_the_workshops_network_is_fine():
    assert problems(admins=["203.0.113.7/32", "0.0.0.0/0"]) == []


@pytest.mark.parametrize(
    "wish, words",
    [
        ({"public": PUBLIC[:2]}, "2 public subnets for 3"),
        ({"zones": ZONES[:1], "public": PUBLIC[:1], "private": PRIVATE[:1]}, "At least two different"),
        ({"zones": [ZONES[0]] * 3}, "At least two different"),
        ({"zones": [], "private": PRIVATE[:2]}, "There are 2 private subnets for 3 availability zones."),
        ({"zones": [], "public": PUBLIC[:1], "private": PRIVATE[:1]}, "At least two public subnets are needed"),
        ({"public": ["10.1.1.0/24", *PUBLIC[1:]]}, "10.1.1.0/24 is not inside"),
        ({"public": ["10.0.11.0/25", *PUBLIC[1:]]}, "overlap"),
        ({"public": [PUBLIC[1], *PUBLIC[1:]]}, "given twice"),
        ({"public": ["10.0.1.0/29", *PUBLIC[1:]]}, "between /16 and /28"),
        ({"public": ["10.0.1.1/24", *PUBLIC[1:]]}, "10.0.1.1/24 is no network"),
        ({"vpc": "ten"}, "ten is no network"),
        ({"vpc": "10.0.0.0/8"}, "between /16 and /28"),
        ({"admins": ["everyone"]}, "everyone is no network"),
    ],
)
def test_a_wrong_wish_is_named(wish, words):
    assert words in " ".join(problems(**wish))


@given(st.lists(st.integers(0, 255), min_size=4, max_size=4))
def test_subnets_that_pass_lie_apart_and_inside(numbers):
    networks = [f"10.0.{number}.0/24" for number in numbers]
    found = problems(zones=ZONES[:2], public=networks[:2], private=networks[2:])
    assert (found == []) == (len({ipaddress.ip_network(network) for network in networks}) == 4)


def test_a_subnet_that_cannot_change_is_named():
    wanted = _network.plan("demo", ZONES, PUBLIC, PRIVATE, False)["subnets"]
    there = [{"tags": {"Name": "demo-public-subnet-1"}, "cidr_block": "10.0.9.0/24", "availability_zone": ZONES[0]}]
    assert _network.conflicts(wanted, []) == []
    assert "demo-public-subnet-1 as 10.0.1.0/24" in _network.conflicts(wanted, there)[0]


def found(stack="demo", count=12):
    return {
        "subnets": [
            {"tags": {"Name": f"{stack}-{tier}-subnet-{n}"}, "subnet_id": f"{tier}-{n}"}
            for n in range(count, 0, -1)
            for tier in ("public", "private")
        ],
        "groups": [{"group_name": f"{stack}-{name}", "group_id": f"sg-{key}"} for key, name in _network.GROUPS.items()],
        "nat_gateways": [],
        "stack": stack,
    }


def test_outputs_keep_the_order_of_zones_beyond_nine():
    outputs = network_outputs([{"vpc_id": "vpc-1", "cidr_block": "10.0.0.0/16"}], **found())
    assert outputs["subnet_ids"]["public"] == [f"public-{n}" for n in range(1, 13)]
    assert outputs["security_group_ids"]["db"] == "sg-db"


def test_a_network_that_is_not_there_is_an_error_unless_planned():
    nothing = {"subnets": [], "groups": [], "nat_gateways": [], "stack": "demo"}
    with pytest.raises(Exception, match="has 0 VPCs"):
        network_outputs([], **nothing)
    with pytest.raises(Exception, match="lacks demo-lb-sg"):
        network_outputs([{"vpc_id": "vpc-1", "cidr_block": "10.0.0.0/16"}], **nothing)
    assert network_outputs([], **nothing, planned=True)["vpc_id"].startswith("vpc-")


def test_two_of_one_name_are_an_error():
    assert by_name([{"tags": {"Name": "a"}, "id": 1}, {"tags": {}, "id": 2}], "id") == {"a": 1}
    with pytest.raises(Exception, match="two resources named a"):
        by_name([{"tags": {"Name": "a"}}, {"tags": {"Name": "a"}}])
