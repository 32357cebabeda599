"""Data of databases: copied into snapshots while the server is held still, put under the databases made from them."""

from __future__ import annotations

import logging
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ... import config
from ...command import run
from ...machine import Machine
from . import mysql, snapshots, store

log = logging.getLogger("lab.backups")


def waiting(database: Any) -> Iterator[Any]:
    """The snapshots of a database whose data is still to be taken."""
    for snapshot in snapshots.all_snapshots():
        if snapshot.status == "creating" and store.of_snapshot(snapshot).source is database:
            yield snapshot


def take(machine: Machine, database: Any) -> None:
    """Take all that are waiting. A stopped machine's files hold still by themselves."""
    for snapshot in waiting(database):
        target = config.SNAPSHOTS / str(uuid.uuid4())
        target.parent.mkdir(parents=True, exist_ok=True)
        with mysql.held(machine):
            run(["cp", "--archive", "--reflink=auto", str(machine.root / mysql.DATA), str(target)])
        snapshots.set_snapshot_taken(snapshot, target)
        log.info("%s: snapshot of %s taken", snapshot.db_snapshot_identifier, database.db_instance_identifier)


def put_under(machine: Machine, origin: snapshots.Origin) -> None:
    """Give a prepared machine a snapshot's data before its first boot."""
    place = machine.root / mysql.DATA
    shutil.rmtree(place)
    run(["cp", "--archive", "--reflink=auto", str(store.of_snapshot(origin.snapshot).data), str(place)])
    (place / "auto.cnf").unlink(missing_ok=True)  # the server's identity


def catch_up(machine: Machine, origin: snapshots.Origin, machines: Mapping[Any, Machine]) -> None:
    """Bring a database that was restored to a moment from its snapshot to there, by its source's log."""
    if origin.until is None:
        return
    source = machines[origin.source]
    data = store.of_snapshot(origin.snapshot).data
    assert data  # only a snapshot that has been taken can be restored
    first, begin = mysql.position(data)
    logs = sorted(file for file in (source.root / mysql.DATA).glob("binlog.[0-9]*") if file.name >= first)
    place = machine.root / "var/lib/mysql-replay"
    place.mkdir(exist_ok=True)
    for file in logs:
        shutil.copy(file, place)
    mysql.replay(machine, [f"/var/lib/mysql-replay/{file.name}" for file in logs], begin, origin.until)
    shutil.rmtree(place)


class SnapshotData:
    """Deletes the data of snapshots that are no more."""

    workers = 1

    def keys(self) -> Iterable[str]:
        return [place.name for place in config.SNAPSHOTS.glob("*")]

    def reconcile(self, name: str) -> None:
        place = config.SNAPSHOTS / name
        used = {store.of_snapshot(snapshot).data for snapshot in snapshots.all_snapshots()}
        if place not in used and place.exists() and not _is_new(place):
            shutil.rmtree(place, ignore_errors=True)

    def status(self) -> list[dict[str, Any]]:
        return []

    def close(self) -> None:
        """It goes with the lab's directory."""


def _is_new(place: Path) -> bool:
    """Being taken right now, perhaps."""
    return time.time() - place.stat().st_ctime < 300
