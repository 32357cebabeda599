#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: applicationautoscaling_target
version_added: 0.2.0
short_description: Say between which limits Application Auto Scaling may scale a resource
description:
  - Registers a scalable target, changes its limits, or deregisters it.
  - Limits and suspensions that are not given are left as they are.
  - A target that is deregistered loses its policies and scheduled actions with it.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.applicationautoscaling
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  min_capacity:
    description: The least that scaling in may leave. Needed for a new target.
    type: int
  max_capacity:
    description: The most that scaling out may reach. Needed for a new target.
    type: int
  suspend_scaling_in:
    description: Whether policies may not scale in for now.
    type: bool
  suspend_scaling_out:
    description: Whether policies may not scale out for now.
    type: bool
  suspend_scheduled_scaling:
    description: Whether scheduled actions do nothing for now.
    type: bool
  state:
    description: Whether the target is registered.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Let a service run on two to ten tasks
  threetier.aws.applicationautoscaling_target:
    service_namespace: ecs
    resource_id: service/demo-app/api
    scalable_dimension: ecs:service:DesiredCount
    min_capacity: 2
    max_capacity: 10

- name: Scale its tasks no more
  threetier.aws.applicationautoscaling_target:
    service_namespace: ecs
    resource_id: service/demo-app/api
    scalable_dimension: ecs:service:DesiredCount
    state: absent
"""

RETURN = r"""
scalable_target:
  description: The target as AWS describes it; as it was found in check mode; empty once it is gone.
  type: dict
  returned: always
  contains:
    scalable_target_arn:
      description: The ARN.
      type: str
      sample: arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/0ec5
    min_capacity:
      description: The least that scaling in may leave.
      type: int
      sample: 2
    max_capacity:
      description: The most that scaling out may reach.
      type: int
      sample: 10
"""

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils._applicationautoscaling import common
from ansible_collections.threetier.aws.plugins.module_utils._applicationautoscaling import targets
from ansible_collections.threetier.aws.plugins.module_utils import _errors

_SUSPENSIONS = dict(
    suspend_scaling_in="DynamicScalingInSuspended",
    suspend_scaling_out="DynamicScalingOutSuspended",
    suspend_scheduled_scaling="ScheduledScalingSuspended",
)


def state_of(target: dict[str, Any]) -> dict[str, Any]:
    suspended = target.get("SuspendedState") or {}
    state = {name: bool(suspended.get(key)) for name, key in _SUSPENSIONS.items()}
    return dict(state, min_capacity=target.get("MinCapacity"), max_capacity=target.get("MaxCapacity"))


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("application-autoscaling"), module.params
    who = common.identity(params)
    found = targets.find(client, who)
    now = state_of(found)
    wanted = {name: value if params[name] is None else params[name] for name, value in now.items()}
    refuse(params, wanted)
    before = now if found else {}
    if before != wanted and not module.check_mode:
        suspended = {key: wanted[name] for name, key in _SUSPENSIONS.items()}
        limits = dict(MinCapacity=wanted["min_capacity"], MaxCapacity=wanted["max_capacity"])
        targets.register(client, who, dict(limits, SuspendedState=suspended))
        found = targets.find(client, who)
    changed, diff = before != wanted, dict(before=before, after=wanted)
    return dict(changed=changed, scalable_target=camel_dict_to_snake_dict(found), diff=diff)


def refuse(params: dict[str, Any], wanted: dict[str, Any]) -> None:
    least, most, name = wanted["min_capacity"], wanted["max_capacity"], params["resource_id"]
    if least is None or most is None:
        raise AnsibleAWSError(message=f"{name} is not registered yet: that takes min_capacity and max_capacity.")
    if not 0 <= least <= most:
        raise AnsibleAWSError(message=f"{name} can't scale between min_capacity {least} and max_capacity {most}.")


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client, who = module.client("application-autoscaling"), common.identity(module.params)
    found = targets.find(client, who)
    if found and not module.check_mode:
        targets.deregister(client, who)
    diff = dict(before=state_of(found) if found else {}, after={})
    return dict(changed=bool(found), scalable_target={}, diff=diff)


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            **common.ARGUMENTS,
            min_capacity=dict(type="int"),
            max_capacity=dict(type="int"),
            suspend_scaling_in=dict(type="bool"),
            suspend_scaling_out=dict(type="bool"),
            suspend_scheduled_scaling=dict(type="bool"),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        supports_check_mode=True,
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
