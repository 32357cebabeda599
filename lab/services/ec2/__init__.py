"""EC2: instances are guests, VPCs are network namespaces, images are frozen disks."""

from __future__ import annotations

from typing import Any

from . import (
    addresses,
    dependencies,
    endpoints,
    flow_logs,
    gateways,
    images,
    instances,
    launch_templates,
    network_acls,
    prefix_lists,
    volumes,
)


def install(machines: bool) -> None:
    for part in (
        instances,
        volumes,
        addresses,
        dependencies,
        endpoints,
        images,
        gateways,
        launch_templates,
        flow_logs,
        network_acls,
        prefix_lists,
    ):
        part.install(machines)


def controllers(lab: Any) -> list[Any]:
    from .image_controller import Images
    from .instance_controller import Instances
    from .vpc_controller import Vpcs

    layers = Images()
    return [Vpcs(lab.ports, lab.wake), layers, Instances(layers, lab.wake)]
