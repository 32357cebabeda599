# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pure: the shape of a network, what is wrong with a wish, and what of it was found."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils._desired_and_actual import UNKNOWN
from ansible_collections.threetier.aws.plugins.module_utils._replacements import BESIDE

GROUPS = {
    "lb": "lb-sg",
    "app": "lt-asg-sg",
    "db": "db-sg",
    "bastion": "bastion-host-sg",
    "builder": "test-ami-builder-sg",
}
CHOSEN_GROUPS = {"functions": "functions-sg"}  # which not every stack has
SMALLEST, LARGEST = 28, 16  # AWS: prefix lengths of VPCs and subnets


def plan(
    stack: str, zones: Sequence[str], public: Sequence[str], private: Sequence[str], nat_per_az: bool = False
) -> dict[str, Any]:
    """Subnets, NAT gateways and private route tables by name, for one NAT or one in each zone."""
    subnets = [
        {"name": f"{stack}-{tier}-subnet-{number}", "tier": tier, "cidr": cidr, "az": zone}
        for tier, cidrs in (("public", public), ("private", private))
        for number, (cidr, zone) in enumerate(zip(cidrs, zones, strict=False), 1)
    ]
    inside = [subnet["name"] for subnet in subnets if subnet["tier"] == "private"]
    numbers = range(1, len(zones) + 1) if nat_per_az else [1]
    return {
        "subnets": subnets,
        "nat_gateways": [
            {
                "name": f"{stack}-nat-gateway-{number}",
                "address": f"{stack}-eip-{number}",
                "subnet": f"{stack}-public-subnet-{number}",
                "zone": zones[number - 1],
            }
            for number in numbers
        ],
        "private_tables": [
            {
                "name": f"{stack}-private-rt-{number}",
                "nat_gateway": f"{stack}-nat-gateway-{number}",
                "subnets": inside[number - 1 : number] if nat_per_az else inside,
            }
            for number in numbers
        ],
    }


def problems(vpc: str, zones: list[str], public: list[str], private: list[str], admins: list[str]) -> list[str]:
    """One sentence for each thing that AWS would refuse, or take and not do."""
    found = _count_problems(zones, public, private)
    for admin in admins:
        if not is_network(admin):
            found.append(f"{admin} is no network in CIDR notation, such as 203.0.113.0/24.")
    given = dict.fromkeys([vpc, *public, *private])
    networks = {cidr: network for cidr, network in ((cidr, _network(cidr)) for cidr in given) if network}
    found += [f"{cidr} is no network in CIDR notation, such as 10.0.1.0/24." for cidr in given if cidr not in networks]
    found += [
        f"{cidr} must be between /{LARGEST} and /{SMALLEST}."
        for cidr, network in networks.items()
        if not LARGEST <= network.prefixlen <= SMALLEST
    ]
    whole, parts = networks.get(vpc), {cidr: networks[cidr] for cidr in [*public, *private] if cidr in networks}
    if found or not whole or len(parts) < len(public) + len(private):
        return found or ["A subnet's network is given twice."]
    found += [f"{cidr} is not inside the VPC's {vpc}." for cidr, part in parts.items() if not part.subnet_of(whole)]
    found += [f"{a} and {b} overlap." for (a, x), (b, y) in combinations(parts.items(), 2) if x.overlaps(y)]
    return found


def _count_problems(zones: list[str], public: list[str], private: list[str]) -> list[str]:
    """Where no zones are named, there are as many as public subnets."""
    found = []
    if not zones and len(public) < 2:
        found.append("At least two public subnets are needed, each in a zone of its own.")
    if zones and (len(zones) < 2 or len(set(zones)) != len(zones)):
        found.append(f"At least two different availability zones are needed, not {', '.join(zones)}.")
    count = len(zones or public)
    for kind, cidrs in (("public", public), ("private", private)):
        if len(cidrs) != count:
            found.append(f"There are {len(cidrs)} {kind} subnets for {count} availability zones.")
    return found


