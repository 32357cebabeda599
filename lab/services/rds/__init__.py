"""RDS: an instance is a guest with MySQL; its snapshots hold data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import pki
from . import cluster_parameter_groups, clusters, instances, snapshots, store

after = ("ec2",)


def install(machines: bool) -> None:
    instances.install(machines)
    snapshots.install(machines)
    clusters.install(machines)
    cluster_parameter_groups.install()


def controllers(lab: Any) -> list[Any]:
    from .backups import SnapshotData
    from .controller import Databases

    return [SnapshotData(), Databases(lab.wake)]


def serve(environ: dict[str, Any]) -> Any:
    return pki.serve if environ.get("PATH_INFO") == "/lab/ca.pem" else None


def names() -> Iterator[tuple[str, str]]:
    for database in instances.all_databases():
        if address := store.of_instance(database).address:
            yield database.address, address
