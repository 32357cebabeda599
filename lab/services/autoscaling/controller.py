"""Auto Scaling groups: as many instances as desired, from the template, healthy, and known to their target groups."""

from __future__ import annotations

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from moto.autoscaling.models import Activity
from moto.core.exceptions import ServiceException
from moto.core.utils import utcnow

from ... import backends
from ...durations import held
from ...lateness import machine as lateness
from ..elbv2 import load_balancers
from . import groups, instance_refresh, store
from .launch import launch

log = logging.getLogger("lab.groups")
_AGAIN = 10.0  # seconds until a launch that failed is tried again
_KEPT = 200  # activities
_SOON = 0.5  # seconds until a group of which something is under way is looked at again


class Groups:
    """Makes instances match the API's groups."""

    workers = 4

    def __init__(self, changed: Callable[[], None]) -> None:
        """:param changed: called when a group has changed something that others have to see."""
        self._changed = changed

    def keys(self) -> Iterable[tuple[str, str, str]]:
        """Account, region and name, which is unique there."""
        for backend in backends.regions("autoscaling"):
            for name in list(backend.autoscaling_groups):
                yield backend.account_id, backend.region_name, name

    def reconcile(self, key: tuple[str, str, str]) -> float | None:
        account, region, name = key
        backend = backends.backend("autoscaling", region, account)
        group = backend.autoscaling_groups.get(name)
        if group is None:
            return None
        before = _seen(group)
        _Group(group, backend).reconcile()
        if _seen(group) != before:
            self._changed()
        moving = any(member.lifecycle_state != "InService" for member in group.instance_states)
        return _SOON if moving or groups.active_refresh(group) else None

    def status(self) -> list[dict[str, Any]]:
        return [
            {
                "resource": group.name,
                "kind": "group",
                "state": getattr(group, "status", None) or "active",
                "behind": f"{len(group.instance_states)} of {group.desired_capacity} instances",
            }
            for backend in backends.regions("autoscaling")
            for group in list(backend.autoscaling_groups.values())
        ]

    def close(self) -> None:
        """Its instances belong to another controller."""


def _seen(group: Any) -> list[tuple[str, str, str]]:
    return [(one.instance.id, one.lifecycle_state, one.instance.state) for one in list(group.instance_states)]


