"""What of RDS is known to us and moto has no place for, by account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...store import Notes, Stores

if TYPE_CHECKING:
    from .snapshots import Origin


@dataclass
class Place:
    """Where one machine of a database stands."""

    name: str  # of the machine and its port
    zone: str
    address: str | None = None  # its private one


@dataclass
class InstanceNote:
    places: list[Place] = field(default_factory=list)  # that of the machine that writes is the first
    serves: bool = False  # whether the cluster's endpoint for readers leads to it
    failover: bool = False  # a reboot is to be done by one
    logs: list[Path] = field(default_factory=list)  # binary logs of its machines that are gone
    origin: Origin | None = None  # what it begins with, if it is restored
    delete: dict[str, Any] = field(default_factory=lambda: {"skip_final_snapshot": True})  # what its deletion said


@dataclass
class SnapshotNote:
    source: Any = None  # the instance whose data it holds
    data: Path | None = None


@dataclass
class ClusterNote:
    failover_to: Any = None  # the member that a call wants as the writer
    data: Path | None = None  # what its last member left
    origin: Origin | None = None  # what it begins with, if it is restored
    logs: list[Path] = field(default_factory=list)  # binary logs of its machines that are gone


@dataclass
class Rds:
    clusters: Notes[ClusterNote] = field(default_factory=lambda: Notes(ClusterNote))
    instances: Notes[InstanceNote] = field(default_factory=lambda: Notes(InstanceNote))
    snapshots: Notes[SnapshotNote] = field(default_factory=lambda: Notes(SnapshotNote))


stores: Stores[Rds] = Stores(Rds)


def of_instance(database: Any) -> InstanceNote:
    return stores.of(database.backend).instances[database]


def of_cluster(cluster: Any) -> ClusterNote:
    return stores.of(cluster.backend).clusters[cluster]


def of_snapshot(snapshot: Any) -> SnapshotNote:
    return stores.of(snapshot.backend).snapshots[snapshot]
