"""Route 53: hosted zones that a real name server answers from, on the host and in each VPC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import config
from . import health_checks, records, zones

after = ("ec2", "elbv2")


def install(_machines: bool) -> None:
    records.install()
    health_checks.install()


def controllers(lab: Any) -> list[Any]:
    from .checker import Checker
    from .controller import NameServers, addresses_of

    return [NameServers(), Checker(addresses_of, lab.wake)]


def names() -> Iterator[tuple[str, str]]:
    """The name servers that AWS says a public zone has: all of them are the lab's one."""
    for name in sorted({name for zone in zones.public() for name in zone.delegation_set.name_servers}):
        yield name.rstrip("."), config.HOST_ADDRESS
