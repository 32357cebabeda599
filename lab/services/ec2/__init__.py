"""EC2: instances are guests, VPCs are network namespaces, images are frozen disks."""

from __future__ import annotations

from typing import Any

from . import addresses, gateways, images, instances, launch_templates


def install(machines: bool) -> None:
    for part in (instances, addresses, images, gateways, launch_templates):
        part.install(machines)


def controllers(lab: Any) -> list[Any]:
    from .instance_controller import Instances
    from .vpc_controller import Vpcs

    return [Vpcs(lab.ports), Instances()]
