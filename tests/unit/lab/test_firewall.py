"""The rules really loaded into a router between real namespaces: what a packet meets, not what the text says."""

import dataclasses
import socket
import threading

import pytest

from lab import config, netns
from lab.ports import Port
from lab.services.ec2 import firewall
from lab.services.ec2.firewall import Group, Rule, Subnet
from lab.services.ec2.network_acls import Acl, Entry

ROUTER = "t3test-router"
OUTSIDE = "t3test-outside"
WEB, APP, DATABASE = "10.9.1.10", "10.9.2.10", "10.9.2.20"
WEB_PUBLIC, NAT_PUBLIC, STRANGER = "203.0.113.10", "203.0.113.20", "203.0.113.1"
ROUTER_ADDRESS = "203.0.113.2"
GROUPS = {
    "sg-web": Group(
        "sg-web",
        ingress=(Rule("tcp", 80, 80, cidrs=("0.0.0.0/0",)),),
        egress=(Rule("tcp", 5000, 5000, groups=("sg-app",)),),
    ),
    "sg-app": Group(
        "sg-app",
        ingress=(Rule("tcp", 5000, 5000, groups=("sg-web",)),),
        egress=(Rule("-1", cidrs=("0.0.0.0/0",)),),
    ),
    "sg-db": Group("sg-db", ingress=(Rule("tcp", 3306, 3306, groups=("sg-app",)),)),
}
PORTS = (
    Port("web", "vpc-test", (WEB,), ("sg-web",), {WEB: WEB_PUBLIC}),
    Port("app", "vpc-test", (APP,), ("sg-app",)),
    Port("database", "vpc-test", (DATABASE,), ("sg-db",)),
)
PUBLIC, PRIVATE = Subnet("10.9.1.0/24", gateway=True), Subnet("10.9.2.0/24", nat_address=NAT_PUBLIC)
ISOLATED = Subnet("10.9.2.0/24")
ANYWHERE = "0.0.0.0/0"


def let(number: int, egress: bool, first: int, last: int, allow: bool = True, cidr: str = ANYWHERE) -> Entry:
    return Entry(number, egress, allow, "6", cidr, (first, last))


IN_80, IN_ANSWERS, OUT_ANY = let(100, False, 80, 80), let(110, False, 1024, 65535), let(100, True, 0, 65535)


@pytest.fixture(scope="module", autouse=True)
def wires():
    """A router with three ports and an outside, all plugged by hand; gone with the tests."""
    _unplug()
    netns.add(ROUTER)
    netns.sysctl(ROUTER, **{"ip_forward": 1, "conf.all.rp_filter": 0, "conf.default.rp_filter": 0})
    netns.ip("addr", "add", f"{config.GATEWAY_ADDRESS}/32", "dev", "lo", ns=ROUTER)
    netns.add(OUTSIDE)
    netns.ip(
        "link", "add", firewall.INTERNET, "netns", ROUTER, "type", "veth", "peer", "name", "eth0", "netns", OUTSIDE
    )
    for namespace, device, address in ((ROUTER, firewall.INTERNET, ROUTER_ADDRESS), (OUTSIDE, "eth0", STRANGER)):
        netns.ip("addr", "add", f"{address}/24", "dev", device, ns=namespace)
        netns.ip("link", "set", device, "up", ns=namespace)
    for address in (WEB_PUBLIC, NAT_PUBLIC):
        netns.ip("addr", "add", f"{address}/32", "dev", firewall.INTERNET, ns=ROUTER)
    for port in PORTS:
        netns.add(_space(port))
        outer = f"t3t{port.name}"
        netns.ip("link", "add", outer, "netns", ROUTER, "type", "veth", "peer", "name", "eth0", "netns", _space(port))
        netns.ip("addr", "add", f"{port.addresses[0]}/32", "dev", "eth0", ns=_space(port))
        netns.ip("link", "set", "eth0", "up", ns=_space(port))
        netns.ip("link", "set", outer, "up", ns=ROUTER)
        netns.ip("route", "add", "default", "via", config.GATEWAY_ADDRESS, "dev", "eth0", "onlink", ns=_space(port))
        netns.ip("route", "add", f"{port.addresses[0]}/32", "dev", outer, ns=ROUTER)
    yield
    _unplug()


@pytest.fixture(autouse=True)
def _rules(wires):
    _load((PUBLIC, PRIVATE))


def test_a_port_that_a_rule_opens_answers_from_the_outside():
    assert connects(OUTSIDE, WEB_PUBLIC, 80, listen_in="t3test-web")


def test_a_port_that_no_rule_opens_is_dropped_not_refused():
    assert not connects(OUTSIDE, WEB_PUBLIC, 81, listen_in="t3test-web")


def test_a_group_opens_to_the_members_of_another_group():
    assert connects("t3test-web", APP, 5000, listen_in="t3test-app")
    assert connects("t3test-app", DATABASE, 3306, listen_in="t3test-database")


