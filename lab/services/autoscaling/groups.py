"""Auto Scaling: moto keeps what is wanted, the controller launches and ends; activities and instance refreshes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import (
    Activity,
    AutoScalingBackend,
    FakeAutoScalingGroup,
    InstanceState,
    TerminateInstanceActivity,
)
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from ...monkeypatch import wrap
from . import store

DELETING = "Delete in progress"
ACTIVE = ("Pending", "InProgress", "Cancelling", "RollbackInProgress")
_PREFERENCES: dict[str, Any] = {"MinHealthyPercentage": 90, "MaxHealthyPercentage": 100, "SkipMatching": False}


@dataclass
class Refresh:
    """One instance refresh. `version` is what instances must have, `former` what a rollback goes back to."""

    group: Any
    preferences: dict[str, Any]
    desired: dict[str, Any]
    version: str
    former: str
    old: set[str]  # ids of the instances to replace
    status: str = "Pending"
    reason: str = ""
    failures: int = 0
    start: datetime = field(default_factory=utcnow)
    end: datetime | None = None
    refresh_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    total: int = 0

    def shown(self) -> dict[str, Any]:
        left = len(self.old)
        done = self.status in ("Successful", "RollbackSuccessful")
        return {
            "InstanceRefreshId": self.refresh_id,
            "AutoScalingGroupName": self.group.name,
            "Status": self.status,
            **({"StatusReason": self.reason} if self.reason else {}),
            "StartTime": self.start,
            **({"EndTime": self.end} if self.end else {}),
            "PercentageComplete": 100
            if done
            else round(100 * (self.total - left) / max(self.total, 1))
            if self.total
            else 0,
            "InstancesToUpdate": 0 if done else left,
            "Preferences": self.preferences,
            **({"DesiredConfiguration": self.desired} if self.desired else {}),
        }


def refreshes(group: Any) -> list[Refresh]:
    """Newest first."""
    return store.of_group(group).refreshes


def alarms_of(refresh: Refresh, alarming: set[str]) -> list[str]:
    """Those of the refresh's alarms that have gone off."""
    watched = (refresh.preferences.get("AlarmSpecification") or {}).get("Alarms") or []
    return sorted(alarming & set(watched))


def active_refresh(group: Any) -> Refresh | None:
    return next((found for found in refreshes(group) if found.status in ACTIVE), None)


def activities(group: Any) -> list[Activity]:
    """Newest first."""
    return store.of_group(group).activities


def version_of(group: Any) -> str:
    """The number of the template's version that the group launches from now."""
    if group.ec2_launch_template is None:
        return ""
    refresh = active_refresh(group)
    wanted = refresh.version if refresh else group.launch_template_version
    return str(group.ec2_launch_template.get_version(wanted).number)


def only_note_desired_capacity(_original: Any) -> Any:
    def set_desired_capacity(self: FakeAutoScalingGroup, new_capacity: int | None) -> None:
        wanted = self.min_size if new_capacity is None else new_capacity
        if not self.min_size <= wanted <= self.max_size and getattr(self, "status", None) != DELETING:  # type: ignore[operator]
            sizes = f"between {self.min_size} and {self.max_size}"
            raise ValidationError(f"Desired capacity:{wanted} must be {sizes}")
        self.desired_capacity = wanted

    return set_desired_capacity


def leave_to_controller(_original: Any) -> Any:
    def nothing(self: AutoScalingBackend, *_: Any, **__: Any) -> None:
        """The controller sees it by itself."""

    return nothing


def remember_template_version(original: Any) -> Any:
    """moto shows each instance with the template's default version."""

    def launch_template(self: InstanceState) -> dict[str, Any] | None:
        shown = original.fget(self)
        version = store.of_member(self).version
        return {**shown, "Version": version} if shown and version else shown

    return property(launch_template)


def delete_when_empty(_original: Any) -> Any:
    def delete_auto_scaling_group(self: AutoScalingResponse) -> EmptyResult:
        name, groups = self._get_param("AutoScalingGroupName"), self.autoscaling_backend.autoscaling_groups
        if name not in groups:
            raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
        group = groups[name]
        if group.instance_states and not self._get_bool_param("ForceDelete", False):
            message = (
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s)"
            )
            message += " still in the group."
            raise AutoscalingClientError("ResourceInUse", message)
        group.status = DELETING  # type: ignore[attr-defined]
        group.min_size = group.desired_capacity = 0
        if not group.instance_states:
            groups.pop(name, None)
        return EmptyResult()

    return delete_auto_scaling_group


