# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils._patch import packages

DOCUMENTATION = r"""
name: package_state
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Reads what a host tells of its packages
description:
  - Parses the lines that the role P(threetier.aws.patch#role) has a host print.
positional: _input
options:
  _input:
    description: Lines that begin with C(package), C(held) or C(reboot).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show why a host wants to be rebooted
  ansible.builtin.debug:
    msg: "{{ (told['stdout'] | threetier.aws.package_state)['reboot'] }}"
"""

RETURN = r"""
_value:
  description: The keys C(packages) (versions by name), C(held) and C(reboot) (reasons, each a string).
  type: dict
"""


def package_state(told):
    return packages.state(told)


class FilterModule:
    """What a host tells of its packages."""

    def filters(self):
        return {"package_state": package_state}
