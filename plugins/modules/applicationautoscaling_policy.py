#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: applicationautoscaling_policy
version_added: 0.2.0
short_description: Say when Application Auto Scaling scales a resource
description:
  - Creates, changes or deletes a scaling policy of a scalable target, which
    M(threetier.aws.applicationautoscaling_target) registers.
  - M(community.aws.application_autoscaling_policy) creates and deletes in check mode, too.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.applicationautoscaling
  - threetier.aws.attributes
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  name:
    description: The name of the policy.
    type: str
    required: true
  target_tracking:
    description: Keep a metric at a value. This or O(step_scaling) is needed if O(state=present).
    type: dict
    suboptions:
      target_value:
        description: The value to keep the metric at.
        type: float
        required: true
      predefined_metric:
        description: One of AWS's own, such as V(ECSServiceAverageCPUUtilization) or V(RDSReaderAverageCPUUtilization).
        type: str
      resource_label:
        description: Load balancer and target group, as V(ALBRequestCountPerTarget) takes them.
        type: str
      customized_metric:
        description: Any other metric, in the words of the API (C(CustomizedMetricSpecification)).
        type: dict
      scale_out_cooldown:
        description: Seconds between two steps out.
        type: int
      scale_in_cooldown:
        description: Seconds between two steps in.
        type: int
      disable_scale_in:
        description: Whether the policy only scales out.
        type: bool
        default: false
  step_scaling:
    description: Steps for an alarm to take.
    type: dict
    suboptions:
      adjustment_type:
        description: What the steps' numbers mean.
        type: str
        required: true
        choices: [ChangeInCapacity, PercentChangeInCapacity, ExactCapacity]
      steps:
        description: The steps, by how far the metric is from the alarm's threshold.
        type: list
        elements: dict
        required: true
        suboptions:
          adjustment:
            description: By how much, or to how much, to scale.
            type: int
            required: true
          lower_bound:
            description: From this distance on. Without end if not given.
            type: float
          upper_bound:
            description: Up to this distance. Without end if not given.
            type: float
      cooldown:
        description: Seconds between two steps.
        type: int
      min_adjustment_magnitude:
        description: The least change, for V(PercentChangeInCapacity).
        type: int
      metric_aggregation_type:
        description: How datapoints are aggregated.
        type: str
        choices: [Average, Minimum, Maximum]
  state:
    description: Whether the policy is there.
    type: str
    choices: [present, absent]
    default: present
"""

EXAMPLES = r"""
- name: Keep a service's processors half busy
  threetier.aws.applicationautoscaling_policy:
    name: demo-app-api-cpu
    service_namespace: ecs
    resource_id: service/demo-app/api
    scalable_dimension: ecs:service:DesiredCount
    target_tracking:
      target_value: 50
      predefined_metric: ECSServiceAverageCPUUtilization
      scale_in_cooldown: 300

- name: Add a reader to the Aurora cluster when an alarm says so
  threetier.aws.applicationautoscaling_policy:
    name: demo-app-readers
    service_namespace: rds
    resource_id: cluster:demo-app
    scalable_dimension: rds:cluster:ReadReplicaCount
    step_scaling:
      adjustment_type: ChangeInCapacity
      steps:
        - {lower_bound: 0, adjustment: 1}
"""

RETURN = r"""
scaling_policy:
  description: The policy as AWS describes it; as it was found in check mode; empty once it is gone.
  type: dict
  returned: always
  contains:
    policy_arn:
      description: The ARN, which an alarm takes as its action.
      type: str
      sample: arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:6d89:resource/ecs/service/a/b:policyName/c
    policy_type:
      description: V(TargetTrackingScaling) or V(StepScaling).
      type: str
      sample: TargetTrackingScaling
    alarms:
      description: The alarms that AWS made for it.
      type: list
      elements: dict
"""

from typing import Any

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils._applicationautoscaling import common
from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._applicationautoscaling import policies


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    client, params = module.client("application-autoscaling"), module.params
    who = common.identity(params)
    found = policies.find(client, who, params["name"])
    before, after = policies.state_of(found), policies.wanted(params)
    if before != after and not module.check_mode:
        policies.put(client, who, params["name"], after)
        found = policies.find(client, who, params["name"])
    return dict(changed=before != after, scaling_policy=describe(found), diff=dict(before=before, after=after))


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    client, name = module.client("application-autoscaling"), module.params["name"]
    who = common.identity(module.params)
    found = policies.find(client, who, name)
    if found and not module.check_mode:
        policies.delete(client, who, name)
    return dict(changed=bool(found), scaling_policy={}, diff=dict(before=policies.state_of(found), after={}))


def describe(found: dict[str, Any]) -> dict[str, Any]:
    return dict(camel_dict_to_snake_dict(found))


def main() -> None:
    module = AnsibleAWSModule(
        argument_spec=dict(
            name=dict(required=True),
            **common.ARGUMENTS,
            target_tracking=dict(
                type="dict",
                options=policies.TRACKING,
                mutually_exclusive=[["predefined_metric", "customized_metric"]],
                required_one_of=[["predefined_metric", "customized_metric"]],
                required_by=dict(resource_label=["predefined_metric"]),
            ),
            step_scaling=dict(type="dict", options=policies.STEPPING),
            state=dict(choices=["present", "absent"], default="present"),
        ),
        mutually_exclusive=[["target_tracking", "step_scaling"]],
        required_if=[["state", "present", ["target_tracking", "step_scaling"], True]],
        supports_check_mode=True,
    )
    _errors.finish(module, present if module.params["state"] == "present" else absent)


if __name__ == "__main__":
    main()
