"""Where the machines of a database stand: one, or with Multi-AZ a second one in another zone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from ... import backends
from .store import Place, of_instance

_placing = threading.Lock()


def begin(database: Any, zone: str | None) -> None:
    """Say where a new database stands: in the zone that is asked for, else in that of its group's first subnet."""
    subnets = _subnets(database)
    if subnets:
        chosen = next((subnet for subnet in subnets if subnet.availability_zone == zone), subnets[0])
        database.availability_zone = chosen.availability_zone


def secondary_zone(database: Any) -> str | None:
    """The zone of the standby, None without one."""
    found = places(database)
    return found[1].zone if len(found) > 1 else None


def places(database: Any) -> list[Place]:
    """The place of the machine that writes, then the standby's. They change with `MultiAZ`, and swap in a failover."""
    note = of_instance(database)
    standby = bool(getattr(database, "multi_az", False)) and not database.db_cluster_identifier
    with _placing:
        if not note.places:
            note.places = [Place(_name(database), database.availability_zone)]
        if standby and len(note.places) == 1:
            taken = note.places[0]
            name = _name(database) if taken.name.endswith("-2") else f"{_name(database)}-2"
            note.places = [taken, Place(name, _other_zone(database, taken.zone))]
        elif not standby:
            note.places = note.places[:1]
        return list(note.places)


def swap(database: Any) -> None:
    """Let the standby's place be the one that writes."""
    note = of_instance(database)
    with _placing:
        note.places = note.places[::-1]
        database.availability_zone = note.places[0].zone


def address(database: Any, place: Place) -> str | None:
    """The private address of a place, taken from a subnet of its zone; None for a database without subnets."""
    with _placing:
        subnets = _subnets(database)
        if place.address is None and subnets:
            subnet = next((one for one in subnets if one.availability_zone == place.zone), subnets[0])
            place.address = subnet.get_available_subnet_ip(database)
        return place.address


def _name(database: Any) -> str:
    """By what no modification changes: its identifier may."""
    return str(database.dbi_resource_id[:15].lower())


def _other_zone(database: Any, zone: str) -> str:
    zones = [subnet.availability_zone for subnet in _subnets(database)] or list(_zones(database))
    return next((one for one in zones if one != zone), zone)


def _subnets(database: Any) -> list[Any]:
    """EC2's own of the subnet group, in its order."""
    if not getattr(database, "db_subnet_group", None):
        return []
    zones = list(backends.backend("ec2", database.region, database.account_id).subnets.values())
    known = {subnet.id: subnet for zone in zones for subnet in list(zone.values())}
    return [known[one.id] for one in database.db_subnet_group._subnets if one.id in known]


def _zones(database: Any) -> Iterator[str]:
    for zone in backends.backend("ec2", database.region, database.account_id).describe_availability_zones():
        yield zone.name
