#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: autoscaling_policy_info
version_added: 0.2.0
short_description: List the scaling policies of an Auto Scaling group
description:
  - What M(community.aws.autoscaling_policy) makes and, without a check mode, does not foresee.
author:
  - The threetier.aws authors (!UNKNOWN)
extends_documentation_fragment:
  - threetier.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
options:
  asg_name:
    description: The name of the group.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Find out by what a group scales
  threetier.aws.autoscaling_policy_info:
    asg_name: demo-app-asg
  register: found
"""

RETURN = r"""
policies:
  description: The policies; none if there is no such group.
  type: list
  elements: dict
  returned: always
  contains:
    policy_name:
      description: The name.
      type: str
      sample: demo-app-cpu
    policy_type:
      description: How it decides.
      type: str
      sample: TargetTrackingScaling
    estimated_instance_warmup:
      description: Seconds until a new instance counts.
      type: int
      sample: 300
    target_tracking_configuration:
      description: What is held at which value.
      type: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.threetier.aws.plugins.module_utils import _errors
from ansible_collections.threetier.aws.plugins.module_utils._autoscaling import policies


def run(module: AnsibleAWSModule) -> dict[str, Any]:
    found = policies.describe(module.client("autoscaling"), module.params["asg_name"])
    return dict(changed=False, policies=found)


def main() -> None:
    module = AnsibleAWSModule(argument_spec=dict(asg_name=dict(required=True)), supports_check_mode=True)
    _errors.finish(module, run)


if __name__ == "__main__":
    main()
