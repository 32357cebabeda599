"""Instance refresh: replace a group's members without falling below its floor; go back if the new ones fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from moto.core.utils import utcnow

from .groups import Refresh, turn_back

_FAILURES = 2  # new instances that may fail before the refresh does


def surplus(refresh: Refresh, desired: int) -> int:
    """How many members more than desired may run meanwhile; at least one if launching comes first."""
    most = int(refresh.preferences["MaxHealthyPercentage"])
    if refresh.status not in ("InProgress", "RollbackInProgress") or most <= 100:
        return 0
    return min(max(1, math.floor(desired * most / 100) - desired), len(refresh.old))


def step(
    refresh: Refresh,
    members: list[Any],
    ready: Callable[[Any], bool],
    end: Callable[[Any, str], None],
    alarms: Sequence[str] = (),
) -> None:
    """
    One round.

    :param members: those that are neither going nor gone.
    :param ready: whether a member is in service, healthy everywhere and warmed up.
    :param end: takes a member out of service, with the cause.
    :param alarms: those that the refresh watches and that have gone off.
    """
    desired = int(refresh.group.desired_capacity)
    refresh.old &= {member.instance.id for member in members}
    if refresh.status == "Pending":
        refresh.status = "InProgress"
    if refresh.status == "Cancelling":
        _finish(refresh, "Cancelled")
        return
    if refresh.status == "InProgress" and (alarms or refresh.failures >= _FAILURES):
        failed = f"{refresh.failures} replacement instances failed their health checks."
        refresh.reason = f"The alarm {' and '.join(alarms)} went off." if alarms else failed
        if not refresh.preferences.get("AutoRollback"):
            _finish(refresh, "Failed")
            return
        refresh.status = "RollbackInProgress"
    if refresh.status == "RollbackInProgress" and refresh.version != refresh.former:
        turn_back(refresh)
    if refresh.status == "RollbackInProgress" and refresh.failures > 2 * _FAILURES:
        _finish(refresh, "RollbackFailed")
        return
    _replace(refresh, members, ready, end, desired)
    if not refresh.old and len(members) == desired and all(ready(member) for member in members):
        if refresh.status == "InProgress" and refresh.desired.get("LaunchTemplate"):
            wanted = refresh.desired["LaunchTemplate"].get("Version") or refresh.version
            refresh.group.launch_template_version = refresh.group.provided_launch_template_version = wanted
        _finish(refresh, "Successful" if refresh.status == "InProgress" else "RollbackSuccessful")


def _replace(
    refresh: Refresh, members: list[Any], ready: Callable[[Any], bool], end: Callable[[Any, str], None], desired: int
) -> None:
    good = [member for member in members if ready(member)]
    floor = math.ceil(desired * int(refresh.preferences["MinHealthyPercentage"]) / 100)
    launch_first = int(refresh.preferences["MaxHealthyPercentage"]) > 100
    cause = f"an instance refresh ({refresh.refresh_id}) replaces it"
    for member in [member for member in members if member.instance.id in refresh.old]:
        if member not in good:
            if len(good) >= floor or not launch_first:
                _end(refresh, member, end, cause)
            continue
        # one at a time is always allowed: with few instances the floor would stop the refresh for ever
        one_at_a_time = not launch_first and len(good) == len(members) == desired
        if len(good) - 1 >= floor or one_at_a_time:
            _end(refresh, member, end, cause)
            good.remove(member)
            members = [other for other in members if other is not member]


def _end(refresh: Refresh, member: Any, end: Callable[[Any, str], None], cause: str) -> None:
    end(member, cause)
    refresh.old.discard(member.instance.id)


def _finish(refresh: Refresh, status: str) -> None:
    refresh.status, refresh.end = status, utcnow()
