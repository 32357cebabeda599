"""Pure: what a VPC says about groups, routes and addresses, as one nftables ruleset.

Every packet between two guests passes the VPC's forward chain. It must be let out by the groups of the sender and let
in by the groups of the receiver; answers follow the connection, as with AWS's stateful groups. What no rule opens is
dropped. Before, the network ACLs of the subnets that it crosses are asked of each packet, answers too. A guest reaches
the outside only if its subnet's route table leads to a gateway, and is seen there under its own public address or its
NAT gateway's. What a gateway endpoint leads to is reached past these, whether or not there is such a way out. What
stands behind one service of AWS (a database and its standby) talks past groups and ACLs, which are the customer's.
Nothing at all gets to or from a subnet whose zone is cut off.
"""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Iterable, Mapping, Sequence

from ... import config
from ...ports import Port
from .network_acls import Acl, chains
from .packets import match, name_of

INTERNET = "inet"  # the VPC's device towards the outside


@dataclasses.dataclass(frozen=True)
class Rule:
    """One opening: protocol ("tcp", "udp", "icmp" or "-1" for all), ports, and who is on the other side."""

    protocol: str
    from_port: int | None = None
    to_port: int | None = None
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Group:
    """A security group."""

    id: str
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()


@dataclasses.dataclass(frozen=True)
class Subnet:
    """A subnet and where its default route leads: the internet gateway, a NAT's public address, or nowhere.

    `endpoints` are the networks that its gateway endpoints lead to, past the default route. `acl` is the network ACL of
    the subnet, `nat_acl` that of its NAT gateway's subnet. `cut_off`: its zone has no network.
    """

    cidr: str
    gateway: bool = False
    nat_address: str | None = None
    endpoints: tuple[str, ...] = ()
    acl: Acl | None = None
    nat_acl: Acl | None = None
    cut_off: bool = False


def translations(ports: Iterable[Port], subnets: Sequence[Subnet]) -> dict[str, str]:
    """Under which public address each private address is seen outside; one that is missing has no way out."""
    seen: dict[str, str] = {}
    for port in ports:
        for address in port.addresses:
            subnet = _subnet_of(address, subnets)
            if subnet and subnet.gateway and address in port.public:
                seen[address] = port.public[address]
            elif subnet and subnet.nat_address:
                seen[address] = subnet.nat_address
    return seen


def render(ports: Sequence[Port], groups: Mapping[str, Group], subnets: Sequence[Subnet]) -> str:
    """The whole ruleset of a VPC's namespace, to be loaded in one transaction."""
    ports = sorted(ports, key=lambda port: port.name)
    outside = translations(ports, subnets)
    inside = {
        port.public[address]: address
        for port in ports
        for address in port.addresses
        if outside.get(address) and outside[address] == port.public.get(address)
    }
    members = {group: [a for port in ports if group in port.groups for a in port.addresses] for group in sorted(groups)}
    lines = ["table ip vpc", "delete table ip vpc", "table ip vpc {"]
    lines += [_set(name_of(group), addresses) for group, addresses in members.items()]
    lines += [_map("outside", outside), _map("inside", inside), _set("routed", outside)]
    for port in ports:
        lines += _guard(f"out_{name_of(port.name)}", "daddr", _rules(port, groups, "egress"), groups)
        lines += _guard(f"in_{name_of(port.name)}", "saddr", _rules(port, groups, "ingress"), groups)
    lines += chains(subnets, INTERNET)
    lines.append(
        f"""
chain leaving {{
  {_dispatch("saddr", "out", ports)}
}}
chain entering {{
  {_dispatch("daddr", "in", ports)}
}}
chain prerouting {{
  type nat hook prerouting priority dstnat
  iifname "{INTERNET}" dnat to ip daddr map @inside
  ip saddr @routed dnat to ip daddr map @inside
}}
chain postrouting {{
  type nat hook postrouting priority srcnat
  {_endpoints(subnets, f'oifname "{INTERNET}"', "masquerade")}
  oifname "{INTERNET}" snat to ip saddr map @outside
}}
chain input {{
  type filter hook input priority filter; policy drop
  {_cut_off(subnets)}
  ct state established,related accept
  iifname "lo" accept
  iifname != "{INTERNET}" ip daddr {config.METADATA_ADDRESS} tcp dport 80 accept
  iifname != "{INTERNET}" ip daddr {config.RESOLVER_ADDRESS} meta l4proto {{ tcp, udp }} th dport 53 accept
}}
chain output {{
  type filter hook output priority filter; policy accept
  {_cut_off(subnets)}
}}
chain forward {{
  type filter hook forward priority filter; policy drop
  {_cut_off(subnets)}
  {_peers(ports)}
  jump acl
  ct state established,related accept
  ct state invalid drop
  iifname != "{INTERNET}" jump leaving
  oifname != "{INTERNET}" jump entering
  oifname != "{INTERNET}" accept
  {_endpoints(subnets, "", "accept")}
  ip saddr @routed accept
}}
}}"""
    )
    return "\n".join(lines) + "\n"


