"""Standby: moto flips a word and nothing else. Here a member leaves its target groups, and nobody replaces it."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import AutoScalingBackend, EnterStandbyActivity, ExitStandbyActivity

from ...monkeypatch import wrap


def _members(group: Any, instance_ids: list[str], state: str) -> list[Any]:
    found = {member.instance.id: member for member in group.instance_states}
    for instance_id in instance_ids:
        if instance_id not in found:
            raise ValidationError(f"The instance {instance_id} is not part of Auto Scaling group {group.name}.")
        if found[instance_id].lifecycle_state != state:
            raise ValidationError(f"The instance {instance_id} is not in {state}.")
    return [found[instance_id] for instance_id in instance_ids]


def _targets(backend: Any, group: Any) -> list[Any]:
    return [backend.elbv2_backend.target_groups[arn] for arn in group.target_group_arns]


def enter_in_order(machines: bool) -> Any:
    """With machines the controller drains the member first; without them it is done at once."""

    def make(_original: Any) -> Any:
        def enter(self: AutoScalingBackend, group_name: str, instance_ids: list[str], should_decrement: bool) -> Any:
            group = self.autoscaling_groups[group_name]
            members = _members(group, instance_ids, "InService")
            before = int(group.desired_capacity or 0)
            after = before - len(members) if should_decrement else before
            if after < int(group.min_size or 0):
                size = f"min-size={group.min_size}, max-size={group.max_size}, and desired-size={before}"
                message = f"AutoScalingGroup {group_name} has {size}. To place into standby {len(members)} instance"
                raise ValidationError(f"{message} more, please update the AutoScalingGroup sizes appropriately.")
            group.desired_capacity = after
            for member in members:
                member.lifecycle_state = "EnteringStandby" if machines else "Standby"
                for targets in [] if machines else _targets(self, group):
                    targets.deregister([{"Id": member.instance.id}])
            return [EnterStandbyActivity(member.instance, before) for member in members]

        return enter

    return make


def exit_in_order(machines: bool) -> Any:
    def make(_original: Any) -> Any:
        def leave(self: AutoScalingBackend, group_name: str, instance_ids: list[str]) -> Any:
            group = self.autoscaling_groups[group_name]
            members = _members(group, instance_ids, "Standby")
            before = int(group.desired_capacity or 0)
            if before + len(members) > int(group.max_size or 0):
                raise ValidationError(
                    f"The max size {group.max_size} of {group_name} leaves no room for {len(members)}."
                )
            group.desired_capacity = before + len(members)
            for member in members:
                member.lifecycle_state = "Pending" if machines else "InService"
                for targets in [] if machines else _targets(self, group):
                    targets.register([{"Id": member.instance.id}])
            return [ExitStandbyActivity(member.instance, before) for member in members]

        return leave

    return make


def install(machines: bool = False) -> None:
    wrap(AutoScalingBackend, "enter_standby_instances", enter_in_order(machines))
    wrap(AutoScalingBackend, "exit_standby_instances", exit_in_order(machines))
