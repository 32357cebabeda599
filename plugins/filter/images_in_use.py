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
  - And the newest one of each of the newest releases, which one can go back to.
positional: _input, group
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
  images:
    description:
      - The images there are, as M(amazon.aws.ec2_ami_info) returns them.
      - Their tags C(Version) and C(Release) say the release, the tag C(RolloutFailed) that it never served.
    type: list
    elements: dict
    default: []
  releases:
    description: Of how many releases that served to keep an image, and of how many that failed.
    type: int
    default: 0
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


def images_in_use(versions, group, images=(), releases=0):
    return _releases.in_use(versions, group) + _releases.of_each(images, int(releases))


class FilterModule:
    """Images somebody needs."""

    def filters(self):
        return {"images_in_use": images_in_use}