def terminate_in_order(_original: Any) -> Any:
    """The controller takes the instance out of its target groups first."""

    def terminate_instance(self: Any, instance_id: str, should_decrement: bool) -> TerminateInstanceActivity:
        states = [state for group in self.autoscaling_groups.values() for state in group.instance_states]
        member = next((state for state in states if state.instance.id == instance_id), None)
        if member is None:
            raise ValidationError(f"Instance Id not found - No managed instance found for instance ID: {instance_id}")
        group = member.auto_scaling_group
        before = group.desired_capacity
        if should_decrement:
            group.set_desired_capacity(before - 1)
        member.lifecycle_state = "Terminating"
        activity = TerminateInstanceActivity(member.instance, before)
        activities(group).insert(0, activity)
        return activity

    return terminate_instance


def show_activities(_original: Any) -> Any:
    def describe_scaling_activities(self: AutoScalingResponse) -> ActionResult:
        name = self._get_param("AutoScalingGroupName")
        groups = [g for g in list(self.autoscaling_backend.autoscaling_groups.values()) if name in (None, g.name)]
        found = [activity for group in groups for activity in activities(group)]
        return ActionResult({"Activities": found[: self._get_int_param("MaxRecords", 100)]})

    return describe_scaling_activities


def _group(response: AutoScalingResponse) -> Any:
    name = response._get_param("AutoScalingGroupName")
    group = response.autoscaling_backend.autoscaling_groups.get(name)
    if group is None:
        raise ValidationError(f"AutoScalingGroup name not found - {name}")
    return group


def start_instance_refresh(_original: Any) -> Any:
    def start(self: AutoScalingResponse) -> ActionResult:
        group = _group(self)
        if active_refresh(group):
            message = "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh."
            raise AutoscalingClientError("InstanceRefreshInProgress", message)
        preferences = {**_PREFERENCES, **(self._get_param("Preferences") or {})}
        preferences.setdefault("InstanceWarmup", 0)
        desired = self._get_param("DesiredConfiguration") or {}
        wanted = (desired.get("LaunchTemplate") or {}).get("Version")
        template = group.ec2_launch_template
        if preferences.get("AutoRollback") and not wanted and str(group.launch_template_version).startswith("$"):
            raise ValidationError("AutoRollback requires a desired configuration or a numbered launch template version")
        version = str(template.get_version(wanted or group.launch_template_version).number)
        members = [state for state in group.instance_states if state.lifecycle_state != "Terminating"]
        versions = {member.instance.id: store.of_member(member).version for member in members}
        former = next((found for found in versions.values() if found != version), None)
        matching = {instance_id for instance_id, found in versions.items() if found == version}
        old = {state.instance.id for state in members} - (matching if preferences["SkipMatching"] else set())
        refresh = Refresh(group, preferences, desired, version, former or version, old, total=len(old))
        refreshes(group).insert(0, refresh)
        return ActionResult({"InstanceRefreshId": refresh.refresh_id})

    return start


def describe_instance_refreshes(_original: Any) -> Any:
    def describe(self: AutoScalingResponse) -> ActionResult:
        wanted = self._get_param("InstanceRefreshIds", [])
        found = [refresh for refresh in refreshes(_group(self)) if not wanted or refresh.refresh_id in wanted]
        return ActionResult({"InstanceRefreshes": [refresh.shown() for refresh in found]})

    return describe


def move_on_with_each_look(original: Any) -> Any:
    """Without machines nobody boots and no controller works: each look at a refresh finds one instance replaced."""

    def describe(self: AutoScalingResponse) -> ActionResult:
        shown: ActionResult = original(self)
        refresh = active_refresh(_group(self))
        if refresh:
            _advance(refresh)
        return shown

    return describe


