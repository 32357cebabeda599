# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The database and the application's credentials, from AWS's side. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import good
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 50
PLACES = ("database", "secret")


_AGAIN = "Run playbooks/database.yml."
_SERVES = (
    "available",
    "backing-up",
    "storage-optimization",
    "configuring-log-exports",
    "configuring-enhanced-monitoring",
)


def findings(seen: dict[str, Any], names: dict[str, str], readers: int = 0) -> list[_findings.Finding]:
    """
    :param seen: `secret`, and of an instance `instance`, of an Aurora cluster `cluster` and its `members`.
    :param readers: how many a cluster shall have.
    """
    name = names["identifier"]
    database = _cluster(seen, name, readers) if "cluster" in seen else [_instance(seen["instance"], name, _AGAIN)]
    return [*database, _secret(seen["secret"], names["secret"], _AGAIN)]


def _cluster(seen: dict[str, Any], name: str, readers: int) -> list[_findings.Finding]:
    for result in (seen["cluster"], seen["members"]):
        if problem := _findings.unseen(result):
            return [unknown("database", name, f"It could not be looked at: {problem}")]
    if not seen["cluster"].get("clusters"):
        return [bad("database", name, "There is no such cluster.", _AGAIN)]
    found, members = seen["cluster"]["clusters"][0], seen["members"].get("instances") or []
    writes = {one["db_instance_identifier"]: one["is_cluster_writer"] for one in found["db_cluster_members"]}
    status = found["status"]
    mend = {"stopped": "Run playbooks/start.yml.", "stopping": "Run playbooks/start.yml, when it has stopped."}
    wait = "Wait for it. aws rds describe-events tells what it does."
    return [
        either(status in _SERVES, "database", name, f"It is {status}.", f"It is {status}.", mend.get(status, wait)),
        _writer(found, name, writes),
        _readers(name, writes, members, readers),
        *(_member(one, found, writes.get(one["db_instance_identifier"], False)) for one in members),
    ]


def _writer(found: dict[str, Any], name: str, writes: dict[str, bool]) -> _findings.Finding:
    place, writers = f"{name}, its endpoint", sorted(one for one, is_writer in writes.items() if is_writer)
    if not found.get("endpoint"):
        return bad("database", place, "It has none.", _AGAIN)
    mend = "Wait for the failover to end. Without any instance: run playbooks/database.yml."
    says = f"It leads to {' and '.join(writers) or 'nobody'}."
    return either(len(writers) == 1, "database", place, says, f"{says} One instance has to write.", mend)


def _readers(name: str, writes: dict[str, bool], members: list[dict[str, Any]], wanted: int) -> _findings.Finding:
    place = f"{name}, its reader endpoint"
    there = [one for one in members if not writes.get(one["db_instance_identifier"])]
    serving = sorted(one["db_instance_identifier"] for one in there if one["db_instance_status"] in _SERVES)
    zones = {one["availability_zone"] for one in members if one.get("availability_zone")}
    if len(serving) < wanted:
        return bad(
            "database",
            place,
            f"It leads to {len(serving)} of {wanted} readers.",
            f"Wait for those that are restarting. {_AGAIN}",
        )
    if not serving:
        return good("database", place, "It leads to the writer, for there are no readers.")
    alone = "All instances are in one zone: none would be left to take over when that fails."
    says = f"It leads to {', '.join(serving)}."
    return either(len(zones) > 1, "database", place, says, alone, "Give the subnet group subnets in other zones.")


def _member(one: dict[str, Any], cluster: dict[str, Any], writes: bool) -> _findings.Finding:
    name, status = one["db_instance_identifier"], one["db_instance_status"]
    says = (
        f"It {'writes' if writes else 'is read'} and is {status}, in {one.get('availability_zone') or 'no zone yet'}."
    )
    if status not in _SERVES:
        stopped = status in ("stopped", "stopping")
        wait = "Wait for it. aws rds describe-events tells what it does."
        return bad("database", name, says, "Run playbooks/start.yml." if stopped else wait)
    here, there = one["engine_version"], cluster["engine_version"]
    other = f"It runs {here}, and the cluster {there}."
    return either(
        here == there, "database", name, says, other, f"aws rds reboot-db-instance --db-instance-identifier {name}"
    )


def _instance(result: dict[str, Any], name: str, again: str) -> dict[str, Any]:
    if problem := _findings.unseen(result):
        return unknown("database", name, f"It could not be looked at: {problem}")
    if not result.get("instances"):
        return bad("database", name, "There is no such database.", f"{again} Or bring it back: playbooks/restore.yml.")
    found = result["instances"][0]
    status = found["db_instance_status"]
    mends = {
        "stopped": "Run playbooks/start.yml.",
        "stopping": "Run playbooks/start.yml, when it has stopped.",
        "storage-full": "Raise database_max_allocated_storage and run playbooks/database.yml.",
    }
    return either(status in _SERVES, "database", name, f"It is {status}.", f"It is {status}.",
                  mends.get(status, "Wait for it. aws rds describe-events tells what it does."))  # fmt: skip


def _secret(result: dict[str, Any], name: str, again: str) -> dict[str, Any]:
    if problem := _findings.unseen(result):
        return unknown("secret", name, f"It could not be looked at: {problem}")
    gone = "There is no such secret, or it is about to be deleted: the application cannot log in."
    mend = f"{again} If it is about to be deleted: aws secretsmanager restore-secret --secret-id {name}"
    return either(result.get("secrets"), "secret", name, "It is there.", gone, mend)
