# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _releases

DOCUMENTATION = r"""
name: group_outdated
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says whether an Auto Scaling group or one of its instances needs the latest version of its template
description:
  - A version that differs from the latest one in nothing but an image, which the latest one's image was renewed from,
    is as good. So hosts that were patched in place are not replaced by ones of the image that was patched like them.
positional: _input, versions, images
options:
  _input:
    description: The group, as returned by M(amazon.aws.autoscaling_group_info).
    type: dict
    required: true
  versions:
    description: All versions of its launch template, as returned by M(amazon.aws.ec2_launch_template).
    type: list
    elements: dict
    required: true
  images:
    description: Images, as returned by M(amazon.aws.ec2_ami_info), the latest version's among them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show whether instances have to be replaced
  ansible.builtin.debug:
    msg: "{{ groups['results'][0] | threetier.aws.group_outdated(template['versions'], found['images']) }}"
"""

RETURN = r"""
_value:
  description: Whether the group or one of its instances is of a version that is not as good as the latest.
  type: bool
"""

_LEAVING = ("Terminating", "Terminated", "Detaching", "Detached")


def group_outdated(group, versions, images):
    latest = str(max(int(one["version_number"]) for one in versions))
    members = [one for one in group["instances"] if not one["lifecycle_state"].startswith(_LEAVING)]
    seen = {_releases.version(one) for one in members}
    return _releases.version(group) != latest or not seen <= _releases.as_good(versions, images, latest)


class FilterModule:
    """Whether a group needs a rollout."""

    def filters(self):
        return {"group_outdated": group_outdated}
