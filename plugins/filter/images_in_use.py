# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _releases

DOCUMENTATION = r"""
name: images_in_use
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Lists the images that a fleet needs
description:
  - Those of the version that the group launches, of the default version, and of each instance that runs.
positional: _input
options:
  _input:
    description: The versions of a launch template, as M(amazon.aws.ec2_launch_template_info) returns them.
    type: list
    elements: dict
    required: true
  group:
    description: The Auto Scaling group, as M(amazon.aws.autoscaling_group_info) returns it; may be empty.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show them
  ansible.builtin.debug:
    msg: "{{ template['versions'] | threetier.aws.images_in_use(group) }}"
"""

RETURN = r"""
_value:
  description: Their ids.
  type: list
  elements: str
"""


def images_in_use(versions, group):
    return _releases.in_use(versions, group)


class FilterModule:
    """Images somebody needs."""

    def filters(self):
        return {"images_in_use": images_in_use}