def test_a_member_of_no_named_group_stays_out():
    assert not connects("t3test-web", DATABASE, 3306, listen_in="t3test-database")


def test_the_senders_own_group_must_let_the_packet_out():
    assert not connects("t3test-database", APP, 5000, listen_in="t3test-app")


def test_a_private_subnet_goes_out_under_its_nat_gateways_address():
    assert peer_seen_by_outside("t3test-app") == NAT_PUBLIC


def test_a_private_subnet_without_a_nat_route_has_no_way_out():
    _load((PUBLIC, ISOLATED))
    assert peer_seen_by_outside("t3test-app") is None


def test_a_rule_that_is_taken_away_closes_the_port():
    closed = {**GROUPS, "sg-web": Group("sg-web", egress=GROUPS["sg-web"].egress)}
    _load((PUBLIC, PRIVATE), closed)
    assert not connects(OUTSIDE, WEB_PUBLIC, 80, listen_in="t3test-web")


def test_an_acl_drops_what_no_entry_lets_in_though_the_group_would():
    _load((with_acl(PUBLIC, IN_ANSWERS, OUT_ANY), PRIVATE))
    assert not connects(OUTSIDE, WEB_PUBLIC, 80, listen_in="t3test-web")
    _load((with_acl(PUBLIC, IN_80, OUT_ANY), PRIVATE))
    assert connects(OUTSIDE, WEB_PUBLIC, 80, listen_in="t3test-web")


def test_an_acl_knows_no_connections_so_answers_need_an_entry():
    _load((with_acl(PUBLIC, IN_80, let(100, True, 80, 80)), PRIVATE))
    assert not connects(OUTSIDE, WEB_PUBLIC, 80, listen_in="t3test-web")


def test_the_entry_with_the_lowest_number_counts():
    refused = let(90, False, 80, 80, allow=False, cidr=f"{STRANGER}/32")
    _load((with_acl(PUBLIC, IN_80, OUT_ANY, refused), PRIVATE))
    assert not connects(OUTSIDE, WEB_PUBLIC, 80, listen_in="t3test-web")
    later = let(120, False, 80, 80, allow=False)
    _load((with_acl(PUBLIC, IN_80, OUT_ANY, later), PRIVATE))
    assert connects(OUTSIDE, WEB_PUBLIC, 80, listen_in="t3test-web")


def test_an_acl_is_not_asked_inside_of_a_subnet():
    _load((PUBLIC, with_acl(PRIVATE)))
    assert connects("t3test-app", DATABASE, 3306, listen_in="t3test-database")
    assert not connects("t3test-web", APP, 5000, listen_in="t3test-app")


def test_what_goes_out_by_a_nat_gateway_passes_the_acl_of_its_subnet_too():
    whole = (let(1, False, 0, 65535), let(1, True, 0, 65535))
    assert seen_through(*whole) == NAT_PUBLIC
    assert seen_through(let(1, False, 1024, 8079), let(1, True, 0, 65535)) is None  # 8080 does not get in there
    assert seen_through(let(1, False, 0, 65535), let(1, True, 80, 443)) is None  # and does not get out again
    assert seen_through(let(1, False, 8080, 8080), let(1, True, 8080, 8080)) is None  # nor does its answer


ENDPOINT = (f"{STRANGER}/32",)


def test_what_an_endpoint_leads_to_is_reached_past_the_nat_gateway_and_its_acl():
    past = dataclasses.replace(PRIVATE, endpoints=ENDPOINT, nat_acl=Acl("acl-of-the-nat"))
    _load((PUBLIC, past))
    assert peer_seen_by_outside("t3test-app") == ROUTER_ADDRESS
    _load((PUBLIC, dataclasses.replace(past, endpoints=("203.0.113.99/32",))))
    assert peer_seen_by_outside("t3test-app") is None


def test_an_endpoint_is_a_way_out_to_its_networks_alone():
    _load((PUBLIC, dataclasses.replace(ISOLATED, endpoints=ENDPOINT)))
    assert peer_seen_by_outside("t3test-app") == ROUTER_ADDRESS
    assert peer_seen_by_outside("t3test-database") is None  # its group lets nothing out
    _load((PUBLIC, dataclasses.replace(ISOLATED, endpoints=("203.0.113.99/32",))))
    assert peer_seen_by_outside("t3test-app") is None


def test_the_subnets_own_acl_is_asked_on_the_way_to_an_endpoint_and_back():
    past = dataclasses.replace(PRIVATE, endpoints=ENDPOINT, nat_acl=Acl("acl-of-the-nat"))
    for entries, seen in (
        ((let(1, True, 8080, 8080), IN_ANSWERS), ROUTER_ADDRESS),
        ((let(1, True, 80, 443), IN_ANSWERS), None),
        ((let(1, True, 8080, 8080), IN_80), None),
    ):
        _load((PUBLIC, with_acl(past, *entries)))
        assert peer_seen_by_outside("t3test-app") == seen, entries


