# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instance refreshes of Auto Scaling groups: what is out of date, starting, waiting. Private to this collection."""

from __future__ import annotations

from typing import Any

try:
    import botocore.exceptions
except ImportError:
    pass  # handled by AnsibleAWSModule

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.waiter import BaseWaiterFactory
from ansible_collections.amazon.aws.plugins.module_utils.waiter import custom_waiter_config

_ACTIVE = ("Pending", "InProgress", "Baking")
_RETURNING = ("RollbackInProgress",)
_FAILED = ("Failed", "Cancelling", "Cancelled", "RollbackFailed", "RollbackSuccessful")
_LEAVING = ("Terminating", "Terminated", "Detaching", "Detached")
_PAUSE = 10  # seconds between two looks


@AWSErrorHandler.common_error_handler("read the Auto Scaling group")
@AWSRetry.jittered_backoff()
def describe_group(client: Any, name: str) -> dict[str, Any]:
    groups = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    if not groups:
        raise AnsibleAWSError(message=f"There is no Auto Scaling group named {name}.")
    return groups[0]


@AWSErrorHandler.common_error_handler("read the instance refreshes")
@AWSRetry.jittered_backoff()
def latest(client: Any, name: str) -> dict[str, Any]:
    """The most recent refresh; nothing if there never was one."""
    found = client.describe_instance_refreshes(AutoScalingGroupName=name, MaxRecords=1)["InstanceRefreshes"]
    return found[0] if found else {}


def is_active(refresh: dict[str, Any], template: dict[str, str]) -> bool:
    """Whether this very version is being rolled out already."""
    wanted = refresh.get("DesiredConfiguration", {}).get("LaunchTemplate", {})
    return refresh.get("Status") in _ACTIVE and _same(wanted, template)


def is_under_way(refresh: dict[str, Any]) -> bool:
    return refresh.get("Status") in _ACTIVE


def is_returning(refresh: dict[str, Any]) -> bool:
    return refresh.get("Status") in _RETURNING


def refuse_another(name: str, refresh: dict[str, Any]) -> None:
    """AWS does one at a time, and would say so without saying which one is in the way."""
    if refresh.get("Status") in (*_ACTIVE, *_RETURNING, "Cancelling"):
        version = refresh.get("DesiredConfiguration", {}).get("LaunchTemplate", {}).get("Version", "unknown")
        raise AnsibleAWSError(
            message=f"{name} is being brought to version {version} of its launch template"
            f" ({refresh['Status']}, {refresh.get('PercentageComplete', 0)} %)."
            " Wait for that to end, or roll it back with state: rolled_back."
        )


def outdated(group: dict[str, Any], template: dict[str, str]) -> list[str]:
    """Ids of the instances that stay and that another version of the template made."""
    return [
        instance["InstanceId"]
        for instance in group["Instances"]
        if not instance["LifecycleState"].startswith(_LEAVING) and not _same(instance.get("LaunchTemplate"), template)
    ]


def is_current(group: dict[str, Any], template: dict[str, str]) -> bool:
    return _same(group.get("LaunchTemplate"), template) and not outdated(group, template)


def _same(one: dict[str, str] | None, other: dict[str, str]) -> bool:
    return bool(one) and all(one.get(key) == other[key] for key in ("LaunchTemplateId", "Version"))


@AWSErrorHandler.common_error_handler("start the instance refresh")
@AWSRetry.jittered_backoff()
def start(client: Any, name: str, template: dict[str, str], preferences: dict[str, Any]) -> str:
    return client.start_instance_refresh(
        AutoScalingGroupName=name,
        DesiredConfiguration={"LaunchTemplate": template},
        Preferences=preferences,
    )["InstanceRefreshId"]


@AWSErrorHandler.common_error_handler("roll the instance refresh back")
@AWSRetry.jittered_backoff()
def roll_back(client: Any, name: str) -> None:
    client.rollback_instance_refresh(AutoScalingGroupName=name)


def _acceptor(status: str, state: str) -> dict[str, str]:
    return dict(matcher="path", argument="InstanceRefreshes[0].Status", expected=status, state=state)


class _Waiters(BaseWaiterFactory):
    @property
    def _waiter_model_data(self) -> dict[str, Any]:
        look = dict(operation="DescribeInstanceRefreshes", delay=_PAUSE, maxAttempts=180)
        failed = [_acceptor(status, "failure") for status in _FAILED]
        ended = [_acceptor(status, "failure") for status in ("RollbackFailed", "Failed", "Successful", "Cancelled")]
        return dict(
            successful=dict(look, acceptors=[_acceptor("Successful", "success"), *failed]),
            rolled_back=dict(look, acceptors=[_acceptor("RollbackSuccessful", "success"), *ended]),
        )


def wait(client: Any, waiter: str, name: str, refresh_id: str, timeout: int) -> list[dict[str, Any]]:
    """Return how the refresh went once it is C(successful) or C(rolled_back); say what became of it otherwise."""
    steps: list[dict[str, Any]] = []

    def note(parsed: dict[str, Any], **_event: Any) -> None:
        seen = (parsed.get("InstanceRefreshes") or [{}])[0]
        step = dict(status=seen.get("Status"), percentage_complete=seen.get("PercentageComplete", 0))
        if not steps or steps[-1] != step:
            steps.append(step)

    event = "after-call.auto-scaling.DescribeInstanceRefreshes"
    client.meta.events.register(event, note)
    try:
        _Waiters().get_waiter(client, waiter).wait(
            AutoScalingGroupName=name,
            InstanceRefreshIds=[refresh_id],
            WaiterConfig=custom_waiter_config(timeout, _PAUSE),
        )
    except botocore.exceptions.WaiterError as error:
        seen = (error.last_response.get("InstanceRefreshes") or [{}])[0]
        if "Error" in error.last_response:
            raise AnsibleAWSError(message="Failed to read the instance refreshes", exception=error) from error
        raise AnsibleAWSError(message=sentence(name, seen, timeout), exception=error) from error
    finally:
        client.meta.events.unregister(event, note)
    return steps


def sentence(name: str, refresh: dict[str, Any], timeout: int) -> str:
    status = refresh.get("Status", "unknown")
    why = refresh.get("RollbackDetails", {}).get("RollbackReason") or refresh.get("StatusReason", "no reason given")
    if status in _FAILED:
        return f"The instance refresh of {name} ended as {status}: {why}"
    done = refresh.get("PercentageComplete", 0)
    return (
        f"The instance refresh of {name} is {status} at {done} % after {timeout} seconds and goes on by itself: {why}"
    )
