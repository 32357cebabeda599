"""RDS: an instance is a guest with MySQL; its snapshots hold data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ... import pki
from . import instances, snapshots

after = ("ec2",)


def install(machines: bool) -> None:
    instances.install(machines)
    snapshots.install(machines)


def controllers(_lab: Any) -> list[Any]:
    from .controller import Databases

    return [Databases()]


def serve(environ: dict[str, Any]) -> Any:
    return pki.serve if environ.get("PATH_INFO") == "/lab/ca.pem" else None


def names() -> Iterator[tuple[str, str]]:
    for database in instances.all_databases():
        if address := getattr(database, "lab_address", None):
            yield database.address, address
