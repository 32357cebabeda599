# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: by_name
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.1.0
short_description: Turns a list of AWS resources into a dictionary keyed by their Name tag
description:
  - Resources without the tag C(Name) are left out. Two of the same name are an error, as neither can be told apart.
positional: _input
options:
  _input:
    description: Resources as info modules return them, with C(tags).
    type: list
    elements: dict
    required: true
  key:
    description: What to keep of each resource, such as its id; all of it by default.
    type: str
"""

EXAMPLES = r"""
- name: Show the id of a subnet
  ansible.builtin.debug:
    msg: "{{ (found['subnets'] | threetier.aws.by_name('subnet_id'))['demo-app-public-subnet-1'] }}"
"""

RETURN = r"""
_value:
  description: The resources, or their O(key), by name.
  type: dict
"""


def by_name(resources, key=None):
    named = {}
    for resource in resources:
        name = (resource.get("tags") or {}).get("Name")
        if name in named:
            raise AnsibleFilterError(f"There are two resources named {name}. Remove the one that is not in use.")
        if name is not None:
            named[name] = resource[key] if key else resource
    return named


class FilterModule:
    """Resources by their name."""

    def filters(self):
        return {"by_name": by_name}