def _advance(refresh: Refresh) -> None:
    group = refresh.group
    if refresh.status == "Pending":
        refresh.status = "InProgress"
    elif refresh.status == "Cancelling":
        refresh.status, refresh.end = "Cancelled", utcnow()
    elif refresh.old:
        gone = refresh.old.pop()
        group.instance_states = [state for state in group.instance_states if state.instance.id != gone]
        group.ec2_backend.terminate_instances([gone])
        group.replace_autoscaling_group_instances(1, group.get_propagated_tags())
        group.autoscaling_backend.update_attached_target_groups(group.name)
    else:
        done = refresh.status == "InProgress"
        if done and refresh.desired.get("LaunchTemplate"):
            group.launch_template_version = group.provided_launch_template_version = refresh.version
        refresh.status, refresh.end = "Successful" if done else "RollbackSuccessful", utcnow()


def register_those_in_service(_original: Any) -> Any:
    """moto registers members on standby too, and leaves those that it has ended registered and healthy."""

    def update_attached_target_groups(self: AutoScalingBackend, group_name: str) -> None:
        group = self.autoscaling_groups[group_name]
        serving = [{"Id": state.instance.id} for state in group.instance_states if state.lifecycle_state == "InService"]
        for targets in (self.elbv2_backend.target_groups[arn] for arn in group.target_group_arns):
            known = {target_id: self.ec2_backend.get_instance_by_id(target_id) for target_id in targets.targets}
            ended = [target_id for target_id, one in known.items() if one is None or one.state == "terminated"]
            targets.deregister_terminated_instances(ended)
            targets.register(serving)

    return update_attached_target_groups


def turn_back(refresh: Refresh) -> None:
    """From now on the former version is wanted, and what has another one is to be replaced."""
    members = [state for state in refresh.group.instance_states if state.lifecycle_state != "Terminating"]
    refresh.version, refresh.failures = refresh.former, 0
    refresh.old = {state.instance.id for state in members if store.of_member(state).version != refresh.former}
    refresh.total = max(len(refresh.old), 1)


def _end_by_user(status: str) -> Any:
    def make(_original: Any) -> Any:
        def end(self: AutoScalingResponse) -> ActionResult:
            refresh = active_refresh(_group(self))
            if refresh is None:
                message = f"No in progress or pending Instance Refresh found for Auto Scaling group {_group(self).name}"
                raise AutoscalingClientError("ActiveInstanceRefreshNotFound", message)
            refresh.status = status
            if status == "RollbackInProgress":
                turn_back(refresh)
            return ActionResult({"InstanceRefreshId": refresh.refresh_id})

        return end

    return make


def forget_policies_first(original: Any) -> Any:
    """A group takes its scaling policies with it; moto keeps them, for the next group of its name too."""

    def call(self: AutoScalingBackend, *args: Any, **kwargs: Any) -> Any:
        for name, policy in list(self.policies.items()):
            if policy.auto_scaling_group_name not in self.autoscaling_groups:
                del self.policies[name]
        return original(self, *args, **kwargs)

    return call


def install(machines: bool = False) -> None:
    for name in ("create_auto_scaling_group", "describe_policies"):
        wrap(AutoScalingBackend, name, forget_policies_first)
    wrap(InstanceState, "launch_template", remember_template_version)
    wrap(AutoScalingResponse, "start_instance_refresh", start_instance_refresh)
    wrap(AutoScalingResponse, "cancel_instance_refresh", _end_by_user("Cancelling"))
    wrap(AutoScalingResponse, "rollback_instance_refresh", _end_by_user("RollbackInProgress"))
    if not machines:
        wrap(AutoScalingBackend, "update_attached_target_groups", register_those_in_service)
        look = describe_instance_refreshes(None)
        wrap(AutoScalingResponse, "describe_instance_refreshes", lambda _original: move_on_with_each_look(look))
        return
    wrap(FakeAutoScalingGroup, "set_desired_capacity", only_note_desired_capacity)
    for name in ("notify_terminate_instances", "update_attached_elbs", "update_attached_target_groups"):
        wrap(AutoScalingBackend, name, leave_to_controller)
    wrap(AutoScalingBackend, "terminate_instance", terminate_in_order)
    wrap(AutoScalingResponse, "delete_auto_scaling_group", delete_when_empty)
    wrap(AutoScalingResponse, "describe_scaling_activities", show_activities)
    wrap(AutoScalingResponse, "describe_instance_refreshes", describe_instance_refreshes)
