"""Which hosted zones there are, and who sees which."""

from __future__ import annotations

from typing import Any

from ... import backends


def public() -> list[Any]:
    """The public hosted zones of all accounts, as moto keeps them."""
    return [zone for zone in everyone() if not zone.private_zone]


def private(vpc_id: str) -> list[Any]:
    """The private hosted zones that a VPC is associated with."""
    return [zone for zone in everyone() if zone.private_zone and any(vpc.get("vpc_id") == vpc_id for vpc in zone.vpcs)]


def seen_from(vpc_id: str) -> list[Any]:
    """The zones that a VPC's resolver answers from. A private one hides a public one of the same name, as on AWS."""
    own = private(vpc_id)
    hidden = {zone.name for zone in own}
    return [*own, *(zone for zone in public() if zone.name not in hidden)]


def absolute(name: str) -> str:
    """A name with its final dot, as Route 53 returns it."""
    return name.rstrip(".") + "."


def everyone() -> list[Any]:
    """All hosted zones."""
    return [zone for backend in backends.regions("route53") for zone in list(backend.zones.values())]
