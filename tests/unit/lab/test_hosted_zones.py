"""Hosted zones, their records, and the name server that answers from them."""

from __future__ import annotations

import datetime
import http.server
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from dnslib import QTYPE, RCODE, DNSRecord

from lab import backends
from lab.services.route53 import checker, health_checks, zones
from lab.services.route53.answers import View
from lab.services.route53.name_server import NameServer

from .conftest import change, record

BALANCER = "demo-alb-1.us-east-1.elb.amazonaws.com"
OTHER = "other-alb-2.us-east-1.elb.amazonaws.com"
PUBLISHED = {BALANCER: ["198.51.100.20", "198.51.100.21"], OTHER: ["198.51.100.30"]}


@pytest.fixture
def dead() -> set[str]:
    """The names of balancers that have no healthy target."""
    return set()


@pytest.fixture
def ask(api: None, dead: set[str]) -> Any:
    """ask("www.example.test", "A") at a name server on the loopback: the answer's records, or why there are none."""
    view = View(
        zones.public,
        addresses=lambda name: PUBLISHED.get(name, []),
        serves=lambda name: name not in dead,
        passes=health_checks.passes,
    )
    server = NameServer(view, "127.0.0.1", port=0)

    def asked(name: str, kind: str = "A", tcp: bool = False) -> list[str]:
        packet = DNSRecord.question(name, kind).send("127.0.0.1", server.port, tcp=tcp, timeout=10)
        answer = DNSRecord.parse(packet)
        if answer.header.rcode != RCODE.NOERROR:
            return [RCODE[answer.header.rcode]]
        return [f"{record.rname} {record.ttl} {QTYPE[record.rtype]} {record.rdata}" for record in answer.rr]

    yield asked
    server.close()


def alias(name: str, target: str, **more: Any) -> dict[str, Any]:
    way = {"HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": target, "EvaluateTargetHealth": True}
    return {"Name": name, "Type": "A", "AliasTarget": way, **more}


def test_records_are_answered_by_udp_and_tcp(zone: Any, ask: Any) -> None:
    zone(
        "example.test", record("a.example.test", "A", "192.0.2.1", "192.0.2.2"), record("example.test", "MX", "10 m.x.")
    )
    expected = ["a.example.test. 300 A 192.0.2.1", "a.example.test. 300 A 192.0.2.2"]
    assert ask("a.example.test") == ask("A.EXAMPLE.test", tcp=True) == expected
    assert ask("example.test", "MX") == ["example.test. 300 MX 10 m.x."]
    (authority,) = ask("example.test", "SOA")
    assert authority.startswith("example.test. 900 SOA ns-2048.awsdns-64.com. ")
    assert len(ask("example.test", "NS")) == 4


def test_what_is_not_there_is_said_in_the_three_ways_of_dns(zone: Any, ask: Any) -> None:
    zone("example.test", record("a.b.example.test", "A", "192.0.2.1"))
    assert ask("no.example.test") == ["NXDOMAIN"]
    assert ask("b.example.test") == []  # nothing of its own, but a name below it
    assert ask("a.b.example.test", "AAAA") == []
    assert ask("example.com") == ["REFUSED"]


def test_an_alias_has_the_addresses_of_its_target_under_its_own_name(zone: Any, ask: Any) -> None:
    zone("example.test", alias("example.test", BALANCER), record("www.example.test", "CNAME", "example.test"))
    addresses = [f"example.test. 60 A {address}" for address in PUBLISHED[BALANCER]]
    assert ask("example.test") == addresses
    assert ask("www.example.test") == ["www.example.test. 300 CNAME example.test.", *addresses]
    assert ask("www.example.test", "CNAME") == ["www.example.test. 300 CNAME example.test."]
    assert ask("example.test", "AAAA") == []


def test_records_that_lead_to_each_other_end(zone: Any, ask: Any) -> None:
    names = ("a.example.test", "b.example.test")
    zone("example.test", *(record(one, "CNAME", other) for one, other in (names, names[::-1])))
    assert 2 <= len(ask("a.example.test")) <= 10


