"""Network ACLs: what a subnet lets in and out, packet by packet, as nftables chains; moto's gaps.

An ACL knows no connections: answers need a rule of their own. It is asked where a packet crosses the edge of a subnet,
so also at the NAT gateway's subnet, through which private subnets reach the outside; never inside of one subnet, nor on
the way to the VPC's resolver and the metadata service.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from moto.ec2.models.network_acls import NetworkAcl
from moto.ec2.responses.network_acls import NetworkACLs

from ...monkeypatch import wrap
from . import packets


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of an ACL. `protocol` is a number or "-1" for all; ports and ICMP's type and code None for all."""

    number: int
    egress: bool
    allow: bool
    protocol: str
    cidr: str
    ports: tuple[int, int] | None = None
    icmp: tuple[int, int] | None = None  # type and code, -1 for all


@dataclasses.dataclass(frozen=True)
class Acl:
    """A network ACL."""

    id: str
    entries: tuple[Entry, ...] = ()


def of_subnets(backend: Any, vpc_id: str) -> dict[str, Acl]:
    """By subnet the ACL that it is associated with."""
    acls = [acl for acl in list(backend.network_acls.values()) if acl.vpc_id == vpc_id]
    return {association.subnet_id: _acl(acl) for acl in acls for association in list(acl.associations)}


def chains(subnets: Sequence[Any], internet: str) -> list[str]:
    """Lines of nftables that drop what an ACL does not let through: the chain `acl`, to be asked of each packet.

    :param subnets: each with its `cidr`, its `acl`, the networks of its gateway endpoints as `endpoints` and, where it
        has a NAT gateway, that one's subnet's ACL as `nat_acl`.
    :param internet: the device towards the outside.
    """
    used = {acl.id: acl for subnet in subnets for acl in (subnet.acl, subnet.nat_acl) if acl}
    lines = []
    for acl in sorted(used.values(), key=lambda one: one.id):
        lines += _chain(_name(acl, "in"), [entry for entry in acl.entries if not entry.egress], "saddr")
        lines += _chain(_name(acl, "out"), [entry for entry in acl.entries if entry.egress], "daddr")
    guarded = [subnet for subnet in subnets if subnet.acl]
    behind = [subnet for subnet in subnets if subnet.nat_acl]
    lines.append("chain acl {")
    lines += [f"  ip saddr {subnet.cidr} ip daddr {subnet.cidr} return" for subnet in guarded]
    lines += _ask("ip saddr", {subnet.cidr: _name(subnet.acl, "out") for subnet in guarded})
    for subnet in [one for one in behind if one.endpoints]:  # what goes by an endpoint passes no NAT gateway
        beyond = f"{{ {', '.join(subnet.endpoints)} }}"
        lines.append(f"  ip saddr {subnet.cidr} ip daddr {beyond} return")
        if subnet.acl:
            lines.append(f"  ip saddr {beyond} ip daddr {subnet.cidr} jump {_name(subnet.acl, 'in')}")
        lines.append(f"  ip saddr {beyond} ip daddr {subnet.cidr} return")
    for way in ("in", "out"):  # a packet comes into the NAT gateway's subnet and leaves it again
        through = {subnet.cidr: _name(subnet.nat_acl, way) for subnet in behind}
        lines += _ask(f'oifname "{internet}" ip saddr', through) + _ask(f'iifname "{internet}" ip daddr', through)
    lines += _ask("ip daddr", {subnet.cidr: _name(subnet.acl, "in") for subnet in guarded})
    return [*lines, "}"]


def _ask(what: str, chain_of: dict[str, str]) -> list[str]:
    jumps = ", ".join(f"{cidr} : jump {chain}" for cidr, chain in chain_of.items())
    return [f"  {what} vmap {{ {jumps} }}"] if jumps else []


def _chain(name: str, entries: Iterable[Entry], side: str) -> list[str]:
    lines = [
        f"  ip {side} {entry.cidr} {_match(entry)} {'return' if entry.allow else 'drop'}"
        for entry in sorted(entries, key=lambda entry: entry.number)
    ]
    return [f"chain {name} {{", *lines, "  drop", "}"]


def _match(entry: Entry) -> str:
    if entry.protocol == "1" and entry.icmp and entry.icmp[0] != -1:
        code = f" icmp code {entry.icmp[1]}" if entry.icmp[1] != -1 else ""
        return f"icmp type {entry.icmp[0]}{code}"
    return packets.match(entry.protocol, entry.ports)


def _name(acl: Acl, way: str) -> str:
    return f"acl_{way}_{packets.name_of(acl.id)}"


def _acl(found: Any) -> Acl:
    return Acl(found.id, tuple(_entry(entry) for entry in list(found.entries) if entry.cidr_block))


def _entry(found: Any) -> Entry:
    ports, icmp = found.port_range, found.icmp_type_code
    return Entry(
        number=int(found.rule_number),
        egress=str(found.egress).lower() == "true",
        allow=found.rule_action == "allow",
        protocol=str(found.protocol),
        cidr=found.cidr_block,
        ports=(int(ports["From"]), int(ports["To"])) if ports else None,
        icmp=(int(icmp.get("Type", -1)), int(icmp.get("Code", -1))) if icmp else None,
    )


def filter_by_id(original: Any) -> Any:
    """moto knows no filter network-acl-id."""

    def get_filter_value(self: NetworkAcl, filter_name: str, method_name: str | None = None) -> Any:
        return self.id if filter_name == "network-acl-id" else original(self, filter_name, method_name)

    return get_filter_value


def read_icmp(original: Any) -> Any:
    """moto looks for ICMP's type and code where its parser no longer puts them, so an entry let all of ICMP through."""

    def entry_action(self: NetworkACLs) -> Any:
        given = self._get_param("IcmpTypeCode") or {}
        self.params["Icmp"] = given
        return original(self)

    return entry_action


def forget_the_subnet(original: Any) -> Any:
    """moto keeps the association of a subnet that is deleted."""

    def delete_subnet(self: Any, subnet_id: str) -> Any:
        deleted = original(self, subnet_id)
        for acl in self.network_acls.values():
            for tie in [key for key, one in acl._associations.items() if one.subnet_id == subnet_id]:
                del acl._associations[tie]
        return deleted

    return delete_subnet


def install(_machines: bool) -> None:
    wrap(NetworkAcl, "get_filter_value", filter_by_id)
    wrap(NetworkACLs, "create_network_acl_entry", read_icmp)
    wrap(NetworkACLs, "replace_network_acl_entry", read_icmp)
