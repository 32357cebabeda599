"""The doctor on a domain and its certificates: what is wrong is named, with what mends it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.threetier.aws.plugins.module_utils._findings import certificate, dns, webapp

API = "api.example.test"
ALIAS = "alias demo-alb-1.us-east-1.elb.amazonaws.com"


def zone(**other: Any) -> dict[str, Any]:
    """All well, but for what is said."""
    return {
        "zone": {"HostedZone": {"Name": "example.test."}, "DelegationSet": {"NameServers": ["ns-1.org", "ns-2.net"]}},
        "records": {"records": {f"A {API}": ALIAS}},
        "resolved": {API: {"rc": 0}},
        **other,
    }


def judged(seen: dict[str, Any]) -> dict[str, tuple[str, str]]:
    found = dns.findings(seen, "example.test", [API])
    return {one["place"]: (one["state"], f"{one['says']} {one['mend']}") for one in found}


def test_a_stack_without_a_domain_has_nothing_to_look_at() -> None:
    assert dns.findings({}, "", []) == []


def test_a_domain_that_is_well() -> None:
    assert {place: state for place, (state, _says) in judged(zone()).items()} == {
        "zone": "good",
        "record": "good",
        "delegation": "good",
    }


@pytest.mark.parametrize(
    ("fault", "place", "says"),
    [
        ({"zone": {}}, "zone", "There is no public hosted zone"),
        ({"zone": {"failed": True, "msg": "denied"}}, "zone", "denied"),
        ({"records": {"records": {}}}, "record", "no record of the stack"),
        ({"records": {"records": {f"A {API}": "nothing, although it is marked"}}}, "record", "no record of the stack"),
        ({"resolved": {API: {"rc": 2}}}, "delegation", "ns-1.org, ns-2.net"),
    ],
)
def test_each_hop_of_a_name_that_is_wrong_is_named(fault: dict[str, Any], place: str, says: str) -> None:
    found = judged(zone(**fault))
    assert list(found)[-1] == place
    assert found[place][0] != "good"
    assert says in found[place][1]


@pytest.mark.parametrize(
    ("reports", "state", "says"),
    [
        (["Success: HTTP Status Code 200, OK"] * 2 + ["Failure: Connection timed out"] * 2, "good", "reaches it"),
        (["Failure: Connection timed out"] * 9 + ["Success: OK"], "bad", "9 of 10 checkers"),
        ([], "unknown", "has asked yet"),
        (None, "bad", "There is none"),
    ],
)
def test_what_route_53_sees_from_outside_is_told(reports: list[str] | None, state: str, says: str) -> None:
    looked = {"health_check": {"action": "create"}}
    if reports is not None:
        looked = {"health_check_observations": [{"status_report": {"status": report}} for report in reports]}
    found = dns.findings(zone(health=looked), "example.test", [API], API)[-1]
    assert (found["place"], found["name"], found["state"]) == ("health check", API, state)
    assert says in found["says"]


@pytest.mark.parametrize(
    ("addresses", "state", "says"),
    [
        (["192.0.2.1 STREAM", "192.0.2.1 DGRAM"], "good", "leads to the load balancer"),
        (["192.0.2.9 STREAM"], "bad", "leads to 192.0.2.9, and not to the load balancer"),
        ([], "bad", "no address"),
    ],
)
def test_a_name_that_leads_elsewhere_is_named(addresses: list[str], state: str, says: str) -> None:
    balancers = ["192.0.2.1 STREAM demo-alb", "192.0.2.2 STREAM"]
    looks = [{"item": "demo-alb", "stdout_lines": balancers}, {"item": API, "stdout_lines": addresses}]
    (found,) = webapp._own_name(looks)
    assert (found["place"], found["name"], found["state"]) == ("dns", API, state)
    assert says in found["says"]


def certified(**other: Any) -> dict[str, Any]:
    found = {"status": "ISSUED", "not_after": "2027-06-01T00:00:00+00:00", "certificate_arn": "arn:1", **other}
    return {"item": {"domain_name": API}, "certificate": found}


@pytest.mark.parametrize(
    ("seen", "state", "says"),
    [
        (certified(), "good", "holds for 182 days"),
        (certified(not_after="2026-12-31T00:00:00+00:00"), "bad", "ends in 30 days, and ACM has not renewed it"),
        ({"item": {"domain_name": API}, "certificate": {}}, "bad", "may have failed"),
        ({"item": {"domain_name": API}, "failed": True, "msg": "denied"}, "unknown", "denied"),
        (
            certified(
                status="PENDING_VALIDATION",
                pending_names=[API],
                validation_records=[{"name": "_x.api.example.test.", "type": "CNAME", "value": "_y.aws."}],
            ),
            "bad",
            "_x.api.example.test. CNAME _y.aws.",
        ),
    ],
)
def test_a_certificate_is_judged(seen: dict[str, Any], state: str, says: str) -> None:
    (found,) = certificate.findings([seen], "2026-12-01T08:00:00")
    assert found["state"] == state
    assert says in f"{found['says']} {found['mend']}"
