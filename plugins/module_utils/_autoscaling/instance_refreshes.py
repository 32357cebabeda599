# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instance refreshes of Auto Scaling groups: what is out of date, starting, waiting. Private to this collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from ansible_collections.threetier.aws.plugins.module_utils import _calls
from ansible_collections.threetier.aws.plugins.module_utils import _waits

_ACTIVE = ("Pending", "InProgress", "Baking")
_RETURNING = ("RollbackInProgress",)
_FAILED = ("Failed", "Cancelling", "Cancelled", "RollbackFailed", "RollbackSuccessful")
_LEAVING = ("Terminating", "Terminated", "Detaching", "Detached")
_PAUSE = 10  # seconds between two looks


@_calls.call("read the instance refreshes")
def latest(client: Any, name: str) -> dict[str, Any]:
    """The most recent refresh; nothing if there never was one."""
    found: list[dict[str, Any]] = client.describe_instance_refreshes(AutoScalingGroupName=name, MaxRecords=1)[
        "InstanceRefreshes"
    ]
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
    return one is not None and all(one.get(key) == other[key] for key in ("LaunchTemplateId", "Version"))


@_calls.call("start the instance refresh")
def start(client: Any, name: str, template: dict[str, str], preferences: dict[str, Any]) -> str:
    refresh_id: str = client.start_instance_refresh(
        AutoScalingGroupName=name,
        DesiredConfiguration={"LaunchTemplate": template},
        Preferences=preferences,
    )["InstanceRefreshId"]
    return refresh_id


@_calls.call("roll the instance refresh back")
def roll_back(client: Any, name: str) -> None:
    client.rollback_instance_refresh(AutoScalingGroupName=name)


def _acceptor(status: str, state: str) -> dict[str, str]:
    return dict(matcher="path", argument="InstanceRefreshes[0].Status", expected=status, state=state)


def _acceptors() -> dict[str, list[dict[str, str]]]:
    """By the end that is waited for."""
    failed = [_acceptor(status, "failure") for status in _FAILED]
    ended = [_acceptor(status, "failure") for status in ("RollbackFailed", "Failed", "Successful", "Cancelled")]
    return dict(
        successful=[_acceptor("Successful", "success"), *failed],
        rolled_back=[_acceptor("RollbackSuccessful", "success"), *ended],
    )


def wait(client: Any, end: str, name: str, refresh_id: str, timeout: int) -> list[dict[str, Any]]:
    """Return how the refresh went once it is C(successful) or C(rolled_back); say what became of it otherwise."""
    steps: list[dict[str, Any]] = []

    def note(parsed: dict[str, Any], **_event: Any) -> None:
        seen = (parsed.get("InstanceRefreshes") or [{}])[0]
        step = dict(status=seen.get("Status"), percentage_complete=seen.get("PercentageComplete", 0))
        if not steps or steps[-1] != step:
            steps.append(step)

    def failure(answer: dict[str, Any]) -> str:
        return sentence(name, (answer.get("InstanceRefreshes") or [{}])[0], timeout)

    event = "after-call.auto-scaling.DescribeInstanceRefreshes"
    client.meta.events.register(event, note)
    try:
        _waits.until(
            client,
            "DescribeInstanceRefreshes",
            dict(AutoScalingGroupName=name, InstanceRefreshIds=[refresh_id]),
            _acceptors()[end],
            purpose="wait for the instance refresh",
            timeout=timeout,
            pause=_PAUSE,
            failure=failure,
        )
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