def conflicts(wanted: list[dict[str, Any]], existing: list[dict[str, Any]]) -> list[str]:
    """Subnets that exist with another network or zone than the wanted one of that name, or that are wanted no more."""
    wishes = {subnet["name"]: subnet for subnet in wanted}
    said = []
    for subnet in existing:
        name, cidr, zone = subnet["tags"].get("Name"), subnet["cidr_block"], subnet["availability_zone"]
        wish = wishes.get(name)
        if wish is None:
            said.append(
                f"The network is to have {len(wanted) // 2} zones, but {name} ({cidr} in {zone}) is there, "
                "and what runs in it can't move to another."
            )
        elif (wish["cidr"], wish["az"]) != (cidr, zone):
            said.append(
                f"threetier_{wish['tier']}_cidrs and threetier_availability_zones want {name} as {wish['cidr']} in "
                f"{wish['az']}, but it is {cidr} in {zone}, which can't be changed in place."
            )
    return [*said, BESIDE] if said else []


def outputs(
    vpcs: list[dict[str, Any]],
    subnets: list[dict[str, Any]],
    groups: list[dict[str, Any]],
    nat_gateways: list[dict[str, Any]],
    stack: str,
    planned: bool,
) -> dict[str, Any]:
    """What others may know of a network. What only a plan has built gets an id that is not real.

    :raises ValueError: something is missing and this is no plan.
    """
    if len(vpcs) != 1 and not (planned and not vpcs):
        raise ValueError(f"The stack {stack} has {len(vpcs)} VPCs, not one. Build it with playbooks/network.yml.")
    vpc = vpcs[0] if vpcs else {"vpc_id": f"vpc-{UNKNOWN}", "cidr_block": UNKNOWN}
    names = {key: f"{stack}-{suffix}" for key, suffix in GROUPS.items()}
    group_ids = {group["group_name"]: group["group_id"] for group in groups}
    subnet_ids = {
        tier: [subnet["subnet_id"] for subnet in _numbered(subnets, f"{stack}-{tier}-subnet-")]
        for tier in ("public", "private")
    }
    missing = [name for name in names.values() if name not in group_ids]
    missing += [f"{stack}-{tier}-subnet-1" for tier, ids in subnet_ids.items() if not ids]
    if missing and not planned:
        raise ValueError(f"The network lacks {', '.join(missing)}. Finish it with playbooks/network.yml.")
    return {
        "vpc_id": vpc["vpc_id"],
        "vpc_cidr": vpc["cidr_block"],
        "subnet_ids": {
            tier: ids or [f"subnet-{UNKNOWN}-{tier}-{n}" for n in (1, 2, 3)] for tier, ids in subnet_ids.items()
        },
        "security_group_ids": {
            **{key: group_ids.get(name, f"sg-{UNKNOWN}-{key}") for key, name in names.items()},
            **{
                key: group_ids.get(f"{stack}-{suffix}", f"sg-{UNKNOWN}-{key}")
                for key, suffix in CHOSEN_GROUPS.items()
                if planned or f"{stack}-{suffix}" in group_ids
            },
        },
        "nat_addresses": [
            gateway["nat_gateway_addresses"][0].get("public_ip")
            for gateway in _numbered(nat_gateways, f"{stack}-nat-gateway-")
        ],
    }


def _numbered(resources: list[dict[str, Any]], prefix: str) -> list[dict[str, Any]]:
    """Resources named prefix and a number, in the order of the numbers."""
    matches = [(re.fullmatch(re.escape(prefix) + r"(\d+)", r["tags"].get("Name", "")), r) for r in resources]
    return [r for match, r in sorted(((m, r) for m, r in matches if m), key=lambda pair: int(pair[0][1]))]


def is_network(cidr: str) -> bool:
    return _network(cidr) is not None


def _network(cidr: str) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(cidr)
    except ValueError:
        return None
