#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_group_settings
version_added: 0.2.0
short_description: Change single settings of an Auto Scaling group and leave all others
description:
  - Changes the sizes, the launch template's version, the suspended processes or tags of a group that exists.
  - What is not given stays as it is. M(amazon.aws.autoscaling_group) sets health check type, cooldown and termination
    policies back to its defaults, and resumes every process that it isn't told to suspend.
  - Replaces no instance. A new version of the launch template is what the group launches from next.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The name of the Auto Scaling group.
    type: str
    required: true
  min_size:
    description: How many instances there have to be.
    type: int
  max_size:
    description: How many instances there may be.
    type: int
  desired_capacity:
    description: How many instances there should be now.
    type: int
  launch_template_version:
    description: The number of the version of the group's launch template that it launches from.
    type: int
  suspend:
    description: Scaling processes to suspend, beside those that are suspended already.
    type: list
    elements: str
    default: []
    choices:
      - Launch
      - Terminate
      - AddToLoadBalancer
      - AlarmNotification
      - AZRebalance
      - HealthCheck
      - InstanceRefresh
      - ReplaceUnhealthy
      - ScheduledActions
  resume:
    description: Scaling processes to resume. Others that are suspended stay so.
    type: list
    elements: str
    default: []
    choices:
      - Launch
      - Terminate
      - AddToLoadBalancer
      - AlarmNotification
      - AZRebalance
      - HealthCheck
      - InstanceRefresh
      - ReplaceUnhealthy
      - ScheduledActions
  tags:
    description:
      - Tags to set on the group, not passed on to its instances.
      - They are set before anything else changes, so that a run that is cut off has left a note.
    type: dict
    default: {}
  remove_tags:
    description: Keys of tags to remove, after everything else has changed.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Hold a group still, and note what was done to it
  threetier.aws.autoscaling_group_settings:
    name: demo-app-asg
    suspend: [AZRebalance, AlarmNotification]
    tags:
      PatchSuspended: AZRebalance AlarmNotification

- name: Let it go again
  threetier.aws.autoscaling_group_settings:
    name: demo-app-asg
    resume: [AZRebalance, AlarmNotification]
    remove_tags: [PatchSuspended]

- name: Run six instances
  threetier.aws.autoscaling_group_settings:
    name: demo-app-asg
    desired_capacity: 6
    max_size: 8
"""

RETURN = r"""
settings:
  description: The group's settings, as they are now or would be in check mode.
  type: dict
  returned: always
  contains:
    min_size:
      description: How many instances there have to be.
      type: int
      sample: 1
    max_size:
      description: How many instances there may be.
      type: int
      sample: 3
    desired_capacity:
      description: How many instances there should be now.
      type: int
      sample: 2
    launch_template_version:
      description: The version that the group launches from.
      type: str
      sample: "4"
    suspended_processes:
      description: The scaling processes that are suspended.
      type: list
      elements: str
      sample: [AZRebalance]
    tags:
      description: The group's tags.
      type: dict
      sample: {"Stack": "demo-app"}
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._autoscaling import group_settings
from ansible_collections.threetier.aws.plugins.module_utils._autoscaling import groups

PROCESSES = [
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
]


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    client = module.client("autoscaling")
    group = groups.describe(client, module.params["name"])
    now = group_settings.current(group)
    then = group_settings.wanted(now, module.params)
    changed = now != then
    if changed and not module.check_mode:
        group_settings.apply(client, group, now, then)
    return {"changed": changed, "settings": then, "diff": {"before": now, "after": then}}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"required": True},
            "min_size": {"type": "int"},
            "max_size": {"type": "int"},
            "desired_capacity": {"type": "int"},
            "launch_template_version": {"type": "int"},
            "suspend": {"type": "list", "elements": "str", "default": [], "choices": PROCESSES},
            "resume": {"type": "list", "elements": "str", "default": [], "choices": PROCESSES},
            "tags": {"type": "dict", "default": {}},
            "remove_tags": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
