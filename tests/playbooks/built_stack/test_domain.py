"""A domain of its own for a stack that is there: zone, names, certificate and HTTPS come, and go with the teardown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.lab.conftest import change, record

from .conftest import NAME

DOMAIN = {
    "threetier_domain": "example.test",
    "threetier_health_check": True,
    "threetier_private_domain": "demo.internal",
}


@pytest.fixture(scope="module")
def route53(client) -> Any:
    return client("route53")


@pytest.fixture(scope="module")
def seen(client, route53):
    """seen() is what a person would look at: zones, names, listeners and the address that the page is told."""

    def look() -> dict[str, Any]:
        elbv2, s3 = client("elbv2"), client("s3")
        balancer = elbv2.describe_load_balancers(Names=[f"{NAME}-alb"])["LoadBalancers"][0]
        listeners = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        page = next(one["Name"] for one in s3.list_buckets()["Buckets"] if f"{NAME}-frontend" in one["Name"])
        return {
            "names": {name for zone in zones(route53) for name in names(route53, zone)},
            "ports": {one["Port"]: one["DefaultActions"][0]["Type"] for one in listeners},
            "redirect": [one["DefaultActions"][0].get("RedirectConfig", {}).get("Host") for one in listeners],
            "api": json.loads(s3.get_object(Bucket=page, Key="config.json")["Body"].read())["api_base"],
            "balancer": balancer["DNSName"],
        }

    return look


def zones(route53, private=False) -> list[str]:
    found = route53.list_hosted_zones()["HostedZones"]
    return [zone["Id"] for zone in found if zone["Config"]["PrivateZone"] is private]


def checks(route53) -> list[tuple[str, str]]:
    found = [one["HealthCheckConfig"] for one in route53.list_health_checks()["HealthChecks"]]
    return [(one["FullyQualifiedDomainName"], one["ResourcePath"]) for one in found]


def names(route53, zone) -> dict[str, dict[str, Any]]:
    """The records of people: without the zone's own, the marks and what proves names."""
    found = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return {one["Name"]: one for one in found if one["Type"] in ("A", "CNAME") and not one["Name"].startswith("_")}


def certificates(client) -> list[str]:
    return [one["Status"] for one in client("acm").list_certificates()["CertificateSummaryList"]]


def test_a_plan_shows_what_a_domain_brings_and_makes_nothing(client, route53, site):
    said = site.play("site", "--check", **DOMAIN)
    assert not said.failed, said.said
    assert "+ route53_zone example.test" in said.said
    assert "+ acm_certificate_request " in said.said
    assert (zones(route53), certificates(client)) == ([], [])


def test_a_stack_moves_to_its_domain_in_place(client, route53, seen, site):
    said = site.play("site", **DOMAIN)
    assert not said.failed, said.said
    (zone,) = zones(route53)
    servers = route53.get_hosted_zone(Id=zone)["DelegationSet"]["NameServers"]
    assert all(server in said.said.rsplit("Say what the domain's registrar", 1)[1] for server in servers)
    now = seen()
    assert now["names"] == {"api.example.test."}
    assert now["balancer"] in names(route53, zone)["api.example.test."]["AliasTarget"]["DNSName"]
    assert (now["ports"], now["api"]) == ({80: "redirect", 443: "forward"}, "https://api.example.test")
    assert "api.example.test" in now["redirect"]
    assert certificates(client) == ["ISSUED"]
    assert checks(route53) == [("api.example.test", "/ready")]
    (private,) = zones(route53, private=True)
    (vpc,) = route53.get_hosted_zone(Id=private)["VPCs"]
    assert vpc["VPCId"] in {one["VpcId"] for one in client("ec2").describe_vpcs()["Vpcs"]}
    (database,) = client("rds").describe_db_instances()["DBInstances"]
    leads = names(route53, private)["db.demo.internal."]["ResourceRecords"][0]["Value"]
    assert leads.rstrip(".") == database["Endpoint"]["Address"]


def test_back_without_it_the_name_stays_and_leads_to_the_api(seen, site):
    said = site.play("site")
    assert not said.failed, said.said
    now = seen()
    assert (now["ports"], now["names"]) == ({80: "forward"}, {"api.example.test."})
    assert now["api"] == f"http://{now['balancer']}"


def test_a_teardown_leaves_what_others_have_in_the_zone_and_says_so(client, route53, site):
    with site.copy() as copy:
        there = copy.client("route53")
        (zone,) = zones(there)
        change(there, zone, "CREATE", record("mail.example.test.", "A", "192.0.2.1"))
        said = copy.play("teardown", teardown_confirm=NAME, teardown_timeout=10)
        assert said.failed
        assert "holds records that no stack has made" in said.said
        assert set(names(there, zone)) == {"mail.example.test."}
        assert certificates(copy.client) == []


def test_a_zone_of_others_is_used_and_stays(route53, site):
    with site.copy() as copy:
        there = copy.client("route53")
        made = there.create_hosted_zone(Name="example.org", CallerReference="one")["HostedZone"]["Id"]
        change(there, made, "CREATE", record("api.example.org.", "A", "192.0.2.1"))
        said = copy.play("certificate", threetier_domain="example.org")
        assert said.failed
        assert (
            "api.example.org has a record A already (192.0.2.1 for 300 s), which this stack has not made" in said.said
        )
        change(there, made, "DELETE", record("api.example.org.", "A", "192.0.2.1"))
        assert not copy.play("certificate", threetier_domain="example.org").failed
        assert len(there.list_resource_record_sets(HostedZoneId=made)["ResourceRecordSets"]) == 4
        assert not copy.play("teardown", teardown_confirm=NAME).failed
        assert zones(there) == [made]
        assert len(there.list_resource_record_sets(HostedZoneId=made)["ResourceRecordSets"]) == 2
