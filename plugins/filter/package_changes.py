# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils._patch import packages

DOCUMENTATION = r"""
name: package_changes
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Compares two lists of packages
description:
  - Says which packages have another version than before, are new or are gone.
positional: _input
options:
  _input:
    description: Versions by package, before.
    type: dict
    required: true
  after:
    description: Versions by package, afterwards.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what an upgrade changed
  ansible.builtin.debug:
    msg: "{{ before['packages'] | threetier.aws.package_changes(after=after['packages']) }}"
"""

RETURN = r"""
_value:
  description: The packages, each with C(name), C(from) (empty for a new one) and C(to) (empty for one that is gone).
  type: list
  elements: dict
"""


def package_changes(before, after):
    return packages.changes(before, after)


class FilterModule:
    """What has changed between two lists of packages."""

    def filters(self):
        return {"package_changes": package_changes}
