"""Name servers: one that the host and the internet ask, and one in each VPC, which sees its private zones too."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from ... import config
from .. import names
from ..ec2.vpc_controller import all_routers, router_of
from ..elbv2 import load_balancers
from . import health_checks, zones
from .answers import View
from .name_server import NameServer

_INTERNET = "internet"  # the key of the name server that is on no VPC


class NameServers:
    """Keeps a name server for each VPC that has a router, and one for all else."""

    workers = 2

    def __init__(self) -> None:
        self._servers: dict[str, NameServer] = {}

    def keys(self) -> Iterable[str]:
        return {_INTERNET} | {router.vpc.id for router in all_routers()} | self._servers.keys()

    def reconcile(self, key: str) -> None:
        if key == _INTERNET:
            if key not in self._servers:
                self._servers[key] = NameServer(public_view(), config.HOST_ADDRESS)
            return
        router = router_of(key)
        if router is None:
            if server := self._servers.pop(key, None):
                server.close()
        elif key not in self._servers:
            view = _view(functools.partial(zones.seen_from, key))
            self._servers[key] = NameServer(view, config.NAME_SERVER_ADDRESS, namespace=router.namespace)

    def status(self) -> list[dict[str, Any]]:
        return [
            {
                "resource": zone.name.rstrip("."),
                "kind": "hosted zone",
                "state": "private" if zone.private_zone else "public",
                "behind": "name servers of its VPCs" if zone.private_zone else f"name server at {config.HOST_ADDRESS}",
            }
            for zone in zones.everyone()
        ]

    def close(self) -> None:
        for server in self._servers.values():
            server.close()


def public_view() -> View:
    """What anybody sees."""
    return _view(zones.public)


def addresses_of(name: str) -> list[str]:
    """What the internet knows under a name: of a hosted zone, or published by AWS."""
    return public_view().addresses_of(name) or _published(name.rstrip(".").lower())


def host_names() -> list[tuple[str, str]]:
    """Each name of a public zone that leads to an address, with that, for the host's own file."""
    view = public_view()
    found = {record.name.rstrip(".").lower() for zone in zones.public() for record in list(zone.rrsets)}
    return [(name, address) for name in sorted(found) if "*" not in name for address in view.addresses_of(name)[:1]]


def _view(seen: Any) -> View:
    return View(zones=seen, addresses=_published, serves=load_balancers.serves, passes=health_checks.passes)


def _published(name: str) -> list[str]:
    return [address for published, address in names() if published == name]
