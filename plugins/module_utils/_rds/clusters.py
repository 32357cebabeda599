# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""DB clusters: the calls to RDS and the waiting. What to call is planned in plans. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils import _waits
from ansible_collections.threetier.aws.plugins.module_utils._rds import common
from ansible_collections.threetier.aws.plugins.module_utils._rds.plans import Plan

_MISSING = ("DBClusterNotFoundFault",)
_PAUSE = 5  # seconds between two looks
_BROKEN = ("inaccessible-encryption-credentials", "incompatible-parameters", "migration-failed", "cloning-failed")


def _acceptors(writer: str) -> dict[str, list[dict[str, Any]]]:
    """By the state that is waited for. Of C(settled), nothing waits to be applied; of C(writer), that member writes."""
    one = common.acceptor
    broken = [one("failure", f"DBClusters[0].Status == '{status}'") for status in _BROKEN]
    writes = f"DBClusterMembers[?IsClusterWriter && DBInstanceIdentifier=='{writer}']"
    return dict(
        available=[one("success", "length(DBClusters[?Status=='available']) == `1`"), *broken],
        settled=[
            one("success", f"length(DBClusters[?Status=='available' && {common.NOTHING_PENDING}]) == `1`"),
            *broken,
        ],
        writer=[one("success", f"length(DBClusters[?Status=='available' && {writes}]) == `1`"), *broken],
        stopped=[one("success", "length(DBClusters[?Status=='stopped']) == `1`"), *broken],
        deleted=[
            dict(matcher="error", expected="DBClusterNotFoundFault", state="success"),
            one("success", "length(DBClusters) == `0`"),
        ],
    )


@_calls.read("read the DB cluster", None, missing=_MISSING)
def describe(client: Any, identifier: str) -> dict[str, Any] | None:
    found = client.describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
    return found[0] if found else None


@_calls.call("create the DB cluster")
def _create(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.create_db_cluster(DBClusterIdentifier=identifier, **request)


@_calls.call("modify the DB cluster")
def _modify(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.modify_db_cluster(DBClusterIdentifier=identifier, **request)


@_calls.call("start the DB cluster")
def start(client: Any, identifier: str) -> None:
    client.start_db_cluster(DBClusterIdentifier=identifier)


@_calls.call("stop the DB cluster")
def stop(client: Any, identifier: str) -> None:
    client.stop_db_cluster(DBClusterIdentifier=identifier)


@_calls.delete("delete the DB cluster", missing=_MISSING)
def _delete(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.delete_db_cluster(DBClusterIdentifier=identifier, **request)


@_calls.call("fail the DB cluster over", tries=1)
def fail_over(client: Any, identifier: str, member: str) -> None:
    client.failover_db_cluster(DBClusterIdentifier=identifier, TargetDBInstanceIdentifier=member)


def wait(client: Any, state: str, identifier: str, timeout: int, writer: str = "") -> None:
    """Return once it is C(available), C(settled), C(stopped), C(deleted), has the C(writer); else say how it stands."""

    def failure(answer: dict[str, Any]) -> str:
        seen = (answer.get("DBClusters") or [{}])[0].get("Status", "unknown")
        return f"The cluster {identifier} is {seen}, and {writer or 'not'} {state} within {timeout} seconds"

    _waits.until(
        client,
        "DescribeDBClusters",
        dict(DBClusterIdentifier=identifier),
        _acceptors(writer)[state],
        purpose="wait for the DB cluster",
        timeout=timeout,
        pause=_PAUSE,
        failure=failure,
    )


def apply(client: Any, identifier: str, plan: Plan, timeout: int) -> None:
    """Do what the plan says. Does not wait for the outcome, but for the state in which RDS takes the request."""
    if plan.action == "create":
        if plan.found:  # an older cluster of that name is on its way out
            wait(client, "deleted", identifier, timeout)
        _create(client, identifier, plan.request)
        return
    if plan.request and plan.action == "modify":
        wait(client, "available", identifier, timeout)
        _modify(client, identifier, plan.request)
    if plan.found:
        common.tag(client, plan.found["DBClusterArn"], plan.set_tags, plan.drop_tags)


def delete(client: Any, identifier: str, plan: Plan, timeout: int) -> None:
    if plan.lift_protection:
        _modify(client, identifier, dict(DeletionProtection=False, ApplyImmediately=True))
        wait(client, "settled", identifier, timeout)
    _delete(client, identifier, plan.request)
