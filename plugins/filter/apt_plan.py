# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils._patch import packages

DOCUMENTATION = r"""
name: apt_plan
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Reads from a simulation which packages apt would install
description:
  - Parses the output of C(apt-get --simulate), which knows holds, pins and dependencies.
positional: _input
options:
  _input:
    description: The output of C(apt-get --simulate upgrade) or the like.
    type: str
    required: true
  security_only:
    description: Whether to leave out what doesn't come from the distribution's security archive.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what an upgrade would bring
  ansible.builtin.debug:
    msg: "{{ simulated['stdout'] | threetier.aws.apt_plan(security_only=true) }}"
"""

RETURN = r"""
_value:
  description: The packages, each with C(name), C(from) (empty for a new one), C(to) and C(security).
  type: list
  elements: dict
"""


def apt_plan(simulated, security_only=False):
    return packages.plan(simulated, security_only)


class FilterModule:
    """What apt would do."""

    def filters(self):
        return {"apt_plan": apt_plan}
