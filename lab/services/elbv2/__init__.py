"""Elastic Load Balancing: an Application Load Balancer is a HAProxy in the subnets it was given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import backends
from . import load_balancers, store

after = ("ec2",)


def install(machines: bool) -> None:
    load_balancers.install(machines)


def controllers(lab: Any) -> list[Any]:
    from .controller import LoadBalancers

    return [LoadBalancers(lab.wake)]


def names() -> Iterator[tuple[str, str]]:
    for backend in backends.regions("elbv2"):
        for balancer in list(backend.load_balancers.values()):
            for node in load_balancers.connected(store.stores.of(backend).interfaces[balancer]):
                yield balancer.dns_name.lower(), node.public_ip or node.private_ip_address
