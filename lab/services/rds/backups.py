"""Data of databases: copied into snapshots while the server is held still, put under the databases made from them."""

from __future__ import annotations

import logging
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ... import config
from ...command import run
from ...machine import Machine
from . import clusters, mysql, replication, snapshots, store

log = logging.getLogger("lab.backups")


def waiting(source: Any) -> Iterator[Any]:
    """The snapshots of a database or a cluster whose data is still to be taken."""
    for snapshot in snapshots.all_snapshots():
        if snapshot.status == "creating" and store.of_snapshot(snapshot).source is source:
            yield snapshot


def take(machine: Machine, source: Any) -> None:
    """Take all that are waiting. A stopped machine's files hold still by themselves."""
    for snapshot in waiting(source):
        target = config.SNAPSHOTS / str(uuid.uuid4())
        target.parent.mkdir(parents=True, exist_ok=True)
        with mysql.held(machine):
            run(["cp", "--archive", "--reflink=auto", str(machine.root / mysql.DATA), str(target)])
        snapshots.set_snapshot_taken(snapshot, target)
        log.info("%s: snapshot of %s taken", snapshot.resource_id, source.resource_id)


def put_under(machine: Machine, data: Path) -> None:
    """
    Give a prepared machine a copy of a data directory, before it is booted.

    All of it then lies in the machine's own layer: what lies in the image cannot be renamed by CLONE (EXDEV).
    """
    place = machine.root / mysql.DATA
    shutil.rmtree(place)
    run(["cp", "--archive", "--reflink=auto", str(data), str(place)])
    (place / "auto.cnf").unlink(missing_ok=True)  # the server's identity


def catch_up(machine: Machine, until: datetime, source: Machine, kept: Sequence[Path]) -> None:
    """
    Bring a database that was restored to a moment from its snapshot to there, by its source's logs.

    :param kept: logs of the source's machines that are gone.
    """
    known = replication.executed(source) if source.init else ""  # a stopped one has no more than its logs
    replay(machine, [*kept, *mysql.logs(source.root / mysql.DATA)], known, until)


def replay(machine: Machine, logs: Sequence[Path], known: str, until: datetime | None = None) -> None:
    """Let a server do again what logs of others say, see mysql.replay()."""
    if not logs:
        return
    place = machine.root / "var/lib/mysql-replay"
    place.mkdir(exist_ok=True)
    copies = [place / f"{number:06}" for number in range(len(logs))]
    for log, copy in zip(logs, copies, strict=True):
        shutil.copy(log, copy)
    mysql.replay(machine, [f"/var/lib/mysql-replay/{copy.name}" for copy in copies], known, until)
    shutil.rmtree(place)


def keep_log(machine: Machine) -> list[Path]:
    """Copies of the log of a machine that goes: a moment before may be asked for."""
    place = config.LOGS / str(uuid.uuid4())
    place.mkdir(parents=True)
    return [Path(shutil.copy(log, place)) for log in mysql.logs(machine.root / mysql.DATA)]


def keep_data(machine: Machine) -> Path:
    """A copy of the data directory of a stopped machine that goes."""
    place = config.SNAPSHOTS / str(uuid.uuid4())
    place.parent.mkdir(parents=True, exist_ok=True)
    run(["cp", "--archive", "--reflink=auto", str(machine.root / mysql.DATA), str(place)])
    return place


def forget_logs(logs: Sequence[Path]) -> None:
    for place in {log.parent for log in logs}:
        shutil.rmtree(place, ignore_errors=True)


class SnapshotData:
    """Deletes the data of snapshots that are no more, and of clusters that left some."""

    workers = 1

    def keys(self) -> Iterable[str]:
        return [place.name for place in config.SNAPSHOTS.glob("*")]

    def reconcile(self, name: str) -> None:
        place = config.SNAPSHOTS / name
        used = {store.of_snapshot(snapshot).data for snapshot in snapshots.all_snapshots()}
        used |= {store.of_cluster(cluster).data for cluster in clusters.all_clusters()}
        if place not in used and place.exists() and not _is_new(place):
            shutil.rmtree(place, ignore_errors=True)

    def status(self) -> list[dict[str, Any]]:
        return []

    def close(self) -> None:
        """It goes with the lab's directory."""


def _is_new(place: Path) -> bool:
    """Being taken right now, perhaps."""
    return time.time() - place.stat().st_ctime < 300
