# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _releases

DOCUMENTATION = r"""
name: newest_image
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Picks the newest image with some tags
description:
  - Takes only images that are available, and none that a rollout has failed with.
positional: _input
options:
  _input:
    description: Images as M(amazon.aws.ec2_ami_info) returns them.
    type: list
    elements: dict
    required: true
  tags:
    description: The tags it has.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the newest image of a version
  ansible.builtin.debug:
    msg: "{{ found['images'] | threetier.aws.newest_image({'Version': '2.0.0'}) }}"
"""

RETURN = r"""
_value:
  description: The image, empty if there is none.
  type: dict
"""


def newest_image(images, tags):
    return _releases.newest(images, tags)


class FilterModule:
    """The image of a release."""

    def filters(self):
        return {"newest_image": newest_image}