def seen_through(*entries: Entry) -> str | None:
    _load((PUBLIC, dataclasses.replace(PRIVATE, nat_acl=Acl("acl-of-the-nat", entries))))
    return peer_seen_by_outside("t3test-app")


def with_acl(subnet: Subnet, *entries: Entry) -> Subnet:
    return dataclasses.replace(subnet, acl=Acl("acl-test", entries))


def test_the_same_state_renders_the_same_text_whatever_its_order():
    turned = dict(reversed(list(GROUPS.items())))
    assert firewall.render(PORTS, GROUPS, (PUBLIC, PRIVATE)) == firewall.render(PORTS[::-1], turned, (PUBLIC, PRIVATE))


def test_machines_of_one_service_talk_past_groups_and_acls():
    closed = with_acl(PRIVATE, let(1, True, 0, 65535, allow=False))
    for peers, expected in (((), False), ((APP,), True)):
        ports = (*PORTS[:2], dataclasses.replace(PORTS[2], peers=peers))
        netns.nft(firewall.render([*ports, Port("x", "vpc-test", (), ())], GROUPS, (PUBLIC, closed)), ROUTER)
        assert connects("t3test-database", APP, 22, listen_in="t3test-app") == expected
        assert not connects("t3test-app", DATABASE, 22, listen_in="t3test-database"), "each says it for itself"


def test_nothing_gets_to_or_from_a_zone_that_is_cut_off_not_even_on_connections_that_are_there():
    there = dataclasses.replace(PRIVATE, cidr="10.9.2.16/28")  # the database's
    app = dataclasses.replace(PRIVATE, cidr="10.9.2.0/28")
    _load((PUBLIC, app, there))
    with (
        netns.socket_in("t3test-database", lambda: socket.create_server((DATABASE, 3306))) as listener,
        netns.socket_in("t3test-app", lambda: socket.create_connection((DATABASE, 3306), timeout=1)) as before,
    ):
        accepted, _ = listener.accept()
        with accepted:
            accepted.settimeout(0.5)
            _load((PUBLIC, app, dataclasses.replace(there, cut_off=True)))
            before.sendall(b"lost")
            with pytest.raises(TimeoutError):
                accepted.recv(4)
            assert _connect("t3test-app", DATABASE, 3306) is None
            assert _connect(ROUTER, DATABASE, 3306) is None
            assert connects("t3test-web", APP, 5000, listen_in="t3test-app")
            _load((PUBLIC, app, there))
            accepted.settimeout(5)
            assert accepted.recv(4) == b"lost"  # sent again, now that the zone is back


def test_entries_of_all_kinds_are_a_valid_ruleset():
    kinds = (
        Entry(1, True, True, "-1", "10.9.0.0/16"),
        Entry(2, True, False, "17", ANYWHERE, (53, 53)),
        Entry(3, True, True, "1", ANYWHERE, icmp=(3, 4)),
        Entry(4, True, True, "1", ANYWHERE, icmp=(-1, -1)),
        Entry(5, True, True, "47", ANYWHERE),
    )
    netns.nft(firewall.render(PORTS, GROUPS, (with_acl(PUBLIC, *kinds), PRIVATE)), ROUTER)


def test_a_vpc_with_nothing_in_it_is_a_valid_ruleset():
    netns.nft(firewall.render((), {}, ()), ROUTER)


def connects(source: str, address: str, port: int, listen_in: str) -> bool:
    """Whether a TCP connection comes about, a listener being there."""
    with netns.socket_in(listen_in, lambda: socket.create_server(("0.0.0.0", port))):
        return _connect(source, address, port) is not None


def peer_seen_by_outside(source: str) -> str | None:
    """The address under which a connection from inside is seen outside, None if it does not get there."""
    seen = []
    with netns.socket_in(OUTSIDE, lambda: socket.create_server((STRANGER, 8080))) as listener:
        listener.settimeout(1)

        def accept():
            try:
                seen.append(listener.accept()[1][0])
            except TimeoutError:
                seen.append(None)

        thread = threading.Thread(target=accept)
        thread.start()
        _connect(source, STRANGER, 8080)
        thread.join()
    return seen[0]


def _connect(source: str, address: str, port: int) -> bool | None:
    try:
        netns.socket_in(source, lambda: socket.create_connection((address, port), timeout=0.5)).close()
    except TimeoutError:
        return None
    return True


def _load(subnets, groups=GROUPS):
    netns.nft(firewall.render(PORTS, groups, subnets), ROUTER)


def _space(port: Port) -> str:
    return f"t3test-{port.name}"


def _unplug() -> None:
    for name in (ROUTER, OUTSIDE, *map(_space, PORTS)):
        netns.delete(name)
