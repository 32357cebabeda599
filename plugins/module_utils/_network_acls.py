# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: the network ACLs of a stack, in the form that amazon.aws.ec2_vpc_nacl takes, and how they are said.

A rule is a list: number, protocol, allow or deny, network, ICMP's type and code, first and last port.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

ANYWHERE = "0.0.0.0/0"
MOST = 20  # AWS: rules of an ACL in each direction, unless the quota was raised
# An ACL knows no connections. Answers come back to a port of this range, which systems choose from.
_ANSWERS = (1024, 65535)
_TOO_LARGE = [310, "icmp", "allow", ANYWHERE, 3, 4]  # by which a router says that packets have to be smaller
Rule = list[Any]


def plan(
    stack: str,
    vpc: str,
    subnets: Iterable[dict[str, Any]],
    inbound_ports: Iterable[int],
    admins: Iterable[str],
    outbound_ports: Iterable[int],
) -> list[dict[str, Any]]:
    """One ACL for the public and one for the private subnets: C(name), C(subnets) by name, C(ingress) and C(egress).

    :param subnets: C(name) and C(tier) of each.
    :param inbound_ports: what the load balancer's clients may reach.
    :param admins: networks that may reach port 22 of public subnets.
    :param outbound_ports: what may be reached outside.
    """
    inside, answers = [100, "all", "allow", vpc, None, None, None, None], _tcp(300, ANYWHERE, *_ANSWERS)
    clients = [_tcp(110 + n, ANYWHERE, port) for n, port in enumerate(inbound_ports)]
    logins = [_tcp(200 + n, admin, 22) for n, admin in enumerate(admins)]
    outside = [_tcp(110 + n, ANYWHERE, port) for n, port in enumerate(outbound_ports)]
    names = {tier: [subnet["name"] for subnet in subnets if subnet["tier"] == tier] for tier in ("public", "private")}
    return [
        {
            "name": f"{stack}-public-acl",
            "subnets": names["public"],
            "ingress": [inside, *clients, *logins, answers, _TOO_LARGE],
            "egress": [inside, *outside, answers, _TOO_LARGE],
        },
        {
            "name": f"{stack}-private-acl",
            "subnets": names["private"],
            "ingress": [inside, answers, _TOO_LARGE],
            "egress": [inside, *outside, _TOO_LARGE],
        },
    ]


def problems(acls: Iterable[dict[str, Any]]) -> list[str]:
    """One sentence for each direction of an ACL that has more rules than AWS takes."""
    return [
        f"The network ACL {acl['name']} would have {len(acl[way])} rules for {way}, of which AWS takes {MOST}: "
        "name fewer networks or ports, or do without network ACLs."
        for acl in acls
        for way in ("ingress", "egress")
        if len(acl[way]) > MOST
    ]


def foreign(found: Iterable[dict[str, Any]], stack: str) -> list[str]:
    """One sentence for each ACL that has a name of the stack's and is not the stack's."""
    return [
        f"A network ACL of {acl['vpc_id']} is named {acl['tags']['Name']} ({acl['nacl_id']}) and not of the stack "
        f"{stack}. Rename it, or do without network ACLs."
        for acl in found
        if (acl["tags"].get("Stack"), acl["tags"].get("ManagedBy")) != (stack, "threetier.aws")
    ]


def state(acl: dict[str, Any], subnet_ids: dict[str, str] | None = None) -> dict[str, Any]:
    """What a plan compares; empty if there is no ACL.

    :param subnet_ids: by name, the ids of subnets, which are named then.
    """
    if not acl:
        return {}
    names = {subnet_id: name for name, subnet_id in (subnet_ids or {}).items()}
    return {
        "subnets": sorted(names.get(subnet, subnet) for subnet in acl["subnets"]),
        "ingress": rules(acl["ingress"]),
        "egress": rules(acl["egress"], egress=True),
        **({"tags": acl["tags"]} if "tags" in acl else {}),
    }


def rules(listed: Iterable[Rule], egress: bool = False) -> list[str]:
    """The rules in the order of their numbers, as sentences such as C(110 allow tcp 443 from 0.0.0.0/0)."""
    return [_said(rule, "to" if egress else "from") for rule in sorted(listed, key=lambda rule: int(rule[0]))]


def _tcp(number: int, cidr: str, first: int, last: int | None = None) -> Rule:
    return [number, "tcp", "allow", cidr, None, None, first, last or first]


def _said(rule: Rule, way: str) -> str:
    number, protocol, action, cidr, kind, code, first, last = [*rule, None, None, None, None][:8]
    what = str(protocol)
    if kind is not None:
        what += f" type {kind} code {code}"
    elif first is not None and (first, last) != (0, 65535):
        what += f" {first}" if first == last else f" {first}-{last}"
    return f"{number} {action} {what} {way} {cidr}"
