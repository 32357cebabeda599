"""RDS: an instance is a guest with MySQL, with Multi-AZ a second one stands by; its snapshots hold data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import pki
from . import cluster_parameter_groups, cluster_snapshots, clusters, events, groups, instances, multi_az, snapshots

after = ("ec2",)


def install(machines: bool) -> None:
    instances.install(machines)
    snapshots.install(machines)
    clusters.install(machines)
    cluster_parameter_groups.install()
    cluster_snapshots.install(machines)
    events.install()
    multi_az.install(machines)


def controllers(lab: Any) -> list[Any]:
    from .backups import SnapshotData
    from .controller import Databases

    return [SnapshotData(), Databases(lab.wake)]


def serve(environ: dict[str, Any]) -> Any:
    return pki.serve if environ.get("PATH_INFO") == "/lab/ca.pem" else None


def names() -> Iterator[tuple[str, str]]:
    for group in groups.all_groups():
        yield from group.published()