def test_a_wildcard_stands_for_names_that_are_not_there(zone: Any, ask: Any) -> None:
    zone("example.test", record("*.example.test", "A", "192.0.2.9"), record("a.example.test", "A", "192.0.2.1"))
    assert ask("x.y.example.test") == ["x.y.example.test. 300 A 192.0.2.9"]
    assert ask("a.example.test") == ["a.example.test. 300 A 192.0.2.1"]
    assert ask("x.a.example.test") == ["NXDOMAIN"]


def test_the_secondary_answers_while_the_primary_has_no_healthy_target(zone: Any, ask: Any, dead: set[str]) -> None:
    zone(
        "example.test",
        alias("api.example.test", BALANCER, SetIdentifier="one", Failover="PRIMARY"),
        alias("api.example.test", OTHER, SetIdentifier="two", Failover="SECONDARY"),
    )
    primary = [f"api.example.test. 60 A {address}" for address in PUBLISHED[BALANCER]]
    assert ask("api.example.test") == primary
    dead.add(BALANCER)
    assert ask("api.example.test") == ["api.example.test. 60 A 198.51.100.30"]
    dead.add(OTHER)
    assert ask("api.example.test") == primary  # none is better


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Answers with the status that its server says."""

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])  # type: ignore[attr-defined]
        self.send_response(self.server.says)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """The test's output says enough."""


@pytest.fixture
def endpoint() -> Iterator[Any]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        server.says, server.hosts = 200, []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_record_is_answered_as_long_as_its_health_check_passes(
    zone: Any, ask: Any, client: Any, endpoint: Any
) -> None:
    route53 = client("route53")
    settings = {"Type": "HTTP", "FullyQualifiedDomainName": "one.example.test", "ResourcePath": "/ready"}
    settings |= {"Port": endpoint.server_port, "RequestInterval": 10, "FailureThreshold": 2}
    check_id = route53.create_health_check(CallerReference="1", HealthCheckConfig=settings)["HealthCheck"]["Id"]
    zone(
        "example.test",
        record("one.example.test", "A", "127.0.0.1"),
        record("api.example.test", "A", "192.0.2.1", SetIdentifier="1", Failover="PRIMARY", HealthCheckId=check_id),
        record("api.example.test", "A", "192.0.2.2", SetIdentifier="2", Failover="SECONDARY"),
    )
    ((backend, check),) = health_checks.every()
    seen = health_checks.observation(backend, check)

    def look() -> str:
        """What is answered after one more probe."""
        good, seen.status = checker.probe(check, lambda _name: ["127.0.0.1"])
        health_checks.take(seen, check.failure_threshold, good)
        (answer,) = ask("api.example.test")
        return str(answer).split()[-1]

    assert look() == "192.0.2.1"
    assert seen.status == "Success: HTTP Status Code 200, OK. Resolved IP: 127.0.0.1"
    assert endpoint.hosts == ["one.example.test"]
    endpoint.says = 503
    assert [look(), look(), look()] == ["192.0.2.1", "192.0.2.2", "192.0.2.2"]
    assert seen.status.startswith("Failure: HTTP Status Code 503")
    endpoint.says = 301
    assert [look(), look()] == ["192.0.2.2", "192.0.2.1"]


def test_a_health_check_by_https_names_its_host_to_the_endpoint(client: Any, api: None) -> None:
    """An edge that has certificates for several names answers no other handshake."""
    settings = {"FullyQualifiedDomainName": "www.shop.test", "Type": "HTTPS", "Port": 443}
    for number, more in enumerate(({}, {"EnableSNI": False})):
        client("route53").create_health_check(CallerReference=str(number), HealthCheckConfig=settings | more)
    named = [health_checks.yes(check.enable_sni) for _backend, check in health_checks.every()]
    assert sorted(named) == [False, True]


def test_what_a_health_check_saw_is_reported_and_nothing_before(client: Any, api: None) -> None:
    route53 = client("route53")
    settings = {"Type": "TCP", "IPAddress": "127.0.0.1", "Port": 1}
    check_id = route53.create_health_check(CallerReference="1", HealthCheckConfig=settings)["HealthCheck"]["Id"]
    assert route53.get_health_check_status(HealthCheckId=check_id)["HealthCheckObservations"] == []
    ((backend, check),) = health_checks.every()
    seen = health_checks.observation(backend, check)
    good, seen.status = checker.probe(check, lambda _name: [])
    seen.time = datetime.datetime.now(datetime.UTC)
    assert not good
    (reported,) = route53.get_health_check_status(HealthCheckId=check_id)["HealthCheckObservations"]
    assert reported["StatusReport"]["Status"].startswith("Failure: ")


