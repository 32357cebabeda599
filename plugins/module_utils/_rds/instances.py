# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""DB instances: the calls to RDS and the waiting. What to call is planned in plans. Private to this collection."""

from __future__ import annotations

import datetime
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils import _waits
from ansible_collections.threetier.aws.plugins.module_utils._rds import common
from ansible_collections.threetier.aws.plugins.module_utils._rds.plans import Plan

_MISSING = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
_MISSING_SNAPSHOT = ("DBSnapshotNotFound", "DBSnapshotNotFoundFault")
_PAUSE = 5  # seconds between two looks
_BROKEN = ("failed", "incompatible-network", "incompatible-option-group", "incompatible-parameters", "storage-full")
_IN = "available in "  # a zone
_SERVES = "DBInstanceStatus=='available' || DBInstanceStatus=='storage-optimization'"


def _acceptors(state: str) -> list[dict[str, Any]]:
    """What an answer says of the state that is waited for."""
    broken = [common.acceptor("failure", f"DBInstances[0].DBInstanceStatus == '{status}'") for status in _BROKEN]
    gone = dict(matcher="error", expected="DBInstanceNotFound", state="success")
    serves = common.acceptor("success", f"length(DBInstances[?{_SERVES}]) == `1`")
    settled = common.acceptor("success", f"length(DBInstances[?({_SERVES}) && {common.NOTHING_PENDING}]) == `1`")
    if state.startswith(_IN):
        zone = state.removeprefix(_IN)
        there = f"length(DBInstances[?({_SERVES}) && AvailabilityZone=='{zone}']) == `1`"
        return [common.acceptor("success", there), *broken]
    by_state: dict[str, list[dict[str, Any]]] = dict(
        available=[serves, *broken],
        settled=[settled, *broken],
        deleted=[gone, common.acceptor("success", "length(DBInstances) == `0`")],
    )
    return by_state[state]


@_calls.read("read the DB instance", None, missing=_MISSING)
def describe(client: Any, identifier: str) -> dict[str, Any] | None:
    found = client.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    return found[0] if found else None


@_calls.call("create the DB instance")
def _create(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.create_db_instance(DBInstanceIdentifier=identifier, **request)


@_calls.read("read the DB snapshot", [], missing=_MISSING_SNAPSHOT)
def _snapshots(client: Any, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
    return found


def snapshot(client: Any, name: str) -> dict[str, Any]:
    found = _snapshots(client, name)
    if not found:
        raise AnsibleAWSError(message=f"There is no snapshot {name} to restore from.")
    return found[0]


@_calls.call("restore the DB instance")
def _restore(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=identifier, **request)


@_calls.call("modify the DB instance")
def _modify(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.modify_db_instance(DBInstanceIdentifier=identifier, **request)


@_calls.call("have the standby of the DB instance take over", tries=1)
def fail_over(client: Any, identifier: str) -> None:
    client.reboot_db_instance(DBInstanceIdentifier=identifier, ForceFailover=True)


@_calls.delete("delete the DB instance", missing=_MISSING)
def _delete(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.delete_db_instance(DBInstanceIdentifier=identifier, **request)


def wait(client: Any, state: str, identifier: str, timeout: int) -> None:
    """Return once it is C(available), C(available in) a zone, C(settled) or C(deleted); else say how it stands."""

    def failure(answer: dict[str, Any]) -> str:
        seen = (answer.get("DBInstances") or [{}])[0].get("DBInstanceStatus", "unknown")
        return f"The database {identifier} is {seen}, and not {state} within {timeout} seconds"

    _waits.until(
        client,
        "DescribeDBInstances",
        dict(DBInstanceIdentifier=identifier),
        _acceptors(state),
        purpose="wait for the DB instance",
        timeout=timeout,
        pause=_PAUSE,
        failure=failure,
    )


def apply(client: Any, identifier: str, plan: Plan, timeout: int) -> None:
    """Do what the plan says. Does not wait for the outcome, but for the state in which RDS takes the request."""
    if plan.action in ("create", "restore"):
        if plan.found:  # an older instance of that name is on its way out
            wait(client, "deleted", identifier, timeout)
        make = _create if plan.action == "create" else _restore
        make(client, identifier, plan.request)
        return
    if plan.request and plan.action == "modify":
        wait(client, "available", identifier, timeout)
        _modify(client, identifier, plan.request)
    if plan.found:
        common.tag(client, plan.found["DBInstanceArn"], plan.set_tags, plan.drop_tags)


def delete(client: Any, identifier: str, plan: Plan, timeout: int) -> None:
    if plan.lift_protection:
        _modify(client, identifier, dict(DeletionProtection=False, ApplyImmediately=True))
        wait(client, "settled", identifier, timeout)
    _delete(client, identifier, plan.request)


def unique_snapshot_name(identifier: str) -> str:
    """A final snapshot must not take a name that an earlier one has."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return f"{identifier}-final-{now:%Y%m%d%H%M%S}"
