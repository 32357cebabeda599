"""What of Auto Scaling is known to us and moto has no place for, by account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...lateness import machine as lateness
from ...store import Notes, Stores

if TYPE_CHECKING:
    from moto.autoscaling.models import Activity

    from .groups import Refresh


@dataclass
class GroupNote:
    refreshes: list[Refresh] = field(default_factory=list)  # newest first
    activities: list[Activity] = field(default_factory=list)  # newest first
    not_before: float = 0.0  # on time.monotonic(): no launch until then


@dataclass
class MemberNote:
    version: str = ""  # of the launch template
    since: float | None = None  # on the clock that the machine's lateness holds up: in service
    illness: str = ""
    activity: Activity | None = None  # the one that is under way

    @property
    def age(self) -> float:
        """Seconds in service."""
        return 0.0 if self.since is None else lateness.clock() - self.since


@dataclass
class AutoScaling:
    groups: Notes[GroupNote] = field(default_factory=lambda: Notes(GroupNote))
    members: Notes[MemberNote] = field(default_factory=lambda: Notes(MemberNote))
    alarming: set[str] = field(default_factory=set)  # names of the alarms that have gone off; CloudWatch says so


stores: Stores[AutoScaling] = Stores(AutoScaling)


def of_group(group: Any) -> GroupNote:
    return stores.of(group.autoscaling_backend).groups[group]


def of_member(member: Any) -> MemberNote:
    return stores.of(member.instance.ec2_backend).members[member]
