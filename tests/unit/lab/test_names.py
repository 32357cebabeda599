"""The resolver of a VPC: real dnsmasq, asked over a real socket."""

from __future__ import annotations

import socket
import struct
import time
from types import SimpleNamespace

import pytest

from lab import config, netns
from lab.services.route53.answers import View
from lab.services.route53.name_server import NameServer
from lab.services.route53resolver import controller
from lab.services.route53resolver.controller import Resolver

SPACE = "t3test-names"
NAME, ADDRESS = "my-db.aaaaaaaaaa.us-east-1.rds.amazonaws.com", "10.0.11.5"
A, AAAA = 1, 28


@pytest.fixture
def resolver(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "RUN", tmp_path)
    monkeypatch.setattr(controller, "_upstream", list)  # no question leaves this machine
    netns.delete(SPACE)
    netns.add(SPACE)
    netns.ip("addr", "add", f"{config.RESOLVER_ADDRESS}/32", "dev", "lo", ns=SPACE)
    made = Resolver(SimpleNamespace(vpc=SimpleNamespace(id="vpc-test"), namespace=SPACE))
    yield made
    made.close()
    netns.delete(SPACE)


def test_a_published_name_has_its_address_and_no_other_kind_of_record(resolver):
    resolver.publish([(NAME, ADDRESS)])
    assert answered(A) == (0, [ADDRESS])
    # NOERROR without an answer: anything else, and glibc gives up on the IPv4 address too
    assert answered(AAAA) == (0, [])


def test_a_name_that_is_taken_back_is_gone(resolver):
    resolver.publish([(NAME, ADDRESS), ("other.rds.amazonaws.com", "10.0.11.6")])
    assert answered(A) == (0, [ADDRESS])
    resolver.publish([("other.rds.amazonaws.com", "10.0.11.6")])
    assert answered(A, wanted=3) == (3, [])


def test_a_hosted_zone_is_asked_of_the_vpcs_own_name_server(resolver):
    record = SimpleNamespace(
        name="www.example.test.",
        type="A",
        ttl=60,
        records=["192.0.2.7"],
        alias_target=None,
        failover=None,
        weight=None,
        health_check_id=None,
    )
    zone = SimpleNamespace(name="example.test.", rrsets=[record], delegation_set=None)
    view = View(lambda: [zone], lambda _name: [], lambda _name: True, lambda _id: True)
    server = NameServer(view, config.NAME_SERVER_ADDRESS, namespace=SPACE)
    try:
        resolver.forward({"example.test"})
        assert answered(A, name="www.example.test") == (0, ["192.0.2.7"])
        assert answered(A, 3, name="no.example.test") == (3, [])
        resolver.forward(set())
        assert answered(A, 5, name="www.example.test") == (5, [])  # REFUSED: there is nobody to ask
    finally:
        server.close()


def answered(kind: int, wanted: int = 0, deadline: float = 5, name: str = NAME) -> tuple[int, list[str]]:
    """Response code and addresses; asked again until the code is the wanted one."""
    end = time.monotonic() + deadline
    while (seen := ask(kind, name))[0] != wanted and time.monotonic() < end:
        time.sleep(0.05)
    return seen


def ask(kind: int, name: str) -> tuple[int, list[str]]:
    question = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
    packet = struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + question + struct.pack(">2H", kind, 1)
    with netns.socket_in(SPACE, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as client:
        client.settimeout(1)
        client.connect((config.RESOLVER_ADDRESS, 53))
        try:
            client.send(packet)
            answer = client.recv(512)
        except OSError:
            return -1, []
    code, count = answer[3] & 15, struct.unpack(">H", answer[6:8])[0]
    body = answer[len(packet) :]
    return code, [socket.inet_ntoa(body[16 * n + 12 : 16 * n + 16]) for n in range(count)]