class _Group:
    """One round for one group; all state is the API's."""

    def __init__(self, group: Any, backend: Any) -> None:
        self.group, self.backend = group, backend
        self._suspended = {found["ProcessName"] for found in group.suspended_processes}
        elb = backend.elbv2_backend
        self._targets = [elb.target_groups[arn] for arn in group.target_group_arns if arn in elb.target_groups]

    def reconcile(self) -> None:
        deleting = getattr(self.group, "status", None) == groups.DELETING
        for member in list(self.group.instance_states):
            self._follow(member)
        if deleting:
            for member in self._members():
                self._end(member, "the group is being deleted")
            if not self.group.instance_states:
                self.backend.autoscaling_groups.pop(self.group.name, None)
            return
        self._judge()
        refresh = groups.active_refresh(self.group)
        if refresh and "InstanceRefresh" not in self._suspended:
            warmup = float(refresh.preferences.get("InstanceWarmup") or 0)
            alarms = groups.alarms_of(refresh, store.stores.of(self.backend).alarming)
            instance_refresh.step(
                refresh, self._members(), lambda member: self._ready(member, warmup), self._end, alarms
            )
        self._scale()
        self._register()

    def _members(self) -> list[Any]:
        """Those that count: not on their way out, not on standby."""
        return [m for m in list(self.group.instance_states) if m.lifecycle_state in ("Pending", "InService")]

    def _follow(self, member: Any) -> None:
        """Carry a member on as far as its machine has come."""
        state = member.instance.state
        if state == "terminated":
            self.group.instance_states = [other for other in self.group.instance_states if other is not member]
            self._complete(member)
        elif state == "shutting-down" and member.lifecycle_state != "Terminating":
            self._end(member, "it was terminated outside of the group")
        elif member.lifecycle_state == "Pending" and not held("in_service", member.instance) and state == "running":
            member.lifecycle_state = "InService"
            store.of_member(member).since = lateness.clock()
            self._complete(member)
        if member.lifecycle_state == "EnteringStandby" and self._drained(member):
            member.lifecycle_state = "Standby"
        ending = member.lifecycle_state == "Terminating" and state not in ("shutting-down", "terminated")
        if ending and self._drained(member):
            self.group.ec2_backend.terminate_instances([member.instance.id])

    def _drained(self, member: Any) -> bool:
        """Take a member out of its target groups; whether its last request has been answered."""
        for group in self._targets:
            if member.instance.id in group.targets:
                group.deregister([{"Id": member.instance.id}])
        return not any(member.instance.id in load_balancers.draining(group) for group in self._targets)

    def _judge(self) -> None:
        """Find the unhealthy, and take them out of service."""
        if "HealthCheck" not in self._suspended:
            for member in self._members():
                cause = self._illness(member)
                if cause and member.health_status == "Healthy":
                    member.health_status = "Unhealthy"
                    store.of_member(member).illness = cause
                    log.info("%s: %s is unhealthy: %s", self.group.name, member.instance.id, cause)
        if self._suspended & {"ReplaceUnhealthy", "Terminate"}:
            return
        refresh = groups.active_refresh(self.group)
        for member in self._members():
            if member.health_status != "Healthy":
                if refresh and member.instance.id not in refresh.old:
                    refresh.failures += 1
                self._end(member, store.of_member(member).illness or "its health was set to unhealthy")

    def _illness(self, member: Any) -> str | None:
        instance = member.instance
        if instance.state in ("stopping", "stopped"):
            return f"its instance is {instance.state}"
        if instance.system_status.get("Status") == "impaired":
            return "its status checks failed"
        age = store.of_member(member).age
        if "ELB" not in self.group.health_check_type or age < float(self.group.health_check_grace_period or 0):
            return None
        for group in self._targets:
            if load_balancers.health(group).get(instance.id, ("",))[0] == "unhealthy":
                return "it failed the load balancer's health check"
        return None

    def _ready(self, member: Any, warmup: float) -> bool:
        age = store.of_member(member).age
        checked = (group for group in self._targets if group.load_balancer_arns)
        seen = all(load_balancers.health(group).get(member.instance.id, ("",))[0] == "healthy" for group in checked)
        return member.lifecycle_state == "InService" and member.health_status == "Healthy" and seen and age >= warmup

    def _scale(self) -> None:
        refresh = groups.active_refresh(self.group)
        desired = int(self.group.desired_capacity or 0)
        wanted = desired + (instance_refresh.surplus(refresh, desired) if refresh else 0)
        missing = wanted - len(self._members())
        if missing > 0 and "Launch" not in self._suspended:
            for _ in range(missing):
                if not self._launch():
                    break
        elif missing < 0 and not refresh and "Terminate" not in self._suspended:
            for _ in range(-missing):
                chosen = self._surplus_member()
                if chosen:
                    self._end(chosen, f"the group shrank to a capacity of {desired}")

    def _launch(self) -> bool:
        if time.monotonic() < store.of_group(self.group).not_before:
            return False
        try:
            member = launch(self.group, self._members())
        except (ServiceException, ValueError, KeyError) as problem:
            store.of_group(self.group).not_before = time.monotonic() + _AGAIN
            refresh = groups.active_refresh(self.group)
            if refresh:
                refresh.failures += 1
            log.warning("%s: cannot launch: %s", self.group.name, problem)
            self._note(f"Launching a new EC2 instance. Status Reason: {problem}", "Failed", str(problem))
            return False
        identity = member.instance.id
        store.of_member(member).activity = self._note(f"Launching a new EC2 instance: {identity}", "InProgress")
        log.info("%s: launched %s in %s", self.group.name, identity, member.instance.placement.zone)
        return True

    def _surplus_member(self) -> Any:
        """From the fullest zone: first those of another template version, then the oldest."""
        members = [member for member in self._members() if not member.protected_from_scale_in]
        if not members:
            return None
        zones = Counter(member.instance.placement.zone for member in self._members())
        current = groups.version_of(self.group)

        def key(member: Any) -> Any:
            same = store.of_member(member).version == current
            return -zones[member.instance.placement.zone], same, member.instance.launch_time

        return min(members, key=key)

    def _end(self, member: Any, cause: str) -> None:
        member.lifecycle_state = "Terminating"
        self._complete(member, "Cancelled")
        text = f"At {utcnow():%Y-%m-%dT%H:%M:%SZ} an instance was taken out of service because {cause}."
        description = f"Terminating EC2 instance: {member.instance.id}"
        store.of_member(member).activity = self._note(description, "InProgress", cause=text)
        log.info("%s: ending %s: %s", self.group.name, member.instance.id, cause)
        self._follow(member)

    def _register(self) -> None:
        if "AddToLoadBalancer" in self._suspended:
            return
        for group in self._targets:
            for member in self._members():
                new = member.lifecycle_state == "InService" and member.instance.id not in group.targets
                if new:
                    with contextlib.suppress(ServiceException):  # it stopped running meanwhile
                        group.register([{"Id": member.instance.id}])

    def _note(self, description: str, status: str, message: str = "", cause: str = "") -> Activity:
        text = (
            cause or f"At {utcnow():%Y-%m-%dT%H:%M:%SZ} the group needed a capacity of {self.group.desired_capacity}."
        )
        activity = Activity(description, text, self.group, status_code=status)
        activity.status_message = message  # type: ignore[attr-defined]
        activity.progress = 50 if status == "InProgress" else 100
        noted = groups.activities(self.group)
        noted.insert(0, activity)
        del noted[_KEPT:]
        return activity

    def _complete(self, member: Any, status: str = "Successful") -> None:
        note = store.of_member(member)
        activity, note.activity = note.activity, None
        if activity and activity.status_code == "InProgress":
            activity.status_code, activity.progress, activity.end_time = status, 100, utcnow()
