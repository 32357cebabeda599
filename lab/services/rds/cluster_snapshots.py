"""RDS: snapshots of Aurora clusters that hold data, and clusters that begin with that of a snapshot or of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow
from moto.rds.exceptions import InvalidDBClusterSnapshotStateFault, RDSClientError
from moto.rds.models import DBCluster, DBClusterSnapshot, RDSBackend

from ...monkeypatch import wrap
from . import clusters, store
from .snapshots import Origin, copy_data, keep_password, moment

_KEPT = (
    *("engine", "engine_version", "port", "master_username", "database_name", "backup_retention_period"),
    *("preferred_backup_window", "preferred_maintenance_window", "copy_tags_to_snapshot", "storage_encrypted"),
)


def _remember_source(machines: bool) -> Any:
    def make(original: Any) -> Any:
        def __init__(self: DBClusterSnapshot, backend: Any, cluster: DBCluster, *args: Any, **kwargs: Any) -> None:
            original(self, backend, cluster, *args, **kwargs)
            note = store.of_snapshot(self)
            note.source, note.data = cluster, None if clusters.members(cluster) else store.of_cluster(cluster).data
            if cluster.engine != clusters.ENGINE:
                return
            if machines and note.data is None:
                self.status = "creating"
            keep_password(self.cluster, cluster)

        return __init__

    return make


def _copy_data_too(original: Any) -> Any:
    def copy_db_cluster_snapshot(
        self: Any, source_db_cluster_snapshot_identifier: str, *args: Any, **kwargs: Any
    ) -> Any:
        target = original(self, source_db_cluster_snapshot_identifier, *args, **kwargs)
        copy_data(self.get_db_cluster_snapshot(source_db_cluster_snapshot_identifier), target)
        return target

    return copy_db_cluster_snapshot


def _begin_with_snapshot(original: Any) -> Any:
    def restore_db_cluster_from_snapshot(self: Any, from_snapshot_id: str, overrides: Mapping[str, Any]) -> DBCluster:
        name = from_snapshot_id.rpartition(":cluster-snapshot:")[2]
        snapshot = self.describe_db_cluster_snapshots(db_cluster_identifier=None, db_snapshot_identifier=name)[0]
        if snapshot.engine != clusters.ENGINE:
            return original(self, from_snapshot_id, overrides)  # type: ignore[no-any-return]
        if snapshot.status != "available":
            raise InvalidDBClusterSnapshotStateFault(f"The snapshot {name} is {snapshot.status}.")
        return _restore(self, Origin(snapshot), overrides)

    return restore_db_cluster_from_snapshot


def _begin_with_moment(original: Any) -> Any:
    """The newest snapshot before it is the base, and the log says what came after."""

    def restore_db_cluster_to_point_in_time(
        self: Any,
        db_cluster_identifier: str,
        source_db_cluster_identifier: str,
        restore_to_time: datetime | str | None = None,
        **overrides: Any,
    ) -> DBCluster:
        source = self.describe_db_clusters(source_db_cluster_identifier)[0]
        if source.engine != clusters.ENGINE:
            return original(  # type: ignore[no-any-return]
                self, db_cluster_identifier, source.db_cluster_identifier, restore_to_time=restore_to_time, **overrides
            )
        until = moment(restore_to_time) or utcnow()
        fit = [
            one
            for one in self.cluster_snapshots.values()
            if one.cluster.db_cluster_resource_id == source.db_cluster_resource_id
            and one.status == "available"
            and one.created <= until
        ]
        if not fit or until > utcnow():
            message = f"The cluster {source_db_cluster_identifier} cannot be restored to {until:%Y-%m-%dT%H:%M:%SZ}."
            raise RDSClientError("InvalidRestoreFault", message)
        origin = Origin(max(fit, key=lambda one: one.created), source, until)
        return _restore(self, origin, {**overrides, "db_cluster_identifier": db_cluster_identifier})

    return restore_db_cluster_to_point_in_time


def _restore(backend: Any, origin: Origin, overrides: Mapping[str, Any]) -> DBCluster:
    settings = origin.snapshot.cluster
    wanted = {name: getattr(settings, name) for name in _KEPT}
    wanted["master_user_password"] = settings._master_user_password
    wanted |= {name: value for name, value in overrides.items() if value is not None}
    cluster: DBCluster = backend.create_db_cluster(wanted)
    store.of_cluster(cluster).origin = origin  # before it has a member, whose machine is the first
    return cluster


def install(machines: bool = False) -> None:
    wrap(DBClusterSnapshot, "__init__", _remember_source(machines))
    wrap(RDSBackend, "copy_db_cluster_snapshot", _copy_data_too)
    wrap(RDSBackend, "restore_db_cluster_from_snapshot", _begin_with_snapshot)
    wrap(RDSBackend, "restore_db_cluster_to_point_in_time", _begin_with_moment)
