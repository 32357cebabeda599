# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is offered in which availability zone, and which zones a network takes. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls

_ZONES = "threetier_availability_zones (network_availability_zones)"  # the choice, and the role's input that it becomes
Zone = dict[str, Any]  # {"name": "us-east-1a", "lacks": ["t3.micro"]}


@_calls.call("list the availability zones")
def names(client: Any) -> list[str]:
    """Those that the account may use; no local or wavelength zones."""
    kinds = [
        {"Name": "zone-type", "Values": ["availability-zone"]},
        {"Name": "opt-in-status", "Values": ["opt-in-not-required", "opted-in"]},
    ]
    return sorted(one["ZoneName"] for one in client.describe_availability_zones(Filters=kinds)["AvailabilityZones"])


@_calls.call("look where the instance types are offered")
def offerings(client: Any, types: list[str]) -> dict[str, set[str]]:
    """The zones that offer each of the types."""
    found: dict[str, set[str]] = {one: set() for one in types}
    pages = client.get_paginator("describe_instance_type_offerings").paginate(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": types}]
    )
    for one in pages.search("InstanceTypeOfferings[]"):
        found[one["InstanceType"]].add(one["Location"])
    return found


@_calls.read("look where the database's class is offered", set(), missing=["InvalidParameterValue"])
def zones_of_class(client: Any, engine: str, instance_class: str) -> set[str]:
    pages = client.get_paginator("describe_orderable_db_instance_options").paginate(
        Engine=engine, DBInstanceClass=instance_class, Vpc=True
    )
    options = [one for one in pages.search("OrderableDBInstanceOptions[]") if one["DBInstanceClass"] == instance_class]
    return {zone["Name"] for one in options for zone in one["AvailabilityZones"]}


def choose(zones: list[Zone], wanted: Sequence[str], count: int, subnets: list[dict[str, Any]]) -> list[str]:
    """The zones of a network, in the order of its subnets' numbers.

    :param zones: of the region; needed only if a subnet is missing.
    :param wanted: the zones that the user named; nothing else is taken then.
    :param count: how many are needed otherwise.
    :param subnets: those of the network that are there. Their zones are kept.
    """
    if wanted:
        return list(wanted)
    there: dict[int, str] = {}
    for subnet in subnets:
        if number := re.search(r"-subnet-(\d+)$", subnet["tags"].get("Name", "")):
            there[int(number[1])] = subnet["availability_zone"]
    fit = [zone for zone in zones if zone["name"] not in there.values() and not _types(zone)]
    rest = iter(sorted(fit, key=lambda zone: len(zone["lacks"])))  # the database does not need each of them
    chosen = [there.get(number) or next(rest, {"name": ""})["name"] for number in range(1, count + 1)]
    return [name for name in chosen if name]


def problems(zones: list[Zone], wanted: Sequence[str], count: int, chosen: Sequence[str]) -> list[str]:
    """A sentence for each thing that keeps a network's zones from having what is to run in them."""
    by_name = {zone["name"]: zone for zone in zones}
    all_lack = {one for zone in zones for one in zone["lacks"] if all(one in other["lacks"] for other in zones)}
    said = [f"AWS offers {one} in no zone of this region. Take another one." for one in sorted(all_lack)]
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        known = ", ".join(by_name)
        said.append(f"{_ZONES} names {', '.join(unknown)}. This account's region has {known}.")
    if said:
        return said
    for name in wanted:
        if lacks := _types(by_name[name]):
            said.append(
                f"{name} does not offer {', '.join(lacks)}. Name other zones in {_ZONES}, or none: "
                "then zones that do are taken. Or take another instance type."
            )
    if len(chosen) < count and not wanted:
        lacking = ", ".join(sorted({one for zone in zones for one in _types(zone)}))
        why = f"only {len(chosen)} of this region offer {lacking}" if lacking else f"this region has {len(zones)}"
        said.append(
            f"{count} zones are needed, one for each of threetier_public_cidrs (network_public_cidrs), and {why}. Take "
            f"{'another instance type, or ' if lacking else ''}fewer networks, public and private."
        )
    classes = {one for zone in zones for one in zone["lacks"]} - {one for zone in zones for one in _types(zone)}
    for one in sorted(classes):
        if all(one in by_name[name]["lacks"] for name in chosen if name in by_name):
            there = ", ".join(zone["name"] for zone in zones if one not in zone["lacks"])
            said.append(f"None of {', '.join(chosen)} offers {one}, which {there} does. Name one of these too.")
    return said


def _types(zone: Zone) -> list[str]:
    """The instance types that it lacks; each zone of a network has to have them."""
    return [one for one in zone["lacks"] if not one.startswith("db.")]
