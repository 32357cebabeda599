"""Machines that have the same data: a database and its standby, or a cluster's members. One writes, others follow."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.rds.models import DBCluster

from ... import backends, instance_types
from ...cgroup import Limits
from ...machine import Machine
from . import backups, clusters, events, instances, mysql, placement, store
from .snapshots import Origin
from .store import ClusterNote, InstanceNote, Place


@dataclass(frozen=True)
class Member:
    """One machine and the database that the API shows for it."""

    database: Any
    place: Place


@dataclass(frozen=True)
class Settings:
    """What a machine is to be like; names and log count from its next start on, so it is restarted for them."""

    names: tuple[str, ...]  # that its certificate is for
    log: bool  # whether there is a binary log
    replicated: bool
    limits: Limits
    options: str


class Group:
    """A database with its standby, if it has one."""

    waits_for_followers = True  # until it is available

    def __init__(self, database: Any) -> None:
        self.database = database
        self.members = [Member(database, place) for place in placement.places(database)]

    @property
    def name(self) -> str:
        return str(self.database.dbi_resource_id)

    @property
    def port(self) -> int:
        return int(self.database.port)

    @property
    def vpc_id(self) -> str:
        return str(self.database.db_subnet_group.vpc_id)

    @property
    def writer(self) -> Member:
        return self.members[0]

    def stands(self) -> bool:
        """Whether its writer still is the one that it was when this was read."""
        return placement.places(self.database)[:1] == [self.writer.place]

    @property
    def followers(self) -> list[Member]:
        """Who may take over, the first before the others."""
        return self.members[1:]

    def settings(self, member: Member) -> Settings:
        # With backups, or with a standby, which needs the log however long backups are kept.
        log = int(self.database.backup_retention_period) > 0 or len(self.members) > 1
        return self._settings(member, (), log, _parameters(member.database))

    def label(self, member: Member) -> tuple[str, str]:
        """What `lab status` calls a machine, and its kind."""
        name = str(member.database.db_instance_identifier)
        return (name, "database") if member == self.writer else (f"{name}/standby", "standby")

    def published(self) -> Iterator[tuple[str, str]]:
        """Names and the addresses that they lead to."""
        if self.writer.place.address:
            yield self.database.address, self.writer.place.address

    def wants_failover(self) -> bool:
        """Whether a call has asked for one."""
        return self.database.status == "rebooting" and store.of_instance(self.database).failover

    def abandon_failover(self) -> None:
        """Say that nobody could take over."""
        store.of_instance(self.database).failover = False
        events.tell(self.database, "RDS-EVENT-0034")
        instances.set_database_state(self.database, "available")

    def begin_failover(self, _target: Member) -> None:
        events.tell(self.database, "RDS-EVENT-0013")
        instances.set_database_state(self.database, "rebooting")

    def end_failover(self, target: Member) -> None:
        """Let the names lead to this member."""
        placement.swap(self.database)
        store.of_instance(self.database).failover = False
        events.tell(self.database, "RDS-EVENT-0006", "RDS-EVENT-0015", "RDS-EVENT-0049")
        instances.set_database_state(target.database, "available")

    def set_serving(self, member: Member, serves: bool) -> None:
        """Say whether a follower may be read from. A standby never is."""

    def tell_lag(self, member: Member, milliseconds: float) -> None:
        """Let CloudWatch know how far a follower is behind. RDS tells nothing of standbys."""

    @property
    def snapshots_source(self) -> Any:
        """What snapshots are taken of: the database, or the cluster."""
        return self.database

    @property
    def note(self) -> InstanceNote | ClusterNote:
        return store.of_instance(self.database)

    def keep_log(self, machine: Machine) -> None:
        """Keep what the log of a machine that goes says of the past."""
        if int(self.database.backup_retention_period):
            self.note.logs += backups.keep_log(machine)

    def keep_data(self, machine: Machine) -> None:
        """Keep the data of the last machine. That of a database goes with it."""

    def beginning(self) -> tuple[Path | None, Origin | None]:
        """The data that the first machine begins with, None for none, and what it is from if it was restored."""
        origin = self.note.origin
        data = store.of_snapshot(origin.snapshot).data if origin else None
        assert data or not origin  # only a snapshot that has been taken can be restored
        return data, origin

    def _settings(self, member: Member, names: tuple[str, ...], log: bool, parameters: dict[str, str]) -> Settings:
        address, replicated = str(member.place.address), len(self.members) > 1
        number = int(ipaddress.ip_address(address))
        return Settings(
            names=(member.database.address, *names, address),
            log=log,
            replicated=replicated,
            limits=instance_types.limits(member.database.db_instance_class),
            options=mysql.options(parameters, self.port, number, log, replicated),
        )


class Cluster(Group):
    """A cluster's members: each is a database of its own to the API."""

    waits_for_followers = False

    def __init__(self, cluster: Any) -> None:
        self.cluster = cluster
        writer = clusters.writer(cluster)
        found = sorted(clusters.members(cluster), key=lambda one: (one is not writer, *clusters.rank(one)))
        self.members = [Member(one, placement.places(one)[0]) for one in found]
        self.database = found[0] if found else None

    @property
    def name(self) -> str:
        return str(self.cluster.db_cluster_resource_id)

    @property
    def port(self) -> int:
        return int(self.cluster.port)

    def stands(self) -> bool:
        return clusters.writer(self.cluster) in (self.writer.database, None)

    def settings(self, member: Member) -> Settings:
        names = self.cluster.endpoint, self.cluster.reader_endpoint
        shared = backends.backend("rds", self.cluster.region).db_cluster_parameter_groups.get(
            self.cluster.parameter_group
        )
        # With a log even if it is alone: a reader may be added at any time.
        return self._settings(member, names, True, {**_values(shared), **_parameters(member.database)})

    def label(self, member: Member) -> tuple[str, str]:
        return str(member.database.db_instance_identifier), "writer" if member == self.writer else "reader"

    def published(self) -> Iterator[tuple[str, str]]:
        for member in self.members:
            if member.place.address:
                yield member.database.address, member.place.address
        readers = [one for one in self.members[1:] if store.of_instance(one.database).serves]
        for endpoint, found in (
            (self.cluster.endpoint, self.members[:1]),
            (self.cluster.reader_endpoint, readers or self.members[:1]),
        ):
            yield from ((endpoint, member.place.address) for member in found if member.place.address)

    @property
    def followers(self) -> list[Member]:
        wanted = clusters.failover_target(self.cluster)
        return sorted(self.members[1:], key=lambda one: one.database is not wanted)

    def wants_failover(self) -> bool:
        return clusters.failover_target(self.cluster) is not None

    def abandon_failover(self) -> None:
        clusters.set_writer(self.cluster, self.writer.database)
        events.tell(self.cluster, "RDS-EVENT-0069")

    def begin_failover(self, target: Member) -> None:
        clusters.set_failover_target(self.cluster, target.database)
        same = target.database.availability_zone == self.writer.database.availability_zone
        event = "RDS-EVENT-0072" if same else "RDS-EVENT-0073"
        events.tell(self.cluster, event, name=target.database.db_instance_identifier)

    def end_failover(self, target: Member) -> None:
        self.set_serving(target, False)
        clusters.set_writer(self.cluster, target.database)
        events.tell(self.cluster, "RDS-EVENT-0071", name=target.database.db_instance_identifier)

    def tell_lag(self, member: Member, milliseconds: float) -> None:
        owner, name = self.cluster.backend, member.database.db_instance_identifier
        dimensions = [{"Name": "DBInstanceIdentifier", "Value": name}]
        datum = {"MetricName": "AuroraReplicaLag", "Value": milliseconds, "Unit": "Milliseconds"}
        cloudwatch = backends.backend("cloudwatch", owner.region_name, owner.account_id)
        cloudwatch.put_metric_data("AWS/RDS", [{**datum, "Dimensions": dimensions}])

    @property
    def snapshots_source(self) -> Any:
        return self.cluster

    @property
    def note(self) -> ClusterNote:
        return store.of_cluster(self.cluster)

    def keep_data(self, machine: Machine) -> None:
        """A cluster without members keeps what it holds."""
        if self.cluster.status != "deleting":
            machine.stop()
            self.note.data = backups.keep_data(machine)

    def beginning(self) -> tuple[Path | None, Origin | None]:
        return (self.note.data, None) if self.note.data else super().beginning()  # what its last member left

    def set_serving(self, member: Member, serves: bool) -> None:
        store.of_instance(member.database).serves = serves


def group_of(source: Any) -> Group:
    """Of a database or a cluster."""
    return Cluster(source) if isinstance(source, DBCluster) else Group(source)


def all_groups() -> Iterator[Group]:
    for database in instances.all_databases():
        if not database.db_cluster_identifier:
            yield Group(database)
    for cluster in clusters.all_clusters():
        if clusters.members(cluster):
            yield Cluster(cluster)


def _parameters(database: Any) -> dict[str, str]:
    """What the database's parameter group sets."""
    name = database.db_parameter_group_name  # None: the engine's defaults
    return _values(backends.backend("rds", database.region).db_parameter_groups.get(name) if name else None)


def _values(group: Any) -> dict[str, str]:
    found = group.parameters.items() if group is not None else ()
    return {name: str(parameter.get("ParameterValue", "")) for name, parameter in found}
