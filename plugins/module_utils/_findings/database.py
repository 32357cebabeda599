# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The database and the application's credentials, from AWS's side. Pure. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _findings
from ansible_collections.threetier.aws.plugins.module_utils._findings import bad
from ansible_collections.threetier.aws.plugins.module_utils._findings import either
from ansible_collections.threetier.aws.plugins.module_utils._findings import unknown

ORDER = 50
PLACES = ("database", "secret")


def findings(seen: dict[str, Any], names: dict[str, str]) -> list[_findings.Finding]:
    again = "Run playbooks/database.yml."
    return [_instance(seen["instance"], names["identifier"], again), _secret(seen["secret"], names["secret"], again)]


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
    serves = (
        "available",
        "backing-up",
        "storage-optimization",
        "configuring-log-exports",
        "configuring-enhanced-monitoring",
    )
    return either(status in serves, "database", name, f"It is {status}.", f"It is {status}.",
                  mends.get(status, "Wait for it. aws rds describe-events tells what it does."))  # fmt: skip


def _secret(result: dict[str, Any], name: str, again: str) -> dict[str, Any]:
    if problem := _findings.unseen(result):
        return unknown("secret", name, f"It could not be looked at: {problem}")
    gone = "There is no such secret, or it is about to be deleted: the application cannot log in."
    mend = f"{again} If it is about to be deleted: aws secretsmanager restore-secret --secret-id {name}"
    return either(result.get("secrets"), "secret", name, "It is there.", gone, mend)
