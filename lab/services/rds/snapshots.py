"""RDS: snapshots that hold data, and databases that begin with the data of a snapshot or of a moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dateutil.parser import isoparse
from moto.core.utils import utcnow
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance, DBInstanceClustered, DBSnapshot, RDSBackend

from ... import backends
from ...monkeypatch import wrap
from . import store
from .instances import master_password

_KEPT = ("db_instance_class", "allocated_storage", "multi_az", "port", "storage_type")  # a moment has today's settings


@dataclass(frozen=True)
class Origin:
    """What a restored database begins with: a snapshot's data, then what its source's own log says up to a moment."""

    snapshot: Any
    source: Any = None  # the database or the cluster
    until: datetime | None = None


def all_snapshots() -> Iterator[Any]:
    """All snapshots of DB instances and of clusters, of all regions."""
    for backend in backends.regions("rds"):
        yield from [*backend.database_snapshots.values(), *backend.cluster_snapshots.values()]


def set_snapshot_taken(snapshot: Any, data: Path) -> None:
    """Say that a snapshot's data is there, and where."""
    store.of_snapshot(snapshot).data = data
    snapshot.created = utcnow()
    snapshot.status = "available"


def _remember_source(state: str) -> Any:
    def make(original: Any) -> Any:
        def __init__(self: DBSnapshot, backend: Any, database: DBInstance, *args: Any, **kwargs: Any) -> None:
            original(self, backend, database, *args, **kwargs)
            self.status = state
            store.of_snapshot(self).source = database
            if isinstance(database, DBInstanceClustered):
                return
            keep_password(self.database, database)

        return __init__

    return make


def keep_password(settings: Any, source: Any) -> None:
    """What is restored has the password that was in force, until RDS is asked to manage it again."""
    settings._master_user_password = master_password(source)
    settings.manage_master_user_password = False
    vars(settings).pop("master_user_secret", None)


def copy_data(source: Any, target: Any) -> None:
    """Let one snapshot hold what another one holds."""
    target.status = source.status
    copy, known = store.of_snapshot(target), store.of_snapshot(source)
    copy.source, copy.data = known.source, known.data


def copy_data_with_snapshot(original: Any) -> Any:
    def copy_db_snapshot(self: Any, source_db_snapshot_identifier: str, *args: Any, **kwargs: Any) -> DBSnapshot:
        target: DBSnapshot = original(self, source_db_snapshot_identifier, *args, **kwargs)
        copy_data(self.get_db_snapshot(source_db_snapshot_identifier), target)
        return target

    return copy_db_snapshot


def begin_with_data_of_snapshot(original: Any) -> Any:
    def restore_db_instance_from_db_snapshot(self: Any, from_snapshot_id: str, overrides: dict[str, Any]) -> DBInstance:
        if from_snapshot_id.startswith("arn:aws:rds:"):
            from_snapshot_id = self.extract_snapshot_name_from_arn(from_snapshot_id)
        snapshot = self.describe_db_snapshots(None, from_snapshot_id)[0]
        if snapshot.status != "available":
            raise RDSClientError("InvalidDBSnapshotState", f"The snapshot {from_snapshot_id} is {snapshot.status}.")
        # Among the options, for the controller may look at the new database as soon as it is listed.
        return original(self, from_snapshot_id, {"origin": Origin(snapshot), **overrides})  # type: ignore[no-any-return]

    return restore_db_instance_from_db_snapshot


def begin_with_data_of_moment(_original: Any) -> Any:
    """The newest snapshot before it is the base. moto's own copies the source with its secret, backend and locks."""

    def restore_db_instance_to_point_in_time(
        self: Any, source_db_identifier: str, target_db_identifier: str, overrides: dict[str, Any]
    ) -> DBInstance:
        source = self.describe_db_instances(source_db_identifier)[0]
        until = moment(overrides.get("restore_time")) or utcnow()
        fit = [one for one in self.database_snapshots.values() if one.dbi_resource_id == source.dbi_resource_id]
        fit = [one for one in fit if one.status == "available" and one.created <= until]
        if not fit or until > utcnow():
            message = f"The database {source_db_identifier} cannot be restored to {until:%Y-%m-%dT%H:%M:%SZ}."
            raise RDSClientError("InvalidRestoreFault", message)
        base = max(fit, key=lambda one: one.created)
        options = {**{name: getattr(source, name) for name in _KEPT}, **overrides}
        options |= {"db_instance_identifier": target_db_identifier, "origin": Origin(base, source, until)}
        return self.restore_db_instance_from_db_snapshot(base.db_snapshot_identifier, options)  # type: ignore[no-any-return]

    return restore_db_instance_to_point_in_time


def moment(given: Any) -> datetime | None:
    """As moto keeps times: UTC that does not say so."""
    found = isoparse(given) if isinstance(given, str) and given else given or None
    return found.replace(tzinfo=None) - (found.utcoffset() or found - found) if found else None


def install(machines: bool = False) -> None:
    wrap(DBSnapshot, "__init__", _remember_source("creating" if machines else "available"))
    wrap(RDSBackend, "copy_db_snapshot", copy_data_with_snapshot)
    wrap(RDSBackend, "restore_db_instance_from_db_snapshot", begin_with_data_of_snapshot)
    wrap(RDSBackend, "restore_db_instance_to_point_in_time", begin_with_data_of_moment)