def _cut_off(subnets: Sequence[Subnet]) -> str:
    """Drops every packet to and from subnets whose zone is cut off."""
    cut = ", ".join(sorted(subnet.cidr for subnet in subnets if subnet.cut_off))
    return f"ip saddr {{ {cut} }} drop; ip daddr {{ {cut} }} drop" if cut else ""


def _peers(ports: Iterable[Port]) -> str:
    """Lets pass what ports of one service say to each other."""
    pairs = sorted(f"{own} . {peer}" for port in ports for own in port.addresses for peer in port.peers)
    return f"ip saddr . ip daddr {{ {', '.join(pairs)} }} accept" if pairs else ""


def _endpoints(subnets: Sequence[Subnet], which: str, verdict: str) -> str:
    """What becomes of packets on their way to a gateway endpoint. They leave under the router's own address."""
    lines = [
        f"{which} ip saddr {one.cidr} ip daddr {{ {', '.join(one.endpoints)} }} {verdict}"
        for one in subnets
        if one.endpoints
    ]
    return "\n  ".join(lines)


def _rules(port: Port, groups: Mapping[str, Group], direction: str) -> list[Rule]:
    if direction == "ingress" and not port.listens:
        return []
    return [rule for group in port.groups if group in groups for rule in getattr(groups[group], direction)]


def _guard(chain: str, side: str, rules: Iterable[Rule], groups: Mapping[str, Group]) -> list[str]:
    lines = [f"chain {chain} {{"]
    for rule in rules:
        peers = [f"ip {side} {{ {', '.join(rule.cidrs)} }}"] if rule.cidrs else []
        peers += [f"ip {side} @{name_of(group)}" for group in rule.groups if group in groups]
        lines += [f"  {peer} {_match(rule)} return" for peer in peers]
    return [*lines, "  drop", "}"]


def _match(rule: Rule) -> str:
    if rule.from_port is None or rule.to_port is None or rule.from_port == -1:
        return match(rule.protocol)
    return match(rule.protocol, (rule.from_port, rule.to_port))


def _dispatch(side: str, way: str, ports: Iterable[Port]) -> str:
    jumps = [f"{address} : jump {way}_{name_of(port.name)}" for port in ports for address in port.addresses]
    return f"ip {side} vmap {{ {', '.join(jumps)} }}" if jumps else ""


def _set(name: str, addresses: Iterable[str]) -> str:
    elements = ", ".join(sorted(set(addresses)))
    return f"set {name} {{ type ipv4_addr; {f'elements = {{ {elements} }}' if elements else ''} }}"


def _map(name: str, pairs: Mapping[str, str]) -> str:
    elements = ", ".join(f"{key} : {value}" for key, value in sorted(pairs.items()))
    return f"map {name} {{ type ipv4_addr : ipv4_addr; {f'elements = {{ {elements} }}' if elements else ''} }}"


def _subnet_of(address: str, subnets: Sequence[Subnet]) -> Subnet | None:
    return next((s for s in subnets if ipaddress.ip_address(address) in ipaddress.ip_network(s.cidr)), None)
