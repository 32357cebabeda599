# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _releases

DOCUMENTATION = r"""
name: release_list
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Lists releases, the newest first
description:
  - One row for each version of the launch template, and one for each image that never got one or lost it when its
    rollout failed.
positional: _input
options:
  _input:
    description: The versions of a launch template, as M(amazon.aws.ec2_launch_template_info) returns them.
    type: list
    elements: dict
    required: true
  images:
    description: The images of the stack, as M(amazon.aws.ec2_ami_info) returns them.
    type: list
    elements: dict
    required: true
  group:
    description: The Auto Scaling group, as M(amazon.aws.autoscaling_group_info) returns it; may be empty.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what runs
  ansible.builtin.debug:
    msg: "{{ versions | threetier.aws.release_list(images, group) | selectattr('state', 'equalto', 'runs') }}"
"""

RETURN = r"""
_value:
  description:
    - Rows of C(version), C(image), C(image_id), C(template_version), C(released), C(by), C(instances) and C(state).
    - The state is C(runs), C(kept), C(image deleted) or C(failed) with a reason.
  type: list
  elements: dict
"""


def release_list(versions, images, group):
    return _releases.listed(versions, images, group)


class FilterModule:
    """Releases."""

    def filters(self):
        return {"release_list": release_list}
