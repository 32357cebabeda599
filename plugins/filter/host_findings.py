# -*- coding: utf-8 -*-
# Copyright: Contributors to threetier.aws
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.threetier.aws.plugins.module_utils import _findings_hosts

DOCUMENTATION = r"""
name: host_findings
author:
  - The threetier.aws authors (!UNKNOWN)
version_added: 0.2.0
short_description: Says what is wrong on the fleet's hosts
description:
  - Judges what each host said of itself and of what it needs.
positional: _input
options:
  _input:
    description: By instance id what the host said, or why it said nothing, as a string.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ said | threetier.aws.host_findings | rejectattr('state', 'eq', 'good') }}"
"""

RETURN = r"""
_value:
  description: What was looked at, each with C(place), C(name), C(state) (good, bad or unknown), C(says) and C(mend).
  type: list
  elements: dict
"""


class FilterModule:
    """Says what is wrong on the fleet's hosts."""

    def filters(self):
        return {"host_findings": _findings_hosts.hosts}
