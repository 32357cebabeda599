# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instance refreshes of Auto Scaling groups: what is out of date, starting, waiting. Private to this collection."""

from __future__ import annotations

from typing import Any

try:
    import botocore.exceptions
    import botocore.waiter
except ImportError:
    pass  # handled by AnsibleAWSModule

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

_ACTIVE = ("Pending", "InProgress", "Baking")
_FAILED = ("Failed", "Cancelling", "Cancelled", "RollbackFailed", "RollbackSuccessful")
_LEAVING = ("Terminating", "Terminated", "Detaching", "Detached")
_DELAY = 10  # seconds between two looks


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


def _attempts(timeout: int) -> int:
    return max(1, timeout // _DELAY)


def _waiter_model(timeout: int) -> dict[str, Any]:
    acceptors = [("Successful", "success"), *((status, "failure") for status in _FAILED)]
    return {
        "version": 2,
        "waiters": {
            "Done": {
                "operation": "DescribeInstanceRefreshes",
                "delay": _DELAY,
                "maxAttempts": _attempts(timeout),
                "acceptors": [
                    {"matcher": "path", "argument": "InstanceRefreshes[0].Status", "expected": status, "state": state}
                    for status, state in acceptors
                ],
            }
        },
    }


def wait(client: Any, name: str, refresh_id: str, timeout: int) -> None:
    """Return when the refresh has succeeded; say what became of it otherwise."""
    model = botocore.waiter.WaiterModel(_waiter_model(timeout))
    waiter = botocore.waiter.create_waiter_with_client("Done", model, client)
    try:
        waiter.wait(AutoScalingGroupName=name, InstanceRefreshIds=[refresh_id])
    except botocore.exceptions.WaiterError as error:
        seen = (error.last_response.get("InstanceRefreshes") or [{}])[0]
        raise AnsibleAWSError(message=sentence(name, seen, timeout), exception=error) from error


def sentence(name: str, refresh: dict[str, Any], timeout: int) -> str:
    status = refresh.get("Status", "unknown")
    why = refresh.get("RollbackDetails", {}).get("RollbackReason") or refresh.get("StatusReason", "no reason given")
    if status in _FAILED:
        return f"The instance refresh of {name} ended as {status}: {why}"
    done = refresh.get("PercentageComplete", 0)
    return (
        f"The instance refresh of {name} is {status} at {done} % after {timeout} seconds and goes on by itself: {why}"
    )
