# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _desired_and_actual

DOCUMENTATION = r"""
name: group_state
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says what an Auto Scaling group is in the words of the module that makes it so
description:
  - For M(threetier.aws.planned_change), as the check mode of M(amazon.aws.autoscaling_group) always says changed.
positional: _input
options:
  _input:
    description:
      - A group as M(amazon.aws.autoscaling_group_info) returns it; an empty dictionary if it does not exist.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the subnets of a group
  ansible.builtin.debug:
    msg: "{{ (found['results'][0] | threetier.aws.group_state)['subnet_ids'] }}"
"""

RETURN = r"""
_value:
  description: >-
    The group's C(min_size), C(max_size), C(subnet_ids), C(target_group_arns), C(health_check_type),
    C(health_check_grace_period), C(metrics_collection) and C(tags); nothing for no group.
  type: dict
"""


class FilterModule:
    """What an Auto Scaling group is."""

    def filters(self):
        return {"group_state": _desired_and_actual.group}
