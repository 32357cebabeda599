# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""DB instances: the calls to RDS and the waiting. What to call is planned in _rds_plan. Private to this collection."""

from __future__ import annotations

import datetime
from typing import Any

try:
    import botocore.exceptions
except ImportError:
    pass  # handled by AnsibleAWSModule

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory
from ansible_collections.amazon.aws.plugins.module_utils.waiter import custom_waiter_config

from ansible_collections.threetier.aws.plugins.module_utils._rds.plans import Plan

_PAUSE = 5  # seconds between two looks
_BROKEN = ("failed", "incompatible-network", "incompatible-option-group", "incompatible-parameters", "storage-full")
_SERVES = "DBInstanceStatus=='available' || DBInstanceStatus=='storage-optimization'"
_NOTHING_PENDING = "length(keys(PendingModifiedValues || `{}`)) == `0`"


def _acceptor(state: str, argument: str) -> dict[str, Any]:
    return dict(matcher="path", argument=argument, expected=True, state=state)


class _Waiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self) -> dict[str, Any]:
        broken = [_acceptor("failure", f"DBInstances[0].DBInstanceStatus == '{status}'") for status in _BROKEN]
        gone = dict(matcher="error", expected="DBInstanceNotFound", state="success")
        look = dict(operation="DescribeDBInstances", delay=_PAUSE, maxAttempts=360)
        serves = _acceptor("success", f"length(DBInstances[?{_SERVES}]) == `1`")
        settled = _acceptor("success", f"length(DBInstances[?({_SERVES}) && {_NOTHING_PENDING}]) == `1`")
        return dict(
            available=dict(look, acceptors=[serves, *broken]),
            settled=dict(look, acceptors=[settled, *broken]),
            deleted=dict(look, acceptors=[gone, _acceptor("success", "length(DBInstances) == `0`")]),
        )


class _ErrorHandler(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["DBInstanceNotFound", "DBInstanceNotFoundFault"])


class _MissingSnapshot(AWSErrorHandler):
    @classmethod
    def _is_missing(cls):
        return is_boto3_error_code(["DBSnapshotNotFound", "DBSnapshotNotFoundFault"])


@_ErrorHandler.list_error_handler("read the DB instance")
@AWSRetry.jittered_backoff()
def describe(client: Any, identifier: str) -> dict[str, Any] | None:
    found = client.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    return found[0] if found else None


@_ErrorHandler.common_error_handler("create the DB instance")
@AWSRetry.jittered_backoff()
def _create(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.create_db_instance(DBInstanceIdentifier=identifier, **request)


@_MissingSnapshot.list_error_handler("read the DB snapshot", [])
@AWSRetry.jittered_backoff()
def _snapshots(client: Any, name: str) -> list[dict[str, Any]]:
    return client.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]


def snapshot(client: Any, name: str) -> dict[str, Any]:
    found = _snapshots(client, name)
    if not found:
        raise AnsibleAWSError(message=f"There is no snapshot {name} to restore from.")
    return found[0]


@_ErrorHandler.common_error_handler("restore the DB instance")
@AWSRetry.jittered_backoff()
def _restore(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.restore_db_instance_from_db_snapshot(DBInstanceIdentifier=identifier, **request)


@_ErrorHandler.common_error_handler("modify the DB instance")
@AWSRetry.jittered_backoff()
def _modify(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.modify_db_instance(DBInstanceIdentifier=identifier, **request)


@_ErrorHandler.deletion_error_handler("delete the DB instance")
@AWSRetry.jittered_backoff()
def _delete(client: Any, identifier: str, request: dict[str, Any]) -> None:
    client.delete_db_instance(DBInstanceIdentifier=identifier, **request)


@_ErrorHandler.common_error_handler("tag the DB instance")
@AWSRetry.jittered_backoff()
def _tag(client: Any, arn: str, tags: dict[str, str]) -> None:
    client.add_tags_to_resource(ResourceName=arn, Tags=ansible_dict_to_boto3_tag_list(tags))


@_ErrorHandler.common_error_handler("remove tags of the DB instance")
@AWSRetry.jittered_backoff()
def _untag(client: Any, arn: str, keys: list[str]) -> None:
    client.remove_tags_from_resource(ResourceName=arn, TagKeys=keys)


def wait(client: Any, waiter: str, identifier: str, timeout: int) -> None:
    """Return once the instance is C(available), C(settled) or C(deleted); say how it stands otherwise."""
    try:
        _Waiters().get_waiter(client, waiter).wait(
            DBInstanceIdentifier=identifier, WaiterConfig=custom_waiter_config(timeout, _PAUSE)
        )
    except botocore.exceptions.WaiterError as error:
        seen = (error.last_response.get("DBInstances") or [{}])[0].get("DBInstanceStatus", "unknown")
        raise AnsibleAWSError(
            message=f"The database {identifier} is {seen}, and not {waiter} within {timeout} seconds", exception=error
        ) from error


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
    if plan.set_tags:
        _tag(client, plan.found["DBInstanceArn"], plan.set_tags)
    if plan.drop_tags:
        _untag(client, plan.found["DBInstanceArn"], plan.drop_tags)


def delete(client: Any, identifier: str, plan: Plan, timeout: int) -> None:
    if plan.lift_protection:
        _modify(client, identifier, dict(DeletionProtection=False, ApplyImmediately=True))
        wait(client, "settled", identifier, timeout)
    _delete(client, identifier, plan.request)


def unique_snapshot_name(identifier: str) -> str:
    """A final snapshot must not take a name that an earlier one has."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return f"{identifier}-final-{now:%Y%m%d%H%M%S}"
