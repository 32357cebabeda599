"""Network ACLs: what each tier lets through, how rules are said, and what the doctor says of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils import _network_acls
from ansible_collections.threetier.aws.plugins.module_utils._findings import network

SUBNETS = [{"name": "s-public-subnet-1", "tier": "public"}, {"name": "s-private-subnet-1", "tier": "private"}]
ANSWERS = "300 allow tcp 1024-65535"
TOO_LARGE = "310 allow icmp type 3 code 4"


def plan(admins: tuple[str, ...] = ("203.0.113.0/24",), ports: tuple[int, ...] = (80, 443)) -> list[dict[str, Any]]:
    return _network_acls.plan("s", "10.0.0.0/16", SUBNETS, ports, admins, [443])


def test_public_subnets_let_in_clients_and_administrators() -> None:
    public, _private = plan()
    assert (public["name"], public["subnets"]) == ("s-public-acl", ["s-public-subnet-1"])
    assert _network_acls.rules(public["ingress"]) == [
        "100 allow all from 10.0.0.0/16",
        "110 allow tcp 80 from 0.0.0.0/0",
        "111 allow tcp 443 from 0.0.0.0/0",
        "200 allow tcp 22 from 203.0.113.0/24",
        f"{ANSWERS} from 0.0.0.0/0",
        f"{TOO_LARGE} from 0.0.0.0/0",
    ]


def test_nobody_outside_begins_a_connection_to_a_port_of_a_private_subnet_below_1024() -> None:
    _public, private = plan()
    assert _network_acls.rules(private["ingress"])[1:] == [f"{ANSWERS} from 0.0.0.0/0", f"{TOO_LARGE} from 0.0.0.0/0"]
    assert _network_acls.rules(private["egress"], egress=True) == [
        "100 allow all to 10.0.0.0/16",
        "110 allow tcp 443 to 0.0.0.0/0",
        f"{TOO_LARGE} to 0.0.0.0/0",
    ]


def test_what_the_info_module_says_of_a_rule_reads_as_what_is_wanted() -> None:
    """It gives a rule for all protocols ports, and one for ICMP two more places."""
    found = [
        [100, "all", "allow", "10.0.0.0/16", None, None, 0, 65535],
        [310, "icmp", "allow", "::/0", 3, 4, None, None],
    ]
    assert _network_acls.rules(found) == ["100 allow all from 10.0.0.0/16", f"{TOO_LARGE} from ::/0"]


def test_a_plan_names_subnets_and_compares_rules_as_lines() -> None:
    acl = {
        "nacl_id": "acl-1",
        "subnets": ["subnet-2", "subnet-1"],
        "ingress": [],
        "egress": [[100, "all", "deny", "::/0"]],
    }
    assert _network_acls.state(acl, {"s-public-subnet-1": "subnet-1"}) == {
        "subnets": ["s-public-subnet-1", "subnet-2"],
        "ingress": [],
        "egress": ["100 deny all to ::/0"],
    }
    assert _network_acls.state({}) == {}


def test_more_rules_than_aws_takes_are_refused() -> None:
    assert _network_acls.problems(plan()) == []
    (said,) = _network_acls.problems(plan(tuple(f"203.0.113.{n}/32" for n in range(16))))
    assert "s-public-acl would have 21 rules for ingress, of which AWS takes 20" in said


@pytest.mark.parametrize(("tags", "refused"), [({"Stack": "s", "ManagedBy": "threetier.aws"}, 0), ({}, 1)])
def test_an_acl_that_only_has_the_name_is_refused(tags: dict[str, str], refused: int) -> None:
    found = {"vpc_id": "vpc-1", "nacl_id": "acl-1", "tags": {"Name": "s-public-acl", **tags}}
    assert len(_network_acls.foreign([found], "s")) == refused


def acl_of(subnet: str, ingress: list[Any], name: str = "", egress: list[Any] | None = None) -> dict[str, Any]:
    """An ACL as the info module finds it."""
    everything = [[100, "all", "allow", "0.0.0.0/0", None, None, 0, 65535]]
    tags = {"Name": name} if name else {}
    return {
        "nacl_id": f"acl-of-{subnet}",
        "subnets": [subnet],
        "tags": tags,
        "ingress": ingress,
        "egress": everything if egress is None else egress,
    }


def diagnose(acl: dict[str, Any], wanted: list[dict[str, Any]]) -> dict[str, Any]:
    subnet = {"subnet_id": "subnet-1", "tags": {"Name": "s-public-subnet-1"}}
    seen = {
        "vpc": {"vpcs": [{}]},
        "tables": {"route_tables": []},
        "gateways": {"result": []},
        "security_groups": {"security_groups": []},
        "subnets": {"subnets": [subnet]},
        "network_acls": {"nacls": [acl]},
    }
    (found,) = [one for one in network.findings(seen, "s", [], wanted) if one["place"] == "network ACL"]
    return dict(found)


def test_the_doctor_finds_a_rule_that_somebody_put_before_the_default_ones() -> None:
    whole = [100, "all", "allow", "0.0.0.0/0", None, None, 0, 65535]
    assert diagnose(acl_of("subnet-1", [whole]), [])["state"] == "good"
    found = diagnose(acl_of("subnet-1", [[90, "tcp", "deny", "0.0.0.0/0", None, None, 3306, 3306], whole]), [])
    assert (found["state"], found["name"]) == ("bad", "acl-of-subnet-1")
    assert found["says"] == "It has the rule 90 deny tcp 3306 from 0.0.0.0/0, which nobody has chosen."


def test_the_doctor_finds_a_rule_that_is_missing_and_a_subnet_with_another_acl() -> None:
    public, _private = plan()
    there = acl_of("subnet-1", public["ingress"], "s-public-acl", public["egress"])
    assert diagnose(there, [public])["state"] == "good"
    found = diagnose({**there, "ingress": [rule for rule in public["ingress"] if rule[0] != 300]}, [public])
    assert found["says"] == "It lacks the rule 300 allow tcp 1024-65535 from 0.0.0.0/0."
    assert found["mend"] == "Run playbooks/network.yml."
    other = diagnose({**there, "tags": {"Name": "by-hand"}}, [public])
    assert (other["name"], other["says"]) == ("s-public-subnet-1", "Its network ACL is by-hand, not s-public-acl.")
