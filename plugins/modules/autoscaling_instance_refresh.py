#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_instance_refresh
version_added: 0.1.0
short_description: Bring an Auto Scaling group to a version of its launch template
description:
  - Replaces the instances of an Auto Scaling group that another version of the launch template made, a few at a time.
  - Does nothing if the group and all its instances are at that version. A refresh to the same version that is under way
    is joined, so an interrupted run can be repeated.
  - The group itself takes the new version only once all instances have it, and keeps the old one after a rollback.
  - A refresh to another version that is under way is refused with a sentence that names it.
  - M(amazon.aws.autoscaling_instance_refresh) starts a refresh always, never reports a change and doesn't wait or
    roll back.
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
  launch_template_id:
    description: The id of the launch template. Needed if O(state=refreshed).
    type: str
  launch_template_version:
    description:
      - The number of the version to bring the group to. Needed if O(state=refreshed).
      - A number and not V($Latest), because AWS can't roll back to an alias.
    type: int
  state:
    description:
      - V(refreshed) brings the group to the version.
      - V(rolled_back) takes a refresh that is under way back to the version before, and does nothing if there is none.
        AWS can't roll back what has ended.
    type: str
    choices: [refreshed, rolled_back]
    default: refreshed
  min_healthy_percentage:
    description: How much of the desired capacity stays in service meanwhile.
    type: int
    default: 100
  max_healthy_percentage:
    description: How far the group may grow meanwhile; with V(200) a single instance is replaced before it goes.
    type: int
    default: 200
  instance_warmup:
    description:
      - Seconds a new instance gets after it is in service, before the next one's turn.
      - The group's own default or its health check grace period if not given.
    type: int
  auto_rollback:
    description: Whether a refresh that fails, or that one of the O(alarms) stops, puts the old version back.
    type: bool
    default: true
  skip_matching:
    description: Whether instances that have the version already are left alone.
    type: bool
    default: true
  alarms:
    description: CloudWatch alarms any of which makes the refresh fail.
    type: list
    elements: str
  wait:
    description: Whether to wait until all instances are replaced, and to fail if that fails or is rolled back.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait at most. The refresh goes on if it takes longer.
    type: int
    default: 1800
"""

EXAMPLES = r"""
- name: Roll out the new image
  threetier.aws.autoscaling_instance_refresh:
    name: demo-app-asg
    launch_template_id: lt-0123456789abcdef0
    launch_template_version: 7

- name: Start, and look after it elsewhere
  threetier.aws.autoscaling_instance_refresh:
    name: demo-app-asg
    launch_template_id: lt-0123456789abcdef0
    launch_template_version: 7
    wait: false

- name: Take back what is being rolled out
  threetier.aws.autoscaling_instance_refresh:
    name: demo-app-asg
    state: rolled_back
"""

RETURN = r"""
instance_refresh:
  description: The refresh started, joined or rolled back; empty if none was needed, or in check mode.
  type: dict
  returned: always
  contains:
    instance_refresh_id:
      description: Its id.
      type: str
      sample: 08b91cf7-8fa6-48af-b6a6-d227f40f1b9b
    status:
      description: Its status as AWS says it.
      type: str
      sample: Successful
    percentage_complete:
      description: How far it got.
      type: int
      sample: 100
progress:
  description: How status and percentage changed while the module waited, in order.
  type: list
  elements: dict
  returned: always
  sample:
    - {status: Pending, percentage_complete: 0}
    - {status: InProgress, percentage_complete: 50}
    - {status: Successful, percentage_complete: 100}
outdated_instance_ids:
  description: The instances found that another version made.
  type: list
  elements: str
  returned: if O(state=refreshed)
  sample: [i-0123456789abcdef0]
"""

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._autoscaling import groups
from ansible_collections.threetier.aws.plugins.module_utils._autoscaling import instance_refreshes


def _preferences(params: dict[str, Any]) -> dict[str, Any]:
    wanted = {
        "MinHealthyPercentage": params["min_healthy_percentage"],
        "MaxHealthyPercentage": params["max_healthy_percentage"],
        "InstanceWarmup": params["instance_warmup"],
        "AutoRollback": params["auto_rollback"],
        "SkipMatching": params["skip_matching"],
        "AlarmSpecification": {"Alarms": params["alarms"]} if params["alarms"] else None,
    }
    return {key: value for key, value in wanted.items() if value is not None}


def refreshed(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("autoscaling"), module.params
    name = params["name"]
    template = {"LaunchTemplateId": params["launch_template_id"], "Version": str(params["launch_template_version"])}
    group = groups.describe(client, name)
    outdated = instance_refreshes.outdated(group, template)
    before = {"version": group.get("LaunchTemplate", {}).get("Version"), "outdated_instances": outdated}
    result: dict[str, Any] = {
        "changed": False,
        "instance_refresh": {},
        "progress": [],
        "outdated_instance_ids": outdated,
        "diff": {"before": before, "after": before},
    }
    if instance_refreshes.is_current(group, template):
        return result
    refresh = instance_refreshes.latest(client, name)
    joined = instance_refreshes.is_active(refresh, template)
    if not joined:
        instance_refreshes.refuse_another(name, refresh)
        result["changed"] = True
        result["diff"]["after"] = {"version": template["Version"], "outdated_instances": []}
    if module.check_mode:
        return result

    refresh_id = refresh["InstanceRefreshId"] if joined else None
    refresh_id = refresh_id or instance_refreshes.start(client, name, template, _preferences(params))
    if params["wait"]:
        result["progress"] = instance_refreshes.wait(client, "successful", name, refresh_id, params["wait_timeout"])
    return dict(result, instance_refresh=shown(client, name))


def rolled_back(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("autoscaling"), module.params
    name = params["name"]
    groups.describe(client, name)
    refresh = instance_refreshes.latest(client, name)
    under_way = instance_refreshes.is_under_way(refresh)
    before = {"refresh": refresh["InstanceRefreshId"] if under_way else None}
    diff = {"before": before, "after": {"refresh": None}}
    result: dict[str, Any] = {"changed": under_way, "instance_refresh": {}, "progress": [], "diff": diff}
    if module.check_mode or not (under_way or instance_refreshes.is_returning(refresh)):
        return result
    if under_way:
        instance_refreshes.roll_back(client, name)
    if params["wait"]:
        wait = (name, refresh["InstanceRefreshId"], params["wait_timeout"])
        result["progress"] = instance_refreshes.wait(client, "rolled_back", *wait)
    return dict(result, instance_refresh=shown(client, name))


def shown(client: Any, name: str) -> dict[str, Any]:
    seen = camel_dict_to_snake_dict(instance_refreshes.latest(client, name))
    kept = ("instance_refresh_id", "status", "percentage_complete")
    return {key: seen[key] for key in kept if key in seen}


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec={
            "name": {"required": True},
            "launch_template_id": {},
            "launch_template_version": {"type": "int"},
            "state": {"choices": ["refreshed", "rolled_back"], "default": "refreshed"},
            "min_healthy_percentage": {"type": "int", "default": 100},
            "max_healthy_percentage": {"type": "int", "default": 200},
            "instance_warmup": {"type": "int"},
            "auto_rollback": {"type": "bool", "default": True},
            "skip_matching": {"type": "bool", "default": True},
            "alarms": {"type": "list", "elements": "str"},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 1800},
        },
        required_if=[["state", "refreshed", ["launch_template_id", "launch_template_version"]]],
        supports_check_mode=True,
    )
    _errors.finish(module, refreshed if module.params["state"] == "refreshed" else rolled_back)


if __name__ == "__main__":
    main()