def test_a_record_without_weight_gets_no_question(zone: Any, ask: Any) -> None:
    zone(
        "example.test",
        record("w.example.test", "A", "192.0.2.1", SetIdentifier="a", Weight=1),
        record("w.example.test", "A", "192.0.2.2", SetIdentifier="b", Weight=0),
    )
    assert {answer for _ in range(20) for answer in ask("w.example.test")} == {"w.example.test. 300 A 192.0.2.1"}


def test_the_zone_with_the_longest_name_answers(zone: Any, ask: Any) -> None:
    zone("example.test", record("a.sub.example.test", "A", "192.0.2.1"))
    zone("sub.example.test", record("a.sub.example.test", "A", "192.0.2.2"))
    assert ask("a.sub.example.test") == ["a.sub.example.test. 300 A 192.0.2.2"]


def test_a_private_zone_is_seen_from_its_vpc_alone(zone: Any, private_zone: Any) -> None:
    zone("example.test", record("db.example.test", "A", "192.0.2.1"))
    vpc, _id = private_zone("example.test")
    (public,) = zones.public()
    assert not public.private_zone
    (own,) = zones.seen_from(vpc)
    assert own.private_zone
    assert zones.seen_from("vpc-another") == [public]


REFUSED = {
    "of type CNAME with DNS name example.test. is not permitted at apex": record("example.test", "CNAME", "a.b."),
    "ARRDATAIllegalIPv4Address": record("x.example.test", "A", "not-an-ip"),
    "AAAARRDATAIllegalIPv6Address": record("x.example.test", "AAAA", "192.0.2.1"),
    "a conflicting RRSet of type A with the same DNS name": record("a.example.test", "CNAME", "b.c."),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_records_that_dns_cannot_hold_are_refused_as_aws_does_and_nothing_of_their_batch_is_made(
    zone: Any, client: Any, sentence: str
) -> None:
    route53 = client("route53")
    made = zone("example.test", record("a.example.test", "A", "192.0.2.1"))
    before = route53.list_resource_record_sets(HostedZoneId=made)["ResourceRecordSets"]
    with pytest.raises(ClientError) as raised:
        change(route53, made, "UPSERT", record("new.example.test", "A", "192.0.2.3"), REFUSED[sentence])
    assert raised.value.response["Error"]["Code"] == "InvalidChangeBatch"
    assert sentence in raised.value.response["Error"]["Message"]
    assert route53.list_resource_record_sets(HostedZoneId=made)["ResourceRecordSets"] == before


def test_deleting_a_record_with_an_identifier_leaves_its_namesakes_of_other_names(zone: Any, client: Any) -> None:
    def one(name: str) -> dict[str, Any]:
        return record(name, "A", "192.0.2.1", SetIdentifier="p", Weight=1)

    made = zone("example.test", one("www.example.test"), one("other.example.test"))
    change(client("route53"), made, "DELETE", one("other.example.test"))
    found = client("route53").list_resource_record_sets(HostedZoneId=made)["ResourceRecordSets"]
    assert [record["Name"] for record in found if record["Type"] == "A"] == ["www.example.test."]


def test_a_zone_is_made_once_by_a_reference_and_looks_like_one_of_awss(zone: Any, client: Any) -> None:
    route53 = client("route53")
    made = route53.create_hosted_zone(Name="example.test", CallerReference="once")["HostedZone"]["Id"]
    assert made.startswith("/hostedzone/Z")
    with pytest.raises(ClientError, match="HostedZoneAlreadyExists"):
        route53.create_hosted_zone(Name="example.org", CallerReference="once")
    change(route53, made, "CREATE", alias("example.test", BALANCER))
    by_type = {r["Type"]: r for r in route53.list_resource_record_sets(HostedZoneId=made)["ResourceRecordSets"]}
    assert by_type["A"]["AliasTarget"]["DNSName"] == f"{BALANCER}."
    (soa,) = by_type["SOA"]["ResourceRecords"]
    assert soa["Value"].startswith("ns-2048.awsdns-64.com. ")
    assert backends.worldwide("route53").zones
